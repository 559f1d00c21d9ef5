"""Victim chat: what holds on every screen."""

from __future__ import annotations

import pytest
from photo_scene import features
from victim_scene import VictimScene, config, counts, line, make_cases

from bot.chat.victim_screens import Name, Press, press
from bot.config import PhotosConfig
from bot.model import (
    Delete,
    Language,
    Send,
)
from bot.store import Store
from bot.texts import text

LANGUAGES = list(Language)


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
    assert text(language, "victim-hashes-again") in shown
    assert text(language, "victim-way-computer") not in shown
    assert scene.buttons[0].data == press(Press.FILE)
    assert not any(isinstance(effect, Delete) for effect in scene.effects)


async def test_first_words_meet_the_whole_first_screen_and_later_ones_a_short_one(store: Store) -> None:
    scene = VictimScene(store)
    scope = text(Language.KO, "victim-start", organisation="지킴이 센터")
    assert scope in await scene.say("안녕하세요")
    assert scope not in await scene.say("누구세요?")


@pytest.mark.parametrize("words", ["123456", "JK-ABCD-EFGH-JKMN", "제 PIN은 123456입니다", "/status 123456"])
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
    assert text(Language.KO, "victim-withdrawn-before") in scene.shown
    await say("/delete")
    await press_(Press.ERASE)
    assert scene.shown.startswith(text(Language.KO, "victim-erased-none"))
    assert (await counts(store))["audit"] == len(["opened", "added", "linked", "withdrawn", "erased"])


async def test_a_case_withdrawn_elsewhere_is_gone_from_this_conversation(store: Store) -> None:
    scene = VictimScene(store)
    number, pin = await scene.register(1)
    other = VictimScene(store, scene.clock, cases=make_cases(scene.clock))
    await other.say(f"{number} {pin}")
    await other.say("/withdraw")
    await other.press(Press.WITHDRAW)
    shown = await scene.press_data(press(Press.GO, Name.STATUS))
    assert shown.startswith(text(Language.KO, "victim-number"))


@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize("is_photo", [True, False])
async def test_what_was_to_be_added_to_a_case_that_is_withdrawn_elsewhere_opens_none_without_consent(
    store: Store, link: bool, is_photo: bool
) -> None:
    scene = VictimScene(store, photos=PhotosConfig())
    number, pin = await scene.register(1, link=link)
    if link:
        await scene.say("/cancel")
        await scene.say("/start")
    await scene.press(Press.GO, Name.PHOTO if is_photo else Name.ADD)
    await scene.press(Press.AGE, "yes")
    if is_photo:
        await scene.press(Press.CONSENT, "yes")
    other = VictimScene(store, scene.clock, cases=scene.cases)
    await other.say(f"{number} {pin}")
    await other.say("/withdraw")
    await other.press(Press.WITHDRAW)
    shown = await (scene.send_file(features()) if is_photo else scene.say(line(2)))
    after = await counts(store)
    assert (after["cases"], after["fingerprints"]) == (1, 0)
    assert "등록했습니다" not in shown
    assert press(Press.GO, Name.AGE) in [button.data for button in scene.buttons], "it begins anew"


async def test_two_people_do_not_see_each_others_conversations(store: Store) -> None:
    first, second = VictimScene(store), VictimScene(store)
    await first.register(1, link=True)
    assert (await second.say("/status")).startswith(text(Language.KO, "victim-number"))
