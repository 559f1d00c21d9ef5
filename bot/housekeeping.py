"""What time brings: authorisations and photos that end, and what is no longer needed: conversations, rows, fingerprints."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Effect
from bot.store import Store, Tx, conversations, outbox, posts, queue, registry, tables, tries, work

INTERVAL_S = 60
SCRUB_EVERY = timedelta(hours=1)
_SEEN_AT_ONCE = 500
_SEEN_STEPS = 20
"""So much of what was seen is forgotten a minute, in steps that keep nobody waiting."""
_GIVEN_UP_AT_ONCE = 500
"""So many files that were given up are forgotten a minute: each is a post to look after."""


@dataclass(frozen=True)
class Retention:
    """How long things that have done their work are kept."""

    queue_rows: timedelta
    """Ended rows only recognise repeats; Telegram repeats an update for 24 hours at most."""
    poison: timedelta
    """Updates that nobody could read, files that could not be had and messages that could not be sent: an admin may
    look at them.
    """
    conversations: timedelta
    seen: timedelta
    """Fingerprints of what was posted; zero where none are kept."""
    tries: timedelta = timedelta(days=1)


class Housekeeping:
    def __init__(
        self,
        store: Store,
        sweep: Callable[[Tx, datetime], Awaitable[list[Effect]]],
        retention: Retention,
        *,
        now: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        """`sweep` ends what is over, and says what is to be told of it."""
        self._store = store
        self._sweep = sweep
        self._retention = retention
        self._now = now
        self._committed = committed
        self._scrubbed: tuple[int, datetime] | None = None

    async def run(self) -> None:
        while True:
            await self.tick()
            await asyncio.sleep(INTERVAL_S)

    async def tick(self) -> None:
        now = self._now()
        keep = self._retention
        async with self._store.write() as tx:
            effects = await self._sweep(tx, now)
            await outbox.add(tx, effects, key=f"sweep:{now.isoformat()}", now=now)
            for table in (tables.inbox, tables.work, tables.outbox, tables.lookbacks):
                await queue.purge(tx, table, before=now - keep.queue_rows)
            await queue.purge_buried(tx, tables.inbox, before=now - keep.poison)
            await outbox.purge_buried(tx, before=now - keep.poison)
            await work.forget_buried(tx, before=now - keep.poison, limit=_GIVEN_UP_AT_ONCE)
            await conversations.purge(tx, before=now - keep.conversations)
            await tries.purge(tx, before=now - keep.tries)
        # Not within: whoever writes to the audit, as the sweep does, takes nothing of the registry afterwards.
        async with self._store.read() as tx:
            revision = await registry.revision(tx)
        await self._forget_seen(now - keep.seen)
        await self._scrub(revision, now)
        if effects:
            self._committed()

    async def _forget_seen(self, before: datetime) -> None:
        for _ in range(_SEEN_STEPS):
            async with self._store.write() as tx:
                if await posts.forget_fingerprints(tx, before=before, limit=_SEEN_AT_ONCE) < _SEEN_AT_ONCE:
                    break

    async def _scrub(self, revision: int, now: datetime) -> None:
        """What was deleted must not linger in the journal: at once after a withdrawal, else every hour."""
        if self._scrubbed is not None:
            scrubbed_revision, scrubbed_at = self._scrubbed
            if revision == scrubbed_revision and now - scrubbed_at < SCRUB_EVERY:
                return
        if await self._store.scrub():
            self._scrubbed = (revision, now)
