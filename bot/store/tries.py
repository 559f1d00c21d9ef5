"""Failed tries (of PINs, say) by a key of the caller's, and until when there may be no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select

from bot.store.tables import tries
from bot.store.tx import Tx

_KEY = "tries.key"


@dataclass(frozen=True)
class Tries:
    failed: int = 0
    blocked_until: datetime | None = None


async def get(tx: Tx, key: str) -> Tries:
    row = await tx.first(select(tries).where(tries.c.key == tx.cipher.digest(_KEY, key)))
    return Tries() if row is None else Tries(row.failed, row.blocked_until)


async def failed(tx: Tx, key: str, *, failed: int, blocked_until: datetime | None, now: datetime) -> None:
    """Set how many tries failed by now."""
    values = {"failed": failed, "blocked_until": blocked_until, "updated_at": now}
    await tx.execute(
        tx.insert(tries)
        .values(key=tx.cipher.digest(_KEY, key), **values)
        .on_conflict_do_update(index_elements=["key"], set_=values)
    )


async def clear(tx: Tx, key: str) -> None:
    await tx.execute(delete(tries).where(tries.c.key == tx.cipher.digest(_KEY, key)))


async def purge(tx: Tx, before: datetime) -> int:
    """Forget failures of which the last was before, unless they block until later; returns how many."""
    result = await tx.execute(
        delete(tries).where(
            tries.c.updated_at < before, or_(tries.c.blocked_until.is_(None), tries.c.blocked_until < before)
        )
    )
    return result.rowcount
