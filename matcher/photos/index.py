"""Registered photos in memory, and which of them a posted picture may show a part of.

What is found here is only a suspicion for `matcher.photos.verdict` to verify.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.photos.features import PhotoFeatures
from matcher.photos.hashes import PhotoHashes

# Importing these compiles. Those who only make features (`jikimi hash`, the sandboxed workers) are spared it.
if TYPE_CHECKING:
    from matcher.photos.geometry import Floats, Words
    from matcher.photos.parts import Part, Registered

RADIUS_BITS = 74
"""Descriptors this near are looked up: of unrelated ones two in 100,000 are."""
_COMMON_BITS = 58
_COMMON, _COMMON_SHARE = 50, 0.01
"""A posted feature that is so near to photos of more owners, and than this share of all photos, is furniture. A whole
class may register one and the same photo: that is no furniture. Nor is what one person registers again and again."""
_CANDIDATES, _MOST_CANDIDATES = 8, 64
"""Owners whose photos are verified; the more where much is said for many photos, and nearly as much as for the first. Photos in
all.
"""
_HINT_BITS, _HINTS = 40, 4
"""A pair that differs by so few is a hint by itself, and the nearest of so many owners are followed. Among 8,410 photos that are not
in a post a post has two in the median, with its mirror image."""
_LITTLE, _MUCH = 3.0, 20.0
"""What its pairs say for a photo, as `matcher.photos.parts` weighs them: for one that is not in a post seldom more than 10."""
_FRESH_ROWS = 1 << 16
_SEALED_ROWS = 1 << 23
_MAX_ID = (1 << 51) - 1


@dataclass(frozen=True)
class Candidate:
    """A registered photo, and the pairs (posted feature, feature of the photo) that look alike."""

    photo_id: int
    photo: Registered
    pairs: NDArray[np.int64]
    """Pairs x 2, the nearest first."""
    is_hint: bool
    """Nothing but the first pair speaks for it."""


class PhotoIndex:
    """Photos by id (0 to 2**51 - 1). Safe to use from several threads.

    A search finds whatever was added before it began, as far as its tables find it, and nothing that was removed before
    it began. Adding takes milliseconds, and once in about 130 photos up to some seconds, in which all tables are made
    anew; it does not hold the interpreter's lock meanwhile.
    """

    def __init__(self) -> None:
        self._writing = threading.Lock()
        # Replaced, never changed. The last part is the smallest.
        self._parts: tuple[Part, ...] = ()
        self._where: dict[int, tuple[Part, int]] = {}
        self.hashes = PhotoHashes()

    def prepare(self) -> None:
        """Compile now, which takes some seconds, and not when the first picture is judged."""
        import matcher.photos.closer
        import matcher.photos.geometry
        import matcher.photos.parts  # noqa: F401 - they compile when they are imported
        from matcher.photos.orb import use_one_thread

        use_one_thread()
        self.hashes.prepare()

    def __len__(self) -> int:
        """The number of photos."""
        return len(self._where)

    @property
    def memory_bytes(self) -> int:
        """What the arrays of all features and tables take."""
        return sum(part.memory_bytes for part in self._parts)

    def add(
        self, photos: Iterable[tuple[int, PhotoFeatures]], owner_of: Mapping[int, int] | None = None
    ) -> None:
        """Add photos by id, whose owners are known by number; else each has one of its own. All or, where an id is known or
        not valid, none and a `ValueError`.
        """
        from matcher.photos.parts import registered
        from matcher.photos.tables import words_of

        new = list(photos)
        ids = [photo_id for photo_id, _ in new]
        owner_of = owner_of or {}
        rows = [
            registered(features, words_of(features.descriptors), owner_of.get(photo_id, photo_id))
            for photo_id, features in new
        ]
        with self._writing:
            if len(set(ids)) < len(ids) or any(photo_id in self._where for photo_id in ids):
                raise ValueError("a photo is in the index already")
            if any(not 0 <= photo_id <= _MAX_ID for photo_id in ids):
                raise ValueError("an id is a whole number from 0 to 2**51 - 1")
            self._append(ids, rows)
            self.hashes.add((photo_id, features.hashes) for photo_id, features in new)

    def remove(self, photo_ids: Iterable[int]) -> None:
        """Forget photos; ids that are not known are let be."""
        with self._writing:
            gone = {photo_id: self._where.pop(photo_id) for photo_id in photo_ids if photo_id in self._where}
            for part, number in gone.values():
                part.remove(number)
            self.hashes.remove(gone)
            sparse = [part for part in self._parts if part.alive < len(part) // 2]
            if sparse:
                self._replace(sparse, [], [])

    def candidates(self, words: Words, post: Floats) -> list[Candidate]:
        """The photos that most of these posted features (n x 4 words; n x 4, see `matcher.photos.geometry`) speak for, and then
        those that one very near pair hints at, each with its pairs.
        """
        parts = self._parts
        if not parts or not len(words):
            return []
        found = [part.near(words, RADIUS_BITS) for part in parts]
        is_common = self._common(parts, found, len(words))
        suspected: list[tuple[float, int, int]] = []
        for number, part in enumerate(parts):
            found[number] = found[number][~is_common[found[number][:, 0]]]
            photos, said = part.speaking(found[number], post)
            suspected += zip(said.tolist(), repeat(number), photos.tolist(), strict=False)
        chosen = list(_worth_verifying(parts, suspected))
        hints = _hints(parts, found, set(chosen))
        return [
            _candidate(parts[number], photo, found[number], is_hint)
            for is_hint, some in ((False, chosen), (True, hints))
            for number, photo in some
            if parts[number].is_alive[photo]
        ]

    def _common(
        self, parts: Sequence[Part], found: Sequence[NDArray[np.int32]], queries: int
    ) -> NDArray[np.bool_]:
        pairs = []
        for part, near in zip(parts, found, strict=True):
            nearest = near[near[:, 2] <= _COMMON_BITS]
            pairs.append(np.column_stack((nearest[:, 0], part.owners[part.photo_of[nearest[:, 1]]])))
        query, owner = np.concatenate(pairs).T
        owners, number = np.unique(owner, return_inverse=True)
        # Each owner once for each posted feature.
        once = np.unique(query * (len(owners) + 1) + number) // (len(owners) + 1)
        total = np.bincount(once, minlength=queries)
        return total > max(_COMMON, _COMMON_SHARE * len(self))

    def _append(self, ids: list[int], rows: list[Registered]) -> None:
        fresh = [part for part in self._parts if len(part) < _FRESH_ROWS]
        total = sum(part.alive for part in fresh) + sum(photo.searched for photo in rows)
        if total >= _FRESH_ROWS:
            # Not worth tables of its own any more: it goes into the smallest of the others that has room.
            room = [p for p in self._parts if p not in fresh and p.alive + total <= _SEALED_ROWS]
            fresh += sorted(room, key=lambda part: part.alive)[:1]
        self._replace(fresh, ids, rows)

    def _replace(self, old: list[Part], ids: list[int], rows: list[Registered]) -> None:
        """Put what is alive of old parts, and new photos, into parts of their own."""
        from matcher.photos.parts import Part

        ids, rows = list(ids), list(rows)
        for part in old:
            for number in np.flatnonzero(part.is_alive).tolist():
                ids.append(int(part.photo_ids[number]))
                rows.append(part.photo(number))
        made = [Part(ids[run], rows[run]) for run in _runs([photo.searched for photo in rows])]
        self._parts = (*(part for part in self._parts if part not in old), *made)
        for part in made:
            self._where |= {int(photo_id): (part, number) for number, photo_id in enumerate(part.photo_ids)}


def _worth_verifying(
    parts: Sequence[Part], suspected: Sequence[tuple[float, int, int]]
) -> Iterator[tuple[int, int]]:
    """The best (part, photo) of those suspected (what is said for it, part, photo).

    By owner, or one person could hide another's photo by many of what the post has around it.
    """
    ranked = sorted((one for one in suspected if one[0] >= _LITTLE), key=lambda one: -one[0])
    enough = max(_MUCH, ranked[0][0] / 2) if ranked else 0
    owners: dict[int, int] = {}
    owned: Counter[int] = Counter()
    chosen = []
    for said, number, photo in ranked:
        owner = int(parts[number].owners[photo])
        if owners.setdefault(owner, len(owners)) < _CANDIDATES or said >= enough:
            chosen.append((owned[owner], number, photo))
            owned[owner] += 1
    for _, number, photo in sorted(chosen, key=lambda one: one[0])[:_MOST_CANDIDATES]:
        yield number, photo


def _hints(
    parts: Sequence[Part], found: Sequence[NDArray[np.int32]], chosen: set[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The (part, photo) of the nearest pairs, of each owner one, but for those that were chosen."""
    near = []
    for number, (part, pairs) in enumerate(zip(parts, found, strict=True)):
        few = pairs[pairs[:, 2] <= _HINT_BITS]
        near += [
            (bits, number, photo)
            for bits, photo in zip(few[:, 2].tolist(), part.photo_of[few[:, 1]].tolist(), strict=True)
        ]
    owners: set[int] = set()
    for _, number, photo in sorted(near):
        owner = int(parts[number].owners[photo])
        if (number, photo) in chosen or owner in owners or not parts[number].is_alive[photo]:
            continue
        owners.add(owner)
        yield number, photo
        if len(owners) == _HINTS:
            return


def _runs(counts: Sequence[int]) -> Iterator[slice]:
    """Which photos go into one part, so that none has too many rows."""
    start = total = 0
    for number, count in enumerate(counts):
        if total + count > _SEALED_ROWS:
            yield slice(start, number)
            start, total = number, 0
        total += count
    if total:
        yield slice(start, len(counts))


def _candidate(part: Part, photo: int, found: NDArray[np.int32], is_hint: bool) -> Candidate:
    return Candidate(int(part.photo_ids[photo]), part.photo(photo), part.pairs_of(photo, found), is_hint)
