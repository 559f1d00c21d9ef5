"""Migrations at start: one migrator at a time, all steps in one transaction, a newer database refused."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.store.errors import NewerSchema

_LOCK = 0x6A696B69
"""PostgreSQL advisory lock of whoever migrates."""


def migrate(connection: Connection) -> None:
    """Bring the schema up to date. To be called in a write transaction, which is the lock on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    steps = _steps()
    current = set(MigrationContext.configure(connection).get_current_heads())
    if not current <= {step.revision for step in steps.walk_revisions()}:
        raise NewerSchema
    if current != set(steps.get_heads()):
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def _steps() -> ScriptDirectory:
    # Reading them takes longer than all else that opening a database does.
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config
