"""The registered hashes in memory: the matcher's index of each kind, kept at the store's revision."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from bot.model import CaseId, FingerprintId
from bot.shown import DERIVED, SAME_PHOTO
from bot.store import Store, Tx
from bot.store import registry as rows
from matcher import (
    PDQ,
    PHOTO,
    HashTextError,
    Index,
    Match,
    MediaFingerprint,
    PhotoFeatures,
    PhotoIndex,
    PhotoMatch,
    Relation,
    judge,
    judge_photos,
    padded,
)

log = structlog.get_logger()


@dataclass(frozen=True)
class CaseMatch:
    """A match and the case whose fingerprint it is."""

    case_id: CaseId
    match: Match | PhotoMatch

    @property
    def band(self) -> str:
        if isinstance(self.match, PhotoMatch):
            return SAME_PHOTO if self.match.relation is Relation.SAME else DERIVED
        return self.match.band


@dataclass(frozen=True)
class Search:
    """What a posted picture matched, and the revision of the registry that was searched."""

    revision: int
    matches: tuple[CaseMatch, ...]


class Registry:
    def __init__(
        self, store: Store, *, margin_bits: int, min_quality: int, searches_photos: bool = False
    ) -> None:
        """`margin_bits` and `min_quality` as in `matcher.judge`."""
        self._store = store
        self._margin_bits = margin_bits
        self._min_quality = min_quality
        self._indexes = {PDQ: Index()}
        self._searches_photos = searches_photos
        self._photos = PhotoIndex()
        self._case_of: dict[FingerprintId, CaseId] = {}
        self._item_of: dict[int, int] = {}
        self._revision = 0
        self._refreshing = asyncio.Lock()

    def __len__(self) -> int:
        """Hashes, without photos."""
        return len(self._case_of) - len(self._photos)

    @property
    def photos(self) -> int:
        return len(self._photos)

    async def prepare(self) -> None:
        """Load everything, so that the first post waits for nothing."""
        await asyncio.to_thread(self._indexes[PDQ].prepare)
        if self._searches_photos:
            await asyncio.to_thread(self._photos.prepare)
        await self.refresh()

    async def refresh(self) -> int:
        """Take over what was registered and withdrawn since the last time; returns the revision reached."""
        async with self._refreshing:
            while True:
                async with self._store.read() as tx:
                    if await rows.revision(tx) == self._revision:
                        return self._revision
                    changes = await rows.changes(tx, self._revision)
                await asyncio.to_thread(self._apply, changes)
                self._revision = changes.revision

    def _apply(self, changes: rows.Changes) -> None:
        new_ones = [new for new in changes.added if new.id not in self._case_of]
        self._add_photos(new for new in new_ones if new.kind == PHOTO)
        added = {new.id: new for new in new_ones if new.kind != PHOTO}
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
        self._photos.remove(changes.removed)
        for fingerprint_id in changes.removed:
            self._case_of.pop(fingerprint_id, None)
            self._item_of.pop(fingerprint_id, None)

    def _add_photos(self, added: Iterable[rows.Registered]) -> None:
        if not self._searches_photos:
            return
        read: list[tuple[int, PhotoFeatures]] = []
        for new in added:
            try:
                read.append((new.id, PhotoFeatures.from_bytes(new.bits)))
            except HashTextError as error:
                # One of another version must not keep all others from being searched.
                log.error("a registered photo cannot be read", fingerprint=new.id, reason=str(error.reason))
                continue
            self._case_of[new.id] = new.case_id
        self._photos.add(read)

    async def kinds(self) -> frozenset[str]:
        """By which kinds, besides PDQ, hashes or photos are registered: what a file must be looked at for."""
        await self.refresh()
        kinds = {kind for kind, index in self._indexes.items() if len(index)} - {PDQ}
        return frozenset(kinds | {PHOTO} if len(self._photos) else kinds)

    async def search(self, media: MediaFingerprint) -> Search:
        """Every registered item that the file shows."""
        revision = await self.refresh()
        return Search(revision, tuple(await asyncio.to_thread(self._matches, media)))

    def _matches(self, media: MediaFingerprint) -> list[CaseMatch]:
        hashes = judge(
            media,
            self._indexes,
            margin_bits=self._margin_bits,
            min_quality=self._min_quality,
            item_of=self._item_of,
        )
        matches: list[tuple[int, Match | PhotoMatch]] = [(match.fingerprint_id, match) for match in hashes]
        if len(self._photos):
            matches += [(match.photo_id, match) for match in judge_photos(media, self._photos)]
        # A fingerprint withdrawn meanwhile belongs to nobody any more.
        owned = ((self._case_of.get(FingerprintId(print_id)), match) for print_id, match in matches)
        return [CaseMatch(case_id, match) for case_id, match in owned if case_id is not None]

    async def is_current(self, tx: Tx, search: Search) -> bool:
        """Whether nothing was registered or withdrawn since the search."""
        return await rows.revision(tx) == search.revision
