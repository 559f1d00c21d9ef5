"""Tables that find most of the 256-bit descriptors near to a query and look at few others; compiled when imported.

Locality-sensitive hashing by bits (Indyk, Motwani, "Approximate nearest neighbors", STOC 1998): each table orders the
rows by 16 bits of their own. A near descriptor is found where one table's bits are all equal; missing some is sound,
because dozens of descriptors of a photo have to agree. An entry carries, beside the row, 12 bits of the next table's,
so that of the rows that look alike in one table few need to be read.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.keypoints import Bytes
from matcher.scan import bit_count

TABLES = 12
VALUES = 1 << 16
MAX_ROWS = 1 << 20
"""As many as an entry has bits for."""
_CHECK_OFF = 2
"""Of the 12 further bits so many may differ."""
_PARTS = 16

_part_mask = np.uint64(VALUES - 1)
_row_bits = np.uint32(20)
_row_mask = np.uint32(MAX_ROWS - 1)
_check_mask = np.uint64(0xFFF)

Words = NDArray[np.uint64]


def words_of(descriptors: Bytes) -> Words:
    """Descriptors (n x 32) as they are compared here: n x 4, with bits of all places of ORB's pattern in each part.

    ORB's pattern has its best bits first, and those beside each other are the least alike.
    """
    bits = np.unpackbits(descriptors, axis=1).reshape(-1, _PARTS, 256 // _PARTS)
    mixed = np.packbits(bits.transpose(0, 2, 1).reshape(-1, 256), axis=1)
    return np.ascontiguousarray(mixed).view(np.uint64)


@njit(nogil=True)
def _part(bits: NDArray[np.uint64], part: int) -> np.uint64:
    return np.uint64((bits[part >> 2] >> np.uint64((part & 3) << 4)) & _part_mask)


@njit(types.void(types.uint64[:, ::1], types.uint32[:, ::1], types.uint32[:, ::1]), nogil=True)
def build(words: Words, starts: NDArray[np.uint32], entries: NDArray[np.uint32]) -> None:
    """Fill the tables of `words` (rows x 4): `starts` is 12 x 65,537, `entries` 12 x rows.

    The rows whose part has a value are in the entries from its start to the next one's.
    """
    for table in range(TABLES):
        start, entry = starts[table], entries[table]
        start[:] = 0
        for row in range(len(words)):
            start[_part(words[row], table)] += np.uint32(1)
        # Each value's end, which becomes its start as the entries are filled in from behind.
        for value in range(VALUES):
            start[value + 1] += start[value]
        for row in range(len(words) - 1, -1, -1):
            value = _part(words[row], table)
            start[value] -= np.uint32(1)
            check = np.uint32(_part(words[row], table + 1) & _check_mask)
            entry[start[value]] = (check << _row_bits) | np.uint32(row)


@njit(nogil=True)
def distance_bits(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> np.uint64:
    """How many bits two descriptors (four words each) differ by."""
    return (  # type: ignore[no-any-return]
        bit_count(one[0] ^ other[0])
        + bit_count(one[1] ^ other[1])
        + bit_count(one[2] ^ other[2])
        + bit_count(one[3] ^ other[3])
    )


@njit(nogil=True, inline="never")
def _found_before(one: NDArray[np.uint64], other: NDArray[np.uint64], table: int) -> bool:
    for earlier in range(table):
        if _part(one, earlier) == _part(other, earlier) and (
            bit_count((_part(one, earlier + 1) ^ _part(other, earlier + 1)) & _check_mask) <= _CHECK_OFF
        ):
            return True
    return False


@njit(
    types.int64(
        types.uint64[:, ::1],
        types.uint32[:, ::1],
        types.uint32[:, ::1],
        types.uint64[:, ::1],
        types.int64,
        types.int64,
        types.int32[:, ::1],
    ),
    nogil=True,
)
def probe(
    words: Words,
    starts: NDArray[np.uint32],
    entries: NDArray[np.uint32],
    queries: Words,
    radius_bits: int,
    most: int,
    found: NDArray[np.int32],
) -> int:
    """Write (query, row, distance) of pairs within `radius_bits` into `found`; returns how many.

    Of one query at most `most` entries of one table are looked at: what is so frequent tells nothing. Where `found` is
    full, the rest is left out.
    """
    number = 0
    likely = np.empty(most, dtype=np.uint32)
    for query in range(len(queries)):
        asked = queries[query]
        for table in range(TABLES):
            start, entry = starts[table], entries[table]
            value, check = _part(asked, table), _part(asked, table + 1) & _check_mask
            first = np.int64(start[value])
            last = np.int64(start[value + np.uint64(1)])
            if last - first > most:
                continue
            count = 0
            for place in range(first, last):
                likely[count] = entry[place] & _row_mask
                count += int(bit_count(np.uint64(entry[place] >> _row_bits) ^ check) <= _CHECK_OFF)
            for at in range(count):
                row = likely[at]
                distance = distance_bits(words[row], asked)
                if (
                    distance <= radius_bits
                    and number < len(found)
                    and not _found_before(words[row], asked, table)
                ):
                    found[number, 0] = query
                    found[number, 1] = row
                    found[number, 2] = distance
                    number += 1
    return number


@njit(
    types.void(
        types.int32[:, ::1],
        types.int32[::1],
        types.uint8[::1],
        types.uint8[::1],
        types.uint8[::1],
        types.uint8[::1],
        types.int64,
        types.boolean[::1],
        types.int32[:, ::1],
    ),
    nogil=True,
)
def vote(
    found: NDArray[np.int32],
    photo_of: NDArray[np.int32],
    sizes: Bytes,
    turns: Bytes,
    posted_sizes: Bytes,
    posted_turns: Bytes,
    radius_bits: int,
    is_common: NDArray[np.bool_],
    votes: NDArray[np.int32],
) -> None:
    """Add what was found (query, row, distance) to the votes: photos x 256, by how much turn and size differ.

    Pairs of one true match all say the same of both (weak geometry: Jegou, Douze, Schmid, "Hamming embedding and weak
    geometric consistency", ECCV 2008). Each counts in the two nearest of 16 turns and of 16 octaves, more the nearer
    it is. Posted features that are common have no vote.
    """
    for at in range(len(found)):
        query, row = found[at, 0], found[at, 1]
        if is_common[query]:
            continue
        weight = 1 + (radius_bits - found[at, 2]) // 6
        turn = (np.int64(posted_turns[query]) - np.int64(turns[row])) & 255
        size = np.int64(sizes[row]) - np.int64(posted_sizes[query]) + 128
        if size < 8 or size >= 248:
            continue
        for a in range(2):
            for b in range(2):
                place = (((turn + 16 * a - 8) >> 4) & 15) * 16 + ((size + 16 * b - 8) >> 4)
                votes[photo_of[row], place] += weight
