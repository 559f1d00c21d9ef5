"""The drill: through every step, over the stand-in, and nothing of it is left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flow_scene import CASE_NUMBER, Town, build_town, register, running
from PIL import Image
from sqlalchemy import func, select
from staff_scene import STAFF_CHAT, VictimDouble, add_staff, make_config, talk, texts
from store_makers import NOW, add_case, add_channel, add_post, new_print, prints_of

from bot.chat.drill_view import render
from bot.chat.router import Router
from bot.errors import FileGone
from bot.model import FindingState, HashState, Language, MediaRef, MessageId, Send
from bot.pipeline import drill
from bot.pipeline.drill import Drills, Report, WithDrill
from bot.pipeline.inbox import Inbox, Reader
from bot.pipeline.worker import Worker
from bot.sources import updates
from bot.standin import Standin
from bot.store import Store, Tx, audit, cases, findings, outbox, tables
from bot.store.channels import by_chat
from bot.store.findings import MatchRow
from bot.store.inbox import InboxRow

LEFT_EMPTY = ("cases", "channels", "posts", "media", "work", "findings", "matches", "alerts", "authorisations",
              "items", "fingerprints")  # fmt: skip


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Standin() as standin:
        yield build_town(standin, tmp_path)


async def counts(store: Store) -> dict[str, int]:
    async with store.read() as tx:
        return {
            name: await tx.scalar(select(func.count()).select_from(tables.metadata.tables[name]))
            for name in LEFT_EMPTY
        }


async def test_a_drill_goes_all_the_way_and_leaves_nothing(town: Town) -> None:
    world, chat = town.world, town.staff_chat
    async with running(town):
        world.send_text(town.admin, chat, "/drill")
        await town.until(lambda: "all is working" in world.last(chat).text)
        report = world.last(chat).text
        await town.until(lambda: town.alerts() == [])
    for stage in ("received", "fingerprinted", "found to match", "alert sent"):
        assert f"{stage}: " in report
    assert [message.text for message in world.living(town.channel)] == []
    store = await town.open_store()
    assert await counts(store) == dict.fromkeys(LEFT_EMPTY, 0)
    async with store.read() as tx:
        assert (await audit.verify(tx)).harm is None
    await store.close()


async def test_nobody_is_told_of_a_drill_whose_picture_they_registered(town: Town) -> None:
    world, chat = town.world, town.staff_chat
    store = await town.open_store()
    await register(store, Image.open(BytesIO(drill.picture())))
    async with running(town):
        world.send_text(town.admin, chat, "/drill")
        await town.until(lambda: "all is working" in world.last(chat).text)
        await town.until(lambda: town.alerts() == [])
        world.send_text(town.admin, chat, "/drill")
        await town.until(lambda: sum("all is working" in one.text for one in world.living(chat)) == 2)
    assert not any(CASE_NUMBER in message.text for message in chat.messages.values())
    left = await counts(store)
    assert (left["cases"], left["fingerprints"], left["findings"], left["channels"]) == (1, 1, 0, 0)
    await store.close()


# By itself


@dataclass
class Scene:
    store: Store
    now: datetime = NOW
    reports: list[Report] = field(default_factory=list)

    def render(self, report: Report) -> str:
        self.reports.append(report)
        return "report"

    @property
    def drills(self) -> Drills:
        return Drills(self.store, self.render, now=lambda: self.now, committed=lambda: None)


@pytest.fixture
def router() -> Router:
    return Router(make_config(), VictimDouble(), now=lambda: NOW)


async def test_a_drill_that_gets_stuck_says_where_and_is_cleaned_up(store: Store, router: Router) -> None:
    scene = Scene(store)
    async with store.write() as tx:
        await add_staff(tx)
        assert "훈련을 시작했습니다" in texts(await router.handle(tx, talk("/drill")))
    assert await scene.drills.tick()
    scene.now += timedelta(seconds=119)
    assert await scene.drills.tick()
    scene.now += timedelta(seconds=1)
    assert not await scene.drills.tick()
    [report] = scene.reports
    assert report == Report(None, None, None, None, None)
    assert not report.is_well
    assert await counts(store) == dict.fromkeys(LEFT_EMPTY, 0)
    async with store.write() as tx:
        rows = await outbox.claim(tx, now=scene.now, lease_s=60, limit=9)
    assert [row.effect for row in rows] == [Send(STAFF_CHAT, "report")]
    assert not await scene.drills.tick()


async def test_a_drill_that_was_too_slow_is_no_news_when_its_post_is_looked_at(
    store: Store, router: Router
) -> None:
    scene = Scene(store)
    async with store.write() as tx:
        await router.handle(tx, talk("/drill"))
    scene.now += drill.PATIENCE
    await scene.drills.tick()
    reader = Reader(updates.key_of, updates.kind_of, updates.parse)
    inbox = Inbox(store, reader, router, now=lambda: scene.now, committed=lambda: None)
    assert await Worker(inbox.stage(never_buried), store, lambda: scene.now).run_ready() == 1
    assert await counts(store) == dict.fromkeys(LEFT_EMPTY, 0)
    async with store.read() as tx:
        told = await tx.scalar(select(func.count()).select_from(tables.outbox))
    assert told == len(scene.reports)


async def never_buried(tx: Tx, row: InboxRow, trouble: str) -> None:
    raise AssertionError(trouble)


async def test_a_drill_is_cleaned_up_whoever_was_found_in_its_post(store: Store, router: Router) -> None:
    """And a real post that waits behind what was found there is asked about in its own channel."""
    scene = Scene(store)
    async with store.write() as tx:
        await router.handle(tx, talk("/drill"))
        drills_own = await by_chat(tx, drill.CHAT)
        assert drills_own is not None
        case_id = await add_case(tx)
        await cases.add_fingerprints(tx, case_id, [replace(new_print(1), state=HashState.QUARANTINED)], NOW)
        [print_id] = await prints_of(tx, case_id)
        real = await add_channel(tx)
        for channel in (drills_own, real):
            post_id, [media_id] = await add_post(tx, channel, 1, f"file {channel.id}")
            alert_id = await findings.record(
                tx,
                case_id=case_id,
                post_id=post_id,
                media_id=media_id,
                matches=[MatchRow(print_id, "match", 3, "whole", "upright")],
                fold_after=NOW,
                now=NOW,
            )
        assert alert_id is not None
        drills_message = MessageId(77)
        await findings.alert_sent(tx, alert_id, revision=1, chat_id=STAFF_CHAT, message_id=drills_message)
    scene.now += drill.PATIENCE
    assert not await scene.drills.tick()
    async with store.read() as tx:
        alert = await findings.alert(tx, alert_id)
        assert await by_chat(tx, drill.CHAT) is None
    assert alert is not None
    assert alert.channel_title == real.title
    assert [one.state for one in alert.findings] == [FindingState.NEW]
    assert alert.held == 0


async def test_one_drill_at_a_time(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await router.handle(tx, talk("/drill"))
        assert "다른 훈련이 진행 중" in texts(await router.handle(tx, talk("/drill")))


async def test_the_drill_is_in_the_audit_log(store: Store, router: Router) -> None:
    scene = Scene(store)
    async with store.write() as tx:
        await router.handle(tx, talk("/drill"))
    scene.now += drill.PATIENCE
    await scene.drills.tick()
    async with store.read() as tx:
        rows = await tx.all(select(tables.audit.c.action).order_by(tables.audit.c.id))
        assert [row.action for row in rows if row.action.startswith("drill")] == [
            "drill_started",
            "drill_ended",
        ]
        assert (await audit.verify(tx)).harm is None


async def test_only_the_drills_own_file_comes_from_the_package() -> None:
    @dataclass
    class Gone:
        async def fetch(self, ref: MediaRef) -> bytes:
            raise FileGone

    fetcher = WithDrill(Gone())
    assert await fetcher.fetch(MediaRef("photo", "photo", drill.FILE_ID, "x")) == drill.picture()
    with pytest.raises(FileGone):
        await fetcher.fetch(MediaRef("photo", "photo", "other", "x"))


def test_the_reports_say_where_it_stopped() -> None:
    words = render(Report(0.1, 0.5, None, None, None), Language.EN)
    assert "it did not get to the end" in words
    assert "fingerprinted: 0.5 s" in words
    assert "It stopped here: found to match" in words
    flat = render(Report(0.1, None, None, None, "flat"), Language.KO)
    assert "무늬가 거의 없음" in flat
