from __future__ import annotations

import pytest
from store_makers import STAFF
from test_cases import find_something
from victim_scene import Clock, VictimScene, config, counts, fingerprint, line, make_cases

from bot.cases import Opened
from bot.chat.callback import encode
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
from matcher import format_hash

LANGUAGES = list(Language)
BAD_HASHES = {
    "victim-hash-wrong-length": fingerprint(1).hex[:-1],
    "victim-hash-not-hex": "z" + fingerprint(1).hex[1:],
    "victim-hash-not-a-fingerprint": "f" * 64,
    "victim-hash-low-quality": format_hash(fingerprint(1, quality=20)),
    "victim-hash-wrong-checksum": line(1)[:-4] + ("0000" if line(1)[-4:] != "0000" else "1111"),
    "victim-hash-unknown-format": f"PDQ2:{fingerprint(1).hex}:80:abcd",
}


async def test_the_first_screen_says_who_what_and_what_not_in_the_clients_language(store: Store) -> None:
    korean = VictimScene(store, language_code="ko-KR")
    assert (await korean.say("/start")).startswith("안녕하세요. 지킴이입니다.\n운영: 지킴이 센터")
    english = VictimScene(store, language_code="en")
    assert (await english.say("/start")).startswith("Hello. This is Jikimi.\nRun by: 지킴이 센터")
    assert "1366" in english.shown


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_case_is_registered_looked_at_and_withdrawn(store: Store, language: Language) -> None:
    scene = VictimScene(store, language_code=language)
    await scene.say("/start")
    await scene.press(Press.GO, "age")
    await scene.press(Press.AGE, "yes")
    assert "2026-11" in scene.shown
    await scene.press(Press.CONSENT, "yes")
    assert "jikimi hash" in scene.shown
    await scene.say(f"{line(1)}\n{line(2)}")
    number, pin = scene.number_and_pin()
    assert text(language, "victim-added", new=2, total=2) in scene.shown
    await scene.press(Press.NOTED)
    assert not any(pin in shown for shown, _ in scene.messages.values())
    await scene.press(Press.CONTACT, "no")
    await scene.press(Press.GO, "status")
    assert number in scene.shown
    day = {Language.KO: "2026년 11월 24일", Language.EN: "November 24, 2026"}[language]
    assert day in scene.shown, "in the organisation's time zone"
    await scene.press(Press.GO, "findings")
    assert scene.shown.startswith(text(language, "victim-findings-none"))
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    assert scene.shown.startswith(text(language, "victim-withdrawn", count=2))
    assert (await counts(store)).keys() <= {
        "cases",
        "withdrawn_fingerprints",
        "audit",
        "conversations",
        "tries",
    }


async def test_the_age_asked_for_is_that_of_the_language(store: Store) -> None:
    scene = VictimScene(store, limits=config(age_of_majority_ko=19, age_of_majority_en=21))
    await scene.say("/start")
    assert "만 19세" in await scene.press(Press.GO, "age")
    assert "21 or older" in await scene.press(Press.LANGUAGE, "en", "age")


