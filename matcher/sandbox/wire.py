"""What crosses between the sandbox and its parent: a file and a question go in, numbers come out, as many as are said before them.

An answer is a row of messages, each a byte that says what it is and a body. What a file shows is a head, stills, and the
end or an error; what is needed of it is one message, or an error. The parent believes nothing that it reads: a worker may have been taken over by the file it decoded.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Collection, Iterator, Sequence
from typing import IO, TypeVar

import numpy as np

from matcher.errors import MediaError, MediaErrorCode
from matcher.files import decode, video
from matcher.files.decode import Limits
from matcher.fingerprint import Head, LeftOut, Orientation, Shown, Still, StillKind, View
from matcher.kinds import KINDS, PDQ_BYTES, padded
from matcher.look import VIEW_NAMES
from matcher.photos.keypoints import (
    DESCRIPTOR_BYTES,
    MAX_COPIES,
    MAX_POSTED,
    WORKING_SIDE,
    LocalFeatures,
    furthest,
)
from matcher.pieces import BLOCK_BYTES, Pieces

T = TypeVar("T")

INSPECT, NEEDED = range(2)
"""The questions: what a file shows, and which blocks of it are needed for that."""
_QUESTION = struct.Struct(">BQI")
"""Which question, size of the file, number of pieces."""
_PIECE = struct.Struct(">QI")
"""Offset, length; all the pieces' bytes follow."""
HEAD, STILL, END, ERROR, BLOCKS = range(5)
_TAG = struct.Struct(">B")
_HEAD = struct.Struct(">BI")
"""Format, duration in milliseconds."""
_STILL = struct.Struct(">BIIIIHHH")
"""Kind, width, height, at, until, samples, number of views, of copies with local features."""
_VIEW = struct.Struct(f">BBBBB{PDQ_BYTES}s")
"""Name, orientation, quality, kind of hash, spread, bits and zeros to the end."""
_COPY = struct.Struct(">IIII?")
"""Width, height, number of local features, and of those that tell something of a photo; whether the copy itself follows them."""
_FEATURE = np.dtype(
    [
        ("place", ">u2", 2),
        ("size", "u1"),
        ("turn", "u1"),
        ("bits", "u1", DESCRIPTOR_BYTES),
        ("mirrored", "u1", DESCRIPTOR_BYTES),
    ]
)
_END = struct.Struct(">I")
"""How many pictures were left out."""
_ERROR = struct.Struct(">B")
_BLOCKS = struct.Struct(">I")
"""How many numbers of blocks follow."""
_BLOCK = np.dtype(">u4")
_MAX_VIEWS = 1024
_MAX_LEFT_OUT = 2**32 - 1
_FORMATS = (*decode.FORMATS, *video.FORMATS, "ZIP", "PDF")
_KINDS = tuple(StillKind)
_HASH_KINDS = tuple(KINDS.values())
_ORIENTATIONS = tuple(Orientation)
_ERROR_CODES = tuple(MediaErrorCode)


class WireError(Exception):
    """The worker answered something that no honest worker answers."""


def as_arguments(limits: Limits, kinds: Collection[str]) -> list[str]:
    """What a worker is started with: its limits, and which kinds it hashes by besides PDQ."""
    return [",".join(sorted(kinds)), *(str(value) for value in dataclasses.astuple(limits))]


def from_arguments(arguments: Sequence[str]) -> tuple[Limits, tuple[str, ...]]:
    kinds, *limits = arguments
    return Limits(*map(int, limits)), tuple(filter(None, kinds.split(",")))


def write_question(stream: IO[bytes], question: int, file: Pieces) -> None:
    stream.write(_QUESTION.pack(question, file.size_bytes, len(file.known)))
    for offset, data in file.known:
        stream.write(_PIECE.pack(offset, len(data)))
    for _, data in file.known:
        stream.write(data)
    stream.flush()


def read_question(stream: IO[bytes]) -> tuple[int, Pieces]:
    """Raises `EOFError` where there is none any more."""
    question, size_bytes, number = _read(stream, _QUESTION)
    places = list(_PIECE.iter_unpack(_exactly(stream, number * _PIECE.size)))
    return question, Pieces.of(size_bytes, [(offset, _exactly(stream, length)) for offset, length in places])


def pack(shown: Shown) -> bytes:
    """The message for one thing that a file shows. After `LeftOut` nothing is read any more."""
    match shown:
        case Head(format_name, duration_ms):
            return _TAG.pack(HEAD) + _HEAD.pack(_FORMATS.index(format_name), duration_ms)
        case LeftOut(number):
            # A document may claim any number of pages.
            return _TAG.pack(END) + _END.pack(min(number, _MAX_LEFT_OUT))
        case Still():
            return _pack_still(shown)


def pack_error(code: MediaErrorCode) -> bytes:
    return _TAG.pack(ERROR) + _ERROR.pack(code)


def pack_blocks(blocks: Sequence[int]) -> bytes:
    return _TAG.pack(BLOCKS) + _BLOCKS.pack(len(blocks)) + np.array(blocks, dtype=_BLOCK).tobytes()


