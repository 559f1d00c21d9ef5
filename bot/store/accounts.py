"""Accounts of the organisation, the channels that they follow, and how far those are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, select, update

from bot.model import AccountId, AccountState, ChannelId, ChannelState, ChatId, FindingId, MessageId, UserId
from bot.store import channels as channel_rows
from bot.store.account_tables import accounts, followed, positions
from bot.store.tables import channels, findings, posts
from bot.store.tx import Tx

_USER_KEY = "accounts.user_key"
_ACCOUNT = "accounts.account"
_SESSION = "accounts.session"
_ACCESS = "followed.access"

AT_WORK = (AccountState.READY.value, AccountState.WAITING.value)
"""States in which an account reads, or will again by itself."""


@dataclass(frozen=True)
class Account:
    id: AccountId
    user_id: UserId
    name: str
    state: AccountState
    until: datetime | None
    added_at: datetime
    changed_at: datetime
    channels: int = 0
    """How many it follows."""

    @property
    def is_at_work(self) -> bool:
        return self.state.value in AT_WORK


@dataclass(frozen=True)
class Followed:
    """A channel that an account is in. The access hash is good for this account only."""

    account_id: AccountId
    channel_id: ChannelId
    chat_id: ChatId
    access_hash: int


@dataclass(frozen=True)
class Position:
    """What of a channel is committed: every change up to its state `pts`, every message up to the id `read_to`."""

    pts: int
    read_to: int


async def put(tx: Tx, *, user_id: UserId, name: str, session: str, now: datetime) -> AccountId:
    """Insert the account, or give the one of this user its new session."""
    values = {
        "account": tx.cipher.seal_json(_ACCOUNT, {"user_id": user_id, "name": name}),
        "session": tx.cipher.seal(_SESSION, session.encode()),
        "state": AccountState.READY.value,
        "until": None,
        "changed_at": now,
    }
    new = tx.insert(accounts).values(user_key=tx.cipher.digest(_USER_KEY, user_id), added_at=now, **values)
    return AccountId(
        await tx.scalar(
            new.on_conflict_do_update(index_elements=["user_key"], set_=values).returning(accounts.c.id)
        )
    )


async def listed(tx: Tx) -> list[Account]:
    """In the order in which they were added."""
    rows = await tx.all(
        select(accounts, func.count(followed.c.id).label("channels"))
        .select_from(accounts.outerjoin(followed))
        .group_by(accounts.c.id)
        .order_by(accounts.c.id)
    )
    return [_account(tx, row) for row in rows]


async def get(tx: Tx, account_id: AccountId) -> Account | None:
    return next((account for account in await listed(tx) if account.id == account_id), None)


async def session(tx: Tx, account_id: AccountId) -> str | None:
    """None where it was forgotten: Telegram does not take it any more."""
    sealed = await tx.scalar(select(accounts.c.session).where(accounts.c.id == account_id))
    return None if sealed is None else tx.cipher.open(_SESSION, sealed).decode()


async def set_state(
    tx: Tx, account_id: AccountId, state: AccountState, *, until: datetime | None = None, now: datetime
) -> bool:
    """False where it is in this state already, and then until `until`. A session that Telegram refuses is forgotten."""
    values: dict[str, Any] = {"state": state.value, "until": until, "changed_at": now}
    if state in (AccountState.BANNED, AccountState.NEEDS_SIGN_IN):
        values["session"] = None
    own = accounts.c.id == account_id
    result = await tx.execute(update(accounts).where(own, accounts.c.state != state.value).values(values))
    if result.rowcount == 1:
        return True
    if until is not None:
        await tx.execute(update(accounts).where(own, accounts.c.until < until).values(until=until))
    return False


async def remove(tx: Tx, account_id: AccountId) -> None:
    """Forget the account, its session and what it followed."""
    await tx.execute(delete(followed).where(followed.c.account_id == account_id))
    await tx.execute(delete(accounts).where(accounts.c.id == account_id))


async def follow(tx: Tx, account_id: AccountId, channel_id: ChannelId, access_hash: int) -> None:
    access = tx.cipher.seal_json(_ACCESS, access_hash)
    await tx.execute(
        tx.insert(followed)
        .values(account_id=account_id, channel_id=channel_id, access=access)
        .on_conflict_do_update(index_elements=["account_id", "channel_id"], set_={"access": access})
    )


async def unfollow(tx: Tx, account_id: AccountId, channel_id: ChannelId) -> None:
    await tx.execute(
        delete(followed).where(followed.c.account_id == account_id, followed.c.channel_id == channel_id)
    )


async def is_followed(tx: Tx, channel_id: ChannelId) -> bool:
    """Whether an account at work is in the channel."""
    return bool(await tx.scalar(select(exists(_followers(channel_id)))))


async def followers(tx: Tx, chat_id: ChatId, *, is_ready: bool = False) -> list[Followed]:
    """Accounts at work that are in the chat; the first of them reads it. `is_ready`: without those that have to wait."""
    channel = await channel_rows.by_chat(tx, chat_id)
    if channel is None:
        return []
    found = _followers(channel.id)
    if is_ready:
        found = found.where(accounts.c.state == AccountState.READY.value)
    rows = await tx.all(found)
    return [_followed(tx, row, channel.chat_id) for row in rows]


async def to_read(tx: Tx, account_id: AccountId) -> list[Followed]:
    """The authorised channels that are this account's to read: those where it is the first follower that is ready."""
    return await _of_account(tx, account_id, first=True, is_authorised=True)


