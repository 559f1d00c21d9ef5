"""Raw updates of the Bot API -> values of `bot.model`.

Only the few fields that we act on are validated; everything else may look as it likes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from bot.errors import PoisonUpdate
from bot.model import (
    ChatId,
    ChatKind,
    ChatMoved,
    MediaRef,
    Membership,
    MessageId,
    Origin,
    Person,
    Place,
    Post,
    Talk,
    UserId,
)
from bot.sources.found import EMBEDDED, find_media

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "my_chat_member",
    "callback_query",
)
"""The update kinds that we ask Telegram for."""


class _User(BaseModel):
    id: int
    first_name: str = ""
    last_name: str | None = None
    language_code: str | None = None

    def person(self) -> Person:
        return Person(UserId(self.id), " ".join(filter(None, (self.first_name, self.last_name))))


class _OtherChat(BaseModel):
    """A chat that something came from, of whatever kind."""

    id: int
    type: str
    title: str = ""
    username: str | None = None


class _Chat(_OtherChat):
    type: ChatKind


class _Origin(BaseModel):
    type: str
    chat: _OtherChat | None = None
    sender_chat: _OtherChat | None = None
    sender_user: _User | None = None
    sender_user_name: str | None = None
    message_id: int | None = None


class _Shared(BaseModel):
    chat_id: int


class _PageData(BaseModel):
    data: str


class _Message(BaseModel):
    message_id: int
    date: int
    chat: _Chat
    edit_date: int | None = None
    from_: _User | None = Field(None, alias="from")
    text: str = ""
    media_group_id: str | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    forward_origin: _Origin | None = None
    author_signature: str = ""
    sender_chat: _OtherChat | None = None
    reply_to_message: dict[str, Any] | None = None
    chat_shared: _Shared | None = None
    web_app_data: _PageData | None = None
    migrate_to_chat_id: int | None = None

    @field_validator(
        "edit_date",
        "from_",
        "media_group_id",
        "message_thread_id",
        "is_topic_message",
        "forward_origin",
        "author_signature",
        "sender_chat",
        "reply_to_message",
        mode="wrap",
    )
    @classmethod
    def _or_default(cls, untrusted: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        """What is new or odd beside the media of a post must not cost the post."""
        try:
            return read(untrusted)
        except ValidationError:
            return cls.model_fields[str(info.field_name)].default


class _CallbackMessage(BaseModel):
    message_id: int
    chat: _Chat


class _Callback(BaseModel):
    id: str
    from_: _User = Field(alias="from")
    message: _CallbackMessage | None = None
    data: str | None = None


class _Member(BaseModel):
    status: str
    is_member: bool = False


class _MyChatMember(BaseModel):
    chat: _Chat
    from_: _User = Field(alias="from")
    new_chat_member: _Member


@dataclass(frozen=True)
class Parsed:
    """What one update holds. A message of a group may be a post and talk at once; who reads it decides."""

    posts: tuple[Post, ...] = ()
    talk: Talk | None = None
    membership: Membership | None = None
    moved: ChatMoved | None = None


def kind_of(raw: dict[str, Any]) -> str:
    """The kind of a raw update, "unknown" if it is none that we asked for."""
    return next((kind for kind in KINDS if kind in raw), "unknown")


def key_of(raw: dict[str, Any]) -> str:
    """What makes two deliveries the same update. Update ids may start again after a quiet week, so they are no key.

    Edits have their media in it: two may be made within the second that `edit_date` tells. What has no date is no delivery
    of the message: an account could not read it, and the bot may yet.
    """
    kind = kind_of(raw)
    body = raw.get(kind)
    if isinstance(body, dict):
        if kind == "callback_query" and "id" in body:
            return f"{kind}:{body['id']}"
        chat = body.get("chat")
        if isinstance(chat, dict) and "id" in chat and "message_id" in body and "date" in body:
            key = f"{kind}:{chat['id']}:{body['message_id']}:{body.get('edit_date', '')}"
            shown = sorted(ref.file_unique_id for ref in find_media(body)) if "edit_date" in body else ()
            return ":".join((key, *shown))
    return f"{kind}:{hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()}"


def parse(untrusted_raw: dict[str, Any]) -> Parsed:
    """Read one raw update. Raises `PoisonUpdate` naming the fields that are wrong, never their values."""
    kind = kind_of(untrusted_raw)
    body = untrusted_raw.get(kind)
    try:
        match kind:
            case "callback_query":
                return _callback(_Callback.model_validate(body))
            case "my_chat_member":
                return _membership(_MyChatMember.model_validate(body))
            case "unknown":
                fields = ", ".join(sorted(key for key in untrusted_raw if key != "update_id"))
                raise PoisonUpdate(f"unknown kind of update: {fields[:120] or 'empty'}")
            case _:
                return _message(body, is_edit=kind.startswith("edited_"))
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, part["loc"])) or kind for part in error.errors())
        raise PoisonUpdate(f"{kind}: cannot read {fields[:120]}") from None


def _message(body: Any, *, is_edit: bool) -> Parsed:
    message = _Message.model_validate(body)
    if message.migrate_to_chat_id is not None:
        return Parsed(moved=ChatMoved(ChatId(message.chat.id), ChatId(message.migrate_to_chat_id)))
    media = tuple(find_media(body))
    talk = None
    if message.from_ is not None:
        talk = Talk(
            chat_id=ChatId(message.chat.id),
            chat_kind=message.chat.type,
            person=message.from_.person(),
            language_code=message.from_.language_code,
            message_id=MessageId(message.message_id),
            text=message.text,
            has_media=bool(media) or "voice" in body,
            is_edit=is_edit,
            text_file=_text_file(body, media),
            shared_chat_id=ChatId(message.chat_shared.chat_id) if message.chat_shared else None,
            page_data=message.web_app_data.data if message.web_app_data else None,
            reply_to=_replied_person(message),
            is_relayed="forward_origin" in body or "via_bot" in body,
        )
    posts: list[Post] = []
    if message.chat.type is not ChatKind.PRIVATE:
        posts.append(_post(message, media))
        for embedded in _embedded(body):
            inner = _read(embedded)
            if inner is not None and inner.chat.id == message.chat.id:
                posts.append(_post(inner, tuple(find_media(embedded))))
    return Parsed(posts=tuple(post for post in posts if post.media), talk=talk)


def _text_file(body: dict[str, Any], media: Sequence[MediaRef]) -> MediaRef | None:
    """The document that is all of the message's media, if its sender says that it is text."""
    document = body.get("document")
    if len(media) != 1 or media[0].path != "document" or not isinstance(document, dict):
        return None
    is_text = document.get("mime_type") == "text/plain" or str(document.get("file_name")).endswith(".txt")
    return media[0] if is_text else None


