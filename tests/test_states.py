"""Every change of a state, tried in every state: those of findings by buttons and looking again, and those of hashes.

The steps of a finding's card are in test_casework.py, and reports in test_packets.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext

import pytest
from casework_scene import Found, put_into
from defence_scene import Scene, media, pdq
from store_makers import LAST, NOW, STAFF, after, asked_by, hash_of

from bot.errors import Refused
from bot.model import Decision, FindingId, FindingState, FingerprintId, HashState
from bot.registered import defence
from bot.staff import alerts, casework, recheck
from bot.store import Store, Tx, hashes, standing
from bot.store.casework import Finding, Method, Recheck

S, H = FindingState, HashState


Act = Callable[[Tx, FindingId, FingerprintId], Awaitable[None]]


async def one_in_each(tx: Tx) -> AsyncIterator[tuple[FindingState, Finding]]:
    """A finding in every state, each of a case of its own."""
    scene = Found(tx)
    for number, state in enumerate(FindingState, 1):
        await scene.new(number, case=state)
        await put_into(tx, FindingId(number), state)
        yield state, await casework.get(tx, FindingId(number))


async def state_of(tx: Tx, finding: Finding) -> FindingState:
    return (await casework.get(tx, finding.id)).state


@pytest.mark.parametrize("decision", Decision)
async def test_an_alert_decides_on_what_nobody_decided_on_and_on_nothing_else(
    store: Store, decision: Decision
) -> None:
    async with store.write() as tx:
        async for state, finding in one_in_each(tx):
            is_open = state in {S.NEW, S.SECOND}
            with nullcontext() if is_open else pytest.raises(Refused, match="alert-gone"):
                await alerts.decide(
                    tx,
                    finding.alert_id,
                    up_to=LAST,
                    asked=await asked_by(tx, finding.alert_id),
                    decision=decision,
                    by=STAFF,
                    now=after(5),
                )
            assert await state_of(tx, finding) is (FindingState(decision.value) if is_open else state)


AFTER_LOOKING = {
    (S.CONFIRMED, Recheck.GONE): S.REMOVED,
    (S.REPORTED, Recheck.GONE): S.REMOVED,
    (S.STILL_UP, Recheck.GONE): S.REMOVED,
    (S.REMOVED, Recheck.UP): S.STILL_UP,
}


@pytest.mark.parametrize("result", Recheck)
async def test_looking_again_moves_what_was_confirmed_and_is_gone_and_what_came_back(
    store: Store, result: Recheck
) -> None:
    async with store.write() as tx:
        async for state, finding in one_in_each(tx):
            is_step = await recheck.record(tx, finding, result, Method.PAGE, now=after(5))
            expected = AFTER_LOOKING.get((state, result), state)
            assert (await state_of(tx, finding), is_step) == (expected, expected is not state)


async def test_what_nobody_did_cannot_be_undone(store: Store) -> None:
    async with store.write() as tx:
        async for state, finding in one_in_each(tx):
            code = "finding-withdrawn" if state is S.WITHDRAWN else "nothing-to-undo"
            with pytest.raises(Refused, match=code):
                await casework.undo(tx, finding.id, seen=state, by=STAFF, now=after(5))


async def confirm(tx: Tx, finding: FindingId, _: FingerprintId) -> None:
    await standing.confirmed(tx, [finding], NOW)


async def reject(tx: Tx, finding: FindingId, _: FingerprintId) -> None:
    await standing.rejected(tx, [finding], NOW)


async def take_rejection_back(tx: Tx, finding: FindingId, _: FingerprintId) -> None:
    await standing.not_rejected(tx, [finding], NOW)


async def disable(tx: Tx, _: FindingId, hashed: FingerprintId) -> None:
    await defence.disable(tx, await defence.one(tx, hashed), by=STAFF, now=NOW)


async def enable(tx: Tx, _: FindingId, hashed: FingerprintId) -> None:
    await defence.enable(tx, await defence.one(tx, hashed), by=STAFF, now=NOW)


AFTER: dict[Act, dict[HashState, HashState]] = {
    confirm: {H.QUARANTINED: H.ACTIVE, H.HELD: H.CLEARED},
    reject: {H.QUARANTINED: H.DISABLED},
    take_rejection_back: {H.DISABLED: H.QUARANTINED},
    disable: {state: H.DISABLED for state in HashState if state is not H.DISABLED},
    enable: {H.DISABLED: H.QUARANTINED, H.HELD: H.CLEARED},
}


@pytest.mark.parametrize("act", AFTER, ids=lambda act: act.__name__)
async def test_every_act_moves_hashes_out_of_its_states_only(store: Store, act: Act) -> None:
    scene = Scene(store)
    for number, state in enumerate(HashState, 1):
        await scene.register(pdq(number, state))
        await scene.posts(media(hash_of(number)))
        is_refused = act in {disable, enable} and state not in AFTER[act]
        async with store.write() as tx:
            with pytest.raises(Refused, match="hash-as-it-is") if is_refused else nullcontext():
                await act(tx, FindingId(number), FingerprintId(number))
            [hashed] = await hashes.get(tx, FingerprintId(number))
        assert hashed.state is AFTER[act].get(state, state)
