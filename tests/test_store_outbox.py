from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update
from store_makers import NOW, after

from bot.model import (
    AlertId,
    Answer,
    Button,
    ChatId,
    Delete,
    Edit,
    Effect,
    Leave,
    MessageId,
    Send,
    ShowAlert,
)
from bot.store import Store, outbox, queue, tables
from bot.store.outbox import OutboxRow

A, B = ChatId(11), ChatId(22)
EFFECTS: list[Effect] = [
    Send(A, "<b>안녕하세요</b> 🙂", ((Button("예", data="v:yes"), Button("Help", url="https://x.org/")), ())),
    Send(A, "", choose_channel="고르기", silent=True, protected=True),
    Edit(B, MessageId(5), "text", ((Button("확인", data="a:1"),),)),
    Delete(B, MessageId(6)),
    Answer("callback", "안내", as_alert=True),
    Leave(A),
    ShowAlert(AlertId(7)),
]


async def add(store: Store, *effects: Effect, key: str = "inbox:1", priority: int = 0) -> None:
    async with store.write() as tx:
        await outbox.add(tx, effects, key=key, now=NOW, priority=priority)


async def claim(store: Store, *, limit: int = 10, seconds: float = 0) -> list[OutboxRow]:
    async with store.write() as tx:
        return await outbox.claim(tx, now=after(seconds), lease_s=60, limit=limit)


async def done(store: Store, row: OutboxRow) -> None:
    async with store.write() as tx:
        await queue.done(tx, tables.outbox, row.id, now=NOW)


async def drain(store: Store) -> list[Effect]:
    effects = []
    while rows := await claim(store):
        for row in rows:
            effects.append(row.effect)
            await done(store, row)
    return effects


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
async def test_an_effect_comes_out_as_it_went_in(store: Store, effect: Effect) -> None:
    await add(store, effect)
    [row] = await claim(store)
    assert row.effect == effect
    assert type(row.effect) is type(effect)


async def test_the_same_key_and_place_is_added_once(store: Store) -> None:
    await add(store, Send(A, "one"), Send(B, "two"), key="inbox:1")
    await add(store, Send(A, "one"), Send(B, "two"), key="inbox:1")
    await add(store, Send(A, "one"), key="inbox:2")
    assert await drain(store) == [Send(A, "one"), Send(B, "two"), Send(A, "one")]


async def test_effects_of_one_chat_go_out_one_after_the_other(store: Store) -> None:
    await add(store, Send(A, "1"), Send(B, "1"), Edit(A, MessageId(1), "2"), Delete(A, MessageId(1)))
    first = await claim(store)
    assert [row.effect for row in first] == [Send(A, "1"), Send(B, "1")]
    assert await claim(store) == []
    await done(store, first[0])
    [second] = await claim(store)
    assert second.effect == Edit(A, MessageId(1), "2")


async def test_a_chat_waits_for_its_retried_effect_and_the_others_do_not(store: Store) -> None:
    await add(store, Send(A, "1"), Send(A, "2"), Send(B, "1"))
    [first, other] = await claim(store)
    async with store.write() as tx:
        await queue.retry(tx, tables.outbox, first.id, run_at=after(30), trouble="429")
    await done(store, other)
    assert await claim(store) == []
    [again] = await claim(store, seconds=30)
    assert again.effect == Send(A, "1")


async def test_a_buried_effect_holds_up_nobody(store: Store) -> None:
    await add(store, Send(A, "1"), Send(A, "2"))
    [first] = await claim(store)
    async with store.write() as tx:
        await queue.bury(tx, tables.outbox, first.id, now=NOW, trouble="x")
    [second] = await claim(store)
    assert second.effect == Send(A, "2")


async def test_a_higher_priority_does_not_overtake_within_its_chat(store: Store) -> None:
    await add(store, Send(A, "1"), key="inbox:1")
    await add(store, Send(A, "2"), key="work:1", priority=1)
    assert await drain(store) == [Send(A, "1"), Send(A, "2")]


async def test_answers_wait_for_nothing(store: Store) -> None:
    await add(store, Answer("one"), Answer("two"))
    assert len(await claim(store)) == 2


