"""What time brings: authorisations that end, conversations and queue rows that are no longer needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Effect
from bot.store import Store, Tx, conversations, outbox, queue, registry, tables, tries

INTERVAL_S = 60


@dataclass(frozen=True)
class Retention:
    """How long things that have done their work are kept."""

    queue_rows: timedelta
    """Ended rows only recognise repeats; Telegram repeats an update for 24 hours at most."""
    conversations: timedelta
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
        """`sweep` ends and announces authorisations, see `bot.channels`."""
        self._store = store
        self._sweep = sweep
        self._retention = retention
        self._now = now
        self._committed = committed
        self._scrubbed_revision = -1

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
            for table in (tables.inbox, tables.work, tables.outbox):
                await queue.purge(tx, table, before=now - keep.queue_rows)
            await conversations.purge(tx, before=now - keep.conversations)
            await tries.purge(tx, before=now - keep.tries)
            revision = await registry.revision(tx)
        if revision != self._scrubbed_revision:
            # Something may have been withdrawn: what was deleted must not linger in the journal.
            await self._store.scrub()
            self._scrubbed_revision = revision
        if effects:
            self._committed()
