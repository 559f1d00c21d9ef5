"""Which chats may be watched: nothing is scanned without somebody's authorisation on a document, until a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.errors import Refused
from bot.model import ChannelId, ChannelState, ChatId, ChatKind, ChatMoved, Membership, Person
from bot.store import Tx, accounts, audit, settings
from bot.store import channels as rows
from bot.store.channels import Authorisation, Channel, ChannelCounts

MAX_DOCUMENT = 200
MAX_DAYS = 2 * 365
"""An authorisation is looked at again after two years at the latest."""

STAFF_CHAT = "staff_chat_id"
"""Where the staff chat went when Telegram gave it a new id."""
_PRESENT = frozenset({ChannelState.ASKED, ChannelState.AUTHORISED})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Change(StrEnum):
    """What staff have to know about the bot's standing in a channel."""

    ADDED = "added"
    REMOVED = "removed"
    CANNOT_READ = "cannot-read"
    CAN_READ = "can-read"


@dataclass(frozen=True)
class Request:
    """A checked request to authorise: the document's reference and the last day."""

    document: str
    last_day: date


@dataclass(frozen=True)
class Due:
    """What time brought."""

    ending: Sequence[Channel] = ()
    """In force, but not for long."""
    ended: Sequence[Channel] = ()
    unanswered: Sequence[Channel] = ()
    """Nobody authorised them in time."""


async def authorised(tx: Tx, chat_id: ChatId, now: datetime) -> Channel | None:
    """The channel, if its posts may be scanned now."""
    channel = await rows.by_chat(tx, chat_id)
    if channel is None or channel.state is not ChannelState.AUTHORISED:
        return None
    authorisation = channel.authorisation
    if authorisation is None or authorisation.ended_at is not None:
        return None
    return channel if authorisation.valid_from <= now < authorisation.valid_until else None


async def changed(tx: Tx, membership: Membership, now: datetime) -> tuple[Change, Channel] | None:
    """Record the bot's new standing. None where staff need not be told."""
    if membership.chat_kind is ChatKind.PRIVATE:
        return None
    before = await rows.by_chat(tx, membership.chat_id)
    if not membership.is_member:
        return None if before is None else await _removed(tx, before, membership.by, now)
    is_named = membership.by.user_id > 0
    channel = await rows.put(
        tx,
        chat_id=membership.chat_id,
        kind=membership.chat_kind,
        title=membership.title,
        username=membership.username,
        state=ChannelState.ASKED,
        # A chat that is known by its posts can be read; else only an administrator surely sees all posts.
        can_read=membership.is_admin or not is_named,
        added_by=membership.by if is_named else None,
        now=now,
    )
    if before is None or before.state not in _PRESENT:
        await put_on_record(tx, "channel_added", channel.id, channel.added_by, now)
        return Change.ADDED, channel
    if before.state is ChannelState.AUTHORISED and before.can_read != channel.can_read:
        return Change.CAN_READ if channel.can_read else Change.CANNOT_READ, channel
    return None


async def staff_chat(tx: Tx, configured: ChatId) -> ChatId:
    """The staff chat's id now: the configured one, or the one it moved to."""
    moved = await settings.get(tx, STAFF_CHAT)
    return ChatId(moved["to"]) if moved and moved["from"] == configured else configured


async def moved(tx: Tx, move: ChatMoved, *, configured_staff_chat: ChatId) -> None:
    """A group has a new id: what was said of the old one is true of the new one."""
    if move.old_chat_id == await staff_chat(tx, configured_staff_chat):
        await settings.put(tx, STAFF_CHAT, {"from": configured_staff_chat, "to": move.new_chat_id})
    await rows.move(tx, move.old_chat_id, move.new_chat_id)


def read_request(untrusted_line: str, *, today: date) -> Request:
    """`<document reference> <YYYY-MM-DD>`; `today` is the date where the staff are.

    Raises `Refused`: `bad-date`, `date-past`, `date-far`, `no-document`, `document-long`.
    """
    *words, last = untrusted_line.split() or [""]
    last_day = _day(last)
    if last_day is None:
        raise Refused("bad-date", example=str(example_day(today)))
    if last_day < today:
        raise Refused("date-past", today=str(today))
    if last_day > today + timedelta(days=MAX_DAYS):
        raise Refused("date-far", latest=str(today + timedelta(days=MAX_DAYS)))
    document = " ".join(words)
    if not document:
        raise Refused("no-document", example=str(example_day(today)))
    if len(document) > MAX_DOCUMENT:
        raise Refused("document-long", max=MAX_DOCUMENT)
    return Request(document, last_day)


def example_day(today: date) -> date:
    """A last day that is right, to show how to write one."""
    return today + timedelta(days=180)