async def test_one_alert_is_not_shown_twice_at_once_and_others_are_not_held_up(store: Store) -> None:
    await add(store, ShowAlert(AlertId(1)), ShowAlert(AlertId(1)), ShowAlert(AlertId(2)))
    assert [row.effect for row in await claim(store)] == [ShowAlert(AlertId(1)), ShowAlert(AlertId(2))]


async def test_claiming_at_once_keeps_the_order_within_every_chat(store: Store) -> None:
    chats = [ChatId(number) for number in range(3)]
    await add(store, *(Send(chat, str(number)) for number in range(6) for chat in chats))
    sent: dict[ChatId, list[str]] = {chat: [] for chat in chats}

    async def deliver() -> None:
        while rows := await claim(store, limit=2):
            for row in rows:
                assert isinstance(row.effect, Send)
                sent[row.effect.chat_id].append(row.effect.text)
                await done(store, row)

    while any(len(texts) < 6 for texts in sent.values()):
        await asyncio.gather(*(deliver() for _ in range(3)))
    assert sent == {chat: [str(number) for number in range(6)] for chat in chats}


async def test_a_delivered_effect_is_deleted_and_its_key_kept(store: Store) -> None:
    await add(store, Send(A, "case number and PIN"))
    [row] = await claim(store)
    await done(store, row)
    async with store.read() as tx:
        stored = await tx.first(select(tables.outbox))
    assert stored is not None
    assert stored.effect is None
    await add(store, Send(A, "case number and PIN"))
    assert await claim(store) == []


async def test_no_effect_is_no_row(store: Store) -> None:
    await add(store)
    async with store.read() as tx:
        assert await queue.counts(tx, tables.outbox) == {"ready": 0, "done": 0, "buried": 0}


async def test_what_was_given_up_is_forgotten_after_its_time_and_an_alert_never(store: Store) -> None:
    await add(store, Send(A, "1"), ShowAlert(AlertId(7)))
    for row in await claim(store):
        async with store.write() as tx:
            await queue.bury(tx, tables.outbox, row.id, now=NOW, trouble="x")
    for seconds, left in ((0, 2), (1, 1)):
        async with store.write() as tx:
            await outbox.purge_buried(tx, before=after(seconds))
            assert (await queue.counts(tx, tables.outbox))["buried"] == left
    async with store.write() as tx:
        assert await outbox.retry_buried(tx, now=NOW) == 1
    [row] = await claim(store)
    assert row.effect == ShowAlert(AlertId(7))


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "SendHologram"},
        {"effect": b'{"chat_id": 11, "words": "number and PIN"}'},
        {"effect": b"no JSON: number and PIN"},
    ],
    ids=["kind", "fields", "no json"],
)
async def test_a_row_of_another_version_is_buried_without_its_words_and_stops_no_other(
    store: Store, changed: dict[str, Any]
) -> None:
    await add(store, Send(A, "1"))
    async with store.write() as tx:
        if "effect" in changed:
            changed = {"effect": tx.cipher.seal("outbox.effect", changed["effect"])}
        await tx.execute(update(tables.outbox).values(**changed))
    await add(store, Send(B, "2"), key="inbox:2")
    assert [row.effect for row in await claim(store)] == [Send(B, "2")]
    async with store.read() as tx:
        [buried] = await queue.buried(tx, tables.outbox, 9)
        effects = [row.effect for row in await tx.all(select(tables.outbox.c.effect).order_by("id"))]
    assert "PIN" not in buried.trouble
    assert (effects[0], effects[1] is None) == (None, False)


async def test_an_alert_that_does_not_open_is_buried_and_can_be_tried_again(store: Store) -> None:
    await add(store, ShowAlert(AlertId(7)))
    async with store.read() as tx:
        written = await tx.scalar(select(tables.outbox.c.effect))
    async with store.write() as tx:
        await tx.execute(update(tables.outbox).values(effect=tx.cipher.seal("outbox.effect", b"{}")))
    assert await claim(store) == []
    async with store.write() as tx:
        assert await outbox.retry_buried(tx, now=NOW) == 1
        await tx.execute(update(tables.outbox).values(effect=written))
    [row] = await claim(store)
    assert row.effect == ShowAlert(AlertId(7))
