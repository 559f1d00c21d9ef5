"""What changed among the registered fingerprints, by revision.

Every registration and every withdrawal takes the next revision in its own transaction, so whoever keeps the
fingerprints in memory asks for the changes since the revision it has reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Column, Row, select, update

from bot.model import CaseId, FingerprintId, HashState
from bot.store.tables import counters, fingerprints, withdrawn_fingerprints
from bot.store.tx import Tx

BITS = "fingerprints.bits"
COUNTER = "registry"

PAGE = 2_000
"""Rows a call of `changes` gives at most, but for the end of a revision: a revision is never cut."""


class Registered(NamedTuple):
    """A fingerprint, whose it is, and of which item (a picture or a video); its bytes, and its radius in bits.

    `is_quiet`: it is disabled or muted, and makes no alerts.
    """

    id: FingerprintId
    case_id: CaseId
    item_id: int
    kind: str
    bits: bytes
    radius_bits: int
    is_quiet: bool = False


@dataclass(frozen=True)
class Changes:
    """What came, changed and went up to `revision`. A fingerprint that was withdrawn is never in `added`; one that was
    changed (its radius, or whether it is quiet) is in it once more.
    """

    revision: int
    added: list[Registered]
    removed: list[FingerprintId]


async def revision(tx: Tx) -> int:
    """The newest revision. In a write transaction it stays the newest until the end of it."""
    query = select(counters.c.value).where(counters.c.name == COUNTER)
    if tx.is_write:
        query = query.with_for_update(read=True)
    value: int = await tx.scalar(query)
    return value


async def hold(tx: Tx) -> None:
    """Let nobody else change the registry until the end of the transaction: for whoever is going to, and has to lock
    something before. Two that lock in different orders would wait for each other.
    """
    await tx.scalar(select(counters.c.value).where(counters.c.name == COUNTER).with_for_update())


async def next_revision(tx: Tx) -> int:
    """Taken by whatever changes the registry, before it touches anything else."""
    value: int = await tx.scalar(
        update(counters)
        .where(counters.c.name == COUNTER)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return value


async def changes(tx: Tx, since: int) -> Changes:
    """A page of what changed after the revision `since`; there is more while its revision is not the newest."""
    up_to = await revision(tx)
    for table in (fingerprints, withdrawn_fingerprints):
        up_to = min(up_to, await _end_of_page(tx, table.c.revision, since, up_to))
    columns = fingerprints.c
    came = select(
        columns.id,
        columns.case_id,
        columns.item_id,
        columns.kind,
        columns.bits,
        columns.radius_bits,
        columns.state,
        columns.muted_by,
    )
    rows = await tx.all(came.where(columns.revision > since, columns.revision <= up_to).order_by(columns.id))
    columns = withdrawn_fingerprints.c
    went = select(columns.fingerprint_id)
    gone = await tx.all(went.where(columns.revision > since, columns.revision <= up_to))
    added = await asyncio.to_thread(_open, tx, rows)
    return Changes(up_to, added, [FingerprintId(row.fingerprint_id) for row in gone])


async def _end_of_page(tx: Tx, column: Column[int], since: int, up_to: int) -> int:
    last: int | None = await tx.scalar(
        select(column).where(column > since).order_by(column).offset(PAGE - 1).limit(1)
    )
    return up_to if last is None else last


def _open(tx: Tx, rows: Sequence[Row[Any]]) -> list[Registered]:
    return [
        Registered(
            FingerprintId(row.id),
            CaseId(row.case_id),
            row.item_id,
            row.kind,
            tx.cipher.open(BITS, row.bits),
            row.radius_bits,
            row.state == HashState.DISABLED.value or row.muted_by is not None,
        )
        for row in rows
    ]
