"""What was seen before, compared with what was registered since: one pass for all new hashes, file by file.

Hashes of other kinds than PDQ are found in those posts that were hashed by their kind, which is all since a list had one;
ordinary photos by their hashes alone, because nothing else of a post is kept that shows
them. Live posts go first: while any wait, a pass does one page and rests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.model import LookbackId, ShowLookback
from bot.pipeline import recording
from bot.pipeline.recording import Rules
from bot.pipeline.worker import LEASE_S, Stage
from bot.registered.registry import CaseMatch, Known
from bot.store import Store, Tx, lookbacks, outbox, queue, registry, tables
from bot.store.lookbacks import Lookback, Page, SeenMedia
from matcher import unpack_seen

log = structlog.get_logger()

WAIT_S = 5.0
REST_S = 1.0
SHOW_EVERY = timedelta(seconds=10)


class LookbackStage:
    def __init__(
        self,
        store: Store,
        new_known: Callable[[], Known],
        *,
        searches_photos: bool,
        rules: Rules,
        now: Callable[[], datetime],
        committed: Callable[[], None],
        lost: Callable[[Tx, str], Awaitable[None]],
    ) -> None:
        """`lost` is told why a pass was given up."""
        self._store = store
        self._new_known = new_known
        self._searches_photos = searches_photos
        self._rules = rules
        self._now = now
        self._committed = committed
        self._lost = lost
        self._new: tuple[LookbackId, Known] | None = None

    def stage(self) -> Stage[Lookback]:
        return Stage("lookback", tables.lookbacks, self._claim, self.handle, self._buried)

    async def _claim(self, tx: Tx, limit: int) -> Sequence[Lookback]:
        now = self._now()
        await lookbacks.plan(tx, now=now, wait_s=WAIT_S, searches_photos=self._searches_photos)
        return await lookbacks.claim(tx, now=now, lease_s=LEASE_S, limit=limit)

    async def handle(self, claimed: Lookback) -> None:
        """Go on with the pass, to its end or until live posts wait."""
        new = await self._registered(claimed)
        lookback: Lookback | None = claimed
        while lookback is not None and (len(new) or new.photos):
            async with self._store.read() as tx:
                page = await lookbacks.page(tx, lookback)
            if page.media_id is None:
                break
            if await self._compare(lookback, page, new):
                return
            async with self._store.read() as tx:
                lookback = await lookbacks.get(tx, claimed.id)
        await self._end(claimed)

    async def _compare(self, lookback: Lookback, page: Page, new: Known) -> bool:
        """Record what a page shows and how far the pass is; whether it rests now."""
        found = await asyncio.to_thread(_search, page.seen, new)
        for seen, matches in found.matches:
            async with self._store.write() as tx:
                # Nothing is withdrawn until this is committed.
                await registry.revision(tx)
                now = self._now()
                await recording.record(
                    tx,
                    matches,
                    post_id=seen.post_id,
                    media_id=seen.media_id,
                    priority=recording.EARLIER,
                    rules=self._rules,
                    now=now,
                )
        assert page.media_id is not None
        async with self._store.write() as tx:
            now = self._now()
            await lookbacks.advance(
                tx,
                lookback.id,
                media_id=page.media_id,
                files=len(page.seen) - found.unreadable,
                found=len(found.matches),
                unreadable=page.unreadable + found.unreadable,
                lease_until=now + timedelta(seconds=LEASE_S),
            )
            if now - (lookback.shown_at or lookback.created_at) >= SHOW_EVERY:
                await self._show(tx, lookback.id, f"{page.media_id}")
            rests = await queue.any_ready(tx, tables.work, now=now)
            if rests:
                await lookbacks.rest(tx, lookback.id, run_at=now + timedelta(seconds=REST_S))
        self._committed()
        return rests

    async def _registered(self, lookback: Lookback) -> Known:
        """What was registered since the last pass, and is registered still; more recent hashes may be among it."""
        if self._new is None or self._new[0] != lookback.id:
            known = self._new_known()
            since = lookback.since
            while since < lookback.up_to:
                async with self._store.read() as tx:
                    changes = await registry.changes(tx, since)
                await asyncio.to_thread(known.apply, changes)
                since = changes.revision
            self._new = lookback.id, known
        return self._new[1]

    async def _end(self, lookback: Lookback) -> None:
        async with self._store.write() as tx:
            now = self._now()
            await queue.done(tx, tables.lookbacks, lookback.id, now=now)
            ended = await lookbacks.get(tx, lookback.id)
            if ended is not None and ended.shown_at is not None:
                await self._show(tx, lookback.id, "end")
        self._new = None
        self._committed()
        if ended is not None:
            log.info("looked back", files=ended.files, found=ended.found, unreadable=ended.unreadable)

    async def _show(self, tx: Tx, lookback_id: LookbackId, at: str) -> None:
        now = self._now()
        await lookbacks.to_be_shown(tx, lookback_id, now=now)
        await outbox.add(tx, [ShowLookback(lookback_id)], key=f"lookback:{lookback_id}:{at}", now=now)

    async def _buried(self, tx: Tx, lookback: Lookback, trouble: str) -> None:
        await self._lost(tx, trouble)


class _Found:
    """What a page shows."""

    def __init__(self) -> None:
        self.matches: list[tuple[SeenMedia, tuple[CaseMatch, ...]]] = []
        self.unreadable = 0


def _search(page: Sequence[SeenMedia], new: Known) -> _Found:
    found = _Found()
    near: Sequence[int]
    try:
        near = new.near([seen.fingerprints for seen in page])
    except ValueError:
        # One of them was spoiled, or kept by another version: each is asked by itself.
        near = range(len(page))
    for place in near:
        seen = page[place]
        try:
            media = unpack_seen(seen.fingerprints)
        except ValueError:
            found.unreadable += 1
            continue
        if matches := new.search(media):
            found.matches.append((seen, matches))
    return found
