"""Hashes of pictures that are well known and harm nobody: memes, logos, flags. What is registered and near to one of
them is muted: posts that show nothing else make no alerts.

Removing one ends what it muted, unless another known-good hash is near as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, func, select, update

from bot.model import FingerprintId, KnownGoodId, Person
from bot.store import standing
from bot.store.alerts import PERSON
from bot.store.registry import BITS, hold
from bot.store.tables import counters, fingerprints, known_good
from bot.store.tx import Tx

COUNTER = "known_good"
_BITS = "known_good.bits"
_BITS_KEY = "known_good.bits_key"
_SOURCE = "known_good.source"
_ADDED_BY = "known_good.added_by"


class KnownBits(NamedTuple):
    id: KnownGoodId
    bits: bytes


@dataclass(frozen=True)
class KnownGood:
    """`source` says where it comes from: a finding or a list. `added_by` is None for what was imported."""

    id: KnownGoodId
    source: str
    added_by: Person | None
    added_at: datetime
    mutes: int
    """So many registered hashes."""


async def add(
    tx: Tx, hashes: Sequence[bytes], *, source: str, by: Person | None, now: datetime
) -> list[KnownGoodId]:
    """Add PDQ hashes (32 bytes each); returns those that were not known."""
    await _next_revision(tx)
    sealed_source = tx.cipher.seal(_SOURCE, source.encode())
    sealed_by = None if by is None else tx.cipher.seal(_ADDED_BY, PERSON.dump_json(by))
    new: list[KnownGoodId] = []
    for bits in dict.fromkeys(hashes):
        added = await tx.scalar(
            tx.insert(known_good)
            .values(
                bits=tx.cipher.seal(_BITS, bits),
                bits_key=tx.cipher.digest(_BITS_KEY, bits),
                source=sealed_source,
                added_by=sealed_by,
                added_at=now,
            )
            .on_conflict_do_nothing(index_elements=["bits_key"])
            .returning(known_good.c.id)
        )
        if added is not None:
            new.append(KnownGoodId(added))
    return new


async def remove(tx: Tx, known_id: KnownGoodId, *, now: datetime, radius_bits: int) -> bool:
    """Remove one; what it muted is muted by another that is within the radius, or makes alerts again."""
    # First, as whoever adds does: one of both would have the counter and wait for the row, and the other have the row.
    await _next_revision(tx)
    removed = await tx.execute(delete(known_good).where(known_good.c.id == known_id))
    if removed.rowcount == 0:
        return False
    await hold(tx)
    rows = await tx.all(
        select(fingerprints.c.id, fingerprints.c.bits).where(fingerprints.c.muted_by == known_id)
    )
    left = await tx.all(select(known_good.c.id, known_good.c.bits))
    by = await asyncio.to_thread(_nearest, tx, rows, left, radius_bits)
    for fingerprint_id, other in by.items():
        await tx.execute(
            update(fingerprints).where(fingerprints.c.id == fingerprint_id).values(muted_by=other)
        )
    loud = [fingerprint_id for fingerprint_id, other in by.items() if other is None]
    await standing.touch(tx, loud)
    await standing.review(tx, loud, now=now)
    return True


async def mute(tx: Tx, by: Mapping[FingerprintId, KnownGoodId], *, now: datetime) -> list[FingerprintId]:
    """These registered hashes are near to known-good ones; returns those that were not muted."""
    muted: list[FingerprintId] = []
    await hold(tx)
    for fingerprint_id, known_id in sorted(by.items()):
        is_known = select(known_good.c.id).where(known_good.c.id == known_id).exists()
        changed = await tx.execute(
            update(fingerprints)
            .where(fingerprints.c.id == fingerprint_id, fingerprints.c.muted_by.is_(None), is_known)
            .values(muted_by=known_id)
        )
        if changed.rowcount:
            muted.append(fingerprint_id)
    await standing.touch(tx, muted)
    await standing.review(tx, muted, now=now)
    return muted


async def bits_of(tx: Tx, fingerprint_ids: Sequence[FingerprintId]) -> dict[FingerprintId, bytes]:
    """The bits of registered PDQ hashes."""
    rows = await tx.all(
        select(fingerprints.c.id, fingerprints.c.bits).where(
            fingerprints.c.id.in_(fingerprint_ids), fingerprints.c.kind == "pdq"
        )
    )
    return {FingerprintId(row.id): tx.cipher.open(BITS, row.bits) for row in rows}


async def by_bits(tx: Tx, bits: bytes) -> KnownGoodId | None:
    found: int | None = await tx.scalar(
        select(known_good.c.id).where(known_good.c.bits_key == tx.cipher.digest(_BITS_KEY, bits))
    )
    return None if found is None else KnownGoodId(found)


async def revision(tx: Tx) -> int:
    value: int = await tx.scalar(select(counters.c.value).where(counters.c.name == COUNTER))
    return value


async def all_bits(tx: Tx) -> list[KnownBits]:
    rows = await tx.all(select(known_good.c.id, known_good.c.bits).order_by(known_good.c.id))
    return await asyncio.to_thread(
        lambda: [KnownBits(KnownGoodId(row.id), tx.cipher.open(_BITS, row.bits)) for row in rows]
    )


async def listed(tx: Tx, limit: int) -> tuple[list[KnownGood], int]:
    """The newest, and how many there are in all."""
    mutes = (
        select(func.count())
        .where(fingerprints.c.muted_by == known_good.c.id)
        .correlate(known_good)
        .scalar_subquery()
        .label("mutes")
    )
    rows = await tx.all(select(known_good, mutes).order_by(known_good.c.id.desc()).limit(limit))
    total: int = await tx.scalar(select(func.count()).select_from(known_good))
    return [_known(tx, row) for row in rows], total


async def _next_revision(tx: Tx) -> int:
    value: int = await tx.scalar(
        update(counters)
        .where(counters.c.name == COUNTER)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return value


def _nearest(
    tx: Tx, rows: Sequence[Row[Any]], left: Sequence[Row[Any]], radius_bits: int
) -> dict[FingerprintId, KnownGoodId | None]:
    known = [(KnownGoodId(row.id), int.from_bytes(tx.cipher.open(_BITS, row.bits))) for row in left]
    found: dict[FingerprintId, KnownGoodId | None] = {}
    for row in rows:
        bits = int.from_bytes(tx.cipher.open(BITS, row.bits))
        near = (known_id for known_id, other in known if (bits ^ other).bit_count() <= radius_bits)
        found[FingerprintId(row.id)] = next(near, None)
    return found


def _known(tx: Tx, row: Row[Any]) -> KnownGood:
    return KnownGood(
        id=KnownGoodId(row.id),
        source=tx.cipher.open(_SOURCE, row.source).decode(),
        added_by=None
        if row.added_by is None
        else PERSON.validate_json(tx.cipher.open(_ADDED_BY, row.added_by)),
        added_at=row.added_at,
        mutes=row.mutes,
    )
