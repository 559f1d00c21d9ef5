"""Videos that are larger than may be fetched: accounts fetch as much as the limit allows, and it can be looked at."""

from __future__ import annotations

from functools import cache

import pytest
from account_scene import PART_BYTES
from clips import index_first, moving, video
from hypothesis import given
from hypothesis import strategies as st
from mtproto_scene import Account, Channel, Telegram

from bot.accounts.following import Chat, FileName
from bot.errors import TooLargeToDownload
from bot.sources import updates
from bot.sources.mtproto import beginning
from bot.sources.mtproto.client import Client
from matcher import Limits, MediaFingerprint, fingerprint_bytes


@cache
def clip(container: str = "mp4") -> bytes:
    """Eight seconds, a key frame each second."""
    return video(moving(1, 8), container=container, g="12")


@pytest.fixture
def channel(telegram: Telegram, ada: Account) -> Channel:
    return telegram.add_channel("Channel", ada)


async def fetched(client: Client, telegram: Telegram, channel: Channel, data: bytes, max_bytes: int) -> bytes:
    chat = Chat(channel.chat_id, channel.id + 5)
    number = telegram.post(channel, telegram.document(data))
    page = await client.before(chat, number + 1, 9)
    [media] = updates.parse(dict(page.posts[0])).posts[0].media
    name = FileName.read(media.file_id or "")
    assert name is not None
    return await client.fetch(chat, name, max_bytes)


@cache
def looked_at(data: bytes) -> MediaFingerprint:
    return fingerprint_bytes(data, Limits())


@pytest.mark.parametrize("kind", ["index last", "index first", "matroska", "avi"])
async def test_the_beginning_of_a_larger_video_is_fetched_and_looks_the_same(
    client: Client,
    telegram: Telegram,
    ada: Account,
    channel: Channel,
    kind: str,
) -> None:
    whole = {"index last": clip(), "index first": index_first(clip())}.get(kind) or clip(kind)
    max_bytes = len(whole) // 2
    begun = await fetched(client, telegram, channel, whole, max_bytes)
    assert len(begun) <= max_bytes
    seen, all_of_it = looked_at(begun), looked_at(whole)
    assert 3 <= len(seen.stills) < len(all_of_it.stills)
    assert [still.views for still in seen.stills[:3]] == [still.views for still in all_of_it.stills[:3]]
    assert ada.asked.count("GetFile") < len(whole) // PART_BYTES


async def test_a_video_within_the_limit_is_fetched_whole(
    client: Client, telegram: Telegram, channel: Channel
) -> None:
    assert await fetched(client, telegram, channel, clip(), len(clip())) == clip()


@pytest.mark.parametrize(
    "data", [b"\x89PNG" + bytes(50_000), b"PK\x03\x04" + bytes(50_000), b"\0\0\0\x10ftypmp42" + bytes(50_000)]
)
async def test_of_what_is_no_video_no_part_is_fetched(
    client: Client, telegram: Telegram, ada: Account, channel: Channel, data: bytes
) -> None:
    with pytest.raises(TooLargeToDownload):
        await fetched(client, telegram, channel, data, 20_000)
    assert ada.asked.count("GetFile") <= 2


async def test_an_index_that_leaves_no_room_for_media_is_not_fetched(
    client: Client, telegram: Telegram, channel: Channel
) -> None:
    index_bytes = len(clip()) - clip().index(b"moov") + 4
    with pytest.raises(TooLargeToDownload):
        await fetched(client, telegram, channel, clip(), index_bytes)


@pytest.mark.parametrize("padding", [4096 - 32 - 6, 4096 - 32 + 1, 9000])
async def test_a_header_is_read_wherever_it_begins(padding: int) -> None:
    first_bytes = int.from_bytes(clip()[:4], "big")
    free = (padding).to_bytes(4, "big") + b"free" + bytes(padding - 8)
    padded = bytearray(clip()[:first_bytes] + free + clip()[first_bytes:])
    places = padded.index(b"stco") + 8
    count = int.from_bytes(padded[places : places + 4], "big")
    for at in range(places + 4, places + 4 + 4 * count, 4):
        place = int.from_bytes(padded[at : at + 4], "big") + padding
        padded[at : at + 4] = place.to_bytes(4, "big")

    async def read(start: int, end: int) -> bytes:
        return bytes(padded[start:end])

    begun = await beginning.of_video(read, len(padded), len(padded) // 2)
    assert begun is not None
    assert looked_at(begun).stills[0].views == looked_at(clip()).stills[0].views


@given(st.data())
async def test_a_hostile_index_costs_no_more_than_the_limit(data: st.DataObject) -> None:
    hostile = bytearray(clip())
    index_at = hostile.index(b"moov") - 4
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.sampled_from([0, 4]) | st.integers(index_at, len(hostile) - 4))
        hostile[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))

    async def read(start: int, end: int) -> bytes:
        assert 0 <= start <= end <= len(hostile)
        return bytes(hostile[start:end])

    begun = await beginning.of_video(read, len(hostile), len(hostile) // 2)
    assert begun is None or len(begun) <= len(hostile) // 2
