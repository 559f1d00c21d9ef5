"""PDQ, the 256-bit perceptual hash of facebook/ThreatExchange (`pdq/cpp/hashing/pdqhashing.cpp`), as two matrices.

The reference filters twice with a box (a Jarosz filter), takes 64 x 64 samples, and keeps the signs of 16 x 16 DCT
coefficients against their median. Filtering and sampling are linear and separable, so they are `rows @ luma @ cols.T`
with one fixed matrix a side length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import Orientation

Floats = NDArray[np.float32]

SIDE = 64
COEFFICIENTS = 16
_MEDIAN_RANK = COEFFICIENTS * COEFFICIENTS // 2 - 1
SHORTEST_SIDE = 5
"""The reference hashes nothing with a shorter side: its hash is all zeros, its quality 0."""

_SWAPPED_BY_ROUNDING = 0.5
"""Of differences between two coefficients; measured over wallpapers of 640 and 1280 points."""

_MADE_BACK = 32
"""Samples a side, twice as many as coefficients: their gradients tell where the contrast is that a hash keeps."""
_PLACES = 8
_LEAST_STRUCTURE = 4
_LEAST_VARIED = 50

_CACHED_SIDES = 64
_LONGEST_CACHED_SIDE = 4096
"""A matrix takes 512 bytes a pixel of its side, so all cached ones together stay under 128 MiB."""
_ROWS_OF_BAND = 4
_LEAST_WEIGHT = 1e-9
"""Of what a running sum leaves where it should be zero."""


@dataclass(frozen=True)
class Samples:
    """The 64 x 64 float32 samples of a picture, and of the picture flipped: 2 or 4 of them, n x 64 x 64.

    They are upright, mirrored and, unless they were not wanted, turned by 180 degrees and turned over (the top is the
    bottom, left stays left). Mirroring after sampling is not the same, because the reference's box and sampling points
    are not symmetric: it moves up to 30 bits, which is all of the match radius.
    """

    flips: Floats

    @property
    def upright(self) -> Floats:
        """The first of them."""
        upright: Floats = self.flips[0]
        return upright


class Box(Protocol):
    """A rectangle of values: rows `top` to `bottom`, columns `left` to `right`, the ends not included."""

    @property
    def top(self) -> int: ...
    @property
    def bottom(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def right(self) -> int: ...


def reduce(luma: Floats, shrunk: int = 1) -> Samples:
    """Sample a picture, given its luma (height x width, 0 to 255), in all four flips.

    `shrunk` says of how many pixels a side each value is the mean. The samples are then near to those of the picture
    before it was shrunk: its own matrices are applied, as far as means can tell.
    """
    height, width = luma.shape
    if min(height, width) * shrunk < SHORTEST_SIDE:
        return _flat(4)
    # A sample is made of few rows and columns, so most of a product of whole matrices would be zeros.
    across = np.empty((2 * SIDE, width), dtype=np.float32)
    for band in _bands(height, shrunk):
        np.matmul(band.weights, luma[band.start : band.end], out=across[band.rows])
    both = np.empty((2 * SIDE, 2 * SIDE), dtype=np.float32)
    for band in _bands(width, shrunk):
        np.matmul(across[:, band.start : band.end], band.weights.T, out=both[:, band.rows])
    return _flips(both)


def reduce_parts(luma: Floats, parts: Sequence[tuple[Box, bool]], shrunk: int = 1) -> list[Samples]:
    """Sample parts of a picture, as `reduce` would sample each; those with a False in two flips only.

    What parts side by side or above one another have in common is multiplied once.
    """
    height, width = luma.shape
    beside: Counter[tuple[int, int]] = Counter()
    above: Counter[tuple[int, int]] = Counter()
    for part, _ in parts:
        above[part.left, part.right] += part.bottom - part.top
        beside[part.top, part.bottom] += part.right - part.left
    across: dict[tuple[int, int], Floats] = {}
    down: dict[tuple[int, int], Floats] = {}
    found = []
    for part, wants_all in parts:
        part_rows, part_columns = (part.top, part.bottom), (part.left, part.right)
        if min(part.bottom - part.top, part.right - part.left) * shrunk < SHORTEST_SIDE:
            found.append(_flat(4 if wants_all else 2))
            continue
        rows = _reduction(part.bottom - part.top, shrunk)[: None if wants_all else SIDE]
        columns = _reduction(part.right - part.left, shrunk)
        if above[part_columns] >= height:
            if part_columns not in across:
                across[part_columns] = np.matmul(luma[:, slice(*part_columns)], columns.T, dtype=np.float32)
            both = np.matmul(rows, across[part_columns][slice(*part_rows)], dtype=np.float32)
        elif beside[part_rows] >= width:
            if part_rows not in down:
                all_rows = _reduction(part.bottom - part.top, shrunk)
                down[part_rows] = np.matmul(all_rows, luma[slice(*part_rows)], dtype=np.float32)
            some = down[part_rows][: len(rows), slice(*part_columns)]
            both = np.matmul(some, columns.T, dtype=np.float32)
        else:
            values = luma[slice(*part_rows), slice(*part_columns)]
            both = np.matmul(np.matmul(rows, values, dtype=np.float32), columns.T, dtype=np.float32)
        found.append(_flips(both))
    return found


def _flips(both: Floats) -> Samples:
    halves = [both[:SIDE, :SIDE], both[:SIDE, SIDE:]]
    if len(both) > SIDE:
        halves += [both[SIDE:, SIDE:], both[SIDE:, :SIDE]]
    return Samples(np.stack(halves))


def _flat(flips: int) -> Samples:
    return Samples(np.zeros((flips, SIDE, SIDE), dtype=np.float32))


def quality(samples: Floats) -> int:
    """How much structure 64 x 64 samples have, 0 to 100: the reference's sum of coarse gradients."""
    return min(int(sum(step.sum() for step in _steps(samples))) // 90, 100)


def usable_quality(samples: Floats) -> int:
    """The quality; but where only a part of the picture has structure, the percentage of its places that have some.

    A single line on a blank page has the highest quality, and the hash of any other such page. Places are the 8 x 8
    blocks of 8 x 8 samples; one has structure where its gradients add up to 4 or more.
    """
    across, down = _steps(samples)
    gradients = np.zeros((SIDE, SIDE), dtype=np.float32)
    gradients[:, 1:] += across
    gradients[1:] += down
    places = gradients.reshape(_PLACES, SIDE // _PLACES, _PLACES, SIDE // _PLACES).sum(axis=(1, 3))
    varied = 100 * int((places >= _LEAST_STRUCTURE).sum()) // (_PLACES * _PLACES)
    found = min(int(across.sum() + down.sum()) // 90, 100)
    return found if varied >= _LEAST_VARIED else min(found, varied)


def _steps(samples: Floats) -> tuple[Floats, Floats]:
    percent = samples * np.float32(100 / 255)
    across, down = percent[:, 1:] - percent[:, :-1], percent[1:] - percent[:-1]
    for step in (across, down):
        np.abs(np.trunc(step, out=step), out=step)
    return across, down


def hashes(samples: Samples) -> list[tuple[Orientation, bytes]]:
    """The 32-byte hash of the picture in each of its eight orientations, the upright one first."""
    [found] = hashes_of([samples])
    return found


def spreads_of(pictures: Sequence[Samples]) -> list[int]:
    """Over how much of each picture the contrast is spread that a hash keeps of it, in percent.

    The smaller of two: over how much of its area, and over twice how much of the coefficients, since those of a photograph
    are spread over half of them. Of n values it is (sum v)^2 / (n sum v^2): 100 where they are all the same, and about the share
    of them that are not zero where the others are. It is the sparseness of Hoyer ("Non-negative matrix factorization
    with sparseness constraints", 2004) without its roots. Over the area v are the gradients of the picture that is made back
    from the coefficients, and else the gradients' coefficients. Of a flat picture it means nothing.
    """
    coefficients = _DCT @ np.stack([picture.upright for picture in pictures]) @ _DCT.T
    made_back = _BACK @ coefficients @ _BACK.T
    gradients = np.abs(np.diff(made_back, axis=2)[:, 1:]) + np.abs(np.diff(made_back, axis=1)[:, :, 1:])
    over = np.minimum(_spread(gradients), 2 * _spread(np.abs(coefficients) * _STEEPNESS))
    return [min(100, int(share)) for share in np.rint(100 * over)]


def _spread(values: Floats) -> Floats:
    """Of each row, over which share of it the values are spread."""
    values = values.reshape(len(values), -1)
    squares = values.shape[1] * (values**2).sum(axis=1)
    spread: Floats = values.sum(axis=1) ** 2 / np.maximum(squares, np.finfo(np.float32).tiny)
    return spread


def upright_hash(samples: Samples) -> bytes:
    """The hash of the picture as it stands, alone."""
    both = _DCT @ samples.upright @ _DCT.T
    bits = both > np.partition(both, _MEDIAN_RANK, axis=None)[_MEDIAN_RANK]
    return np.packbits(bits.reshape(-1)[::-1]).tobytes()


def hangs_on_rounding(samples: Samples) -> bool:
    """Whether more than two bits of the upright hash could be others, had the luma been rounded otherwise.

    A coefficient that rises above the median lets another one fall. For two such pairs, the second below the median
    has to pass the second above it, and where those two are far apart that does not happen.
    """
    coefficients = _DCT @ samples.upright @ _DCT.T
    second_below, second_above = _MEDIAN_RANK - 1, _MEDIAN_RANK + 2
    ranked = np.partition(coefficients, (second_below, second_above), axis=None)
    return bool(ranked[second_above] - ranked[second_below] < _SWAPPED_BY_ROUNDING)


def hashes_of(pictures: Sequence[Samples]) -> list[list[tuple[Orientation, bytes]]]:
    """The hashes of each picture: eight, as `hashes` gives them, or upright and mirrored where it has two flips.

    The hash beside `TURNED_90`, say, is what the picture would have if it were turned back by 90 degrees, so it
    equals the hash of a registered picture of which this one is a copy turned by 90.
    """
    flips = np.concatenate([picture.flips for picture in pictures])
    # One product for all rows, then one for all columns, is much quicker than two for each picture.
    across = (flips.reshape(-1, SIDE) @ _DCT.T).reshape(-1, SIDE, COEFFICIENTS)
    both = (across.transpose(0, 2, 1).reshape(-1, SIDE) @ _DCT.T).reshape(-1, COEFFICIENTS, COEFFICIENTS)
    # Columns come first in `both`.
    packed = _packed(both.transpose(0, 2, 1))
    found, first = [], 0
    for picture in pictures:
        number = len(picture.flips)
        wanted = _TURNED_BACK if number == 4 else _SIMPLE
        found.append([(name, packed[first + flip, over].tobytes()) for name, (flip, over) in wanted.items()])
        first += number
    return found


def hashes_through(samples: Samples, rows: Floats, columns: Floats) -> list[list[tuple[Orientation, bytes]]]:
    """The upright and the mirrored hash of `row @ samples @ column.T` for each of n matrices (n x 64 x 64)."""
    both = (_DCT @ rows)[:, None] @ samples.flips[:2] @ (_DCT @ columns)[:, None].transpose(0, 1, 3, 2)
    packed = _packed(both.reshape(-1, COEFFICIENTS, COEFFICIENTS)).reshape(len(rows), 2, 2, -1)
    return [[(name, row[place].tobytes()) for name, place in _SIMPLE.items()] for row in packed]


def _packed(coefficients: Floats) -> NDArray[np.uint8]:
    """Bits (n x 2 x 32 bytes) of coefficients (n x 16 x 16): of the picture, and of it turned over its diagonal."""
    medians = np.partition(coefficients.reshape(len(coefficients), -1), _MEDIAN_RANK, axis=1)[:, _MEDIAN_RANK]
    # Turning samples over their diagonal does it to the coefficients, too.
    greater = coefficients > medians[:, None, None]
    bits = np.stack([greater, greater.transpose(0, 2, 1)], axis=1)
    # The reference writes coefficient 0 into the lowest bit; as bytes that is the last one.
    return np.packbits(bits.reshape(len(coefficients), 2, -1)[..., ::-1], axis=-1)


_TURNED_BACK = {
    Orientation.UPRIGHT: (0, 0),
    Orientation.TURNED_90: (1, 1),
    Orientation.TURNED_180: (2, 0),
    Orientation.TURNED_270: (3, 1),
    Orientation.MIRRORED: (1, 0),
    Orientation.MIRRORED_TURNED_90: (2, 1),
    Orientation.MIRRORED_TURNED_180: (3, 0),
    Orientation.MIRRORED_TURNED_270: (0, 1),
}
"""Which flip, and whether over the diagonal (1), turns a picture of this orientation back."""
_SIMPLE = {Orientation.UPRIGHT: (0, 0), Orientation.MIRRORED: (1, 0)}


@dataclass(frozen=True)
class _Band:
    """Some rows of a reduction, and the only values (`start` to `end`) that they are not zero for."""

    rows: slice
    start: int
    end: int
    weights: Floats


def _bands(length: int, shrunk: int) -> tuple[_Band, ...]:
    if length * shrunk <= _LONGEST_CACHED_SIDE:
        return _common_bands(length, shrunk)
    return _new_bands(length, shrunk)


@lru_cache(maxsize=_CACHED_SIDES)
def _common_bands(length: int, shrunk: int) -> tuple[_Band, ...]:
    return _new_bands(length, shrunk)


def _new_bands(length: int, shrunk: int) -> tuple[_Band, ...]:
    matrix = _reduction(length, shrunk)
    bands = []
    for first in range(0, 2 * SIDE, _ROWS_OF_BAND):
        rows = matrix[first : first + _ROWS_OF_BAND]
        used = np.flatnonzero((rows > _LEAST_WEIGHT).any(axis=0))
        start, end = int(used[0]), int(used[-1]) + 1
        bands.append(_Band(slice(first, first + _ROWS_OF_BAND), start, end, rows[:, start:end].copy()))
    return tuple(bands)


def _reduction(length: int, shrunk: int) -> Floats:
    # A run of panoramas of ever new lengths would otherwise fill the memory that the next picture needs.
    if length * shrunk <= _LONGEST_CACHED_SIDE:
        return _common_reduction(length, shrunk)
    return _new_reduction(length, shrunk)


@lru_cache(maxsize=_CACHED_SIDES)
def _common_reduction(length: int, shrunk: int) -> Floats:
    return _new_reduction(length, shrunk)


def _new_reduction(means: int, shrunk: int) -> Floats:
    """The matrix (128 x means) that filters twice with the reference's box and takes 64 samples.

    Its lower half reads the side backwards.
    """
    length = means * shrunk
    window = -(-length // (2 * SIDE))
    ahead = (window + 2) // 2
    centres = np.arange(length)
    starts = np.maximum(centres + ahead - window, 0)
    ends = np.minimum(centres + ahead, length)
    weights = 1.0 / (ends - starts)
    samples = ((np.arange(SIDE) + 0.5) * length / SIDE).astype(int)
    # Each sample is a mean of means; where the inner boxes begin and end, its weights step up and down.
    inner = starts[samples][:, None] + np.arange(window)
    rows, places = np.nonzero(inner < ends[samples][:, None])
    inner = inner[rows, places]
    steps = weights[samples[rows]] * weights[inner]
    matrix = np.zeros((SIDE, length + 1))
    np.add.at(matrix, (rows, starts[inner]), steps)
    np.add.at(matrix, (rows, ends[inner]), -steps)
    matrix = matrix.cumsum(axis=1)[:, :length]
    folded = np.zeros((SIDE, means))
    for offset in range(shrunk):
        folded += matrix[:, offset::shrunk]
    return np.asarray(np.concatenate([folded, folded[:, ::-1]]), dtype=np.float32)


def _dct() -> Floats:
    """The rows 1 to 16 of the 64-point DCT (16 x 64); row 0, the brightness, is left out."""
    frequency = np.arange(1, COEFFICIENTS + 1)[:, None]
    position = np.arange(SIDE)[None, :]
    waves = np.cos(np.pi / 2 / SIDE * frequency * (2 * position + 1)) * np.sqrt(2 / SIDE)
    return np.asarray(waves, dtype=np.float32)


def _back() -> Floats:
    """The matrix (32 x 16) that makes half as many samples back, of the coefficients alone that a hash is made of."""
    frequency = np.arange(1, COEFFICIENTS + 1)[None, :]
    position = np.arange(_MADE_BACK)[:, None]
    waves = np.cos(np.pi / 2 / _MADE_BACK * frequency * (2 * position + 1)) * np.sqrt(2 / SIDE)
    return np.asarray(waves, dtype=np.float32)


_DCT = _dct()
_BACK = _back()
_STEEPNESS = np.hypot(*np.ogrid[1 : COEFFICIENTS + 1, 1 : COEFFICIENTS + 1]).astype(np.float32)
"""How steep the wave of each coefficient is, for its height."""
