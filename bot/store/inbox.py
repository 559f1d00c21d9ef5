"""Updates as Telegram sent them, committed before they are confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from bot.model import ChatId
from bot.store import queue
from bot.store.errors import DoesNotOpen
from bot.store.tables import inbox
from bot.store.tx import Tx

_RAW = "inbox.raw"
_SIDE = {"message": "chat", "edited_message": "chat", "my_chat_member": "chat", "callback_query": "from"}
"""What of an update of each kind, where it comes from a private chat, has the chat's number."""
_AT_ONCE = 200


@dataclass(frozen=True)
class NewUpdate:
    """An update to be stored; `key` is the same whenever Telegram sends it again."""

    key: str
    kind: str
    raw: dict[str, Any]
    priority: int = 0
    """Below 0: whatever is live goes before it, and its media, too."""


@dataclass(frozen=True)
class InboxRow:
    id: int
    kind: str
    raw: dict[str, Any]
    attempts: int
    created_at: datetime
    priority: int = 0


async def add(tx: Tx, updates: Sequence[NewUpdate], *, now: datetime) -> int:
    """Store the updates that are not known yet; returns how many were new."""
    new = 0
    for update in updates:
        result = await tx.execute(
            tx.insert(inbox)
            .values(
                key=tx.cipher.digest("inbox.key", update.key),
                kind=update.kind,
                raw=tx.cipher.seal_json(_RAW, update.raw),
                priority=update.priority,
                run_at=now,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )
        new += result.rowcount
    return new


async def claim(tx: Tx, *, now: datetime, lease_s: float, limit: int) -> list[InboxRow]:
    rows = await queue.claim(tx, inbox, now=now, lease_s=lease_s, limit=limit)
    return await queue.opened(tx, inbox, rows, _row, now=now)


async def forget_buried(tx: Tx, chat_id: ChatId, *, now: datetime) -> None:
    """Keep nothing of what could not be handled of a private chat."""
    last = 0
    while rows := await tx.all(
        select(inbox.c.id, inbox.c.kind, inbox.c.raw)
        .where(inbox.c.state == queue.BURIED, inbox.c.kind.in_(_SIDE), inbox.c.id > last)
        .order_by(inbox.c.id)
        .limit(_AT_ONCE)
    ):
        for row in rows:
            if _private_chat(tx, row) == chat_id:
                await queue.done(tx, inbox, row.id, now=now)
        last = rows[-1].id


def _private_chat(tx: Tx, row: Row[Any]) -> int | None:
    """None where that cannot be read."""
    try:
        found = tx.cipher.open_json(_RAW, row.raw)[row.kind][_SIDE[row.kind]]["id"]
    except (DoesNotOpen, LookupError, TypeError):
        return None
    return found if isinstance(found, int) else None


def _row(tx: Tx, row: Row[Any]) -> InboxRow:
    return InboxRow(
        id=row.id,
        kind=row.kind,
        raw=tx.cipher.open_json(_RAW, row.raw),
        attempts=row.attempts,
        created_at=row.created_at,
        priority=row.priority,
    )
