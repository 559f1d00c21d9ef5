"""Reading a channel back, page by page and slowly, by an account that is in it.

Each page's posts and how far it reaches are committed together, so it goes on there after a crash. They wait behind
whatever is live, and so do their files.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot import channels
from bot.accounts.following import Chat, Inbox, Page
from bot.errors import Refused
from bot.model import AccountId, ChannelId, ChannelState, Person, ShowHistory
from bot.store import Store, Tx, accounts, histories, outbox
from bot.store.histories import History, HistoryState

PRIORITY = -1
PAGE_MESSAGES = 100
SHOW_EVERY = 5
"""Pages between two edits of the message that shows how far it is."""
MAX_MESSAGES = 1_000_000
_DAYS = re.compile(r"([0-9]{1,4})d", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,7}", re.ASCII)


class Reads(Protocol):
    async def before(self, chat: Chat, message_id: int, limit: int) -> Page: ...


class Histories:
    """A chore of the accounts, see `bot.accounts.running`."""

    def __init__(
        self, store: Store, inbox: Inbox, *, now: Callable[[], datetime], committed: Callable[[], None]
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._now = now
        self._committed = committed

    async def step(self, account_id: AccountId, client: Reads) -> bool:
        """Read one page of the first history that is this account's to read; False where there is none."""
        async with self._store.read() as tx:
            for channel in await accounts.to_read(tx, account_id):
                history = await histories.running(tx, channel.channel_id)
                if history is not None:
                    break
            else:
                return False
        left = PAGE_MESSAGES if history.max_messages is None else history.max_messages - history.messages
        page = await client.before(Chat(channel.chat_id, channel.access_hash), history.before_id, left)
        await self._commit(history, page)
        return True

    async def _commit(self, history: History, page: Page) -> None:
        now = self._now()
        read = history.messages + page.messages
        is_over = (
            page.oldest_id is None
            # Whatever Telegram sends, what is not older ends it.
            or 0 < history.before_id <= page.oldest_id
            or (history.max_messages is not None and read >= history.max_messages)
            or (
                history.since_at is not None
                and page.oldest_at is not None
                and page.oldest_at < history.since_at
            )
        )
        async with self._store.write() as tx:
            wanted = [post for post in page.posts if _is_in(history, post)]
            await self._inbox.put(tx, wanted, PRIORITY, reading=f"history:{history.id}:")
            if page.oldest_id is not None:
                await histories.advance(
                    tx,
                    history.id,
                    before_id=page.oldest_id,
                    messages=page.messages,
                    reached_at=page.oldest_at or history.reached_at,
                )
            if is_over:
                await histories.end(tx, history.id, HistoryState.DONE, now=now)
            if is_over or (read // PAGE_MESSAGES) % SHOW_EVERY == 1:
                key = f"history:{history.id}:{page.oldest_id}"
                await outbox.add(tx, [ShowHistory(history.id)], key=key, now=now)
        self._committed()


def _is_in(history: History, post: dict[str, Any]) -> bool:
    [body] = post.values()
    # What could not be read has no date, and is for a person to see.
    return history.since_at is None or "date" not in body or body["date"] >= history.since_at.timestamp()


async def ask(
    tx: Tx, channel_id: ChannelId, untrusted_words: str, *, zone: ZoneInfo, by: Person, now: datetime
) -> ShowHistory:
    """Begin to read a channel back: `30d` for days, `500` for messages, `2026-01-31` for a date, or `all`.

    Raises `Refused`: `unknown-channel`, `not-authorised`, `no-account`, `history-runs`, `history-what`.
    """
    channel = await channels.known(tx, channel_id)
    since_at, max_messages = _read(untrusted_words.strip(), zone, now)
    if channel.state is not ChannelState.AUTHORISED:
        raise Refused("not-authorised", number=str(channel_id))
    if not await accounts.is_followed(tx, channel_id):
        raise Refused("no-account", number=str(channel_id))
    if await histories.running(tx, channel_id) is not None:
        raise Refused("history-runs", number=str(channel_id))
    history_id = await histories.begin(tx, channel_id, since_at=since_at, max_messages=max_messages, now=now)
    await channels.put_on_record(tx, "history_begun", channel_id, by, now, what=untrusted_words.strip())
    return ShowHistory(history_id)


async def stop(tx: Tx, channel_id: ChannelId, *, by: Person, now: datetime) -> ShowHistory:
    """End it where it is. Raises `Refused`: `unknown-channel`, `no-history`."""
    await channels.known(tx, channel_id)
    history = await histories.running(tx, channel_id)
    if history is None:
        raise Refused("no-history", number=str(channel_id))
    await histories.end(tx, history.id, HistoryState.STOPPED, now=now)
    await channels.put_on_record(tx, "history_stopped", channel_id, by, now)
    return ShowHistory(history.id)


def _read(untrusted_words: str, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, int | None]:
    """From when, and how many messages at most."""
    if untrusted_words == "all":
        return None, None
    if days := _DAYS.fullmatch(untrusted_words):
        return now - timedelta(days=int(days[1])), None
    if _COUNT.fullmatch(untrusted_words) and 0 < int(untrusted_words) <= MAX_MESSAGES:
        return None, int(untrusted_words)
    try:
        first = date.fromisoformat(untrusted_words)
        return datetime.combine(first, time(), zone).astimezone(UTC), None
    except (ValueError, OverflowError):
        raise Refused("history-what") from None


def share_done(history: History) -> float | None:
    """From 0 to 1, by what was asked for; None where it cannot be told how much there is."""
    if history.state is HistoryState.DONE:
        return 1
    if history.max_messages is not None:
        return min(history.messages / history.max_messages, 1)
    if history.since_at is not None and history.reached_at is not None:
        whole = (history.created_at - history.since_at).total_seconds()
        done = (history.created_at - history.reached_at).total_seconds()
        return min(max(done / whole, 0), 1) if whole > 0 else None
    return None
