"""The text files with a photo's features that victims send: the only files of theirs that are ever downloaded.

Only where one was asked for, and only if Telegram says that it is a small text file; see `bot.chat.victim_photo`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.errors import Permanent, Transient
from bot.model import Effect, MediaRef, ReadPhotoFile
from bot.store import Store, Tx, outbox, queue, tables
from bot.store.outbox import OutboxRow
from matcher import HashTextError, HashTextReason, PhotoFeatures, accepted_photo

PATIENCE = 6
"""After so many attempts, some two minutes, the person is asked to send it again."""

PhotoFile = PhotoFeatures | HashTextError | None
"""What is in the file, or what is wrong with it; None where Telegram did not give it."""


class Fetcher(Protocol):
    """Gives no more than `bot.victims.photos.MAX_FILE_BYTES`."""

    async def fetch(self, ref: MediaRef) -> bytes: ...


class Conversation(Protocol):
    async def photo_read(self, tx: Tx, asked: ReadPhotoFile, file: PhotoFile) -> list[Effect]:
        """Go on with what the file holds."""


class PhotoFiles:
    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        conversation: Conversation,
        *,
        now: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._conversation = conversation
        self._now = now
        self._committed = committed

    async def read(self, row: OutboxRow, asked: ReadPhotoFile) -> None:
        """End the row with what follows from the file. Raises `Transient` where it must be tried again."""
        file = await self._file(row, asked)
        now = self._now()
        async with self._store.write() as tx:
            effects = await self._conversation.photo_read(tx, asked, file)
            await outbox.add(tx, effects, key=f"photo file:{row.id}", now=now)
            await queue.done(tx, tables.outbox, row.id, now=now)
        self._committed()

    async def _file(self, row: OutboxRow, asked: ReadPhotoFile) -> PhotoFile:
        try:
            untrusted_data = await self._fetcher.fetch(asked.file)
        except Transient:
            if row.attempts < PATIENCE:
                raise
            return None
        except Permanent:
            return None
        try:
            # A text editor may have put a byte order mark before it.
            untrusted_text = untrusted_data.decode("utf-8-sig")
            return await asyncio.to_thread(accepted_photo, untrusted_text)
        except UnicodeDecodeError:
            return HashTextError(HashTextReason.UNKNOWN_FORMAT)
        except HashTextError as error:
            return error