def _embedded(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in EMBEDDED:
        inner = body.get(key)
        # An inaccessible message (deleted, or too old) has date 0 and no content.
        if isinstance(inner, dict) and inner.get("date"):
            yield inner


def _read(embedded: dict[str, Any]) -> _Message | None:
    """None where it cannot be read, which must not cost the message that it is in."""
    try:
        return _Message.model_validate(embedded)
    except ValidationError:
        return None


def _replied_person(message: _Message) -> Person | None:
    """None where the message only is in a topic: Telegram tells all of these as replies to what began the topic."""
    reply = message.reply_to_message or {}
    if message.is_topic_message and reply.get("message_id") == message.message_thread_id:
        return None
    try:
        return _User.model_validate(reply.get("from")).person()
    except ValidationError:
        return None


def _post(message: _Message, media: tuple[MediaRef, ...]) -> Post:
    return Post(
        place=Place(
            chat_id=ChatId(message.chat.id),
            message_id=MessageId(message.message_id),
            username=message.chat.username,
            title=message.chat.title,
            thread_id=message.message_thread_id,
            is_topic=message.is_topic_message,
            in_album=message.media_group_id is not None,
            comment_of=_commented(message),
        ),
        chat_kind=message.chat.type,
        posted_at=_instant(message.date),
        edited_at=_instant(message.edit_date) if message.edit_date else None,
        album_id=message.media_group_id,
        origin=_origin(message.forward_origin) if message.forward_origin else None,
        signature=message.author_signature,
        sent_as=_sent_as(message),
        media=media,
    )


def _commented(message: _Message) -> Place | None:
    """The channel post that a message of the discussion group comments on, as far as the update shows it."""
    if message.reply_to_message is None or not message.reply_to_message.get("is_automatic_forward"):
        return None
    replied = _read(message.reply_to_message)
    return _origin(replied.forward_origin).place if replied and replied.forward_origin else None


def _sent_as(message: _Message) -> Origin | None:
    sender = message.sender_chat
    if sender is None or sender.id == message.chat.id:
        return None
    return Origin(
        sender.type, sender.title, Place(ChatId(sender.id), MessageId(0), sender.username, sender.title)
    )


def _origin(origin: _Origin) -> Origin:
    chat = origin.chat or origin.sender_chat
    if chat is not None:
        place = None
        if origin.message_id is not None:
            place = Place(ChatId(chat.id), MessageId(origin.message_id), chat.username, chat.title)
        return Origin(origin.type, chat.title, place)
    name = origin.sender_user.person().name if origin.sender_user else origin.sender_user_name
    return Origin(origin.type, name or "")


def _callback(callback: _Callback) -> Parsed:
    if callback.message is None:
        raise PoisonUpdate("callback_query: a button of a message that is gone")
    return Parsed(
        talk=Talk(
            chat_id=ChatId(callback.message.chat.id),
            chat_kind=callback.message.chat.type,
            person=callback.from_.person(),
            language_code=callback.from_.language_code,
            message_id=MessageId(callback.message.message_id),
            callback_id=callback.id,
            callback_data=callback.data or "",
        )
    )


def _membership(change: _MyChatMember) -> Parsed:
    new = change.new_chat_member
    return Parsed(
        membership=Membership(
            chat_id=ChatId(change.chat.id),
            chat_kind=change.chat.type,
            title=change.chat.title,
            username=change.chat.username,
            by=change.from_.person(),
            is_member=new.status in {"creator", "administrator", "member"} or new.is_member,
            is_admin=new.status in {"creator", "administrator"},
        )
    )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
