"""A channel whose posts were seen, and the stage that looks back at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from store_makers import NOW, add_case, add_channel, add_post, after, alerts_to_show, hash_of, new_print

from bot.model import CaseId, LookbackId, MediaId
from bot.pipeline.recording import Rules
from bot.pipeline.worker import Worker
from bot.registered.lookback import LookbackStage
from bot.registered.registry import Known
from bot.store import Store, Tx, cases, lookbacks, posts, tables
from bot.store.alerts import Alert
from bot.store.cases import NewFingerprint
from bot.store.lookbacks import Lookback
from matcher import MediaFingerprint, Orientation, Still, StillKind, View, pack_seen


def picture(bits: bytes) -> bytes:
    views = tuple(View(name, Orientation.UPRIGHT, bits, 90) for name in ("whole", "trimmed"))
    return pack_seen(MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, views),)))


def video(*numbers: int) -> bytes:
    stills = tuple(
        Still(
            StillKind.FRAME,
            640,
            480,
            (View("whole", Orientation.UPRIGHT, hash_of(number), 90),),
            at * 1000,
            at * 1000 + 900,
        )
        for at, number in enumerate(numbers)
    )
    return pack_seen(MediaFingerprint("GIF", stills))


def pdq(number: int) -> NewFingerprint:
    return replace(new_print(number), bits=hash_of(number))


class Scene:
    """A channel whose posts were seen, and the stage that looks back at them."""

    def __init__(self, store: Store, *, searches_photos: bool = False) -> None:
        self.store = store
        self.searches_photos = searches_photos
        self.clock = after(100)
        self.lost: list[str] = []
        self.commits = 0
        self.posted = 0
        self.stage = self.new_stage()

    def new_stage(self) -> LookbackStage:
        """As after a start."""
        return LookbackStage(
            self.store,
            partial(Known, margin_bits=17, min_quality=50, searches_photos=self.searches_photos),
            searches_photos=self.searches_photos,
            rules=Rules(timedelta(hours=1)),
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

    async def seen(self, *kept: bytes) -> list[MediaId]:
        """Posts that were scanned, each with a file of which this is kept."""
        media: list[MediaId] = []
        async with self.store.write() as tx:
            channel = await add_channel(tx)
            for one in kept:
                self.posted += 1
                post_id, [media_id] = await add_post(tx, channel, self.posted, f"{self.posted}")
                await posts.scanned(tx, media_id, fingerprints=one, now=NOW)
                await posts.forget(tx, post_id)
                media.append(media_id)
        return media

    async def register(self, *prints: NewFingerprint) -> CaseId:
        async with self.store.write() as tx:
            case_id = await add_case(tx)
            await cases.add_fingerprints(tx, case_id, prints, self.clock)
        return case_id

    async def run(self) -> int:
        """Everything that is to be done now and in the next minute; returns how many turns that took."""
        turns = 0
        for _ in range(30):
            turns += await Worker(self.stage.stage(), self.store, self.now).run_ready()
            self.clock += timedelta(seconds=2)
        return turns

    async def alerts(self) -> list[Alert]:
        return await alerts_to_show(self.store, self.now())

    async def found(self) -> list[tuple[int, int]]:
        """The files that findings show, each with its distance."""
        async with self.store.read() as tx:
            rows = await tx.all(
                select(tables.matches.c.media_id, tables.matches.c.distance).order_by(
                    tables.matches.c.media_id
                )
            )
        return [(row.media_id, row.distance) for row in rows]

    async def passes(self) -> list[Lookback]:
        async with self.store.read() as tx:
            ids = await tx.all(select(tables.lookbacks.c.id).order_by(tables.lookbacks.c.id))
            found = [await lookbacks.get(tx, LookbackId(row.id)) for row in ids]
        return [one for one in found if one is not None]
