"""One finding with all that people did about it, and the lists of findings that wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update

from bot.model import (
    UNDECIDED,
    AlertId,
    CaseId,
    CaseState,
    ChannelId,
    FindingId,
    FindingState,
    Person,
    PostId,
    UserId,
)
from bot.store import alerts, channels, reported, steps
from bot.store import tables as t
from bot.store.alerts import NUMBER, PERSON, AlertFinding
from bot.store.reported import Reported
from bot.store.steps import Taken
from bot.store.tx import Tx

_CLAIMED_BY = "findings.claimed_by"
_CLAIMED_KEY = "findings.claimed_key"
_NOTE = "notes.note"
_WRITTEN_BY = "notes.written_by"
_CHECKED_BY = "rechecks.checked_by"
_MOST_SAME = 1000
"""A flood shows one picture thousands of times."""


class Recheck(StrEnum):
    """What looking at a post again showed."""

    UP = "up"
    GONE = "gone"
    UNKNOWN = "unknown"
    """Nothing can be told from the answer; a person has to look."""


class Method(StrEnum):
    """How it was looked at."""

    PERSON = "person"
    PAGE = "page"
    """The public page of the post."""
    ACCOUNT = "account"
    """An account that is in the channel."""


@dataclass(frozen=True)
class Note:
    text: str
    by: Person
    at: datetime


@dataclass(frozen=True)
class Rechecked:
    result: Recheck
    method: Method
    by: Person | None
    at: datetime


@dataclass(frozen=True)
class Finding:
    """A finding as those see it who work on it."""

    shown: AlertFinding
    alert_id: AlertId
    case_id: CaseId
    case_uid: str
    case_number: str
    case_state: CaseState
    channel_id: ChannelId
    channel_title: str
    post_id: PostId
    found_at: datetime
    changed_at: datetime
    claimed_by: Person | None
    is_minor: bool
    """Somebody in it may be younger than the law's limit: other addressees come first."""
    steps: Sequence[Taken]
    notes: Sequence[Note]
    reports: Sequence[Reported]
    rechecks: Sequence[Rechecked]

    @property
    def id(self) -> FindingId:
        return self.shown.finding_id

    @property
    def state(self) -> FindingState:
        return self.shown.state

    @property
    def latest_step(self) -> Taken | None:
        """Of those that were not taken back."""
        return next((taken for taken in reversed(self.steps) if taken.undone_at is None), None)

    @property
    def can_be_undone(self) -> bool:
        """Whether that step can be taken back: what is asked about anew nobody decides on by that."""
        before = None if self.latest_step is None else self.latest_step.from_state
        return before is not None and (before in UNDECIDED or self.state not in UNDECIDED)


@dataclass(frozen=True)
class Waiting:
    """One line of a list of findings."""

    id: FindingId
    state: FindingState
    band: str
    case_number: str
    channel_title: str
    changed_at: datetime
    claimed_by: Person | None


@dataclass(frozen=True)
class Wanted:
    """Which findings to list: those in one of `states`, and where given claimed by somebody, of a channel, of a case,
    or unchanged since a moment that their state allows them.
    """

    states: frozenset[FindingState]
    claimed_by: UserId | None = None
    channel_id: ChannelId | None = None
    case_id: CaseId | None = None
    unchanged_since: datetime | None = None


