"""ORB features of a picture, by OpenCV, which is an extra: nothing is imported before it is needed.

Rublee, Rabaud, Konolige, Bradski, "ORB: an efficient alternative to SIFT or SURF", ICCV 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matcher.keypoints import MAX_POSTED, PLACES, SIZES_AN_OCTAVE, TURNS, Bytes, LocalFeatures, Places

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKING_SIDE = 1280
"""Pictures are shrunk to this longer side; smaller ones are taken as they are."""
_CANDIDATES = 6000
_FAST_THRESHOLD = 10
_GRID = 12
"""Cells along the longer side among which the features are spread evenly."""

Greys = NDArray[np.uint8]


def prepare() -> None:
    """Load OpenCV. Raises `ImportError` where it is not installed."""
    import cv2

    cv2.setNumThreads(1)


def greys_of(luma: NDArray[np.float32]) -> tuple[Greys, float]:
    """The picture as it is searched for features, and how many times smaller than `luma` it is."""
    import cv2

    greys = np.clip(luma + np.float32(0.5), 0, 255).astype(np.uint8)
    shrunk = max(greys.shape) / WORKING_SIDE
    if shrunk <= 1:
        return greys, 1.0
    height, width = (max(1, round(side / shrunk)) for side in greys.shape)
    return np.asarray(cv2.resize(greys, (width, height), interpolation=cv2.INTER_AREA)), shrunk


def posted_features(luma: NDArray[np.float32]) -> LocalFeatures:
    """Those of a posted picture (luma, height x width, 0 to 255) and of its mirror image."""
    greys, _ = greys_of(luma)
    points, descriptors = detect(greys, MAX_POSTED)
    flipped = [_mirrored(point, greys.shape[1]) for point in points]
    mirrored = describe(np.ascontiguousarray(greys[:, ::-1]), flipped)
    return LocalFeatures(*quantised(points, greys.shape), descriptors, mirrored)


def detect(greys: Greys, number: int) -> tuple[list[Any], Bytes]:
    """At most `number` keypoints, spread over the picture, the strongest first, and their descriptors (n x 32)."""
    import cv2

    orb = cv2.ORB.create(nfeatures=_CANDIDATES, fastThreshold=_FAST_THRESHOLD)
    points, descriptors = orb.detectAndCompute(greys, None)
    if not points:
        return [], np.empty((0, 32), dtype=np.uint8)
    kept = _spread(points, max(greys.shape), number)
    return [points[at] for at in kept], np.ascontiguousarray(descriptors[kept], dtype=np.uint8)


def describe(greys: Greys, points: Sequence[Any]) -> Bytes:
    """The descriptors of given keypoints."""
    import cv2

    if not points:
        return np.empty((0, 32), dtype=np.uint8)
    # OpenCV puts them in the order of their octaves.
    order = np.argsort([point.octave for point in points], kind="stable")
    kept, described = cv2.ORB.create(nfeatures=_CANDIDATES).compute(greys, [points[at] for at in order])
    assert len(kept) == len(points)
    descriptors = np.empty((len(points), 32), dtype=np.uint8)
    descriptors[order] = described
    return descriptors


def quantised(points: Sequence[Any], shape: tuple[int, ...]) -> tuple[Places, Bytes, Bytes]:
    """Places, sizes and turns of keypoints in a picture of this shape."""
    longer = max(shape)
    places = np.array([point.pt for point in points], dtype=np.float64).reshape(-1, 2)
    sizes = np.array([point.size for point in points], dtype=np.float64)
    angles = np.array([point.angle for point in points], dtype=np.float64)
    steps = -SIZES_AN_OCTAVE * np.log2(sizes / longer) if len(sizes) else sizes
    return (
        np.clip(np.round((places + 0.5) / longer * PLACES), 0, PLACES).astype(np.uint16),
        np.clip(np.round(steps), 0, 255).astype(np.uint8),
        (np.round(angles / 360 * TURNS).astype(np.int64) % TURNS).astype(np.uint8),
    )


def _mirrored(point: Any, width: int) -> Any:
    import cv2

    x, y = point.pt
    return cv2.KeyPoint(
        width - 1 - x, y, point.size, (180 - point.angle) % 360, point.response, point.octave, -1
    )


def _spread(points: Sequence[Any], longer: int, number: int) -> NDArray[np.int64]:
    """Round by round the strongest of each cell, so that no part of the picture has all features."""
    responses = np.array([point.response for point in points])
    places = np.array([point.pt for point in points])
    cells = (places / longer * _GRID).astype(np.int64)
    cell = cells[:, 1] * _GRID + cells[:, 0]
    order = np.lexsort((-responses, cell))
    ordered = cell[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    by_round = np.lexsort((-responses[order], rank))
    return np.asarray(order[by_round][:number])
