"""Staff work on findings: lists, cards, steps, notes, and who does what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot import people
from bot.access import Action
from bot.chat.desk import Command, Desk, Outcome, Press, number, numbers
from bot.chat.finding_view import AREA, QUEUE, people_keyboard, render_finding, render_queue, state
from bot.chat.wording import clipped, plain
from bot.errors import Refused
from bot.model import (
    CaseId,
    ChannelId,
    Edit,
    Effect,
    FindingId,
    FindingState,
    Keyboard,
    Person,
    Send,
    ShowAlert,
    Step,
    Talk,
    UserId,
)
from bot.staff import casework
from bot.staff.casework import OPEN
from bot.store import Tx, cases
from bot.store import casework as rows
from bot.store.casework import Waiting, Wanted

_AT_ONCE = 8
_MAX_NAME = 40
Listed = tuple[str, Keyboard, tuple[FindingId, ...]]
"""A list as it is shown, and the findings that it tells of."""
_LISTS = ("mine", "open", "overdue", "channel", "case")


async def show_queue(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `mine`, `open` (or nothing), `overdue`, `channel 3` or `case JK-…`."""
    kind, _, value = words.strip().partition(" ")
    listing = await _listing(tx, kind.lower() or "open", value.strip())
    message, keyboard, about = await _queue(desk, tx, talk, listing, 0)
    return [Send(talk.chat_id, message, keyboard, about=about)]


