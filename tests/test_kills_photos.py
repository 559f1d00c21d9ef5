"""SIGKILL around ordinary photos: no photo, alert or figure is lost, and only a send that was cut off is repeated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from flow_scene import Town, authorise, build_town
from flow_scene import buttons as buttons_of
from mortal import Death, start
from photo_scene import features, sketch, spliced
from sqlalchemy import func, select
from store_makers import add_case
from test_kills import Lives, end

from bot.app import utc_now
from bot.standin import Standin
from bot.store import Store, tables
from bot.store.cases import NewFingerprint, add_fingerprints


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Standin() as standin:
        yield build_town(standin, tmp_path, fold_minutes=0, photos=True)


@pytest.fixture
async def records(town: Town) -> AsyncIterator[Store]:
    store = await town.open_store()
    await authorise(town, store)
    yield store
    await store.close()


def numbers(texts: list[str]) -> Counter[str]:
    return Counter(number for text in texts for number in re.findall(r"F-(\d+)", text))


async def test_a_kill_on_the_way_of_a_figure_loses_none_and_repeats_only_what_was_cut_off(
    town: Town, records: Store, tmp_path: Path
) -> None:
    async with records.write() as tx:
        case_id = await add_case(tx)
        new = NewFingerprint(kind="photo", part="photo", bits=features().to_bytes(), radius_bits=0)
        await add_fingerprints(tx, case_id, [new], utc_now())
    lives = Lives(town, records, tmp_path / "seen")
    deaths = [
        Death(at, 1, after)
        for at, after in (
            ("Delivery._show", True),
            ("Figures._send", False),
            ("Figures._send", True),
            ("Figures.show", False),
        )
    ]
    for number, death in enumerate(deaths):
        town.post(spliced(into=2 + number % 3, turn=5 + number))
        assert await lives.live(death)
    await lives.live(None)
    async with records.read() as tx:
        ids = [str(row.id) for row in await tx.all(select(tables.findings.c.id))]
        kept = await tx.scalar(select(func.count()).select_from(tables.figures))
    shown = town.world.living(town.staff_chat)
    figures = numbers([message.text for message in shown if "photo" in message.fields])
    alerts = numbers([message.text for message in shown if "text" in message.fields])
    assert len(ids) == len(deaths) == kept
    assert set(ids) == set(figures) <= set(alerts)
    # Only the figure whose sending was not committed came twice.
    assert figures.total() == len(ids) + 1


async def test_a_kill_while_a_photos_file_is_read_registers_it_once(
    town: Town, records: Store, tmp_path: Path
) -> None:
    world, chat = town.world, town.world.private(town.victim)
    lives = Lives(town, records, tmp_path / "seen")
    asked_for_a_photo = ("1|v|go|photo", "1|v|age|yes", "1|v|consent|yes")
    world.start(town.victim)
    await press(town, lives, "1|v|go|age", "1|v|age|yes", "1|v|consent|yes", *asked_for_a_photo)
    for number, after in enumerate((False, True), start=1):
        world.send_document(town.victim, chat, sketch(number), "jikimi-photo-1.txt")
        assert await lives.live(Death("PhotoFiles.read", 1, after))
        await lives.live(None)
        if number == 1:
            await press(town, lives, "1|v|contact|no", *asked_for_a_photo)
    async with records.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(tables.cases)) == 1
        assert await tx.scalar(select(func.count()).select_from(tables.fingerprints)) == 2
    assert not [message for message in world.living(chat) if "document" in message.fields]


async def press(town: Town, lives: Lives, *buttons: str) -> None:
    """In one life, each once the bot has answered what was before it."""
    process = start(town.config_file, None, lives.seen)
    await lives.work(process)
    for data in buttons:
        message = town.shown(town.world.private(town.victim), data)
        assert message is not None
        button = next(one for one in buttons_of(message) if one.startswith(data))
        town.world.press(town.victim, message, button)
        await lives.work(process)
    await end(process)
