"""Ordinary photos in the store: kept apart from hashes, sealed, and gone with all that tells of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from store_makers import CHAT, MATCH, NOW, POSSIBLE, Scene, add_case, after, prints_of

from bot.chat import finding_view
from bot.model import (
    CONFIRMED,
    UNDECIDED,
    AlertId,
    CaseId,
    ChatId,
    Decision,
    Delete,
    FindingId,
    FindingState,
    FingerprintId,
    Language,
    MessageId,
)
from bot.shown import DERIVED, SAME_PHOTO, PhotoShown
from bot.staff import addressees, reports
from bot.staff.casework import OPEN, next_steps
from bot.store import (
    Store,
    Tx,
    cases,
    casework,
    evidence,
    figures,
    findings,
    outbox,
    photos,
    posts,
    registry,
    tables,
)
from bot.store.alerts import AlertFinding
from bot.store.cases import NewFingerprint
from bot.store.casework import Wanted
from bot.store.findings import MatchRow
from bot.texts import text

FEATURES = b"features of a photo" * 1000
SHOWN = PhotoShown(
    "part", 0.22, 0.1, 1.8, 12.0, False, ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)), ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2)),
    (1280, 853), (960, 640),
)  # fmt: skip
STAFF_CHAT = ChatId(-1005)
ADDRESSEE = next(one for one in addressees.load() if one.language is Language.EN)


def new_photo(data: bytes = FEATURES) -> NewFingerprint:
    return NewFingerprint(kind="photo", part="photo", bits=data, radius_bits=0)


async def add_photo(tx: Tx, case_id: CaseId, data: bytes = FEATURES) -> FingerprintId:
    assert await cases.add_fingerprints(tx, case_id, [new_photo(data)], NOW) == 1
    return (await prints_of(tx, case_id))[-1]


async def found(
    tx: Tx,
    scene: Scene,
    print_id: FingerprintId,
    message_id: int = 1,
    *,
    band: str = DERIVED,
    inliers: int = 40,
    media: int = 0,
    shown: PhotoShown | None = SHOWN,
) -> AlertId | None:
    post_id, media_ids = await scene.post(message_id, CHAT)
    row = MatchRow(print_id, band, -inliers, "whole", "upright", kind="photo", photo=shown)
    return await findings.record(
        tx,
        case_id=await scene.case("a"),
        post_id=post_id,
        media_id=media_ids[media],
        matches=[row],
        fold_after=after(-60),
        now=NOW,
    )


async def only(scene: Scene, alert_id: AlertId | None) -> AlertFinding:
    assert alert_id is not None
    [finding] = (await scene.alert(alert_id)).findings
    return finding


async def sent(tx: Tx, finding: AlertFinding, message_id: int = 77) -> None:
    assert finding.photo is not None
    await figures.sent(
        tx, finding.finding_id, finding.photo, chat_id=STAFF_CHAT, message_id=MessageId(message_id), now=NOW
    )


async def asked_for(tx: Tx) -> list[object]:
    return [row.effect for row in await outbox.claim(tx, now=NOW, lease_s=1, limit=99)]


async def test_a_photo_is_counted_apart_from_hashes_and_known_when_it_comes_again(store: Store) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx, 1, 2)
        await add_photo(tx, case_id)
        assert await cases.add_fingerprints(tx, case_id, [new_photo()], NOW) == 0
        case = await cases.get(tx, case_id)
        changes = await registry.changes(tx, 0)
        kinds = await tx.all(select(tables.items.c.kind).order_by(tables.items.c.id))
    assert case is not None
    assert (case.fingerprint_count, case.photo_count) == (2, 1)
    assert [(new.kind, new.bits) for new in changes.added if new.kind == "photo"] == [("photo", FEATURES)]
    assert [row.kind for row in kinds] == ["picture", "picture", "photo"]


async def test_neither_features_nor_what_was_seen_of_a_photo_is_stored_in_clear(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        await found(tx, scene, await add_photo(tx, await scene.case("a")))
        [bits] = await tx.all(select(tables.fingerprints.c.bits).where(tables.fingerprints.c.kind == "photo"))
        [match] = await tx.all(select(tables.matches.c.photo))
    assert b"features" not in bits.bits
    assert len(bits.bits) > len(FEATURES)
    for word in (b"outline", b"0.22", b"12.0"):
        assert word not in match.photo


async def test_where_a_photo_was_seen_comes_back_as_it_was(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await found(tx, scene, await add_photo(tx, await scene.case("a")))
        finding = await only(scene, alert_id)
    assert (finding.photo, finding.band, finding.kind) == (SHOWN, DERIVED, "photo")


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (DERIVED, MATCH, MATCH),
        (POSSIBLE, DERIVED, DERIVED),
        (SAME_PHOTO, POSSIBLE, POSSIBLE),
        (SAME_PHOTO, MATCH, MATCH),
    ],
)
async def test_what_says_more_leads_in_whatever_order_it_comes(
    store: Store, first: str, second: str, shown: str, is_turned: bool
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        photo_id = await add_photo(tx, await scene.case("a"))
        for band in (second, first) if is_turned else (first, second):
            if band in (DERIVED, SAME_PHOTO):
                await found(tx, scene, photo_id, band=band)
            else:
                await scene.record(1, band=band, distance=40)
        alert = await scene.alert(AlertId(await tx.scalar(select(tables.alerts.c.id))))
        assert await tx.scalar(select(func.count()).select_from(tables.findings)) == 1
    assert (alert.band, [finding.band for finding in alert.findings]) == (shown, [shown])
    assert alert.is_low_priority == (shown == POSSIBLE)


async def test_a_part_stays_what_staff_see_where_a_later_still_shows_the_whole_photo(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        print_id = await add_photo(tx, await scene.case("a"))
        alert_id = await found(tx, scene, print_id, inliers=40)
        assert await found(tx, scene, print_id, band=SAME_PHOTO, inliers=400) is None
        assert (await only(scene, alert_id)).band == DERIVED
        assert await found(tx, scene, print_id, inliers=41) == alert_id


async def test_muted_reposts_are_findings_that_change_no_alert_and_parts_are_told_all_the_same(
    store: Store,
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        print_id = await add_photo(tx, case_id)
        first = await found(tx, scene, print_id, 1, band=SAME_PHOTO)
        assert await cases.mute_same_photo(tx, case_id, muted=True)
        assert not await cases.mute_same_photo(tx, case_id, muted=True)
        assert await found(tx, scene, print_id, 2, band=SAME_PHOTO) is None
        assert await found(tx, scene, print_id, 2, band=SAME_PHOTO, media=1) is None
        counts = await findings.of_case(tx, case_id)
        assert (counts[FindingState.NEW], counts[FindingState.MUTED]) == (1, 1)
        assert (await photos.kept(tx)).muted_findings == 1
        derived = await found(tx, scene, print_id, 2, band=DERIVED)
        assert derived not in (None, first)
        assert (await only(scene, derived)).state is FindingState.NEW
        assert await cases.mute_same_photo(tx, case_id, muted=False)
        assert await found(tx, scene, print_id, 3, band=SAME_PHOTO) == first


async def test_a_repost_that_was_no_match_is_not_asked_about_again_while_muted(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        print_id = await add_photo(tx, await scene.case("a"))
        alert_id = await found(tx, scene, print_id, band=SAME_PHOTO)
        assert alert_id is not None
        await scene.decide(alert_id, Decision.NOT_A_MATCH)
        await cases.mute_same_photo(tx, await scene.case("a"), muted=True)
        assert await found(tx, scene, print_id, band=SAME_PHOTO, media=1) is None
        assert (await only(scene, alert_id)).state is FindingState.NOT_A_MATCH


async def test_withdrawing_takes_features_figures_and_what_was_seen_and_leaves_that_it_was_seen(
    store: Store,
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        alert_id = await found(tx, scene, await add_photo(tx, case_id))
        await sent(tx, await only(scene, alert_id))
        await cases.withdraw(tx, case_id, NOW)
        finding = await only(scene, alert_id)
        assert (finding.photo, finding.band) == (None, DERIVED)
        assert await asked_for(tx) == [Delete(STAFF_CHAT, MessageId(77))]
        for table in (tables.fingerprints, tables.items, tables.figures):
            assert await tx.scalar(select(func.count()).select_from(table)) == 0


async def test_erasing_a_case_takes_its_figures_too(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        await sent(tx, await only(scene, await found(tx, scene, await add_photo(tx, case_id))))
        await cases.erase(tx, case_id, NOW)
        assert await asked_for(tx) == [Delete(STAFF_CHAT, MessageId(77))]
        assert await tx.scalar(select(func.count()).select_from(tables.findings)) == 0


async def test_only_photos_that_were_kept_long_enough_are_withdrawn(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        old = await add_photo(tx, case_id)
        alert_id = await found(tx, scene, old)
        later = NOW + timedelta(days=1)
        await cases.add_fingerprints(tx, case_id, [new_photo(b"newer")], later)
        before = await registry.revision(tx)
        expired = await photos.expired(tx, later)
        assert list(expired) == [case_id]
        await photos.withdraw(tx, expired[case_id], later)
        changes = await registry.changes(tx, before)
        case = await cases.get(tx, case_id)
        assert (await only(scene, alert_id)).photo is None
        assert await photos.expired(tx, later) == {}
    assert case is not None
    assert (case.fingerprint_count, case.photo_count) == (2, 1)
    assert (changes.added, changes.removed) == ([], [old])


async def test_of_posts_that_showed_an_expired_photo_no_fingerprints_are_kept(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        await found(tx, scene, await add_photo(tx, case_id), 1)
        later = NOW + timedelta(days=1)
        await cases.add_fingerprints(tx, case_id, [new_photo(b"newer")], later)
        await found(tx, scene, (await prints_of(tx, case_id))[-1], 2)
        for media_ids in [(await scene.post(number, CHAT))[1] for number in (1, 2)]:
            await posts.scanned(tx, media_ids[0], fingerprints=b"what was posted", now=NOW)
        await photos.withdraw(tx, (await photos.expired(tx, later))[case_id], later)
        kept = await tx.all(select(tables.media.c.post_id).where(tables.media.c.fingerprints.is_not(None)))
        assert [row.post_id for row in kept] == [(await scene.post(2, CHAT))[0]]


async def test_a_figure_is_known_for_just_what_it_shows_and_a_newer_one_takes_its_place(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        print_id = await add_photo(tx, await scene.case("a"))
        alert_id = await found(tx, scene, print_id)
        finding = await only(scene, alert_id)
        assert not await figures.is_shown(tx, finding)
        await sent(tx, finding)
        assert await figures.is_shown(tx, finding)
        await found(tx, scene, print_id, inliers=60, shown=replace(SHOWN, share=0.4))
        better = await only(scene, alert_id)
        assert not await figures.is_shown(tx, better)
        await sent(tx, better, 78)
        assert await figures.is_shown(tx, better)
        assert await asked_for(tx) == [Delete(STAFF_CHAT, MessageId(77))]


async def test_a_figure_that_comes_after_the_withdrawal_is_taken_back_at_once(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        finding = await only(scene, await found(tx, scene, await add_photo(tx, case_id)))
        await cases.withdraw(tx, case_id, NOW)
        await sent(tx, finding)
        assert await asked_for(tx) == [Delete(STAFF_CHAT, MessageId(77))]
        await cases.erase(tx, case_id, NOW)
        await sent(tx, finding, 78)
        assert await tx.scalar(select(func.count()).select_from(tables.outbox)) == 2


async def test_a_hash_does_not_unsay_what_features_showed(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        photo_id = await add_photo(tx, await scene.case("a"))
        alert_id = await found(tx, scene, photo_id, band=SAME_PHOTO)
        await found(tx, scene, photo_id, inliers=-12, shown=None)
        finding = await only(scene, alert_id)
        assert (finding.band, finding.distance, finding.photo) == (SAME_PHOTO, -40, SHOWN)
        await found(tx, scene, photo_id)
        assert (await only(scene, alert_id)).band == DERIVED


async def test_in_a_report_a_photo_of_which_only_a_hash_is_near_has_its_distance_in_bits(
    store: Store,
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        photo_id = await add_photo(tx, await scene.case("a"))
        alert_id = await found(tx, scene, photo_id, inliers=-12, shown=None)
        finding = await casework.get(tx, (await only(scene, alert_id)).finding_id)
        assert finding is not None
        told = reports.record(finding, await evidence.of(tx, finding), ADDRESSEE)
        assert (told["hash_kind"], told["distance_bits"], told["of_bits"]) == ("photo", 12, 256)
        assert told["view"] == reports.NEAR_PHOTO


async def test_in_a_report_the_hash_leads_and_a_photo_has_no_distance_in_bits(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        photo_id = await add_photo(tx, await scene.case("a"))
        alert_id = await found(tx, scene, photo_id)
        finding = await casework.get(tx, (await only(scene, alert_id)).finding_id)
        assert finding is not None
        told = reports.record(finding, await evidence.of(tx, finding), ADDRESSEE)
        assert (told["hash_kind"], told["distance_bits"], told["of_bits"]) == ("photo", None, None)
        assert told["view"] == DERIVED
        await scene.record(1, distance=40)
        told = reports.record(finding, await evidence.of(tx, finding), ADDRESSEE)
        assert (told["hash_kind"], told["distance_bits"]) == ("pdq", 40)


@pytest.mark.parametrize("language", list(Language))
async def test_a_muted_finding_can_be_looked_at_and_waits_for_nobody(
    store: Store, language: Language
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        print_id = await add_photo(tx, await scene.case("a"))
        await cases.mute_same_photo(tx, await scene.case("a"), muted=True)
        await found(tx, scene, print_id, band=SAME_PHOTO)
        finding_id = FindingId(await tx.scalar(select(tables.findings.c.id)))
        finding = await casework.get(tx, finding_id)
        assert finding is not None
        assert text(language, "finding-state-muted") == finding_view.state(finding.state, language)
        assert next_steps(finding.state) == []
        _, waiting = await casework.listed(tx, Wanted(states=OPEN), limit=9)
        assert waiting == 0
    assert FindingState.MUTED not in CONFIRMED | UNDECIDED
