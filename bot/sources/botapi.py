"""The Bot API: one raw call with errors typed by what to do about them, and the long poll.

python-telegram-bot makes the request, reads the answer and keeps Telegram's rate limits. Its `Updater` is not
used: it confirms updates that only memory holds (docs/decisions/0001-own-long-poll.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

import structlog
from telegram import error as telegram_error
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.errors import (
    ChatGone,
    ChatHasMoved,
    Permanent,
    SecondPoller,
    TokenRefused,
    TooLargeToDownload,
    Transient,
)
from bot.sources.updates import KINDS

log = structlog.get_logger()

QUIET_AFTER = timedelta(days=6)
"""After a week without updates Telegram picks a new, random update id; an old offset would then discard posts."""


class _Client(ExtBot[int]):
    async def raw(self, method: str, params: dict[str, Any], read_timeout_s: float) -> Any:
        """Call a method and get its JSON, which ExtBot's public methods only give as parsed objects."""
        return await self._post(method, params, read_timeout=read_timeout_s)


class BotApi:
    """Calls to Telegram, or to a server that speaks its Bot API. Use as an async context manager."""

    def __init__(self, token: str, api_url: str) -> None:
        self._requests = (HTTPXRequest(connection_pool_size=16), HTTPXRequest(connection_pool_size=1))
        self._token = token
        self.file_url = f"{api_url}/file/bot{token}"
        self._client = _Client(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
            rate_limiter=AIORateLimiter(),
        )

    async def __aenter__(self) -> Self:
        for request in self._requests:
            await request.initialize()
        return self

    async def __aexit__(self, *_: object) -> None:
        for request in self._requests:
            await request.shutdown()

    async def call(self, method: str, *, read_timeout_s: float = 15, **params: Any) -> Any:
        """The `result` of a Bot API method. Raises `Transient` or `Permanent`, never with the token in it."""
        try:
            given = {name: value for name, value in params.items() if value is not None}
            return await self._client.raw(method, given, read_timeout_s)
        except telegram_error.TelegramError as error:
            raise self._translated(error) from None

    def _translated(self, error: telegram_error.TelegramError) -> Permanent | Transient:
        message = error.message.replace(self._token, "***")
        if isinstance(error.__cause__, telegram_error.TelegramError):
            # It could not be read, so whoever answered between here and Telegram knows nothing of tokens, chats and files.
            return Transient("what answered is not Telegram")
        match error:
            case telegram_error.RetryAfter():
                wait = error.retry_after
                wait_s = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
                return Transient("Telegram asks to wait", retry_after_s=wait_s)
            case telegram_error.ChatMigrated():
                return ChatHasMoved(error.new_chat_id)
            case telegram_error.InvalidToken():
                return TokenRefused()
            case telegram_error.Conflict():
                return SecondPoller()
            case telegram_error.Forbidden():
                return ChatGone(message)
            case telegram_error.BadRequest() if "chat not found" in message.lower():
                return ChatGone(message)
            case telegram_error.BadRequest() if "file is too big" in message.lower():
                return TooLargeToDownload()
            case telegram_error.BadRequest() if "temporarily unavailable" in message.lower():
                return Transient(message)
            case telegram_error.BadRequest():
                return Permanent(message)
            case telegram_error.TimedOut():
                return Transient("Telegram did not answer in time")
            case telegram_error.NetworkError():
                return Transient("Telegram cannot be reached")
            case _:
                return Transient(f"Telegram answered with an error: {type(error).__name__}")


class Position(Protocol):
    """How far updates are committed, and when that last moved."""

    @property
    def offset(self) -> int: ...
    @property
    def moved_at(self) -> datetime: ...


class Inbox(Protocol):
    """Where updates are committed."""

    async def position(self) -> Position | None: ...
    async def receive(self, untrusted_updates: Sequence[dict[str, Any]]) -> None: ...


class Poller:
    """Fetches updates and confirms them only after they are committed to the inbox."""

    def __init__(
        self,
        api: BotApi,
        inbox: Inbox,
        *,
        timeout_s: int,
        now: Callable[[], datetime],
        on_trouble: Callable[[Transient], Awaitable[None]],
    ) -> None:
        self._api = api
        self._inbox = inbox
        self._timeout_s = timeout_s
        self._now = now
        self._on_trouble = on_trouble

    async def run(self) -> None:
        """Poll until cancelled. Raises `Permanent` where trying again cannot help (the token is refused)."""
        failures = 0
        while True:
            try:
                await self.poll_once()
                failures = 0
            except Transient as trouble:
                failures += 1
                log.warning("poll failed", trouble=str(trouble), failures=failures)
                await self._on_trouble(trouble)
                await asyncio.sleep(trouble.retry_after_s or min(2**failures, 60) / 2)

    async def poll_once(self) -> int:
        """Fetch one batch, commit it, and return its size. The next call's offset confirms it to Telegram."""
        position = await self._inbox.position()
        quiet = position is None or self._now() - position.moved_at > QUIET_AFTER
        updates = await self._api.call(
            "getUpdates",
            offset=None if quiet or position is None else position.offset,
            timeout=self._timeout_s,
            allowed_updates=list(KINDS),
            read_timeout_s=self._timeout_s + 10,
        )
        if updates:
            await self._inbox.receive(updates)
        return len(updates)
