"""Accounts join what was authorised, and nothing else, and leave when that ends."""

from __future__ import annotations

from datetime import date

import pytest
from account_scene import Office
from joining_scene import INVITE, SEOUL, Hall
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account, RpcFault
from store_makers import STAFF
from telethon.tl import types

from bot import channels as channel_cases
from bot.accounts import joining
from bot.accounts.joining import Link
from bot.errors import FloodWait, Refused
from bot.model import AccountState, ChannelId, ChannelState
from bot.store import accounts, channels
from bot.store.joins import JoinState


@pytest.fixture
def hall(office: Office) -> Hall:
    return Hall(office)


@pytest.fixture
def open_channel(telegram: Telegram) -> Channel:
    return telegram.add_channel("Channel", username="A_Channel", invite=INVITE)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("@A_Channel", "@a_channel"),
        ("t.me/a_channel", "@a_channel"),
        ("https://t.me/a_channel/", "@a_channel"),
        (f"t.me/+{INVITE}", f"https://t.me/+{INVITE}"),
        (f"https://t.me/joinchat/{INVITE}", f"https://t.me/+{INVITE}"),
        ("t.me/addlist/AbCdEfGh", "https://t.me/addlist/AbCdEfGh"),
        ("https://t.me/addlist/AbCdEfGh#1001000000001", "https://t.me/addlist/AbCdEfGh#1001000000001"),
    ],
)
def test_public_names_invites_and_folders_are_links(text: str, link: str) -> None:
    assert str(Link.read(text)) == link


@pytest.mark.parametrize(
    "text", ["3", "@ab", "https://example.org/a", "t.me/a_channel/5", "t.me/addlist/AbCdEfGh#-1"]
)
def test_what_is_no_link_of_channels_is_none(text: str) -> None:
    assert Link.read(text) is None


@pytest.mark.parametrize("text", ["@a_channel", f"https://t.me/+{INVITE}"])
async def test_an_account_joins_and_the_channel_is_watched(
    hall: Hall, office: Office, telegram: Telegram, ada: Account, open_channel: Channel, text: str
) -> None:
    await hall.ask(text)
    assert await hall.step(ada)
    assert ada.channels == {open_channel.id}
    assert hall.told == [(JoinState.JOINED, "Channel")]
    channel = await hall.channel()
    assert (channel.state, channel.username) == (ChannelState.AUTHORISED, "A_Channel")
    assert channel.authorisation is not None
    assert (channel.authorisation.document, channel.authorisation.by) == ("Letter 1", STAFF)
    await office.read(ada)
    number = telegram.post(open_channel, telegram.photo(b"picture"))
    await office.read(ada)
    assert await office.posts() == [number]


async def test_what_was_not_authorised_is_not_joined(hall: Hall, ada: Account, open_channel: Channel) -> None:
    assert not await hall.step(ada)
    assert ada.channels == set()


async def test_one_account_joins_slowly(hall: Hall, telegram: Telegram, ada: Account) -> None:
    for name in ("first_one", "second_one"):
        telegram.add_channel(name, username=name)
        await hall.ask(f"@{name}")
    assert await hall.step(ada)
    assert not await hall.later(ada, minutes=19)
    assert await hall.later(ada, minutes=1)
    assert len(ada.channels) == 2


async def test_a_request_that_waits_to_be_let_in_is_looked_after(
    hall: Hall, ada: Account, open_channel: Channel
) -> None:
    open_channel.needs_approval = True
    await hall.ask(f"t.me/+{INVITE}")
    assert await hall.step(ada)
    assert not await hall.later(ada, minutes=30)
    assert await hall.later(ada, minutes=30)
    assert hall.told == [(JoinState.PENDING, "")]
    ada.channels.add(open_channel.id)
    assert await hall.later(ada, hours=1)
    assert hall.told[-1] == (JoinState.JOINED, "Channel")


@pytest.mark.parametrize("text", [f"t.me/+{INVITE}", "@a_channel"])
async def test_to_be_let_in_an_account_asks_once_and_another_asks_when_the_first_is_lost(
    hall: Hall, office: Office, telegram: Telegram, ada: Account, open_channel: Channel, text: str
) -> None:
    open_channel.needs_approval = True
    request = "JoinChannel" if text.startswith("@") else "ImportChatInvite"
    await hall.ask(text)
    for _ in range(3):
        assert await hall.later(ada, hours=1)
    assert ada.asked.count(request) == 1
    bea = telegram.add_account("Bea")
    await office.sign_in(bea)
    assert not await hall.later(bea, hours=1)
    async with office.store.write() as tx:
        await accounts.set_state(tx, office.id_of["Ada"], AccountState.BANNED, now=office.now)
    assert await hall.later(bea, hours=1)
    assert bea.asked.count(request) == 1


