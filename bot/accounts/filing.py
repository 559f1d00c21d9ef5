"""Telegram's own report of a post, filed by an account that is in the channel, for a person who chose each step.

Nothing is filed by itself: a person begins it from a confirmed finding and chooses from Telegram's menu. Each post is
filed once, and only so many a day: accounts that report much are banned.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.accounts.following import Chat
from bot.errors import AccountLost, NotInChannel, Permanent, Refused, Transient
from bot.model import AccountId, ChatId, FindingId, MessageId, Person
from bot.staff import casework, reports
from bot.staff.addressees import Addressee
from bot.staff.reports import REPORTABLE
from bot.store import Store, Tx, accounts, filings
from bot.store.filings import Filing, FilingRequest, FilingState, Option

ADDRESSEE = "telegram-app"
A_DAY = timedelta(days=1)
MAX_COMMENT = 512


@dataclass(frozen=True)
class Menu:
    """Telegram asks to choose."""

    options: tuple[Option, ...]


@dataclass(frozen=True)
class Comment:
    """Telegram asks for a comment on the choice."""

    option_hex: str


@dataclass(frozen=True)
class Filed:
    pass


class Files(Protocol):
    async def report(
        self, chat: Chat, message_id: MessageId, option_hex: str, comment: str
    ) -> Menu | Comment | Filed: ...


Tell = Callable[[Tx, Filing, FilingState, tuple[Option, ...]], Awaitable[None]]
"""Tells staff how far a report is; with the menu to choose from."""


async def is_possible(tx: Tx, finding_id: FindingId) -> bool:
    """Whether an account could file it."""
    finding = await casework.get(tx, finding_id)
    return finding.state in REPORTABLE and await accounts.is_followed(tx, finding.channel_id)


async def begin(
    tx: Tx, finding_id: FindingId, comment: str, *, by: Person, chat_id: ChatId, per_day: int, now: datetime
) -> None:
    """Raises `Refused`: as `reports.to_report`, and `no-account`, `filing-limit`, `filing-known`."""
    finding = await reports.to_report(tx, finding_id)
    if not await accounts.is_followed(tx, finding.channel_id):
        raise Refused("no-account", number=str(finding.channel_id))
    if await filings.begun_since(tx, now - A_DAY) >= per_day:
        raise Refused("filing-limit", max=per_day)
    request = FilingRequest(by, chat_id, comment[:MAX_COMMENT])
    if await filings.begin(tx, finding.post_id, finding_id, request, now=now) is None:
        raise Refused("filing-known")
    await casework.put_on_record(tx, "filing_begun", finding, by, now)


async def choose(
    tx: Tx, filing_id: int, depth: int, number: int, *, by: Person, now: datetime
) -> tuple[FindingId, Option]:
    """A person chose from the menu for this finding; `depth` is how many choices were made before.

    Raises `Refused`: `old-button`, and as `reports.to_report`.
    """
    filing = await filings.get(tx, filing_id)
    if filing is None or filing.state is not FilingState.CHOOSING or len(filing.request.chosen) != depth:
        raise Refused("old-button")
    if not 0 <= number < len(filing.request.menu):
        raise Refused("old-button")
    option = filing.request.menu[number]
    finding = await reports.to_report(tx, filing.finding_id)
    await filings.move(tx, filing, FilingState.ASKED, chosen=(*filing.request.chosen, option), now=now)
    await casework.put_on_record(tx, "filing_chosen", finding, by, now, option=option.text)
    return finding.id, option


class Filings:
    """A chore of the accounts, see `bot.accounts.running`."""

    def __init__(
        self, store: Store, addressee: Addressee, *, now: Callable[[], datetime], tell: Tell
    ) -> None:
        """`addressee` is Telegram's own report, as it is on record."""
        self._store = store
        self._addressee = addressee
        self._now = now
        self._tell = tell

    async def step(self, account_id: AccountId, client: Files) -> bool:
        """Send one choice to Telegram; False where none waits."""
        async with self._store.write() as tx:
            for channel in await accounts.to_read(tx, account_id):
                stuck = await filings.first(tx, channel.channel_id, FilingState.SENDING)
                if stuck is not None:
                    # The process ended while it was on its way: a person has to look, it is not sent twice.
                    await self._failed(tx, stuck)
                filing = await filings.first(tx, channel.channel_id, FilingState.ASKED)
                if filing is not None:
                    try:
                        await reports.to_report(tx, filing.finding_id)
                    except Refused:
                        # It was withdrawn or taken back while it waited: nobody wants it sent.
                        await filings.move(tx, filing, FilingState.FAILED, now=self._now())
                        return True
                    await filings.move(tx, filing, FilingState.SENDING, now=self._now())
                    filing = await filings.get(tx, filing.id)
                    break
            else:
                return False
        assert filing is not None
        chat = Chat(channel.chat_id, channel.access_hash)
        try:
            answer = await self._send(client, chat, filing)
        except (Transient, AccountLost, NotInChannel):
            async with self._store.write() as tx:
                await filings.move(tx, filing, FilingState.ASKED, now=self._now())
            raise
        except Permanent:
            async with self._store.write() as tx:
                await self._failed(tx, filing)
        else:
            await self._answered(filing, answer)
        return True

    async def _send(self, client: Files, chat: Chat, filing: Filing) -> Menu | Comment | Filed:
        chosen = filing.request.chosen
        option_hex = chosen[-1].option_hex if chosen else ""
        answer = await client.report(chat, filing.message_id, option_hex, "")
        if isinstance(answer, Comment):
            return await client.report(chat, filing.message_id, answer.option_hex, filing.request.comment)
        return answer

    async def _answered(self, filing: Filing, answer: Menu | Comment | Filed) -> None:
        now = self._now()
        async with self._store.write() as tx:
            match answer:
                case Filed():
                    await filings.move(tx, filing, FilingState.FILED, now=now)
                    # It may be removed, closed or withdrawn by now; the report was filed all the same.
                    with suppress(Refused):
                        await reports.sent(
                            tx, filing.finding_id, self._addressee.key, "", by=filing.request.by, now=now
                        )
                    await self._tell(tx, filing, FilingState.FILED, ())
                case Menu(options):
                    await filings.move(tx, filing, FilingState.CHOOSING, menu=options, now=now)
                    await self._tell(tx, filing, FilingState.CHOOSING, options)
                case Comment():
                    await self._failed(tx, filing)

    async def _failed(self, tx: Tx, filing: Filing) -> None:
        await filings.move(tx, filing, FilingState.FAILED, now=self._now())
        await self._tell(tx, filing, FilingState.FAILED, ())
