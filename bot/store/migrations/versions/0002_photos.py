"""Ordinary photos: where a post shows one, the figures that staff were sent, and whose reposts are muted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("mutes_same_photo", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_index("ix_items_kind", "items", ["kind", "created_at"], unique=False)
    op.add_column("matches", sa.Column("photo", sa.LargeBinary(), nullable=True))
    op.create_table(
        "figures",
        sa.Column("finding_id", ID, autoincrement=False, nullable=False),
        sa.Column("photo_key", sa.LargeBinary(32), nullable=False),
        sa.Column("chat", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_figures_finding_id_findings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_figures")),
    )
