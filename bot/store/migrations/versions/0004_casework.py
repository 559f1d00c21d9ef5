"""What becomes of a finding: claims, notes, reports, re-checks, and decisions that can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("findings", sa.Column("changed_at", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("findings", sa.Column("claimed_key", sa.LargeBinary(32), nullable=True))
    op.add_column("findings", sa.Column("claimed_by", sa.LargeBinary(), nullable=True))
    op.add_column("findings", sa.Column("reminders", sa.Integer(), server_default="0", nullable=False))
    op.add_column("findings", sa.Column("is_minor", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE findings SET changed_at = created_at")
    op.create_index(op.f("ix_findings_state"), "findings", ["state"], unique=False)
    op.create_index(op.f("ix_findings_claimed_key"), "findings", ["claimed_key"], unique=False)
    op.add_column("decisions", sa.Column("from_state", sa.String(length=16), nullable=True))
    op.add_column("decisions", sa.Column("undone_by", sa.LargeBinary(), nullable=True))
    op.add_column("decisions", sa.Column("undone_at", sa.BigInteger(), nullable=True))
    _of_finding(
        "notes",
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
    )
    _of_finding(
        "reports",
        sa.Column("addressee", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.LargeBinary(), nullable=True),
        sa.Column("reported_by", sa.LargeBinary(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
    )
    _of_finding(
        "rechecks",
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("checked_by", sa.LargeBinary(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
    )


def _of_finding(name: str, *columns: sa.Column[bytes] | sa.Column[str] | sa.Column[int]) -> None:
    op.create_table(
        name,
        sa.Column("id", ID, nullable=False),
        sa.Column("finding_id", ID, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f(f"fk_{name}_finding_id_findings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{name}_finding_id"), name, ["finding_id"], unique=False)
