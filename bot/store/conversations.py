"""The state of a conversation: one sealed value a chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from bot.model import ChatId
from bot.store.tables import conversations
from bot.store.tx import Tx

_KEY = "conversations.chat_key"
_STATE = "conversations.state"


async def get(tx: Tx, chat_id: ChatId) -> dict[str, Any] | None:
    sealed = await tx.scalar(
        select(conversations.c.state).where(conversations.c.chat_key == tx.cipher.digest(_KEY, chat_id))
    )
    if sealed is None:
        return None
    state: dict[str, Any] = tx.cipher.open_json(_STATE, sealed)
    return state


async def put(tx: Tx, chat_id: ChatId, state: dict[str, Any], now: datetime) -> None:
    """Replace the state; it must be JSON."""
    values = {"state": tx.cipher.seal_json(_STATE, state), "updated_at": now}
    await tx.execute(
        tx.insert(conversations)
        .values(chat_key=tx.cipher.digest(_KEY, chat_id), **values)
        .on_conflict_do_update(index_elements=["chat_key"], set_=values)
    )


async def remove(tx: Tx, chat_id: ChatId) -> None:
    await tx.execute(delete(conversations).where(conversations.c.chat_key == tx.cipher.digest(_KEY, chat_id)))


async def purge(tx: Tx, before: datetime) -> int:
    """Forget conversations in which nothing was said since; returns how many."""
    result = await tx.execute(delete(conversations).where(conversations.c.updated_at < before))
    return result.rowcount
