"""What an earlier version stored is there after the upgrade."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, Connection, Integer, LargeBinary, MetaData, String, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import open_store, schema

Rows = dict[str, list[dict[str, Any]]]

NOT_KEPT = {("media", "fingerprints")}
"""Migration 0005: the form they were kept in is not read any more."""


def tables_of(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    found.remove(found.tables["alembic_version"])
    return found


def fill(connection: Connection, revision: str) -> None:
    """The tables as they were, with a row in each, all of which belong together."""
    config = schema._config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    for table in tables_of(connection).sorted_tables:
        values: dict[str, object] = {}
        for column in table.columns:
            match column.type:
                case LargeBinary():
                    values[column.name] = b"x" * 32
                case String():
                    values[column.name] = "x"
                case Boolean():
                    values[column.name] = True
                case Integer():
                    values[column.name] = 1
        connection.execute(insert(table).values(values))


def stored(connection: Connection) -> Rows:
    return {
        table.name: [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.columns))]
        for table in tables_of(connection).sorted_tables
    }


@pytest.mark.parametrize("revision", [step.revision for step in schema._steps().walk_revisions()])
async def test_an_upgrade_keeps_what_every_earlier_version_stored(
    empty_store_url: str, store_key: bytes, revision: str
) -> None:
    engine = create_async_engine(empty_store_url)
    async with engine.begin() as connection:
        await connection.run_sync(fill, revision)
        before = await connection.run_sync(stored)
    store = await open_store(empty_store_url, store_key)
    await store.close()
    async with engine.connect() as connection:
        after = await connection.run_sync(stored)
    await engine.dispose()
    assert len(before) > 15
    for table, rows in before.items():
        kept = [{name: one[name] for name in rows[0]} | lost(table) for one in after[table]]
        assert [row for row in rows if row | lost(table) not in kept] == []


def lost(table: str) -> dict[str, None]:
    return dict.fromkeys(column for name, column in NOT_KEPT if name == table)
