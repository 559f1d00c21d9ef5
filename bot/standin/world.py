"""What people do in the little Telegram: write, post, press, forward, add the bot and remove it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.standin import entities, media
from bot.standin.chats import NOT_FORWARDED, Chats
from bot.standin.files import StoredFile
from bot.standin.model import (
    PRESENT,
    RIGHTS,
    ActRefused,
    Chat,
    Clock,
    JsonObject,
    Kind,
    Member,
    Message,
    Status,
    User,
    epoch_s,
)

QUERY_LIFE = timedelta(seconds=150)
"""How long a bot may answer a pressed button."""

Role = Literal["channel", "closed", "victim", "staff"]


@dataclass(frozen=True)
class Pane:
    """A chat on the page, as one person sees it."""

    role: Role
    chat: Chat
    person: User


@dataclass
class Press:
    """A pressed inline button (`callback_query`) and the bot's answers to it."""

    id: str
    user: User
    message: Message
    data: str
    pressed_at: datetime
    answers: list[JsonObject] = field(default_factory=list)


class World(Chats):
    """The acts of people. Each raises ActRefused where Telegram would not let them."""

    def __init__(self, me: User, clock: Clock, *, reads_groups: bool = False) -> None:
        super().__init__(me, clock, reads_groups=reads_groups)
        self.presses: dict[str, Press] = {}
        self.panes: list[Pane] = []
        self.narration: dict[str, str] = {}
        self.on_device: dict[int, bytes] = {}
        """By user id, the JPEG that a person looks at on their own device."""
        self.commands: dict[tuple[str, str], list[JsonObject]] = {}
        """The bot's commands by scope and language."""

    # --- the page -----------------------------------------------------------------------------------

    def show(self, role: Role, chat: Chat, person: User) -> None:
        """Show a chat on the page, as `person` sees it; the panes stand in the order they were shown."""
        self.panes.append(Pane(role, chat, person))
        self.changed()

    def narrate(self, en: str, ko: str | None = None) -> None:
        """Say on the page, in one short line, what is happening."""
        self.narration = {"en": en, "ko": ko or en}
        self.changed()

    def look_at(self, person: User, picture: bytes) -> None:
        """Show on the page, and nowhere else, a JPEG that the person has on their own device: it is sent to nobody."""
        self.on_device[person.id] = picture
        self.changed()

    # --- writing ------------------------------------------------------------------------------------

    def send_text(self, user: User, chat: Chat, text: str, *, reply_to: Message | None = None) -> Message:
        """Write a message, or a post where `chat` is a channel. A reply may be to another chat."""
        formatted = entities.plain(text)
        if not formatted.text:
            raise ActRefused("A message needs a text.")
        if len(formatted.text) > 4096:
            raise ActRefused("A message has up to 4096 characters.")
        return self.post_raw(chat, formatted.fields("text"), user, reply_to=reply_to)

    def send_media(
        self,
        user: User,
        chat: Chat,
        fields: JsonObject,
        caption: str = "",
        *,
        reply_to: Message | None = None,
    ) -> Message:
        """Send what `bot.standin.media` made."""
        return self.post_raw(
            chat, fields | entities.plain(caption).fields("caption"), user, reply_to=reply_to
        )

    def send_photo(
        self,
        user: User,
        chat: Chat,
        photo: bytes | list[StoredFile],
        caption: str = "",
        *,
        spoiler: bool = False,
        reply_to: Message | None = None,
    ) -> Message:
        """Send a picture, recompressed in several sizes; stored sizes are sent again with their ids."""
        sizes = self.files.photo(photo) if isinstance(photo, bytes) else photo
        fields = media.photo(sizes) | ({"has_media_spoiler": True} if spoiler else {})
        return self.send_media(user, chat, fields, caption, reply_to=reply_to)

    def send_document(
        self,
        user: User,
        chat: Chat,
        document: bytes | StoredFile,
        file_name: str = "file.bin",
        caption: str = "",
        *,
        mime_type: str | None = None,
        thumbnail: bytes | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Send a file, byte for byte; a stored one is sent again with its ids."""
        stored = (
            self.files.document(document, file_name, mime_type) if isinstance(document, bytes) else document
        )
        fields = media.document(stored, media.thumbnail_of(self.files, thumbnail))
        return self.send_media(user, chat, fields, caption, reply_to=reply_to)

    def send_video(
        self, user: User, chat: Chat, data: bytes, caption: str = "", *, thumbnail: bytes | None = None
    ) -> Message:
        return self.send_media(user, chat, media.video(self.files, data, thumbnail=thumbnail), caption)

    def send_album(
        self, user: User, chat: Chat, parts: Sequence[JsonObject], caption: str = ""
    ) -> list[Message]:
        """Send 2 to 10 media as one: separate messages with one `media_group_id`, caption on the first."""
        if not 2 <= len(parts) <= 10:
            raise ActRefused("An album has 2 to 10 parts.")
        group = {"media_group_id": str(10**16 + secrets.randbelow(10**16))}
        captions = [caption] + [""] * (len(parts) - 1)
        return [
            self.send_media(user, chat, part | group, text)
            for part, text in zip(parts, captions, strict=True)
        ]

    def post_raw(
        self, chat: Chat, fields: JsonObject, sender: User, *, reply_to: Message | None = None
    ) -> Message:
        """Send a message of any content, also of kinds that nobody has heard of yet."""
        self._may_write(sender, chat)
        if chat.kind is Kind.CHANNEL and chat.signs_posts:
            fields = {**fields, "author_signature": sender.first_name}
        if reply_to and reply_to.chat is not chat:
            fields = {**fields, "external_reply": self.external_reply(reply_to)}
            reply_to = None
        if reply_to and chat.is_group:
            thread = reply_to.fields.get("message_thread_id", reply_to.id)
            fields = {**fields, "message_thread_id": thread}
        return self.publish(chat, fields, sender=sender, reply_to=reply_to)

    def comment(self, user: User, post: Message, text: str) -> Message:
        """Comment on a channel post, in the linked discussion group."""
        copy = self.discussion_copy(post)
        if copy is None:
            raise ActRefused("The channel has no discussion group, or the post is gone.")
        return self.send_text(user, copy.chat, text, reply_to=copy)

    def forward(self, user: User, message: Message, chat: Chat) -> Message:
        if "has_protected_content" in message.fields:
            raise ActRefused("The chat does not allow forwarding.")
        content = {name: value for name, value in message.fields.items() if name not in NOT_FORWARDED}
        return self.post_raw(chat, content | {"forward_origin": message.origin()}, user)

    def start(self, user: User, payload: str = "") -> Message:
        """Open the bot's chat, by a link with a payload perhaps."""
        return self.send_text(user, self.private(user), f"/start {payload}")

    # --- changing and deleting ------------------------------------------------------------------------

    def edit_text(self, user: User, message: Message, text: str) -> None:
        """Edit the text, or the caption of media."""
        self._may_change(user, message)
        name = "text" if "text" in message.fields else "caption"
        dropped = {name, "entities", "caption_entities"}
        kept = {k: v for k, v in message.fields.items() if k not in dropped}
        self.revise(message, kept | entities.plain(text).fields(name), message.reply_markup)

    def edit_media(self, user: User, message: Message, fields: JsonObject) -> None:
        """Replace the media of a message; caption and album stay."""
        self._may_change(user, message)
        kept_names = ("caption", "caption_entities", "media_group_id", "author_signature")
        kept = {k: message.fields[k] for k in kept_names if k in message.fields}
        self.revise(message, kept | fields, message.reply_markup)

    def delete(self, user: User, message: Message) -> None:
        if message.chat.kind is not Kind.PRIVATE and message.sender is not user:
            member = message.chat.member(user)
            if member is None or not member.has("can_delete_messages"):
                raise ActRefused("Only its author or an admin can delete this.")
        self.remove(message)

    # --- buttons --------------------------------------------------------------------------------------

    def press(self, user: User, message: Message, button: str) -> Press:
        """Press the inline button with this callback data, or this label."""
        self._may_read(user, message.chat)
        rows = (message.reply_markup or {}).get("inline_keyboard", [])
        found = [b for row in rows for b in row if button in {b.get("callback_data"), b["text"]}]
        if message.deleted_at or not found or "callback_data" not in found[0]:
            raise ActRefused(f"No button to press: {button}")
        now = self.clock()
        press = Press(str(10**18 + secrets.randbelow(10**18)), user, message, found[0]["callback_data"], now)
        self.presses[press.id] = press
        content = {
            "id": press.id,
            "from": user.as_dict(),
            "message": message.as_dict(),
            "chat_instance": str(abs(message.chat.id) * 7919),
            "data": press.data,
        }
        self.updates.push("callback_query", content, now, QUERY_LIFE)
        self.changed()
        return press

    def tap(self, user: User, chat: Chat, label: str, picked: Chat | None = None) -> Message:
        """Tap a button of the reply keyboard; `picked` is the answer to one that asks for a chat."""
        button = chat.button_below(label)
        if "web_app" in button:
            raise ActRefused("This button opens a page, which can hand something over.")
        if "request_chat" in button:
            if picked is None or picked not in self.pickable(user, button["request_chat"]):
                raise ActRefused("Pick one of the chats that the button offers.")
            sent = self._share(user, chat, button["request_chat"], picked)
        else:
            sent = self.send_text(user, chat, label)
        if chat.reply_keyboard and chat.reply_keyboard.get("one_time_keyboard"):
            chat.reply_keyboard = None
        return sent

    def hand_over(self, user: User, chat: Chat, label: str, data: str) -> Message:
        """What the page of such a button gives to `sendData`; Telegram closes the page then."""
        if "web_app" not in chat.button_below(label) or not 0 < len(data.encode()) <= 4096:
            raise ActRefused("The page that a button opened hands over up to 4096 bytes.")
        return self.post_raw(chat, {"web_app_data": {"button_text": label, "data": data}}, user)

    def pickable(self, user: User, request: JsonObject) -> list[Chat]:
        """The chats that Telegram offers this person for a `request_chat` button."""
        needed = _granted(request.get("user_administrator_rights"))
        wanted = []
        for chat in self.chats.values():
            member = chat.member(user)
            if member is None or (chat.kind is Kind.CHANNEL) != bool(request.get("chat_is_channel")):
                continue
            fits = all(member.has(right) for right in needed)
            if request.get("bot_administrator_rights"):
                fits = fits and member.has("can_promote_members")
            mine = self.my_member(chat)
            if request.get("bot_is_member"):
                fits = fits and mine is not None and mine.status in PRESENT
            if fits:
                wanted.append(chat)
        return wanted

    def _share(self, user: User, chat: Chat, request: JsonObject, picked: Chat) -> Message:
        rights = _granted(request.get("bot_administrator_rights"))
        if rights:
            self.add_bot_as_admin(picked, by=user, rights=rights)
        shared: JsonObject = {"request_id": request["request_id"], "chat_id": picked.id}
        if request.get("request_title"):
            shared["title"] = picked.title
        if request.get("request_username") and picked.username:
            shared["username"] = picked.username
        return self.post_raw(chat, {"chat_shared": shared}, user)

    # --- the bot in chats -----------------------------------------------------------------------------

    def add_bot_as_admin(self, chat: Chat, *, by: User, rights: Iterable[str] = ("can_manage_chat",)) -> None:
        """Add the bot as admin, or change its rights; the smallest right is the default."""
        member = chat.member(by)
        if member is None or not member.has("can_promote_members"):
            raise ActRefused("Only an admin who may add admins can do this.")
        self.place_me(chat, by, Status.ADMINISTRATOR, rights)

    def add_bot(self, chat: Chat, *, by: User) -> None:
        """Add the bot to a group as a plain member, or take its admin rights there."""
        if not chat.is_group:
            raise ActRefused("A channel takes a bot as admin only.")
        self._may_write(by, chat)
        self.place_me(chat, by, Status.MEMBER)

    def remove_bot(self, chat: Chat, *, by: User, banned: bool = True) -> None:
        """Remove the bot: banned as by "remove from channel", or only its admin rights taken there."""
        self.place_me(chat, by, Status.KICKED if banned else Status.LEFT)

    def block_bot(self, user: User) -> None:
        self._block(user, blocked=True)

    def unblock_bot(self, user: User) -> None:
        self._block(user, blocked=False)

    def _block(self, user: User, *, blocked: bool) -> None:
        chat = self.private(user)
        chat.blocked = blocked
        now = self.clock()
        was, then = (Status.MEMBER, Status.KICKED) if blocked else (Status.KICKED, Status.MEMBER)
        content = {
            "chat": chat.as_dict(),
            "from": user.as_dict(),
            "date": epoch_s(now),
            "old_chat_member": Member(self.me, was, now).as_dict(chat.kind),
            "new_chat_member": Member(self.me, then, now).as_dict(chat.kind),
        }
        self.updates.push("my_chat_member", content, now)
        self.changed()

    # --- groups ---------------------------------------------------------------------------------------

    def join(self, chat: Chat, user: User) -> None:
        chat.members[user.id] = Member(user, Status.MEMBER, self.clock())
        if chat.is_group:
            self.publish(chat, {"new_chat_members": [user.as_dict()]}, sender=user)

    def make_admin(self, chat: Chat, user: User, rights: Iterable[str] = RIGHTS) -> None:
        """Let a person administer a chat, with all rights of a full admin but for a channel's own."""
        chat.members[user.id] = Member(user, Status.ADMINISTRATOR, self.clock(), frozenset(rights))
        self.changed()

    def upgrade(self, group: Chat) -> Chat:
        """Turn a group into a supergroup: a new chat with a new id, the old one only points there."""
        if group.kind is not Kind.GROUP:
            raise ActRefused("Only a basic group can be upgraded.")
        owner = next(m.user for m in group.members.values() if m.status is Status.CREATOR)
        new = self.add_group(group.title, [owner])
        new.members = dict(group.members)
        self.publish(group, {"migrate_to_chat_id": new.id}, sender=owner)
        group.migrated_to = new
        self.publish(new, {"migrate_from_chat_id": group.id}, sender=owner)
        return new

    # --- may they? --------------------------------------------------------------------------------------

    def _may_write(self, user: User, chat: Chat) -> None:
        if chat.migrated_to:
            raise ActRefused("The group was upgraded; write in the new one.")
        if chat.kind is Kind.PRIVATE:
            if chat.person is not user:
                raise ActRefused("This private chat belongs to somebody else.")
            if chat.blocked:
                raise ActRefused("The person blocked the bot.")
            return
        member = chat.member(user)
        if member is None:
            raise ActRefused("Only members can write here.")
        if chat.kind is Kind.CHANNEL and not member.has("can_post_messages"):
            raise ActRefused("Only admins who may post can write in a channel.")

    def _may_read(self, user: User, chat: Chat) -> None:
        if chat.person is not user and chat.member(user) is None:
            raise ActRefused("Only members can see this chat.")

    def _may_change(self, user: User, message: Message) -> None:
        if message.deleted_at:
            raise ActRefused("The message is deleted.")
        member = message.chat.member(user)
        as_admin = message.chat.kind is Kind.CHANNEL and member and member.has("can_edit_messages")
        if message.sender is not user and not as_admin:
            raise ActRefused("Only its author can edit this.")

    def external_reply(self, message: Message) -> JsonObject:
        """The `external_reply` to a message of another chat: where it is from, and its media."""
        text_fields = {"text", "entities", "caption", "caption_entities"}
        content = {k: v for k, v in message.fields.items() if k not in NOT_FORWARDED | text_fields}
        content.pop("forward_origin", None)
        shown = {"origin": message.origin(), "message_id": message.id} | content
        return shown if message.chat.kind is Kind.PRIVATE else shown | {"chat": message.chat.as_dict()}


def _granted(rights: JsonObject | None) -> list[str]:
    return [name for name, granted in (rights or {}).items() if granted and name != "is_anonymous"]
