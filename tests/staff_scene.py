"""People who talk to the bot, for the tests of the staff's chat."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from store_makers import ADMIN, CHAT, NOW, STAFF, add_channel

from bot import people
from bot.chat.callback import encode
from bot.chat.router import Router
from bot.config import Config, from_values
from bot.model import (
    Answer,
    ChatId,
    ChatKind,
    Edit,
    Effect,
    Membership,
    MessageId,
    Person,
    Role,
    Send,
    Talk,
    UserId,
)
from bot.store import Tx

STAFF_CHAT = ChatId(-1007000000000)
VICTIM = Person(UserId(7_000_003), "누군가")
US = Person(UserId(123456789), "지킴이")
PEOPLE = {Role.ADMIN: ADMIN, Role.STAFF: STAFF, Role.VICTIM: VICTIM}
REFUSED = "사용할 수 없습니다."
"""In private, where a stranger must not learn more."""
NO_ROLE = "권한이 있는 직원만 쓸 수 있습니다. 관리자에게 문의해 주십시오."
"""In the staff chat."""


def make_config(*, photos: bool = False, **staff: Any) -> Config:
    token = f"{US.user_id}:" + "A" * 35
    return from_values(
        {
            "telegram": {"token": token, "admins": [ADMIN.user_id], "staff_chat": STAFF_CHAT},
            "victims": {"organisation": "지원센터"},
            "staff": staff,
            "matching": {"photos": {"enabled": photos}},
        }
    )


@dataclass
class VictimDouble:
    """Stands for the victim's conversation: answers buttons and remembers what it was told."""

    heard: list[Talk] = field(default_factory=list)

    async def handle(self, tx: Tx, talk: Talk) -> list[Effect]:
        self.heard.append(talk)
        return [] if talk.callback_id is None else [Answer(talk.callback_id)]


def talk(text: str = "", person: Person = ADMIN, *, private: bool = False, **more: Any) -> Talk:
    said = Talk(
        chat_id=ChatId(person.user_id) if private else STAFF_CHAT,
        chat_kind=ChatKind.PRIVATE if private else ChatKind.SUPERGROUP,
        person=person,
        language_code="ko",
        message_id=MessageId(50),
        text=text,
    )
    return replace(said, **more)


def press(area: str, action: str, *args: int | str, person: Person = ADMIN, **more: Any) -> Talk:
    return talk(person=person, callback_id="q", callback_data=encode(area, action, *args), **more)


def texts(effects: list[Effect]) -> str:
    return "\n".join(effect.text for effect in effects if isinstance(effect, Send | Edit | Answer))


async def add_staff(tx: Tx) -> None:
    await people.add_staff(tx, STAFF, {ADMIN.user_id}, by=ADMIN, now=NOW)


MEMBERSHIP = Membership(CHAT, ChatKind.CHANNEL, "뉴스 <b>", "somechannel", STAFF, True, True)


async def watched(tx: Tx, router: Router) -> int:
    channel = await add_channel(tx)
    await router.handle(tx, talk(f"/authorise {channel.id} 공문 1 2026-12-31"))
    return channel.id
