"""What crosses between the sandbox and its parent: a file goes in, numbers of fixed size come out.

The parent believes nothing that it reads: a worker may have been taken over by the file it decoded.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence
from typing import IO, TypeVar

from matcher.decode import FORMATS, Limits
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import PDQ_BYTES, MediaFingerprint, Orientation, View
from matcher.look import VIEW_NAMES

T = TypeVar("T")

READY = b"J"
LENGTH = struct.Struct(">I")
_HEAD = struct.Struct(">BBIIH")
"""Error code or 0, format, width, height, number of views."""
_VIEW = struct.Struct(f">BBB{PDQ_BYTES}s")
"""Name, orientation, quality, bits."""
_MAX_VIEWS = 1024
_ORIENTATIONS = tuple(Orientation)


class WireError(Exception):
    """The worker answered something that no honest worker answers."""


def limits_as_arguments(limits: Limits) -> list[str]:
    return [str(value) for value in dataclasses.astuple(limits)]


def limits_from_arguments(arguments: Sequence[str]) -> Limits:
    return Limits(*map(int, arguments))


def pack_error(code: MediaErrorCode) -> bytes:
    return _HEAD.pack(code, 0, 0, 0, 0)


def pack_fingerprint(media: MediaFingerprint) -> bytes:
    head = _HEAD.pack(0, FORMATS.index(media.format), media.width, media.height, len(media.views))
    views = (
        _VIEW.pack(
            VIEW_NAMES.index(view.name), _ORIENTATIONS.index(view.orientation), view.quality, view.bits
        )
        for view in media.views
    )
    return head + b"".join(views)


def read_answer(untrusted_answers: IO[bytes], limits: Limits) -> MediaFingerprint:
    """Read one answer. Raises the `MediaError` that it holds, `EOFError`, or `WireError`."""
    code, format_number, width, height, number = _HEAD.unpack(_exactly(untrusted_answers, _HEAD.size))
    if code:
        raise MediaError(_one_of(tuple(MediaErrorCode), code - 1))
    if not 0 < number <= _MAX_VIEWS or not 0 < width * height <= limits.max_pixels:
        raise WireError("sizes beyond the limits")
    rows = _exactly(untrusted_answers, number * _VIEW.size)
    views = []
    for name, orientation, quality, bits in _VIEW.iter_unpack(rows):
        if quality > 100:
            raise WireError("a quality over 100")
        views.append(View(_one_of(VIEW_NAMES, name), _one_of(_ORIENTATIONS, orientation), bits, quality))
    return MediaFingerprint(_one_of(FORMATS, format_number), width, height, tuple(views))


def _one_of(known: Sequence[T], number: int) -> T:
    if not 0 <= number < len(known):
        raise WireError("a number that stands for nothing")
    return known[number]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
