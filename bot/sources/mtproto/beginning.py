"""Of a video that is larger than may be fetched: its beginning, so that as much of it is looked at as the limit allows.

An MP4 can be read only with its index (`moov`), which phones write at the end. It is fetched from there and put in
front of the media (`mdat`), and the places of the media that it tells are moved by its length.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

Read = Callable[[int, int], Awaitable[bytes]]
"""The bytes of the file from a start to an end."""

SNIFFED_BYTES = 4096
_MOST_BOXES = 64
_MOST_DEPTH = 8
_MATROSKA = b"\x1a\x45\xdf\xa3"
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_PLACES = {b"stco": ">u4", b"co64": ">u8"}


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


async def of_video(read: Read, size_bytes: int, max_bytes: int) -> bytes | None:
    """At most `max_bytes` of a video that is larger. None where it is no video of which a part can be read."""
    head = await read(0, SNIFFED_BYTES)
    if head[4:8] == b"ftyp":
        return await _of_mp4(read, head, size_bytes, max_bytes)
    if head.startswith(_MATROSKA) or (head.startswith(b"RIFF") and head[8:12] == b"AVI "):
        return await read(0, max_bytes)
    return None


async def _of_mp4(read: Read, head: bytes, size_bytes: int, max_bytes: int) -> bytes | None:
    media_at, index = None, None
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > size_bytes:
            break
        is_known = at + 16 <= len(head)
        header = head[at : at + 16] if is_known else await read(at, min(at + 16, size_bytes))
        box = _box(header, 0, at, size_bytes)
        if box is None:
            break
        if box.kind == b"moov":
            index = box
            break
        if box.kind == b"mdat" and media_at is None:
            media_at = at
        at = box.end
    if index is None:
        return None
    if media_at is None:
        return await read(0, max_bytes)
    length = index.end - index.start
    if media_at + length >= max_bytes:
        return None
    moved = bytearray(await read(index.start, index.end))
    _move(moved, 0, len(moved), length, 0)
    before = head[:media_at] if media_at <= len(head) else await read(0, media_at)
    return b"".join((before, moved, await read(media_at, max_bytes - length)))


def _box(header: bytes | bytearray, offset: int, at: int, end: int) -> _Box | None:
    """The box whose header is at `offset` of `header`, and at `at` of the whole; None where it cannot be one."""
    size = int.from_bytes(header[offset : offset + 4], "big")
    body = at + 8
    if size == 1:
        size = int.from_bytes(header[offset + 8 : offset + 16], "big")
        body = at + 16
    elif size == 0:
        size = end - at
    if at + size < body or at + size > end:
        return None
    return _Box(bytes(header[offset + 4 : offset + 8]), at, body, at + size)


def _move(index: bytearray, start: int, end: int, by: int, depth: int) -> None:
    """Add `by` to every place of media that the boxes from `start` to `end` tell."""
    while start + 8 <= end and depth <= _MOST_DEPTH:
        box = _box(index, start, start, end)
        if box is None:
            return
        if box.kind in _PARENTS:
            _move(index, box.body, box.end, by, depth + 1)
        elif box.kind in _PLACES and box.body + 8 <= box.end:
            kind = np.dtype(_PLACES[box.kind])
            told = int.from_bytes(index[box.body + 4 : box.body + 8], "big")
            count = min(told, (box.end - box.body - 8) // kind.itemsize)
            places = np.frombuffer(index, kind, count, box.body + 8)
            # What lies beyond what can be told lies beyond what is fetched as well.
            places[:] = np.minimum(places, np.iinfo(kind).max - by) + by
        start = box.end
