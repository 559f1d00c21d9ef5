"""Connects, begins and ends transactions, and translates what drivers say.

SQLite and PostgreSQL behave alike: `write` sees and changes the newest state, `read` is a consistent snapshot that
refuses to write.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import ConfigError, StoreError
from bot.store import settings
from bot.store.cipher import Cipher
from bot.store.errors import Conflict, DoesNotOpen, Unreachable, WrongKey
from bot.store.schema import migrate
from bot.store.tables import metadata
from bot.store.tx import Tx

_SQLITE = "sqlite+aiosqlite"
_POSTGRESQL = "postgresql+asyncpg"
_BUSY_TIMEOUT_S = 30
"""How long a transaction waits for another process's on SQLite (the CLI beside the running bot)."""
_SCRUB_TIMEOUT_S = 0.5
_CONNECT_TIMEOUT_S = 10
_COMMAND_TIMEOUT_S = 60
"""How long PostgreSQL may take for one statement: of a server that is gone nobody may ever tell."""
_LONG_COMMAND_TIMEOUT_S = 6 * 3600
"""For what looks at all rows of a table: migrating and scrubbing."""
_BEGIN = "begin_with"
_KEY_CHECK = "key_check"

_MEANING = {
    "SQLITE_BUSY": "another process held the write lock for too long",
    "SQLITE_CANTOPEN": "there is no such file, or it may not be read",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_READONLY": "it may only be read",
    "25006": "it may only be read",
    "28000": "the user or the password is wrong",
    "28P01": "the user or the password is wrong",
    "3D000": "there is no database of this name on the server",
    "40P01": "two transactions waited for each other",
}
"""What operators need in words; codes of SQLite and of PostgreSQL (its appendix A)."""


