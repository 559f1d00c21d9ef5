"""The steps that people take with a finding: each is a row, so that what led where can be told and taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from bot.model import UNDECIDED, AlertId, Decision, FindingId, FindingState, Person, Step, UserId
from bot.store import registry, standing
from bot.store import tables as t
from bot.store.alerts import DECIDED_BY, PERSON, decided_by
from bot.store.tx import Tx, batches

_UNDONE_BY = "decisions.undone_by"


@dataclass(frozen=True)
class Taken:
    """A step, and the state it led out of; None for one of a time when that was not kept."""

    id: int
    step: Step
    from_state: FindingState | None
    by: Person
    at: datetime
    undone_by: Person | None = None
    undone_at: datetime | None = None


async def take(
    tx: Tx,
    finding_ids: Collection[FindingId],
    step: Step,
    before: FindingState,
    after: FindingState,
    *,
    by: Person,
    now: datetime,
) -> list[FindingId]:
    """Take findings from one state to the next; returns those that were in the first still."""
    if after in (FindingState.CONFIRMED, FindingState.NOT_A_MATCH):
        await registry.hold(tx)
    moved = await _move(tx, finding_ids, before, after, now)
    if moved:
        # Sealed once: a flood of posts is one alert of thousands of findings.
        decided = tx.cipher.seal(DECIDED_BY, PERSON.dump_json(by))
        values = {
            "decision": step.value,
            "from_state": before.value,
            "decided_by": decided,
            "decided_at": now,
        }
        await tx.execute(insert(t.decisions), [{"finding_id": one, **values} for one in moved])
        if after is FindingState.CONFIRMED:
            await standing.confirmed(tx, moved, now)
        elif after is FindingState.NOT_A_MATCH:
            await standing.rejected(tx, moved, now)
    return moved


async def undo(
    tx: Tx, finding_id: FindingId, now_in: FindingState, *, by: Person, now: datetime
) -> Taken | None:
    """Take the latest step back. None where there is none, or the finding is not in this state any more."""
    latest = next(
        (taken for taken in reversed(await all_of(tx, finding_id)) if taken.undone_at is None), None
    )
    if latest is None or latest.from_state is None:
        return None
    if latest.step is Step.NOT_A_MATCH:
        await registry.hold(tx)
    if not await _move(tx, [finding_id], now_in, latest.from_state, now):
        return None
    await tx.execute(
        update(t.decisions)
        .where(t.decisions.c.id == latest.id)
        .values(undone_by=tx.cipher.seal(_UNDONE_BY, PERSON.dump_json(by)), undone_at=now)
    )
    if latest.step is Step.NOT_A_MATCH:
        await standing.not_rejected(tx, [finding_id], now)
    return latest


async def all_of(tx: Tx, finding_id: FindingId) -> list[Taken]:
    """Oldest first, those taken back among them."""
    rows = await tx.all(
        select(t.decisions).where(t.decisions.c.finding_id == finding_id).order_by(t.decisions.c.id)
    )
    return [
        Taken(
            id=row.id,
            step=Step(row.decision),
            from_state=None if row.from_state is None else FindingState(row.from_state),
            by=decided_by(tx, row),
            at=row.decided_at,
            undone_by=None
            if row.undone_by is None
            else PERSON.validate_json(tx.cipher.open(_UNDONE_BY, row.undone_by)),
            undone_at=row.undone_at,
        )
        for row in rows
    ]


async def confirmed_by(tx: Tx, finding_id: FindingId) -> UserId | None:
    """Who confirmed the finding last."""
    row = await tx.first(
        select(t.decisions.c.decided_by)
        .where(
            t.decisions.c.finding_id == finding_id,
            t.decisions.c.decision == Step.CONFIRMED.value,
            t.decisions.c.undone_at.is_(None),
        )
        .order_by(t.decisions.c.id.desc())
        .limit(1)
    )
    return None if row is None else decided_by(tx, row).user_id


async def latest_decision(
    tx: Tx, alert_id: AlertId, up_to: FindingId
) -> tuple[Person, Decision, datetime] | None:
    """Who decided last on the alert's findings up to this one, what and when."""
    row = await tx.first(
        select(t.decisions)
        .join(t.findings)
        .where(
            t.findings.c.alert_id == alert_id,
            t.findings.c.id <= up_to,
            t.decisions.c.undone_at.is_(None),
            t.decisions.c.decision.in_([decision.value for decision in Decision]),
        )
        .order_by(t.decisions.c.id.desc())
        .limit(1)
    )
    return None if row is None else (decided_by(tx, row), Decision(row.decision), row.decided_at)


async def alert_changed(tx: Tx, alert_id: AlertId) -> None:
    """The alert reads differently, and is open while somebody has to look at one of its findings."""
    is_open = (
        select(t.findings.c.id)
        .where(
            t.findings.c.alert_id == alert_id, t.findings.c.state.in_([state.value for state in UNDECIDED])
        )
        .exists()
    )
    await tx.execute(
        update(t.alerts)
        .where(t.alerts.c.id == alert_id)
        .values(is_open=is_open, revision=t.alerts.c.revision + 1)
    )


async def _move(
    tx: Tx, finding_ids: Collection[FindingId], before: FindingState, after: FindingState, now: datetime
) -> list[FindingId]:
    moved: list[FindingId] = []
    for some in batches(sorted(finding_ids)):
        rows = await tx.all(
            update(t.findings)
            .where(t.findings.c.id.in_(some), t.findings.c.state == before.value)
            .values(state=after.value, changed_at=now, reminders=0)
            .returning(t.findings.c.id)
        )
        moved += sorted(FindingId(row.id) for row in rows)
    return moved
