"""A drill leaves nothing behind but its audit entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.model import CaseId, ChannelId, ChatId, FingerprintId, MessageId
from bot.store import cases, figures, standing
from bot.store import tables as t
from bot.store.alerts import destination
from bot.store.tx import Tx


@dataclass(frozen=True)
class Reached:
    """When the drill's post reached each stage, None where it did not yet."""

    received_at: datetime | None
    fingerprinted_at: datetime | None
    found_at: datetime | None
    is_shown: bool
    """Whether Telegram took the alert."""
    trouble: str | None
    """Why the picture could not be fingerprinted."""


async def reached(tx: Tx, case_id: CaseId, channel_id: ChannelId) -> Reached:
    post = await tx.first(
        select(t.posts.c.seen_at, t.media.c.state, t.media.c.scanned_at, t.media.c.reason)
        .join_from(t.posts, t.media)
        .where(t.posts.c.channel_id == channel_id)
    )
    finding = await tx.first(
        select(t.findings.c.created_at, t.alerts.c.message_id)
        .join_from(t.findings, t.alerts)
        .where(t.findings.c.case_id == case_id)
    )
    return Reached(
        received_at=None if post is None else post.seen_at,
        fingerprinted_at=None if post is None else post.scanned_at,
        found_at=None if finding is None else finding.created_at,
        is_shown=finding is not None and finding.message_id is not None,
        trouble=None if post is None else post.reason,
    )


async def clean(
    tx: Tx, case_id: CaseId, channel_id: ChannelId, now: datetime
) -> list[tuple[ChatId, MessageId]]:
    """Delete the drill's case and channel with all that is theirs; returns the messages to be deleted."""
    shown = await cases.erase(tx, case_id, now)
    shown += await _forget_found(tx, channel_id, now)
    posts = select(t.posts.c.id).where(t.posts.c.channel_id == channel_id)
    media = select(t.media.c.id).where(t.media.c.post_id.in_(posts))
    await tx.execute(delete(t.work).where(t.work.c.media_id.in_(media)))
    await tx.execute(delete(t.media).where(t.media.c.post_id.in_(posts)))
    await tx.execute(delete(t.posts).where(t.posts.c.channel_id == channel_id))
    await tx.execute(delete(t.authorisations).where(t.authorisations.c.channel_id == channel_id))
    await tx.execute(delete(t.channels).where(t.channels.c.id == channel_id))
    await tx.execute(delete(t.cases).where(t.cases.c.id == case_id))
    return shown


async def _forget_found(tx: Tx, channel_id: ChannelId, now: datetime) -> list[tuple[ChatId, MessageId]]:
    """Delete what was found in the drill's post for others, who registered its picture.

    Posts of other channels that wait behind an alert of the drill's are asked about in their own channel.
    """
    posts = select(t.posts.c.id).where(t.posts.c.channel_id == channel_id)
    found = select(t.findings.c.id).where(t.findings.c.post_id.in_(posts))
    prints = await tx.all(
        select(t.matches.c.fingerprint_id)
        .where(t.matches.c.finding_id.in_(found), t.matches.c.fingerprint_id.is_not(None))
        .distinct()
    )
    await figures.take_back(tx, t.figures.c.finding_id.in_(found), now)
    await tx.execute(delete(t.findings).where(t.findings.c.post_id.in_(posts)))
    waits = (
        select(t.posts.c.channel_id)
        .join(t.findings, t.findings.c.post_id == t.posts.c.id)
        .where(t.findings.c.alert_id == t.alerts.c.id)
        .order_by(t.findings.c.id)
        .limit(1)
    )
    await tx.execute(
        update(t.alerts)
        .where(t.alerts.c.channel_id == channel_id, waits.exists())
        .values(channel_id=waits.scalar_subquery())
    )
    rows = await tx.all(
        delete(t.alerts)
        .where(t.alerts.c.channel_id == channel_id)
        .returning(t.alerts.c.chat, t.alerts.c.message_id)
    )
    await standing.review(tx, {FingerprintId(row.fingerprint_id) for row in prints}, now=now)
    return [destination(tx, row) for row in rows if row.message_id is not None]
