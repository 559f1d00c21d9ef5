"""An exact index over 256-bit hashes by Hamming distance: nothing in it could miss a match.

Rows that were added lately are scanned; a thread in the background gathers them into parts that have tables
(docs/decisions/0004-tables-and-scan.md). Identical hashes are one row with many owners.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matcher.index.owners import MAX_RADIUS_BITS, NOBODY, RADIUS_SHIFT, Groups, Int64s, owners_of

# Importing `matcher.index.rows` compiles. Those who only hash (`jikimi hash`, the sandboxed workers) are spared it.
if TYPE_CHECKING:
    from matcher.index.rows import Fresh, Hashes, Part, Words

_log = logging.getLogger(__name__)

_BYTES = 32
_WORDS = 4
_FINGERPRINT = np.dtype([("bits", f"V{_BYTES}"), ("id", np.int64), ("radius_bits", np.int64)])
_FRESH_ROWS = 16_384
"""Scanned in 0.04 ms."""
_SEALED_ROWS = 1 << 20
_AT_ONCE = 16_384
"""Rows that are added in one step, which takes little memory and holds the interpreter's lock for moments."""


@dataclass(frozen=True)
class IndexMatch:
    """A fingerprint near to the query of this number, and its own match radius."""

    query: int
    fingerprint_id: int
    distance: int
    radius_bits: int


