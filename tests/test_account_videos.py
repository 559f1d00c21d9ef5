"""What accounts fetch of videos: what is needed, as much as the limit allows, and where that cannot be told as much as
can be looked at.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from account_scene import APPLICATION, PART_BYTES, needed
from clips import index_first, moving, video
from hypothesis import given, settings
from hypothesis import strategies as st
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account
from sparse_scene import LIMITS, boxes, large, looked_at

from bot.accounts.following import Chat, FileName
from bot.errors import TooLargeToDownload, Transient
from bot.sources import updates
from bot.sources.mtproto import parts
from bot.sources.mtproto.client import Client
from matcher import (
    BLOCK_BYTES,
    Band,
    File,
    Index,
    MediaError,
    MediaErrorCode,
    Pieces,
    fingerprint_bytes,
    judge,
)


def parts_of_all() -> int:
    return len(large()) // PART_BYTES + 1


@cache
def clip(container: str = "mp4") -> bytes:
    """Eight seconds, a key frame each second."""
    return video(moving(1, 8), container=container, g="12")


@pytest.fixture
def channel(telegram: Telegram, ada: Account) -> Channel:
    return telegram.add_channel("Channel", ada)


async def fetched(client: Client, telegram: Telegram, channel: Channel, data: bytes, max_bytes: int) -> File:
    chat = Chat(channel.chat_id, channel.id + 5)
    number = telegram.post(channel, telegram.document(data))
    page = await client.before(chat, number + 1, 9)
    [media] = updates.parse(dict(page.posts[0])).posts[0].media
    name = FileName.read(media.file_id or "")
    assert name is not None
    return await client.fetch(chat, name, max_bytes)


def asked_bytes(telegram: Telegram) -> int:
    return sum(end - start for start, end in telegram.asked_for)


@pytest.mark.parametrize("kind", ["index last", "index first"])
async def test_of_a_video_only_what_is_needed_is_asked_for_and_it_shows_the_same(
    client: Client, telegram: Telegram, channel: Channel, kind: str
) -> None:
    whole = large() if kind == "index last" else index_first(large())
    file = await fetched(client, telegram, channel, whole, len(whole))
    assert isinstance(file, Pieces)
    assert asked_bytes(telegram) <= file.known_bytes + 8 * PART_BYTES
    assert asked_bytes(telegram) < len(whole) / 2
    assert len(telegram.asked_for) < parts_of_all() / 2
    assert looked_at(file) == looked_at(whole)


async def test_parts_are_asked_for_as_telegram_gives_them_and_no_more_often_than_for_the_whole(
    telegram: Telegram, ada: Account, channel: Channel
) -> None:
    step = 16 * PART_BYTES
    session = telegram.session(ada)
    async with Client(session, APPLICATION, lambda _: None, needed, part_bytes=step) as client:
        file = await fetched(client, telegram, channel, large(), len(large()))
    assert len(telegram.asked_for) <= len(large()) // step + 4
    assert all(start % (end - start) == 0 for start, end in telegram.asked_for)
    assert len({end - start for start, end in telegram.asked_for}) > 2
    assert looked_at(file) == looked_at(large())


async def test_of_a_video_over_the_limit_the_whole_length_is_seen_and_a_clip_at_its_end_is_found(
    client: Client, telegram: Telegram, channel: Channel
) -> None:
    pictures = [image for seed in range(57) for image in moving(seed, 1)]
    victims = moving(77, 3)
    whole = video([*pictures, *victims], crf="8", g="12")
    max_bytes = len(whole) // 8
    file = await fetched(client, telegram, channel, whole, max_bytes)
    assert isinstance(file, Pieces)
    assert file.known_bytes <= max_bytes
    assert asked_bytes(telegram) <= max_bytes + 4 * PART_BYTES
    shown = looked_at(file)
    assert shown.left_out > 0
    times = [0, *(still.at for still in shown.stills), 60_000]
    assert max(after - before for before, after in pairwise(times)) <= 5000
    index = Index()
    own = fingerprint_bytes(video(victims), LIMITS)
    index.add([(number, one.bits, 31) for number, (_, one) in enumerate(own.frames)])
    [match] = judge(shown, index, item_of=dict.fromkeys(range(len(index)), 0))
    assert (match.band, match.at >= 57_000) == (Band.MATCH, True)


async def test_a_video_over_the_limit_of_which_all_that_is_needed_is_within_it_is_no_part(
    client: Client, telegram: Telegram, channel: Channel
) -> None:
    file = await fetched(client, telegram, channel, large(), len(large()) // 2)
    assert looked_at(file) == looked_at(large())
    assert looked_at(file).left_out == 0


async def test_a_connection_that_is_cut_and_parts_that_come_empty_are_gone_on_from(
    client: Client, telegram: Telegram, channel: Channel
) -> None:
    telegram.cuts["GetFile"] = 90
    telegram.short_parts = 1
    file = await fetched(client, telegram, channel, large(), len(large()))
    assert not telegram.cuts
    assert isinstance(file, Pieces)
    assert looked_at(file) == looked_at(large())


async def test_a_needed_part_that_never_comes_is_tried_again_later(
    client: Client, telegram: Telegram, channel: Channel
) -> None:
    async def only_the_outline_comes(file: Pieces) -> list[int]:
        telegram.short_parts = 99
        return await needed(file)

    client._needed = only_the_outline_comes
    with pytest.raises(Transient, match="cut off"):
        await fetched(client, telegram, channel, large(), len(large()))


async def test_where_not_much_would_be_saved_a_video_is_fetched_whole(
    client: Client, telegram: Telegram, channel: Channel
) -> None:
    whole = video(moving(1, 8), g="1")
    assert await fetched(client, telegram, channel, whole, len(whole)) == whole
    assert len(telegram.asked_for) <= len(whole) // PART_BYTES + 4


async def fails(file: Pieces) -> list[int]:
    raise MediaError(MediaErrorCode.WORKER_DIED)


async def grows(file: Pieces) -> list[int]:
    """What is needed first turns out to be nothing of what is needed."""
    return [
        (file.known_bytes + number) // PART_BYTES % parts_of_all()
        for number in range(0, 9 * PART_BYTES, PART_BYTES)
    ]


@pytest.mark.parametrize("plan", [fails, grows])
async def test_a_plan_that_fails_costs_no_part_of_a_video_within_the_limit(
    client: Client, telegram: Telegram, channel: Channel, plan: parts.Needed
) -> None:
    client._needed = plan
    assert await fetched(client, telegram, channel, large(), len(large())) == large()


@pytest.mark.parametrize("plan", [fails, grows])
@pytest.mark.parametrize("kind", ["index last", "index first", "matroska", "avi"])
async def test_where_it_cannot_be_told_what_is_needed_of_a_larger_video_its_beginning_is_fetched(
    client: Client, telegram: Telegram, channel: Channel, kind: str, plan: parts.Needed
) -> None:
    client._needed = plan
    whole = {"index last": clip(), "index first": index_first(clip())}.get(kind) or clip(kind)
    max_bytes = len(whole) // 2
    begun = await fetched(client, telegram, channel, whole, max_bytes)
    assert (begun.known_bytes if isinstance(begun, Pieces) else len(begun)) <= max_bytes
    seen, all_of_it = looked_at(begun), looked_at(whole)
    assert 3 <= len(seen.stills) < len(all_of_it.stills)
    assert [still.views for still in seen.stills[:3]] == [still.views for still in all_of_it.stills[:3]]
    assert seen.left_out > 0 or kind == "avi"


async def test_a_video_of_few_parts_is_fetched_whole_and_nothing_is_asked(
    client: Client, telegram: Telegram, ada: Account, channel: Channel
) -> None:
    small = video(moving(1, 1), crf="40")
    client._needed = fails
    assert await fetched(client, telegram, channel, small, len(small)) == small
    assert ada.asked.count("GetFile") == len(small) // PART_BYTES + 1


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


def padded(mp4: bytes, padding: int) -> bytes:
    """With a box of so many bytes before the media."""
    first_bytes = int.from_bytes(mp4[:4], "big")
    free = (padding).to_bytes(4, "big") + b"free" + bytes(padding - 8)
    made = bytearray(mp4[:first_bytes] + free + mp4[first_bytes:])
    places = made.index(b"stco") + 8
    for at in range(places + 4, places + 4 + 4 * int.from_bytes(made[places : places + 4], "big"), 4):
        made[at : at + 4] = (int.from_bytes(made[at : at + 4], "big") + padding).to_bytes(4, "big")
    return bytes(made)


async def from_memory(data: bytes, max_bytes: int, part_bytes: int = PART_BYTES) -> File | None:
    async def read(start: int, end: int) -> bytes:
        assert 0 <= start < end <= len(data)
        return data[start:end]

    return await parts.fetch(read, needed, len(data), max_bytes, part_bytes)


@pytest.mark.parametrize("padding", [4096 - 32 - 6, 4096 - 32 + 1, 9000])
async def test_a_header_is_read_wherever_it_begins(padding: int) -> None:
    data = padded(large(), padding)
    file = await from_memory(data, len(data))
    assert isinstance(file, Pieces)
    assert file.known_bytes < len(data) / 2
    assert await needed(file) == []


async def test_more_boxes_than_are_read_are_no_reason_to_miss_what_is_in_them() -> None:
    data = video(moving(1, 8), g="1", movflags="frag_keyframe+empty_moov")
    assert len(boxes(data)) > 64
    assert await from_memory(data, len(data)) == data
    begun = await from_memory(data, len(data) // 2)
    assert begun is not None
    assert len(looked_at(begun).stills) >= 3
    assert isinstance(begun, bytes) or looked_at(begun).left_out


@settings(max_examples=40)
@given(st.data())
async def test_a_hostile_index_costs_no_more_than_the_limit(data: st.DataObject) -> None:
    hostile = bytearray(clip())
    index_at = hostile.index(b"moov") - 4
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.sampled_from([0, 4]) | st.integers(index_at, len(hostile) - 4))
        hostile[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    whole = bytes(hostile)
    try:
        begun = await from_memory(whole, len(whole) // 2)
    except MemoryError:
        return  # The sandbox makes a `MediaError` of it.
    known = begun.known_bytes if isinstance(begun, Pieces) else len(begun or b"")
    assert known <= len(whole) // 2
    file = await from_memory(whole, len(whole))
    assert isinstance(file, Pieces) or file == whole


@given(
    st.lists(st.integers(0, 999), unique=True),
    st.integers(0, 400),
    st.integers(0, 50),
    st.sampled_from([1, 2, 16, 128]),
)
def test_requests_are_few_aligned_and_within_what_may_be_fetched(
    blocks: list[int], left: int, most: int, part_blocks: int
) -> None:
    plan = parts._best(blocks, left * BLOCK_BYTES, most, part_blocks * BLOCK_BYTES)
    assert plan.fetched_bytes <= left * BLOCK_BYTES
    assert len(plan.requests) <= most
    assert all(
        start % (end - start) == 0
        and (end - start).bit_count() == 1
        and end - start <= part_blocks * BLOCK_BYTES
        for start, end in plan.requests
    )
    there = [
        block for start, end in plan.requests for block in range(start // BLOCK_BYTES, end // BLOCK_BYTES)
    ]
    assert len(set(there)) == len(there)
    assert set(blocks[: plan.got]) <= set(there)


@given(st.lists(st.integers(0, 999), unique=True), st.sampled_from([1, 2, 16, 128]))
def test_with_as_many_requests_and_bytes_as_the_whole_takes_all_is_got(
    blocks: list[int], part_blocks: int
) -> None:
    most = -(-1000 // part_blocks)
    plan = parts._best(blocks, most * part_blocks * BLOCK_BYTES, most, part_blocks * BLOCK_BYTES)
    assert plan.got == len(blocks)
