from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update
from store_makers import NOW

from bot.errors import ConfigError, StoreError
from bot.store import Conflict, NewerSchema, Store, Unreachable, WrongKey, open_store, settings
from bot.store.tables import counters, metadata, tries


def test_the_migrations_make_the_tables(empty_store_url: str, store_key: bytes) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async def compare() -> list[object]:
        store = await open_store(empty_store_url, store_key)
        async with store.read() as tx:
            found = await tx.connection.run_sync(differences)
        await store.close()
        return found

    assert asyncio.run(compare()) == []


async def test_opening_twice_at_once_migrates_once(empty_store_url: str, store_key: bytes) -> None:
    stores = await asyncio.gather(*(open_store(empty_store_url, store_key) for _ in range(3)))
    async with stores[0].read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    for store in stores:
        await store.close()


async def test_what_was_stored_is_there_after_opening_again(store_url: str, store_key: bytes) -> None:
    first = await open_store(store_url, store_key)
    async with first.write() as tx:
        await settings.put(tx, "offset", 42)
    await first.close()
    second = await open_store(store_url, store_key)
    async with second.read() as tx:
        assert await settings.get(tx, "offset") == 42
    await second.close()


async def test_a_newer_schema_is_refused_and_says_what_to_do(empty_store_url: str, store_key: bytes) -> None:
    store = await open_store(empty_store_url, store_key)
    async with store.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="newer Jikimi"):
        await open_store(empty_store_url, store_key)
    await store.close()


async def test_a_key_of_another_database_is_refused(store: Store, store_url: str) -> None:
    with pytest.raises(WrongKey, match="does not belong to this database"):
        await open_store(store_url, bytes(32))


async def test_the_right_key_is_still_taken_after_a_wrong_one(
    store: Store, store_url: str, store_key: bytes
) -> None:
    with pytest.raises(WrongKey):
        await open_store(store_url, bytes(32))
    again = await open_store(store_url, store_key)
    await again.close()


async def test_an_unreachable_server_is_a_clear_error_without_the_password() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/x cannot be used") as caught:
        await open_store("postgresql+asyncpg://jikimi:geheim@127.0.0.1:1/x", bytes(32))
    assert "geheim" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_missing_driver_is_a_clear_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigError, match=r"pip install 'asyncpg>=0\.30'"):
        await open_store("postgresql+asyncpg://jikimi@127.0.0.1:1/x", bytes(32))


async def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"No such file.*Check store\.url"):
        await open_store(f"sqlite+aiosqlite:///{tmp_path}/nowhere/jikimi.sqlite3", bytes(32))


async def test_a_path_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="cannot be opened for writing"):
        await open_store(f"sqlite+aiosqlite:///{tmp_path}", bytes(32))


async def test_a_file_that_is_no_database_is_a_clear_error_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 100)
    with pytest.raises(Unreachable, match="no SQLite database"):
        await open_store(f"sqlite+aiosqlite:///{path}", bytes(32))
    assert path.read_text() == "no database " * 100


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("jikimi.sqlite3", "no database address"),
        ("mysql://jikimi:geheim@host/x", "works with sqlite"),
        ("postgresql://jikimi:geheim@host/x", "works with sqlite"),
        ("sqlite+aiosqlite://", "names no file"),
        ("sqlite+aiosqlite:///:memory:", "names no file"),
    ],
)
async def test_a_url_that_cannot_be_used_says_what_to_write(url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        await open_store(url, bytes(32))
    assert "geheim" not in str(caught.value)


async def test_only_the_owner_may_read_the_database_and_its_journal(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/jikimi.sqlite3", bytes(32))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    await store.close()
    assert modes == {"jikimi.sqlite3": 0o600, "jikimi.sqlite3-wal": 0o600, "jikimi.sqlite3-shm": 0o600}


async def test_sqlite_is_set_up_to_lose_nothing_and_keep_nothing_deleted(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/jikimi.sqlite3", bytes(32))
    async with store.write() as tx:
        found = {
            name: await tx.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    await store.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.write() as tx:
            await settings.put(tx, "name", 1)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with store.read() as tx:
        assert await settings.get(tx, "name") is None


async def test_a_cancelled_transaction_leaves_nothing_and_holds_up_nobody(store: Store) -> None:
    began = asyncio.Event()

    async def wait_inside() -> None:
        async with store.write() as tx:
            await settings.put(tx, "name", 1)
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait_inside())
    await began.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with store.write() as tx:
        assert await settings.get(tx, "name") is None


async def test_a_read_refuses_to_write(store: Store) -> None:
    with pytest.raises(StoreError, match="may only be read"):
        async with store.read() as tx:
            await settings.put(tx, "name", 1)


async def test_a_read_sees_one_moment(store: Store) -> None:
    async with store.write() as tx:
        await settings.put(tx, "name", 1)
    async with store.read() as reading:
        assert await settings.get(reading, "name") == 1
        async with store.write() as tx:
            await settings.put(tx, "name", 2)
        assert await settings.get(reading, "name") == 1


async def test_a_write_sees_what_was_committed_before(store: Store) -> None:
    async def count_up() -> None:
        async with store.write() as tx:
            statement = update(counters).where(counters.c.name == "registry")
            await tx.execute(statement.values(value=counters.c.value + 1))

    await asyncio.gather(*(count_up() for _ in range(10)))
    async with store.read() as tx:
        assert await tx.scalar(select(counters.c.value).where(counters.c.name == "registry")) == 10


async def test_a_write_waits_for_another_process(tmp_path: Path) -> None:
    path = tmp_path / "jikimi.sqlite3"
    store = await open_store(f"sqlite+aiosqlite:///{path}", bytes(32))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with store.write() as tx:
            await settings.put(tx, "name", 1)

    writing = asyncio.create_task(write())
    async with store.read() as tx:
        assert await settings.get(tx, "name") is None
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    async with store.read() as tx:
        assert await settings.get(tx, "name") == 1
    await store.close()


async def test_a_refusal_of_the_database_shows_no_value(store: Store) -> None:
    row = {"key": b"secret" * 4, "failed": 1, "updated_at": NOW}

    async def insert_twice() -> None:
        async with store.write() as tx:
            await tx.execute(insert(tries), row)
            await tx.execute(insert(tries), row)

    with pytest.raises(Conflict) as caught:
        await insert_twice()
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
