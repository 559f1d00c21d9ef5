"""From a media row to a verdict: download, fingerprint in the sandbox, search, and commit what was found.

Media are in memory only, and only here. A picture that cannot be fingerprinted is marked with the reason; it
stops nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.accounts.following import FileName
from bot.errors import FileGone, Permanent, TooLargeToDownload, Transient
from bot.model import MediaRef, MediaState
from bot.pipeline import recording
from bot.pipeline.recording import Rules
from bot.pipeline.worker import A_DAY_OF_ATTEMPTS, LEASE_S, Stage
from bot.registered.registry import Registry, Search
from bot.shown import DERIVED
from bot.store import Store, Tx, accounts, posts, queue, tables, work
from bot.store.posts import MediaRow
from bot.store.work import WorkRow
from matcher import (
    Band,
    File,
    Head,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    NoWorker,
    Shown,
    Still,
    pack_seen,
)

log = structlog.get_logger()

AGAIN = frozenset({MediaErrorCode.WORKER_DIED, MediaErrorCode.TIMED_OUT, MediaErrorCode.OUT_OF_MEMORY})
"""These may be the machine's fault and not the picture's, so they get a second try."""

TRIES = 2

EARLY_STILLS = 40
"""After so many stills of one file, what they show is told without waiting for its end."""

_TOLD_EARLY = (Band.MATCH, DERIVED)


class Fetcher(Protocol):
    async def fetch(self, ref: MediaRef) -> File:
        """The file, or a part of it: of an MP4 as `Pieces`, of another large video its beginning."""


class Inspector(Protocol):
    """The matcher's sandbox."""

    def submit(
        self, untrusted_file: File, shown: Callable[[Shown], None], kinds: frozenset[str]
    ) -> Future[MediaFingerprint]: ...


