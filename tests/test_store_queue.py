from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from sqlalchemy import insert, select, update
from store_makers import NOW, add_channel, add_post, after

from bot.model import MediaId
from bot.store import Store, Tx, inbox, posts, queue, tables, work
from bot.store.inbox import InboxRow, NewUpdate

LEASE_S = 60


async def add(store: Store, *keys: str) -> int:
    async with store.write() as tx:
        return await inbox.add(tx, [NewUpdate(key, "message", {"text": key}) for key in keys], now=NOW)


async def claim(store: Store, *, limit: int = 10, seconds: float = 0) -> list[InboxRow]:
    async with store.write() as tx:
        return await inbox.claim(tx, now=after(seconds), lease_s=LEASE_S, limit=limit)


def texts(rows: Iterable[InboxRow]) -> list[str]:
    return [row.raw["text"] for row in rows]


async def test_rows_are_claimed_in_the_order_in_which_they_came(store: Store) -> None:
    await add(store, "a", "b", "c")
    rows = await claim(store, limit=2)
    assert texts(rows) == ["a", "b"]
    assert [(row.kind, row.attempts, row.created_at) for row in rows] == [("message", 1, NOW)] * 2


async def test_a_repeated_insert_is_a_no_op(store: Store) -> None:
    assert await add(store, "a", "b") == 2
    assert await add(store, "b", "c") == 1
    assert texts(await claim(store)) == ["a", "b", "c"]


async def test_a_repeat_within_one_batch_is_a_no_op(store: Store) -> None:
    assert await add(store, "a", "a") == 1


async def test_a_repeat_of_a_row_that_is_done_is_a_no_op(store: Store) -> None:
    await add(store, "a")
    [row] = await claim(store)
    async with store.write() as tx:
        await queue.done(tx, tables.inbox, row.id, now=NOW)
    assert await add(store, "a") == 0
    assert await claim(store) == []


async def test_what_came_while_the_clock_was_ahead_does_not_wait_for_that_time(store: Store) -> None:
    async with store.write() as tx:
        await inbox.add(tx, [NewUpdate("a", "message", {"text": "a"})], now=after(9 * 3600))
    async with store.read() as tx:
        assert await queue.any_ready(tx, tables.inbox, now=NOW)
    [row] = await claim(store)
    assert texts([row]) == ["a"]
    async with store.write() as tx:
        await queue.retry(tx, tables.inbox, row.id, run_at=after(60), trouble="no network yet")
    assert await claim(store, seconds=59) == []
    assert texts(await claim(store, seconds=60)) == ["a"]


async def test_a_claimed_row_is_not_claimed_again_during_its_lease(store: Store) -> None:
    await add(store, "a")
    await claim(store)
    assert await claim(store, seconds=LEASE_S - 1) == []


async def test_a_row_whose_lease_is_over_is_claimed_again(store: Store) -> None:
    await add(store, "a")
    await claim(store)
    [row] = await claim(store, seconds=LEASE_S)
    assert row.attempts == 2


async def test_claiming_at_once_gives_every_row_to_one_claimer(store: Store) -> None:
    await add(store, *(f"{number:02}" for number in range(40)))
    claims = await asyncio.gather(*(claim(store, limit=4) for _ in range(12)))
    claimed = [text for rows in claims for text in texts(rows)]
    while rows := await claim(store, limit=4):
        claimed += texts(rows)
    assert sorted(claimed) == [f"{number:02}" for number in range(40)]


async def test_a_higher_priority_goes_first_and_the_older_of_two_alike(store: Store) -> None:
    async with store.write() as tx:
        media = await some_media(tx, 4)
        for media_id, priority in zip(media, (0, 1, 0, 1), strict=True):
            await work.add(tx, media_id, now=NOW, priority=priority)
        rows = await work.claim(tx, now=NOW, lease_s=LEASE_S, limit=10)
    assert [row.media_id for row in rows] == [media[1], media[3], media[0], media[2]]


async def test_a_row_that_is_to_run_later_waits(store: Store) -> None:
    await add(store, "a", "b")
    first, _ = await claim(store)
    async with store.write() as tx:
        await queue.retry(tx, tables.inbox, first.id, run_at=after(30), trouble="busy")
    assert await claim(store, seconds=29) == []
    [again] = await claim(store, seconds=30)
    assert (again.id, again.attempts) == (first.id, 2)