class Index:
    """Fingerprints by id (0 to 2**55 - 1), each with a match radius of its own (0 to 255 bits).

    Safe to use from several threads. A search finds whatever was added before it began and is not removed before it
    ends, and nothing that was removed before it began; it waits for nobody. Those who add and remove wait for one
    another, and only moments for the thread that makes tables.
    """

    def __init__(self, *, fresh_rows: int = _FRESH_ROWS, sealed_rows: int = _SEALED_ROWS) -> None:
        """`fresh_rows` is how many rows are scanned before they get tables, `sealed_rows` how many share tables at
        most (2**20 or less).
        """
        self._fresh_rows = fresh_rows
        self._sealed_rows = sealed_rows
        self._writing = threading.Lock()
        # Replaced, never changed; the last part is fresh and has room or is full.
        self._parts: tuple[Part, ...] = ()
        self._groups = Groups()
        self._sealer = ThreadPoolExecutor(1, thread_name_prefix="index-tables")
        self._sealing: Future[None] | None = None

    @staticmethod
    def prepare() -> None:
        """Compile now, which takes a second or two, and not when the first fingerprint is added."""
        import matcher.index.rows  # noqa: F401 - it compiles when it is imported

    def __len__(self) -> int:
        """The number of fingerprints."""
        return len(self._groups)

    def add(self, fingerprints: Iterable[tuple[int, bytes, int]]) -> None:
        """Add fingerprints: id, 32 bytes, radius in bits. All or, where one is not valid or its id is known, none
        and a `ValueError`.
        """
        # As arrays at once: a list of a million of them would leave a hundred megabytes behind.
        new = np.fromiter(map(_checked, fingerprints), _FINGERPRINT)
        if not len(new):
            return
        hashes, ids = new["bits"], new["id"].copy()
        owners = owners_of(ids, new["radius_bits"])
        with self._writing:
            self._refuse_known(ids)
            at = 0
            while at < len(new):
                fresh = self._fresh(len(new) - at)
                while at < len(new) and fresh.room:
                    end = at + min(fresh.room, _AT_ONCE)
                    self._append(fresh, hashes[at:end].copy(), owners[at:end])
                    at = end
            self._seal_in_background()

    def remove(self, fingerprint_ids: Iterable[int]) -> None:
        """Forget fingerprints; ids that are not known are let be."""
        wanted = list(fingerprint_ids)
        with self._writing:
            keys = self._groups.leave(wanted)
            for part in self._parts:
                rows = part.owned_by(keys)
                owners = part.owners[rows]
                part.remove(rows)
                self._groups.count(owners, -1)
            self._seal_in_background()

    def search(self, queries: Sequence[bytes] | bytes, margin_bits: int) -> list[IndexMatch]:
        """Every fingerprint within its own radius plus `margin_bits` of a query (32 bytes each, or all in one)."""
        widest = self._groups.widest_bits + margin_bits
        return [
            match
            for match in self._near(queries, widest)
            if match.distance <= match.radius_bits + margin_bits
        ]

    def within(self, queries: Sequence[bytes] | bytes, radius_bits: int) -> list[IndexMatch]:
        """Every fingerprint within so many bits of a query, whatever its own radius."""
        return list(self._near(queries, radius_bits))

    def settle(self) -> None:
        """Wait until all rows that are due for tables have them."""
        if sealing := self._sealing:
            wait([sealing])

    def _near(self, queries: Sequence[bytes] | bytes, radius_bits: int) -> Iterator[IndexMatch]:
        parts = self._parts
        if not queries or not parts:
            return
        words = _words(queries)
        for part in parts:
            pairs = part.near(words, radius_bits)
            # What owns a row at the end is what counts.
            owners = part.owners[pairs[:, 1]]
            for (query, _, distance), owner in zip(pairs.tolist(), owners.tolist(), strict=True):
                if owner >= 0:
                    yield IndexMatch(query, owner >> RADIUS_SHIFT, distance, owner & MAX_RADIUS_BITS)
                elif owner != NOBODY:
                    for fingerprint_id, own_bits in self._groups.members(owner).items():
                        yield IndexMatch(query, fingerprint_id, distance, own_bits)

    def _refuse_known(self, ids: Int64s) -> None:
        # New ids mostly rise. Whoever sorts an array lets go of the interpreter's lock, however short it is.
        keys = ids if (ids[1:] > ids[:-1]).all() else np.sort(ids)
        if (
            (keys[1:] == keys[:-1]).any()
            or self._groups.any_in_group(keys.tolist())
            or any(len(part.owned_by(keys)) for part in self._parts)
        ):
            raise ValueError("a fingerprint is in the index already")

    def _fresh(self, wanted: int) -> Fresh:
        """A part with room; a new one has room for all that are wanted, so that they are looked up in one."""
        from matcher.index.rows import Fresh

        last = self._parts[-1] if self._parts else None
        if isinstance(last, Fresh) and last.room and not self._is_full(last):
            return last
        fresh = Fresh(max(self._fresh_rows, min(wanted, self._sealed_rows)))
        self._parts = (*self._parts, fresh)
        return fresh

    def _append(self, fresh: Fresh, hashes: Hashes, owners: Int64s) -> None:
        self._groups.count(owners, 1)
        for part in self._parts:
            if part is not fresh:
                rows = part.identical(_words_of(hashes))
                known = rows >= 0
                self._share(part, rows[known], owners[known])
                hashes, owners = hashes[~known], owners[~known]
        rows = fresh.append(_words_of(hashes), owners)
        known = fresh.owners[rows] != owners
        self._share(fresh, rows[known], owners[known])

    def _share(self, part: Part, rows: Int64s, newcomers: Int64s) -> None:
        for row, newcomer in zip(rows.tolist(), newcomers.tolist(), strict=True):
            part.give(row, self._groups.join(int(part.owners[row]), newcomer))

    def _seal_in_background(self) -> None:
        if (self._sealing is None or self._sealing.done()) and self._due():
            # Where no thread can be started, the rows are found all the same, and the next one who writes tries again.
            with contextlib.suppress(RuntimeError):
                self._sealing = self._sealer.submit(self._seal_or_log)

    def _due(self) -> list[Part]:
        """The parts to be made one: full ones without tables or one with many gaps, and the smallest others."""
        full = [part for part in self._parts if not part.has_tables and self._is_full(part)]
        sealed = sorted((part for part in self._parts if part.has_tables), key=_alive)
        if not full and not any(part.sparse for part in sealed):
            return []
        due: list[Part] = []
        for part in (*full, *sealed):
            if sum(map(_alive, due)) + part.alive <= self._sealed_rows:
                due.append(part)
        return due

    def _is_full(self, part: Part) -> bool:
        return len(part.owners) >= self._fresh_rows

    def _seal_or_log(self) -> None:
        try:
            self._seal_due()
        except (MemoryError, OSError):
            _log.exception(
                "Tables could not be made. Rows without any are scanned; who writes next tries again."
            )

    def _seal_due(self) -> None:
        from matcher.index.rows import seal

        while True:
            with self._writing:
                parts = self._due()
                if not parts:
                    self._sealing = None
                    return
            # Without the lock: words do not change, and who removes a row meanwhile changes its owner only.
            which = [part.which_alive() for part in parts]
            sealed = (seal(parts, which),) if any(alive.any() for alive in which) else ()
            with self._writing:
                for part in sealed:
                    part.take_owners(parts, which)
                self._parts = (*sealed, *(part for part in self._parts if part not in parts))
            # Giving back a hundred megabytes takes 10 ms, for which nobody has to wait.
            del parts, which


def _checked(fingerprint: tuple[int, bytes, int]) -> tuple[bytes, int, int]:
    fingerprint_id, bits, radius_bits = fingerprint
    if len(bits) != _BYTES:
        raise ValueError("a hash is 32 bytes")
    return bits, fingerprint_id, radius_bits


def _alive(part: Part) -> int:
    return part.alive


def _words(hashes: Sequence[bytes] | bytes) -> Words:
    joined = hashes if isinstance(hashes, bytes) else b"".join(hashes)
    return np.frombuffer(joined, dtype=np.uint64).reshape(-1, _WORDS).copy()


def _words_of(hashes: Hashes) -> Words:
    return hashes.view(np.uint64).reshape(-1, _WORDS)
