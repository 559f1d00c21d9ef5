"""Channels that accounts are to join, each by the link that was authorised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, and_, exists, or_, select, update

from bot.model import AccountId, ChannelId, ChannelState, ChatId, Person
from bot.store.account_tables import accounts, followed, joins
from bot.store.accounts import AT_WORK
from bot.store.tables import channels
from bot.store.tx import Tx

_KEY = "joins.link_key"
_REQUEST = "joins.request"


class JoinState(StrEnum):
    ASKED = "asked"
    PENDING = "pending"
    """Somebody in the channel has to let the account in."""
    LISTED = "listed"
    """Of a folder: its channels are known, and admins choose from them."""
    JOINED = "joined"
    PERSON = "person"
    """A person has to do something; the reason says what."""
    REVOKED = "revoked"


@dataclass(frozen=True)
class FolderMember:
    """A channel in a folder; `link` is how to join it."""

    chat_id: ChatId
    title: str
    username: str | None
    link: str


@dataclass(frozen=True)
class JoinRequest:
    """What an admin authorised: by which link, on what document, until when."""

    link: str
    document: str
    last_day: date
    by: Person
    members: tuple[FolderMember, ...] = ()
    """What is in the folder, once it was looked into."""


@dataclass(frozen=True)
class Join:
    id: int
    request: JoinRequest
    state: JoinState
    channel_id: ChannelId | None
    reason: str | None
    account_id: AccountId | None = None
    """Who tried last."""


_REQUEST_JSON = TypeAdapter(JoinRequest)


async def add(tx: Tx, request: JoinRequest, *, now: datetime) -> int:
    """Ask anew where the link is known."""
    values = {
        "request": tx.cipher.seal(_REQUEST, _REQUEST_JSON.dump_json(request)),
        "state": JoinState.ASKED.value,
        "account_id": None,
        "reason": None,
        "run_at": now,
    }
    new = tx.insert(joins).values(link_key=tx.cipher.digest(_KEY, request.link), created_at=now, **values)
    return int(
        await tx.scalar(
            new.on_conflict_do_update(index_elements=["link_key"], set_=values).returning(joins.c.id)
        )
    )


async def take(tx: Tx, account_id: AccountId, *, now: datetime, again_at: datetime) -> Join | None:
    """The next that this account is to join, which nobody else gets before `again_at`.

    Also what was joined before, where the channel is authorised still and no account at work is in it any more.
    What waits to be let in stays with the account that asked, as long as that works.
    """
    worker = accounts.alias("worker")
    is_read = exists().where(
        followed.c.channel_id == joins.c.channel_id,
        worker.c.id == followed.c.account_id,
        worker.c.state.in_(AT_WORK),
    )
    is_authorised = exists().where(
        channels.c.id == joins.c.channel_id, channels.c.state == ChannelState.AUTHORISED.value
    )
    asker = accounts.alias("asker")
    asker_works = exists().where(asker.c.id == joins.c.account_id, asker.c.state.in_(AT_WORK))
    row = await tx.first(
        select(joins)
        .where(
            joins.c.run_at <= now,
            or_(
                joins.c.state == JoinState.ASKED.value,
                and_(
                    joins.c.state == JoinState.PENDING.value,
                    or_(joins.c.account_id == account_id, ~asker_works),
                ),
                and_(joins.c.state == JoinState.JOINED.value, is_authorised, ~is_read),
            ),
        )
        .order_by(joins.c.run_at, joins.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=joins)
    )
    if row is None:
        return None
    await tx.execute(update(joins).where(joins.c.id == row.id).values(account_id=account_id, run_at=again_at))
    return _join(tx, row)


async def is_taken(tx: Tx, join: Join, account_id: AccountId) -> bool:
    """Whether it is as this account took it: nobody revoked it, or asked anew, since. It stays so to the end of `tx`."""
    own = joins.c.id == join.id, joins.c.state == join.state.value, joins.c.account_id == account_id
    return await tx.first(select(joins.c.id).where(*own).with_for_update()) is not None


async def ended(
    tx: Tx,
    join_id: int,
    state: JoinState,
    *,
    channel_id: ChannelId | None = None,
    reason: str | None = None,
    run_at: datetime,
) -> None:
    """What came of a try. `run_at` is when it is looked at again, if it is."""
    values: dict[str, Any] = {"state": state.value, "reason": reason, "run_at": run_at}
    if channel_id is not None:
        values["channel_id"] = channel_id
    await tx.execute(update(joins).where(joins.c.id == join_id).values(values))


async def listed_in(tx: Tx, join: Join, members: tuple[FolderMember, ...]) -> Join:
    """The folder was looked into."""
    request = replace(join.request, members=members)
    sealed = tx.cipher.seal(_REQUEST, _REQUEST_JSON.dump_json(request))
    await tx.execute(
        update(joins).where(joins.c.id == join.id).values(state=JoinState.LISTED.value, request=sealed)
    )
    return replace(join, request=request, state=JoinState.LISTED)


async def get(tx: Tx, join_id: int) -> Join | None:
    row = await tx.first(select(joins).where(joins.c.id == join_id))
    return None if row is None else _join(tx, row)


async def by_links(tx: Tx, links: Sequence[str]) -> dict[str, Join]:
    """What was asked for by these links, and not revoked."""
    keys = [tx.cipher.digest(_KEY, link) for link in links]
    rows = await tx.all(select(joins).where(joins.c.link_key.in_(keys)))
    found = [_join(tx, row) for row in rows]
    return {join.request.link: join for join in found if join.state is not JoinState.REVOKED}


async def revoke(tx: Tx, link: str) -> Join | None:
    """None where nobody asked to join by this link."""
    row = await tx.first(
        update(joins)
        .where(joins.c.link_key == tx.cipher.digest(_KEY, link))
        .values(state=JoinState.REVOKED.value)
        .returning(joins)
    )
    return None if row is None else _join(tx, row)


def _join(tx: Tx, row: Row[Any]) -> Join:
    return Join(
        id=row.id,
        request=_REQUEST_JSON.validate_json(tx.cipher.open(_REQUEST, row.request)),
        state=JoinState(row.state),
        channel_id=None if row.channel_id is None else ChannelId(row.channel_id),
        reason=row.reason,
        account_id=None if row.account_id is None else AccountId(row.account_id),
    )
