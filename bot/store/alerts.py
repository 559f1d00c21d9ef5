"""What staff are shown of findings, and which message shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, case, func, select, update

from bot.model import (
    NOT_ASKED,
    AlertId,
    CaseState,
    ChatId,
    Delete,
    FindingId,
    FindingState,
    MessageId,
    Origin,
    Person,
    Place,
)
from bot.shown import DERIVED, POSSIBLE, SAME_PHOTO, PhotoShown, Showing
from bot.store import channels, outbox, posts
from bot.store import tables as t
from bot.store.channels import Channel
from bot.store.tx import Tx

NUMBER = "cases.number"
VIDEO = "video"
"""The kind of an item that is no picture."""
DECIDED_BY = "decisions.decided_by"
PERSON = TypeAdapter(Person)
MATCH_PHOTO = "matches.photo"
PHOTO_SHOWN = TypeAdapter(PhotoShown)

_CHAT = "alerts.chat"
BANDS = ("match", DERIVED, POSSIBLE, SAME_PHOTO)
"""Best first. A part of an ordinary photo in another picture says more than a hash that is only near; the whole
photo by itself says little.
"""
_PART = "quadrant"
"""The view that shows a part of the posted picture, wherever it is cut."""


@dataclass(frozen=True)
class AlertFinding:
    """One line of an alert."""

    finding_id: FindingId
    place: Place
    posted_at: datetime
    edited_at: datetime | None
    state: FindingState
    band: str
    distance: int
    view: str
    orientation: str
    showing: Showing = field(default=Showing())
    kind: str = "pdq"
    """Of the hashes whose distance it is; see `bot.store.findings.MatchRow`."""
    photo: PhotoShown | None = None
    """Of an ordinary photo whose features agree, unless it was withdrawn."""
    registered_at_ms: int | None = None
    """Where a video was registered, the moment of it that the post shows."""
    registered_at: datetime | None = None
    """When what it shows was registered; None once that is withdrawn."""
    origin: Origin | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    mark: str = ""
    """Another where another picture of the post matches, or in a better band: that is to be decided on anew."""


@dataclass(frozen=True)
class Alert:
    """What staff are shown: the findings of one case in one channel, folded."""

    alert_id: AlertId
    case_number: str
    case_state: CaseState
    channel_title: str
    seen_before: int
    """Earlier findings of the same case, in any channel, before the first of this alert."""
    findings: tuple[AlertFinding, ...] = field(default=())
    band: str = "match"
    mutes_same_photo: bool = False
    """Whether staff do not want to be told of reposts of the case's ordinary photos."""
    is_list: bool = False
    """It is for a list of another organisation, whose name is in place of the case's number."""
    held: int = 0
    """Further posts that wait for what is decided here."""
    fanned_out: bool = False  # that is why they wait: it came in many channels at once
    revision: int = 0
    """Raised by every change; what staff see is up to date when it equals `sent_revision`."""
    sent_revision: int = 0

    @property
    def is_low_priority(self) -> bool:
        return self.band in (POSSIBLE, SAME_PHOTO)


async def alert(tx: Tx, alert_id: AlertId) -> Alert | None:
    """What staff are to see now. None for an alert that is gone, or whose findings all went to later alerts."""
    row = await tx.first(
        select(
            t.alerts,
            t.cases.c.number,
            t.cases.c.state.label("case_state"),
            t.cases.c.is_list,
            t.cases.c.mutes_same_photo,
        )
        .join(t.cases)
        .where(t.alerts.c.id == alert_id)
    )
    is_shown = t.findings.c.state.not_in([state.value for state in NOT_ASKED])
    found, matches, decisions = await _found(tx, (t.findings.c.alert_id == alert_id) & is_shown)
    if row is None or not found:
        return None
    channel = await channels.get(tx, row.channel_id)
    assert channel is not None
    # A flood of posts is one alert of thousands of findings, too many to open on the event loop.
    known = await marks(tx, t.findings.c.alert_id == alert_id)
    return await asyncio.to_thread(_alert, tx, row, channel, found, matches, decisions, known)


