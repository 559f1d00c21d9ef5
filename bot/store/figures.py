"""Which message shows staff the figure of a finding: where in the post a part of an ordinary photo is."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from bot.model import ChatId, Delete, FindingId, MessageId
from bot.shown import PhotoShown
from bot.store import outbox
from bot.store import tables as t
from bot.store.alerts import AlertFinding
from bot.store.tx import Tx

_CHAT = "figures.chat"
_PHOTO_KEY = "figures.photo_key"


async def is_shown(tx: Tx, finding: AlertFinding) -> bool:
    """Whether the finding has a figure of just this."""
    assert finding.photo is not None
    found = select(t.figures.c.finding_id).where(
        t.figures.c.finding_id == finding.finding_id, t.figures.c.photo_key == _key(tx, finding.photo)
    )
    return await tx.first(found) is not None


async def sent(
    tx: Tx, finding_id: FindingId, photo: PhotoShown, *, chat_id: ChatId, message_id: MessageId, now: datetime
) -> None:
    """The message shows the finding. One that showed it before, or that came too late, is taken back."""
    await take_back(tx, t.figures.c.finding_id == finding_id, now)
    still_there = await tx.first(
        select(t.matches.c.id).where(t.matches.c.finding_id == finding_id, t.matches.c.photo.is_not(None))
    )
    if still_there is None:
        await _delete(tx, chat_id, message_id, now)
        return
    await tx.execute(
        tx.insert(t.figures).values(
            finding_id=finding_id,
            photo_key=_key(tx, photo),
            chat=tx.cipher.seal(_CHAT, str(chat_id).encode()),
            message_id=message_id,
        )
    )


async def take_back(tx: Tx, which: ColumnElement[bool], now: datetime) -> None:
    """Have the messages that show these figures deleted, and forget them."""
    rows = await tx.all(delete(t.figures).where(which).returning(t.figures.c.chat, t.figures.c.message_id))
    for row in rows:
        chat_id = ChatId(int(tx.cipher.open(_CHAT, row.chat)))
        await _delete(tx, chat_id, MessageId(row.message_id), now)


async def _delete(tx: Tx, chat_id: ChatId, message_id: MessageId, now: datetime) -> None:
    await outbox.add(tx, [Delete(chat_id, message_id)], key=f"figure:{chat_id}:{message_id}", now=now)


def _key(tx: Tx, photo: PhotoShown) -> bytes:
    return tx.cipher.digest(_PHOTO_KEY, json.dumps(asdict(photo), sort_keys=True))
