"""Chromium without a window, driven over its DevTools socket."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

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

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt install chromium"),
]


def seen(condition: str) -> str:
    """A script that ends once the JavaScript condition holds in the page."""
    return f"""new Promise((resolve) => {{
      const look = () => {{ try {{ if ({condition}) {{ watch.disconnect(); resolve(true); }} }} catch {{}} }};
      const watch = new MutationObserver(look);
      watch.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
      document.addEventListener('load', look, true);
      look();
    }})"""


class PageLeft(Exception):
    """Chromium gave no answer: the page was left before it could."""


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
        if "navigated" in answer.get("error", {}).get("message", ""):
            raise PageLeft
        return dict(answer["result"])

    async def run(self, script: str) -> Any:
        answer = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def open(self, url: str) -> None:
        await self.ask("Page.navigate", url=url)
        await self.run(
            "document.readyState === 'complete' || new Promise((resolve) => { onload = resolve; })"
        )

    async def choose(self, selector: str, files: list[Path]) -> None:
        """Choose files of this machine in the page's input."""
        root = (await self.ask("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.ask("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
        await self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    async def size(self, width: int, height: int) -> None:
        """The window's size; below 600 points wide it is a phone's."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    async def photograph(self, path: Path) -> None:
        """A picture of the window, for people to look at, once all movement has ended."""
        await self.run("Promise.allSettled(document.getAnimations().map((moving) => moving.finished))")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(base64.b64decode((await self.ask("Page.captureScreenshot"))["data"]))

    async def sees(self, condition: str) -> None:
        """Wait in the page, or in the one it leaves for, until the JavaScript condition holds."""
        while True:
            with suppress(PageLeft):
                await self.run(seen(condition))
                return


@asynccontextmanager
async def open_browser(profile: Path) -> AsyncIterator[Browser]:
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    line = b""
    while b"DevTools listening on" not in line:
        line = await process.stderr.readline()
        assert line, "Chromium did not start"
    origin = line.decode().split("ws://")[1].split("/")[0]
    # It would stop once the pipe is full of what it has to say.
    heard = asyncio.create_task(process.stderr.read())
    async with aiohttp.ClientSession() as http:
        async with http.get(f"http://{origin}/json") as answer:
            pages = [page for page in await answer.json() if page["type"] == "page"]
        async with http.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            running = Browser(socket)
            await running.ask("Runtime.enable")
            yield running
    process.terminate()
    await process.wait()
    await heard
