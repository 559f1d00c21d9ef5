"""An alert as staff read it: where, how alike, when. Never the media, never anything of the victim but the number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.chat.callback import encode
from bot.chat.wording import clipped, instant, plain
from bot.links import to_message
from bot.model import UNDECIDED, Button, CaseState, Decision, FindingState, Keyboard, Language, Origin
from bot.shown import SAME_PHOTO, Showing, clock, mark_of
from bot.staff.reports import REPORTABLE
from bot.store.alerts import Alert, AlertFinding
from bot.texts import Html, text
from matcher import KINDS, PDQ, PHOTO

AREA = "a"
REPORT = "r"
MUTE, UNMUTE = "mute", "unmute"

_LISTED = 5
_DECISIONS = 3
_IDENTICAL_BITS = 10
_LEAST_TURN = 3
_LEAST_SCALE = 1.15
"""In degrees and times: less is not worth a word."""
_MAX_TITLE = 128
_MAX_NAME = 40


def render_alert(alert: Alert, language: Language, zone: ZoneInfo) -> tuple[str, Keyboard]:
    """Telegram HTML and buttons. Buttons to decide are there while something is to be decided."""
    waiting = [finding for finding in alert.findings if finding.state in UNDECIDED]
    listed = (waiting or alert.findings)[:_LISTED]
    hidden = len(waiting or alert.findings) - len(listed)
    lines = [
        text(language, f"alert-title-{_title(alert, waiting)}", case=alert.case_number),
        text(language, "alert-channel", channel=clipped(alert.channel_title, _MAX_TITLE)),
    ]
    if alert.is_list:
        lines.insert(1, text(language, "alert-of-list", list=alert.case_number))
    if len(waiting) > 1:
        lines.append(text(language, "alert-waiting", count=len(waiting)))
    for finding in listed:
        lines += ["", *finding_lines(finding, language, zone, is_alone=len(alert.findings) == 1)]
    if hidden:
        lines += ["", text(language, "alert-more", count=hidden)]
    if alert.held:
        why = "fan-out" if alert.fanned_out else "quarantine"
        latest = str(alert.findings[-1].finding_id)
        lines += ["", text(language, f"alert-held-{why}", count=alert.held, finding=latest)]
    if alert.seen_before:
        lines += ["", text(language, "alert-seen-before", count=alert.seen_before)]
    if alert.mutes_same_photo and alert.band == SAME_PHOTO:
        lines += ["", text(language, "alert-muted")]
    if decisions := _decisions(alert.findings, language, zone):
        lines += ["", *decisions]
    reportable = _reportable(alert)
    if len(reportable) > 1:
        first = str(reportable[0].finding_id)
        lines += ["", text(language, "alert-report", count=len(reportable), finding=first)]
    return "\n".join(lines), _keyboard(alert, listed, waiting, reportable, language)


def _title(alert: Alert, waiting: Sequence[AlertFinding]) -> str:
    states = {finding.state for finding in alert.findings}
    if alert.case_state is CaseState.WITHDRAWN or states == {FindingState.WITHDRAWN}:
        return "withdrawn"
    if not waiting:
        return "decided"
    return alert.band


def _reportable(alert: Alert) -> list[AlertFinding]:
    if alert.case_state is CaseState.WITHDRAWN:
        return []
    return [finding for finding in alert.findings if finding.state in REPORTABLE]


def finding_lines(
    finding: AlertFinding, language: Language, zone: ZoneInfo, *, is_alone: bool
) -> Iterator[str]:
    """Where it is, how alike and when; with further links where it is shown alone."""
    links = to_message(finding.place)
    yield text(
        language,
        "alert-finding",
        finding=str(finding.finding_id),
        link=links.best or text(language, "alert-no-link", message=str(finding.place.message_id)),
    )
    yield _likeness(finding, language)
    yield text(language, "alert-posted", at=instant(finding.posted_at, zone))
    if finding.edited_at is not None:
        yield text(language, "alert-edited", at=instant(finding.edited_at, zone))
    # Telegram tells the second of a post, and no more.
    if finding.registered_at is not None and finding.posted_at < finding.registered_at.replace(microsecond=0):
        yield text(language, "alert-before-registration", at=instant(finding.registered_at, zone))
    commented = finding.place.comment_of
    # Of a public channel the first link says so already.
    if (
        is_alone
        and commented is not None
        and not commented.username
        and (link := to_message(commented).members)
    ):
        yield text(language, "alert-comment-of", link=link)
    if finding.origin is not None:
        yield _forwarded(finding.origin, language)
    if is_alone and links.public and links.members:
        # A username can change hands; the number stays.
        yield text(language, "alert-members-link", link=links.members)


def figure_caption(finding: AlertFinding, language: Language) -> str:
    """What is said below the drawing of where a part of an ordinary photo is."""
    return text(language, "alert-figure", finding=str(finding.finding_id))


def _likeness(finding: AlertFinding, language: Language) -> str:
    if finding.kind == PHOTO and finding.distance < 0:
        return _photo(finding, language)
    if finding.kind == PHOTO:
        band = "photo"
    elif finding.band == "possible":
        band = "possible"
    else:
        band = "identical" if finding.distance <= _IDENTICAL_BITS else "same"
    kind = KINDS[PDQ if finding.kind == PHOTO else finding.kind]
    distance = text(language, f"alert-distance-{band}", bits=finding.distance, of=str(kind.bits))
    geometry = [place] if (place := _place(finding.showing, language)) else []
    if finding.registered_at_ms is not None:
        geometry.insert(0, text(language, "alert-registered-video", at=clock(finding.registered_at_ms)))
    if kind.name != PDQ:
        geometry.append(text(language, "alert-by-kind", kind=kind.name))
    if finding.view != "whole":
        geometry.append(text(language, f"alert-view-{finding.view}"))
    if finding.orientation != "upright":
        geometry.append(text(language, f"alert-orientation-{finding.orientation}"))
    if not geometry:
        return distance
    return text(language, "alert-likeness", distance=Html(distance), geometry=Html(", ".join(geometry)))


def _photo(finding: AlertFinding, language: Language) -> str:
    """How a post shows a registered ordinary photo; which may be withdrawn by now, and what was seen of it gone."""
    photo, place = finding.photo, _place(finding.showing, language)
    if photo is None:
        return text(language, "alert-photo-withdrawn")
    turn = round(photo.turn_degrees)
    geometry = [] if place is None else [place]
    if photo.mirrored:
        geometry.append(text(language, "alert-orientation-mirrored"))
    if abs(turn) >= _LEAST_TURN:
        way = "clockwise" if turn > 0 else "anticlockwise"
        geometry.append(text(language, f"alert-photo-{way}", degrees=abs(turn)))
    if not 1 / _LEAST_SCALE < photo.scale < _LEAST_SCALE:
        size = "enlarged" if photo.scale > 1 else "reduced"
        geometry.append(text(language, f"alert-photo-{size}", times=f"{photo.scale:.2g}"))
    percent = max(1, round(100 * photo.share))
    said = text(language, f"alert-photo-{finding.band}", percent=percent)
    if not geometry:
        return said
    return text(language, "alert-likeness", distance=Html(said), geometry=Html(", ".join(geometry)))


def _place(showing: Showing, language: Language) -> str | None:
    """Where in a video, an archive or a document the picture is."""
    if showing.still == "picture":
        return None
    if showing.still != "frame":
        return text(language, f"alert-in-{showing.still}", number=str(showing.at))
    return text(
        language,
        "alert-in-video",
        start=clock(showing.at),
        end=clock(showing.until),
        percent=max(1, round(100 * showing.samples / showing.of_samples)),
    )


def _forwarded(origin: Origin, language: Language) -> str:
    name = clipped(origin.name, _MAX_NAME) or text(language, "alert-nameless")
    link = None if origin.place is None else to_message(origin.place).best
    if link is None:
        return text(language, "alert-forwarded", name=name)
    return text(language, "alert-forwarded-link", name=name, link=link)


def _decisions(findings: Sequence[AlertFinding], language: Language, zone: ZoneInfo) -> list[str]:
    """One line for each act of deciding, the latest last."""
    decided = sorted(
        (finding for finding in findings if finding.decided_at is not None),
        key=lambda finding: (_decided_at(finding), finding.state, finding.finding_id),
    )
    acts = [
        list(group)
        for _, group in groupby(decided, key=lambda finding: (_decided_at(finding), finding.state))
    ]
    earlier = sum(len(act) for act in acts[:-_DECISIONS])
    lines = [text(language, "alert-decided-earlier", count=earlier)] if earlier else []
    lines += [
        text(
            language,
            f"alert-decided-{act[0].state}",
            findings=_numbers(act),
            by=clipped(act[0].decided_by or "", _MAX_NAME),
            at=instant(_decided_at(act[0]), zone),
        )
        for act in acts[-_DECISIONS:]
    ]
    return lines


def _decided_at(finding: AlertFinding) -> datetime:
    assert finding.decided_at is not None
    return finding.decided_at


def _numbers(findings: Sequence[AlertFinding]) -> str:
    first, last = findings[0].finding_id, findings[-1].finding_id
    return f"F-{first}" if len(findings) == 1 else f"F-{first} … F-{last} ({len(findings)})"


def _keyboard(
    alert: Alert,
    listed: Sequence[AlertFinding],
    waiting: Sequence[AlertFinding],
    reportable: Sequence[AlertFinding],
    language: Language,
) -> Keyboard:
    rows: list[tuple[Button, ...]] = []
    link = next(filter(None, (to_message(finding.place).best for finding in listed)), None)
    if link is not None:
        rows.append((Button(plain(language, "alert-button-open"), url=link),))
    if waiting:
        # All that the alert counts is decided on, not only what it lists; what joins it later is asked again.
        up_to = alert.findings[-1].finding_id
        asked = mark_of((finding.finding_id, finding.mark) for finding in waiting)
        rows.append(
            (
                Button(
                    plain(language, "alert-button-confirm", count=len(waiting)),
                    encode(AREA, Decision.CONFIRMED, alert.alert_id, up_to, asked),
                ),
                Button(
                    plain(language, "alert-button-not-a-match", count=len(waiting)),
                    encode(AREA, Decision.NOT_A_MATCH, alert.alert_id, up_to, asked),
                ),
            )
        )
    if len(reportable) == 1:
        finding_id = reportable[0].finding_id
        label = plain(language, "alert-button-report", finding=str(finding_id))
        rows.append((Button(label, encode(REPORT, "choose", finding_id)),))
    if alert.band == SAME_PHOTO and alert.case_state is CaseState.ACTIVE:
        action = UNMUTE if alert.mutes_same_photo else MUTE
        rows.append(
            (Button(plain(language, f"alert-button-{action}"), encode(AREA, action, alert.alert_id)),)
        )
    return tuple(rows)
