"""The kinds of hashes: PDQ, which victims register, and those that lists of other organisations hold.

A kind that is new is one more record in `KINDS`, and one more name at the end of the list in `matcher.seen`, by which
it is kept. Only hashes of one kind can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Greys = NDArray[np.uint8]

PDQ = "pdq"
PHOTO = "photo"
"""No hash: local features of pictures, see `matcher.photos.keypoints`. Asked for in the same way."""
PDQ_BYTES = 32


@dataclass(frozen=True)
class Kind:
    """How hashes of one kind are made and compared. As text they are hexadecimal, the first bit highest."""

    name: str
    bits: int
    radius_bits: int
    """Up to how many bits a picture is the same, unless whoever made the hash says otherwise."""
    is_sure: bool
    """Whether that is a match. Otherwise it is only possible: different pictures are too often as near."""
    hashed: Callable[[Greys], bytes] | None
    """The hash of a picture in whole greys (height x width). None of PDQ, see `matcher.look`."""
    least_changes: int = 0
    """How many neighbours among its bits, in rows and columns, must differ: smoother ones are near to one another."""

    @property
    def length(self) -> int:
        """In bytes."""
        return self.bits // 8

    def may_be_compared(self, bits: bytes) -> bool:
        """Whether a posted picture of this hash has enough structure for it."""
        side = math.isqrt(self.bits)
        square = np.unpackbits(np.frombuffer(bits, dtype=np.uint8)).reshape(side, side)
        changes = sum(int(np.count_nonzero(np.diff(square, axis=axis))) for axis in (0, 1))
        return changes >= self.least_changes


def _phash(side: int) -> Callable[[Greys], bytes]:
    def hashed(greys: Greys) -> bytes:
        # It brings scipy, which is 27 MB that only those who have such a list need.
        from imagehash import phash

        return np.packbits(phash(Image.fromarray(greys), side).hash).tobytes()

    return hashed


def _dhash(greys: Greys) -> bytes:
    from imagehash import dhash

    return np.packbits(dhash(Image.fromarray(greys)).hash).tobytes()


KINDS = {
    kind.name: kind
    for kind in (
        Kind(PDQ, 256, 31, is_sure=True, hashed=None),
        Kind("phash", 64, 8, is_sure=False, hashed=_phash(8)),
        Kind("phash256", 256, 32, is_sure=True, hashed=_phash(16)),
        Kind("dhash", 64, 8, is_sure=False, hashed=_dhash, least_changes=20),
    )
}
"""By name. The last three are as the Python package ImageHash makes them; bench/kinds.py measures how often different
pictures are near by each. Its ahash and whash are left out: of different pictures one pair in some hundred is near."""


def padded(bits: bytes) -> bytes:
    """32 bytes, of which zeros at the end change no distance."""
    return bits.ljust(PDQ_BYTES, b"\0")


def prepare(wanted: Iterable[str]) -> None:
    """Load what these kinds need. Raises `KeyError` for one that is not known."""
    for kind in [KINDS[name] for name in wanted if name != PHOTO]:
        if kind.hashed is not None:
            kind.hashed(np.zeros((16, 16), dtype=np.uint8))
