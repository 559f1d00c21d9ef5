"""The stand-in's methods refuse and do what Telegram's refuse and do, with its words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from standin_scene import Caller, Clock, picture

from bot.standin import ActRefused, Chat, Standin, User, World


@dataclass
class Scene:
    """A person who opened the bot's chat, a channel the bot reads, a group it is a member of."""

    clock: Clock
    call: Caller
    world: World
    mina: User
    kim: User
    channel: Chat
    group: Chat

    @property
    def private(self) -> Chat:
        return self.world.private(self.mina)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = Clock()
    async with Standin(clock=clock) as standin, aiohttp.ClientSession() as http:
        world = standin.world
        kim, mina = world.add_user("Kim", "ko", "kim"), world.add_user("Mina", "ko")
        channel = world.add_channel("Test channel", "test_channel", owner=kim)
        group = world.add_group("Staff", [kim])
        world.add_bot_as_admin(channel, by=kim)
        world.add_bot(group, by=kim)
        world.start(mina)
        world.updates.clear()
        yield Scene(clock, Caller(standin, http), world, mina, kim, channel, group)


def keyboard(data: str, text: str = "Press") -> dict[str, object]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


# --- sending -----------------------------------------------------------------------------------------


async def test_html_becomes_text_and_entities_counted_in_utf16(scene: Scene) -> None:
    html = '  <b>굵게</b> 😀 <i>&lt;x&gt;</i> <a href="https://t.me/c/1/2">post</a> /help https://e.org/a '
    sent = (await scene.call("sendMessage", chat_id=scene.mina.id, text=html, parse_mode="HTML")).result
    assert sent["text"] == "굵게 😀 <x> post /help https://e.org/a"
    assert sent["entities"] == [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "italic", "offset": 6, "length": 3},
        {"type": "text_link", "offset": 10, "length": 4, "url": "https://t.me/c/1/2"},
        {"type": "bot_command", "offset": 15, "length": 5},
        {"type": "url", "offset": 21, "length": 15},
    ]
    assert sent["from"]["is_bot"] is True


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<x>y</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("가<b>x</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_broken_html_is_refused_with_the_reason(scene: Scene, html: str, reason: str) -> None:
    answer = await scene.call("sendMessage", chat_id=scene.mina.id, text=html, parse_mode="HTML")
    assert answer.refusal == (400, f"Bad Request: can't parse entities: {reason}")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"text": " "}, "message text is empty"),
        ({"text": "가" * 4097}, "message is too long"),
        ({"text": "x", "parse_mode": "Smoke"}, "unsupported parse_mode"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"text": "x", "reply_markup": keyboard("가" * 21 + "ab")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard("")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
    ],
)
async def test_a_message_that_telegram_would_refuse_is_refused(
    scene: Scene, arguments: dict[str, object], reason: str
) -> None:
    answer = await scene.call("sendMessage", chat_id=scene.mina.id, **arguments)
    assert answer.refusal == (400, f"Bad Request: {reason}")


async def test_what_is_just_within_the_limits_is_sent(scene: Scene) -> None:
    data = "가" * 21 + "a"
    answer = await scene.call(
        "sendMessage", chat_id=scene.mina.id, text="가" * 4096, reply_markup=keyboard(data)
    )
    assert answer.result["reply_markup"] == keyboard(data)


async def test_options_of_a_message_are_kept(scene: Scene) -> None:
    asked = scene.world.send_text(scene.mina, scene.private, "question")
    sent = (
        await scene.call(
            "sendMessage",
            chat_id=scene.mina.id,
            text="answer",
            protect_content=True,
            disable_notification=True,
            link_preview_options={"is_disabled": True},
            reply_parameters={"message_id": asked.id},
        )
    ).result
    assert sent["has_protected_content"] is True
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert sent["reply_to_message"]["text"] == "question"


async def test_photos_and_documents_are_sent_by_multipart(scene: Scene) -> None:
    url = f"{scene.call.standin.api_url}/bot{scene.call.standin.token}"
    form = aiohttp.FormData({"chat_id": str(scene.mina.id), "caption": "<b>c</b>", "parse_mode": "HTML"})
    form.add_field("document", b"packet", filename="packet.txt", content_type="text/plain")
    async with scene.call.http.post(f"{url}/sendDocument", data=form) as response:
        sent = (await response.json())["result"]
    assert sent["document"]["file_name"] == "packet.txt"
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert await scene.call.download(sent["document"]["file_id"]) == b"packet"
    form = aiohttp.FormData({"chat_id": str(scene.mina.id), "photo": "attach://p"})
    form.add_field("p", picture((400, 300)), filename="p.jpg", content_type="image/jpeg")
    async with scene.call.http.post(f"{url}/sendPhoto", data=form) as response:
        photo = (await response.json())["result"]["photo"]
    again = await scene.call("sendPhoto", chat_id=scene.mina.id, photo=photo[-1]["file_id"])
    assert again.result["photo"][-1]["file_unique_id"] == photo[-1]["file_unique_id"]


