"""Deciding on alerts."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from casework_scene import Found, pressed, said_buttons
from staff_scene import VictimDouble, make_config, talk, texts
from store_makers import ADMIN, MATCH, NOW, POSSIBLE, STAFF, Scene, asked_by

from bot.chat.router import Router
from bot.errors import Refused
from bot.model import AlertId, Decision, FindingId, FindingState, Step
from bot.staff import alerts, casework
from bot.store import Store, Tx, audit, cases


async def is_refused_as_changed(tx: Tx, alert_id: AlertId, up_to: FindingId, asked: str) -> None:
    with pytest.raises(Refused, match="alert-changed"):
        await alerts.decide(
            tx, alert_id, up_to=up_to, asked=asked, decision=Decision.NOT_A_MATCH, by=STAFF, now=NOW
        )


async def test_the_first_decision_counts_and_a_second_is_told_whose_it_was(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        up_to = (await scene.alert(alert_id)).findings[-1].finding_id
        decide = partial(
            alerts.decide, tx, alert_id, up_to=up_to, asked=await asked_by(tx, alert_id), now=NOW
        )
        first = await decide(decision=Decision.CONFIRMED, by=STAFF)
        second = await decide(decision=Decision.NOT_A_MATCH, by=ADMIN)
        assert (first.finding_ids, first.already) == ([up_to], None)
        assert (second.finding_ids, second.already) == ([], (STAFF, Decision.CONFIRMED, NOW))
        assert (await audit.verify(tx)).harm is None


async def test_a_finding_that_came_after_what_was_shown_stays_open(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        assert await scene.new(2) == alert_id
        for finding in (await scene.alert(alert_id)).findings:
            decided = await alerts.decide(
                tx,
                alert_id,
                up_to=finding.finding_id,
                asked=await asked_by(tx, alert_id, finding.finding_id),
                decision=Decision.CONFIRMED,
                by=STAFF,
                now=NOW,
            )
            assert decided.finding_ids == [finding.finding_id]


async def test_nothing_can_be_decided_on_an_alert_that_is_gone_or_withdrawn(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        up_to = (await scene.alert(alert_id)).findings[-1].finding_id
        await cases.withdraw(tx, await scene.case("a"), NOW)
        for gone in (alert_id, AlertId(999)):
            with pytest.raises(Refused, match="alert-gone"):
                await alerts.decide(
                    tx,
                    gone,
                    up_to=up_to,
                    asked=await asked_by(tx, alert_id),
                    decision=Decision.CONFIRMED,
                    by=STAFF,
                    now=NOW,
                )


async def test_nothing_is_decided_where_an_older_finding_joined_that_was_not_shown(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        first = await scene.new(1)
        await scene.decide(first)
        alert_id = await scene.new(2)
        [shown] = (await scene.alert(alert_id)).findings
        asked = await asked_by(tx, alert_id)
        # Another file of the first post matches, so that it is asked about again.
        assert await scene.record(1, media=1) == alert_id
        older, _ = (await scene.alert(alert_id)).findings
        assert older.finding_id < shown.finding_id
        await is_refused_as_changed(tx, alert_id, shown.finding_id, asked)
        assert {one.state for one in (await scene.alert(alert_id)).findings} == {FindingState.NEW}


BETTER = [{"media": 1}, {"media": 1, "distance": 30}, {"fingerprint": 1, "band": MATCH}]


@pytest.mark.parametrize("how", BETTER, ids=["picture", "picture that is not shown", "band"])
async def test_nothing_is_decided_where_a_post_shows_more_than_the_person_was_asked_about(
    store: Store, how: Any
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1, band=POSSIBLE)
        [shown] = (await scene.alert(alert_id)).findings
        asked = await asked_by(tx, alert_id)
        # The post is edited while somebody looks at it.
        await scene.record(1, **({"band": POSSIBLE} | how))
        await is_refused_as_changed(tx, alert_id, shown.finding_id, asked)
        assert (await scene.decide(alert_id)).finding_ids == [shown.finding_id]


async def test_another_hash_of_the_same_picture_is_no_other_question(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        asked = await asked_by(tx, alert_id)
        await scene.record(1, fingerprint=1, seconds=5)
        assert await asked_by(tx, alert_id) == asked


@pytest.mark.parametrize("how", BETTER, ids=["picture", "picture that is not shown", "band"])
async def test_a_card_that_showed_less_decides_nothing_and_is_shown_anew(store: Store, how: Any) -> None:
    router = Router(make_config(), VictimDouble(), now=lambda: NOW)
    async with store.write() as tx:
        scene = Found(tx)
        alert_id = await scene.new(1, band=POSSIBLE)
        [shown] = (await scene.alert(alert_id)).findings
        card = casework.asked(await casework.get(tx, shown.finding_id))
        await scene.record(1, **({"band": POSSIBLE} | how))
        for asked in ([card], []):  # A card of an earlier version does not tell.
            late = pressed("f", "step", shown.finding_id, Step.NOT_A_MATCH, FindingState.NEW, *asked)
            told = await router.handle(tx, late)
            assert "버튼을 다시 눌러" in texts(told)
            [fresh] = [one for one in said_buttons(told) if Step.NOT_A_MATCH in one]
        await router.handle(tx, talk(callback_id="q", callback_data=fresh))
        assert (await casework.get(tx, shown.finding_id)).state is FindingState.NOT_A_MATCH


async def test_a_button_from_after_a_copy_that_was_restored_decides_on_nothing_else(store: Store) -> None:
    """Numbers are given out anew then."""
    asked: list[str] = []
    for minute in (0, 60):
        with suppress(_Restored):
            async with store.write() as tx:
                asked.append(await asked_by(tx, await Scene(tx).new(1, seconds=minute)))
                raise _Restored
    assert asked[0] != asked[1]


class _Restored(Exception):
    pass
