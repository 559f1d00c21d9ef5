"""What OpenCV's ORB says of the same corners: the peer of `matcher.photos.gradients`."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from matcher.photos import orb

HALF = 15


def turns_of(corners: orb.Corners) -> NDArray[np.float64]:
    """The directions in which the weight of the patches lies, clockwise, in radians."""
    down, across = np.mgrid[-HALF : HALF + 1, -HALF : HALF + 1].astype(np.float32)
    is_near = down**2 + across**2 <= (HALF + 0.5) ** 2
    turns = np.empty(len(corners))
    for number, level in enumerate(corners.pyramid):
        own = corners.of_level(number)
        places = corners.down[own], corners.across[own]
        right, under = (
            cv2.filter2D(level.astype(np.float32), cv2.CV_32F, weights * is_near)[places]
            for weights in (across, down)
        )
        turns[own] = np.arctan2(under, right)
    return turns


def descriptors_of(corners: orb.Corners) -> NDArray[np.uint8]:
    """The 256 bits of the patches, so turned: n x 32 bytes."""
    every = zip(
        corners.places.tolist(), corners.sizes.tolist(), np.degrees(turns_of(corners)).tolist(),
        corners.levels.tolist(), strict=True,
    )  # fmt: skip
    points = [cv2.KeyPoint(*place, size, turn % 360, 1, level) for place, size, turn, level in every]
    peer = cv2.ORB.create(nfeatures=len(points), nlevels=len(corners.pyramid), edgeThreshold=orb.BORDER)
    kept, found = peer.compute(corners.pyramid[0], points)
    if len(kept) != len(points):
        raise ValueError("OpenCV left out corners")
    return np.asarray(found, dtype=np.uint8)
