"""What staff do in a day, over HTTP at the bot as it runs in earnest, on both databases: one bot for all tests here."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from command_scene import Commands, Ended
from conftest import database_url, need_postgres, on_server
from flow_scene import Town, build_town, hash_text, jpeg, running
from pictures import picture
from telegram.ext import AIORateLimiter
from work_scene import Work

from bot import housekeeping
from bot.app import utc_now
from bot.cli.exits import ExitCode
from bot.registered import lookback
from bot.sources import botapi
from bot.staff import recheck
from bot.standin import Standin
from bot.store import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL_DAY = """
        work_starts_hour = 0
        work_ends_hour = 24
        work_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        """


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Town, Store]]:
    """The bot, which looks at the time more often than in earnest."""
    url = "sqlite+aiosqlite:///jikimi.sqlite3"
    database = f"jikimi_{uuid4().hex}"
    if request.param == "postgresql":
        need_postgres()
        await on_server(f"CREATE DATABASE {database}")
        url = database_url(database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(housekeeping, "INTERVAL_S", 0.3)
        patch.setattr(recheck, "PAUSE_S", 0.3)
        patch.setattr(lookback, "WAIT_S", 0.1)
        # Telegram lets a bot send 20 messages a minute to a group.
        patch.setattr(botapi, "AIORateLimiter", partial(AIORateLimiter, overall_max_rate=0, group_max_rate=0))
        async with Standin() as standin:
            town = build_town(standin, tmp_path_factory.mktemp("town"), staff=ALL_DAY, store_url=url)
            records = await town.open_store()
            async with running(town):
                yield town, records
            await records.close()
    if request.param == "postgresql":
        await on_server(f"DROP DATABASE {database} WITH (FORCE)")


@pytest_asyncio.fixture(loop_scope="module")
async def work(shared: tuple[Town, Store]) -> Work:
    town, records = shared
    lee = next((user for user in town.world.users.values() if user.first_name == "Lee"), None)
    if lee is None:
        lee = town.world.add_user("Lee", "en")
        town.world.join(town.staff_chat, lee)
        town.world.send_text(town.admin, town.staff_chat, f"/staff add {lee.id} Lee")
    return await Work(town, records, lee).settle()


@pytest.fixture
def jikimi(work: Work, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands of somebody at the machine while the bot runs."""
    return Commands(capsys, work.town.config_file)


def printed(ended: Ended) -> list[dict[str, Any]]:
    """The records that a command wrote, without what the bot logs meanwhile."""
    return [json.loads(line) for line in ended.out.splitlines() if line.startswith("{")]


async def test_two_people_share_the_queue_and_what_waits_for_long_is_told_once(work: Work) -> None:
    kim, lee, chat = work.town.admin, work.colleague, work.town.staff_chat
    await work.register()
    work.post()
    finding = await work.found()
    work.say(f"/queue case {work.case_number}", lee)
    await work.reads("To do for this case: 1")
    await work.press(f"1|f|show|{finding}")
    await work.press(f"1|f|claim|{finding}|0")
    await work.reads("Worked on by: Kim")
    await work.press(f"1|f|people|{finding}|{kim.id}")
    await work.press(f"1|f|give|{finding}|{lee.id}|{kim.id}")
    await work.reads("Worked on by: Lee")

    card = work.town.shown(chat, f"1|f|step|{finding}")
    assert card is not None
    both = [
        work.town.world.press(person, card, work.data(f"1|f|step|{finding}|{step}|new"))
        for person, step in ((lee, "confirmed"), (kim, "not_a_match"))
    ]
    await work.town.until(lambda: all(press.answers for press in both))
    told = [str(press.answers[0].get("text")) for press in both]
    assert sum("meanwhile" in words for words in told) == 1, told
    won = "confirmed" if "meanwhile" in told[1] else "not_a_match"
    await work.press(f"1|f|undo|{finding}|{won}")
    await work.decided(finding, "confirmed", "new")
    work.say(f"/note F-{finding} asked the owner")
    await work.reads("📝 asked the owner · Kim")
    assert "<s>" not in await work.card(finding)

    # Half an hour more, because a reminder may be of a moment before this.
    await work.pass_time(finding, hours=25, minutes=30)
    reminder = await work.reads("Findings newly overdue")
    assert f"F-{finding} · confirmed · for 25 h" in reminder
    await work.idle()
    assert len([one for one in work.town.world.living(chat) if "newly overdue" in one.text]) == 1


