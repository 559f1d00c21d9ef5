"""The one loop that turns queue rows into work: claim with a lease, run, retry with growing delay, bury.

A stage gives the loop a `claim` and a `handle`; `handle` ends its row in the transaction that holds the result,
so a crash at any moment leaves the row to be claimed again. What its broad `except` catches is logged, retried,
and at last buried where an admin sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import structlog

from bot.errors import Permanent, StoreError, Transient
from bot.store import Store, Tx, queue
from bot.store.columns import Queue

log = structlog.get_logger()

LEASE_S = 600
LONGEST_PAUSE_S = 300
A_DAY_OF_ATTEMPTS = 400
"""With at most five minutes between them this outlasts a day without network."""
STORE_PAUSE_S = 5.0
"""How long a loop sleeps where the database does not let it claim."""
IDLE_S = 1.0
"""How long a loop sleeps at most when nobody wakes it: rows may also come from another process."""


class Job(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def attempts(self) -> int: ...


J = TypeVar("J", bound=Job)


@dataclass(frozen=True)
class Stage(Generic[J]):
    """What a worker needs to know of the queue it serves."""

    name: str
    table: Queue
    claim: Callable[[Tx, int], Awaitable[Sequence[J]]]
    """At most so many rows, leased for `LEASE_S`."""
    handle: Callable[[J], Awaitable[None]]
    """Do the row's work and end it. `Transient` tries again later, `Permanent` buries at once."""
    buried: Callable[[Tx, J, str], Awaitable[None]]
    """Tell whoever must know that a row was given up, in the transaction that gives it up."""
    concurrency: int = 1
    max_attempts: int = 8
    patience: int = 8
    """How many attempts there are while others (the network, Telegram, the database) are in trouble: those that end in
    `Transient` or `StoreError`.
    """
    never_gives_up: Callable[[J], bool] = lambda job: False
    """Whether a row is tried again for as long as others are in trouble."""


class Worker(Generic[J]):
    """Runs one stage until cancelled."""

    def __init__(self, stage: Stage[J], store: Store, now: Callable[[], datetime]) -> None:
        self._stage = stage
        self._store = store
        self._now = now
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be new rows: do not wait for the next look."""
        self._woken.set()

    async def run(self) -> None:
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._woken.clear()
                try:
                    jobs = await self._claim(self._stage.concurrency - len(running))
                except StoreError as error:
                    # What is in hand goes on: a message that is on its way must not be sent again.
                    log.error("database trouble, trying again", stage=self._stage.name, trouble=str(error))
                    await asyncio.sleep(STORE_PAUSE_S)
                    continue
                running |= {asyncio.create_task(self._work(job)) for job in jobs}
                if not jobs:
                    await self._wait(running)
                running = {task for task in running if not task.done()}
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def run_ready(self) -> int:
        """Do everything that is ready now, one row after the other, and return how many rows that was."""
        done = 0
        while jobs := await self._claim(1):
            for job in jobs:
                await self._work(job)
                done += 1
        return done

    async def _claim(self, limit: int) -> Sequence[J]:
        if limit < 1:
            return ()
        async with self._store.write() as tx:
            return await self._stage.claim(tx, limit)

    async def _wait(self, running: set[asyncio.Task[None]]) -> None:
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait({woken, *running}, timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _work(self, job: J) -> None:
        stage = self._stage
        try:
            await stage.handle(job)
        except Permanent as error:
            await self._bury(job, str(error))
        except (Transient, StoreError) as error:
            log.warning("will try again", stage=stage.name, row=job.id, trouble=str(error))
            patience = None if stage.never_gives_up(job) else stage.patience
            wait_s = error.retry_after_s if isinstance(error, Transient) else None
            await self._retry(job, str(error), patience, wait_s)
        except Exception as error:
            log.exception("failed", stage=stage.name, row=job.id, attempts=job.attempts)
            await self._retry(job, type(error).__name__, stage.max_attempts)

    async def _retry(
        self, job: J, trouble: str, max_attempts: int | None, retry_after_s: float | None = None
    ) -> None:
        if max_attempts is not None and job.attempts >= max_attempts:
            await self._bury(job, trouble)
            return
        growing_s = min(2 ** min(job.attempts, 9), LONGEST_PAUSE_S)
        wait_s = growing_s if retry_after_s is None else retry_after_s
        async with self._store.write() as tx:
            await queue.retry(
                tx,
                self._stage.table,
                job.id,
                run_at=self._now() + timedelta(seconds=wait_s),
                trouble=trouble[:200],
            )

    async def _bury(self, job: J, trouble: str) -> None:
        log.error("buried", stage=self._stage.name, row=job.id, trouble=trouble)
        async with self._store.write() as tx:
            await queue.bury(tx, self._stage.table, job.id, now=self._now(), trouble=trouble[:200])
            await self._stage.buried(tx, job, trouble)
