"""How the registered photo lies in the posted picture, and which features agree; compiled when imported.

Features are rows of four: across, down, size (all in shares of the longer side) and turn (radians, clockwise). A way to
lie is six numbers, x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.index.tables import distance_bits
from matcher.photos.keypoints import PLACES, SIZES_AN_OCTAVE, TURNS, Bytes, Places

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]

CELLS = 32
"""Along the longer side, by which the features of a posted picture are looked up."""
MOST_STRETCH = 1.8
"""How much longer one direction may have become than the other."""
_SIZE_OFF = 0.7
"""Octaves."""
_ONCE_OFF, _TWICE_OFF = np.cos(np.radians((25, 50)))
"""Cosines of how far turns may be from one way to lie, and so from one another."""
_NEAR, _OF_SIZE = 0.003, 0.12
_LEAST_APART = 0.02
_ENOUGH = 40
"""What is as good will be refined anyway."""
MOST_TRIED, _MOST_OF_MANY = 4000, 500
"""Ways to lie: of one photo, and of each where there are many."""
_ROWS = (0.03, 0.05, 0.075)
"""Heights of rows, as shares of the photo's longer side: small and large letters."""
_OF_ROW, _LONG, _BESIDE = 8, 5.0, 0.15
"""A row has so many witnesses or more, is so many times as long as it is high, and half its height above and below it
are at most this share of as many."""
_UNLIKE_BITS = 20
"""A feature is unlike what is so many bits further from it than what it matches."""

_floats = types.float64[:, ::1]
_words = types.uint64[:, ::1]


@njit(nogil=True)
def _between(one: float, other: float) -> float:
    return abs((one - other + np.pi) % (2 * np.pi) - np.pi)


@compiled(types.int64(_floats, _floats, types.int64, types.int64[::1]), nogil=True)
def similarity(photo: Floats, post: Floats, most_tried: int, kept: Longs) -> int:
    """Write the largest set of pairs that agree on one turn, scale and shift into `kept`; returns how many they are.

    `photo` and `post` are pairs x 4. Two pairs give a similarity; it counts only if the turns and sizes of both say
    nearly the same, so that few of all pairs of pairs need to be tried on the rest: at most `most_tried`.
    """
    number = len(photo)
    most = tried = 0
    found = np.empty(number, dtype=np.int64)
    # By how much each is turned, as a direction, and in octaves grown.
    right, down, grown = np.empty(number), np.empty(number), np.empty(number)
    for at in range(number):
        turn = post[at, 3] - photo[at, 3]
        right[at], down[at] = np.cos(turn), np.sin(turn)
        grown[at] = np.log2(post[at, 2] / photo[at, 2])
    for i in range(number):
        if most >= _ENOUGH or tried >= most_tried:
            break
        for j in range(i + 1, number):
            if (
                abs(grown[i] - grown[j]) > 2 * _SIZE_OFF
                or right[i] * right[j] + down[i] * down[j] < _TWICE_OFF
            ):
                continue
            dx, dy = photo[j, 0] - photo[i, 0], photo[j, 1] - photo[i, 1]
            ex, ey = post[j, 0] - post[i, 0], post[j, 1] - post[i, 1]
            apart, apart_in_post = dx * dx + dy * dy, ex * ex + ey * ey
            if min(apart, apart_in_post) < _LEAST_APART * _LEAST_APART:
                continue
            a, b = (ex * dx + ey * dy) / apart, (ey * dx - ex * dy) / apart
            scale = np.hypot(a, b)
            if min(a * right[i] + b * down[i], a * right[j] + b * down[j]) < _ONCE_OFF * scale:
                continue
            octaves = np.log2(scale)
            if max(abs(grown[i] - octaves), abs(grown[j] - octaves)) > _SIZE_OFF:
                continue
            tx = post[i, 0] - a * photo[i, 0] + b * photo[i, 1]
            ty = post[i, 1] - b * photo[i, 0] - a * photo[i, 1]
            tried += 1
            count = 0
            for at in range(number):
                across = a * photo[at, 0] - b * photo[at, 1] + tx - post[at, 0]
                below = b * photo[at, 0] + a * photo[at, 1] + ty - post[at, 1]
                near = _NEAR + _OF_SIZE * max(post[at, 2], scale * photo[at, 2])
                if across * across + below * below > near * near:
                    continue
                if a * right[at] + b * down[at] < _ONCE_OFF * scale or abs(grown[at] - octaves) > _SIZE_OFF:
                    continue
                found[count] = at
                count += 1
            if count > most:
                most = count
                # To copy a slice, numba compiles its message for shapes that differ: 3 s.
                for at in range(count):
                    kept[at] = found[at]
                if most >= _ENOUGH:
                    break
    return most


