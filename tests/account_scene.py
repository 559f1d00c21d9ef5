"""An organisation with accounts at the Telegram of `mtproto_scene`: store, inbox and reading are the real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mtproto_scene import Channel, Telegram
from mtproto_wire import Account
from sqlalchemy import select
from store_makers import NOW, STAFF

from bot.accounts import running as stage
from bot.accounts.following import Following
from bot.accounts.running import Accounts, Hints, Pace
from bot.model import (
    AccountId,
    AccountState,
    ChannelState,
    ChatId,
    ChatKind,
    ChatMoved,
    Effect,
    Membership,
    Talk,
    UserId,
)
from bot.pipeline.inbox import Inbox, Reader
from bot.pipeline.worker import Worker
from bot.sources import updates
from bot.sources.mtproto import Application
from bot.sources.mtproto.client import Client
from bot.store import Store, Tx, accounts, channels, posts, tables
from bot.store.inbox import InboxRow
from bot.store.posts import MediaRow
from matcher import Limits, Pieces
from matcher.files.video import needed_blocks

APPLICATION = Application(1, "hash")
PART_BYTES = 4096


async def needed(file: Pieces) -> list[int]:
    """As the sandbox tells it, in this process."""
    return needed_blocks(file, Limits())


class NobodyTalks:
    """Accounts bring posts only."""

    async def handle(self, tx: Tx, update: Talk | Membership | ChatMoved) -> list[Effect]:
        raise AssertionError(update)


@dataclass
class Office:
    store: Store
    telegram: Telegram
    now: datetime = NOW
    told: list[tuple[str, AccountState]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    id_of: dict[str, AccountId] = field(default_factory=dict)

    def __post_init__(self) -> None:
        reader = Reader(updates.key_of, updates.kind_of, updates.parse)
        self.inbox = Inbox(self.store, reader, NobodyTalks(), now=lambda: self.now, committed=lambda: None)
        self.following = Following(self.store, self.inbox, now=lambda: self.now, committed=lambda: None)
        self.accounts = self.make()

    def make(self, **how: Any) -> Accounts:
        pace = Pace(poll=timedelta(minutes=5), pause=timedelta(0))
        return Accounts(
            self.store,
            self.connect,
            self.following,
            pace,
            max_bytes=1 << 20,
            now=lambda: self.now,
            tell=self._tell,
            failed=self._failed,
            **how,
        )

    async def _tell(
        self, tx: Tx, account: accounts.Account, state: AccountState, until: datetime | None
    ) -> None:
        self.told.append((account.name, state))

    async def _failed(self, tx: Tx, account: accounts.Account, trouble: str) -> None:
        self.failed.append((account.name, trouble))

    def connect(self, session: str, hint: Callable[[ChatId], None]) -> Client:
        return Client(session, APPLICATION, hint, needed, part_bytes=PART_BYTES)

    async def sign_in(self, account: Account) -> AccountId:
        async with self.store.write() as tx:
            account_id = await accounts.put(
                tx,
                user_id=UserId(account.user_id),
                name=account.name,
                session=self.telegram.session(account),
                now=self.now,
            )
        self.id_of[account.name] = account_id
        return account_id

    async def added(self, channel: Channel) -> channels.Channel:
        """The bot is in the channel, and nobody authorised it."""
        async with self.store.write() as tx:
            return await channels.put(
                tx,
                chat_id=channel.chat_id,
                kind=ChatKind.SUPERGROUP if channel.megagroup else ChatKind.CHANNEL,
                title=channel.title,
                username=channel.username,
                state=ChannelState.ASKED,
                can_read=True,
                added_by=STAFF,
                now=self.now,
            )

    async def authorise(self, channel: Channel, *members: Account) -> channels.Channel:
        """The channel is authorised, and these accounts follow it."""
        row = await self.added(channel)
        async with self.store.write() as tx:
            await channels.authorise(
                tx, row.id, by=STAFF, document="doc", valid_from=NOW, valid_until=NOW + timedelta(days=9)
            )
            await channels.set_state(tx, row.id, ChannelState.AUTHORISED)
            for account in members:
                await accounts.follow(tx, self.id_of[account.name], row.id, channel.id + 5)
        return row

    async def read(self, account: Account, *, chores: tuple[stage.Chore, ...] = ()) -> None:
        """Connect, read all that is new, and disconnect."""
        async with self.connect(self.telegram.session(account), Hints()) as client:
            await self.make(chores=chores).step(self.id_of[account.name], client, Hints())

    async def drain(self) -> None:
        """Handle what is in the inbox."""

        async def poison(tx: Tx, row: InboxRow, trouble: str) -> None:
            raise AssertionError(trouble)

        await Worker(self.inbox.stage(poison), self.store, lambda: self.now).run_ready()

    async def posts(self) -> list[int]:
        """The message ids of the stored posts."""
        await self.drain()
        async with self.store.read() as tx:
            rows = await tx.all(select(tables.posts.c.message_id).order_by(tables.posts.c.id))
        return [row.message_id for row in rows]

    async def media(self) -> list[MediaRow]:
        await self.drain()
        async with self.store.read() as tx:
            rows = await tx.all(select(tables.media.c.id).order_by(tables.media.c.id))
            found = [await posts.media(tx, row.id) for row in rows]
        return [row for row in found if row is not None]

    async def state(self, account: Account) -> AccountState:
        async with self.store.read() as tx:
            found = await accounts.get(tx, self.id_of[account.name])
        assert found is not None
        return found.state
