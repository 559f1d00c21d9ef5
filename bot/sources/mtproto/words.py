"""Messages as an account gets them, put into the words of the Bot API.

A post that the bot and an account both see is then one update with one key, and is read by one parser
(`bot.sources.updates`): nothing after it knows which of them saw it. Captions are left out.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from telethon import utils
from telethon.tl import types

from bot.accounts.following import FileName
from bot.model import ChatId, MessageId

_PHOTO, _DOCUMENT = 1, 2
_CHANNEL_ID = 10**12
_ZEROS = re.compile(rb"\0{1,250}")
_ODD = (AttributeError, LookupError, TypeError, ValueError, struct.error)
"""What reading a message stumbles over that Telegram made in a way that is not known here."""


@dataclass(frozen=True)
class File:
    """A file of a message; `path` as in `MediaRef`."""

    path: str
    unique_id: str
    location: Any
    dc_id: int
    size_bytes: int
    shape: tuple[int, int] | None = None
    """Width and height of a picture."""


def chat_id_of(channel_id: int) -> ChatId:
    """The id by which bots know a channel."""
    return ChatId(-_CHANNEL_ID - channel_id)


def channel_id_of(chat_id: ChatId) -> int:
    return -chat_id - _CHANNEL_ID


Heads = Mapping[int, dict[str, Any] | None]
"""By the id that a thread of a discussion group begins with: the channel's post there, as `reply_to_message`."""


def posts(
    messages: Iterable[Any], chats: Iterable[Any], heads: Heads = MappingProxyType({})
) -> list[dict[str, Any]]:
    """The updates for messages that hold media, in the order of their ids. `chats` came with them.

    A message that was edited is an edit, however it was come by: what it held before may be known already.
    """
    names = {chat.id: chat for chat in chats}
    found = sorted(messages, key=lambda message: message.id)
    return [post for message in found if (post := _read(message, names, heads)) is not None]


def _read(message: Any, chats: Mapping[int, Any], heads: Heads) -> dict[str, Any] | None:
    """What cannot be read stops nothing else: it becomes an update without a date, which is kept for a person."""
    try:
        return _post(message, chats, heads)
    except _ODD:
        chat = {"id": chat_id_of(message.peer_id.channel_id), "type": "channel"}
        return {"channel_post": {"message_id": message.id, "chat": chat}}


def threads(messages: Iterable[Any], chats: Iterable[Any]) -> set[int]:
    """The ids that threads begin with in which there are media, in a channel's discussion group."""
    # A group that a post was forwarded from may be closed to the account: of it less is known.
    linked = {
        chat.id for chat in chats if getattr(chat, "megagroup", False) and getattr(chat, "has_link", False)
    }
    return {
        thread
        for message in messages
        if isinstance(getattr(message, "peer_id", None), types.PeerChannel)
        and message.peer_id.channel_id in linked
        and (thread := _thread(message, in_group=True)) is not None
        and _has_files(message)
    }


def _has_files(message: Any) -> bool:
    try:
        return any(files(message))
    except _ODD:
        return False


def head(message: Any, chats: Iterable[Any]) -> dict[str, Any] | None:
    """A channel's post as it stands at the beginning of a thread; None where something else does."""
    forward = getattr(message, "fwd_from", None)
    if forward is None or not isinstance(forward.saved_from_peer, types.PeerChannel):
        return None
    names = {chat.id: chat for chat in chats}
    origin = {
        "type": "channel",
        "chat": _chat(forward.saved_from_peer.channel_id, names),
        "message_id": forward.saved_from_msg_id,
    }
    return {
        "message_id": message.id,
        # As of a message whose content is not shown: it is a post of its own, and is read where it stands.
        "date": 0,
        "chat": _chat(message.peer_id.channel_id, names),
        "is_automatic_forward": True,
        "forward_origin": origin,
    }


def _thread(message: Any, *, in_group: bool) -> int | None:
    reply = getattr(message, "reply_to", None)
    if not isinstance(reply, types.MessageReplyHeader):
        return None
    found: int | None = reply.reply_to_top_id or (reply.reply_to_msg_id if in_group else None)
    return found


