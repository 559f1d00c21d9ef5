"""Victim chat: deleting everything, also after a withdrawal, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update
from store_makers import NOW
from test_cases import find_something
from victim_scene import VictimScene, counts, registered

from bot.chat.victim_screens import Press
from bot.model import CaseState, ChatId, Delete, Language, MessageId
from bot.store import Store, cases, findings, inbox, queue, tables
from bot.store.inbox import NewUpdate
from bot.texts import text
from bot.victims.cases import Opened


@pytest.mark.parametrize("link", [True, False])
async def test_delete_everything_leaves_no_row_of_the_person(store: Store, link: bool) -> None:
    scene = VictimScene(store)
    opened = await registered(scene, link=link)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
        staff_chat, message_id = ChatId(-100123), MessageId(55)
        await findings.alert_sent(tx, alert_id, revision=1, chat_id=staff_chat, message_id=message_id)
    await scene.say("/delete")
    before = await counts(store)
    assert before["fingerprints"] == 1, "it is asked first"
    await scene.press(Press.ERASE)
    assert Delete(staff_chat, message_id) in scene.effects
    left = await counts(store)
    assert left.keys() <= {"cases", "withdrawn_fingerprints", "audit", "channels", "posts", "media"}
    async with store.read() as tx:
        case = await cases.get(tx, opened.case.id)
    assert case is not None
    assert (case.state, case.number, case.contact) == (CaseState.WITHDRAWN, None, None)
    assert scene.shown.startswith(text(Language.KO, "victim-erased", cases=1, hashes=1, photos=0))


async def bury(store: Store, raw: dict[str, Any], kind: str) -> int:
    async with store.write() as tx:
        key = str(await tx.scalar(select(func.count()).select_from(tables.inbox)))
        await inbox.add(tx, [NewUpdate(key, kind, raw)], now=NOW)
        [row] = await inbox.claim(tx, now=NOW, lease_s=60, limit=1)
        await queue.bury(tx, tables.inbox, row.id, now=NOW, trouble="cannot be read")
    return row.id


async def test_delete_everything_keeps_nothing_of_what_the_person_said_and_could_not_be_handled(
    store: Store,
) -> None:
    scene = VictimScene(store)
    theirs, other, group = scene.chat_id, scene.chat_id + 1, -100123
    for kind, whose, text_of in (
        ("message", {"chat": {"id": theirs}}, "a hash"),
        ("edited_message", {"chat": {"id": theirs}}, "a PIN"),
        ("my_chat_member", {"chat": {"id": theirs}}, "a name"),
        ("callback_query", {"from": {"id": theirs}}, "a button"),
    ):
        await bury(store, {kind: {**whose, "text": text_of}}, kind)
    kept = [
        await bury(store, {"message": {"chat": {"id": other}}}, "message"),
        # What somebody posts in a channel is no part of their conversation.
        await bury(store, {"message": {"chat": {"id": group}, "from": {"id": theirs}}}, "message"),
        await bury(store, {"channel_post": {"chat": {"id": group}}}, "channel_post"),
        await bury(store, {"message": "odd"}, "message"),
        await bury(store, {}, "unknown"),
    ]
    spoiled = await bury(store, {}, "message")
    async with store.write() as tx:
        await tx.execute(update(tables.inbox).where(tables.inbox.c.id == spoiled).values(raw=b"spoiled"))
    await scene.say("/delete")
    await scene.press(Press.ERASE)
    async with store.read() as tx:
        rows = await tx.all(select(tables.inbox.c.id).where(tables.inbox.c.raw.is_not(None)))
        listed = await queue.buried(tx, tables.inbox, 20)
    assert {row.id for row in rows} == {row.id for row in listed} == {*kept, spoiled}


@pytest.mark.parametrize("language", list(Language))
async def test_where_nothing_can_be_reached_nobody_is_told_that_everything_is_deleted(
    store: Store, language: Language
) -> None:
    scene = VictimScene(store, language_code=language)
    number, pin = await scene.register(1)
    await scene.say("/cancel")
    await scene.say("/delete")
    shown = await scene.press(Press.ERASE)
    assert {Language.KO: "모두 지웠습니다.\n", Language.EN: "Everything is deleted."}[language] not in shown
    assert {Language.KO: "계속 살펴봅니다", Language.EN: "keeps watching"}[language] in shown
    await scene.say(f"{number} {pin}")
    await scene.say("/delete")
    await scene.press(Press.ERASE)
    again = await scene.again()
    assert again.startswith(text(language, "victim-erased-none")), "nor that of all of it 0 was deleted"


async def test_delete_everything_says_that_cases_by_number_stay(store: Store) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    await scene.say("/cancel")
    assert "/withdraw" in await scene.say("/stop")
    await scene.press(Press.ERASE)
    assert "/withdraw" in scene.shown
    await scene.say(f"{number} {pin}")
    assert scene.shown.startswith(text(Language.KO, "victim-home"))


async def found_and_sent(scene: VictimScene, opened: Opened) -> tuple[ChatId, MessageId]:
    """Something is found for the case; returns the message in the staff chat that says so."""
    sent = ChatId(-100123), MessageId(55)
    async with scene.store.write() as tx:
        alert_id = await find_something(tx, opened)
        await findings.alert_sent(tx, alert_id, revision=1, chat_id=sent[0], message_id=sent[1])
    return sent


async def test_delete_everything_after_a_withdrawal_deletes_what_was_found(store: Store) -> None:
    scene = VictimScene(store)
    sent = await found_and_sent(scene, await registered(scene))
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    assert (await counts(store))["findings"] == 1
    await scene.press(Press.GO, "erase")
    await scene.press(Press.ERASE)
    assert Delete(*sent) in scene.effects
    assert (await counts(store)).keys().isdisjoint({"findings", "alerts", "matches", "conversations"})
    assert scene.shown.startswith(text(Language.KO, "victim-erased", cases=1, hashes=0, photos=0))


@pytest.mark.parametrize("language", list(Language))
async def test_a_withdrawal_that_is_pressed_twice_still_says_how_to_delete_what_was_found(
    store: Store, language: Language
) -> None:
    scene = VictimScene(store, language_code=language)
    await scene.register(1)
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    shown = await scene.again()
    assert shown.startswith(text(language, "victim-withdrawn-before"))
    assert text(language, "common-button-erase") in shown


async def test_a_new_registration_after_a_withdrawal_is_a_new_case_and_both_are_deleted(store: Store) -> None:
    scene = VictimScene(store)
    first = await registered(scene)
    sent = await found_and_sent(scene, first)
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    assert (await scene.say("/status")).startswith(text(Language.KO, "victim-number"))
    number, pin = await scene.register(2)
    assert number != first.case.number
    await scene.say(f"{number} {pin}")
    await scene.say("/delete")
    await scene.press(Press.ERASE)
    assert Delete(*sent) in scene.effects
    assert scene.shown.startswith(text(Language.KO, "victim-erased", cases=2, hashes=1, photos=0))


@pytest.mark.parametrize("of", ["another chat", "a conversation that was closed"])
async def test_a_withdrawn_case_is_out_of_reach_of(store: Store, of: str) -> None:
    """Even where the other chat had looked into the case with its number and PIN."""
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    other = VictimScene(store, scene.clock)
    await other.say(f"{number} {pin}")
    async with store.write() as tx:
        case = await scene.cases.unlock(tx, number=number, pin=pin, chat_id=scene.chat_id)
        added = await scene.cases.add(tx, case, [], chat_id=scene.chat_id)
    await found_and_sent(scene, Opened(case, pin, added))
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    if of == "a conversation that was closed":
        await scene.say("/cancel")
        other = scene
    await other.say("/delete")
    await other.press(Press.ERASE)
    assert other.shown.startswith(text(Language.KO, "victim-erased-none"))
    assert (await counts(store))["findings"] == 1