async def test_what_is_posted_right_after_an_account_joined_is_read(
    hall: Hall, office: Office, telegram: Telegram, ada: Account, open_channel: Channel
) -> None:
    telegram.post(open_channel, telegram.photo(b"before"))
    await hall.ask("@a_channel")
    await hall.step(ada)
    number = telegram.post(open_channel, telegram.photo(b"after"))
    await office.read(ada)
    assert await office.posts() == [number]


async def test_a_channel_whose_owner_threw_the_account_out_is_tried_once_more_and_told(
    hall: Hall, office: Office, telegram: Telegram, ada: Account, open_channel: Channel
) -> None:
    await hall.ask("@a_channel")
    await hall.step(ada)
    ada.channels.clear()
    await office.read(ada)
    telegram.faults["JoinChannel"] = [RpcFault(400, "CHANNEL_PRIVATE")]
    assert await hall.later(ada, hours=1)
    assert hall.told[-1] == (JoinState.PERSON, "refused")
    assert not await hall.later(ada, hours=2)


@pytest.mark.parametrize(
    ("text", "fault", "reason"),
    [
        ("@nobody_here", None, "link"),
        ("t.me/+XXXXXXXXXX", None, "link"),
        ("@a_channel", RpcFault(400, "CHANNELS_TOO_MUCH"), "too_many"),
        ("@a_channel", RpcFault(400, "SOMETHING_NEW"), "refused"),
        ("@a_channel", RpcFault(403, "CHAT_FORBIDDEN"), "refused"),
    ],
)
async def test_what_an_account_cannot_do_is_handed_to_a_person(
    hall: Hall,
    telegram: Telegram,
    ada: Account,
    open_channel: Channel,
    text: str,
    fault: RpcFault | None,
    reason: str,
) -> None:
    if fault is not None:
        telegram.faults["JoinChannel"] = [fault]
    await hall.ask(text)
    assert await hall.step(ada)
    assert hall.told == [(JoinState.PERSON, reason)]
    assert not await hall.later(ada, hours=2)


