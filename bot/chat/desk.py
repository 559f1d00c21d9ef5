"""What every screen for staff starts from: who they are, where they sit, which language and time they read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.access import Action
from bot.channels import staff_chat
from bot.config import ReportConfig
from bot.errors import Refused
from bot.model import AlertId, ChatId, Effect, Keyboard, Language, Send, Talk, UserId
from bot.staff.addressees import Addressee
from bot.store import Tx
from bot.texts import Value, text

TellVictim = Callable[[Tx, AlertId], Awaitable[list[Effect]]]
"""What a confirmed alert brings to the victim, if the victim asked to be told."""

MAX_NUMBER_DIGITS = 15


@dataclass(frozen=True)
class Desk:
    language: Language
    zone: ZoneInfo
    admins: frozenset[UserId]
    configured_staff_chat: ChatId
    now: Callable[[], datetime]
    tell_victim: TellVictim | None = None
    searches_photos: bool = False
    second_person: bool = False
    addressees: Sequence[Addressee] = ()
    sender: ReportConfig = field(default_factory=ReportConfig)
    organisation: str = ""
    overdue_after: timedelta = timedelta(days=1)
    filings_per_day: int = 0

    def text(self, key: str, /, **values: Value) -> str:
        return text(self.language, key, **values)

    def today(self) -> date:
        """Where the staff are."""
        return self.now().astimezone(self.zone).date()

    async def staff_chat(self, tx: Tx) -> ChatId:
        return await staff_chat(tx, self.configured_staff_chat)

    def reply(self, talk: Talk, key: str, /, **values: Value) -> list[Effect]:
        return [Send(talk.chat_id, self.text(key, **values))]

    async def announce(
        self, tx: Tx, message: str, *, keyboard: Keyboard = (), said_in: ChatId | None = None
    ) -> list[Effect]:
        """Tell the staff chat, and whoever asked for it elsewhere."""
        chats = dict.fromkeys([*([] if said_in is None else [said_in]), await self.staff_chat(tx)])
        return [Send(chat_id, message, keyboard) for chat_id in chats]


@dataclass(frozen=True)
class Command:
    """A command, such as `staff add`, and who may give it. `run` gets the words after it; it may raise `Refused`."""

    action: Action
    run: Callable[[Desk, Tx, Talk, str], Awaitable[list[Effect]]]


@dataclass(frozen=True)
class Outcome:
    """What a pressed button brings: the words that Telegram shows for a moment, and effects."""

    answer: str = ""
    effects: Sequence[Effect] = field(default=())
    is_refusal: bool = False
    """Nothing was done as asked: the words stay until the person has read them."""


@dataclass(frozen=True)
class Press:
    """A button of staff, and who may press it. `run` may raise `Refused`."""

    action: Action
    run: Callable[[Desk, Tx, Talk, tuple[str, ...]], Awaitable[Outcome]]


def numbers(args: Sequence[str], count: int) -> list[int]:
    """The numbers that a button brought. Raises `Refused` `old-button` for anything else: anybody can send any data."""
    found = [one for arg in args if (one := number(arg)) is not None]
    if not len(args) == len(found) == count:
        raise Refused("old-button")
    return found


def number(untrusted_text: str) -> int | None:
    """A row number that a person typed or a button brought."""
    digits = untrusted_text.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_NUMBER_DIGITS):
        return None
    return int(digits)
