"""Effects on their way to Telegram, and what is left where they do not arrive."""

from __future__ import annotations

import pytest
from delivery_scene import STAFF_CHAT, VICTIM, Scene
from store_makers import NOW, after

from bot.chat.notices import Notices
from bot.errors import Permanent
from bot.model import ChatId, Delete, Language, MessageId, Send
from bot.store import Store, outbox, queue, tables


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


async def test_a_message_of_a_group_that_can_neither_be_deleted_nor_edited_is_told(scene: Scene) -> None:
    left = Delete(STAFF_CHAT, MessageId(7))
    scene.telegram.trouble = Permanent("message can't be edited")
    await scene.ask(left, Delete(VICTIM, MessageId(8)))
    await scene.deliver()
    assert scene.left == [left]
    assert (await scene.rows())["ready"] == 0


async def test_admins_are_told_once_which_message_they_have_to_delete(store: Store) -> None:
    admin = ChatId(70)
    notices = Notices(configured_staff_chat=STAFF_CHAT, admins=[admin], language=Language.EN, now=lambda: NOW)
    async with store.write() as tx:
        for message_id in (7, 7, 8):
            left = Delete(ChatId(-1001234567890), MessageId(message_id))
            await notices.of_message_left(tx, left, "it is too old")
        counts = await queue.counts(tx, tables.outbox)
        [first] = await outbox.claim(tx, now=after(1), lease_s=60, limit=9)
    assert counts["ready"] == 2
    assert isinstance(first.effect, Send)
    assert first.effect.chat_id == admin
    assert "Cause: it is too old\nMessage: https://t.me/c/1234567890/7\n" in first.effect.text
