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

TRIMMED, COLLAGE, CELL, INNER = "trimmed", "collage", "cell", "inner"
"""Without uniform borders; of a collage of equal cells; between any seams that go all the way; any other rectangle."""

_STEP = 4
"""Brightness is averaged over so many values along a seam: texture evens out, a seam does not."""
_LARGER = 1.5
_EXPECTED = 0.5
"""Without a seam, a change is that much larger than those beside it at a quarter of the places; with one, at most."""
_LEAST_CHANGE = 1.5
_LEAST_SCORE = 0.055
"""Of the length of the side."""
_SHARE_ALL_THE_WAY = 0.5
_SEAMS = 16
_APART = 0.02
_UNEVEN = 0.015
"""A collage's seams are so near to where equal parts end, as a share of the side."""
_WHOLE_SPAN = 0.85
_SAME = 0.015
"""Regions whose edges differ by less, as a share of their sides, would hash nearly alike."""
_SHORTEST = 0.14
"""Shorter sides than this, as a share of the picture's, are not looked at."""
_FLAT = 6.0
"""A border whose values stay within this of one another is no part of the picture."""
_GUTTER = 0.025
_FLAT_GUTTER = 30.0
_MIXED = 1
"""So many values at a gutter's edge may be its colour mixed with the picture's."""
_PROBES = 8
"""So many values of a row, or somewhat more, are looked at before all."""
_LEAST_SPAN = 0.3
_MOST_BANDS = 7
_MOST_CELLS = 9
_MOST_INNER = 6
_MOST_TWINS = 2
_STRONG = 0.7


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

    def part(self, name: str, inner: Region) -> Region:
        """A region given by its place in this one."""
        rows, columns = (inner.top, inner.bottom), (inner.left, inner.right)
        return Region(name, *(self.top + row for row in rows), *(self.left + column for column in columns))

    @property
    def area(self) -> int:
        return max(self.bottom - self.top, 0) * max(self.right - self.left, 0)


@dataclass(frozen=True)
class _Seam:
    at: int
    start: int
    end: int
    score: float
    is_whole: bool
    """Whether it goes all the way, though it may be faint between some of a collage's pictures."""


