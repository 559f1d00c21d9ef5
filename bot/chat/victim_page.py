"""What the page hands over where Telegram shows it: the hashes of a set of files, in parts, because Telegram takes only
so much at once and closes the page then.

Every part stands for itself and is registered when it comes. Anybody can hand over anything in any order, so that a
part is nothing but text with a number on it; the numbers only tell the person what is still missing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.chat.victim_reading import Said, read
from bot.chat.victim_screens import Name, Screens
from bot.chat.victim_state import PageSet, State
from bot.chat.victim_turn import Reply, Turn
from bot.model import Effect, PageButton, Send, SendPage
from bot.page import page_sha256
from matcher import HashTextError

MAX_BYTES = 4096
_ONE_FILE = timedelta(minutes=1)
_PART = re.compile(r"JKP1:([0-9a-f]{16}):([1-9][0-9]?):([1-9][0-9]?):([0-9a-f]{8})\n([^\0]+)")

ASKING = frozenset({Name.HASHES, Name.LOST})
"""The steps at which hashes are asked for."""


@dataclass(frozen=True)
class Part:
    """`lines` are the hashes; `set_id` is the same for all parts of what was chosen at once."""

    set_id: str
    number: int
    total: int
    lines: str


def read_part(untrusted_data: str) -> Part | None:
    """None for what is no part, or was changed on the way."""
    found = _PART.fullmatch(untrusted_data)
    if found is None or len(untrusted_data.encode("utf-8", "replace")) > MAX_BYTES:
        return None
    set_id, number, total, check, lines = found.groups()
    if int(number) > int(total) or check != check_of(set_id, int(number), int(total), lines):
        return None
    return Part(set_id, int(number), int(total), lines)


def check_of(set_id: str, number: int, total: int, lines: str) -> str:
    """The first eight hex digits of the SHA-256 of what else a part says."""
    told = f"{set_id}:{number}:{total}\n{lines}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:8]


def with_part(known: PageSet | None, part: Part) -> PageSet:
    """What has come of the newest set; a part of another one begins anew."""
    if known is None or (known.set_id, known.total) != (part.set_id, part.total):
        known = PageSet(part.set_id, part.total)
    return replace(known, came=tuple(sorted({*known.came, part.number})))


def read_hashes(state: State, untrusted_data: str) -> tuple[Said, PageSet] | None:
    """The hashes of a part, and what has come of its set by now; None where there is nothing of the kind."""
    part = read_part(untrusted_data)
    if part is None:
        return None
    try:
        said = read(part.lines)
    except HashTextError:
        return None
    return (said, with_part(state.page_set, part)) if said.hashes else None


def arrived(screens: Screens, page_set: PageSet) -> list[str]:
    """The notice of how far a set has come; none for one that is a single part."""
    total, missing = page_set.total, page_set.missing
    if total == 1:
        return []
    if not missing:
        return [screens.notice("victim-parts-all", total=total)]
    numbers = ", ".join(map(str, missing))
    return [screens.notice("victim-parts-missing", came=total - len(missing), total=total, missing=numbers)]


def sent_as_file(turn: Turn, now: datetime) -> Reply:
    """The page as a file, with what people check it by; once, however often the button is pressed."""
    sent_at = turn.state.page_sent_at
    if sent_at is not None and now - sent_at < _ONE_FILE:
        return Reply(turn.state)
    page = SendPage(turn.talk.chat_id, turn.screens.beside("victim-page-file", sha256=page_sha256()))
    return Reply(replace(turn.state, page_sent_at=now), effects=(page,))


def with_button(turn: Turn, reply: Reply, url: str | None, screens: Screens) -> tuple[list[Effect], Reply]:
    """The reply, after which the button that opens the page is put below the chat, or before which it is taken away.

    `screens` are in the language that the reply is in: a button in another is put there anew.
    """
    state = reply.state
    # Who hands something over has the button, whatever we remember.
    is_there = turn.state.has_page_button or turn.talk.page_data is not None
    is_wanted = url is not None and state is not None and _awaits_hashes(state)
    if state is not None:
        reply = replace(reply, state=replace(state, has_page_button=is_wanted))
    is_renamed = is_wanted and state is not None and state.language is not turn.state.language
    if is_there == is_wanted and not is_renamed:
        return [], reply
    chat_id = turn.talk.chat_id
    if url is not None and is_wanted:
        label = screens.notice("victim-button-page")
        told = screens.beside("victim-page-button", button=label)
        send = Send(chat_id, told, page_button=PageButton(label, url), silent=True)
        return [], replace(reply, effects=(*reply.effects, send))
    return [Send(chat_id, screens.beside("victim-page-button-gone"), clears_buttons=True, silent=True)], reply


def _awaits_hashes(state: State) -> bool:
    is_incomplete = state.page_set is not None and bool(state.page_set.missing)
    return state.step in ASKING or (is_incomplete and state.case_id is not None)
