"""The accounts at work: each connected, reading the channels that are its to read, one request after the other.

What it asks Telegram for first is what is live, then what is to be joined or left, then history, slowly. A mistake in
reading one channel, or in one chore, holds up nothing else: it is logged, staff are told, and it is tried again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.accounts.filing import Comment, Filed, Menu
from bot.accounts.following import Chat, FileName, Following, Page, Reads
from bot.accounts.joining import Folder, Joined, Link, NeedsPerson, Pending
from bot.errors import AccountLost, FloodWait, NotInChannel, Permanent, StoreError, Transient
from bot.model import AccountId, AccountState, ChatId, MediaRef, MessageId, Place
from bot.store import Store, Tx, accounts
from bot.store.accounts import Account, Followed
from bot.store.casework import Recheck
from matcher import File

log = structlog.get_logger()

LOOK_S = 10
"""How often accounts that were added or removed are looked for."""
RETRY_S = 30
"""After an account could not connect, or was cut off."""
IDLE_S = 2
"""How often it is looked whether there is something to do, where Telegram gives no hint."""


class Client(Reads, Protocol):
    async def fetch(self, chat: Chat, name: FileName, max_bytes: int) -> File: ...
    async def look(self, chat: Chat, message_id: MessageId) -> Recheck: ...
    async def before(self, chat: Chat, message_id: int, limit: int) -> Page: ...
    async def join(self, link: Link, *, asks: bool = True) -> Joined | Pending | Folder | NeedsPerson: ...
    async def leave(self, chat: Chat) -> None: ...
    async def report(
        self, chat: Chat, message_id: MessageId, option_hex: str, comment: str
    ) -> Menu | Comment | Filed: ...


Connect = Callable[[str, Callable[[ChatId], None]], AbstractAsyncContextManager[Client]]
"""Opens an account's session; the second argument is told in which chats something happened."""
Tell = Callable[[Tx, Account, AccountState, datetime | None], Awaitable[None]]
"""Tells staff of an account's new state."""
Failed = Callable[[Tx, Account, str], Awaitable[None]]
"""Tells staff that something unforeseen went wrong with an account: the name of the error."""


class Chore(Protocol):
    """Work of an account besides what is live; `step` does a little of it, and returns whether there was any."""

    async def step(self, account_id: AccountId, client: Client) -> bool: ...


class Fetcher(Protocol):
    async def fetch(self, ref: MediaRef) -> File: ...


@dataclass(frozen=True)
class Pace:
    poll: timedelta
    """Each channel is looked at so often even where Telegram says nothing."""
    pause: timedelta
    """Between two chores."""


