"""The worker loop over a real queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.errors import Permanent, StoreError, Transient
from bot.pipeline.worker import LEASE_S, Stage, Worker
from bot.store import Store, Tx, inbox, queue, tables
from bot.store.inbox import InboxRow, NewUpdate


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Scene:
    """A worker whose handler is the given function, and what came of its rows."""

    def __init__(
        self,
        store: Store,
        handle: Callable[[InboxRow], Awaitable[None]],
        *,
        attempts: int = 3,
        patience: int = 3,
        never_gives_up: bool = False,
        concurrency: int = 1,
    ) -> None:
        self.store = store
        self.clock = Clock()
        self.buried: list[str] = []
        self.cannot_tell = False
        self.worker = Worker(
            Stage(
                "test",
                tables.inbox,
                self._claim,
                handle,
                self._buried,
                concurrency,
                max_attempts=attempts,
                patience=patience,
                never_gives_up=lambda row: never_gives_up,
            ),
            store,
            self.clock,
        )

    async def _claim(self, tx: Tx, limit: int) -> Sequence[InboxRow]:
        return await inbox.claim(tx, now=self.clock.now, lease_s=LEASE_S, limit=limit)

    async def _buried(self, tx: Tx, row: InboxRow, trouble: str) -> None:
        if self.cannot_tell:
            raise OSError("the database is away")
        self.buried.append(trouble)

    async def add(self, *keys: str) -> None:
        async with self.store.write() as tx:
            await inbox.add(tx, [NewUpdate(key, "message", {"key": key}) for key in keys], now=self.clock.now)

    async def done(self, row: InboxRow) -> None:
        async with self.store.write() as tx:
            await queue.done(tx, tables.inbox, row.id, now=self.clock.now)

    async def counts(self) -> dict[str, int]:
        async with self.store.read() as tx:
            return await queue.counts(tx, tables.inbox)


async def test_rows_are_handled_in_order(store: Store) -> None:
    handled: list[str] = []

    async def handle(row: InboxRow) -> None:
        handled.append(row.raw["key"])
        await scene.done(row)

    scene = Scene(store, handle)
    await scene.add("a", "b", "c")
    assert await scene.worker.run_ready() == 3
    assert handled == ["a", "b", "c"]


async def test_a_transient_failure_is_tried_again_when_it_says(store: Store) -> None:
    tries: list[int] = []

    async def handle(row: InboxRow) -> None:
        tries.append(row.attempts)
        if len(tries) == 1:
            raise Transient("busy", retry_after_s=30)
        await scene.done(row)

    scene = Scene(store, handle)
    await scene.add("a")
    await scene.worker.run_ready()
    scene.clock.now += timedelta(seconds=29)
    assert await scene.worker.run_ready() == 0
    scene.clock.now += timedelta(seconds=1)
    assert await scene.worker.run_ready() == 1
    assert tries == [1, 2]
    assert (await scene.counts())["done"] == 1


async def test_a_row_that_fails_does_not_stop_the_next(store: Store) -> None:
    async def handle(row: InboxRow) -> None:
        if row.raw["key"] == "bad":
            raise ValueError("a bug")
        await scene.done(row)

    scene = Scene(store, handle)
    await scene.add("bad", "good")
    await scene.worker.run_ready()
    assert await scene.counts() == {"ready": 1, "done": 1, "buried": 0}


@pytest.mark.parametrize("error", [ValueError("a bug"), Transient("busy"), StoreError("busy")])
async def test_a_row_is_buried_and_told_of_after_its_last_attempt(store: Store, error: Exception) -> None:
    async def handle(row: InboxRow) -> None:
        raise error

    scene = Scene(store, handle, attempts=3)
    await scene.add("a")
    for _ in range(3):
        assert scene.buried == []
        await scene.worker.run_ready()
        scene.clock.now += timedelta(hours=1)
    assert len(scene.buried) == 1
    assert (await scene.counts())["buried"] == 1


@pytest.mark.parametrize("error", [Transient("busy"), StoreError("busy")])
async def test_trouble_of_others_is_waited_for_longer_than_a_bug_of_ours(
    store: Store, error: Exception
) -> None:
    async def handle(row: InboxRow) -> None:
        raise error

    scene = Scene(store, handle, attempts=3, patience=20)
    await scene.add("a")
    for _ in range(19):
        await scene.worker.run_ready()
        scene.clock.now += timedelta(hours=1)
    assert scene.buried == []
    await scene.worker.run_ready()
    assert scene.buried == ["busy"]


@pytest.mark.parametrize("error", [Transient("busy"), StoreError("busy")])
async def test_what_must_not_be_lost_waits_for_others_as_long_as_it_takes(
    store: Store, error: Exception
) -> None:
    async def handle(row: InboxRow) -> None:
        raise error

    scene = Scene(store, handle, never_gives_up=True)
    await scene.add("a")
    async with store.write() as tx:
        await tx.execute(update(tables.inbox).values(attempts=100_000))
    for _ in range(3):
        assert await scene.worker.run_ready() == 1
        scene.clock.now += timedelta(minutes=5)
    assert scene.buried == []


async def test_a_bug_of_ours_ends_what_must_not_be_lost_as_well_so_that_it_is_told(store: Store) -> None:
    async def handle(row: InboxRow) -> None:
        raise ValueError("a bug")

    scene = Scene(store, handle, attempts=1, never_gives_up=True)
    await scene.add("a")
    await scene.worker.run_ready()
    assert scene.buried == ["ValueError"]


async def test_a_row_whose_end_could_not_be_told_is_not_given_up_yet(store: Store) -> None:
    async def handle(row: InboxRow) -> None:
        raise Permanent("never")

    scene = Scene(store, handle)
    scene.cannot_tell = True
    await scene.add("a")
    with pytest.raises(OSError, match="away"):
        await scene.worker.run_ready()
    assert (await scene.counts())["buried"] == 0
    scene.cannot_tell = False
    scene.clock.now += timedelta(seconds=2 * LEASE_S)
    await scene.worker.run_ready()
    assert scene.buried == ["never"]


async def test_a_permanent_failure_is_buried_at_once(store: Store) -> None:
    async def handle(row: InboxRow) -> None:
        raise Permanent("never")

    scene = Scene(store, handle)
    await scene.add("a")
    await scene.worker.run_ready()
    assert scene.buried == ["never"]


async def test_the_reason_of_a_bug_is_its_type_and_not_its_words(store: Store) -> None:
    async def handle(row: InboxRow) -> None:
        raise ValueError("a caption that must not be stored")

    scene = Scene(store, handle, attempts=1)
    await scene.add("a")
    await scene.worker.run_ready()
    assert scene.buried == ["ValueError"]


async def test_a_running_worker_is_woken_for_new_rows_and_stops_when_cancelled(store: Store) -> None:
    handled = asyncio.Event()

    async def handle(row: InboxRow) -> None:
        await scene.done(row)
        handled.set()

    scene = Scene(store, handle)
    running = asyncio.create_task(scene.worker.run())
    await scene.add("a")
    scene.worker.wake()
    await asyncio.wait_for(handled.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_row_in_hand_when_the_worker_is_stopped_is_claimed_again_after_a_restart(
    store: Store,
) -> None:
    begun = asyncio.Event()

    async def handle(row: InboxRow) -> None:
        begun.set()
        await asyncio.Event().wait()

    scene = Scene(store, handle)
    await scene.add("a")
    running = asyncio.create_task(scene.worker.run())
    await asyncio.wait_for(begun.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    async with store.write() as tx:
        await queue.release(tx, tables.inbox)
    again = Scene(store, scene.done)
    assert await again.worker.run_ready() == 1
    assert (await scene.counts())["done"] == 1


async def test_what_is_in_hand_goes_on_while_the_database_lets_nobody_claim(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.pipeline.worker.STORE_PAUSE_S", 0)
    refused, handled = asyncio.Event(), asyncio.Event()
    claims = 0

    async def handle(row: InboxRow) -> None:
        await refused.wait()
        await scene.done(row)
        handled.set()

    class Busy(Scene):
        async def _claim(self, tx: Tx, limit: int) -> Sequence[InboxRow]:
            nonlocal claims
            claims += 1
            if claims in (2, 3):
                refused.set()
                raise StoreError("the disk is full")
            return await super()._claim(tx, limit)

    scene = Busy(store, handle, concurrency=2)
    await scene.add("a")
    running = asyncio.create_task(scene.worker.run())
    await asyncio.wait({running, asyncio.create_task(handled.wait())}, return_when=asyncio.FIRST_COMPLETED)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await scene.counts())["done"] == 1
