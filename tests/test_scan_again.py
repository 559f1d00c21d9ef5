"""A file that is looked at again because the first time was cut off: no alert is lost, and none is told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import pytest
from lookback_scene import Scene as Earlier
from lookback_scene import pdq, video
from sqlalchemy import select
from test_scan import VIDEO, Sandbox, Scene, frames, registered, still

from bot.pipeline.scan import EARLY_STILLS
from bot.pipeline.worker import Worker
from bot.store import Store, Tx, lookbacks, posts, queue, tables, work
from matcher import File, Head, MediaError, MediaErrorCode, MediaFingerprint, NoWorker, Shown, unpack_seen

FILM: list[Shown | MediaErrorCode] = [VIDEO, *frames(*range(1, EARLY_STILLS + 1))]


class CutOff(Sandbox):
    """The first file shows all it has, and does not end by itself."""

    def __init__(self, *files: Sequence[Shown | MediaErrorCode]) -> None:
        super().__init__(*files)
        self.first: Future[MediaFingerprint] = Future()

    def submit(
        self, untrusted_file: File, shown: Callable[[Shown], object], kinds: frozenset[str]
    ) -> Future[MediaFingerprint]:
        submitted = super().submit(untrusted_file, shown, kinds)
        return self.first if self.submitted == 1 else submitted


async def told(store: Store) -> tuple[list[int], int]:
    """Which cases have alerts, and how often alerts are to be shown."""
    async with store.read() as tx:
        alerts = await tx.all(select(tables.alerts.c.case_id).order_by(tables.alerts.c.case_id))
        shown = await tx.all(select(tables.outbox.c.id).where(tables.outbox.c.kind == "ShowAlert"))
    return [row.case_id for row in alerts], len(shown)


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize("meanwhile", [True, False])
async def test_who_registers_before_a_long_video_is_looked_at_again_is_told_as_well(
    store: Store, killed: bool, meanwhile: bool
) -> None:
    await registered(store, 1)
    sandbox = CutOff(FILM, FILM)
    scene = Scene(store, sandbox)
    looking = asyncio.create_task(scene.scan.handle(await scene.waiting()))
    while not scene.commits:
        await asyncio.sleep(0)
    assert await told(store) == ([1], 1)
    if meanwhile:
        await registered(store, 2)
    if killed:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        async with store.write() as tx:
            await queue.release(tx, tables.work)
            [again] = await work.claim(tx, now=scene.now(), lease_s=600, limit=5)
        await scene.scan.handle(again)
    else:
        sandbox.first.set_exception(MediaError(MediaErrorCode.WORKER_DIED))
        await looking
    assert sandbox.submitted == 2
    assert await told(store) == (([1, 2], 2) if meanwhile else ([1], 1))
    assert len(await scene.alerts()) == (2 if meanwhile else 1)


@pytest.mark.parametrize("meanwhile", [True, False])
async def test_who_registers_before_a_page_of_earlier_posts_is_compared_again_is_told_as_well(
    store: Store, monkeypatch: pytest.MonkeyPatch, meanwhile: bool
) -> None:
    class Died(BaseException):
        pass

    async def die(tx: Tx, *arguments: object, **values: object) -> None:
        raise Died

    scene = Earlier(store)
    await scene.seen(video(7, 8))
    await scene.register(pdq(7))
    async with store.write() as tx:
        await lookbacks.plan(tx, now=scene.now(), wait_s=0)
    with monkeypatch.context() as patch:
        patch.setattr("bot.store.lookbacks.advance", die)
        with pytest.raises(Died):
            await Worker(scene.stage.stage(), store, scene.now).run_ready()
    assert await told(store) == ([1], 1)
    if meanwhile:
        await scene.register(pdq(8))
    async with store.write() as tx:
        await queue.release(tx, tables.lookbacks)
    scene.stage = scene.new_stage()
    await scene.run()
    assert await told(store) == (([1, 2], 2) if meanwhile else ([1], 1))


@pytest.mark.parametrize("again", [0, 1])
async def test_what_a_file_showed_before_it_broke_off_is_told_and_kept(store: Store, again: int) -> None:
    await registered(store, 7)
    first: list[Shown | MediaErrorCode] = [VIDEO, *frames(7, 8), MediaErrorCode.TIMED_OUT]
    tries = [first, [MediaErrorCode.WORKER_DIED]] if again else [[*first[:-1], MediaErrorCode.CORRUPT]]
    scene = Scene(store, Sandbox(*tries))
    await scene.scan.handle(await scene.waiting())
    assert await told(store) == ([1], 1)
    assert await scene.media() == ("failed", "worker_died" if again else "corrupt")
    async with store.read() as tx:
        kept = await tx.scalar(select(tables.media.c.fingerprints))
        assert len(unpack_seen(tx.cipher.open(posts.FINGERPRINTS, kept)).stills) == 2


async def test_what_a_file_showed_before_it_broke_off_is_found_by_who_registers_later(store: Store) -> None:
    scene = Scene(store, Sandbox([VIDEO, *frames(7), MediaErrorCode.CORRUPT]))
    await scene.scan.handle(await scene.waiting())
    assert await told(store) == ([], 0)
    await registered(store, 7)
    await Earlier(store).run()
    assert await told(store) == ([1], 1)


class Exhausted(Sandbox):
    """No process can be started for the first files."""

    def __init__(self, files: int, *later: Sequence[Shown | MediaErrorCode]) -> None:
        super().__init__(*later)
        self.left = files

    def submit(
        self, untrusted_file: File, shown: Callable[[Shown], object], kinds: frozenset[str]
    ) -> Future[MediaFingerprint]:
        if not self.left:
            return super().submit(untrusted_file, shown, kinds)
        self.left -= 1
        future: Future[MediaFingerprint] = Future()
        future.set_exception(NoWorker())
        return future


async def test_a_post_is_looked_at_when_the_machine_has_processes_again(store: Store) -> None:
    await registered(store, 7)
    scene = Scene(store, Exhausted(20, [Head("JPEG"), still(7)]))
    await scene.posted()
    await scene.live(hours=20)
    assert (await scene.media(), scene.lost) == (("waiting", None), [])
    await scene.live(hours=1)
    assert await told(store) == ([1], 1)
