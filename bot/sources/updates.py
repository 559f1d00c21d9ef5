"""Raw updates of the Bot API -> values of `bot.model`.

Media are found by walking the raw JSON for anything that has a `file_id` and a `file_unique_id`, because Telegram
adds new places for them faster than any library learns of (`rich_message` in Bot API 10.1, say). Only the few
fields that we act on are validated; everything else may look as it likes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

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

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "my_chat_member",
    "callback_query",
)
"""The update kinds that we ask Telegram for."""

_EMBEDDED = ("reply_to_message", "pinned_message")
"""Messages inside a message: they have a place of their own, so they are posts of their own."""

_NOT_MEDIA = frozenset(
    {"chat", "from", "sender_chat", "via_bot", "forward_origin", "origin", "voice", "qualities"}
)
"""Keys that hold no picture or video of this post; `qualities` are smaller re-encodings of a video beside them."""

_MAX_DEPTH = 24


class _Raw(BaseModel):
    pass


class _User(_Raw):
    id: int
    first_name: str = ""
    last_name: str | None = None
    language_code: str | None = None

    def person(self) -> Person:
        return Person(UserId(self.id), " ".join(filter(None, (self.first_name, self.last_name))))


class _Chat(_Raw):
    id: int
    type: ChatKind
    title: str = ""
    username: str | None = None


class _Origin(_Raw):
    type: str
    chat: _Chat | None = None
    sender_chat: _Chat | None = None
    sender_user: _User | None = None
    sender_user_name: str | None = None
    message_id: int | None = None


class _Shared(_Raw):
    chat_id: int


class _PageData(_Raw):
    data: str


class _Message(_Raw):
    message_id: int
    date: int
    chat: _Chat
    edit_date: int | None = None
    from_: _User | None = Field(None, alias="from")
    text: str = ""
    media_group_id: str | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    is_automatic_forward: bool = False
    forward_origin: _Origin | None = None
    author_signature: str = ""
    sender_chat: _Chat | None = None
    reply_to_message: dict[str, Any] | None = None
    chat_shared: _Shared | None = None
    web_app_data: _PageData | None = None
    migrate_to_chat_id: int | None = None


class _CallbackMessage(_Raw):
    message_id: int
    chat: _Chat


class _Callback(_Raw):
    id: str
    from_: _User = Field(alias="from")
    message: _CallbackMessage | None = None
    data: str | None = None


class _Member(_Raw):
    status: str
    is_member: bool = False


class _MyChatMember(_Raw):
    chat: _Chat
    from_: _User = Field(alias="from")
    date: int
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
    """What makes two deliveries the same update. Update ids may start again after a quiet week, so they are no key."""
    kind = kind_of(raw)
    body = raw.get(kind)
    if isinstance(body, dict):
        if kind == "callback_query" and "id" in body:
            return f"{kind}:{body['id']}"
        chat = body.get("chat")
        if isinstance(chat, dict) and "id" in chat and "message_id" in body:
            return f"{kind}:{chat['id']}:{body['message_id']}:{body.get('edit_date', '')}"
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
        reply = message.reply_to_message or {}
        talk = Talk(
            chat_id=ChatId(message.chat.id),
            chat_kind=message.chat.type,
            person=message.from_.person(),
            language_code=message.from_.language_code,
            message_id=MessageId(message.message_id),
            said_at=_instant(message.edit_date or message.date),
            text=message.text,
            has_media=bool(media) or "voice" in body,
            is_edit=is_edit,
            text_file=_text_file(body, media),
            shared_chat_id=ChatId(message.chat_shared.chat_id) if message.chat_shared else None,
            page_data=message.web_app_data.data if message.web_app_data else None,
            reply_to_message_id=MessageId(reply["message_id"]) if "message_id" in reply else None,
            reply_to=_sender(reply),
        )
    posts: list[Post] = []
    if message.chat.type is not ChatKind.PRIVATE:
        posts.append(_post(message, media))
        for embedded in _embedded(body):
            inner = _Message.model_validate(embedded)
            if inner.chat.id == message.chat.id:
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
    for key in _EMBEDDED:
        inner = body.get(key)
        # An inaccessible message (deleted, or too old) has date 0 and no content.
        if isinstance(inner, dict) and inner.get("date"):
            yield inner


def _sender(reply: dict[str, Any]) -> Person | None:
    sender = reply.get("from")
    return _User.model_validate(sender).person() if sender else None


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
    origin = _Message.model_validate(message.reply_to_message).forward_origin
    return _origin(origin).place if origin else None


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
            said_at=datetime.fromtimestamp(0, UTC),
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
            changed_at=_instant(change.date),
        )
    )


def find_media(untrusted_message: dict[str, Any]) -> Iterator[MediaRef]:
    """Every media of a message, each file once, in the order of the JSON.

    Of a list of sizes of one picture only the largest. Media that Telegram shows people but gives no bot a file
    for (paid previews, stories) come without a `file_id`.
    """
    seen: set[str] = set()
    for ref in _walk(untrusted_message, "", 0):
        if ref.file_unique_id not in seen:
            seen.add(ref.file_unique_id)
            yield ref


def _walk(node: Any, path: str, depth: int) -> Iterator[MediaRef]:
    if depth > _MAX_DEPTH:
        raise PoisonUpdate("message: nested too deeply")
    if isinstance(node, list):
        if node and all(_is_size(entry) for entry in node):
            yield _ref(max(node, key=lambda size: size["width"] * size["height"]), path)
        else:
            for entry in node:
                yield from _walk(entry, path, depth + 1)
    elif isinstance(node, dict):
        if _is_file(node):
            if not path.endswith("audio"):
                yield _ref(node, path)
        elif node.get("type") == "preview" and path.endswith("paid_media"):
            yield MediaRef(path, "paid_media", None, path)
        for key, value in node.items():
            if key in {"story", "reply_to_story"} and isinstance(value, dict):
                yield MediaRef(_join(path, key), key, None, f"{key}:{json.dumps(value, sort_keys=True)}")
            elif key not in _NOT_MEDIA and not (depth == 0 and key in _EMBEDDED):
                yield from _walk(value, _join(path, key), depth + 1)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _is_file(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("file_id"), str)
        and isinstance(node.get("file_unique_id"), str)
    )


def _is_size(node: Any) -> bool:
    return (
        _is_file(node)
        and isinstance(node.get("width"), int)
        and isinstance(node.get("height"), int)
        and "mime_type" not in node
        and "duration" not in node
        and "type" not in node
    )


def _ref(node: dict[str, Any], path: str) -> MediaRef:
    size = node.get("file_size")
    return MediaRef(
        path=path,
        kind=path.rsplit(".", 1)[-1],
        file_id=node["file_id"],
        file_unique_id=node["file_unique_id"],
        size_bytes=size if isinstance(size, int) else None,
    )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