@compiled(
    types.void(
        types.int32[:, ::1],
        types.int64[::1],
        types.uint16[:, ::1],
        types.uint8[::1],
        types.uint8[::1],
        _floats,
        types.float64[::1],
        types.int64,
        types.float64[::1],
    ),
    nogil=True,
)
def consensus(
    pairs: NDArray[np.int32],
    starts: Longs,
    places: Places,
    sizes: Bytes,
    turns: Bytes,
    post: Floats,
    weights: Floats,
    least: int,
    total: Floats,
) -> None:
    """Write the weights of the pairs of each photo that agree on one way to lie into `total`, 0 where fewer than `least` do.

    `pairs` are (posted feature, row, bits), those of photo k from starts[k] to starts[k + 1]; `places`, `sizes` and `turns`
    are those of the rows (see `matcher.photos.keypoints`), `post` the posted features (n x 4), `weights` by bits.
    """
    longest = 0
    for photo in range(len(total)):
        longest = max(longest, starts[photo + 1] - starts[photo])
    ones, others, kept = np.empty((longest, 4)), np.empty((longest, 4)), np.empty(longest, dtype=np.int64)
    for photo in range(len(total)):
        number = starts[photo + 1] - starts[photo]
        for at in range(number):
            posted, row = pairs[starts[photo] + at, 0], pairs[starts[photo] + at, 1]
            ones[at, 0], ones[at, 1] = places[row, 0] / PLACES, places[row, 1] / PLACES
            ones[at, 2] = 2.0 ** (-float(sizes[row]) / SIZES_AN_OCTAVE)
            ones[at, 3] = float(turns[row]) * (2 * np.pi / TURNS)
            for part in range(4):
                others[at, part] = post[posted, part]
        agreeing = similarity(ones[:number], others[:number], _MOST_OF_MANY, kept)
        total[photo] = 0.0
        if agreeing >= least:
            for at in range(agreeing):
                total[photo] += weights[pairs[starts[photo] + kept[at], 2]]


