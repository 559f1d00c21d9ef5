"""The reports that people sent about a finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select, update

from bot.model import FindingId, Person, Step
from bot.store import tables as t
from bot.store.alerts import PERSON
from bot.store.tx import Tx

_TICKET = "reports.ticket"
_REPORTED_BY = "reports.reported_by"


@dataclass(frozen=True)
class Reported:
    """A report that a person sent: to whom (a key of the addressees), and the number that they gave it."""

    addressee: str
    ticket: str | None
    by: Person
    at: datetime
    is_taken_back: bool = False
    """The step that it was recorded with was undone."""


_is_taken_back = (
    select(t.decisions.c.id)
    .where(
        t.decisions.c.finding_id == t.reports.c.finding_id,
        t.decisions.c.decision == Step.REPORTED.value,
        t.decisions.c.decided_at == t.reports.c.reported_at,
        t.decisions.c.undone_at.is_not(None),
    )
    .exists()
)


async def of(tx: Tx, finding_id: FindingId) -> list[Reported]:
    """Oldest first."""
    rows = await tx.all(
        select(t.reports, _is_taken_back.label("is_taken_back"))
        .where(t.reports.c.finding_id == finding_id)
        .order_by(t.reports.c.id)
    )
    return [
        Reported(
            row.addressee,
            None if row.ticket is None else tx.cipher.open(_TICKET, row.ticket).decode(),
            PERSON.validate_json(tx.cipher.open(_REPORTED_BY, row.reported_by)),
            row.reported_at,
            bool(row.is_taken_back),
        )
        for row in rows
    ]


def is_told(addressee: str | None) -> ColumnElement[bool]:
    """Whether the addressee was told of a finding."""
    return (
        select(t.reports.c.id)
        .where(t.reports.c.finding_id == t.findings.c.id, t.reports.c.addressee == addressee, ~_is_taken_back)
        .exists()
    )


async def add(
    tx: Tx, finding_id: FindingId, addressee: str, ticket: str | None, *, by: Person, now: datetime
) -> None:
    await tx.execute(
        insert(t.reports).values(
            finding_id=finding_id,
            addressee=addressee,
            ticket=None if ticket is None else tx.cipher.seal(_TICKET, ticket.encode()),
            reported_by=tx.cipher.seal(_REPORTED_BY, PERSON.dump_json(by)),
            reported_at=now,
        )
    )


async def give_ticket(tx: Tx, finding_id: FindingId, addressee: str, ticket: str) -> bool:
    """To the newest report to the addressee that has none. False where there is no such report."""
    newest = select(func.max(t.reports.c.id)).where(
        t.reports.c.finding_id == finding_id,
        t.reports.c.addressee == addressee,
        t.reports.c.ticket.is_(None),
        ~_is_taken_back,
    )
    sealed = tx.cipher.seal(_TICKET, ticket.encode())
    changed = await tx.execute(
        update(t.reports).where(t.reports.c.id == newest.scalar_subquery()).values(ticket=sealed)
    )
    return changed.rowcount == 1
