"""A picture hashed by the kinds that lists of other organisations hold, where such lists are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import WHOLE, Orientation, View
from matcher.kinds import KINDS, PHOTO


def foreign_views(luma: NDArray[np.float32], quality: int, kinds: Collection[str]) -> Iterator[View]:
    """The whole of a picture (luma, height x width, 0 to 255), upright and mirrored, by each of these kinds.

    `quality` is PDQ's of it: by any kind, flat pictures are near to one another.
    """
    wanted = [KINDS[name] for name in kinds if name != PHOTO]
    if not wanted:
        return
    greys = (luma + np.float32(0.5)).astype(np.uint8)
    flips = ((Orientation.UPRIGHT, greys), (Orientation.MIRRORED, np.ascontiguousarray(greys[:, ::-1])))
    for kind in wanted:
        if kind.hashed is None:
            continue
        for orientation, flip in flips:
            bits = kind.hashed(flip)
            if kind.may_be_compared(bits):
                yield View(WHOLE, orientation, bits, quality, kind.name)
