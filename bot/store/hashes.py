"""Registered hashes as those see them who look after the list: how they stand and what they found, never their bits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from bot.model import CaseId, FindingId, FindingState, FingerprintId, HashState, KnownGoodId
from bot.store import registry, standing
from bot.store import tables as t
from bot.store.alerts import NUMBER
from bot.store.tx import Tx


@dataclass(frozen=True)
class RegisteredHash:
    id: FingerprintId
    case_id: CaseId
    case_uid: str
    case_number: str
    kind: str
    state: HashState
    muted_by: KnownGoodId | None
    radius_bits: int
    registered_at: datetime
    findings: dict[FindingState, int]
    """How many posts show it, by what became of them."""


async def of_finding(tx: Tx, finding_id: FindingId) -> list[RegisteredHash]:
    shown = select(t.matches.c.fingerprint_id).where(t.matches.c.finding_id == finding_id)
    return await _select(tx, t.fingerprints.c.id.in_(shown))


async def get(tx: Tx, fingerprint_id: FingerprintId) -> list[RegisteredHash]:
    """One, or none."""
    return await _select(tx, t.fingerprints.c.id == fingerprint_id)


async def set_radius(tx: Tx, fingerprint_ids: Collection[FingerprintId], radius_bits: int) -> None:
    await registry.hold(tx)
    await tx.execute(
        update(t.fingerprints).where(t.fingerprints.c.id.in_(fingerprint_ids)).values(radius_bits=radius_bits)
    )
    await standing.touch(tx, fingerprint_ids)


async def _select(tx: Tx, which: ColumnElement[bool]) -> list[RegisteredHash]:
    rows = await tx.all(
        select(
            t.fingerprints,
            t.cases.c.uid,
            t.cases.c.number,
            t.items.c.created_at,
        )
        .join(t.cases, t.cases.c.id == t.fingerprints.c.case_id)
        .join(t.items, t.items.c.id == t.fingerprints.c.item_id)
        .where(which)
        .order_by(t.fingerprints.c.id)
    )
    counts = await tx.all(
        select(
            t.matches.c.fingerprint_id,
            t.findings.c.state,
            func.count(t.findings.c.id.distinct()).label("number"),
        )
        .join(t.findings, t.findings.c.id == t.matches.c.finding_id)
        .where(t.matches.c.fingerprint_id.in_([row.id for row in rows]))
        .group_by(t.matches.c.fingerprint_id, t.findings.c.state)
    )
    found: dict[int, dict[FindingState, int]] = {}
    for count in counts:
        found.setdefault(count.fingerprint_id, {})[FindingState(count.state)] = count.number
    return [_hash(tx, row, found.get(row.id, {})) for row in rows]


def _hash(tx: Tx, row: Any, findings: dict[FindingState, int]) -> RegisteredHash:
    return RegisteredHash(
        id=FingerprintId(row.id),
        case_id=CaseId(row.case_id),
        case_uid=row.uid,
        case_number="" if row.number is None else tx.cipher.open(NUMBER, row.number).decode(),
        kind=row.kind,
        state=HashState(row.state),
        muted_by=None if row.muted_by is None else KnownGoodId(row.muted_by),
        radius_bits=row.radius_bits,
        registered_at=row.created_at,
        findings=findings,
    )
