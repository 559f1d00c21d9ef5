"""The schema. Columns that hold a sealed value (AES-GCM, see `cipher`) are `Sealed`; `*_key` columns hold a
keyed digest (`Cipher.digest`) of a value that must be found again but not read. Migrations make these tables;
a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
)

from bot.store.columns import Digest, Instant, Sealed, queue_table, row_id
from bot.store.columns import metadata as metadata

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

inbox = queue_table("inbox", Column("kind", String(32), nullable=False), Column("raw", Sealed), payload="raw")

work = queue_table(
    "work",
    Column("media_id", ForeignKey("media.id", ondelete="CASCADE"), nullable=False),
)

outbox = queue_table(
    "outbox",
    Column("kind", String(16), nullable=False),
    Column("chat_key", Digest),
    Column("effect", Sealed),
    payload="effect",
)
Index("ix_outbox_chat", outbox.c.chat_key, outbox.c.state, outbox.c.id)

lookbacks = queue_table(
    "lookbacks",
    Column("since", BigInteger, nullable=False),
    Column("up_to", BigInteger, nullable=False),
    Column("media_id", BigInteger, nullable=False),
    Column("last_media_id", BigInteger, nullable=False),
    Column("files", BigInteger, nullable=False, server_default="0"),
    Column("found", BigInteger, nullable=False, server_default="0"),
    Column("unreadable", BigInteger, nullable=False, server_default="0"),
    Column("shown_at", Instant),
    Column("chat", Sealed),
    Column("message_id", BigInteger),
)

people = Table(
    "people",
    metadata,
    row_id(),
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
    row_id(),
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
    row_id(),
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
    row_id(),
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
    row_id(),
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

_is_kept = media.c.fingerprints.is_not(None)
Index("ix_media_kept", media.c.scanned_at, sqlite_where=_is_kept, postgresql_where=_is_kept)

cases = Table(
    "cases",
    metadata,
    row_id(),
    Column("uid", String(32), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("number", Sealed),
    Column("number_key", Digest, unique=True),
    Column("pin_verifier", Sealed),
    Column("contact", Sealed),
    Column("contact_key", Digest, index=True),
    Column("is_list", Boolean, nullable=False, server_default=false()),
    Column("language", String(2), nullable=False),
    Column("consent_version", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("mutes_same_photo", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,
)

items = Table(
    "items",
    metadata,
    row_id(),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_items_kind", items.c.kind, items.c.created_at)

fingerprints = Table(
    "fingerprints",
    metadata,
    row_id(),
    Column("item_id", ForeignKey("items.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("part", String(16), nullable=False),
    Column("at_ms", Integer, nullable=False, server_default="0"),
    Column("bits", Sealed, nullable=False),
    Column("bits_key", Digest, nullable=False, index=True),
    Column("radius_bits", Integer, nullable=False),
    Column("quality", Integer),
    Column("state", String(16), nullable=False),
    Column("muted_by", BigInteger, index=True),
    Column("source_key", Digest, index=True),
    Column("revision", BigInteger, nullable=False, index=True),
    UniqueConstraint("case_id", "kind", "bits_key"),
    sqlite_autoincrement=True,
)

withdrawn_fingerprints = Table(
    "withdrawn_fingerprints",
    metadata,
    Column("fingerprint_id", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False, index=True),
    Column("list_id", BigInteger, index=True),
)

known_good = Table(
    "known_good",
    metadata,
    row_id(),
    Column("bits", Sealed, nullable=False),
    Column("bits_key", Digest, nullable=False, unique=True),
    Column("source", Sealed, nullable=False),
    Column("added_by", Sealed),
    Column("added_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

alerts = Table(
    "alerts",
    metadata,
    row_id(),
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
    Column("held", Integer, nullable=False, server_default="0"),
    Column("fanned_out", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,
)
Index("ix_alerts_open", alerts.c.case_id, alerts.c.channel_id, alerts.c.is_open)

findings = Table(
    "findings",
    metadata,
    row_id(),
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

Index("ix_findings_alert_state", findings.c.alert_id, findings.c.state)

matches = Table(
    "matches",
    metadata,
    row_id(),
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
    Column("photo", Sealed),
    Column("found_at", Instant, nullable=False),
    UniqueConstraint("media_id", "fingerprint_id"),
    sqlite_autoincrement=True,
)
Index("ix_matches_fingerprint_id", matches.c.fingerprint_id, matches.c.finding_id)

figures = Table(
    "figures",
    metadata,
    Column(
        "finding_id", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("photo_key", Digest, nullable=False),
    Column("chat", Sealed, nullable=False),
    Column("message_id", BigInteger, nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    Column(
        "finding_id", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("chat_key", Digest, primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat", Sealed, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    row_id(),
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
    row_id(),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("note", Sealed, nullable=False),
    Column("written_by", Sealed, nullable=False),
    Column("written_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

reports = Table(
    "reports",
    metadata,
    row_id(),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("addressee", String(32), nullable=False),
    Column("ticket", Sealed),
    Column("reported_by", Sealed, nullable=False),
    Column("reported_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

packets = Table(
    "packets",
    metadata,
    row_id(),
    Column("addressee", String(32), nullable=False),
    Column("made_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

packet_findings = Table(
    "packet_findings",
    metadata,
    Column("packet_id", ForeignKey("packets.id", ondelete="CASCADE"), primary_key=True),
    Column("finding_id", ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True, index=True),
)

rechecks = Table(
    "rechecks",
    metadata,
    row_id(),
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
    row_id(),
    Column("at", Instant, nullable=False),
    Column("action", String(48), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("actor", Sealed),
    Column("details", Sealed),
    Column("previous_hash", Digest, nullable=False),
    Column("hash", Digest, nullable=False, unique=True),
    sqlite_autoincrement=True,
)
