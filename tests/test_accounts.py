"""The accounts at work: their states, who takes over from whom, files and looking again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from account_scene import Office
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account, RpcFault
from sqlalchemy import select

from bot.accounts import running as stage
from bot.accounts.running import WithAccounts
from bot.errors import AccountLost, FloodWait, Permanent, StoreError, Transient
from bot.model import (
    AccountId,
    AccountState,
    ChatId,
    MediaRef,
    MessageId,
    Place,
    UserId,
)
from bot.sources.mtproto.client import Client
from bot.store import account_tables, accounts
from bot.store.accounts import Followed
from bot.store.casework import Recheck


@pytest.fixture
async def channel(office: Office, telegram: Telegram, ada: Account) -> Channel:
    """Followed by Ada, who has read all there is: nothing."""
    channel = telegram.add_channel("Channel", ada, username="a_channel")
    await office.authorise(channel, ada)
    await office.read(ada)
    return channel


@pytest.fixture
async def bea(office: Office, telegram: Telegram, ada: Account, channel: Channel) -> Account:
    """Another account in Ada's channel."""
    bea = telegram.add_account("Bea")
    bea.channels.add(channel.id)
    await office.sign_in(bea)
    await office.authorise(channel, bea)
    return bea


@asynccontextmanager
async def serving(office: Office, *members: Account) -> AsyncIterator[None]:
    """The account works as it does in the running bot."""
    tasks = [asyncio.create_task(office.accounts.serve(office.id_of[account.name])) for account in members]
    try:
        while len(office.accounts._clients) < len(members):
            await asyncio.sleep(0)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class NoBot:
    """The bot has none of these files."""

    async def fetch(self, ref: MediaRef) -> bytes:
        raise AssertionError(ref)


