"""PDQ, the 256-bit perceptual hash of facebook/ThreatExchange (`pdq/cpp/hashing/pdqhashing.cpp`), as two matrices.

The reference filters twice with a box (a Jarosz filter), takes 64 x 64 samples, and keeps the signs of 16 x 16 DCT
coefficients against their median. Filtering and sampling are linear and separable, so they are `rows @ luma @ cols.T`
with one fixed matrix a side length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import Orientation

Floats = NDArray[np.float32]

SIDE = 64
COEFFICIENTS = 16
_MEDIAN_RANK = COEFFICIENTS * COEFFICIENTS // 2 - 1
SHORTEST_SIDE = 5
"""The reference hashes nothing with a shorter side: its hash is all zeros, its quality 0."""

_CACHED_SIDES = 64
_LONGEST_CACHED_SIDE = 4096
"""A matrix takes 512 bytes a pixel of its side, so all cached ones together stay under 128 MiB."""


@dataclass(frozen=True)
class Samples:
    """The 64 x 64 float32 samples of a picture, and of the picture mirrored and turned over.

    Mirroring after sampling is not the same, because the reference's box and sampling points are not symmetric:
    it moves up to 30 bits, which is all of the match radius.
    """

    upright: Floats
    mirrored: Floats
    upside_down: Floats
    """Turned over: the top is the bottom, left stays left."""
    turned: Floats
    """Turned by 180 degrees."""


def reduce(luma: Floats) -> Samples:
    """Sample a picture, given its luma (height x width, 0 to 255)."""
    height, width = luma.shape
    if min(height, width) < SHORTEST_SIDE:
        flat = np.zeros((SIDE, SIDE), dtype=np.float32)
        return Samples(flat, flat, flat, flat)
    rows, columns = _reduction(height), _reduction(width)
    if height >= width:  # the longer side first: less to multiply in the second step
        both = np.matmul(np.matmul(rows, luma, dtype=np.float32), columns.T, dtype=np.float32)
    else:
        both = np.matmul(rows, np.matmul(luma, columns.T, dtype=np.float32), dtype=np.float32)
    return Samples(both[:SIDE, :SIDE], both[:SIDE, SIDE:], both[SIDE:, :SIDE], both[SIDE:, SIDE:])


def quality(samples: Floats) -> int:
    """How much structure 64 x 64 samples have, 0 to 100: the reference's sum of coarse gradients."""
    steps = 0
    for axis in (0, 1):
        difference = np.diff(samples, axis=axis) * np.float32(100) / np.float32(255)
        steps += int(np.abs(np.trunc(difference)).sum())
    return min(steps // 90, 100)


def hashes(samples: Samples) -> list[tuple[Orientation, bytes]]:
    """The 32-byte hash of the picture in each of its eight orientations, the upright one first.

    The hash beside `TURNED_90`, say, is what the picture would have if it were turned back by 90 degrees, so it
    equals the hash of a registered picture of which this one is a copy turned by 90.
    """
    turned_back = {
        Orientation.UPRIGHT: samples.upright,
        Orientation.TURNED_90: samples.mirrored.T,
        Orientation.TURNED_180: samples.turned,
        Orientation.TURNED_270: samples.upside_down.T,
        Orientation.MIRRORED: samples.mirrored,
        Orientation.MIRRORED_TURNED_90: samples.turned.T,
        Orientation.MIRRORED_TURNED_180: samples.upside_down,
        Orientation.MIRRORED_TURNED_270: samples.upright.T,
    }
    coefficients = (_DCT @ np.stack(list(turned_back.values())) @ _DCT.T).reshape(len(turned_back), -1)
    medians = np.partition(coefficients, _MEDIAN_RANK, axis=1)[:, _MEDIAN_RANK, None]
    # The reference writes coefficient 0 into the lowest bit; as bytes that is the last one.
    packed = np.packbits((coefficients > medians)[:, ::-1], axis=1)
    return [(orientation, row.tobytes()) for orientation, row in zip(turned_back, packed, strict=True)]


def _reduction(length: int) -> Floats:
    # A run of panoramas of ever new lengths would otherwise fill the memory that the next picture needs.
    return _common_reduction(length) if length <= _LONGEST_CACHED_SIDE else _new_reduction(length)


@lru_cache(maxsize=_CACHED_SIDES)
def _common_reduction(length: int) -> Floats:
    return _new_reduction(length)


def _new_reduction(length: int) -> Floats:
    """The matrix (128 x length) that filters twice with the reference's box and takes 64 samples.

    Its lower half reads the side backwards.
    """
    window = -(-length // (2 * SIDE))
    ahead = (window + 2) // 2
    centres = np.arange(length)
    starts = np.maximum(centres + ahead - window, 0)
    ends = np.minimum(centres + ahead, length)
    weights = 1.0 / (ends - starts)
    matrix = np.zeros((SIDE, length))
    for row, sample in enumerate(((np.arange(SIDE) + 0.5) * length / SIDE).astype(int)):
        for inner in range(starts[sample], ends[sample]):
            matrix[row, starts[inner] : ends[inner]] += weights[sample] * weights[inner]
    return np.concatenate([matrix, matrix[:, ::-1]]).astype(np.float32)


def _dct() -> Floats:
    """The rows 1 to 16 of the 64-point DCT (16 x 64); row 0, the brightness, is left out."""
    frequency = np.arange(1, COEFFICIENTS + 1)[:, None]
    position = np.arange(SIDE)[None, :]
    waves = np.cos(np.pi / 2 / SIDE * frequency * (2 * position + 1)) * np.sqrt(2 / SIDE)
    return np.asarray(waves, dtype=np.float32)


_DCT = _dct()
