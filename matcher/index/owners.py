"""Whose the rows of the index are: one number a row, which says all where one fingerprint owns it.

It is the fingerprint's id and radius, or the number of a group of fingerprints whose hashes are identical. As one number
it is read and written whole, so that whoever searches needs no lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

NOBODY = -1
"""The owner of a row that is searched no more; groups are below it."""
RADIUS_SHIFT = 8
MAX_RADIUS_BITS = (1 << RADIUS_SHIFT) - 1
MAX_ID = (1 << (63 - RADIUS_SHIFT)) - 1

Int64s = NDArray[np.int64]


def owners_of(ids: Int64s, radii_bits: Int64s) -> Int64s:
    """The numbers of single owners. Raises `ValueError` if an id or a radius is out of bounds."""
    if len(ids) and not (ids.min() >= 0 and ids.max() <= MAX_ID):
        raise ValueError(f"a fingerprint's id is a number from 0 to {MAX_ID}")
    if len(ids) and not (radii_bits.min() >= 0 and radii_bits.max() <= MAX_RADIUS_BITS):
        raise ValueError(f"a radius is a number of bits from 0 to {MAX_RADIUS_BITS}")
    return ids << RADIUS_SHIFT | radii_bits


class Groups:
    """The owners of hashes that have several, and how many owners of all rows have which radius."""

    def __init__(self) -> None:
        self._groups: dict[int, dict[int, int]] = {}
        self._group_of: dict[int, int] = {}
        self._last = NOBODY
        self._with_radius = np.zeros(MAX_RADIUS_BITS + 1, dtype=np.int64)

    def __len__(self) -> int:
        """The number of owners of all rows."""
        return int(self._with_radius.sum())

    @property
    def widest_bits(self) -> int:
        """The widest radius of any owner."""
        radii = np.flatnonzero(self._with_radius)
        return int(radii[-1]) if len(radii) else 0

    def count(self, owners: Int64s, change: int) -> None:
        """Single owners came (1) or went (-1); groups among them do not count."""
        radii = owners[owners >= 0] & MAX_RADIUS_BITS
        # numpy's own ways to count let go of the interpreter's lock, however few there are.
        for radius_bits, number in Counter(radii.tolist()).items():
            self._with_radius[radius_bits] += change * number

    def any_in_group(self, ids: Iterable[int]) -> bool:
        """Whether one of these fingerprints shares its row."""
        return bool(self._group_of) and not self._group_of.keys().isdisjoint(ids)

    def members(self, owner: int) -> Mapping[int, int]:
        """Ids and radii of a group; none if it is there no more."""
        # A copy is one step for other threads, and iterating is not.
        return self._groups.get(owner, {}).copy()

    def join(self, owner: int, newcomer: int) -> int:
        """What owns a row that `owner` owned, a single one or a group, once a single newcomer does as well."""
        if owner >= 0:
            self._last -= 1
            self._groups[self._last] = {}
            self._enter(self._last, owner)
            owner = self._last
        self._enter(owner, newcomer)
        return owner

    def leave(self, ids: Iterable[int]) -> Int64s:
        """Take fingerprints out of their groups; what is left to be looked for among the rows, in order.

        That is the ids which are in no group, and the groups which nobody is left in.
        """
        left = set()
        for fingerprint_id in set(ids):
            group = self._group_of.pop(fingerprint_id, None)
            if group is None:
                if 0 <= fingerprint_id <= MAX_ID:
                    left.add(fingerprint_id)
                continue
            self._with_radius[self._groups[group].pop(fingerprint_id)] -= 1
            if not self._groups[group]:
                del self._groups[group]
                left.add(group)
        return np.array(sorted(left), dtype=np.int64)

    def _enter(self, group: int, owner: int) -> None:
        fingerprint_id = owner >> RADIUS_SHIFT
        self._groups[group][fingerprint_id] = owner & MAX_RADIUS_BITS
        self._group_of[fingerprint_id] = group
