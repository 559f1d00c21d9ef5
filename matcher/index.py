"""An exact index over 256-bit hashes by Hamming distance.

A linear scan over distinct hashes: exact by construction, 20 ms a query at a million. Identical hashes are stored
once, however many own them, because duplicates and not skew are what slows such an index down.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WORDS = 4
_FIRST_CAPACITY = 1024


@dataclass(frozen=True)
class IndexMatch:
    """A fingerprint near to the query of this number, and its own match radius."""

    query: int
    fingerprint_id: int
    distance: int
    radius_bits: int


class Index:
    """Fingerprints by id, each with a match radius of its own. Safe to use from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: NDArray[np.uint64] = np.zeros((_FIRST_CAPACITY, _WORDS), dtype=np.uint64)
        self._used = 0
        self._slot_of_bits: dict[bytes, int] = {}
        self._bits_of: dict[int, bytes] = {}
        self._owners: list[dict[int, int]] = []
        """For each slot: fingerprint id -> radius. A slot without owners is free to be used again."""
        self._free: list[int] = []
        self._widest = 0

    def __len__(self) -> int:
        """The number of fingerprints."""
        return len(self._bits_of)

    def add(self, fingerprint_id: int, bits: bytes, radius_bits: int) -> None:
        """Add a fingerprint of 32 bytes. An id that is known is a `ValueError`."""
        with self._lock:
            if fingerprint_id in self._bits_of:
                raise ValueError(f"fingerprint {fingerprint_id} is in the index")
            slot = self._slot_of_bits.get(bits)
            if slot is None:
                slot = self._new_slot()
                self._rows[slot] = np.frombuffer(bits, dtype=np.uint64)
                self._slot_of_bits[bits] = slot
            self._owners[slot][fingerprint_id] = radius_bits
            self._bits_of[fingerprint_id] = bits
            self._widest = max(self._widest, radius_bits)

    def remove(self, fingerprint_id: int) -> None:
        """Forget a fingerprint. An id that is not known is a `KeyError`."""
        with self._lock:
            bits = self._bits_of.pop(fingerprint_id)
            slot = self._slot_of_bits[bits]
            del self._owners[slot][fingerprint_id]
            if not self._owners[slot]:
                del self._slot_of_bits[bits]
                self._rows[slot] = 0
                self._free.append(slot)

    def search(self, queries: Sequence[bytes], margin_bits: int) -> list[IndexMatch]:
        """Every fingerprint within its own radius plus `margin_bits` of a query (32 bytes each)."""
        with self._lock:
            return list(self._near(queries, margin_bits))

    def _near(self, queries: Sequence[bytes], margin_bits: int) -> Iterator[IndexMatch]:
        rows = self._rows[: self._used]
        for number, query in enumerate(queries):
            distances = np.bitwise_count(rows ^ np.frombuffer(query, dtype=np.uint64)).sum(axis=1)
            for slot in np.flatnonzero(distances <= self._widest + margin_bits).tolist():
                distance = int(distances[slot])
                for fingerprint_id, radius_bits in self._owners[slot].items():
                    if distance <= radius_bits + margin_bits:
                        yield IndexMatch(number, fingerprint_id, distance, radius_bits)

    def _new_slot(self) -> int:
        if self._free:
            return self._free.pop()
        if self._used == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._owners.append({})
        self._used += 1
        return self._used - 1
