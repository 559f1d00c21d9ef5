"""SIGKILL while a long video is told of before its end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import clips
import pytest
from flow_scene import Town, authorise, build_town, register
from mortal import Death
from pictures import picture
from sqlalchemy import func, select
from test_kills import Lives

from bot.pipeline.scan import EARLY_STILLS
from bot.standin import Standin
from bot.store import Store, tables


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
