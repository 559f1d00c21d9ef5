"""Looking again at reported posts by their public pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from casework_scene import Found, put_into, take
from sqlalchemy import update
from store_makers import NOW, STAFF, waits_for_a_lock

from bot.errors import FloodWait, Permanent, Transient
from bot.model import ChatId, FindingId, FindingState, MessageId, Place, ShowAlert, Step
from bot.sources.embed import PublicPage
from bot.staff import casework
from bot.staff.recheck import JIKIMI, Accounts, Pace, Rechecks
from bot.standin import Chat, Standin, User
from bot.store import Store, Tx, cases, outbox, tables
from bot.store.casework import Method, Recheck

S = FindingState
PACE = Pace(every=timedelta(hours=6), at_once=3, removed_for=timedelta(days=30))


@dataclass
class FakePage:
    """What the page says of each message number; others are up."""

    says: dict[int, Recheck | Transient] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    async def look(self, place: Place) -> Recheck:
        self.asked.append(place.message_id)
        answer = self.says.get(place.message_id, Recheck.UP)
        if isinstance(answer, Transient):
            raise answer
        return answer


@dataclass
class Scene:
    store: Store
    page: FakePage = field(default_factory=FakePage)
    now: datetime = NOW
    accounts: Accounts | None = None
    wakes: int = 0
    back: list[int] = field(default_factory=list)

    def committed(self) -> None:
        self.wakes += 1

    @property
    def rechecks(self) -> Rechecks:
        return Rechecks(
            self.store,
            self.page,
            PACE,
            now=lambda: self.now,
            committed=self.committed,
            came_back=self.came_back,
            accounts=self.accounts,
        )

    async def came_back(self, tx: Tx, finding_id: FindingId) -> None:
        self.back.append(finding_id)

    async def put(self, *states: FindingState) -> None:
        """Findings F-1, F-2, ... of posts 1, 2, ..., in these states since now."""
        async with self.store.write() as tx:
            found = Found(tx)
            for number, state in enumerate(states, 1):
                await found.new(number)
                await put_into(tx, FindingId(number), state)

    async def later(self, **how: int) -> float:
        self.now += timedelta(**how)
        return await self.rechecks.tick()

    async def state(self, number: int = 1) -> FindingState:
        async with self.store.read() as tx:
            return (await casework.get(tx, FindingId(number))).state


async def test_a_reported_post_that_is_gone_is_recorded_as_removed_and_the_alert_says_so(
    store: Store,
) -> None:
    scene = Scene(store, FakePage({1: Recheck.GONE}))
    await scene.put(S.REPORTED)
    await scene.later(hours=6)
    async with store.write() as tx:
        finding = await casework.get(tx, FindingId(1))
        shown = await outbox.claim(tx, now=scene.now, lease_s=60, limit=9)
    assert finding.state is S.REMOVED
    assert finding.steps[-1].by == JIKIMI
    assert [(check.result, check.by, check.at) for check in finding.rechecks] == [
        (Recheck.GONE, None, scene.now)
    ]
    assert [row.effect for row in shown] == [ShowAlert(finding.alert_id)]
    assert scene.wakes == 1


async def test_a_post_that_is_still_up_is_looked_at_again_and_kept_as_one_entry(store: Store) -> None:
    scene = Scene(store)
    await scene.put(S.REPORTED)
    for _ in range(3):
        await scene.later(hours=6)
    async with store.read() as tx:
        finding = await casework.get(tx, FindingId(1))
    assert scene.page.asked == [1, 1, 1]
    assert finding.state is S.REPORTED
    assert [(check.result, check.at) for check in finding.rechecks] == [(Recheck.UP, scene.now)]


async def test_a_post_that_came_back_is_still_up(store: Store) -> None:
    scene = Scene(store, FakePage({1: Recheck.GONE}))
    await scene.put(S.REPORTED)
    await scene.later(hours=6)
    scene.page.says[1] = Recheck.UP
    await scene.later(hours=6)
    assert await scene.state() is S.STILL_UP


async def test_what_a_page_cannot_tell_changes_nothing(store: Store) -> None:
    scene = Scene(store, FakePage({1: Recheck.UNKNOWN, 2: Recheck.UNKNOWN}))
    await scene.put(S.REPORTED, S.REMOVED)
    await scene.later(hours=6)
    assert (await scene.state(1), await scene.state(2)) == (S.REPORTED, S.REMOVED)
    assert scene.wakes == 0


@pytest.mark.parametrize("state", FindingState)
async def test_only_what_was_reported_is_looked_at(store: Store, state: FindingState) -> None:
    scene = Scene(store)
    await scene.put(state)
    await scene.later(hours=6)
    assert bool(scene.page.asked) is (state in {S.REPORTED, S.STILL_UP, S.REMOVED})


async def test_nothing_is_looked_at_too_early_too_late_or_more_than_the_pace_allows(store: Store) -> None:
    scene = Scene(store, FakePage({5: Recheck.GONE}))
    await scene.put(*[S.REPORTED] * 4, S.REMOVED)
    await scene.later(hours=5, minutes=59)
    assert scene.page.asked == []
    await scene.later(minutes=1)
    assert scene.page.asked == [1, 2, 3]
    await scene.later(minutes=1)
    assert scene.page.asked == [1, 2, 3, 4, 5]
    scene.page.asked.clear()
    await scene.later(days=31)
    await scene.later(minutes=1)
    assert scene.page.asked == [1, 2, 3, 4]


async def test_a_page_that_asks_to_wait_is_left_alone(store: Store) -> None:
    scene = Scene(store, FakePage({1: Transient("busy", retry_after_s=300)}))
    await scene.put(S.REPORTED, S.REPORTED)
    assert await scene.later(hours=6) == 300
    assert scene.page.asked == [1]
    assert await scene.state() is S.REPORTED


@pytest.mark.parametrize(
    "trouble", [FloodWait(retry_after_s=86_400), Transient("no network"), Permanent("refused")]
)
async def test_what_an_account_cannot_look_at_is_asked_of_the_page_and_the_others_are_looked_at(
    store: Store, trouble: Exception
) -> None:
    class OneAccount:
        async def look(self, place: Place) -> Recheck | None:
            if place.message_id == 1:
                raise trouble
            return Recheck.UP if place.message_id == 2 else None

    scene = Scene(store, FakePage({1: Recheck.UNKNOWN}), accounts=OneAccount())
    await scene.put(*[S.REPORTED] * 3)
    assert await scene.later(hours=6) == 0
    assert scene.page.asked == [1, 3]
    async with store.read() as tx:
        seen = [(await casework.get(tx, FindingId(number))).rechecks[-1] for number in (1, 2, 3)]
    assert [(check.result, check.method) for check in seen] == [
        (Recheck.UNKNOWN, Method.PAGE),
        (Recheck.UP, Method.ACCOUNT),
        (Recheck.UP, Method.PAGE),
    ]
    await scene.later(minutes=1)
    assert scene.page.asked == [1, 3], "not due again"


async def test_a_person_who_was_quicker_is_not_overruled(store: Store) -> None:
    scene = Scene(store, FakePage({1: Recheck.GONE}))
    await scene.put(S.REPORTED)

    class Slow(FakePage):
        async def look(self, place: Place) -> Recheck:
            async with store.write() as tx:
                await casework.take(
                    tx,
                    FindingId(1),
                    Step.CLOSED,
                    seen=S.REPORTED,
                    by=STAFF,
                    second_person=False,
                    now=scene.now,
                )
            return Recheck.GONE

    scene.page = Slow()
    await scene.later(hours=6)
    assert await scene.state() is S.CLOSED


async def test_a_person_who_presses_in_the_same_moment_is_not_overruled(store: Store) -> None:
    """On PostgreSQL looking again waits for the person's transaction in the midst of its own."""
    scene = Scene(store, FakePage({1: Recheck.GONE}))
    await scene.put(S.REPORTED)
    async with store.write() as tx:
        await take(tx, FindingId(1), Step.CLOSED, S.REPORTED)
        looking = asyncio.create_task(scene.later(hours=6))
        await waits_for_a_lock(store, looking)
    await looking
    assert await scene.state() is S.CLOSED


