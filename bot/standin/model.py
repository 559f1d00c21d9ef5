"""What Telegram is made of: users, chats, members and messages, and how the Bot API writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]
Clock = Callable[[], datetime]
"""Answers the time now, aware, in UTC."""

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")


class ActRefused(Exception):
    """A person tried what Telegram would not let them do; the text says why."""


class ApiError(Exception):
    """The Bot API answers with an error.

    `code` is the HTTP status as well; `parameters` is Telegram's ResponseParameters.
    """

    def __init__(self, code: int, description: str, parameters: JsonObject | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(reason: str, parameters: JsonObject | None = None) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}", parameters)


def forbidden(reason: str) -> ApiError:
    return ApiError(403, f"Forbidden: {reason}")


def epoch_s(at: datetime) -> int:
    return int(at.timestamp())


class Kind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"


PRESENT = frozenset({Status.CREATOR, Status.ADMINISTRATOR, Status.MEMBER})


@dataclass(eq=False)
class User:
    id: int
    first_name: str
    language_code: str | None = None
    username: str | None = None
    is_bot: bool = False
    hides_forwards: bool = False
    """What they wrote is forwarded with their name only (`hidden_user`)."""

    def as_dict(self) -> JsonObject:
        shown: JsonObject = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            shown["username"] = self.username
        if self.language_code:
            shown["language_code"] = self.language_code
        return shown


@dataclass(eq=False)
class Member:
    user: User
    status: Status
    since_at: datetime
    rights: frozenset[str] = frozenset()

    def has(self, right: str) -> bool:
        return self.status is Status.CREATOR or (self.status is Status.ADMINISTRATOR and right in self.rights)

    def as_dict(self, kind: Kind) -> JsonObject:
        shown: JsonObject = {"status": self.status.value, "user": self.user.as_dict()}
        if self.status is Status.CREATOR:
            shown["is_anonymous"] = False
        elif self.status is Status.ADMINISTRATOR:
            of_kind = CHANNEL_RIGHTS if kind is Kind.CHANNEL else GROUP_RIGHTS
            shown |= {"can_be_edited": False, "is_anonymous": False}
            shown |= {right: right in self.rights for right in (*RIGHTS, *of_kind)}
        elif self.status is Status.KICKED:
            shown["until_date"] = 0
        return shown


@dataclass(eq=False)
class Chat:
    """A chat. A private one is the conversation of `person` with the bot and has their id."""

    id: int
    kind: Kind
    title: str = ""
    username: str | None = None
    person: User | None = None
    signs_posts: bool = False
    protects_content: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    linked: Chat | None = None
    """The discussion group of a channel, or the channel of a discussion group."""
    migrated_to: Chat | None = None
    blocked: bool = False
    reply_keyboard: JsonObject | None = None

    @property
    def is_group(self) -> bool:
        return self.kind in {Kind.GROUP, Kind.SUPERGROUP}

    def as_dict(self) -> JsonObject:
        shown: JsonObject = {"id": self.id, "type": self.kind.value}
        if self.person:
            shown["first_name"] = self.person.first_name
        else:
            shown["title"] = self.title
        username = self.person.username if self.person else self.username
        if username:
            shown["username"] = username
        return shown

    def member(self, user: User) -> Member | None:
        """Who is in the chat now; None for those who left or were removed."""
        found = self.members.get(user.id)
        return found if found and found.status in PRESENT else None

    def button_below(self, label: str) -> JsonObject:
        """A button of the reply keyboard. Raises ActRefused."""
        rows = (self.reply_keyboard or {}).get("keyboard", [])
        found: list[JsonObject] = [button for row in rows for button in row if button["text"] == label]
        if not found:
            raise ActRefused(f"No such button below the chat: {label}")
        return found[0]

    def administrators(self) -> list[Member]:
        return [m for m in self.members.values() if m.status in {Status.CREATOR, Status.ADMINISTRATOR}]


@dataclass(eq=False)
class Message:
    """A message. `fields` holds its content as the Bot API names it (text, photo, forward_origin, ...)."""

    chat: Chat
    id: int
    sent_at: datetime
    fields: JsonObject
    sender: User | None = None
    """The person behind it. A channel post shows the channel only; nobody is shown but by signature."""
    shown_as: Chat | None = None
    reply_to: Message | None = None
    reply_markup: JsonObject | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    earlier: list[JsonObject] = field(default_factory=list)
    """The contents before each edit, oldest first."""

    @property
    def text(self) -> str:
        """The text or the caption, or nothing."""
        return str(self.fields.get("text") or self.fields.get("caption") or "")

    def as_dict(self, *, nested: bool = True) -> JsonObject:
        shown: JsonObject = {
            "message_id": self.id,
            "date": epoch_s(self.sent_at),
            "chat": self.chat.as_dict(),
        }
        if self.chat.kind is not Kind.CHANNEL and self.sender:
            shown["from"] = self.sender.as_dict()
        if self.shown_as:
            shown["sender_chat"] = self.shown_as.as_dict()
        if self.edited_at:
            shown["edit_date"] = epoch_s(self.edited_at)
        if nested and self.reply_to and self.reply_to.deleted_at is None:
            shown["reply_to_message"] = self.reply_to.as_dict(nested=False)
        if self.reply_markup:
            shown["reply_markup"] = self.reply_markup
        return shown | self.fields

    def origin(self) -> JsonObject:
        """The MessageOrigin that a forward of this message carries."""
        if "forward_origin" in self.fields:
            return dict(self.fields["forward_origin"])
        date = epoch_s(self.sent_at)
        if self.shown_as and self.shown_as.kind is Kind.CHANNEL:
            origin = {
                "type": "channel",
                "date": date,
                "chat": self.shown_as.as_dict(),
                "message_id": self.id,
            }
            if signature := self.fields.get("author_signature"):
                origin["author_signature"] = signature
            return origin
        if self.shown_as:
            return {"type": "chat", "date": date, "sender_chat": self.shown_as.as_dict()}
        assert self.sender is not None
        if self.sender.hides_forwards:
            return {"type": "hidden_user", "date": date, "sender_user_name": self.sender.first_name}
        return {"type": "user", "date": date, "sender_user": self.sender.as_dict()}
