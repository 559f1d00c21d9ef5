from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from store_makers import CHAT, FOLD_S, MATCH, NOW, POSSIBLE, Scene, add_channel, after, make_post, photo

from bot.model import AlertId, CaseState, ChatId, Delete, FindingState, MessageId, Origin, Place
from bot.shown import Showing
from bot.store import Store, Tx, cases, findings, outbox, posts, tables
from bot.store.alerts import Alert, AlertFinding
from bot.store.findings import MatchRow


async def count(tx: Tx, name: str) -> int:
    number: int = await tx.scalar(select(func.count()).select_from(tables.metadata.tables[name]))
    return number


async def test_an_alert_tells_what_was_found(store: Store) -> None:
    origin = Origin("channel", "원본", Place(ChatId(-5), MessageId(6), "origin", "원본"))
    post = make_post(7, photo("a"), edited_at=after(30), origin=origin)
    async with store.write() as tx:
        scene = Scene(tx)
        channel = await add_channel(tx, title="채널 이름")
        scene.post_of[7, CHAT] = await posts.add(tx, channel.id, post, now=after(40))
        alert = await scene.alert(await scene.new(7))
    assert alert == Alert(
        alert_id=alert.alert_id,
        case_number="JK-a",
        case_state=CaseState.ACTIVE,
        channel_title="채널 이름",
        seen_before=0,
        findings=(
            AlertFinding(
                finding_id=alert.findings[0].finding_id,
                place=post.place,
                posted_at=NOW,
                edited_at=after(30),
                state=FindingState.NEW,
                band=MATCH,
                distance=10,
                view="view0",
                orientation="upright",
                registered_at=NOW,
                origin=origin,
                mark=alert.findings[0].mark,
            ),
        ),
        band=MATCH,
        revision=1,
        sent_revision=0,
    )


