"""Comments in the discussion group of a channel: whose they are is known, live and read back."""

from __future__ import annotations

from typing import Any

import pytest
from mtproto_registrar import POSTED_AT
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account
from telethon.tl import types

from bot.accounts.following import Chat
from bot.links import to_message
from bot.model import ChatId, MessageId, Place
from bot.sources import updates
from bot.sources.mtproto import client as client_module
from bot.sources.mtproto.client import Client


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    """Its posts stand in the group, too."""
    return telegram.add_channel("News", username="news_channel")


@pytest.fixture
def group(telegram: Telegram, ada: Account, channel: Channel) -> Channel:
    return telegram.add_channel("Talk about news", ada, megagroup=True, discussed_by=channel)


def forwarded(telegram: Telegram, group: Channel, channel: Channel, number: int) -> int:
    """The channel's post as it comes into the group."""
    header = types.MessageFwdHeader(
        POSTED_AT, saved_from_peer=types.PeerChannel(channel.id), saved_from_msg_id=number
    )
    return telegram.post(group, fwd_from=header)


def comment(telegram: Telegram, group: Channel, to: int, top: int | None = None) -> int:
    reply = types.MessageReplyHeader(reply_to_msg_id=to, reply_to_top_id=top)
    return telegram.post(group, telegram.photo(b"picture"), reply_to=reply)


def chat_of(group: Channel) -> Chat:
    return Chat(group.chat_id, group.id + 5)


def places(raws: Any) -> list[Place]:
    return [post.place for raw in raws for post in updates.parse(dict(raw)).posts]


async def live(client: Client, group: Channel, since: int) -> list[Place]:
    return places((await client.difference(chat_of(group), since)).posts)


async def test_a_comment_says_on_which_post_it_is_and_the_packet_can_link_it(
    client: Client, telegram: Telegram, ada: Account, group: Channel, channel: Channel
) -> None:
    head = forwarded(telegram, group, channel, 70)
    since = group.pts
    first = comment(telegram, group, head)
    comment(telegram, group, first, top=head)
    found = await live(client, group, since)
    commented = Place(channel.chat_id, MessageId(70), "news_channel", "News")
    assert [place.comment_of for place in found] == [commented, commented]
    assert [place.thread_id for place in found] == [head, head]
    assert to_message(found[0]).public == f"https://t.me/news_channel/70?comment={first}"
    assert ada.asked.count("GetMessages") == 1


async def test_what_a_thread_begins_with_is_asked_for_once(
    client: Client,
    telegram: Telegram,
    ada: Account,
    group: Channel,
    channel: Channel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = forwarded(telegram, group, channel, 70)
    for _ in range(3):
        since = group.pts
        comment(telegram, group, head)
        assert (await live(client, group, since))[0].comment_of is not None
    assert ada.asked.count("GetMessages") == 1
    monkeypatch.setattr(client_module, "MOST_HEADS", 0)
    assert (await live(client, group, since))[0].comment_of is not None
    assert ada.asked.count("GetMessages") == 2


async def test_reading_back_asks_for_nothing_that_the_page_holds(
    client: Client, telegram: Telegram, ada: Account, group: Channel, channel: Channel
) -> None:
    comment(telegram, group, forwarded(telegram, group, channel, 70))
    page = await client.before(chat_of(group), 0, 100)
    assert [place.comment_of is not None for place in places(page.posts)] == [True]
    assert "GetMessages" not in ada.asked


async def test_a_reply_to_a_member_or_to_what_was_deleted_is_no_comment(
    client: Client, telegram: Telegram, group: Channel
) -> None:
    said = telegram.post(group)
    gone = telegram.post(group)
    telegram.delete(group, gone)
    since = group.pts
    for to in (said, gone):
        comment(telegram, group, to)
    assert [place.comment_of for place in await live(client, group, since)] == [None, None]


async def test_in_a_group_without_a_channel_nothing_more_is_asked(
    client: Client, telegram: Telegram, ada: Account
) -> None:
    alone = telegram.add_channel("Alone", ada, megagroup=True)
    said = telegram.post(alone)
    since = alone.pts
    comment(telegram, alone, said)
    [place] = await live(client, alone, since)
    assert (place.chat_id, place.comment_of) == (ChatId(alone.chat_id), None)
    assert "GetMessages" not in ada.asked
