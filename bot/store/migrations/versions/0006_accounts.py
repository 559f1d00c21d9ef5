"""Accounts that follow channels, how far channels are read, what is to be joined, and histories that are read back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _table(
        "accounts",
        sa.Column("user_key", sa.LargeBinary(32), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("user_key", name=op.f("uq_accounts_user_key")),
    )
    _table(
        "followed",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("access", sa.LargeBinary(), nullable=False),
        _reference("followed", "account_id", "accounts", ondelete="CASCADE"),
        _reference("followed", "channel_id", "channels"),
        sa.UniqueConstraint("account_id", "channel_id", name=op.f("uq_followed_account_id")),
    )
    op.create_index(op.f("ix_followed_channel_id"), "followed", ["channel_id"], unique=False)
    op.create_table(
        "positions",
        sa.Column("channel_id", ID, nullable=False, autoincrement=False),
        sa.Column("pts", sa.BigInteger(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        _reference("positions", "channel_id", "channels"),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_positions")),
    )
    _table(
        "joins",
        sa.Column("link_key", sa.LargeBinary(32), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("channel_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _reference("joins", "account_id", "accounts", ondelete="SET NULL"),
        _reference("joins", "channel_id", "channels"),
        sa.UniqueConstraint("link_key", name=op.f("uq_joins_link_key")),
    )
    _table(
        "histories",
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=True),
        sa.Column("max_messages", sa.Integer(), nullable=True),
        sa.Column("before_id", sa.BigInteger(), nullable=True),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reached_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        _reference("histories", "channel_id", "channels"),
    )
    op.create_index(op.f("ix_histories_channel_id"), "histories", ["channel_id"], unique=False)
    _table(
        "filings",
        sa.Column("post_id", ID, nullable=False),
        sa.Column("finding_id", ID, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        _reference("filings", "post_id", "posts"),
        _reference("filings", "finding_id", "findings", ondelete="CASCADE"),
        sa.UniqueConstraint("post_id", name=op.f("uq_filings_post_id")),
    )
    op.create_index(op.f("ix_filings_finding_id"), "filings", ["finding_id"], unique=False)


def _table(name: str, *parts: Any) -> None:
    op.create_table(
        name,
        sa.Column("id", ID, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )


def _reference(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)
