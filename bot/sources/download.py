"""Downloads of media: streamed into memory, capped, and checked to be whole. Nothing touches the disk."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Self

import aiohttp
import structlog

from bot.errors import ChatGone, FileGone, Permanent, TokenRefused, TooLargeToDownload, Transient
from bot.model import MediaRef
from bot.sources.botapi import BotApi

log = structlog.get_logger()

CHUNK_BYTES = 1 << 16
TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=15, sock_read=30)


class Downloader:
    """Fetches the bytes of a `MediaRef`. Use as an async context manager.

    `local_files`: the Bot API server runs on this machine with `--local` and answers with paths on its disk.
    """

    def __init__(
        self, api: BotApi, *, max_bytes: int, local_files: bool, deletes_local: bool = False
    ) -> None:
        """`deletes_local`: what was read from the server's disk, where it would lie for a day, is deleted there."""
        self._api = api
        self._max_bytes = max_bytes
        self._local_files = local_files
        self._deletes_local = deletes_local

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fetch(self, ref: MediaRef) -> bytes:
        """The whole file. Raises `TooLargeToDownload`, `FileGone`, or `Transient` (cut off, server busy)."""
        if ref.size_bytes is not None and ref.size_bytes > self._max_bytes:
            raise TooLargeToDownload
        try:
            file = await self._api.call("getFile", file_id=ref.file_id)
        except (TooLargeToDownload, ChatGone):
            raise
        except TokenRefused as error:
            # That is no word on the file: with the right token it can be had.
            raise Transient(str(error)) from None
        except Permanent as error:
            raise FileGone(str(error)) from None
        path = file.get("file_path")
        if not path:
            raise FileGone
        if self._local_files and path.startswith("/"):
            data = await asyncio.to_thread(self._read_local, Path(path))
        else:
            data = await self._stream(path)
        expected = file.get("file_size", ref.size_bytes)
        if expected is not None and len(data) != expected:
            raise Transient(f"the download was cut off: {len(data)} of {expected} bytes")
        return data

    def _read_local(self, path: Path) -> bytes:
        try:
            if path.stat().st_size > self._max_bytes:
                raise TooLargeToDownload
            return path.read_bytes()
        except OSError as error:
            raise FileGone(f"the Bot API server's file cannot be read: {error.strerror}") from None
        finally:
            if self._deletes_local:
                _delete(path)

    async def _stream(self, path: str) -> bytes:
        data = bytearray()
        try:
            async with self._session.get(f"{self._api.file_url}/{path}") as answer:
                _check(answer)
                async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                    data += chunk
                    if len(data) > self._max_bytes:
                        raise TooLargeToDownload
        except (aiohttp.ClientError, TimeoutError) as error:
            # The error's own text may hold the address, and with it the token.
            raise Transient(f"the download failed: {type(error).__name__}") from None
        return bytes(data)


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("a file stays in the folder of the Bot API server", trouble=error.strerror)


def _check(answer: aiohttp.ClientResponse) -> None:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        # Whoever is between here and Telegram may name a date instead of seconds.
        wait = answer.headers.get("Retry-After", "")
        raise Transient("Telegram asks to wait", retry_after_s=float(wait) if wait.isdecimal() else 5)
    # A page of whoever is between here and Telegram is no word on the file.
    if answer.status == HTTPStatus.NOT_FOUND and answer.content_type == "application/json":
        raise FileGone
    if answer.status != HTTPStatus.OK:
        raise Transient(f"the download failed: HTTP {answer.status}")
