"""By which numbers hashes of lists are known to others, so that what is withdrawn can be told without the hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fingerprints", sa.Column("source_key", sa.LargeBinary(32), nullable=True))
    op.create_index(op.f("ix_fingerprints_source_key"), "fingerprints", ["source_key"])
    op.add_column("withdrawn_fingerprints", sa.Column("list_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_withdrawn_fingerprints_list_id"), "withdrawn_fingerprints", ["list_id"])
