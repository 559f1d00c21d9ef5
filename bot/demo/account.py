"""The demo's account: a member of channels of the little Telegram, who sees there what an account sees.

It stands where `bot.sources.mtproto.client` does: the demo is installed without Telethon, which is an extra and needs a
package that comes as source only. What is behind it, from the position in the database to the finding that is closed, is
what runs in earnest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from bot.accounts.filing import Comment, Filed, Menu
from bot.accounts.following import Chat as Seen
from bot.accounts.following import Difference, FileName, Page
from bot.accounts.joining import Joined, Link, NeedsPerson, Pending
from bot.errors import FileGone, NotInChannel
from bot.model import ChatId, ChatKind, MessageId
from bot.standin import Chat, Message, User, World
from bot.store.casework import Recheck
from bot.store.filings import Option

PAGE_MESSAGES = 100
_MENU = Menu((Option("Illegal adult content", "01"), Option("Personal details", "02")))


class _Change(NamedTuple):
    message: Message
    is_deletion: bool


class DemoAccount:
    """Sees what happens in its channels from when it was made."""

    def __init__(self, world: World, person: User, invites: dict[str, Chat]) -> None:
        """`invites` lead into chats that have no public name."""
        self._world = world
        self._person = person
        self._invites = invites
        self._known: dict[Message, tuple[object, object]] = {}
        self._changes: dict[Chat, list[_Change]] = {}

    @asynccontextmanager
    async def connect(self, session: str, hint: Callable[[ChatId], None]) -> AsyncIterator[DemoAccount]:
        """As `bot.accounts.running.Connect`; the session opens nothing here."""
        watching = asyncio.create_task(self._watch(hint))
        try:
            yield self
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self, hint: Callable[[ChatId], None]) -> None:
        while True:
            for chat in self._world.chats.values():
                if chat.member(self._person) and self._look_for_changes(chat):
                    hint(ChatId(chat.id))
            await self._world.next_change()

    def _look_for_changes(self, chat: Chat) -> bool:
        """Note what is new, edited or deleted; how many changes there are is the channel's state."""
        changes = self._changes.setdefault(chat, [])
        before = len(changes)
        for message in chat.messages.values():
            now = (message.edited_at, message.deleted_at)
            if self._known.get(message) != now:
                self._known[message] = now
                changes.append(_Change(message, message.deleted_at is not None))
        return len(changes) > before

    def _chat(self, seen: Seen) -> Chat:
        """Raises `NotInChannel`."""
        chat = self._world.chats.get(seen.chat_id)
        if chat is None or not chat.member(self._person):
            raise NotInChannel
        return chat

    async def difference(self, chat: Seen, pts: int) -> Difference:
        here = self._chat(chat)
        self._look_for_changes(here)
        changes = self._changes[here]
        news = [change.message for change in changes[pts:] if not change.is_deletion]
        return Difference(
            len(changes),
            posts=_posts(message for message in news if message.deleted_at is None),
            deleted=[MessageId(change.message.id) for change in changes[pts:] if change.is_deletion],
            newest_id=max((message.id for message in news), default=0),
        )

    async def state(self, chat: Seen) -> tuple[int, int]:
        here = self._chat(chat)
        self._look_for_changes(here)
        return len(self._changes[here]), max(here.messages, default=0)

    async def after(self, chat: Seen, message_id: int) -> Page:
        newer = [message for message in self._world.living(self._chat(chat)) if message.id > message_id]
        return _page(newer[:PAGE_MESSAGES])

    async def before(self, chat: Seen, message_id: int, limit: int) -> Page:
        living = self._world.living(self._chat(chat))
        older = [message for message in living if not message_id or message.id < message_id]
        return _page(older[-min(limit, PAGE_MESSAGES) :])

    async def look(self, chat: Seen, message_id: MessageId) -> Recheck:
        message = self._chat(chat).messages.get(message_id)
        return Recheck.UP if message is not None and message.deleted_at is None else Recheck.GONE

    async def fetch(self, chat: Seen, name: FileName, max_bytes: int) -> bytes:
        """Raises `FileGone`."""
        message = self._chat(chat).messages.get(name.message_id)
        if message is None or message.deleted_at is not None:
            raise FileGone
        file = self._world.files.find(_file_ids(message.fields).get(name.unique_id, ""))
        if file is None:
            raise FileGone
        return file.data

    async def join(self, link: Link, *, asks: bool = True) -> Joined | Pending | NeedsPerson:
        chat = self._invites.get(link.invite or "")
        if chat is None:
            return NeedsPerson("link")
        if not chat.member(self._person):
            self._world.join(chat, self._person)
        return Joined(Seen(ChatId(chat.id), 0), ChatKind(chat.kind.value), chat.title, chat.username)

    async def leave(self, chat: Seen) -> None:
        self._world.leave(self._chat(chat), self._person)

    async def report(
        self, chat: Seen, message_id: MessageId, option_hex: str, comment: str
    ) -> Menu | Comment | Filed:
        """A menu of one level; nobody gets the report."""
        self._chat(chat)
        return Filed() if option_hex else _MENU


def _posts(messages: Any) -> list[dict[str, Any]]:
    """As the updates that a bot would get, with files that an account can fetch."""
    found = []
    for message in messages:
        body = message.as_dict()
        ids = {
            file_id: str(FileName(ChatId(message.chat.id), MessageId(message.id), unique_id))
            for unique_id, file_id in _file_ids(message.fields).items()
        }
        if ids:
            kind = "channel_post" if message.edited_at is None else "edited_channel_post"
            found.append({kind: _renamed(body, ids)})
    return found


def _page(messages: Sequence[Message]) -> Page:
    return Page(
        posts=_posts(messages),
        messages=len(messages),
        oldest_id=messages[0].id if messages else None,
        newest_id=messages[-1].id if messages else None,
        oldest_at=messages[0].sent_at if messages else None,
    )


def _file_ids(node: Any) -> dict[str, str]:
    """By the unique ids of all files in a message."""
    if isinstance(node, list):
        return {name: file_id for part in node for name, file_id in _file_ids(part).items()}
    if not isinstance(node, dict):
        return {}
    own = {node["file_unique_id"]: node["file_id"]} if "file_unique_id" in node else {}
    return own | _file_ids(list(node.values()))


def _renamed(node: Any, ids: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(part, ids) for part in node]
    if isinstance(node, dict):
        return {key: _renamed(value, ids) for key, value in node.items()}
    return ids.get(node, node) if isinstance(node, str) else node