async def test_a_post_is_looked_at_again_by_its_id(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    there = telegram.post(channel, telegram.photo(b"there"))
    gone = telegram.post(channel, telegram.photo(b"gone"))
    telegram.delete(channel, gone)
    async with serving(office, ada):
        for number, result in ((there, Recheck.UP), (gone, Recheck.GONE)):
            assert await office.accounts.look(Place(channel.chat_id, MessageId(number))) is result
        elsewhere = Place(telegram.add_channel("Other").chat_id, MessageId(1))
        assert await office.accounts.look(elsewhere) is None


async def test_a_live_post_is_read_as_soon_as_telegram_tells_of_it(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    async with serving(office, ada):
        number = telegram.post(channel, telegram.photo(b"picture"))
        async with asyncio.timeout(20):
            while await office.posts() != [number]:
                await asyncio.sleep(0)


async def test_when_an_account_is_banned_staff_are_told_and_another_reads_on(
    office: Office, telegram: Telegram, ada: Account, bea: Account, channel: Channel
) -> None:
    await office.read(bea)
    assert "GetChannelDifference" not in bea.asked
    number = telegram.post(channel, telegram.photo(b"picture"))
    ada.lost = "USER_DEACTIVATED_BAN"
    await office.accounts._keep(office.id_of["Ada"])
    assert office.told == [("Ada", AccountState.BANNED)]
    await office.read(bea)
    assert await office.posts() == [number]
    async with office.store.read() as tx:
        assert await accounts.session(tx, office.id_of["Ada"]) is None


@pytest.mark.parametrize("error", ["SESSION_REVOKED", "AUTH_KEY_UNREGISTERED", "USER_DEACTIVATED_BAN"])
async def test_a_session_that_telegram_ended_is_told_apart_from_a_ban(
    office: Office, telegram: Telegram, ada: Account, error: str
) -> None:
    ada.lost = error
    state = AccountState.BANNED if error.endswith("BAN") else AccountState.NEEDS_SIGN_IN
    await office.accounts._keep(office.id_of["Ada"])
    assert await office.state(ada) is state


async def test_a_long_wait_is_told_to_staff_once_and_ends(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    wait = FloodWait(retry_after_s=600)
    assert await office.accounts._flooded(office.id_of["Ada"], wait) == 600
    await office.accounts._flooded(office.id_of["Ada"], wait)
    assert office.told == [("Ada", AccountState.WAITING)]
    async with serving(office, ada), asyncio.timeout(20):
        office.now += timedelta(seconds=601)
        while await office.state(ada) is AccountState.WAITING:
            await asyncio.sleep(0)
    assert office.told[-1] == ("Ada", AccountState.READY)


async def test_while_one_account_has_to_wait_another_reads(
    office: Office, telegram: Telegram, ada: Account, bea: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    await office.accounts._flooded(office.id_of["Ada"], FloodWait(retry_after_s=3600))
    await office.read(bea)
    assert await office.posts() == [number]


async def test_a_file_is_fetched_by_another_account_when_the_first_has_to_wait_or_is_lost(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    bea, cleo = telegram.add_account("Bea"), telegram.add_account("Cleo")
    for account in (bea, cleo):
        account.channels.add(channel.id)
        await office.sign_in(account)
    await office.authorise(channel, bea, cleo)
    telegram.post(channel, telegram.photo(b"picture"))
    await office.read(ada)
    [media] = await office.media()
    assert media.ref is not None
    fetcher = WithAccounts(NoBot(), office.accounts)
    async with serving(office, ada, bea, cleo):
        telegram.faults["GetFile"] = [RpcFault(420, "FLOOD_WAIT_500"), RpcFault(401, "USER_DEACTIVATED_BAN")]
        assert await fetcher.fetch(media.ref) == b"picture"
    assert office.told[:2] == [("Ada", AccountState.WAITING), ("Bea", AccountState.BANNED)]


async def test_a_file_that_no_account_can_fetch_now_is_tried_again_later(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    telegram.post(channel, telegram.photo(b"picture"))
    await office.read(ada)
    [media] = await office.media()
    assert media.ref is not None
    with pytest.raises(Transient, match="no account"):
        await WithAccounts(NoBot(), office.accounts).fetch(media.ref)
    with pytest.raises(Transient, match="switched off"):
        await WithAccounts(NoBot(), None).fetch(media.ref)


async def test_an_account_that_has_to_wait_is_asked_for_nothing(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    await office.read(ada)
    [media] = await office.media()
    assert media.ref is not None
    async with serving(office, ada):
        await office.accounts._flooded(office.id_of["Ada"], FloodWait(retry_after_s=600))
        ada.asked.clear()
        with pytest.raises(Transient, match="need not wait"):
            await WithAccounts(NoBot(), office.accounts).fetch(media.ref)
        assert await office.accounts.look(Place(channel.chat_id, MessageId(number))) is None
    assert not {"GetFile", "GetMessages"} & set(ada.asked)


async def test_a_longer_wait_is_kept_to_and_a_shorter_one_does_not_end_it(
    office: Office, ada: Account
) -> None:
    for wait_s in (60, 600, 30):
        await office.accounts._flooded(office.id_of["Ada"], FloodWait(retry_after_s=wait_s))
    async with office.store.read() as tx:
        account = await accounts.get(tx, office.id_of["Ada"])
    assert account is not None
    assert account.until == office.now + timedelta(seconds=600)
    assert office.told == [("Ada", AccountState.WAITING)]


class Failing:
    """A chore that Telegram refuses."""

    async def step(self, account_id: AccountId, client: object) -> bool:
        raise Permanent


class Diligent:
    def __init__(self) -> None:
        self.steps = 0

    async def step(self, account_id: AccountId, client: object) -> bool:
        self.steps += 1
        return True


async def test_a_chore_that_fails_holds_up_neither_what_is_live_nor_the_next_chore(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    next_one = Diligent()
    await office.read(ada, chores=(Failing(), next_one))
    assert await office.posts() == [number]
    assert next_one.steps == 1


class Broken(Diligent):
    """A chore with a mistake in it."""

    async def step(self, account_id: AccountId, client: object) -> bool:
        await super().step(account_id, client)
        raise KeyError("date")


async def test_a_mistake_in_a_chore_is_told_and_holds_up_nothing_else(
    office: Office, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    broken, next_one = Broken(), Diligent()
    await office.read(ada, chores=(broken, next_one))
    assert office.failed == [("Ada", "KeyError")]
    assert await office.posts() == [number]
    assert (broken.steps, next_one.steps) == (1, 1)


async def test_a_channel_that_breaks_its_reading_is_told_of_and_the_others_are_read(
    office: Office, telegram: Telegram, ada: Account, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = telegram.add_channel("Other", ada)
    await office.authorise(other, ada)
    await office.read(ada)
    number = telegram.post(other, telegram.photo(b"picture"))
    catch_up = office.following.catch_up

    async def breaks(client: Client, followed: Followed) -> None:
        if followed.chat_id == channel.chat_id:
            raise KeyError("date")
        await catch_up(client, followed)

    monkeypatch.setattr(office.following, "catch_up", breaks)
    await office.read(ada)
    assert office.failed == [("Ada", "KeyError")]
    assert await office.posts() == [number]


async def test_an_account_that_breaks_is_told_of_and_tried_again(
    office: Office, telegram: Telegram, ada: Account, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def connect(session: str, hint: Callable[[ChatId], None]) -> Client:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ValueError
        raise AccountLost(AccountState.NEEDS_SIGN_IN.value)

    monkeypatch.setattr(stage, "RETRY_S", 0)
    monkeypatch.setattr(office, "connect", connect)
    await office.make()._keep(office.id_of["Ada"])
    assert (office.failed, tries) == ([("Ada", "ValueError")], 2)


async def test_when_an_earlier_session_ends_the_account_goes_on_with_the_one_that_was_signed_in_since(
    office: Office, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Ended:
        """Telegram takes no session; while it says so of the first, somebody signs in."""

        async def __aenter__(self) -> Client:
            if len(opened) > 1:
                raise AccountLost(AccountState.BANNED.value)
            user_id = UserId(ada.user_id)
            async with office.store.write() as tx:
                await accounts.put(tx, user_id=user_id, name="Ada", session="new", now=office.now)
            raise AccountLost(AccountState.NEEDS_SIGN_IN.value)

        async def __aexit__(self, *_: object) -> None:
            pass

    def connect(session: str, hint: Callable[[ChatId], None]) -> Ended:
        opened.append(session)
        return Ended()

    monkeypatch.setattr(office, "connect", connect)
    await office.make()._keep(office.id_of["Ada"])
    assert (len(opened), opened[1:], office.told) == (2, ["new"], [("Ada", AccountState.BANNED)])


async def test_a_database_that_is_away_ends_the_reading_so_that_it_is_waited_for(
    office: Office, ada: Account, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreError

    monkeypatch.setattr(office.following, "catch_up", away)
    with pytest.raises(StoreError):
        await office.accounts._keep(office.id_of["Ada"])
    assert office.failed == []


async def test_a_post_that_breaks_the_looking_is_told_of_and_the_next_account_looks(
    office: Office, telegram: Telegram, ada: Account, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> Recheck:
        raise KeyError("date")

    async with serving(office, ada):
        monkeypatch.setattr(office.accounts._clients[office.id_of["Ada"]], "look", breaks)
        assert await office.accounts.look(Place(channel.chat_id, MessageId(1))) is None
    assert office.failed == [("Ada", "KeyError")]


async def test_when_one_account_has_to_wait_the_next_looks(
    office: Office, telegram: Telegram, ada: Account, bea: Account, channel: Channel
) -> None:
    number = telegram.post(channel, telegram.photo(b"picture"))
    async with serving(office, ada, bea):
        telegram.faults["GetMessages"] = [RpcFault(420, "FLOOD_WAIT_500")]
        assert await office.accounts.look(Place(channel.chat_id, MessageId(number))) is Recheck.UP
        assert await office.state(ada) is AccountState.WAITING
        telegram.faults["GetMessages"] = [RpcFault(420, "FLOOD_WAIT_500")]
        assert await office.accounts.look(Place(channel.chat_id, MessageId(number))) is None


async def test_the_session_is_in_no_file_of_the_database_in_clear(
    office: Office, telegram: Telegram, ada: Account
) -> None:
    async with office.store.read() as tx:
        assert await accounts.session(tx, office.id_of["Ada"]) == telegram.session(ada)
        [row] = await tx.all(select(account_tables.accounts))
    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert telegram.session(ada).encode() not in stored
    assert b"Ada" not in stored
