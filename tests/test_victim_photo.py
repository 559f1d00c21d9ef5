"""Victim chat: registering ordinary photos, by a consent of their own, and nothing that was not asked for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from photo_scene import features
from sqlalchemy import select
from store_makers import waits_for_a_lock
from victim_scene import VictimScene, counts, line

from bot.chat.victim_screens import Name, Press, press
from bot.config import PhotosConfig
from bot.model import Delete, Language, MediaRef, MessageId, ReadPhotoFile, Send
from bot.store import Store, audit, tables
from bot.texts import text
from bot.victims import photos
from bot.victims.photos import CONSENT_VERSION, MAX_FILE_BYTES
from matcher import HashTextError, HashTextReason

LIMITS = PhotosConfig(max_per_case=2, max_per_day=3, keep_days=100)


def offers(scene: VictimScene) -> bool:
    return press(Press.GO, Name.PHOTO) in [button.data for button in scene.buttons]


async def come_to_photo(scene: VictimScene) -> None:
    """From wherever the button is."""
    await scene.press(Press.GO, Name.PHOTO)
    await scene.press(Press.AGE, "yes")
    await scene.press(Press.CONSENT, "yes")


async def actions(store: Store) -> list[str]:
    async with store.read() as tx:
        assert (await audit.verify(tx)).harm is None
        return [row.action for row in await tx.all(select(tables.audit.c.action).order_by(tables.audit.c.id))]


@pytest.mark.parametrize("language", list(Language))
async def test_a_photo_is_registered_by_its_own_consent_looked_at_and_withdrawn(
    store: Store, language: Language
) -> None:
    scene = VictimScene(store, photos=LIMITS, language_code=language)
    await scene.come_to_hashes()
    assert offers(scene)
    shown = await scene.press(Press.GO, Name.PHOTO)
    age = 19 if language is Language.KO else 18
    assert shown.startswith(text(language, "victim-age", age=age, again=1)), "it was asked for the hashes"
    consent = await scene.press(Press.AGE, "yes")
    assert CONSENT_VERSION in consent
    assert "100" in consent
    assert {Language.KO: "거칠게", Language.EN: "rough picture"}[language] in consent
    assert {Language.KO: "평범한 사진만", Language.EN: "Ordinary photos only"}[language] in consent
    assert "jikimi hash --photo" in await scene.press(Press.CONSENT, "yes")
    await scene.send_file(features())
    number, _ = scene.number_and_pin()
    assert text(language, "victim-photo-added", total=1) in scene.shown
    await scene.press(Press.NOTED)
    await scene.press(Press.CONTACT, "no")
    assert offers(scene)
    await scene.press(Press.GO, "status")
    assert number in scene.shown
    assert {Language.KO: "등록하신 날부터 100일까지만", Language.EN: "only for 100 days"}[
        language
    ] in scene.shown
    assert {Language.KO: "해시: 0개. 일반 사진: 1장", Language.EN: "hashes: 0. Ordinary photos: 1"}[
        language
    ] in scene.shown
    await scene.say("/withdraw")
    assert {Language.KO: "일반 사진: 1장", Language.EN: "Ordinary photos: 1"}[language] in scene.shown
    await scene.press(Press.WITHDRAW)
    assert scene.shown.startswith(text(language, "victim-withdrawn", count=0, photos=1))
    assert await actions(store) == ["case.opened", "photo.added", "case.withdrawn"]
    left = (await counts(store)).keys()
    assert not left & {"items", "fingerprints"}


async def test_without_photos_enabled_nothing_offers_them_and_an_old_button_leads_nowhere(
    store: Store,
) -> None:
    scene = VictimScene(store)
    await scene.come_to_hashes()
    assert not offers(scene)
    await scene.press_data(press(Press.GO, Name.PHOTO))
    await scene.send_file(features())
    assert not any(isinstance(effect, ReadPhotoFile) for effect in scene.effects)
    assert text(Language.KO, "victim-no-media") in scene.shown
    assert text(Language.KO, "victim-no-media-sketch") not in scene.shown
    await scene.say(line(1))
    await scene.press(Press.CONTACT, "no")
    assert not offers(scene)


async def test_a_conversation_at_a_photo_goes_on_elsewhere_where_photos_are_taken_no_more(
    store: Store,
) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await come_to_photo(scene)
    scene.chat = VictimScene(store, scene.clock, cases=scene.cases).chat
    assert text(Language.KO, "victim-home") in await scene.say("hello")


async def test_no_button_leads_past_the_consent_that_holds_for_everything(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.say("/start")
    shown = await scene.press_data(press(Press.GO, Name.PHOTO))
    assert shown.startswith(text(Language.KO, "victim-start", organisation="지킴이 센터"))
    await scene.press_data(press(Press.AGE, "yes"))
    await scene.press_data(press(Press.CONSENT, "yes"))
    await scene.send_file(features())
    assert not any(isinstance(effect, ReadPhotoFile) for effect in scene.effects)
    assert "cases" not in await counts(store)


@pytest.mark.parametrize("answer", ["no", "unsure"])
async def test_of_a_photo_of_somebody_under_age_nothing_is_stored(store: Store, answer: str) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.come_to_hashes()
    await scene.press(Press.GO, Name.PHOTO)
    await scene.press(Press.AGE, answer)
    assert "Take It Down" in scene.shown
    assert await counts(store) == {}


async def test_the_age_is_asked_anew_for_every_photo_visit_and_a_no_keeps_the_case(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await scene.press(Press.GO, Name.PHOTO)
    await scene.press(Press.AGE, "no")
    await scene.send_file(features())
    assert not any(isinstance(effect, ReadPhotoFile) for effect in scene.effects)
    after = await counts(store)
    assert (after["cases"], after["fingerprints"]) == (1, 1)


async def test_who_does_not_agree_comes_back_and_nothing_is_registered(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.come_to_hashes()
    await scene.press(Press.GO, Name.PHOTO)
    await scene.press(Press.AGE, "yes")
    assert "jikimi hash" in await scene.press(Press.CONSENT, "no")
    await scene.register(1)
    await scene.press(Press.GO, Name.PHOTO)
    await scene.press(Press.AGE, "yes")
    assert text(Language.KO, "victim-home") in await scene.press(Press.CONSENT, "no")


@pytest.mark.parametrize("size_bytes", [None, MAX_FILE_BYTES + 1])
async def test_a_file_that_is_too_large_or_says_no_size_is_deleted_unread(
    store: Store, size_bytes: int | None
) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await come_to_photo(scene)
    await scene.send_file(features(), size_bytes=size_bytes)
    assert not any(isinstance(effect, ReadPhotoFile) for effect in scene.effects)
    assert any(isinstance(effect, Delete) for effect in scene.effects)
    assert text(Language.KO, "victim-photo-no-media") in scene.shown


@pytest.mark.parametrize(
    "reason", [reason for reason in HashTextReason if reason is not HashTextReason.TOO_MANY]
)
async def test_whatever_is_wrong_with_a_file_has_words_and_the_message_is_deleted(
    store: Store, reason: HashTextReason
) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await come_to_photo(scene)
    shown = await scene.send_file(HashTextError(reason))
    assert any(isinstance(effect, Delete) for effect in scene.effects)
    told = [
        text(Language.KO, f"victim-photo-{what}")
        for what in ("unknown-format", "damaged", "low-quality", "out-of-date")
    ]
    assert any(shown.startswith(words) for words in told)
    assert (await counts(store))["fingerprints"] == 1


@pytest.mark.parametrize("language", list(Language))
async def test_for_a_file_of_an_earlier_page_the_new_page_is_named(store: Store, language: Language) -> None:
    scene = VictimScene(store, photos=LIMITS, language_code=language)
    await scene.come_to_hashes()
    await come_to_photo(scene)
    shown = await scene.send_file(HashTextError(HashTextReason.OUT_OF_DATE))
    assert shown.startswith(text(language, "victim-photo-out-of-date"))
    assert text(language, "victim-button-file") in shown


async def test_a_file_that_telegram_does_not_give_is_asked_for_again(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await come_to_photo(scene)
    assert (await scene.send_file(None)).startswith(text(Language.KO, "victim-photo-not-fetched"))
    assert text(Language.KO, "victim-photo-added", total=1) in await scene.send_file(features())


async def test_the_limits_of_case_and_day_hold_and_what_is_known_costs_nothing(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await come_to_photo(scene)
    await scene.send_file(features(1))
    assert text(Language.KO, "victim-photo-known", total=1) in await scene.send_file(features(1))
    await scene.send_file(features(2))
    assert (await scene.send_file(features(3))).startswith(
        text(Language.KO, "victim-photo-case-limit", limit=2)
    )
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    await scene.register(2)
    await come_to_photo(scene)
    assert text(Language.KO, "victim-photo-added", total=1) in await scene.send_file(features(3))
    assert (await scene.send_file(features(4))).startswith(
        text(Language.KO, "victim-photo-day-limit", limit=3)
    )
    scene.clock.pass_(days=1)
    scene.clock.pass_(seconds=1)
    await scene.say("/start")
    assert (await counts(store))["fingerprints"] == 2


async def test_a_file_that_is_read_after_the_person_went_on_registers_nothing(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await come_to_photo(scene)
    file = MediaRef("document", "document", "id", "unique")
    asked = ReadPhotoFile(scene.chat_id, max(scene.messages), file)
    await scene.say("/withdraw")
    await scene.press(Press.WITHDRAW)
    await scene.file_read(asked, features())
    assert text(Language.KO, "victim-questions-first") in scene.shown
    assert "fingerprints" not in await counts(store)


async def test_files_that_are_sent_at_once_open_one_case_and_are_all_registered(store: Store) -> None:
    """An album of files comes one by one; each is read beside the others, and nothing was pressed between them."""
    scene = VictimScene(store, photos=LIMITS)
    await scene.come_to_hashes()
    await come_to_photo(scene)
    first, second = (
        ReadPhotoFile(
            scene.chat_id, MessageId(number), MediaRef("document", "document", f"{number}", f"{number}")
        )
        for number in (901, 902)
    )

    async def read_second() -> None:
        async with store.write() as tx:
            scene.effects += await scene.chat.photo_read(tx, second, features(2))

    async with store.write() as tx:
        scene.effects = await scene.chat.photo_read(tx, first, features(1))
        reading = asyncio.create_task(read_second())
        await waits_for_a_lock(store, reading)
    await reading
    scene.number_and_pin()
    after = await counts(store)
    assert (after["cases"], after["fingerprints"]) == (1, 2)
    shown = [effect.text for effect in scene.effects if isinstance(effect, Send)][-1]
    assert text(Language.KO, "victim-photo-added", total=2) in shown
    assert text(Language.KO, "victim-contact") in shown, "which is asked once more, below"


async def test_a_file_that_is_read_while_everything_is_deleted_registers_nothing(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.come_to_hashes()
    await come_to_photo(scene)
    asked = ReadPhotoFile(scene.chat_id, MessageId(901), MediaRef("document", "document", "id", "unique"))

    async def read() -> None:
        async with store.write() as tx:
            await scene.chat.photo_read(tx, asked, features())

    async with store.write() as tx:
        await scene.chat.handle(tx, scene.pressing(press(Press.ERASE)))
        reading = asyncio.create_task(read())
        await waits_for_a_lock(store, reading)
    await reading
    assert "cases" not in await counts(store)


@pytest.mark.parametrize(
    "piece", ["PHOTO1:" + "aB3_" * 900, "aB3_" * 1000, "aB3_" * 60 + ":12ab", "photo1:x"]
)
async def test_a_sketch_pasted_as_text_is_deleted_and_asked_for_as_a_file(store: Store, piece: str) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1)
    await come_to_photo(scene)
    shown = await scene.say(piece)
    assert shown.startswith(text(Language.KO, "victim-photo-as-file"))
    assert any(isinstance(effect, Delete) for effect in scene.effects)
    assert not any(piece in words for words, _ in scene.messages.values())


@pytest.mark.parametrize("link", [True, False])
async def test_photos_that_were_kept_long_enough_go_and_who_asked_for_news_is_told(
    store: Store, link: bool
) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1, link=link)
    await come_to_photo(scene)
    await scene.send_file(features())
    keep = timedelta(days=LIMITS.keep_days)
    for at, told in ((scene.clock() + keep, []), (scene.clock() + keep * 1.01, [scene.chat_id] * link)):
        async with store.write() as tx:
            expired = await photos.expire(tx, keep=keep, now=at)
        assert [chat_id for chat_id, _ in expired] == told
    after = await counts(store)
    assert (after["cases"], after["fingerprints"]) == (1, 1)
    assert (await actions(store))[-1] == "photos.expired"
    notice = scene.chat.photos_expired(scene.chat_id, Language.KO)
    assert notice.text.startswith(text(Language.KO, "victim-photos-expired"))


async def test_every_photo_refusal_of_the_chat_is_in_both_languages(store: Store) -> None:
    for language in Language:
        scene = VictimScene(store, photos=PhotosConfig(max_per_case=1, max_per_day=1), language_code=language)
        await scene.register(1)
        await come_to_photo(scene)
        await scene.send_file(features(5))
        assert (await scene.send_file(features(6))).startswith(
            text(language, "victim-photo-day-limit", limit=1)
        )


async def test_delete_everything_leaves_no_row_of_the_person_but_the_audit(store: Store) -> None:
    scene = VictimScene(store, photos=LIMITS)
    await scene.register(1, link=True)
    await come_to_photo(scene)
    await scene.send_file(features())
    await scene.say("/delete")
    await scene.press(Press.ERASE)
    assert scene.shown.startswith(text(Language.KO, "victim-erased", cases=1, hashes=1, photos=1))
    assert (await counts(store)).keys() == {"cases", "withdrawn_fingerprints", "audit"}


@pytest.mark.parametrize("language", list(Language))
async def test_a_file_that_nobody_asked_for_is_answered_with_where_it_is_taken(
    store: Store, language: Language
) -> None:
    """The page can save hashes as a file as well."""
    scene = VictimScene(store, photos=LIMITS, language_code=language)
    await scene.come_to_hashes()
    shown = await scene.send_file(features())
    assert text(language, "victim-no-media-sketch") in shown
    assert {Language.KO: "복사해 붙여넣어", Language.EN: "copy the text and paste it"}[language] in shown
    scene.clock.pass_(minutes=1)
    await scene.press(Press.GO, Name.PHOTO)
    await scene.press(Press.AGE, "yes")
    await scene.press(Press.CONSENT, "yes")
    shown = await scene.say(has_media=True)
    assert shown.startswith(text(language, "victim-photo-no-media"))
    assert text(language, "victim-photo-again") in shown, "there is no more before there was one"


@pytest.mark.parametrize("language", list(Language))
async def test_the_status_says_when_nothing_is_watched_for(store: Store, language: Language) -> None:
    watching = {Language.KO: "비교하고 있습니다", Language.EN: "are compared with them"}[language]
    paused = {Language.KO: "지금 살펴보지 않습니다", Language.EN: "not watched for at present"}[language]
    scene = VictimScene(store, photos=LIMITS, language_code=language)
    await scene.come_to_hashes()
    await come_to_photo(scene)
    await scene.send_file(features())
    searching, off = scene.chat, VictimScene(store, scene.clock, cases=scene.cases).chat
    shown = await scene.say("/status")
    assert (watching in shown, paused in shown) == (True, False)
    scene.chat = off
    shown = await scene.say("/status")
    assert (watching in shown, paused in shown) == (False, True)
    keep = timedelta(days=LIMITS.keep_days)
    async with store.write() as tx:
        await photos.expire(tx, keep=keep, now=scene.clock() + keep * 2)
    scene.chat = searching
    shown = await scene.say("/status")
    assert (watching in shown, paused in shown) == (False, False)


@pytest.mark.parametrize("language", list(Language))
async def test_the_status_of_hashes_says_nothing_of_days(store: Store, language: Language) -> None:
    scene = VictimScene(store, photos=LIMITS, language_code=language)
    await scene.register(1)
    await scene.press(Press.GO, "status")
    assert "100" not in scene.shown
