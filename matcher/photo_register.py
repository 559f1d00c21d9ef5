"""A person's own file -> what is registered of the photo, or why it cannot be. In this process, without the sandbox."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.decode import Limits, decode
from matcher.errors import MediaError, MediaErrorCode
from matcher.hashtext import HashTextError
from matcher.keypoints import Bytes
from matcher.orb import describe, detect, greys_of, quantised
from matcher.photo import MAX_KEYPOINTS, MIN_KEYPOINTS, PhotoFeatures, PhotoRefusal, PhotoRefused

_FALL = 0.93
"""Each level has so many features as the one before it: more large ones than a posted picture has, because the photo
may be posted small."""
_MORE = 3
"""So many times as many as are kept are looked at."""
_TWIN_BITS = 36
_TWIN_APART = 0.25
"""Of the patch: what is nearer is the same place in two sizes."""


def photo_features(untrusted_data: bytes, limits: Limits) -> PhotoFeatures:
    """Raises `MediaError` where it is no picture that we read, and `PhotoRefused`."""
    try:
        luma = decode(untrusted_data, limits).luma
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None
    return features_of(luma)


def features_of(luma: NDArray[np.float32]) -> PhotoFeatures:
    """The same of a picture that is decoded already."""
    height, width = luma.shape
    greys = greys_of(luma)
    if float(np.std(greys)) < 4:
        raise PhotoRefused(PhotoRefusal.FLAT)
    corners = detect(greys, _MORE * MAX_KEYPOINTS, _FALL)
    places, sizes, turns = quantised(corners.points, greys.shape)
    descriptors = describe(greys, corners.points)
    longer = max(greys.shape)
    points = np.array([point.pt for point in corners.points]).reshape(-1, 2) / longer
    patches = np.array([point.size for point in corners.points]) / longer
    single = ~_has_twin(descriptors, points, patches)
    kept = corners.order[single[corners.order]][:MAX_KEYPOINTS]
    if len(kept) < MIN_KEYPOINTS:
        raise PhotoRefused(PhotoRefusal.TOO_FEW)
    try:
        return PhotoFeatures(width, height, places[kept], sizes[kept], turns[kept], descriptors[kept])
    except HashTextError:
        raise PhotoRefused(PhotoRefusal.TOO_FEW) from None


def _has_twin(
    descriptors: Bytes, points: NDArray[np.float64], patches: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which look like another place of the same photo: edges, patterns and letters, which say nothing of where."""
    bits = np.unpackbits(descriptors, axis=1).astype(np.float32)
    total = bits.sum(axis=1)
    apart_bits = total[:, None] + total[None, :] - 2 * bits @ bits.T
    one, other = np.nonzero(np.triu(apart_bits < _TWIN_BITS, 1))
    elsewhere = np.hypot(*(points[one] - points[other]).T) >= _TWIN_APART * np.maximum(
        patches[one], patches[other]
    )
    found = np.zeros(len(points), dtype=np.bool_)
    found[one[elsewhere]] = found[other[elsewhere]] = True
    return found
