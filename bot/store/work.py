"""Media that are to be fingerprinted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model import MediaId
from bot.store import queue
from bot.store.tables import work
from bot.store.tx import Tx


@dataclass(frozen=True)
class WorkRow:
    id: int
    media_id: MediaId
    attempts: int


async def add(tx: Tx, media_id: MediaId, *, now: datetime, priority: int = 0) -> None:
    """Once for each media."""
    await tx.execute(
        tx.insert(work)
        .values(
            key=tx.cipher.digest("work.key", media_id),
            media_id=media_id,
            priority=priority,
            run_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )


async def claim(tx: Tx, *, now: datetime, lease_s: float, limit: int) -> list[WorkRow]:
    rows = await queue.claim(tx, work, now=now, lease_s=lease_s, limit=limit)
    return [WorkRow(id=row.id, media_id=MediaId(row.media_id), attempts=row.attempts) for row in rows]
