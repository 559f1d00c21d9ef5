"""A transaction, as the store's functions receive it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.cipher import Cipher

T = TypeVar("T")

_AT_ONCE = 500


@dataclass(frozen=True)
class Tx:
    """One transaction, and the cipher for the values in it."""

    connection: AsyncConnection
    cipher: Cipher
    is_write: bool

    @property
    def dialect_name(self) -> str:
        return self.connection.dialect.name

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that knows `on_conflict_do_nothing`, in the dialect of the database."""
        if self.dialect_name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return await self.connection.execute(statement, parameters)

    async def all(self, statement: Executable) -> Sequence[Row[Any]]:
        return (await self.connection.execute(statement)).all()

    async def first(self, statement: Executable) -> Row[Any] | None:
        return (await self.connection.execute(statement)).first()

    async def scalar(self, statement: Executable) -> Any:
        return await self.connection.scalar(statement)


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Databases limit how many values one statement may carry."""
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))
