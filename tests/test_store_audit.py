from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from store_makers import NOW, STAFF, add_case, after

from bot.store import Store, Tx, audit, cases, settings, tables
from bot.store.audit import Harm

ROWS = 5


async def fill(tx: Tx, number: int = ROWS) -> list[int]:
    for place in range(number):
        await audit.append(
            tx,
            action="case.registered",
            subject=f"uid{place}",
            actor=STAFF if place % 2 else None,
            details={"fingerprints": place, "이름": "값"},
            now=after(place),
        )
    return [row.id for row in await tx.all(select(tables.audit.c.id).order_by(tables.audit.c.id))]


async def change(tx: Tx, row_id: int, **values: Any) -> None:
    await tx.execute(update(tables.audit).where(tables.audit.c.id == row_id).values(**values))


async def harm(tx: Tx, noted: tuple[int, bytes] | None = None) -> tuple[int, Harm] | None:
    return (await audit.verify(tx, noted)).harm


async def test_an_empty_chain_is_whole(store: Store) -> None:
    async with store.read() as tx:
        assert await harm(tx) is None


async def test_an_untouched_chain_is_whole(store: Store) -> None:
    async with store.write() as tx:
        await fill(tx)
        assert await harm(tx) is None


@pytest.mark.parametrize("place", range(ROWS))
@pytest.mark.parametrize(
    "values",
    [
        {"at": after(1000)},
        {"action": "case.withdrawn"},
        {"subject": "uid9"},
        {"actor": b"somebody else"},
        {"actor": None, "details": None},
        {"details": b"something else"},
        {"previous_hash": bytes(31) + b"x"},
        {"hash": bytes(31) + b"x"},
    ],
    ids=str,
)
async def test_a_changed_row_is_found(store: Store, place: int, values: dict[str, Any]) -> None:
    async with store.write() as tx:
        ids = await fill(tx)
        await change(tx, ids[place], **values)
        assert await harm(tx) == (ids[place], Harm.CHANGED)


@pytest.mark.parametrize("place", range(ROWS - 1))
async def test_a_removed_row_is_found_at_the_one_after_it(store: Store, place: int) -> None:
    async with store.write() as tx:
        ids = await fill(tx)
        await tx.execute(delete(tables.audit).where(tables.audit.c.id == ids[place]))
        assert await harm(tx) == (ids[place + 1], Harm.UNLINKED)


@pytest.mark.parametrize("keep", range(ROWS))
async def test_an_end_that_is_cut_off_is_found(store: Store, keep: int) -> None:
    async with store.write() as tx:
        ids = await fill(tx)
        await tx.execute(delete(tables.audit).where(tables.audit.c.id >= ids[keep]))
        assert await harm(tx) == (ids[-1], Harm.CUT_OFF)


async def test_reordered_rows_are_found(store: Store) -> None:
    async with store.write() as tx:
        ids = await fill(tx)
        spare = ids[-1] + 100
        for old, new in ((ids[1], spare), (ids[2], ids[1]), (spare, ids[2])):
            await change(tx, old, id=new)
        assert await harm(tx) == (ids[1], Harm.UNLINKED)


async def test_a_row_that_somebody_else_appended_is_found(store: Store) -> None:
    async with store.write() as tx:
        ids = await fill(tx)
        last = (await tx.all(select(tables.audit).where(tables.audit.c.id == ids[-1])))[0]
        forged = audit._hash(last.hash, NOW, "forged", "uid", None, None)
        await tx.execute(
            insert(tables.audit).values(
                at=NOW, action="forged", subject="uid", previous_hash=last.hash, hash=forged
            )
        )
        assert await harm(tx) == (ids[-1] + 1, Harm.APPENDED)


