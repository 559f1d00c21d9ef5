"""Victim chat: number and PIN, status, news, withdrawing and deleting."""

from __future__ import annotations

import pytest
from store_makers import STAFF, asked_by
from test_cases import find_something
from victim_scene import Clock, VictimScene, config, counts, line

from bot.chat.victim_screens import Name, Press, press
from bot.model import (
    AlertId,
    CaseState,
    ChatId,
    Decision,
    Delete,
    Language,
    MessageId,
    Send,
    ShowAlert,
)
from bot.store import Store, cases, conversations, findings
from bot.texts import text
from bot.victims.cases import Opened

LANGUAGES = list(Language)


@pytest.mark.parametrize("command", ["/status", "/withdraw"])
async def test_a_command_that_needs_a_case_asks_for_number_and_pin_and_goes_on(
    store: Store, command: str
) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    await scene.say("/cancel")
    assert (await scene.say(command)).startswith(text(Language.KO, "victim-number"))
    assert (await scene.say(number.lower().replace("-", " "))).startswith(text(Language.KO, "victim-pin"))
    await scene.say(f"{pin[:3]} {pin[3:]}")
    assert scene.shown.startswith(
        {"/status": "지금 상태를", "/withdraw": "등록을 철회하시겠습니까?"}[command]
    )
    said_by_the_person = [shown for shown, keyboard in scene.messages.values() if not keyboard]
    assert said_by_the_person == ["/start", "/cancel", command]


async def test_number_and_pin_together_are_taken_anywhere_and_deleted(store: Store) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    await scene.say("/cancel")
    await scene.say(f"제 번호는 {number} 이고 PIN은 {pin} 입니다")
    assert scene.shown.startswith(text(Language.KO, "victim-home"))
    assert not any(pin in shown for shown, _ in scene.messages.values())


async def test_what_is_no_number_or_pin_is_asked_for_again_without_counting(store: Store) -> None:
    scene = VictimScene(store)
    await scene.say("/status")
    assert text(Language.KO, "victim-bad-number") in await scene.say("JK-12")
    await scene.say("JK-ABCD-EFGH-JKMN")
    assert text(Language.KO, "victim-bad-pin") in await scene.say("12345")
    assert isinstance(scene.effects[0], Delete)
    assert "tries" not in await counts(store)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_wrong_pins_are_counted_then_blocked_and_said_for_how_long(
    store: Store, language: Language
) -> None:
    clock, limits = Clock(), config(pin_tries=2, pin_block_minutes=10)
    scene = VictimScene(store, clock, limits, language_code=language)
    number, pin = await scene.register(1)
    wrong = "000000" if pin != "000000" else "111111"
    await scene.say("/cancel")
    await scene.say(number)
    assert text(language, "victim-pin-wrong", left=1) in await scene.say(wrong)
    assert text(language, "victim-pin-blocked", minutes=10) in await scene.say(wrong)
    assert text(language, "victim-pin-blocked", minutes=10) in await scene.say(pin)
    clock.pass_(minutes=10)
    await scene.say(pin)
    assert scene.shown.startswith(text(language, "victim-home"))


async def test_a_number_that_does_not_exist_leads_through_the_same_screens(store: Store) -> None:
    shown = []
    for exists in (True, False):
        scene = VictimScene(store)
        number, pin = await scene.register(1)
        await scene.say("/cancel")
        before = len(scene.said)
        await scene.say(number if exists else "JK-0000-0000-0000")
        for _ in range(6):
            await scene.say("000000" if pin != "000000" else "111111")
        shown.append(scene.said[before:])
    assert shown[0] == shown[1]


async def test_a_linked_chat_sees_its_case_without_number_and_can_be_unlinked(store: Store) -> None:
    scene = VictimScene(store)
    number, _ = await scene.register(1, link=True)
    await scene.say("/cancel")
    assert number in await scene.say("/status")
    await scene.press(Press.GO, "home")
    await scene.press(Press.CONTACT, "no")
    assert text(Language.KO, "victim-unlinked", hours=24) in scene.shown
    await scene.say("/cancel")
    assert (await scene.say("/status")).startswith(text(Language.KO, "victim-number"))


