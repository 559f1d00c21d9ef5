"""Look-back over the real store and index: what was posted before it was registered is found, once, and told so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lookback_scene import Scene, pdq, picture, video
from photos import HALF, features
from sqlalchemy import func, select, update
from store_makers import NOW, add_channel, add_post, after, flipped, hash_of, waits_for_a_lock

from bot.chat.alert_view import render_alert
from bot.chat.lookback_view import render_lookback
from bot.housekeeping import Housekeeping, Retention
from bot.model import Effect, Language, LookbackId, MediaId, ShowLookback
from bot.pipeline.worker import Worker
from bot.registered import lookback
from bot.shown import DERIVED
from bot.store import Store, Tx, cases, findings, lists, lookbacks, queue, tables, work
from bot.store.cases import NewFingerprint
from bot.store.lookbacks import Lookback
from matcher import Fingerprint, MediaFingerprint, Orientation, Still, StillKind, View, pack_seen

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


async def test_what_was_posted_before_it_was_registered_is_found_and_told_so(scene: Scene) -> None:
    media = await scene.seen(picture(hash_of(1)), picture(flipped(7, 12)), picture(hash_of(2)))
    await scene.register(pdq(7))
    await scene.run()
    assert await scene.found() == [(media[1], 12)]
    [alert] = await scene.alerts()
    told, _ = render_alert(alert, Language.EN, ZoneInfo("UTC"))
    assert "t.me/somechannel/2" in told
    assert "Posted before registration (registered: 2026-11-23 09:01" in told
    [ended] = await scene.passes()
    assert (ended.files, ended.found, ended.unreadable, ended.percent) == (3, 1, 0, 100)


async def test_what_is_posted_after_it_was_registered_is_not_told_so(scene: Scene) -> None:
    await scene.register(pdq(7))
    scene.clock = NOW - timedelta(days=1)
    [media_id] = await scene.seen(picture(hash_of(7)))
    await scene.register(pdq(7))
    scene.clock = after(100)
    await scene.run()
    assert {one for one, _ in await scene.found()} == {media_id}
    told = [render_alert(alert, Language.EN, ZoneInfo("UTC"))[0] for alert in await scene.alerts()]
    assert sorted("Posted before registration" in one for one in told) == [False, True]


@pytest.mark.parametrize("searched", [True, False])
async def test_an_ordinary_photo_is_found_in_earlier_posts_by_its_hashes_where_photos_are_searched_for(
    store: Store, searched: bool
) -> None:
    scene = Scene(store, searches_photos=searched)
    sketch = features(hashes=(Fingerprint("pdq", HALF, 90),))
    media = await scene.seen(picture(hash_of(1)), picture(HALF))
    await scene.register(NewFingerprint("photo", "photo", sketch.to_bytes(), 0))
    await scene.run()
    assert await scene.found() == ([(media[1], 0)] if searched else [])
    for alert in await scene.alerts():
        assert alert.band == DERIVED
        told, _ = render_alert(alert, Language.EN, ZoneInfo("UTC"))
        assert "A picture nearly the same as the registered photo" in told


async def test_a_frame_of_an_earlier_video_is_found_with_its_moment(scene: Scene) -> None:
    await scene.seen(video(1, 2, 7, 3))
    await scene.register(pdq(7))
    await scene.run()
    [alert] = await scene.alerts()
    [finding] = alert.findings
    assert (finding.showing.still, finding.showing.at, finding.showing.of_samples) == ("frame", 2000, 4)


async def test_one_pass_is_for_everything_registered_since_the_last(scene: Scene) -> None:
    media = await scene.seen(picture(hash_of(1)), picture(hash_of(2)), picture(hash_of(3)))
    for number in (1, 2):
        await scene.register(pdq(number))
    await scene.run()
    await scene.register(pdq(3))
    await scene.run()
    passes = await scene.passes()
    assert [(one.since, one.up_to) for one in passes] == [(0, 2), (2, 3)]
    assert [media_id for media_id, _ in await scene.found()] == media


async def test_nothing_new_and_nothing_kept_make_no_pass(scene: Scene) -> None:
    await scene.run()
    await scene.register(pdq(1))
    await scene.run()
    await scene.seen(picture(hash_of(1)))
    await scene.run()
    assert await scene.passes() == []


async def test_hashes_of_other_kinds_are_found_in_what_was_hashed_by_them(scene: Scene) -> None:
    phash = bytes.fromhex("d2b48f61c39a5e70")
    views = (
        View("whole", Orientation.UPRIGHT, hash_of(1), 90),
        View("whole", Orientation.UPRIGHT, phash, 90, "phash"),
    )
    both = pack_seen(MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, views),)))
    media = await scene.seen(picture(phash.ljust(32, b"\0")), both)
    await scene.register(NewFingerprint("phash", "whole", phash, 8))
    await scene.run()
    assert await scene.found() == [(media[1], 0)]


async def test_what_was_found_before_is_not_found_again(scene: Scene) -> None:
    [media_id] = await scene.seen(picture(hash_of(7)))
    await scene.register(pdq(7))
    await scene.run()
    before = await scene.alerts()
    await scene.register(pdq(8))
    async with scene.store.write() as tx:
        counter = tables.counters.c.name == "looked_back"
        await tx.execute(update(tables.counters).where(counter).values(value=0))
    await scene.run()
    assert [(one.since, one.up_to) for one in await scene.passes()] == [(0, 1), (0, 2)]
    assert await scene.found() == [(media_id, 0)]
    async with scene.store.read() as tx:
        again = await findings.alert(tx, before[0].alert_id)
    assert again == before[0]


async def test_a_case_that_was_withdrawn_meanwhile_is_not_looked_for(scene: Scene) -> None:
    await scene.seen(picture(hash_of(7)))
    case_id = await scene.register(pdq(7))
    async with scene.store.write() as tx:
        await lookbacks.plan(tx, now=scene.now(), wait_s=0)
        await cases.withdraw(tx, case_id, scene.now())
    await scene.run()
    assert await scene.found() == []
    [ended] = await scene.passes()
    assert ended.ended_at is not None


async def test_what_is_withdrawn_in_the_same_moment_is_not_recorded(scene: Scene) -> None:
    await scene.seen(picture(hash_of(7)))
    async with scene.store.write() as tx:
        of = await lists.ensure(tx, "Partner", uid="uid", now=NOW)
        await cases.add_fingerprints(tx, of.id, [pdq(7)], NOW)
    async with scene.store.write() as tx:
        await lookbacks.plan(tx, now=scene.now(), wait_s=0)
        [claimed] = await lookbacks.claim(tx, now=scene.now(), lease_s=600, limit=1)
    async with scene.store.write() as tx:
        await lists.drop(tx, of.id, [("pdq", hash_of(7))], NOW)
        passing = asyncio.create_task(scene.stage.handle(claimed))
        await waits_for_a_lock(scene.store, passing)
    await passing
    assert await scene.found() == []


async def test_a_pass_goes_on_where_it_was_after_a_crash(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.lookbacks._PAGE", 2)
    media = await scene.seen(*(picture(hash_of(7)) for _ in range(7)))
    await scene.register(pdq(7))
    died_at: list[int] = []

    class Died(BaseException):
        pass

    async def die(tx: Tx, *arguments: object, **values: object) -> None:
        died_at.append(1)
        raise Died

    async with scene.store.write() as tx:
        await lookbacks.plan(tx, now=scene.now(), wait_s=0)
    real = lookbacks.advance
    for page in range(4):
        with monkeypatch.context() as patch:
            patch.setattr("bot.store.lookbacks.advance", _after(page and 1, real, die))
            with pytest.raises(Died):
                await Worker(scene.stage.stage(), scene.store, scene.now).run_ready()
        async with scene.store.write() as tx:
            await queue.release(tx, tables.lookbacks)
        scene.stage = scene.new_stage()
    await scene.run()
    assert await scene.found() == [(one, 0) for one in media]
    async with scene.store.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(tables.findings)) == 7
    [ended] = await scene.passes()
    assert ended.files == 7


def _after(number: int, real: Call, then: Call) -> Call:
    """`real` so many times, then `then`."""
    calls = iter([real] * number)

    async def call(*arguments: object, **values: object) -> None:
        await next(calls, then)(*arguments, **values)

    return call


async def test_live_posts_go_first_and_the_pass_ends_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.lookbacks._PAGE", 2)
    await scene.seen(*(picture(hash_of(number)) for number in range(6)))
    async with scene.store.write() as tx:
        channel = await add_channel(tx)
        _, [waiting] = await add_post(tx, channel, 99, "waits")
        await work.add(tx, waiting, now=NOW)
    await scene.register(pdq(5))
    scene.clock += timedelta(seconds=lookback.WAIT_S)
    worker = Worker(scene.stage.stage(), scene.store, scene.now)
    assert await worker.run_ready() == 0, "hashes that come one after the other are waited for"
    scene.clock += timedelta(seconds=lookback.WAIT_S)
    assert await worker.run_ready() == 1
    [resting] = await scene.passes()
    assert (resting.files, resting.ended_at) == (2, None)
    assert await scene.run() == 3
    assert len(await scene.found()) == 1


async def test_pages_are_as_many_files_as_take_few_bytes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = picture(hash_of(1))
    media = await scene.seen(one, one, one, b"x" * 10_000, one)
    monkeypatch.setattr("bot.store.lookbacks._PAGE_BYTES", 2 * (len(one) + 29))
    await scene.register(pdq(1))
    async with scene.store.write() as tx:
        await lookbacks.plan(tx, now=scene.now(), wait_s=0)
        [run] = await lookbacks.claim(tx, now=scene.now(), lease_s=60, limit=1)
        taken = []
        while (page := await lookbacks.page(tx, run)).media_id is not None:
            taken.append([seen.media_id for seen in page.seen])
            run = replace(run, media_id=page.media_id)
    assert taken == [media[:2], media[2:3], media[3:4], media[4:]]


async def test_what_cannot_be_read_is_counted_and_stops_nothing(scene: Scene) -> None:
    media = await scene.seen(picture(hash_of(7)), b"[]", picture(hash_of(7)), picture(hash_of(7))[:-1])
    async with scene.store.write() as tx:
        damaged = update(tables.media).where(tables.media.c.id == media[0])
        await tx.execute(damaged.values(fingerprints=b"damaged"))
    await scene.register(pdq(7))
    await scene.run()
    assert await scene.found() == [(media[2], 0)]
    [ended] = await scene.passes()
    assert (ended.files, ended.unreadable) == (1, 3)
    assert "Fingerprints that could not be read: 3" in render_lookback(ended, Language.EN)


async def test_a_long_pass_is_shown_in_one_message_and_a_short_one_in_none(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.lookbacks._PAGE", 1)

    async def shown() -> int:
        async with scene.store.read() as tx:
            kind = tables.outbox.c.kind == ShowLookback.__name__
            count: int = await tx.scalar(select(func.count()).select_from(tables.outbox).where(kind))
        return count

    await scene.seen(*(picture(hash_of(number)) for number in range(4)))
    await scene.register(pdq(99))
    await scene.run()
    assert await shown() == 0
    ticking = iter(range(1000))

    def later() -> datetime:
        return scene.clock + timedelta(seconds=4 * next(ticking))

    monkeypatch.setattr(scene.stage, "_now", later)
    await scene.register(pdq(98))
    await Worker(scene.stage.stage(), scene.store, later).run_ready()
    scene.clock += timedelta(hours=1)
    await Worker(scene.stage.stage(), scene.store, later).run_ready()
    assert await shown() >= 2, "on the way, and at the end"


async def test_how_far_a_pass_is_reads_well_in_both_languages() -> None:
    run = Lookback(LookbackId(1), 1, 0, 5, MediaId(430), MediaId(1000), 400, 3, 0, NOW, None, NOW)
    assert render_lookback(run, Language.KO).splitlines() == [
        "🔎 새로 등록된 해시를 예전 게시물과 비교하고 있습니다: 43%",
        "비교한 파일: 400개 · 발견: 3건",
    ]
    ended = render_lookback(replace(run, ended_at=NOW), Language.EN)
    assert "Earlier posts were compared." in ended


async def test_a_pass_that_fails_again_and_again_is_told_of_and_goes_on_when_asked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    [media_id] = await scene.seen(picture(hash_of(7)))
    await scene.register(pdq(7))

    async def fail(*arguments: object) -> None:
        raise LookupError

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.lookbacks.page", fail)
        for _ in range(10):
            await scene.run()
            scene.clock += timedelta(minutes=10)
    assert scene.lost == ["LookupError"]
    async with scene.store.write() as tx:
        assert await lookbacks.retry_buried(tx, now=scene.now()) == 1
    await scene.run()
    assert await scene.found() == [(media_id, 0)]


def housekeeping(store: Store, now: datetime, seen: timedelta) -> Housekeeping:
    async def sweep(tx: Tx, at: datetime) -> list[Effect]:
        return []

    keep = timedelta(days=2)
    return Housekeeping(
        store,
        sweep,
        Retention(queue_rows=keep, poison=keep, conversations=keep, seen=seen),
        now=lambda: now,
        committed=lambda: None,
    )


@pytest.mark.parametrize(("days", "kept"), [(90, 3), (5, 0), (0, 0)])
async def test_what_was_seen_is_kept_for_as_long_as_the_setting_says(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, days: int, kept: int
) -> None:
    monkeypatch.setattr("bot.housekeeping._SEEN_AT_ONCE", 1)
    await scene.seen(*(picture(hash_of(number)) for number in range(3)))
    await housekeeping(scene.store, NOW + timedelta(days=6), timedelta(days=days)).tick()
    async with scene.store.read() as tx:
        left = select(func.count()).select_from(tables.media).where(tables.media.c.fingerprints.is_not(None))
        assert await tx.scalar(left) == kept


async def test_of_what_was_seen_nothing_is_in_the_database_in_clear(scene: Scene) -> None:
    await scene.seen(picture(hash_of(7)))
    async with scene.store.read() as tx:
        [row] = await tx.all(select(tables.media.c.fingerprints))
    assert hash_of(7) not in row.fingerprints
    assert hash_of(7)[:8] not in row.fingerprints


async def test_withdrawing_deletes_what_is_kept_of_the_posts_that_showed_it(scene: Scene) -> None:
    media = await scene.seen(picture(hash_of(7)), picture(hash_of(8)))
    case_id = await scene.register(pdq(7))
    await scene.run()
    async with scene.store.write() as tx:
        await cases.withdraw(tx, case_id, scene.now())
        kept = await tx.all(select(tables.media.c.id).where(tables.media.c.fingerprints.is_not(None)))
    assert [row.id for row in kept] == media[1:]