async def test_a_report_is_a_packet_of_files_that_agree_and_none_holds_the_picture(work: Work) -> None:
    await work.register()
    post = work.post()
    finding = await work.found()
    await work.decided(finding, "confirmed", "new")
    work.say(f"/report F-{finding}")
    await work.press(f"1|r|make|kr-regulator|finding-{finding}")
    name = f"F-{finding}-kr-regulator"

    def sent() -> list[str]:
        documents = [one.fields.get("document", {}) for one in work.town.world.living(work.town.staff_chat)]
        return [one["file_id"] for one in documents if one.get("file_name") == f"{name}.zip"]

    await work.town.until(lambda: bool(sent()))
    packet = work.town.world.files.find(sent()[0])
    assert packet is not None
    files = zipfile.ZipFile(io.BytesIO(packet.data))
    sums = dict(line.split("  ")[::-1] for line in files.read("SHA256SUMS").decode().splitlines())
    assert sums == {
        one: sha256(files.read(one)).hexdigest() for one in files.namelist() if one != "SHA256SUMS"
    }
    [made] = json.loads(files.read(f"{name}.json"))["posts"]
    link = f"https://t.me/{work.town.channel.username}/{post.id}"
    assert (made["public_link"], made["finding"]) == (link, f"F-{finding}")
    assert work.case_number not in "".join(files.read(one).decode("utf-8-sig") for one in files.namelist())
    [row] = csv.DictReader(io.StringIO(files.read(f"{name}.csv").decode("utf-8-sig")))
    assert row["public_link"] == link
    mail = message_from_bytes(files.read(f"{name}.eml"), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert link in body.get_content()
    page = files.read(f"{name}.html").decode()
    assert link in page
    assert "<html lang=ko>" in page
    assert not re.search(r"<(img|picture|video|script|link)\b", page)

    await work.press("1|r|sent|")
    work.say(f"/reported F-{finding} kr-regulator 2026-77")
    await work.reads(
        "Reported to: Korea's media regulator (formerly KCSC), digital sex crime desk · their number: 2026-77 · Kim"
    )
    await work.town.until(lambda: f"📨 Reported · F-{finding} · Kim" in work.alerts()[0])


async def test_a_removed_post_is_noticed_and_the_picture_posted_again_is_told_with_it(work: Work) -> None:
    await work.register()
    post = work.post()
    finding = await work.found()
    await work.decided(finding, "confirmed", "new")
    work.say(f"/reported F-{finding} telegram-abuse")
    await work.town.until(lambda: f"📨 Reported · F-{finding}" in work.alerts()[0])
    work.town.world.delete(work.town.admin, post)
    await work.pass_time(finding, hours=7)
    await work.town.until(lambda: f"🗑 Removed · F-{finding} · Jikimi" in work.alerts()[0])
    assert "👁 Looked again: not there" in await work.card(finding)
    work.post(1)
    await work.town.until(lambda: len(work.alerts()) == 2)
    assert f"Other findings of the same picture: F-{finding} (1)" in await work.card(await work.found())


async def test_what_was_posted_before_its_registration_is_found_and_told_so(work: Work) -> None:
    work.post()
    work.town.post(jpeg(picture(1)))
    posted_at = utc_now()
    await work.idle()
    # Telegram tells whole seconds, and of one second nobody can say what came first.
    while utc_now().replace(microsecond=0) <= posted_at:
        await asyncio.sleep(0)
    await work.town.register_by_chat(work.picture)
    await work.found()
    assert "Posted before registration" in work.alerts()[0]
    await work.idle()
    assert len(work.alerts()) == 1


async def test_a_flood_of_a_registered_meme_costs_one_message_and_a_known_good_one_none(work: Work) -> None:
    await work.town.register_by_chat(work.picture)
    for variant in range(5):
        work.post(variant)
    finding = await work.found()
    await work.idle()
    [alert] = work.alerts()
    assert "Further posts with this hash that wait for this decision: 4" in alert
    work.say(f"/knowngood F-{finding}")
    work.say("/knowngood list")
    listed = await work.reads(f"F-{finding} · Kim")
    for variant in range(2):
        work.post(variant)
    await work.idle()
    assert len(work.alerts()) == 1
    number = re.findall(r"G-(\d+)", listed)[0]
    work.say(f"/knowngood remove G-{number}")
    work.say(f"/hash F-{finding}")
    assert "its first finding is not confirmed yet" in await work.reads("Posts: ")


async def test_a_list_of_others_is_searched_for_handed_on_and_withdrawn_while_the_bot_runs(
    work: Work, jikimi: Commands, tmp_path: Path
) -> None:
    hashed = hash_text(work.picture).split(":")[1]
    file, name = tmp_path / "list.jsonl", f"Partner {work.number}"
    row = {"signal_type": "pdq", "signal_str": hashed}
    file.write_text(json.dumps(row))
    assert "New: 1," in (await jikimi("import", file, "--list", name)).out
    assert "New: 0, there already: 1," in (await jikimi("import", file, "--list", name)).out
    work.post()
    await work.found()
    assert f"From another organisation's list: {name}" in work.alerts()[0]
    [handed_on] = printed(await jikimi("export", "--list", name, "--format", "jsonl"))
    assert handed_on["signal_str"] == hashed
    file.write_text(json.dumps(row | {"status": "withdrawn"}))
    assert "gone: 1" in (await jikimi("import", file, "--list", name)).out
    work.post(1)
    await work.idle()
    assert len(work.alerts()) == 1


async def test_figures_are_a_picture_and_health_is_three_lines(work: Work) -> None:
    world, chat = work.town.world, work.town.staff_chat
    work.say("/stats")
    await work.town.until(lambda: any("photo" in message.fields for message in world.living(chat)))
    work.say("/health")
    health = await work.reads("Last update received")
    assert len(health.splitlines()) == 3


async def test_whoever_deletes_everything_is_gone_and_the_audit_is_whole(
    work: Work, jikimi: Commands
) -> None:
    world, private = work.town.world, work.town.world.private(work.town.victim)
    await work.town.register_by_chat(work.picture, linked=True)
    work.post()
    finding = await work.found()
    number = re.findall(r"case (JK-[\w-]+)", work.alerts()[0])[0]
    await work.decided(finding, "confirmed", "new")
    await work.card(finding)
    work.say("/queue open")
    await work.reads(f"F-{finding} · confirmed")
    work.say(f"/report F-{finding}")
    await work.press(f"1|r|make|kr-regulator|finding-{finding}")

    def told() -> list[str]:
        """What the bot said in the staff chat of the case, with the names of files."""
        living = world.living(work.town.staff_chat)
        said = [message.text + message.fields.get("document", {}).get("file_name", "") for message in living]
        marks = (number, f"t.me/{work.town.channel.username}/", f"F-{finding}-")
        return [one for one in said if any(mark in one for mark in marks)]

    await work.town.until(lambda: any(".zip" in one for one in told()))
    assert len(told()) == 5
    world.send_text(work.town.victim, private, "/delete")
    await work.town.press(work.town.victim, private, "1|v|erase")
    await work.town.until(lambda: not told())
    work.say(f"/finding F-{finding}")
    await work.reads("There is no finding of this number")
    assert (await jikimi("audit", "verify")).code == ExitCode.OK
    exported = await jikimi("audit", "export", "--open")
    assert exported.code == ExitCode.OK
    assert number not in exported.out
    assert str(work.town.victim.id) not in exported.out
    rows = printed(exported)
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]


async def test_a_drill_tells_how_long_every_step_took_and_posts_nothing(work: Work) -> None:
    work.say("/drill")
    report = await work.reads("Drill: all is working")
    for stage in ("received", "fingerprinted", "found to match", "alert sent"):
        assert re.search(rf"{stage}: \d+\.\d", report)
    assert work.town.world.living(work.town.channel) == []
