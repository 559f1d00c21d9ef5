"""Lists of what waits for somebody, and reminders of what waits too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from casework_scene import Found, found, put_into, said_buttons, take
from sqlalchemy import func, select, update
from staff_scene import STAFF_CHAT, VictimDouble, add_staff, make_config, talk, texts
from store_makers import CHAT, NOW, POSSIBLE, STAFF, after, prints_of

from bot.chat.callback import encode
from bot.chat.finding_view import age
from bot.chat.router import Router
from bot.model import FindingId, FindingState, Language, Send, Step
from bot.staff import casework, reminders
from bot.staff.reminders import WorkingHours
from bot.store import Store, tables

S = FindingState


@pytest.fixture
def router() -> Router:
    return Router(make_config(), VictimDouble(), now=lambda: NOW, username="jikimi_bot")


# Lists


async def test_the_queue_lists_what_waits_longest_first_and_leaves_out_what_is_done(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        scene = Found(tx)
        for message_id in range(1, 6):
            await scene.new(message_id, seconds=message_id, band=POSSIBLE if message_id == 5 else "match")
        await scene.new(6, case="B", chat_id=CHAT - 1, seconds=6)
        await put_into(tx, FindingId(1), S.REMOVED)
        await put_into(tx, FindingId(2), S.NOT_A_MATCH)
        await put_into(tx, FindingId(3), S.REPORTED, after(50))
        await casework.claim(tx, FindingId(4), STAFF, instead_of=None, by=STAFF, now=NOW)
        everything = texts(await router.handle(tx, talk("/queue")))
        assert [line.split("</b>")[0][-3:] for line in everything.split("\n\n")[1:]] == [
            "F-4", "F-5", "F-6", "F-3",
        ]  # fmt: skip
        assert "할 일: 4건" in everything
        mine = texts(await router.handle(tx, talk("/queue mine", STAFF)))
        assert "내가 맡은 것: 1건" in mine
        assert "F-4" in mine
        channel_id = (await casework.get(tx, FindingId(6))).channel_id
        assert "할 일: 1건" in texts(await router.handle(tx, talk(f"/queue channel {channel_id}")))
        assert "할 일: 1건" in texts(await router.handle(tx, talk("/queue case jk-b")))


async def test_a_long_queue_is_turned_by_its_buttons(store: Store, router: Router) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        for message_id in range(1, 21):
            await scene.new(message_id, seconds=message_id)
        seen: list[str] = []
        effects = await router.handle(tx, talk("/queue"))
        while True:
            data = said_buttons(effects)
            seen += [one for one in data if one.startswith("1|f|show|")]
            later = [
                one for one in data if one.startswith("1|q|list|open-0|") and one.endswith(f"|{len(seen)}")
            ]
            if not later:
                break
            effects = await router.handle(tx, talk(callback_id="q", callback_data=later[0]))
        assert seen == [encode("f", "show", number) for number in range(1, 21)]


async def test_other_posts_of_the_same_picture_are_named_on_the_card(store: Store, router: Router) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        await scene.new(1)
        await scene.new(2)
        await scene.new(3, fingerprint=1)
        await scene.new(4, case="b")
        prints = await prints_of(tx, await scene.case("a"))
        items = tables.fingerprints.c.item_id
        other = await tx.scalar(select(items).where(tables.fingerprints.c.case_id == await scene.case("b")))
        # The second hash is made one of another picture.
        await tx.execute(
            update(tables.fingerprints).where(tables.fingerprints.c.id == prints[1]).values(item_id=other)
        )
        assert "같은 사진이 올라온 다른 발견: F-1 (1건)" in texts(await router.handle(tx, talk("/finding 2")))
        assert "다른 발견" not in texts(await router.handle(tx, talk("/finding 3")))
        # Telegram's id of the file tells the same, also where the hash is gone.
        key = await tx.scalar(select(tables.media.c.file_key).order_by(tables.media.c.id).limit(1))
        post_id = (await casework.get(tx, FindingId(3))).post_id
        last = select(func.max(tables.media.c.id)).where(tables.media.c.post_id == post_id).scalar_subquery()
        await tx.execute(update(tables.media).where(tables.media.c.id == last).values(file_key=key))
        assert "다른 발견: F-1 (1건)" in texts(await router.handle(tx, talk("/finding 3")))


# Reminders

SEOUL = ZoneInfo("Asia/Seoul")
HOURS = WorkingHours(SEOUL, 9, 18, frozenset({"mon", "tue", "wed", "thu", "fri"}))
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("at", "is_work"),
    [
        (MONDAY, True),
        (MONDAY.replace(hour=8, minute=59), False),
        (MONDAY.replace(hour=9), True),
        (MONDAY.replace(hour=17, minute=59), True),
        (MONDAY.replace(hour=18), False),
        (MONDAY - timedelta(days=1), False),
        (datetime(2026, 11, 23, 0, 30, tzinfo=UTC), True),
    ],
)
def test_working_hours_are_those_of_the_staffs_own_time_zone(at: datetime, is_work: bool) -> None:
    assert HOURS.include(at) is is_work


async def test_late_findings_are_told_of_together_and_each_limit_once(store: Store) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        for message_id in (1, 2, 3, 4):
            await scene.new(message_id)
        await put_into(tx, FindingId(1), S.NEW, MONDAY - timedelta(hours=50))
        await put_into(tx, FindingId(2), S.REPORTED, MONDAY - timedelta(hours=25))
        await put_into(tx, FindingId(3), S.CLOSED, MONDAY - timedelta(hours=90))
        await put_into(tx, FindingId(4), S.CONFIRMED, MONDAY - timedelta(hours=1))
        limits = [24, 48]
        assert await reminders.due(tx, HOURS, limits, MONDAY - timedelta(hours=2)) == []
        assert await reminders.due(tx, HOURS, limits, MONDAY) == [1, 2]
        assert await reminders.due(tx, HOURS, limits, MONDAY + timedelta(minutes=1)) == []
        # A day later the second limit of F-2 and the first of F-4 are over.
        assert await reminders.due(tx, HOURS, limits, MONDAY + timedelta(hours=24)) == [2, 4]
        assert await reminders.due(tx, HOURS, limits, MONDAY + timedelta(hours=31)) == []


async def test_a_reminder_from_a_clock_that_was_ahead_keeps_no_later_one_back(store: Store) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        await scene.new(1)
        assert await reminders.due(tx, HOURS, [24], MONDAY + timedelta(days=364)) == [1]
        await scene.new(2)
        await put_into(tx, FindingId(2), S.NEW, MONDAY - timedelta(hours=30))
        assert await reminders.due(tx, HOURS, [24], MONDAY) == [2]


async def test_a_step_starts_the_limits_anew(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await put_into(tx, finding_id, S.NEW, MONDAY - timedelta(hours=30))
        assert await reminders.due(tx, HOURS, [24], MONDAY) == [finding_id]
        await take(tx, finding_id, Step.CONFIRMED, S.NEW, now=MONDAY)
        assert await reminders.due(tx, HOURS, [24], MONDAY + timedelta(hours=5)) == []
        assert await reminders.due(tx, HOURS, [24], MONDAY + timedelta(hours=25)) == [finding_id]


async def test_the_reminder_is_one_message_in_the_staff_chat(store: Store, router: Router) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        for message_id in range(1, 31):
            await scene.new(message_id)
            await put_into(tx, FindingId(message_id), S.NEW, MONDAY - timedelta(hours=30))
        [reminder] = await router.sweep(tx, MONDAY.astimezone(UTC))
    assert isinstance(reminder, Send)
    assert reminder.chat_id == STAFF_CHAT
    assert "새로 기한이 지난 발견: 30건" in reminder.text
    assert len(reminder.text) < 4096


@pytest.mark.parametrize(
    ("lasted", "words"),
    [
        (timedelta(seconds=-1), "방금"),
        (timedelta(minutes=59), "방금"),
        (timedelta(hours=1), "1시간째"),
        (timedelta(hours=47), "47시간째"),
        (timedelta(hours=48), "2일째"),
    ],
)
def test_what_waits_for_less_than_an_hour_came_just_now(lasted: timedelta, words: str) -> None:
    assert age(lasted, Language.KO) == words
