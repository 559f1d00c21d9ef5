"""What benign posts have in common: descriptors of screens, text, icons and patterns, drawn by bench/furniture.py.

A photo is registered without the features that look like these, so that two pictures in the same frame do not match by
the frame.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.photos.keypoints import DESCRIPTOR_BYTES, Bytes

FILE = Path(__file__).with_name("furniture.bin")
NEAR_BITS = 28
"""Of unrelated descriptors three in a million are as near, and so 2 % of a photo's to any of these."""
_AT_ONCE = 64


@lru_cache(maxsize=1)
def descriptors() -> Bytes:
    """All of them (n x 32)."""
    return np.frombuffer(FILE.read_bytes(), dtype=np.uint8).reshape(-1, DESCRIPTOR_BYTES)


def is_furniture(described: Bytes) -> NDArray[np.bool_]:
    """Which descriptors (n x 32) look like furniture."""
    known = np.ascontiguousarray(descriptors()).view(np.uint64)
    words = np.ascontiguousarray(described).view(np.uint64)
    found = np.zeros(len(words), dtype=np.bool_)
    for start in range(0, len(words), _AT_ONCE):
        some = words[start : start + _AT_ONCE]
        bits = np.zeros((len(some), len(known)), dtype=np.uint16)
        for word in range(4):
            bits += np.bitwise_count(some[:, word, None] ^ known[None, :, word])
        found[start : start + len(some)] = bits.min(axis=1, initial=256) <= NEAR_BITS
    return found
