"""Hashes that say too little: those of stripes, gradients, chessboards, bars and boxes, whatever they are pictures of.

What such pictures have in common is that brightness is one profile down times one profile across. Their DCT, too, is a
column times a row, and the signs of a PDQ hash are then those of 16 rows and 16 columns: 32 bits instead of 256, so that
any two of them are near to each other by accident.
"""

from __future__ import annotations

import numpy as np

_SIDE = 16
MOST_PLAIN = 12.0
"""The limit of `plainness`: of the wholes of 83 photographs none reached 10, and of their 315 quarters none 12; nearly
all hashes whose false matches it was set by had 13 to 16 (docs/decisions/0008-quality-and-where.md)."""


def plainness(bits: bytes) -> float:
    """How nearly the 32 bytes of a PDQ hash are a column times a row of signs: 16 if they are, 4 at the least.

    It is the largest singular value of the 16 x 16 matrix of signs. Random bits have about 7.6.
    """
    signs = (
        np.unpackbits(np.frombuffer(bits, dtype=np.uint8)).reshape(_SIDE, _SIDE).astype(np.float64) * 2 - 1
    )
    return float(np.linalg.norm(signs, 2))


def is_plain(bits: bytes) -> bool:
    """Whether a hash is not to be registered: a person could not be told apart from a striped wall."""
    return plainness(bits) > MOST_PLAIN
