"""How a posted picture is looked at: each view is one reading of it that may equal what was registered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher import pdq, regions
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import MIN_QUALITY, QUADRANT, WHOLE, Orientation, View
from matcher.regions import Floats

VIEW_NAMES = (WHOLE, QUADRANT, regions.HALF, regions.TRIMMED, regions.CELL, regions.INNER)
"""Every name that a view can have, in the order of the numbers that stand for them on the wire."""

_SHARED_SIDE = 640
"""Parts of a picture are looked at in one smaller copy of about this longer side, which is quick and loses no bit:
see `pdq.reduce`."""
_SIMPLE = (Orientation.UPRIGHT, Orientation.MIRRORED)
_IN_ALL_ORIENTATIONS = (WHOLE, QUADRANT, regions.TRIMMED)
"""Parts of collages and screenshots stand upright, if perhaps mirrored."""


def look(luma: Floats) -> tuple[View, ...]:
    """All views of a picture (luma, height x width, 0 to 255), the whole of it upright first.

    Raises `MediaError` `FLAT` where none has enough structure to be compared.
    """
    shrunk, small = shrink(luma)
    return look_at(pdq.reduce(luma), small, shrunk)


def look_at(whole: pdq.Samples, small: Floats, shrunk: int) -> tuple[View, ...]:
    """The same, given the samples of the whole and the smaller copy that `shrink` makes."""
    parts = [*regions.halves_and_quadrants(small.shape), *regions.find_regions(small)]
    samples = [whole, *(pdq.reduce(part.of(small), shrunk) for part in parts)]
    views: list[View] = []
    for name, taken, hashes in zip(
        [WHOLE, *(part.name for part in parts)], samples, pdq.hashes_of(samples), strict=True
    ):
        quality = pdq.quality(taken.upright)
        if quality < MIN_QUALITY and views:
            continue
        wanted = Orientation if name in _IN_ALL_ORIENTATIONS else _SIMPLE
        views += [
            View(name, orientation, bits, quality) for orientation, bits in hashes if orientation in wanted
        ]
    if not any(view.quality >= MIN_QUALITY for view in views):
        raise MediaError(MediaErrorCode.FLAT)
    return tuple(views)


def shrink(luma: Floats | NDArray[np.uint8]) -> tuple[int, Floats]:
    """The copy in which the parts of a picture are looked at, and of how many values a side its values are means.

    What is left over at the right and the bottom is left out.
    """
    shrunk = min(max(1, round(max(luma.shape) / _SHARED_SIDE)), *luma.shape)
    if shrunk == 1:
        return 1, luma.astype(np.float32, copy=False)
    height, width = (side // shrunk * shrunk for side in luma.shape)
    total = np.zeros((height // shrunk, width // shrunk), dtype=np.float32)
    for row in range(shrunk):
        for column in range(shrunk):
            total += luma[row:height:shrunk, column:width:shrunk]
    return shrunk, np.asarray(total / (shrunk * shrunk), dtype=np.float32)
