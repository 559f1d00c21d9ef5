"""Which chats may be watched, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from store_makers import ADMIN, CHAT, NOW, STAFF

from bot import channels
from bot.channels import Change, Request, staff_chat
from bot.errors import Refused
from bot.model import ChannelId, ChannelState, ChatId, ChatKind, ChatMoved, Membership, Person, UserId
from bot.store import Store, Tx, audit, tables
from bot.store import channels as rows
from bot.store.channels import Channel

SEOUL = ZoneInfo("Asia/Seoul")
TODAY = date(2026, 11, 23)
WEEK = timedelta(days=7)
REQUEST = Request("공문 2026-123", date(2026, 12, 31))
END = datetime(2026, 12, 31, 15, tzinfo=UTC)
"""Midnight in Seoul after the last day."""
ADDED = Membership(CHAT, ChatKind.CHANNEL, "채널", "somechannel", STAFF, True, True)
REMOVED = replace(ADDED, is_member=False, is_admin=False)


async def added(tx: Tx, membership: Membership = ADDED) -> Channel:
    news = await channels.changed(tx, membership, NOW)
    assert news is not None
    assert news[0] is Change.ADDED
    return news[1]


async def watched(tx: Tx) -> Channel:
    channel = await added(tx)
    return await channels.authorise(tx, channel.id, REQUEST, zone=SEOUL, by=ADMIN, now=NOW)


async def test_a_new_channel_is_asked_about_once_and_not_scanned(store: Store) -> None:
    async with store.write() as tx:
        channel = await added(tx)
        assert channel.state is ChannelState.ASKED
        assert channel.added_by == STAFF
        assert await channels.authorised(tx, CHAT, NOW) is None
        assert await channels.changed(tx, ADDED, NOW) is None


async def test_a_channel_known_by_its_posts_is_asked_about_and_can_be_read(store: Store) -> None:
    somebody = Person(UserId(0), "?")
    async with store.write() as tx:
        group = replace(ADDED, by=somebody, chat_kind=ChatKind.SUPERGROUP, is_admin=False)
        channel = await added(tx, group)
        assert channel.added_by is None
        assert channel.can_read


async def test_a_person_who_blocks_the_bot_is_no_channel(store: Store) -> None:
    private = replace(REMOVED, chat_id=ChatId(5), chat_kind=ChatKind.PRIVATE)
    async with store.write() as tx:
        assert await channels.changed(tx, private, NOW) is None
        assert await channels.changed(tx, replace(private, is_member=True), NOW) is None
        assert await channels.listed(tx) == []


async def test_an_authorised_channel_is_scanned_to_the_end_of_the_last_day_where_the_staff_are(
    store: Store,
) -> None:
    async with store.write() as tx:
        channel = await watched(tx)
        assert channel.authorisation is not None
        assert channel.authorisation.valid_until == END
        assert channels.last_day(channel.authorisation, SEOUL) == REQUEST.last_day
        assert await channels.authorised(tx, CHAT, NOW - timedelta(seconds=1)) is None
        assert await channels.authorised(tx, CHAT, NOW) == channel
        assert await channels.authorised(tx, CHAT, END - timedelta(seconds=1)) == channel
        assert await channels.authorised(tx, CHAT, END) is None
        assert await channels.authorised(tx, ChatId(-100999), NOW) is None
        assert (await audit.verify(tx)).harm is None


async def test_a_later_authorisation_takes_the_place_of_the_earlier(store: Store) -> None:
    async with store.write() as tx:
        channel = await watched(tx)
        longer = Request("공문 2", date(2027, 5, 31))
        again = await channels.authorise(tx, channel.id, longer, zone=SEOUL, by=ADMIN, now=NOW + WEEK)
        assert again.authorisation is not None
        assert again.authorisation.document == "공문 2"
        assert await channels.authorised(tx, CHAT, END) == again


@pytest.mark.parametrize(
    ("line", "document", "last_day"),
    [
        ("공문 2026-123 2027-05-31", "공문 2026-123", date(2027, 5, 31)),
        ("  letter   7\n2026-11-23 ", "letter 7", TODAY),
        ("L 2028-11-22", "L", date(2028, 11, 22)),
        ("d" * 200 + " 2027-01-01", "d" * 200, date(2027, 1, 1)),
    ],
)
def test_a_line_names_the_document_and_the_last_day(line: str, document: str, last_day: date) -> None:
    assert channels.read_request(line, today=TODAY) == Request(document, last_day)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "bad-date"),
        ("공문 2026-123", "bad-date"),
        ("공문 2027-02-30", "bad-date"),
        ("공문 2027.05.31", "bad-date"),
        ("공문 20270531", "bad-date"),
        ("공문 ２０２７-05-31", "bad-date"),
        ("2027-05-31 공문", "bad-date"),
        ("공문 2026-11-22", "date-past"),
        ("공문 2028-11-23", "date-far"),
        ("공문 9999-12-31", "date-far"),
        ("2027-05-31", "no-document"),
        ("d" * 201 + " 2027-01-01", "document-long"),
    ],
)
def test_a_line_that_is_wrong_is_refused_with_the_reason(line: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        channels.read_request(line, today=TODAY)
    assert refused.value.code == code


async def test_revoking_and_leaving_end_the_authorisation(store: Store) -> None:
    for end in (channels.revoke, channels.leave):
        async with store.write() as tx:
            channel = await watched(tx)
            ended = await end(tx, channel.id, by=ADMIN, now=NOW + WEEK)
            assert ended.state is ChannelState.ENDED
            assert await channels.authorised(tx, CHAT, NOW + WEEK) is None
            # Telegram tells of the bot's own leaving too.
            assert await channels.changed(tx, REMOVED, NOW + WEEK) is None


async def test_what_cannot_be_done_to_a_channel_is_refused(store: Store) -> None:
    async with store.write() as tx:
        with pytest.raises(Refused, match="unknown-channel"):
            await channels.authorise(tx, ChannelId(99), REQUEST, zone=SEOUL, by=ADMIN, now=NOW)
        channel = await added(tx)
        with pytest.raises(Refused, match="not-authorised"):
            await channels.revoke(tx, channel.id, by=ADMIN, now=NOW)
        await channels.leave(tx, channel.id, by=ADMIN, now=NOW)
        with pytest.raises(Refused, match="not-in-channel"):
            await channels.authorise(tx, channel.id, REQUEST, zone=SEOUL, by=ADMIN, now=NOW)
        with pytest.raises(Refused, match="not-in-channel"):
            await channels.leave(tx, channel.id, by=ADMIN, now=NOW)
        assert await channels.by_chat(tx, CHAT) is None


async def test_who_removes_the_bot_ends_the_authorisation_and_a_return_is_asked_about(store: Store) -> None:
    async with store.write() as tx:
        await watched(tx)
        news = await channels.changed(tx, REMOVED, NOW)
        assert news is not None
        assert news[0] is Change.REMOVED
        assert await channels.authorised(tx, CHAT, NOW) is None
        assert await channels.changed(tx, REMOVED, NOW) is None
        again = await added(tx)
        assert again.state is ChannelState.ASKED
        assert await channels.authorised(tx, CHAT, NOW) is None


async def test_losing_and_regaining_the_right_to_read_is_news_for_a_watched_channel_only(
    store: Store,
) -> None:
    demoted = replace(ADDED, is_admin=False)
    async with store.write() as tx:
        await added(tx)
        assert await channels.changed(tx, demoted, NOW) is None
        assert await channels.changed(tx, ADDED, NOW) is None
        channel = await rows.by_chat(tx, CHAT)
        assert channel is not None
        await channels.authorise(tx, channel.id, REQUEST, zone=SEOUL, by=ADMIN, now=NOW)
        lost = await channels.changed(tx, demoted, NOW)
        regained = await channels.changed(tx, ADDED, NOW)
        assert lost is not None
        assert regained is not None
        assert (lost[0], regained[0]) == (Change.CANNOT_READ, Change.CAN_READ)


async def test_the_end_is_warned_of_once_and_then_comes_once(store: Store) -> None:
    async def sweep(tx: Tx, at: datetime) -> tuple[int, int, int]:
        due = await channels.sweep(tx, at, warn_before=WEEK, leave_after=timedelta(hours=72))
        return len(due.ending), len(due.ended), len(due.unanswered)

    async with store.write() as tx:
        channel = await watched(tx)
        assert await sweep(tx, END - WEEK - timedelta(seconds=1)) == (0, 0, 0)
        assert await sweep(tx, END - WEEK) == (1, 0, 0)
        assert await sweep(tx, END - timedelta(seconds=1)) == (0, 0, 0)
        assert await sweep(tx, END) == (0, 1, 0)
        assert await sweep(tx, END) == (0, 0, 0)
        assert (await channels.known(tx, channel.id)).state is ChannelState.ENDED


async def test_a_channel_that_nobody_authorises_is_left_in_time(store: Store) -> None:
    async with store.write() as tx:
        await added(tx)
        for hours, number in ((71, 0), (72, 1), (73, 0)):
            due = await channels.sweep(
                tx, NOW + timedelta(hours=hours), warn_before=WEEK, leave_after=timedelta(hours=72)
            )
            assert len(due.unanswered) == number


async def test_a_group_that_gets_a_new_id_stays_authorised(store: Store) -> None:
    new = ChatId(-1005555555555)
    async with store.write() as tx:
        await watched(tx)
        await channels.moved(tx, ChatMoved(CHAT, new), configured_staff_chat=ChatId(-7))
        assert await channels.authorised(tx, new, NOW) is not None
        assert await channels.authorised(tx, CHAT, NOW) is None
        assert await staff_chat(tx, ChatId(-7)) == -7


async def test_the_staff_chat_moves_too(store: Store) -> None:
    async with store.write() as tx:
        await channels.moved(tx, ChatMoved(ChatId(-7), ChatId(-1007)), configured_staff_chat=ChatId(-7))
        await channels.moved(tx, ChatMoved(ChatId(-1007), ChatId(-1008)), configured_staff_chat=ChatId(-7))
        assert await staff_chat(tx, ChatId(-7)) == -1008


async def test_a_sweep_opens_only_the_channels_that_something_ends_for(store: Store) -> None:
    async with store.write() as tx:
        ended = await watched(tx)
        other = await added(tx, replace(ADDED, chat_id=ChatId(CHAT - 1)))
        later = Request("공문", date(2027, 3, 31))
        await channels.authorise(tx, other.id, later, zone=SEOUL, by=ADMIN, now=NOW)
        spoiled = tables.channels.update().where(tables.channels.c.id == other.id).values(chat=b"spoiled")
        await tx.execute(spoiled)
        due = await channels.sweep(tx, END, warn_before=WEEK, leave_after=timedelta(hours=72))
    assert [channel.id for channel in due.ended] == [ended.id]
