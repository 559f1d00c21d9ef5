"""The public page of a post (`t.me/<name>/<id>?embed=1`), which tells whether it is still there without an account.

Of the page only two marks are read, `data-post` of a shown message and "Post not found"; no media are loaded, and nothing of it is kept.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Self

import aiohttp

from bot.errors import Transient
from bot.model import Place
from bot.store.casework import Recheck

MAX_BYTES = 1 << 20
_ENGLISH = {"Accept-Language": "en"}
TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10, sock_read=15)
_GONE = re.compile(rb"tgme_widget_message_error[^>]*>\s*Post not found", re.IGNORECASE)
"""The same box says that a channel is not shown for what it spreads, or has another name: its posts may be there."""


class PublicPage:
    """Looks at posts of chats that have a public name. Use as an async context manager."""

    def __init__(self, url: str) -> None:
        """`url` is where the pages are, such as `https://t.me`."""
        self._url = url

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def look(self, place: Place) -> Recheck:
        """`UNKNOWN` for what has no such page, or a page that says neither. Raises `Transient`."""
        if not place.username or place.comment_of is not None:
            return Recheck.UNKNOWN
        options = {"embed": "1", "mode": "tme"} | ({"single": "1"} if place.in_album else {})
        try:
            async with self._session.get(
                f"{self._url}/{place.username}/{place.message_id}",
                params=options,
                headers=_ENGLISH,
                allow_redirects=False,
            ) as answer:
                if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    wait = answer.headers.get("Retry-After", "")
                    raise Transient(
                        "the public page asks to wait", retry_after_s=float(wait) if wait.isdecimal() else 60
                    )
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise Transient(f"the public page failed: HTTP {answer.status}")
                untrusted_page = await _read(answer.content) if answer.status == HTTPStatus.OK else b""
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Transient(f"the public page cannot be had: {type(error).__name__}") from None
        return _told(untrusted_page, place)


async def _read(content: aiohttp.StreamReader) -> bytes:
    read = bytearray()
    async for part in content.iter_any():
        read += part
        if len(read) >= MAX_BYTES:
            break
    return bytes(read)


def _told(untrusted_page: bytes, place: Place) -> Recheck:
    post = f'data-post="{place.username}/{place.message_id}"'.encode()
    if re.search(re.escape(post), untrusted_page, re.IGNORECASE):
        return Recheck.UP
    return Recheck.GONE if _GONE.search(untrusted_page) else Recheck.UNKNOWN
