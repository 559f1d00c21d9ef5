"""A PostgreSQL server that goes away, or stops answering, while it is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from conftest import database_url, need_postgres
from sqlalchemy import make_url, text

from bot.errors import StoreError
from bot.store import Store, open_store, schema, settings

TIMEOUT_S = 1.0


class Line:
    """Between a store and its server."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self._ends: list[asyncio.StreamWriter] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection(*self._server)
        self._ends += [writer, other_writer]
        await asyncio.gather(self._pass_on(reader, other_writer), self._pass_on(other_reader, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while content := await reader.read(1 << 16):
                await self._goes_on.wait()
                writer.write(content)
        writer.close()

    def fall_silent(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self._goes_on.clear()

    def go_on(self) -> None:
        self._goes_on.set()

    def break_off(self) -> None:
        for end in self._ends:
            end.transport.abort()


@pytest.fixture
async def line() -> AsyncIterator[tuple[Line, int]]:
    need_postgres()
    server = make_url(database_url("any"))
    line = Line(server.host or "127.0.0.1", server.port or 5432)
    listening = await asyncio.start_server(line.carry, "127.0.0.1")
    yield line, listening.sockets[0].getsockname()[1]
    line.break_off()
    listening.close()


@pytest.fixture
async def far_store(
    line: tuple[Line, int], postgres_store_url: str, store_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    for name in ("COMMAND", "CONNECT"):
        monkeypatch.setattr(f"bot.store.engine._{name}_TIMEOUT_S", TIMEOUT_S)
    url = make_url(postgres_store_url).set(host="127.0.0.1", port=line[1])
    store = await open_store(url.render_as_string(hide_password=False), store_key)
    yield store
    await store.close()


async def test_a_server_that_stops_answering_is_told_as_that_and_used_again_when_it_answers(
    far_store: Store, line: tuple[Line, int]
) -> None:
    async def write(number: int) -> None:
        async with far_store.write() as tx:
            await settings.put(tx, "number", number)

    async def fall_silent_within() -> None:
        async with far_store.write() as tx:
            line[0].fall_silent()
            await settings.put(tx, "number", 2)

    await write(1)
    async with asyncio.timeout(30):
        with pytest.raises(StoreError, match="did not answer in time"):
            await fall_silent_within()
        with pytest.raises(StoreError):
            await write(2)
        line[0].go_on()
        await write(3)
    async with far_store.read() as tx:
        assert await settings.get(tx, "number") == 3


async def test_what_may_take_long_is_waited_for(
    far_store: Store, line: tuple[Line, int], postgres_store_url: str, store_key: bytes
) -> None:
    async def open_another() -> None:
        await (await open_store(postgres_store_url, store_key)).close()

    async with far_store.write() as tx:
        await tx.execute(text(f"SELECT pg_advisory_xact_lock({schema._LOCK})"))
        await tx.execute(text("LOCK TABLE settings IN SHARE UPDATE EXCLUSIVE MODE"))
        waiting = [asyncio.create_task(open_another()), asyncio.create_task(far_store.scrub())]
        ended, _ = await asyncio.wait(waiting, timeout=2 * TIMEOUT_S)
        assert not ended
    await asyncio.gather(*waiting)
