"""Victim chat: the page, as a button in Telegram and as a file, and what it hands over."""

from __future__ import annotations

import pytest
from victim_scene import VictimScene, config, counts, fingerprint, line

from bot.chat.victim_page import check_of, read_part
from bot.chat.victim_screens import Name, Press, press
from bot.model import Delete, Language, Send, SendPage
from bot.page import page_sha256
from bot.store import Store, registry
from bot.texts import text

URL = "https://hash.example.org/"
SET = "0123456789abcdef"
LANGUAGES = list(Language)


def part(*numbers: int, at: int = 1, of: int = 1, set_id: str = SET) -> str:
    lines = "\n".join(line(number) for number in numbers)
    return f"JKP1:{set_id}:{at}:{of}:{check_of(set_id, at, of, lines)}\n{lines}"


def parts_missing(came: int, total: int, missing: str) -> str:
    return text(Language.KO, "victim-parts-missing", came=came, total=total, missing=missing)


def scene_of(store: Store, language_code: str = "ko") -> VictimScene:
    return VictimScene(store, page_url=URL, language_code=language_code)


async def registered(store: Store) -> set[bytes]:
    async with store.read() as tx:
        return {new.bits for new in (await registry.changes(tx, 0)).added}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_button_is_below_the_chat_while_hashes_are_asked_for(
    store: Store, language: Language
) -> None:
    scene = scene_of(store, language)
    await scene.say("/start")
    await scene.press(Press.GO, "age")
    await scene.press(Press.AGE, "yes")
    assert scene.button_below() is None
    await scene.press(Press.CONSENT, "yes")
    button = scene.button_below()
    assert button is not None
    assert button.url == URL
    assert button.text in scene.shown
    await scene.press_data(press(Press.GO, Name.START))
    assert scene.button_below() is None
    assert text(language, "victim-page-button-gone") in "".join(scene.said[-2:])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_said_of_the_button_and_the_parts_names_a_human(
    store: Store, language: Language
) -> None:
    scene = scene_of(store, language)
    await scene.come_to_hashes()
    await scene.hand_over("nonsense")
    await scene.hand_over(part(1, of=2))
    await scene.hand_over(part(2, at=2, of=2))
    await scene.say("/cancel")
    assert len(scene.said) > 8
    assert {shown for shown in scene.said if not shown.endswith(text(language, "common-human"))} == set()


