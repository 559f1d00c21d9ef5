"""Where accounts are asked to join channels, and what staff are told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from account_scene import Office
from mtproto_wire import Account
from store_makers import STAFF

from bot.accounts import joining
from bot.accounts.joining import Folder, Joined, Joining, Joins, Link, NeedsPerson, Pending
from bot.accounts.running import Hints
from bot.channels import Request
from bot.model import ChannelId
from bot.store import Tx, channels
from bot.store.joins import Join, JoinState

SEOUL = ZoneInfo("Asia/Seoul")
EVERY = timedelta(minutes=20)
INVITE = "AbCdEfGhIjKl"


class Meanwhile:
    """A client during whose request to join something else happens."""

    def __init__(self, client: Joins, happens: Callable[[], Awaitable[None]]) -> None:
        self._client = client
        self._happens = happens
        self.state = client.state
        self.leave = client.leave

    async def join(self, link: Link, *, asks: bool = True) -> Joined | Pending | Folder | NeedsPerson:
        answer = await self._client.join(link, asks=asks)
        await self._happens()
        return answer


class Hall:
    """Where requests to join are made, and what staff are told of them."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.told: list[tuple[JoinState, str]] = []

    async def tell(self, tx: Tx, join: Join, state: JoinState, number: str, words: str) -> None:
        self.told.append((state, words))

    async def ask(self, text: str, *, last_day: date = date(2026, 12, 31)) -> None:
        link = Link.read(text)
        assert link is not None
        async with self.office.store.write() as tx:
            await joining.ask(tx, link, Request("Letter 1", last_day), by=STAFF, now=self.office.now)

    async def step(self, account: Account, *, meanwhile: Callable[[], Awaitable[None]] | None = None) -> bool:
        """One step of the account; `meanwhile` is what staff do while Telegram is asked."""
        office = self.office
        chore = Joining(office.store, every=EVERY, zone=SEOUL, now=lambda: office.now, tell=self.tell)
        async with office.connect(office.telegram.session(account), Hints()) as client:
            asked = client if meanwhile is None else Meanwhile(client, meanwhile)
            return await chore.step(office.id_of[account.name], asked)

    async def later(self, account: Account, **by: int) -> bool:
        self.office.now += timedelta(**by)
        return await self.step(account)

    async def channel(self, number: int = 1) -> channels.Channel:
        async with self.office.store.read() as tx:
            found = await channels.get(tx, ChannelId(number))
        assert found is not None
        return found
