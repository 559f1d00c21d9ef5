"""The bot's queue of updates, as `tdlib/telegram-bot-api` keeps it.

An update stays until a later call asks for a higher `offset`, or until it is too old. One caller may
wait at a time: a second one that waits too ends the first. Source: `Client.cpp` (`do_get_updates`,
`add_update_impl`, `get_allowed_update_types`, `abort_long_poll`) and TDLib's `TQueue`. Left out: the
throttle on asking again for the same offset within three seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.standin.model import ApiError, Clock, JsonObject

RETENTION = timedelta(hours=24)
LONGEST_POLL_S = 50
AHEAD_TOLERATED = 10
"""An offset further than this beyond the newest update is taken for a mistake: all are given again."""

OPT_IN = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KINDS = OPT_IN | {
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
}
DEFAULT_KINDS = KINDS - OPT_IN

TERMINATED = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


@dataclass(frozen=True)
class _Queued:
    update: JsonObject
    until_at: datetime


class UpdateQueue:
    """Updates with rising ids from `first_id`; `clock` says when one is too old.

    `changed` is called when an update came or was confirmed, and when a caller starts to wait.
    """

    def __init__(self, clock: Clock, changed: Callable[[], None], first_id: int = 810_000_001) -> None:
        self._clock = clock
        self._changed = changed
        self._next_id = first_id
        self._queue: dict[int, _Queued] = {}
        self._allowed: frozenset[str] = DEFAULT_KINDS
        self._waiter: asyncio.Future[None] | None = None

    @property
    def allowed(self) -> frozenset[str]:
        return self._allowed

    @property
    def is_default(self) -> bool:
        return self._allowed == DEFAULT_KINDS

    @property
    def pending(self) -> int:
        self._expire()
        return len(self._queue)

    @property
    def awaited(self) -> bool:
        """Whether a caller waits."""
        return self._waiter is not None and not self._waiter.done()

    def allow(self, kinds: Collection[str]) -> None:
        """Keep these kinds from now on. Unknown names are ignored; none known means the defaults."""
        self._allowed = (KINDS & {kind.lower() for kind in kinds}) or DEFAULT_KINDS

    def push(self, kind: str, content: JsonObject, dated_at: datetime, life: timedelta = RETENTION) -> None:
        """Queue an update whose life starts at `dated_at`, if the bot asked for its kind."""
        until_at = dated_at + life
        if kind in self._allowed and until_at > self._clock():
            self._add({kind: content}, until_at)

    def push_raw(self, content: JsonObject) -> int:
        """Queue whatever is given, known to us or not, and say its `update_id`."""
        return self._add(content, self._clock() + RETENTION)

    def renumber(self, next_id: int) -> None:
        """Telegram gives a random next id after a week of silence; it can be a smaller one."""
        self._queue.clear()
        self._next_id = next_id

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[JsonObject]:
        """Answer getUpdates; wait up to `timeout_s` while there is nothing.

        Raises ApiError 409 in the caller that waited first when another one starts to wait.
        """
        updates = self._take(offset, limit)
        if updates or timeout_s <= 0:
            return updates
        if self.awaited and self._waiter:
            self._waiter.set_exception(ApiError(409, TERMINATED))
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        self._changed()
        try:
            async with asyncio.timeout(min(timeout_s, LONGEST_POLL_S)):
                await waiter
        except TimeoutError:
            return []
        return self._take(offset, limit)

    def wake(self) -> None:
        """Answer the waiting caller now, with whatever there is."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        self._queue.clear()

    def _add(self, content: JsonObject, until_at: datetime) -> int:
        update_id = self._next_id
        self._next_id += 1
        self._queue[update_id] = _Queued({"update_id": update_id, **content}, until_at)
        self.wake()
        self._changed()
        return update_id

    def _take(self, offset: int, limit: int) -> list[JsonObject]:
        self._expire()
        if offset < 0:
            offset += self._next_id
        if offset <= self._next_id + AHEAD_TOLERATED:
            confirmed = [known for known in self._queue if known < offset]
            for update_id in confirmed:
                del self._queue[update_id]
            if confirmed:
                self._changed()
        return [queued.update for queued in list(self._queue.values())[:limit]]

    def _expire(self) -> None:
        now = self._clock()
        for update_id in [known for known, queued in self._queue.items() if queued.until_at <= now]:
            del self._queue[update_id]
