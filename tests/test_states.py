"""Every change of a state, tried in every state: those of findings by buttons and looking again, and those of hashes.

The steps of a finding's card are in test_casework.py, and reports in test_packets.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from casework_scene import found, put_into
from defence_scene import Scene, hash_of, media, pdq
from store_makers import LAST, NOW, STAFF, after

from bot import alerts, casework, defence, recheck
from bot.errors import Refused
from bot.model import Decision, FindingId, FindingState, FingerprintId, HashState
from bot.store import Store, Tx, hashes, standing
from bot.store.casework import Method, Recheck

S, H = FindingState, HashState
ONE = FindingId(1)


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("state", FindingState)
async def test_an_alert_decides_on_what_nobody_decided_on_and_on_nothing_else(
    store: Store, state: FindingState, decision: Decision
) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        alert_id = (await casework.get(tx, finding_id)).alert_id
        await put_into(tx, finding_id, state)
        if state in {S.NEW, S.SECOND}:
            decided = await alerts.decide(tx, alert_id, up_to=LAST, decision=decision, by=STAFF, now=after(5))
            assert decided.finding_ids == [finding_id]
            assert (await casework.get(tx, finding_id)).state is FindingState(decision.value)
        else:
            with pytest.raises(Refused, match="alert-gone"):
                await alerts.decide(tx, alert_id, up_to=LAST, decision=decision, by=STAFF, now=after(5))
            assert (await casework.get(tx, finding_id)).state is state


AFTER_LOOKING = {
    (S.CONFIRMED, Recheck.GONE): S.REMOVED,
    (S.REPORTED, Recheck.GONE): S.REMOVED,
    (S.STILL_UP, Recheck.GONE): S.REMOVED,
    (S.REMOVED, Recheck.UP): S.STILL_UP,
}


@pytest.mark.parametrize("result", Recheck)
@pytest.mark.parametrize("state", FindingState)
async def test_looking_again_moves_what_was_confirmed_and_is_gone_and_what_came_back(
    store: Store, state: FindingState, result: Recheck
) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await put_into(tx, finding_id, state)
        finding = await casework.get(tx, finding_id)
        is_step = await recheck.record(tx, finding, result, Method.PAGE, now=after(5))
        expected = AFTER_LOOKING.get((state, result), state)
        assert (await casework.get(tx, finding_id)).state is expected
        assert is_step is (expected is not state)


@pytest.mark.parametrize("state", FindingState)
async def test_what_nobody_did_cannot_be_undone(store: Store, state: FindingState) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await put_into(tx, finding_id, state)
        with pytest.raises(Refused, match="finding-withdrawn" if state is S.WITHDRAWN else "nothing-to-undo"):
            await casework.undo(tx, finding_id, seen=state, by=STAFF, now=after(5))


async def confirm(tx: Tx) -> None:
    await standing.confirmed(tx, [ONE], NOW)


async def reject(tx: Tx) -> None:
    await standing.rejected(tx, [ONE], NOW)


async def take_rejection_back(tx: Tx) -> None:
    await standing.not_rejected(tx, [ONE], NOW)


async def disable(tx: Tx) -> None:
    await defence.disable(tx, await defence.one(tx, FingerprintId(1)), by=STAFF, now=NOW)


async def enable(tx: Tx) -> None:
    await defence.enable(tx, await defence.one(tx, FingerprintId(1)), by=STAFF, now=NOW)


AFTER: dict[Callable[[Tx], Awaitable[None]], dict[HashState, HashState]] = {
    confirm: {H.QUARANTINED: H.ACTIVE, H.HELD: H.CLEARED},
    reject: {H.QUARANTINED: H.DISABLED},
    take_rejection_back: {H.DISABLED: H.QUARANTINED},
    disable: {state: H.DISABLED for state in HashState if state is not H.DISABLED},
    enable: {H.DISABLED: H.QUARANTINED, H.HELD: H.CLEARED},
}
REFUSED = {(disable, H.DISABLED), (enable, H.QUARANTINED), (enable, H.ACTIVE), (enable, H.CLEARED)}


@pytest.mark.parametrize("act", AFTER, ids=lambda act: act.__name__)
@pytest.mark.parametrize("state", HashState)
async def test_every_act_moves_hashes_out_of_its_states_only(
    store: Store, state: HashState, act: Callable[[Tx], Awaitable[None]]
) -> None:
    scene = Scene(store)
    await scene.register(pdq(7, state))
    await scene.posts(media(hash_of(7)))
    async with store.write() as tx:
        if (act, state) in REFUSED:
            with pytest.raises(Refused, match="hash-as-it-is"):
                await act(tx)
        else:
            await act(tx)
        [hashed] = await hashes.get(tx, FingerprintId(1))
    assert hashed.state is AFTER[act].get(state, state)
