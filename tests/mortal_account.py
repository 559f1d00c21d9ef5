"""An account that reads a channel back in a process of its own, which kills itself at a commit."""

from __future__ import annotations

import asyncio
import multiprocessing
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from account_scene import APPLICATION, needed
from mortal import Death, MortalStore
from store_makers import NOW

from bot.accounts.history import Histories
from bot.accounts.running import Hints
from bot.model import AccountId
from bot.pipeline.inbox import Inbox, Reader
from bot.sources import updates
from bot.sources.mtproto.client import Client
from bot.store import open_store


async def _read(url: str, key: bytes, session: str, death: Death | None, seen: Path) -> None:
    store = MortalStore(await open_store(url, key), death, seen)
    reader = Reader(updates.key_of, updates.kind_of, updates.parse)
    inbox = Inbox(store, reader, None, now=lambda: NOW, committed=lambda: None)  # type: ignore[arg-type]
    histories = Histories(store, inbox, now=lambda: NOW, committed=lambda: None)  # type: ignore[arg-type]
    async with Client(session, APPLICATION, Hints(), needed) as client:
        while await histories.step(AccountId(1), client):
            pass
    await store.close()


def live(url: str, key: bytes, session: str, death: Death | None, seen: Path) -> None:
    """Read until there is nothing more, or until the death."""
    asyncio.run(_read(url, key, session, death, seen))


def start(url: str, key: bytes, session: str, death: Death | None, seen: Path) -> ForkServerProcess:
    process = multiprocessing.get_context("forkserver").Process(
        target=live, args=(url, key, session, death, seen), daemon=True
    )
    process.start()
    return process
