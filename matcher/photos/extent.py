"""What part of a registered photo is shown: its outline in both pictures, and whether something inside it is another."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matcher.photos.evidence import Evidence, Posted

Floats = NDArray[np.float64]

_GRID = 8
"""Cells along each side of the registered photo."""
_USUAL = 75
"""The percentile of the cells' shares of features that agree, which those that show the photo have."""
_CHANCE = 0.01
"""Four cells together show something else where so few features agree as by this chance."""
_WHOLE, _MOST_MISSING = 0.85, 0.04
_MOST_AROUND = 0.45
"""Of the place around the photo, the share of cells with features: bars and borders have few, other pictures have them
all over."""
_CELL = 0.05
_REACH = 0.8
"""What agrees reaches over so much of where the photo has features: what lies beyond may be anything."""
_EDGE = 0.5
_CORE = 0.75
_DIRECTIONS = np.exp(2j * np.pi * np.arange(32) / 32).view(np.float64).reshape(-1, 2).T
"""Clockwise as seen."""
_SMALLEST = 0.9


@dataclass(frozen=True)
class Seen:
    share: float
    of_post: float
    reached: float
    reached_of_post: float
    """The same with what is at the edges, and with what in it is another picture."""
    photo_outline: Floats
    """A polygon, in shares of the longer side."""
    post_outline: Floats
    breadth: float
    """Of what agrees: how wide it is across its narrowest direction, in the photo and in the posted picture."""
    breadth_in_post: float
    core: float
    """The area, as a share of the photo, of the three quarters of what agrees that are nearest to its middle."""
    crowded: float
    """How many times as dense what agrees is there as all features of the photo are in the photo."""
    is_whole: bool


def seen(photo: Floats, evidence: Evidence, way: Floats, frame: Floats, post: Posted) -> Seen:
    """`photo` is features x 4, `way` 2 x 3, `frame` the photo's width and height in shares of its longer side."""
    agreeing = photo[evidence.agreeing]
    shown = clipped(mapped(corners(frame), way), post.frame)
    missing = _missing(photo, evidence, frame, corners(frame), post)
    in_view = area(shown) / max(area(mapped(corners(frame), way)), 1e-12)
    around = _around(post, mapped(corners(frame), way))
    # A feature is seen by its whole patch.
    patches = hull(_patches(agreeing))
    reach = area(patches) / area(hull(_patches(photo)))
    is_whole = bool(
        in_view >= _WHOLE and missing <= _MOST_MISSING and around <= _MOST_AROUND and reach >= _REACH
    )
    if is_whole:
        post_outline = shown
        photo_outline = unmapped(shown, way)
    else:
        photo_outline = clipped(hull(_patches(photo[evidence.sure])), frame)
        post_outline = clipped(mapped(photo_outline, way), post.frame)
        photo_outline = unmapped(post_outline, way)
        missing = _missing(photo, evidence, frame, photo_outline, post)
    whole, post_whole = float(frame[0] * frame[1]), float(post.frame[0] * post.frame[1])
    reached_outline = clipped(mapped(clipped(patches, frame), way), post.frame)
    apart = np.hypot(*(agreeing[:, :2] - np.median(agreeing[:, :2], axis=0)).T)
    core = area(hull(_patches(agreeing[apart <= np.quantile(apart, _CORE)]))) / whole
    breadths = (_breadth(agreeing[:, :2]), _breadth(evidence.shown[evidence.agreeing, :2]))
    return Seen(
        min(1.0, area(photo_outline) / whole * (1 - missing)),
        min(1.0, area(post_outline) / post_whole),
        area(unmapped(reached_outline, way)) / whole,
        area(reached_outline) / post_whole,
        photo_outline,
        post_outline,
        *breadths,
        core,
        float(_CORE * evidence.agreeing.mean() / max(core, 1e-12)),
        is_whole,
    )


def corners(frame: Floats) -> Floats:
    return np.array([(0.0, 0.0), (frame[0], 0.0), (frame[0], frame[1]), (0.0, frame[1])])


def mapped(points: Floats, way: Floats) -> Floats:
    """Points of the photo in the posted picture."""
    return np.asarray(points @ way[:, :2].T + way[:, 2])


def unmapped(points: Floats, way: Floats) -> Floats:
    """And the way back."""
    return np.asarray((points - way[:, 2]) @ np.linalg.inv(way[:, :2]).T)


def area(polygon: Floats) -> float:
    if len(polygon) < 3:
        return 0.0
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def clipped(polygon: Floats, frame: Floats) -> Floats:
    """What of a polygon lies in the frame from 0, 0 (Sutherland, Hodgman)."""
    points = [(float(x), float(y)) for x, y in polygon]
    for axis, sign, limit in ((0, 1, 0.0), (0, -1, -float(frame[0])), (1, 1, 0.0), (1, -1, -float(frame[1]))):
        kept = []
        for number, point in enumerate(points):
            before = points[number - 1]
            here, there = sign * point[axis] - limit, sign * before[axis] - limit
            if (here >= 0) != (there >= 0):
                share = there / (there - here)
                kept.append(
                    (before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1]))
                )
            if here >= 0:
                kept.append(point)
        points = kept
    return np.array(points).reshape(-1, 2)


