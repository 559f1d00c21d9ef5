"""ORB features of a picture, by OpenCV, which is an extra: nothing is imported before it is needed.

Rublee, Rabaud, Konolige, Bradski, "ORB: an efficient alternative to SIFT or SURF", ICCV 2011. Which of the corners are
taken is ours: spread evenly over the picture and over the sizes, because a part of the picture, or all of it made
smaller, has to be found by what is left of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.photos.keypoints import (
    DESCRIPTOR_BYTES,
    MAX_POSTED,
    PLACES,
    SIZES_AN_OCTAVE,
    TURNS,
    Bytes,
    LocalFeatures,
    Places,
)

WORKING_SIDE = 1280
"""Pictures are shrunk to this longer side; smaller ones are taken as they are."""
OF_FRAME = 1000
"""Features of a frame of a video, which shows the same for many frames."""
_LEVELS = 12
"""Each is smaller by 1.2: the last one by 7.4."""
_CORNERS = 10_000
"""Looked at; where text or leaves fill a part of the picture, fewer would all be there."""
_LEAST_CONTRAST = 10
_BORDER = 19
_GRID = 12
"""Cells along the longer side."""
_DRAWN_TOGETHER, _OF_DRAWN = 1.5, 1000
"""Collages fill cells of one shape with photos of any. ORB finds what was stretched by up to about 1.25."""
_POSTED_FALL = 0.9
"""Each level has so many features of a posted picture as the one before it, if it has corners enough."""
_INK, _PAPER = 12, 240
"""Greys from which on it is black, or white."""
_MOST_DRAWN = 0.2
"""Of a patch, what is black or white: letters, bars and buttons are, and what is theirs says nothing of a photo."""
_ALL_DRAWN = 0.4
"""Of the features. Where more are drawn, the picture itself may be: its contrast was raised, or it was made dark."""

Greys = NDArray[np.uint8]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Corners:
    """Keypoints as OpenCV has them, ordered by level, and the order in which they are the best to take."""

    points: Sequence[Any]
    order: Longs


def prepare() -> None:
    """Load OpenCV. Raises `ImportError` where it is not installed."""
    import cv2

    cv2.setNumThreads(1)
    detect(np.zeros((64, 64), dtype=np.uint8), 1, 1.0)


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


def in_all_shapes(luma: NDArray[np.float32], has_cells: bool) -> tuple[LocalFeatures, ...]:
    """The same; of a picture that may be a collage also of copies that are drawn together across, and down."""
    import cv2

    greys = greys_of(luma)
    as_it_is = _features(greys, MAX_POSTED)
    if not has_cells:
        return (as_it_is,)
    height, width = greys.shape
    less_wide, less_high = (max(1, round(side / _DRAWN_TOGETHER)) for side in (width, height))
    narrow, low = (
        cv2.resize(greys, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        for size in ((less_wide, height), (width, less_high))
    )
    return as_it_is, _features(narrow, _OF_DRAWN), _features(low, _OF_DRAWN)


def _features(greys: Greys, number: int) -> LocalFeatures:
    corners = detect(greys, number, _POSTED_FALL)
    flipped = [_mirrored(point, greys.shape[1]) for point in corners.points]
    descriptors = describe(greys, corners.points)
    mirrored = describe(np.ascontiguousarray(greys[:, ::-1]), flipped)
    is_drawn = _is_drawn(greys, corners.points)[corners.order]
    is_drawn &= np.count_nonzero(is_drawn) <= _ALL_DRAWN * len(is_drawn)
    order = corners.order[np.argsort(is_drawn, kind="stable")]
    return LocalFeatures(
        greys.shape[1],
        greys.shape[0],
        *quantised([corners.points[at] for at in order], greys.shape),
        descriptors[order],
        mirrored[order],
        int((~is_drawn).sum()),
    )


def detect(greys: Greys, number: int, fall: float) -> Corners:
    """At most `number` corners. Each level has `fall` times as many of them as the one before it."""
    import cv2

    points = _orb().detect(greys, None)
    if not points:
        return Corners((), np.empty(0, dtype=np.int64))
    levels = np.array([point.octave for point in points])
    strengths = np.array([point.response for point in points], dtype=np.float32)
    cells = (cv2.KeyPoint.convert(points) * (_GRID / max(greys.shape))).astype(np.int64)
    cell = (levels * _GRID + cells[:, 1]) * _GRID + cells[:, 0]
    # In each level round by round the strongest corner of each cell, and of all levels by turns.
    in_cell = _ranks(cell, np.lexsort((-strengths, cell)))
    in_level = _ranks(levels, np.lexsort((-strengths, in_cell, levels)))
    chosen = np.argsort((in_level + 0.5) / fall**levels, kind="stable")[:number]
    # `describe` wants them by level.
    by_level = np.argsort(levels[chosen], kind="stable")
    order = np.empty(len(chosen), dtype=np.int64)
    order[by_level] = np.arange(len(chosen))
    return Corners([points[at] for at in chosen[by_level]], order)


def _is_drawn(greys: Greys, points: Sequence[Any]) -> NDArray[np.bool_]:
    """Which patches are black or white for a good part, as what was written or drawn over a picture is."""
    import cv2

    total = cv2.integral(((greys <= _INK) | (greys >= _PAPER)).astype(np.uint8))
    ends = np.array(greys.shape[::-1])
    places = np.array([point.pt for point in points]).reshape(-1, 2)
    half = np.array([point.size for point in points]).reshape(-1, 1) / 2
    left, top = np.clip(places - half, 0, ends).astype(np.int64).T
    right, bottom = np.clip(places + half, 0, ends).astype(np.int64).T
    drawn = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
    return np.asarray(drawn >= _MOST_DRAWN * (right - left) * (bottom - top))


def describe(greys: Greys, points: Sequence[Any]) -> Bytes:
    """The descriptors (n x 32) of keypoints that are ordered by level."""
    if not points:
        return np.empty((0, DESCRIPTOR_BYTES), dtype=np.uint8)
    kept, descriptors = _orb().compute(greys, points)
    if len(kept) != len(points):
        raise ValueError("a keypoint too near to the border")
    return np.ascontiguousarray(descriptors, dtype=np.uint8)


def quantised(points: Sequence[Any], shape: tuple[int, ...]) -> tuple[Places, Bytes, Bytes]:
    """Places, sizes and turns of keypoints in a picture of this shape."""
    longer = max(shape)
    places = np.array([point.pt for point in points], dtype=np.float64).reshape(-1, 2)
    sizes = np.array([point.size for point in points], dtype=np.float64)
    angles = np.array([point.angle for point in points], dtype=np.float64)
    steps = -SIZES_AN_OCTAVE * np.log2(sizes / longer)
    return (
        np.clip(np.round((places + 0.5) / longer * PLACES), 0, PLACES).astype(np.uint16),
        np.clip(np.round(steps), 0, 255).astype(np.uint8),
        (np.round(angles / 360 * TURNS).astype(np.int64) % TURNS).astype(np.uint8),
    )


def _orb() -> Any:
    import cv2

    return cv2.ORB.create(
        nfeatures=_CORNERS,
        nlevels=_LEVELS,
        edgeThreshold=_BORDER,
        fastThreshold=_LEAST_CONTRAST,
        # Corners are found again by it more often than by Harris's measure, which costs more too.
        scoreType=cv2.ORB_FAST_SCORE,
    )


def _mirrored(point: Any, width: int) -> Any:
    import cv2

    across, down = point.pt
    turn = (180 - point.angle) % 360
    return cv2.KeyPoint(width - 1 - across, down, point.size, turn, point.response, point.octave)


def _ranks(groups: Longs, order: Longs) -> Longs:
    """Of each its number within its group. `order` puts all in order, group by group."""
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    return ranks
