"""Numbers over time, for the pictures of the work. Nothing here names a person, a case or a post."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, func, select, type_coerce

from bot.model import NOT_ASKED, ChannelId, FindingState, MediaState, Step
from bot.store import channels
from bot.store import tables as t
from bot.store.tx import Tx

_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class OfChannel:
    channel_id: ChannelId
    title: str
    number: int


@dataclass(frozen=True)
class Stats:
    """Of the days from `since` on, which is a midnight, oldest first. A day is 24 hours from `since`: where clocks are put
    forward or back, an hour of it counts to the next.
    """

    since: datetime
    posts: Sequence[int]
    findings: Sequence[int]
    media: Sequence[int]
    """Looked at, or tried."""
    failed: Sequence[int]
    """Of those, the ones that could not be fingerprinted."""
    confirmed: Sequence[int]
    not_a_match: Sequence[int]
    """Decisions that hold."""
    by_channel: Sequence[OfChannel]
    """Findings of each channel, most first."""
    hours_to_removal: Sequence[float]
    """From the first report to the removal, of each post that was removed."""


async def collect(tx: Tx, since: datetime, days: int) -> Stats:
    media = t.media.c.scanned_at
    failed = t.media.c.state == MediaState.FAILED.value
    holds = t.decisions.c.undone_at.is_(None)
    decided = t.decisions.c.decided_at

    async def daily(at: Any, *conditions: ColumnElement[bool]) -> list[int]:
        return await _daily(tx, since, days, at, *conditions)

    return Stats(
        since=since,
        posts=await daily(t.posts.c.seen_at),
        findings=await daily(t.findings.c.created_at, _is_asked()),
        media=await daily(media),
        failed=await daily(media, failed),
        confirmed=await daily(
            decided, holds, t.decisions.c.decision == Step.CONFIRMED.value, ~_waits_for_another()
        ),
        not_a_match=await daily(decided, holds, t.decisions.c.decision == Step.NOT_A_MATCH.value),
        by_channel=await _by_channel(tx, since),
        hours_to_removal=await _hours_to_removal(tx, since),
    )


async def _daily(tx: Tx, since: datetime, days: int, at: Any, *conditions: ColumnElement[bool]) -> list[int]:
    start = round(since.timestamp() * 1000)
    # Instants are milliseconds; a day's number is computed where the rows are, which may be millions.
    whole = (type_coerce(at, BigInteger) - start) // _DAY_MS
    number = func.count().label("number")
    rows = await tx.all(
        select(whole.label("day"), number)
        .where(at >= since, at < since + timedelta(days=days), *conditions)
        .group_by(whole)
    )
    counted: Counter[int] = Counter()
    for row in rows:
        # Where clocks were put back, the last day has an hour more.
        counted[min(int(row.day), days - 1)] += row.number
    return [counted[day] for day in range(days)]


def _waits_for_another() -> ColumnElement[bool]:
    """It is the first of two decisions, whether the second came or not: that one is what counts."""
    second = t.decisions.alias("second")
    came = (
        select(second.c.id)
        .where(
            second.c.finding_id == t.decisions.c.finding_id,
            second.c.id > t.decisions.c.id,
            second.c.from_state == FindingState.SECOND.value,
            second.c.undone_at.is_(None),
        )
        .exists()
    )
    waits = (
        select(t.findings.c.id)
        .where(t.findings.c.id == t.decisions.c.finding_id, t.findings.c.state == FindingState.SECOND.value)
        .exists()
    )
    return came | waits


def _is_asked() -> ColumnElement[bool]:
    """A flood of posts that staff are not asked about says nothing of their work."""
    return t.findings.c.state.not_in([state.value for state in NOT_ASKED])


async def _by_channel(tx: Tx, since: datetime) -> list[OfChannel]:
    number = func.count().label("number")
    rows = await tx.all(
        select(t.posts.c.channel_id, number)
        .join_from(t.findings, t.posts)
        .where(t.findings.c.created_at >= since, _is_asked())
        .group_by(t.posts.c.channel_id)
        .order_by(number.desc(), t.posts.c.channel_id)
        .limit(10)
    )
    named = []
    for row in rows:
        channel = await channels.get(tx, ChannelId(row.channel_id))
        title = "" if channel is None else channel.title
        named.append(OfChannel(ChannelId(row.channel_id), title, row.number))
    return named


async def _hours_to_removal(tx: Tx, since: datetime) -> list[float]:
    steps = (Step.REPORTED.value, Step.REMOVED.value)
    rows = await tx.all(
        select(t.decisions.c.finding_id, t.decisions.c.decision, t.decisions.c.decided_at)
        .join(t.findings, t.findings.c.id == t.decisions.c.finding_id)
        .where(
            t.decisions.c.undone_at.is_(None),
            t.decisions.c.decision.in_(steps),
            t.findings.c.state.in_([FindingState.REMOVED.value, FindingState.CLOSED.value]),
            t.findings.c.changed_at >= since,
        )
        .order_by(t.decisions.c.id)
    )
    first: dict[int, Row[Any]] = {}
    last: dict[int, datetime] = {}
    for row in rows:
        if row.decision == Step.REPORTED.value:
            first.setdefault(row.finding_id, row)
        elif row.finding_id in first:
            last[row.finding_id] = row.decided_at
    return sorted((at - first[one].decided_at).total_seconds() / 3600 for one, at in last.items())
