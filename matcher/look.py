"""How a posted picture is looked at: each view is one reading of it that may equal what was registered."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matcher import framing, pdq, regions, undone
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import MIN_QUALITY, QUADRANT, WHOLE, View
from matcher.framing import Framing
from matcher.regions import Floats, Region

VIEW_NAMES = (
    WHOLE,
    QUADRANT,
    regions.TRIMMED,
    regions.CELL,
    regions.INNER,
    undone.CROPPED,
    undone.TILTED,
    undone.COVERED,
    framing.PAGE,
    framing.SCREEN,
    framing.INSIDE,
    framing.INSIDE_QUADRANT,
    regions.COLLAGE,
)
"""Every name that a view can have, in the order of the numbers that stand for them on the wire."""

_SHARED_SIDE = 640
"""Parts of a picture are looked at in one smaller copy of about this longer side, which is quick and loses no bit:
see `pdq.reduce`."""
_IN_ALL_ORIENTATIONS = (QUADRANT, regions.TRIMMED)
"""Parts of collages and screenshots stand upright, if perhaps mirrored."""


def look(luma: Floats, min_quality: int = MIN_QUALITY) -> tuple[View, ...]:
    """All views of a picture (luma, height x width, 0 to 255), the whole of it upright first.

    Raises `MediaError` `FLAT` where none has enough structure to be compared. Another `min_quality` (0 to 100) is for
    measuring what it would do.
    """
    shrunk, small = shrink(luma)
    views = look_at(pdq.reduce(luma), small, shrunk, min_quality)
    if is_flat(views, min_quality):
        raise MediaError(MediaErrorCode.FLAT)
    return views


def is_flat(views: Iterable[View], min_quality: int = MIN_QUALITY) -> bool:
    """Whether none has enough structure to be compared. A small part of a photo on a plain page is flat, too: its local
    features may tell.
    """
    return all(view.quality < min_quality for view in views)


def look_at(
    whole: pdq.Samples, small: Floats, shrunk: int, min_quality: int = MIN_QUALITY
) -> tuple[View, ...]:
    """The same, given the samples of the whole and the smaller copy that `shrink` makes. Where all is flat there is only
    the whole.
    """
    height, width = small.shape
    name_of_whole, framed = frame(small)
    parts = [*regions.quadrants(small.shape), *framed, *regions.find_regions(small)]
    wanted = [(part, part.name in _IN_ALL_ORIENTATIONS) for part in parts]
    samples = [whole, *pdq.reduce_parts(small, wanted, shrunk)]
    names = [name_of_whole, *(part.name for part in parts)]
    for guess in undone.uncovered(samples[:5]):
        names.append(undone.COVERED)
        samples.append(guess)
    qualities = pdq.qualities_of(samples)
    spreads = pdq.spreads_of(samples)
    looks = list(zip(names, qualities, spreads, pdq.hashes_of(samples), strict=True))
    # Turned or drawn out a little, a picture is as flat as before, and its contrast where it was.
    same = qualities[0], spreads[0]
    looks += [(undone.CROPPED, *same, hashes) for hashes in undone.uncropped(samples[0])]
    looks += [(undone.TILTED, *same, hashes) for hashes in undone.untilted(samples[0], width / height)]
    return tuple(
        View(name, orientation, bits, quality, spread=spread)
        for name, quality, spread, hashes in looks
        if quality >= min_quality or name == name_of_whole
        for orientation, bits in hashes
    )


def frame(small: Floats) -> tuple[str, list[Region]]:
    """The name of the whole, which says whether it is registered, and what is inside of a frame with its quarters."""
    found, inside = framing.framing_of(small)
    if found is Framing.PAGE:
        return framing.PAGE, []
    if found is Framing.NONE:
        return WHOLE, []
    name = framing.SCREEN if found is Framing.SCREEN else framing.INSIDE
    place = Region(name, inside.top, inside.bottom, inside.left, inside.right)
    quadrants = regions.quadrants((place.bottom - place.top, place.right - place.left))
    return WHOLE, [place, *(place.part(framing.INSIDE_QUADRANT, quadrant) for quadrant in quadrants)]


def shrink(luma: Floats | NDArray[np.uint8]) -> tuple[int, Floats]:
    """The copy in which the parts of a picture are looked at, and of how many values a side its values are means.

    What is left over at the right and the bottom is left out.
    """
    shrunk = min(max(1, round(max(luma.shape) / _SHARED_SIDE)), *luma.shape)
    if shrunk == 1:
        return 1, luma.astype(np.float32, copy=False)
    height, width = (side // shrunk * shrunk for side in luma.shape)
    rows = luma[:height:shrunk, :width].astype(np.float32)
    for row in range(1, shrunk):
        rows += luma[row:height:shrunk, :width]
    means = np.full(shrunk, 1 / shrunk**2, dtype=np.float32)
    return shrunk, np.asarray(rows.reshape(len(rows), -1, shrunk) @ means)
