"""The chats that the bot is or was in, and who authorised watching them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, case, distinct, func, insert, or_, select, update

from bot.model import ChannelId, ChannelState, ChatId, ChatKind, MediaState, Person
from bot.store.tables import authorisations, channels, findings, media, posts
from bot.store.tx import Tx

_KEY = "channels.chat_key"
_CHAT = "channels.chat"
_ADDED_BY = "channels.added_by"
_AUTHORISED_BY = "authorisations.authorised_by"
_DOCUMENT = "authorisations.document"
_PERSON = TypeAdapter(Person)


@dataclass(frozen=True)
class Authorisation:
    """On what document, and by whom, a channel may be watched."""

    id: int
    by: Person
    document: str
    valid_from: datetime
    valid_until: datetime
    warned_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Channel:
    """`authorisation` is the one in force, or else the latest."""

    id: ChannelId
    chat_id: ChatId
    kind: ChatKind
    title: str
    username: str | None
    state: ChannelState
    can_read: bool
    added_by: Person | None
    added_at: datetime
    last_post_at: datetime | None
    authorisation: Authorisation | None


@dataclass(frozen=True)
class ChannelCounts:
    """How many posts and media were seen, what became of the media, and in how many posts a case was found."""

    posts: int = 0
    media: int = 0
    waiting: int = 0
    failed: int = 0
    not_inspectable: int = 0
    findings: int = 0
    troubles: Mapping[str, int] = field(default_factory=dict)
    """Media that could not be fingerprinted, or only in part, by the reason; the most frequent first."""


async def put(
    tx: Tx,
    *,
    chat_id: ChatId,
    kind: ChatKind,
    title: str,
    username: str | None,
    state: ChannelState,
    can_read: bool,
    added_by: Person | None,
    now: datetime,
) -> Channel:
    """Insert the channel, or update its names and rights.

    `state`, `added_by` and the time count for a new channel, and for one that the bot was out of (left, ended).
    """
    new = tx.insert(channels).values(
        chat_key=tx.cipher.digest(_KEY, chat_id),
        chat=_sealed_chat(tx, chat_id, title, username),
        kind=kind.value,
        state=state.value,
        can_read=can_read,
        added_by=None if added_by is None else tx.cipher.seal(_ADDED_BY, _PERSON.dump_json(added_by)),
        added_at=now,
    )
    was_out = channels.c.state.in_([ChannelState.LEFT.value, ChannelState.ENDED.value])
    channel_id = await tx.scalar(
        new.on_conflict_do_update(
            index_elements=["chat_key"],
            set_={
                "chat": new.excluded.chat,
                "kind": new.excluded.kind,
                "can_read": new.excluded.can_read,
                "state": case((was_out, new.excluded.state), else_=channels.c.state),
                "added_by": case((was_out, new.excluded.added_by), else_=channels.c.added_by),
                "added_at": case((was_out, new.excluded.added_at), else_=channels.c.added_at),
            },
        ).returning(channels.c.id)
    )
    channel = await get(tx, channel_id)
    assert channel is not None
    return channel


async def get(tx: Tx, channel_id: ChannelId) -> Channel | None:
    return await _one(tx, channels.c.id == channel_id)


async def by_chat(tx: Tx, chat_id: ChatId) -> Channel | None:
    return await _one(tx, channels.c.chat_key == tx.cipher.digest(_KEY, chat_id))


async def listed(tx: Tx) -> list[Channel]:
    """In the order in which they were first seen."""
    return await _many(tx)


async def set_state(tx: Tx, channel_id: ChannelId, state: ChannelState) -> None:
    await tx.execute(update(channels).where(channels.c.id == channel_id).values(state=state.value))


async def authorise(
    tx: Tx,
    channel_id: ChannelId,
    *,
    by: Person,
    document: str,
    valid_from: datetime,
    valid_until: datetime,
) -> Authorisation:
    """Record an authorisation; an earlier one ends where this begins. The channel's state is the caller's."""
    await end_authorisation(tx, channel_id, valid_from)
    authorisation_id = await tx.scalar(
        insert(authorisations)
        .values(
            channel_id=channel_id,
            authorised_by=tx.cipher.seal(_AUTHORISED_BY, _PERSON.dump_json(by)),
            document=tx.cipher.seal(_DOCUMENT, document.encode()),
            valid_from=valid_from,
            valid_until=valid_until,
        )
        .returning(authorisations.c.id)
    )
    return Authorisation(authorisation_id, by, document, valid_from, valid_until, None, None)


async def end_authorisation(tx: Tx, channel_id: ChannelId, now: datetime) -> None:
    await tx.execute(
        update(authorisations)
        .where(authorisations.c.channel_id == channel_id, authorisations.c.ended_at.is_(None))
        .values(ended_at=now)
    )


async def expiring(tx: Tx, before: datetime, now: datetime) -> list[Channel]:
    """Channels whose authorisation is in force but ends before, and nobody was warned yet."""
    return await _many(
        tx,
        authorisations.c.ended_at.is_(None),
        authorisations.c.warned_at.is_(None),
        authorisations.c.valid_until > now,
        authorisations.c.valid_until <= before,
    )


async def expired(tx: Tx, now: datetime) -> list[Channel]:
    """Channels whose authorisation ran out and was not ended yet."""
    return await _many(tx, authorisations.c.ended_at.is_(None), authorisations.c.valid_until <= now)


async def unanswered(tx: Tx, before: datetime) -> list[Channel]:
    """Channels that staff were asked about until then, and nobody authorised yet."""
    return await _many(tx, channels.c.state == ChannelState.ASKED.value, channels.c.added_at <= before)


async def warned(tx: Tx, authorisation_id: int, now: datetime) -> None:
    await tx.execute(
        update(authorisations).where(authorisations.c.id == authorisation_id).values(warned_at=now)
    )


async def move(tx: Tx, old_chat_id: ChatId, new_chat_id: ChatId) -> None:
    """A group became a supergroup: its authorisation and state go to the new chat, and the old one is left.

    The new chat is a channel of its own, because it numbers its messages afresh.
    """
    old = await by_chat(tx, old_chat_id)
    if old is None or old.state is ChannelState.LEFT:
        return
    new = await put(
        tx,
        chat_id=new_chat_id,
        kind=ChatKind.SUPERGROUP,
        title=old.title,
        username=old.username,
        state=old.state,
        can_read=old.can_read,
        added_by=old.added_by,
        now=old.added_at,
    )
    await tx.execute(
        update(authorisations).where(authorisations.c.channel_id == old.id).values(channel_id=new.id)
    )
    await set_state(tx, new.id, old.state)
    await set_state(tx, old.id, ChannelState.LEFT)


async def saw_post(tx: Tx, channel_id: ChannelId, at: datetime) -> None:
    await tx.execute(
        update(channels)
        .where(
            channels.c.id == channel_id, or_(channels.c.last_post_at.is_(None), channels.c.last_post_at < at)
        )
        .values(last_post_at=at)
    )


async def counts(tx: Tx) -> dict[ChannelId, ChannelCounts]:
    """For every channel, also those with nothing seen."""

    def in_state(state: MediaState) -> ColumnElement[int]:
        return func.count(case((media.c.state == state.value, media.c.id)))

    seen = await tx.all(
        select(
            channels.c.id,
            func.count(distinct(posts.c.id)).label("posts"),
            func.count(media.c.id).label("media"),
            in_state(MediaState.WAITING).label("waiting"),
            in_state(MediaState.FAILED).label("failed"),
            in_state(MediaState.NOT_INSPECTABLE).label("not_inspectable"),
        )
        .select_from(channels.outerjoin(posts).outerjoin(media))
        .group_by(channels.c.id)
    )
    found = await tx.all(
        select(posts.c.channel_id, func.count().label("number"))
        .select_from(findings.join(posts))
        .group_by(posts.c.channel_id)
    )
    findings_of = {row.channel_id: row.number for row in found}
    number = func.count().label("number")
    reasons = await tx.all(
        select(posts.c.channel_id, media.c.reason, number)
        .select_from(media.join(posts))
        .where(media.c.reason.is_not(None))
        .group_by(posts.c.channel_id, media.c.reason)
        .order_by(number.desc(), media.c.reason)
    )
    troubles_of: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in reasons:
        troubles_of[row.channel_id][row.reason] = row.number
    return {
        row.id: ChannelCounts(
            posts=row.posts,
            media=row.media,
            waiting=row.waiting,
            failed=row.failed,
            not_inspectable=row.not_inspectable,
            findings=findings_of.get(row.id, 0),
            troubles=troubles_of[row.id],
        )
        for row in seen
    }


async def _one(tx: Tx, condition: ColumnElement[bool]) -> Channel | None:
    row = await tx.first(_select().where(condition))
    return None if row is None else _channel(tx, row)


async def _many(tx: Tx, *conditions: ColumnElement[bool]) -> list[Channel]:
    rows = await tx.all(_select().where(*conditions).order_by(channels.c.id))
    return [_channel(tx, row) for row in rows]


def _select() -> Select[Any]:
    """Channels with their latest authorisation; a new one ends the earlier ones, so no other can be in force."""
    newer = authorisations.alias("newer")
    latest = (
        select(func.max(newer.c.id))
        .where(newer.c.channel_id == channels.c.id)
        .correlate(channels)
        .scalar_subquery()
    )
    return select(
        channels,
        *(column.label(f"a_{column.name}") for column in authorisations.c if column.name != "channel_id"),
    ).select_from(channels.outerjoin(authorisations, authorisations.c.id == latest))


def chat_id_in(tx: Tx, sealed_chat: bytes) -> ChatId:
    """The chat's id in a value of the column `chat`."""
    return ChatId(tx.cipher.open_json(_CHAT, sealed_chat)["chat_id"])


