"""What `bot.sources.updates` reads out of raw updates."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import PoisonUpdate
from bot.model import ChatId, ChatKind, ChatMoved, Origin
from bot.sources.found import find_media
from bot.sources.updates import key_of, kind_of, parse

CHANNEL = {"id": -1001234567890, "type": "channel", "title": "A channel", "username": "a_channel"}
GROUP = {"id": -1009876543210, "type": "supergroup", "title": "Its comments"}
PERSON = {"id": 77, "is_bot": False, "first_name": "Kim", "last_name": "Dana", "language_code": "ko"}


def size(name: str, width: int, height: int) -> dict[str, Any]:
    return {"file_id": f"id-{name}", "file_unique_id": f"u-{name}", "width": width, "height": height}


def photo(name: str) -> list[dict[str, Any]]:
    return [size(f"{name}-s", 90, 60), size(f"{name}-l", 1280, 853), size(f"{name}-m", 320, 213)]


def file(name: str, **more: Any) -> dict[str, Any]:
    return {"file_id": f"id-{name}", "file_unique_id": f"u-{name}", "mime_type": "x/y", **more}


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_700_000_000, "chat": CHANNEL, **fields}


def unique_ids(**fields: Any) -> list[str]:
    return [ref.file_unique_id for ref in find_media(message(**fields))]


def test_only_the_largest_size_of_a_photo_is_taken() -> None:
    assert unique_ids(photo=photo("a")) == ["u-a-l"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"document": file("doc", thumbnail=size("t", 90, 90))}, ["u-doc", "u-t"]),
        ({"animation": file("gif", width=1, height=1), "document": file("gif")}, ["u-gif"]),
        ({"video": file("v", cover=photo("c"), qualities=[file("q")])}, ["u-v", "u-c-l"]),
        ({"sticker": {**size("s", 512, 512), "type": "regular", "is_animated": False}}, ["u-s"]),
        ({"video_note": file("n", length=240, duration=3)}, ["u-n"]),
        ({"live_photo": {**file("live"), "photo": photo("p")}, "photo": photo("p")}, ["u-live", "u-p-l"]),
        ({"rich_message": {"blocks": [{"collage": [{"photo": photo("r")}]}]}}, ["u-r-l"]),
        ({"poll": {"options": [{"media": {"photo": photo("o")}}]}}, ["u-o-l"]),
        ({"external_reply": {"origin": {"type": "user"}, "photo": photo("x")}}, ["u-x-l"]),
        ({"paid_media": {"paid_media": [{"type": "photo", "photo": photo("b")}]}}, ["u-b-l"]),
        ({"audio": file("song", thumbnail=size("art", 90, 90))}, ["u-art"]),
        ({"voice": file("hello")}, []),
        ({"new_chat_photo": photo("n")}, ["u-n-l"]),
        ({"text": "no media"}, []),
    ],
)
def test_media_are_found_wherever_telegram_hides_them(fields: dict[str, Any], expected: list[str]) -> None:
    assert unique_ids(**fields) == expected


def test_of_a_live_photo_in_an_album_both_the_picture_and_the_video_are_kept() -> None:
    live = {**file("live", width=1440, height=1080, duration=3, file_size=900), "photo": photo("p")}
    (post,) = parse({"channel_post": message(live_photo=live, photo=photo("p"), media_group_id="g")}).posts
    assert [(ref.file_id, ref.kind, ref.inspectable) for ref in post.media] == [
        ("id-live", "live_photo", True),
        ("id-p-l", "photo", True),
    ]
    assert post.place.in_album


def test_of_a_live_photo_that_is_paid_for_nothing_is_lost() -> None:
    live = {"type": "live_photo", "live_photo": {**file("live"), "photo": photo("p")}}
    assert unique_ids(paid_media={"star_count": 1, "paid_media": [live]}) == ["u-live", "u-p-l"]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"paid_media": {"paid_media": [{"type": "preview", "width": 10}]}}, "paid_media"),
        ({"story": {"chat": CHANNEL, "id": 3}}, "story"),
    ],
)
def test_media_without_a_file_are_marked_as_not_inspectable(fields: dict[str, Any], kind: str) -> None:
    (ref,) = find_media(message(**fields))
    assert (ref.kind, ref.inspectable) == (kind, False)


def nested(levels: int, inner: dict[str, Any]) -> dict[str, Any]:
    for _ in range(levels):
        inner = {"blocks": [inner]}
    return inner


def test_a_photo_far_inside_a_message_is_found() -> None:
    assert unique_ids(rich_message=nested(16, {"photo": photo("inside")})) == ["u-inside-l"]


def test_what_is_nested_without_end_cannot_be_inspected_and_costs_nothing_else() -> None:
    endless = nested(200, {"photo": photo("inside")})
    (post,) = parse({"channel_post": message(rich_message=[endless, endless], photo=photo("a"))}).posts
    assert [(ref.kind, ref.file_id) for ref in post.media] == [("too_deep", None), ("photo", "id-a-l")]


NEW_CHAT = {"id": -7, "type": "a_new_kind", "title": "New"}


@pytest.mark.parametrize(
    "fields",
    [
        {"forward_origin": {"type": "chat", "sender_chat": NEW_CHAT}},
        {"forward_origin": {"type": "channel", "chat": NEW_CHAT, "message_id": 9}},
        {"forward_origin": {"type": 5}},
        {"forward_origin": "somewhere"},
        {"sender_chat": NEW_CHAT},
        {"sender_chat": {"id": "new"}},
        {"from": {"id": "new"}},
        {"from": PERSON, "reply_to_message": {"message_id": 3, "from": {"id": "new"}}},
        {"reply_to_message": "new"},
        {"reply_to_message": {"message_id": "new", "date": 1, "is_automatic_forward": True}},
        {"reply_to_message": {"message_id": 3, "date": 1, "chat": NEW_CHAT, "photo": photo("replied")}},
        {"media_group_id": 5, "message_thread_id": "x", "author_signature": None, "edit_date": "soon"},
    ],
)
def test_what_is_odd_beside_a_photo_does_not_cost_the_post(fields: dict[str, Any]) -> None:
    (post,) = parse({"channel_post": message(photo=photo("a"), **fields)}).posts
    assert [ref.file_unique_id for ref in post.media] == ["u-a-l"]


@pytest.mark.parametrize(
    ("fields", "is_relayed"),
    [
        ({}, False),
        ({"forward_origin": {"type": "user", "date": 1, "sender_user": PERSON}}, True),
        ({"forward_origin": "somewhere"}, True),
        ({"via_bot": {"id": 5, "is_bot": True, "first_name": "Other"}}, True),
    ],
)
def test_words_that_are_forwarded_or_of_another_bot_are_told_from_a_persons_own(
    fields: dict[str, Any], is_relayed: bool
) -> None:
    talk = parse({"message": message(**{"from": PERSON, "text": "/help"}, **fields)}).talk
    assert talk is not None
    assert talk.is_relayed is is_relayed


def test_a_forward_from_a_chat_of_a_new_kind_names_it() -> None:
    origin = {"type": "chat", "sender_chat": NEW_CHAT}
    (post,) = parse({"channel_post": message(photo=photo("a"), forward_origin=origin)}).posts
    assert post.origin == Origin("chat", "New")


def test_a_channel_post_keeps_place_times_and_album() -> None:
    (post,) = parse(
        {"edited_channel_post": message(photo=photo("a"), media_group_id="g", edit_date=1_700_000_060)}
    ).posts
    assert (post.place.username, post.place.message_id, post.place.in_album) == ("a_channel", 5, True)
    assert post.edited_at is not None
    assert (post.edited_at - post.posted_at).total_seconds() == 60


def test_a_forward_names_the_original_post() -> None:
    origin = {"type": "channel", "date": 1, "chat": {**CHANNEL, "id": -1005}, "message_id": 9}
    (post,) = parse({"channel_post": message(photo=photo("a"), forward_origin=origin)}).posts
    assert post.origin is not None
    assert post.origin.place is not None
    assert (post.origin.place.chat_id, post.origin.place.message_id) == (-1005, 9)


def test_a_hidden_forward_leaves_a_name() -> None:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "somebody"}
    (post,) = parse({"channel_post": message(photo=photo("a"), forward_origin=origin)}).posts
    assert post.origin is not None
    assert (post.origin.name, post.origin.place) == ("somebody", None)


def test_a_comment_knows_the_channel_post_it_is_under() -> None:
    forwarded = {
        **message(message_id=4, chat=GROUP),
        "is_automatic_forward": True,
        "forward_origin": {"type": "channel", "date": 1, "chat": CHANNEL, "message_id": 12},
    }
    (post,) = parse({"message": message(chat=GROUP, photo=photo("a"), reply_to_message=forwarded)}).posts
    assert post.place.comment_of is not None
    assert post.place.comment_of.message_id == 12


def test_a_replied_picture_is_a_post_with_its_own_place() -> None:
    replied = message(message_id=3, photo=photo("old"))
    posts = parse({"channel_post": message(text="see", reply_to_message=replied)}).posts
    assert [post.place.message_id for post in posts] == [3]


def test_a_private_message_is_talk_and_never_a_post() -> None:
    private = {"id": 77, "type": "private", "first_name": "Kim"}
    parsed = parse({"message": message(chat=private, **{"from": PERSON}, photo=photo("a"))})
    assert parsed.posts == ()
    assert parsed.talk is not None
    assert (parsed.talk.has_media, parsed.talk.person.name) == (True, "Kim Dana")


@pytest.mark.parametrize(
    ("fields", "replied"),
    [
        ({"message_thread_id": 3, "is_topic_message": True}, None),
        ({"message_thread_id": 2, "is_topic_message": True}, 77),
        ({"message_thread_id": 3}, 77),
        ({}, 77),
    ],
)
def test_a_message_in_a_topic_is_no_reply_to_whoever_began_the_topic(
    fields: dict[str, Any], replied: int | None
) -> None:
    said = {"from": {**PERSON, "id": 78}, "text": "/staff add", **fields}
    reply = message(chat=GROUP, message_id=3, **{"from": PERSON})
    talk = parse({"message": message(chat=GROUP, reply_to_message=reply, **said)}).talk
    assert talk is not None
    assert (talk.reply_to and talk.reply_to.user_id) == replied


def test_a_pressed_button_is_talk() -> None:
    parsed = parse(
        {
            "callback_query": {
                "id": "9",
                "from": PERSON,
                "data": "1|v|x",
                "message": {"message_id": 3, "chat": GROUP},
            }
        }
    )
    assert parsed.talk is not None
    assert (parsed.talk.callback_id, parsed.talk.callback_data) == ("9", "1|v|x")


@pytest.mark.parametrize(
    ("status", "is_member", "is_admin"),
    [
        ("administrator", True, True),
        ("member", True, False),
        ("left", False, False),
        ("kicked", False, False),
    ],
)
def test_the_bots_standing_in_a_chat_is_read(status: str, is_member: bool, is_admin: bool) -> None:
    change = {
        "chat": CHANNEL,
        "from": PERSON,
        "date": 1,
        "old_chat_member": {"status": "left"},
        "new_chat_member": {"status": status},
    }
    membership = parse({"my_chat_member": change}).membership
    assert membership is not None
    assert (membership.is_member, membership.is_admin) == (is_member, is_admin)
    assert membership.chat_kind is ChatKind.CHANNEL


def test_a_group_that_becomes_a_supergroup_has_moved() -> None:
    basic = {"id": -42, "type": "group", "title": "Staff"}
    assert parse({"message": message(chat=basic, migrate_to_chat_id=-10042)}).moved == ChatMoved(
        ChatId(-42), ChatId(-10042)
    )


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"update_id": 1},
        {"update_id": 1, "something_new": {}},
        {"message": None},
        {"message": {"chat": CHANNEL}},
        {"channel_post": message(chat={"id": "x", "type": "channel"})},
        {"channel_post": message(date="yesterday")},
        {"callback_query": {"id": "1"}},
        {"my_chat_member": {"chat": CHANNEL}},
        {"callback_query": {"id": "1", "from": PERSON, "data": "x"}},
    ],
)
def test_an_update_that_cannot_be_read_is_poison(raw: dict[str, Any]) -> None:
    with pytest.raises(PoisonUpdate):
        parse(raw)


def test_poison_names_fields_and_never_their_values() -> None:
    with pytest.raises(PoisonUpdate) as caught:
        parse({"channel_post": message(date="a caption by mistake")})
    assert "date" in str(caught.value)
    assert "caption" not in str(caught.value)


def test_the_same_update_has_the_same_key_under_another_number() -> None:
    first = {"update_id": 1, "channel_post": message(photo=photo("a"))}
    assert key_of(first) == key_of({**first, "update_id": 99})


def test_an_edit_has_another_key_than_the_post() -> None:
    post = {"channel_post": message()}
    edit = {"edited_channel_post": message(edit_date=5)}
    edit_again = {"edited_channel_post": message(edit_date=6)}
    assert len({key_of(post), key_of(edit), key_of(edit_again)}) == 3


def test_two_edits_in_one_second_that_show_different_media_have_different_keys() -> None:
    def edit(**fields: Any) -> str:
        return key_of({"edited_channel_post": message(edit_date=5, **fields)})

    assert edit(photo=photo("a")) == edit(photo=photo("a"), caption="words")
    assert len({edit(), edit(photo=photo("a")), edit(photo=photo("b"))}) == 3


@pytest.mark.parametrize("raw", [{}, {"message": 3}, {"callback_query": []}, {"my_chat_member": {"chat": 1}}])
def test_every_update_has_a_key_whatever_it_looks_like(raw: dict[str, Any]) -> None:
    assert key_of(raw).startswith(kind_of(raw))


@pytest.mark.parametrize("data", ["", "JKP1:0", "\ud800\0", "x" * 5000])
def test_what_a_mini_app_hands_over_is_talk_and_not_read_here(data: str) -> None:
    private = {"id": 77, "type": "private", "first_name": "Kim"}
    body = {"chat": private, "from": PERSON, "web_app_data": {"data": data, "button_text": "Open"}}
    talk = parse({"message": message(**body)}).talk
    assert talk is not None
    assert (talk.page_data, talk.text, talk.has_media) == (data, "", False)


@pytest.mark.parametrize("given", [{}, {"data": 5}, {"data": None}, "data"])
def test_what_a_mini_app_cannot_have_handed_over_is_poison(given: object) -> None:
    private = {"id": 77, "type": "private", "first_name": "Kim"}
    with pytest.raises(PoisonUpdate, match="web_app_data"):
        parse({"message": message(chat=private, **{"from": PERSON, "web_app_data": given})})


@pytest.mark.parametrize(
    ("fields", "is_text"),
    [
        ({"document": file("a", file_name="a.txt")}, True),
        ({"document": {**file("a", file_name="a"), "mime_type": "text/plain"}}, True),
        ({"document": file("a", file_name="a.jpg")}, False),
        ({"document": file("a")}, False),
        ({"document": file("a", file_name="a.txt", thumbnail=size("t", 9, 9))}, False),
        ({"document": file("a", file_name="a.txt"), "photo": photo("b")}, False),
        ({"photo": photo("b")}, False),
        ({"text": "hello"}, False),
    ],
)
def test_a_text_file_is_a_document_that_says_so_and_is_all_there_is(
    fields: dict[str, Any], is_text: bool
) -> None:
    private = {"id": 77, "type": "private", "first_name": "Kim"}
    talk = parse({"message": message(chat=private, **{"from": PERSON}, **fields)}).talk
    assert talk is not None
    assert (talk.text_file is not None) == is_text
    if talk.text_file is not None:
        assert talk.text_file.file_id == "id-a"