async def to_leave(tx: Tx, account_id: AccountId) -> list[Followed]:
    """The channels of this account whose authorisation ended."""
    return await _of_account(tx, account_id, first=False, is_authorised=False)


async def position(tx: Tx, channel_id: ChannelId) -> Position | None:
    row = await tx.first(select(positions).where(positions.c.channel_id == channel_id))
    return None if row is None else Position(row.pts, row.read_to)


async def set_position(tx: Tx, channel_id: ChannelId, new: Position) -> None:
    """A position never goes back: of two accounts the slower one changes nothing."""
    await tx.execute(
        tx.insert(positions)
        .values(channel_id=channel_id, pts=new.pts, read_to=new.read_to)
        .on_conflict_do_nothing(index_elements=["channel_id"])
    )
    for column, value in ((positions.c.pts, new.pts), (positions.c.read_to, new.read_to)):
        await tx.execute(
            update(positions)
            .where(positions.c.channel_id == channel_id, column < value)
            .values({column.name: value})
        )


async def findings_in(tx: Tx, channel_id: ChannelId, message_ids: Sequence[MessageId]) -> list[FindingId]:
    """The findings in these posts of a channel."""
    rows = await tx.all(
        select(findings.c.id)
        .select_from(findings.join(posts))
        .where(posts.c.channel_id == channel_id, posts.c.message_id.in_(message_ids))
        .order_by(findings.c.id)
    )
    return [FindingId(row.id) for row in rows]


def _followers(channel_id: ChannelId) -> Any:
    return (
        select(followed)
        .join(accounts, accounts.c.id == followed.c.account_id)
        .where(followed.c.channel_id == channel_id, accounts.c.state.in_(AT_WORK))
        .order_by(accounts.c.id)
    )


async def _of_account(tx: Tx, account_id: AccountId, *, first: bool, is_authorised: bool) -> list[Followed]:
    other, worker = followed.alias("other"), accounts.alias("worker")
    conditions = [
        followed.c.account_id == account_id,
        (channels.c.state == ChannelState.AUTHORISED.value) == is_authorised,
    ]
    if first:
        conditions.append(
            ~exists().where(
                other.c.channel_id == followed.c.channel_id,
                other.c.account_id < account_id,
                worker.c.id == other.c.account_id,
                worker.c.state == AccountState.READY.value,
            )
        )
    rows = await tx.all(
        select(followed, channels.c.chat)
        .join(channels, channels.c.id == followed.c.channel_id)
        .where(*conditions)
        .order_by(followed.c.channel_id)
    )
    return [_followed(tx, row, channel_rows.chat_id_in(tx, row.chat)) for row in rows]


def _followed(tx: Tx, row: Row[Any], chat_id: ChatId) -> Followed:
    return Followed(
        account_id=AccountId(row.account_id),
        channel_id=ChannelId(row.channel_id),
        chat_id=chat_id,
        access_hash=tx.cipher.open_json(_ACCESS, row.access),
    )


def _account(tx: Tx, row: Row[Any]) -> Account:
    who = tx.cipher.open_json(_ACCOUNT, row.account)
    return Account(
        id=AccountId(row.id),
        user_id=UserId(who["user_id"]),
        name=who["name"],
        state=AccountState(row.state),
        until=row.until,
        added_at=row.added_at,
        changed_at=row.changed_at,
        channels=row.channels,
    )
