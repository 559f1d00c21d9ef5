"""Reading a channel by an account: what happened since the committed position becomes inbox rows, in one transaction
with the new position. So a crash, an outage or another account taking over loses no post and reads none twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.model import ChannelId, ChatId, FindingState, MessageId
from bot.staff import recheck
from bot.store import Store, Tx, accounts
from bot.store import casework as rows
from bot.store.accounts import Followed, Position
from bot.store.casework import Method, Recheck

FILE_ID = "mtproto"
"""How the file ids begin that an account can fetch, and the bot cannot."""


@dataclass(frozen=True)
class Chat:
    """A channel as one account knows it."""

    chat_id: ChatId
    access_hash: int


@dataclass(frozen=True)
class FileName:
    """Where a file is, whichever account fetches it: references of Telegram's to files end after some hours."""

    chat_id: ChatId
    message_id: MessageId
    unique_id: str

    def __str__(self) -> str:
        return f"{FILE_ID}:{self.chat_id}:{self.message_id}:{self.unique_id}"

    @classmethod
    def read(cls, file_id: str) -> FileName | None:
        """None for the file id of a bot."""
        kind, _, rest = file_id.partition(":")
        if kind != FILE_ID:
            return None
        chat_id, message_id, unique_id = rest.split(":")
        return cls(ChatId(int(chat_id)), MessageId(int(message_id)), unique_id)


@dataclass(frozen=True)
class Difference:
    """What happened in a channel up to its state `pts`; `posts` are updates in the words of the Bot API."""

    pts: int
    posts: Sequence[dict[str, Any]] = ()
    deleted: Sequence[MessageId] = ()
    newest_id: int = 0
    is_final: bool = True
    is_too_long: bool = False
    """Telegram does not tell it: the posts are to be read by their ids."""


@dataclass(frozen=True)
class Page:
    """Some neighbouring messages of a channel. `messages` of them there are, `posts` have media."""

    posts: Sequence[dict[str, Any]]
    messages: int
    oldest_id: int | None
    newest_id: int | None
    oldest_at: datetime | None


class Reads(Protocol):
    """The client of an account. Raises `FloodWait`, `AccountLost`, `NotInChannel`, `Transient`, `Permanent`."""

    async def difference(self, chat: Chat, pts: int) -> Difference: ...
    async def state(self, chat: Chat) -> tuple[int, int]: ...
    async def after(self, chat: Chat, message_id: int) -> Page: ...


class Inbox(Protocol):
    async def put(
        self, tx: Tx, untrusted_updates: Sequence[dict[str, Any]], priority: int = 0, reading: str = ""
    ) -> None: ...


class Following:
    def __init__(
        self, store: Store, inbox: Inbox, *, now: Callable[[], datetime], committed: Callable[[], None]
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._now = now
        self._committed = committed

    async def catch_up(self, client: Reads, channel: Followed) -> None:
        """Commit all that happened in the channel since its position; the first time, only where it is now."""
        chat = Chat(channel.chat_id, channel.access_hash)
        async with self._store.read() as tx:
            position = await accounts.position(tx, channel.channel_id)
        if position is None:
            pts, newest = await client.state(chat)
            async with self._store.write() as tx:
                await accounts.set_position(tx, channel.channel_id, Position(pts, newest))
            return
        is_final = False
        while not is_final:
            told = await client.difference(chat, position.pts)
            if told.is_too_long:
                position = await self._read_on(client, chat, channel.channel_id, position)
            # Whatever Telegram says, a state that does not move on is the last for now.
            is_final = told.is_final or told.pts <= position.pts
            position = Position(told.pts, max(position.read_to, told.newest_id))
            await self._commit(channel.channel_id, told.posts, told.deleted, position)

    async def _read_on(
        self, client: Reads, chat: Chat, channel_id: ChannelId, position: Position
    ) -> Position:
        """Commit every message after the position, oldest first."""
        # Whatever Telegram sends, what is not newer ends it.
        while ((page := await client.after(chat, position.read_to)).newest_id or 0) > position.read_to:
            assert page.newest_id is not None
            position = Position(position.pts, page.newest_id)
            await self._commit(channel_id, page.posts, (), position)
        return position

    async def _commit(
        self,
        channel_id: ChannelId,
        posts: Sequence[dict[str, Any]],
        deleted: Sequence[MessageId],
        position: Position,
    ) -> None:
        async with self._store.write() as tx:
            await self._inbox.put(tx, posts)
            await self._deleted(tx, channel_id, deleted)
            await accounts.set_position(tx, channel_id, position)
        self._committed()

    async def _deleted(self, tx: Tx, channel_id: ChannelId, message_ids: Sequence[MessageId]) -> None:
        """Telegram told that the posts are gone: what is confirmed in them is removed, with the time."""
        for finding_id in await accounts.findings_in(tx, channel_id, message_ids):
            finding = await rows.get(tx, finding_id)
            if finding is not None and finding.state is not FindingState.REMOVED:
                await recheck.record(tx, finding, Recheck.GONE, Method.ACCOUNT, now=self._now())
