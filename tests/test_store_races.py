"""Writers side by side: a withdrawal beside what is found, opened and muted meanwhile. On SQLite one waits for the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from store_makers import (
    ADMIN,
    LAST,
    MATCH,
    NOW,
    STAFF,
    Scene,
    add_case,
    asked_by,
    bits,
    new_print,
    prints_of,
    waits_for_a_lock,
)
from victim_scene import Clock, fingerprint, make_cases

from bot.housekeeping import Housekeeping, Retention
from bot.model import (
    AlertId,
    ChatId,
    Decision,
    Effect,
    FindingId,
    FindingState,
    HashState,
    KnownGoodId,
    Language,
    MessageId,
    Step,
)
from bot.store import (
    Store,
    Tx,
    audit,
    cases,
    findings,
    hashes,
    known_good,
    lists,
    mentions,
    photos,
    posts,
    registry,
    standing,
    steps,
    tables,
)
from bot.store.cases import NewFingerprint
from bot.store.findings import MatchRow
from bot.store.lists import HashList


@pytest.mark.parametrize("is_expired", [False, True], ids=["withdrawn", "expired"])
@pytest.mark.parametrize("is_told_early", [False, True])
async def test_nothing_is_kept_of_a_post_that_is_found_while_its_case_is_withdrawn(
    store: Store, is_expired: bool, is_told_early: bool
) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx)
        await cases.add_fingerprints(tx, case_id, [NewFingerprint("photo", "photo", b"features", 0)], NOW)
        [print_id] = await prints_of(tx, case_id)
        post_id, [media_id, _] = await Scene(tx).post(1, -1001)

    async def show(tx: Tx) -> None:
        row = MatchRow(print_id, MATCH, -40, "whole", "upright", kind="photo")
        await findings.record(
            tx, case_id=case_id, post_id=post_id, media_id=media_id, matches=[row], fold_after=NOW, now=NOW
        )

    async def withdraw() -> None:
        async with store.write() as tx:
            if is_expired:
                item_ids = [row.id for row in await tx.all(select(tables.items.c.id))]
                await photos.withdraw(tx, item_ids, NOW)
            else:
                await cases.withdraw(tx, case_id, NOW)

    if is_told_early:
        async with store.write() as tx:
            await show(tx)
    async with store.write() as tx:
        await registry.revision(tx)
        withdrawing = asyncio.create_task(withdraw())
        await waits_for_a_lock(store, withdrawing)
        await show(tx)
        await posts.scanned(tx, media_id, fingerprints=b"what was posted", now=NOW)
    await withdrawing
    async with store.read() as tx:
        assert (
            await tx.scalar(select(tables.media.c.fingerprints).where(tables.media.c.id == media_id)) is None
        )
        assert await tx.scalar(select(tables.matches.c.fingerprint_id)) is None


async def test_a_list_that_two_imports_begin_at_once_is_one(store: Store) -> None:
    async def begin() -> HashList:
        async with store.write() as tx:
            return await lists.ensure(tx, "Partner", uid="b" * 32, now=NOW)

    async with store.write() as tx:
        first = await lists.ensure(tx, "Partner", uid="a" * 32, now=NOW)
        beginning = asyncio.create_task(begin())
        await waits_for_a_lock(store, beginning)
    assert await beginning == first


async def test_a_case_is_opened_while_another_is_withdrawn_and_neither_waits_for_the_other_for_ever(
    store: Store,
) -> None:
    desk = make_cases(Clock())

    async def open_case() -> None:
        async with store.write() as tx:
            await desk.open(tx, [fingerprint(1)], chat_id=ChatId(1), language=Language.KO)

    async with store.write() as tx:
        case_id = await add_case(tx, 9)
    async with store.write() as tx:
        await cases.withdraw(tx, case_id, NOW)
        opening = asyncio.create_task(open_case())
        await waits_for_a_lock(store, opening)
        await audit.append(tx, action="case.withdrawn", subject="uid", actor=None, details={}, now=NOW)
    await opening
    async with store.read() as tx:
        assert len(await tx.all(select(tables.cases.c.id))) == 2


async def test_a_hash_is_muted_while_its_case_is_withdrawn_and_neither_waits_for_the_other_for_ever(
    store: Store,
) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx, 1)
        [print_id] = await prints_of(tx, case_id)
        [known_id] = await known_good.add(tx, [bits(1)], source="test", by=None, now=NOW)

    async def mute() -> None:
        async with store.write() as tx:
            await known_good.mute(tx, {print_id: KnownGoodId(known_id)}, now=NOW)

    async with store.write() as tx:
        await registry.next_revision(tx)
        muting = asyncio.create_task(mute())
        await waits_for_a_lock(store, muting)
        await cases.withdraw(tx, case_id, NOW)
    await muting
    async with store.read() as tx:
        assert await tx.all(select(tables.fingerprints.c.id)) == []


async def _decide(tx: Tx) -> None:
    alert_id = AlertId(await tx.scalar(select(tables.alerts.c.id)))
    await findings.decide(
        tx,
        alert_id,
        up_to=LAST,
        asked=await asked_by(tx, alert_id),
        decision=Decision.NOT_A_MATCH,
        by=STAFF,
        now=NOW,
    )


async def _reject(tx: Tx) -> None:
    finding_id = FindingId(await tx.scalar(select(tables.findings.c.id)))
    await steps.take(
        tx, [finding_id], Step.NOT_A_MATCH, FindingState.NEW, FindingState.NOT_A_MATCH, by=STAFF, now=NOW
    )


async def _undo(tx: Tx) -> None:
    finding_id = FindingId(await tx.scalar(select(tables.findings.c.id)))
    await steps.undo(tx, finding_id, FindingState.NOT_A_MATCH, by=ADMIN, now=NOW)


async def _disable(tx: Tx) -> None:
    ids = [row.id for row in await tx.all(select(tables.fingerprints.c.id))]
    await standing.set_state(tx, ids, HashState.DISABLED, now=NOW)


async def _narrow(tx: Tx) -> None:
    ids = [row.id for row in await tx.all(select(tables.fingerprints.c.id))]
    await hashes.set_radius(tx, ids, 10)


@pytest.mark.parametrize("deed", [_decide, _reject, _undo, _disable, _narrow])
async def test_staff_act_on_what_a_list_withdraws_meanwhile_and_neither_waits_for_the_other_for_ever(
    store: Store, deed: Callable[[Tx], Awaitable[None]]
) -> None:
    async with store.write() as tx:
        owner = await lists.ensure(tx, "Partner", uid="a" * 32, now=NOW)
        prints = [replace(new_print(1), state=HashState.QUARANTINED)]
        await cases.add_fingerprints(tx, owner.id, prints, NOW)
        [print_id] = await prints_of(tx, owner.id)
        scene = Scene(tx)
        for message_id in (1, 2):
            post_id, [media_id, _] = await scene.post(message_id, -1001)
            row = MatchRow(print_id, MATCH, 0, "whole", "upright")
            await findings.record(
                tx,
                case_id=owner.id,
                post_id=post_id,
                media_id=media_id,
                matches=[row],
                fold_after=NOW,
                now=NOW,
            )
        if deed is _undo:
            await _reject(tx)

    async def act() -> None:
        async with store.write() as tx:
            await deed(tx)

    async with store.write() as tx:
        await registry.next_revision(tx)
        acting = asyncio.create_task(act())
        await waits_for_a_lock(store, acting)
        await lists.drop(tx, owner.id, [("pdq", bits(1))], NOW)
    await acting
    async with store.read() as tx:
        assert await tx.all(select(tables.fingerprints.c.id)) == []


async def test_a_known_good_hash_is_removed_while_it_is_added_and_neither_waits_for_the_other_for_ever(
    store: Store,
) -> None:
    async with store.write() as tx:
        [known_id] = await known_good.add(tx, [bits(1)], source="test", by=None, now=NOW)

    async def remove() -> None:
        async with store.write() as tx:
            await known_good.remove(tx, known_id, now=NOW, radius_bits=31)

    async with store.write() as tx:
        await known_good.add(tx, [bits(2)], source="test", by=None, now=NOW)
        removing = asyncio.create_task(remove())
        await waits_for_a_lock(store, removing)
        await known_good.add(tx, [bits(1)], source="test", by=None, now=NOW)
    await removing
    async with store.read() as tx:
        assert [one.bits for one in await known_good.all_bits(tx)] == [bits(2)]


async def test_what_time_ends_is_ended_while_a_case_is_withdrawn_and_neither_waits_for_the_other_for_ever(
    store: Store,
) -> None:
    async def sweep(tx: Tx, at: datetime) -> list[Effect]:
        await audit.append(tx, action="channel_ended", subject="channel", actor=None, details={}, now=at)
        return []

    keep = timedelta(days=2)
    retention = Retention(queue_rows=keep, poison=keep, conversations=keep, seen=keep)
    housekeeping = Housekeeping(store, sweep, retention, now=lambda: NOW, committed=lambda: None)
    async with store.write() as tx:
        case_id = await add_case(tx, 1)
    async with store.write() as tx:
        await cases.withdraw(tx, case_id, NOW)
        ending = asyncio.create_task(housekeeping.tick())
        await waits_for_a_lock(store, ending)
        await audit.append(tx, action="case.withdrawn", subject="uid", actor=None, details={}, now=NOW)
    await ending
    async with store.read() as tx:
        actions = [row.action for row in await tx.all(select(tables.audit.c.action))]
    assert sorted(actions) == ["case.withdrawn", "channel_ended"]


@pytest.mark.parametrize("is_erased_first", [True, False])
async def test_a_message_about_a_finding_is_sent_beside_its_erasure_and_one_of_both_deletes_it(
    store: Store, is_erased_first: bool
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        await scene.new(1)
        case_id = await scene.case("a")
        [row] = await tx.all(select(tables.findings.c.id))
    message = (ChatId(-100), MessageId(7))

    async def remember(tx: Tx) -> bool:
        return await mentions.add(tx, [FindingId(row.id)], chat_id=message[0], message_id=message[1])

    async def erase(tx: Tx) -> bool:
        return message in await cases.erase(tx, case_id, NOW)

    async def within(step: Callable[[Tx], Awaitable[bool]]) -> bool:
        async with store.write() as tx:
            return await step(tx)

    first, second = (erase, remember) if is_erased_first else (remember, erase)
    async with store.write() as tx:
        was_known = await first(tx)
        other = asyncio.create_task(within(second))
        await waits_for_a_lock(store, other)
    # Whoever sent it is told that it has to go, or whoever erases is given it.
    assert (was_known, await other) == ((False, False) if is_erased_first else (True, True))
