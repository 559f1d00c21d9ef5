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

LEAST_PAIRS = 3
"""Two give a way to lie, and one more has to agree: by three pairs a photo is only looked at."""
SEARCHED = 500
"""Of a photo's features, the strongest, that are in the tables: by these it is found, and all of them weigh."""
_MOST_FOUND = 1 << 19
_MOST_ENTRIES = 4096
"""Of one value of one table: what is so frequent is furniture."""
_MOST_PAIRS = 96
"""Of the pairs of a photo."""
_SAYS = np.interp(np.arange(257), (44, 52, 60, 68, 76), (3.0, 2.4, 1.6, 0.8, 0.4))
"""By how many bits a pair that agrees with others differs: how much it says for its photo. Roughly the logarithm of how much
more often the pairs of a photo that is shown differ by so many than those of others. Measured on photos tuned with."""
_DISTANCES = 512
"""More than a distance can be."""
_LINE_WORDS = 8


@dataclass(frozen=True)
class Registered:
    """One photo's features, the strongest first, as arrays to compare: see `matcher.photos.keypoints` for the units."""

    width: int
    height: int
    places: Places
    sizes: Bytes
    turns: Bytes
    words: Words
    owner: int

    @property
    def searched(self) -> int:
        """How many of them are in the tables."""
        return min(len(self.places), SEARCHED)


class _Rows:
    """Some of the features of photos, of each a run of rows: 38 bytes a row."""

    def __init__(self, photos: Sequence[Registered], which: slice) -> None:
        self.first = np.concatenate(([0], np.cumsum([len(photo.places[which]) for photo in photos])))
        self.places = np.concatenate([photo.places[which] for photo in photos])
        self.sizes = np.concatenate([photo.sizes[which] for photo in photos])
        self.turns = np.concatenate([photo.turns[which] for photo in photos])
        self.words = _in_lines(np.concatenate([photo.words[which] for photo in photos]))

    @property
    def memory_bytes(self) -> int:
        return self.places.nbytes + self.sizes.nbytes + self.turns.nbytes + self.words.nbytes

    def of(self, photo: int) -> slice:
        return slice(self.first[photo], self.first[photo + 1])

    def remove(self, photo: int) -> None:
        for array in (self.places, self.sizes, self.turns, self.words):
            array[self.of(photo)] = 0


class Part:
    """Photos. About 100 bytes for each feature that is searched: 38 for itself, 4 for whose it is, and 4 for each table; and 38
    for each of the others.
    """

    def __init__(self, photo_ids: Sequence[int], photos: Sequence[Registered]) -> None:
        self.photo_ids = np.array(photo_ids, dtype=np.int64)
        self.is_alive = np.ones(len(photos), dtype=np.bool_)
        self.owners = np.array([photo.owner for photo in photos], dtype=np.int64)
        self._frames = [(photo.width, photo.height) for photo in photos]
        self._rows, self._others = _Rows(photos, slice(SEARCHED)), _Rows(photos, slice(SEARCHED, None))
        self.photo_of = np.repeat(np.arange(len(photos), dtype=np.int32), np.diff(self._rows.first))
        self._starts = np.empty((TABLES, values_of(len(self)) + 1), dtype=np.uint32)
        self._entries = np.empty((TABLES, len(self)), dtype=np.uint32)
        build(self._rows.words, self._starts, self._entries)

    def __len__(self) -> int:
        """Rows of the tables, also those of photos that were removed."""
        return len(self._rows.words)

    @property
    def alive(self) -> int:
        """Rows of photos that are there."""
        return int(np.diff(self._rows.first)[self.is_alive].sum())

    @property
    def memory_bytes(self) -> int:
        tables = self.photo_of.nbytes + self._starts.nbytes + self._entries.nbytes
        return self._rows.memory_bytes + self._others.memory_bytes + tables

    def near(self, queries: Words, radius_bits: int) -> NDArray[np.int32]:
        """Triples (query, row, distance) within the radius; where there are too many, some."""
        found = np.empty((_MOST_FOUND, 3), dtype=np.int32)
        words = self._rows.words
        number = probe(words, self._starts, self._entries, queries, radius_bits, _MOST_ENTRIES, found)
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
        rows = self._rows
        consensus(pairs, starts, rows.places, rows.sizes, rows.turns, post, _SAYS, LEAST_PAIRS, said)
        return likely[said > 0], said[said > 0]

    def photo(self, number: int) -> Registered:
        """The photo of this number in the part."""
        some, rest = self._rows, self._others
        one, other = some.of(number), rest.of(number)
        return Registered(
            *self._frames[number],
            np.concatenate((some.places[one], rest.places[other])),
            np.concatenate((some.sizes[one], rest.sizes[other])),
            np.concatenate((some.turns[one], rest.turns[other])),
            np.concatenate((some.words[one], rest.words[other])),
            int(self.owners[number]),
        )

    def pairs_of(self, number: int, found: NDArray[np.int32]) -> Longs:
        """Of what `near` found the pairs (posted feature, feature of this photo), the nearest first."""
        own = found[self.photo_of[found[:, 1]] == number]
        own = own[np.argsort(own[:, 2], kind="stable")]
        return np.column_stack((own[:, 0], own[:, 1] - self._rows.first[number])).astype(np.int64)

    def remove(self, number: int) -> None:
        """Forget a photo: its rows are found no more, and hold nothing of it."""
        self.is_alive[number] = False
        self._rows.remove(number)
        self._others.remove(number)


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
