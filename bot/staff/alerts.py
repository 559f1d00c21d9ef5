"""Staff decide on alerts."""

from __future__ import annotations

from datetime import datetime

from bot.errors import Refused
from bot.model import AlertId, CaseState, Decision, FindingId, Person
from bot.store import Tx, audit, cases, findings
from bot.store.findings import Decided


async def decide(
    tx: Tx,
    alert_id: AlertId,
    *,
    up_to: FindingId,
    asked: str,
    decision: Decision,
    by: Person,
    now: datetime,
    second_person: bool = False,
) -> Decided:
    """Decide on what the person was shown: the findings up to `up_to`, of which `asked` is the mark. Findings that
    came later stay open.

    Raises `Refused`: `alert-changed` where others wait by now than the person was asked about; `alert-gone` where there
    is nothing to decide and nobody has decided, because the alert was erased or its case withdrawn.
    """
    decided = await findings.decide(
        tx,
        alert_id,
        up_to=up_to,
        asked=asked,
        decision=decision,
        by=by,
        now=now,
        second_person=second_person,
    )
    if decided.is_outdated:
        raise Refused("alert-changed")
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


async def mute_same_photo(tx: Tx, alert_id: AlertId, *, muted: bool, by: Person, now: datetime) -> bool:
    """Whether staff are told when somebody posts an ordinary photo of the alert's case as it is.

    What is made from a part of it is told always. False: it was so already. Raises `Refused` `alert-gone`.
    """
    case_id = await findings.case_of(tx, alert_id)
    case = None if case_id is None else await cases.get(tx, case_id)
    if case is None or case.state is not CaseState.ACTIVE:
        raise Refused("alert-gone")
    if not await cases.mute_same_photo(tx, case.id, muted=muted):
        return False
    await findings.changed(tx, alert_id)
    action = "same_photo.muted" if muted else "same_photo.unmuted"
    await audit.append(tx, action=action, subject=case.uid, actor=by, details={}, now=now)
    return True
