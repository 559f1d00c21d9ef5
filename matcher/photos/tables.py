"""Tables that find most of the 256-bit descriptors near to a query and look at few others; compiled when imported.

Locality-sensitive hashing by bits (Indyk, Motwani, "Approximate nearest neighbors", STOC 1998): each table orders the
rows by 18 bits of their own. A near descriptor is found where one table's bits are all equal; missing some is sound,
because dozens of descriptors of a photo have to agree. An entry carries, beside the row, 11 bits of the next table's,
so that of the rows that look alike in one table few need to be read.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.index.scan import bit_count
from matcher.index.tables import distance_bits, prefetch
from matcher.photos.keypoints import DESCRIPTOR_BYTES, Bytes

TABLES = 12
KEY_BITS = 18
VALUES = 1 << KEY_BITS
MAX_ROWS = 1 << 21
"""As many as an entry has bits for."""
_CHECK_OFF = 2
"""Of the 11 further bits so many may differ."""

BITS = np.frombuffer(
    bytes.fromhex(
        "06439203575509fe6e81bf5a203a19db687be51c5b78aa61170c0bc31aa8f710c207c691b8bdcf3ce4adf16b1dba1f3e"
        "218205fffda9d8b4c12560622aa7797fe648dca48076394fd4f595cd7dd72da284997c16a508ab358dc066ae894c23f4"
        "14f0f3e80a41f994e0c7cb1bed8cb3efa118888bdaa33b4eb1e3122ed558a04d15f2fa1e3fec67dd47bec5659701a686"
        "8f296ae7455046fc772bd2ee524a425f93d15e447acec98abb5d549b02ebaf6d6f51ac59b90ddf130f7ecab222f6743d"
        "e2f8fb9e2431de04e1000eb0693249d9e937b7262f36d0cc1127282c30333438404b53565c63646c7071727375838587"
        "8e9096989a9c9d9fb5b6bcc4c8d3d6ea"
    ),
    dtype=np.uint8,
)
"""Which bits each table goes by, 18 for each, and the others: as bench/photo_bits.py chose them on photos tuned with.
They depend on one another so little that the largest buckets are a third of those of neighbouring bits."""

_row_bits = np.uint32(21)
_row_mask = np.uint32(MAX_ROWS - 1)
_key_mask = np.uint64(VALUES - 1)
_check_mask = np.uint64(0x7FF)

Words = NDArray[np.uint64]


def _words_by_bit(descriptors: Bytes) -> Words:
    bits = np.unpackbits(descriptors, axis=1)[:, BITS]
    return np.ascontiguousarray(np.packbits(bits, axis=1, bitorder="little")).view(np.uint64)


def _words_of_bytes() -> NDArray[np.uint64]:
    """What each value of each byte of a descriptor becomes: 32 x 256 x 4."""
    alone = np.zeros((DESCRIPTOR_BYTES, 256, DESCRIPTOR_BYTES), dtype=np.uint8)
    for place in range(DESCRIPTOR_BYTES):
        alone[place, :, place] = np.arange(256)
    return _words_by_bit(alone.reshape(-1, DESCRIPTOR_BYTES)).reshape(DESCRIPTOR_BYTES, 256, -1)


_OF_BYTES = _words_of_bytes()
_read_bytes = types.Array(types.uint8, 2, "C", readonly=True)


def words_of(descriptors: Bytes) -> Words:
    """Descriptors (n x 32) as they are compared here, n x 4: the bits of each table beside one another."""
    words = np.zeros((len(descriptors), _OF_BYTES.shape[2]), dtype=np.uint64)
    _put_together(np.ascontiguousarray(descriptors), _OF_BYTES, words)
    return words


@compiled(types.void(_read_bytes, types.uint64[:, :, ::1], types.uint64[:, ::1]), nogil=True)
def _put_together(descriptors: Bytes, of_bytes: NDArray[np.uint64], words: Words) -> None:
    for at in range(len(descriptors)):
        for place in range(descriptors.shape[1]):
            value = descriptors[at, place]
            for word in range(words.shape[1]):
                words[at, word] |= of_bytes[place, value, word]


@njit(nogil=True)
def _part(bits: NDArray[np.uint64], table: int) -> np.uint64:
    # The key of a table and what follows it.
    at = table * KEY_BITS
    word, shift = at >> 6, at & 63
    part = bits[word] >> np.uint64(shift)
    if shift + KEY_BITS > 64:
        part |= bits[word + 1] << np.uint64(64 - shift)
    key: np.uint64 = part & _key_mask
    return key


@compiled(types.void(types.uint64[:, ::1], types.uint32[:, ::1], types.uint32[:, ::1]), nogil=True)
def build(words: Words, starts: NDArray[np.uint32], entries: NDArray[np.uint32]) -> None:
    """Fill the tables of `words` (rows x 4): `starts` is 12 x (2**18 + 1), `entries` 12 x rows.

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


@njit(nogil=True, inline="never")
def _found_before(one: NDArray[np.uint64], other: NDArray[np.uint64], table: int) -> bool:
    for earlier in range(table):
        if _part(one, earlier) == _part(other, earlier) and (
            bit_count((_part(one, earlier + 1) ^ _part(other, earlier + 1)) & _check_mask) <= _CHECK_OFF
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
    number = 0
    flat = words.reshape(-1)
    bounds = np.zeros((2, TABLES, 2), dtype=np.int64)
    likely = np.empty(TABLES * most, dtype=np.uint32)
    tables = np.empty(TABLES * most, dtype=np.uint8)
    for query in range(-1, len(queries)):
        if query + 2 < len(queries):
            for table in range(TABLES):
                prefetch(starts[table], np.int64(_part(queries[query + 2], table)))
        if query + 1 < len(queries):
            for table in range(TABLES):
                value = np.int64(_part(queries[query + 1], table))
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
            check = _part(asked, table + 1) & _check_mask
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
            if distance <= radius_bits and number < end and not _found_before(words[row], asked, in_table):
                found[number, 0] = query
                found[number, 1] = row
                found[number, 2] = distance
                number += 1
    return number
