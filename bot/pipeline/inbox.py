"""From an update to rows: what Telegram sent is committed raw, confirmed, and only then looked at.

One update is handled in one transaction: the posts it holds, what a conversation decides and the messages that
follow from it, and the end of the inbox row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from bot import channels
from bot.accounts.following import FileName
from bot.model import (
    ChannelId,
    ChannelState,
    ChatKind,
    ChatMoved,
    Effect,
    Membership,
    Person,
    Post,
    Talk,
    UserId,
)
from bot.pipeline import drill
from bot.pipeline.worker import A_DAY_OF_ATTEMPTS, LEASE_S, Stage
from bot.store import Store, Tx, outbox, posts, queue, settings, tables, work
from bot.store import inbox as rows
from bot.store.channels import Channel, by_chat, saw_post
from bot.store.inbox import InboxRow, NewUpdate

POSITION = "poll_position"

SOMEBODY = Person(UserId(0), "?")
"""Telegram told us of a chat by its posts and not by who added us."""


class Parsed(Protocol):
    """What a source reads out of one update."""

    @property
    def posts(self) -> tuple[Post, ...]: ...
    @property
    def talk(self) -> Talk | None: ...
    @property
    def membership(self) -> Membership | None: ...
    @property
    def moved(self) -> ChatMoved | None: ...


class Router(Protocol):
    """The conversations: effects for what a person, or Telegram, told the bot."""

    async def handle(self, tx: Tx, update: Talk | Membership | ChatMoved) -> list[Effect]: ...


@dataclass(frozen=True)
class Reader:
    """How to read a source's updates."""

    key_of: Callable[[dict[str, Any]], str]
    kind_of: Callable[[dict[str, Any]], str]
    parse: Callable[[dict[str, Any]], Parsed]


@dataclass(frozen=True)
class Position:
    """How far Telegram's updates are committed, and when that last moved."""

    offset: int
    moved_at: datetime


class Inbox:
    def __init__(
        self,
        store: Store,
        reader: Reader,
        router: Router,
        *,
        now: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        """`committed` is called after each transaction, to wake whoever works on what it holds."""
        self._store = store
        self._reader = reader
        self._router = router
        self._now = now
        self._committed = committed

    async def position(self) -> Position | None:
        async with self._store.read() as tx:
            stored = await settings.get(tx, POSITION)
        if stored is None:
            return None
        return Position(stored["offset"], datetime.fromtimestamp(stored["moved_at"], UTC))

    async def receive(self, untrusted_updates: Sequence[dict[str, Any]]) -> None:
        """Commit a batch and how far it reaches. Only when this returned may the batch be confirmed."""
        now = self._now()
        numbers = [raw["update_id"] for raw in untrusted_updates if isinstance(raw.get("update_id"), int)]
        async with self._store.write() as tx:
            await self.put(tx, untrusted_updates)
            if numbers:
                await settings.put(
                    tx, POSITION, {"offset": max(numbers) + 1, "moved_at": int(now.timestamp())}
                )
        self._committed()

    async def put(
        self, tx: Tx, untrusted_updates: Sequence[dict[str, Any]], priority: int = 0, reading: str = ""
    ) -> None:
        """Add updates in a transaction of the caller's; what is known already stays as it is.

        A `reading` knows only what itself brought: what was live may have been refused then, or not been fetched.
        """
        reader = self._reader
        await rows.add(
            tx,
            [
                NewUpdate(reading + reader.key_of(raw), reader.kind_of(raw), raw, priority)
                for raw in untrusted_updates
            ],
            now=self._now(),
        )

    def stage(self, buried: Callable[[Tx, InboxRow, str], Awaitable[None]]) -> Stage[InboxRow]:
        """Updates are handled one after the other, so that a conversation stays in order.

        Of others only the database can be in trouble, which is no reason to take an update for one that cannot be read.
        """
        return Stage("inbox", tables.inbox, self._claim, self.handle, buried, patience=A_DAY_OF_ATTEMPTS)

    async def _claim(self, tx: Tx, limit: int) -> Sequence[InboxRow]:
        return await rows.claim(tx, now=self._now(), lease_s=LEASE_S, limit=limit)

    async def handle(self, row: InboxRow) -> None:
        """Raises `PoisonUpdate` where the update cannot be read."""
        parsed = self._reader.parse(row.raw)
        now = self._now()
        effects: list[Effect] = []
        async with self._store.write() as tx:
            for post in parsed.posts:
                effects += await self._take(tx, post, now, row.priority)
            for update in (parsed.moved, parsed.membership, parsed.talk):
                if update is not None:
                    effects += await self._router.handle(tx, update)
            await outbox.add(tx, effects, key=f"inbox:{row.id}", now=now)
            await queue.done(tx, tables.inbox, row.id, now=now)
        self._committed()

    async def _take(self, tx: Tx, post: Post, now: datetime, priority: int) -> list[Effect]:
        """A post of an authorised channel becomes rows; a channel nobody told us of becomes a question to staff."""
        channel = await channels.authorised(tx, post.place.chat_id, now)
        if channel is None:
            if await self._is_news(tx, post):
                return await self._router.handle(tx, _discovered(post))
            return []
        await self._store_post(tx, channel.id, post, now, priority)
        return []

    async def _is_news(self, tx: Tx, post: Post) -> bool:
        # The post of a drill may be looked at after its end.
        if post.place.chat_id == drill.CHAT:
            return False
        known = await by_chat(tx, post.place.chat_id)
        return known is None or (known.state is ChannelState.LEFT and _came_back(known, post))

    async def _store_post(
        self, tx: Tx, channel_id: ChannelId, post: Post, now: datetime, priority: int
    ) -> None:
        _, new_media = await posts.add(tx, channel_id, post, now=now, by_account=_is_by_account(post))
        for media_id in new_media:
            await work.add(tx, media_id, now=now, priority=priority)
        await saw_post(tx, channel_id, post.posted_at)


def _is_by_account(post: Post) -> bool:
    return any(FileName.read(ref.file_id or "") for ref in post.media)


def _came_back(channel: Channel, post: Post) -> bool:
    """Whether the bot is in a channel again that it was thrown out of: Telegram forgets after a day that it was added."""
    authorisation = channel.authorisation
    if authorisation is None or authorisation.ended_at is None or _is_by_account(post):
        return False
    return post.posted_at > authorisation.ended_at


def _discovered(post: Post) -> Membership:
    return Membership(
        chat_id=post.place.chat_id,
        chat_kind=post.chat_kind,
        title=post.place.title,
        username=post.place.username,
        by=SOMEBODY,
        is_member=True,
        is_admin=post.chat_kind is ChatKind.CHANNEL,
    )
