"""From the alert to the removal over HTTP: staff in the stand-in's chat, the bot as it runs in earnest."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flow_scene import Town, authorise, build_town, register, reposted
from pictures import picture

from bot import app, casework
from bot.app import utc_now
from bot.model import FindingId, FindingState
from bot.recheck import Pace, Rechecks
from bot.sources.embed import PublicPage
from bot.standin import Standin
from bot.store import Store, audit


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Standin() as standin:
        yield build_town(standin, tmp_path)


@pytest.fixture
async def records(town: Town) -> AsyncIterator[Store]:
    store = await town.open_store()
    yield store
    await store.close()


@asynccontextmanager
async def running(town: Town) -> AsyncIterator[None]:
    stop = asyncio.Event()
    serving = asyncio.create_task(app.run(town.config, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await serving


async def test_staff_carry_a_finding_from_the_alert_to_the_removal(town: Town, records: Store) -> None:
    world, chat = town.world, town.staff_chat
    await authorise(town, records)
    await register(records, picture(1))
    async with running(town):
        post = town.post(reposted(picture(1), 0))
        await town.until(lambda: bool(town.alerts()))
        world.send_text(town.admin, chat, "/queue")
        await town.press(town.admin, chat, "1|f|show|1")
        await town.press(town.admin, chat, "1|f|claim|1|0")
        await town.until(lambda: "Worked on by: Kim" in world.last(chat).text)
        await town.press(town.admin, chat, "1|f|step|1|confirmed|new")
        await town.until(lambda: "✅ Confirmed · F-1 · Kim" in town.alerts()[0])
        await town.press(town.admin, chat, "1|r|choose|1")
        await town.press(town.admin, chat, "1|r|make|telegram-abuse|finding-1")
        await town.press(town.admin, chat, "1|r|sent|telegram-abuse|finding-1")
        await town.until(lambda: "📨 Reported · F-1 · Kim" in town.alerts()[0])
        [document] = [one.fields["document"] for one in world.living(chat) if "document" in one.fields]
        assert document["file_name"] == "F-1-telegram-abuse.zip"

        world.delete(town.admin, post)
        # Seven hours later the page is looked at again.
        async with PublicPage(town.standin.api_url) as page:
            pace = Pace(timedelta(hours=6), 5, timedelta(days=30))
            later = utc_now() + timedelta(hours=7)
            await Rechecks(records, page, pace, now=lambda: later, committed=lambda: None).tick()
    archived = zipfile.ZipFile(io.BytesIO(world.files.find(document["file_id"]).data))
    made = json.loads(archived.read("F-1-telegram-abuse.json"))
    assert made["posts"][0]["public_link"] == f"https://t.me/a_channel/{post.id}"
    async with records.read() as tx:
        finding = await casework.get(tx, FindingId(1))
        assert finding.state is FindingState.REMOVED
        assert [taken.by.name for taken in finding.steps] == ["Kim", "Kim", "Jikimi"]
        assert (await audit.verify(tx)).harm is None
