"""Untrusted bytes -> what they show, whatever kind of file they are, told by the bytes and never by a name."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from matcher.decode import Limits, decode
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import Head, MediaFingerprint, Shown, Still, StillKind, collect
from matcher.foreign import foreign_views
from matcher.look import look


def inspect(untrusted_data: bytes, limits: Limits, kinds: Collection[str] = ()) -> Iterator[Shown]:
    """Everything that the file shows, each as soon as it is known, by PDQ and `kinds`.

    Raises `MediaError` before anything was yielded where the file shows nothing that can be compared, and in the
    middle where it could not be read to its end.
    """
    picture = decode(untrusted_data, limits)
    height, width = picture.luma.shape
    views = look(picture.luma)
    views += tuple(foreign_views(picture.luma, views[0].quality, kinds))
    yield Head(picture.format)
    yield Still(StillKind.PICTURE, width, height, views)


def fingerprint_bytes(untrusted_data: bytes, limits: Limits, kinds: Collection[str] = ()) -> MediaFingerprint:
    """Inspect in this process, without the sandbox: for a person's own files. Raises `MediaError`."""
    try:
        return collect(inspect(untrusted_data, limits, kinds))
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None
