"""Media that are to be fingerprinted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.model import MediaId, MediaState, PostId
from bot.store import posts, queue
from bot.store.tables import media, work
from bot.store.tx import Tx


@dataclass(frozen=True)
class WorkRow:
    id: int
    media_id: MediaId
    attempts: int


async def add(tx: Tx, media_id: MediaId, *, now: datetime, priority: int = 0) -> None:
    """Once for each media; one that is to be scanned again is ready again."""
    values = {"priority": priority, "created_at": now, **queue.anew(now)}
    await tx.execute(
        tx.insert(work)
        .values(key=tx.cipher.digest("work.key", media_id), media_id=media_id, **values)
        .on_conflict_do_update(index_elements=["key"], set_=values, where=work.c.state != queue.READY)
    )


async def retry_buried(tx: Tx, *, now: datetime) -> int:
    """Try again, from the start, whatever was given up; returns how many media that is."""
    buried = work.c.state == queue.BURIED
    # After a long outage they are more than a statement may carry values.
    await tx.execute(
        update(media)
        .where(media.c.id.in_(select(work.c.media_id).where(buried)))
        .values(state=MediaState.WAITING.value, reason=None, scanned_at=None)
    )
    result = await tx.execute(update(work).where(buried).values(queue.anew(now)))
    return result.rowcount


async def forget_buried(tx: Tx, *, before: datetime, limit: int) -> None:
    """At most so many that were given up before are not tried any more, and their posts are forgotten."""
    rows = await tx.all(
        select(work.c.id, media.c.post_id)
        .join_from(work, media)
        .where(work.c.state == queue.BURIED, work.c.ended_at < before)
        .order_by(work.c.id)
        .limit(limit)
    )
    await tx.execute(delete(work).where(work.c.id.in_([row.id for row in rows])))
    for post_id in sorted({row.post_id for row in rows}):
        await posts.forget(tx, PostId(post_id))


async def claim(tx: Tx, *, now: datetime, lease_s: float, limit: int) -> list[WorkRow]:
    rows = await queue.claim(tx, work, now=now, lease_s=lease_s, limit=limit)
    return [WorkRow(id=row.id, media_id=MediaId(row.media_id), attempts=row.attempts) for row in rows]
