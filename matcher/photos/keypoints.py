"""Local features of pictures: small patches, each told by 256 bits, with its place, size and turn.

All geometry is in shares of the picture's longer side, so that no picture's size is needed to compare two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DESCRIPTOR_BYTES = 32
PLACES = 65_535
"""Steps along the longer side."""
SIZES_AN_OCTAVE = 16
"""A size is stored as this many steps for each halving from the longer side on."""
TURNS = 256
"""Steps of a whole turn, clockwise in the picture."""
MAX_POSTED = 3000
"""Of a posted picture. A photo is found by all of them, and by all it is told whether something in it is another."""
WORKING_SIDE = 1280
"""Pictures are shrunk to this longer side; smaller ones are taken as they are."""
MAX_COPIES = 3
"""Of a posted picture, that features are taken of: as it is, and drawn together across and down."""

Bytes = NDArray[np.uint8]
Greys = NDArray[np.uint8]
Floats = NDArray[np.float32]
Places = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class LocalFeatures:
    """Those of a copy of a posted picture, the strongest first: n of each array. `mirrored` describes the same places of
    the copy mirrored left and right. Raises `ValueError` for arrays that do not belong together, and for a `telling`
    beyond them.
    """

    width: int
    """Of the copy, in points."""
    height: int
    places: Places = field(repr=False)
    """n x 2: across and down, from the upper left corner."""
    sizes: Bytes = field(repr=False)
    turns: Bytes = field(repr=False)
    descriptors: Bytes = field(repr=False)
    """n x 32."""
    mirrored: Bytes = field(repr=False)
    telling: int
    """So many, the first, say something of a photo. The others are of what is written or drawn."""
    greys: Greys | None = field(default=None, repr=False)
    """The copy itself (height x width), to be looked at closely where a photo may be in it. None where a file shows more
    pictures than are kept.
    """

    def __post_init__(self) -> None:
        check_arrays(self.places, self.sizes, self.turns, self.descriptors)
        check_arrays(self.places, self.sizes, self.turns, self.mirrored)
        if not 0 <= self.telling <= len(self):
            raise ValueError("more features that tell something than there are")
        if self.greys is not None and self.greys.shape != (self.height, self.width):
            raise ValueError("another picture's size")

    def __len__(self) -> int:
        return len(self.places)


def check_arrays(places: Places, sizes: Bytes, turns: Bytes, descriptors: Bytes) -> None:
    """Raises `ValueError` where shapes or types are not those of one set of features."""
    number = len(places)
    for array, shape, kind in (
        (places, (number, 2), np.uint16),
        (sizes, (number,), np.uint8),
        (turns, (number,), np.uint8),
        (descriptors, (number, DESCRIPTOR_BYTES), np.uint8),
    ):
        if array.shape != shape or array.dtype != kind:
            raise ValueError("no arrays of one set of features")


def furthest(width: int, height: int) -> tuple[int, int]:
    """The last place across and down in a picture of this size."""
    longer = max(width, height)
    return -(-PLACES * width // longer), -(-PLACES * height // longer)
