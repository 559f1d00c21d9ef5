"""What all staff may do: read how things stand, and decide on alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from bot import people
from bot.access import Action, may
from bot.chat.alert_view import AREA, MUTE, UNMUTE
from bot.chat.channel_view import pages, told
from bot.chat.desk import Command, Desk, Outcome, Press, numbers
from bot.chat.wording import clipped, instant, plain
from bot.errors import Refused
from bot.model import AlertId, Decision, Effect, FindingId, Send, SendChannels, SendStats, ShowAlert, Talk
from bot.pipeline import drill
from bot.pipeline.inbox import POSITION
from bot.staff import alerts
from bot.store import Tx, findings, lookbacks, photos, posts, queue, settings, tables

_MAX_NAME = 40
_LATELY = timedelta(days=1)
_LATE = timedelta(minutes=15)
"""Whatever waits for longer is stuck behind something."""


async def show_help(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    role = await people.role_of(tx, talk.person.user_id, desk.admins)
    lines = [desk.text("staff-help")]
    if may(role, Action.AUTHORISE):
        lines.append(desk.text("staff-help-admin"))
    return [Send(talk.chat_id, "\n\n".join(lines))]


async def show_channels(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    return [SendChannels(talk.chat_id)]


async def show_staff(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    members = await people.everybody(tx)
    lines = [
        desk.text(
            "staff-list-line",
            name=clipped(member.person.name, _MAX_NAME),
            user=str(member.person.user_id),
            by=clipped(member.added_by.name, _MAX_NAME),
            at=f"{member.added_at.astimezone(desk.zone):%Y-%m-%d}",
        )
        for member in members
    ]
    head = desk.text("staff-list", staff=len(members), admins=len(desk.admins))
    return [Send(talk.chat_id, page) for page in pages([head, *lines])]


async def show_health(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    queues = (tables.inbox, tables.work, tables.outbox)
    inbox, work, outbox = [await queue.counts(tx, table) for table in queues]
    position = await settings.get(tx, POSITION)
    polled = (
        desk.text("staff-health-never")
        if position is None
        else instant(datetime.fromtimestamp(position["moved_at"], UTC), desk.zone)
    )
    passes = (await queue.counts(tx, tables.lookbacks))[queue.BURIED]
    buried = inbox[queue.BURIED] + work[queue.BURIED] + outbox[queue.BURIED] + passes
    late = sum([await queue.late(tx, table, desk.now() - _LATE) for table in queues])
    lines = [
        desk.text("staff-health-well")
        if not buried and not late
        else desk.text("staff-health-trouble", buried=buried, late=late),
        desk.text(
            "staff-health-queues",
            # Without the update that asks.
            inbox=await queue.waiting(tx, tables.inbox, now=desk.now()),
            work=work[queue.READY],
            outbox=outbox[queue.READY],
        ),
        desk.text("staff-health-polled", at=polled),
    ]
    if lookback := await lookbacks.running(tx):
        lines.append(desk.text("staff-health-lookback", percent=lookback.percent))
    if buried:
        lines.append(
            desk.text(
                "staff-health-buried",
                inbox=inbox[queue.BURIED],
                work=work[queue.BURIED],
                outbox=outbox[queue.BURIED],
                lookbacks=passes,
            )
        )
    kept = await photos.kept(tx)
    if desk.searches_photos or kept.photos:
        lines.append(
            desk.text(
                "staff-health-photos" if desk.searches_photos else "staff-health-photos-off",
                photos=kept.photos,
                cases=kept.muted_cases,
                findings=kept.muted_findings,
            )
        )
    if troubles := await posts.troubles(tx, desk.now() - _LATELY):
        lines.append(desk.text("staff-health-troubles", troubles=told(troubles, desk.language)))
    return [Send(talk.chat_id, "\n".join(lines))]


async def _decide(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...], *, decision: Decision) -> Outcome:
    # Buttons of an earlier version do not tell what their message asked about.
    *shown, asked = args if len(args) == 3 else (*args, "")
    alert, up_to = numbers(shown, 2)
    alert_id = AlertId(alert)
    effects: list[Effect] = [ShowAlert(alert_id)]
    try:
        decided = await alerts.decide(
            tx,
            alert_id,
            up_to=FindingId(up_to),
            asked=asked,
            decision=decision,
            by=talk.person,
            second_person=desk.second_person,
            now=desk.now(),
        )
    except Refused as refused:
        if refused.code != "alert-changed":
            raise
        # Its message may be as new as can be, but for its buttons.
        await findings.changed(tx, alert_id)
        return Outcome(plain(desk.language, "staff-refused-alert-changed"), effects, is_refusal=True)
    if decided.already is not None:
        by, earlier, at = decided.already
        return Outcome(
            plain(
                desk.language,
                f"alert-already-{earlier}",
                by=clipped(by.name, _MAX_NAME),
                at=instant(at, desk.zone),
            ),
            effects,
            is_refusal=True,
        )
    if decided.needs_another:
        return Outcome(plain(desk.language, "alert-answer-second", count=len(decided.finding_ids)), effects)
    if decision is Decision.CONFIRMED and desk.tell_victim is not None:
        effects += await desk.tell_victim(tx, alert_id)
    answer = plain(desk.language, f"alert-answer-{decision}", count=len(decided.finding_ids))
    return Outcome(answer, effects)


async def _mute(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...], *, muted: bool) -> Outcome:
    [alert] = numbers(args, 1)
    alert_id = AlertId(alert)
    await alerts.mute_same_photo(tx, alert_id, muted=muted, by=talk.person, now=desk.now())
    answer = "alert-answer-muted" if muted else "alert-answer-unmuted"
    return Outcome(plain(desk.language, answer), [ShowAlert(alert_id)])


async def show_stats(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    return [SendStats(talk.chat_id)]


async def run_drill(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    name = plain(desk.language, "staff-drill-name")
    await drill.start(tx, name=name, answer_in=talk.chat_id, by=talk.person, now=desk.now())
    return [Send(talk.chat_id, desk.text("staff-drill-started"))]


COMMANDS = {
    "help": Command(Action.READ_HELP, show_help),
    "channels": Command(Action.READ_CHANNELS, show_channels),
    "staff": Command(Action.READ_STAFF, show_staff),
    "staff list": Command(Action.READ_STAFF, show_staff),
    "health": Command(Action.READ_HEALTH, show_health),
    "stats": Command(Action.READ_HEALTH, show_stats),
    "drill": Command(Action.RUN_DRILL, run_drill),
}

BUTTONS = {
    (AREA, Decision.CONFIRMED.value): Press(Action.DECIDE, partial(_decide, decision=Decision.CONFIRMED)),
    (AREA, Decision.NOT_A_MATCH.value): Press(Action.DECIDE, partial(_decide, decision=Decision.NOT_A_MATCH)),
    (AREA, MUTE): Press(Action.DECIDE, partial(_mute, muted=True)),
    (AREA, UNMUTE): Press(Action.DECIDE, partial(_mute, muted=False)),
}
