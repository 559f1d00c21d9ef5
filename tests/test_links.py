"""Links to messages in every kind of chat."""

from __future__ import annotations

import pytest

from bot.links import Links, to_message
from bot.model import ChatId, MessageId, Place

SUPERGROUP = ChatId(-1001234567890)
BASIC_GROUP = ChatId(-1001234567)
POST = Place(ChatId(-1009876543210), MessageId(40), "news", "News")
HIDDEN_POST = Place(ChatId(-1009876543210), MessageId(40), None, "News")


def place(
    chat_id: ChatId = SUPERGROUP,
    username: str | None = "somename",
    *,
    thread_id: int | None = None,
    is_topic: bool = False,
    in_album: bool = False,
    comment_of: Place | None = None,
) -> Place:
    return Place(chat_id, MessageId(7), username, "", thread_id, is_topic, in_album, comment_of)


@pytest.mark.parametrize(
    ("where", "public", "members"),
    [
        (place(), "somename/7", "c/1234567890/7"),
        (place(username=None), None, "c/1234567890/7"),
        (place(ChatId(-1000000000012)), "somename/7", "c/12/7"),
        (place(in_album=True), "somename/7?single", "c/1234567890/7?single"),
        (place(thread_id=3, is_topic=True), "somename/3/7", "c/1234567890/3/7"),
        (place(thread_id=3), "somename/7?thread=3", "c/1234567890/7?thread=3"),
        (
            place(thread_id=3, in_album=True),
            "somename/7?thread=3&single",
            "c/1234567890/7?thread=3&single",
        ),
        (
            place(thread_id=3, is_topic=True, in_album=True, username=None),
            None,
            "c/1234567890/3/7?single",
        ),
        (place(username=None, comment_of=POST), "news/40?comment=7", "c/1234567890/7"),
        (place(comment_of=HIDDEN_POST), "somename/7", "c/1234567890/7"),
        (place(BASIC_GROUP, None), None, None),
        (place(ChatId(-42), None), None, None),
        (place(ChatId(42), None), None, None),
    ],
)
def test_a_message_has_the_links_of_its_kind_of_chat(
    where: Place, public: str | None, members: str | None
) -> None:
    assert to_message(where) == Links(
        None if public is None else f"https://t.me/{public}",
        None if members is None else f"https://t.me/{members}",
    )


def test_the_public_link_is_better_because_it_opens_for_everybody() -> None:
    assert to_message(place()).best == "https://t.me/somename/7"
    assert to_message(place(username=None)).best == "https://t.me/c/1234567890/7"
    assert to_message(place(BASIC_GROUP, None)).best is None
