"""Who did what, as a chain of hashes: a row that is changed, removed or moved breaks it.

A row's hash is SHA-256 over the hash before it and the row's stored bytes. The newest row's id and hash are kept
sealed as well, so that neither cutting off the end nor computing the chain anew goes unseen.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, insert, select, text

from bot.model import Person
from bot.store import settings
from bot.store.errors import DoesNotOpen
from bot.store.tables import audit
from bot.store.tx import Tx

_ACTOR = "audit.actor"
_DETAILS = "audit.details"
_HEAD = "audit_head"
_START = bytes(32)
_NO_HEAD = {"id": 0, "hash": _START.hex()}
_LOCK = 0x6A696B6A
"""PostgreSQL advisory lock of whoever appends."""
_PAGE = 1_000
_PERSON = TypeAdapter(Person)


async def append(
    tx: Tx, *, action: str, subject: str, actor: Person | None, details: dict[str, Any], now: datetime
) -> None:
    """`subject` must outlive an erasure: a case's uid, not its number. `actor` is None for the bot itself."""
    if tx.dialect_name == "postgresql":
        await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    previous_hash = bytes.fromhex((await _head(tx))["hash"])
    sealed_actor = None if actor is None else tx.cipher.seal(_ACTOR, _PERSON.dump_json(actor))
    sealed_details = tx.cipher.seal_json(_DETAILS, details)
    own_hash = _hash(previous_hash, now, action, subject, sealed_actor, sealed_details)
    row_id = await tx.scalar(
        insert(audit)
        .values(
            at=now,
            action=action,
            subject=subject,
            actor=sealed_actor,
            details=sealed_details,
            previous_hash=previous_hash,
            hash=own_hash,
        )
        .returning(audit.c.id)
    )
    await settings.put(tx, _HEAD, {"id": row_id, "hash": own_hash.hex()})


class Harm(StrEnum):
    """What was done to a chain that is not whole."""

    CHANGED = "changed"
    """The row does not hold what it held when it was written."""
    UNLINKED = "unlinked"
    """The row is as it was, and does not follow the one before it: something between them was removed or moved."""
    APPENDED = "appended"
    """The row comes after the newest that Jikimi wrote."""
    CUT_OFF = "cut_off"
    """The newest row that Jikimi wrote is not there."""
    REPLACED = "replaced"
    """The rows fit one another, and end otherwise than they did: they were computed anew."""
    NO_END = "no_end"
    """Which row is the newest was deleted or spoiled, and no longer tells whether the end is there."""
    NOT_AS_NOTED = "not_as_noted"
    """The row does not have the hash that somebody noted down elsewhere."""


@dataclass(frozen=True)
class Verdict:
    """How many rows were read, the id and the hash of the last of them, and at which row what is wrong, if anything."""

    rows: int
    last_id: int
    last_hash: bytes
    harm: tuple[int, Harm] | None


@dataclass(frozen=True)
class Entry:
    """A row, as far as it can be read without the key; `actor` and `details` are sealed."""

    id: int
    at: datetime
    action: str
    subject: str
    actor: bytes | None
    details: bytes | None
    previous_hash: bytes
    hash: bytes


async def verify(tx: Tx, noted: tuple[int, bytes] | None = None) -> Verdict:
    """Read the whole chain, up to the first row that is not as it was written.

    `noted` is the id and the hash of a row as an earlier verdict gave them: who has the key could compute all anew.
    """
    try:
        head = await _head(tx)
    except DoesNotOpen:
        head = _NO_HEAD
    is_as_noted = noted is None
    number, last_id, last_hash = 0, 0, _START
    harm: tuple[int, Harm] | None = None
    async for rows in _pages(tx):
        for row in rows:
            harm = _harm(row, last_hash, head)
            if harm is not None:
                return Verdict(number, last_id, last_hash, harm)
            number, last_id, last_hash = number + 1, row.id, row.hash
            is_as_noted = is_as_noted or noted == (row.id, row.hash)
    if last_id != head["id"]:
        harm = int(head["id"]), Harm.CUT_OFF
    elif last_hash.hex() != head["hash"]:
        harm = last_id, Harm.REPLACED
    elif noted is not None and not is_as_noted:
        harm = noted[0], Harm.NOT_AS_NOTED
    return Verdict(number, last_id, last_hash, harm)


async def entries(tx: Tx) -> AsyncIterator[Entry]:
    """Every row, oldest first, read in pages."""
    async for rows in _pages(tx):
        for row in rows:
            yield Entry(
                row.id, row.at, row.action, row.subject, row.actor, row.details, row.previous_hash, row.hash
            )


def opened(tx: Tx, entry: Entry) -> tuple[Person | None, dict[str, Any]]:
    """Who acted (None: the bot itself) and the details. Raises `DoesNotOpen`."""
    actor = None if entry.actor is None else _PERSON.validate_json(tx.cipher.open(_ACTOR, entry.actor))
    return actor, {} if entry.details is None else tx.cipher.open_json(_DETAILS, entry.details)


def _harm(row: Row[Any], last_hash: bytes, head: dict[str, Any]) -> tuple[int, Harm] | None:
    if not head["id"]:
        return row.id, Harm.NO_END
    if row.id > head["id"]:
        return row.id, Harm.APPENDED
    if row.hash != _hash(row.previous_hash, row.at, row.action, row.subject, row.actor, row.details):
        return row.id, Harm.CHANGED
    return None if row.previous_hash == last_hash else (row.id, Harm.UNLINKED)


async def _pages(tx: Tx) -> AsyncIterator[Sequence[Row[Any]]]:
    last_id = 0
    while rows := await tx.all(select(audit).where(audit.c.id > last_id).order_by(audit.c.id).limit(_PAGE)):
        yield rows
        last_id = rows[-1].id


async def _head(tx: Tx) -> dict[str, Any]:
    head: dict[str, Any] | None = await settings.get(tx, _HEAD)
    return head or _NO_HEAD


def _hash(
    previous_hash: bytes,
    at: datetime,
    action: str,
    subject: str,
    actor: bytes | None,
    details: bytes | None,
) -> bytes:
    milliseconds = str(round(at.timestamp() * 1000))
    digest = hashlib.sha256(previous_hash)
    for value in (milliseconds.encode(), action.encode(), subject.encode(), actor, details):
        # The length before each value keeps two different rows from having the same bytes.
        digest.update(b"-" if value is None else b"%d:" % len(value) + value)
    return digest.digest()
