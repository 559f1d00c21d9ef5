"""One queue for four tables: inbox, work, outbox and lookbacks.

A row is `ready` (waiting, or leased to a worker until `lease_until`), `done` or `buried`. A worker that dies leaves
its row ready, to be claimed again when the lease is over. Ended rows keep their key, so that a repeated insert stays
a no-op until `purge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update

from bot.store.columns import Queue
from bot.store.errors import DoesNotOpen
from bot.store.tx import Tx

READY = "ready"
DONE = "done"
BURIED = "buried"

_MAX_TROUBLE = 200

R = TypeVar("R")


@dataclass(frozen=True)
class Buried:
    """A row that was given up, with the reason; it can be requeued."""

    id: int
    kind: str
    trouble: str
    attempts: int
    created_at: datetime
    buried_at: datetime


async def claim(
    tx: Tx,
    table: Queue,
    *,
    now: datetime,
    lease_s: float,
    limit: int,
    unless: Iterable[ColumnElement[bool]] = (),
) -> list[Row[Any]]:
    """Lease up to `limit` rows: highest priority first, then oldest. `unless` are conditions that hold a row back."""
    ready = (
        select(table.c.id)
        .where(*_is_ready(table, now), *(~condition for condition in unless))
        .order_by(table.c.priority.desc(), table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=table)
        .cte("ready")
    )
    claimed = await tx.all(
        update(table)
        .where(table.c.id.in_(select(ready.c.id)))
        .values(lease_until=now + timedelta(seconds=lease_s), attempts=table.c.attempts + 1)
        .returning(table)
    )
    return sorted(claimed, key=lambda row: (-row.priority, row.id))


async def opened(
    tx: Tx, table: Queue, rows: Iterable[Row[Any]], convert: Callable[[Tx, Row[Any]], R], *, now: datetime
) -> list[R]:
    """The claimed rows as values. One that does not open, or is of another version, is buried, so that it stops no other."""
    values = []
    for row in rows:
        try:
            values.append(convert(tx, row))
        except DoesNotOpen as error:
            await bury(tx, table, row.id, now=now, trouble=str(error))
        except (ValidationError, KeyError):
            # The error's own text may hold what is sealed.
            await bury(tx, table, row.id, now=now, trouble="The row is of another version.")
    return values


async def done(tx: Tx, table: Queue, row_id: int, *, now: datetime) -> None:
    """The row's work is committed with this: its payload is not needed any more."""
    values: dict[str, Any] = {"state": DONE, "ended_at": now, "lease_until": None, "trouble": None}
    if table.info["payload"] is not None:
        values[table.info["payload"]] = None
    await tx.execute(update(table).where(table.c.id == row_id).values(values))


async def retry(tx: Tx, table: Queue, row_id: int, *, run_at: datetime, trouble: str) -> None:
    await tx.execute(
        update(table)
        .where(table.c.id == row_id, table.c.state == READY)
        .values(run_at=run_at, lease_until=None, trouble=trouble[:_MAX_TROUBLE])
    )


async def bury(tx: Tx, table: Queue, row_id: int, *, now: datetime, trouble: str) -> None:
    """Give the row up, but keep it."""
    await tx.execute(
        update(table)
        .where(table.c.id == row_id, table.c.state == READY)
        .values(state=BURIED, ended_at=now, lease_until=None, trouble=trouble[:_MAX_TROUBLE])
    )


async def release(tx: Tx, table: Queue) -> None:
    """Free every lease. Only at start, and only while no other process works on this queue."""
    await tx.execute(
        update(table).where(table.c.state == READY, table.c.lease_until.is_not(None)).values(lease_until=None)
    )


def anew(now: datetime) -> dict[str, Any]:
    """What makes a row that ended ready again, from the start."""
    return {"state": READY, "run_at": now, "attempts": 0, "ended_at": None, "trouble": None}


async def requeue(tx: Tx, table: Queue, row_id: int, *, now: datetime) -> bool:
    """Try a buried row again from the start; False where there is none of this id."""
    result = await tx.execute(
        update(table).where(table.c.id == row_id, table.c.state == BURIED).values(anew(now))
    )
    return result.rowcount == 1


async def buried(tx: Tx, table: Queue, limit: int) -> list[Buried]:
    """Newest first."""
    rows = await tx.all(select(table).where(table.c.state == BURIED).order_by(table.c.id.desc()).limit(limit))
    return [
        Buried(
            id=row.id,
            kind=row.kind if "kind" in table.c else table.name,
            trouble=row.trouble or "",
            attempts=row.attempts,
            created_at=row.created_at,
            buried_at=row.ended_at,
        )
        for row in rows
    ]


async def counts(tx: Tx, table: Queue) -> dict[str, int]:
    """How many rows are in each state; every state is named."""
    rows = await tx.all(select(table.c.state, func.count().label("number")).group_by(table.c.state))
    return {READY: 0, DONE: 0, BURIED: 0} | {row.state: row.number for row in rows}


async def waiting(tx: Tx, table: Queue, *, now: datetime) -> int:
    """How many rows are not ended, and are in nobody's hands."""
    is_free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
    return int(await tx.scalar(select(func.count()).where(table.c.state == READY, is_free)))


async def any_ready(tx: Tx, table: Queue, *, now: datetime) -> bool:
    """Whether somebody could claim a row."""
    return await tx.first(select(table.c.id).where(*_is_ready(table, now)).limit(1)) is not None


async def late(tx: Tx, table: Queue, before: datetime) -> int:
    """How many rows were added before, and are not ended yet."""
    rows = select(func.count()).where(table.c.state == READY, table.c.created_at < before)
    return int(await tx.scalar(rows))


async def purge(tx: Tx, table: Queue, *, before: datetime) -> int:
    """Forget rows that were done before; returns how many. Buried ones stay."""
    result = await tx.execute(delete(table).where(table.c.state == DONE, table.c.ended_at < before))
    return result.rowcount


async def purge_buried(tx: Tx, table: Queue, *, before: datetime) -> int:
    """Forget rows that were buried before; returns how many."""
    result = await tx.execute(delete(table).where(table.c.state == BURIED, table.c.ended_at < before))
    return result.rowcount


def _is_ready(table: Queue, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.state == READY,
        # What was added later than now was so while the clock was ahead, as it is at the start of some machines.
        or_(table.c.run_at <= now, and_(table.c.created_at > now, table.c.attempts == 0)),
        or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
    )
