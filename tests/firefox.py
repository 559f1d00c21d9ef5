"""Firefox without a window, driven by WebDriver BiDi over its own socket; what `browser.py` is for Chromium."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from browser import seen

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")

needs_firefox = [
    pytest.mark.browser,
    pytest.mark.skipif(FIREFOX is None, reason="needs Firefox: apt install firefox-esr"),
]

QUIET = {
    # It would look for updates, add-ons and a way out of the network at every start.
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
    "intl.accept_languages": "en",
}
READY = b"WebDriver BiDi listening on "


@dataclass
class Firefox:
    """A tab of it. `context` is its id; that of a frame in it is found by `frame`."""

    socket: aiohttp.ClientWebSocketResponse
    context: str = ""
    asked: int = 0
    errors: list[str] = field(default_factory=list)

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        self.asked += 1
        await self.socket.send_json({"id": self.asked, "method": method, "params": parameters})
        while (answer := await self.socket.receive_json()).get("id") != self.asked:
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.errors.append(str(answer["params"]["text"]))
        assert answer["type"] == "success", answer
        return dict(answer["result"])

    async def open(self, url: str) -> None:
        await self.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def run(self, script: str) -> Any:
        return await self.run_in(self.context, script)

    async def run_in_frame(self, script: str) -> Any:
        """The value of a script in the page's one frame."""
        tree = await self.ask("browsingContext.getTree", root=self.context)
        [frame] = tree["contexts"][0]["children"]
        return await self.run_in(frame["context"], script)

    async def run_in(self, context: str, script: str) -> Any:
        answer = await self.ask(
            "script.evaluate",
            expression=script,
            target={"context": context},
            awaitPromise=True,
            serializationOptions={"maxObjectDepth": 20},
        )
        assert answer["type"] == "success", answer
        return _value(answer["result"])

    async def sees(self, condition: str) -> None:
        """Wait in the page until the JavaScript condition holds."""
        await self.run(seen(condition))

    async def size(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        await self.ask("browsingContext.setViewport", context=self.context, viewport=viewport)

    async def choose(self, selector: str, files: list[Path]) -> None:
        """Choose files of this machine in the page's input."""
        found = await self.ask(
            "browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": selector}
        )
        element = {"sharedId": found["nodes"][0]["sharedId"]}
        names = [str(file) for file in files]
        await self.ask("input.setFiles", context=self.context, element=element, files=names)

    async def photograph(self, path: Path) -> None:
        shot = await self.ask("browsingContext.captureScreenshot", context=self.context)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))


def _value(found: Mapping[str, Any]) -> Any:
    """What BiDi wraps in types, as Python."""
    match found["type"]:
        case "array":
            return [_value(one) for one in found["value"]]
        case "object":
            return {name: _value(one) for name, one in found["value"]}
        case "undefined" | "null":
            return None
    return found.get("value")


@asynccontextmanager
async def open_firefox(profile: Path, **preferences: object) -> AsyncIterator[Firefox]:
    assert FIREFOX is not None
    profile.mkdir(exist_ok=True)
    written = [f"user_pref({_js(name)}, {_js(value)});" for name, value in (QUIET | preferences).items()]
    (profile / "user.js").write_text("\n".join(written))
    process = await asyncio.create_subprocess_exec(
        *(FIREFOX, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    line = b""
    while READY not in line:
        line = await process.stderr.readline()
        assert line, "Firefox did not start"
    heard = asyncio.create_task(process.stderr.read())
    url = line.split(READY)[1].decode().strip() + "/session"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
        running = Firefox(socket)
        await running.ask("session.new", capabilities={})
        await running.ask("session.subscribe", events=["log.entryAdded"])
        tree = await running.ask("browsingContext.getTree", maxDepth=0)
        running.context = tree["contexts"][0]["context"]
        yield running
        await running.ask("browser.close")
    await process.wait()
    await heard


def _js(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
