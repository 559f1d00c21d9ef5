"""Where in a posted picture a registered one may be: inside a screenshot, a frame, a collage, another picture.

Whatever was put together has straight seams. A seam is a run of places where brightness changes more than beside it;
the best run of each row and column of pixels is found as the subarray of largest sum (Kadane's algorithm).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import QUADRANT

Floats = NDArray[np.float32]

TRIMMED, HALF, CELL, INNER = "trimmed", "half", "cell", "inner"

_STEP = 4
"""Brightness is averaged over so many values along a seam: texture evens out, a seam does not."""
_LARGER = 1.5
_EXPECTED = 0.5
"""Without a seam, a change is that much larger than those beside it at a quarter of the places; with one, at most."""
_LEAST_CHANGE = 1.5
_LEAST_SCORE = 0.09
"""Of the length of the side."""
_SHARE_ALL_THE_WAY = 0.5
_SEAMS = 12
_APART = 0.02
_WHOLE_SPAN = 0.85
_SHORTEST = 0.14
"""Shorter sides than this, as a share of the picture's, are not looked at."""
_FLAT = 6.0
"""A border whose values stay within this of one another is no part of the picture."""
_LEAST_SPAN = 0.3
_MOST_BANDS = 7
_MOST_CELLS = 9
_MOST_INNER = 4


@dataclass(frozen=True)
class Region:
    """A rectangle of values: rows `top` to `bottom`, columns `left` to `right`, the ends not included."""

    name: str
    top: int
    bottom: int
    left: int
    right: int

    def of(self, luma: Floats) -> Floats:
        return luma[self.top : self.bottom, self.left : self.right]

    @property
    def area(self) -> int:
        return (self.bottom - self.top) * (self.right - self.left)


@dataclass(frozen=True)
class _Seam:
    at: int
    start: int
    end: int
    score: float


