"""Where a victim's conversation is, as it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from bot.chat.victim_screens import Name
from bot.model import CaseId, ChatId, Language
from bot.store import Tx, conversations


@dataclass(frozen=True)
class PageSet:
    """The parts that came of a set of hashes, of which the page hands over one each time it is opened."""

    set_id: str
    total: int
    came: tuple[int, ...] = ()

    @property
    def missing(self) -> tuple[int, ...]:
        return tuple(number for number in range(1, self.total + 1) if number not in self.came)


@dataclass(frozen=True)
class State:
    """`case_id` is the case that this conversation opened or unlocked."""

    language: Language
    step: Name = Name.START
    case_id: CaseId | None = None
    had_case: bool = False
    """Whether a case was in reach of the last turn, by this conversation or by the link to the chat."""
    is_of_age: bool = False
    """Whether the question of age was answered for the hashes that come now."""
    number: str | None = None
    """The case number that was sent and still lacks its PIN."""
    aim: Name = Name.HOME
    """What the number and PIN are asked for."""
    media_answered_at: datetime | None = None
    shown_cases: tuple[CaseId, ...] | None = None
    """In place of a lost number: the cases that have hashes which were sent. There may be none, which nobody is told."""
    page_set: PageSet | None = None
    has_page_button: bool = False
    """Whether the button that opens the page is below the chat."""
    page_sent_at: datetime | None = None
    withdrawn_cases: tuple[CaseId, ...] = ()
    """Those that were withdrawn in this conversation. Nothing leads to them any more but deleting everything."""

    def begun_anew(self, step: Name, case_id: CaseId | None = None) -> State:
        """Of what was entered nothing is left; what is to be seen of the chat stays, and what may still be deleted."""
        return State(
            self.language,
            step,
            case_id,
            media_answered_at=self.media_answered_at,
            has_page_button=self.has_page_button,
            page_sent_at=self.page_sent_at,
            withdrawn_cases=self.withdrawn_cases,
        )


_STATE = TypeAdapter(State)


async def load(tx: Tx, chat_id: ChatId) -> State | None:
    """None where there is none, or one of an older version: nothing in it cannot be asked again."""
    stored = await conversations.get(tx, chat_id)
    try:
        return None if stored is None else _STATE.validate_python(stored)
    except ValidationError:
        return None


async def keep(tx: Tx, chat_id: ChatId, state: State | None, now: datetime) -> None:
    """Without a state the conversation is forgotten."""
    if state is None:
        await conversations.remove(tx, chat_id)
    else:
        await conversations.put(tx, chat_id, _STATE.dump_python(state, mode="json"), now)
