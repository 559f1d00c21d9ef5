"""The rows of the index: fresh ones, which are scanned, and sealed ones, which have tables.

A row's words never change, and its owner is one number, so whoever searches reads both while others write. Importing
this compiles, which takes a second or two.
"""

from __future__ import annotations

import contextlib
import math
import mmap
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matcher.index import tables
from matcher.index.lookup import (
    append,
    look_up,
    new_zones,
    owned_by,
    owned_by_released,
    take,
    widen,
    zones_of,
)
from matcher.index.owners import NOBODY, Int64s
from matcher.index.scan import AT_ONCE, scan, scan_released

WORDS = 4
_FIRST_FOUND = 256
_AT_ONCE = 16_384
"""Rows that are copied in one step, so that the interpreter's lock is never held for long."""
_FEW_ZONES = 16
_FEW_HASHES = 64
_FEW_COMPARED = 1 << 17
"""Up to here, which takes a tenth of a millisecond, the interpreter's lock is kept: whoever lets go of it may wait 5 ms
until it is given back. Compared are rows, each with four queries at once."""
_ENTRY_COST = 5
"""What looking at a table's entry costs, where comparing a row with four queries costs 1; measured."""

Words = NDArray[np.uint64]
"""Hashes x 4."""
Hashes = NDArray[np.void]
"""The same, one value of 32 bytes a hash. Of these numpy picks some without letting go of the interpreter's lock."""
Mask = NDArray[np.bool_]
_HASH = np.dtype(f"V{8 * WORDS}")


class Part(ABC):
    """Some of the rows. `words` is rows x 4."""

    has_tables: ClassVar[bool]

    def __init__(self, room: int) -> None:
        self._removed = 0
        self._zones = new_zones(room)

    @property
    @abstractmethod
    def words(self) -> Words: ...

    @property
    @abstractmethod
    def owners(self) -> Int64s:
        """One a row."""

    @abstractmethod
    def near(self, queries: Words, radius_bits: int) -> Int64s:
        """(query, row, distance) of every pair within the radius, whoever owns the row."""

    @abstractmethod
    def identical(self, words: Words) -> Int64s:
        """For each hash its row, -1 where no row that belongs to somebody has it."""

    @property
    def alive(self) -> int:
        """How many rows belong to somebody."""
        return len(self.owners) - self._removed

    @property
    def sparse(self) -> bool:
        """Whether more than half of the rows belong to nobody."""
        return self._removed * 2 > len(self.owners)

    def which_alive(self) -> Mask:
        alive: Mask = _pages(self.owners.shape, np.bool_)
        return np.not_equal(self.owners, NOBODY, out=alive)

    def owned_by(self, keys: Int64s) -> Int64s:
        """The rows that these fingerprints or groups own; `keys` are in order."""
        rows = np.empty(len(keys), dtype=np.int64)
        zones = np.empty(len(self._zones), dtype=np.int64)
        zones = zones[: zones_of(self._zones, keys, zones)]
        looked = owned_by if len(zones) <= _FEW_ZONES else owned_by_released
        return rows[: looked(self.owners, zones, keys, rows)]

    def give(self, row: int, owner: int) -> None:
        """Let a row that belongs to somebody belong to this fingerprint or group."""
        self.owners[row] = owner
        widen(self.owners, row, row + 1, self._zones)

    def remove(self, rows: Int64s) -> None:
        self.owners[rows] = NOBODY
        self._removed += len(rows)


class Fresh(Part):
    """Rows in the order in which they are added."""

    has_tables = False

    def __init__(self, room: int) -> None:
        """`room` is how many there will be at most."""
        super().__init__(room)
        self._words: Words = _pages((room, WORDS), np.uint64)
        self._owners: Int64s = _pages((room,), np.int64)
        self._slots: NDArray[np.int32] = _pages((1 << (2 * room - 1).bit_length(),), np.int32)
        self._used = 0

    @property
    def room(self) -> int:
        """How many rows can be added still."""
        return len(self._owners) - self._used

    @property
    def words(self) -> Words:
        return self._words[: self._used]

    @property
    def owners(self) -> Int64s:
        return self._owners[: self._used]

    def near(self, queries: Words, radius_bits: int) -> Int64s:
        return _scanned(self.words, queries, radius_bits)

    def identical(self, words: Words) -> Int64s:
        rows = np.empty(len(words), dtype=np.int64)
        look_up(self._words, self._owners, self._slots, words, rows)
        return rows

    def append(self, words: Words, owners: Int64s) -> Int64s:
        """Add the hashes that no row has, no more than there is room for; returns each one's row."""
        rows = np.empty(len(words), dtype=np.int64)
        before = self._used
        # Whoever searches sees the rows when they are whole.
        self._used = append(self._words, self._owners, self._slots, before, words, owners, rows)
        widen(self._owners, before, self._used, self._zones)
        return rows


