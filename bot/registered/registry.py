"""The registered hashes in memory: the matcher's index of each kind, kept at the store's revision."""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.model import CaseId, FingerprintId, KnownGoodId
from bot.shown import DERIVED, SAME_PHOTO
from bot.store import Store, Tx, known_good
from bot.store import registry as rows
from bot.store.known_good import KnownBits
from matcher import (
    MATCH_RADIUS_BITS,
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
    near_seen,
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
        # Where only the hash of a photo is near, nobody knows whether a face in it was replaced.
        return DERIVED if self.match.kind == PHOTO else self.match.band


@dataclass(frozen=True)
class Search:
    """What a posted picture matched, and the revision of the registry that was searched."""

    revision: int
    matches: tuple[CaseMatch, ...]


class Known:
    """Registered hashes that can be searched for while others are taken over."""

    def __init__(self, *, margin_bits: int, min_quality: int, searches_photos: bool = False) -> None:
        """`margin_bits` and `min_quality` as in `matcher.judge`."""
        self._margin_bits = margin_bits
        self._min_quality = min_quality
        self._indexes = {PDQ: Index()}
        self._searches_photos = searches_photos
        self._photos = PhotoIndex()
        self._case_of: dict[FingerprintId, CaseId] = {}
        self._item_of: dict[int, int | None] = {}
        self._quiet: dict[int, int | None] = {}
        """Those that make no alerts: of no item, as far as those go."""

    def __len__(self) -> int:
        """Hashes, without photos."""
        return len(self._case_of) - len(self._photos)

    @property
    def photos(self) -> int:
        return len(self._photos)

    def prepare(self) -> None:
        self._indexes[PDQ].prepare()
        if self._searches_photos:
            self._photos.prepare()

    @property
    def kinds(self) -> frozenset[str]:
        """Of which there are hashes, or photos."""
        kinds = {kind for kind, index in self._indexes.items() if len(index)}
        return frozenset(kinds | {PHOTO} if len(self._photos) else kinds)

    def apply(self, changes: rows.Changes) -> None:
        """Take over. No search may begin meanwhile: one that is changed is not there for a moment."""
        again = [new.id for new in changes.added if new.id in self._case_of]
        gone = {*changes.removed, *again}
        self._photos.remove(gone)
        self._add_photos(new for new in changes.added if new.kind == PHOTO)
        added = {new.id: new for new in changes.added if new.kind != PHOTO}
        self._case_of |= {new.id: new.case_id for new in added.values()}
        self._item_of |= {new.id: new.item_id for new in added.values()}
        quiet = dict.fromkeys(known for known in self._quiet if known not in gone)
        self._quiet = quiet | {new.id: None for new in added.values() if new.is_quiet}
        kinds = {new.kind for new in added.values()}
        # In place, a search that runs meanwhile would stumble.
        self._indexes = {kind: Index() for kind in kinds - self._indexes.keys()} | self._indexes
        for index in self._indexes.values():
            index.remove(gone)
        for kind in kinds:
            self._indexes[kind].add(
                (new.id, padded(new.bits), new.radius_bits) for new in added.values() if new.kind == kind
            )
        for fingerprint_id in changes.removed:
            self._case_of.pop(fingerprint_id, None)
            self._item_of.pop(fingerprint_id, None)

    def _add_photos(self, added: Iterable[rows.Registered]) -> None:
        if not self._searches_photos:
            return
        read: list[tuple[int, PhotoFeatures]] = []
        owner_of: dict[int, int] = {}
        for new in added:
            try:
                read.append((new.id, PhotoFeatures.from_bytes(new.bits)))
            except HashTextError as error:
                # One of another version must not keep all others from being searched.
                log.error("a registered photo cannot be read", fingerprint=new.id, reason=str(error.reason))
                continue
            self._case_of[new.id] = owner_of[new.id] = new.case_id
        self._photos.add(read, owner_of)

    def near(self, kept: list[bytes]) -> list[int]:
        """Which of these kept files may show something, see `matcher.near_seen`. Raises `ValueError`."""
        return sorted({*near_seen(kept, self._indexes, self._margin_bits), *self._photos.hashes.near(kept)})

    def within(self, queries: Sequence[bytes], radius_bits: int) -> list[tuple[int, FingerprintId]]:
        """Of these PDQ hashes the number, and each registered one that is within so many bits of it."""
        found = self._indexes[PDQ].within(queries, radius_bits)
        return [(match.query, FingerprintId(match.fingerprint_id)) for match in found]

    def search(self, media: MediaFingerprint) -> tuple[CaseMatch, ...]:
        """Every registered item that the file shows. What shows it best is no quiet hash, if another shows it too."""
        matches = self._judged(media, self._item_of)
        if any(match.fingerprint_id in self._quiet for match in matches):
            loud = self._judged(media, ChainMap(self._quiet, self._item_of))
            items = {self._item_of.get(match.fingerprint_id) for match in loud}
            matches = loud + [
                match for match in matches if self._item_of.get(match.fingerprint_id) not in items
            ]
        found: list[tuple[int, Match | PhotoMatch]] = [(match.fingerprint_id, match) for match in matches]
        if len(self._photos):
            shown = {match.photo_id: match for match in judge_photos(media, self._photos)}
            near = {match.fingerprint_id: match for match in self._photos.hashes.judge(media)}
            found += (near | shown).items()
        # A fingerprint withdrawn meanwhile belongs to nobody any more.
        owned = ((self._case_of.get(FingerprintId(print_id)), match) for print_id, match in found)
        return tuple(CaseMatch(case_id, match) for case_id, match in owned if case_id is not None)

    def _judged(self, media: MediaFingerprint, item_of: Mapping[int, int | None]) -> list[Match]:
        return judge(
            media,
            self._indexes,
            margin_bits=self._margin_bits,
            min_quality=self._min_quality,
            item_of=item_of,
        )


class Registry:
    def __init__(self, store: Store, known: Known, *, now: Callable[[], datetime]) -> None:
        """`known` is empty as yet, and kept by what the store says."""
        self._store = store
        self._known = known
        self._now = now
        self._revision = 0
        self._good = Index()
        self._good_revision = 0
        self._refreshing = asyncio.Lock()

    def __len__(self) -> int:
        """Hashes, without photos."""
        return len(self._known)

    @property
    def photos(self) -> int:
        return self._known.photos

    async def prepare(self) -> None:
        """Load everything, so that the first post waits for nothing."""
        await asyncio.to_thread(self._known.prepare)
        await self.refresh()

    async def refresh(self) -> int:
        """Take over what was registered, changed and withdrawn since the last time; returns the revision reached.

        What is near to a known-good hash is muted before anything is searched for.
        """
        async with self._refreshing:
            while True:
                async with self._store.read() as tx:
                    good_revision = await known_good.revision(tx)
                    good = None
                    if good_revision != self._good_revision:
                        good = await known_good.all_bits(tx)
                    revision = await rows.revision(tx)
                    if revision == self._revision and good_revision == self._good_revision:
                        return self._revision
                    changes = await rows.changes(tx, self._revision)
                near = await asyncio.to_thread(self._take_over, changes, good)
                if near:
                    async with self._store.write() as tx:
                        await known_good.mute(tx, near, now=self._now())
                self._revision, self._good_revision = changes.revision, good_revision

    def _take_over(
        self, changes: rows.Changes, good: Sequence[KnownBits] | None
    ) -> dict[FingerprintId, KnownGoodId]:
        """Returns what is near to which known-good hash, as far as one of both is new. `good`: all, if some changed."""
        self._known.apply(changes)
        near: dict[FingerprintId, KnownGoodId] = {}
        if good is not None:
            self._good = Index()
            self._good.add((one.id, one.bits, MATCH_RADIUS_BITS) for one in good)
            # Both ways by the same distance, whichever came first: not by the radius that staff gave a hash.
            for number, fingerprint_id in self._known.within([one.bits for one in good], MATCH_RADIUS_BITS):
                near[fingerprint_id] = good[number].id
        added = [new for new in changes.added if new.kind == PDQ and not new.is_quiet]
        for match in self._good.search([new.bits for new in added], 0):
            near[added[match.query].id] = KnownGoodId(match.fingerprint_id)
        return near

    async def kinds(self) -> frozenset[str]:
        """By which kinds, besides PDQ, hashes or photos are registered: what a file must be looked at for."""
        await self.refresh()
        return self._known.kinds - {PDQ}

    async def search(self, media: MediaFingerprint) -> Search:
        """Every registered item that the file shows."""
        revision = await self.refresh()
        return Search(revision, await asyncio.to_thread(self._known.search, media))

    async def is_current(self, tx: Tx, search: Search) -> bool:
        """Whether nothing was registered or withdrawn since the search."""
        return await rows.revision(tx) == search.revision
