"""How a posted picture is looked at: each view is one reading of it that may equal what was registered."""

from __future__ import annotations

import numpy as np

from matcher import pdq, regions, undone
from matcher.decode import Limits, Picture, decode
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import MIN_QUALITY, QUADRANT, WHOLE, MediaFingerprint, View
from matcher.regions import Floats

VIEW_NAMES = (
    WHOLE,
    QUADRANT,
    regions.HALF,
    regions.TRIMMED,
    regions.CELL,
    regions.INNER,
    undone.CROPPED,
    undone.TILTED,
    undone.COVERED,
)
"""Every name that a view can have, in the order of the numbers that stand for them on the wire."""

_SHARED_SIDE = 640
"""Parts of a picture are looked at in one smaller copy of about this longer side, which is quick and loses no bit:
see `pdq.reduce`."""
_IN_ALL_ORIENTATIONS = (QUADRANT, regions.TRIMMED)
"""Parts of collages and screenshots stand upright, if perhaps mirrored."""


def look(picture: Picture, min_quality: int = MIN_QUALITY) -> MediaFingerprint:
    """All views of a picture. Raises `MediaError` `FLAT` where none has enough structure to be compared.

    Another `min_quality` (0 to 100) is for measuring what it would do.
    """
    height, width = picture.luma.shape
    shrunk = max(1, round(max(height, width) / _SHARED_SIDE))
    small = _means(picture.luma, shrunk)
    parts = [*regions.halves_and_quadrants(small.shape), *regions.find_regions(small)]
    wanted = [(part, part.name in _IN_ALL_ORIENTATIONS) for part in parts]
    samples = [pdq.reduce(picture.luma), *pdq.reduce_parts(small, wanted, shrunk)]
    names = [WHOLE, *(part.name for part in parts)]
    for guess in undone.uncovered(samples[:5]):
        names.append(undone.COVERED)
        samples.append(guess)
    qualities = [pdq.usable_quality(taken.upright) for taken in samples]
    looks = list(zip(names, qualities, pdq.hashes_of(samples), strict=True))
    # Turned or drawn out a little, a picture is as flat as before.
    looks += [(undone.CROPPED, qualities[0], hashes) for hashes in undone.uncropped(samples[0])]
    looks += [(undone.TILTED, qualities[0], hashes) for hashes in undone.untilted(samples[0], width / height)]
    views = [
        View(name, orientation, bits, quality)
        for name, quality, hashes in looks
        if quality >= min_quality or name == WHOLE
        for orientation, bits in hashes
    ]
    if not any(view.quality >= min_quality for view in views):
        raise MediaError(MediaErrorCode.FLAT)
    return MediaFingerprint(picture.format, width, height, tuple(views))


def fingerprint_bytes(untrusted_data: bytes, limits: Limits) -> MediaFingerprint:
    """Decode and fingerprint in this process, without the sandbox: for a person's own files. Raises `MediaError`."""
    try:
        return look(decode(untrusted_data, limits))
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None


def _means(luma: Floats, shrunk: int) -> Floats:
    """Means of `shrunk` x `shrunk` values; what is left over at the right and the bottom is left out."""
    if shrunk == 1:
        return luma
    height, width = (side // shrunk * shrunk for side in luma.shape)
    total = np.zeros((height // shrunk, width // shrunk), dtype=np.float32)
    for row in range(shrunk):
        for column in range(shrunk):
            total += luma[row:height:shrunk, column:width:shrunk]
    return np.asarray(total / (shrunk * shrunk), dtype=np.float32)
