"""Untrusted bytes -> what they show, whatever kind of file they are, told by the bytes and never by a name."""

from __future__ import annotations

from collections.abc import Iterator

from matcher import animation, decode, video
from matcher.decode import Limits
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import Head, MediaFingerprint, Shown, Still, StillKind, collect
from matcher.look import look


def prepare() -> None:
    """Load whatever inspecting needs, so that it opens no file."""
    decode.prepare()
    video.prepare()


def inspect(untrusted_data: bytes, limits: Limits) -> Iterator[Shown]:
    """Everything that the file shows, each as soon as it is known.

    Raises `MediaError` before anything was yielded where the file shows nothing that can be compared, and in the
    middle where it could not be read to its end.
    """
    if len(untrusted_data) > limits.max_bytes:
        raise MediaError(MediaErrorCode.TOO_LARGE)
    video_format = video.format_of(untrusted_data)
    if video_format is not None:
        yield from video.inspect(untrusted_data, video_format, limits)
        return
    if video.is_vector(untrusted_data):
        raise MediaError(MediaErrorCode.VECTOR)
    animated_format = decode.animated_format(untrusted_data, limits)
    if animated_format is not None:
        yield from animation.inspect(untrusted_data, animated_format, limits)
        return
    picture = decode.decode(untrusted_data, limits)
    height, width = picture.luma.shape
    views = look(picture.luma)
    yield Head(picture.format)
    yield Still(StillKind.PICTURE, width, height, views)


def fingerprint_bytes(untrusted_data: bytes, limits: Limits) -> MediaFingerprint:
    """Inspect in this process, without the sandbox: for a person's own files. Raises `MediaError`."""
    try:
        return collect(inspect(untrusted_data, limits))
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None