@pytest.mark.parametrize(
    ("second", "folds"),
    [
        ({"message_id": 2}, True),
        ({"message_id": 2, "seconds": FOLD_S - 1}, True),
        ({"message_id": 2, "seconds": FOLD_S}, False),
        ({"message_id": 2, "case": "b"}, False),
        ({"message_id": 2, "band": POSSIBLE}, False),
        ({"message_id": 2, "chat_id": -777}, False),
        ({"message_id": 2, "distance": 30, "fingerprint": 1}, True),
    ],
    ids=["at once", "within the time", "after the time", "case", "band", "channel", "fingerprint"],
)
async def test_a_finding_joins_the_open_alert_of_its_case_channel_and_band(
    store: Store, second: dict[str, Any], folds: bool
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        first_alert = await scene.new(1)
        second_alert = await scene.new(**second)
        alert = await scene.alert(second_alert)
    assert (first_alert == second_alert) is folds
    assert (len(alert.findings), alert.revision) == ((2, 2) if folds else (1, 1))


async def test_folding_counts_from_the_alerts_beginning_and_not_from_its_last_finding(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        first = await scene.new(1, seconds=0)
        assert await scene.new(2, seconds=FOLD_S - 1) == first
        assert await scene.new(3, seconds=FOLD_S + 1) != first


async def test_a_finding_does_not_join_an_alert_that_was_decided(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        first = await scene.new(1)
        await scene.decide(first)
        assert await scene.new(2) != first


async def test_a_finding_joins_an_alert_that_was_decided_in_part(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        seen = (await scene.alert(alert_id)).findings[0].finding_id
        await scene.new(2)
        await scene.decide(alert_id, up_to=seen)
        assert await scene.new(3) == alert_id


async def test_the_newest_of_two_open_alerts_is_joined(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        await scene.new(1, seconds=0)
        newer = await scene.new(2, seconds=FOLD_S)
        assert await scene.new(3, seconds=FOLD_S + 1) == newer


async def test_an_alert_tells_how_often_the_case_was_found_before_it_in_any_channel(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        await scene.new(1)
        await scene.new(2, chat_id=-777)
        await scene.new(3, case="b")
        alert_id = await scene.new(4, seconds=FOLD_S)
        await scene.new(5, seconds=FOLD_S)
        assert (await scene.alert(alert_id)).seen_before == 2


@pytest.mark.parametrize(
    ("again", "revision", "band", "distance", "low"),
    [
        ({}, 1, POSSIBLE, 40, True),
        ({"fingerprint": 1, "distance": 40}, 1, POSSIBLE, 40, True),
        ({"fingerprint": 1, "distance": 45}, 1, POSSIBLE, 40, True),
        ({"fingerprint": 1, "distance": 33}, 2, POSSIBLE, 33, True),
        ({"fingerprint": 1, "distance": 31, "band": MATCH}, 2, MATCH, 31, False),
        ({"media": 1, "distance": 45}, 1, POSSIBLE, 40, True),
        ({"media": 1, "distance": 5, "band": MATCH}, 2, MATCH, 5, False),
        ({"media": 1, "distance": 5, "band": MATCH, "seconds": 9 * FOLD_S}, 2, MATCH, 5, False),
    ],
    ids=["repeat", "same", "worse", "nearer", "better band", "worse media", "better media", "long after"],
)
async def test_a_post_matched_again_changes_its_finding_only_where_it_is_better(
    store: Store, again: dict[str, Any], revision: int, band: str, distance: int, low: bool
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        how: dict[str, Any] = {"band": POSSIBLE, "distance": 40}
        first = await scene.new(1, **how)
        changed = await scene.record(1, **(how | again))
        alert = await scene.alert(first)
        assert await count(tx, "findings") == await count(tx, "alerts") == 1
    assert changed == (first if revision == 2 else None)
    assert (alert.revision, alert.is_low_priority) == (revision, low)
    assert [(finding.band, finding.distance) for finding in alert.findings] == [(band, distance)]


async def test_a_possible_match_that_becomes_a_match_is_sent_anew_and_its_silent_message_deleted(
    store: Store,
) -> None:
    silent = (ChatId(-1), MessageId(5))
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1, band=POSSIBLE, distance=40)
        await findings.alert_sent(tx, alert_id, revision=1, chat_id=silent[0], message_id=silent[1])
        await scene.record(1, fingerprint=1, band=POSSIBLE, distance=35)
        assert await findings.alert_destination(tx, alert_id) == silent
        await scene.record(1, media=1, band=MATCH, distance=5)
        assert await findings.alert_destination(tx, alert_id) is None
        waiting = await outbox.claim(tx, now=after(1), lease_s=60, limit=9)
    assert [row.effect for row in waiting] == [Delete(*silent)]


async def test_a_match_is_shown_before_a_nearer_possible_one(store: Store) -> None:
    """Fingerprints have radii of their own, so a match may be farther away than a possible one."""
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1, distance=30)
        assert await scene.record(1, fingerprint=1, band=POSSIBLE, distance=20) is None
        assert (await scene.alert(alert_id)).findings[0].distance == 30


async def test_the_whole_is_shown_before_a_nearer_quarter_and_after_a_quarter_in_a_better_band(
    store: Store,
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1, distance=4, view="whole")
        assert await scene.record(1, fingerprint=1, distance=0, view="quadrant") is None
        assert (await scene.alert(alert_id)).findings[0].view == "whole"
        possible = await scene.new(2, band=POSSIBLE, distance=40, view="whole")
        await scene.record(2, fingerprint=1, distance=3, view="quadrant")
        assert (await scene.alert(possible)).findings[0].view == "quadrant"


async def test_recording_again_is_a_no_op(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        await scene.new(1)
        assert await scene.record(1) is None
        assert await count(tx, "matches") == 1


async def test_what_is_known_of_a_video_at_its_end_takes_the_place_of_what_was_told_early(
    store: Store,
) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        early, whole = Showing("frame", 4000, 9000, 3, 40), Showing("frame", 4000, 70_000, 30, 90)
        alert_id = await scene.new(1, showing=early)
        assert await scene.record(1, showing=whole) == alert_id
        assert await scene.record(1, showing=whole) is None
        assert await scene.record(1, fingerprint=1, showing=early) is None
        [shown] = (await scene.alert(alert_id)).findings
        assert shown.showing == whole
        assert await scene.record(1, fingerprint=1, distance=2, showing=whole) == alert_id


async def test_the_best_of_several_matches_counts(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        post_id, [media_id, _] = await scene.post(1, CHAT)
        alert_id = await findings.record(
            tx,
            case_id=await scene.case("a"),
            post_id=post_id,
            media_id=media_id,
            matches=[
                MatchRow(await scene.print_id("a", 0), POSSIBLE, 40, "whole", "r0"),
                MatchRow(await scene.print_id("a", 1), MATCH, 12, "quadrant", "r90"),
            ],
            fold_after=NOW,
            now=NOW,
        )
        assert alert_id is not None
        alert = await scene.alert(alert_id)
        assert await count(tx, "matches") == 2
    [shown] = alert.findings
    assert (shown.band, shown.distance, shown.view, shown.orientation) == (MATCH, 12, "quadrant", "r90")


async def test_nothing_matched_is_nothing_found(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        post_id, [media_id, _] = await scene.post(1, CHAT)
        found = await findings.record(
            tx,
            case_id=await scene.case("a"),
            post_id=post_id,
            media_id=media_id,
            matches=[],
            fold_after=NOW,
            now=NOW,
        )
        assert found is None
        assert await count(tx, "findings") == await count(tx, "alerts") == 0


async def test_a_case_withdrawn_since_the_search_is_not_found(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        print_id = await scene.print_id("a", 0)
        post_id, [media_id, _] = await scene.post(1, CHAT)
        await cases.withdraw(tx, await scene.case("a"), NOW)
        found = await findings.record(
            tx,
            case_id=await scene.case("a"),
            post_id=post_id,
            media_id=media_id,
            matches=[MatchRow(print_id, MATCH, 0, "whole", "r0")],
            fold_after=NOW,
            now=NOW,
        )
        assert found is None
        assert await count(tx, "findings") == 0


async def test_two_media_of_a_post_scanned_at_once_make_one_finding(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        await scene.print_id("a", 0)
        await scene.post(1, CHAT)
        await scene.post(2, CHAT)

    async def scan(message_id: int, media: int) -> None:
        async with store.write() as tx:
            await Scene(tx, scene.case_of, scene.post_of).record(message_id, media=media)

    await asyncio.gather(*(scan(message_id, media) for message_id in (1, 2) for media in (0, 1)))
    async with store.read() as tx:
        assert (await count(tx, "findings"), await count(tx, "matches")) == (2, 4)
        assert await count(tx, "alerts") == 1


async def test_a_forgotten_post_that_is_found_later_is_shown_by_its_place(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        post_id, media_ids = await scene.post(1, CHAT)
        for media_id in media_ids:
            await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
        await posts.forget(tx, post_id)
        alert = await scene.alert(await scene.new(1))
    assert alert.findings[0].place == Place(CHAT, MessageId(1), "somechannel", "채널")


async def test_an_unknown_alert_is_none(store: Store) -> None:
    async with store.read() as tx:
        assert await findings.alert(tx, AlertId(1)) is None
        assert await findings.alert_destination(tx, AlertId(1)) is None


async def test_where_an_alert_is_shown_is_kept_with_the_revision(store: Store) -> None:
    chat_id = ChatId(-100)
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        assert await findings.alert_destination(tx, alert_id) is None
        assert await findings.alert_sent(tx, alert_id, revision=1, chat_id=chat_id, message_id=MessageId(5))
        await scene.new(2)
        assert await findings.alert_destination(tx, alert_id) == (chat_id, MessageId(5))
        alert = await scene.alert(alert_id)
    assert (alert.revision, alert.sent_revision) == (2, 1)


async def test_the_sending_of_an_erased_alert_says_that_its_message_must_go(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        await cases.erase(tx, await scene.case("a"), NOW)
        assert not await findings.alert_sent(
            tx, alert_id, revision=1, chat_id=ChatId(-100), message_id=MessageId(5)
        )