class Sealed(Part):
    """Rows that no others are added to, 2**20 at most."""

    has_tables = True

    def __init__(self, words: Words) -> None:
        """Their owners are to be written yet. A million take 0.2 s, without the interpreter's lock."""
        super().__init__(len(words))
        self._words = words
        self._owners: Int64s = _pages((len(words),), np.int64)
        # The system makes pages when they are written first; that is done before others wait for it.
        self._owners[:] = NOBODY
        self._starts: NDArray[np.uint32] = _pages((tables.PARTS, tables.VALUES + 1), np.uint32)
        self._entries: NDArray[np.uint32] = _pages((tables.PARTS, len(words)), np.uint32)
        tables.build(words, self._starts, self._entries)

    @property
    def words(self) -> Words:
        return self._words

    @property
    def owners(self) -> Int64s:
        return self._owners

    def near(self, queries: Words, radius_bits: int) -> Int64s:
        # From the tables, where that is less work than a scan.
        if radius_bits <= tables.MAX_RADIUS_BITS:
            most = len(self._words) * -(-len(queries) // AT_ONCE) // _ENTRY_COST
            lookups = tables.lookups(radius_bits) * len(queries)
            if lookups * (1 + len(self._words) / tables.VALUES) <= most:
                pairs = self._probed(queries, radius_bits, most)
                if pairs is not None:
                    return pairs
        return _scanned(self._words, queries, radius_bits)

    def identical(self, words: Words) -> Int64s:
        rows = np.empty(len(words), dtype=np.int64)
        looked = tables.identical if len(words) <= _FEW_HASHES else tables.identical_released
        looked(self._words, self._starts, self._entries, self._owners, words, rows)
        return rows

    def take_owners(self, parts: Sequence[Part], which: Sequence[Mask]) -> None:
        """The owners of the rows that it was sealed from."""
        at = 0
        for part, wanted in zip(parts, which, strict=True):
            at += take(part.owners, wanted, self._owners[at:])
        self._removed = at - widen(self._owners, 0, at, self._zones)

    def _probed(self, queries: Words, radius_bits: int, most: int) -> Int64s | None:
        """None if there are more than `most` entries to be looked at."""
        found = np.empty((_FIRST_FOUND, 3), dtype=np.int64)
        while True:
            number = tables.probe(self._words, self._starts, self._entries, queries, radius_bits, most, found)
            if number < 0:
                return None
            if number <= len(found):
                return found[:number]
            found = np.empty((number, 3), dtype=np.int64)


def seal(parts: Sequence[Part], which: Sequence[Mask]) -> Sealed:
    """These rows of these parts as one part."""
    words: Words = _pages((sum(map(np.count_nonzero, which)), WORDS), np.uint64)
    _gather([part.words for part in parts], which, words.view(_HASH)[:, 0])
    return Sealed(words)


def _pages(shape: tuple[int, ...], kind: type[np.generic]) -> NDArray[Any]:
    """An array of zeros whose memory goes back to the system with it, which malloc's would not for hours."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    # With large pages, which not every system has, lookups all over the tables take a quarter less time.
    with contextlib.suppress(AttributeError, OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=kind).reshape(shape)


def _gather(sources: Sequence[Words], which: Sequence[Mask], into: Hashes) -> None:
    at = 0
    for source, wanted in zip(sources, which, strict=True):
        hashes = source.view(_HASH)[:, 0]
        for start in range(0, len(wanted), _AT_ONCE):
            chosen = hashes[start : start + _AT_ONCE][wanted[start : start + _AT_ONCE]]
            into[at : at + len(chosen)] = chosen
            at += len(chosen)


def _scanned(words: Words, queries: Words, radius_bits: int) -> Int64s:
    padded = np.concatenate([queries, np.repeat(queries[-1:], -len(queries) % AT_ONCE, axis=0)])
    few = len(words) * (len(padded) // AT_ONCE) <= _FEW_COMPARED
    scanned = scan if few else scan_released
    found = np.empty((_FIRST_FOUND, 3), dtype=np.int64)
    while (number := scanned(words, padded, radius_bits, found)) > len(found):
        found = np.empty((number, 3), dtype=np.int64)
    found = found[:number]
    return found[found[:, 0] < len(queries)]
