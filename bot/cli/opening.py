"""What commands begin with: the configuration that they are given, and the database, open while they use it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import config
from bot.config import Config

if TYPE_CHECKING:
    from bot.store import Store

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]


def load(config_file: Path) -> Config:
    """Raises `BadConfig`."""
    return config.load(config_file, os.environ)


@asynccontextmanager
async def opened(loaded: Config) -> AsyncIterator[Store]:
    """Raises `ConfigError`, `StoreError`."""
    from bot.store import open_store
    from bot.store.cipher import read_key_file

    store = await open_store(loaded.store.url, read_key_file(loaded.store.key_file))
    try:
        yield store
    finally:
        await store.close()