@pytest.mark.parametrize("answer", ["no", "unsure"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_of_somebody_under_age_or_unsure_nothing_is_stored(
    store: Store, language: Language, answer: str
) -> None:
    scene = VictimScene(store, language_code=language)
    await scene.say("/start")
    await scene.press(Press.GO, "age")
    await scene.press(Press.AGE, answer)
    assert not await counts(store)
    for place in ("1366", "735-8994", "112", "Take It Down"):
        assert place in scene.shown
    urls = [button.url for button in scene.buttons if button.url]
    assert any("takeitdown" in url for url in urls)
    assert any("childline" in url for url in urls) == (language is Language.EN)
    await scene.press(Press.LANGUAGE, "en" if language is Language.KO else "ko", "underage")
    assert not await counts(store)
    await scene.say(line(1))
    assert set(await counts(store)) == {"conversations"}
    assert isinstance(scene.effects[0], Delete)


async def test_no_hash_is_taken_before_age_and_consent(store: Store) -> None:
    scene = VictimScene(store)
    await scene.say(line(1))
    await scene.press(Press.GO, "age")
    await scene.say(line(1))
    await scene.press(Press.AGE, "yes")
    await scene.say(line(1))
    assert text(Language.KO, "victim-questions-first") in scene.shown
    assert "2026-11" in scene.shown
    assert set(await counts(store)) == {"conversations"}
    assert not any(line(1) in shown for shown, _ in scene.messages.values())


async def test_a_made_up_button_leads_past_no_question(store: Store) -> None:
    scene = VictimScene(store)
    await scene.say("/start")
    for data in (
        press(Press.GO, Name.HASHES),
        press(Press.GO, Name.CONSENT),
        press(Press.GO, Name.CONTACT),
        press(Press.CONSENT, "yes"),
        press(Press.AGE, "yes"),
        press(Press.CONTACT, "yes"),
        press(Press.LANGUAGE, "ko", Name.HASHES),
        press(Press.LANGUAGE, "xx"),
        encode("v", "unknown"),
        encode("a", "ok", 1),
        "nonsense",
        "",
    ):
        await scene.press_data(data)
        await scene.say(line(1))
    assert set(await counts(store)) == {"conversations"}


async def test_without_consent_nothing_is_kept(store: Store) -> None:
    scene = VictimScene(store)
    await scene.say("/start")
    await scene.press(Press.GO, "age")
    await scene.press(Press.AGE, "yes")
    await scene.press(Press.CONSENT, "no")
    assert scene.shown.startswith(text(Language.KO, "victim-closed"))
    assert not await counts(store)


async def test_number_and_pin_are_shown_once_protected_and_deleted_by_a_button(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    await scene.say(line(1))
    sends = [effect for effect in scene.effects if isinstance(effect, Send)]
    assert [send.protected for send in sends] == [True, False]
    number, pin = scene.number_and_pin()
    assert sum(pin in shown for shown in scene.said) == 1
    await scene.press(Press.NOTED)
    assert [type(effect).__name__ for effect in scene.effects] == ["Answer", "Delete"]
    assert not any(number in shown or pin in shown for shown, _ in scene.messages.values())


async def test_asking_to_delete_everything_leaves_the_message_with_the_pin_where_it_is(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    await scene.say(line(1))
    _, pin = scene.number_and_pin()
    await scene.press(Press.GO, "erase", "below")
    assert scene.shown.startswith(text(Language.KO, "victim-erase"))
    assert any(pin in shown for shown, _ in scene.messages.values())


async def test_the_message_that_carried_hashes_is_deleted_and_no_reply_repeats_one(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    sent = [line(1), fingerprint(2).hex, *BAD_HASHES.values()]
    for message in (*sent, "\n".join(sent)):
        await scene.say(message)
        assert isinstance(scene.effects[0], Delete)
        assert message not in [shown for shown, _ in scene.messages.values()]
    everything = "\n".join(scene.said).lower()
    for message in sent:
        for start in range(len(message) - 16):
            assert message[start : start + 16].lower() not in everything


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", BAD_HASHES)
async def test_what_is_wrong_with_a_hash_is_said_in_words(store: Store, language: Language, key: str) -> None:
    scene = VictimScene(store, language_code=language)
    await scene.come_to_hashes()
    values = {"length": 63} if key == "victim-hash-wrong-length" else {}
    problem = text(language, key, **values)
    assert problem in await scene.say(BAD_HASHES[key])
    assert "cases" not in await counts(store)
    shown = await scene.say(f"{line(5)}\n{BAD_HASHES[key]}")
    assert text(language, "victim-not-taken-one", number=2, problem=problem) in shown
    assert text(language, "victim-added", new=1, total=1) in shown


async def test_of_many_bad_hashes_some_are_explained_and_the_others_counted(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    shown = await scene.say("\n".join(["f" * 64] * 13))
    assert shown.count(text(Language.KO, "victim-hash-not-a-fingerprint")) == 10
    assert text(Language.KO, "victim-not-taken-more", count=3) in shown


async def test_too_many_hashes_are_not_taken_and_it_is_said_how_many_may_come(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    shown = await scene.say("\n".join(["a" * 16] * 201))
    assert text(Language.KO, "victim-too-many-hashes", max=200) in shown
    assert isinstance(scene.effects[0], Delete)


async def test_the_limits_of_case_and_day_are_told(store: Store) -> None:
    clock, limits = Clock(), config(max_hashes_per_case=2, max_hashes_per_day=3)
    scene = VictimScene(store, clock, limits)
    await scene.come_to_hashes()
    shown = await scene.say("\n".join(line(number) for number in (1, 2, 3)))
    assert text(Language.KO, "victim-added-case-limit", count=1, limit=2) in shown
    await scene.press(Press.CONTACT, "no")
    await scene.press(Press.GO, "closed")
    await scene.come_to_hashes()
    shown = await scene.say("\n".join(line(number) for number in (4, 5)))
    assert text(Language.KO, "victim-added-day-limit", count=1, limit=3) in shown
    await scene.say("/cancel")
    await scene.come_to_hashes()
    shown = await scene.say(line(6))
    assert text(Language.KO, "victim-day-limit", limit=3) in shown
    assert (await counts(store))["cases"] == 2


async def test_hashes_that_follow_in_the_same_conversation_go_to_the_same_case(store: Store) -> None:
    scene = VictimScene(store)
    await scene.register(1)
    shown = await scene.say(line(2))
    assert text(Language.KO, "victim-added", new=1, total=2) in shown
    shown = await scene.say(line(2))
    assert text(Language.KO, "victim-added-known", known=1) in shown
    assert (await counts(store))["cases"] == 1


async def test_hashes_are_added_later_by_number_and_pin_after_the_question_of_age(store: Store) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    await scene.press(Press.GO, "closed")
    assert "conversations" not in await counts(store)
    await scene.say("/status")
    await scene.say(number)
    await scene.say(pin)
    assert number in scene.shown
    await scene.say(line(2))
    assert "만 19세" in scene.shown
    await scene.press(Press.AGE, "yes")
    assert "jikimi hash" in scene.shown
    assert text(Language.KO, "victim-added", new=1, total=2) in await scene.say(line(2))
    await scene.press(Press.GO, "home")
    assert scene.shown.startswith(text(Language.KO, "victim-home"))


async def test_a_case_is_kept_when_a_later_picture_is_of_somebody_under_age(store: Store) -> None:
    scene = VictimScene(store)
    await scene.register(1)
    await scene.press(Press.GO, "add")
    await scene.press(Press.AGE, "no")
    assert "Take It Down" in scene.shown
    assert text(Language.KO, "victim-questions-first") in await scene.say(line(2))
    assert (await counts(store))["fingerprints"] == 1


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
            tx, alert_id, up_to=up_to, decision=Decision.CONFIRMED, by=STAFF, now=scene.clock()
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
    assert scene.shown.startswith(text(Language.KO, "victim-erased", cases=1, hashes=1))


async def test_delete_everything_says_that_cases_by_number_stay(store: Store) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    await scene.say("/cancel")
    assert "/withdraw" in await scene.say("/stop")
    await scene.press(Press.ERASE)
    assert "/withdraw" in scene.shown
    await scene.say(f"{number} {pin}")
    assert scene.shown.startswith(text(Language.KO, "victim-home"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_screen_names_a_human_and_offers_to_delete_everything(
    store: Store, language: Language
) -> None:
    limits = config(contact="02-123-4567", pin_tries=1)
    scene = VictimScene(store, limits=limits, language_code=language)
    number, pin = await scene.register(1, link=True)
    for words in ("hello", line(1), "/help", "/privacy", "/language", "/status", "/withdraw", number, pin):
        await scene.say(words)
    for name in ("start", "add", "findings", "number", "closed"):
        await scene.press_data(press(Press.GO, name))
    await scene.say(has_media=True)
    human = text(language, "common-human-own", contact="02-123-4567")
    assert len(set(scene.said)) > 15
    for shown in scene.said:
        assert shown.endswith(f"\n\n{human}")
    erase = text(language, "common-button-erase")
    for _, keyboard in scene.messages.values():
        if keyboard:
            assert keyboard[-1][-1].text == erase


async def test_the_contact_is_named_once_where_it_is_the_womens_line(store: Store) -> None:
    assert (await VictimScene(store).say("/start")).count("1366") == 1


@pytest.mark.parametrize("name", ["age", "privacy", "erase", "help", "underage", "closed", "findings"])
async def test_the_language_changes_on_every_screen_and_shows_the_same_one(store: Store, name: str) -> None:
    scene = VictimScene(store)
    await scene.register(1, link=True)
    if name == "age":
        await scene.press(Press.GO, "add")
    korean = await scene.press_data(press(Press.LANGUAGE, "ko", name))
    english = await scene.press_data(press(Press.LANGUAGE, "en", name))
    assert english != korean
    assert await scene.press_data(press(Press.LANGUAGE, "ko", name)) == korean


async def test_the_language_that_was_chosen_stays(store: Store) -> None:
    scene = VictimScene(store, language_code="ko")
    await scene.say("/language")
    await scene.press(Press.LANGUAGE, "en")
    assert (await scene.say("/help")).startswith("Help.")


async def test_without_a_conversation_the_cases_language_is_spoken(store: Store) -> None:
    scene = VictimScene(store, language_code="en")
    await scene.register(1, link=True)
    await scene.say("/cancel")
    scene.language_code = "ko"
    assert (await scene.say("/start")).startswith("What would you like to do?")


async def test_media_are_deleted_kindly_and_never_downloaded(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    await scene.say("caption", has_media=True)
    assert [type(effect) for effect in scene.effects] == [Delete, Send]
    assert scene.shown.startswith(text(Language.KO, "victim-no-media"))
    assert {"posts", "media", "work"}.isdisjoint(await counts(store))


async def test_an_album_is_deleted_whole_and_answered_once(store: Store) -> None:
    scene = VictimScene(store)
    await scene.say("/start")
    answers = []
    for _ in range(3):
        await scene.say(has_media=True)
        assert isinstance(scene.effects[0], Delete)
        answers.append(len(scene.effects) - 1)
    scene.clock.pass_(minutes=1)
    await scene.say(has_media=True)
    assert [*answers, len(scene.effects) - 1] == [1, 0, 0, 1]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_words_are_answered_calmly_with_where_we_are(store: Store, language: Language) -> None:
    scene = VictimScene(store, language_code=language)
    await scene.come_to_hashes()
    shown = await scene.say("도와주세요, 무서워요")
    assert shown.startswith(text(language, "victim-not-understood"))
    assert text(language, "victim-hashes") in shown
    assert not any(isinstance(effect, Delete) for effect in scene.effects)


async def test_first_words_meet_the_whole_first_screen_and_later_ones_a_short_one(store: Store) -> None:
    scene = VictimScene(store)
    scope = text(Language.KO, "victim-start", organisation="지킴이 센터")
    assert scope in await scene.say("안녕하세요")
    assert scope not in await scene.say("누구세요?")


@pytest.mark.parametrize("words", ["123456", "JK-ABCD-EFGH-JKMN"])
async def test_a_pin_or_number_that_nobody_asked_for_is_deleted_too(store: Store, words: str) -> None:
    scene = VictimScene(store)
    await scene.say("/start")
    await scene.say(words)
    assert isinstance(scene.effects[0], Delete)


async def test_an_edited_message_counts_where_text_is_expected_and_nowhere_else(store: Store) -> None:
    scene = VictimScene(store)
    await scene.say("/start")
    await scene.say("edited words", is_edit=True)
    assert scene.effects == []
    await scene.say(line(1), is_edit=True)
    assert isinstance(scene.effects[0], Delete)
    await scene.come_to_hashes()
    await scene.say(line(1), is_edit=True)
    assert (await counts(store))["cases"] == 1


async def test_an_old_button_says_so_and_shows_where_we_are(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    for data in (press(Press.AGE, "yes"), press(Press.CONSENT, "yes"), "0|old|data"):
        shown = await scene.press_data(data)
        assert shown.startswith(text(Language.KO, "victim-old-button"))
        assert text(Language.KO, "victim-hashes") in shown


async def test_a_button_changes_its_own_message(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    assert len(scene.messages) == 2, "what was said, and one answer"
    assert [type(effect).__name__ for effect in scene.effects] == ["Answer", "Edit"]


async def test_every_step_may_come_twice(store: Store) -> None:
    scene = VictimScene(store)

    async def say(words: str) -> None:
        await scene.say(words)
        await scene.again()

    async def press_(what: Press, *args: str) -> None:
        await scene.press(what, *args)
        await scene.again()

    await say("/start")
    await press_(Press.GO, "age")
    await press_(Press.AGE, "yes")
    await press_(Press.CONSENT, "yes")
    await say(f"{line(1)} {line(2)}")
    after = await counts(store)
    assert (after["cases"], after["fingerprints"]) == (1, 2)
    assert sum("<tg-spoiler>" in shown for shown in scene.said) == 1
    await press_(Press.NOTED)
    await press_(Press.CONTACT, "yes")
    await say("/withdraw")
    await press_(Press.WITHDRAW)
    assert text(Language.KO, "victim-nothing-here") in scene.shown
    await say("/delete")
    await press_(Press.ERASE)
    assert scene.shown.startswith(text(Language.KO, "victim-erased", cases=0, hashes=0))
    assert (await counts(store))["audit"] == len(["opened", "added", "linked", "withdrawn"])


async def test_a_case_withdrawn_elsewhere_is_gone_from_this_conversation(store: Store) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    other = VictimScene(store, scene.clock, cases=make_cases(scene.clock))
    await other.say(f"{number} {pin}")
    await other.say("/withdraw")
    await other.press(Press.WITHDRAW)
    shown = await scene.press_data(press(Press.GO, Name.STATUS))
    assert shown.startswith(text(Language.KO, "victim-number"))


async def test_two_people_do_not_see_each_others_conversations(store: Store) -> None:
    first, second = VictimScene(store), VictimScene(store)
    await first.register(1, link=True)
    assert (await second.say("/status")).startswith(text(Language.KO, "victim-number"))
