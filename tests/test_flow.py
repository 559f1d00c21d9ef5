"""From end to end over HTTP: people act in the stand-in, the bot runs as it runs in earnest."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import clips
import pytest
from flow_scene import (
    Town,
    authorise,
    build_town,
    hash_text,
    jpeg,
    register,
    reposted,
    running,
    until_idle,
)
from pictures import picture
from PIL import ImageOps
from sqlalchemy import func, select

from bot.app import utc_now
from bot.standin import Standin, media
from bot.store import Store, tables


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Standin() as standin:
        yield build_town(standin, tmp_path)


@pytest.fixture
async def records(town: Town) -> AsyncIterator[Store]:
    store = await town.open_store()
    yield store
    await store.close()


def staff_said(town: Town) -> str:
    return "\n".join(message.text for message in town.world.living(town.staff_chat))


async def test_a_post_becomes_an_alert_that_staff_decide_on(town: Town, records: Store) -> None:
    world = town.world
    async with running(town):
        world.add_bot_as_admin(town.channel, by=town.admin)
        await town.press(town.admin, town.staff_chat, "1|c|authorise")
        await town.until(lambda: "2026-123" in world.last(town.staff_chat).text)
        last_day = (utc_now() + timedelta(days=90)).date()
        asked = world.last(town.staff_chat)
        world.send_text(town.admin, town.staff_chat, f"DOC 7 {last_day}", reply_to=asked)
        await town.until(lambda: str(last_day) in world.last(town.staff_chat).text)

        await town.register_by_chat(picture(1), linked=True)
        town.post(reposted(picture(1), 1))
        town.post(jpeg(picture(2)))
        await town.until(lambda: bool(town.alerts()))
        (alert,) = town.alerts()
        assert "https://t.me/a_channel/1" in alert
        assert "mirrored" in alert
        assert "Haneul" not in alert
        assert "Posted before registration" not in alert

        pressed = await town.press(town.admin, town.staff_chat, "1|a|confirmed")
        await town.until(lambda: "Kim" in town.alerts()[0])
        await town.until(lambda: bool(pressed.answers))
        assert town.shown(town.staff_chat, "1|a") is None
        await town.until(lambda: "소식이 있습니다" in world.last(world.private(town.victim)).text)
        await until_idle(town, records)
    async with records.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(tables.findings)) == 1


async def test_the_message_with_the_hash_is_deleted_and_the_pin_is_shown_once(
    town: Town, records: Store
) -> None:
    chat = town.world.private(town.victim)
    async with running(town):
        await town.register_by_chat(picture(1))
        await town.press(town.victim, chat, "1|v|noted")
        await until_idle(town, records)
    left = "\n".join(message.text for message in town.world.living(chat))
    assert hash_text(picture(1)).split(":")[1] not in left
    assert "PIN:" not in left


async def test_an_album_and_a_flood_become_one_alert_that_counts(town: Town, records: Store) -> None:
    await authorise(town, records)
    await register(records, picture(1))
    files = town.world.files
    album = [media.photo(files.photo(reposted(picture(1), number))) for number in range(4)]
    async with running(town):
        town.world.send_album(town.admin, town.channel, album)
        for number in range(8):
            town.post(reposted(picture(1), number))
        await until_idle(town, records)
    (alert,) = town.alerts()
    assert "12" in alert
    assert "?single" in alert


async def test_a_registered_video_is_found_in_an_edited_copy_and_in_a_still(
    town: Town, records: Store
) -> None:
    await authorise(town, records)
    scene = clips.moving(3, seconds=4)
    async with running(town):
        await town.register_by_chat(clips.video(scene))
        mirrored = [ImageOps.mirror(shown) for shown in scene]
        world = town.world
        world.send_video(town.admin, town.channel, clips.video(clips.moving(9) + mirrored, crf="30"))
        await town.until(lambda: any("0:03" in alert for alert in town.alerts()))
        town.post(jpeg(scene[20].resize((640, 360))))
        await town.until(lambda: any("F-2" in alert for alert in town.alerts()))
        await until_idle(town, records)
    text = "\n".join(town.alerts())
    assert re.search(r"in the video from 0:0[34] to 0:0[67] \(\d\d % of it\), mirrored", text)


async def test_a_channel_that_nobody_authorised_is_not_scanned(town: Town, records: Store) -> None:
    await register(records, picture(1))
    async with running(town):
        town.world.add_bot_as_admin(town.channel, by=town.admin)
        town.post(jpeg(picture(1)))
        await until_idle(town, records)
    assert town.alerts() == []
    assert "getFile" not in {call.method for call in town.standin.calls}


async def test_an_update_that_nobody_can_read_is_kept_told_of_and_stops_nothing(
    town: Town, records: Store
) -> None:
    await authorise(town, records)
    await register(records, picture(1))
    async with running(town):
        town.world.updates.push_raw({"channel_post": {"message_id": "seven"}})
        town.post(jpeg(picture(1)))
        await town.until(lambda: bool(town.alerts()))
        await town.until(lambda: "/poison" in staff_said(town))
        town.world.send_text(town.admin, town.staff_chat, "/poison")
        await town.until(lambda: "channel_post" in town.world.last(town.staff_chat).text)
    assert "seven" not in staff_said(town)


async def test_files_that_cannot_be_fingerprinted_are_marked_and_stop_nothing(
    town: Town, records: Store
) -> None:
    await authorise(town, records)
    await register(records, picture(1))
    world = town.world
    broken = jpeg(picture(3))
    async with running(town):
        world.send_document(town.admin, town.channel, b"no picture", "a.jpg")
        world.send_document(town.admin, town.channel, broken[: len(broken) // 2], "b.jpg")
        world.send_document(town.admin, town.channel, jpeg(picture(1)), "c.bin", mime_type="text/plain")
        await until_idle(town, records)
    async with records.read() as tx:
        reasons = [row.reason for row in await tx.all(select(tables.media.c.reason).order_by("id"))]
    assert [reason for reason in reasons if reason] == ["unsupported", "corrupt"]
    assert len(town.alerts()) == 1


async def test_trouble_on_the_way_delays_and_loses_nothing(town: Town, records: Store) -> None:
    await authorise(town, records)
    await register(records, picture(1))
    faults = town.standin.faults
    faults.break_server("getUpdates", 502)
    faults.too_many_requests("getFile", 1)
    faults.truncate_download()
    faults.too_many_requests("sendMessage", 1)
    faults.lose_answer("editMessageText")
    async with running(town):
        town.post(reposted(picture(1), 0))
        town.post(reposted(picture(1), 1))
        await town.until(lambda: any("F-1" in alert and "F-2" in alert for alert in town.alerts()))
        await until_idle(town, records)


async def test_a_staff_chat_that_is_lost_is_told_to_the_admins_and_gets_the_alert_later(
    town: Town, records: Store
) -> None:
    await authorise(town, records)
    await register(records, picture(1))
    world = town.world
    world.start(town.admin)
    world.remove_bot(town.staff_chat, by=town.admin, banned=False)
    async with running(town):
        town.post(jpeg(picture(1)))
        await town.until(lambda: "Alerts cannot reach" in world.last(world.private(town.admin)).text)
        assert town.alerts() == []
        world.add_bot_as_admin(town.staff_chat, by=town.admin)
        await town.until(lambda: bool(town.alerts()))


async def test_a_second_poller_is_told_in_the_staff_chat(town: Town) -> None:
    town.standin.faults.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    async with running(town):
        await town.until(lambda: "Another program" in staff_said(town))


async def test_a_withdrawn_hash_is_gone_at_once(town: Town, records: Store) -> None:
    await authorise(town, records)
    chat = town.world.private(town.victim)
    async with running(town):
        await town.register_by_chat(picture(1), linked=True)
        town.post(reposted(picture(1), 0))
        await town.until(lambda: bool(town.alerts()))
        town.world.send_text(town.victim, chat, "/withdraw")
        await town.press(town.victim, chat, "1|v|withdraw")
        await town.until(lambda: "withdrawn" in town.alerts()[0])
        town.post(reposted(picture(1), 1))
        await until_idle(town, records)
    assert "F-2" not in staff_said(town)


async def test_an_edited_post_is_scanned_again_for_its_new_picture(town: Town, records: Store) -> None:
    await authorise(town, records)
    await register(records, picture(1))
    world = town.world
    async with running(town):
        message = town.post(jpeg(picture(2)))
        await until_idle(town, records)
        assert town.alerts() == []
        sizes = world.files.photo(jpeg(picture(1)))
        world.edit_media(town.admin, message, {"photo": [size.as_dict() for size in sizes]})
        await town.until(lambda: bool(town.alerts()))


async def test_everybody_else_is_refused_in_words_that_tell_nothing(town: Town, records: Store) -> None:
    stranger = town.world.add_user("Somebody", "en")
    town.world.join(town.staff_chat, stranger)
    async with running(town):
        for command in ("/channels", "/staff list", "/poison", "/nonsense"):
            town.world.send_text(stranger, town.staff_chat, command)
        await until_idle(town, records)
    answers = {
        message.text for message in town.world.living(town.staff_chat) if message.sender == town.world.me
    }
    assert len(answers) <= 1
    assert not re.search(r"staff|channel|poison|nonsense", " ".join(answers), re.IGNORECASE)
