"""Alerts and messages on their way to a Telegram that the test holds in its hand."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from store_makers import Scene as Findings
from store_makers import after

from bot.errors import ChatHasMoved, MessageGone
from bot.model import (
    AlertId,
    CaseId,
    ChatId,
    Delete,
    Edit,
    Effect,
    MediaId,
    MessageId,
    PostId,
    Send,
    SendFile,
    SendPicture,
    ShowAlert,
)
from bot.pipeline.delivery import Delivery
from bot.pipeline.worker import Stage, Worker
from bot.store import Store, Tx, outbox, queue, tables
from bot.store.alerts import Alert
from bot.store.outbox import OutboxRow
from bot.store.stats import Stats

STAFF_CHAT, UPGRADED = ChatId(-500), ChatId(-1000000000777)
"""A basic group, and the supergroup that it becomes."""
VICTIM = ChatId(5)


class Telegram:
    """What chats show. Message numbers begin anew in each."""

    def __init__(self) -> None:
        self.messages: dict[tuple[ChatId, MessageId], str] = {}
        self.calls: list[Effect | SendPicture] = []
        self.is_upgraded = False
        self.trouble: Exception | None = None
        self.before: Callable[[Effect | SendPicture], Awaitable[None]] | None = None
        """What happens while a call is on its way."""
        self._last: dict[ChatId, int] = {}

    async def carry_out(self, effect: Effect | SendPicture) -> MessageId | None:
        self.calls.append(effect)
        if self.before is not None:
            await self.before(effect)
        if self.trouble is not None:
            raise self.trouble
        assert isinstance(effect, Send | SendFile | SendPicture | Edit | Delete)
        chat_id = effect.chat_id
        if self.is_upgraded and chat_id == STAFF_CHAT:
            raise ChatHasMoved(UPGRADED)
        match effect:
            case Delete():
                self.messages.pop((chat_id, effect.message_id), None)
                return None
            case Edit():
                if (chat_id, effect.message_id) not in self.messages:
                    raise MessageGone
                message_id = effect.message_id
            case _:
                message_id = MessageId(self._last.get(chat_id, 0) + 1)
                self._last[chat_id] = message_id
        self.messages[chat_id, message_id] = str(getattr(effect, "text", getattr(effect, "name", "")))
        return message_id

    def living(self, chat_id: ChatId) -> list[str]:
        return [text for (chat, _), text in self.messages.items() if chat == chat_id]


def words(alert: Alert) -> str:
    findings = " ".join(f"F-{finding.finding_id}" for finding in alert.findings)
    return f"{alert.case_number or 'withdrawn'} {alert.band}: {findings}"


class Scene:
    """Delivery over a real outbox."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.telegram = Telegram()
        self.now = after(60)
        self.lost: list[str] = []
        self.left: list[Delete] = []
        self.drawn: list[Stats] = []
        unused: Any = None
        self.delivery = Delivery(
            store,
            self.telegram,
            lambda alert: (words(alert), ()),
            lambda lookback: "lookback",
            unused,
            self._drawn,
            lambda listed: [f"#{channel.id} {counts.posts}" for channel, counts in listed],
            unused,
            unused,
            configured_staff_chat=STAFF_CHAT,
            zone=ZoneInfo("Asia/Seoul"),
            now=lambda: self.now,
            staff_chat_lost=self._lost,
            message_stays=self._left,
        )
        self.workers = [Worker(stage, store, lambda: self.now) for stage in self.delivery.stages()]
        self._cases: dict[str, CaseId] = {}
        self._posts: dict[tuple[int, int], tuple[PostId, list[MediaId]]] = {}
        self._numbers = itertools.count(1)

    async def _lost(self, tx: Tx, trouble: str) -> None:
        self.lost.append(trouble)

    async def _left(self, tx: Tx, effect: Delete, trouble: str) -> None:
        self.left.append(effect)

    def _drawn(self, collected: Stats) -> tuple[bytes, str]:
        self.drawn.append(collected)
        return b"PNG", "stats"

    def findings(self, tx: Tx) -> Findings:
        return Findings(tx, self._cases, self._posts)

    async def found(self, message_id: int, **how: Any) -> AlertId:
        """The post shows something, and staff are to see it."""
        async with self.store.write() as tx:
            alert_id = await self.findings(tx).new(message_id, **how)
            await self.show(tx, alert_id)
        return alert_id

    async def show(self, tx: Tx, alert_id: AlertId) -> None:
        await outbox.add(
            tx, [ShowAlert(alert_id)], key=f"show:{next(self._numbers)}", now=self.now, priority=1
        )

    async def ask(self, *effects: Effect) -> None:
        async with self.store.write() as tx:
            await outbox.add(tx, effects, key=f"ask:{next(self._numbers)}", now=self.now)

    async def deliver(self) -> None:
        """All that is ready now, one after the other."""
        while sum([await worker.run_ready() for worker in self.workers]):
            pass

    async def claim(self, stage: Stage[OutboxRow]) -> list[Effect]:
        async with self.store.write() as tx:
            return [row.effect for row in await stage.claim(tx, stage.concurrency)]

    async def deliver_after(self, attempts: int, **how_long: float) -> None:
        """Deliver what has been tried as often already, when it can be tried again."""
        self.now += timedelta(**how_long)
        async with self.store.write() as tx:
            await tx.execute(update(tables.outbox).values(attempts=attempts))
        await self.deliver()

    async def rows(self) -> dict[str, int]:
        async with self.store.read() as tx:
            return await queue.counts(tx, tables.outbox)
