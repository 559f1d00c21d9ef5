"""One finding as those see it who work on it, and lists of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.chat.alert_view import REPORT, finding_lines
from bot.chat.callback import encode
from bot.chat.wording import MAX_TEXT, clipped, instant, length, plain
from bot.links import to_message
from bot.model import Button, CaseState, FindingId, FindingState, Keyboard, Language, Person
from bot.shown import DERIVED, POSSIBLE, SAME_PHOTO
from bot.staff import casework
from bot.staff.addressees import Addressee
from bot.staff.reports import REPORTABLE
from bot.store.casework import Finding, Waiting
from bot.texts import Html, text

AREA = "f"
QUEUE = "q"

_MAX_NAME = 40
_MAX_TITLE = 60
_MAX_NOTE = 300
_LATEST = 12
"""Entries of the history that are shown at most; the packet holds all."""
_IN_A_ROW = 4
_PEOPLE_AT_ONCE = 20
"""Telegram takes 100 buttons below a message, and 10 kB of them; each letter of a name may be six bytes."""
_MARKS = {DERIVED: "🟠", POSSIBLE: "🟡", SAME_PHOTO: "🔵"}
"""As in the titles of alerts; all else is a match."""
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def render_finding(
    finding: Finding,
    again: Sequence[FindingId],
    addressees: Sequence[Addressee],
    language: Language,
    zone: ZoneInfo,
) -> tuple[str, Keyboard]:
    """Telegram HTML and buttons. `again` are other findings of the case that carried the same file."""
    lines = [
        text(
            language,
            "finding-title",
            finding=str(finding.id),
            # A withdrawn case has no number any more.
            case=finding.case_number or "–",
            state=state(finding.state, language),
        ),
        text(language, "alert-channel", channel=clipped(finding.channel_title, _MAX_TITLE)),
        *finding_lines(finding.shown, language, zone, is_alone=True),
        text(language, "finding-found", at=instant(finding.found_at, zone)),
        text(language, "finding-claimed", by=_name(finding.claimed_by, language)),
    ]
    if finding.is_minor:
        lines.append(text(language, "finding-minor"))
    if again:
        numbers = ", ".join(f"F-{one}" for one in again[:_LATEST])
        lines.append(text(language, "finding-again", findings=numbers, count=len(again)))
    names = {one.key: one.name[language] for one in addressees}
    entries = sorted(_history(finding, names, language, zone), key=lambda entry: entry[0])
    history = [line for _, line in entries]
    if finding.case_state is CaseState.WITHDRAWN:
        end = ["", text(language, "finding-case-withdrawn")]
        return _fitting(lines, history, end, language), ()
    return _fitting(lines, history, [], language), _keyboard(finding, language)


def _fitting(head: Sequence[str], history: Sequence[str], end: Sequence[str], language: Language) -> str:
    """With as many of the latest entries as one message holds, and how many were left out."""
    told = ""
    for left_out in range(max(0, len(history) - _LATEST), len(history) + 1):
        earlier = [text(language, "finding-earlier", count=left_out)] if left_out else []
        latest = ["", *earlier, *history[left_out:]] if history else []
        told = "\n".join([*head, *latest, *end])
        if length(told) <= MAX_TEXT:
            break
    return told


def state(of: FindingState, language: Language) -> str:
    return plain(language, f"finding-state-{of}")


def render_queue(
    waiting: Sequence[Waiting],
    total: int,
    *,
    listing: str,
    offset: int,
    at_once: int,
    now: datetime,
    language: Language,
) -> tuple[str, Keyboard]:
    """`listing` names the list as its buttons do, such as `open-0` or `channel-3`."""
    kind = listing.partition("-")[0]
    head = text(language, f"queue-{kind}", count=total)
    lines = [
        text(
            language,
            "queue-line",
            mark=Html(_MARKS.get(one.band, "🔴")),
            finding=str(one.id),
            state=state(one.state, language),
            age=age(now - one.changed_at, language),
            case=one.case_number,
            channel=clipped(one.channel_title, _MAX_TITLE),
            by=_name(one.claimed_by, language),
        )
        for one in waiting
    ]
    body = "\n\n".join(lines) if lines else text(language, "queue-none")
    cards = [Button(f"F-{one.id}", encode(AREA, "show", one.id)) for one in waiting]
    rows = [tuple(cards[at : at + _IN_A_ROW]) for at in range(0, len(cards), _IN_A_ROW)]
    turns = []
    if offset > 0:
        turns.append(
            Button(plain(language, "queue-earlier"), encode(QUEUE, "list", listing, max(0, offset - at_once)))
        )
    if offset + len(waiting) < total:
        turns.append(Button(plain(language, "queue-later"), encode(QUEUE, "list", listing, offset + at_once)))
    if turns:
        rows.append(tuple(turns))
    rows.append(
        tuple(
            Button(plain(language, f"queue-button-{name}"), encode(QUEUE, "list", f"{name}-0", 0))
            for name in ("mine", "open", "overdue")
        )
    )
    return f"{head}\n\n{body}", tuple(rows)


def age(lasted: timedelta, language: Language) -> str:
    """How long, in days or in hours."""
    if lasted >= 2 * _DAY:
        return plain(language, "finding-age-days", count=lasted // _DAY)
    if lasted >= _HOUR:
        return plain(language, "finding-age-hours", count=lasted // _HOUR)
    return plain(language, "finding-age-now")


def _history(
    finding: Finding, names: Mapping[str, str], language: Language, zone: ZoneInfo
) -> Iterator[tuple[datetime, str]]:
    """`names` are those of the addressees, by their keys."""
    for taken in finding.steps:
        line = text(
            language,
            f"finding-step-{taken.step}",
            by=clipped(taken.by.name, _MAX_NAME),
            at=instant(taken.at, zone),
        )
        yield taken.at, line if taken.undone_at is None else f"<s>{line}</s>"
        if taken.undone_at is not None and taken.undone_by is not None:
            by = clipped(taken.undone_by.name, _MAX_NAME)
            yield taken.undone_at, text(language, "finding-undone", by=by, at=instant(taken.undone_at, zone))
    for note in finding.notes:
        yield (
            note.at,
            text(
                language,
                "finding-note",
                note=clipped(note.text, _MAX_NOTE),
                by=clipped(note.by.name, _MAX_NAME),
                at=instant(note.at, zone),
            ),
        )
    for report in finding.reports:
        line = text(
            language,
            "finding-reported-to",
            addressee=names.get(report.addressee, report.addressee),
            ticket=report.ticket or "–",
            by=clipped(report.by.name, _MAX_NAME),
            at=instant(report.at, zone),
        )
        yield report.at, f"<s>{line}</s>" if report.is_taken_back else line
    for check in finding.rechecks:
        if check.by is None:
            yield check.at, text(language, f"finding-check-{check.result}", at=instant(check.at, zone))


def _keyboard(finding: Finding, language: Language) -> Keyboard:
    rows: list[tuple[Button, ...]] = []
    if link := to_message(finding.shown.place).best:
        rows.append((Button(plain(language, "alert-button-open"), url=link),))
    # A decision is on what the card shows; other steps are on what was decided.
    asked = {step: (casework.asked(finding),) for step in casework.DECISIONS}
    steps = [
        Button(
            plain(language, f"finding-button-{step}"),
            encode(AREA, "step", finding.id, step, finding.state, *asked.get(step, ())),
        )
        for step in casework.next_steps(finding.state)
    ]
    rows += [tuple(steps[at : at + 2]) for at in range(0, len(steps), 2)]
    if finding.state in REPORTABLE:
        rows.append((Button(plain(language, "report-button-packet"), encode(REPORT, "choose", finding.id)),))
    holder = 0 if finding.claimed_by is None else finding.claimed_by.user_id
    rows.append(
        (
            Button(plain(language, "finding-button-claim"), encode(AREA, "claim", finding.id, holder)),
            Button(plain(language, "finding-button-hand-over"), encode(AREA, "people", finding.id, holder)),
        )
        + (
            (Button(plain(language, "finding-button-release"), encode(AREA, "give", finding.id, 0, holder)),)
            if holder
            else ()
        )
    )
    minor = "not-minor" if finding.is_minor else "minor"
    latest = finding.latest_step
    rows.append(
        (Button(plain(language, f"finding-button-{minor}"), encode(AREA, minor, finding.id)),)
        + (
            (
                Button(
                    plain(language, "finding-button-undo"),
                    encode(AREA, "undo", finding.id, finding.state, latest.id),
                ),
            )
            if latest is not None and finding.can_be_undone
            else ()
        )
    )
    return tuple(rows)


def people_keyboard(
    finding_id: FindingId, holder: int, people: Sequence[Person], offset: int, language: Language
) -> Keyboard:
    """Whom to hand the finding over to, from the `offset`th on."""

    def turn(key: str, to: int) -> Button:
        return Button(plain(language, key), encode(AREA, "people", finding_id, holder, to))

    rows: list[tuple[Button, ...]] = [
        (Button(clipped(one.name, _MAX_NAME), encode(AREA, "give", finding_id, one.user_id, holder)),)
        for one in people[offset : offset + _PEOPLE_AT_ONCE]
    ]
    turns = []
    if offset > 0:
        turns.append(turn("queue-earlier", max(0, offset - _PEOPLE_AT_ONCE)))
    if offset + _PEOPLE_AT_ONCE < len(people):
        turns.append(turn("queue-later", offset + _PEOPLE_AT_ONCE))
    if turns:
        rows.append(tuple(turns))
    return (*rows, (Button(plain(language, "finding-button-back"), encode(AREA, "show", finding_id)),))


def _name(who: Person | None, language: Language) -> str:
    return plain(language, "finding-nobody") if who is None else clipped(who.name, _MAX_NAME)