def _channel(tx: Tx, row: Row[Any]) -> Channel:
    chat = tx.cipher.open_json(_CHAT, row.chat)
    added_by = row.added_by
    return Channel(
        id=ChannelId(row.id),
        chat_id=ChatId(chat["chat_id"]),
        kind=ChatKind(row.kind),
        title=chat["title"],
        username=chat["username"],
        state=ChannelState(row.state),
        can_read=row.can_read,
        added_by=None if added_by is None else _PERSON.validate_json(tx.cipher.open(_ADDED_BY, added_by)),
        added_at=row.added_at,
        last_post_at=row.last_post_at,
        authorisation=None if row.a_id is None else _authorisation(tx, row),
    )


def _authorisation(tx: Tx, row: Row[Any]) -> Authorisation:
    return Authorisation(
        id=row.a_id,
        by=_PERSON.validate_json(tx.cipher.open(_AUTHORISED_BY, row.a_authorised_by)),
        document=tx.cipher.open(_DOCUMENT, row.a_document).decode(),
        valid_from=row.a_valid_from,
        valid_until=row.a_valid_until,
        warned_at=row.a_warned_at,
        ended_at=row.a_ended_at,
    )


def _sealed_chat(tx: Tx, chat_id: ChatId, title: str, username: str | None) -> bytes:
    return tx.cipher.seal_json(_CHAT, {"chat_id": chat_id, "title": title, "username": username})
