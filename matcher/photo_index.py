"""Registered photos in memory, and which of them a posted picture may show a part of.

What is found here is only a suspicion for `matcher.photo_verdict` to verify.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.keypoints import Bytes
from matcher.photo import PhotoFeatures


@dataclass(frozen=True)
class Candidate:
    """A registered photo, and the pairs (posted feature, feature of the photo) that look alike."""

    photo_id: int
    photo: PhotoFeatures
    pairs: NDArray[np.int64]
    """Pairs x 2."""


class PhotoIndex:
    """Photos by id. Safe to use from several threads; a search sees whatever was added before it began."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._photos: dict[int, PhotoFeatures] = {}

    def prepare(self) -> None:
        """Compile now, which takes some seconds, and not when the first picture is judged."""
        import matcher.geometry
        import matcher.photo_scan  # noqa: F401 - they compile when they are imported

    def __len__(self) -> int:
        """The number of photos."""
        return len(self._photos)

    def add(self, photos: Iterable[tuple[int, PhotoFeatures]]) -> None:
        """Add photos by id (0 to 2**55 - 1). All or, where an id is known or not valid, none and a `ValueError`."""
        new = list(photos)
        ids = [photo_id for photo_id, _ in new]
        with self._writing:
            if len(set(ids)) < len(ids) or any(photo_id in self._photos for photo_id in ids):
                raise ValueError("a photo is in the index already")
            if any(not 0 <= photo_id < 1 << 55 for photo_id in ids):
                raise ValueError("an id is a whole number from 0 to 2**55 - 1")
            self._photos = self._photos | dict(new)

    def remove(self, photo_ids: Iterable[int]) -> None:
        """Forget photos; ids that are not known are let be."""
        gone = set(photo_ids)
        with self._writing:
            self._photos = {key: photo for key, photo in self._photos.items() if key not in gone}

    def candidates(self, descriptors: Bytes, radius_bits: int) -> list[Candidate]:
        """The photos with features like these (n x 32), each with its pairs."""
        from matcher.photo_scan import nearest

        found = []
        words = np.ascontiguousarray(descriptors).view(np.uint64)
        for photo_id, photo in self._photos.items():
            pairs = nearest(words, np.ascontiguousarray(photo.descriptors).view(np.uint64), radius_bits)
            if len(pairs):
                found.append(Candidate(photo_id, photo, pairs))
        return found
