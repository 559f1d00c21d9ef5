"""A case number was lost: the same hashes, made again, stand in its place, and the PIN is asked for as ever.

Nobody is told whether anything is registered under the hashes.
"""

from __future__ import annotations

from dataclasses import replace

from bot.chat.victim_reading import Said
from bot.chat.victim_screens import Name
from bot.chat.victim_state import State
from bot.chat.victim_turn import Turn
from bot.victims.cases import MAX_SHOWN_CASES, Cases
from matcher import HashTextError


def expects_hashes(state: State) -> bool:
    return state.step is Name.LOST or (state.step is Name.PIN and state.shown_cases is not None)


def may_try(state: State) -> bool:
    """Whether a PIN has something to be tried with."""
    return state.number is not None or state.shown_cases is not None


async def shown(cases: Cases, turn: Turn, said: Said) -> tuple[Turn, str | None]:
    """What the hashes stand for is remembered, and the hashes are not. Returns a notice of those that are none."""
    prints = [one for _, one in said.hashes if not isinstance(one, HashTextError)]
    errors = [(number, one) for number, one in said.hashes if isinstance(one, HashTextError)]
    if prints:
        known = (*(turn.state.shown_cases or ()), *await cases.shown_by(turn.tx, prints))
        shown_cases = tuple(dict.fromkeys(known))[:MAX_SHOWN_CASES]
        turn = replace(turn, state=replace(turn.state, shown_cases=shown_cases, step=Name.PIN))
    return turn, turn.screens.not_taken(errors) if errors else None