# --- who can be written to ---------------------------------------------------------------------------


async def test_chats_that_cannot_be_reached_say_why(scene: Scene) -> None:
    world = scene.world
    stranger = world.add_user("Stranger")
    colleague = world.add_user("Colleague")
    world.join(scene.group, colleague)
    secret = world.add_channel("Secret", owner=scene.kim)
    left = world.add_channel("Left", owner=scene.kim)
    kicked = world.add_channel("Kicked", owner=scene.kim)
    for channel in (left, kicked):
        world.add_bot_as_admin(channel, by=scene.kim)
    world.remove_bot(left, by=scene.kim, banned=False)
    world.remove_bot(kicked, by=scene.kim)
    world.block_bot(scene.mina)
    expected = {
        "": (400, "Bad Request: chat_id is empty"),
        12345: (400, "Bad Request: chat not found"),
        "@nobody": (400, "Bad Request: chat not found"),
        stranger.id: (400, "Bad Request: chat not found"),
        colleague.id: (403, "Forbidden: bot can't initiate conversation with a user"),
        scene.mina.id: (403, "Forbidden: bot was blocked by the user"),
        secret.id: (400, "Bad Request: chat not found"),
        left.id: (403, "Forbidden: bot is not a member of the channel chat"),
        kicked.id: (403, "Forbidden: bot was kicked from the channel chat"),
        scene.channel.id: (400, "Bad Request: need administrator rights in the channel chat"),
    }
    answers = {chat_id: await scene.call("sendMessage", chat_id=chat_id, text="x") for chat_id in expected}
    assert {chat_id: answer.refusal for chat_id, answer in answers.items()} == expected


async def test_an_upgraded_group_says_where_it_went(scene: Scene) -> None:
    old = scene.world.add_group("Basic", [scene.kim], supergroup=False)
    scene.world.add_bot(old, by=scene.kim)
    new = scene.world.upgrade(old)
    answer = await scene.call("sendMessage", chat_id=old.id, text="x")
    assert answer.refusal == (400, "Bad Request: group chat was upgraded to a supergroup chat")
    assert answer.body["parameters"] == {"migrate_to_chat_id": new.id}
    assert (await scene.call("sendMessage", chat_id=new.id, text="x")).status == 200
    moved = [u["message"] for u in await scene.call.updates() if "message" in u]
    assert [m.get("migrate_to_chat_id") for m in moved][1:] == [new.id, None]
    assert moved[-1]["migrate_from_chat_id"] == old.id


# --- editing and deleting ----------------------------------------------------------------------------


async def test_an_edit_changes_the_message_and_takes_an_unnamed_keyboard_away(scene: Scene) -> None:
    sent = (
        await scene.call("sendMessage", chat_id=scene.mina.id, text="a", reply_markup=keyboard("d"))
    ).result
    where = {"chat_id": scene.mina.id, "message_id": sent["message_id"]}
    scene.clock.advance(seconds=9)
    edited = (await scene.call("editMessageText", **where, text="b")).result
    assert (edited["text"], edited["edit_date"]) == ("b", sent["date"] + 9)
    assert "reply_markup" not in edited
    assert await scene.call.updates() == []
    back = await scene.call("editMessageReplyMarkup", **where, reply_markup=keyboard("e"))
    assert back.result["reply_markup"] == keyboard("e")


async def test_edits_that_telegram_would_refuse_are_refused(scene: Scene) -> None:
    sent = (
        await scene.call("sendMessage", chat_id=scene.mina.id, text="a", reply_markup=keyboard("d"))
    ).result
    theirs = scene.world.send_text(scene.mina, scene.private, "mine")
    chat = {"chat_id": scene.mina.id, "text": "a"}
    same = await scene.call(
        "editMessageText", **chat, message_id=sent["message_id"], reply_markup=keyboard("d")
    )
    code, reason = same.refusal
    assert code == 400
    assert reason.startswith("Bad Request: message is not modified: specified new message content and reply")
    missing = await scene.call("editMessageText", **chat, message_id=999)
    assert missing.refusal == (400, "Bad Request: message to edit not found")
    foreign = await scene.call("editMessageText", **chat, message_id=theirs.id)
    assert foreign.refusal == (400, "Bad Request: message can't be edited")


