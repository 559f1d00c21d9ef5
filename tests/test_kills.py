"""SIGKILL at every commit, and at random moments: no post is lost, no finding doubled, no alert missing."""

from __future__ import annotations

import asyncio
import random
import re
import signal
from collections.abc import AsyncIterator, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import clips
import pytest
from flow_scene import Town, authorise, build_town, hash_text, is_idle, register, reposted
from mortal import Death, start
from pictures import picture
from sqlalchemy import func, select

from bot.app import utc_now
from bot.pipeline.scan import EARLY_STILLS
from bot.standin import Standin, User
from bot.store import Store, lookbacks, queue, tables

COMMITS = {
    "run": 1,
    "Housekeeping.tick": 1,
    "Housekeeping._forget_seen": 1,
    "Inbox.receive": 1,
    "Inbox.handle": 1,
    "Worker._claim": 6,
    "Scan._record": 1,
    "Delivery._show": 1,
}
"""Every function that commits on the way of a post, and how many of its commits to die at."""

LOOK_AGAIN_S = 0.02


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Standin() as standin:
        yield build_town(standin, tmp_path, fold_minutes=0)


@pytest.fixture
async def records(town: Town) -> AsyncIterator[Store]:
    store = await town.open_store()
    await authorise(town, store)
    await register(store, picture(1))
    yield store
    await store.close()


async def end(process: ForkServerProcess) -> None:
    process.kill()
    await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL


class Lives:
    """Life after life of one bot over one database."""

    def __init__(self, town: Town, records: Store, seen: Path) -> None:
        self.town = town
        self.records = records
        self.seen = seen
        self.posts: list[int] = []

    def post(self) -> None:
        number = len(self.posts)
        self.posts.append(self.town.post(reposted(picture(1), number)).id)

    async def live(self, death: Death | None) -> bool:
        """Live until the death, or until nothing is left to do; True if it was the death."""
        process = start(self.town.config_file, death, self.seen)
        await self.work(process)
        died = not process.is_alive()
        await end(process)
        return died

    async def work(self, process: ForkServerProcess) -> None:
        """Let it live until it dies or nothing is left to do."""
        while process.is_alive() and not await is_idle(self.town, self.records):
            await asyncio.sleep(LOOK_AGAIN_S)

    async def live_for(self, at: str, seconds: float) -> bool:
        """Live until so long after a commit of `at`, or after nothing is left to do; True if it came to that commit."""
        self.seen.write_text("")
        process = start(self.town.config_file, None, self.seen)
        while at not in self.seen.read_text().split() and not await is_idle(self.town, self.records):
            await asyncio.sleep(LOOK_AGAIN_S / 10)
        await asyncio.sleep(seconds)
        await end(process)
        return at in self.seen.read_text().split()

    async def check(self) -> None:
        """Every post was scanned once, has one finding, and its finding is shown to staff."""
        await self.live(None)
        async with self.records.read() as tx:
            posts = await tx.all(select(tables.posts.c.message_id).order_by(tables.posts.c.message_id))
            states = await tx.all(select(tables.media.c.state))
            findings = await tx.all(select(tables.findings.c.id))
            matches = await tx.scalar(select(func.count()).select_from(tables.matches))
        assert [row.message_id for row in posts] == self.posts
        assert {row.state for row in states} == {"scanned"}
        assert len(findings) == len(self.posts) == matches
        shown = {number for text in self.town.alerts() for number in re.findall(r"F-(\d+)", text)}
        assert shown == {str(row.id) for row in findings}


async def test_a_kill_at_any_commit_loses_and_doubles_nothing(
    town: Town, records: Store, tmp_path: Path
) -> None:
    lives = Lives(town, records, tmp_path / "seen")
    reached = set()
    for at, count in COMMITS.items():
        for number in range(1, count + 1):
            for after in (False, True):
                lives.post()
                death = Death(at, number, after)
                if await lives.live(death):
                    reached.add(str(death))
    await lives.check()
    assert {str(Death(at, 1, after)) for at in COMMITS for after in (False, True)} <= reached
    assert set(lives.seen.read_text().split()) == set(COMMITS)


async def test_a_kill_at_any_commit_of_look_back_finds_every_earlier_post_once(
    town: Town, records: Store, tmp_path: Path
) -> None:
    lives = Lives(town, records, tmp_path / "seen")
    for number in range(3):
        town.post(reposted(picture(2), number))
    await lives.live(None)
    await register(records, picture(2), "uid-later", "JK-LATER")
    async with records.write() as tx:
        await lookbacks.plan(tx, now=utc_now(), wait_s=0)
    for at, number in (
        ("LookbackStage._compare", 2),
        ("LookbackStage._compare", 4),
        ("LookbackStage._end", 1),
    ):
        for after in (False, True):
            await lives.live(Death(at, number, after))
    assert not await lives.live(None)
    async with records.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(tables.findings)) == 3
        assert await tx.scalar(select(func.count()).select_from(tables.matches)) == 3
    assert "LookbackStage._end" in lives.seen.read_text()
    assert len({number for text in town.alerts() for number in re.findall(r"F-(\d+)", text)}) == 3


