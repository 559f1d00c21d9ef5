"""Local features of a picture: corners in several sizes, as ORB has them, told by their gradients. OpenCV is an extra, and
corners and patches are compiled: nothing is imported before it is needed.

Rublee, Rabaud, Konolige, Bradski, "ORB: an efficient alternative to SIFT or SURF", ICCV 2011. Which of the corners are
taken is ours: spread evenly over the picture and over the sizes, because a part of the picture, or all of it made
smaller, has to be found by what is left of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.photos.keypoints import (
    MAX_POSTED,
    PLACES,
    SIZES_AN_OCTAVE,
    TURNS,
    WORKING_SIDE,
    Bytes,
    Greys,
    LocalFeatures,
    Places,
)

OF_FRAME = 1000
"""Features of a frame of a video, which shows the same for many frames."""
_LEVELS = 12
"""Each is smaller by 1.2: the last one by 7.4."""
SCALES = (np.float64(np.float32(1.2)) ** np.arange(_LEVELS)).astype(np.float32)
PATCH = 31
_FAINT = 10
"""Corners of no more contrast come after all others: what compression leaves of a smooth ground has such ones."""
BORDER = 19
"""Corners nearer to a side than this have no whole patch."""
_GRID = 12
"""Cells along the longer side."""
_IN_CELL = 64
"""Corners that are looked at of each cell, of the smaller levels fewer. Among the strongest of a whole picture that is full of
text or leaves there would be none of a photo on it.
"""
_DRAWN_TOGETHER, _OF_DRAWN = 1.5, 1000
"""Collages fill cells of one shape with photos of any. ORB finds what was stretched by up to about 1.25."""
_INK, _DARK, _LIGHT, _PAPER = 12, 30, 215, 240
"""Greys up to which it is black, and nearly so; from which on it is nearly white, and white."""
_NEARLY = 2
_MOST_DRAWN = 0.1
"""Of a patch, what is black less twice what is nearly so, and the same of white: letters, bars and buttons end at once,
and what is theirs says nothing of a photo. What a photo has in shadow or burnt out ends by and by."""
_BLACK = np.array(
    [_NEARLY + 1 if grey <= _INK else 0 if grey <= _DARK else _NEARLY for grey in range(256)], dtype=np.uint8
)
_WHITE = np.array(
    [_NEARLY + 1 if grey >= _PAPER else 0 if grey >= _LIGHT else _NEARLY for grey in range(256)],
    dtype=np.uint8,
)
_ALL_DRAWN = 0.4
"""Of the features. Where more are drawn, the picture itself may be: its contrast was raised, or it was made dark."""

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Spread(NamedTuple):
    """How corners are chosen from all over a picture."""

    fall: float
    """Each level gives so many times as many as the one before it."""
    least: int
    """They have more contrast than that."""


OF_PHOTO = Spread(0.93, 5)
"""More large ones than of a posted picture, because the photo may be posted small; and faint ones, because of a smooth photo there
are few others.
"""
OF_POST = Spread(0.9, 10)
"""None that are faint: a closer look needs no corner where a registered one is."""


@dataclass(frozen=True)
class Corners:
    """Of a picture in several sizes, n of each array, ordered by level."""

    pyramid: tuple[Greys, ...]
    smooth: tuple[Greys, ...]
    """The same, blurred, as patches are described in them; empty before turns are told."""
    levels: Longs
    across: Longs
    """From the left of the level, in its points."""
    down: Longs
    turns: Floats
    """In radians from 0 on, clockwise."""
    order: Longs
    """The best to take first."""
    clear: int
    """So many of these, the first, are not faint."""

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def places(self) -> NDArray[np.float32]:
        """Across and down in the picture, in its points: n x 2."""
        return np.column_stack((self.across, self.down)).astype(np.float32) * SCALES[self.levels, None]

    @property
    def sizes(self) -> NDArray[np.float32]:
        """How wide the patches are, in the picture's points."""
        return PATCH * SCALES[self.levels]

    def of_level(self, level: int) -> slice:
        first, last = np.searchsorted(self.levels, (level, level + 1))
        return slice(int(first), int(last))


def prepare() -> None:
    """Load OpenCV, and compile. Raises `ImportError` where OpenCV is not installed."""
    import matcher.photos.corners  # noqa: F401 - it compiles when it is imported

    use_one_thread()
    detect(np.zeros((64, 64), dtype=np.uint8), 1, OF_POST)


