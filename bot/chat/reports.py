"""Staff make reports of findings, and say that they sent them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from html import escape

from bot.access import Action
from bot.accounts.filing import ADDRESSEE
from bot.chat import filing
from bot.chat.alert_view import REPORT
from bot.chat.callback import encode
from bot.chat.channel_view import pages
from bot.chat.desk import Command, Desk, Outcome, Press, number, numbers
from bot.chat.finding_view import render_finding
from bot.chat.findings import finding_id
from bot.chat.wording import MAX_TEXT, plain
from bot.errors import Refused
from bot.model import (
    Button,
    CaseId,
    ChannelId,
    Effect,
    FindingId,
    Keyboard,
    PacketId,
    Send,
    SendFile,
    ShowAlert,
    Talk,
)
from bot.staff import addressees, packet, reports
from bot.staff.addressees import Addressee
from bot.staff.reports import CONFIGURED, REPORTABLE, Packet
from bot.store import Tx, cases
from bot.store import casework as rows
from bot.store.casework import Wanted

_CUT = "\n…"


async def choose(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `F-12`, `case JK-…` or `channel 3`."""
    return await _choices(desk, tx, talk, await _target(tx, words))


async def reported(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `F-12 <addressee> <their number>`; the number may be missing."""
    first, key, *ticket = words.split() if len(words.split()) > 1 else [words, ""]
    finding = await reports.sent(
        tx,
        finding_id(first, "/reported"),
        _addressee(desk, key).key,
        " ".join(ticket),
        by=talk.person,
        now=desk.now(),
    )
    again = await rows.of_same_picture(tx, finding)
    message, keyboard = render_finding(finding, again, desk.addressees, desk.language, desk.zone)
    card = Send(talk.chat_id, message, keyboard, about=(finding.id,))
    return [card, ShowAlert(finding.alert_id)]


async def _target(tx: Tx, words: str) -> str:
    kind, _, value = words.strip().partition(" ")
    match kind.lower():
        case "case":
            found = await cases.by_number(tx, value.strip().upper())
            if found is None:
                raise Refused("unknown-case")
            return f"case-{found[0].id}"
        case "channel":
            channel = number(value)
            if channel is None:
                raise Refused("which-channel")
            return f"channel-{channel}"
        case _:
            return f"finding-{finding_id(kind, '/report')}"


async def _findings(tx: Tx, target: str, addressee: str | None = None) -> tuple[list[FindingId], int]:
    """Those that one packet holds, and how many there are in all."""
    kind, _, value = target.partition("-")
    key = number(value)
    if key is None:
        raise Refused("old-button")
    match kind:
        case "finding":
            return [FindingId(key)], 1
        case "case":
            return await reports.reportable(tx, Wanted(REPORTABLE, case_id=CaseId(key)), addressee)
        case "channel":
            return await reports.reportable(tx, Wanted(REPORTABLE, channel_id=ChannelId(key)), addressee)
        case _:
            raise Refused("old-button")


async def _choices(desk: Desk, tx: Tx, talk: Talk, target: str) -> list[Effect]:
    ids, _ = await _findings(tx, target)
    if not ids:
        raise Refused("nothing-to-report")
    is_minor = any([(await reports.to_report(tx, one)).is_minor for one in ids])
    suited = addressees.suited(desk.addressees, is_minor=is_minor)
    head = desk.text("report-choose-minor" if is_minor else "report-choose", findings=_numbers(ids))
    lines = [
        desk.text("report-addressee", name=one.name[desk.language], when=one.when[desk.language])
        for one in suited
    ]
    keyboard = tuple(
        (Button(one.name[desk.language], encode(REPORT, "make", one.key, target)),) for one in suited
    )
    *first, last = pages([head, *lines])
    about = tuple(ids)
    return [
        *(Send(talk.chat_id, page, about=about) for page in first),
        Send(talk.chat_id, last, keyboard, about=about),
    ]


async def _choose(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    [finding] = numbers(args, 1)
    return Outcome(effects=await _choices(desk, tx, talk, f"finding-{finding}"))


async def _make(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    if len(args) != 2:
        raise Refused("old-button")
    key, target = args
    addressee = _addressee(desk, key)
    ids, total = await _findings(tx, target, key)
    made = await reports.make(
        tx,
        ids,
        addressee,
        desk.sender,
        desk.organisation,
        by=talk.person,
        now=desk.now(),
    )
    message, keyboard = _made(desk, made, total)
    if key == ADDRESSEE and len(made.findings) == 1:
        keyboard += await filing.button(tx, made.findings[0], desk.language)
    # Of two hundred posts that is a fifth of a second.
    archive = await asyncio.to_thread(packet.archive, made)
    content, about = base64.b64encode(archive).decode(), tuple(made.findings)
    effects: list[Effect] = [
        SendFile(talk.chat_id, f"{made.name}.zip", content, silent=True, about=about),
        Send(talk.chat_id, message, keyboard, about=about),
    ]
    return Outcome(plain(desk.language, "report-answer-made"), effects)


def _made(desk: Desk, made: Packet, total: int) -> tuple[str, Keyboard]:
    addressee = made.addressee
    lines = [
        desk.text(
            "report-made",
            name=addressee.name[desk.language],
            findings=_numbers(made.findings),
            to=addressee.to,
            steps=addressee.steps[desk.language],
        )
    ]
    if total > len(made.findings):
        lines.append(desk.text("report-made-part", count=len(made.findings), total=total))
    by_configuration = [need for need in made.missing if need in CONFIGURED]
    by_hand = [need for need in made.missing if need not in CONFIGURED]
    for key, missing in (
        ("report-made-missing-configured", by_configuration),
        ("report-made-missing", by_hand),
    ):
        if missing:
            needs = ", ".join(plain(desk.language, f"report-need-{need}") for need in missing)
            lines.append(desk.text(key, needs=needs))
    lines.append(desk.text("report-copy"))
    head = "\n\n".join(lines) + "\n\n"
    room = MAX_TEXT - len(head) - len("<pre></pre>")
    message = f"{head}<pre>{_fitting(packet.brief(made), room)}</pre>"
    button = Button(plain(desk.language, "report-button-sent"), encode(REPORT, "sent", made.id))
    return message, ((button,),)


def _fitting(plain_text: str, room: int) -> str:
    """Escaped, and cut where it is longer than there is room for."""
    if len(escape(plain_text, quote=False)) <= room:
        return escape(plain_text, quote=False)
    while plain_text and len(escape(plain_text + _CUT, quote=False)) > room:
        plain_text = plain_text[:-50]
    return escape(plain_text + _CUT, quote=False)


async def _sent(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    [packet_id] = numbers(args, 1)
    addressee, told = await reports.packet_sent(tx, PacketId(packet_id), by=talk.person, now=desk.now())
    alerts = dict.fromkeys(finding.alert_id for finding in told)
    ticket = desk.text("report-sent-ticket", finding=str(told[0].id), addressee=addressee)
    return Outcome(
        plain(desk.language, "report-answer-sent"),
        [*(ShowAlert(alert_id) for alert_id in alerts), Send(talk.chat_id, ticket, about=(told[0].id,))],
    )


def _addressee(desk: Desk, key: str) -> Addressee:
    found = next((one for one in desk.addressees if one.key == key), None)
    if found is None:
        raise Refused("which-addressee", known=", ".join(one.key for one in desk.addressees))
    return found


def _numbers(ids: Sequence[FindingId]) -> str:
    return f"F-{ids[0]}" if len(ids) == 1 else f"F-{ids[0]} … F-{ids[-1]} ({len(ids)})"


COMMANDS = {
    "report": Command(Action.DECIDE, choose),
    "reported": Command(Action.DECIDE, reported),
}

BUTTONS = {
    (REPORT, "choose"): Press(Action.DECIDE, _choose),
    (REPORT, "make"): Press(Action.DECIDE, _make),
    (REPORT, "sent"): Press(Action.DECIDE, _sent),
}
