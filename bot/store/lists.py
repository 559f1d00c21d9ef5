"""Lists of other organisations: their hashes belong to the list, which has a name and no person behind it.

A list is kept as a case without number, PIN and contact of anybody, so that all that is found for it is handled alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, literal, select, union_all, update

from bot.model import CaseId, CaseState, FindingId, FingerprintId, HashState, Language
from bot.store import standing
from bot.store.alerts import NUMBER
from bot.store.cases import BITS_KEY, NUMBER_KEY
from bot.store.registry import BITS, next_revision
from bot.store.tables import cases, fingerprints, items, matches, media, withdrawn_fingerprints
from bot.store.tx import Tx, batches

_SOURCE_KEY = "fingerprints.source_key"
_NUMBER = "lists.number"
_NUMBER_BYTES = 16


@dataclass(frozen=True)
class HashList:
    id: CaseId
    uid: str
    name: str
    hashes: int


@dataclass(frozen=True)
class ListedHash:
    """A hash of a list as it is handed on. Nothing here points at a case or a person."""

    id: FingerprintId
    list_name: str
    kind: str
    bits: bytes
    quality: int | None
    number: str
    """By which others know it. It says nothing of the hash, and nobody else can tell which hash it was."""


async def ensure(tx: Tx, name: str, *, uid: str, now: datetime) -> HashList:
    """The list of this name; a new one where there is none."""
    found = await get(tx, name)
    if found is not None:
        return found
    await tx.execute(
        tx.insert(cases)
        .values(
            uid=uid,
            state=CaseState.ACTIVE.value,
            number=tx.cipher.seal(NUMBER, name.encode()),
            number_key=tx.cipher.digest(NUMBER_KEY, name),
            language=Language.EN.value,
            consent_version="",
            created_at=now,
            is_list=True,
        )
        .on_conflict_do_nothing(index_elements=["number_key"])
    )
    made = await get(tx, name)
    assert made is not None
    return made


async def get(tx: Tx, name: str) -> HashList | None:
    found = await _select(tx, cases.c.number_key == tx.cipher.digest(NUMBER_KEY, name))
    return found[0] if found else None


async def everything(tx: Tx) -> list[HashList]:
    return await _select(tx)


async def known(tx: Tx, list_id: CaseId, hashes: Sequence[tuple[str, bytes]]) -> set[tuple[str, bytes]]:
    """Those of these hashes (kind and bits) that the list has."""
    found: set[tuple[str, bytes]] = set()
    for some in batches(hashes):
        by_key = {(kind, tx.cipher.digest(BITS_KEY, bits)): (kind, bits) for kind, bits in some}
        rows = await tx.all(
            select(fingerprints.c.kind, fingerprints.c.bits_key).where(
                fingerprints.c.case_id == list_id, fingerprints.c.bits_key.in_({key for _, key in by_key})
            )
        )
        found |= {by_key[row.kind, row.bits_key] for row in rows if (row.kind, row.bits_key) in by_key}
    return found


async def drop(tx: Tx, list_id: CaseId, hashes: Sequence[tuple[str, bytes]], now: datetime) -> int:
    """Delete these hashes for good; returns how many the list had."""
    dropped = 0
    for some in batches(hashes):
        # The same bits can be hashes of several kinds.
        keys = {(kind, tx.cipher.digest(BITS_KEY, bits)) for kind, bits in some}
        rows = await tx.all(
            select(fingerprints.c.id, fingerprints.c.kind, fingerprints.c.bits_key).where(
                fingerprints.c.case_id == list_id, fingerprints.c.bits_key.in_({key for _, key in keys})
            )
        )
        dropped += await _drop(tx, list_id, [row.id for row in rows if (row.kind, row.bits_key) in keys], now)
    return dropped


async def named(tx: Tx, list_id: CaseId, numbers: Collection[str]) -> list[tuple[str, bytes]]:
    """The hashes (kind and bits) that whoever handed them on knows by these numbers."""
    found: list[tuple[str, bytes]] = []
    for some in batches(sorted(numbers)):
        keys = {tx.cipher.digest(_SOURCE_KEY, number) for number in some}
        rows = await tx.all(
            select(fingerprints.c.kind, fingerprints.c.bits).where(
                fingerprints.c.case_id == list_id, fingerprints.c.source_key.in_(keys)
            )
        )
        found += [(row.kind, tx.cipher.open(BITS, row.bits)) for row in rows]
    return found


async def name(tx: Tx, list_id: CaseId, numbers: Mapping[tuple[str, bytes], str]) -> None:
    """Remember by which numbers whoever handed these hashes on knows them."""
    wanted = [
        {
            "its_kind": kind,
            "its_key": tx.cipher.digest(BITS_KEY, bits),
            "its_number": tx.cipher.digest(_SOURCE_KEY, number),
        }
        for (kind, bits), number in numbers.items()
    ]
    if wanted:
        await tx.execute(
            update(fingerprints)
            .where(
                fingerprints.c.case_id == list_id,
                fingerprints.c.kind == bindparam("its_kind"),
                fingerprints.c.bits_key == bindparam("its_key"),
            )
            .values(source_key=bindparam("its_number")),
            wanted,
        )


async def page(tx: Tx, list_id: CaseId, after: int, limit: int) -> list[tuple[FingerprintId, str, bytes]]:
    """The next hashes of the list after this id, with kind and bits."""
    rows = await _rows(tx, list_id, after, limit)
    return [(FingerprintId(row.id), row.kind, tx.cipher.open(BITS, row.bits)) for row in rows]


async def to_hand_on(tx: Tx, of: HashList, after: int, limit: int) -> list[ListedHash]:
    """The same, without those that somebody disabled, or that are near to known-good pictures."""
    return [
        ListedHash(
            FingerprintId(row.id),
            of.name,
            row.kind,
            tx.cipher.open(BITS, row.bits),
            row.quality,
            _number(tx, row.id),
        )
        for row in await _rows(tx, of.id, after, limit)
        if row.state != HashState.DISABLED.value and row.muted_by is None
    ]


async def gone(tx: Tx, of: HashList, after: int, limit: int) -> list[tuple[FingerprintId, str]]:
    """The next numbers after this id that were handed on, maybe, and are not any more: withdrawn, disabled or muted."""
    own = fingerprints.c
    quiet = select(own.id).where(
        own.case_id == of.id,
        own.id > after,
        (own.state == HashState.DISABLED.value) | own.muted_by.is_not(None),
    )
    went = withdrawn_fingerprints.c
    withdrawn = select(went.fingerprint_id).where(went.list_id == of.id, went.fingerprint_id > after)
    rows = await tx.all(union_all(quiet, withdrawn).order_by("id").limit(limit))
    return [(FingerprintId(row.id), _number(tx, row.id)) for row in rows]


async def _rows(tx: Tx, list_id: CaseId, after: int, limit: int) -> Sequence[Row[Any]]:
    return await tx.all(
        select(fingerprints)
        .where(fingerprints.c.case_id == list_id, fingerprints.c.id > after)
        .order_by(fingerprints.c.id)
        .limit(limit)
    )


async def _select(tx: Tx, *which: Any) -> list[HashList]:
    count = (
        select(func.count()).where(fingerprints.c.case_id == cases.c.id).correlate(cases).scalar_subquery()
    )
    rows = await tx.all(
        select(cases, count.label("hashes")).where(cases.c.is_list, *which).order_by(cases.c.id)
    )
    return [
        HashList(CaseId(row.id), row.uid, tx.cipher.open(NUMBER, row.number).decode(), row.hashes)
        for row in rows
    ]


def _number(tx: Tx, fingerprint_id: int) -> str:
    # Not of the hash, which it could be tried against; and not the id, which would tell how many hashes there are.
    return tx.cipher.digest(_NUMBER, fingerprint_id)[:_NUMBER_BYTES].hex()


async def _drop(tx: Tx, list_id: CaseId, ids: Sequence[int], now: datetime) -> int:
    if not ids:
        return 0
    revision = await next_revision(tx)
    own = fingerprints.c.id.in_(ids)
    await tx.execute(
        insert(withdrawn_fingerprints).from_select(
            ["fingerprint_id", "revision", "list_id"],
            select(fingerprints.c.id, literal(revision), fingerprints.c.case_id).where(own),
        )
    )
    rows = await tx.all(
        update(matches)
        .where(matches.c.fingerprint_id.in_(ids))
        .values(fingerprint_id=None)
        .returning(matches.c.finding_id, matches.c.media_id)
    )
    await tx.execute(delete(fingerprints).where(own))
    has_more = select(fingerprints.c.id).where(fingerprints.c.item_id == items.c.id).exists()
    await tx.execute(delete(items).where(items.c.case_id == list_id, ~has_more))
    # What is kept of the posts that showed it is the same picture's fingerprint.
    for some in batches(sorted({row.media_id for row in rows})):
        await tx.execute(update(media).where(media.c.id.in_(some)).values(fingerprints=None))
    await standing.shows_nothing(tx, {FindingId(row.finding_id) for row in rows}, now=now)
    return len(ids)
