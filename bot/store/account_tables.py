"""The part of the schema that accounts need; the conventions are those of `tables`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from bot.store.columns import Digest, Instant, Sealed, metadata, row_id

accounts = Table(
    "accounts",
    metadata,
    row_id(),
    Column("user_key", Digest, nullable=False, unique=True),
    Column("account", Sealed, nullable=False),
    Column("session", Sealed),
    Column("state", String(16), nullable=False),
    Column("until", Instant),
    Column("added_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

followed = Table(
    "followed",
    metadata,
    row_id(),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("channel_id", ForeignKey("channels.id"), nullable=False, index=True),
    Column("access", Sealed, nullable=False),
    UniqueConstraint("account_id", "channel_id"),
    sqlite_autoincrement=True,
)

positions = Table(
    "positions",
    metadata,
    Column("channel_id", ForeignKey("channels.id"), primary_key=True, autoincrement=False),
    Column("pts", BigInteger, nullable=False),
    Column("read_to", BigInteger, nullable=False),
)

joins = Table(
    "joins",
    metadata,
    row_id(),
    Column("link_key", Digest, nullable=False, unique=True),
    Column("request", Sealed, nullable=False),
    Column("state", String(16), nullable=False),
    Column("account_id", ForeignKey("accounts.id", ondelete="SET NULL")),
    Column("channel_id", ForeignKey("channels.id")),
    Column("reason", String(64)),
    Column("run_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

histories = Table(
    "histories",
    metadata,
    row_id(),
    Column("channel_id", ForeignKey("channels.id"), nullable=False, index=True),
    Column("since_at", Instant),
    Column("max_messages", Integer),
    Column("before_id", BigInteger),
    Column("messages", Integer, nullable=False, server_default="0"),
    Column("reached_at", Instant),
    Column("state", String(16), nullable=False),
    Column("shown", Sealed),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    sqlite_autoincrement=True,
)

filings = Table(
    "filings",
    metadata,
    row_id(),
    Column("post_id", ForeignKey("posts.id"), nullable=False, unique=True),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("request", Sealed, nullable=False),
    Column("state", String(16), nullable=False),
    Column("changed_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
