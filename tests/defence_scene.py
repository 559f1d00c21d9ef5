"""Posts made of fingerprints alone, taken through the real registry, store and alerts; and what staff are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from store_makers import CHAT, NOW, STAFF, add_case, add_channel, after, asked_by, flipped, hash_of, new_print

from bot.model import (
    AlertId,
    CaseId,
    Decision,
    FindingId,
    FindingState,
    FingerprintId,
    HashState,
    MediaId,
    PostId,
    ShowAlert,
)
from bot.pipeline import recording
from bot.pipeline.recording import Rules
from bot.registered import defence
from bot.registered.registry import Known, Registry
from bot.staff import alerts
from bot.store import Store, cases, findings, hashes, outbox, queue, tables
from bot.store.cases import NewFingerprint
from bot.store.findings import Decided
from bot.store.hashes import RegisteredHash
from matcher import MediaFingerprint, Orientation, Still, StillKind, View

LAST = FindingId(10**9)


def media(*hashes: bytes) -> MediaFingerprint:
    views = tuple(View("whole", Orientation.UPRIGHT, bits, 90) for bits in hashes)
    return MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, views),))


def video(*hashes: bytes) -> MediaFingerprint:
    stills = tuple(
        Still(StillKind.FRAME, 64, 48, (View("whole", Orientation.UPRIGHT, bits, 90),), at * 1000, at * 1000)
        for at, bits in enumerate(hashes)
    )
    return MediaFingerprint("GIF", stills)


def pdq(number: int, state: HashState = HashState.QUARANTINED) -> NewFingerprint:
    return replace(new_print(number), bits=hash_of(number), state=state)


class Scene:
    def __init__(self, store: Store, *, most_channels: int = 0) -> None:
        self.store = store
        self.clock = after(100)
        self.registry = Registry(store, Known(margin_bits=17, min_quality=50), now=self.now)
        self.rules = Rules(timedelta(hours=1), most_channels)
        self.posted = 0
        self.sent: set[AlertId] = set()
        self.edits = 0

    def now(self) -> datetime:
        return self.clock

    async def register(self, *prints: NewFingerprint) -> CaseId:
        async with self.store.write() as tx:
            case_id = await add_case(tx)
            await cases.add_fingerprints(tx, case_id, prints, NOW)
        return case_id

    async def posts(self, *shown: MediaFingerprint, chat_id: int = CHAT) -> None:
        """Each is posted and searched for; all are recorded together."""
        await self.registry.refresh()
        async with self.store.write() as tx:
            channel = await add_channel(tx, chat_id)
            numbers = range(self.posted + 1, self.posted + len(shown) + 1)
            self.posted += len(shown)
            # All at once: there are ten thousand in one test.
            posts = [
                {
                    "channel_id": channel.id,
                    "message_id": number,
                    "posted_at": self.clock,
                    "seen_at": self.clock,
                }
                for number in numbers
            ]
            await tx.execute(tables.posts.insert(), posts)
            number_of = tables.posts.c.message_id
            rows = await tx.all(select(tables.posts.c.id).where(number_of >= numbers[0]).order_by(number_of))
            media = [
                {"post_id": row.id, "file_key": str(row.id).encode(), "state": "scanned"} for row in rows
            ]
            await tx.execute(tables.media.insert(), media)
            files = await tx.all(
                select(tables.media.c.id, tables.media.c.post_id)
                .where(tables.media.c.post_id >= rows[0].id)
                .order_by(tables.media.c.post_id)
            )
            for one, file in zip(shown, files, strict=True):
                search = self.registry._known.search(one)
                await recording.record(
                    tx,
                    search,
                    post_id=PostId(file.post_id),
                    media_id=MediaId(file.id),
                    priority=1,
                    rules=self.rules,
                    now=self.clock,
                )

    async def deliver(self) -> list[str]:
        """What staff are sent now: `new F-…` or `edit F-…` for each alert, however often it changed."""
        told = []
        async with self.store.write() as tx:
            shown: set[AlertId] = set()
            while waiting := await outbox.claim(tx, now=self.clock, lease_s=600, limit=1000):
                for row in waiting:
                    await queue.done(tx, tables.outbox, row.id, now=self.clock)
                shown |= {row.effect.alert_id for row in waiting if isinstance(row.effect, ShowAlert)}
            for alert_id in sorted(shown):
                alert = await findings.alert(tx, alert_id)
                if alert is None:
                    continue
                kind = "edit" if alert_id in self.sent else "new"
                self.sent.add(alert_id)
                self.edits += kind == "edit"
                told.append(f"{kind} " + " ".join(f"F-{one.finding_id}" for one in alert.findings))
                await tx.execute(
                    update(tables.alerts)
                    .where(tables.alerts.c.id == alert_id)
                    .values(sent_revision=tables.alerts.c.revision)
                )
        return told

    async def decide(self, decision: Decision, alert_id: int | None = None) -> Decided:
        """On the newest alert that asks something, or on this one."""
        async with self.store.write() as tx:
            if alert_id is None:
                is_open = tables.alerts.c.is_open
                alert_id = await tx.scalar(select(func.max(tables.alerts.c.id)).where(is_open))
            wanted = AlertId(alert_id or 0)
            asked = await asked_by(tx, wanted)
            return await alerts.decide(
                tx, wanted, up_to=LAST, asked=asked, decision=decision, by=STAFF, now=self.clock
            )

    async def states(self) -> dict[FindingState, int]:
        """How many findings are in each state that any is in."""
        state = tables.findings.c.state
        async with self.store.read() as tx:
            rows = await tx.all(select(state, func.count().label("number")).group_by(state))
        return {FindingState(row.state): row.number for row in rows}

    async def hash_states(self) -> list[HashState]:
        async with self.store.read() as tx:
            rows = await tx.all(select(tables.fingerprints.c.state).order_by(tables.fingerprints.c.id))
        return [HashState(row.state) for row in rows]

    async def wanted(self, fingerprint_id: int = 1) -> Sequence[RegisteredHash]:
        async with self.store.read() as tx:
            return await hashes.get(tx, FingerprintId(fingerprint_id))


async def attack(scene: Scene, *, memes: int, channels: int = 20) -> None:
    """Somebody registers 1,000 junk hashes, a well-known logo and a meme, and a victim a picture of their own. In each
    channel ten logos, so many memes and ten other pictures are posted; and once the victim's, and a junk one.
    """
    logo, meme, own, junk = 7, 8, 9, 10_000
    async with scene.store.write() as tx:
        await defence.import_known_good(tx, [flipped(logo, 4)], source="logos", now=scene.now())
    await scene.register(*(pdq(junk + number) for number in range(1_000)))
    await scene.register(pdq(logo), pdq(meme))
    await scene.register(pdq(own))
    for channel in range(channels):
        shown = [media(hash_of(logo)) for _ in range(10)]
        shown += [media(flipped(meme, number % 10)) for number in range(memes)]
        shown += [media(hash_of(50_000 + channel * 100 + number)) for number in range(10)]
        await scene.posts(*shown, chat_id=-1000 - channel)
        await scene.deliver()
    await scene.posts(media(hash_of(own)))
    await scene.posts(media(hash_of(junk + 500)))
    await scene.deliver()
