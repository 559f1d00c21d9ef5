"""Troubles that a person has to know of, each told once an hour at most for each thing that it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.delivery import staff_chat
from bot.model import ChatId, Effect, Language, Send
from bot.store import Tx, outbox
from bot.texts import Value, text


class Notices:
    def __init__(
        self,
        *,
        configured_staff_chat: ChatId,
        admins: Sequence[ChatId],
        language: Language,
        now: Callable[[], datetime],
    ) -> None:
        self._configured_staff_chat = configured_staff_chat
        self._admins = admins
        self._language = language
        self._now = now

    async def to_staff(self, tx: Tx, code: str, *, about: str = "", **values: Value) -> None:
        """Post the text `notice-<code>` in the staff chat."""
        await self._tell(tx, [await staff_chat(tx, self._configured_staff_chat)], code, values, about)

    async def to_admins(self, tx: Tx, code: str, **values: Value) -> None:
        """Send the text `notice-<code>` to every admin privately, for when the staff chat itself is in trouble."""
        await self._tell(tx, self._admins, code, values)

    async def _tell(
        self, tx: Tx, chats: Sequence[ChatId], code: str, values: dict[str, Value], about: str = ""
    ) -> None:
        now = self._now()
        message = text(self._language, f"notice-{code}", **values)
        effects: list[Effect] = [Send(chat_id, message) for chat_id in chats]
        await outbox.add(tx, effects, key=f"notice:{code}{about}:{now:%Y-%m-%dT%H}", now=now)