async def authorise(
    tx: Tx, channel_id: ChannelId, request: Request, *, zone: ZoneInfo, by: Person, now: datetime
) -> Channel:
    """Watch the channel from now to the end of the last day, instead of what was authorised before.

    Raises `Refused`: `unknown-channel`, `not-in-channel`.
    """
    channel = await present(tx, channel_id)
    end = datetime.combine(request.last_day + timedelta(days=1), time(), zone).astimezone(UTC)
    await rows.authorise(tx, channel.id, by=by, document=request.document, valid_from=now, valid_until=end)
    await rows.set_state(tx, channel.id, ChannelState.AUTHORISED)
    await put_on_record(
        tx, "channel_authorised", channel.id, by, now, document=request.document, until=str(request.last_day)
    )
    return await known(tx, channel.id)


async def revoke(tx: Tx, channel_id: ChannelId, *, by: Person, now: datetime) -> Channel:
    """End the authorisation; the bot is to leave. Raises `Refused`: `unknown-channel`, `not-authorised`."""
    channel = await known(tx, channel_id)
    if channel.state is not ChannelState.AUTHORISED:
        raise Refused("not-authorised", number=str(channel.id))
    return await _end(tx, channel, "channel_revoked", by, now)


async def leave(tx: Tx, channel_id: ChannelId, *, by: Person, now: datetime) -> Channel:
    """The bot is to leave, authorised or not. Raises `Refused`: `unknown-channel`, `not-in-channel`."""
    return await _end(tx, await present(tx, channel_id), "channel_left", by, now)


async def sweep(tx: Tx, now: datetime, *, warn_before: timedelta, leave_after: timedelta) -> Due:
    """End what ran out, once, and note who has been warned. The bot is to leave all but the `ending`."""
    ending = await rows.expiring(tx, now + warn_before, now)
    for channel in ending:
        assert channel.authorisation is not None
        await rows.warned(tx, channel.authorisation.id, now)
    ended = await rows.expired(tx, now)
    for channel in ended:
        await _end(tx, channel, "channel_ended", None, now)
    unanswered = await rows.unanswered(tx, now - leave_after)
    for channel in unanswered:
        await _end(tx, channel, "channel_unanswered", None, now)
    return Due(ending, ended, unanswered)


async def listed(tx: Tx) -> list[tuple[Channel, ChannelCounts]]:
    """Every channel, in the order of their numbers, with what was seen there."""
    counts = await rows.counts(tx)
    return [(channel, counts[channel.id]) for channel in await rows.listed(tx)]


async def known(tx: Tx, channel_id: ChannelId) -> Channel:
    """Raises `Refused`: `unknown-channel`."""
    channel = await rows.get(tx, channel_id)
    if channel is None:
        raise Refused("unknown-channel", number=str(channel_id))
    return channel


async def present(tx: Tx, channel_id: ChannelId) -> Channel:
    """A channel that the bot is in. Raises `Refused`: `unknown-channel`, `not-in-channel`."""
    channel = await known(tx, channel_id)
    if channel.state not in _PRESENT:
        raise Refused("not-in-channel", number=str(channel.id))
    return channel


async def in_question(tx: Tx, channel_id: ChannelId) -> Channel:
    """A channel that nobody authorised yet: a question about it can stay on the screen for long.

    Raises `Refused`: `unknown-channel`, `not-in-channel`, `already-authorised`.
    """
    channel = await present(tx, channel_id)
    if channel.state is ChannelState.AUTHORISED:
        raise Refused("already-authorised", number=str(channel.id))
    return channel


async def by_chat(tx: Tx, chat_id: ChatId) -> Channel | None:
    """The channel of this chat, if the bot is in it."""
    channel = await rows.by_chat(tx, chat_id)
    return channel if channel is not None and channel.state in _PRESENT else None


def last_day(authorisation: Authorisation, zone: ZoneInfo) -> date:
    """The last day of the authorisation, where the staff are."""
    return (authorisation.valid_until.astimezone(zone) - timedelta(microseconds=1)).date()


async def put_on_record(
    tx: Tx, action: str, channel_id: ChannelId, by: Person | None, now: datetime, **details: str
) -> None:
    """What was done about a channel, in the audit log; `by` is None for Jikimi itself."""
    subject = f"channel:{channel_id}"
    await audit.append(tx, action=action, subject=subject, actor=by, details=dict(details), now=now)


async def _removed(tx: Tx, channel: Channel, by: Person, now: datetime) -> tuple[Change, Channel] | None:
    if channel.state not in _PRESENT:
        return None  # The bot left by itself, and staff know.
    if await accounts.is_followed(tx, channel.id):
        return None  # An account watches on.
    await rows.end_authorisation(tx, channel.id, now)
    await rows.set_state(tx, channel.id, ChannelState.LEFT)
    await put_on_record(tx, "channel_removed", channel.id, by, now)
    return Change.REMOVED, channel


async def _end(tx: Tx, channel: Channel, action: str, by: Person | None, now: datetime) -> Channel:
    await rows.end_authorisation(tx, channel.id, now)
    await rows.set_state(tx, channel.id, ChannelState.ENDED)
    await put_on_record(tx, action, channel.id, by, now)
    return await known(tx, channel.id)


def _day(untrusted_text: str) -> date | None:
    if not _DATE.fullmatch(untrusted_text):
        return None
    try:
        return date.fromisoformat(untrusted_text)
    except ValueError:
        return None
