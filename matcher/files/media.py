"""Untrusted bytes -> what they show, whatever kind of file they are, told by the bytes and never by a name."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from typing import NamedTuple

from matcher.errors import MediaError, MediaErrorCode
from matcher.files import animation, archive, decode, document, video
from matcher.files.budget import Budget
from matcher.files.decode import Limits
from matcher.fingerprint import Head, LeftOut, MediaFingerprint, Shown, Still, StillKind, collect
from matcher.foreign import foreign_views
from matcher.kinds import PHOTO
from matcher.look import is_flat, look_at, shrink
from matcher.photos import orb
from matcher.pieces import File, Pieces
from matcher.regions import COLLAGE

MAX_DEPTH = 2
"""How many archives may lie around a picture: one in an archive is read, one in that is not."""

_LENGTH = struct.Struct(">I")
_BOX = b"ftyp"
_BOX_BYTES = range(8, 257, 4)
"""How long the first box of an MP4 file is, which says what it is."""


def prepare(kinds: Collection[str] = ()) -> None:
    """Load whatever looking needs, so that it opens no file.

    Raises `ImportError` where OpenCV is not installed and photos are among the kinds.
    """
    decode.prepare()
    video.prepare()
    archive.prepare()
    if PHOTO in kinds:
        orb.prepare()


def inspect(untrusted_file: File, limits: Limits, kinds: Collection[str] = ()) -> Iterator[Shown]:
    """Everything that the file shows, each as soon as it is known, by PDQ and by `kinds`. With holes in it, only an MP4
    file can be looked at, and nothing is decoded of which not all is there.

    Raises `MediaError` before anything was yielded where the file shows nothing that can be compared, and in the
    middle where it could not be read to its end.
    """
    budget = Budget(limits)
    left_out = 0
    for shown in _looked_at(untrusted_file, budget, kinds):
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


def _looked_at(untrusted_file: File, budget: Budget, kinds: Collection[str]) -> Iterator[Shown]:
    whole = untrusted_file if isinstance(untrusted_file, bytes) else untrusted_file.whole
    if whole is not None:
        return _Inspection(budget, kinds).look_into(whole, 0)
    assert isinstance(untrusted_file, Pieces)
    return video.inspect(untrusted_file, video.format_of_pieces(untrusted_file), budget.left(), kinds)


def fingerprint_bytes(untrusted_file: File, limits: Limits, kinds: Collection[str] = ()) -> MediaFingerprint:
    """Inspect in this process, without the sandbox: for a person's own files. Raises `MediaError`."""
    try:
        return collect(inspect(untrusted_file, limits, kinds))
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None


class _Inspection:
    """Looks into one posted file and whatever is inside of it; `depth` is how many files something is inside of."""

    def __init__(self, budget: Budget, kinds: Collection[str]) -> None:
        self._budget = budget
        self._kinds = kinds

    def look_into(self, untrusted_data: bytes, depth: int) -> Iterator[Shown]:
        budget = self._budget
        if (format_name := video.format_of(untrusted_data)) is not None:
            yield from video.inspect(untrusted_data, format_name, budget.left(), self._kinds)
        elif (picture := _picture_of(untrusted_data, budget.limits)) is not None:
            yield from self._picture(untrusted_data, picture.animated_format)
            yield from self._appended(untrusted_data, depth)
        elif document.is_pdf(untrusted_data):
            yield from document.pages(untrusted_data, budget, self._kinds)
        elif archive.is_zip(untrusted_data):
            yield from self._entries(untrusted_data, depth)
        elif video.is_vector(untrusted_data):
            raise MediaError(MediaErrorCode.VECTOR)
        elif archive.is_unread_archive(untrusted_data):
            raise MediaError(MediaErrorCode.UNREAD_ARCHIVE)
        else:
            raise MediaError(MediaErrorCode.UNSUPPORTED)

    def _picture(self, untrusted_data: bytes, animated_format: str | None) -> Iterator[Shown]:
        if animated_format is not None:
            yield from animation.inspect(untrusted_data, animated_format, self._budget.left(), self._kinds)
            return
        picture = decode.decode(untrusted_data, self._budget.limits)
        height, width = picture.luma.shape
        shrunk, small = shrink(picture.luma)
        views = look_at(picture.whole, small, shrunk)
        views += tuple(foreign_views(picture.luma, views[0].quality, self._kinds))
        is_collage = any(view.name == COLLAGE for view in views)
        local = orb.in_all_shapes(picture.luma, is_collage) if PHOTO in self._kinds else ()
        if is_flat(views) and not any(map(len, local)):
            raise MediaError(MediaErrorCode.FLAT)
        yield Head(picture.format)
        yield Still(StillKind.PICTURE, width, height, views, local=local)

    def _entries(self, untrusted_data: bytes, depth: int) -> Iterator[Shown]:
        if depth >= MAX_DEPTH:
            raise MediaError(MediaErrorCode.TOO_LARGE)
        yield from archive.entries(
            untrusted_data, self._budget, lambda entry: self.look_into(entry, depth + 1)
        )

    def _appended(self, untrusted_data: bytes, depth: int) -> Iterator[Shown]:
        """What follows the end of a picture: the video of a "motion photo", or an archive that somebody hid there."""
        try:
            if archive.is_zip(untrusted_data):
                shown = self._entries(untrusted_data, depth)
            elif (hidden := _video_in(untrusted_data)) is not None:
                shown = self.look_into(hidden, depth + 1)
            else:
                return
            yield from (one for one in shown if not isinstance(one, Head))
        except MediaError as error:
            if error.code not in (MediaErrorCode.NO_PICTURE, MediaErrorCode.FLAT):
                yield LeftOut(1)
        except MemoryError:
            # What follows the picture must not take it along.
            yield LeftOut(1)


class _Picture(NamedTuple):
    animated_format: str | None


def _picture_of(untrusted_data: bytes, limits: Limits) -> _Picture | None:
    """None for what is no picture."""
    try:
        return _Picture(decode.animated_format(untrusted_data, limits))
    except MediaError as error:
        if error.code is MediaErrorCode.UNSUPPORTED:
            return None
        raise


def _video_in(untrusted_data: bytes) -> bytes | None:
    """The MP4 file that begins somewhere after the start of this one."""
    at = untrusted_data.find(_BOX, 8)
    while at > 0:
        (size,) = _LENGTH.unpack_from(untrusted_data, at - _LENGTH.size)
        if size in _BOX_BYTES:
            return untrusted_data[at - _LENGTH.size :]
        at = untrusted_data.find(_BOX, at + 1)
    return None