async def test_a_finding_that_does_not_open_stops_no_other(store: Store) -> None:
    scene = Scene(store)
    await scene.put(*[S.REPORTED] * 5)
    async with store.write() as tx:
        for number in range(1, 4):
            await casework.note(tx, FindingId(number), "words", by=STAFF, now=NOW)
        await tx.execute(update(tables.notes).values(note=b"spoiled"))
    await scene.later(hours=6)
    assert scene.page.asked == []
    await scene.later(minutes=1)
    assert scene.page.asked == [4, 5]


async def test_staff_are_told_of_a_post_that_came_back_and_of_no_other(store: Store) -> None:
    scene = Scene(store, FakePage({2: Recheck.GONE}))
    await scene.put(S.REMOVED, S.REPORTED, S.REPORTED)
    await scene.later(hours=6)
    assert scene.back == [1]


@pytest.mark.parametrize("undoes", [False, True])
async def test_who_says_again_that_a_post_is_removed_is_not_told_again_that_it_is_there(
    store: Store, undoes: bool
) -> None:
    """Its picture may be another by now, which no page tells."""
    scene = Scene(store)
    await scene.put(S.REMOVED)
    await scene.later(hours=6)
    assert scene.back == [1]
    async with store.write() as tx:
        if undoes:
            await casework.undo(tx, FindingId(1), seen=S.STILL_UP, by=STAFF, now=scene.now)
        else:
            await take(tx, FindingId(1), Step.REMOVED, S.STILL_UP, now=scene.now)
    for _ in range(2):
        await scene.later(hours=6)
    assert (scene.back, await scene.state()) == ([1], S.REMOVED)
    scene.page.says[1] = Recheck.GONE
    await scene.later(hours=6)
    scene.page.says[1] = Recheck.UP
    await scene.later(hours=6)
    assert (scene.back, await scene.state()) == ([1, 1], S.STILL_UP)


