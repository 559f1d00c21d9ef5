"""Tables that find most of the 256-bit descriptors near to a query and look at few others; compiled when imported.

Locality-sensitive hashing by bits (Indyk, Motwani, "Approximate nearest neighbors", STOC 1998): each table orders the
rows by up to 18 bits of their own. A near descriptor is found where one table's bits are all equal; missing some is sound,
because dozens of descriptors of a photo have to agree. An entry carries, beside the row, 9 bits of the next table's,
so that of the rows that look alike in one table few need to be read.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.index.scan import bit_count
from matcher.index.tables import distance_bits, prefetch
from matcher.photos.keypoints import Bytes

TABLES = 12
KEY_BITS = 18
"""At most: fewer rows are ordered by fewer of them."""
_ROWS_A_VALUE = 8
MAX_ROWS = 1 << 23
"""As many as an entry has bits for."""
_CHECK_BITS, _CHECK_OFF = 9, 2
"""Further bits, of which so many may differ."""

_row_bits = np.uint32(23)
_row_mask = np.uint32(MAX_ROWS - 1)

Words = NDArray[np.uint64]


def values_of(rows: int) -> int:
    """How many values a part of a descriptor has in tables of so many rows: a power of two."""
    return 1 << min(KEY_BITS, (rows // _ROWS_A_VALUE).bit_length())


def words_of(descriptors: Bytes) -> Words:
    """Descriptors (n x 32) as they are compared here, n x 4: the lowest bits first, those of each table beside one another."""
    return np.ascontiguousarray(descriptors).view(np.uint64)


@njit(nogil=True)
def _bits(bits: NDArray[np.uint64], at: int, number: int) -> np.uint64:
    word, shift = at >> 6, at & 63
    part = bits[word] >> np.uint64(shift)
    if shift + number > 64:
        part |= bits[word + 1] << np.uint64(64 - shift)
    some: np.uint64 = part & np.uint64((1 << number) - 1)
    return some


@njit(nogil=True)
def _part(bits: NDArray[np.uint64], table: int, values: int) -> np.uint64:
    part: np.uint64 = _bits(bits, table * KEY_BITS, KEY_BITS) & np.uint64(values - 1)
    return part


@njit(nogil=True)
def _check(bits: NDArray[np.uint64], table: int) -> np.uint64:
    # The first of what the next table goes by.
    check: np.uint64 = _bits(bits, (table + 1) * KEY_BITS, _CHECK_BITS)
    return check


@compiled(types.void(types.uint64[:, ::1], types.uint32[:, ::1], types.uint32[:, ::1]), nogil=True)
def build(words: Words, starts: NDArray[np.uint32], entries: NDArray[np.uint32]) -> None:
    """Fill the tables of `words` (rows x 4): `starts` is 12 x (values + 1), `entries` 12 x rows.

    The rows whose part has a value are in the entries from its start to the next one's.
    """
    values = starts.shape[1] - 1
    for table in range(TABLES):
        start, entry = starts[table], entries[table]
        start[:] = 0
        for row in range(len(words)):
            start[_part(words[row], table, values)] += np.uint32(1)
        # Each value's end, which becomes its start as the entries are filled in from behind.
        for value in range(values):
            start[value + 1] += start[value]
        for row in range(len(words) - 1, -1, -1):
            value = _part(words[row], table, values)
            start[value] -= np.uint32(1)
            check = np.uint32(_check(words[row], table))
            entry[start[value]] = (check << _row_bits) | np.uint32(row)


@njit(nogil=True, inline="never")
def _found_before(one: NDArray[np.uint64], other: NDArray[np.uint64], table: int, values: int) -> bool:
    for earlier in range(table):
        if _part(one, earlier, values) == _part(other, earlier, values) and (
            bit_count(_check(one, earlier) ^ _check(other, earlier)) <= _CHECK_OFF
        ):
            return True
    return False


@compiled(
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

    Of one query at most `most` entries of one table are looked at: what is so frequent tells nothing. No query takes more
    than its share of what is left of `found`, or what some are near to could hide what the others are near to.
    """
    # Waiting for the memory is most of a lookup's time, so it is asked for one query, or one loop, ahead.
    number, values = 0, starts.shape[1] - 1
    flat = words.reshape(-1)
    bounds = np.zeros((2, TABLES, 2), dtype=np.int64)
    likely = np.empty(TABLES * most, dtype=np.uint32)
    tables = np.empty(TABLES * most, dtype=np.uint8)
    for query in range(-1, len(queries)):
        if query + 2 < len(queries):
            for table in range(TABLES):
                prefetch(starts[table], np.int64(_part(queries[query + 2], table, values)))
        if query + 1 < len(queries):
            for table in range(TABLES):
                value = np.int64(_part(queries[query + 1], table, values))
                first, last = np.int64(starts[table, value]), np.int64(starts[table, value + 1])
                bounds[(query + 1) & 1, table, 0] = first
                bounds[(query + 1) & 1, table, 1] = last
                prefetch(entries[table], first)
                prefetch(entries[table], first + 16)
        if query < 0:
            continue
        asked = queries[query]
        end = number - (number - len(found)) // (len(queries) - query)
        count = 0
        for table in range(TABLES):
            check = _check(asked, table)
            first, last = bounds[query & 1, table]
            if last - first > most:
                continue
            for place in range(first, last):
                entry = entries[table, place]
                if bit_count(np.uint64(entry >> _row_bits) ^ check) <= _CHECK_OFF:
                    likely[count] = entry & _row_mask
                    tables[count] = table
                    prefetch(flat, 4 * np.int64(likely[count]))
                    count += 1
        for at in range(count):
            row, in_table = likely[at], np.int64(tables[at])
            distance = distance_bits(words[row], asked)
            if distance > radius_bits or number == end:
                continue
            if not _found_before(words[row], asked, in_table, values):
                found[number, 0] = query
                found[number, 1] = row
                found[number, 2] = distance
                number += 1
    return number
