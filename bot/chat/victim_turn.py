"""One turn of a victim's conversation: what it meets, and what it brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.chat.victim_photo import PhotoScreens
from bot.chat.victim_screens import Name, Screen
from bot.chat.victim_state import State
from bot.model import Answer, Delete, Edit, Effect, Send, Talk
from bot.store import Tx
from bot.store.cases import Case

PLACES = frozenset(
    {
        Name.START,
        Name.AGE,
        Name.HOME,
        Name.NUMBER,
        Name.LOST,
        Name.ADD,
        Name.STATUS,
        Name.FINDINGS,
        Name.WITHDRAW,
        Name.ERASE,
        Name.CLOSED,
        Name.PRIVACY,
        Name.PHOTO,
    }
)
"""Where a button may lead. Consent and what follows are reached by answers only."""


@dataclass(frozen=True)
class Turn:
    """Something said or pressed, and what it meets."""

    tx: Tx
    talk: Talk
    state: State
    case: Case | None
    screens: PhotoScreens
    is_first: bool
    """Whether nothing is remembered of an earlier one."""

    def at(self, step: Name) -> Turn:
        return replace(self, state=replace(self.state, step=step))

    def anew(self) -> Turn:
        """At the first screen, or at that of the case."""
        return self.at(Name.START if self.case is None else Name.HOME)


@dataclass(frozen=True)
class Reply:
    """Without a state the conversation is forgotten."""

    state: State | None
    screens: tuple[Screen, ...] = ()
    deletes: bool = False
    """Whether the message that was said, or whose button was pressed, is deleted."""
    below: bool = False
    effects: tuple[Effect, ...] = ()


def effects_of(talk: Talk, reply: Reply) -> Iterator[Effect]:
    if talk.callback_id is not None:
        yield Answer(talk.callback_id)
    if reply.deletes:
        yield Delete(talk.chat_id, talk.message_id)
    for position, screen in enumerate(reply.screens):
        if talk.callback_id is not None and position == 0 and not reply.below:
            yield Edit(talk.chat_id, talk.message_id, screen.text, screen.keyboard)
        else:
            yield Send(talk.chat_id, screen.text, screen.keyboard, protected=screen.protected)
    yield from reply.effects