async def show_finding(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    wanted = finding_id(words, "/finding")
    message, keyboard = await _card(desk, tx, wanted)
    return [Send(talk.chat_id, message, keyboard, about=(wanted,))]


async def write_note(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `F-12 <text>`."""
    first, _, note = words.strip().partition(" ")
    wanted = finding_id(first, "/note")
    await casework.note(tx, wanted, note, by=talk.person, now=desk.now())
    message, keyboard = await _card(desk, tx, wanted)
    return [Send(talk.chat_id, message, keyboard, about=(wanted,))]


async def overdue(desk: Desk, tx: Tx, now: datetime, *, new: int) -> Listed:
    """The reminder: `new` findings reached a limit since the last one."""
    wanted = Wanted(OPEN, unchanged_since=now - desk.overdue_after)
    waiting, total = await rows.listed(tx, wanted, limit=_AT_ONCE)
    message, keyboard = render_queue(
        waiting, total, listing="overdue-0", offset=0, at_once=_AT_ONCE, now=now, language=desk.language
    )
    return desk.text("queue-reminder", count=new) + "\n\n" + message, keyboard, _ids(waiting)


def finding_id(untrusted_text: str, command: str) -> FindingId:
    """`F-12`, `f12` or `12`, as the words of the command begin. Raises `Refused` `which-finding`."""
    found = number(re.sub(r"^[fF]-?", "", untrusted_text.strip()))
    if found is None:
        raise Refused("which-finding", command=command)
    return FindingId(found)


async def _listing(tx: Tx, kind: str, value: str) -> str:
    if kind not in _LISTS:
        raise Refused("which-queue")
    if kind == "channel":
        channel = number(value)
        if channel is None:
            raise Refused("which-channel")
        return f"channel-{channel}"
    if kind == "case":
        found = await cases.by_number(tx, value.upper())
        if found is None:
            raise Refused("unknown-case")
        return f"case-{found[0].id}"
    return f"{kind}-0"


async def _queue(desk: Desk, tx: Tx, talk: Talk, listing: str, offset: int) -> Listed:
    kind, _, value = listing.partition("-")
    key = number(value)
    if kind not in _LISTS or key is None:
        raise Refused("old-button")
    now = desk.now()
    wanted = Wanted(
        OPEN,
        claimed_by=talk.person.user_id if kind == "mine" else None,
        channel_id=ChannelId(key) if kind == "channel" else None,
        case_id=CaseId(key) if kind == "case" else None,
        unchanged_since=now - desk.overdue_after if kind == "overdue" else None,
    )
    waiting, total = await rows.listed(tx, wanted, offset=offset, limit=_AT_ONCE)
    message, keyboard = render_queue(
        waiting, total, listing=listing, offset=offset, at_once=_AT_ONCE, now=now, language=desk.language
    )
    return message, keyboard, _ids(waiting)


def _ids(waiting: Sequence[Waiting]) -> tuple[FindingId, ...]:
    return tuple(one.id for one in waiting)


async def _card(desk: Desk, tx: Tx, wanted: FindingId) -> tuple[str, Keyboard]:
    finding = await casework.get(tx, wanted)
    again = await rows.of_same_picture(tx, finding)
    return render_finding(finding, again, desk.addressees, desk.language, desk.zone)


async def _shown(desk: Desk, tx: Tx, talk: Talk, wanted: FindingId, answer: str = "") -> Outcome:
    """The card in place of the message whose button was pressed, and the alert as it reads then."""
    message, keyboard = await _card(desk, tx, wanted)
    finding = await casework.get(tx, wanted)
    return Outcome(
        answer,
        [Edit(talk.chat_id, talk.message_id, message, keyboard, (wanted,)), ShowAlert(finding.alert_id)],
    )


async def _list(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    listing, _ = _args(args, 2)
    [offset] = numbers(args[1:], 1)
    message, keyboard, about = await _queue(desk, tx, talk, listing, offset)
    return Outcome(effects=[Edit(talk.chat_id, talk.message_id, message, keyboard, about)])


async def _show(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    finding_id = FindingId(*numbers(args, 1))
    message, keyboard = await _card(desk, tx, finding_id)
    return Outcome(effects=[Send(talk.chat_id, message, keyboard, about=(finding_id,))])


async def _step(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    # Buttons of an earlier version do not tell what their card showed.
    _, step, seen, shown = _args(args if len(args) == 4 else (*args, ""), 4)
    finding_id = FindingId(*numbers(args[:1], 1))
    if step not in set(Step) or seen not in set(FindingState):
        raise Refused("old-button")
    try:
        before = await casework.take(
            tx,
            finding_id,
            Step(step),
            seen=FindingState(seen),
            by=talk.person,
            second_person=desk.second_person,
            now=desk.now(),
            shown=shown if step in casework.DECISIONS else None,
        )
    except Refused as refused:
        return await _late(desk, tx, talk, finding_id, refused)
    outcome = await _shown(desk, tx, talk, finding_id, plain(desk.language, f"finding-answer-{step}"))
    is_confirmed = (await casework.get(tx, finding_id)).state is FindingState.CONFIRMED
    if is_confirmed and desk.tell_victim is not None:
        told = await desk.tell_victim(tx, before.alert_id)
        return Outcome(outcome.answer, [*outcome.effects, *told])
    return outcome


async def _undo(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    # Buttons of an earlier version do not tell which step they take back.
    first, seen, last = _args(args if len(args) == 3 else (*args, "0"), 3)
    wanted, step = numbers((first, last), 2)
    finding_id = FindingId(wanted)
    if seen not in set(FindingState):
        raise Refused("old-button")
    try:
        await casework.undo(
            tx,
            finding_id,
            seen=FindingState(seen),
            step=step or None,
            by=talk.person,
            now=desk.now(),
        )
    except Refused as refused:
        return await _late(desk, tx, talk, finding_id, refused)
    return await _shown(desk, tx, talk, finding_id, plain(desk.language, "finding-answer-undone"))


async def _late(desk: Desk, tx: Tx, talk: Talk, wanted: FindingId, refused: Refused) -> Outcome:
    """Somebody else was quicker, or the post changed: say so, and show how it stands."""
    if refused.code not in ("finding-moved", "finding-changed"):
        raise refused
    finding = await casework.get(tx, wanted)
    latest = finding.latest_step
    words = plain(
        desk.language,
        f"staff-refused-{refused.code}",
        state=state(finding.state, desk.language),
        by="–" if latest is None else clipped(latest.by.name, _MAX_NAME),
    )
    message, keyboard = await _card(desk, tx, wanted)
    edit = Edit(talk.chat_id, talk.message_id, message, keyboard, (wanted,))
    return Outcome(words, [edit], is_refusal=True)


async def _claim(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    wanted, holder = numbers(args, 2)
    finding_id = FindingId(wanted)
    await _give(desk, tx, talk, finding_id, talk.person, holder)
    return await _shown(desk, tx, talk, finding_id, plain(desk.language, "finding-answer-claimed"))


async def _people(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    # Buttons of an earlier version do not tell from whom on.
    wanted, holder, offset = numbers(args if len(args) == 3 else (*args, "0"), 3)
    finding_id = FindingId(wanted)
    message, _ = await _card(desk, tx, finding_id)
    members = [member.person for member in await people.everybody(tx) if member.person.user_id != holder]
    if not members:
        raise Refused("nobody-else")
    # Some may be gone since the button was shown.
    offset = offset if offset < len(members) else 0
    keyboard = people_keyboard(finding_id, holder, members, offset, desk.language)
    return Outcome(effects=[Edit(talk.chat_id, talk.message_id, message, keyboard, (finding_id,))])


async def _hand_over(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    wanted, receiver, holder = numbers(args, 3)
    finding_id = FindingId(wanted)
    person = None
    if receiver:
        members = {member.person.user_id: member.person for member in await people.everybody(tx)}
        person = members.get(UserId(receiver))
        if person is None:
            raise Refused("not-staff", user=str(receiver))
    await _give(desk, tx, talk, finding_id, person, holder)
    answer = "finding-answer-released" if person is None else "finding-answer-handed-over"
    return await _shown(desk, tx, talk, finding_id, plain(desk.language, answer))


async def _give(
    desk: Desk, tx: Tx, talk: Talk, wanted: FindingId, person: Person | None, holder: int
) -> None:
    await casework.claim(
        tx,
        wanted,
        person,
        instead_of=UserId(holder) if holder else None,
        by=talk.person,
        now=desk.now(),
    )


async def _set_minor(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...], *, is_minor: bool) -> Outcome:
    [wanted] = numbers(args, 1)
    finding_id = FindingId(wanted)
    await casework.set_minor(tx, finding_id, is_minor=is_minor, by=talk.person, now=desk.now())
    key = "finding-answer-minor" if is_minor else "finding-answer-not-minor"
    return await _shown(desk, tx, talk, finding_id, plain(desk.language, key))


def _args(args: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Raises `Refused` `old-button`."""
    if len(args) != count:
        raise Refused("old-button")
    return args


COMMANDS = {
    "queue": Command(Action.DECIDE, show_queue),
    "finding": Command(Action.DECIDE, show_finding),
    "note": Command(Action.DECIDE, write_note),
}

BUTTONS = {
    (QUEUE, "list"): Press(Action.DECIDE, _list),
    (AREA, "show"): Press(Action.DECIDE, _show),
    (AREA, "step"): Press(Action.DECIDE, _step),
    (AREA, "undo"): Press(Action.DECIDE, _undo),
    (AREA, "claim"): Press(Action.DECIDE, _claim),
    (AREA, "people"): Press(Action.DECIDE, _people),
    (AREA, "give"): Press(Action.DECIDE, _hand_over),
    (AREA, "minor"): Press(Action.DECIDE, partial(_set_minor, is_minor=True)),
    (AREA, "not-minor"): Press(Action.DECIDE, partial(_set_minor, is_minor=False)),
}
