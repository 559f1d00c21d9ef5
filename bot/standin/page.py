"""The page of the demo and its JSON interface, under `/` and `/control/`.

    GET  /control/state?after=V&timeout_s=S   everything; waits for a version above V, if asked
    GET  /control/events                      server-sent events: the page's state at each change
    GET  /control/file/<file_id>              a stored file, for the page
    POST /control/act/<name>                  a person acts (`acts.ACTS`)
    POST /control/fault/<name>                a fault for the next calls (`acts.inject`)
    POST /control/play                        play the example

Loopback only: the Host header must be a loopback name, against DNS rebinding, and a POST must be
`application/json`, which a foreign page cannot send without asking first (and is never allowed to).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.standin.acts import ACTS, Request, inject
from bot.standin.botapi import BotApi
from bot.standin.faults import Faults
from bot.standin.model import ActRefused, JsonObject
from bot.standin.state import full_state, page_state
from bot.standin.world import World

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
SHOWN_INLINE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
ASSETS = {
    "": ("page.html", "text/html"),
    "page.js": ("page.js", "text/javascript"),
    "page_message.js": ("page_message.js", "text/javascript"),
    "page_texts.js": ("page_texts.js", "text/javascript"),
    "page.css": ("page.css", "text/css"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

OnPlay = Callable[[World], Awaitable[None]]
"""Plays the example: acts in the world as people would, and narrates."""


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what came for another host name, or from another machine."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name not in LOOPBACK_NAMES or request.remote not in {"127.0.0.1", "::1"}:
        raise web.HTTPForbidden(text="The stand-in answers on loopback only.")
    return await handler(request)


class Page:
    def __init__(self, world: World, api: BotApi, faults: Faults, on_play: OnPlay | None) -> None:
        self._world = world
        self._api = api
        self._faults = faults
        self._on_play = on_play
        self._playing: asyncio.Future[None] | None = None
        self._stopped = False

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/{name:(?:page[a-z_]*\\.(?:js|css))?}", self._asset),
            web.get("/control/state", self._state),
            web.get("/control/events", self._events),
            web.get("/control/file/{file_id}", self._file),
            web.post("/control/act/{name}", self._act),
            web.post("/control/fault/{name}", self._fault),
            web.post("/control/play", self._play),
        ]

    def stop(self) -> None:
        self._stopped = True
        if self._playing:
            self._playing.cancel()
        self._world.changed()

    async def _asset(self, request: web.Request) -> web.Response:
        file_name, content_type = ASSETS.get(request.match_info["name"], ("", ""))
        if not file_name:
            raise web.HTTPNotFound
        text = resources.files("bot.standin").joinpath(file_name).read_text("utf-8")
        return web.Response(text=text, content_type=content_type, headers=HEADERS)

    async def _state(self, request: web.Request) -> web.Response:
        after = int(request.query.get("after", -1))
        timeout_s = min(float(request.query.get("timeout_s", 0)), 60.0)
        with contextlib.suppress(TimeoutError):
            await self._world.until(lambda: self._world.version > after, timeout_s)
        return web.json_response(full_state(self._world, self._api))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        shown = ""
        while not self._stopped:
            state = json.dumps(self._page_state(), ensure_ascii=False)
            if state != shown:
                shown = state
                await response.write(f"data: {state}\n\n".encode())
            await self._world.next_change()
        return response

    def _page_state(self) -> JsonObject:
        state = page_state(self._world)
        del state["version"]
        return state | {"can_play": self._on_play is not None, "playing": self._is_playing()}

    async def _file(self, request: web.Request) -> web.Response:
        file = self._world.files.find(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        inline = file.mime_type in SHOWN_INLINE
        kind = file.mime_type if inline else "application/octet-stream"
        disposition = {"Content-Disposition": "inline" if inline else "attachment"}
        return web.Response(body=file.data, content_type=kind, headers=HEADERS | disposition)

    async def _act(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await _json(request)
        act = ACTS.get(name)
        if act is None:
            return _answer(404, f"Unknown act: {name}. Known: {', '.join(ACTS)}")
        try:
            result = act(self._world, Request(self._world, body))
        except ActRefused as refusal:
            return _answer(400, str(refusal))
        return web.json_response({"ok": True, "result": result})

    async def _fault(self, request: web.Request) -> web.Response:
        try:
            inject(self._faults, request.match_info["name"], await _json(request))
        except ActRefused as refusal:
            return _answer(400, str(refusal))
        return web.json_response({"ok": True})

    # --- the example ----------------------------------------------------------------------------------

    async def _play(self, request: web.Request) -> web.Response:
        await _json(request)
        if self._on_play is None:
            return _answer(404, "There is no example to play.")
        if self._is_playing():
            return _answer(409, "The example is playing.")
        self._playing = asyncio.ensure_future(self._on_play(self._world))
        self._playing.add_done_callback(self._played)
        self._world.changed()
        return web.json_response({"ok": True})

    def _is_playing(self) -> bool:
        return self._playing is not None and not self._playing.done()

    def _played(self, playing: asyncio.Future[None]) -> None:
        """Say on the page that the example broke off; the loop's handler has the traceback."""
        if not playing.cancelled() and (error := playing.exception()):
            self._world.narrate(
                "The example broke off. The terminal says why.",
                "예시가 중단되었습니다. 이유는 터미널에 표시됩니다.",
            )
            playing.get_loop().call_exception_handler(
                {"message": "The example of the demo broke off", "exception": error}
            )
        self._world.changed()


async def _json(request: web.Request) -> JsonObject:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")
    try:
        body: Any = json.loads(await request.text() or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="Send a JSON object.")
    return body


def _answer(status: int, reason: str) -> web.Response:
    return web.json_response({"ok": False, "reason": reason}, status=status)