async def get(tx: Tx, finding_id: FindingId) -> Finding | None:
    row = await tx.first(
        select(
            t.findings,
            t.cases.c.uid,
            t.cases.c.number,
            t.cases.c.state.label("case_state"),
            t.posts.c.channel_id,
        )
        .join(t.cases, t.cases.c.id == t.findings.c.case_id)
        .join(t.posts, t.posts.c.id == t.findings.c.post_id)
        .where(t.findings.c.id == finding_id)
    )
    shown = await alerts.finding(tx, finding_id)
    if row is None or shown is None:
        return None
    return Finding(
        shown=shown,
        alert_id=AlertId(row.alert_id),
        case_id=CaseId(row.case_id),
        case_uid=row.uid,
        case_number="" if row.number is None else tx.cipher.open(NUMBER, row.number).decode(),
        case_state=CaseState(row.case_state),
        channel_id=ChannelId(row.channel_id),
        channel_title=shown.place.title,
        post_id=PostId(row.post_id),
        found_at=row.created_at,
        changed_at=row.changed_at,
        claimed_by=_person(tx, _CLAIMED_BY, row.claimed_by),
        is_minor=row.is_minor,
        steps=await steps.all_of(tx, finding_id),
        notes=[
            Note(
                tx.cipher.open(_NOTE, note.note).decode(),
                _opened(tx, _WRITTEN_BY, note.written_by),
                note.written_at,
            )
            for note in await _rows(tx, t.notes, finding_id)
        ],
        reports=await reported.of(tx, finding_id),
        rechecks=[
            Rechecked(
                Recheck(check.result),
                Method(check.method),
                _person(tx, _CHECKED_BY, check.checked_by),
                check.checked_at,
            )
            for check in await _rows(tx, t.rechecks, finding_id)
        ],
    )


async def claim(tx: Tx, finding_id: FindingId, person: Person | None, *, instead_of: UserId | None) -> bool:
    """Let somebody work on it, or nobody. False where another than `instead_of` does meanwhile."""
    holder = t.findings.c.claimed_key
    before = holder.is_(None) if instead_of is None else holder == tx.cipher.digest(_CLAIMED_KEY, instead_of)
    changed = await tx.execute(
        update(t.findings)
        .where(t.findings.c.id == finding_id, before)
        .values(
            claimed_key=None if person is None else tx.cipher.digest(_CLAIMED_KEY, person.user_id),
            claimed_by=None if person is None else tx.cipher.seal(_CLAIMED_BY, PERSON.dump_json(person)),
        )
    )
    return changed.rowcount == 1


async def set_minor(tx: Tx, finding_id: FindingId, *, is_minor: bool) -> None:
    await tx.execute(update(t.findings).where(t.findings.c.id == finding_id).values(is_minor=is_minor))


async def add_note(tx: Tx, finding_id: FindingId, note: str, *, by: Person, now: datetime) -> None:
    await tx.execute(
        insert(t.notes).values(
            finding_id=finding_id,
            note=tx.cipher.seal(_NOTE, note.encode()),
            written_by=tx.cipher.seal(_WRITTEN_BY, PERSON.dump_json(by)),
            written_at=now,
        )
    )


async def add_recheck(
    tx: Tx, finding_id: FindingId, result: Recheck, method: Method, *, by: Person | None, now: datetime
) -> None:
    await tx.execute(
        insert(t.rechecks).values(
            finding_id=finding_id,
            result=result.value,
            method=method.value,
            checked_by=None if by is None else tx.cipher.seal(_CHECKED_BY, PERSON.dump_json(by)),
            checked_at=now,
        )
    )


async def listed(tx: Tx, wanted: Wanted, *, offset: int = 0, limit: int) -> tuple[list[Waiting], int]:
    """Findings that have waited longest first, and how many there are in all."""
    which = _conditions(tx, wanted)
    total = await tx.scalar(select(func.count()).select_from(_joined()).where(*which))
    rows = await tx.all(
        select(
            t.findings,
            t.alerts.c.band,
            t.cases.c.number,
            t.posts.c.channel_id,
        )
        .select_from(_joined())
        .where(*which)
        .order_by(t.findings.c.changed_at, t.findings.c.id)
        .offset(offset)
        .limit(limit)
    )
    titles: dict[int, str] = {}
    for row in rows:
        if row.channel_id not in titles:
            channel = await channels.get(tx, row.channel_id)
            titles[row.channel_id] = "" if channel is None else channel.title
    return [
        Waiting(
            id=FindingId(row.id),
            state=FindingState(row.state),
            band=row.band,
            case_number="" if row.number is None else tx.cipher.open(NUMBER, row.number).decode(),
            channel_title=titles[row.channel_id],
            changed_at=row.changed_at,
            claimed_by=_person(tx, _CLAIMED_BY, row.claimed_by),
        )
        for row in rows
    ], total