async def finding(tx: Tx, finding_id: FindingId) -> AlertFinding | None:
    """One finding as its alert shows it."""
    found, matches, decisions = await _found(tx, t.findings.c.id == finding_id)
    if not found:
        return None
    [row] = found
    channel_id = await tx.scalar(select(t.posts.c.channel_id).where(t.posts.c.id == row.post_id))
    channel = await channels.get(tx, channel_id)
    assert channel is not None
    known = await marks(tx, t.findings.c.id == finding_id)
    return _finding(tx, row, channel, best(matches), decisions[-1] if decisions else None, known)


async def marks(tx: Tx, which: ColumnElement[bool]) -> dict[int, str]:
    """`AlertFinding.mark` of these findings. Numbers are given out anew where an older database was restored, so it tells
    of the times as well.
    """
    rank_of = case({band: rank(band) for band in BANDS}, value=t.matches.c.band)
    rows = await tx.all(
        select(
            t.matches.c.finding_id,
            t.matches.c.media_id,
            func.min(t.matches.c.found_at).label("found_at"),
            func.min(rank_of).label("rank"),
        )
        .join(t.findings, t.findings.c.id == t.matches.c.finding_id)
        .where(which)
        .group_by(t.matches.c.finding_id, t.matches.c.media_id)
        .order_by(t.matches.c.finding_id, t.matches.c.media_id)
    )
    ranks: dict[int, int] = {}
    pictures: dict[int, str] = {}
    for row in rows:
        ranks[row.finding_id] = min(row.rank, ranks.get(row.finding_id, row.rank))
        picture = f"/{row.media_id}@{row.found_at.timestamp():.3f}"
        pictures[row.finding_id] = pictures.get(row.finding_id, "") + picture
    return {finding_id: f"{ranks[finding_id]}{told}" for finding_id, told in pictures.items()}


async def alert_sent(
    tx: Tx,
    alert_id: AlertId,
    *,
    revision: int,
    chat_id: ChatId,
    message_id: MessageId,
    instead_of: MessageId | None = None,
) -> bool:
    """The message shows this revision of the alert, which was shown by `instead_of` when it was read.

    False: meanwhile the alert was erased, or taken back to be sent anew, and the message must go.
    """
    result = await tx.execute(
        update(t.alerts)
        .where(t.alerts.c.id == alert_id, t.alerts.c.message_id.is_not_distinct_from(instead_of))
        .values(
            sent_revision=revision,
            chat=tx.cipher.seal(_CHAT, str(chat_id).encode()),
            message_id=message_id,
        )
    )
    return result.rowcount == 1


async def alert_destination(tx: Tx, alert_id: AlertId) -> tuple[ChatId, MessageId] | None:
    """The message that shows the alert, once it was sent."""
    row = await tx.first(
        select(t.alerts.c.chat, t.alerts.c.message_id).where(
            t.alerts.c.id == alert_id, t.alerts.c.message_id.is_not(None)
        )
    )
    return None if row is None else destination(tx, row)


async def take_back(tx: Tx, alert_id: AlertId, now: datetime) -> None:
    """Have the message that shows the alert deleted, and forget it: what is to be shown, a new one shows."""
    shown = await alert_destination(tx, alert_id)
    if shown is None:
        return
    await tx.execute(update(t.alerts).where(t.alerts.c.id == alert_id).values(chat=None, message_id=None))
    chat_id, message_id = shown
    await outbox.add(tx, [Delete(chat_id, message_id)], key=f"alert:{chat_id}:{message_id}", now=now)


def destination(tx: Tx, row: Row[Any]) -> tuple[ChatId, MessageId]:
    """The message of an alert's row that has one."""
    return ChatId(int(tx.cipher.open(_CHAT, row.chat))), MessageId(row.message_id)


def rank(band: str) -> int:
    """The better band is the smaller."""
    return BANDS.index(band)


def better(band: str) -> tuple[str, ...]:
    """The bands that say more."""
    return BANDS[: rank(band)]


def best(matches: Iterable[Row[Any]]) -> Row[Any]:
    """Of rows of matches: the best band, then more than a part, the smallest distance, the longest, the first."""
    # Of a copy its quarters match as well, some of them by chance better than the whole does.
    return min(
        matches, key=lambda match: (rank(match.band), match.view == _PART, match.distance, -match.samples)
    )


