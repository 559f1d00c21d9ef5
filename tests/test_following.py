"""Reading channels by accounts: Telethon's own client against a Telegram on the loopback, over the real store."""

from __future__ import annotations

from typing import Any

import pytest
from account_scene import Office
from casework_scene import Found, put_into
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account, RpcFault
from sqlalchemy import select
from store_makers import NOW
from telethon.tl import types

from bot.accounts.following import Chat, Difference, Page
from bot.errors import FloodWait
from bot.model import (
    ChannelId,
    FindingId,
    FindingState,
    Step,
)
from bot.pipeline.worker import Worker
from bot.staff import casework
from bot.staff.recheck import JIKIMI
from bot.store import Tx, accounts, posts, tables
from bot.store.accounts import Followed
from bot.store.casework import Method, Recheck
from bot.store.inbox import InboxRow


@pytest.fixture
async def channel(office: Office, telegram: Telegram, ada: Account) -> Channel:
    """Followed by Ada, who has read all there is: nothing."""
    channel = telegram.add_channel("Channel", ada, username="a_channel")
    await office.authorise(channel, ada)
    await office.read(ada)
    return channel


def bot_update(message_id: int, unique_id: str) -> dict[str, object]:
    """The same post as the bot gets it."""
    return {
        "update_id": 5,
        "channel_post": {
            "message_id": message_id,
            "date": 1795176060,
            "chat": {"id": -1001000000001, "type": "channel", "title": "Channel"},
            "photo": [{"file_id": "AgAC", "file_unique_id": unique_id, "width": 640, "height": 480}],
        },
    }


