"""Passes over what was seen before: each compares all that was registered since the last with every file kept.

A pass is a row of a queue. How far it is, is committed with what it found, so that it goes on there after a crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from bot.model import ChatId, HashState, LookbackId, MediaId, MessageId, PostId
from bot.store import queue, registry
from bot.store.errors import DoesNotOpen
from bot.store.photos import PHOTO
from bot.store.posts import FINGERPRINTS
from bot.store.tables import counters, fingerprints, lookbacks, media
from bot.store.tx import Tx

_CHAT = "lookbacks.chat"
_COUNTER = "looked_back"
"""Up to which revision of the registry passes were planned."""
_PAGE = 2_000
_PAGE_BYTES = 4 << 20


@dataclass(frozen=True)
class Lookback:
    """A pass for the fingerprints of the revisions after `since` up to `up_to`, which is at `media_id`."""

    id: LookbackId
    attempts: int
    since: int
    up_to: int
    media_id: MediaId
    last_media_id: MediaId
    files: int
    """Files compared so far; `found` of them show something, and `unreadable` could not be read."""
    found: int
    unreadable: int
    created_at: datetime
    ended_at: datetime | None
    shown_at: datetime | None

    @property
    def percent(self) -> int:
        return 100 * self.media_id // self.last_media_id


@dataclass(frozen=True)
class SeenMedia:
    """What is kept of one file, see `matcher.pack_seen`."""

    media_id: MediaId
    post_id: PostId
    fingerprints: bytes


@dataclass(frozen=True)
class Page:
    """Files in order. `media_id` is the last one looked at, whether or not it could be read; None: there is none."""

    seen: list[SeenMedia]
    unreadable: int
    media_id: MediaId | None


async def plan(tx: Tx, *, now: datetime, wait_s: float, searches_photos: bool = False) -> None:
    """Plan one pass for all hashes, and ordinary photos where they are searched for, that were registered since the last was
    planned, once that has ended.

    It begins a little later, because people register several hashes one after the other.
    """
    rows = await tx.all(select(counters).where(counters.c.name.in_((registry.COUNTER, _COUNTER))))
    at = {row.name: row.value for row in rows}
    since, up_to = at[_COUNTER], at[registry.COUNTER]
    if up_to <= since or await running(tx) is not None:
        return
    moved = await tx.execute(
        update(counters).where(counters.c.name == _COUNTER, counters.c.value == since).values(value=up_to)
    )
    last_media_id = await tx.scalar(select(func.max(media.c.id)).where(media.c.fingerprints.is_not(None)))
    new = await tx.scalar(
        select(fingerprints.c.id)
        .where(
            fingerprints.c.revision > since,
            fingerprints.c.revision <= up_to,
            *(() if searches_photos else (fingerprints.c.kind != PHOTO,)),
            fingerprints.c.state != HashState.DISABLED.value,
            fingerprints.c.muted_by.is_(None),
        )
        .limit(1)
    )
    if moved.rowcount == 0 or last_media_id is None or new is None:
        return
    await tx.execute(
        insert(lookbacks).values(
            key=tx.cipher.digest("lookbacks.key", up_to),
            run_at=now + timedelta(seconds=wait_s),
            created_at=now,
            since=since,
            up_to=up_to,
            media_id=0,
            last_media_id=last_media_id,
        )
    )


async def claim(tx: Tx, *, now: datetime, lease_s: float, limit: int) -> list[Lookback]:
    return [_lookback(row) for row in await queue.claim(tx, lookbacks, now=now, lease_s=lease_s, limit=limit)]


async def get(tx: Tx, lookback_id: LookbackId) -> Lookback | None:
    row = await tx.first(select(lookbacks).where(lookbacks.c.id == lookback_id))
    return None if row is None else _lookback(row)


async def running(tx: Tx) -> Lookback | None:
    """The pass that is on its way."""
    row = await tx.first(select(lookbacks).where(lookbacks.c.state == queue.READY).order_by(lookbacks.c.id))
    return None if row is None else _lookback(row)


async def page(tx: Tx, lookback: Lookback) -> Page:
    """The next files of the pass: so many that they take a few megabytes."""
    own = (
        media.c.id > lookback.media_id,
        media.c.id <= lookback.last_media_id,
        media.c.fingerprints.is_not(None),
    )
    sizes = await tx.all(
        select(media.c.id, func.length(media.c.fingerprints).label("size"))
        .where(*own)
        .order_by(media.c.id)
        .limit(_PAGE)
    )
    if not sizes:
        return Page([], 0, None)
    last, total = sizes[0].id, 0
    for row in sizes:
        total += row.size
        if total > _PAGE_BYTES:
            break
        last = row.id
    rows = await tx.all(
        select(media.c.id, media.c.post_id, media.c.fingerprints)
        .where(*own, media.c.id <= last)
        .order_by(media.c.id)
    )
    seen = await asyncio.to_thread(_open, tx, rows)
    return Page(seen, len(rows) - len(seen), MediaId(last))


async def advance(
    tx: Tx,
    lookback_id: LookbackId,
    *,
    media_id: MediaId,
    files: int,
    found: int,
    unreadable: int,
    lease_until: datetime,
) -> None:
    """So far is the pass, and it goes on: failures before this count no more."""
    columns = lookbacks.c
    await tx.execute(
        update(lookbacks)
        .where(columns.id == lookback_id)
        .values(
            media_id=media_id,
            files=columns.files + files,
            found=columns.found + found,
            unreadable=columns.unreadable + unreadable,
            lease_until=lease_until,
            attempts=0,
        )
    )


async def rest(tx: Tx, lookback_id: LookbackId, *, run_at: datetime) -> None:
    """Go on then."""
    await tx.execute(
        update(lookbacks).where(lookbacks.c.id == lookback_id).values(run_at=run_at, lease_until=None)
    )


async def to_be_shown(tx: Tx, lookback_id: LookbackId, *, now: datetime) -> None:
    await tx.execute(update(lookbacks).where(lookbacks.c.id == lookback_id).values(shown_at=now))


async def shown(tx: Tx, lookback_id: LookbackId, *, chat_id: ChatId, message_id: MessageId) -> None:
    """A message shows how far the pass is."""
    await tx.execute(
        update(lookbacks)
        .where(lookbacks.c.id == lookback_id)
        .values(chat=tx.cipher.seal(_CHAT, str(chat_id).encode()), message_id=message_id)
    )


async def destination(tx: Tx, lookback_id: LookbackId) -> tuple[ChatId, MessageId] | None:
    row = await tx.first(
        select(lookbacks.c.chat, lookbacks.c.message_id).where(
            lookbacks.c.id == lookback_id, lookbacks.c.message_id.is_not(None)
        )
    )
    return None if row is None else (ChatId(int(tx.cipher.open(_CHAT, row.chat))), MessageId(row.message_id))


async def retry_buried(tx: Tx, *, now: datetime) -> int:
    """Let passes that were given up go on where they were; returns how many."""
    result = await tx.execute(
        update(lookbacks).where(lookbacks.c.state == queue.BURIED).values(queue.anew(now))
    )
    return result.rowcount


def _open(tx: Tx, rows: Sequence[Row[Any]]) -> list[SeenMedia]:
    """Without those that do not open: a damaged row stops no pass."""
    opened = []
    for row in rows:
        try:
            kept = tx.cipher.open(FINGERPRINTS, row.fingerprints)
        except DoesNotOpen:
            continue
        opened.append(SeenMedia(MediaId(row.id), PostId(row.post_id), kept))
    return opened


def _lookback(row: Row[Any]) -> Lookback:
    return Lookback(
        id=LookbackId(row.id),
        attempts=row.attempts,
        since=row.since,
        up_to=row.up_to,
        media_id=MediaId(row.media_id),
        last_media_id=MediaId(row.last_media_id),
        files=row.files,
        found=row.found,
        unreadable=row.unreadable,
        created_at=row.created_at,
        ended_at=row.ended_at,
        shown_at=row.shown_at,
    )
