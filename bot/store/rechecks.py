"""Which posts are to be looked at again, and what that showed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal, select, update

from bot.model import CaseState, FindingId, FindingState
from bot.store import casework
from bot.store import tables as t
from bot.store.casework import Method, Recheck
from bot.store.columns import Instant
from bot.store.tx import Tx


async def checked(tx: Tx, finding_id: FindingId, result: Recheck, method: Method, *, now: datetime) -> None:
    """Keep what looking again by itself showed; that it is as it was before only moves the time."""
    latest = await tx.first(
        select(t.rechecks)
        .where(t.rechecks.c.finding_id == finding_id)
        .order_by(t.rechecks.c.id.desc())
        .limit(1)
    )
    if latest is not None and (latest.result, latest.method) == (result.value, method.value):
        await tx.execute(update(t.rechecks).where(t.rechecks.c.id == latest.id).values(checked_at=now))
    else:
        await casework.add_recheck(tx, finding_id, result, method, by=None, now=now)


async def due(
    tx: Tx,
    states: frozenset[FindingState],
    *,
    checked_before: datetime,
    removed_after: datetime,
    limit: int,
) -> list[FindingId]:
    """Findings in these states that nobody looked at since `checked_before`, the longest unseen first.

    What was removed before `removed_after` is left out.
    """
    last = (
        select(func.max(t.rechecks.c.checked_at))
        .where(t.rechecks.c.finding_id == t.findings.c.id)
        .scalar_subquery()
    )
    unseen_since = func.coalesce(last, t.findings.c.changed_at)
    rows = await tx.all(
        select(t.findings.c.id)
        .join(t.cases, t.cases.c.id == t.findings.c.case_id)
        .where(
            t.findings.c.state.in_(sorted(state.value for state in states)),
            t.cases.c.state == CaseState.ACTIVE.value,
            unseen_since <= literal(checked_before, Instant()),
            (t.findings.c.state != FindingState.REMOVED.value) | (t.findings.c.changed_at > removed_after),
        )
        .order_by(unseen_since, t.findings.c.id)
        .limit(limit)
    )
    return [FindingId(row.id) for row in rows]
