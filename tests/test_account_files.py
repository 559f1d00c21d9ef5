"""Files that accounts fetch, part by part."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from account_scene import PART_BYTES
from mtproto_keys import trust
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account, RpcFault
from telethon import TelegramClient
from telethon.tl import types

from bot.accounts.following import Chat, FileName
from bot.errors import (
    AccountLost,
    FileGone,
    FloodWait,
    NotInChannel,
    Permanent,
    TooLargeToDownload,
    Transient,
)
from bot.model import ChatId, MessageId
from bot.sources import updates
from bot.sources.mtproto.client import Client

BIG = bytes(range(256)) * 200


@pytest.fixture
def channel(telegram: Telegram, ada: Account) -> Channel:
    return telegram.add_channel("Channel", ada, noforwards=True)


def chat_of(channel: Channel) -> Chat:
    return Chat(channel.chat_id, channel.id + 5)


Named = Callable[[int], FileName]


@pytest.fixture
async def name(client: Client, telegram: Telegram, channel: Channel) -> FileName:
    """A file of many parts, in a channel that forbids saving."""
    number = telegram.post(channel, telegram.document(BIG))
    page = await client.before(chat_of(channel), number + 1, 9)
    [media] = updates.parse(dict(page.posts[0])).posts[0].media
    assert media.size_bytes == len(BIG)
    found = FileName.read(media.file_id or "")
    assert found is not None
    return found


async def test_a_file_comes_in_parts_and_whole(
    client: Client, ada: Account, channel: Channel, name: FileName
) -> None:
    assert await client.fetch(chat_of(channel), name, 1 << 20) == BIG
    assert ada.asked.count("GetFile") == len(BIG) // PART_BYTES + 1


async def test_a_connection_that_is_cut_in_the_middle_of_a_part_goes_on_there(
    client: Client, telegram: Telegram, ada: Account, channel: Channel, name: FileName
) -> None:
    telegram.cuts["GetFile"] = 5
    assert await client.fetch(chat_of(channel), name, 1 << 20) == BIG
    assert ada.asked.count("GetFile") == len(BIG) // PART_BYTES + 2


async def test_a_part_that_comes_empty_is_asked_for_again(
    client: Client, telegram: Telegram, channel: Channel, name: FileName
) -> None:
    telegram.short_parts = 1
    assert await client.fetch(chat_of(channel), name, 1 << 20) == BIG


async def test_a_file_that_stays_short_is_never_taken_for_whole(
    client: Client, telegram: Telegram, channel: Channel, name: FileName
) -> None:
    telegram.short_parts = 99
    with pytest.raises(Transient, match=f"0 of {len(BIG)} bytes"):
        await client.fetch(chat_of(channel), name, 1 << 20)


async def test_what_is_longer_than_was_said_is_not_taken_for_whole(
    client: Client, telegram: Telegram, channel: Channel, name: FileName
) -> None:
    telegram.files[1] += b"more"
    with pytest.raises(Transient, match="cut off"):
        await client.fetch(chat_of(channel), name, 1 << 20)


async def test_of_a_file_over_the_limit_no_more_is_fetched_than_tells_what_it_is(
    client: Client, ada: Account, channel: Channel, name: FileName
) -> None:
    with pytest.raises(TooLargeToDownload):
        await client.fetch(chat_of(channel), name, len(BIG) - 1)
    assert ada.asked.count("GetFile") == 1


async def test_a_file_of_a_deleted_post_is_gone(
    client: Client, telegram: Telegram, channel: Channel, name: FileName
) -> None:
    telegram.delete(channel, name.message_id)
    with pytest.raises(FileGone):
        await client.fetch(chat_of(channel), name, 1 << 20)


async def test_a_picture_that_an_edit_replaced_is_gone(
    client: Client, telegram: Telegram, channel: Channel, name: FileName
) -> None:
    telegram.edit(channel, name.message_id, telegram.photo(b"other"))
    with pytest.raises(FileGone):
        await client.fetch(chat_of(channel), name, 1 << 20)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (RpcFault(420, "FLOOD_WAIT_3000"), FloodWait),
        (RpcFault(400, "FILE_REFERENCE_EXPIRED"), Transient),
        (RpcFault(401, "USER_DEACTIVATED_BAN"), AccountLost),
        (RpcFault(420, "FROZEN_METHOD_INVALID"), AccountLost),
        (RpcFault(400, "CHANNEL_PRIVATE"), NotInChannel),
    ],
)
async def test_what_telegram_refuses_is_told_by_what_to_do_about_it(
    client: Client,
    telegram: Telegram,
    channel: Channel,
    name: FileName,
    fault: RpcFault,
    error: type[Exception],
) -> None:
    telegram.faults["GetFile"] = [fault]
    with pytest.raises(error):
        await client.fetch(chat_of(channel), name, 1 << 20)


def test_the_id_of_a_bots_file_names_no_file_of_an_account() -> None:
    assert FileName.read("AgACAgUAAxkBAAMRaH8qXw") is None
    name = FileName(ChatId(-1001), MessageId(7), "AQADAQAHfg")
    assert FileName.read(str(name)) == name


@pytest.fixture
def _two_centres(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Telethon keeps of data centres for the whole process is asked for anew, and theirs is the key it takes."""
    monkeypatch.setattr(TelegramClient, "_config", None)
    trust()


@pytest.mark.usefixtures("_two_centres")
async def test_a_file_at_another_data_centre_is_fetched_from_there(
    client: Client, telegram: Telegram, ada: Account, channel: Channel, name: FileName
) -> None:
    telegram.moved_files.add(1)
    for _ in range(2):
        assert await client.fetch(chat_of(channel), name, 1 << 20) == BIG
    assert ada.asked.count("ImportAuthorization") == 1


@pytest.mark.usefixtures("_two_centres")
async def test_a_data_centre_that_nobody_knows_is_tried_again_later(
    client: Client, telegram: Telegram, channel: Channel, name: FileName
) -> None:
    telegram.faults["GetFile"] = [RpcFault(303, "FILE_MIGRATE_9")]
    with pytest.raises(Transient, match="connection"):
        await client.fetch(chat_of(channel), name, 1 << 20)


async def test_a_file_that_is_only_in_a_content_network_is_refused_in_words(
    client: Client,
    telegram: Telegram,
    channel: Channel,
    name: FileName,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    redirect = types.upload.FileCdnRedirect(203, b"token", bytes(32), bytes(16), [])
    monkeypatch.setattr(telegram, "_GetFile", lambda *_: redirect)
    with pytest.raises(Permanent, match="content network"):
        await client.fetch(chat_of(channel), name, 1 << 20)
