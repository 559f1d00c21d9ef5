"""Pairs of descriptors that are near, compiled when this module is imported."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matcher.scan import bit_count

_RATIO = 0.85


@njit(nogil=True)
def nearest(
    posted: NDArray[np.uint64], registered: NDArray[np.uint64], radius_bits: int
) -> NDArray[np.int64]:
    """For each registered descriptor (m x 4) the posted one (n x 4) that is nearest, if it is within the radius and
    clearly nearer than the next: pairs x 2, the posted one first.
    """
    pairs = np.empty((len(registered), 2), dtype=np.int64)
    number = 0
    for row in range(len(registered)):
        best, second, at = 257, 257, -1
        for query in range(len(posted)):
            distance = 0
            for word in range(4):
                distance += bit_count(posted[query, word] ^ registered[row, word])
            if distance < best:
                best, second, at = distance, best, query
            elif distance < second:
                second = distance
        if best <= radius_bits and best < _RATIO * second:
            pairs[number, 0], pairs[number, 1] = at, row
            number += 1
    return pairs[:number]
