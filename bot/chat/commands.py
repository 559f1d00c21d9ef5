"""The command menus: what Telegram offers where somebody types a slash (`setMyCommands`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.chat.wording import plain
from bot.model import ChatId, Language, UserId

FOR_VICTIMS = ("start", "status", "withdraw", "delete", "privacy", "language", "help")
FOR_STAFF = (
    "queue",
    "finding",
    "note",
    "report",
    "reported",
    "hash",
    "knowngood",
    "channels",
    "health",
    "stats",
    "drill",
    "staff",
    "help",
)
FOR_ADMINS = (
    "queue",
    "finding",
    "note",
    "report",
    "reported",
    "hash",
    "knowngood",
    "channels",
    "addchannel",
    "authorise",
    "revoke",
    "leave",
    "history",
    "staff",
    "health",
    "stats",
    "drill",
    "poison",
    "retry",
    "help",
)


@dataclass(frozen=True)
class Menu:
    """`chat_id` None: every private chat. `language_code` None: clients in any language that has no menu."""

    commands: tuple[tuple[str, str], ...]
    """Names and descriptions."""
    chat_id: ChatId | None = None
    language_code: str | None = None


def menus(staff_language: Language, staff_chat: ChatId, admins: Collection[UserId]) -> list[Menu]:
    """Everybody sees the victims' commands. Staff's show only in the staff chat and in the admins' private chats."""
    return [
        Menu(_victims(Language.EN)),
        Menu(_victims(Language.KO), language_code=Language.KO.value),
        Menu(_staff(FOR_STAFF, staff_language), staff_chat),
        *(Menu(_staff(FOR_ADMINS, staff_language), ChatId(admin)) for admin in sorted(admins)),
    ]


def _victims(language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((name, plain(language, f"staff-menu-{name}")) for name in FOR_VICTIMS)


def _staff(names: tuple[str, ...], language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((name, plain(language, f"staff-command-{name}")) for name in names)