def converse(town: Town, victim: User, hash_text: str) -> Iterator[None]:
    """Act by act, what a victim does to register; what the bot answers must be there before the next."""
    chat = town.world.private(victim)
    town.world.start(victim)
    yield
    for data in ("1|v|go|age", "1|v|age|yes", "1|v|consent|yes"):
        message = town.shown(chat, data)
        assert message is not None
        town.world.press(victim, message, data)
        yield
    town.world.send_text(victim, chat, hash_text)
    yield


async def test_a_kill_at_any_commit_of_a_conversation_makes_one_case_and_shows_its_number(
    town: Town, records: Store, tmp_path: Path
) -> None:
    world = town.world
    lives = Lives(town, records, tmp_path / "seen")
    deaths = [
        Death(at, number, after)
        for at, count in {
            "Inbox.receive": 1,
            "Inbox.handle": 1,
            "Worker._claim": 4,
            "Delivery._end": 2,
        }.items()
        for number in range(1, count + 1)
        for after in (False, True)
    ]
    images = list(range(20, 20 + len(deaths) // 5 + 1))
    for seed in images:
        victim = world.add_user(f"Victim {seed}", "en")
        chat = world.private(victim)
        for _ in converse(town, victim, hash_text(picture(seed))):
            if deaths:
                await lives.live(deaths.pop())
            await lives.live(None)
        assert town.shown(chat, "1|v|noted") is not None
        assert "PDQ1:" not in "".join(message.text for message in world.living(chat))
    async with records.read() as tx:
        cases = await tx.scalar(select(func.count()).select_from(tables.cases))
        prints = await tx.scalar(select(func.count()).select_from(tables.fingerprints))
    assert cases == prints == len(images) + 1
    assert deaths == []


@pytest.mark.parametrize("after", [False, True])
async def test_a_kill_while_an_update_is_given_up_leaves_nobody_untold(
    town: Town, records: Store, tmp_path: Path, after: bool
) -> None:
    lives = Lives(town, records, tmp_path / "seen")
    town.world.updates.push_raw({"channel_post": {"chat": "poison"}})
    assert await lives.live(Death("Worker._bury", 1, after))
    await lives.live(None)
    assert any("/poison" in message.text for message in town.world.living(town.staff_chat))
    async with records.read() as tx:
        assert len(await queue.buried(tx, tables.inbox, 9)) == 1


WAY = {"Inbox.receive", "Worker._claim", "Inbox.handle", "Scan._record", "Delivery._show"}
"""Who commits when a post comes."""


async def test_a_kill_at_twenty_random_moments_loses_and_doubles_nothing(
    town: Town, records: Store, tmp_path: Path
) -> None:
    moments = random.Random(20261123)
    lives = Lives(town, records, tmp_path / "seen")
    reached = set()
    for _ in range(20):
        lives.post()
        # Counted from a commit, because machines are not equally quick.
        at = moments.choice(sorted(WAY))
        if await lives.live_for(at, moments.uniform(0, 0.1)):
            reached.add(at)
    assert len(reached) >= 3, f"the moments are not spread over the way of a post: {reached}"
    await lives.check()


@pytest.mark.parametrize("after", [False, True])
async def test_a_kill_at_an_early_find_loses_and_doubles_no_alert_and_who_registers_then_is_told_as_well(
    town: Town, records: Store, tmp_path: Path, after: bool
) -> None:
    lives = Lives(town, records, tmp_path / "seen")
    # So many that the end of the film shows nothing that was not told early.
    scenes = [clips.still(number, 1, fps=2) for number in range(1, EARLY_STILLS + 1)]
    film = clips.video([shown for scene in scenes for shown in scene], fps=2)
    town.world.send_video(town.admin, town.channel, film)
    assert await lives.live(Death("Scan._tell_early", 1, after))
    await register(records, picture(2), "uid-later", "JK-LATER")
    assert not await lives.live(None)
    async with records.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(tables.findings)) == 2
        assert {row.state for row in await tx.all(select(tables.media.c.state))} == {"scanned"}
    told = [number for text in town.alerts() for number in re.findall(r"F-(\d+)", text)]
    assert sorted(told) == ["1", "2"]
