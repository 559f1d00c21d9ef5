"""Numbers over time, and the plots of them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from casework_scene import Found, put_into, take
from PIL import Image
from sqlalchemy import update
from staff_scene import STAFF_CHAT, VictimDouble, make_config, talk
from store_makers import ADMIN, CHAT, NOW, after

from bot.chat.router import Router
from bot.model import ChannelId, FindingId, FindingState, Language, SendStats, Step
from bot.staff import charts
from bot.store import Store, posts, stats, tables
from bot.store.stats import OfChannel, Stats

S = FindingState
DAY = timedelta(days=1)


def made_up(days: int = 28) -> Stats:
    return Stats(
        since=NOW - timedelta(days=days),
        posts=[40 + 7 * (day % 5) for day in range(days)],
        findings=[day % 3 for day in range(days)],
        media=[30 + day for day in range(days)],
        failed=[day % 4 for day in range(days)],
        confirmed=[1] * days,
        not_a_match=[0, 0, 1, 0] * (days // 4),
        by_channel=[
            OfChannel(ChannelId(3), "한국 <채널> $5$", 12),
            OfChannel(ChannelId(7), "A channel with a rather long name", 5),
        ],
        hours_to_removal=[2.5, 7, 20, 30, 50, 100],
    )


async def test_what_happened_is_counted_by_the_day(store: Store) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        for number in range(1, 6):
            await scene.new(number)
        await scene.new(6, chat_id=CHAT - 1)
        await tx.execute(
            update(tables.posts).where(tables.posts.c.message_id == 2).values(seen_at=NOW + 2 * DAY)
        )
        await tx.execute(update(tables.posts).where(tables.posts.c.message_id == 3).values(seen_at=NOW - DAY))
        [first, second, *_] = [
            row.id for row in await tx.all(tables.media.select().order_by(tables.media.c.id))
        ]
        await posts.scanned(tx, first, fingerprints=None, now=NOW)
        await posts.failed(tx, second, "flat", NOW + DAY)
        await take(tx, FindingId(1), Step.CONFIRMED, S.NEW, now=NOW)
        await take(tx, FindingId(2), Step.NOT_A_MATCH, S.NEW, now=NOW + DAY)
        counted = await stats.collect(tx, NOW, 3)
    assert counted.posts == [4, 0, 1]
    assert counted.findings == [6, 0, 0]
    assert (counted.media, counted.failed) == ([1, 1, 0], [0, 1, 0])
    assert (counted.confirmed, counted.not_a_match) == ([1, 0, 0], [0, 1, 0])
    assert [(found.title, found.number) for found in counted.by_channel] == [("채널", 5), ("채널", 1)]


async def test_what_two_people_decided_on_counts_once(store: Store) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        for number in range(1, 4):
            await scene.new(number)
            await take(tx, FindingId(number), Step.CONFIRMED, S.NEW, second_person=True, now=NOW)
        for number, step in ((1, Step.CONFIRMED), (2, Step.NOT_A_MATCH)):
            await take(tx, FindingId(number), step, S.SECOND, by=ADMIN, second_person=True, now=NOW + DAY)
        counted = await stats.collect(tx, NOW, 2)
    assert (counted.confirmed, counted.not_a_match) == ([0, 1], [0, 1])


async def test_a_day_ends_where_the_next_begins(store: Store) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        for number, at in enumerate((NOW, NOW + DAY - timedelta(milliseconds=1), NOW + DAY), 1):
            await scene.new(number)
            await tx.execute(
                update(tables.posts).where(tables.posts.c.message_id == number).values(seen_at=at)
            )
        assert (await stats.collect(tx, NOW, 2)).posts == [2, 1]


async def test_where_clocks_are_put_back_the_last_day_has_an_hour_more(store: Store) -> None:
    since = datetime(2026, 10, 24, tzinfo=ZoneInfo("Europe/Berlin"))
    async with store.write() as tx:
        await Found(tx).new(1)
        await tx.execute(update(tables.posts).values(seen_at=since.replace(day=25, hour=23, minute=30)))
        assert (await stats.collect(tx, since, 2)).posts == [0, 1]


async def test_the_time_to_removal_is_from_the_first_report_and_leaves_out_what_was_undone(
    store: Store,
) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        for number in (1, 2, 3):
            await scene.new(number)
            await put_into(tx, FindingId(number), S.CONFIRMED)
        way = [
            (Step.REPORTED, S.CONFIRMED, 0),
            (Step.STILL_UP, S.REPORTED, 5),
            (Step.REPORTED, S.STILL_UP, 6),
        ]
        for step, seen, hour in [*way, (Step.REMOVED, S.REPORTED, 9)]:
            await take(tx, FindingId(1), step, seen, now=after(3600 * hour))
        await take(tx, FindingId(2), Step.REMOVED, S.CONFIRMED, now=after(3600))
        await take(tx, FindingId(3), Step.REPORTED, S.CONFIRMED, now=after(3600))
        assert (await stats.collect(tx, NOW, 3)).hours_to_removal == [9.0]


async def test_an_empty_database_has_nothing_to_show(store: Store) -> None:
    async with store.read() as tx:
        empty = await stats.collect(tx, NOW, 28)
    assert empty.posts == [0] * 28
    assert "– h to removal" in charts.caption(empty, Language.EN)
    assert charts.draw(empty, Language.EN)


@pytest.mark.parametrize("language", Language)
def test_the_plots_are_a_picture_that_telegram_takes(language: Language) -> None:
    image = Image.open(io.BytesIO(charts.draw(made_up(), language)))
    assert image.format == "PNG"
    assert image.width + image.height <= 10_000
    assert max(image.size) / min(image.size) < 20


def test_the_caption_says_the_same_in_words() -> None:
    said = charts.caption(made_up(), Language.EN)
    assert "6 removed after a report · median 25 h to removal" in said
    assert "20 % not a match" in said


async def test_plots_are_drawn_when_they_are_sent(store: Store) -> None:
    router = Router(make_config(), VictimDouble(), now=lambda: NOW)
    async with store.write() as tx:
        assert await router.handle(tx, talk("/stats")) == [SendStats(STAFF_CHAT)]
