"""End to end with ordinary photos: registered in the chat, found in what is made from them, told and drawn to staff."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import clips
import pytest
from flow_scene import CASE_NUMBER, Town, authorise, build_town, register, running, until_idle
from photo_scene import features, jpeg, photo, reposted, sketch, spliced
from PIL import Image, ImageFilter
from sqlalchemy import func, select, update

from bot.app import utc_now
from bot.model import FindingState
from bot.standin import Message, Standin, User
from bot.store import Store, tables
from bot.store.cases import NewFingerprint, add_fingerprints
from matcher import Index, PhotoIndex


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """On a new machine this takes longer than a test waits for what the bot does."""
    Index().prepare()
    PhotoIndex().prepare()


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Standin() as standin:
        yield build_town(standin, tmp_path, photos=True)


@pytest.fixture
async def records(town: Town) -> AsyncIterator[Store]:
    store = await town.open_store()
    await authorise(town, store)
    yield store
    await store.close()


async def register_photo(town: Town, person: User, seed: int = 1, contact: str = "no") -> None:
    """The victim's whole way to a registered ordinary photo."""
    world, chat = town.world, town.world.private(person)
    world.start(person)
    for data in ("1|v|go|age", "1|v|age|yes", "1|v|consent|yes", "1|v|go|photo", "1|v|age|yes"):
        await town.press(person, chat, data)
    await town.until(lambda: "거칠게" in world.last(chat).text)
    await town.press(person, chat, "1|v|consent|yes")
    await town.until(lambda: "--photo" in world.last(chat).text)
    world.send_document(person, chat, sketch(seed), "jikimi-photo-1.txt")
    await town.press(person, chat, f"1|v|contact|{contact}")


def figures(town: Town) -> list[Message]:
    return [message for message in town.world.living(town.staff_chat) if "photo" in message.fields]


def downloads(town: Town) -> int:
    return sum(call.method == "getFile" for call in town.standin.calls)


async def test_a_part_of_a_registered_photo_pasted_into_another_picture_is_told_and_drawn(
    town: Town, records: Store
) -> None:
    world = town.world
    async with running(town):
        await register_photo(town, town.victim)
        town.post(spliced())
        await town.until(lambda: bool(figures(town)))
        await until_idle(town, records)
    (alert,) = (text for text in town.alerts() if "channel" in text.lower())
    assert alert.startswith("🟠 Perhaps a fake · case JK-")
    assert "Part of the registered photo (about " in alert
    assert "turned by 1" in alert
    assert "enlarged 1." in alert
    assert "the rest differs. A suspicion, not a copy" in alert
    (figure,) = figures(town)
    assert figure.reply_to is not None
    assert figure.reply_to.text == alert
    assert "F-1" in figure.text
    file = world.files.find(figure.fields["photo"][-1]["file_id"])
    assert file is not None
    # Lines and boxes on white: nearly all of it has one of very few colours.
    drawn = Image.open(io.BytesIO(file.data)).convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    colours = drawn.getcolors()
    assert colours is not None
    assert max(count for count, _ in colours) > 0.3 * drawn.width * drawn.height
    left = "\n".join(message.text for message in world.living(world.private(town.victim)))
    assert "PHOTO1" not in left
    assert not [m for m in world.living(world.private(town.victim)) if "document" in m.fields]


async def test_a_copy_that_only_a_hash_of_the_photo_finds_is_told_as_a_suspicion_without_a_figure(
    town: Town, records: Store
) -> None:
    async with running(town):
        await register_photo(town, town.victim)
        town.post(jpeg(photo(1).filter(ImageFilter.GaussianBlur(20))))
        await town.until(lambda: bool(town.alerts()))
        await until_idle(town, records)
    (alert,) = town.alerts()
    assert alert.startswith("🟠 Perhaps a fake · case JK-")
    assert "A picture nearly the same as the registered photo (differs by " in alert
    assert figures(town) == []


async def test_the_whole_photo_reposted_is_told_quietly_and_can_be_muted_for_the_case(
    town: Town, records: Store
) -> None:
    async with running(town):
        await register_photo(town, town.victim)
        town.post(reposted())
        await town.until(lambda: bool(town.alerts()))
        (alert,) = town.alerts()
        assert alert.startswith("🔵 The ordinary photo as it is (low priority)")
        assert "may be an innocent repost" in alert
        [sent] = [call for call in town.standin.calls if "F-1" in str(call.arguments.get("text"))]
        assert sent.arguments["disable_notification"]
        await town.press(town.admin, town.staff_chat, "1|a|mute")
        await town.until(lambda: "🔕" in town.alerts()[0])
        town.post(reposted())
        await until_idle(town, records)
        assert all("F-2" not in text for text in town.alerts())
        town.post(spliced())
        await town.until(lambda: any("F-3" in text for text in town.alerts()))
        await town.press(town.admin, town.staff_chat, "1|a|unmute")
        await town.until(lambda: all("🔕" not in text for text in town.alerts()))
        town.post(reposted())
        await town.until(lambda: any("F-4" in text for text in town.alerts()))
        await until_idle(town, records)
    async with records.read() as tx:
        states = await tx.all(select(tables.findings.c.state).order_by(tables.findings.c.id))
    new, muted = FindingState.NEW.value, FindingState.MUTED.value
    assert [row.state for row in states] == [new, muted, new, new]
    assert len(figures(town)) == 1


