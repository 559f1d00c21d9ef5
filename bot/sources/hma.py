"""A bank of Meta's Hasher-Matcher-Actioner, to which PDQ hashes are added over its own interface.

It takes one hash a request (`POST /c/bank/<BANK>/signal`) and does not tell a hash that it has already.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from bot.config.values import is_near
from bot.errors import ConfigError, Permanent, Transient

TIMEOUT_S = 30
MAX_NOTE = 255
_BANK = re.compile(r"[A-Z0-9_]+")


class Bank:
    """Use it as a context manager."""

    def __init__(self, url: str, bank: str) -> None:
        """Raises `ConfigError` for a name that no bank can have, or an address that hashes must not be sent to."""
        if not _BANK.fullmatch(bank):
            raise ConfigError("--bank: a bank's name has capital letters, digits and _ only")
        try:
            parts = urlsplit(url)
        except ValueError:
            raise ConfigError("--hma: must look like https://hma.example.org") from None
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or "@" in url:
            raise ConfigError("--hma: must look like https://hma.example.org")
        if parts.scheme == "http" and not is_near(parts.hostname):
            raise ConfigError("--hma: plain http would send hashes in clear over the internet: use https")
        self._address = f"{url.rstrip('/')}/c/bank/{bank}/signal"
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # A hash is never sent on to where a redirect says.
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def add(self, pdq: bytes, note: str) -> None:
        """Add one PDQ hash (32 bytes). Raises `Transient` where it may work later, else `Permanent`."""
        assert self._http is not None
        body = {"pdq": pdq.hex(), "note": note[:MAX_NOTE]}
        try:
            async with self._http.post(self._address, json=body, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            raise Transient("the bank cannot be reached; what it took is remembered, so try again") from None
        if status >= 500 or status == 429:
            raise Transient(f"the bank is in trouble ({status}); what it took is remembered, so try again")
        if status not in (200, 201):
            raise Permanent(f"the bank refuses ({status}): check the address and the bank's name")
