"""The registered hashes in memory: the matcher's index of each kind, kept at the store's revision."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.model import CaseId, FingerprintId
from bot.store import Store, Tx
from bot.store import registry as rows
from matcher import PDQ, Index, Match, MediaFingerprint, judge, near_seen, padded


@dataclass(frozen=True)
class CaseMatch:
    """A match and the case whose fingerprint it is."""

    case_id: CaseId
    match: Match


@dataclass(frozen=True)
class Search:
    """What a posted picture matched, and the revision of the registry that was searched."""

    revision: int
    matches: tuple[CaseMatch, ...]


class Known:
    """Registered hashes that can be searched for while others are taken over."""

    def __init__(self, *, margin_bits: int, min_quality: int) -> None:
        """As in `matcher.judge`."""
        self._margin_bits = margin_bits
        self._min_quality = min_quality
        self._indexes = {PDQ: Index()}
        self._case_of: dict[FingerprintId, CaseId] = {}
        self._item_of: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._case_of)

    def prepare(self) -> None:
        self._indexes[PDQ].prepare()

    @property
    def kinds(self) -> frozenset[str]:
        """Of which there are hashes."""
        return frozenset(kind for kind, index in self._indexes.items() if len(index))

    def apply(self, changes: rows.Changes) -> None:
        added = {new.id: new for new in changes.added if new.id not in self._case_of}
        self._case_of |= {new.id: new.case_id for new in added.values()}
        self._item_of |= {new.id: new.item_id for new in added.values()}
        kinds = {new.kind for new in added.values()}
        # In place, a search that runs meanwhile would stumble.
        self._indexes = {kind: Index() for kind in kinds - self._indexes.keys()} | self._indexes
        for kind in kinds:
            self._indexes[kind].add(
                (new.id, padded(new.bits), new.radius_bits) for new in added.values() if new.kind == kind
            )
        for index in self._indexes.values():
            index.remove(changes.removed)
        for fingerprint_id in changes.removed:
            self._case_of.pop(fingerprint_id, None)
            self._item_of.pop(fingerprint_id, None)

    def near(self, kept: list[bytes]) -> list[int]:
        """Which of these kept files may show something, see `matcher.near_seen`. Raises `ValueError`."""
        return near_seen(kept, self._indexes[PDQ], self._margin_bits)

    def search(self, media: MediaFingerprint) -> tuple[CaseMatch, ...]:
        """Every registered item that the file shows."""
        matches = judge(
            media,
            self._indexes,
            margin_bits=self._margin_bits,
            min_quality=self._min_quality,
            item_of=self._item_of,
        )
        # A fingerprint withdrawn meanwhile belongs to nobody any more.
        owned = ((self._case_of.get(FingerprintId(match.fingerprint_id)), match) for match in matches)
        return tuple(CaseMatch(case_id, match) for case_id, match in owned if case_id is not None)


class Registry:
    def __init__(self, store: Store, *, margin_bits: int, min_quality: int) -> None:
        """`margin_bits` and `min_quality` as in `matcher.judge`."""
        self._store = store
        self._known = Known(margin_bits=margin_bits, min_quality=min_quality)
        self._revision = 0
        self._refreshing = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._known)

    async def prepare(self) -> None:
        """Load everything, so that the first post waits for nothing."""
        await asyncio.to_thread(self._known.prepare)
        await self.refresh()

    async def refresh(self) -> int:
        """Take over what was registered and withdrawn since the last time; returns the revision reached."""
        async with self._refreshing:
            while True:
                async with self._store.read() as tx:
                    if await rows.revision(tx) == self._revision:
                        return self._revision
                    changes = await rows.changes(tx, self._revision)
                await asyncio.to_thread(self._known.apply, changes)
                self._revision = changes.revision

    async def kinds(self) -> frozenset[str]:
        """By which kinds, besides PDQ, hashes are registered: a file that is not hashed by them cannot match them."""
        await self.refresh()
        return self._known.kinds - {PDQ}

    async def search(self, media: MediaFingerprint) -> Search:
        """Every registered item that the file shows."""
        revision = await self.refresh()
        return Search(revision, await asyncio.to_thread(self._known.search, media))

    async def is_current(self, tx: Tx, search: Search) -> bool:
        """Whether nothing was registered or withdrawn since the search."""
        return await rows.revision(tx) == search.revision
