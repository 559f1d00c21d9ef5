"""The commands that look after the list: single hashes, and known-good pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.access import Action
from bot.chat.channel_view import pages, person
from bot.chat.desk import Command, Desk, number
from bot.chat.findings import finding_id
from bot.chat.wording import clipped, instant, plain
from bot.errors import Refused
from bot.model import Effect, FindingState, FingerprintId, KnownGoodId, Send, Talk
from bot.registered import defence
from bot.store import Tx, known_good
from bot.store.hashes import RegisteredHash
from bot.texts import text

_LISTED = 30
_NAMED = 10
_MAX_NAME = 40


async def show(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `F-12`, for all hashes that the finding shows, or `H-7`."""
    blocks = [_told(one, desk) for one in await _wanted(tx, words)]
    about = (finding_id(words, "/hash"),) if _names_finding(words) else ()
    return [Send(talk.chat_id, page, about=about) for page in pages([*blocks, desk.text("staff-hash-help")])]


async def disable(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    moved = await defence.disable(tx, await _wanted(tx, words), by=talk.person, now=desk.now())
    return await _announce(desk, tx, talk, "staff-hash-disabled", moved)


async def enable(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    moved = await defence.enable(tx, await _wanted(tx, words), by=talk.person, now=desk.now())
    return await _announce(desk, tx, talk, "staff-hash-enabled", moved)


async def set_radius(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `H-7 20` or `F-12 20`."""
    first, _, bits = words.strip().partition(" ")
    radius_bits = number(bits)
    if radius_bits is None:
        raise Refused("bad-radius", most=defence.MAX_RADIUS_BITS)
    wanted = await _wanted(tx, first)
    moved = await defence.set_radius(tx, wanted, radius_bits, by=talk.person, now=desk.now())
    return await _announce(desk, tx, talk, "staff-hash-radius", moved, bits=radius_bits)


async def name_known_good(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `F-12`."""
    muted = await defence.name_known_good(tx, finding_id(words, "/knowngood"), by=talk.person, now=desk.now())
    return await _announce(desk, tx, talk, "staff-known-good-added", muted)


async def list_known_good(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    listed, total = await known_good.listed(tx, _LISTED)
    if not total:
        return desk.reply(talk, "staff-known-good-none")
    lines = [
        desk.text(
            "staff-known-good-line",
            number=str(one.id),
            source=clipped(one.source, _MAX_NAME),
            by=desk.text("staff-known-good-imported")
            if one.added_by is None
            else clipped(one.added_by.name, _MAX_NAME),
            at=instant(one.added_at, desk.zone),
            mutes=one.mutes,
        )
        for one in listed
    ]
    head = desk.text("staff-known-good", count=total, listed=len(listed))
    return [Send(talk.chat_id, page) for page in pages([head, *lines])]


async def forget_known_good(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `G-3`."""
    known_id = number(re.sub(r"^[gG]-?", "", words.strip()))
    if known_id is None:
        raise Refused("which-known-good")
    await defence.forget_known_good(tx, KnownGoodId(known_id), by=talk.person, now=desk.now())
    message = desk.text(
        "staff-known-good-removed", number=str(known_id), by=person(talk.person, desk.language)
    )
    return await desk.announce(tx, message, said_in=talk.chat_id)


async def _wanted(tx: Tx, untrusted_text: str) -> list[RegisteredHash]:
    words = untrusted_text.strip()
    if _names_finding(words):
        return await defence.of_finding(tx, finding_id(words, "/hash"))
    fingerprint_id = number(re.sub(r"^[hH]-?", "", words))
    if fingerprint_id is None:
        raise Refused("which-hash")
    return await defence.one(tx, FingerprintId(fingerprint_id))


def _names_finding(untrusted_text: str) -> bool:
    return untrusted_text.strip()[:1] in ("F", "f")


def _told(one: RegisteredHash, desk: Desk) -> str:
    state = "muted" if one.muted_by is not None else one.state.value
    lines = [
        desk.text("staff-hash", number=str(one.id), case=one.case_number, kind=one.kind),
        desk.text(
            "staff-hash-state",
            state=plain(desk.language, f"staff-hash-state-{state}"),
            bits=one.radius_bits,
            at=instant(one.registered_at, desk.zone),
        ),
    ]
    if one.muted_by is not None:
        lines.append(desk.text("staff-hash-muted-by", number=str(one.muted_by)))
    if one.findings:
        counted = [
            f"{text(desk.language, f'finding-state-{state}')} {one.findings[state]}"
            for state in FindingState
            if state in one.findings
        ]
        lines.append(desk.text("staff-hash-findings", findings=" · ".join(counted)))
    return "\n".join(lines)


async def _announce(
    desk: Desk, tx: Tx, talk: Talk, key: str, moved: Sequence[FingerprintId], **values: int
) -> list[Effect]:
    named = ", ".join(f"H-{one}" for one in moved[:_NAMED]) + (" …" if len(moved) > _NAMED else "")
    message = desk.text(key, hashes=named, by=person(talk.person, desk.language), **values)
    return await desk.announce(tx, message, said_in=talk.chat_id)


COMMANDS = {
    "hash": Command(Action.CHANGE_HASHES, show),
    "hash disable": Command(Action.CHANGE_HASHES, disable),
    "hash enable": Command(Action.CHANGE_HASHES, enable),
    "hash radius": Command(Action.CHANGE_HASHES, set_radius),
    "knowngood": Command(Action.CHANGE_HASHES, name_known_good),
    "knowngood list": Command(Action.CHANGE_HASHES, list_known_good),
    "knowngood remove": Command(Action.CHANGE_HASHES, forget_known_good),
}
