"""Which parts of a file are fetched: of an MP4 video those that the matcher needs, as far as the limit allows; of any
other file all of it, and where it is larger than the limit, of a video the beginning.

Of an MP4 everything is fetched first but what is in its `mdat` boxes. The rest is not read here: the sandbox lists the
packets, by the same decoder that will decode them, and says which blocks of the file they are in.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from matcher import BLOCK_BYTES, File, MediaError, Pieces

Read = Callable[[int, int], Awaitable[bytes]]
"""The bytes of the file from a start to an end."""
Needed = Callable[[Pieces], Awaitable[Sequence[int]]]
"""Which blocks (of `BLOCK_BYTES`) of an MP4 are needed and not there, the most important first. Raises `MediaError`."""

SNIFFED_BYTES = 4096
_FEW_PARTS = 16
"""Up to so many parts, a file is fetched whole: the requests for its index would be more than are saved."""
_WORTHWHILE = 0.75
"""The share of a file's bytes above which the rest is fetched as well."""
_REQUESTS = 4
"""So many times more requests than the limit has parts are made for what is needed of a file that is larger."""
_HALVINGS = 5
"""Requests are planned in windows from 512 KiB to 32 KiB."""
_MOST_BOXES, _HEADER_BYTES = 64, 16
_MATROSKA = b"\x1a\x45\xdf\xa3"


@dataclass(frozen=True)
class _Plan:
    got: int
    """How many of the blocks, from the most important on."""
    requests: list[tuple[int, int]]
    """From where to where in the file to ask, in order."""

    @property
    def fetched_bytes(self) -> int:
        return sum(end - start for start, end in self.requests)


async def fetch(read: Read, needed: Needed, size_bytes: int, max_bytes: int, part_bytes: int) -> File | None:
    """At most `max_bytes` of a file. None where it is larger, and is no video of which a part can be looked at.

    `read` asks for `part_bytes` at most in one request; it is a power of two, as is each part that is asked for.
    """
    fits = size_bytes <= max_bytes
    if fits and size_bytes <= _FEW_PARTS * part_bytes:
        return await read(0, size_bytes)
    head = await read(0, part_bytes if fits else SNIFFED_BYTES)
    begun = Pieces.of(size_bytes, [(0, head)])
    if head[4:8] == b"ftyp":
        outline, has_index, is_complete = await _outline(read, begun, max_bytes)
        planned = await _planned(read, needed, outline, max_bytes, part_bytes) if is_complete else None
        if planned is not None:
            return planned
        if has_index:
            return await _filled(read, outline, max_bytes)
    shows_beginning = head.startswith(_MATROSKA) or (head.startswith(b"RIFF") and head[8:12] == b"AVI ")
    return await _filled(read, begun, max_bytes) if fits or shows_beginning else None


async def _outline(read: Read, begun: Pieces, max_bytes: int) -> tuple[Pieces, bool, bool]:
    """Of an MP4 all but what is in its `mdat` boxes; whether there is an index (`moov`); and whether that is all."""
    file, at, has_index = begun, 0, False

    async def get(start: int, end: int) -> None:
        nonlocal file
        got = [
            (max(start, a), await read(max(start, a), min(end, b)))
            for a, b in file.holes
            if a < end and start < b
        ]
        file = Pieces.of(file.size_bytes, [*file.known, *got])

    for _ in range(_MOST_BOXES):
        if at == file.size_bytes:
            return file, has_index, has_index
        await get(at, min(at + _HEADER_BYTES, file.size_bytes))
        header = file.read(at, _HEADER_BYTES)
        size, body = int.from_bytes(header[:4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(header[8:], "big"), at + 16
        elif size == 0:
            size = file.size_bytes - at
        end = at + size
        if not body <= end <= file.size_bytes:
            break
        if header[4:8] != b"mdat":
            if file.known_bytes + size >= max_bytes:
                break
            await get(at, end)
            has_index |= header[4:8] == b"moov"
        at = end
    return file, has_index, False


async def _planned(
    read: Read, needed: Needed, outline: Pieces, max_bytes: int, part_bytes: int
) -> Pieces | None:
    """The outline, and of what is needed as much as may be fetched. None where that cannot be told or is not worthwhile."""
    size_bytes = outline.size_bytes
    try:
        blocks = await needed(outline)
        # Never more requests than for the whole file, and of a larger one not many more than for the limit.
        most = -(-min(size_bytes, _REQUESTS * max_bytes) // part_bytes)
        plan = await asyncio.to_thread(_best, blocks, max_bytes - outline.known_bytes, most, part_bytes)
        if size_bytes <= max_bytes and (
            plan.got < len(blocks) or outline.known_bytes + plan.fetched_bytes > _WORTHWHILE * size_bytes
        ):
            return None
        parts = [(start, await read(start, min(end, size_bytes))) for start, end in plan.requests]
        file = Pieces.of(size_bytes, [*outline.known, *parts])
        # Whether a frame is a key frame is often told by its bytes. If the index was wrong, more is needed now.
        return None if set(await needed(file)) - set(blocks) else file
    except MediaError:
        return None


def _best(blocks: Sequence[int], left_bytes: int, most: int, part_bytes: int) -> _Plan:
    """The plan of `most` requests or fewer that gets the most of the blocks; of those that get all, the fewest bytes."""
    plans = []
    for window in {max(part_bytes >> halved, BLOCK_BYTES) for halved in range(_HALVINGS)}:

        def plan(got: int, window: int = window) -> _Plan:
            return _Plan(got, _requests(blocks[:got], window // BLOCK_BYTES, part_bytes // BLOCK_BYTES))

        def is_too_much(got: int) -> bool:
            tried = plan(got)
            return tried.fetched_bytes > left_bytes or len(tried.requests) > most

        longest = min(len(blocks), left_bytes // BLOCK_BYTES)
        if is_too_much(longest):
            longest = bisect_left(range(longest), True, key=is_too_much) - 1
        plans.append(plan(longest))
    return max(plans, key=lambda plan: (plan.got, -plan.fetched_bytes))


def _requests(blocks: Sequence[int], window: int, longest: int) -> list[tuple[int, int]]:
    """From where to where to ask: in each window (blocks) once, for the smallest part of it that Telegram gives with all
    in it; then what are two halves of such a part at once.
    """
    runs: list[tuple[int, int]] = []
    for _, group in groupby(sorted(blocks), key=lambda block: block // window):
        within = list(group)
        number = 1 << (within[0] ^ within[-1]).bit_length()
        first = within[0] - within[0] % number
        while runs and runs[-1] == (first - number, number) and first % (2 * number) and number < longest:
            runs.pop()
            first, number = first - number, 2 * number
        runs.append((first, number))
    return [(first * BLOCK_BYTES, (first + number) * BLOCK_BYTES) for first, number in runs]


async def _filled(read: Read, file: Pieces, max_bytes: int) -> File:
    """The file with its holes filled from the first on, as far as may be; bytes where nothing is missing but its end."""
    parts, left = list(file.known), max_bytes - file.known_bytes
    for start, end in file.holes:
        if left > 0:
            parts.append((start, await read(start, min(end, start + left))))
            left -= end - start
    filled = Pieces.of(file.size_bytes, parts)
    return filled.known[0][1] if len(filled.known) == 1 else filled
