"""Look-back over what was seen before, and the defence of the list of registered hashes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lookbacks",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="ready", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.Column("media_id", sa.BigInteger(), nullable=False),
        sa.Column("last_media_id", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("found", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unreadable", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.Column("chat", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookbacks")),
        sa.UniqueConstraint("key", name=op.f("uq_lookbacks_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lookbacks_ready", "lookbacks", ["state", sa.literal_column("priority DESC"), "id"])
    is_kept = sa.text("fingerprints IS NOT NULL")
    op.create_index("ix_media_kept", "media", ["scanned_at"], sqlite_where=is_kept, postgresql_where=is_kept)
    op.add_column("cases", sa.Column("is_list", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("fingerprints", sa.Column("muted_by", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_fingerprints_muted_by"), "fingerprints", ["muted_by"])
    op.create_table(
        "known_good",
        sa.Column("id", ID, nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.Column("bits_key", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_good")),
        sa.UniqueConstraint("bits_key", name=op.f("uq_known_good_bits_key")),
        sqlite_autoincrement=True,
    )
    op.add_column("alerts", sa.Column("held", sa.Integer(), server_default="0", nullable=False))
    op.add_column("alerts", sa.Column("fanned_out", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_matches_fingerprint_id", "matches", ["fingerprint_id", "finding_id"])
    op.create_index("ix_findings_alert_state", "findings", ["alert_id", "state"])
    op.execute("INSERT INTO counters (name, value) VALUES ('known_good', 0)")
    # What is registered already was compared with every post that came after it.
    op.execute(
        "INSERT INTO counters (name, value) SELECT 'looked_back', value FROM counters WHERE name = 'registry'"
    )
    # Kept so far in a form that is not read any more, and three times as large.
    op.execute("UPDATE media SET fingerprints = NULL")