def quadrants(shape: tuple[int, int]) -> list[Region]:
    """Left to right and down."""
    height, width = shape
    rows = [(0, height // 2), (height - height // 2, height)]
    columns = [(0, width // 2), (width - width // 2, width)]
    return [Region(QUADRANT, *row, *column) for row in rows for column in columns]


def find_regions(luma: Floats) -> list[Region]:
    """What may be a picture of its own within a picture (height x width, 0 to 255), the likeliest first."""
    height, width = luma.shape
    down = _seams(luma)
    across = _seams(np.ascontiguousarray(luma.T))
    found = [
        *_trimmed(luma),
        *_bands(across, down, height, width),
        *_inner(across, down, height, width),
        *_between_twins(across, down, height, width),
    ]
    return _distinct(found, luma)


def _seams(luma: Floats) -> list[_Seam]:
    """Vertical seams: `at` is the first column to their right, `start` and `end` are rows."""
    height, width = luma.shape
    steps = height // _STEP
    if width < 8 or steps < 8:
        return []
    # Sums run down the rows, and whole rows at a time are what is quick.
    means = luma[: steps * _STEP].reshape(steps, _STEP, width).sum(axis=1) * np.float32(1 / _STEP)
    change = np.zeros((steps, width + 7), dtype=np.float32)
    inside = change[:, 4:-4]
    np.subtract(means[:, 1:], means[:, :-1], out=inside)
    np.abs(inside, out=inside)
    # Not those next to it, where a blurred seam shows as well; four of them, because a gutter has two seams.
    beside = change[:, 2:-6] + change[:, 6:-2]
    beside += change[:, :-8]
    beside += change[:, 8:]
    beside *= np.float32(_LARGER / 4)
    beside += np.float32(_LEAST_CHANGE)
    sums = np.zeros((steps + 1, width - 1), dtype=np.float32)
    np.cumsum((inside > beside) - np.float32(_EXPECTED), axis=0, out=sums[1:])
    gains = sums[1:] - np.minimum.accumulate(sums[:-1], axis=0)
    ends = gains.argmax(axis=0)
    scores = gains.max(axis=0)
    shares = sums[-1] / steps + _EXPECTED
    seams: list[_Seam] = []
    for column in np.argsort(scores)[::-1].tolist():
        if scores[column] < _LEAST_SCORE * steps or len(seams) == _SEAMS:
            break
        at = column + 1
        if any(abs(at - seam.at) < max(3, _APART * width) for seam in seams):
            continue
        end = int(ends[column]) + 1
        start, end = int(sums[:end, column].argmin()) * _STEP, end * _STEP
        is_whole = shares[column] >= _SHARE_ALL_THE_WAY or end - start >= _WHOLE_SPAN * height
        seams.append(_Seam(at, start, end, float(scores[column]) / steps, bool(is_whole)))
    return seams


def _trimmed(luma: Floats) -> Iterator[Region]:
    """The picture without uniform borders."""
    top, bottom = _content(luma)
    left, right = _content(luma[top:bottom].T)
    if (bottom - top, right - left) != luma.shape:
        yield Region(TRIMMED, top, bottom, left, right)


def _content(luma: Floats, flat: float = _FLAT, mixed: int = 0) -> tuple[int, int]:
    """Where the rows between uniform borders begin and end. The outermost rows may be mixed with one."""
    height = len(luma)
    begin = _uniform(luma, flat, mixed)
    end = height - _uniform(luma[::-1], flat, mixed)
    # Two borders that meet leave nothing between them.
    return (begin, end) if begin < end else (0, height)


def _uniform(luma: Floats, flat: float, mixed: int) -> int:
    """How many rows from the first on are of one colour in themselves, and of the same: a sky is neither for long.

    So many rows before them may be `mixed`.
    """
    # Most pictures have no border, which a few values of their rows tell already.
    some_values = luma[: mixed + 1, :: max(1, luma.shape[1] // _PROBES)].tolist()
    if all(max(row) - min(row) > flat for row in some_values):
        return 0
    lowest, highest = luma[: mixed + 1].min(axis=1), luma[: mixed + 1].max(axis=1)
    plain = np.flatnonzero(highest - lowest <= flat)
    if not len(plain):
        return 0
    first = at = int(plain[0])
    rows = 4
    while at < len(luma):
        some = luma[at : at + rows]
        lows, highs = some.min(axis=1), some.max(axis=1)
        varied = np.flatnonzero((highs - lows > flat) | (np.abs(lows - lowest[first]) > flat))
        if len(varied):
            return at + int(varied[0])
        # Most borders are narrow.
        at, rows = at + rows, 2 * rows
    return len(luma)


def _bands(across: Sequence[_Seam], down: Sequence[_Seam], height: int, width: int) -> Iterator[Region]:
    """Between seams that go all the way: cells (collages) and bands (screenshots, captions, letterboxes)."""
    yield from _cells(COLLAGE, _even(across, height), _even(down, width))
    for top, bottom in _intervals(across, height, width):
        yield Region(CELL, top, bottom, 0, width)
    for left, right in _intervals(down, width, height):
        yield Region(CELL, 0, height, left, right)
    yield from _cells(CELL, _neighbours(across, height), _neighbours(down, width))


def _cells(
    name: str, rows: Sequence[tuple[int, int]], columns: Sequence[tuple[int, int]]
) -> Iterator[Region]:
    if 1 < len(rows) * len(columns) <= _MOST_CELLS:
        for top, bottom in rows:
            yield from (Region(name, top, bottom, left, right) for left, right in columns)


def _intervals(seams: Sequence[_Seam], length: int, span: int) -> list[tuple[int, int]]:
    """Between any two long seams, or one and the border; the best scored first."""
    long = [seam for seam in seams if seam.is_whole or seam.end - seam.start >= _LEAST_SPAN * span]
    borders = [_Seam(0, 0, span, 0.25, True), _Seam(length, 0, span, 0.25, True)]
    between = [
        (a.score + b.score, min(a.at, b.at), max(a.at, b.at))
        for a, b in combinations([*long, *borders], 2)
        if abs(a.at - b.at) >= _SHORTEST * length and {a.at, b.at} != {0, length}
    ]
    return [(start, end) for _, start, end in sorted(between, reverse=True)[:_MOST_BANDS]]


def _neighbours(seams: Sequence[_Seam], length: int) -> list[tuple[int, int]]:
    """The strips between one seam that goes all the way and the next; thin ones (gutters) left out."""
    places = sorted({0, length, *(seam.at for seam in seams if seam.is_whole)})
    return [(a, b) for a, b in pairwise(places) if b - a >= _SHORTEST * length]


def _even(seams: Sequence[_Seam], length: int) -> list[tuple[int, int]]:
    """The strips of a collage of two or three equal ones, whatever other seams its pictures have."""
    wholes = [seam for seam in seams if seam.is_whole]
    for parts in (3, 2):
        places = [length * number / parts for number in range(1, parts)]
        near = [[seam for seam in wholes if abs(seam.at - place) <= _UNEVEN * length] for place in places]
        if all(near):
            return _neighbours([seam for seams_there in near for seam in seams_there], length)
    return [(0, length)]


def _inner(across: Sequence[_Seam], down: Sequence[_Seam], height: int, width: int) -> Iterator[Region]:
    """Rectangles of which at least three sides are seams that meet; the picture's own border may be the third."""
    upper, lower = _pairs(across, height, width)
    left, right = _pairs(down, width, height)
    if not len(upper) or not len(left):
        return
    rows, columns = (upper[:, :1], lower[:, :1]), (left[:, 0], right[:, 0])
    sides = [
        _covered(upper[:, None], *columns, height),
        _covered(lower[:, None], *columns, height),
        _covered(left[None], *rows, width),
        _covered(right[None], *rows, width),
    ]
    strong = sum((side > _STRONG).astype(np.int8) for side in sides)
    at_border = (
        (rows[0] == 0).astype(np.int8) + (rows[1] == height) + (columns[0] == 0) + (columns[1] == width)
    )
    scores = sum(sides) + 0.5 * at_border
    scores[(strong < 2) | (strong + at_border < 3) | (at_border > 2)] = 0
    for place in np.argsort(scores, axis=None)[::-1][:_MOST_INNER]:
        row, column = np.unravel_index(place, scores.shape)
        if scores[row, column] > 0:
            ends = upper[row, 0], lower[row, 0], left[column, 0], right[column, 0]
            top, bottom, first, last = map(int, ends)
            yield Region(INNER, top, bottom, first, last)


def _between_twins(
    across: Sequence[_Seam], down: Sequence[_Seam], height: int, width: int
) -> Iterator[Region]:
    """Rectangles between two seams that begin and end side by side: a third side may be too faint to be seen."""
    for first, second in _twins(down, width):
        top, bottom = (
            _met(across, (first.start + second.start) / 2),
            _met(across, (first.end + second.end) / 2),
        )
        yield Region(INNER, top, bottom, min(first.at, second.at), max(first.at, second.at))
    for first, second in _twins(across, height):
        left, right = _met(down, (first.start + second.start) / 2), _met(down, (first.end + second.end) / 2)
        yield Region(INNER, min(first.at, second.at), max(first.at, second.at), left, right)


def _twins(seams: Sequence[_Seam], length: int) -> list[tuple[_Seam, _Seam]]:
    twins = [
        (first, second)
        for first, second in combinations(seams, 2)
        if abs(first.at - second.at) >= _SHORTEST * length
        and max(abs(first.start - second.start), abs(first.end - second.end)) <= 4 * _STEP
    ]
    return sorted(twins, key=lambda pair: -pair[0].score - pair[1].score)[:_MOST_TWINS]


def _met(seams: Sequence[_Seam], end: float) -> int:
    """The seam that runs where others end; without one, their end."""
    nearest = min((seam.at for seam in seams), key=lambda at: abs(at - end), default=end)
    return round(nearest if abs(nearest - end) <= 4 * _STEP else end)


def _pairs(seams: Sequence[_Seam], length: int, span: int) -> tuple[Floats, Floats]:
    """Any two that are far enough apart, the borders included, as rows of at, start and end (two arrays, n x 3)."""
    known = [(seam.at, seam.start, seam.end) for seam in seams]
    known = sorted([*known, (0, 0, span), (length, 0, span)])
    pairs = [(a, b) for a, b in combinations(known, 2) if b[0] - a[0] >= _SHORTEST * length]
    first, second = np.array(pairs, dtype=np.float32).reshape(-1, 2, 3).transpose(1, 0, 2)
    return first, second


def _covered(seams: Floats, starts: Floats, ends: Floats, length: int) -> Floats:
    """How much of each side is seam, less what the seam has beyond it; nothing for the picture's borders."""
    common = np.minimum(seams[..., 2], ends) - np.maximum(seams[..., 1], starts)
    beyond = seams[..., 2] - seams[..., 1] - np.maximum(common, 0)
    covered = (common - 0.5 * beyond) / np.maximum(ends - starts, 1)
    return np.where((seams[..., 0] > 0) & (seams[..., 0] < length), covered, np.float32(0))


def _distinct(regions: Sequence[Region], luma: Floats) -> list[Region]:
    """Without their own uniform borders, without those that are nearly the same, and without tiny ones."""
    height, width = luma.shape
    kept: list[Region] = []
    for found in regions:
        if not found.area:
            continue
        for region in _without_borders(found, luma):
            sides = (region.bottom - region.top) / height, (region.right - region.left) / width
            if min(sides) < _SHORTEST * 0.8 or region.area >= 0.985 * luma.size:
                continue
            if not any(_same(region, other) for other in kept):
                kept.append(region)
    return kept


def _without_borders(region: Region, luma: Floats) -> list[Region]:
    """The region without what is left of gutters, as it is, and without wider borders.

    Each may be the one: a picture can have borders of its own, and be dark or bright to its edge.
    """
    if region.name == TRIMMED:
        return [region]
    part = region.of(luma)
    tight = _cut(region, *_content(part, _FLAT_GUTTER, _MIXED), *_content(part.T, _FLAT_GUTTER, _MIXED))
    if tight == region:
        return [region]
    most = max(2, round(_GUTTER * max(luma.shape)))
    narrow = Region(
        region.name,
        tight.top if tight.top - region.top <= most else region.top,
        tight.bottom if region.bottom - tight.bottom <= most else region.bottom,
        tight.left if tight.left - region.left <= most else region.left,
        tight.right if region.right - tight.right <= most else region.right,
    )
    top, bottom = _content(part)
    return [narrow, region, _cut(region, top, bottom, *_content(part[top:bottom].T))]


def _cut(region: Region, top: int, bottom: int, left: int, right: int) -> Region:
    return Region(region.name, region.top + top, region.top + bottom, region.left + left, region.left + right)


def _same(a: Region, b: Region) -> bool:
    return abs(a.top - b.top) + abs(a.bottom - b.bottom) <= _SAME * (a.bottom - a.top) and abs(
        a.left - b.left
    ) + abs(a.right - b.right) <= _SAME * (a.right - a.left)
