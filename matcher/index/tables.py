"""Tables that find every 256-bit hash within a radius of a query and look at few others; compiled when imported.

A hash is cut into 16 parts of 16 bits, and for each part a table holds the rows ordered by its value. Of hashes within
a radius, one part at least differs by its share of the radius only, so that looking up all values so near to the
query's finds it (multi-index hashing: Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index
hashing", CVPR 2012). More than that: around the ring of parts there is one that keeps to its share and that keeps,
together with the next, to the share of both (Qin, Xiao, "Pigeonring", VLDB 2018). So an entry carries, beside the row,
12 bits of the next part, and of the rows that look alike in one part few need to be read.

The shares: with d[i] the bits by which part i differs and d[0] + ... + d[15] <= radius, whole numbers t[i] that add up
to radius - 15 make the sum of d[i] - t[i] - 1 negative. Begin after the place where its running sum is greatest for
the last time: from there every running sum is negative, so d[i] <= t[i] and d[i] + d[i + 1] <= t[i] + t[i + 1] + 1.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.index.owners import NOBODY
from matcher.index.scan import bit_count

PARTS = 16
VALUES = 1 << 16
"""Of a part."""
MAX_ROWS = 1 << 20
"""As many as an entry has bits for."""
MAX_RADIUS_BITS = 63
"""Up to here a part's share is three bits."""
_MOST_FLIPS = 3
_AHEAD = 8

_part_mask = np.uint64(VALUES - 1)
_row_bits = np.uint32(20)
_row_mask = np.uint32(MAX_ROWS - 1)
_next_mask = np.uint64(0xFFF)
_one = np.uint64(1)

_flips = np.array(
    [
        sum(1 << bit for bit in bits)
        for number in range(_MOST_FLIPS + 1)
        for bits in combinations(range(16), number)
    ],
    dtype=np.uint64,
)
"""What to flip in a part, the fewest bits first."""
_flips_below = np.cumsum([0, *(comb(16, number) for number in range(_MOST_FLIPS + 1))])
"""How many of them are of fewer bits."""


def lookups(radius_bits: int) -> int:
    """How many values a query looks up."""
    return sum(int(_flips_below[max(_share(radius_bits, part) + 1, 0)]) for part in range(PARTS))


def _share(radius_bits: int, part: int) -> int:
    total = radius_bits - PARTS + 1
    return total // PARTS + (part < total % PARTS)