async def test_a_channel_that_asks_for_money_or_a_bots_approval_is_not_joined(
    hall: Hall, telegram: Telegram, ada: Account, open_channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = types.ChatInvite(
        "Paid",
        types.PhotoEmpty(0),
        5,
        0,
        subscription_pricing=types.StarsSubscriptionPricing(2592000, 50),
    )
    monkeypatch.setattr(telegram, "_CheckChatInvite", lambda *_: paid)
    riddle = types.messages.ChatInviteJoinResultWebView(1, 2, [])
    monkeypatch.setattr(telegram, "_JoinChannel", lambda *_: riddle)
    await hall.ask(f"t.me/+{INVITE}")
    await hall.ask("@a_channel")
    await hall.step(ada)
    await hall.later(ada, hours=1)
    assert sorted(hall.told) == [(JoinState.PERSON, "bot"), (JoinState.PERSON, "payment")]
    assert "ImportChatInvite" not in ada.asked


async def test_a_flood_wait_puts_the_request_off(
    hall: Hall, telegram: Telegram, ada: Account, open_channel: Channel
) -> None:
    telegram.faults["JoinChannel"] = [RpcFault(420, "FLOOD_WAIT_900")]
    await hall.ask("@a_channel")
    with pytest.raises(FloodWait):
        await hall.step(ada)
    assert await hall.later(ada, hours=1)
    assert hall.told == [(JoinState.JOINED, "Channel")]


async def test_an_authorisation_that_ended_before_its_turn_is_not_used(
    hall: Hall, ada: Account, open_channel: Channel
) -> None:
    await hall.ask("@a_channel", last_day=date(2026, 11, 24))
    await hall.later(ada, days=3)
    assert ada.channels == set()
    assert hall.told == [(JoinState.PERSON, "ended")]


async def test_accounts_leave_when_the_authorisation_ends(
    hall: Hall, office: Office, ada: Account, open_channel: Channel
) -> None:
    await hall.ask("@a_channel")
    await hall.step(ada)
    async with office.store.write() as tx:
        await channel_cases.revoke(tx, ChannelId(1), by=STAFF, now=office.now)
    assert await hall.step(ada)
    assert ada.channels == set()
    assert not await hall.later(ada, hours=1)


async def test_a_request_that_was_revoked_is_not_joined(
    hall: Hall, office: Office, ada: Account, open_channel: Channel
) -> None:
    await hall.ask("@a_channel")
    async with office.store.write() as tx:
        assert await joining.revoke(tx, Link("a_channel"), by=STAFF, now=office.now) is None
    assert not await hall.step(ada)
    with pytest.raises(Refused, match="unknown-link"):
        async with office.store.write() as tx:
            await joining.revoke(tx, Link("another"), by=STAFF, now=office.now)


@pytest.mark.parametrize("needs_approval", [False, True])
async def test_a_request_that_is_revoked_while_an_account_joins_is_not_used(
    hall: Hall, office: Office, ada: Account, open_channel: Channel, needs_approval: bool
) -> None:
    open_channel.needs_approval = needs_approval

    async def revoke() -> None:
        async with office.store.write() as tx:
            await joining.revoke(tx, Link("a_channel"), by=STAFF, now=office.now)

    await hall.ask("@a_channel")
    assert await hall.step(ada, meanwhile=revoke)
    assert hall.told == []
    if not needs_approval:
        assert (await hall.channel()).state is ChannelState.ENDED
        assert await hall.step(ada)
    assert ada.channels == set()
    ada.channels.add(open_channel.id)
    assert not await hall.later(ada, hours=2)
    async with office.store.read() as tx:
        assert await accounts.followers(tx, open_channel.chat_id) == []


async def test_what_is_asked_for_anew_while_an_account_joins_counts_as_it_was_asked_last(
    hall: Hall, office: Office, ada: Account, open_channel: Channel
) -> None:
    async def ask_anew() -> None:
        await hall.ask("@a_channel", last_day=date(2027, 6, 30))

    await hall.ask("@a_channel")
    assert await hall.step(ada, meanwhile=ask_anew)
    assert await hall.later(ada, hours=1)
    authorisation = (await hall.channel()).authorisation
    assert authorisation is not None
    assert channel_cases.last_day(authorisation, SEOUL) == date(2027, 6, 30)
    assert (ada.channels, hall.told) == ({open_channel.id}, [(JoinState.JOINED, "Channel")])


async def test_when_an_account_is_banned_another_joins_in_its_place(
    hall: Hall, office: Office, telegram: Telegram, ada: Account, open_channel: Channel
) -> None:
    await hall.ask("@a_channel")
    await hall.step(ada)
    await office.read(ada)
    bea = telegram.add_account("Bea")
    await office.sign_in(bea)
    assert not await hall.later(bea, hours=1)
    missed = telegram.post(open_channel, telegram.photo(b"picture"))
    async with office.store.write() as tx:
        await accounts.set_state(tx, office.id_of["Ada"], AccountState.BANNED, now=office.now)
    assert await hall.step(bea)
    await office.read(bea)
    assert await office.posts() == [missed]


@pytest.mark.parametrize("needs_approval", [False, True])
async def test_a_name_that_changed_hands_is_joined_only_when_it_is_authorised_anew(
    hall: Hall,
    office: Office,
    telegram: Telegram,
    ada: Account,
    open_channel: Channel,
    needs_approval: bool,
) -> None:
    await hall.ask("@a_channel")
    await hall.step(ada)
    bea = telegram.add_account("Bea")
    await office.sign_in(bea)
    async with office.store.write() as tx:
        await accounts.set_state(tx, office.id_of["Ada"], AccountState.BANNED, now=office.now)
    if needs_approval:  # The name goes while Bea waits to be let in.
        open_channel.needs_approval = True
        assert await hall.later(bea, hours=1)
        assert hall.told[-1] == (JoinState.PENDING, "")
    open_channel.username = None
    other = telegram.add_channel("Other", username="A_Channel")
    assert await hall.later(bea, hours=1)
    assert hall.told[-1] == (JoinState.PERSON, "changed_hands")
    assert bea.channels == set()
    async with office.store.read() as tx:
        assert [row.chat_id for row in await channels.listed(tx)] == [open_channel.chat_id]
    assert not await hall.later(bea, hours=2)
    await hall.ask("@a_channel")
    assert await hall.later(bea, hours=1)
    assert (bea.channels, hall.told[-1]) == ({other.id}, (JoinState.JOINED, "Other"))


async def test_a_channel_that_the_bot_was_thrown_out_of_is_watched_on_by_its_account(
    hall: Hall, office: Office, ada: Account, open_channel: Channel
) -> None:
    await hall.ask("@a_channel")
    await hall.step(ada)
    channel = await hall.channel()
    async with office.store.write() as tx:
        await channel_cases._removed(tx, channel, STAFF, office.now)
    assert (await hall.channel()).state is ChannelState.AUTHORISED