def use_one_thread() -> None:
    """Load OpenCV, which else has threads of its own. Raises `ImportError` where it is not installed."""
    import cv2

    cv2.setNumThreads(1)


def greys_of(luma: NDArray[np.float32]) -> Greys:
    """The picture (luma, height x width, 0 to 255) as it is searched for features."""
    import cv2

    greys: Greys = np.clip(luma + np.float32(0.5), 0, 255).astype(np.uint8)
    shrunk = max(greys.shape) / WORKING_SIDE
    if shrunk <= 1:
        return greys
    height, width = (max(1, round(side / shrunk)) for side in greys.shape)
    smaller: Greys = cv2.resize(greys, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return smaller


def posted_features(luma: NDArray[np.float32], number: int = MAX_POSTED) -> LocalFeatures:
    """Those of a posted picture (luma, height x width, 0 to 255) and of its mirror image."""
    return _features(greys_of(luma), number)


def in_all_shapes(luma: NDArray[np.float32], is_collage: bool) -> tuple[LocalFeatures, ...]:
    """The same; of a picture that looks like a collage of equal cells also of copies that are drawn together across, and down."""
    import cv2

    greys = greys_of(luma)
    as_it_is = _features(greys, MAX_POSTED)
    if not is_collage:
        return (as_it_is,)
    height, width = greys.shape
    less_wide, less_high = (max(1, round(side / _DRAWN_TOGETHER)) for side in (width, height))
    narrow, low = (
        cv2.resize(greys, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        for size in ((less_wide, height), (width, less_high))
    )
    return as_it_is, _features(narrow, _OF_DRAWN), _features(low, _OF_DRAWN)


def _features(greys: Greys, number: int) -> LocalFeatures:
    found = _corners(greys, OF_POST)
    is_drawn = drawn_over(greys, found)[found.order]
    is_all_drawn = bool(np.count_nonzero(is_drawn[:number]) > _ALL_DRAWN * min(number, len(is_drawn)))
    # What is written would else leave little room for a photo beside it. Of what may be a photo in black and white, by turns.
    place = np.where(is_drawn, np.cumsum(is_drawn), np.cumsum(~is_drawn)) if is_all_drawn else is_drawn
    corners = _turned(found, found.order[np.argsort(place, kind="stable")][:number])
    descriptors, mirrored = described(corners)
    order = corners.order
    places, sizes, turns = quantised(corners)
    return LocalFeatures(
        greys.shape[1],
        greys.shape[0],
        places[order],
        sizes[order],
        turns[order],
        descriptors[order],
        mirrored[order],
        len(order) if is_all_drawn else min(number, int(np.count_nonzero(~is_drawn))),
        greys,
    )


def detect(greys: Greys, number: int, spread: Spread) -> Corners:
    """At most `number` corners."""
    found = _corners(greys, spread)
    return _turned(found, found.order[:number])


def _corners(greys: Greys, spread: Spread) -> Corners:
    """All that are looked at, without their turns."""
    from matcher.photos.corners import by_rounds, strongest

    pyramid = pyramid_of(greys)
    found, ranks = [], []
    for number, level in enumerate(pyramid):
        scale = float(SCALES[number])
        rows, columns = (
            (np.arange(side) * (scale * _GRID / max(greys.shape))).astype(np.int64) for side in level.shape
        )
        across, down, cells, strength = strongest(
            level, spread.least, columns, _GRID * rows, _GRID * _GRID, round(_IN_CELL / scale)
        )
        # In each level round by round the strongest corner of each cell, and of all levels by turns.
        order = by_rounds(strength, cells, _GRID * _GRID)
        is_faint = strength[order] <= _FAINT
        order = order[np.argsort(is_faint, kind="stable")]
        found.append(np.column_stack((across, down))[order])
        turn = (np.arange(len(order)) + 0.5) / spread.fall**number
        ranks.append(np.column_stack((turn, np.sort(is_faint))))
    levels = np.repeat(np.arange(len(pyramid)), [len(places) for places in found])
    across, down = np.ascontiguousarray(np.concatenate(found).T)
    rank, is_faint = np.concatenate(ranks).T
    order = np.lexsort((rank, is_faint))
    clear = int(np.count_nonzero(is_faint == 0))
    return Corners(pyramid, (), levels, across, down, np.zeros(len(levels)), order, clear)


def _turned(found: Corners, chosen: Longs) -> Corners:
    """Some of these corners, the best first, with their turns."""
    from matcher.photos.gradients import turns

    rows = np.sort(chosen)
    order = np.searchsorted(rows, chosen)
    levels, across, down = found.levels[rows], found.across[rows], found.down[rows]
    smooth = tuple(blurred(level) for level in found.pyramid)
    clear = min(found.clear, len(rows))
    corners = Corners(found.pyramid, smooth, levels, across, down, np.empty(len(rows)), order, clear)
    for number, level in enumerate(smooth):
        own = corners.of_level(number)
        turns(level, across[own], down[own], corners.turns[own])
    return corners


def pyramid_of(greys: Greys) -> tuple[Greys, ...]:
    """The picture in its sizes, as far as they have room for a corner."""
    import cv2

    levels = [np.require(greys, requirements=("C", "W"))]
    for scale in SCALES[1:]:
        height, width = (round(side * (1 / float(scale))) for side in greys.shape)
        if min(height, width) <= 2 * BORDER:
            break
        smaller = cv2.resize(levels[-1], (width, height), interpolation=cv2.INTER_LINEAR_EXACT)
        levels.append(smaller.astype(np.uint8, copy=False))
    return tuple(levels)


def blurred(level: Greys) -> Greys:
    """A level as patches are described in it."""
    import cv2

    return cv2.GaussianBlur(level, (7, 7), 2).astype(np.uint8, copy=False)


def drawn_over(greys: Greys, corners: Corners) -> NDArray[np.bool_]:
    """Which patches are black or white for a good part, with sharp edges, as what was written or drawn over a picture is."""
    ends = np.array(greys.shape[::-1])
    places, half = corners.places, corners.sizes[:, None] / 2
    left, top = np.clip(places - half, 0, ends).astype(np.int64).T
    right, bottom = np.clip(places + half, 0, ends).astype(np.int64).T
    area = (right - left) * (bottom - top)
    drawn = np.zeros(len(corners), dtype=np.int64)
    for weights in (_BLACK, _WHITE):
        drawn += np.maximum(_inside(greys, weights, left, top, right, bottom) - _NEARLY * area, 0)
    return np.asarray(drawn >= _MOST_DRAWN * area)


def _inside(greys: Greys, weights: Bytes, left: Longs, top: Longs, right: Longs, bottom: Longs) -> Longs:
    """The sum of the weights of what is inside of each box. A function, because two tables of sums at once have new memory
    each time, which takes longer than to fill it.
    """
    import cv2

    total = cv2.integral(cv2.LUT(greys, weights))
    return np.asarray(total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left])


def described(corners: Corners) -> tuple[Bytes, Bytes]:
    """The descriptors (n x 32) of corners, and of the same places of the picture mirrored left and right."""
    from matcher.photos.gradients import VALUES, bits_of, values

    found, is_inside = (
        np.zeros((len(corners), VALUES), dtype=np.float32),
        np.empty(len(corners), dtype=np.bool_),
    )
    places = np.column_stack((corners.across, corners.down)).astype(np.float64)
    cosine, sine = np.cos(corners.turns), np.sin(corners.turns)
    axes = np.column_stack((cosine, sine, -sine, cosine))
    for number, level in enumerate(corners.smooth):
        own = corners.of_level(number)
        values(level, places[own], axes[own], found[own], is_inside[own])
    return bits_of(found)


def quantised(corners: Corners) -> tuple[Places, Bytes, Bytes]:
    """Places, sizes and turns."""
    longer = max(corners.pyramid[0].shape)
    places = corners.places.astype(np.float64)
    steps = -SIZES_AN_OCTAVE * np.log2(corners.sizes.astype(np.float64) / longer)
    turns = np.round(corners.turns / (2 * np.pi) * TURNS).astype(np.int64) % TURNS
    return (
        np.clip(np.round((places + 0.5) / longer * PLACES), 0, PLACES).astype(np.uint16),
        np.clip(np.round(steps), 0, 255).astype(np.uint8),
        turns.astype(np.uint8),
    )