async def test_a_chain_computed_anew_without_the_key_is_found(store: Store) -> None:
    async with store.write() as tx:
        await fill(tx, 2)
        first, second = await tx.all(select(tables.audit).order_by(tables.audit.c.id))
        new_first = audit._hash(bytes(32), first.at, "forged", first.subject, first.actor, first.details)
        await change(tx, first.id, action="forged", hash=new_first)
        new_second = audit._hash(
            new_first, second.at, second.action, second.subject, second.actor, second.details
        )
        await change(tx, second.id, previous_hash=new_first, hash=new_second)
        assert await harm(tx) == (second.id, Harm.REPLACED)


async def test_a_long_chain_is_read_in_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_PAGE", 2)
    async with store.write() as tx:
        ids = await fill(tx)
        assert await harm(tx) is None
        await change(tx, ids[3], subject="uid9")
        assert await harm(tx) == (ids[3], Harm.CHANGED)


async def test_rows_appended_at_once_make_one_chain(store: Store) -> None:
    async def append(number: int) -> None:
        async with store.write() as tx:
            await audit.append(tx, action="x", subject=str(number), actor=None, details={}, now=after(number))

    await asyncio.gather(*(append(number) for number in range(8)))
    async with store.read() as tx:
        assert await harm(tx) is None
        assert len(await tx.all(select(tables.audit.c.id))) == 8


async def test_a_transaction_that_failed_leaves_no_gap(store: Store) -> None:
    async def fail() -> None:
        async with store.write() as tx:
            await fill(tx, 1)
            raise LookupError

    async with store.write() as tx:
        await fill(tx, 2)
    with pytest.raises(LookupError):
        await fail()
    async with store.write() as tx:
        await fill(tx, 2)
        assert await harm(tx) is None


async def test_erasing_a_case_leaves_the_chain_whole(store: Store) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx, 1)
        await fill(tx)
        await cases.erase(tx, case_id, NOW)
        assert await harm(tx) is None


async def test_no_column_shows_who_acted_or_the_details(store: Store) -> None:
    async with store.write() as tx:
        await fill(tx)
        rows = await tx.all(select(tables.audit))
    stored = b"".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )
    for secret in (STAFF.name, str(STAFF.user_id), "fingerprints", "값"):
        assert secret.encode() not in stored


async def test_what_was_read_is_told_with_the_newest_row(store: Store) -> None:
    async with store.write() as tx:
        ids = await fill(tx)
        newest = await tx.scalar(select(tables.audit.c.hash).where(tables.audit.c.id == ids[-1]))
        assert await audit.verify(tx) == audit.Verdict(ROWS, ids[-1], newest, None)


@pytest.mark.parametrize("spoil", ["delete", "change"])
async def test_an_end_that_is_not_known_any_more_is_told_at_once(store: Store, spoil: str) -> None:
    head = tables.settings.c.name == "audit_head"
    async with store.write() as tx:
        ids = await fill(tx)
        if spoil == "delete":
            await tx.execute(delete(tables.settings).where(head))
        else:
            await tx.execute(update(tables.settings).where(head).values(value=b"spoiled"))
        assert await harm(tx) == (ids[0], Harm.NO_END)


async def test_a_log_computed_anew_with_the_key_is_found_by_what_was_noted_elsewhere(store: Store) -> None:
    async with store.write() as tx:
        await fill(tx, 3)
        before = await audit.verify(tx)
        noted = before.last_id, before.last_hash
        await fill(tx, 1)
        assert await harm(tx, noted) is None
        await tx.execute(delete(tables.audit))
        await settings.put(tx, "audit_head", {"id": 0, "hash": bytes(32).hex()})
        await fill(tx, 4)
        assert await harm(tx) is None
        assert await harm(tx, noted) == (noted[0], Harm.NOT_AS_NOTED)


async def test_entries_are_read_in_pages_and_open_with_the_key(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_PAGE", 2)
    async with store.write() as tx:
        ids = await fill(tx)
        entries = [entry async for entry in audit.entries(tx)]
        assert [entry.id for entry in entries] == ids
        assert audit.opened(tx, entries[1]) == (STAFF, {"fingerprints": 1, "이름": "값"})
        assert audit.opened(tx, entries[0])[0] is None
