"""Finding rows by their hash or their owner, compiled when this module is imported.

A hash table of open addressing (`slots`, a power of two of them and more than there are rows; each is one more than its
row, or 0) knows the fresh rows. Nothing is taken out of it: rows that belong to nobody are passed over. Looking up takes
so little time that letting go of the interpreter's lock and waiting for it again would take more.

Owners are found by zones: of each 4,096 rows, the least and the greatest id and the least and the greatest group are
known. Ids mostly rise with time, so a new one is in no zone, and a known one in few.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.index.owners import NOBODY, RADIUS_SHIFT

_Words = NDArray[np.uint64]
_Int64s = NDArray[np.int64]
_Slots = NDArray[np.int32]
_Zones = NDArray[np.int64]

ZONE_ROWS = 4096

_words = types.uint64[:, ::1]
_int64s = types.int64[::1]
_slots = types.int32[::1]
_zones = types.int64[:, ::1]
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
    while slots[slot] > 0:
        row = slots[slot] - 1
        same = owners[row] != NOBODY
        for word in range(4):
            same = same and words[row, word] == bits[word]
        if same:
            break
        slot = (slot + 1) & (len(slots) - 1)
    return int(slot)


@compiled(types.void(_words, _int64s, _slots, _words, _int64s))
def look_up(words: _Words, owners: _Int64s, slots: _Slots, wanted: _Words, rows: _Int64s) -> None:
    """Write into `rows` which row has each of the wanted hashes (n x 4), or -1."""
    for at in range(len(wanted)):
        rows[at] = slots[_slot_of(words, owners, slots, wanted[at])] - 1


@compiled(types.int64(_words, _int64s, _slots, types.int64, _words, _int64s, _int64s))
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
        if slots[slot] == 0:
            for word in range(4):
                words[used, word] = new_words[at, word]
            owners[used] = new_owners[at]
            used += 1
            slots[slot] = used
        rows[at] = slots[slot] - 1
    return used


def new_zones(rows: int) -> _Zones:
    """Zones (n x 4: least id, greatest id, least group, greatest group) of rows that belong to nobody."""
    greatest = np.iinfo(np.int64).max
    return np.tile(np.array([greatest, -greatest] * 2, dtype=np.int64), (-(-rows // ZONE_ROWS), 1))


@compiled(types.int64(_int64s, types.int64, types.int64, _zones))
def widen(owners: _Int64s, start: int, end: int, zones: _Zones) -> int:
    """Let the zones of the rows from `start` to `end` know of their owners; returns how many have one."""
    number = 0
    for row in range(start, end):
        owner = owners[row]
        if owner != NOBODY:
            key, side = (owner >> RADIUS_SHIFT, 0) if owner >= 0 else (owner, 2)
            number += 1
            zone = row // ZONE_ROWS
            zones[zone, side] = min(zones[zone, side], key)
            zones[zone, side + 1] = max(zones[zone, side + 1], key)
    return number


@njit
def _from(keys: _Int64s, least: int) -> int:
    # Where the first key is that is not less.
    start, end = 0, len(keys)
    while start < end:
        middle = (start + end) >> 1
        if keys[middle] < least:
            start = middle + 1
        else:
            end = middle
    return start


@compiled(types.int64(_zones, _int64s, _int64s))
def zones_of(zones: _Zones, keys: _Int64s, found: _Int64s) -> int:
    """Write into `found` which zones may have one of these ids and groups, which are in order; returns how many."""
    number = 0
    for zone in range(len(zones)):
        for side in (0, 2):
            at = _from(keys, zones[zone, side])
            if at < len(keys) and keys[at] <= zones[zone, side + 1]:
                found[number] = zone
                number += 1
                break
    return number


def _owned_by(owners: _Int64s, zones: _Int64s, keys: _Int64s, rows: _Int64s) -> int:
    """Write into `rows` the rows of these zones that these fingerprints or groups own; returns how many.

    `keys` are in order and, where there are zones, not empty; each owns one row at most.
    """
    number = 0
    for zone in zones:
        for row in range(zone * ZONE_ROWS, min((zone + 1) * ZONE_ROWS, len(owners))):
            key = owners[row] >> RADIUS_SHIFT if owners[row] >= 0 else owners[row]
            if key < keys[0] or key > keys[-1]:
                continue
            at = _from(keys, key)
            if at < len(keys) and keys[at] == key:
                rows[number] = row
                number += 1
    return number


_owned_by_type = types.int64(_int64s, _int64s, _int64s, _int64s)
owned_by = compiled(_owned_by_type)(_owned_by)
owned_by_released = compiled(_owned_by_type, nogil=True)(_owned_by)
"""The same, without the interpreter's lock: for more than a few zones."""


@compiled(types.int64(_int64s, types.boolean[::1], _int64s))
def take(owners: _Int64s, which: NDArray[np.bool_], into: _Int64s) -> int:
    """Write the owners of these rows into the first rows of `into`; returns how many there are."""
    number = 0
    for row in range(len(which)):
        if which[row]:
            into[number] = owners[row]
            number += 1
    return number