def _missing(photo: Floats, evidence: Evidence, frame: Floats, outline: Floats, post: Posted) -> float:
    """Of the cells of the photo within an outline that are in view and have features, the share that shows something
    else.
    """
    # What became smaller than any posted feature is not expected.
    scale = float(np.sqrt(np.linalg.det(evidence.way.reshape(2, 3)[:, :2])))
    is_expected = evidence.expected & (scale * photo[:, 2] >= _SMALLEST * float(post.features[:, 2].min()))
    cells = np.minimum((photo[:, :2] / frame * _GRID).astype(np.int64), _GRID - 1)
    numbers = cells[:, 1] * _GRID + cells[:, 0]
    expected, agreeing = (
        np.bincount(numbers[which], minlength=_GRID * _GRID).reshape(_GRID, _GRID)
        for which in (is_expected, is_expected & evidence.agreeing)
    )
    rows, columns = np.divmod(np.arange(_GRID * _GRID), _GRID)
    middles = np.column_stack((columns + 0.5, rows + 0.5)) / _GRID * frame
    known = (expected > 0) & inside(middles, outline, 0.0).reshape(_GRID, _GRID)
    if not known.any():
        return 0.0
    usual = float(np.percentile(agreeing[known] / expected[known], _USUAL))
    is_missing = np.zeros((_GRID, _GRID), dtype=np.bool_)
    for row in range(_GRID - 1):
        for column in range(_GRID - 1):
            four = np.s_[row : row + 2, column : column + 2]
            if _at_most(int(agreeing[four].sum()), int(expected[four].sum()), usual) <= _CHANCE:
                is_missing[four] |= agreeing[four] < usual / 2 * expected[four]
    return float(is_missing[known].mean())


def _at_most(found: int, trials: int, chance: float) -> float:
    """The chance of no more than so many of the trials; 1 where they are as many as expected."""
    if found >= trials * chance:
        return 1.0
    return sum(comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(found + 1))


def _around(post: Posted, box: Floats) -> float:
    """Of the cells of the posted picture outside the photo's place, the share that has features."""
    sides = np.maximum(1, np.ceil(post.frame / _CELL).astype(np.int64))
    rows, columns = np.mgrid[: sides[1], : sides[0]]
    middles = np.column_stack((columns.ravel() + 0.5, rows.ravel() + 0.5)) * _CELL
    outside = ~inside(middles, box, _EDGE * _CELL)
    if outside.mean() < 0.1:
        return 0.0
    cells = np.minimum((post.features[:, :2] / _CELL).astype(np.int64), sides - 1)
    there = np.bincount(cells[:, 1] * sides[0] + cells[:, 0], minlength=len(middles)) > 0
    return float(there[outside].mean())


def inside(points: Floats, box: Floats, margin: float) -> NDArray[np.bool_]:
    """Which points are in a convex polygon, clockwise as seen, or no further from it than the margin."""
    inside = np.ones(len(points), dtype=np.bool_)
    for number, corner in enumerate(box):
        edge = box[(number + 1) % len(box)] - corner
        across = (edge[0] * (points[:, 1] - corner[1]) - edge[1] * (points[:, 0] - corner[0])) / max(
            float(np.hypot(*edge)), 1e-12
        )
        inside &= across >= -margin
    return inside


def _patches(features: Floats) -> Floats:
    """The four ends of each patch."""
    half = features[:, 2:3] / 4
    return np.concatenate([features[:, :2] + half * way for way in ((-1, -1), (1, -1), (1, 1), (-1, 1))])


def hull(points: Floats) -> Floats:
    """The convex hull, clockwise as seen (Andrew's monotone chain)."""
    # Nothing inside of those furthest in some directions is on it, and nearly all points are (Akl, Toussaint, "A fast
    # convex hull algorithm", Information Processing Letters 1978).
    furthest = (points @ _DIRECTIONS).argmax(axis=0)
    ring = points[furthest[furthest != np.roll(furthest, 1)]]
    if len(ring) > 2:
        points = points[~inside(points, ring, -1e-9)]
    ordered = [(float(x), float(y)) for x, y in points[np.lexsort((points[:, 1], points[:, 0]))]]

    def half(run: list[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for x, y in run:
            while len(chain) > 1 and (
                (chain[-1][0] - chain[-2][0]) * (y - chain[-2][1])
                <= (chain[-1][1] - chain[-2][1]) * (x - chain[-2][0])
            ):
                chain.pop()
            chain.append((x, y))
        return chain[:-1]

    return np.array(half(ordered) + half(ordered[::-1])).reshape(-1, 2)


def _breadth(points: Floats) -> float:
    """Four standard deviations across the narrowest direction."""
    if len(points) < 3:
        return 0.0
    return 4 * float(np.sqrt(max(np.linalg.eigvalsh(np.cov(points.T))[0], 0.0)))