@compiled(
    types.void(
        _floats,
        _words,
        _floats,
        _words,
        types.int64[::1],
        types.int64[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[::1],
        types.int64,
        types.int64[::1],
        types.int64[::1],
        types.int64[::1],
    ),
    nogil=True,
)
def guided(
    photo: Floats,
    photo_words: Words,
    post: Floats,
    post_words: Words,
    starts: Longs,
    order: Longs,
    way: Floats,
    frame: Floats,
    near: Floats,
    most_bits: int,
    matched: Longs,
    bits: Longs,
    tried: Longs,
) -> None:
    """Match again where the way says that each feature of the photo has to be.

    `starts` and `order` are of `by_cell(post)`; `frame` is the width and height of the posted picture. `near` is how far
    a feature may be: a share of the longer side, one of its size, and by how much its turn and (in octaves) its size
    may differ. Written are, for each feature of the photo, the posted one or -1, how many bits it differs by, and how
    many were looked at, -1 for features that would lie outside. No posted feature is taken twice.
    """
    matched[:] = -1
    tried[:] = -1
    determinant = way[0] * way[4] - way[1] * way[3]
    if determinant <= 0:
        return
    scale, turn = np.sqrt(determinant), np.arctan2(way[3] - way[1], way[0] + way[4])
    larger = 2.0 ** near[3]
    for i in range(len(photo)):
        x = way[0] * photo[i, 0] + way[1] * photo[i, 1] + way[2]
        y = way[3] * photo[i, 0] + way[4] * photo[i, 1] + way[5]
        if x < 0 or y < 0 or x > frame[0] or y > frame[1]:
            continue
        size = scale * photo[i, 2]
        tried[i], bits[i] = 0, 257
        reach = near[0] + near[1] * size
        left, right = max(0, int((x - reach) * CELLS)), min(CELLS - 1, int((x + reach) * CELLS))
        top, bottom = max(0, int((y - reach) * CELLS)), min(CELLS - 1, int((y + reach) * CELLS))
        for row in range(top, bottom + 1):
            for place in range(starts[row * CELLS + left], starts[row * CELLS + right + 1]):
                q = order[place]
                dx, dy = post[q, 0] - x, post[q, 1] - y
                if dx * dx + dy * dy > reach * reach:
                    continue
                if post[q, 2] > larger * size or larger * post[q, 2] < size:
                    continue
                if _between(post[q, 3] - photo[i, 3], turn) > near[2]:
                    continue
                tried[i] += 1
                distance = distance_bits(photo_words[i], post_words[q])
                if distance < bits[i]:
                    bits[i], matched[i] = distance, q
    taken = np.full(len(post), -1, dtype=np.int64)
    for i in range(len(photo)):
        q = matched[i]
        if q < 0:
            continue
        if bits[i] > most_bits:
            matched[i] = -1
        elif taken[q] < 0:
            taken[q] = i
        elif bits[taken[q]] > bits[i]:
            matched[taken[q]] = -1
            taken[q] = i
        else:
            matched[i] = -1


@compiled(types.int64(_floats, types.int64[::1], types.float64, types.float64, types.int64[::1]), nogil=True)
def apart(features: Floats, order: Longs, near: float, of_size: float, kept: Longs) -> int:
    """Write those of the features (n x 4), in this order, that lie apart from all before them into `kept`.

    That is, not within `near`, nor within this share of the larger one's size. Ten patches over one corner are no ten
    witnesses, nor are ten large ones around one eye: eyes look alike. Returns how many they are.
    """
    number = 0
    for at in order:
        is_apart = True
        for other in kept[:number]:
            reach = max(near, of_size * max(features[at, 2], features[other, 2]))
            across, down = features[at, 0] - features[other, 0], features[at, 1] - features[other, 1]
            if across * across + down * down < reach * reach:
                is_apart = False
                break
        if is_apart:
            kept[number] = at
            number += 1
    return number


@compiled(types.void(_floats, types.boolean[::1]), nogil=True)
def off_rows(features: Floats, kept: NDArray[np.bool_]) -> None:
    """Write which of the features (n x 4) are not in a long row with next to nothing above and below it.

    A line of text that two pictures share looks like this, and so does each of several lines; where a part of one
    picture is in the other, there is more of it around. The fullest row is taken out first; what lay in it is still
    around the others, or one row after the other would be left alone by those before.
    """
    kept[:] = True
    while True:
        most = 0
        top = bottom = 0.0
        for at in range(len(features)):
            if not kept[at]:
                continue
            for high in _ROWS:
                inside = beside = 0
                left, right = np.inf, -np.inf
                for other in range(len(features)):
                    below = features[other, 1] - features[at, 1]
                    if below < -high / 2 or below > 1.5 * high:
                        continue
                    if below < 0 or below > high:
                        beside += 1
                        continue
                    if not kept[other]:
                        continue
                    inside += 1
                    left, right = min(left, features[other, 0]), max(right, features[other, 0])
                is_row = beside <= _BESIDE * inside and right - left >= _LONG * high
                if is_row and inside > max(most, _OF_ROW - 1):
                    most, top, bottom = inside, features[at, 1], features[at, 1] + high
        if not most:
            return
        for at in range(len(features)):
            if top <= features[at, 1] <= bottom:
                kept[at] = False


@compiled(types.int64(_words, _floats, _words, _floats, _words), nogil=True)
def unlike_others(ours: Words, shown: Floats, theirs: Words, post: Floats, post_words: Words) -> int:
    """How many features of a photo are like what is shown where they match and like no posted feature elsewhere (the
    ratio test of Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 2004, as a difference).
    """
    number = 0
    for row in range(len(ours)):
        most = distance_bits(ours[row], theirs[row]) + _UNLIKE_BITS
        is_unlike = True
        for other in range(len(post)):
            if distance_bits(ours[row], post_words[other]) < most:
                across, down = post[other, 0] - shown[row, 0], post[other, 1] - shown[row, 1]
                if 4 * (across * across + down * down) > shown[row, 2] * shown[row, 2]:
                    is_unlike = False
                    break
        number += is_unlike
    return number


def by_cell(post: Floats) -> tuple[Longs, Longs]:
    """Posted features (n x 4) ordered by cell, and where each cell's begin."""
    cells = np.clip((post[:, :2] * CELLS).astype(np.int64), 0, CELLS - 1)
    numbers = cells[:, 1] * CELLS + cells[:, 0]
    order = np.argsort(numbers, kind="stable")
    return np.searchsorted(numbers[order], np.arange(CELLS * CELLS + 1)).astype(np.int64), order


def fitted(photo: Floats, post: Floats) -> Floats:
    """The way that fits these pairs best: with twelve or more of them an affine one, if it is no great stretch."""
    if len(photo) >= 12:
        places = np.column_stack((photo[:, :2], np.ones(len(photo))))
        solved = np.linalg.lstsq(places, post[:, :2], rcond=None)[0]
        longer, shorter = np.linalg.svd(solved[:2], compute_uv=False)
        if longer <= MOST_STRETCH * shorter:
            return np.ascontiguousarray(solved.T).ravel()
    one, other = (places[:, 0] + 1j * places[:, 1] for places in (photo, post))
    centred = one - one.mean()
    spread = float((np.abs(centred) ** 2).sum())
    turn = ((other - other.mean()) * centred.conj()).sum() / spread if spread else 0j
    shift = other.mean() - turn * one.mean()
    return np.array([turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag])