class Accounts:
    """Runs the accounts, and fetches and looks by them."""

    def __init__(
        self,
        store: Store,
        connect: Connect,
        following: Following,
        pace: Pace,
        *,
        max_bytes: int,
        now: Callable[[], datetime],
        tell: Tell,
        failed: Failed,
        chores: tuple[Chore, ...] = (),
    ) -> None:
        self._store = store
        self._connect = connect
        self._following = following
        self._pace = pace
        self._max_bytes = max_bytes
        self._now = now
        self._tell = tell
        self._failed = failed
        self._chores = chores
        self._clients: dict[AccountId, Client] = {}
        self._sessions: dict[AccountId, str] = {}
        """With which each was connected last."""
        self._rests_until_s: dict[AccountId, float] = {}
        self._fetching: dict[AccountId, asyncio.Lock] = {}
        """An account fetches one file after the other."""

    async def run(self) -> None:
        tasks: dict[AccountId, asyncio.Task[None]] = {}
        try:
            while True:
                async with self._store.read() as tx:
                    at_work = [account.id for account in await accounts.listed(tx) if account.is_at_work]
                for gone in tasks.keys() - set(at_work):
                    tasks[gone].cancel()
                tasks = {key: task for key, task in tasks.items() if not task.done()}
                for account_id in at_work:
                    if account_id not in tasks:
                        tasks[account_id] = asyncio.create_task(self._keep(account_id))
                await asyncio.sleep(LOOK_S)
                for task in tasks.values():
                    if task.done() and not task.cancelled():
                        task.result()
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _keep(self, account_id: AccountId) -> None:
        """Be connected until the account is lost."""
        while True:
            try:
                await self.serve(account_id)
            except AccountLost as lost:
                if await self._is_lost(account_id, lost):
                    return
            except FloodWait as wait:
                await asyncio.sleep(await self._flooded(account_id, wait))
            except (Transient, Permanent) as trouble:
                log.warning("account", account=account_id, trouble=str(trouble))
                await asyncio.sleep(RETRY_S)
            except StoreError:
                raise
            except Exception as mistake:
                log.exception("an account failed", account=account_id)
                await self._tell_of(mistake, account_id)
                await asyncio.sleep(RETRY_S)

    async def serve(self, account_id: AccountId) -> None:
        """Connect and work until cancelled. Raises what Telegram says of the account."""
        async with self._store.read() as tx:
            session = await accounts.session(tx, account_id)
        if session is None:
            raise AccountLost(AccountState.NEEDS_SIGN_IN.value)
        self._sessions[account_id] = session
        hints = Hints()
        async with self._connect(session, hints) as client:
            self._clients[account_id] = client
            try:
                while True:
                    wait_s = await self._wait_s(account_id)
                    try:
                        if not wait_s:
                            await self.step(account_id, client, hints)
                    except FloodWait as wait:
                        await self._flooded(account_id, wait)
                    await hints.wait(max(IDLE_S, min(wait_s, LOOK_S)))
            finally:
                del self._clients[account_id]

    async def _wait_s(self, account_id: AccountId) -> float:
        """How long Telegram asked it to wait still; when that is over it is ready again."""
        async with self._store.read() as tx:
            account = await accounts.get(tx, account_id)
        if account is None or account.state is not AccountState.WAITING or account.until is None:
            return 0
        left_s = (account.until - self._now()).total_seconds()
        if left_s > 0:
            return left_s
        await self._changed(account_id, AccountState.READY)
        return 0

    async def step(self, account_id: AccountId, client: Client, hints: Hints) -> None:
        """Read what is live, then do one chore if the last is long enough ago."""
        async with self._store.read() as tx:
            channels = await accounts.to_read(tx, account_id)
        for channel in channels:
            if hints.take(channel.chat_id, self._pace.poll):
                try:
                    await self._read(client, channel)
                except FloodWait:
                    hints(channel.chat_id)
                    raise
        if time.monotonic() < self._rests_until_s.get(account_id, 0):
            return
        for chore in self._chores:
            if await self._does(chore, account_id, client):
                self._rests_until_s[account_id] = time.monotonic() + self._pace.pause.total_seconds()
                return

    async def _does(self, chore: Chore, account_id: AccountId, client: Client) -> bool:
        try:
            return await chore.step(account_id, client)
        except (AccountLost, Transient, StoreError):
            raise
        except Permanent as trouble:
            # What is live is read on.
            log.error("a chore failed", chore=type(chore).__name__, trouble=str(trouble))
        except Exception as mistake:
            log.exception("a chore failed", chore=type(chore).__name__)
            await self._tell_of(mistake, account_id)
        self._rests_until_s[account_id] = time.monotonic() + RETRY_S
        return False

    async def _read(self, client: Client, channel: Followed) -> None:
        try:
            await self._following.catch_up(client, channel)
        except NotInChannel:
            log.warning("an account is no longer in a channel", channel=channel.channel_id)
            async with self._store.write() as tx:
                await accounts.unfollow(tx, channel.account_id, channel.channel_id)
        except (AccountLost, Transient, StoreError):
            raise
        except Permanent as trouble:
            # The other channels can be read.
            log.error("cannot read a channel", channel=channel.channel_id, trouble=str(trouble))
        except Exception as mistake:
            log.exception("cannot read a channel", channel=channel.channel_id)
            await self._tell_of(mistake, channel.account_id)

    async def _tell_of(self, mistake: Exception, account_id: AccountId) -> None:
        async with self._store.write() as tx:
            account = await accounts.get(tx, account_id)
            if account is not None:
                await self._failed(tx, account, type(mistake).__name__)

    async def fetch(self, name: FileName) -> File:
        """A file, by the first account that is in its chat. Raises as `Client.fetch`, but nothing for good that
        another account, or a later day, may mend.
        """
        trouble = Transient("no account that is in the channel is connected and need not wait")
        for account_id, client, chat in await self._in(name.chat_id):
            try:
                async with self._fetching.setdefault(account_id, asyncio.Lock()):
                    return await client.fetch(chat, name, self._max_bytes)
            except FloodWait as wait:
                await self._flooded(account_id, wait)
                trouble = wait
            except AccountLost as lost:
                await self._is_lost(account_id, lost)
            except NotInChannel:
                continue
        raise trouble

    async def look(self, place: Place) -> Recheck | None:
        """Whether the post is still there; None where no account can say. Raises `Transient`, `Permanent`."""
        for account_id, client, chat in await self._in(place.chat_id):
            try:
                return await client.look(chat, place.message_id)
            except FloodWait as wait:
                await self._flooded(account_id, wait)
            except AccountLost as lost:
                await self._is_lost(account_id, lost)
            except NotInChannel:
                continue
            except (Transient, Permanent):
                raise
            except Exception as mistake:
                log.exception("an account cannot look", account=account_id)
                await self._tell_of(mistake, account_id)
        return None

    async def _in(self, chat_id: ChatId) -> list[tuple[AccountId, Client, Chat]]:
        """The accounts that may be asked about the chat now."""
        async with self._store.read() as tx:
            followers = await accounts.followers(tx, chat_id, is_ready=True)
        return [
            (one.account_id, self._clients[one.account_id], Chat(chat_id, one.access_hash))
            for one in followers
            if one.account_id in self._clients
        ]

    async def _flooded(self, account_id: AccountId, wait: FloodWait) -> float:
        """Record that Telegram asks the account to wait; returns for how many seconds."""
        wait_s = wait.retry_after_s or RETRY_S
        await self._changed(account_id, AccountState.WAITING, self._now() + timedelta(seconds=wait_s))
        return wait_s

    async def _is_lost(self, account_id: AccountId, lost: AccountLost) -> bool:
        """Record that the account is lost; False where it was signed in anew since, and only the earlier session ended."""
        state = AccountState(lost.code)
        if state is AccountState.NEEDS_SIGN_IN:
            async with self._store.read() as tx:
                session = await accounts.session(tx, account_id)
            if session is not None and session != self._sessions.get(account_id):
                return False
        await self._changed(account_id, state)
        return True

    async def _changed(
        self, account_id: AccountId, state: AccountState, until: datetime | None = None
    ) -> None:
        async with self._store.read() as tx:
            account = await accounts.get(tx, account_id)
        if account is None or (account.state is state and (until is None or until == account.until)):
            return
        async with self._store.write() as tx:
            if await accounts.set_state(tx, account_id, state, until=until, now=self._now()):
                await self._tell(tx, account, state, until)