async def test_a_post_becomes_the_rows_that_the_bot_would_make_of_it(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"), post_author="Author")
    await office.read(ada)
    assert await office.posts() == [number]
    [media] = await office.media()
    assert media.ref is not None
    assert (media.ref.path, media.ref.size_bytes) == ("photo", 7)
    async with office.store.read() as tx:
        stored = await posts.post(tx, media.post_id)
        waiting = await tx.all(select(tables.work.c.media_id, tables.work.c.priority))
    assert stored is not None
    assert (stored.post.place.username, stored.post.signature) == ("a_channel", "Author")
    assert [tuple(row) for row in waiting] == [(media.id, 0)]


async def test_what_is_there_before_an_account_follows_is_left_to_history(
    office: Office, telegram: Telegram, ada: Account
) -> None:
    channel = telegram.add_channel("Channel", ada)
    telegram.post(channel, telegram.photo(b"old"))
    await office.authorise(channel, ada)
    await office.read(ada)
    assert await office.posts() == []


async def test_bot_and_account_in_one_channel_give_one_post_with_one_file(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    await office.inbox.receive([bot_update(number, "AQADAQAHfg")])
    await office.read(ada)
    assert await office.posts() == [number]
    [media] = await office.media()
    assert media.ref is not None
    assert media.ref.file_id == "AgAC"


async def test_when_the_first_delivery_is_long_forgotten_there_is_still_one_file(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    await office.inbox.receive([bot_update(number, "AQADAQAHfg")])
    await office.drain()
    async with office.store.write() as tx:
        await tx.execute(tables.inbox.delete())
    await office.read(ada)
    assert await office.posts() == [number]
    assert len(await office.media()) == 1


async def test_an_edit_brings_its_new_picture(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"first"))
    await office.read(ada)
    telegram.edit(channel, number, telegram.photo(b"second"))
    await office.read(ada)
    assert await office.posts() == [number]
    first, second = await office.media()
    async with office.store.read() as tx:
        stored = await posts.post(tx, second.post_id)
    assert first.post_id == second.post_id
    assert stored is not None
    assert stored.post.edited_at is not None


async def test_an_edit_during_an_outage_is_read_though_the_post_was_known(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"first"))
    await office.read(ada)
    telegram.edit(channel, number, telegram.photo(b"second"))
    telegram.post(channel, telegram.photo(b"third"))
    await office.read(ada)
    assert len(await office.media()) == 3


async def test_the_parts_of_an_album_are_posts_of_one_album(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    for name in (b"one", b"two"):
        telegram.post(channel, telegram.photo(name), grouped_id=77)
    await office.read(ada)
    found = []
    for media in await office.media():
        async with office.store.read() as tx:
            found.append(await posts.post(tx, media.post_id))
    assert [post.post.album_id for post in found if post is not None] == ["77", "77"]


@pytest.mark.parametrize("forgets", [False, True])
async def test_after_an_outage_every_post_is_read_once(
    office: Office, telegram: Telegram, ada: Account, channel: Channel, forgets: bool
) -> None:
    first = telegram.post(channel, telegram.photo(b"0"))
    await office.read(ada)
    missed = [telegram.post(channel, telegram.photo(b"%d" % number)) for number in range(1, 131)]
    if forgets:
        channel.forgets_before_pts = channel.pts
    await office.read(ada)
    await office.read(ada)
    assert await office.posts() == [first, *missed]
    assert len(await office.media()) == len(missed) + 1


async def test_what_goes_wrong_in_the_middle_of_a_gap_goes_on_from_there(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    posted = [telegram.post(channel, telegram.photo(b"%d" % number)) for number in range(130)]
    channel.forgets_before_pts = channel.pts
    telegram.cuts["GetHistory"] = 2
    await office.read(ada)
    assert await office.posts() == posted


async def test_a_long_wait_in_the_middle_of_a_gap_loses_nothing(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    posted = [telegram.post(channel, telegram.photo(b"%d" % number)) for number in range(110)]
    telegram.faults["GetChannelDifference"] = [RpcFault(420, "FLOOD_WAIT_500")]
    with pytest.raises(FloodWait) as raised:
        await office.read(ada)
    assert raised.value.retry_after_s == 500
    await office.read(ada)
    assert await office.posts() == posted


async def test_a_short_wait_is_slept_through(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    telegram.faults["GetChannelDifference"] = [RpcFault(420, "FLOOD_WAIT_1")]
    await office.read(ada)
    assert await office.posts() == [number]
    assert office.told == []


async def test_a_deleted_post_closes_its_finding_as_removed_with_the_time(
    office: Office, telegram: Telegram, ada: Account
) -> None:
    channel = telegram.add_channel("Channel", ada)
    async with office.store.write() as tx:
        found = Found(tx)
        for number, state in enumerate((FindingState.REPORTED, FindingState.CONFIRMED, FindingState.NEW), 1):
            await found.new(number, chat_id=channel.chat_id)
            await put_into(tx, FindingId(number), state)
    await office.authorise(channel, ada)
    for _ in range(3):
        telegram.post(channel, telegram.photo(b"picture"))
    await office.read(ada)
    telegram.delete(channel, 1, 2, 3)
    await office.read(ada)
    async with office.store.read() as tx:
        findings = [await casework.get(tx, FindingId(number)) for number in (1, 2, 3)]
    assert [finding.state for finding in findings] == [
        FindingState.REMOVED,
        FindingState.REMOVED,
        FindingState.NEW,
    ]
    assert (findings[0].steps[-1].by, findings[0].steps[-1].at) == (JIKIMI, NOW)
    assert [(check.result, check.method, check.at) for check in findings[2].rechecks] == [
        (Recheck.GONE, Method.ACCOUNT, NOW)
    ]
    assert findings[0].steps[-1].step is Step.REMOVED


async def test_a_state_that_telegram_does_not_know_any_more_loses_no_post(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    telegram.faults["GetChannelDifference"] = [RpcFault(400, "PERSISTENT_TIMESTAMP_INVALID")]
    await office.read(ada)
    assert await office.posts() == [number]


class Stuck:
    """A Telegram that tells the same page for ever."""

    pages = 0

    async def difference(self, chat: Chat, pts: int) -> Difference:
        return Difference(pts, is_too_long=True)

    async def state(self, chat: Chat) -> tuple[int, int]:
        raise AssertionError

    async def after(self, chat: Chat, message_id: int) -> Page:
        self.pages += 1
        return Page((), 1, 9, 9, None)


async def test_a_page_that_leads_no_further_is_the_last(
    office: Office, ada: Account, channel: Channel
) -> None:
    stuck = Stuck()
    followed = Followed(office.id_of["Ada"], ChannelId(1), channel.chat_id, 0)
    await office.following.catch_up(stuck, followed)
    assert stuck.pages == 2


async def test_a_message_that_cannot_be_read_is_kept_for_a_person_and_stops_no_other(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    broken = telegram.photo(b"first")
    broken.photo.sizes = [types.PhotoSize("", 9, 9, 3)]
    telegram.post(channel, broken)
    number = telegram.post(channel, telegram.photo(b"second"))
    await office.read(ada)
    poisoned: list[str] = []

    async def poison(tx: Tx, row: InboxRow, trouble: str) -> None:
        poisoned.append(trouble)

    await Worker(office.inbox.stage(poison), office.store, lambda: office.now).run_ready()
    assert await office.posts() == [number]
    assert poisoned == ["channel_post: cannot read date"]


async def test_what_an_account_cannot_read_is_taken_when_the_bot_brings_it_later(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    broken = telegram.photo(b"first")
    broken.photo.sizes = [types.PhotoSize("", 9, 9, 3)]
    number = telegram.post(channel, broken)
    await office.read(ada)
    await office.inbox.receive([bot_update(number, "AQADAQAHfg")])
    poisoned: list[str] = []

    async def poison(tx: Tx, row: InboxRow, trouble: str) -> None:
        poisoned.append(trouble)

    await Worker(office.inbox.stage(poison), office.store, lambda: office.now).run_ready()
    assert (await office.posts(), len(poisoned)) == ([number], 1)


async def test_an_answer_that_telethon_does_not_know_costs_that_channel_and_no_other(
    office: Office, telegram: Telegram, ada: Account, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = telegram.add_channel("Other", ada)
    await office.authorise(other, ada)
    await office.read(ada)
    number = telegram.post(other, telegram.photo(b"picture"))
    known = telegram._GetChannelDifference

    def unknown(account: Account, query: Any) -> object:
        is_other = query.channel.channel_id == other.id
        return known(account, query) if is_other else b"\xef\xbe\xad\xde"

    monkeypatch.setattr(telegram, "_GetChannelDifference", unknown)
    await office.read(ada)
    assert await office.posts() == [number]


async def test_an_account_that_was_thrown_out_of_a_channel_does_not_follow_it_any_more(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    ada.channels.clear()
    await office.read(ada)
    async with office.store.read() as tx:
        assert await accounts.followers(tx, channel.chat_id) == []
