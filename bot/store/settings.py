"""Single values that outlive the process, by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.store.tables import settings
from bot.store.tx import Tx

_VALUE = "settings.value"


async def get(tx: Tx, name: str) -> Any:
    """The JSON value, or None where there is none."""
    sealed = await tx.scalar(select(settings.c.value).where(settings.c.name == name))
    return None if sealed is None else tx.cipher.open_json(_VALUE, sealed)


async def put(tx: Tx, name: str, value: Any) -> None:
    """Replace the value; it must be JSON."""
    sealed = tx.cipher.seal_json(_VALUE, value)
    await tx.execute(
        tx.insert(settings)
        .values(name=name, value=sealed)
        .on_conflict_do_update(index_elements=["name"], set_={"value": sealed})
    )
