"""A case is found by a hash of it, for those who lost its number."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_fingerprints_bits_key"), "fingerprints", ["bits_key"], unique=False)