async def test_withdrawing_deletes_the_photo_and_the_figure_and_it_is_not_found_again(
    town: Town, records: Store
) -> None:
    chat = town.world.private(town.victim)
    async with running(town):
        await register_photo(town, town.victim)
        town.post(spliced())
        await town.until(lambda: bool(figures(town)))
        town.world.send_text(town.victim, chat, "/withdraw")
        await town.press(town.victim, chat, "1|v|withdraw")
        await town.until(lambda: not figures(town))
        town.post(spliced(into=3))
        await until_idle(town, records)
    assert all("F-2" not in text for text in town.alerts())
    async with records.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(tables.fingerprints)) == 0
        assert [row.photo for row in await tx.all(select(tables.matches.c.photo))] == [None]
        assert await tx.scalar(select(func.count()).select_from(tables.figures)) == 0


async def test_of_a_hash_and_a_photo_of_one_case_the_hash_leads_and_there_is_one_finding(
    town: Town, records: Store
) -> None:
    await register(records, Image.open(io.BytesIO(spliced())))
    async with records.write() as tx:
        case_id = await tx.scalar(select(tables.cases.c.id))
        new = NewFingerprint(kind="photo", part="photo", bits=features().to_bytes(), radius_bits=0)
        assert await add_fingerprints(tx, case_id, [new], town.standin.world.clock()) == 1
    async with running(town):
        town.post(spliced())
        await town.until(lambda: bool(town.alerts()))
        await until_idle(town, records)
    (alert,) = town.alerts()
    assert alert.startswith(f"🔴 Match · case {CASE_NUMBER}")
    assert figures(town) == []
    async with records.read() as tx:
        kinds = await tx.all(select(tables.matches.c.kind).order_by(tables.matches.c.kind))
        assert await tx.scalar(select(func.count()).select_from(tables.findings)) == 1
    assert {row.kind for row in kinds} == {"pdq", "photo"}


async def test_nothing_else_that_a_victim_sends_is_downloaded(town: Town, records: Store) -> None:
    world, chat = town.world, town.world.private(town.victim)
    async with running(town):
        world.start(town.victim)
        world.send_document(town.victim, chat, sketch(), "jikimi-photo-1.txt")
        await until_idle(town, records)
        for data in ("1|v|go|age", "1|v|age|yes", "1|v|consent|yes", "1|v|go|photo", "1|v|age|yes"):
            await town.press(town.victim, chat, data)
        await town.press(town.victim, chat, "1|v|consent|yes")
        await town.until(lambda: "--photo" in world.last(chat).text)
        world.send_photo(town.victim, chat, reposted())
        world.send_document(town.victim, chat, reposted(), "photo.jpg")
        world.send_document(town.victim, chat, b"PHOTO1:" + b"a" * (128 << 10), "large.txt")
        await until_idle(town, records)
        assert downloads(town) == 0
        world.send_document(town.victim, chat, b"hello", "hello.txt")
        await until_idle(town, records)
        assert downloads(town) == 1
    assert "PHOTO1" in world.last(chat).text
    kinds = {kind for m in world.living(chat) for kind in ("photo", "document") if kind in m.fields}
    assert kinds == set()


async def test_a_part_of_a_registered_photo_in_a_video_is_told_with_where(town: Town, records: Store) -> None:
    calm = photo(2).resize((960, 640))
    fake = Image.open(io.BytesIO(spliced())).resize((960, 640))
    shown = [calm] * (3 * clips.FPS) + [fake] * (3 * clips.FPS)
    async with running(town):
        await register_photo(town, town.victim)
        town.world.send_video(town.admin, town.channel, clips.video(shown))
        await town.until(lambda: bool(figures(town)))
        await until_idle(town, records)
    (alert,) = (text for text in town.alerts() if "channel" in text.lower())
    assert "Part of the registered photo" in alert
    assert re.search(r"in the video from 0:0[345] to 0:0[3-6]", alert)


async def test_photos_that_are_kept_long_enough_go_by_themselves_and_the_victim_is_told(
    town: Town, records: Store
) -> None:
    chat = town.world.private(town.victim)
    async with running(town):
        await register_photo(town, town.victim, contact="yes")
        await until_idle(town, records)
    async with records.write() as tx:
        long_ago = utc_now() - timedelta(days=366)
        await tx.execute(update(tables.items).values(created_at=long_ago))
    async with running(town):
        await town.until(lambda: "보관 기간이 지났습니다" in town.world.last(chat).text)
    async with records.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(tables.fingerprints)) == 0
