"""The stand-in as a server on loopback."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.standin.botapi import MAX_UPLOAD_BYTES, BotApi, Call
from bot.standin.embed import Embed
from bot.standin.faults import Faults
from bot.standin.model import Clock, User
from bot.standin.page import OnPlay, Page, loopback_only
from bot.standin.world import World

TOKEN = "7000000001:AAF-only-for-the-loopback-stand-in0"  # noqa: S105 - opens nothing but this stand-in


def now() -> datetime:
    return datetime.now(UTC)


class Standin:
    """A loopback stand-in for Telegram's Bot API, with a page for people.

        async with Standin(clock=clock) as standin:
            ...  # the bot's api_url is standin.api_url, its token standin.token
            standin.world.send_text(person, standin.world.private(person), "/start")

    `port` 0 takes a free one. `on_play` plays the example when the page's button is pressed.
    `reads_groups` switches the bot's privacy mode off.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        clock: Clock = now,
        port: int = 0,
        first_name: str = "Jikimi",
        username: str = "jikimi_demo_bot",
        on_play: OnPlay | None = None,
        reads_groups: bool = False,
    ) -> None:
        me = User(int(token.split(":")[0]), first_name, username=username, is_bot=True)
        self.token = token
        self.world = World(me, clock, reads_groups=reads_groups)
        self.faults = Faults()
        self._api = BotApi(self.world, self.faults, token)
        self._page = Page(self.world, self._api, self.faults, on_play)
        self.embed = Embed(self.world)
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def api_url(self) -> str:
        """`http://127.0.0.1:<port>`, known once the server runs; the page is there too."""
        assert self._runner is not None, "The stand-in is not running."
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    @property
    def calls(self) -> list[Call]:
        """The bot's calls, oldest first."""
        return self._api.calls

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[loopback_only], client_max_size=MAX_UPLOAD_BYTES)
        app.add_routes([*self._api.routes(), *self._page.routes(), *self.embed.routes()])
        # No access log: the address of a call holds the token.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._page.stop()
        self._api.stop()
        if self._runner:
            await self._runner.cleanup()
