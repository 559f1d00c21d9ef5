"""The state of the little Telegram: who and what exists, what the bot gets to see of it, who watches."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Iterable
from datetime import timedelta

from bot.standin.files import FileStore
from bot.standin.model import (
    PRESENT,
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
from bot.standin.updates import UpdateQueue

TELEGRAM = User(777000, "Telegram")
"""Sends the automatic forwards of a channel into its discussion group."""

SERVICE_FIELDS = frozenset(
    {"new_chat_members", "left_chat_member", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message"}
)
NOT_FORWARDED = frozenset(
    {"author_signature", "media_group_id", "is_automatic_forward", "has_protected_content", "external_reply"}
)


class Chats:
    """Users, chats, messages and files. `me` is the bot; `reads_groups` is its privacy mode switched off."""

    def __init__(self, me: User, clock: Clock, *, reads_groups: bool = False) -> None:
        self.me = me
        self.clock = clock
        self.reads_groups = reads_groups
        self.version = 0
        self._watchers: set[asyncio.Future[None]] = set()
        self.files = FileStore()
        self.updates = UpdateQueue(clock, self.changed)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self._user_ids = itertools.count(7_100_000_001)
        self._group_ids = itertools.count(-4_200_000_001, -1)
        self._channel_ids = itertools.count(-1_002_300_000_001, -1)
        self._own_message_ids: dict[int, itertools.count[int]] = {}
        self._message_ids = itertools.count(1)

    # --- watching -----------------------------------------------------------------------------------

    def changed(self) -> None:
        """Tell whoever watches that something is different now."""
        self.version += 1
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)
        self._watchers.clear()

    async def next_change(self) -> None:
        watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers.add(watcher)
        try:
            await watcher
        finally:
            self._watchers.discard(watcher)

    async def until(self, holds: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Wait until `holds` is true, looking again at every change. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not holds():
                await self.next_change()

    # --- setting up ---------------------------------------------------------------------------------

    def add_user(
        self, first_name: str, language_code: str | None = None, username: str | None = None
    ) -> User:
        """A person, with a private chat to the bot that they have not started yet."""
        user = User(next(self._user_ids), first_name, language_code, username)
        self.users[user.id] = user
        self.chats[user.id] = Chat(user.id, Kind.PRIVATE, person=user)
        self.changed()
        return user

    def add_channel(self, title: str, username: str | None = None, *, owner: User) -> Chat:
        chat = Chat(next(self._channel_ids), Kind.CHANNEL, title, username)
        return self._found(chat, owner, [])

    def add_group(self, title: str, members: Iterable[User], *, supergroup: bool = True) -> Chat:
        """A group; the first member made it."""
        owner, *others = members
        ids, kind = (self._channel_ids, Kind.SUPERGROUP) if supergroup else (self._group_ids, Kind.GROUP)
        return self._found(Chat(next(ids), kind, title), owner, others)

    def _found(self, chat: Chat, owner: User, others: Iterable[User]) -> Chat:
        now = self.clock()
        chat.members[owner.id] = Member(owner, Status.CREATOR, now)
        for user in others:
            chat.members[user.id] = Member(user, Status.MEMBER, now)
        self.chats[chat.id] = chat
        self.changed()
        return chat

    def link_discussion(self, channel: Chat, group: Chat) -> None:
        """From now on every post of the channel is forwarded into the group by Telegram."""
        channel.linked, group.linked = group, channel

    # --- looking up ---------------------------------------------------------------------------------

    def private(self, user: User) -> Chat:
        """The private chat of a person with the bot."""
        return self.chats[user.id]

    def named(self, username: str) -> Chat | None:
        wanted = username.removeprefix("@").lower()
        public = (chat for chat in self.chats.values() if chat.username)
        return next((chat for chat in public if str(chat.username).lower() == wanted), None)

    def leave(self, chat: Chat, user: User) -> None:
        chat.members[user.id] = Member(user, Status.LEFT, self.clock())
        self.changed()

    def living(self, chat: Chat) -> list[Message]:
        """The messages that are still there, oldest first."""
        return [message for message in chat.messages.values() if message.deleted_at is None]

    def last(self, chat: Chat) -> Message:
        """The newest message that is still there. Raises IndexError in an empty chat."""
        return self.living(chat)[-1]

    def my_member(self, chat: Chat) -> Member | None:
        """What the bot is in the chat, also after it left; None if it never was there."""
        return chat.members.get(self.me.id)

    # --- messages -----------------------------------------------------------------------------------

    def publish(
        self,
        chat: Chat,
        fields: JsonObject,
        *,
        sender: User,
        shown_as: Chat | None = None,
        reply_to: Message | None = None,
        reply_markup: JsonObject | None = None,
    ) -> Message:
        """Put a message into a chat and give the bot the update it may have."""
        if chat.protects_content:
            fields = {**fields, "has_protected_content": True}
        if chat.kind is Kind.CHANNEL:
            shown_as = chat
        message = Message(
            chat, self._next_id(chat), self.clock(), fields, sender, shown_as, reply_to, reply_markup
        )
        chat.messages[message.id] = message
        self._offer(message, "channel_post" if chat.kind is Kind.CHANNEL else "message")
        if chat.kind is Kind.CHANNEL and chat.linked:
            content = {name: value for name, value in fields.items() if name != "author_signature"}
            origin = {"forward_origin": message.origin(), "is_automatic_forward": True}
            self.publish(chat.linked, content | origin, sender=TELEGRAM, shown_as=chat)
        self.changed()
        return message

    def revise(self, message: Message, fields: JsonObject, reply_markup: JsonObject | None = None) -> None:
        """Replace what a message says, here and in its automatic forward."""
        message.earlier.append({**message.fields, "reply_markup": message.reply_markup})
        message.fields = fields
        message.reply_markup = reply_markup
        message.edited_at = self.clock()
        self._offer(message, "edited_channel_post" if message.chat.kind is Kind.CHANNEL else "edited_message")
        if copy := self.discussion_copy(message):
            kept = {k: copy.fields[k] for k in ("forward_origin", "is_automatic_forward")}
            self.revise(copy, fields | kept)
        self.changed()

    def remove(self, message: Message) -> None:
        """Delete a message; Telegram tells a bot nothing of it."""
        message.deleted_at = self.clock()
        if copy := self.discussion_copy(message):
            copy.deleted_at = message.deleted_at
        self.changed()

    def discussion_copy(self, post: Message) -> Message | None:
        """The automatic forward of a channel post in the linked group."""
        if post.chat.kind is not Kind.CHANNEL or post.chat.linked is None:
            return None
        copies = (m for m in self.living(post.chat.linked) if m.fields.get("is_automatic_forward"))
        return next((m for m in copies if m.fields["forward_origin"]["message_id"] == post.id), None)

    def _next_id(self, chat: Chat) -> int:
        """Channels and supergroups count for themselves; private chats and groups share one count."""
        if chat.kind in {Kind.CHANNEL, Kind.SUPERGROUP}:
            return next(self._own_message_ids.setdefault(chat.id, itertools.count(1)))
        return next(self._message_ids)

    def _offer(self, message: Message, kind: str) -> None:
        if self._sees(message):
            self.updates.push(kind, message.as_dict(), message.edited_at or message.sent_at)

    def _sees(self, message: Message) -> bool:
        """Whether Telegram shows the bot this message (`need_skip_update_message`, privacy mode)."""
        chat = message.chat
        service = bool(SERVICE_FIELDS & message.fields.keys())
        if message.sender is self.me:
            return service and "left_chat_member" in message.fields
        if chat.kind is Kind.PRIVATE:
            return True
        mine = self.my_member(chat)
        if mine is None or mine.since_at > message.sent_at:
            return False
        if mine.status not in PRESENT:
            return service and message.fields.get("left_chat_member", {}).get("id") == self.me.id
        if mine.status is Status.ADMINISTRATOR or service:
            return True
        return chat.is_group and (self.reads_groups or self._meant_for_me(message))

    def _meant_for_me(self, message: Message) -> bool:
        if message.reply_to and message.reply_to.sender is self.me:
            return True
        name = (self.me.username or "").lower()
        text = message.text.lower()
        commands: list[str] = re.findall(r"(?:^|\s)/\w+(?:@(\w+))?", text)
        return any(addressee in {"", name} for addressee in commands) or f"@{name}" in text

    # --- the bot's own membership ---------------------------------------------------------------------

    def place_me(self, chat: Chat, by: User, status: Status, rights: Iterable[str] = ()) -> None:
        """Change what the bot is in a chat, and tell it with `my_chat_member`."""
        now = self.clock()
        old = self.my_member(chat)
        was = old.as_dict(chat.kind) if old else {"status": "left", "user": self.me.as_dict()}
        came = old is None or old.status not in PRESENT
        new = Member(self.me, status, now if came or old is None else old.since_at, frozenset(rights))
        chat.members[self.me.id] = new
        content = {
            "chat": chat.as_dict(),
            "from": by.as_dict(),
            "date": epoch_s(now),
            "old_chat_member": was,
            "new_chat_member": new.as_dict(chat.kind),
        }
        self.updates.push("my_chat_member", content, now)
        if chat.is_group and came and status in PRESENT:
            self.publish(chat, {"new_chat_members": [self.me.as_dict()]}, sender=by)
        elif chat.is_group and status not in PRESENT:
            self.publish(chat, {"left_chat_member": self.me.as_dict()}, sender=by)
        self.changed()

    def older_than(self, message: Message, age: timedelta) -> bool:
        return self.clock() - message.sent_at > age
