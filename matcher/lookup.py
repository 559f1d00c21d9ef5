"""Finding rows by their hash or their owner, compiled when this module is imported.

A hash table of open addressing (`slots`, a power of two of them and more than there are rows; -1 is empty) knows the
fresh rows. Nothing is taken out of it: rows that belong to nobody are passed over. Looking up takes so little time that
letting go of the interpreter's lock and waiting for it again would take more.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.owners import NOBODY, RADIUS_SHIFT

_Words = NDArray[np.uint64]
_Int64s = NDArray[np.int64]
_Slots = NDArray[np.int32]

_words = types.uint64[:, ::1]
_int64s = types.int64[::1]
_slots = types.int32[::1]
_multiplier = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio, as in Fibonacci hashing
_half = np.uint64(32)


@njit
def _slot_of(words: _Words, owners: _Int64s, slots: _Slots, bits: _Words) -> int:
    # The slot whose row is this hash, or the empty one where it belongs.
    mixed = np.uint64(0)
    for word in range(4):
        mixed = (mixed ^ bits[word]) * _multiplier
        mixed ^= mixed >> _half
    slot = np.int64(mixed & np.uint64(len(slots) - 1))
    while slots[slot] >= 0:
        row = slots[slot]
        same = owners[row] != NOBODY
        for word in range(4):
            same = same and words[row, word] == bits[word]
        if same:
            break
        slot = (slot + 1) & (len(slots) - 1)
    return slot  # type: ignore[return-value]


@njit(types.void(_words, _int64s, _slots, _words, _int64s))
def look_up(words: _Words, owners: _Int64s, slots: _Slots, wanted: _Words, rows: _Int64s) -> None:
    """Write into `rows` which row has each of the wanted hashes (n x 4), or -1."""
    for at in range(len(wanted)):
        rows[at] = slots[_slot_of(words, owners, slots, wanted[at])]


@njit(types.int64(_words, _int64s, _slots, types.int64, _words, _int64s, _int64s))
def append(
    words: _Words,
    owners: _Int64s,
    slots: _Slots,
    used: int,
    new_words: _Words,
    new_owners: _Int64s,
    rows: _Int64s,
) -> int:
    """Write the hashes that are not there into the rows from `used` on; returns how many are used then.

    The row of each hash is written into `rows`; where several are identical, the first one's owner becomes the row's.
    """
    for at in range(len(new_words)):
        slot = _slot_of(words, owners, slots, new_words[at])
        if slots[slot] < 0:
            for word in range(4):
                words[used, word] = new_words[at, word]
            owners[used] = new_owners[at]
            slots[slot] = used
            used += 1
        rows[at] = slots[slot]
    return used


@njit(types.int64(_int64s, _int64s, _int64s), nogil=True)
def owned_by(owners: _Int64s, keys: _Int64s, rows: _Int64s) -> int:
    """Write into `rows` the rows that these fingerprints or groups own; returns how many.

    `keys` are in order and not empty, and each owns one row at most.
    """
    number = 0
    least, most = keys[0], keys[-1]
    for row in range(len(owners)):
        key = owners[row] >> RADIUS_SHIFT if owners[row] >= 0 else owners[row]
        if key < least or key > most:
            continue
        start, end = 0, len(keys)
        while end - start > 1:
            middle = (start + end) >> 1
            if keys[middle] <= key:
                start = middle
            else:
                end = middle
        if keys[start] == key:
            rows[number] = row
            number += 1
    return number