async def test_a_retried_row_keeps_its_place_in_the_order(store: Store) -> None:
    await add(store, "a", "b")
    [first] = await claim(store, limit=1)
    async with store.write() as tx:
        await queue.retry(tx, tables.inbox, first.id, run_at=NOW, trouble="busy")
    assert texts(await claim(store)) == ["a", "b"]


async def test_a_done_row_has_lost_its_payload(store: Store) -> None:
    await add(store, "a")
    [row] = await claim(store)
    async with store.write() as tx:
        await queue.done(tx, tables.inbox, row.id, now=NOW)
        stored = (await tx.all(select(tables.inbox)))[0]
    assert (stored.state, stored.raw, stored.ended_at, stored.lease_until) == ("done", None, NOW, None)


async def test_a_buried_row_is_kept_with_its_payload_and_the_reason(store: Store) -> None:
    await add(store, "a")
    [row] = await claim(store)
    async with store.write() as tx:
        await queue.bury(tx, tables.inbox, row.id, now=after(5), trouble="unreadable")
        [buried] = await queue.buried(tx, tables.inbox, 10)
        assert await tx.scalar(select(tables.inbox.c.raw)) is not None
    assert (buried.id, buried.kind, buried.trouble) == (row.id, "message", "unreadable")
    assert (buried.attempts, buried.created_at, buried.buried_at) == (1, NOW, after(5))
    assert await claim(store, seconds=1000) == []


async def test_a_long_trouble_is_cut_to_its_column(store: Store) -> None:
    await add(store, "a", "b")
    first, second = await claim(store)
    async with store.write() as tx:
        await queue.bury(tx, tables.inbox, first.id, now=NOW, trouble="가" * 500)
        await queue.retry(tx, tables.inbox, second.id, run_at=NOW, trouble="가" * 500)
        [buried] = await queue.buried(tx, tables.inbox, 10)
    assert buried.trouble == "가" * 200


async def test_the_newest_buried_rows_are_listed_first(store: Store) -> None:
    await add(store, "a", "b", "c")
    rows = await claim(store)
    async with store.write() as tx:
        for row in rows:
            await queue.bury(tx, tables.inbox, row.id, now=NOW, trouble="x")
        assert [row.id for row in await queue.buried(tx, tables.inbox, 2)] == [rows[2].id, rows[1].id]


async def test_a_requeued_row_starts_afresh(store: Store) -> None:
    await add(store, "a")
    [row] = await claim(store)
    async with store.write() as tx:
        await queue.bury(tx, tables.inbox, row.id, now=NOW, trouble="unreadable")
        assert await queue.requeue(tx, tables.inbox, row.id, now=after(5))
        assert await queue.buried(tx, tables.inbox, 10) == []
    assert await claim(store, seconds=4) == []
    [again] = await claim(store, seconds=5)
    assert (again.raw, again.attempts) == (row.raw, 1)


async def test_only_a_buried_row_can_be_requeued(store: Store) -> None:
    await add(store, "a")
    [row] = await claim(store)
    async with store.write() as tx:
        assert not await queue.requeue(tx, tables.inbox, row.id, now=NOW)
        assert not await queue.requeue(tx, tables.inbox, row.id + 1, now=NOW)


async def test_an_ended_row_is_neither_retried_nor_buried(store: Store) -> None:
    await add(store, "a")
    [row] = await claim(store)
    async with store.write() as tx:
        await queue.done(tx, tables.inbox, row.id, now=NOW)
        await queue.retry(tx, tables.inbox, row.id, run_at=NOW, trouble="late")
        await queue.bury(tx, tables.inbox, row.id, now=NOW, trouble="late")
        assert await queue.counts(tx, tables.inbox) == {"ready": 0, "done": 1, "buried": 0}


async def test_a_start_frees_the_leases_of_a_process_that_died(store: Store) -> None:
    await add(store, "a")
    await claim(store)
    async with store.write() as tx:
        await queue.release(tx, tables.inbox)
    [row] = await claim(store)
    assert row.attempts == 2


async def test_a_start_does_not_hurry_a_row_that_is_to_run_later(store: Store) -> None:
    await add(store, "a")
    [row] = await claim(store)
    async with store.write() as tx:
        await queue.retry(tx, tables.inbox, row.id, run_at=after(30), trouble="busy")
        await queue.release(tx, tables.inbox)
    assert await claim(store) == []


