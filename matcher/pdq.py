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

_SWAPPED_BY_ROUNDING = 0.45
"""Of differences between two coefficients: of 849 JPEGs of 1280 points none then has more than two other bits."""

_MADE_BACK = 32
"""Samples a side, twice as many as coefficients: their gradients tell where the contrast is that a hash keeps."""
_PLACES = 8
_LEAST_STRUCTURE = 4
_LEAST_VARIED = 50

_CACHED_SIDES = 512
_LONGEST_CACHED_SIDE = 4096
"""A matrix of such a side takes 18 bytes a value, so all cached ones together stay under 40 MiB."""
_FEW_ROWS, _LONG_SIDE = 4, 400
"""The more rows are multiplied at once, the more zeros are; but many small products have their price."""


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
    return _flips(_along(_down(_both_ways(height, shrunk), luma), _both_ways(width, shrunk)))


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
        height_and_shrunk = part.bottom - part.top, shrunk
        rows = _both_ways(*height_and_shrunk) if wants_all else _forwards(*height_and_shrunk)
        columns = _both_ways(part.right - part.left, shrunk)
        if above[part_columns] >= height:
            if part_columns not in across:
                across[part_columns] = _along(luma[:, slice(*part_columns)], columns)
            both = _down(rows, across[part_columns][slice(*part_rows)])
        elif beside[part_rows] >= width:
            if part_rows not in down:
                down[part_rows] = _down(_both_ways(*height_and_shrunk), luma[slice(*part_rows)])
            both = _along(down[part_rows][:: 1 if wants_all else 2, slice(*part_columns)], columns)
        else:
            both = _along(_down(rows, luma[slice(*part_rows), slice(*part_columns)]), columns)
        found.append(_flips(both))
    return found


def _flips(both: Floats) -> Samples:
    """Of a product with every second column backwards and, unless only two flips are wanted, every second row."""
    forwards, backwards = slice(None, None, 2), slice(None, None, -2)
    upright = both if len(both) == SIDE else both[forwards]
    halves = [upright[:, forwards], upright[:, backwards]]
    if len(both) > SIDE:
        halves += [both[backwards, backwards], both[backwards, forwards]]
    return Samples(np.stack(halves))


def _flat(flips: int) -> Samples:
    return Samples(np.zeros((flips, SIDE, SIDE), dtype=np.float32))


