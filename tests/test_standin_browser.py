"""The demo page in headless Chromium, driven over its DevTools socket: a person sees and does it all."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from standin_scene import Caller, Clock, picture

from bot.standin import Chat, Standin, User

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
    "--accept-lang=en",
    "--remote-debugging-port=0",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt install chromium"),
]


@dataclass
class Browser:
    socket: aiohttp.ClientWebSocketResponse
    asked: int = 0
    errors: list[str] = field(default_factory=list)

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        self.asked += 1
        await self.socket.send_json({"id": self.asked, "method": method, "params": parameters})
        while (answer := await self.socket.receive_json()).get("id") != self.asked:
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(str(answer["params"]))
        return dict(answer["result"])

    async def run(self, script: str) -> Any:
        answer = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def sees(self, condition: str) -> None:
        """Wait in the page until the JavaScript condition holds."""
        await self.run(
            f"""new Promise((resolve) => {{
              const look = () => {{ try {{ if ({condition}) {{ watch.disconnect(); resolve(true); }} }} catch {{}} }};
              const watch = new MutationObserver(look);
              watch.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
              document.addEventListener('load', look, true);
              look();
            }})"""
        )


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    line = b""
    while b"DevTools listening on" not in line:
        line = await process.stderr.readline()
    origin = line.decode().split("ws://")[1].split("/")[0]
    async with aiohttp.ClientSession() as http:
        async with http.get(f"http://{origin}/json") as answer:
            pages = [page for page in await answer.json() if page["type"] == "page"]
        async with http.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            running = Browser(socket)
            await running.ask("Runtime.enable")
            yield running
    process.terminate()
    await process.communicate()


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
