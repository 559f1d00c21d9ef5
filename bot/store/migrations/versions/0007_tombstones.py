"""By which numbers hashes of lists are known to others, so that what is withdrawn can be told without the hash; and
which findings a report packet held.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("fingerprints", sa.Column("source_key", sa.LargeBinary(32), nullable=True))
    op.create_index(op.f("ix_fingerprints_source_key"), "fingerprints", ["source_key"])
    op.add_column("withdrawn_fingerprints", sa.Column("list_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_withdrawn_fingerprints_list_id"), "withdrawn_fingerprints", ["list_id"])
    op.create_table(
        "packets",
        sa.Column("id", ID, nullable=False),
        sa.Column("addressee", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packets")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "packet_findings",
        sa.Column("packet_id", ID, nullable=False),
        sa.Column("finding_id", ID, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{other}_id"],
                [f"{other}s.id"],
                name=op.f(f"fk_packet_findings_{other}_id_{other}s"),
                ondelete="CASCADE",
            )
            for other in ("packet", "finding")
        ),
        sa.PrimaryKeyConstraint("packet_id", "finding_id", name=op.f("pk_packet_findings")),
    )
    op.create_index(op.f("ix_packet_findings_finding_id"), "packet_findings", ["finding_id"])
