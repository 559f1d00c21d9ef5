"""Effects that were decided on and are to be carried out, in order within one chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, delete, exists, update

from bot.model import (
    Answer,
    Delete,
    Edit,
    Effect,
    Leave,
    ReadPhotoFile,
    Send,
    SendChannels,
    SendFile,
    SendPage,
    SendStats,
    ShowAlert,
    ShowFigures,
    ShowHistory,
    ShowLookback,
)
from bot.store import queue
from bot.store.tables import outbox
from bot.store.tx import Tx

_EFFECT = "outbox.effect"
_TYPES: dict[str, TypeAdapter[Effect]] = {
    type_.__name__: TypeAdapter(type_)
    for type_ in (
        Send,
        SendFile,
        SendPage,
        SendStats,
        SendChannels,
        Edit,
        Delete,
        Answer,
        Leave,
        ShowAlert,
        ShowFigures,
        ShowHistory,
        ShowLookback,
        ReadPhotoFile,
    )
}

_SHOWN = [type_.__name__ for type_ in (ShowAlert, ShowFigures, ShowHistory, ShowLookback)]
"""What the staff chat shows as it stands when it is sent, each apart from the others."""


@dataclass(frozen=True)
class OutboxRow:
    id: int
    effect: Effect
    attempts: int


async def add(tx: Tx, effects: Sequence[Effect], *, key: str, now: datetime, priority: int = 0) -> None:
    """Store effects once: `key` names what decided on them, and the position is part of the identity."""
    for position, effect in enumerate(effects):
        kind = type(effect).__name__
        await tx.execute(
            tx.insert(outbox)
            .values(
                key=tx.cipher.digest("outbox.key", f"{key}:{position}"),
                kind=kind,
                chat_key=_chat_key(tx, effect),
                effect=tx.cipher.seal(_EFFECT, _TYPES[kind].dump_json(effect)),
                priority=priority,
                run_at=now,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )


async def claim(
    tx: Tx, *, now: datetime, lease_s: float, limit: int, shown: bool | None = None
) -> list[OutboxRow]:
    """A row waits while an earlier one of the same chat is not sent, even if that one is to be tried again later.

    `shown`: only what is shown to staff, or only the rest.
    """
    earlier = outbox.alias("earlier")
    waits = exists().where(
        earlier.c.chat_key == outbox.c.chat_key,
        earlier.c.state == queue.READY,
        earlier.c.id < outbox.c.id,
    )
    unless: list[ColumnElement[bool]] = [waits]
    if shown is not None:
        unless.append(outbox.c.kind.not_in(_SHOWN) if shown else outbox.c.kind.in_(_SHOWN))
    rows = await queue.claim(tx, outbox, now=now, lease_s=lease_s, limit=limit, unless=unless)
    claimed = await queue.opened(tx, outbox, rows, _row, now=now)
    read = {one.id for one in claimed}
    for row in rows:
        if row.id not in read and row.kind != ShowAlert.__name__:
            await empty(tx, row.id)
    return claimed


async def empty(tx: Tx, row_id: int) -> None:
    """Forget what a row that was given up should have sent: a case's number and PIN, maybe, which nobody sends any more."""
    await tx.execute(update(outbox).where(outbox.c.id == row_id).values(effect=None))


async def retry_buried(tx: Tx, *, now: datetime) -> int:
    """Try again, from the start, whatever was given up and not forgotten; returns how many that is."""
    result = await tx.execute(
        update(outbox)
        .where(outbox.c.state == queue.BURIED, outbox.c.effect.is_not(None))
        .values(queue.anew(now))
    )
    return result.rowcount


async def purge_buried(tx: Tx, *, before: datetime) -> None:
    """Forget rows that were given up before; alerts stay, so that they can be tried again."""
    await tx.execute(
        delete(outbox).where(
            outbox.c.state == queue.BURIED,
            outbox.c.ended_at < before,
            outbox.c.kind != ShowAlert.__name__,
        )
    )


def _row(tx: Tx, row: Row[Any]) -> OutboxRow:
    effect = _TYPES[row.kind].validate_json(tx.cipher.open(_EFFECT, row.effect))
    return OutboxRow(id=row.id, effect=effect, attempts=row.attempts)


def _chat_key(tx: Tx, effect: Effect) -> bytes | None:
    """What must stay in order: a chat, or the showing of one alert, which must not be sent twice at once.

    A file that is read holds up nobody.
    """
    match effect:
        case Answer() | ReadPhotoFile():
            return None
        case ShowAlert(alert_id) | ShowFigures(alert_id):
            return tx.cipher.digest("outbox.chat_key", f"alert {alert_id}")
        case ShowLookback(lookback_id):
            return tx.cipher.digest("outbox.chat_key", f"lookback {lookback_id}")
        case ShowHistory(history_id):
            return tx.cipher.digest("outbox.chat_key", f"history {history_id}")
        case _:
            return tx.cipher.digest("outbox.chat_key", effect.chat_id)
