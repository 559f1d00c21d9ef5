"""From updates to rows, over the real store and parser; only the conversations are played."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from store_makers import ADMIN, CHAT, NOW, STAFF

from bot import channels
from bot.channels import Request
from bot.errors import StoreError
from bot.model import ChannelState, ChatKind, ChatMoved, Effect, Membership, Talk
from bot.pipeline.inbox import Inbox, Reader
from bot.pipeline.worker import Worker
from bot.sources import updates
from bot.store import Store, Tx, queue, tables
from bot.store.channels import by_chat
from bot.store.inbox import InboxRow

ADDED = Membership(CHAT, ChatKind.CHANNEL, "Channel", "a_channel", STAFF, True, True)
REMOVED = Membership(CHAT, ChatKind.CHANNEL, "Channel", "a_channel", STAFF, False, False)


class Scene:
    """Plays the conversations: what the bot's standing is goes to the channels, and talk nowhere."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = NOW
        self.troubles = 0
        self.asked: list[Membership] = []
        self.buried: list[str] = []
        reader = Reader(updates.key_of, updates.kind_of, updates.parse)
        self.inbox = Inbox(store, reader, self, now=self.now, committed=lambda: None)
        self.worker = Worker(self.inbox.stage(self._buried), store, self.now)

    def now(self) -> datetime:
        return self.clock

    async def handle(self, tx: Tx, update: Talk | Membership | ChatMoved) -> list[Effect]:
        if self.troubles:
            self.troubles -= 1
            raise StoreError("the disk is full")
        if isinstance(update, Membership):
            self.asked.append(update)
            await channels.changed(tx, update, self.clock)
        return []

    async def _buried(self, tx: Tx, row: InboxRow, trouble: str) -> None:
        self.buried.append(trouble)

    async def removed(self) -> None:
        """The channel was watched, and the bot was thrown out."""
        async with self.store.write() as tx:
            news = await channels.changed(tx, ADDED, self.clock)
            assert news is not None
            request = Request("Letter 1", self.clock.date() + timedelta(days=30))
            zone = ZoneInfo("Asia/Seoul")
            await channels.authorise(tx, news[1].id, request, zone=zone, by=ADMIN, now=self.clock)
            await channels.changed(tx, REMOVED, self.clock)

    async def post(self, message_id: int, *, file_id: str = "AgAC") -> None:
        picture = {"file_id": file_id, "file_unique_id": f"u{message_id}", "width": 640, "height": 480}
        body: dict[str, Any] = {
            "message_id": message_id,
            "date": int(self.clock.timestamp()),
            "chat": {"id": CHAT, "type": "channel", "title": "Channel"},
            "photo": [picture],
        }
        await self.inbox.receive([{"update_id": message_id, "channel_post": body}])
        await self.worker.run_ready()

    async def state(self) -> ChannelState:
        async with self.store.read() as tx:
            channel = await by_chat(tx, CHAT)
        assert channel is not None
        return channel.state


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


async def test_a_database_in_trouble_is_no_reason_to_take_an_update_for_one_that_cannot_be_read(
    scene: Scene,
) -> None:
    scene.troubles = 20
    await scene.post(1)
    for _ in range(20):
        scene.clock += timedelta(minutes=5)
        await scene.worker.run_ready()
    assert (len(scene.asked), scene.buried) == (1, [])
    async with scene.store.read() as tx:
        assert (await queue.counts(tx, tables.inbox))["done"] == 1


async def test_a_channel_that_the_bot_is_in_again_without_having_been_told_is_asked_about_once(
    scene: Scene,
) -> None:
    await scene.removed()
    scene.clock += timedelta(days=3)
    await scene.post(1)
    await scene.post(2)
    assert (len(scene.asked), await scene.state()) == (1, ChannelState.ASKED)


async def test_what_was_posted_before_the_bot_was_thrown_out_or_came_by_an_account_is_no_news(
    scene: Scene,
) -> None:
    await scene.removed()
    await scene.post(1)
    scene.clock += timedelta(days=3)
    await scene.post(2, file_id=f"mtproto:{CHAT}:2:u2")
    assert (scene.asked, await scene.state()) == ([], ChannelState.LEFT)
