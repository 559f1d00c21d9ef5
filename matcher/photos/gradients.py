"""Which way a patch of a picture lies and what it looks like, both told by its gradients; compiled when imported.

Which way: the direction in which most edges grow lighter (Lowe, "Distinctive image features from scale-invariant
keypoints", IJCV 2004), by harmonics of their directions instead of a histogram. What it looks like: how much it grows
lighter to the right, to the left, down and up in 6 x 6 cells (as Bay, Ess, Tuytelaars, Van Gool, "SURF", CVIU 2008, and
Brown, Hua, Winder, "Discriminative learning of local image descriptors", PAMI 2011), of which 256 learned sums are told
apart by their signs (as Strecha, Bronstein, Bronstein, Fua, "LDAHash", PAMI 2012).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.compiled import compiled

Greys = NDArray[np.uint8]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_HALF, _SPREAD = 11, 5.0
"""How far around its corner edges tell the turn, and by how much less the further ones count, in points."""
_SMOOTH, _DIRECTIONS = 0.5, 32
"""How far to both sides each edge speaks, in radians, and of how many directions the best is taken."""

SAMPLES, STEP = 16, 1.7
"""Points of a patch in each direction, and how far apart they are in its level: turned any way, they reach 18.1 points."""
CELLS, CHANNELS = 6, 4
VALUES = CELLS * CELLS * CHANNELS
_INNER = SAMPLES - 2

_down, _across = np.mgrid[-_HALF : _HALF + 1, -_HALF : _HALF + 1]
_NEAR = np.where(
    _down**2 + _across**2 <= (_HALF + 0.5) ** 2, np.exp(-(_down**2 + _across**2) / (2 * _SPREAD**2)), 0
).astype(np.float32)
_ALONG = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
_WAVES = np.stack(
    [
        np.exp(-((number * _SMOOTH) ** 2) / 2) * wave(number * _ALONG)
        for number in (1, 2, 3)
        for wave in (np.cos, np.sin)
    ]
)

_WIDE = _INNER / CELLS
"""Of a cell, in differences between points."""
_weights = np.maximum(
    1 - abs(np.arange(_INNER)[None] - (np.arange(CELLS)[:, None] + 0.5) * _WIDE + 0.5) / _WIDE, 0
)
_weights /= _weights.sum(axis=1, keepdims=True)
_POOL = _weights.astype(np.float32)
"""How much each row, or column, of differences counts in each row, or column, of cells: between two cells in both."""
_FIRST = np.minimum(np.argmax(_POOL > 0, axis=1), _INNER - 5).astype(np.uint64)
_TAPS = np.stack([row[int(first) : int(first) + 5] for row, first in zip(_POOL, _FIRST, strict=True)])
"""The same of a cell from the first that counts on."""
_EDGE = 1 + 1 / 16
"""Points from the last of a level, in which a place may be that is read: between two of them, even when rounded."""

_places = np.arange(VALUES).reshape(CHANNELS, CELLS, CELLS)
UPSIDE_DOWN = _places[[0, 1, 3, 2], ::-1].ravel()
"""Of the values of a patch those of the same patch with its top down, in their order."""

BITS = 256
FILE = Path(__file__).with_name("descriptor.bin")
"""What bench/learn.py learned: of each of 256 sums the weights of 144 values, signed bytes, and then what each sum has to
exceed, little-endian floats of four bytes.
"""
_learned = FILE.read_bytes()
_WEIGHTS = np.frombuffer(_learned, dtype=np.int8, count=BITS * VALUES).reshape(BITS, VALUES)
WEIGHTS = np.ascontiguousarray(_WEIGHTS.T)
"""Values x bits. As bytes they are 36 kB and stay near the processor; as floats they would be read from further away each time."""
LIMITS = np.frombuffer(_learned, dtype="<f4", offset=BITS * VALUES).astype(np.float32)
_UPPER = np.flatnonzero(np.arange(VALUES) < UPSIDE_DOWN)
_LOWER = UPSIDE_DOWN[_UPPER]
_COMMON, _OPPOSITE = (
    (WEIGHTS[_UPPER].astype(np.float32) + sign * WEIGHTS[_LOWER].astype(np.float32)) / 2 for sign in (1, -1)
)

_AT_ONCE = 256
"""Patches of which the sums stay in the processor's cache."""

