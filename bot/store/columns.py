"""How columns are kept, and what all queues have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Index, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds since 1970 so that both databases order and compare alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


Sealed = LargeBinary
Queue = Table
"""One of inbox, work, outbox, lookbacks."""
Digest = LargeBinary(32)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> Column[int]:
    # SQLite gives out row ids only for INTEGER, and never again only with AUTOINCREMENT.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def queue_table(name: str, *columns: Column[Any], payload: str | None = None) -> Table:
    """A queue: claim by state and `run_at`, renew by `lease_until`, bury after too many attempts.

    `payload` names the sealed column that is emptied once the row is done.
    """
    table = Table(
        name,
        metadata,
        row_id(),
        Column("key", Digest, nullable=False, unique=True),
        Column("state", String(16), nullable=False, server_default="ready"),
        Column("priority", Integer, nullable=False, server_default="0"),
        Column("run_at", Instant, nullable=False),
        Column("lease_until", Instant),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("trouble", String(200)),
        Column("created_at", Instant, nullable=False),
        Column("ended_at", Instant),
        *columns,
        sqlite_autoincrement=True,
        info={"payload": payload},
    )
    Index(f"ix_{name}_ready", table.c.state, table.c.priority.desc(), table.c.id)
    return table