def _pack_still(still: Still) -> bytes:
    numbers = (
        *(still.width, still.height, still.at, still.until, still.samples),
        *(len(still.views), len(still.local)),
    )
    views = (
        _VIEW.pack(
            VIEW_NAMES.index(view.name),
            _ORIENTATIONS.index(view.orientation),
            view.quality,
            _HASH_KINDS.index(KINDS[view.kind]),
            view.spread,
            padded(view.bits),
        )
        for view in still.views
    )
    return (
        _TAG.pack(STILL)
        + _STILL.pack(_KINDS.index(still.kind), *numbers)
        + b"".join(views)
        + b"".join(map(_pack_local, still.local))
    )


def _pack_local(local: LocalFeatures) -> bytes:
    rows = np.empty(len(local), dtype=_FEATURE)
    rows["place"], rows["size"], rows["turn"] = local.places, local.sizes, local.turns
    rows["bits"], rows["mirrored"] = local.descriptors, local.mirrored
    has_greys = local.greys is not None
    head = _COPY.pack(local.width, local.height, len(local), local.telling, has_greys)
    return head + rows.tobytes() + (b"" if local.greys is None else local.greys.tobytes())


def read_answer(untrusted_answer: IO[bytes], limits: Limits) -> Iterator[Shown]:
    """Read one answer, message by message, to its end.

    Raises the `MediaError` that it ends with, `EOFError` where it breaks off, or `WireError`.
    """
    stills = 0
    while True:
        [tag] = _read(untrusted_answer, _TAG)
        match tag:
            case 0:
                format_number, duration_ms = _read(untrusted_answer, _HEAD)
                yield Head(_one_of(_FORMATS, format_number), duration_ms)
            case 1:
                stills += 1
                if stills > limits.max_stills:
                    raise WireError("more stills than the limits allow")
                yield _read_still(untrusted_answer, limits)
            case 2:
                [number] = _read(untrusted_answer, _END)
                yield LeftOut(number)
                return
            case 3:
                raise _read_error(untrusted_answer)
            case _:
                raise WireError("a message of no known kind")


def read_blocks(untrusted_answer: IO[bytes], size_bytes: int) -> list[int]:
    """Read which blocks are needed of a file of this size. Raises as `read_answer`."""
    [tag] = _read(untrusted_answer, _TAG)
    if tag == ERROR:
        raise _read_error(untrusted_answer)
    if tag != BLOCKS:
        raise WireError("no answer to this question")
    [number] = _read(untrusted_answer, _BLOCKS)
    most = -(-size_bytes // BLOCK_BYTES)
    if number > most:
        raise WireError("more blocks than the file has")
    blocks = np.frombuffer(_exactly(untrusted_answer, number * _BLOCK.itemsize), dtype=_BLOCK)
    if (blocks >= most).any():
        raise WireError("a block outside of the file")
    return [int(block) for block in blocks.tolist()]


def _read_error(untrusted_answer: IO[bytes]) -> MediaError:
    [code] = _read(untrusted_answer, _ERROR)
    return MediaError(_one_of(_ERROR_CODES, code - 1))


def _read_still(untrusted_answer: IO[bytes], limits: Limits) -> Still:
    kind, width, height, at, until, samples, number, copies = _read(untrusted_answer, _STILL)
    if (
        not 0 < number <= _MAX_VIEWS
        or copies > MAX_COPIES
        or not 0 < width * height <= limits.max_pixels
        or not samples
    ):
        raise WireError("sizes beyond the limits")
    rows = _exactly(untrusted_answer, number * _VIEW.size)
    views = []
    for name, orientation, quality, hash_kind, spread, row in _VIEW.iter_unpack(rows):
        hashed_by = _one_of(_HASH_KINDS, hash_kind)
        bits = row[: hashed_by.length]
        if max(quality, spread) > 100 or padded(bits) != row:
            raise WireError("a quality or a spread over 100, or a hash that is too long")
        names = _one_of(VIEW_NAMES, name), _one_of(_ORIENTATIONS, orientation)
        views.append(View(*names, bits, quality, hashed_by.name, spread))
    local = tuple(_read_local(untrusted_answer, limits) for _ in range(copies))
    return Still(_one_of(_KINDS, kind), width, height, tuple(views), at, until, samples, local)


def _read_local(untrusted_answer: IO[bytes], limits: Limits) -> LocalFeatures:
    width, height, number, telling, has_greys = _read(untrusted_answer, _COPY)
    if not 0 < width * height <= limits.max_pixels or (has_greys and max(width, height) > WORKING_SIDE):
        raise WireError("sizes beyond the limits")
    if not telling <= number <= MAX_POSTED:
        raise WireError("more local features than a picture has")
    rows = np.frombuffer(_exactly(untrusted_answer, number * _FEATURE.itemsize), dtype=_FEATURE)
    places = rows["place"].astype(np.uint16)
    if (places > np.array(furthest(width, height))).any():
        raise WireError("a local feature outside of its picture")
    sizes, turns, bits, mirrored = (
        np.ascontiguousarray(rows[name]) for name in ("size", "turn", "bits", "mirrored")
    )
    greys = None
    if has_greys:
        data = _exactly(untrusted_answer, width * height)
        greys = np.frombuffer(data, dtype=np.uint8).reshape(height, width)
    return LocalFeatures(width, height, places, sizes, turns, bits, mirrored, telling, greys)


def _one_of(known: Sequence[T], number: int) -> T:
    if not 0 <= number < len(known):
        raise WireError("a number that stands for nothing")
    return known[number]


def _read(stream: IO[bytes], form: struct.Struct) -> tuple[int, ...]:
    return form.unpack(_exactly(stream, form.size))


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
