"""Victim chat: a case number that was lost, and the hashes that stand in its place."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from test_cases import CHAT, CountingHasher, open_case
from test_victim_page import URL, part
from victim_scene import Clock, VictimScene, config, counts, fingerprint, line, make_cases

from bot.chat.victim_screens import Press
from bot.errors import Refused
from bot.model import CaseState, ChatId, Delete, Language
from bot.store import Store, cases, conversations, tables
from bot.texts import text
from bot.victims.cases import MAX_SHOWN_CASES
from matcher import VideoFingerprint

LANGUAGES = list(Language)


def other_than(pin: str) -> str:
    return "000000" if pin != "000000" else "111111"


async def show(scene: VictimScene, *numbers: int) -> str:
    """Come to the screen and send these hashes."""
    await scene.say("/start")
    await scene.press(Press.GO, "lost")
    return await scene.say("\n".join(line(number) for number in numbers))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_same_hashes_and_the_pin_are_enough_to_withdraw(store: Store, language: Language) -> None:
    number, pin = await VictimScene(store).register(1, 2, 3)
    scene = VictimScene(store, language_code=language)
    assert (await show(scene, 2)).startswith(text(language, "victim-pin"))
    assert isinstance(scene.effects[0], Delete)
    assert (await scene.say(pin)).startswith(text(language, "victim-home"))
    await scene.press(Press.GO, "status")
    assert number in scene.shown
    await scene.press(Press.GO, "home")
    await scene.press(Press.GO, "withdraw")
    await scene.press(Press.WITHDRAW)
    assert scene.shown.startswith(text(language, "victim-withdrawn", count=3, photos=0))
    async with store.read() as tx:
        assert await cases.by_number(tx, number) is None


async def test_the_page_can_show_them_too(store: Store) -> None:
    _, pin = await VictimScene(store).register(1)
    scene = VictimScene(store, page_url=URL)
    await scene.say("/start")
    await scene.press(Press.GO, "lost")
    assert scene.button_below() is not None
    await scene.hand_over(part(1))
    assert text(Language.KO, "victim-pin") in "".join(scene.said[-2:])
    assert scene.button_below() is None
    assert (await scene.say(pin)).startswith(text(Language.KO, "victim-home"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_screen_names_a_human_and_offers_to_delete_everything_in_both_languages(
    store: Store, language: Language
) -> None:
    scene = VictimScene(store, language_code=language)
    await scene.say("/start")
    shown = await scene.press(Press.GO, "lost")
    assert shown.endswith(text(language, "common-human"))
    assert scene.buttons[-1].text == text(language, "common-button-erase")
    other = "en" if language is Language.KO else "ko"
    assert (await scene.press(Press.LANGUAGE, other, "lost")).startswith(text(Language(other), "victim-lost"))


async def test_withdrawing_leads_there_and_goes_on(store: Store) -> None:
    _, pin = await VictimScene(store).register(1)
    scene = VictimScene(store)
    await scene.say("/withdraw")
    await scene.press(Press.GO, "lost")
    await scene.say(line(1))
    assert (await scene.say(pin)).startswith("등록을 철회하시겠습니까?")


async def test_nothing_is_registered_and_no_hash_is_kept(store: Store) -> None:
    scene = VictimScene(store)
    await show(scene, 1)
    assert await counts(store) == {"conversations": 1}
    async with store.read() as tx:
        state = await conversations.get(tx, scene.chat_id)
    assert line(1).split(":")[1] not in str(state)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_wrong_try_tells_nothing_about_what_is_registered(store: Store, language: Language) -> None:
    limits = config(pin_tries=3)
    _, pin = await VictimScene(store, limits=limits).register(1)
    said = []
    for number in (1, 2):
        scene = VictimScene(store, limits=limits, language_code=language)
        await show(scene, number)
        for _ in range(4):
            await scene.say(other_than(pin))
        said.append(scene.said)
    assert said[0] == said[1]
    assert text(language, "victim-lost-wrong", left=2) in "".join(said[0])
    assert text(language, "victim-pin-blocked", minutes=15) in said[0][-1]


async def test_the_pin_of_another_case_does_not_fit(store: Store) -> None:
    await VictimScene(store).register(1)
    _, pin = await VictimScene(store).register(2)
    scene = VictimScene(store)
    await show(scene, 1)
    assert text(Language.KO, "victim-lost-wrong", left=4) in await scene.say(pin)


async def test_of_several_cases_with_the_same_hash_the_pin_tells_which(store: Store) -> None:
    registered = [await VictimScene(store).register(1, number) for number in (2, 3, 4)]
    for number, pin in registered:
        scene = VictimScene(store)
        await show(scene, 1)
        await scene.say(pin)
        await scene.press(Press.GO, "status")
        assert number in scene.shown


async def test_tries_are_limited_for_everybody_together_for_a_day(store: Store) -> None:
    clock, limits = Clock(), config(lost_tries_per_day=3)
    _, pin = await VictimScene(store, clock, limits).register(1)
    for _ in range(3):
        stranger = VictimScene(store, clock, limits)
        await show(stranger, 1)
        await stranger.say(other_than(pin))
    scene = VictimScene(store, clock, limits)
    await show(scene, 1)
    assert text(Language.KO, "victim-lost-blocked") in await scene.say(pin)
    clock.pass_(hours=24)
    await scene.say(pin)
    assert scene.shown.startswith(text(Language.KO, "victim-home"))


async def test_the_log_says_that_the_days_tries_are_used_up_and_of_nobody(store: Store) -> None:
    limits = config(lost_tries_per_day=2)
    scene = VictimScene(store, limits=limits)
    await show(scene, 1)
    with capture_logs() as logged:
        await scene.say("123456")
        assert logged == []
        await scene.say("123456")
    assert [(line["log_level"], line["limit"]) for line in logged] == [("warning", 2)]
    assert str(scene.chat_id) not in str(logged)


async def test_with_the_number_it_goes_on_when_the_days_tries_are_used_up(store: Store) -> None:
    clock, limits = Clock(), config(lost_tries_per_day=1)
    number, pin = await VictimScene(store, clock, limits).register(1)
    stranger = VictimScene(store, clock, limits)
    await show(stranger, 1)
    await stranger.say(other_than(pin))
    scene = VictimScene(store, clock, limits)
    await scene.say(f"{number} {pin}")
    assert scene.shown.startswith(text(Language.KO, "victim-home"))


async def test_tries_of_both_ways_are_counted_together_for_a_chat(store: Store) -> None:
    limits = config(pin_tries=2)
    number, pin = await VictimScene(store, limits=limits).register(1)
    scene = VictimScene(store, limits=limits)
    await scene.say(f"{number} {other_than(pin)}")
    await show(scene, 1)
    assert text(Language.KO, "victim-pin-blocked", minutes=15) in await scene.say(other_than(pin))
    assert text(Language.KO, "victim-pin-blocked", minutes=15) in await scene.say(pin)


async def test_deleting_everything_gives_no_new_tries(store: Store) -> None:
    limits = config(pin_tries=1)
    _, pin = await VictimScene(store, limits=limits).register(1)
    scene = VictimScene(store, limits=limits)
    await show(scene, 1)
    await scene.say(other_than(pin))
    await scene.say("/delete")
    await scene.press(Press.ERASE)
    await show(scene, 1)
    assert text(Language.KO, "victim-pin-blocked", minutes=15) in await scene.say(pin)


async def test_a_case_that_was_withdrawn_is_not_found(store: Store) -> None:
    first = VictimScene(store)
    _, pin = await first.register(1)
    scene = VictimScene(store)
    await show(scene, 1)
    await first.say("/withdraw")
    await first.press(Press.WITHDRAW)
    assert text(Language.KO, "victim-lost-wrong", left=4) in await scene.say(pin)


async def test_lines_that_are_no_hashes_are_explained_and_the_screen_stays(store: Store) -> None:
    scene = VictimScene(store)
    await scene.say("/start")
    await scene.press(Press.GO, "lost")
    await scene.say("PDQ1:12")
    assert text(Language.KO, "victim-not-taken") in scene.shown
    assert text(Language.KO, "victim-hashes-again") in scene.shown


async def test_more_hashes_may_follow_before_the_pin(store: Store) -> None:
    _, pin = await VictimScene(store).register(1)
    scene = VictimScene(store)
    await show(scene, 2)
    await scene.say(line(1))
    assert scene.shown.startswith(text(Language.KO, "victim-pin"))
    assert (await scene.say(pin)).startswith(text(Language.KO, "victim-home"))


async def test_a_number_that_is_found_after_all_takes_the_place_of_the_hashes(store: Store) -> None:
    await VictimScene(store).register(1)
    number, pin = await VictimScene(store).register(2)
    scene = VictimScene(store)
    await show(scene, 1)
    await scene.say(number)
    await scene.say(pin)
    await scene.press(Press.GO, "status")
    assert number in scene.shown


async def test_it_is_in_the_audit_by_what_the_case_was_found(store: Store) -> None:
    number, pin = await VictimScene(store).register(1)
    scene = VictimScene(store)
    await show(scene, 1)
    await scene.say(pin)
    async with store.read() as tx:
        case, _ = await cases.by_number(tx, number) or (None, "")
        assert case is not None
        assert case.state is CaseState.ACTIVE
        rows = await tx.all(select(tables.audit).where(tables.audit.c.action == "case.unlocked"))
        told = [(row.subject, tx.cipher.open_json("audit.details", row.details)) for row in rows]
    assert told == [(case.uid, {"by": "hashes"})]


@pytest.mark.parametrize("registered", [0, 1, MAX_SHOWN_CASES, MAX_SHOWN_CASES + 2])
async def test_as_many_pins_are_checked_however_many_cases_there_are(store: Store, registered: int) -> None:
    hasher = CountingHasher()
    desk = make_cases(Clock(), hasher=hasher)
    for chat in range(registered):
        await open_case(store, desk, 1, chat_id=ChatId(900 + chat))
    async with store.write() as tx:
        shown = await desk.shown_by(tx, [fingerprint(1)])
        with pytest.raises(Refused) as refused:
            await desk.unlock_shown(tx, shown, pin="none fits", chat_id=CHAT)
    assert (refused.value.code, refused.value.values) == ("lost-wrong", {"left": 4})
    assert len(hasher.checked) == MAX_SHOWN_CASES
    assert len(set(hasher.checked)) == 1


async def test_a_pin_that_fits_is_found_after_as_many_checks(store: Store) -> None:
    hasher = CountingHasher()
    desk = make_cases(Clock(), hasher=hasher)
    opened = [await open_case(store, desk, 1) for _ in range(3)]
    async with store.write() as tx:
        shown = await desk.shown_by(tx, [fingerprint(1)])
        case = await desk.unlock_shown(tx, shown, pin=opened[0].pin, chat_id=CHAT)
    assert case.id == opened[0].case.id
    assert len(hasher.checked) == MAX_SHOWN_CASES


async def test_cases_with_more_of_the_hashes_come_first_and_of_equals_the_oldest(store: Store) -> None:
    desk = make_cases(Clock())
    one, both, another, _ = [
        (await open_case(store, desk, *numbers)).case.id for numbers in ((1, 7), (1, 2, 8), (2, 9), (3,))
    ]
    async with store.read() as tx:
        assert await desk.shown_by(tx, [fingerprint(1), fingerprint(2)]) == (both, one, another)


async def test_a_frame_of_a_video_shows_its_case(store: Store) -> None:
    desk = make_cases(Clock())
    video = VideoFingerprint(2000, ((0, fingerprint(1)), (1000, fingerprint(2))))
    async with store.write() as tx:
        opened = await desk.open(tx, [video], chat_id=CHAT, language=Language.KO)
        assert await desk.shown_by(tx, [video]) == (opened.case.id,)
        assert await desk.shown_by(tx, [fingerprint(2)]) == (opened.case.id,)


async def test_the_pin_s_screen_leads_back_to_what_it_is_asked_for(store: Store) -> None:
    scene = VictimScene(store)
    await show(scene, 1)
    assert (await scene.press(Press.GO, "lost")).startswith(text(Language.KO, "victim-lost"))
    await scene.say("JK-0000-0000-0000")
    assert (await scene.press(Press.GO, "number")).startswith(text(Language.KO, "victim-number"))
