"""Victim chat: number and PIN, status, news and withdrawing."""

from __future__ import annotations

import pytest
from store_makers import STAFF, asked_by
from test_cases import find_something
from victim_scene import Clock, VictimScene, config, counts, line, registered

from bot.chat.victim_screens import Name, Press, press
from bot.model import (
    AlertId,
    Decision,
    Delete,
    Language,
    Send,
    ShowAlert,
)
from bot.store import Store, cases, conversations, findings
from bot.texts import text

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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_who_looks_in_from_another_chat_is_not_shown_that_news_comes_there(
    store: Store, language: Language, answer: str
) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1, link=True)
    other = VictimScene(store, scene.clock, cases=scene.cases, language_code=language)
    await other.say(f"{number} {pin}")
    here, elsewhere = (text(language, f"victim-button-unlink{which}") for which in ("", "-other"))
    labels = [button.text for button in other.buttons]
    assert (here in labels, elsewhere in labels) == (False, True)
    await other.press(Press.CONTACT, answer)
    labels = [button.text for button in other.buttons]
    assert (here in labels, elsewhere in labels) == (answer == "yes", False)
    async with store.read() as tx:
        assert await cases.by_contact(tx, scene.chat_id) == []
        assert len(await cases.by_contact(tx, other.chat_id)) == (answer == "yes")


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
    assert isinstance(news, Send)
    assert news == Send(scene.chat_id, *scene.chat.found_notice(opened.case, language))
    assert news.text.split("\n")[0] in {"새 소식이 있습니다.", "There is news."}
    await scene.say("/cancel")
    await scene.press_data(news.keyboard[0][0].data or "")
    assert scene.shown.startswith(text(language, "victim-findings", confirmed=1, waiting=0))


async def test_news_leads_to_the_case_that_it_is_of_though_another_was_opened_in_the_chat(
    store: Store,
) -> None:
    scene = VictimScene(store)
    linked = await registered(scene, link=True)
    number, pin = await VictimScene(store, scene.clock, cases=scene.cases).register(2)
    async with store.write() as tx:
        alert_id = await find_something(tx, linked)
    await confirm(scene, alert_id)
    async with store.read() as tx:
        [news] = await scene.chat.tell_found(tx, alert_id)
    assert isinstance(news, Send)
    await scene.say(f"{number} {pin}")
    button = news.keyboard[0][0].data or ""
    assert (await scene.press_data(button)).startswith(
        text(Language.KO, "victim-findings", confirmed=1, waiting=0)
    )
    await scene.press(Press.GO, Name.HOME)
    assert linked.case.number is not None
    assert linked.case.number in await scene.press(Press.GO, Name.STATUS)
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    assert (await scene.press_data(button)).startswith(text(Language.KO, "victim-number")), "as ever"


async def test_a_chat_that_is_not_linked_is_told_nothing(store: Store) -> None:
    scene = VictimScene(store)
    opened = await registered(scene)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
        assert await scene.chat.tell_found(tx, alert_id) == []
