"""The bot in a process of its own, which kills itself at a commit that the test names."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import cast

from bot import app, config
from bot.store import Store, Tx, open_store


@dataclass(frozen=True)
class Death:
    """At the `number`-th commit of the function `at` (its qualified name), just before it or just after."""

    at: str
    number: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} commit {self.number} of {self.at}"


class MortalStore:
    """The real store; what it adds is the death."""

    def __init__(self, store: Store, death: Death | None, seen: Path) -> None:
        self._store = store
        self._death = death
        self._seen = seen
        self._commits: dict[str, int] = {}
        self.read = store.read
        self.close = store.close
        self.scrub = store.scrub

    def write(self) -> AbstractAsyncContextManager[Tx]:
        return self._write(sys._getframe(1).f_code.co_qualname)

    @asynccontextmanager
    async def _write(self, caller: str) -> AsyncIterator[Tx]:
        async with self._store.write() as tx:
            yield tx
            number = self._commits[caller] = self._commits.get(caller, 0) + 1
            with self._seen.open("a") as seen:
                seen.write(caller + "\n")
            self._die_if(Death(caller, number, after=False))
        self._die_if(Death(caller, number, after=True))

    def _die_if(self, death: Death) -> None:
        if death == self._death:
            os.kill(os.getpid(), signal.SIGKILL)


async def open_mortal(url: str, key: bytes, *, death: Death | None, seen: Path) -> Store:
    # All that is public of the one the other has as well.
    return cast(Store, MortalStore(await open_store(url, key), death, seen))


def live(config_file: Path, death: Death | None, seen: Path) -> None:
    """Run the bot until it dies."""
    opened = partial(open_mortal, death=death, seen=seen)
    asyncio.run(app.run(config.load(config_file, {}), opened=opened))


def start(config_file: Path, death: Death | None, seen: Path) -> ForkServerProcess:
    """A new life. All share one server that has the bot imported already, so each begins within milliseconds."""
    context = multiprocessing.get_context("forkserver")
    # To import, to compile and to parse all this takes longer than many a life.
    context.set_forkserver_preload(
        [
            "bot.app",
            "anyio._backends._asyncio",
            "httpcore",
            "matcher.index.rows",
            "matcher.photos.tables",
            "matcher.photos.geometry",
            "tests.mortal_ready",
        ]
    )
    process = context.Process(target=live, args=(config_file, death, seen), daemon=True)
    process.start()
    return process
