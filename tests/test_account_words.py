"""What an account gets, put into the words of the Bot API, and read by the parser of both."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from mtproto_registrar import POSTED_AT
from telethon.tl import types

from bot.model import ChatId, ChatKind, Post
from bot.sources import updates
from bot.sources.mtproto import words

CHANNEL = types.Channel(
    77, "Channel", types.ChatPhotoEmpty(), POSTED_AT, access_hash=1, username="a_channel", broadcast=True
)
GROUP = types.Channel(78, "Group", types.ChatPhotoEmpty(), POSTED_AT, access_hash=1, megagroup=True)
OTHER = types.Channel(79, "Other", types.ChatPhotoEmpty(), POSTED_AT, access_hash=1, broadcast=True)


def photo(number: int = 1, *sizes: Any) -> Any:
    given = sizes or (types.PhotoSize("m", 320, 200, 10), types.PhotoSize("y", 1280, 800, 99))
    return types.Photo(number, 1, b"", POSTED_AT, list(given), 2)


def document(*attributes: Any, thumbs: list[Any] | None = None) -> Any:
    return types.Document(5, 1, b"", POSTED_AT, "x/y", 50, 2, list(attributes), thumbs=thumbs)


def in_document(*attributes: Any, **how: Any) -> Any:
    return types.MessageMediaDocument(document=document(*attributes, **how))


def message(media: Any, channel_id: int = 77, **more: Any) -> Any:
    return types.Message(9, types.PeerChannel(channel_id), POSTED_AT, "secret words", media=media, **more)


def post(media: Any, channel_id: int = 77, **more: Any) -> Post:
    [raw] = words.posts([message(media, channel_id, **more)], [CHANNEL, GROUP, OTHER])
    [read] = updates.parse(raw).posts
    return read


def paths(media: Any, **more: Any) -> list[str]:
    return [ref.path for ref in post(media, **more).media]


@pytest.mark.parametrize(
    ("unique_id", "number_hex", "letter"),
    [
        ("AQAD8sYxG0EY-Vd4", "f2c6311b4118f957", "s"),
        ("AQADWAIAAnW3iEVy", "5802000075b78845", "m"),
        ("AQADtKcxG1hb2Fd-", "b4a7311b585bd857", "y"),
    ],
)
def test_a_picture_has_the_id_that_the_bot_api_gives_it(unique_id: str, number_hex: str, letter: str) -> None:
    [number] = struct.unpack("<q", bytes.fromhex(number_hex))
    media = types.MessageMediaPhoto(photo=photo(number, types.PhotoSize(letter, 10, 10, 5)))
    [ref] = post(media).media
    assert ref.file_unique_id == unique_id


@pytest.mark.parametrize(
    "unique_id", ["AgADrVAAAmAoyEo", "AgADVgIAAn5Q3VA", "AgADMgoAAu6oOEs", "AgADiAADiP_AFQ"]
)
def test_a_document_has_the_id_that_the_bot_api_gives_it(unique_id: str) -> None:
    shortened = base64.urlsafe_b64decode(unique_id + "=" * (-len(unique_id) % 4))
    whole = bytearray()
    for index, byte in enumerate(shortened):
        if index and shortened[index - 1] == 0 and byte:
            whole += bytes(byte - 1)
        else:
            whole.append(byte)
    kind, number = struct.unpack("<iq", whole)
    made = types.Document(number, 1, b"", POSTED_AT, "x/y", 50, 2, [])
    [ref] = post(types.MessageMediaDocument(document=made)).media
    assert (kind, ref.file_unique_id) == (2, unique_id)


def test_of_the_sizes_of_a_picture_the_largest_is_taken() -> None:
    sizes = (
        types.PhotoStrippedSize("i", b"tiny"),
        types.PhotoSizeProgressive("w", 2560, 1600, [100, 900, 4000]),
        types.PhotoSize("y", 1280, 800, 99),
    )
    [ref] = post(types.MessageMediaPhoto(photo=photo(1, *sizes))).media
    assert ref.size_bytes == 4000


VIDEO = types.DocumentAttributeVideo(5.0, 10, 10)
THUMBS = [types.PhotoSize("m", 32, 20, 10)]


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (types.MessageMediaPhoto(photo=photo()), ["photo"]),
        (types.MessageMediaPhoto(photo=photo(), video=document(VIDEO)), ["photo", "live_photo"]),
        (in_document(), ["document"]),
        (in_document(VIDEO, thumbs=THUMBS), ["video", "video.thumbnail"]),
        (in_document(VIDEO, types.DocumentAttributeAnimated()), ["animation"]),
        (in_document(types.DocumentAttributeVideo(5.0, 1, 1, round_message=True)), ["video_note"]),
        (
            in_document(types.DocumentAttributeSticker("x", types.InputStickerSetEmpty())),
            ["sticker"],
        ),
        (in_document(types.DocumentAttributeAudio(5), thumbs=THUMBS), ["audio.thumbnail"]),
        (
            types.MessageMediaPaidMedia(
                5, [types.MessageExtendedMedia(types.MessageMediaPhoto(photo=photo()))]
            ),
            ["paid_media.0.photo"],
        ),
        (
            types.MessageMediaWebPage(types.WebPage(1, "u", "u", 0, photo=photo())),
            ["web_page.photo"],
        ),
    ],
)
def test_every_kind_of_media_is_found(media: Any, expected: list[str]) -> None:
    assert paths(media) == expected


def test_a_story_and_what_must_be_paid_for_cannot_be_inspected() -> None:
    story = post(types.MessageMediaStory(types.PeerChannel(79), 4))
    paid = post(types.MessageMediaPaidMedia(5, [types.MessageExtendedMediaPreview()]))
    assert [ref.inspectable for ref in (*story.media, *paid.media)] == [False, False]


@pytest.mark.parametrize("media", [None, in_document(types.DocumentAttributeAudio(5, voice=True))])
def test_what_shows_nothing_is_no_post(media: Any) -> None:
    raws = words.posts([message(media)], [CHANNEL])
    assert [found for raw in raws for found in updates.parse(raw).posts] == []


def test_a_reply_with_media_of_elsewhere_shows_those() -> None:
    reply = types.MessageReplyHeader(reply_media=types.MessageMediaPhoto(photo=photo()))
    assert paths(None, reply_to=reply) == ["external_reply.photo"]


def test_place_and_author_are_those_that_the_bot_would_see() -> None:
    found = post(types.MessageMediaPhoto(photo=photo()), post_author="Author", grouped_id=8)
    assert found.place.chat_id == ChatId(-1000000000077)
    assert (found.chat_kind, found.place.username, found.place.title) == (
        ChatKind.CHANNEL,
        "a_channel",
        "Channel",
    )
    assert (found.signature, found.album_id, found.posted_at) == ("Author", "8", POSTED_AT)


def test_a_message_of_a_group_is_no_talk() -> None:
    [raw] = words.posts([message(types.MessageMediaPhoto(photo=photo()), 78)], [GROUP])
    parsed = updates.parse(raw)
    assert parsed.talk is None
    assert parsed.posts[0].chat_kind is ChatKind.SUPERGROUP


def test_where_it_was_forwarded_from_is_kept() -> None:
    from_channel = types.MessageFwdHeader(POSTED_AT, from_id=types.PeerChannel(79), channel_post=4)
    hidden = types.MessageFwdHeader(POSTED_AT, from_name="Somebody")
    media = types.MessageMediaPhoto(photo=photo())
    origin = post(media, fwd_from=from_channel).origin
    assert origin is not None
    assert origin.place is not None
    assert (origin.name, origin.place.message_id) == ("Other", 4)
    named = post(media, fwd_from=hidden).origin
    assert named is not None
    assert named.name == "Somebody"


def test_no_word_of_a_caption_is_kept() -> None:
    assert "secret" not in str(words.posts([message(types.MessageMediaPhoto(photo=photo()))], [CHANNEL]))


def test_a_group_that_is_closed_to_the_account_and_was_forwarded_from_keeps_no_post_from_being_read() -> None:
    closed = types.ChannelForbidden(80, 1, "Closed", megagroup=True)
    forward = types.MessageFwdHeader(POSTED_AT, from_id=types.PeerChannel(80))
    posted = message(types.MessageMediaPhoto(photo=photo()), fwd_from=forward)
    assert words.threads([posted], [CHANNEL, closed]) == set()
    [raw] = words.posts([posted], [CHANNEL, closed])
    [read] = updates.parse(raw).posts
    assert read.origin is not None
    assert read.origin.name == "Closed"


def test_an_odd_picture_in_a_comment_keeps_no_other_post_from_being_read() -> None:
    group = types.Channel(
        78, "Group", types.ChatPhotoEmpty(), POSTED_AT, access_hash=1, megagroup=True, has_link=True
    )
    reply = types.MessageReplyHeader(reply_to_msg_id=4)
    odd = types.MessageMediaPhoto(photo=photo(1, types.PhotoSizeProgressive("w", 9, 9, [])))
    comments = [
        message(odd, 78, reply_to=reply),
        message(types.MessageMediaPhoto(photo=photo()), 78, reply_to=reply),
    ]
    assert words.threads(comments, [group]) == {4}
    assert [
        "date" in raw["message" if "message" in raw else "channel_post"]
        for raw in words.posts(comments, [group])
    ] == [
        False,
        True,
    ]
