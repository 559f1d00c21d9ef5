"""Channels that are read back: from where, to where, and how far that got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from bot.model import ChannelId, ChatId, HistoryId, MessageId
from bot.store import channels
from bot.store.account_tables import histories
from bot.store.tx import Tx

_SHOWN = "histories.shown"


class HistoryState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True)
class History:
    id: HistoryId
    channel: channels.Channel
    since_at: datetime | None
    max_messages: int | None
    before_id: int
    """Everything from here on is committed; 0 at the beginning."""
    messages: int
    """So many were read."""
    reached_at: datetime | None
    state: HistoryState
    shown: tuple[ChatId, MessageId] | None
    created_at: datetime


async def begin(
    tx: Tx, channel_id: ChannelId, *, since_at: datetime | None, max_messages: int | None, now: datetime
) -> HistoryId:
    return HistoryId(
        await tx.scalar(
            insert(histories)
            .values(
                channel_id=channel_id,
                since_at=since_at,
                max_messages=max_messages,
                state=HistoryState.RUNNING.value,
                created_at=now,
            )
            .returning(histories.c.id)
        )
    )


async def get(tx: Tx, history_id: HistoryId) -> History | None:
    row = await tx.first(select(histories).where(histories.c.id == history_id))
    return None if row is None else await _history(tx, row)


async def running(tx: Tx, channel_id: ChannelId) -> History | None:
    row = await tx.first(
        select(histories)
        .where(histories.c.channel_id == channel_id, histories.c.state == HistoryState.RUNNING.value)
        .order_by(histories.c.id)
        .limit(1)
    )
    return None if row is None else await _history(tx, row)


async def advance(
    tx: Tx, history_id: HistoryId, *, before_id: int, messages: int, reached_at: datetime | None
) -> None:
    await tx.execute(
        update(histories)
        .where(histories.c.id == history_id)
        .values(before_id=before_id, messages=histories.c.messages + messages, reached_at=reached_at)
    )


async def end(tx: Tx, history_id: HistoryId, state: HistoryState, *, now: datetime) -> None:
    await tx.execute(
        update(histories)
        .where(histories.c.id == history_id, histories.c.state == HistoryState.RUNNING.value)
        .values(state=state.value, ended_at=now)
    )


async def shown(tx: Tx, history_id: HistoryId, chat_id: ChatId, message_id: MessageId) -> None:
    """The message that tells staff of it."""
    sealed = tx.cipher.seal_json(_SHOWN, [chat_id, message_id])
    await tx.execute(update(histories).where(histories.c.id == history_id).values(shown=sealed))


async def _history(tx: Tx, row: Row[Any]) -> History:
    channel = await channels.get(tx, ChannelId(row.channel_id))
    assert channel is not None
    place = None if row.shown is None else tx.cipher.open_json(_SHOWN, row.shown)
    return History(
        id=HistoryId(row.id),
        channel=channel,
        since_at=row.since_at,
        max_messages=row.max_messages,
        before_id=row.before_id or 0,
        messages=row.messages,
        reached_at=row.reached_at,
        state=HistoryState(row.state),
        shown=None if place is None else (ChatId(place[0]), MessageId(place[1])),
        created_at=row.created_at,
    )