async def _found(
    tx: Tx, which: ColumnElement[bool]
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]], Sequence[Row[Any]]]:
    """Rows of these findings, of their matches and of the decisions that still hold."""
    found = await tx.all(
        select(
            t.findings,
            t.posts.c.post,
            t.posts.c.message_id,
            t.posts.c.posted_at,
            t.posts.c.edited_at,
        )
        .join(t.posts)
        .where(which)
        .order_by(t.findings.c.id)
    )
    ids = select(t.findings.c.id).where(which)
    matches = await tx.all(
        select(
            t.matches,
            t.items.c.kind.label("item_kind"),
            t.items.c.created_at.label("registered_at"),
            t.fingerprints.c.at_ms,
        )
        .outerjoin(t.fingerprints, t.fingerprints.c.id == t.matches.c.fingerprint_id)
        .outerjoin(t.items, t.items.c.id == t.fingerprints.c.item_id)
        .where(t.matches.c.finding_id.in_(ids))
        .order_by(t.matches.c.id)
    )
    decisions = await tx.all(
        select(t.decisions)
        .where(t.decisions.c.finding_id.in_(ids), t.decisions.c.undone_at.is_(None))
        .order_by(t.decisions.c.id)
    )
    return found, matches, decisions


def _alert(
    tx: Tx,
    row: Row[Any],
    channel: Channel,
    found: Sequence[Row[Any]],
    matches: Sequence[Row[Any]],
    decisions: Sequence[Row[Any]],
    known: Mapping[int, str],
) -> Alert:
    matches_of: dict[int, list[Row[Any]]] = {}
    for match in matches:
        matches_of.setdefault(match.finding_id, []).append(match)
    decision_of = {decision.finding_id: decision for decision in decisions}
    return Alert(
        alert_id=AlertId(row.id),
        case_number="" if row.number is None else tx.cipher.open(NUMBER, row.number).decode(),
        case_state=CaseState(row.case_state),
        channel_title=channel.title,
        seen_before=row.seen_before,
        findings=tuple(
            _finding(tx, finding, channel, best(matches_of[finding.id]), decision_of.get(finding.id), known)
            for finding in found
        ),
        band=row.band,
        mutes_same_photo=row.mutes_same_photo,
        is_list=row.is_list,
        held=row.held,
        fanned_out=row.fanned_out,
        revision=row.revision,
        sent_revision=row.sent_revision,
    )


def _finding(
    tx: Tx,
    row: Row[Any],
    channel: Channel,
    best_match: Row[Any],
    decision: Row[Any] | None,
    known: Mapping[int, str],
) -> AlertFinding:
    """`known` are the marks."""
    post = None if row.post is None else posts.opened(tx, row.post)
    state = FindingState(row.state)
    if state in (FindingState.NEW, FindingState.WITHDRAWN):
        decision = None  # It was asked about again.
    return AlertFinding(
        finding_id=FindingId(row.id),
        place=Place(channel.chat_id, MessageId(row.message_id), channel.username, channel.title)
        if post is None
        else post.place,
        posted_at=row.posted_at,
        edited_at=row.edited_at,
        state=state,
        band=best_match.band,
        distance=best_match.distance,
        view=best_match.view,
        orientation=best_match.orientation,
        showing=Showing(
            best_match.still, best_match.at, best_match.until, best_match.samples, best_match.of_samples
        ),
        kind=best_match.kind,
        photo=None
        if best_match.photo is None
        else PHOTO_SHOWN.validate_json(tx.cipher.open(MATCH_PHOTO, best_match.photo)),
        registered_at_ms=best_match.at_ms if best_match.item_kind == VIDEO else None,
        registered_at=best_match.registered_at,
        origin=None if post is None else post.origin,
        decided_by=None if decision is None else decided_by(tx, decision).name,
        decided_at=None if decision is None else decision.decided_at,
        mark=known.get(row.id, ""),
    )


def decided_by(tx: Tx, decision: Row[Any]) -> Person:
    return PERSON.validate_json(tx.cipher.open(DECIDED_BY, decision.decided_by))