_1, _2, _3, _4 = (np.uint64(n) for n in (1, 2, 3, 4))
_COLUMNS, _LEAST = np.uint64(2 * _HALF + 1), np.float32(1e-6)
_SAMPLES, _INNERS, _CELLS, _CHANNELS, _TAP_COUNT = (
    np.uint64(n) for n in (SAMPLES, _INNER, CELLS, CHANNELS, 5)
)
_BITS, _VALUES, _QUARTERS, _WORDS, _WORD = (np.uint64(n) for n in (BITS, VALUES, VALUES // 4, BITS // 64, 64))

_greys = types.Array(types.uint8, 2, "C", readonly=True)
_longs = types.int64[::1]
_floats = types.float64[:, ::1]


@compiled(
    types.void(_greys, _longs, _longs, types.float64[::1]), nogil=True, fastmath=True, error_model="numpy"
)
def turns(level: Greys, across: Longs, down: Longs, found: Floats) -> None:
    """Write the direction in which most edges of each patch of a level that is blurred grow lighter, clockwise, in radians."""
    best_of = np.empty(_DIRECTIONS)
    for at in range(len(across)):
        c1 = s1 = c2 = s2 = c3 = s3 = np.float32(0)
        for row in range(np.uint64(2 * _HALF + 1)):
            y, x = np.uint64(down[at] - _HALF) + row, np.uint64(across[at] - _HALF - 1)
            above, here, below, near = level[y - _1, x:], level[y, x:], level[y + _1, x:], _NEAR[row]
            for column in range(_COLUMNS):
                right = np.float32(np.int32(here[column + _2]) - np.int32(here[column]))
                under = np.float32(np.int32(below[column + _1]) - np.int32(above[column + _1]))
                length = np.sqrt(right * right + under * under) + _LEAST
                one = near[column] / length
                twice, twice_s = right * right - under * under, (right + right) * under
                c1 += near[column] * right
                s1 += near[column] * under
                c2 += one * twice
                s2 += one * twice_s
                one /= length
                c3 += one * (twice * right - twice_s * under)
                s3 += one * (twice * under + twice_s * right)
        most = 0
        for direction in range(_DIRECTIONS):
            best_of[direction] = (
                c1 * _WAVES[0, direction] + s1 * _WAVES[1, direction] + c2 * _WAVES[2, direction]
                + s2 * _WAVES[3, direction] + c3 * _WAVES[4, direction] + s3 * _WAVES[5, direction]
            )  # fmt: skip
            if best_of[direction] > best_of[most]:
                most = direction
        one, two, three = best_of[most - 1], best_of[most], best_of[(most + 1) % _DIRECTIONS]
        bow = one - 2 * two + three
        turn = _ALONG[most] + ((one - three) / (2 * bow) * _ALONG[1] if bow < 0 else 0.0)
        found[at] = turn if turn >= 0 else turn + 2 * np.pi


@njit(nogil=True, fastmath=True, error_model="numpy")
def values_at(level: Greys, x: float, y: float, axes: Floats, patch: Singles, found: Singles) -> bool:
    """Write the 144 values of the patch around x, y of a level that is blurred. What a step to the right and one down in
    the patch are in the level is in `axes`. False where it is not all in the level. `patch` is room for the patch and one
    row more.
    """
    height, width = level.shape
    reach = STEP * (SAMPLES - 1) / 2
    wide, high = reach * (abs(axes[0]) + abs(axes[2])), reach * (abs(axes[1]) + abs(axes[3]))
    if not (wide <= x < width - _EDGE - wide and high <= y < height - _EDGE - high):
        return False
    _sample(level, x - reach * (axes[0] + axes[2]), y - reach * (axes[1] + axes[3]), axes, patch)
    _pool(patch, found)
    total = np.float32(1e-3)
    for place in range(VALUES):
        total += found[place]
    for place in range(VALUES):
        found[place] = np.sqrt(found[place] / total)
    return True


@njit(nogil=True, fastmath=True, error_model="numpy")
def _sample(level: Greys, left_x: float, top_y: float, axes: Floats, patch: Singles) -> None:
    width, flat = np.int32(level.shape[1]), level.reshape(-1)
    step_x, step_y = np.float32(STEP * axes[0]), np.float32(STEP * axes[1])
    starts, corners = np.empty(SAMPLES, dtype=np.int32), np.empty((4, SAMPLES), dtype=np.uint8)
    rights, downs = np.empty(SAMPLES, dtype=np.float32), np.empty(SAMPLES, dtype=np.float32)
    for row in range(_SAMPLES):
        start_x = np.float32(left_x + row * STEP * axes[2])
        start_y = np.float32(top_y + row * STEP * axes[3])
        # Three loops, as only what reads no bytes from here and there becomes vectors.
        for column in range(_SAMPLES):
            px, py = start_x + np.float32(column) * step_x, start_y + np.float32(column) * step_y
            left, top = np.int32(px), np.int32(py)
            rights[column], downs[column] = px - np.float32(left), py - np.float32(top)
            starts[column] = top * width + left
        for column in range(_SAMPLES):
            at = np.uint64(starts[column])
            under = at + np.uint64(width)
            corners[0, column], corners[1, column] = flat[at], flat[at + _1]
            corners[2, column], corners[3, column] = flat[under], flat[under + _1]
        for column in range(_SAMPLES):
            a, b = np.float32(corners[0, column]), np.float32(corners[1, column])
            c, d = np.float32(corners[2, column]), np.float32(corners[3, column])
            above, below = a + (b - a) * rights[column], c + (d - c) * rights[column]
            patch[row, column] = above + (below - above) * downs[column]


@njit(nogil=True, fastmath=True, error_model="numpy")
def _pool(patch: Singles, found: Singles) -> None:
    flat, zero, down = patch.reshape(-1), np.float32(0), _SAMPLES
    # Rows as long as those of the patch: the last two differences of each reach into the next row, and count for no cell.
    edges = np.empty((CHANNELS, _INNER * SAMPLES), dtype=np.float32)
    right, left, under, over = edges[0], edges[1], edges[2], edges[3]
    for at in range(np.uint64(_INNER * SAMPLES)):
        one = flat[at + down + _2] - flat[at + down]
        right[at], left[at] = max(one, zero), max(-one, zero)
    for at in range(np.uint64(_INNER * SAMPLES)):
        one = flat[at + down + down + _1] - flat[at + _1]
        under[at], over[at] = max(one, zero), max(-one, zero)
    line = np.empty(SAMPLES, dtype=np.float32)
    for channel in range(_CHANNELS):
        for cell in range(_CELLS):
            rows, taps = edges[channel][_FIRST[cell] * down :], _TAPS[cell]
            for column in range(_SAMPLES):
                one = zero
                for tap in range(_TAP_COUNT):
                    one += taps[tap] * rows[tap * down + column]
                line[column] = one
            start = (channel * _CELLS + cell) * _CELLS
            for lane in range(_CELLS):
                one = zero
                for tap in range(_TAP_COUNT):
                    one += _TAPS[lane, tap] * line[_FIRST[lane] + tap]
                found[start + lane] = one


@compiled(
    types.void(_greys, _floats, _floats, types.float32[:, ::1], types.boolean[::1]),
    nogil=True, fastmath=True, error_model="numpy",
)  # fmt: skip
def values(level: Greys, places: Floats, axes: Floats, found: Singles, is_inside: NDArray[np.bool_]) -> None:
    """The same of n places (n x 2) with their axes (n x 4) into `found` (n x 144)."""
    patch = np.zeros((SAMPLES + 1, SAMPLES), dtype=np.float32)
    for at in range(len(places)):
        is_inside[at] = values_at(level, places[at, 0], places[at, 1], axes[at], patch, found[at])


def bits_of(some: Singles) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The descriptors (n x 32 bytes) of patches with these values (n x 144), and of the same patches with their tops down."""
    here, upside_down = (np.empty((len(some), BITS // 8), dtype=np.uint8) for _ in range(2))
    for start in range(0, len(some), _AT_ONCE):
        block = slice(start, start + _AT_ONCE)
        ones, others = some[block, _UPPER], some[block, _LOWER]
        # Of what both have in common and of what is opposite half as much is to be multiplied as of each by itself.
        common, opposite = (ones + others) @ _COMMON - LIMITS, (ones - others) @ _OPPOSITE
        here[block] = np.packbits(common > -opposite, axis=1, bitorder="little")
        upside_down[block] = np.packbits(common > opposite, axis=1, bitorder="little")
    return here, upside_down


@njit(nogil=True, fastmath=True, error_model="numpy")
def words_at(
    some: Singles, weights: NDArray[np.int8], limits: Singles, sums: Singles, words: NDArray[np.uint64]
) -> None:
    """The descriptor of one patch with these values, as four words whose first bits are the lowest."""
    for bit in range(_BITS):
        sums[bit] = -limits[bit]
    # Four values at once, as what is read and written of the sums takes longer than to add to them.
    for quarter in range(_QUARTERS):
        at = _4 * quarter
        a, b, c, d = some[at], some[at + _1], some[at + _2], some[at + _3]
        of_a, of_b, of_c, of_d = weights[at], weights[at + _1], weights[at + _2], weights[at + _3]
        for bit in range(_BITS):
            sums[bit] += (a * of_a[bit] + b * of_b[bit]) + (c * of_c[bit] + d * of_d[bit])
    for word in range(_WORDS):
        bits = np.uint64(0)
        for bit in range(_WORD):
            bits |= np.uint64(sums[_WORD * word + bit] > 0) << bit
        words[word] = bits