async def test_what_was_withdrawn_is_not_looked_at(store: Store) -> None:
    scene = Scene(store)
    await scene.put(S.REPORTED)
    async with store.write() as tx:
        await cases.withdraw(tx, (await casework.get(tx, FindingId(1))).case_id, NOW)
    await scene.later(hours=6)
    assert scene.page.asked == []


# The page itself, at the stand-in


@dataclass
class Town:
    standin: Standin
    page: PublicPage
    channel: Chat
    owner: User

    def place(self, message_id: int, name: str | None = "a_channel") -> Place:
        return Place(ChatId(self.channel.id), MessageId(message_id), name, "A channel")

    def post(self) -> int:
        return self.standin.world.send_text(self.owner, self.channel, "hello").id


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Standin() as standin, PublicPage(standin.api_url) as page:
        owner = standin.world.add_user("Owner", "en")
        channel = standin.world.add_channel("A channel", "a_channel", owner=owner)
        yield Town(standin, page, channel, owner)


async def test_the_page_tells_what_is_up_and_what_is_gone(town: Town) -> None:
    number = town.post()
    assert await town.page.look(town.place(number)) is Recheck.UP
    assert await town.page.look(town.place(number, "A_Channel")) is Recheck.UP
    assert await town.page.look(town.place(number + 1)) is Recheck.GONE


async def test_a_page_that_does_not_show_the_channel_tells_nothing(town: Town) -> None:
    number = town.post()
    assert await town.page.look(town.place(number, "renamed_channel")) is Recheck.UNKNOWN
    town.standin.embed.restricted.add("a_channel")
    assert await town.page.look(town.place(number)) is Recheck.UNKNOWN


async def test_a_post_without_a_public_page_is_not_asked_for(town: Town) -> None:
    number = town.post()
    assert await town.page.look(town.place(number, None)) is Recheck.UNKNOWN
    comment = replace(town.place(number), comment_of=town.place(1))
    assert await town.page.look(comment) is Recheck.UNKNOWN
    assert town.standin.embed.seen == []


async def test_a_page_that_cannot_be_had_is_tried_later() -> None:
    async with PublicPage("http://127.0.0.1:9") as page:
        with pytest.raises(Transient, match="cannot be had"):
            await page.look(Place(ChatId(-1001), MessageId(1), "a_channel"))


async def test_a_page_that_comes_in_pieces_is_read_to_its_end() -> None:
    async def show(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for piece in (b"<!DOCTYPE html>", b'<div data-post="a_chan', b'nel/7"></div>'):
            await answer.write(piece)
            await asyncio.sleep(0)
        return answer

    app = web.Application()
    app.router.add_get("/a_channel/7", show)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with PublicPage(f"http://127.0.0.1:{runner.addresses[0][1]}") as page:
            place = Place(ChatId(-1), MessageId(7), "a_channel", "A channel")
            assert await page.look(place) is Recheck.UP
    finally:
        await runner.cleanup()
