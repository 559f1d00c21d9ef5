"""What becomes of hashes that a victim sent, by hand or from the page."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.victim_page import arrived
from bot.chat.victim_reading import Said
from bot.chat.victim_screens import Name, Screen
from bot.chat.victim_state import PageSet
from bot.chat.victim_turn import Turn
from bot.errors import Refused
from bot.victims.cases import Cases
from matcher import HashTextError


async def take(
    cases: Cases, turn: Turn, said: Said, page_set: PageSet | None
) -> tuple[Turn, str, tuple[Screen, ...]]:
    """Register them, with a new case where there is none. Returns what to say of it, and what comes first.

    `page_set` is what came of the set of parts that they are of.
    """
    state, case, screens = turn.state, turn.case, turn.screens
    prints = [one for _, one in said.hashes if not isinstance(one, HashTextError)]
    errors = [(number, one) for number, one in said.hashes if isinstance(one, HashTextError)]
    notices = [screens.not_taken(errors)] if errors else []
    if page_set is not None:
        state = replace(state, page_set=page_set)
        notices += arrived(screens, page_set)
    first: tuple[Screen, ...] = ()
    if prints and case is None:
        try:
            opened = await cases.open(turn.tx, prints, chat_id=turn.talk.chat_id, language=state.language)
        except Refused as refused:
            return turn, screens.refused(refused), ()
        assert opened.case.number is not None
        case, state = opened.case, replace(state, case_id=opened.case.id, step=Name.CONTACT)
        first = (screens.numbers(opened.case.number, opened.pin),)
        notices.insert(0, screens.added(opened.added))
    elif prints and case is not None:
        added = await cases.add(turn.tx, case, prints, chat_id=turn.talk.chat_id)
        notices.insert(0, screens.added(added))
    return replace(turn, case=case, state=state), "\n\n".join(notices), first
