from __future__ import annotations

import asyncio
from typing import Any

import pytest
from casework_scene import put_into
from sqlalchemy import select
from store_makers import (
    ADMIN,
    CHAT,
    FOLD_S,
    LAST,
    MATCH,
    POSSIBLE,
    STAFF,
    Scene,
    add_channel,
    after,
    asked_by,
    make_post,
)

from bot.model import Decision, FindingState
from bot.store import Store, cases, findings, posts, tables
from bot.store.findings import Decided


@pytest.mark.parametrize("decision", list(Decision))
async def test_a_decision_names_who_decided_and_when(store: Store, decision: Decision) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        decided = await scene.decide(alert_id, decision)
        alert = await scene.alert(alert_id)
    [finding] = alert.findings
    assert decided == Decided([finding.finding_id], None)
    assert finding.state == FindingState(decision.value)
    assert (finding.decided_by, finding.decided_at) == (STAFF.name, after(99))
    assert alert.revision == 2


async def test_only_what_the_person_was_shown_is_decided(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        await scene.new(2)
        seen = (await scene.alert(alert_id)).findings[1].finding_id
        await scene.new(3)
        await scene.decide(alert_id, Decision.CONFIRMED, up_to=seen)
        alert = await scene.alert(alert_id)
        [is_open] = (await tx.all(select(tables.alerts.c.is_open)))[0]
    assert [finding.state.value for finding in alert.findings] == ["confirmed", "confirmed", "new"]
    assert is_open


async def test_an_alert_closes_when_everything_is_decided(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        await scene.decide(alert_id)
        [is_open] = (await tx.all(select(tables.alerts.c.is_open)))[0]
    assert not is_open


async def test_a_second_decision_changes_nothing_and_tells_of_the_first(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        await scene.decide(alert_id, Decision.CONFIRMED)
        again = await findings.decide(
            tx, alert_id, up_to=LAST, asked="", decision=Decision.NOT_A_MATCH, by=ADMIN, now=after(120)
        )
        alert = await scene.alert(alert_id)
    assert again == Decided([], (STAFF, Decision.CONFIRMED, after(99)))
    assert (alert.revision, alert.findings[0].state) == (2, FindingState.CONFIRMED)


async def test_of_two_decisions_at_once_one_counts(store: Store) -> None:
    async with store.write() as tx:
        alert_id = await Scene(tx).new(1)
        asked = await asked_by(tx, alert_id)

    async def decide(decision: Decision) -> Decided:
        async with store.write() as tx:
            return await findings.decide(
                tx, alert_id, up_to=LAST, asked=asked, decision=decision, by=STAFF, now=after(99)
            )

    first, second = await asyncio.gather(*(decide(decision) for decision in Decision))
    assert sorted([len(first.finding_ids), len(second.finding_ids)]) == [0, 1]
    late = second if first.finding_ids else first
    assert late.already is not None


async def test_there_is_nothing_to_decide_once_the_case_is_withdrawn(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        await cases.withdraw(tx, await scene.case("a"), after(1))
        assert await scene.decide(alert_id) == Decided([], None)


async def test_a_decision_on_one_alert_leaves_the_others(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id, other = await scene.new(1), await scene.new(2, case="b")
        await scene.decide(alert_id)
        assert (await scene.alert(other)).findings[0].state == FindingState.NEW


@pytest.mark.parametrize(
    ("decision", "again", "asked_again"),
    [
        (Decision.NOT_A_MATCH, {"media": 1}, True),
        (Decision.NOT_A_MATCH, {"fingerprint": 1, "band": MATCH, "distance": 20}, True),
        (Decision.NOT_A_MATCH, {"fingerprint": 1, "distance": 33}, False),
        (Decision.NOT_A_MATCH, {}, False),
        (Decision.CONFIRMED, {"media": 1}, False),
        (Decision.CONFIRMED, {"fingerprint": 1, "band": MATCH, "distance": 20}, False),
    ],
    ids=["new picture", "better band", "same picture and band", "repeat", "confirmed", "confirmed, better"],
)
async def test_staff_are_asked_again_about_what_they_could_not_know(
    store: Store, decision: Decision, again: dict[str, Any], asked_again: bool
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        how: dict[str, Any] = {"band": POSSIBLE, "distance": 40}
        first = await scene.new(1, **how)
        await scene.decide(first, decision)
        second = await scene.record(1, **(how | again))
        counts = await findings.of_case(tx, await scene.case("a"))
    assert counts[FindingState.NEW] == (1 if asked_again else 0)
    assert (second not in (None, first)) is asked_again


async def test_asking_again_does_not_show_the_old_decision(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        first = await scene.new(1)
        await scene.decide(first)
        alert = await scene.alert(await scene.new(1, media=1, seconds=2 * FOLD_S))
        assert await findings.alert(tx, first) is None
    assert [(finding.state, finding.decided_by) for finding in alert.findings] == [(FindingState.NEW, None)]


async def test_a_finding_asked_about_again_joins_an_open_alert(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        await scene.decide(await scene.new(1))
        open_alert = await scene.new(2)
        assert await scene.record(1, media=1) == open_alert
        assert len((await scene.alert(open_alert)).findings) == 2


@pytest.mark.parametrize(
    ("state", "media", "edited_s", "asked_again"),
    [
        (FindingState.REMOVED, 1, 31, True),
        (FindingState.CLOSED, 1, 31, True),
        (FindingState.REMOVED, 1, 29, False),
        (FindingState.REMOVED, 0, 31, False),
        (FindingState.STILL_UP, 1, 31, False),
    ],
    ids=["removed", "closed", "edited before", "the same picture", "being worked on"],
)
async def test_a_picture_that_is_put_into_a_removed_post_again_is_asked_about(
    store: Store, state: FindingState, media: int, edited_s: int, asked_again: bool
) -> None:
    """Who takes the picture out of a post until it is looked at can put it, or another, back in its place."""
    async with store.write() as tx:
        scene = Scene(tx)
        first = await scene.new(1)
        await scene.decide(first, Decision.CONFIRMED)
        await put_into(tx, (await scene.alert(first)).findings[0].finding_id, state, after(30))
        channel = await add_channel(tx, CHAT)
        await posts.add(tx, channel.id, make_post(1, edited_at=after(edited_s)), now=after(60))
        again = await scene.record(1, media=media, seconds=60)
        counts = await findings.of_case(tx, await scene.case("a"))
    assert counts[FindingState.NEW] == (1 if asked_again else 0)
    assert (again not in (None, first)) is asked_again


async def test_the_findings_of_a_case_are_counted_by_state(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        assert await findings.of_case(tx, case_id) == dict.fromkeys(FindingState, 0)
        await scene.decide(await scene.new(1), Decision.CONFIRMED)
        await scene.decide(await scene.new(2), Decision.NOT_A_MATCH)
        await scene.new(3)
        await scene.new(4, case="b")
        counts = await findings.of_case(tx, case_id)
    assert counts == dict.fromkeys(FindingState, 0) | {
        FindingState.NEW: 1,
        FindingState.CONFIRMED: 1,
        FindingState.NOT_A_MATCH: 1,
    }
