"""The demo page in headless Chromium, driven over its DevTools socket: a person sees and does it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from browser import Browser, needs_chromium, open_browser
from standin_scene import Caller, Clock, picture

from bot.standin import Chat, Standin, User

pytestmark = needs_chromium


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_browser(tmp_path) as browser:
        yield browser


@dataclass
class Scene:
    standin: Standin
    kim: User
    mina: User
    channel: Chat
    staff: Chat


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Standin(clock=Clock()) as standin:
        world = standin.world
        kim, mina = world.add_user("Kim"), world.add_user("Mina")
        channel = world.add_channel("Test channel", "test_channel", owner=kim)
        staff = world.add_group("Staff room", [kim])
        world.add_bot_as_admin(channel, by=kim)
        world.add_bot(staff, by=kim)
        world.show("channel", channel, kim)
        world.show("victim", world.private(mina), mina)
        world.show("staff", staff, kim)
        yield Scene(standin, kim, mina, channel, staff)


async def test_a_person_writes_sees_presses_and_switches_the_language(scene: Scene, browser: Browser) -> None:
    world = scene.standin.world
    await browser.ask("Page.navigate", url=scene.standin.api_url)
    await browser.sees("document.querySelectorAll('.pane').length === 3")
    assert await browser.run("document.documentElement.lang") == "en"

    private = world.private(scene.mina)
    await browser.run("document.querySelectorAll('textarea')[1].value = '/start'")
    await browser.run("document.querySelectorAll('.send')[1].click()")
    await world.until(lambda: bool(world.living(private)))
    post = world.send_photo(scene.kim, scene.channel, picture(), "<b>no markup</b>")
    async with aiohttp.ClientSession() as http:
        call = Caller(scene.standin, http)
        keys = [
            [
                {"text": "Open", "url": f"https://t.me/test_channel/{post.id}"},
                {"text": "Yes", "callback_data": "y"},
            ]
        ]
        sent = await call(
            "sendMessage",
            chat_id=scene.staff.id,
            text="<b>Alert</b> &lt;x&gt;",
            parse_mode="HTML",
            reply_markup={"inline_keyboard": keys},
        )
        await browser.sees("document.querySelector('[data-role=staff] .text strong').textContent === 'Alert'")
        await browser.sees("document.querySelector('[data-role=channel] img').naturalWidth === 1280")
        assert (
            await browser.run("document.querySelector('[data-role=channel] .text').textContent") == post.text
        )
        await browser.run("document.querySelector('.key.link').click()")
        await browser.sees(f"document.querySelector('.lit').id === 'm{scene.channel.id}_{post.id}'")

        await browser.run("document.querySelector('button.key').click()")
        await world.until(lambda: bool(world.presses))
        (query_id,) = world.presses
        await call("answerCallbackQuery", callback_query_id=query_id, text="Noted")
        await browser.sees("document.querySelector('.toast').textContent === 'Noted'")
        where = {"chat_id": scene.staff.id, "message_id": sent.result["message_id"]}
        await call("editMessageText", **where, text="Decided")
        await browser.sees(
            "document.querySelector('[data-role=staff] .meta').textContent.startsWith('edited')"
        )

    await browser.run("document.getElementById('language').click()")
    assert await browser.run("document.documentElement.lang") == "ko"
    assert await browser.run("document.querySelectorAll('[data-role=channel] .message').length") == 1
    world.delete(scene.kim, post)
    await browser.sees("document.querySelector('[data-role=channel] .empty')")
    assert browser.errors == []
