"""Staff decide on alerts."""

from __future__ import annotations

from datetime import datetime

from bot.errors import Refused
from bot.model import AlertId, Decision, FindingId, Person
from bot.store import Tx, audit, findings
from bot.store.findings import Decided


async def decide(
    tx: Tx,
    alert_id: AlertId,
    *,
    up_to: FindingId,
    decision: Decision,
    by: Person,
    now: datetime,
    second_person: bool = False,
) -> Decided:
    """Decide on what the person was shown: the findings up to `up_to`. Findings that came later stay open.

    Raises `Refused` `alert-gone` where there is nothing to decide and nobody has decided: the alert was erased,
    or its case was withdrawn.
    """
    decided = await findings.decide(
        tx, alert_id, up_to=up_to, decision=decision, by=by, now=now, second_person=second_person
    )
    if not decided.finding_ids and decided.already is None:
        raise Refused("alert-gone")
    if decided.finding_ids:
        await audit.append(
            tx,
            action="alert_decided",
            subject=f"alert:{alert_id}",
            actor=by,
            details={"decision": decision.value, "findings": decided.finding_ids},
            now=now,
        )
    return decided