def _post(message: Any, chats: Mapping[int, Any], heads: Heads) -> dict[str, Any] | None:
    if not isinstance(getattr(message, "peer_id", None), types.PeerChannel):
        return None
    media = _media(message)
    if not media:
        return None
    channel = message.peer_id.channel_id
    chat = _chat(channel, chats)
    body: dict[str, Any] = {"message_id": message.id, "date": _seconds(message.date), "chat": chat}
    if getattr(message, "edit_date", None):
        body["edit_date"] = _seconds(message.edit_date)
    if getattr(message, "grouped_id", None):
        body["media_group_id"] = str(message.grouped_id)
    if getattr(message, "post_author", None):
        body["author_signature"] = message.post_author
    sender = getattr(message, "from_id", None)
    if isinstance(sender, types.PeerChannel) and sender.channel_id != channel:
        body["sender_chat"] = _chat(sender.channel_id, chats)
    if thread := _thread(message, in_group=chat["type"] == "supergroup"):
        body |= {"message_thread_id": thread, "is_topic_message": bool(message.reply_to.forum_topic)}
        if replied := heads.get(thread):
            body["reply_to_message"] = replied
    if forward := getattr(message, "fwd_from", None):
        body["forward_origin"] = _origin(forward, chats)
    kind = "channel_post" if chat["type"] == "channel" else "message"
    return {f"edited_{kind}" if "edit_date" in body else kind: body | media}


def _chat(channel_id: int, chats: Mapping[int, Any]) -> dict[str, Any]:
    chat = chats.get(channel_id)
    kind = "supergroup" if getattr(chat, "megagroup", False) else "channel"
    said: dict[str, Any] = {
        "id": chat_id_of(channel_id),
        "type": kind,
        "title": getattr(chat, "title", None) or "",
    }
    if name := username(chat):
        said["username"] = name
    return said


def username(chat: Any) -> str | None:
    """The public name; a chat may have several, of which the first active one is shown."""
    if name := getattr(chat, "username", None):
        return str(name)
    return next((str(one.username) for one in getattr(chat, "usernames", None) or () if one.active), None)


def _origin(forward: Any, chats: Mapping[int, Any]) -> dict[str, Any]:
    if isinstance(forward.from_id, types.PeerChannel):
        origin: dict[str, Any] = {"type": "channel", "chat": _chat(forward.from_id.channel_id, chats)}
        if forward.channel_post:
            origin["message_id"] = forward.channel_post
        return origin
    if isinstance(forward.from_id, types.PeerUser):
        return {"type": "user", "sender_user": {"id": forward.from_id.user_id}}
    return {"type": "hidden_user", "sender_user_name": forward.from_name or ""}


def _media(message: Any) -> dict[str, Any]:
    """The media as the Bot API nests them: `video.thumbnail` is the thumbnail in the video."""
    media: dict[str, Any] = {}
    for file in files(message):
        name = FileName(chat_id_of(message.peer_id.channel_id), MessageId(message.id), file.unique_id)
        said: dict[str, Any] = {
            "file_id": str(name),
            "file_unique_id": file.unique_id,
            "file_size": file.size_bytes,
        }
        if file.shape is not None:
            said |= {"width": file.shape[0], "height": file.shape[1]}
        *parents, last = file.path.split(".")
        place = media
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = said
    content = getattr(message, "media", None)
    if isinstance(content, types.MessageMediaPaidMedia) and any(
        isinstance(part, types.MessageExtendedMediaPreview) for part in content.extended_media
    ):
        media.setdefault("paid_media", {})["paid_media"] = [{"type": "preview"}]
    if isinstance(content, types.MessageMediaStory):
        media["story"] = {"chat": {"id": utils.get_peer_id(content.peer)}, "id": content.id}
    return media


def files(message: Any) -> Iterator[File]:
    """Every picture and video of a message that can be downloaded."""
    yield from _of_media(getattr(message, "media", None), "")
    reply = getattr(message, "reply_to", None)
    if isinstance(reply, types.MessageReplyHeader) and reply.reply_media is not None:
        yield from _of_media(reply.reply_media, "external_reply.")
    action = getattr(message, "action", None)
    if isinstance(action, types.MessageActionChatEditPhoto):
        yield from _of_photo(action.photo, "new_chat_photo")


