"""A drill leaves nothing behind but its audit entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.model import CaseId, ChannelId, ChatId, MessageId
from bot.store import cases
from bot.store import tables as t
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
    posts = select(t.posts.c.id).where(t.posts.c.channel_id == channel_id)
    media = select(t.media.c.id).where(t.media.c.post_id.in_(posts))
    await tx.execute(delete(t.work).where(t.work.c.media_id.in_(media)))
    await tx.execute(delete(t.media).where(t.media.c.post_id.in_(posts)))
    await tx.execute(delete(t.posts).where(t.posts.c.channel_id == channel_id))
    await tx.execute(delete(t.authorisations).where(t.authorisations.c.channel_id == channel_id))
    await tx.execute(delete(t.channels).where(t.channels.c.id == channel_id))
    await tx.execute(delete(t.cases).where(t.cases.c.id == case_id))
    return shown
