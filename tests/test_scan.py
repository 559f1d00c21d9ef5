"""From media that wait to a verdict, over the real store and index; only the network and the decoders are played."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from store_makers import CHAT, NOW, add_case, add_channel, add_post, after, alerts_to_show, hash_of, new_print

from bot.errors import FileGone, Permanent, TooLargeToDownload, Transient
from bot.model import ChannelId, MediaRef, UserId
from bot.pipeline.recording import Rules
from bot.pipeline.scan import EARLY_STILLS, Scan
from bot.pipeline.worker import A_DAY_OF_ATTEMPTS, Worker
from bot.registered.registry import Known, Registry
from bot.shown import Showing
from bot.store import Store, Tx, accounts, cases, posts, queue, tables, work
from bot.store.alerts import Alert
from bot.store.work import WorkRow
from matcher import (
    File,
    Head,
    LeftOut,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    Orientation,
    Pieces,
    Shown,
    Still,
    StillKind,
    View,
    collect,
    unpack_seen,
)

Code = MediaErrorCode


def still(number: int, *, kind: StillKind = StillKind.PICTURE, at: int = 0) -> Still:
    views = tuple(
        View(name, orientation, hash_of(number), 90)
        for name in ("whole", "quadrant")
        for orientation in (Orientation.UPRIGHT, Orientation.MIRRORED)
    )
    return Still(kind, 640, 480, views, at, at)


def frames(*numbers: int) -> list[Still]:
    return [still(number, kind=StillKind.FRAME, at=at * 1000) for at, number in enumerate(numbers)]


class Sandbox:
    """Plays what each file in turn shows: everything, or up to an error."""

    def __init__(self, *files: Sequence[Shown | Code]) -> None:
        self.files = list(files)
        self.submitted = 0

    def submit(
        self, untrusted_file: File, shown: Callable[[Shown], object], kinds: frozenset[str]
    ) -> Future[MediaFingerprint]:
        self.submitted += 1
        future: Future[MediaFingerprint] = Future()
        told: list[Shown] = []
        for one in self.files.pop(0):
            if isinstance(one, Code):
                future.set_exception(MediaError(one))
                return future
            told.append(one)
            shown(one)
        future.set_result(collect(told))
        return future


class Fetcher:
    def __init__(self, trouble: Exception | None = None, *, data: File | None = None) -> None:
        self.trouble = trouble
        self.data = data

    async def fetch(self, ref: MediaRef) -> File:
        if self.trouble is not None:
            raise self.trouble
        return bytes(ref.size_bytes or 0) if self.data is None else self.data


class Scene:
    """One media that waits, and what became of it."""

    def __init__(
        self,
        store: Store,
        sandbox: Sandbox,
        fetcher: Fetcher | TooLargeForTheBot | None = None,
        *,
        keeps_seen: bool = True,
    ) -> None:
        self.store = store
        self.registry = Registry(store, Known(margin_bits=17, min_quality=50), now=self.now)
        self.lost: list[str] = []
        self.clock = after(60)
        self.commits = 0
        self.scan = Scan(
            store,
            fetcher or Fetcher(),
            sandbox,
            self.registry,
            rules=Rules(timedelta(hours=1)),
            keeps_seen=keeps_seen,
            now=self.now,
            committed=self.committed,
            lost=self._lost,
        )

    def now(self) -> datetime:
        return self.clock

    def committed(self) -> None:
        self.commits += 1

    async def _lost(self, tx: Tx, why: str) -> None:
        self.lost.append(why)

    async def live(self, hours: int) -> None:
        """Let the worker try whatever is ready, hour by hour."""
        worker = Worker(self.scan.stage(1), self.store, self.now)
        for _ in range(hours):
            await worker.run_ready()
            self.clock += timedelta(hours=1)

    async def posted(self) -> None:
        async with self.store.write() as tx:
            channel = await add_channel(tx)
            _, [media_id] = await add_post(tx, channel, 1, "a")
            await work.add(tx, media_id, now=NOW)

    async def waiting(self) -> WorkRow:
        await self.posted()
        async with self.store.write() as tx:
            [row] = await work.claim(tx, now=self.now(), lease_s=600, limit=5)
        return row

    async def alerts(self) -> list[Alert]:
        return await alerts_to_show(self.store, self.now())

    async def media(self) -> tuple[str, str | None]:
        async with self.store.read() as tx:
            [row] = await tx.all(tables.media.select())
        return row.state, row.reason

    async def is_done(self) -> bool:
        async with self.store.read() as tx:
            return (await queue.counts(tx, tables.work))["ready"] == 0


async def registered(store: Store, *numbers: int) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx)
        prints = [replace(new_print(number), bits=hash_of(number)) for number in numbers]
        await cases.add_fingerprints(tx, case_id, prints, NOW)


PICTURE = Head("JPEG")
VIDEO = Head("GIF", 90_000)


async def test_a_picture_that_matches_becomes_an_alert_and_the_work_is_done(store: Store) -> None:
    await registered(store, 7)
    scene = Scene(store, Sandbox([PICTURE, still(7)]))
    await scene.scan.handle(await scene.waiting())
    [alert] = await scene.alerts()
    [finding] = alert.findings
    assert (finding.band, finding.distance, finding.view) == ("match", 0, "whole")
    assert (await scene.media(), await scene.is_done(), scene.commits) == (("scanned", None), True, 1)


async def test_a_picture_that_matches_nothing_is_marked_and_forgotten(store: Store) -> None:
    await registered(store, 7)
    scene = Scene(store, Sandbox([PICTURE, still(8)]))
    await scene.scan.handle(await scene.waiting())
    assert await scene.alerts() == []
    assert await scene.is_done()
    async with store.read() as tx:
        [row] = await tx.all(tables.media.select())
    assert (row.state, row.file) == ("scanned", None)


async def test_what_a_long_video_shows_is_told_before_its_end_and_told_whole_at_its_end(store: Store) -> None:
    await registered(store, 7)
    numbers = [7 if at in (3, EARLY_STILLS + 5) else 100 + at for at in range(2 * EARLY_STILLS + 9)]
    scene = Scene(store, Sandbox([VIDEO, *frames(*numbers)]))
    await scene.scan.handle(await scene.waiting())
    assert scene.commits == 3, "two early finds, and the end"
    [alert] = await scene.alerts()
    [finding] = alert.findings
    assert finding.showing == Showing("frame", 3000, (EARLY_STILLS + 5) * 1000, 2, len(numbers))


async def test_what_was_told_early_stays_when_the_file_kills_the_worker_later(store: Store) -> None:
    await registered(store, 7)
    broken: list[Shown | Code] = [VIDEO, *frames(7, *range(100, 100 + EARLY_STILLS)), Code.WORKER_DIED]
    scene = Scene(store, Sandbox(broken, broken))
    await scene.scan.handle(await scene.waiting())
    assert len(await scene.alerts()) == 1
    assert (await scene.media(), await scene.is_done()) == (("failed", "worker_died"), True)
    async with store.read() as tx:
        assert await tx.scalar(tables.media.select().with_only_columns(tables.media.c.file)) is not None


async def test_of_a_video_look_back_keeps_no_parts_of_frames(store: Store) -> None:
    scene = Scene(store, Sandbox([VIDEO, *frames(1, 2)]))
    await scene.scan.handle(await scene.waiting())
    async with store.read() as tx:
        [row] = await tx.all(tables.media.select())
        kept = unpack_seen(tx.cipher.open(posts.FINGERPRINTS, row.fingerprints))
    assert [(still.at, view.name) for still in kept.stills for view in still.views] == [
        (at, "whole") for at in (0, 0, 1000, 1000)
    ]


async def test_where_look_back_is_switched_off_nothing_is_kept(store: Store) -> None:
    scene = Scene(store, Sandbox([PICTURE, still(1)]), keeps_seen=False)
    await scene.scan.handle(await scene.waiting())
    async with store.read() as tx:
        [row] = await tx.all(tables.media.select())
    assert (row.state, row.fingerprints) == ("scanned", None)


async def test_a_file_of_which_a_part_was_left_out_is_marked(store: Store) -> None:
    scene = Scene(store, Sandbox([Head("GIF"), still(1), LeftOut(3)]))
    await scene.scan.handle(await scene.waiting())
    assert await scene.media() == ("scanned", "partly")


async def test_a_video_of_which_only_the_beginning_was_fetched_is_marked(store: Store) -> None:
    scene = Scene(store, Sandbox([Head("AVI"), *frames(1, 2)]), Fetcher(data=b"a part"))
    await scene.scan.handle(await scene.waiting())
    assert await scene.media() == ("scanned", "partly")


@pytest.mark.parametrize(("left_out", "note"), [(0, None), (2, "partly")])
async def test_of_a_video_with_holes_the_matcher_says_whether_all_that_is_needed_was_there(
    store: Store, left_out: int, note: str | None
) -> None:
    fetcher = Fetcher(data=Pieces.of(9, [(3, b"known")]))
    scene = Scene(store, Sandbox([VIDEO, *frames(1, 2), LeftOut(left_out)]), fetcher)
    await scene.scan.handle(await scene.waiting())
    assert await scene.media() == ("scanned", note)


class TooLargeForTheBot:
    def __init__(self) -> None:
        self.asked: list[str | None] = []

    async def fetch(self, ref: MediaRef) -> bytes:
        self.asked.append(ref.file_id)
        if len(self.asked) == 1:
            raise TooLargeToDownload
        return bytes(ref.size_bytes or 0)


@pytest.mark.parametrize("has_account", [True, False])
async def test_what_is_too_large_for_the_bot_is_fetched_by_an_account_in_the_channel(
    store: Store, has_account: bool
) -> None:
    fetcher = TooLargeForTheBot()
    scene = Scene(store, Sandbox([PICTURE, still(1)]), fetcher)
    row = await scene.waiting()
    if has_account:
        async with store.write() as tx:
            account_id = await accounts.put(tx, user_id=UserId(7), name="Ada", session="s", now=NOW)
            await accounts.follow(tx, account_id, ChannelId(1), 5)
    await scene.scan.handle(row)
    if has_account:
        assert await scene.media() == ("scanned", None)
        assert (fetcher.asked[1] or "").startswith(f"mtproto:{CHAT}:1:")
    else:
        assert await scene.media() == ("failed", "too_large_to_download")


@pytest.mark.parametrize("code", [Code.WORKER_DIED, Code.TIMED_OUT, Code.OUT_OF_MEMORY])
async def test_a_lost_worker_is_no_reason_to_lose_the_post(store: Store, code: Code) -> None:
    await registered(store, 7)
    scene = Scene(store, Sandbox([code], [PICTURE, still(7)]))
    await scene.scan.handle(await scene.waiting())
    assert len(await scene.alerts()) == 1


@pytest.mark.parametrize("code", list(Code))
async def test_a_file_that_cannot_be_fingerprinted_is_marked_with_the_reason(
    store: Store, code: Code
) -> None:
    sandbox = Sandbox([code], [code])
    scene = Scene(store, sandbox)
    await scene.scan.handle(await scene.waiting())
    assert (await scene.media(), await scene.is_done()) == (("failed", code.name.lower()), True)
    assert sandbox.submitted == (2 if code in {Code.WORKER_DIED, Code.TIMED_OUT, Code.OUT_OF_MEMORY} else 1)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (TooLargeToDownload("too large"), "too_large_to_download"),
        (FileGone("gone"), "file_gone"),
        (Permanent("no"), "not_downloadable"),
    ],
)
async def test_a_file_that_cannot_be_had_is_marked(store: Store, trouble: Exception, reason: str) -> None:
    scene = Scene(store, Sandbox(), Fetcher(trouble))
    await scene.scan.handle(await scene.waiting())
    assert (await scene.media(), await scene.is_done()) == (("failed", reason), True)


async def test_a_download_that_may_work_later_leaves_the_work_as_it_is(store: Store) -> None:
    scene = Scene(store, Sandbox(), Fetcher(Transient("502")))
    with pytest.raises(Transient):
        await scene.scan.handle(await scene.waiting())
    assert (await scene.media(), await scene.is_done()) == (("waiting", None), False)


async def test_a_row_that_comes_again_after_its_end_does_nothing(store: Store) -> None:
    scene = Scene(store, Sandbox([PICTURE, still(1)]))
    row = await scene.waiting()
    await scene.scan.handle(row)
    await scene.scan.handle(replace(row, attempts=2))
    assert scene.commits == 1


async def test_a_day_without_network_loses_no_post(store: Store) -> None:
    await registered(store, 7)
    fetcher = Fetcher(Transient("cannot be reached"))
    scene = Scene(store, Sandbox([PICTURE, still(7)]), fetcher)
    await scene.posted()
    await scene.live(hours=300)
    assert (await scene.media(), scene.lost) == (("waiting", None), [])
    fetcher.trouble = None
    await scene.live(hours=1)
    assert len(await scene.alerts()) == 1


async def test_a_file_that_was_given_up_is_told_of_and_can_be_tried_again(store: Store) -> None:
    await registered(store, 7)
    fetcher = Fetcher(Transient("cannot be reached"))
    scene = Scene(store, Sandbox([PICTURE, still(7)]), fetcher)
    await scene.posted()
    await scene.live(hours=A_DAY_OF_ATTEMPTS)
    assert (await scene.media(), scene.lost) == (("failed", "download_failed"), ["cannot be reached"])
    fetcher.trouble = None
    async with store.write() as tx:
        assert await work.retry_buried(tx, now=scene.now()) == 1
    await scene.live(hours=1)
    assert len(await scene.alerts()) == 1


async def test_of_files_that_were_given_up_long_ago_nothing_is_kept(store: Store) -> None:
    scene = Scene(store, Sandbox(), Fetcher(Transient("cannot be reached")))
    await scene.posted()
    await scene.live(hours=A_DAY_OF_ATTEMPTS)
    for before, kept in ((NOW, 1), (scene.now(), 0)):
        async with store.write() as tx:
            await work.forget_buried(tx, before=before, limit=9)
            [row] = await tx.all(tables.media.select())
            assert (await queue.counts(tx, tables.work))["buried"] == kept
        assert (row.file is not None) == bool(kept)
