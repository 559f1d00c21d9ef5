"""Ordinary photos that victims registered: how many there are, and the end of those that were kept long enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, literal, select, update

from bot.model import CaseId
from bot.store import figures
from bot.store import tables as t
from bot.store.registry import next_revision
from bot.store.tx import Tx

PHOTO = "photo"
"""The kind of an ordinary photo's item, and of its one fingerprint: its features."""


@dataclass(frozen=True)
class Kept:
    """How many photos are registered, and how many reposts of them staff were not told of."""

    photos: int
    muted_cases: int
    muted_findings: int


async def kept(tx: Tx) -> Kept:
    photos = await tx.scalar(select(func.count()).select_from(t.items).where(t.items.c.kind == PHOTO))
    cases = await tx.scalar(
        select(func.count()).select_from(t.cases).where(t.cases.c.mutes_same_photo.is_(True))
    )
    findings = await tx.scalar(
        select(func.count()).select_from(t.findings).where(t.findings.c.state == "muted")
    )
    return Kept(photos, cases, findings)


async def expired(tx: Tx, before: datetime) -> dict[CaseId, list[int]]:
    """The items of photos that were registered before, by case."""
    rows = await tx.all(
        select(t.items.c.id, t.items.c.case_id)
        .where(t.items.c.kind == PHOTO, t.items.c.created_at < before)
        .order_by(t.items.c.case_id, t.items.c.id)
    )
    found: dict[CaseId, list[int]] = {}
    for row in rows:
        found.setdefault(CaseId(row.case_id), []).append(row.id)
    return found


async def withdraw(tx: Tx, item_ids: Sequence[int], now: datetime) -> None:
    """Delete these items with their fingerprints for good, and what was drawn and kept of where they were seen."""
    await forget(tx, t.fingerprints.c.item_id.in_(item_ids), now)
    await tx.execute(delete(t.items).where(t.items.c.id.in_(item_ids)))


async def forget(tx: Tx, which: ColumnElement[bool], now: datetime) -> None:
    """Delete fingerprints; of what they matched, that it was seen stays, and nothing that tells of the picture."""
    revision = await next_revision(tx)
    ids: Select[Any] = select(t.fingerprints.c.id).where(which)
    await tx.execute(
        insert(t.withdrawn_fingerprints).from_select(
            ["fingerprint_id", "revision"], select(t.fingerprints.c.id, literal(revision)).where(which)
        )
    )
    # What is kept of the posts that showed it is the same picture's fingerprint.
    shown = select(t.matches.c.media_id).where(t.matches.c.fingerprint_id.in_(ids))
    await tx.execute(update(t.media).where(t.media.c.id.in_(shown)).values(fingerprints=None))
    await figures.take_back(tx, _found_by(ids), now)
    await tx.execute(
        update(t.matches).where(t.matches.c.fingerprint_id.in_(ids)).values(fingerprint_id=None, photo=None)
    )
    await tx.execute(delete(t.fingerprints).where(which))


def _found_by(ids: Select[Any]) -> ColumnElement[bool]:
    matches = t.matches.c
    return exists().where(matches.finding_id == t.figures.c.finding_id, matches.fingerprint_id.in_(ids))