async def test_counts_name_every_state(store: Store) -> None:
    async with store.read() as tx:
        assert await queue.counts(tx, tables.work) == {"ready": 0, "done": 0, "buried": 0}


async def test_purge_forgets_what_was_done_before_and_nothing_else(store: Store) -> None:
    await add(store, "old", "new", "buried", "ready")
    old, new, buried, _ = await claim(store)
    async with store.write() as tx:
        await queue.done(tx, tables.inbox, old.id, now=after(1))
        await queue.done(tx, tables.inbox, new.id, now=after(10))
        await queue.bury(tx, tables.inbox, buried.id, now=after(1), trouble="x")
        assert await queue.purge(tx, tables.inbox, before=after(10)) == 1
        assert await queue.counts(tx, tables.inbox) == {"ready": 1, "done": 1, "buried": 1}
    assert await add(store, "new", "buried", "ready") == 0


async def test_a_row_that_does_not_open_is_buried_and_stops_no_other(store: Store) -> None:
    await add(store, "a", "b", "c")
    async with store.write() as tx:
        damaged = await tx.scalar(select(tables.inbox.c.id).order_by(tables.inbox.c.id).offset(1).limit(1))
        await tx.execute(
            update(tables.inbox).where(tables.inbox.c.id == damaged).values(raw=b"\x01" + bytes(40))
        )
    assert texts(await claim(store)) == ["a", "c"]
    async with store.read() as tx:
        [buried] = await queue.buried(tx, tables.inbox, 10)
    assert buried.id == damaged
    assert "does not open" in buried.trouble


@pytest.mark.parametrize("number", [1, 3])
async def test_a_medias_work_is_added_once(store: Store, number: int) -> None:
    async with store.write() as tx:
        media = await some_media(tx, number)
        for media_id in media * 2:
            await work.add(tx, media_id, now=NOW)
        rows = await work.claim(tx, now=NOW, lease_s=LEASE_S, limit=10)
        await queue.done(tx, tables.work, rows[0].id, now=NOW)
        assert await queue.counts(tx, tables.work) == {"ready": number - 1, "done": 1, "buried": 0}
    assert [row.media_id for row in rows] == media


async def some_media(tx: Tx, number: int) -> list[MediaId]:
    channel = await add_channel(tx)
    _, media = await add_post(tx, channel, 1, *(f"photo{place}" for place in range(number)))
    return media


async def test_more_files_than_a_statement_has_room_for_are_tried_again(store: Store) -> None:
    number = 33_000
    async with store.write() as tx:
        channel = await add_channel(tx)
        post_id, _ = await add_post(tx, channel, 1, "a")
        media = [
            {"post_id": post_id, "file_key": tx.cipher.digest("media.file_key", n), "state": "failed"}
            for n in range(number)
        ]
        await tx.execute(insert(tables.media), media)
        failed = select(tables.media.c.id, tables.media.c.file_key).where(tables.media.c.state == "failed")
        given_up = {"state": queue.BURIED, "run_at": NOW, "created_at": NOW, "ended_at": NOW}
        await tx.execute(
            insert(tables.work),
            [{"media_id": row.id, "key": row.file_key, **given_up} for row in await tx.all(failed)],
        )
    async with store.write() as tx:
        assert await work.retry_buried(tx, now=NOW) == number
        assert await tx.all(failed) == []
        assert (await queue.counts(tx, tables.work))["ready"] == number


async def test_files_that_were_given_up_are_forgotten_a_few_at_a_time_and_their_post_with_the_last(
    store: Store,
) -> None:
    async with store.write() as tx:
        _, media_ids = await add_post(tx, await add_channel(tx), 1, "a", "b", "c")
        for media_id in media_ids:
            await work.add(tx, media_id, now=NOW)
            await posts.failed(tx, media_id, "download_failed", NOW)
        for row in await work.claim(tx, now=NOW, lease_s=LEASE_S, limit=9):
            await queue.bury(tx, tables.work, row.id, now=NOW, trouble="x")
    left = []
    for _ in range(2):
        async with store.write() as tx:
            await work.forget_buried(tx, before=after(1), limit=2)
            files = await tx.all(select(tables.media.c.id).where(tables.media.c.file.is_not(None)))
            left.append(((await queue.counts(tx, tables.work))["buried"], len(files)))
    assert left == [(1, 3), (0, 0)]
