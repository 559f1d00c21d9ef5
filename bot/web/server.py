"""`GET /` is the page on which people make hashes, as a Mini App of Telegram or in any browser; `GET /health` is for a
load balancer. There is nothing else, nothing is taken in, and who asked is kept nowhere.

HTTPS is the matter of a reverse proxy in front, see docs/web.md.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot.errors import ConfigError
from bot.page import page_bytes

log = structlog.get_logger()

MAY_FRAME = (
    "https://web.telegram.org https://*.web.telegram.org https://webk.telegram.org https://webz.telegram.org"
)
"""Telegram in a browser shows a Mini App in a frame. Nobody else may: what is framed can be made to look otherwise."""

_PLAIN = {
    "Server": "Jikimi",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), payment=(), usb=()"
)
_POLICY = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]+)"')


class CannotListen(ConfigError):
    """The address of `[web] listen` cannot be used."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def page_server(host: str, port: int) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port, which for `port` 0 is a free one. Raises `CannotListen`."""
    runner = web.AppRunner(
        _app(), access_log=None, logger=_silent(), keepalive_timeout=15, shutdown_timeout=1.0
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotListen(
                f"web.listen: cannot listen on {host}:{port}: {error.strerror or 'not an address of this machine'}"
            ) from None
        served = int(runner.addresses[0][1])
        log.info("serving the page", port=served)
        yield served
    finally:
        await runner.cleanup()


def _app() -> web.Application:
    page = page_bytes()
    headers = {**_PLAIN, "Content-Security-Policy": _policy(page), "Permissions-Policy": _PERMISSIONS}

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=page, content_type="text/html", charset="utf-8", headers=headers)

    async def health(_: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers=_PLAIN)

    app = web.Application(middlewares=[_plainly], client_max_size=1)
    app.add_routes([web.get("/", show), web.get("/health", health)])
    return app


def _silent() -> logging.Logger:
    """Aiohttp's own logger names the address of whoever sent what it cannot read."""
    logger = logging.getLogger("bot.web.connections")
    logger.disabled = True
    return logger


def _policy(page: bytes) -> str:
    """What the page says of itself, and who may frame it, which only a header can say."""
    found = _POLICY.search(page)
    assert found is not None
    return f"{found[1].decode()}; frame-ancestors {MAY_FRAME}"


@web.middleware
async def _plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever else is asked for gets its status and nothing of what was asked."""
    try:
        return await handler(request)
    except web.HTTPException as refused:
        allow = {"Allow": refused.headers["Allow"]} if "Allow" in refused.headers else {}
        return web.Response(
            status=refused.status, text=f"{refused.status} {refused.reason}\n", headers=_PLAIN | allow
        )
