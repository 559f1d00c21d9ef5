"""Fixtures that many tests need. Every test with `store` runs on SQLite, and on PostgreSQL where
JIKIMI_TEST_POSTGRES_URL names a server on which it may create databases.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from browser import needs_chromium, open_browser
from command_scene import Commands, write_config
from firefox import needs_firefox, open_firefox
from hypothesis import settings
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from standin_scene import Caller, Clock

from bot.standin import Chat, Standin, User, World
from bot.store import Store, open_store
from bot.store.tables import metadata

if TYPE_CHECKING:
    from account_scene import Office
    from mtproto_scene import Telegram
    from mtproto_wire import Account
    from page_scene import Tab
    from staff_scene import VictimDouble

    from bot.chat.router import Router
    from bot.sources.mtproto.client import Client

STORE_KEY = bytes(range(32))
POSTGRES_URL = os.environ.get("JIKIMI_TEST_POSTGRES_URL")

# How long an example takes says more of the machine than of us.
settings.register_profile("at any pace", deadline=None)
settings.load_profile("at any pace")


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Let all databases of a kind share what SQLAlchemy made of statements: it is a third of a short test's time."""
    first: dict[str, Engine] = {}

    def made(url: URL, **options: Any) -> AsyncEngine:
        engine = create_async_engine(url, **options)
        own = engine.sync_engine
        shared = first.setdefault(url.drivername, own)
        own.dialect, own._compiled_cache = shared.dialect, shared._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.store.engine.create_async_engine", made)
        yield


@pytest.fixture
def store_key() -> bytes:
    return STORE_KEY


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy, because migrating is slow."""
    path = tmp_path_factory.mktemp("template") / "jikimi.sqlite3"
    run_apart(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_store_url() -> Iterator[str]:
    """A migrated database of this run; to be emptied before each use, which is quicker than a new one."""
    name = f"jikimi_{uuid.uuid4().hex}"
    asyncio.run(on_server(f"CREATE DATABASE {name}"))
    asyncio.run(_migrate(database_url(name)))
    yield database_url(name)
    asyncio.run(on_server(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a database can be made that has no tables yet."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'jikimi.sqlite3'}"
        return
    need_postgres()
    name = f"jikimi_{uuid.uuid4().hex}"
    asyncio.run(on_server(f"CREATE DATABASE {name}"))
    yield database_url(name)
    asyncio.run(on_server(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a database is that has its tables and no rows."""
    if request.param == "sqlite":
        path = tmp_path / "jikimi.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    need_postgres()
    url = request.getfixturevalue("postgres_store_url")
    asyncio.run(_empty(url))
    yield url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = await open_store(store_url, STORE_KEY)
    yield store
    await store.close()


@pytest.fixture
def jikimi(
    store: Store,
    store_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Commands:
    """Give commands beside the store."""
    monkeypatch.setenv("JIKIMI_STORE__URL", store_url)
    return Commands(capsys, write_config(tmp_path, STORE_KEY))


def database_url(name: str) -> str:
    assert POSTGRES_URL is not None
    return make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run in a loop of its own: a fixture may be made while a test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def on_server(statement: str) -> None:
    """Run one statement outside a transaction."""
    assert POSTGRES_URL is not None
    await _execute(POSTGRES_URL, statement)


async def _empty(url: str) -> None:
    """Delete every row but the counters, which begin anew; a test that failed may have left a lock behind."""
    # One after another, because to truncate so many tables takes the server thirty times as long.
    tables = [table.name for table in reversed(metadata.sorted_tables) if table.name != "counters"]
    deletions = "; ".join(f"DELETE FROM {name}" for name in tables)
    await _execute(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        f"DO $$ BEGIN {deletions}; UPDATE counters SET value = 0; "
        "PERFORM setval(CAST(format('%I.%I', schemaname, sequencename) AS regclass), 1, false) "
        "FROM pg_sequences; END $$",
    )


async def _execute(url: str, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def need_postgres() -> None:
    if POSTGRES_URL is None:
        pytest.skip("JIKIMI_TEST_POSTGRES_URL is not set")


async def _migrate(url: str) -> None:
    store = await open_store(url, STORE_KEY)
    await store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def standin(clock: Clock) -> AsyncIterator[Standin]:
    async with Standin(clock=clock) as running:
        yield running


@pytest.fixture
async def call(standin: Standin) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield Caller(standin, http)


@pytest.fixture
def world(standin: Standin) -> World:
    return standin.world


@pytest.fixture
def kim(world: World) -> User:
    return world.add_user("Kim", "ko", "kim")


@pytest.fixture
def mina(world: World) -> User:
    """Has opened the bot's chat."""
    mina = world.add_user("Mina", "ko")
    world.start(mina)
    world.updates.clear()
    return mina


@pytest.fixture
def channel(world: World, kim: User) -> Chat:
    """A channel with the bot as an admin that may only read."""
    channel = world.add_channel("Test channel", "test_channel", owner=kim)
    world.add_bot_as_admin(channel, by=kim)
    world.updates.clear()
    return channel


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    """The Telegram that accounts are of, on this machine."""
    from mtproto_scene import Telegram

    async with Telegram().running() as running:
        yield running


@pytest.fixture
async def office(store: Store, telegram: Telegram, ada: Account) -> Office:
    """With Ada's account."""
    from account_scene import Office

    office = Office(store, telegram)
    await office.sign_in(ada)
    return office


@pytest.fixture
def ada(telegram: Telegram) -> Account:
    return telegram.add_account("Ada")


@pytest.fixture
async def client(telegram: Telegram, ada: Account) -> AsyncIterator[Client]:
    from account_scene import APPLICATION, PART_BYTES, needed

    from bot.sources.mtproto.client import Client

    async with Client(
        telegram.session(ada), APPLICATION, lambda _: None, needed, part_bytes=PART_BYTES
    ) as client:
        yield client


@pytest.fixture
def victims() -> VictimDouble:
    from staff_scene import VictimDouble

    return VictimDouble()


@pytest.fixture
def router(victims: VictimDouble) -> Router:
    from staff_scene import make_config
    from store_makers import NOW

    from bot.chat.router import Router

    return Router(make_config(), victims, now=lambda: NOW, username="jikimi_bot")


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[
        pytest.param("chromium", marks=needs_chromium),
        pytest.param("firefox", marks=needs_firefox),
    ],
)
async def tab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tab]:
    """A browser, the same for all tests of a module."""
    open_tab = open_browser if request.param == "chromium" else open_firefox
    async with open_tab(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