class Scan:
    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        sandbox: Inspector,
        registry: Registry,
        *,
        rules: Rules,
        keeps_seen: bool = True,
        now: Callable[[], datetime],
        committed: Callable[[], None],
        lost: Callable[[Tx, str], Awaitable[None]],
    ) -> None:
        """`keeps_seen`: fingerprints are kept for look-back. `lost` is told why whenever a file could not be had after
        all tries.
        """
        self._store = store
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._registry = registry
        self._rules = rules
        self._keeps_seen = keeps_seen
        self._now = now
        self._committed = committed
        self._lost = lost

    def stage(self, concurrency: int) -> Stage[WorkRow]:
        return Stage(
            "scan",
            tables.work,
            self._claim,
            self.handle,
            self._buried,
            concurrency,
            patience=A_DAY_OF_ATTEMPTS,
        )

    async def _claim(self, tx: Tx, limit: int) -> Sequence[WorkRow]:
        return await work.claim(tx, now=self._now(), lease_s=LEASE_S, limit=limit)

    async def handle(self, row: WorkRow) -> None:
        """Raises `Transient` where the download, or the sandbox, may work later."""
        async with self._store.read() as tx:
            media = await posts.media(tx, row.media_id)
        if media is None or media.state is not MediaState.WAITING or media.ref is None:
            async with self._store.write() as tx:
                await queue.done(tx, tables.work, row.id, now=self._now())
            return
        try:
            fingerprint = await self._fingerprint(media, media.ref)
        except TooLargeToDownload:
            await self._give_up(row, media, "too_large_to_download")
        except FileGone:
            await self._give_up(row, media, "file_gone")
        except Permanent:
            await self._give_up(row, media, "not_downloadable")
        except _BrokeOff as end:
            reason = end.code.name.lower()
            if end.stills:
                await self._record(row, media, MediaFingerprint(end.format, end.stills), reason)
            else:
                await self._give_up(row, media, reason)
        else:
            await self._record(row, media, fingerprint)

    async def _fingerprint(self, media: MediaRow, ref: MediaRef) -> MediaFingerprint:
        """Raises `_BrokeOff`, and whatever fetching raises."""
        untrusted_file = await self._fetch(media, ref)
        # Of pieces the matcher tells itself whether any are missing.
        is_part = isinstance(untrusted_file, bytes) and len(untrusted_file) < (ref.size_bytes or 0)
        before: _BrokeOff | None = None
        for attempt in range(1, TRIES + 1):
            try:
                found = await self._inspect(media, untrusted_file)
                return replace(found, left_out=max(found.left_out, 1)) if is_part else found
            except _BrokeOff as end:
                if before is not None and len(before.stills) > len(end.stills):
                    end.format, end.stills = before.format, before.stills
                if end.code not in AGAIN or attempt == TRIES:
                    raise
                before = end
                log.warning("sandbox worker lost, trying once more", reason=end.code.name)
        raise AssertionError("unreachable")

    async def _fetch(self, media: MediaRow, ref: MediaRef) -> File:
        try:
            return await self._fetcher.fetch(ref)
        except TooLargeToDownload:
            # What is too large for the bot is not for an account that is in the channel.
            if FileName.read(ref.file_id or "") is not None:
                raise
            async with self._store.read() as tx:
                stored = await posts.post(tx, media.post_id)
                if stored is None or not await accounts.is_followed(tx, stored.channel_id):
                    raise
            place = stored.post.place
            name = FileName(place.chat_id, place.message_id, ref.file_unique_id)
            return await self._fetcher.fetch(replace(ref, file_id=str(name)))

    async def _inspect(self, media: MediaRow, untrusted_file: File) -> MediaFingerprint:
        """Fingerprint in the sandbox. What a long video shows is looked up, and told, before its end.

        Raises `_BrokeOff`, or `Transient` where the machine has no process for it.
        """
        loop = asyncio.get_running_loop()
        kinds = await self._registry.kinds()
        parts: asyncio.Queue[MediaFingerprint | None] = asyncio.Queue()
        batches = _Batches(lambda part: loop.call_soon_threadsafe(parts.put_nowait, part))
        work = asyncio.wrap_future(self._sandbox.submit(untrusted_file, batches, kinds))
        work.add_done_callback(lambda _: parts.put_nowait(None))
        try:
            while (part := await parts.get()) is not None:
                await self._tell_early(media, part)
        finally:
            work.cancel()
        try:
            return await work
        except NoWorker:
            raise Transient("no process can be started to look at files") from None
        except MediaError as error:
            raise _BrokeOff(error.code, batches.format, tuple(batches.stills)) from None

    async def _tell_early(self, media: MediaRow, part: MediaFingerprint) -> None:
        search = await self._registry.search(part)
        if not any(found.band in _TOLD_EARLY for found in search.matches):
            return
        async with self._store.write() as tx:
            # If somebody registered or withdrew meanwhile, the verdict at the end is soon enough.
            if await self._registry.is_current(tx, search):
                await self._commit_found(tx, media, search)
        self._committed()

    async def _record(
        self, row: WorkRow, media: MediaRow, fingerprint: MediaFingerprint, broke_off: str | None = None
    ) -> None:
        """Commit the verdict against the registry as it is at the commit, not as it was at the search.

        `broke_off` is why the fingerprint is only of what the file showed until then.
        """
        while True:
            search = await self._registry.search(fingerprint)
            async with self._store.write() as tx:
                if await self._registry.is_current(tx, search):
                    await self._commit(tx, row, media, fingerprint, search, broke_off)
                    break
        self._committed()

    async def _commit(
        self,
        tx: Tx,
        row: WorkRow,
        media: MediaRow,
        fingerprint: MediaFingerprint,
        search: Search,
        broke_off: str | None,
    ) -> None:
        now = self._now()
        kept = pack_seen(fingerprint) if self._keeps_seen else None
        if broke_off is None:
            left_out = bool(fingerprint.left_out)
            await posts.scanned(tx, media.id, fingerprints=kept, left_out=left_out, now=now)
        else:
            log.info("not fingerprinted to its end", media=media.id, reason=broke_off)
            await posts.failed(tx, media.id, broke_off, now, fingerprints=kept)
        await self._commit_found(tx, media, search)
        await posts.forget(tx, media.post_id)
        await queue.done(tx, tables.work, row.id, now=now)

    async def _commit_found(self, tx: Tx, media: MediaRow, search: Search) -> None:
        now = self._now()
        await recording.record(
            tx,
            search.matches,
            post_id=media.post_id,
            media_id=media.id,
            priority=recording.LIVE,
            rules=self._rules,
            now=now,
        )

    async def _give_up(self, row: WorkRow, media: MediaRow, reason: str) -> None:
        log.info("not fingerprinted", media=media.id, reason=reason)
        now = self._now()
        async with self._store.write() as tx:
            await posts.failed(tx, media.id, reason, now=now)
            await posts.forget(tx, media.post_id)
            await queue.done(tx, tables.work, row.id, now=now)

    async def _buried(self, tx: Tx, row: WorkRow, trouble: str) -> None:
        # The post is not forgotten: an admin may have it tried again.
        await posts.failed(tx, row.media_id, "download_failed", now=self._now())
        await self._lost(tx, trouble)


class _BrokeOff(Exception):
    """A file could not be looked at, or not to its end; `stills` is what it showed until then."""

    def __init__(self, code: MediaErrorCode, format_name: str, stills: tuple[Still, ...]) -> None:
        super().__init__(code.name)
        self.code = code
        self.format = format_name
        self.stills = stills


class _Batches:
    """Takes what a file shows, from any thread, and passes every `EARLY_STILLS` of its stills on together."""

    def __init__(self, passed_on: Callable[[MediaFingerprint], object]) -> None:
        self._passed_on = passed_on
        self.format = ""
        self.stills: list[Still] = []

    def __call__(self, shown: Shown) -> None:
        if isinstance(shown, Head):
            self.format = shown.format
        elif isinstance(shown, Still):
            self.stills.append(shown)
            if len(self.stills) % EARLY_STILLS == 0:
                self._passed_on(MediaFingerprint(self.format, tuple(self.stills[-EARLY_STILLS:])))