def quality(samples: Floats) -> int:
    """How much structure 64 x 64 samples have, 0 to 100: the reference's sum of coarse gradients."""
    return min(int(sum(step.sum() for step in _steps(samples))) // 90, 100)


def qualities_of(pictures: Sequence[Samples]) -> list[int]:
    """The quality of each; but where only a part of it has structure, the percentage of its places that have some.

    A single line on a blank page has the highest quality, and the hash of any other such page. Places are the 8 x 8
    blocks of 8 x 8 samples; one has structure where its gradients add up to 4 or more.
    """
    gradients = np.zeros((len(pictures), SIDE, SIDE), dtype=np.float32)
    across, down = _steps(np.stack([picture.upright for picture in pictures]))
    gradients[:, :, 1:] += across
    gradients[:, 1:] += down
    # Sums of whole numbers: no order of adding makes them others.
    places = gradients.reshape(-1, _PLACES, SIDE // _PLACES, SIDE).sum(axis=2)
    places = places.reshape(-1, _PLACES, _PLACES, SIDE // _PLACES).sum(axis=3)
    varied = 100 * (places >= _LEAST_STRUCTURE).sum(axis=(1, 2)) // (_PLACES * _PLACES)
    found = np.minimum(places.sum(axis=(1, 2)).astype(np.int64) // 90, 100)
    return [int(one) for one in np.where(varied >= _LEAST_VARIED, found, np.minimum(found, varied))]


def _steps(samples: Floats) -> tuple[Floats, Floats]:
    percent = samples * np.float32(100 / 255)
    across, down = percent[..., 1:] - percent[..., :-1], percent[..., 1:, :] - percent[..., :-1, :]
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
    """Some rows of a matrix, and the only values (`start` to `end`) that they are not zero for."""

    rows: slice
    start: int
    end: int
    weights: Floats


_Matrix = tuple[_Band, ...]
"""Filters a side twice with the reference's box and takes 64 samples."""


def _down(matrix: _Matrix, values: Floats) -> Floats:
    """The product of the matrix and the values."""
    product = np.empty((matrix[-1].rows.stop, values.shape[1]), dtype=np.float32)
    for band in matrix:
        np.matmul(band.weights, values[band.start : band.end], out=product[band.rows])
    return product


def _along(values: Floats, matrix: _Matrix) -> Floats:
    """The product of the values and the matrix turned over its diagonal."""
    product = np.empty((len(values), matrix[-1].rows.stop), dtype=np.float32)
    for band in matrix:
        np.matmul(values[:, band.start : band.end], band.weights.T, out=product[:, band.rows])
    return product


def _forwards(length: int, shrunk: int) -> _Matrix:
    """Of 64 rows, one a sample."""
    return _matrix(length, shrunk, False)


def _both_ways(length: int, shrunk: int) -> _Matrix:
    """Of 128 rows: beside each sample that which, were the side read backwards, would be taken at the same place.

    So every second row from the first is the samples in order, and every second one from the last those of the side
    read backwards. What lies at one place is multiplied at once, which takes half the time.
    """
    return _matrix(length, shrunk, True)


def _matrix(length: int, shrunk: int, is_both_ways: bool) -> _Matrix:
    # A run of panoramas of ever new lengths would otherwise fill the memory that the next picture needs.
    if length * shrunk <= _LONGEST_CACHED_SIDE:
        return _common_matrix(length, shrunk, is_both_ways)
    return _new_matrix(length, shrunk, is_both_ways)


@lru_cache(maxsize=_CACHED_SIDES)
def _common_matrix(length: int, shrunk: int, is_both_ways: bool) -> _Matrix:
    return _new_matrix(length, shrunk, is_both_ways)


def _new_matrix(means: int, shrunk: int, is_both_ways: bool) -> _Matrix:
    """That for a side of so many means, each of `shrunk` values."""
    length = means * shrunk
    window = -(-length // (2 * SIDE))
    ahead = (window + 2) // 2
    places = np.arange(length)
    starts, ends = np.maximum(places + ahead - window, 0), np.minimum(places + ahead, length)
    # A box holds the mean of what is in it, less at the ends of the side; sums up to each place tell it of any run of boxes.
    sums = np.concatenate(([0.0], np.cumsum(1 / (ends - starts))))
    samples = ((np.arange(SIDE) + 0.5) * length / SIDE).astype(int)
    first, last = starts[samples, None], ends[samples, None]
    lowest = np.maximum(first + ahead - window, 0) // shrunk
    reach = 2 * window // shrunk + 2
    values = lowest * shrunk + np.arange(reach * shrunk)
    # Of the boxes that a sample is the mean of, those from `own` to `beyond` reach over a value.
    own = np.minimum(np.maximum(first, values - ahead + 1), last)
    beyond = np.maximum(np.minimum(last, values - ahead + window + 1), own)
    weights = ((sums[beyond] - sums[own]) / (last - first)).reshape(SIDE, reach, shrunk).sum(axis=2)
    whole = np.zeros((SIDE, means + reach), dtype=np.float32)
    whole[np.arange(SIDE)[:, None], lowest + np.arange(reach)] = weights
    matrix = whole[:, :means]
    if is_both_ways:
        matrix = np.stack([matrix, matrix[::-1, ::-1]], axis=1).reshape(2 * SIDE, means)
    bands = []
    rows_of_band = _FEW_ROWS if means > _LONG_SIDE else 2 * _FEW_ROWS
    for row in range(0, len(matrix), rows_of_band):
        rows = slice(row, row + rows_of_band)
        weighed = np.flatnonzero(matrix[rows].any(axis=0))
        start, end = int(weighed[0]), int(weighed[-1]) + 1
        bands.append(_Band(rows, start, end, matrix[rows, start:end].copy()))
    return tuple(bands)


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
