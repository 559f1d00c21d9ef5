"""An account that reads a channel back in a process of its own, which kills itself at a commit."""

from __future__ import annotations

import asyncio
import multiprocessing
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from account_scene import APPLICATION, NobodyTalks, needed
from mortal import Death, open_mortal
from store_makers import NOW

from bot.accounts.history import Histories
from bot.accounts.running import Hints
from bot.model import AccountId
from bot.pipeline.inbox import Inbox, Reader
from bot.sources import updates
from bot.sources.mtproto.client import Client


async def _read(url: str, key: bytes, session: str, death: Death | None, seen: Path) -> None:
    store = await open_mortal(url, key, death=death, seen=seen)
    reader = Reader(updates.key_of, updates.kind_of, updates.parse)
    inbox = Inbox(store, reader, NobodyTalks(), now=lambda: NOW, committed=lambda: None)
    histories = Histories(store, inbox, now=lambda: NOW, committed=lambda: None)
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