async def overdue(
    tx: Tx, due: Sequence[tuple[int, datetime]], states: frozenset[FindingState]
) -> list[FindingId]:
    """Findings in these states that reached a limit they were not reminded of yet.

    `due` has for each reminder (1, 2, ...) since when a finding must be unchanged.
    """
    late = or_(
        *((t.findings.c.reminders < number) & (t.findings.c.changed_at <= since) for number, since in due)
    )
    rows = await tx.all(
        select(t.findings.c.id)
        .join(t.cases, t.cases.c.id == t.findings.c.case_id)
        .where(_in(states), _is_active(), late)
        .order_by(t.findings.c.id)
    )
    return [FindingId(row.id) for row in rows]


async def reminded(tx: Tx, due: Sequence[tuple[int, datetime]], states: frozenset[FindingState]) -> None:
    """Remember which limits people were reminded of."""
    for number, since in sorted(due):
        await tx.execute(
            update(t.findings)
            .where(_in(states), t.findings.c.changed_at <= since, t.findings.c.reminders < number)
            .values(reminders=number)
        )


async def of_same_picture(tx: Tx, finding: Finding) -> list[FindingId]:
    """Other findings of the case that show the same registered picture or video, or whose post carried the same file
    (Telegram's id of it); oldest first.
    """
    files = select(t.media.c.file_key).where(t.media.c.post_id == finding.post_id)
    items = (
        select(t.fingerprints.c.item_id)
        .join_from(t.matches, t.fingerprints, t.fingerprints.c.id == t.matches.c.fingerprint_id)
        .where(t.matches.c.finding_id == finding.id)
    )
    same_item = (
        select(t.matches.c.finding_id)
        .join_from(t.matches, t.fingerprints, t.fingerprints.c.id == t.matches.c.fingerprint_id)
        .where(t.fingerprints.c.item_id.in_(items))
    )
    same_file = select(t.media.c.post_id).where(t.media.c.file_key.in_(files))
    rows = await tx.all(
        select(t.findings.c.id)
        .where(
            t.findings.c.case_id == finding.case_id,
            t.findings.c.id != finding.id,
            or_(t.findings.c.id.in_(same_item), t.findings.c.post_id.in_(same_file)),
        )
        .order_by(t.findings.c.id)
        .limit(_MOST_SAME)
    )
    return [FindingId(row.id) for row in rows]


def _joined() -> Any:
    return (
        t.findings.join(t.cases, t.cases.c.id == t.findings.c.case_id)
        .join(t.posts, t.posts.c.id == t.findings.c.post_id)
        .join(t.alerts, t.alerts.c.id == t.findings.c.alert_id)
    )


def _conditions(tx: Tx, wanted: Wanted) -> list[ColumnElement[bool]]:
    which = [_in(wanted.states), _is_active()]
    if wanted.claimed_by is not None:
        which.append(t.findings.c.claimed_key == tx.cipher.digest(_CLAIMED_KEY, wanted.claimed_by))
    if wanted.channel_id is not None:
        which.append(t.posts.c.channel_id == wanted.channel_id)
    if wanted.case_id is not None:
        which.append(t.findings.c.case_id == wanted.case_id)
    if wanted.unchanged_since is not None:
        which.append(t.findings.c.changed_at <= wanted.unchanged_since)
    return which


def _in(states: frozenset[FindingState]) -> ColumnElement[bool]:
    return t.findings.c.state.in_(sorted(state.value for state in states))


def _is_active() -> ColumnElement[bool]:
    return t.cases.c.state == CaseState.ACTIVE.value


async def _rows(tx: Tx, table: Any, finding_id: FindingId) -> Sequence[Row[Any]]:
    return await tx.all(select(table).where(table.c.finding_id == finding_id).order_by(table.c.id))


def _opened(tx: Tx, name: str, sealed: bytes) -> Person:
    return PERSON.validate_json(tx.cipher.open(name, sealed))


def _person(tx: Tx, name: str, sealed: bytes | None) -> Person | None:
    return None if sealed is None else _opened(tx, name, sealed)