def _of_media(media: Any, above: str) -> Iterator[File]:
    match media:
        case types.MessageMediaPhoto():
            yield from _of_photo(media.photo, f"{above}photo")
            yield from _of_document(media.video, f"{above}live_photo")
        case types.MessageMediaDocument():
            kind = _kind(media.document)
            yield from _of_document(media.document, f"{above}{kind}")
            yield from _of_photo(media.video_cover, f"{above}{kind}.cover")
        case types.MessageMediaWebPage(webpage=types.WebPage() as page):
            yield from _of_photo(page.photo, f"{above}web_page.photo")
            yield from _of_document(page.document, f"{above}web_page.{_kind(page.document)}")
        case types.MessageMediaGame():
            yield from _of_photo(media.game.photo, f"{above}game.photo")
            yield from _of_document(media.game.document, f"{above}game.animation")
        case types.MessageMediaPoll():
            yield from _of_media(media.attached_media, f"{above}poll.")
        case types.MessageMediaPaidMedia():
            for number, part in enumerate(media.extended_media):
                if isinstance(part, types.MessageExtendedMedia):
                    yield from _of_media(part.media, f"{above}paid_media.{number}.")


def _kind(document: Any) -> str:
    """Which of the Bot API's fields a document would be in."""
    attributes = getattr(document, "attributes", None) or ()
    known = {type(attribute): attribute for attribute in attributes}
    audio = known.get(types.DocumentAttributeAudio)
    video = known.get(types.DocumentAttributeVideo)
    if audio is not None:
        return "voice" if audio.voice else "audio"
    if types.DocumentAttributeSticker in known:
        return "sticker"
    if types.DocumentAttributeAnimated in known:
        return "animation"
    if video is not None:
        return "video_note" if video.round_message else "video"
    return "document"


def _of_photo(photo: Any, path: str) -> Iterator[File]:
    if isinstance(photo, types.Photo):
        yield from _largest(photo.sizes, photo, path, types.InputPhotoFileLocation)


def _of_document(document: Any, path: str) -> Iterator[File]:
    if not isinstance(document, types.Document):
        return
    location = types.InputDocumentFileLocation(
        document.id, document.access_hash, document.file_reference, thumb_size=""
    )
    unique = _unique_id(struct.pack("<iq", _DOCUMENT, document.id))
    yield File(path, unique, location, document.dc_id, document.size)
    yield from _largest(document.thumbs or (), document, f"{path}.thumbnail", types.InputDocumentFileLocation)


def _largest(sizes: Iterable[Any], owner: Any, path: str, location: Any) -> Iterator[File]:
    known = [(size.w * size.h, size) for size in sizes if isinstance(size, _SIZES)]
    if known:
        _, size = max(known, key=lambda pair: pair[0])
        unique = struct.pack("<iqB", _PHOTO, owner.id, (ord(size.type) + 5) & 0xFF)
        where = location(owner.id, owner.access_hash, owner.file_reference, thumb_size=size.type)
        yield File(path, _unique_id(unique), where, owner.dc_id, _bytes_of(size), (size.w, size.h))


_SIZES = (types.PhotoSize, types.PhotoSizeProgressive, types.PhotoCachedSize)


def _bytes_of(size: Any) -> int:
    match size:
        case types.PhotoSizeProgressive():
            return int(max(size.sizes))
        case types.PhotoCachedSize():
            return len(size.bytes)
        case _:
            return int(size.size)


def _unique_id(identity: bytes) -> str:
    """The `file_unique_id` that the Bot API gives for the same file.

    As TDLib makes it (`FileNode::get_unique_id`): type, id and, of a picture, its size's letter; runs of zeros
    shortened; base64 without padding.
    """
    shortened = _ZEROS.sub(lambda run: bytes((0, len(run[0]))), identity)
    return base64.urlsafe_b64encode(shortened).rstrip(b"=").decode()


def _seconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())
