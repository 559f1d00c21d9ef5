"""Untrusted bytes -> what they show, whatever kind of file they are, told by the bytes and never by a name."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from matcher import archive, decode, document
from matcher.budget import Budget
from matcher.decode import Limits, Picture
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import Head, LeftOut, MediaFingerprint, Shown, Still, StillKind, collect
from matcher.look import look

MAX_DEPTH = 2
"""How many archives may lie around a picture: one in an archive is read, one in that is not."""

_LENGTH = struct.Struct(">I")
_BOX = b"ftyp"
_BOX_BYTES = range(8, 257, 4)
"""How long the first box of an MP4 file is, which says what it is."""


def prepare() -> None:
    """Load whatever looking needs, so that it opens no file."""
    decode.prepare()
    archive.prepare()


def inspect(untrusted_data: bytes, limits: Limits) -> Iterator[Shown]:
    """Everything that the file shows, each as soon as it is known.

    Raises `MediaError` before anything was yielded where the file shows nothing that can be compared, and in the
    middle where it could not be read to its end.
    """
    budget = Budget(limits)
    left_out = 0
    for shown in _look_into(untrusted_data, budget, 0):
        if isinstance(shown, LeftOut):
            left_out += shown.number
        elif isinstance(shown, Head):
            yield shown
        elif budget.stills <= 0:
            left_out += 1
            break
        else:
            budget.stills -= 1
            yield shown
    if left_out:
        yield LeftOut(left_out)


def fingerprint_bytes(untrusted_data: bytes, limits: Limits) -> MediaFingerprint:
    """Inspect in this process, without the sandbox: for a person's own files. Raises `MediaError`."""
    try:
        return collect(inspect(untrusted_data, limits))
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None


def _look_into(untrusted_data: bytes, budget: Budget, depth: int) -> Iterator[Shown]:
    """`depth` is the number of files that this one is inside of."""
    if (picture := _decoded(untrusted_data, budget.limits)) is not None:
        height, width = picture.luma.shape
        views = look(picture.luma)
        yield Head(picture.format)
        yield Still(StillKind.PICTURE, width, height, views)
        del picture
        yield from _appended(untrusted_data, budget, depth)
    elif document.is_pdf(untrusted_data):
        yield from document.pages(untrusted_data, budget)
    elif archive.is_zip(untrusted_data):
        yield from _entries(untrusted_data, budget, depth)
    elif archive.is_unread_archive(untrusted_data):
        raise MediaError(MediaErrorCode.UNREAD_ARCHIVE)
    else:
        raise MediaError(MediaErrorCode.UNSUPPORTED)


def _decoded(untrusted_data: bytes, limits: Limits) -> Picture | None:
    try:
        return decode.decode(untrusted_data, limits)
    except MediaError as error:
        if error.code is MediaErrorCode.UNSUPPORTED:
            return None
        raise


def _entries(untrusted_data: bytes, budget: Budget, depth: int) -> Iterator[Shown]:
    if depth >= MAX_DEPTH:
        raise MediaError(MediaErrorCode.TOO_LARGE)
    yield from archive.entries(untrusted_data, budget, lambda entry: _look_into(entry, budget, depth + 1))


def _appended(untrusted_data: bytes, budget: Budget, depth: int) -> Iterator[Shown]:
    """What follows the end of a picture: the video of a "motion photo", or an archive that somebody hid there."""
    try:
        if archive.is_zip(untrusted_data):
            shown = _entries(untrusted_data, budget, depth)
        elif (video := _video_in(untrusted_data)) is not None:
            shown = _look_into(video, budget, depth + 1)
        else:
            return
        yield from (one for one in shown if not isinstance(one, Head))
    except MediaError as error:
        if error.code not in (MediaErrorCode.NO_PICTURE, MediaErrorCode.FLAT):
            yield LeftOut(1)
    except MemoryError:
        # What follows the picture must not take it along.
        yield LeftOut(1)


def _video_in(untrusted_data: bytes) -> bytes | None:
    """The MP4 file that begins somewhere after the start of this one."""
    at = untrusted_data.find(_BOX, 8)
    while at > 0:
        (size,) = _LENGTH.unpack_from(untrusted_data, at - _LENGTH.size)
        if size in _BOX_BYTES:
            return untrusted_data[at - _LENGTH.size :]
        at = untrusted_data.find(_BOX, at + 1)
    return None