async def test_a_case_is_apart_from_the_chat_unless_somebody_chooses_otherwise(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    await scene.say(line(1))
    async with store.read() as tx:
        assert await cases.by_contact(tx, scene.chat_id) == []


async def test_a_second_case_cannot_be_linked_to_the_same_chat(store: Store) -> None:
    scene = VictimScene(store)
    await scene.register(1, link=True)
    other = VictimScene(store, scene.clock)
    number, pin = await other.register(2)
    await scene.say(f"{number} {pin}")
    await scene.press(Press.CONTACT, "yes")
    assert text(Language.KO, "victim-already-linked") in scene.shown


async def test_nothing_is_lost_when_the_conversation_is_forgotten(store: Store) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    scene.clock.pass_(hours=25)
    async with store.write() as tx:
        await conversations.purge(tx, before=scene.clock())
    await scene.say(f"{number} {pin}")
    await scene.press(Press.GO, "status")
    assert number in scene.shown


async def test_a_conversation_of_an_older_version_starts_anew(store: Store) -> None:
    scene = VictimScene(store)
    async with store.write() as tx:
        await conversations.put(tx, scene.chat_id, {"step": "long gone", "language": "ko"}, scene.clock())
    assert (await scene.say("hello")).startswith(text(Language.KO, "victim-not-understood"))


async def test_a_withdrawal_asks_once_and_keeps_everything_when_told_to(store: Store) -> None:
    scene = VictimScene(store)
    await scene.register(1)
    await scene.say("/withdraw")
    before = await counts(store)
    await scene.press(Press.GO, "home")
    assert scene.shown.startswith(text(Language.KO, "victim-home"))
    assert await counts(store) == before


@pytest.mark.parametrize("asked_at", ["/withdraw", "/status"])
async def test_a_button_of_another_case_s_message_changes_nothing(store: Store, asked_at: str) -> None:
    """She asks for the first case, leaves it at that, and presses only when the chat is at the second."""
    scene = VictimScene(store)
    await scene.register(1)
    await scene.say(asked_at)
    if asked_at == "/status":
        await scene.press(Press.GO, "home")
    old, message_id = scene.buttons, max(scene.messages)
    await scene.say("/cancel")
    await scene.register(2)
    before = await counts(store)
    acting = [
        one.data for one in old if (one.data or "").startswith((press(Press.WITHDRAW), press(Press.CONTACT)))
    ]
    assert acting
    for data in acting:
        assert data is not None
        await scene.press_data(data, message_id)
        assert scene.messages[message_id][0].startswith(text(Language.KO, "victim-old-button"))
    assert await counts(store) == before


@pytest.mark.parametrize("data", [press(Press.WITHDRAW), press(Press.CONTACT, "yes")])
async def test_a_button_that_names_no_case_changes_nothing(store: Store, data: str) -> None:
    """As messages of an earlier version have them."""
    scene = VictimScene(store)
    await scene.register(1)
    before = await counts(store)
    await scene.press_data(data)
    assert scene.shown.startswith(text(Language.KO, "victim-old-button"))
    assert await counts(store) == before


async def test_a_withdrawal_changes_the_alerts_of_the_case(store: Store) -> None:
    scene = VictimScene(store)
    opened = await registered(scene)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    assert ShowAlert(alert_id) in scene.effects


async def registered(scene: VictimScene, *, link: bool = False) -> Opened:
    """A case opened in this chat, as the use case sees it."""
    number, pin = await scene.register(1, link=link)
    async with scene.store.write() as tx:
        case = await scene.cases.unlock(tx, number=number, pin=pin, chat_id=scene.chat_id)
        added = await scene.cases.add(tx, case, [], chat_id=scene.chat_id)
    return Opened(case, pin, added)


async def test_findings_are_shown_only_when_asked_for(store: Store) -> None:
    scene = VictimScene(store)
    opened = await registered(scene)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
    await confirm(scene, alert_id)
    await scene.say("/status")
    assert "1건" not in scene.shown
    await scene.press(Press.GO, "findings")
    assert scene.shown.startswith(text(Language.KO, "victim-findings", confirmed=1, waiting=0))


async def confirm(scene: VictimScene, alert_id: AlertId) -> None:
    async with scene.store.write() as tx:
        alert = await findings.alert(tx, alert_id)
        assert alert is not None
        up_to = alert.findings[-1].finding_id
        await findings.decide(
            tx,
            alert_id,
            up_to=up_to,
            asked=await asked_by(tx, alert_id),
            decision=Decision.CONFIRMED,
            by=STAFF,
            now=scene.clock(),
        )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_linked_chat_is_told_neutrally_that_there_is_news(store: Store, language: Language) -> None:
    scene = VictimScene(store, language_code=language)
    opened = await registered(scene, link=True)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
    await confirm(scene, alert_id)
    async with store.read() as tx:
        [news] = await scene.chat.tell_found(tx, alert_id)
    shown, keyboard = scene.chat.found_notice(language)
    assert news == Send(scene.chat_id, shown, keyboard)
    assert shown.split("\n")[0] in {"새 소식이 있습니다.", "There is news."}
    await scene.say("/cancel")
    await scene.press_data(press(Press.GO, Name.FINDINGS))
    assert scene.shown.startswith(text(language, "victim-findings", confirmed=1, waiting=0))


async def test_a_chat_that_is_not_linked_is_told_nothing(store: Store) -> None:
    scene = VictimScene(store)
    opened = await registered(scene)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
        assert await scene.chat.tell_found(tx, alert_id) == []


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