async def test_without_an_address_there_is_no_button_and_no_word_of_it(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    assert scene.button_below() is None
    assert text(Language.KO, "victim-way-button") not in scene.shown
    assert text(Language.KO, "victim-way-file") in scene.shown


async def test_the_way_that_suits_a_phone_is_told_first(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    [told] = [shown for shown in scene.said if "PDQ1" in shown]
    places = [told.index(text(Language.KO, f"victim-way-{way}")) for way in ("button", "file", "computer")]
    assert places == sorted(places)


@pytest.mark.parametrize("leaving", ["/cancel", "/withdraw", "/start"])
async def test_the_button_goes_when_the_person_goes_elsewhere(store: Store, leaving: str) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    await scene.say(leaving)
    assert scene.button_below() is None


@pytest.mark.parametrize("data", [press(Press.ERASE), press(Press.AGE, "no"), press(Press.GO, "closed")])
async def test_the_button_goes_with_the_conversation(store: Store, data: str) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    await scene.press_data(data)
    assert scene.button_below() is None
    assert "conversations" not in await counts(store)


async def test_the_button_is_put_there_once(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    await scene.say("hello")
    assert not any(isinstance(effect, Send) and effect.page_button for effect in scene.effects)
    assert scene.button_below() is not None


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_button_speaks_the_language_that_the_screen_names_it_in(
    store: Store, language: Language
) -> None:
    scene = scene_of(store, language)
    await scene.come_to_hashes()
    [other] = set(Language) - {language}
    hashes_at = next(at for at, (_, keyboard) in scene.messages.items() if keyboard)
    await scene.press(Press.LANGUAGE, other, Name.HASHES)
    button = scene.button_below()
    assert button is not None
    assert button.text == text(other, "victim-button-page")
    assert button.text in scene.messages[hashes_at][0]
    assert text(other, "victim-page-button", button=button.text) in scene.shown


async def test_what_the_page_hands_over_opens_a_case_and_is_deleted(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    await scene.hand_over(part(1, 2))
    assert any(isinstance(effect, Delete) for effect in scene.effects)
    scene.number_and_pin()
    assert scene.shown.endswith(text(Language.KO, "common-human"))
    assert text(Language.KO, "victim-contact") in scene.shown
    assert await registered(store) == {fingerprint(1).bits, fingerprint(2).bits}
    assert scene.button_below() is None


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_part_is_registered_when_it_comes_and_the_missing_ones_are_named(
    store: Store, language: Language
) -> None:
    scene = scene_of(store, language)
    await scene.come_to_hashes()
    await scene.hand_over(part(3, at=3, of=3))
    missing = text(language, "victim-parts-missing", came=1, total=3, missing="1, 2")
    assert any(missing in shown for shown in scene.said)
    assert await registered(store) == {fingerprint(3).bits}
    assert scene.button_below() is not None
    await scene.press(Press.CONTACT, "no")
    assert scene.button_below() is not None
    await scene.hand_over(part(1, at=1, of=3))
    assert text(language, "victim-parts-missing", came=2, total=3, missing="2") in scene.shown
    await scene.hand_over(part(2, at=2, of=3))
    assert any(text(language, "victim-parts-all", total=3) in shown for shown in scene.said)
    assert scene.button_below() is None
    assert await registered(store) == {fingerprint(number).bits for number in (1, 2, 3)}


async def test_a_part_that_comes_again_counts_once(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    for _ in range(3):
        await scene.hand_over(part(1, at=1, of=2))
    assert parts_missing(1, 2, "2") in "".join(scene.said[-2:])
    assert await registered(store) == {fingerprint(1).bits}


async def test_parts_of_two_sets_do_not_complete_each_other(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    await scene.hand_over(part(1, at=1, of=2))
    await scene.hand_over(part(2, at=2, of=2, set_id="f" * 16))
    assert parts_missing(1, 2, "1") in "".join(scene.said[-2:])
    await scene.hand_over(part(3, at=2, of=3, set_id="f" * 16))
    assert parts_missing(1, 3, "1, 3") in "".join(scene.said[-2:])


async def test_parts_of_two_people_are_kept_apart(store: Store) -> None:
    mine, others = scene_of(store), scene_of(store)
    for scene in (mine, others):
        await scene.come_to_hashes()
    await mine.hand_over(part(1, at=1, of=2))
    await others.hand_over(part(2, at=2, of=2))
    for scene, missing in ((mine, "2"), (others, "1")):
        assert any(parts_missing(1, 2, missing) in shown for shown in scene.said)
        assert scene.button_below() is not None


async def test_parts_are_forgotten_with_the_conversation(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    await scene.hand_over(part(1, at=1, of=2))
    await scene.say("/cancel")
    assert scene.button_below() is None
    await scene.hand_over(part(2, at=2, of=2))
    assert text(Language.KO, "victim-questions-first") in "".join(scene.said[-2:])
    assert await registered(store) == {fingerprint(1).bits}


async def test_what_is_handed_over_before_the_questions_is_not_taken_and_a_stale_button_goes(
    store: Store,
) -> None:
    scene = scene_of(store)
    await scene.hand_over(part(1))
    assert text(Language.KO, "victim-questions-first") in scene.said[-1]
    assert any(isinstance(effect, Send) and effect.clears_buttons for effect in scene.effects)
    assert await registered(store) == set()


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\0",
        line(1),
        "JKP1",
        part(1).replace("JKP1", "JKP2"),
        part(1)[:-1],
        part(1) + "\n" + line(2),
        part(1).replace(":1:1:", ":1:2:"),
        part(1).replace(SET, SET[::-1]),
        part(1, at=2, of=1),
        part(1, at=0, of=0),
        part(1, of=100),
        part(1, set_id="X" * 16),
        part(),
        part(*range(60)),
        "JKP1:" + "\ud800" * 20,
        "JK-ABCD-EFGH-JKMN 123456",
        "/delete",
        "{" * 4096,
    ],
)
async def test_what_is_no_part_registers_nothing_and_is_answered_kindly(store: Store, data: str) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    await scene.hand_over(data)
    assert isinstance(scene.effects[0], Delete)
    assert scene.shown.startswith(text(Language.KO, "victim-page-not-read"))
    assert data[:40] not in scene.shown or not data.strip()
    assert await registered(store) == set()
    assert "cases" not in await counts(store)


async def test_a_part_without_a_hash_in_it_is_no_part(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    words = "JK-ABCD-EFGH-JKMN 123456"
    await scene.hand_over(f"JKP1:{SET}:1:1:{check_of(SET, 1, 1, words)}\n{words}")
    assert scene.shown.startswith(text(Language.KO, "victim-page-not-read"))


async def test_more_beginnings_of_hashes_than_a_message_may_have_are_no_part(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    lines = "pdq:\n" * 300
    await scene.hand_over(f"JKP1:{SET}:1:1:{check_of(SET, 1, 1, lines)}\n{lines}")
    assert scene.shown.startswith(text(Language.KO, "victim-page-not-read"))


async def test_a_spoiled_line_in_a_part_is_explained_and_the_others_are_taken(store: Store) -> None:
    scene = scene_of(store)
    await scene.come_to_hashes()
    lines = f"{line(1)}\n{line(2)[:-1]}0\nPDQ1:12"
    await scene.hand_over(f"JKP1:{SET}:1:1:{check_of(SET, 1, 1, lines)}\n{lines}")
    assert any(text(Language.KO, "victim-not-taken") in shown for shown in scene.said)
    assert fingerprint(1).bits in await registered(store)


def test_a_part_of_4096_bytes_is_read_and_one_byte_more_is_not() -> None:
    begins = len(part()) + 0
    for length, is_read in ((4096, True), (4097, False)):
        lines = "a" * (length - begins)
        data = f"JKP1:{SET}:1:1:{check_of(SET, 1, 1, lines)}\n{lines}"
        assert len(data) == length
        assert (read_part(data) is not None) == is_read


async def test_limits_hold_for_what_the_page_hands_over(store: Store) -> None:
    scene = VictimScene(store, limits=config(max_hashes_per_day=2), page_url=URL)
    await scene.come_to_hashes()
    await scene.hand_over(part(1, 2, 3))
    assert len(await registered(store)) == 2
    assert text(Language.KO, "victim-added-day-limit", count=1, limit=2) in "".join(scene.said)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_sent_as_a_file_with_what_it_can_be_checked_by(
    store: Store, language: Language
) -> None:
    scene = VictimScene(store, language_code=language)
    await scene.come_to_hashes()
    await scene.press(Press.FILE)
    [sent] = [effect for effect in scene.effects if isinstance(effect, SendPage)]
    assert page_sha256() in sent.caption
    assert len(sent.caption) <= 1024
    assert sent.caption.endswith(text(language, "common-human"))


async def test_a_button_that_is_pressed_again_and_again_sends_the_file_once_a_minute(store: Store) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    sent = []
    for seconds in (0, 1, 58, 1):
        scene.clock.pass_(seconds=seconds)
        await scene.press(Press.FILE)
        sent.append(any(isinstance(effect, SendPage) for effect in scene.effects))
    assert sent == [True, False, False, True]