class Hints:
    """In which chats something may have happened, and when each was last looked at."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._hinted: set[ChatId] = set()
        self._looked_s: dict[ChatId, float] = {}

    def __call__(self, chat_id: ChatId) -> None:
        self._hinted.add(chat_id)
        self._woken.set()

    def take(self, chat_id: ChatId, poll: timedelta) -> bool:
        """Whether it is time to look; who asks will."""
        now_s = time.monotonic()
        is_due = now_s - self._looked_s.get(chat_id, float("-inf")) >= poll.total_seconds()
        if chat_id not in self._hinted and not is_due:
            return False
        self._hinted.discard(chat_id)
        self._looked_s[chat_id] = now_s
        return True

    async def wait(self, longest_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), longest_s)
        self._woken.clear()


class WithAccounts:
    """A fetcher for both sources: a file's id says whose it is."""

    def __init__(self, of_bot: Fetcher, of_accounts: Accounts | None) -> None:
        self._of_bot = of_bot
        self._of_accounts = of_accounts

    async def fetch(self, ref: MediaRef) -> File:
        name = None if ref.file_id is None else FileName.read(ref.file_id)
        if name is None:
            return await self._of_bot.fetch(ref)
        if self._of_accounts is None:
            raise Transient("the accounts are switched off, and the file can be had by them only")
        return await self._of_accounts.fetch(name)
