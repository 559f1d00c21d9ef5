"""A closer look at where a photo would lie in a posted picture; compiled when imported.

Which corners of a part are found depends on what else the picture shows. So each feature of the photo is described anew
where it has to be, bent as the photo is: most of what a part shows agrees then, and by fewer bits than what is only written
or drawn over both, because the ground of such letters is another one.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.index.tables import distance_bits
from matcher.photos import gradients
from matcher.photos.geometry import Floats, Longs, Words, fitted
from matcher.photos.keypoints import Greys
from matcher.photos.orb import PATCH, SCALES, blurred, pyramid_of


class _Step(NamedTuple):
    """One of several looks around the places where features would lie, each of which tells these places better."""

    around: Floats
    """So far from its place each is looked for, in points of its level, and first at the place itself."""
    hopeless_bits: int
    """What differs by more at its very place is looked for no further: of what is there all but one in 200 differ by less."""
    least_near: int
    """It is given up where fewer features are near."""


def _around(*steps: float) -> Floats:
    return np.array([(x, y) for y in steps for x in steps], dtype=np.float64)


_STEPS = (
    _Step(_around(0, -1.5, 1.5, -3, 3), 106, 4),
    _Step(_around(0, -1.2, 1.2), 98, 16),
    _Step(_around(0, -0.6, 0.6), 92, 2),
)
"""First for those that agreed at the first look, to correct the way, and then for all."""
_AROUND, _HELD = 0.06, 0.3
"""So far around it, as a share of the longer side, what agrees tells how the photo lies at a place; and how many of them the way
counts for."""
_GOOD_BITS, _LEAST_GOOD = 80, 6
"""Features that differ by so few bits are near and tell how the photo lies; and so many correct the way as a whole."""
_GROWN, _LEAST_GROWN, _GROWN_BITS = (12, 36, 96), (7, 10, 10), 72
"""By one pair alone so many features nearest to it are looked for, first few and then more, and so many have to differ by so few bits.
Of true parts it is 11 and 14 at least, of two in three others less than 7.
"""
_SMALLEST, _LARGEST = 0.8, 1.3
"""Of a patch in its level, against those of features: a smaller one would need a larger picture."""
_MOST_DRAWN_OUT = 3.0
"""Points of a level for each of a patch, in any direction."""
_NOWHERE, _UNSEEN = 300, -1

_floats = types.float64[:, ::1]
_longs = types.int64[::1]
_words = types.uint64[:, ::1]
_greys = types.Array(types.uint8, 2, "C", readonly=True)


class Levels:
    """A posted picture in its sizes, each made when it is first needed."""

    def __init__(self, greys: Greys) -> None:
        self._greys = greys
        self._blurred: dict[int, Greys] = {}
        self.frame = greys.shape[::-1]
        """Width and height, in points."""

    @cached_property
    def _pyramid(self) -> tuple[Greys, ...]:
        return pyramid_of(self._greys)

    def __len__(self) -> int:
        return len(self._pyramid)

    def __getitem__(self, number: int) -> Greys:
        if number not in self._blurred:
            self._blurred[number] = blurred(self._pyramid[number])
        return self._blurred[number]


class Look(NamedTuple):
    """What a look at a posted picture found of n features of a photo."""

    bits: Longs
    """By how many each feature differs, or -1 where it would lie outside or be too small."""
    shown: Floats
    """Where each is in the posted picture, as features (n x 4)."""
    words: Words
    """What is there."""


class First(NamedTuple):
    """How a photo lies by a first look, which of its features agree, and where each of these is (n x 4)."""

    way: Floats
    shown: Floats
    agreeing: NDArray[np.bool_]


class Closeup:
    """A posted picture, or its mirror image, to look at closely."""

    def __init__(self, levels: Levels, is_mirrored: bool) -> None:
        self._levels = levels
        self._is_mirrored = is_mirrored

    def look(
        self, photo: Floats, words: Words, way: Floats, shown: Floats, is_likely: NDArray[np.bool_]
    ) -> tuple[Floats, Look] | None:
        """Describe features of a photo (n x 4) around where a first look has those that are likely (`shown`, n x 4), and
        the others by the way. Returned is how it lies as a whole, corrected; None where they do not agree.
        """
        photo = _middles(photo)
        is_good, rows = is_likely, np.flatnonzero(is_likely)
        for step in _STEPS:
            ways = bent(photo[rows], photo[is_good], shown[is_good], way)
            some = self._described(photo[rows], np.ascontiguousarray(words[rows]), ways, step)
            is_near = (some.bits >= 0) & (some.bits <= _GOOD_BITS)
            if is_near.sum() < step.least_near:
                return None
            is_good = np.zeros(len(photo), dtype=np.bool_)
            is_good[rows[is_near]] = True
            shown = np.zeros((len(photo), 4))
            shown[rows] = some.shown
            if is_near.sum() >= _LEAST_GOOD:
                way = fitted(photo[is_good], shown[is_good])
            rows = np.arange(len(photo))
        return way, some

    def grown(self, photo: Floats, words: Words, row: int, shown: Floats) -> First | None:
        """How a photo lies if one of its features is there (a row of four), and what is near to it; None where nothing is."""
        places = _middles(photo)
        size, turn = shown[2] / photo[row, 2], shown[3] - photo[row, 3]
        bend = size * np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
        way = np.column_stack((bend, shown[:2] - bend @ photo[row, :2])).ravel()
        order = np.argsort(np.hypot(*(photo[:, :2] - photo[row, :2]).T), kind="stable")
        is_good, found = np.zeros(len(photo), dtype=np.bool_), np.zeros((len(photo), 4))
        is_good[row] = True
        found[row] = shown
        for number, least in zip(_GROWN, _LEAST_GROWN, strict=True):
            rows = order[:number]
            ways = bent(places[rows], places[is_good], found[is_good], way)
            some = self._described(places[rows], np.ascontiguousarray(words[rows]), ways, _STEPS[0])
            is_near = (some.bits >= 0) & (some.bits <= _GROWN_BITS)
            if is_near.sum() < least:
                return None
            is_good[:] = False
            is_good[rows[is_near]] = True
            found[rows] = some.shown
            way = fitted(places[is_good], found[is_good])
        return First(way, found, is_good)

    def again(self, photo: Floats, words: Words, way: Floats, places: Floats) -> Look:
        """What is around other places (n x 2) of the posted picture if features of a photo (n x 4) lay there by the way, against
        these words.
        """
        ways = np.tile(way, (len(photo), 1))
        ways[:, 2::3] = places
        return self._described(photo, words, ways, _STEPS[0])

    def _described(self, photo: Floats, words: Words, ways: Floats, step: _Step) -> Look:
        """At the most alike of the places around where each lies by `ways`, which are those of `bent`."""
        shown, points, axes = (np.empty((len(photo), width)) for width in (4, 2, 4))
        levels = np.empty(len(photo), dtype=np.int64)
        width, height = self._levels.frame
        _place(
            photo, ways, float(width), float(height), self._is_mirrored, SCALES, len(self._levels),
            shown, points, axes, levels,
        )  # fmt: skip
        bits, there = np.full(len(photo), -1), np.zeros_like(words)
        for number in set(levels.tolist()) - {_UNSEEN}:
            rows, level = np.flatnonzero(levels == number), self._levels[number]
            near, found, what = points[rows] / SCALES[number] - 0.5, bits[rows], there[rows]
            compare(
                level, near, axes[rows], words[rows], step.around, step.hopeless_bits, gradients.WEIGHTS, gradients.LIMITS,
                found, what,
            )  # fmt: skip
            bits[rows], there[rows], points[rows] = found, what, (near + 0.5) * float(SCALES[number])
        if self._is_mirrored:
            points[:, 0] = width - points[:, 0]
        shown[:, :2] = points / max(width, height)
        return Look(bits, shown, there)


def _middles(photo: Floats) -> Floats:
    """A corner is registered by the upper left of its point in its level. What is described lies around the middle."""
    return np.column_stack((photo[:, :2] + photo[:, 2:3] / (2 * PATCH), photo[:, 2:]))


def bent(places: Floats, ones: Floats, others: Floats, way: Floats) -> Floats:
    """How a photo lies around each of these places (n x 6), by the pairs (ones, others) nearby, and where there are few by the
    way: a bend, across and down, and to where the place itself is moved, a, c, x, b, d, y.

    Moving least squares (Schaefer, McPhail, Warren, "Image deformation using moving least squares", SIGGRAPH 2006): a photo
    of a screen is seen from the side, and what was bent a little is still the photo.
    """
    ways = np.empty((len(places), 6))
    here, there, shown = (np.ascontiguousarray(one[:, :2]) for one in (places, ones, others))
    _bend(here, there, shown, way, ways)
    return ways


@compiled(types.void(_floats, _floats, _floats, types.float64[::1], _floats), nogil=True)
def _bend(places: Floats, ones: Floats, others: Floats, way: Floats, ways: Floats) -> None:
    reach = 3 * _AROUND
    for at in range(len(places)):
        x, y = places[at, 0], places[at, 1]
        # As if some pairs around each place lay as the way says. All is as seen from the place.
        xx = yy = _HELD * _AROUND * _AROUND / 2
        n, xy, x1, y1 = _HELD, 0.0, 0.0, 0.0
        u, v = way[0] * x + way[1] * y + way[2], way[3] * x + way[4] * y + way[5]
        xu, yu, nu = xx * way[0], yy * way[1], n * u
        xv, yv, nv = xx * way[3], yy * way[4], n * v
        for other in range(len(ones)):
            dx, dy = ones[other, 0] - x, ones[other, 1] - y
            if abs(dx) > reach or abs(dy) > reach:
                continue
            weight = np.exp(-(dx * dx + dy * dy) / (2 * _AROUND * _AROUND))
            u, v = others[other, 0], others[other, 1]
            n, x1, y1 = n + weight, x1 + weight * dx, y1 + weight * dy
            xx, xy, yy = xx + weight * dx * dx, xy + weight * dx * dy, yy + weight * dy * dy
            xu, yu, nu = xu + weight * dx * u, yu + weight * dy * u, nu + weight * u
            xv, yv, nv = xv + weight * dx * v, yv + weight * dy * v, nv + weight * v
        # Around their middle the shift is apart from the bend, of which two equations in two unknowns are left.
        mx, my, mu, mv = x1 / n, y1 / n, nu / n, nv / n
        xx, xy, yy = xx - n * mx * mx, xy - n * mx * my, yy - n * my * my
        xu, yu, xv, yv = xu - n * mx * mu, yu - n * my * mu, xv - n * mx * mv, yv - n * my * mv
        determinant = xx * yy - xy * xy
        a, c = (xu * yy - yu * xy) / determinant, (yu * xx - xu * xy) / determinant
        b, d = (xv * yy - yv * xy) / determinant, (yv * xx - xv * xy) / determinant
        ways[at, 0], ways[at, 1], ways[at, 2] = a, c, mu - a * mx - c * my
        ways[at, 3], ways[at, 4], ways[at, 5] = b, d, mv - b * mx - d * my


@compiled(
    types.void(
        _floats, _floats, types.float64, types.float64, types.boolean, types.float32[::1], types.int64,
        _floats, _floats, _floats, _longs,
    ),
    nogil=True,
)  # fmt: skip
def _place(
    photo: Floats, ways: Floats, width: float, height: float, is_mirrored: bool, scales: NDArray[np.float32],
    number: int, shown: Floats, points: Floats, axes: Floats, levels: Longs,
) -> None:  # fmt: skip
    """Where each feature lies by `ways` in a picture of this size, of which that is the mirror image: as features (`shown`), the
    place in its points, what a step to the right and one down in the patch are in its level, and which that is of so many
    (`number`): none where it is outside, or too small or large there.
    """
    longer = max(width, height)
    for at in range(len(photo)):
        a, c, x, b, d, y = ways[at]
        determinant = a * d - b * c
        scale = np.sqrt(abs(determinant))
        shown[at, 0], shown[at, 1] = x, y
        shown[at, 2], shown[at, 3] = photo[at, 2] * scale, photo[at, 3] + np.arctan2(b - c, a + d)
        size = shown[at, 2] * longer / PATCH
        # Patches of one level are a step larger than those of the level before.
        level = int(np.rint(np.log(max(size, 1e-9)) / np.log(np.float64(scales[1]))))
        level = min(max(level, 0), number - 1)
        step = photo[at, 2] * longer / PATCH / scales[level]
        cosine, sine = step * np.cos(photo[at, 3]), step * np.sin(photo[at, 3])
        axes[at, 0], axes[at, 1] = a * cosine + c * sine, b * cosine + d * sine
        axes[at, 2], axes[at, 3] = c * cosine - a * sine, d * cosine - b * sine
        points[at, 0], points[at, 1] = x * longer, y * longer
        if is_mirrored:
            points[at, 0] = width - points[at, 0]
            axes[at, 0], axes[at, 2] = -axes[at, 0], -axes[at, 2]
        is_seen = determinant > 0 and _SMALLEST * scales[level] <= size <= _LARGEST * scales[level]
        # What follows reads memory by these numbers.
        is_seen = is_seen and 0 <= points[at, 0] <= width and 0 <= points[at, 1] <= height
        is_seen = is_seen and np.abs(axes[at]).max() <= _MOST_DRAWN_OUT
        levels[at] = level if is_seen else _UNSEEN


@compiled(
    types.void(
        _greys, _floats, _floats, _words, _floats, types.int64, types.int8[:, ::1], types.float32[::1], _longs,
        _words,
    ),
    nogil=True, fastmath=True, error_model="numpy",
)  # fmt: skip
def compare(
    level: Greys, places: Floats, axes: Floats, words: Words, around: Floats, hopeless_bits: int,
    weights: NDArray[np.int8], limits: NDArray[np.float32], bits: Longs, there: Words,
) -> None:  # fmt: skip
    """By how many bits each feature differs from what is around its place in a level that is blurred (`places`, in its points),
    where it differs least: -1 where the patch is not all in the level. What differs by more than `hopeless_bits` at its very place
    is looked for no further. `places` and `there` become what was found.
    """
    patch = np.zeros((gradients.SAMPLES + 1, gradients.SAMPLES), dtype=np.float32)
    values, sums = np.empty(gradients.VALUES, dtype=np.float32), np.empty(256, dtype=np.float32)
    found = np.empty(4, dtype=np.uint64)
    for at in range(len(places)):
        least, x, y = _NOWHERE, places[at, 0], places[at, 1]
        for one in range(len(around)):
            px, py = x + around[one, 0], y + around[one, 1]
            if not gradients.values_at(level, px, py, axes[at], patch, values):
                continue
            gradients.words_at(values, weights, limits, sums, found)
            distance = distance_bits(words[at], found)
            if distance < least:
                least = distance
                places[at, 0], places[at, 1] = px, py
                there[at] = found
            if least > hopeless_bits:
                break
        bits[at] = -1 if least == _NOWHERE else least
