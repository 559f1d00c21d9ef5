"""The schema. Columns that hold a sealed value (AES-GCM, see `cipher`) are `Sealed`; `*_key` columns hold a
keyed digest (`Cipher.digest`) of a value that must be found again but not read. Migrations make these tables;
a test holds the two together.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds since 1970 so that both databases order and compare alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


Sealed = LargeBinary
Queue = Table
"""One of inbox, work, outbox."""
Digest = LargeBinary(32)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def new_id() -> Column[int]:
    # SQLite gives out row ids only for INTEGER, and never again only with AUTOINCREMENT.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _queue(name: str, *columns: Column[Any], payload: str | None = None) -> Table:
    """A queue: claim by state and `run_at`, renew by `lease_until`, bury after too many attempts.

    `payload` names the sealed column that is emptied once the row is done.
    """
    table = Table(
        name,
        metadata,
        new_id(),
        Column("key", Digest, nullable=False, unique=True),
        Column("state", String(16), nullable=False, server_default="ready"),
        Column("priority", Integer, nullable=False, server_default="0"),
        Column("run_at", Instant, nullable=False),
        Column("lease_until", Instant),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("trouble", String(200)),
        Column("created_at", Instant, nullable=False),
        Column("ended_at", Instant),
        *columns,
        sqlite_autoincrement=True,
        info={"payload": payload},
    )
    Index(f"ix_{name}_ready", table.c.state, table.c.priority.desc(), table.c.id)
    return table


settings = Table(
    "settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Sealed, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

inbox = _queue("inbox", Column("kind", String(32), nullable=False), Column("raw", Sealed), payload="raw")

work = _queue(
    "work",
    Column("media_id", ForeignKey("media.id", ondelete="CASCADE"), nullable=False),
)

outbox = _queue(
    "outbox",
    Column("kind", String(16), nullable=False),
    Column("chat_key", Digest),
    Column("effect", Sealed),
    payload="effect",
)
Index("ix_outbox_chat", outbox.c.chat_key, outbox.c.state, outbox.c.id)

people = Table(
    "people",
    metadata,
    new_id(),
    Column("user_key", Digest, nullable=False, unique=True),
    Column("person", Sealed, nullable=False),
    Column("role", String(16), nullable=False),
    Column("added_by", Sealed, nullable=False),
    Column("added_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

conversations = Table(
    "conversations",
    metadata,
    Column("chat_key", Digest, primary_key=True),
    Column("state", Sealed, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

tries = Table(
    "tries",
    metadata,
    Column("key", Digest, primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("blocked_until", Instant),
    Column("updated_at", Instant, nullable=False),
)

channels = Table(
    "channels",
    metadata,
    new_id(),
    Column("chat_key", Digest, nullable=False, unique=True),
    Column("chat", Sealed, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("can_read", Boolean, nullable=False),
    Column("added_by", Sealed),
    Column("added_at", Instant, nullable=False),
    Column("last_post_at", Instant),
    sqlite_autoincrement=True,
)

authorisations = Table(
    "authorisations",
    metadata,
    new_id(),
    Column("channel_id", ForeignKey("channels.id"), nullable=False, index=True),
    Column("authorised_by", Sealed, nullable=False),
    Column("document", Sealed, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("warned_at", Instant),
    Column("ended_at", Instant),
    sqlite_autoincrement=True,
)

posts = Table(
    "posts",
    metadata,
    new_id(),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("post", Sealed),
    Column("posted_at", Instant, nullable=False),
    Column("edited_at", Instant),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("channel_id", "message_id"),
    sqlite_autoincrement=True,
)

media = Table(
    "media",
    metadata,
    new_id(),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
    Column("file_key", Digest, nullable=False, index=True),
    Column("file", Sealed),
    Column("state", String(16), nullable=False),
    Column("reason", String(64)),
    Column("fingerprints", Sealed),
    Column("scanned_at", Instant),
    UniqueConstraint("post_id", "file_key"),
    sqlite_autoincrement=True,
)

cases = Table(
    "cases",
    metadata,
    new_id(),
    Column("uid", String(32), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("number", Sealed),
    Column("number_key", Digest, unique=True),
    Column("pin_verifier", Sealed),
    Column("contact", Sealed),
    Column("contact_key", Digest, index=True),
    Column("language", String(2), nullable=False),
    Column("consent_version", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    sqlite_autoincrement=True,
)

items = Table(
    "items",
    metadata,
    new_id(),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

fingerprints = Table(
    "fingerprints",
    metadata,
    new_id(),
    Column("item_id", ForeignKey("items.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("part", String(16), nullable=False),
    Column("at_ms", Integer, nullable=False, server_default="0"),
    Column("bits", Sealed, nullable=False),
    Column("bits_key", Digest, nullable=False),
    Column("radius_bits", Integer, nullable=False),
    Column("quality", Integer),
    Column("state", String(16), nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    UniqueConstraint("case_id", "kind", "bits_key"),
    sqlite_autoincrement=True,
)

withdrawn_fingerprints = Table(
    "withdrawn_fingerprints",
    metadata,
    Column("fingerprint_id", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False, index=True),
)

alerts = Table(
    "alerts",
    metadata,
    new_id(),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("band", String(16), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("sent_revision", Integer, nullable=False, server_default="0"),
    Column("message_id", BigInteger),
    Column("chat", Sealed),
    Column("seen_before", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
Index("ix_alerts_open", alerts.c.case_id, alerts.c.channel_id, alerts.c.is_open)

findings = Table(
    "findings",
    metadata,
    new_id(),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("post_id", ForeignKey("posts.id"), nullable=False, index=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False, server_default="0"),
    Column("claimed_key", Digest, index=True),
    Column("claimed_by", Sealed),
    Column("reminders", Integer, nullable=False, server_default="0"),
    Column("is_minor", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("case_id", "post_id"),
    sqlite_autoincrement=True,
)

matches = Table(
    "matches",
    metadata,
    new_id(),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("media_id", ForeignKey("media.id"), nullable=False),
    Column("fingerprint_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("band", String(16), nullable=False),
    Column("distance", Integer, nullable=False),
    Column("view", String(32), nullable=False),
    Column("orientation", String(32), nullable=False),
    Column("still", String(16), nullable=False),
    Column("at", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    Column("samples", Integer, nullable=False),
    Column("of_samples", Integer, nullable=False),
    Column("found_at", Instant, nullable=False),
    UniqueConstraint("media_id", "fingerprint_id"),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    new_id(),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("decision", String(16), nullable=False),
    Column("from_state", String(16)),
    Column("decided_by", Sealed, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("undone_by", Sealed),
    Column("undone_at", Instant),
    sqlite_autoincrement=True,
)

notes = Table(
    "notes",
    metadata,
    new_id(),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("note", Sealed, nullable=False),
    Column("written_by", Sealed, nullable=False),
    Column("written_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

reports = Table(
    "reports",
    metadata,
    new_id(),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("addressee", String(32), nullable=False),
    Column("ticket", Sealed),
    Column("reported_by", Sealed, nullable=False),
    Column("reported_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

rechecks = Table(
    "rechecks",
    metadata,
    new_id(),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("result", String(16), nullable=False),
    Column("method", String(16), nullable=False),
    Column("checked_by", Sealed),
    Column("checked_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    new_id(),
    Column("at", Instant, nullable=False),
    Column("action", String(48), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("actor", Sealed),
    Column("details", Sealed),
    Column("previous_hash", Digest, nullable=False),
    Column("hash", Digest, nullable=False, unique=True),
    sqlite_autoincrement=True,
)
