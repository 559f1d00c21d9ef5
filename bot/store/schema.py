"""Migrations at start: one migrator at a time, all steps in one transaction, a newer database refused."""

from __future__ import annotations

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
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    current = set(MigrationContext.configure(connection).get_current_heads())
    if not current <= known:
        raise NewerSchema
    if current != set(script.get_heads()):
        command.upgrade(config, "head")
