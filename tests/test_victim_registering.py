"""Victim chat: from the first screen to registered hashes."""

from __future__ import annotations

import pytest
from victim_scene import Clock, VictimScene, config, counts, fingerprint, line

from bot.chat.callback import encode
from bot.chat.victim_screens import Name, Press, press
from bot.model import (
    Delete,
    Language,
    Send,
)
from bot.store import Store
from bot.texts import text
from matcher import VideoFingerprint, format_hash, format_video

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
    assert scene.shown.startswith(text(language, "victim-withdrawn", count=2, photos=0))
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


async def test_a_video_is_registered_by_its_text(store: Store) -> None:
    scene = VictimScene(store, language_code="en")
    await scene.say("/start")
    await scene.press(Press.GO, "age")
    await scene.press(Press.AGE, "yes")
    await scene.press(Press.CONSENT, "yes")
    frames = tuple((number * 1000, fingerprint(number)) for number in (1, 2, 3))
    [video] = format_video(VideoFingerprint(3000, frames))
    await scene.say(f"video.mp4:\n{video}")
    assert text(Language.EN, "victim-added", new=3, total=3) in scene.shown
    assert not any(video in shown for shown, _ in scene.messages.values())


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


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_question_has_a_way_back_to_the_start(store: Store, language: Language) -> None:
    scene = VictimScene(store, language_code="de")
    start = text(language, "victim-start", organisation="지킴이 센터")
    await scene.say("/language")
    await scene.press(Press.LANGUAGE, language)
    await scene.say("/start")
    await scene.press(Press.GO, "age")
    assert (await scene.press(Press.GO, "start")).startswith(start)
    await scene.press(Press.GO, "age")
    await scene.press(Press.AGE, "yes")
    await scene.press(Press.CONSENT, "yes")
    assert (await scene.press(Press.GO, "start")).startswith(start)
    await scene.press(Press.GO, "age")
    await scene.press(Press.AGE, "unsure")
    assert await counts(store) == {}
    assert (await scene.press(Press.LANGUAGE, language, "start")).startswith(start)


@pytest.mark.parametrize("answer", ["no", "unsure"])
async def test_who_has_a_case_comes_back_to_it_from_the_question_of_age(store: Store, answer: str) -> None:
    scene = VictimScene(store)
    await scene.register(1)
    home = text(Language.KO, "victim-home")
    age = text(Language.KO, "victim-age", age=19, again=1)
    assert (await scene.press(Press.GO, "add")).startswith(age)
    assert (await scene.press(Press.GO, "start")).startswith(home)
    await scene.press(Press.GO, "add")
    await scene.press(Press.AGE, answer)
    assert (await scene.press(Press.LANGUAGE, "ko", "start")).startswith(home)


@pytest.mark.parametrize("words", [fingerprint(1).hex[:30], "해시가 뭐예요?", ""])
async def test_how_hashes_are_made_is_not_said_again_below_what_went_wrong(store: Store, words: str) -> None:
    """On a phone the notice would be pushed off the screen."""
    scene = VictimScene(store)
    await scene.come_to_hashes()
    way = text(Language.KO, "victim-way-computer")
    assert way not in await scene.say(words, has_media=not words)
    assert text(Language.KO, "victim-hashes-again") in scene.shown
    assert way in await scene.press_data(press(Press.AGE, "yes")), "of an old button the message is changed"
