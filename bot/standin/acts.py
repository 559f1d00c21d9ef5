"""Acts of people asked for in JSON: what the page's buttons and a test in another process send."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.standin import media
from bot.standin.faults import Faults
from bot.standin.model import ActRefused, Chat, JsonObject, Message, User
from bot.standin.state import chat_state, message_state
from bot.standin.world import World

Named = TypeVar("Named", User, Chat, Message)


class Request:
    """The JSON of an act; ids become what they name. Raises ActRefused where they name nothing."""

    def __init__(self, world: World, body: JsonObject) -> None:
        self._world = world
        self._body = body

    def get(self, name: str, default: Any = None) -> Any:
        return self._body.get(name, default)

    def text(self, name: str) -> str:
        return str(self._body.get(name) or "")

    def user(self, name: str = "user_id") -> User:
        return _named(self._world.users, self._body, name)

    def chat(self, name: str = "chat_id") -> Chat:
        return _named(self._world.chats, self._body, name)

    def message(self, name: str = "message_id", chat_name: str = "chat_id") -> Message:
        return _named(self.chat(chat_name).messages, self._body, name)

    def replied(self) -> Message | None:
        return self.message("reply_to") if self._body.get("reply_to") else None

    def parts(self) -> list[JsonObject]:
        return [dict(part) for part in self._body.get("parts") or []]


def _named(known: Mapping[int, Named], body: JsonObject, name: str) -> Named:
    try:
        return known[int(body[name])]
    except (KeyError, TypeError, ValueError):
        raise ActRefused(f"{name} is missing or names nothing: {body.get(name)!r}") from None


def _media(world: World, part: JsonObject) -> JsonObject:
    """The media fields of a part: `data` (base64), `as` (photo, document, video, ...), `name`."""
    try:
        data = b64decode(part.get("data") or "", validate=True)
    except Base64Error:
        raise ActRefused("data must be base64.") from None
    name = str(part.get("name") or "file.bin")
    files = world.files
    match part.get("as"):
        case "photo":
            return media.photo(files.photo(data))
        case "video":
            return media.video(files, data, file_name=name)
        case "animation":
            return media.animation(files, data)
        case "video_note":
            return media.video_note(files, data)
        case "sticker":
            return media.sticker(files, data)
        case "document":
            return media.document(files.document(data, name, part.get("mime_type")))
    raise ActRefused("as must be photo, document, video, animation, video_note or sticker.")


def _send_file(w: World, r: Request) -> JsonObject:
    fields = _media(w, {name: r.get(name) for name in ("data", "as", "name", "mime_type")})
    message = w.send_media(r.user(), r.chat(), fields, r.text("caption"), reply_to=r.replied())
    return message_state(message)


def _send_album(w: World, r: Request) -> list[JsonObject]:
    parts = [_media(w, part) for part in r.parts()]
    return [message_state(m) for m in w.send_album(r.user(), r.chat(), parts, r.text("caption"))]


def _send_text(w: World, r: Request) -> JsonObject:
    return message_state(w.send_text(r.user(), r.chat(), r.text("text"), reply_to=r.replied()))


def _post_raw(w: World, r: Request) -> JsonObject:
    return message_state(w.post_raw(r.chat(), dict(r.get("fields") or {}), r.user(), reply_to=r.replied()))


def _edit_text(w: World, r: Request) -> JsonObject:
    message = r.message()
    w.edit_text(r.user(), message, r.text("text"))
    return message_state(message)


def _edit_media(w: World, r: Request) -> JsonObject:
    message = r.message()
    fields = _media(w, {name: r.get(name) for name in ("data", "as", "name", "mime_type")})
    w.edit_media(r.user(), message, fields)
    return message_state(message)


def _tap(w: World, r: Request) -> JsonObject:
    picked = r.chat("picked_chat_id") if r.get("picked_chat_id") else None
    return message_state(w.tap(r.user(), r.chat(), r.text("text"), picked))


def _hand_over(w: World, r: Request) -> JsonObject:
    return message_state(w.hand_over(r.user(), r.chat(), r.text("text"), r.text("data")))


def _forward(w: World, r: Request) -> JsonObject:
    return message_state(w.forward(r.user(), r.message("message_id", "from_chat_id"), r.chat()))


def _add_user(w: World, r: Request) -> JsonObject:
    return w.add_user(r.text("first_name"), r.get("language_code"), r.get("username")).as_dict()


def _add_channel(w: World, r: Request) -> JsonObject:
    return chat_state(w.add_channel(r.text("title"), r.get("username"), owner=r.user("owner_id")), [])


def _add_group(w: World, r: Request) -> JsonObject:
    members = [w.users[int(user_id)] for user_id in r.get("member_ids") or [] if int(user_id) in w.users]
    if not members:
        raise ActRefused("member_ids must name at least one person; the first owns the group.")
    return chat_state(w.add_group(r.text("title"), members, supergroup=r.get("supergroup", True)), [])


def _add_bot_as_admin(w: World, r: Request) -> None:
    w.add_bot_as_admin(r.chat(), by=r.user(), rights=r.get("rights") or ["can_manage_chat"])


ACTS: dict[str, Callable[[World, Request], Any]] = {
    "send_text": _send_text,
    "send_file": _send_file,
    "send_album": _send_album,
    "post_raw": _post_raw,
    "comment": lambda w, r: message_state(w.comment(r.user(), r.message(), r.text("text"))),
    "forward": _forward,
    "edit_text": _edit_text,
    "edit_media": _edit_media,
    "delete": lambda w, r: w.delete(r.user(), r.message()),
    "press": lambda w, r: w.press(r.user(), r.message(), r.text("button")).id,
    "tap": _tap,
    "hand_over": _hand_over,
    "start": lambda w, r: message_state(w.start(r.user(), r.text("payload"))),
    "block_bot": lambda w, r: w.block_bot(r.user()),
    "unblock_bot": lambda w, r: w.unblock_bot(r.user()),
    "add_bot": lambda w, r: w.add_bot(r.chat(), by=r.user()),
    "add_bot_as_admin": _add_bot_as_admin,
    "remove_bot": lambda w, r: w.remove_bot(r.chat(), by=r.user(), banned=r.get("banned", True)),
    "upgrade": lambda w, r: chat_state(w.upgrade(r.chat()), []),
    "join": lambda w, r: w.join(r.chat(), r.user()),
    "make_admin": lambda w, r: w.make_admin(r.chat(), r.user()),
    "link_discussion": lambda w, r: w.link_discussion(r.chat("channel_id"), r.chat("group_id")),
    "add_user": _add_user,
    "add_channel": _add_channel,
    "add_group": _add_group,
    "show": lambda w, r: w.show(r.get("role"), r.chat(), r.user()),
    "inject_update": lambda w, r: w.updates.push_raw(dict(r.get("update") or {})),
}


def inject(faults: Faults, name: str, body: JsonObject) -> None:
    """Ask for a fault by the name of its function in Faults, with that function's arguments."""
    known: dict[str, Callable[..., None]] = {
        "too_many_requests": faults.too_many_requests,
        "refuse": faults.refuse,
        "break_server": faults.break_server,
        "hang": faults.hang,
        "drop": faults.drop,
        "lose_answer": faults.lose_answer,
        "truncate_download": faults.truncate_download,
        "shorten_download": faults.shorten_download,
        "clear": faults.clear,
    }
    if name not in known:
        raise ActRefused(f"Unknown fault: {name}. Known: {', '.join(known)}")
    try:
        known[name](**body)
    except TypeError as error:
        raise ActRefused(f"Wrong arguments for {name}: {error}") from None
