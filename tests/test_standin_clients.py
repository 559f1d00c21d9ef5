"""Two independent client libraries parse whatever the stand-in answers: aiogram and python-telegram-bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiogram
import aiohttp
import pytest
import telegram
from aiogram import types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramServerError,
)
from standin_scene import Caller, Clock, picture
from telegram.request import HTTPXRequest

from bot.standin import Chat, Standin, User, World, media


@dataclass
class Scene:
    standin: Standin
    world: World
    mina: User
    kim: User
    channel: Chat
    group: Chat


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Standin(clock=Clock()) as standin:
        world = standin.world
        kim, mina = world.add_user("Kim", "ko", "kim"), world.add_user("Mina", "ko")
        channel = world.add_channel("Test channel", "test_channel", owner=kim)
        yield Scene(standin, world, mina, kim, channel, world.add_group("Staff", [kim]))


@pytest.fixture
async def gram(scene: Scene) -> AsyncIterator[aiogram.Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(scene.standin.api_url))
    async with aiogram.Bot(scene.standin.token, session=session) as client:
        yield client


@pytest.fixture
async def ptb(scene: Scene) -> AsyncIterator[telegram.Bot]:
    client = telegram.Bot(
        scene.standin.token,
        base_url=f"{scene.standin.api_url}/bot",
        base_file_url=f"{scene.standin.api_url}/file/bot",
        request=HTTPXRequest(),
        get_updates_request=HTTPXRequest(),
    )
    async with client:
        yield client


def everything_happens(scene: Scene) -> None:
    """One of each kind of update that the stand-in knows."""
    w, kim, mina, channel, group = scene.world, scene.kim, scene.mina, scene.channel, scene.group
    channel.signs_posts = True
    w.link_discussion(channel, group)
    w.add_bot(group, by=kim)
    w.add_bot_as_admin(group, by=kim)
    w.add_bot_as_admin(channel, by=kim)
    w.start(mina, "deep-link")
    post = w.send_photo(kim, channel, picture(), "caption https://example.org", spoiler=True)
    w.edit_text(kim, post, "edited")
    w.comment(kim, post, "comment")
    w.forward(mina, post, w.private(mina))
    w.send_text(mina, w.private(mina), "about this", reply_to=post)
    w.edit_text(mina, w.last(w.private(mina)), "about that")
    w.send_document(mina, w.private(mina), picture(kind="PNG"), "a.png")
    thumbnail = picture()
    for fields in (
        media.video(w.files, b"v", thumbnail=thumbnail),
        media.animation(w.files, b"a", thumbnail=thumbnail),
        media.video_note(w.files, b"n", thumbnail=thumbnail),
        media.sticker(w.files, b"s"),
        media.paid_preview(),
        {"story": {"chat": channel.as_dict(), "id": 3}},
    ):
        w.send_media(kim, channel, fields)
    w.send_album(kim, channel, [media.photo(w.files.photo(picture())) for _ in range(3)], "album")
    w.private(mina).reply_keyboard = {"keyboard": [[{"text": "Open", "web_app": {"url": "https://e.org/"}}]]}
    w.hand_over(mina, w.private(mina), "Open", "data")
    w.block_bot(mina)
    w.unblock_bot(mina)
    w.upgrade(_basic_group(scene))
    w.remove_bot(channel, by=kim)
    w.remove_bot(group, by=kim, banned=False)


def _basic_group(scene: Scene) -> Chat:
    basic = scene.world.add_group("Basic", [scene.kim], supergroup=False)
    scene.world.add_bot(basic, by=scene.kim)
    return basic


KINDS = {"message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member"}


async def test_aiogram_parses_every_update(scene: Scene, gram: aiogram.Bot) -> None:
    everything_happens(scene)
    updates = await gram.get_updates()
    assert {update.event_type for update in updates} == KINDS
    assert len(updates) == scene.world.updates.pending
    unknown = [_extra(update) for update in updates]
    assert unknown == [set()] * len(updates)


def _extra(value: Any) -> set[str]:
    """The fields that aiogram's models of Bot API 10.3 do not know."""
    if isinstance(value, list):
        return set().union(*map(_extra, value))
    if not isinstance(value, types.base.TelegramObject):
        return set()
    names = set(value.model_extra or {})
    return names.union(*(_extra(getattr(value, name)) for name in type(value).model_fields))


async def test_python_telegram_bot_parses_every_update(scene: Scene, ptb: telegram.Bot) -> None:
    everything_happens(scene)
    async with aiohttp.ClientSession() as http:
        raw = await Caller(scene.standin, http).updates()
    parsed = [telegram.Update.de_json(update, ptb) for update in raw]
    assert len(raw) == scene.world.updates.pending > 20
    for update, given in zip(parsed, raw, strict=True):
        (kind,) = given.keys() - {"update_id"}
        assert kind in KINDS
        assert getattr(update, kind) is not None
        assert update.api_kwargs == {}
        assert not update.effective_message or update.effective_message.api_kwargs == {}


