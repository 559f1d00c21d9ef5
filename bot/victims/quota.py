"""How much one chat may register in a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.model import ChatId
from bot.store import Tx, tries

_DAY = timedelta(days=1)


class DayQuota:
    """Counts things of one sort by chat; a day begins with the first of it."""

    def __init__(self, sort: str, limit: int, now: Callable[[], datetime]) -> None:
        self._sort = sort
        self._limit = limit
        self._now = now

    async def room(self, tx: Tx, chat_id: ChatId) -> int:
        return self._limit - (await self._counted(tx, chat_id))[0]

    async def count(self, tx: Tx, chat_id: ChatId, new: int) -> None:
        counted, until = await self._counted(tx, chat_id)
        key = self._key(chat_id)
        await tries.failed(tx, key, failed=counted + new, blocked_until=until, now=self._now())

    async def give_back(self, tx: Tx, chat_id: ChatId, number: int) -> None:
        """So many things are gone; of a chat that has none any more nothing is kept."""
        counted, until = await self._counted(tx, chat_id)
        key, left = self._key(chat_id), counted - number
        if left > 0:
            await tries.failed(tx, key, failed=left, blocked_until=until, now=self._now())
        else:
            await tries.clear(tx, key)

    async def _counted(self, tx: Tx, chat_id: ChatId) -> tuple[int, datetime]:
        """How many there were in the day that ends then."""
        now = self._now()
        counted = await tries.get(tx, self._key(chat_id))
        if counted.blocked_until is None or counted.blocked_until <= now:
            return 0, now + _DAY
        return counted.failed, counted.blocked_until

    def _key(self, chat_id: ChatId) -> str:
        return f"{self._sort}:{chat_id}"
