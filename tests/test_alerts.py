"""Deciding on alerts."""

from __future__ import annotations

from functools import partial

import pytest
from store_makers import ADMIN, NOW, STAFF, Scene

from bot.errors import Refused
from bot.model import AlertId, Decision, FindingState
from bot.shown import mark_of
from bot.staff import alerts
from bot.store import Store, audit, cases


async def test_the_first_decision_counts_and_a_second_is_told_whose_it_was(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        up_to = (await scene.alert(alert_id)).findings[-1].finding_id
        decide = partial(alerts.decide, tx, alert_id, up_to=up_to, asked=mark_of([up_to]), now=NOW)
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
                asked=mark_of([finding.finding_id]),
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
                    asked=mark_of([up_to]),
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
        # Another file of the first post matches, so that it is asked about again.
        assert await scene.record(1, media=1) == alert_id
        older, _ = (await scene.alert(alert_id)).findings
        assert older.finding_id < shown.finding_id
        with pytest.raises(Refused, match="alert-changed"):
            await alerts.decide(
                tx,
                alert_id,
                up_to=shown.finding_id,
                asked=mark_of([shown.finding_id]),
                decision=Decision.NOT_A_MATCH,
                by=STAFF,
                now=NOW,
            )
        assert {one.state for one in (await scene.alert(alert_id)).findings} == {FindingState.NEW}
