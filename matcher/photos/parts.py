"""Rows of the photo index: the features of registered photos with tables over them, made once and not changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.photos.features import PhotoFeatures
from matcher.photos.geometry import Floats, Longs, consensus
from matcher.photos.keypoints import Bytes, Places
from matcher.photos.tables import TABLES, Words, build, probe, values_of

LEAST_PAIRS = 4
"""Two give a way to lie, and two more have to agree."""
_MOST_FOUND = 1 << 19
_MOST_ENTRIES = 4096
"""Of one value of one table: what is so frequent is furniture."""
_MOST_PAIRS = 96
"""Of the pairs of a photo."""
_SAYS = np.interp(np.arange(257), (14, 20, 26, 32, 40), (2.8, 1.8, 1.1, 0.6, 0.4))
"""By how many bits a pair that agrees with others differs: how much it says for its photo. Roughly the logarithm of how much
more often the pairs of a photo that is shown differ by so many than those of others. Measured on photos tuned with."""
_DISTANCES = 512
"""More than a distance can be."""
_LINE_WORDS = 8


@dataclass(frozen=True)
class Registered:
    """One photo's rows, as arrays to compare: see `matcher.photos.keypoints` for the units."""

    width: int
    height: int
    places: Places
    sizes: Bytes
    turns: Bytes
    words: Words
    owner: int


class Part:
    """Photos, each a run of rows. About 100 bytes a row: 32 for the descriptor, 6 for where it is, 4 for whose, and 4
    for each table.
    """

    def __init__(self, photo_ids: Sequence[int], photos: Sequence[Registered]) -> None:
        counts = np.array([len(photo.places) for photo in photos], dtype=np.int64)
        self.photo_ids = np.array(photo_ids, dtype=np.int64)
        self.is_alive = np.ones(len(photos), dtype=np.bool_)
        self.owners = np.array([photo.owner for photo in photos], dtype=np.int64)
        self._frames = [(photo.width, photo.height) for photo in photos]
        self._first = np.concatenate(([0], np.cumsum(counts)))
        self.photo_of = np.repeat(np.arange(len(photos), dtype=np.int32), counts)
        self._words = _in_lines(np.concatenate([photo.words for photo in photos]))
        self._places = np.concatenate([photo.places for photo in photos])
        self._sizes = np.concatenate([photo.sizes for photo in photos])
        self._turns = np.concatenate([photo.turns for photo in photos])
        self._starts = np.empty((TABLES, values_of(len(self._words)) + 1), dtype=np.uint32)
        self._entries = np.empty((TABLES, len(self._words)), dtype=np.uint32)
        build(self._words, self._starts, self._entries)

    def __len__(self) -> int:
        """Rows, also those of photos that were removed."""
        return len(self._words)

    @property
    def alive(self) -> int:
        """Rows of photos that are there."""
        return int(np.diff(self._first)[self.is_alive].sum())

    @property
    def memory_bytes(self) -> int:
        arrays = (
            self._words,
            self._places,
            self._sizes,
            self._turns,
            self.photo_of,
            self._starts,
            self._entries,
        )
        return sum(array.nbytes for array in arrays)

    def near(self, queries: Words, radius_bits: int) -> NDArray[np.int32]:
        """Triples (query, row, distance) within the radius; where there are too many, some."""
        found = np.empty((_MOST_FOUND, 3), dtype=np.int32)
        number = probe(self._words, self._starts, self._entries, queries, radius_bits, _MOST_ENTRIES, found)
        return found[:number].copy()

    def speaking(self, found: NDArray[np.int32], post: Floats) -> tuple[Longs, Floats]:
        """Which photos what `near` found speaks for, and what those of each one's pairs say that agree on one way to lie in the
        posted picture (features x 4): `LEAST_PAIRS` or more do, and no photo was removed.
        """
        photos = self.photo_of[found[:, 1]]
        counts = np.bincount(photos, minlength=len(self.photo_ids))
        likely = np.flatnonzero((counts >= LEAST_PAIRS) & self.is_alive)
        # Of each photo the nearest.
        order = np.argsort(photos.astype(np.int64) * _DISTANCES + found[:, 2])
        kept = np.minimum(counts[likely], _MOST_PAIRS)
        starts = np.concatenate(([0], np.cumsum(kept)))
        first = np.cumsum(counts)[likely] - counts[likely] - starts[:-1]
        pairs = np.ascontiguousarray(found[order[np.repeat(first, kept) + np.arange(starts[-1])]])
        said = np.zeros(len(likely))
        consensus(pairs, starts, self._places, self._sizes, self._turns, post, _SAYS, LEAST_PAIRS, said)
        return likely[said > 0], said[said > 0]

    def photo(self, number: int) -> Registered:
        """The photo of this number in the part."""
        rows = slice(self._first[number], self._first[number + 1])
        return Registered(
            *self._frames[number],
            self._places[rows],
            self._sizes[rows],
            self._turns[rows],
            self._words[rows],
            int(self.owners[number]),
        )

    def first_row(self, number: int) -> int:
        return int(self._first[number])

    def remove(self, number: int) -> None:
        """Forget a photo: its rows are found no more, and hold nothing of it."""
        self.is_alive[number] = False
        rows = slice(self._first[number], self._first[number + 1])
        self._words[rows] = 0
        self._places[rows] = 0
        self._sizes[rows] = 0
        self._turns[rows] = 0


def _in_lines(words: Words) -> Words:
    """The same where no row lies in two lines of the memory, each of which would have to be waited for."""
    room = np.empty(words.size + _LINE_WORDS, dtype=np.uint64)
    first = -room.ctypes.data // words.itemsize % _LINE_WORDS
    aligned = room[first : first + words.size].reshape(words.shape)
    aligned[:] = words
    return aligned


def registered(features: PhotoFeatures, words: Words, owner: int) -> Registered:
    """The arrays of one photo."""
    frame = features.width, features.height
    return Registered(*frame, features.places, features.sizes, features.turns, words, owner)
