"""An exact index over 256-bit hashes by Hamming distance: a linear scan, and nothing that could miss a match.

A posted picture asks some hundred questions at once, and together they pass over the memory only once
(docs/decisions/0004-linear-scan.md). Adding and removing touch one row.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_WORDS = 4
_CHUNK = 65_536
"""Rows are taken in chunks, so that growing copies nothing."""
_FREE = -1
_FIRST_FOUND = 256

Words = NDArray[np.uint64]


@dataclass(frozen=True)
class IndexMatch:
    """A fingerprint near to the query of this number, and its own match radius."""

    query: int
    fingerprint_id: int
    distance: int
    radius_bits: int


@dataclass
class _Chunk:
    words: Words = field(default_factory=lambda: np.zeros((_WORDS, _CHUNK), dtype=np.uint64))
    ids: NDArray[np.int64] = field(default_factory=lambda: np.full(_CHUNK, _FREE, dtype=np.int64))
    radii: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(_CHUNK, dtype=np.uint8))
    used: int = 0


class Index:
    """Fingerprints by id (0 or more), each with a match radius of its own (0 to 255 bits).

    Safe to use from several threads. A search finds whatever was added before it began and is not removed before it
    ends; adding and removing do not wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chunks: list[_Chunk] = []
        self._free: list[tuple[_Chunk, int]] = []
        self._number = 0
        self._widest = 0

    @staticmethod
    def prepare() -> None:
        """Compile the search now, which takes a moment, and not when the first question comes."""
        import matcher.scan  # noqa: F401 - it compiles when it is imported

    def __len__(self) -> int:
        """The number of fingerprints."""
        return self._number

    def add(self, fingerprints: Iterable[tuple[int, bytes, int]]) -> None:
        """Add fingerprints: id, 32 bytes, radius in bits. All or, where an id is known, none and a `ValueError`."""
        new = list(fingerprints)
        ids = [fingerprint_id for fingerprint_id, _, _ in new]
        with self._lock:
            if len(set(ids)) < len(ids) or any(np.isin(chunk.ids, ids).any() for chunk in self._chunks):
                raise ValueError("a fingerprint is in the index already")
            for fingerprint_id, bits, radius_bits in new:
                chunk, row = self._free.pop() if self._free else self._next_row()
                chunk.words[:, row] = np.frombuffer(bits, dtype=np.uint64)
                chunk.radii[row] = radius_bits
                chunk.ids[row] = fingerprint_id
                self._widest = max(self._widest, radius_bits)
            self._number += len(new)

    def remove(self, fingerprint_ids: Iterable[int]) -> None:
        """Forget fingerprints; ids that are not known are let be."""
        wanted = list(fingerprint_ids)
        with self._lock:
            for chunk in self._chunks:
                for row in np.flatnonzero(np.isin(chunk.ids, wanted)).tolist():
                    chunk.ids[row] = _FREE
                    chunk.words[:, row] = 0
                    self._free.append((chunk, row))
                    self._number -= 1

    def search(self, queries: Sequence[bytes], margin_bits: int) -> list[IndexMatch]:
        """Every fingerprint within its own radius plus `margin_bits` of a query (32 bytes each)."""
        if not queries:
            return []
        with self._lock:
            chunks = [(chunk, chunk.used) for chunk in self._chunks]
            widest = self._widest + margin_bits
        words = np.frombuffer(b"".join(queries), dtype=np.uint64).reshape(-1, _WORDS)
        return [
            match for chunk, used in chunks for match in self._near(chunk, used, words, widest, margin_bits)
        ]

    def _near(
        self, chunk: _Chunk, used: int, queries: Words, widest: int, margin_bits: int
    ) -> Iterator[IndexMatch]:
        numbers, rows = _pairs(chunk.words, used, queries, widest)
        with self._lock:
            # A row may have changed while it was read: what it holds at the end is what counts.
            differences = chunk.words[:, rows].T ^ queries[numbers]
            ids, radii = chunk.ids[rows], chunk.radii[rows]
        distances = np.bitwise_count(differences).sum(axis=1, dtype=np.int64)
        near = (ids != _FREE) & (distances <= radii.astype(np.int64) + margin_bits)
        for at in np.flatnonzero(near).tolist():
            yield IndexMatch(int(numbers[at]), int(ids[at]), int(distances[at]), int(radii[at]))

    def _next_row(self) -> tuple[_Chunk, int]:
        if not self._chunks or self._chunks[-1].used == _CHUNK:
            self._chunks.append(_Chunk())
        chunk = self._chunks[-1]
        chunk.used += 1
        return chunk, chunk.used - 1


def _pairs(
    words: Words, used: int, queries: Words, radius_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of the queries and the rows that are near to each other."""
    # Compiling takes a moment, which those who search nothing (`jikimi hash`, the sandboxed workers) are spared.
    from matcher.scan import AT_ONCE, scan

    padded = np.concatenate([queries, np.repeat(queries[-1:], -len(queries) % AT_ONCE, axis=0)])
    found = np.empty((_FIRST_FOUND, 2), dtype=np.int64)
    while (number := scan(words, used, padded, radius_bits, found)) > len(found):
        found = np.empty((number, 2), dtype=np.int64)
    found = found[:number]
    found = found[found[:, 0] < len(queries)]
    return found[:, 0], found[:, 1]
