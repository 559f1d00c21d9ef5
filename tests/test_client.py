"""Effects carried out over HTTP at the stand-in: what has been reached already is no trouble."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from standin_scene import Clock

from bot.chat.client import TelegramMessenger, introduce
from bot.chat.commands import Menu
from bot.errors import ChatGone, MessageGone, Permanent
from bot.model import (
    Answer,
    Button,
    ChatId,
    Delete,
    Edit,
    Leave,
    MessageId,
    PageButton,
    Send,
    SendPage,
    SendPicture,
)
from bot.page import page_bytes
from bot.sources.botapi import BotApi
from bot.standin import Chat, Standin, User, World


@pytest.fixture
async def api(standin: Standin) -> AsyncIterator[BotApi]:
    async with BotApi(standin.token, standin.api_url) as api:
        yield api


@pytest.fixture
def messenger(api: BotApi) -> TelegramMessenger:
    return TelegramMessenger(api, deleted="Deleted.")


@pytest.fixture
def room(world: World, kim: User) -> Chat:
    room = world.add_group("Staff", [kim])
    world.add_bot_as_admin(room, by=kim)
    return room


async def sent(messenger: TelegramMessenger, room: Chat) -> MessageId:
    message_id = await messenger.carry_out(Send(ChatId(room.id), "An alert"))
    assert message_id is not None
    return message_id


async def test_an_edit_that_changes_nothing_is_carried_out(messenger: TelegramMessenger, room: Chat) -> None:
    message_id = await sent(messenger, room)
    assert await messenger.carry_out(Edit(ChatId(room.id), message_id, "An alert")) == message_id


async def test_an_edit_of_a_deleted_message_says_that_it_is_gone(
    messenger: TelegramMessenger, room: Chat, world: World, kim: User
) -> None:
    message_id = await sent(messenger, room)
    world.delete(kim, world.last(room))
    with pytest.raises(MessageGone):
        await messenger.carry_out(Edit(ChatId(room.id), message_id, "Another alert"))


async def test_an_edit_that_is_refused_otherwise_is_permanent_trouble(
    messenger: TelegramMessenger, room: Chat
) -> None:
    message_id = await sent(messenger, room)
    with pytest.raises(Permanent):
        await messenger.carry_out(Edit(ChatId(room.id), message_id, "<b>not closed"))


async def test_a_message_that_is_too_long_is_cut_and_arrives(
    messenger: TelegramMessenger, room: Chat, world: World
) -> None:
    whole = "<b>" + "&lt;가&gt;" * 1365 + "</b>."
    message_id = await messenger.carry_out(Send(ChatId(room.id), whole))
    assert world.last(room).text == "<가>" * 1365 + "."
    assert message_id is not None
    for effect in (Edit(ChatId(room.id), message_id, whole + "."), Send(ChatId(room.id), whole + ".")):
        await messenger.carry_out(effect)
        assert world.last(room).text == "<가>" * 1365 + "…"


async def test_a_message_is_deleted_once_and_again(
    messenger: TelegramMessenger, room: Chat, world: World
) -> None:
    message_id = await sent(messenger, room)
    for _ in range(2):
        assert await messenger.carry_out(Delete(ChatId(room.id), message_id)) is None
    assert message_id not in [message.id for message in world.living(room)]


async def test_a_message_that_is_too_old_to_be_deleted_says_nothing_of_what_it_said(
    messenger: TelegramMessenger, room: Chat, world: World, clock: Clock
) -> None:
    keyboard = ((Button("Confirm", data="1|a|confirmed"),),)
    message_id = await messenger.carry_out(Send(ChatId(room.id), "An alert", keyboard))
    assert message_id is not None
    clock.advance(hours=49)
    for _ in range(2):
        assert await messenger.carry_out(Delete(ChatId(room.id), message_id)) is None
    [message] = [message for message in world.living(room) if message.id == message_id]
    assert (message.text, message.reply_markup) == ("Deleted.", None)


async def test_a_figure_that_is_too_old_to_be_deleted_shows_an_empty_picture(
    messenger: TelegramMessenger, room: Chat, world: World, clock: Clock
) -> None:
    figure = await messenger.carry_out(SendPicture(ChatId(room.id), figure_file(), "<b>F-1</b>"))
    assert figure is not None
    clock.advance(hours=49)
    for _ in range(2):
        assert await messenger.carry_out(Delete(ChatId(room.id), figure)) is None
    message = room.messages[figure]
    assert message.text == "Deleted."
    file = world.files.find(message.fields["photo"][-1]["file_id"])
    assert file is not None
    with Image.open(io.BytesIO(file.data)) as left:
        assert len(left.convert("RGB").getcolors() or []) == 1


async def test_a_message_that_can_neither_be_deleted_nor_edited_is_permanent_trouble(
    messenger: TelegramMessenger, room: Chat, world: World, kim: User, clock: Clock
) -> None:
    theirs = world.send_text(kim, room, "A person's own words")
    clock.advance(hours=49)
    with pytest.raises(Permanent, match="can't be edited"):
        await messenger.carry_out(Delete(ChatId(room.id), MessageId(theirs.id)))


async def test_an_answer_to_a_button_that_is_too_old_is_carried_out(messenger: TelegramMessenger) -> None:
    assert await messenger.carry_out(Answer("1", "Noted")) is None


async def test_the_page_is_sent_as_the_file_that_it_is(
    messenger: TelegramMessenger, world: World, kim: User
) -> None:
    world.start(kim)
    await messenger.carry_out(SendPage(ChatId(kim.id), "This is <b>it</b>"))
    sent = world.last(world.private(kim))
    assert sent.text == "This is it"
    assert sent.fields["document"]["file_name"] == "jikimi.html"
    file = world.files.find(sent.fields["document"]["file_id"])
    assert file is not None
    assert file.data == page_bytes()


async def test_a_button_that_opens_a_page_is_put_below_a_chat_and_taken_away(
    messenger: TelegramMessenger, world: World, kim: User
) -> None:
    chat = world.private(kim)
    world.start(kim)
    button = PageButton("Open", "https://hash.example.org/")
    await messenger.carry_out(Send(ChatId(kim.id), "Below", page_button=button))
    assert chat.button_below("Open")["web_app"] == {"url": "https://hash.example.org/"}
    await messenger.carry_out(Send(ChatId(kim.id), "Gone", clears_buttons=True))
    assert chat.reply_keyboard is None


async def test_leaving_twice_is_leaving_once(messenger: TelegramMessenger, channel: Chat) -> None:
    for _ in range(2):
        assert await messenger.carry_out(Leave(ChatId(channel.id))) is None


async def test_somebody_who_never_wrote_cannot_be_written_to(
    messenger: TelegramMessenger, world: World, kim: User
) -> None:
    with pytest.raises(ChatGone):
        await messenger.carry_out(Send(ChatId(kim.id), "Hello"))


async def test_a_menu_that_cannot_be_set_keeps_no_other_from_being_set(standin: Standin, api: BotApi) -> None:
    standin.faults.refuse("setMyCommands", 400, "Bad Request: chat not found")
    menus = [
        Menu((("help", "도움말"),), ChatId(1), "ko"),
        Menu((("help", "Help"),), None, "en"),
    ]
    assert await introduce(api, menus) == (await api.call("getMe"))["username"]
    shown = await api.call("getMyCommands", scope={"type": "all_private_chats"}, language_code="en")
    assert shown == [{"command": "help", "description": "Help"}]


async def test_a_bot_that_telegram_does_not_answer_runs_without_its_menus(
    standin: Standin, api: BotApi
) -> None:
    standin.faults.drop("getMe")
    assert await introduce(api, []) is None


def figure_file() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    return out.getvalue()


async def test_a_figure_is_a_silent_reply_even_where_the_message_is_gone(
    messenger: TelegramMessenger, room: Chat, world: World, kim: User, standin: Standin
) -> None:
    message_id = await sent(messenger, room)
    for replied in (message_id, None):
        figure = await messenger.carry_out(
            SendPicture(ChatId(room.id), figure_file(), "<b>F-1</b>", message_id)
        )
        assert figure is not None
        message = room.messages[figure]
        assert message.text == "F-1"
        assert len(message.fields["photo"]) >= 1
        assert (None if message.reply_to is None else message.reply_to.id) == replied
        world.delete(kim, room.messages[message_id])
    assert [call.arguments["disable_notification"] for call in standin.calls if call.method == "sendPhoto"]


async def test_a_figure_for_a_chat_without_the_bot_is_permanent_trouble(messenger: TelegramMessenger) -> None:
    with pytest.raises(ChatGone):
        await messenger.carry_out(SendPicture(ChatId(-1), figure_file(), "F-1", MessageId(1)))
