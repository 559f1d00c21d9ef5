"""The state of a conversation: one sealed value a chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text

from bot.model import ChatId
from bot.store.tables import conversations
from bot.store.tx import Tx

_KEY = "conversations.chat_key"
_STATE = "conversations.state"


async def get(tx: Tx, chat_id: ChatId) -> dict[str, Any] | None:
    """In a write transaction nobody else comes to the chat's conversation until its end."""
    key = tx.cipher.digest(_KEY, chat_id)
    if tx.is_write and tx.dialect_name == "postgresql":
        # No row's lock does it: the first that is said in a chat has no row yet.
        lock = int.from_bytes(key[:8], signed=True)
        await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
    sealed = await tx.scalar(select(conversations.c.state).where(conversations.c.chat_key == key))
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
