"""Who did what, as a chain of hashes: a row that is changed, removed or moved breaks it.

A row's hash is SHA-256 over the hash before it and the row's stored bytes. The newest row's id and hash are kept
sealed as well, so that neither cutting off the end nor computing the chain anew goes unseen.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import insert, select, text

from bot.model import Person
from bot.store import settings
from bot.store.tables import audit
from bot.store.tx import Tx

_ACTOR = "audit.actor"
_DETAILS = "audit.details"
_HEAD = "audit_head"
_START = bytes(32)
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


async def verify(tx: Tx) -> int | None:
    """The id of the first row that does not fit the one before it, or None: the chain is whole.

    Where the end is missing it is the id of the row that was the newest.
    """
    head = await _head(tx)
    last_id, previous_hash = 0, _START
    while rows := await tx.all(select(audit).where(audit.c.id > last_id).order_by(audit.c.id).limit(_PAGE)):
        for row in rows:
            own_hash = _hash(previous_hash, row.at, row.action, row.subject, row.actor, row.details)
            if row.id > head["id"] or row.previous_hash != previous_hash or row.hash != own_hash:
                return int(row.id)
            last_id, previous_hash = row.id, row.hash
    return None if head == {"id": last_id, "hash": previous_hash.hex()} else int(head["id"])


async def _head(tx: Tx) -> dict[str, Any]:
    head: dict[str, Any] | None = await settings.get(tx, _HEAD)
    return head or {"id": 0, "hash": _START.hex()}


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
