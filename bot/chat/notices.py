"""Troubles that a person has to know of, each told once an hour at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.delivery import staff_chat
from bot.model import ChatId, Effect, Language, Send
from bot.store import Store, outbox
from bot.texts import Value, text


class Notices:
    def __init__(
        self,
        store: Store,
        *,
        configured_staff_chat: ChatId,
        admins: Sequence[ChatId],
        language: Language,
        now: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        self._store = store
        self._configured_staff_chat = configured_staff_chat
        self._admins = admins
        self._language = language
        self._now = now
        self._committed = committed

    async def to_staff(self, code: str, **values: Value) -> None:
        """Post the text `notice-<code>` in the staff chat."""
        async with self._store.read() as tx:
            chat_id = await staff_chat(tx, self._configured_staff_chat)
        await self._tell([chat_id], code, values)

    async def to_admins(self, code: str, **values: Value) -> None:
        """Send the text `notice-<code>` to every admin privately, for when the staff chat itself is in trouble."""
        await self._tell(self._admins, code, values)

    async def _tell(self, chats: Sequence[ChatId], code: str, values: dict[str, Value]) -> None:
        now = self._now()
        message = text(self._language, f"notice-{code}", **values)
        effects: list[Effect] = [Send(chat_id, message) for chat_id in chats]
        async with self._store.write() as tx:
            await outbox.add(tx, effects, key=f"notice:{code}:{now:%Y-%m-%dT%H}", now=now)
        self._committed()
