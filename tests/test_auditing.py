"""`jikimi audit` as people run it, beside a database that is in use."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from command_scene import Commands
from sqlalchemy import delete, insert, update
from store_makers import STAFF, after
from victim_scene import Clock, fingerprint, make_cases

from bot.cli.exits import ExitCode
from bot.model import CaseId, ChatId, Language
from bot.store import Store, Tx, audit, tables

CHAT = ChatId(912345678)
SECRETS = (STAFF.name, str(STAFF.user_id), "document", str(CHAT))
row_id = tables.audit.c.id


async def fill(store: Store, number: int = 4) -> None:
    async with store.write() as tx:
        for place in range(number):
            await audit.append(
                tx,
                action="channel_authorised",
                subject=f"channel:{place}",
                actor=STAFF,
                details={"document": place},
                now=after(place),
            )


async def change(tx: Tx) -> None:
    await tx.execute(update(tables.audit).where(row_id == 2).values(subject="channel:9"))


async def remove(tx: Tx) -> None:
    await tx.execute(delete(tables.audit).where(row_id == 2))


async def move(tx: Tx) -> None:
    for old, new in ((2, 90), (3, 2), (90, 3)):
        await tx.execute(update(tables.audit).where(row_id == old).values(id=new))


async def cut(tx: Tx) -> None:
    await tx.execute(delete(tables.audit).where(row_id >= 3))


async def append(tx: Tx) -> None:
    last = (await tx.all(tables.audit.select().order_by(row_id.desc()).limit(1)))[0]
    forged = audit._hash(last.hash, after(9), "forged", "case", None, None)
    await tx.execute(
        insert(tables.audit).values(
            at=after(9), action="forged", subject="case", previous_hash=last.hash, hash=forged
        )
    )


async def forget_the_end(tx: Tx) -> None:
    await tx.execute(delete(tables.settings).where(tables.settings.c.name == "audit_head"))


async def test_a_log_as_it_was_written_is_whole_and_its_newest_row_is_told(
    store: Store, jikimi: Commands
) -> None:
    await fill(store)
    ended = await jikimi("audit", "verify")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    first, second = ended.out.splitlines()
    assert first == "Whole: 4 rows."
    noted = second.rpartition(" ")[2]
    assert noted.startswith("4:")
    await fill(store, 1)
    assert (await jikimi("audit", "verify", "--noted", noted)).code == ExitCode.OK
    other = await jikimi("audit", "verify", "--noted", f"4:{'0' * 64}")
    assert other.code == ExitCode.PROBLEM
    assert "row 4 does not have the hash that you noted" in other.err


async def test_an_empty_log_is_whole(jikimi: Commands) -> None:
    ended = await jikimi("audit", "verify")
    assert (ended.code, ended.out) == (ExitCode.OK, "Whole: 0 rows.\n")


@pytest.mark.parametrize(
    ("tamper", "told", "sound"),
    [
        (change, "row 2 was changed after it was written", 1),
        (remove, "row 3 does not follow the one before it", 1),
        (move, "row 2 does not follow the one before it", 1),
        (cut, "the end is missing: row 4 was the newest", 2),
        (append, "row 5 and what follows were not written by Jikimi", 4),
        (forget_the_end, "which row is the newest was deleted or spoiled", 0),
    ],
)
async def test_whatever_was_done_to_the_log_is_found_and_its_place_told(
    store: Store,
    jikimi: Commands,
    tamper: Callable[[Tx], Awaitable[None]],
    told: str,
    sound: int,
) -> None:
    await fill(store)
    async with store.write() as tx:
        await tamper(tx)
    ended = await jikimi("audit", "verify")
    assert (ended.code, ended.out) == (ExitCode.PROBLEM, "")
    first, second = ended.err.splitlines()
    assert told in first
    assert second.endswith(f": {sound}")


async def test_what_is_noted_must_be_a_row_and_its_hash(jikimi: Commands) -> None:
    assert (await jikimi("audit", "verify", "--noted", "4")).code == ExitCode.USAGE


async def test_the_log_is_printed_a_line_a_row_and_without_anything_sealed(
    store: Store, jikimi: Commands
) -> None:
    await fill(store)
    ended = await jikimi("audit", "export")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [(row["id"], row["subject"]) for row in rows] == [(n, f"channel:{n - 1}") for n in range(1, 5)]
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    assert rows[0].keys() == {"id", "at", "action", "subject", "previous_hash", "hash"}
    assert not [secret for secret in SECRETS if secret in ended.out]


async def test_what_is_sealed_is_printed_when_it_is_asked_for(store: Store, jikimi: Commands) -> None:
    await fill(store, 1)
    [row] = map(json.loads, (await jikimi("audit", "export", "--open")).out.splitlines())
    assert row["actor"] == {"user_id": STAFF.user_id, "name": STAFF.name}
    assert row["details"] == {"document": 0}


async def test_a_row_that_does_not_open_stops_no_other(store: Store, jikimi: Commands) -> None:
    await fill(store, 3)
    async with store.write() as tx:
        await tx.execute(update(tables.audit).where(row_id == 2).values(details=b"spoiled"))
    ended = await jikimi("audit", "export", "--open")
    assert ended.code == ExitCode.PROBLEM
    assert len(ended.out.splitlines()) == 3
    assert "row 2 does not open" in ended.err


async def test_erasing_a_person_leaves_the_log_whole_and_without_them(store: Store, jikimi: Commands) -> None:
    desk = make_cases(Clock())
    async with store.write() as tx:
        opened = await desk.open(tx, [fingerprint(1)], chat_id=CHAT, language=Language.KO)
        await desk.link(tx, opened.case, CHAT)
    number, case_id = opened.case.number or "", CaseId(opened.case.id)
    async with store.write() as tx:
        await desk.erase(tx, CHAT, case_id)
    assert (await jikimi("audit", "verify")).code == ExitCode.OK
    printed = (await jikimi("audit", "export", "--open")).out
    actions = [json.loads(line)["action"] for line in printed.splitlines()]
    assert actions == ["case.opened", "hashes.added", "contact.set", "case.erased"]
    for secret in (number, opened.pin, str(CHAT), fingerprint(1).hex):
        assert secret not in printed
