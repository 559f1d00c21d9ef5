"""A person's own file -> what is registered of the photo, or why it cannot be. In this process, without the sandbox."""

from __future__ import annotations

import numpy as np

from matcher.decode import Limits, decode
from matcher.errors import MediaError, MediaErrorCode
from matcher.hashtext import HashTextError
from matcher.orb import detect, greys_of, quantised
from matcher.photo import MAX_KEYPOINTS, MIN_KEYPOINTS, PhotoFeatures, PhotoRefusal, PhotoRefused


def photo_features(untrusted_data: bytes, limits: Limits) -> PhotoFeatures:
    """Raises `MediaError` where it is no picture that we read, and `PhotoRefused`."""
    try:
        luma = decode(untrusted_data, limits).luma
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None
    height, width = luma.shape
    greys, _ = greys_of(luma)
    if float(np.std(greys)) < 4:
        raise PhotoRefused(PhotoRefusal.FLAT)
    points, descriptors = detect(greys, MAX_KEYPOINTS)
    if len(points) < MIN_KEYPOINTS:
        raise PhotoRefused(PhotoRefusal.TOO_FEW)
    try:
        return PhotoFeatures(width, height, *quantised(points, greys.shape), descriptors)
    except HashTextError:
        raise PhotoRefused(PhotoRefusal.TOO_FEW) from None
