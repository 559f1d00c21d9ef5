"""The PDQ hashes of registered photos, and which files show one of them nearly as it is.

They find what local features miss: photos that are smooth or posted small. A hash does not tell whether a face in the
photo was replaced, so what it finds is neither the same photo nor a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from matcher.fingerprint import Fingerprint, MediaFingerprint
from matcher.index import Index
from matcher.kinds import KINDS, PDQ, PHOTO
from matcher.photos.features import MAX_HASHES
from matcher.seen import near_seen
from matcher.verdict import Band, Match, judge


class PhotoHashes:
    """Hashes by the id of their photo (0 to 2**51 - 1). Safe to use from several threads, one of which may change it."""

    def __init__(self) -> None:
        self._index = Index()
        self._photo_of: dict[int, int] = {}

    def prepare(self) -> None:
        """Compile now."""
        self._index.prepare()

    def add(self, photos: Iterable[tuple[int, Sequence[Fingerprint]]]) -> None:
        """Add what is not there yet, up to ten hashes a photo. Raises `ValueError` where it is."""
        new = {
            _hash_id(photo_id, number): (photo_id, one.bits)
            for photo_id, hashes in photos
            for number, one in enumerate(hashes)
        }
        self._index.add((hash_id, bits, KINDS[PDQ].radius_bits) for hash_id, (_, bits) in new.items())
        self._photo_of |= {hash_id: photo_id for hash_id, (photo_id, _) in new.items()}

    def remove(self, photo_ids: Iterable[int]) -> None:
        """Forget all hashes of these photos; ids that are not known are let be."""
        gone = [_hash_id(photo_id, number) for photo_id in photo_ids for number in range(MAX_HASHES)]
        for hash_id in gone:
            self._photo_of.pop(hash_id, None)
        self._index.remove(gone)

    def judge(self, media: MediaFingerprint) -> list[Match]:
        """One match of kind `PHOTO` for every photo that the file shows by `matcher.judge`, with the photo's id, ordered by
        it. What is only *possible* is left out: most of a photo's posts are found by its features.
        """
        views = [view.bits for still in media.stills for view in still.views if view.kind == PDQ]
        if not self._index.search(views, 0):
            # What is only near beyond the radius is never a match, and takes four times as long to find.
            return []
        return [
            replace(match, fingerprint_id=match.fingerprint_id // MAX_HASHES, kind=PHOTO)
            for match in judge(media, self._index, item_of=self._photo_of)
            if match.band is Band.MATCH
        ]

    def near(self, kept: Sequence[bytes]) -> list[int]:
        """Which of these kept files `judge` has to look at, see `matcher.near_seen`. Raises `ValueError`."""
        return near_seen(kept, {PDQ: self._index}, 0)


def _hash_id(photo_id: int, number: int) -> int:
    return photo_id * MAX_HASHES + number