async def test_a_person_s_edit_is_told_with_its_time(scene: Scene) -> None:
    message = scene.world.send_text(scene.mina, scene.private, "befor")
    post = scene.world.send_photo(scene.kim, scene.channel, picture(), "old caption")
    scene.clock.advance(minutes=2)
    scene.world.edit_text(scene.mina, message, "before")
    scene.world.edit_text(scene.kim, post, "new caption")
    updates = (await scene.call.updates())[2:]
    edited, edited_post = updates[0]["edited_message"], updates[1]["edited_channel_post"]
    assert (edited["text"], edited["edit_date"] - edited["date"]) == ("before", 120)
    assert edited_post["caption"] == "new caption"
    assert edited_post["photo"] == post.fields["photo"]


async def test_the_bot_deletes_its_own_and_incoming_private_messages_within_48_hours(scene: Scene) -> None:
    async def delete(chat_id: int, message_id: int) -> object:
        answer = await scene.call("deleteMessage", chat_id=chat_id, message_id=message_id)
        return answer.body.get("result") or answer.refusal

    theirs = scene.world.send_text(scene.mina, scene.private, "please delete")
    old = scene.world.send_text(scene.mina, scene.private, "old")
    talk = scene.world.send_text(scene.kim, scene.group, "/talk")
    assert await delete(scene.mina.id, theirs.id) is True
    assert await delete(scene.mina.id, theirs.id) == (400, "Bad Request: message to delete not found")
    assert await delete(scene.group.id, talk.id) == (400, "Bad Request: message can't be deleted")
    scene.clock.advance(hours=49)
    assert await delete(scene.mina.id, old.id) == (400, "Bad Request: message can't be deleted for everyone")
    scene.world.add_bot_as_admin(scene.group, by=scene.kim, rights=["can_delete_messages"])
    assert await delete(scene.group.id, talk.id) is True


async def test_several_messages_are_deleted_at_once_and_missing_ones_passed_over(scene: Scene) -> None:
    ids = [scene.world.send_text(scene.mina, scene.private, str(n)).id for n in range(3)]
    answer = await scene.call("deleteMessages", chat_id=scene.mina.id, message_ids=[*ids, 999])
    assert answer.result is True
    assert [m.text for m in scene.world.living(scene.private)] == ["/start"]


# --- buttons -----------------------------------------------------------------------------------------


async def test_a_pressed_button_is_told_and_can_be_answered_for_150_seconds(scene: Scene) -> None:
    await scene.call("sendMessage", chat_id=scene.mina.id, text="a", reply_markup=keyboard("do:1", "Do it"))
    press = scene.world.press(scene.mina, scene.world.last(scene.private), "Do it")
    query = (await scene.call.updates())[0]["callback_query"]
    assert (query["id"], query["data"], query["from"]["id"]) == (press.id, "do:1", scene.mina.id)
    assert query["message"]["text"] == "a"
    scene.clock.advance(seconds=150)
    answered = await scene.call(
        "answerCallbackQuery", callback_query_id=press.id, text="done", show_alert=True
    )
    assert answered.result is True
    assert press.answers == [{"text": "done", "show_alert": True, "url": ""}]
    assert await scene.call.updates() == [], "the update itself lives 150 seconds"
    scene.clock.advance(seconds=1)
    late = await scene.call("answerCallbackQuery", callback_query_id=press.id)
    assert late.refusal == (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )


async def test_an_answer_of_more_than_200_characters_is_refused(scene: Scene) -> None:
    await scene.call("sendMessage", chat_id=scene.mina.id, text="a", reply_markup=keyboard("d"))
    press = scene.world.press(scene.mina, scene.world.last(scene.private), "d")
    answer = await scene.call("answerCallbackQuery", callback_query_id=press.id, text="x" * 201)
    assert answer.refusal == (400, "Bad Request: MESSAGE_TOO_LONG")


async def test_nobody_presses_what_is_not_there(scene: Scene) -> None:
    await scene.call("sendMessage", chat_id=scene.mina.id, text="a", reply_markup=keyboard("d"))
    message = scene.world.last(scene.private)
    with pytest.raises(ActRefused):
        scene.world.press(scene.mina, message, "other")
    with pytest.raises(ActRefused):
        scene.world.press(scene.kim, message, "d")
    await scene.call("deleteMessage", chat_id=scene.mina.id, message_id=message.id)
    with pytest.raises(ActRefused):
        scene.world.press(scene.mina, message, "d")