def halves_and_quadrants(shape: tuple[int, int]) -> list[Region]:
    """The four quadrants, left to right and down, then the halves."""
    height, width = shape
    rows = [(0, height // 2), (height - height // 2, height)]
    columns = [(0, width // 2), (width - width // 2, width)]
    quadrants = [Region(QUADRANT, *row, *column) for row in rows for column in columns]
    return [
        *quadrants,
        *(Region(HALF, *row, 0, width) for row in rows),
        *(Region(HALF, 0, height, *column) for column in columns),
    ]


def find_regions(luma: Floats) -> list[Region]:
    """What may be a picture of its own within a picture (height x width, 0 to 255), the likeliest first."""
    height, width = luma.shape
    across = _seams(luma)
    down = _seams(np.ascontiguousarray(luma.T))
    found = [
        *_trimmed(luma),
        *_bands(across, down, height, width),
        *_inner(across, down, height, width),
    ]
    return _distinct(found, luma)


def _seams(luma: Floats) -> list[_Seam]:
    """Horizontal seams: `at` is the first row below, `start` and `end` are columns."""
    height, width = luma.shape
    steps = width // _STEP
    if height < 8 or steps < 8:
        return []
    means = luma[:, : steps * _STEP].reshape(height, steps, _STEP).mean(axis=2)
    change = np.abs(np.diff(means, axis=0))
    # Not those next to it, where a blurred seam shows as well; four of them, because a gutter has two seams.
    padded = np.pad(change, ((4, 4), (0, 0)))
    beside = (padded[2:-6] + padded[6:-2] + padded[:-8] + padded[8:]) * np.float32(_LARGER / 4)
    rises = np.where(change > beside + _LEAST_CHANGE, np.float32(1 - _EXPECTED), np.float32(-_EXPECTED))
    sums = np.cumsum(rises, axis=1)
    lowest = np.minimum.accumulate(np.minimum(np.pad(sums, ((0, 0), (1, 0)))[:, :-1], 0), axis=1)
    gains = sums - lowest
    ends = gains.argmax(axis=1)
    scores = gains[np.arange(len(gains)), ends]
    shares = sums[:, -1] / steps + _EXPECTED
    seams: list[_Seam] = []
    for row in np.argsort(scores)[::-1]:
        if scores[row] < _LEAST_SCORE * steps or len(seams) == _SEAMS:
            break
        at = int(row) + 1
        if any(abs(at - seam.at) < max(3, _APART * height) for seam in seams):
            continue
        before = np.pad(sums[row], (1, 0))[: ends[row] + 1]
        start, end = int(before.argmin()) * _STEP, int(ends[row] + 1) * _STEP
        # A collage's seam is one all the way, although it is faint between some of its pictures.
        if shares[row] >= _SHARE_ALL_THE_WAY:
            start, end = 0, width
        seams.append(_Seam(at, start, end, float(scores[row]) / steps))
    return seams


def _trimmed(luma: Floats) -> Iterator[Region]:
    """The picture without uniform borders."""
    top, bottom = _content(luma)
    left, right = _content(luma[top:bottom].T)
    if (bottom - top, right - left) != luma.shape:
        yield Region(TRIMMED, top, bottom, left, right)


def _content(luma: Floats) -> tuple[int, int]:
    lowest, highest = luma.min(axis=1), luma.max(axis=1)
    ends = []
    for first in (0, len(luma) - 1):
        # Of one colour in themselves, and of the same from the edge on: a sky is neither for long.
        plain = (highest - lowest <= _FLAT) & (np.abs(lowest - lowest[first]) <= _FLAT)
        varied = np.flatnonzero(~plain)
        ends.append(varied[0 if first == 0 else -1] if len(varied) else first)
    return int(ends[0]), int(ends[1]) + 1


def _bands(across: Sequence[_Seam], down: Sequence[_Seam], height: int, width: int) -> Iterator[Region]:
    """Between seams that go all the way: bands (screenshots, captions, letterboxes) and cells (collages)."""
    for top, bottom in _intervals(across, height, width):
        yield Region(CELL, top, bottom, 0, width)
    for left, right in _intervals(down, width, height):
        yield Region(CELL, 0, height, left, right)
    cells = [
        Region(CELL, top, bottom, left, right)
        for top, bottom in _neighbours(across, height, width)
        for left, right in _neighbours(down, width, height)
    ]
    if 1 < len(cells) <= _MOST_CELLS:
        yield from cells


def _whole(seams: Sequence[_Seam], span: int) -> list[_Seam]:
    return [seam for seam in seams if seam.end - seam.start >= _WHOLE_SPAN * span]


def _intervals(seams: Sequence[_Seam], length: int, span: int) -> list[tuple[int, int]]:
    """Between any two long seams, or one and the border; the best scored first."""
    long = [seam for seam in seams if seam.end - seam.start >= _LEAST_SPAN * span]
    borders = [_Seam(0, 0, span, 0.25), _Seam(length, 0, span, 0.25)]
    between = [
        (a.score + b.score, min(a.at, b.at), max(a.at, b.at))
        for a, b in combinations([*long, *borders], 2)
        if abs(a.at - b.at) >= _SHORTEST * length and {a.at, b.at} != {0, length}
    ]
    return [(start, end) for _, start, end in sorted(between, reverse=True)[:_MOST_BANDS]]


def _neighbours(seams: Sequence[_Seam], length: int, span: int) -> list[tuple[int, int]]:
    """The strips between one seam that goes all the way and the next; thin ones (gutters) left out."""
    places = sorted({0, length, *(seam.at for seam in _whole(seams, span))})
    return [(a, b) for a, b in pairwise(places) if b - a >= _SHORTEST * length]


def _inner(across: Sequence[_Seam], down: Sequence[_Seam], height: int, width: int) -> Iterator[Region]:
    """Rectangles of which at least three sides are seams that meet; the picture's own border may be the fourth."""
    rows = [*across, _Seam(0, 0, width, 0), _Seam(height, 0, width, 0)]
    columns = [*down, _Seam(0, 0, height, 0), _Seam(width, 0, height, 0)]
    scored: list[tuple[float, Region]] = []
    for upper, lower in combinations(sorted(rows, key=lambda seam: seam.at), 2):
        if lower.at - upper.at < _SHORTEST * height:
            continue
        for first, last in combinations(sorted(columns, key=lambda seam: seam.at), 2):
            if last.at - first.at < _SHORTEST * width:
                continue
            region = Region(INNER, upper.at, lower.at, first.at, last.at)
            sides = [
                _covered(upper, first.at, last.at) if upper.at > 0 else 0,
                _covered(lower, first.at, last.at) if lower.at < height else 0,
                _covered(first, upper.at, lower.at) if first.at > 0 else 0,
                _covered(last, upper.at, lower.at) if last.at < width else 0,
            ]
            strong = sum(side > 0.7 for side in sides)
            at_border = sum([upper.at == 0, lower.at == height, first.at == 0, last.at == width])
            if strong >= 2 and strong + at_border >= 3 and at_border <= 2:
                scored.append((sum(sides) + 0.5 * at_border, region))
    scored.sort(key=lambda item: -item[0])
    yield from (region for _, region in scored[:_MOST_INNER])


def _covered(seam: _Seam, start: int, end: int) -> float:
    """How much of the side is seam, less what the seam has beyond it."""
    common = min(seam.end, end) - max(seam.start, start)
    beyond = (seam.end - seam.start) - max(common, 0)
    return (common - 0.5 * beyond) / (end - start)


def _distinct(regions: Sequence[Region], luma: Floats) -> list[Region]:
    """Without their own uniform borders, without those that are nearly the same, and without tiny ones."""
    height, width = luma.shape
    kept: list[Region] = []
    for region in regions:
        top, bottom = _content(region.of(luma))
        left, right = _content(region.of(luma)[top:bottom].T)
        tight = Region(
            region.name, region.top + top, region.top + bottom, region.left + left, region.left + right
        )
        if min((tight.bottom - tight.top) / height, (tight.right - tight.left) / width) < _SHORTEST * 0.8:
            continue
        if tight.area >= 0.985 * luma.size or any(_same(tight, other, height, width) for other in kept):
            continue
        kept.append(tight)
    return kept


def _same(a: Region, b: Region, height: int, width: int) -> bool:
    return (
        abs(a.top - b.top) + abs(a.bottom - b.bottom) <= 0.006 * height
        and abs(a.left - b.left) + abs(a.right - b.right) <= 0.006 * width
    )
