"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`.

A call is checked (token, faults, method), run and noted. Errors carry their code as HTTP status and in
the body, as Telegram's do.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.standin import reading, sending
from bot.standin.arguments import Arguments
from bot.standin.faults import DOWNLOAD, Effect, Fault, Faults
from bot.standin.files import StoredFile
from bot.standin.model import ApiError, JsonObject
from bot.standin.world import World

MAX_UPLOAD_BYTES = 64 << 20
MAX_CALLS_KEPT = 5_000
METHODS = reading.METHODS | sending.METHODS
_TOKEN = re.compile(r"[1-9]\d*:[A-Za-z0-9_-]{20,}")


@dataclass(frozen=True)
class Call:
    """A call that the bot made. `status` is 0 where the stand-in closed the connection instead."""

    method: str
    arguments: JsonObject
    status: int
    description: str
    called_at: datetime


class BotApi:
    def __init__(self, world: World, faults: Faults, token: str) -> None:
        self._world = world
        self._faults = faults
        self._token = token
        self._stopping = asyncio.Event()
        self.calls: list[Call] = []
        self.counts: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self._call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._download),
        ]

    def stop(self) -> None:
        """Let go of whoever waits."""
        self._stopping.set()
        self._world.updates.wake()

    # --- methods ------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = Arguments({})
        try:
            self._authorise(request)
            arguments = await Arguments.of(request)
            fault = self._faults.take(method)
            if fault and fault.effect is not Effect.LOSE_ANSWER:
                return await self._fail(request, method, arguments, fault)
            result = await self._run(method, arguments)
        except ApiError as error:
            self._note(method, arguments, error.code, error.description)
            return _refusal(error)
        if fault:
            self._note(method, arguments, 0, "the answer was lost")
            return _closed(request)
        self._note(method, arguments, 200, "")
        return web.json_response({"ok": True, "result": result})

    async def _run(self, method: str, a: Arguments) -> Any:
        if method.lower() == "getupdates":
            return await self._get_updates(a)
        run = METHODS.get(method.lower())
        if run is None:
            raise ApiError(404, "Not Found")
        return run(self._world, a)

    async def _get_updates(self, a: Arguments) -> list[JsonObject]:
        updates = self._world.updates
        kinds = a.parsed("allowed_updates")
        if isinstance(kinds, list):
            updates.allow(kinds)
        limit = min(max(a.integer("limit", 100), 1), 100)
        return await updates.poll(a.integer("offset"), limit, a.integer("timeout"))

    # --- files --------------------------------------------------------------------------------------

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = Arguments({"path": request.match_info["path"]})
        try:
            self._authorise(request)
            file = self._world.files.linked(request.match_info["path"], self._world.clock())
            if file is None:
                raise ApiError(404, "Not Found")
        except ApiError as error:
            self._note(DOWNLOAD, path, error.code, error.description)
            return _refusal(error)
        fault = self._faults.take(DOWNLOAD)
        if fault and fault.effect is Effect.TRUNCATE:
            self._note(DOWNLOAD, path, 200, "truncated")
            return await _truncated(request, file, fault.keep_bytes)
        if fault and fault.effect is not Effect.SHORTEN:
            return await self._fail(request, DOWNLOAD, path, fault)
        self._note(DOWNLOAD, path, 200, "shortened" if fault else "")
        body = file.data[: fault.keep_bytes] if fault else file.data
        return web.Response(body=body, content_type="application/octet-stream")

    # --- both ---------------------------------------------------------------------------------------

    def _authorise(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found")
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise ApiError(401, "Unauthorized")

    async def _fail(
        self, request: web.Request, method: str, arguments: Arguments, fault: Fault
    ) -> web.StreamResponse:
        if fault.effect is Effect.ANSWER:
            self._note(method, arguments, fault.status, "injected")
            if isinstance(fault.body, dict):
                return web.json_response(fault.body, status=fault.status)
            return web.Response(text=fault.body, status=fault.status, content_type="text/html")
        self._note(method, arguments, 0, fault.effect)
        if fault.effect is Effect.HANG:
            await self._stopping.wait()
        return _closed(request)

    def _note(self, method: str, arguments: Arguments, status: int, description: str) -> None:
        self.counts[method] += 1
        self.calls.append(Call(method, arguments.noted(), status, description, self._world.clock()))
        del self.calls[:-MAX_CALLS_KEPT]
        if method.lower() != "getupdates" or status != 200:
            self._world.changed()


def _refusal(error: ApiError) -> web.Response:
    body: JsonObject = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


def _closed(request: web.Request) -> web.Response:
    """Close the connection; aiohttp then has nowhere to write the response to."""
    if request.transport:
        request.transport.abort()
    return web.Response()


async def _truncated(request: web.Request, file: StoredFile, keep_bytes: int) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = len(file.data)
    response.content_type = "application/octet-stream"
    await response.prepare(request)
    await response.write(file.data[: min(keep_bytes, len(file.data) - 1)])
    if request.transport:
        request.transport.close()
    return response