async def test_a_chat_picked_with_a_button_is_shared_and_the_bot_added(scene: Scene) -> None:
    world = scene.world
    button: dict[str, Any] = {
        "text": "Pick a channel",
        "request_chat": {
            "request_id": 7,
            "chat_is_channel": True,
            "request_title": True,
            "bot_administrator_rights": {"can_manage_chat": True, "is_anonymous": False},
            "user_administrator_rights": {"can_promote_members": True},
        },
    }
    world.start(scene.kim)
    await scene.call(
        "sendMessage",
        chat_id=scene.kim.id,
        text="Which one?",
        reply_markup={"keyboard": [[button], ["Cancel"]], "one_time_keyboard": True},
    )
    private, fresh = world.private(scene.kim), world.add_channel("Fresh", owner=scene.kim)
    foreign = world.add_channel("Foreign", owner=scene.mina)
    world.updates.clear()
    assert world.pickable(scene.kim, button["request_chat"]) == [scene.channel, fresh]
    with pytest.raises(ActRefused):
        world.tap(scene.kim, private, "Pick a channel", foreign)
    assert private.reply_keyboard is not None
    world.tap(scene.kim, private, "Pick a channel", fresh)
    added, shared = await scene.call.updates()
    assert added["my_chat_member"]["new_chat_member"]["status"] == "administrator"
    assert shared["message"]["chat_shared"] == {"request_id": 7, "chat_id": fresh.id, "title": "Fresh"}
    assert private.reply_keyboard is None


async def test_a_plain_key_sends_its_label_and_a_keyboard_can_be_removed(scene: Scene) -> None:
    keys = {"keyboard": [["Yes", "No"]]}
    await scene.call("sendMessage", chat_id=scene.mina.id, text="?", reply_markup=keys)
    scene.world.tap(scene.mina, scene.private, "Yes")
    assert (await scene.call.updates())[0]["message"]["text"] == "Yes"
    remove = {"remove_keyboard": True}
    await scene.call("sendMessage", chat_id=scene.mina.id, text=".", reply_markup=remove)
    with pytest.raises(ActRefused):
        scene.world.tap(scene.mina, scene.private, "Yes")


# --- chats and members -------------------------------------------------------------------------------


async def test_leaving_a_channel_is_told_and_ends_everything_there(scene: Scene) -> None:
    assert (await scene.call("leaveChat", chat_id=scene.channel.id)).result is True
    change = (await scene.call.updates())[0]["my_chat_member"]
    assert change["from"]["is_bot"] is True
    assert change["old_chat_member"]["status"] == "administrator"
    assert change["new_chat_member"]["status"] == "left"
    scene.world.send_text(scene.kim, scene.channel, "unseen")
    assert len(await scene.call.updates()) == 1
    again = await scene.call("leaveChat", chat_id=scene.channel.id)
    assert again.refusal == (403, "Forbidden: bot is not a member of the channel chat")


async def test_being_removed_and_blocked_is_told_with_who_did_it(scene: Scene) -> None:
    scene.world.remove_bot(scene.channel, by=scene.kim)
    scene.world.remove_bot(scene.group, by=scene.kim)
    scene.world.block_bot(scene.mina)
    updates = await scene.call.updates()
    changes = [u["my_chat_member"] for u in updates if "my_chat_member" in u]
    assert [c["from"]["first_name"] for c in changes] == ["Kim", "Kim", "Mina"]
    assert [c["new_chat_member"]["status"] for c in changes] == ["kicked"] * 3
    assert [u["message"]["left_chat_member"]["id"] for u in updates if "message" in u] == [scene.world.me.id]


async def test_members_and_administrators_are_shown_as_they_are(scene: Scene) -> None:
    channel = scene.channel.id

    async def status(chat_id: int, user_id: int) -> str:
        return str((await scene.call("getChatMember", chat_id=chat_id, user_id=user_id)).result["status"])

    assert await status(channel, scene.kim.id) == "creator"
    assert await status(channel, scene.world.me.id) == "administrator"
    assert await status(channel, scene.mina.id) == "left"
    assert await status(scene.group.id, scene.world.me.id) == "member"
    assert await status(scene.mina.id, scene.mina.id) == "member"
    admins = (await scene.call("getChatAdministrators", chat_id=channel)).result
    assert [a["user"]["first_name"] for a in admins] == ["Kim", "Jikimi"]
    unknown = await scene.call("getChatMember", chat_id=channel, user_id=5)
    assert unknown.refusal == (400, "Bad Request: user not found")
    assert (await scene.call("getChatMemberCount", chat_id=channel)).result == 2


async def test_a_public_channel_can_be_looked_up_by_name_without_being_in_it(scene: Scene) -> None:
    public = scene.world.add_channel("Public", "public_channel", owner=scene.kim)
    assert (await scene.call("getChat", chat_id="@Public_Channel")).result["id"] == public.id
    assert (await scene.call("sendMessage", chat_id="@public_channel", text="x")).status == 403