class Store:
    """The database. Made by `open_store`."""

    def __init__(self, engine: AsyncEngine, patient: AsyncEngine, cipher: Cipher) -> None:
        """`patient` is for what may take long; of SQLite it is the same."""
        self._engine = engine
        self._patient = patient
        self._cipher = cipher
        self._lock: AbstractAsyncContextManager[Any]
        if engine.dialect.name == "sqlite":
            self._writer = engine.execution_options(**{_BEGIN: ("PRAGMA query_only = 0", "BEGIN IMMEDIATE")})
            self._reader = engine.execution_options(**{_BEGIN: ("PRAGMA query_only = 1", "BEGIN")})
            self._outside = engine.execution_options(**{_BEGIN: ("PRAGMA query_only = 0",)})
            self._lock = asyncio.Lock()
        else:
            self._writer = engine
            self._reader = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._outside = patient.execution_options(isolation_level="AUTOCOMMIT")
            self._lock = nullcontext()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that commits at the end and rolls back on an exception. Not to be nested.

        On SQLite there is one writer at a time, so do nothing slow inside.
        """
        async with self._lock, self._begin(self._writer) as connection:
            yield Tx(connection, self._cipher, is_write=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A consistent snapshot."""
        async with self._begin(self._reader) as connection:
            yield Tx(connection, self._cipher, is_write=False)

    async def prepare(self) -> None:
        """Bring the schema up to date and check that the key fits."""
        engine = self._writer if self._patient is self._engine else self._patient
        async with self._lock, self._begin(engine) as connection:
            await connection.run_sync(migrate)
            await _check_key(Tx(connection, self._cipher, is_write=True))

    async def scrub(self) -> bool:
        """Remove from the files what was deleted; to be called after a withdrawal. False: try again later.

        SQLite overwrites deleted values (`secure_delete`), but its journal keeps older pages until it is emptied,
        which a transaction that is still reading puts off. PostgreSQL frees the rows' space for reuse; its own
        journal and every backup keep what was deleted until they are replaced.
        """
        async with self._lock, self._begin(self._outside) as connection:
            if self._engine.dialect.name == "sqlite":
                return await _empty_journal(connection)
            # All of ours: a list of those in which something is ever deleted would be forgotten with the next table.
            await connection.execute(text(f"VACUUM {', '.join(metadata.tables)}"))
            return True

    async def close(self) -> None:
        await self._engine.dispose()
        await self._patient.dispose()

    @asynccontextmanager
    async def _begin(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            connection = await engine.connect()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _translated(error) from None
        try:
            async with connection.begin():
                yield connection
        except (DBAPIError, TimeoutError) as error:
            raise _translated(error) from None
        finally:
            await connection.close()


async def open_store(url: str, key: bytes) -> Store:
    """Connect, bring the schema up to date and check that the key fits.

    `url` is an SQLAlchemy URL (`sqlite+aiosqlite:///file` or `postgresql+asyncpg://...`), `key` the 32 bytes of the
    key file. Raises `ConfigError` for a URL that cannot be used, `Unreachable`, `NewerSchema` or `WrongKey`.
    """
    parsed = _parse(url)
    if parsed.drivername == _SQLITE:
        assert parsed.database is not None
        await asyncio.to_thread(_prepare_file, Path(parsed.database))
    patient = _engine(parsed, _LONG_COMMAND_TIMEOUT_S)
    engine = patient if parsed.drivername == _SQLITE else _engine(parsed, _COMMAND_TIMEOUT_S)
    store = Store(engine, patient, Cipher(key))
    try:
        await store.prepare()
    except BaseException as error:
        await store.close()
        if type(error) is StoreError:
            shown = parsed.render_as_string(hide_password=True)
            raise Unreachable(f"The database {shown} cannot be used. {error}") from None
        raise
    return store


async def _check_key(tx: Tx) -> None:
    """Whoever opens the database first leaves a value that opens with the right key only."""
    try:
        if await settings.get(tx, _KEY_CHECK) is None:
            await settings.put(tx, _KEY_CHECK, "jikimi")
    except DoesNotOpen:
        raise WrongKey from None


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(
            "store.url is no database address. Use sqlite+aiosqlite:///jikimi.sqlite3, "
            "or postgresql+asyncpg://user:password@host/database."
        ) from None
    if parsed.drivername not in (_SQLITE, _POSTGRESQL):
        raise ConfigError(
            f"store.url names {parsed.drivername}; Jikimi works with {_SQLITE} and {_POSTGRESQL}."
        )
    if parsed.drivername == _SQLITE and (not parsed.database or parsed.database == ":memory:"):
        raise ConfigError("store.url names no file, and everything would be lost at the end. Name one.")
    return parsed


def _engine(url: URL, command_timeout_s: float) -> AsyncEngine:
    if url.drivername == _SQLITE:
        # Without an isolation level the driver begins nothing by itself, and `_begin_sqlite` decides how.
        engine = create_async_engine(
            url,
            hide_parameters=True,
            connect_args={"isolation_level": None, "timeout": _BUSY_TIMEOUT_S},
        )
        event.listen(engine.sync_engine, "connect", _connected_to_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={
                "timeout": _CONNECT_TIMEOUT_S,
                "command_timeout": command_timeout_s,
            },
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise ConfigError(
            "PostgreSQL needs one more package: install it with `pip install 'asyncpg>=0.30'`, "
            "with the pip that is beside the jikimi command."
        ) from None


def _prepare_file(path: Path) -> None:
    """Make the file, which only the owner may read (its journal files get the same mode), and turn its journal on.

    SQLite does not wait for others when it turns the journal on, so this does.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Unreachable(
            f"The database file {path} cannot be opened for writing: {error.strerror}. "
            "Check store.url, and that the folder is there and this user may write to it."
        ) from None
    deadline_s = time.monotonic() + _BUSY_TIMEOUT_S
    with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline_s:
                    raise _cannot_be_used(str(path), in_words(error)) from None
                time.sleep(0.02)
            except sqlite3.DatabaseError as error:
                raise _cannot_be_used(str(path), in_words(error)) from None
            else:
                return


def _connected_to_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _empty_journal(connection: AsyncConnection) -> bool:
    # Every writer waits meanwhile, so a reader is not waited for as long as elsewhere.
    await connection.execute(text(f"PRAGMA busy_timeout = {_SCRUB_TIMEOUT_S * 1000:.0f}"))
    try:
        return not await connection.scalar(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    finally:
        await connection.execute(text(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_S * 1000}"))


def _begin_sqlite(connection: Connection) -> None:
    for statement in connection.get_execution_options()[_BEGIN]:
        connection.exec_driver_sql(statement)


def _translated(error: BaseException) -> StoreError:
    """The same trouble without the statement and its values."""
    if isinstance(error, IntegrityError):
        return Conflict()
    if isinstance(error, PoolTimeoutError):
        return StoreError("All connections to the database are in use, and none became free in time.")
    if isinstance(error, TimeoutError):
        return StoreError("The database did not answer in time.")
    if isinstance(error, DBAPIError):
        return StoreError(f"The database refused: {in_words(error.orig)}.")
    return StoreError(f"No connection to the database: {getattr(error, 'strerror', None) or 'no answer'}.")


def in_words(error: BaseException | None) -> str:
    code = (
        getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or type(error).__name__
    )
    return _MEANING.get(code, code)


def _cannot_be_used(database: str, why: str) -> Unreachable:
    return Unreachable(f"The database {database} cannot be used: {why}.")
