"""Which pairs of features agree on one way to lay the registered photo into the posted picture; compiled when imported.

Two pairs give a similarity (turn, scale, shift). It counts only if the turns and sizes of both pairs of features say
nearly the same, so that few of all pairs of pairs need to be tried on the rest.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_TURN_OFF = 25 / 360 * 2 * np.pi
_SIZE_OFF = 0.7
_NEAR, _OF_SIZE = 0.003, 0.12
_LEAST_APART = 0.02


@njit(nogil=True)
def _angle_between(one: float, other: float) -> float:
    return abs((one - other + np.pi) % (2 * np.pi) - np.pi)


@njit(nogil=True)
def inliers(photo: _Floats, post: _Floats, a: float, b: float, tx: float, ty: float, found: _Ints) -> int:
    """Write which pairs agree with x' = a x - b y + tx, y' = b x + a y + ty into `found`; returns how many.

    `photo` and `post` are pairs x 4: across, down, size, turn.
    """
    scale, turn = np.hypot(a, b), np.arctan2(b, a)
    number = 0
    for at in range(len(photo)):
        across = a * photo[at, 0] - b * photo[at, 1] + tx - post[at, 0]
        down = b * photo[at, 0] + a * photo[at, 1] + ty - post[at, 1]
        size = max(post[at, 2], scale * photo[at, 2])
        near = _NEAR + _OF_SIZE * size
        if across * across + down * down > near * near:
            continue
        if _angle_between(post[at, 3] - photo[at, 3], turn) > _TURN_OFF:
            continue
        if abs(np.log2(post[at, 2] / (photo[at, 2] * scale))) > _SIZE_OFF:
            continue
        found[number] = at
        number += 1
    return number


@njit(nogil=True)
def similarity(photo: _Floats, post: _Floats, best: _Floats, kept: _Ints) -> int:
    """Write the similarity that most pairs agree with into `best` (a, b, tx, ty), and the pairs into `kept`."""
    number = len(photo)
    most = 0
    found = np.empty(number, dtype=np.int64)
    for i in range(number):
        for j in range(i + 1, number):
            dx, dy = photo[j, 0] - photo[i, 0], photo[j, 1] - photo[i, 1]
            ex, ey = post[j, 0] - post[i, 0], post[j, 1] - post[i, 1]
            apart, apart_in_post = dx * dx + dy * dy, ex * ex + ey * ey
            if min(apart, apart_in_post) < _LEAST_APART * _LEAST_APART:
                continue
            a, b = (ex * dx + ey * dy) / apart, (ey * dx - ex * dy) / apart
            turn = np.arctan2(b, a)
            if (
                _angle_between(post[i, 3] - photo[i, 3], turn) > _TURN_OFF
                or _angle_between(post[j, 3] - photo[j, 3], turn) > _TURN_OFF
            ):
                continue
            scale = np.hypot(a, b)
            if (
                abs(np.log2(post[i, 2] / (photo[i, 2] * scale))) > _SIZE_OFF
                or abs(np.log2(post[j, 2] / (photo[j, 2] * scale))) > _SIZE_OFF
            ):
                continue
            tx = post[i, 0] - a * photo[i, 0] + b * photo[i, 1]
            ty = post[i, 1] - b * photo[i, 0] - a * photo[i, 1]
            count = inliers(photo, post, a, b, tx, ty, found)
            if count > most:
                most = count
                best[0], best[1], best[2], best[3] = a, b, tx, ty
                kept[:count] = found[:count]
    return most