@intrinsic
def prefetch(typing_context: Any, array: Any, at: Any) -> Any:
    """Ask the memory for one element of a one-dimensional array: its latency is most of a lookup's time."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: list[ir.Value]) -> ir.Value:
        kind = signature.args[0]
        view = context.make_array(kind)(context, builder, arguments[0])
        address = cgutils.get_item_pointer(context, builder, kind, view, [arguments[1]], wraparound=False)
        address = builder.bitcast(address, ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        hint = builder.module.declare_intrinsic(
            "llvm.prefetch",
            [address.type],
            ir.FunctionType(ir.VoidType(), [address.type, number, number, number]),
        )
        builder.call(hint, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@njit(nogil=True)
def _part(bits: NDArray[np.uint64], part: int) -> np.uint64:
    return np.uint64((bits[part >> 2] >> np.uint64((part & 3) << 4)) & _part_mask)


@compiled(types.void(types.uint64[:, ::1], types.uint32[:, ::1], types.uint32[:, ::1]), nogil=True)
def build(words: NDArray[np.uint64], starts: NDArray[np.uint32], entries: NDArray[np.uint32]) -> None:
    """Fill the tables of `words` (rows x 4): `starts` is 16 x 65,537, `entries` 16 x rows.

    The rows whose part has a value are in the entries from its start to the next one's.
    """
    for part in range(PARTS):
        start, entry = starts[part], entries[part]
        start[:] = 0
        for row in range(len(words)):
            start[_part(words[row], part)] += np.uint32(1)
        # Each value's end, which becomes its start as the entries are filled in from behind.
        for value in range(VALUES):
            start[value + 1] += start[value]
        for row in range(len(words) - 1, -1, -1):
            value = _part(words[row], part)
            start[value] -= np.uint32(1)
            following = np.uint32(_part(words[row], (part + 1) % PARTS) & _next_mask)
            entry[start[value]] = (following << _row_bits) | np.uint32(row)


@njit(nogil=True)
def distance_bits(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> np.uint64:
    """How many bits two rows of four words differ by."""
    apart: np.uint64 = (
        bit_count(one[0] ^ other[0])
        + bit_count(one[1] ^ other[1])
        + bit_count(one[2] ^ other[2])
        + bit_count(one[3] ^ other[3])
    )
    return apart


@njit(nogil=True, inline="never")
def _found_before(
    one: NDArray[np.uint64], other: NDArray[np.uint64], part: int, least: int, larger: int
) -> bool:
    # By the table of an earlier part.
    for earlier in range(part):
        following = earlier + 1
        share = least + int(earlier < larger)
        both = share + least + int(following < larger) + 1
        differing = bit_count(_part(one, earlier) ^ _part(other, earlier))
        next_differing = bit_count((_part(one, following) ^ _part(other, following)) & _next_mask)
        if differing <= share and differing + next_differing <= both:
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
        types.int64[:, ::1],
    ),
    nogil=True,
)
def probe(
    words: NDArray[np.uint64],
    starts: NDArray[np.uint32],
    entries: NDArray[np.uint32],
    queries: NDArray[np.uint64],
    radius_bits: int,
    most: int,
    found: NDArray[np.int64],
) -> int:
    """Write (query, row, distance) of every pair within `radius_bits` (63 at most) into `found`; returns the number.

    Where more pairs are near than `found` has rows, the rest is only counted. It is -1 where more than `most` entries
    would have to be looked at: many hashes alike in a part are better scanned. `queries` is n x 4.
    """
    total = radius_bits - PARTS + 1
    least, larger = total // PARTS, total % PARTS
    bounds = np.empty((len(_flips), 2), dtype=np.int64)
    likely = np.empty(min(len(words), most), dtype=np.uint32)
    number = 0
    for query in range(len(queries)):
        asked = queries[query]
        for part in range(PARTS):
            share = least + int(part < larger)
            if share < 0:
                continue
            following = (part + 1) % PARTS
            both = share + least + int(following < larger) + 1
            value, next_bits = _part(asked, part), _part(asked, following) & _next_mask
            start, entry = starts[part], entries[part]
            keys = _flips_below[share + 1]
            for key in range(keys):
                bounds[key, 0] = start[value ^ _flips[key]]
                bounds[key, 1] = start[(value ^ _flips[key]) + _one]
                most -= bounds[key, 1] - bounds[key, 0]
            if most < 0:
                return -1
            count = 0
            for flips in range(share + 1):
                for key in range(_flips_below[flips], _flips_below[flips + 1]):
                    ahead = min(key + _AHEAD, keys - 1)
                    prefetch(entry, bounds[ahead, 0])
                    prefetch(entry, bounds[ahead, 0] + 16)
                    for place in range(bounds[key, 0], bounds[key, 1]):
                        likely[count] = entry[place] & _row_mask
                        differing = bit_count(np.uint64(entry[place] >> _row_bits) ^ next_bits)
                        count += int(differing <= both - flips)
            for at in range(count):
                row = likely[at]
                distance = distance_bits(words[row], asked)
                if distance <= radius_bits and not _found_before(words[row], asked, part, least, larger):
                    if number < len(found):
                        found[number, 0] = query
                        found[number, 1] = row
                        found[number, 2] = distance
                    number += 1
    return number


def _identical(
    words: NDArray[np.uint64],
    starts: NDArray[np.uint32],
    entries: NDArray[np.uint32],
    owners: NDArray[np.int64],
    wanted: NDArray[np.uint64],
    rows: NDArray[np.int64],
) -> None:
    """Write into `rows` which row that belongs to somebody has each of the wanted hashes (n x 4), or -1."""
    for at in range(len(wanted)):
        asked = wanted[at]
        part, fewest = 0, np.int64(len(words) + 1)
        for candidate in range(PARTS):
            value = _part(asked, candidate)
            number = np.int64(starts[candidate, value + _one]) - np.int64(starts[candidate, value])
            if number < fewest:
                part, fewest = candidate, number
        start = np.int64(starts[part, _part(asked, part)])
        rows[at] = -1
        for place in range(start, start + fewest):
            row = np.int64(entries[part, place] & _row_mask)
            if owners[row] != NOBODY and distance_bits(words[row], asked) == 0:
                rows[at] = row
                break


_identical_type = types.void(
    types.uint64[:, ::1],
    types.uint32[:, ::1],
    types.uint32[:, ::1],
    types.int64[::1],
    types.uint64[:, ::1],
    types.int64[::1],
)
identical = compiled(_identical_type)(_identical)
identical_released = compiled(_identical_type, nogil=True)(_identical)
"""The same, without the interpreter's lock: for more than a few hashes."""