async def test_python_telegram_bot_reads_chats_and_members(scene: Scene, ptb: telegram.Bot) -> None:
    w = scene.world
    w.add_bot_as_admin(scene.channel, by=scene.kim, rights=["can_delete_messages"])
    w.start(scene.mina)
    assert (await ptb.get_me()).username == "jikimi_demo_bot"
    chat = await ptb.get_chat(scene.channel.id)
    assert (chat.type, chat.title, chat.username, chat.api_kwargs) == (
        "channel",
        "Test channel",
        "test_channel",
        {},
    )
    assert (await ptb.get_chat(scene.mina.id)).first_name == "Mina"
    mine = await ptb.get_chat_member(scene.channel.id, ptb.id)
    assert isinstance(mine, telegram.ChatMemberAdministrator)
    assert mine.can_delete_messages
    admins = await ptb.get_chat_administrators(scene.channel.id)
    assert [type(a) for a in admins] == [telegram.ChatMemberOwner, telegram.ChatMemberAdministrator]
    assert len(await ptb.get_updates(timeout=0)) == 2


async def test_python_telegram_bot_sends_and_fetches_files(scene: Scene, ptb: telegram.Bot) -> None:
    scene.world.start(scene.mina)
    sent = await ptb.send_document(
        scene.mina.id, b"packet", filename="packet.txt", caption="<b>c</b>", parse_mode="HTML"
    )
    assert sent.document
    assert sent.caption_html == "<b>c</b>"
    file = await ptb.get_file(sent.document.file_id)
    assert await file.download_as_bytearray() == b"packet"
    photo = (await ptb.send_photo(scene.mina.id, picture())).photo
    assert [max(p.width, p.height) for p in photo] == [90, 320, 800, 1280]


async def test_aiogram_writes_edits_presses_and_deletes(scene: Scene, gram: aiogram.Bot) -> None:
    w, mina = scene.world, scene.mina
    w.start(mina)
    key = types.InlineKeyboardButton(text="Yes", callback_data="yes")
    markup = types.InlineKeyboardMarkup(inline_keyboard=[[key]])
    sent = await gram.send_message(mina.id, "<b>Sure?</b>", parse_mode="HTML", reply_markup=markup)
    assert sent.html_text == "<b>Sure?</b>"
    w.press(mina, w.last(w.private(mina)), "Yes")
    query = (await gram.get_updates())[-1].callback_query
    assert query
    assert await gram.answer_callback_query(query.id, text="Good") is True
    edited = await gram.edit_message_text("Done", chat_id=mina.id, message_id=sent.message_id)
    assert isinstance(edited, types.Message)
    assert edited.reply_markup is None
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await gram.edit_message_text("Done", chat_id=mina.id, message_id=sent.message_id)
    assert await gram.delete_message(mina.id, sent.message_id) is True
    document = types.BufferedInputFile(b"packet", "packet.txt")
    uploaded = (await gram.send_document(mina.id, document, caption="c")).document
    assert uploaded
    fetched = await gram.download(uploaded.file_id)
    assert fetched
    assert fetched.read() == b"packet"


async def test_aiogram_reads_every_other_answer(scene: Scene, gram: aiogram.Bot) -> None:
    w = scene.world
    w.add_bot_as_admin(scene.channel, by=scene.kim)
    w.add_bot(scene.group, by=scene.kim)
    me, channel = await gram.get_me(), await gram.get_chat("@test_channel")
    assert (me.is_bot, channel.id) == (True, scene.channel.id)
    assert _extra(me) | _extra(channel) | _extra(await gram.get_chat(scene.group.id)) == set()
    assert _extra(await gram.get_webhook_info()) == set()
    assert await gram.delete_webhook() is True
    assert await gram.set_my_commands([types.BotCommand(command="start", description="Begin")]) is True
    assert [c.command for c in await gram.get_my_commands()] == ["start"]
    assert await gram.set_my_description("What it does") is True
    assert await gram.send_chat_action(scene.group.id, "typing") is True
    assert {type(m) for m in await gram.get_chat_administrators(scene.channel.id)} == {
        types.ChatMemberOwner,
        types.ChatMemberAdministrator,
    }
    assert isinstance(await gram.get_chat_member(scene.group.id, me.id), types.ChatMemberMember)
    assert isinstance(await gram.get_chat_member(scene.group.id, scene.mina.id), types.ChatMemberLeft)
    assert await gram.leave_chat(scene.group.id) is True
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the supergroup chat"):
        await gram.get_chat(scene.group.id)


async def test_aiogram_understands_the_faults(scene: Scene, gram: aiogram.Bot) -> None:
    scene.standin.faults.too_many_requests("getMe", 9)
    with pytest.raises(TelegramRetryAfter) as flood:
        await gram.get_me()
    assert flood.value.retry_after == 9
    scene.standin.faults.refuse("getMe", 500, "Internal Server Error")
    with pytest.raises(TelegramServerError):
        await gram.get_me()


async def test_python_telegram_bot_understands_the_faults(
    scene: Scene, ptb: telegram.Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    scene.standin.faults.too_many_requests("getMe", 9)
    with pytest.raises(telegram.error.RetryAfter) as flood:
        await ptb.get_me()
    assert flood.value.retry_after == timedelta(seconds=9)
    scene.standin.faults.break_server("getMe", 502)
    with pytest.raises(telegram.error.NetworkError):
        await ptb.get_me()
