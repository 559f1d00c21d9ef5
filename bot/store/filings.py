"""Telegram's own report of a post, on its way: a person chooses, an account files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, func, select, update

from bot.model import ChannelId, ChatId, FindingId, MessageId, Person, PostId
from bot.store.account_tables import filings
from bot.store.tables import posts
from bot.store.tx import Tx

_REQUEST = "filings.request"


class FilingState(StrEnum):
    ASKED = "asked"
    """An account is to send what was chosen so far."""
    SENDING = "sending"
    """It is on its way; what is still so after a crash may have reached Telegram or not."""
    CHOOSING = "choosing"
    """A person is to choose from the menu."""
    FILED = "filed"
    FAILED = "failed"


@dataclass(frozen=True)
class Option:
    text: str
    option_hex: str


@dataclass(frozen=True)
class FilingRequest:
    by: Person
    chat_id: ChatId
    """Where it is talked about."""
    comment: str
    chosen: tuple[Option, ...] = ()
    menu: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Filing:
    id: int
    post_id: PostId
    finding_id: FindingId
    channel_id: ChannelId
    message_id: MessageId
    request: FilingRequest
    state: FilingState


_JSON = TypeAdapter(FilingRequest)


async def begin(
    tx: Tx, post_id: PostId, finding_id: FindingId, request: FilingRequest, *, now: datetime
) -> int | None:
    """None where the post's report was begun before, unless that failed."""
    values = {
        "finding_id": finding_id,
        "request": _sealed(tx, request),
        "state": FilingState.ASKED.value,
        "changed_at": now,
    }
    new = tx.insert(filings).values(post_id=post_id, **values)
    found: int | None = await tx.scalar(
        new.on_conflict_do_update(
            index_elements=["post_id"], set_=values, where=filings.c.state == FilingState.FAILED.value
        ).returning(filings.c.id)
    )
    return found


async def get(tx: Tx, filing_id: int) -> Filing | None:
    row = await tx.first(_select().where(filings.c.id == filing_id))
    return None if row is None else _filing(tx, row)


async def first(tx: Tx, channel_id: ChannelId, state: FilingState) -> Filing | None:
    row = await tx.first(
        _select()
        .where(posts.c.channel_id == channel_id, filings.c.state == state.value)
        .order_by(filings.c.id)
        .limit(1)
    )
    return None if row is None else _filing(tx, row)


async def move(
    tx: Tx,
    filing: Filing,
    state: FilingState,
    *,
    menu: tuple[Option, ...] = (),
    chosen: tuple[Option, ...] | None = None,
    now: datetime,
) -> bool:
    """False where it is in another state by now than in `filing`."""
    request = replace(filing.request, menu=menu, chosen=filing.request.chosen if chosen is None else chosen)
    result = await tx.execute(
        update(filings)
        .where(filings.c.id == filing.id, filings.c.state == filing.state.value)
        .values(state=state.value, request=_sealed(tx, request), changed_at=now)
    )
    return result.rowcount == 1


async def begun_since(tx: Tx, since: datetime) -> int:
    """How many were begun, or went on, since then."""
    return int(await tx.scalar(select(func.count()).select_from(filings).where(filings.c.changed_at > since)))


def _select() -> Any:
    return select(filings, posts.c.channel_id, posts.c.message_id).join(
        posts, posts.c.id == filings.c.post_id
    )


def _sealed(tx: Tx, request: FilingRequest) -> bytes:
    return tx.cipher.seal(_REQUEST, _JSON.dump_json(request))


def _filing(tx: Tx, row: Row[Any]) -> Filing:
    return Filing(
        id=row.id,
        post_id=PostId(row.post_id),
        finding_id=FindingId(row.finding_id),
        channel_id=ChannelId(row.channel_id),
        message_id=MessageId(row.message_id),
        request=_JSON.validate_json(tx.cipher.open(_REQUEST, row.request)),
        state=FilingState(row.state),
    )
