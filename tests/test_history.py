"""Reading channels back by accounts."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from account_scene import Office
from mortal import Death
from mortal_account import start
from mtproto_registrar import POSTED_AT
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account
from sqlalchemy import select
from store_makers import NOW, STAFF
from telethon.tl import types

from bot import channels as channel_cases
from bot.accounts import history
from bot.accounts.following import Chat
from bot.accounts.history import Histories
from bot.accounts.running import Hints
from bot.chat.history import render
from bot.errors import Refused
from bot.model import ChannelId, ChatId, HistoryId, Language, MediaState, MessageId, ShowHistory
from bot.store import histories, posts, queue, tables, work
from bot.store.histories import History, HistoryState

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
async def channel(office: Office, telegram: Telegram, ada: Account) -> Channel:
    """With 120 posts, a minute apart, from before it was followed."""
    channel = telegram.add_channel("Channel", ada)
    for number in range(120):
        telegram.post(channel, telegram.photo(b"%d" % number))
    await office.authorise(channel, ada)
    await office.read(ada)
    return channel


async def ask(office: Office, words: str) -> HistoryId:
    async with office.store.write() as tx:
        shown = await history.ask(tx, ChannelId(1), words, zone=SEOUL, by=STAFF, now=office.now)
    return shown.history_id


def chore(office: Office) -> Histories:
    return Histories(office.store, office.inbox, now=lambda: office.now, committed=lambda: None)


async def read_back(office: Office, ada: Account) -> None:
    async with office.connect(office.telegram.session(ada), Hints()) as client:
        while await chore(office).step(office.id_of["Ada"], client):
            pass


async def get(office: Office, history_id: HistoryId) -> History:
    async with office.store.read() as tx:
        found = await histories.get(tx, history_id)
    assert found is not None
    return found


async def test_everything_is_read_back_to_the_first_post_once(
    office: Office, ada: Account, channel: Channel
) -> None:
    history_id = await ask(office, "all")
    await read_back(office, ada)
    assert sorted(await office.posts()) == list(range(1, 121))
    done = await get(office, history_id)
    assert (done.state, done.messages) == (HistoryState.DONE, 120)
    assert done.reached_at == POSTED_AT + timedelta(minutes=1)


async def test_a_number_of_messages_is_the_newest_of_them(
    office: Office, ada: Account, channel: Channel
) -> None:
    await ask(office, "105")
    await read_back(office, ada)
    assert sorted(await office.posts()) == list(range(16, 121))


async def test_a_date_is_the_first_day_where_the_staff_are(
    office: Office, telegram: Telegram, ada: Account
) -> None:
    channel = telegram.add_channel("Channel", ada)
    first_day = POSTED_AT.astimezone(SEOUL).date()
    begins = POSTED_AT.astimezone(SEOUL).replace(hour=0)
    for at in (begins - timedelta(minutes=1), begins, begins + timedelta(minutes=1)):
        telegram.post(channel, telegram.photo(b"picture"), date=at)
    await office.authorise(channel, ada)
    await ask(office, str(first_day))
    await read_back(office, ada)
    assert sorted(await office.posts()) == [2, 3]


async def test_what_is_read_back_waits_behind_what_is_live(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    await ask(office, "3")
    live = telegram.post(channel, telegram.photo(b"live"))
    await office.read(ada, chores=(chore(office),))
    assert (await office.posts())[0] == live
    async with office.store.read() as tx:
        rows = await tx.all(select(tables.work.c.priority).order_by(tables.work.c.id))
    assert [row.priority for row in rows] == [0, -1, -1]


async def test_a_post_that_is_known_is_not_read_twice(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    live = telegram.post(channel, telegram.photo(b"live"))
    await office.read(ada)
    await ask(office, "2")
    await read_back(office, ada)
    assert sorted(await office.posts()) == [live - 1, live]
    assert len(await office.media()) == 2


async def test_a_post_that_came_before_the_authorisation_is_read_back_once(
    office: Office, telegram: Telegram, ada: Account
) -> None:
    channel = telegram.add_channel("Channel", ada)
    number = telegram.post(channel, telegram.photo(b"before"))
    await office.added(channel)
    async with office.connect(office.telegram.session(ada), Hints()) as client:
        page = await client.before(Chat(channel.chat_id, channel.id + 5), 0, 9)
    await office.inbox.receive(page.posts)
    assert await office.posts() == [], "nobody authorised it yet"
    await office.authorise(channel, ada)
    for _ in range(2):
        await ask(office, "all")
        await read_back(office, ada)
        assert await office.posts() == [number]
        assert len(await office.media()) == 1
    async with office.store.read() as tx:
        assert len(await tx.all(select(tables.work.c.id))) == 1


async def test_what_was_too_large_for_the_bot_is_fetched_by_the_account_that_reads_the_channel_back(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    telegram.post(channel, telegram.photo(b"large"))
    await office.read(ada)
    [media] = await office.media()
    async with office.store.write() as tx:
        [row] = await work.claim(tx, now=office.now, lease_s=60, limit=9)
        await posts.failed(tx, media.id, "too_large_to_download", office.now)
        await posts.forget(tx, media.post_id)
        await queue.done(tx, tables.work, row.id, now=office.now)
    await ask(office, "1")
    await read_back(office, ada)
    [again] = await office.media()
    assert (again.id, again.state) == (media.id, MediaState.WAITING)
    async with office.store.write() as tx:
        assert [row.media_id for row in await work.claim(tx, now=office.now, lease_s=60, limit=9)] == [
            media.id
        ]


async def test_a_message_that_cannot_be_read_is_kept_for_a_person_and_the_rest_is_read_back(
    office: Office, telegram: Telegram, ada: Account
) -> None:
    channel = telegram.add_channel("Channel", ada)
    broken = telegram.photo(b"first")
    broken.photo.sizes = [types.PhotoSize("", 9, 9, 3)]
    telegram.post(channel, broken)
    telegram.post(channel, telegram.photo(b"second"))
    await office.authorise(channel, ada)
    history_id = await ask(office, "3000d")
    await read_back(office, ada)
    assert (await get(office, history_id)).state is HistoryState.DONE
    async with office.store.read() as tx:
        assert len(await tx.all(select(tables.inbox.c.id))) == 2


@pytest.mark.parametrize("after", [False, True])
async def test_a_kill_in_the_middle_loses_and_doubles_nothing(
    office: Office,
    telegram: Telegram,
    ada: Account,
    channel: Channel,
    store_url: str,
    store_key: bytes,
    tmp_path: Path,
    after: bool,
) -> None:
    history_id = await ask(office, "all")
    session = telegram.session(ada)
    death = Death("Histories._commit", 1, after)
    codes = []
    for ending in (death, None):
        process = start(store_url, store_key, session, ending, tmp_path / "seen")
        await asyncio.to_thread(process.join)
        codes.append(process.exitcode)
    assert codes == [-signal.SIGKILL, 0]
    assert sorted(await office.posts()) == list(range(1, 121))
    assert len(await office.media()) == 120
    done = await get(office, history_id)
    assert (done.state, done.messages) == (HistoryState.DONE, 120)


async def test_one_message_shows_how_far_it_is(office: Office, ada: Account, channel: Channel) -> None:
    history_id = await ask(office, "all")
    await read_back(office, ada)
    async with office.store.read() as tx:
        rows = await tx.all(select(tables.outbox.c.kind))
    assert {row.kind for row in rows} == {ShowHistory.__name__}
    done = await get(office, history_id)
    for language, words in ((Language.EN, "read back"), (Language.KO, "다 읽었습니다")):
        shown = render(done, language, SEOUL)
        assert words in shown
        assert "▓▓▓▓▓▓▓▓▓▓ 100%" in shown


async def test_the_bar_is_by_what_was_asked_for(office: Office, ada: Account, channel: Channel) -> None:
    by_count = replace(await get(office, await ask(office, "200")), messages=50)
    assert history.share_done(by_count) == 0.25
    by_date = replace(
        by_count,
        max_messages=None,
        since_at=NOW - timedelta(days=10),
        reached_at=NOW - timedelta(days=5),
    )
    assert history.share_done(by_date) == 0.5
    assert history.share_done(replace(by_date, since_at=None)) is None


async def test_it_can_be_stopped(office: Office, ada: Account, channel: Channel) -> None:
    history_id = await ask(office, "all")
    async with office.store.write() as tx:
        await history.stop(tx, ChannelId(1), by=STAFF, now=office.now)
    await read_back(office, ada)
    assert await office.posts() == []
    assert (await get(office, history_id)).state is HistoryState.STOPPED


@pytest.mark.parametrize(
    "words", ["", "0", "12345678", "yesterday", "30 d", "-5", "2026-13-01", "0001-01-01"]
)
async def test_what_is_no_extent_is_refused(
    office: Office, ada: Account, channel: Channel, words: str
) -> None:
    with pytest.raises(Refused, match="history-what"):
        await ask(office, words)


async def test_only_an_authorised_channel_with_an_account_is_read_back_once_at_a_time(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    await ask(office, "all")
    with pytest.raises(Refused, match="history-runs"):
        await ask(office, "all")
    async with office.store.write() as tx:
        await histories.end(tx, HistoryId(1), HistoryState.DONE, now=NOW)
        await tx.execute(tables.metadata.tables["followed"].delete())
    with pytest.raises(Refused, match="no-account"):
        await ask(office, "all")
    async with office.store.write() as tx:
        await channel_cases.revoke(tx, ChannelId(1), by=STAFF, now=NOW)
    with pytest.raises(Refused, match="not-authorised"):
        await ask(office, "all")


async def test_the_message_of_a_history_is_kept_to_be_edited(
    office: Office, ada: Account, channel: Channel
) -> None:
    history_id = await ask(office, "all")
    async with office.store.write() as tx:
        await histories.shown(tx, history_id, ChatId(-1), MessageId(7))
    assert (await get(office, history_id)).shown == (-1, 7)
