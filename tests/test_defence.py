"""The list defended: what a new, a well-known or a suddenly frequent hash costs staff, and that nothing is lost by it."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from defence_scene import Scene, attack, media, pdq, video
from store_makers import ADMIN, STAFF, flipped, hash_of

from bot.chat.alert_view import render_alert
from bot.errors import Refused
from bot.model import AlertId, Decision, FindingId, FindingState, HashState, KnownGoodId, Language
from bot.registered import defence
from bot.staff import casework
from bot.store import Store, audit, cases, findings, known_good, tables
from matcher import KINDS, Fingerprint, HashTextError, HashTextReason, format_hash, parse_hash_line

S, H = FindingState, HashState
SAME = hash_of(7)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


async def told(scene: Scene, alert_id: int = 1) -> str:
    async with scene.store.read() as tx:
        alert = await findings.alert(tx, AlertId(alert_id))
    assert alert is not None
    return render_alert(alert, Language.EN, ZoneInfo("UTC"))[0]


async def test_of_a_new_hash_the_first_post_is_asked_about_and_the_others_are_counted(scene: Scene) -> None:
    await scene.register(pdq(7))
    await scene.posts(media(SAME))
    assert await scene.deliver() == ["new F-1"]
    for channel in range(3):
        await scene.posts(media(SAME), media(flipped(7, 5)), chat_id=-100 - channel)
    assert await scene.deliver() == ["edit F-1"]
    assert await scene.states() == {S.NEW: 1, S.HELD: 6}
    assert "wait for this decision: 6" in await told(scene)


async def test_a_confirmation_lets_all_that_waited_go_on_in_the_alerts_of_their_channels(
    scene: Scene,
) -> None:
    await scene.register(pdq(7))
    await scene.posts(media(SAME), media(SAME))
    await scene.posts(media(SAME), media(SAME), chat_id=-200)
    await scene.deliver()
    await scene.decide(Decision.CONFIRMED)
    assert await scene.hash_states() == [H.ACTIVE]
    assert await scene.states() == {S.CONFIRMED: 1, S.NEW: 3}
    assert await scene.deliver() == ["edit F-1 F-2", "new F-3 F-4"]
    assert "wait for this decision" not in await told(scene)
    await scene.posts(media(SAME), chat_id=-300)
    assert await scene.deliver() == ["new F-5"]


async def test_a_rejected_copy_of_the_registered_picture_stops_its_hash_and_nothing_is_asked_again(
    scene: Scene,
) -> None:
    await scene.register(pdq(7), pdq(8))
    await scene.posts(media(flipped(7, 10)), media(SAME))
    await scene.deliver()
    await scene.decide(Decision.NOT_A_MATCH)
    assert await scene.hash_states() == [H.DISABLED, H.QUARANTINED]
    await scene.posts(media(SAME), chat_id=-200)
    assert await scene.states() == {S.NOT_A_MATCH: 1, S.SUPPRESSED: 2}
    await scene.posts(media(hash_of(8)))
    assert (await scene.states())[S.NEW] == 1, "another hash of the case is as it was"


async def test_a_rejected_picture_that_is_only_like_it_stops_nothing_and_the_next_is_asked_about(
    scene: Scene,
) -> None:
    await scene.register(pdq(7))
    await scene.posts(media(flipped(7, 25)), media(SAME), media(SAME))
    await scene.deliver()
    await scene.decide(Decision.NOT_A_MATCH)
    assert await scene.hash_states() == [H.QUARANTINED]
    assert await scene.states() == {S.NOT_A_MATCH: 1, S.NEW: 1, S.HELD: 1}
    assert await scene.deliver() == ["edit F-1 F-2"]
    await scene.decide(Decision.CONFIRMED)
    assert await scene.states() == {S.NOT_A_MATCH: 1, S.CONFIRMED: 1, S.NEW: 1}


async def test_a_match_does_not_wait_behind_a_question_that_is_only_possible(scene: Scene) -> None:
    await scene.register(pdq(7))
    await scene.posts(media(flipped(7, 40)), media(flipped(7, 40)))
    assert await scene.states() == {S.NEW: 1, S.HELD: 1}
    await scene.posts(media(SAME), chat_id=-200)
    assert await scene.deliver() == ["new F-1", "new F-3"]


async def test_another_picture_of_a_post_that_waits_may_be_asked_about_at_once(scene: Scene) -> None:
    await scene.register(pdq(7), pdq(8, H.ACTIVE))
    await scene.posts(media(SAME), media(SAME))
    await scene.posts(media(SAME, hash_of(8)))
    assert await scene.states() == {S.NEW: 2, S.HELD: 1}


async def test_a_decision_on_the_hash_is_taken_back_with_the_decision_on_the_finding(scene: Scene) -> None:
    await scene.register(pdq(7))
    await scene.posts(media(SAME), media(SAME))
    await scene.decide(Decision.NOT_A_MATCH)
    assert await scene.states() == {S.NOT_A_MATCH: 1, S.SUPPRESSED: 1}
    async with scene.store.write() as tx:
        await casework.undo(tx, FindingId(1), seen=S.NOT_A_MATCH, by=STAFF, now=scene.now())
    assert await scene.hash_states() == [H.QUARANTINED]
    assert await scene.states() == {S.NEW: 1, S.HELD: 1}
    await scene.decide(Decision.CONFIRMED)
    assert await scene.states() == {S.CONFIRMED: 1, S.NEW: 1}


async def test_a_hash_that_somebody_disabled_stays_so_where_a_decision_on_a_likeness_is_taken_back(
    scene: Scene,
) -> None:
    await scene.register(pdq(7))
    await scene.posts(media(flipped(7, 20)))
    await scene.decide(Decision.NOT_A_MATCH)
    async with scene.store.write() as tx:
        wanted = await defence.of_finding(tx, FindingId(1))
        await defence.disable(tx, wanted, by=ADMIN, now=scene.now())
        await casework.undo(tx, FindingId(1), seen=S.NOT_A_MATCH, by=STAFF, now=scene.now())
    assert await scene.hash_states() == [H.DISABLED]


async def test_a_hash_that_comes_in_many_channels_at_once_is_held_until_somebody_says_so(
    store: Store,
) -> None:
    scene = Scene(store, most_channels=3)
    await scene.register(pdq(7, H.ACTIVE))
    for channel in range(10):
        await scene.posts(media(SAME), chat_id=-100 - channel)
    assert len(await scene.deliver()) == 4, "three, and the one that says so"
    assert (await scene.hash_states(), await scene.states()) == ([H.HELD], {S.NEW: 4, S.HELD: 6})
    assert "It came in many channels in a short time. Posts that wait: 6" in await told(scene, 4)
    async with store.write() as tx:
        await defence.enable(tx, await scene.wanted(), by=STAFF, now=scene.now())
    assert (await scene.hash_states(), await scene.states()) == ([H.CLEARED], {S.NEW: 10})
    await scene.posts(media(SAME), chat_id=-900)
    assert (await scene.states())[S.NEW] == 11


async def test_a_confirmation_lets_a_hash_go_on_that_was_held(store: Store) -> None:
    scene = Scene(store, most_channels=1)
    await scene.register(pdq(7, H.ACTIVE))
    for channel in range(4):
        await scene.posts(media(SAME), chat_id=-100 - channel)
    await scene.decide(Decision.CONFIRMED)
    assert await scene.hash_states() == [H.CLEARED]
    assert await scene.states() == {S.CONFIRMED: 1, S.NEW: 3}


async def test_without_the_setting_nothing_is_held_for_fanning_out(scene: Scene) -> None:
    await scene.register(pdq(7, H.ACTIVE))
    for channel in range(30):
        await scene.posts(media(SAME), chat_id=-100 - channel)
    assert await scene.states() == {S.NEW: 30}


async def test_a_disabled_hash_makes_no_alerts_and_enabled_again_is_in_quarantine(scene: Scene) -> None:
    await scene.register(pdq(7, H.ACTIVE))
    async with scene.store.write() as tx:
        await defence.disable(tx, await scene.wanted(), by=STAFF, now=scene.now())
    await scene.posts(media(SAME), media(SAME))
    assert (await scene.states(), await scene.deliver()) == ({S.SUPPRESSED: 2}, [])
    async with scene.store.write() as tx:
        with pytest.raises(Refused, match="hash-as-it-is"):
            await defence.disable(tx, await scene.wanted(), by=STAFF, now=scene.now())
        await defence.enable(tx, await scene.wanted(), by=STAFF, now=scene.now())
    assert (await scene.states(), await scene.hash_states()) == ({S.NEW: 1, S.HELD: 1}, [H.QUARANTINED])
    assert await scene.deliver() == ["new F-1"]


async def test_the_radius_of_one_hash_is_its_own_from_the_next_search_on(scene: Scene) -> None:
    await scene.register(pdq(7, H.ACTIVE), pdq(8, H.ACTIVE))
    await scene.registry.refresh()
    async with scene.store.write() as tx:
        await defence.set_radius(tx, await scene.wanted(1), 3, by=STAFF, now=scene.now())
        with pytest.raises(Refused, match="bad-radius"):
            await defence.set_radius(tx, await scene.wanted(1), 41, by=STAFF, now=scene.now())
    await scene.posts(media(flipped(7, 30)), media(flipped(8, 30)), media(flipped(7, 3)))
    async with scene.store.read() as tx:
        rows = await tx.all(tables.matches.select().order_by(tables.matches.c.id))
    assert [(row.fingerprint_id, row.distance) for row in rows] == [(2, 30), (1, 3)]


@pytest.mark.parametrize("known_first", [False, True])
async def test_what_is_near_to_a_known_good_hash_makes_no_alert_whichever_came_first(
    scene: Scene, known_first: bool
) -> None:
    async def know() -> None:
        async with scene.store.write() as tx:
            await defence.import_known_good(tx, [flipped(7, 31)], source="flags", now=scene.now())

    if known_first:
        await know()
        await scene.registry.refresh()
    await scene.register(pdq(7, H.ACTIVE), pdq(8, H.ACTIVE))
    await scene.registry.refresh()
    if not known_first:
        await know()
    await scene.posts(media(SAME), media(hash_of(8)), media(SAME, hash_of(8)))
    assert await scene.deliver() == ["new F-2 F-3"]
    assert await scene.states() == {S.SUPPRESSED: 1, S.NEW: 2}


@pytest.mark.parametrize("known_first", [False, True])
@pytest.mark.parametrize(
    ("radius_bits", "distance", "is_muted"), [(40, 31, True), (40, 32, False), (40, 35, False), (3, 31, True)]
)
async def test_31_bits_are_near_to_a_known_good_hash_whatever_the_radius_of_the_registered_one(
    scene: Scene, known_first: bool, radius_bits: int, distance: int, is_muted: bool
) -> None:
    async def know() -> None:
        async with scene.store.write() as tx:
            await defence.import_known_good(tx, [flipped(7, distance)], source="flags", now=scene.now())
        await scene.registry.refresh()

    if known_first:
        await know()
    await scene.register(replace(pdq(7, H.ACTIVE), radius_bits=radius_bits))
    await scene.registry.refresh()
    if not known_first:
        await know()
    async with scene.store.read() as tx:
        [known], _ = await known_good.listed(tx, 9)
    assert known.mutes == int(is_muted)


async def test_a_well_known_frame_of_a_registered_video_hides_no_other_frame_of_it(scene: Scene) -> None:
    frames = [pdq(number, H.ACTIVE) for number in (7, 8)]
    parts = ("first_frame", "frame")

    await scene.register(*(replace(one, part=part) for one, part in zip(frames, parts, strict=True)))
    async with scene.store.write() as tx:
        await defence.import_known_good(tx, [SAME], source="intro", now=scene.now())
    await scene.posts(video(SAME), video(SAME, flipped(8, 20)))
    async with scene.store.read() as tx:
        shown = await findings.alert(tx, AlertId(2))
    assert await scene.states() == {S.SUPPRESSED: 1, S.NEW: 1}
    assert shown is not None
    assert [(one.distance, one.showing.at) for one in shown.findings] == [(20, 1000)]


async def test_a_finding_names_a_known_good_picture_and_removing_it_undoes_all(scene: Scene) -> None:
    await scene.register(pdq(7))
    other = await scene.register(pdq(7))
    await scene.posts(media(SAME), media(SAME))
    async with scene.store.write() as tx:
        await defence.name_known_good(tx, FindingId(1), by=STAFF, now=scene.now())
    await scene.posts(media(SAME))
    assert await scene.states() == {S.NEW: 2, S.SUPPRESSED: 4}, "the case of another person as well"
    async with scene.store.read() as tx:
        [listed], total = await known_good.listed(tx, 9)
    assert (listed.source, listed.added_by, listed.mutes, total) == ("F-1", STAFF, 2, 1)
    async with scene.store.write() as tx:
        await defence.forget_known_good(tx, KnownGoodId(1), by=STAFF, now=scene.now())
        with pytest.raises(Refused, match="unknown-known-good"):
            await defence.forget_known_good(tx, KnownGoodId(1), by=STAFF, now=scene.now())
    assert await scene.states() == {S.NEW: 2, S.HELD: 4}
    assert other == 2


async def test_what_two_known_good_hashes_mute_stays_muted_when_one_is_removed(scene: Scene) -> None:
    await scene.register(pdq(7, H.ACTIVE))
    async with scene.store.write() as tx:
        bits = [flipped(7, 3), flipped(7, 5)]
        assert await defence.import_known_good(tx, [*bits, bits[0]], source="memes", now=scene.now()) == 2
        assert await defence.import_known_good(tx, bits, source="memes", now=scene.now()) == 0
    await scene.registry.refresh()
    for known_id, state in ((2, S.SUPPRESSED), (1, S.NEW)):
        async with scene.store.write() as tx:
            await defence.forget_known_good(tx, KnownGoodId(known_id), by=STAFF, now=scene.now())
        await scene.posts(media(SAME))
        assert (await scene.states()).get(state) == (1 if state is S.SUPPRESSED else 2)


async def test_withdrawing_ends_what_waited(scene: Scene) -> None:
    case_id = await scene.register(pdq(7))
    await scene.posts(media(SAME), media(SAME))
    async with scene.store.write() as tx:
        await cases.withdraw(tx, case_id, scene.now())
    assert await scene.states() == {S.WITHDRAWN: 2}
    assert "wait" not in await told(scene)


async def test_everything_is_in_the_audit_by_the_uid_of_the_case(scene: Scene) -> None:
    await scene.register(pdq(7))
    await scene.posts(media(SAME))
    async with scene.store.write() as tx:
        await defence.disable(tx, await scene.wanted(), by=STAFF, now=scene.now())
    async with scene.store.write() as tx:
        await defence.enable(tx, await scene.wanted(), by=STAFF, now=scene.now())
        [one] = await scene.wanted()
        await defence.set_radius(tx, [one], 20, by=STAFF, now=scene.now())
        await defence.name_known_good(tx, FindingId(1), by=STAFF, now=scene.now())
        await defence.forget_known_good(tx, KnownGoodId(1), by=STAFF, now=scene.now())
        rows = [entry async for entry in audit.entries(tx)]
        assert [(row.action, row.subject) for row in rows] == [
            ("hash_disabled", one.case_uid),
            ("hash_enabled", one.case_uid),
            ("hash_radius", one.case_uid),
            ("hash_known_good", one.case_uid),
            ("known_good_removed", "known good:1"),
        ]
        assert {audit.opened(tx, row)[0] for row in rows} == {STAFF}
        assert (await audit.verify(tx)).harm is None


async def test_a_flood_of_posts_of_one_meme_costs_staff_one_message(store: Store) -> None:
    """bench/flood.py does the same with 10,000."""
    scene = Scene(store, most_channels=20)
    await scene.register(pdq(7))
    for channel in range(25):
        shown = [media(flipped(7, number)) for number in range(20)]
        await scene.posts(*shown, chat_id=-1000 - channel)
        await scene.deliver()
    assert (len(scene.sent), await scene.states()) == (1, {S.NEW: 1, S.HELD: 499})
    assert "wait for this decision: 499" in await told(scene)
    await scene.decide(Decision.NOT_A_MATCH)
    await scene.deliver()
    assert (len(scene.sent), await scene.states()) == (1, {S.NOT_A_MATCH: 1, S.SUPPRESSED: 499})
    assert scene.edits <= 25


async def test_an_adversary_with_a_thousand_registrations_costs_staff_three_messages(store: Store) -> None:
    await counts_three(store, memes=10)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_ten_thousand_memes_of_an_adversary_cost_staff_no_more(store: Store) -> None:
    await counts_three(store, memes=500)


async def counts_three(store: Store, *, memes: int) -> None:
    scene = Scene(store, most_channels=20)
    await attack(scene, memes=memes, channels=20)
    assert len(scene.sent) == 3, "the meme once, the junk that was posted once, and the real one at once"
    assert await scene.states() == {S.SUPPRESSED: 200, S.NEW: 3, S.HELD: 20 * memes - 1}


def test_a_flat_picture_cannot_be_registered() -> None:
    with pytest.raises(HashTextError) as refused:
        parse_hash_line(format_hash(Fingerprint("pdq", hash_of(6), quality=20)))
    assert refused.value.reason is HashTextReason.LOW_QUALITY


@pytest.mark.parametrize(("kind", "most"), [("dhash", 10), ("phash", 10), ("phash256", 40)])
async def test_no_radius_of_a_shorter_hash_reaches_every_picture(scene: Scene, kind: str, most: int) -> None:
    await scene.register(replace(pdq(7), kind=kind, bits=hash_of(7)[: KINDS[kind].length], radius_bits=8))
    async with scene.store.write() as tx:
        await defence.set_radius(tx, await scene.wanted(1), most, by=STAFF, now=scene.now())
        with pytest.raises(Refused, match="bad-radius") as refused:
            await defence.set_radius(tx, await scene.wanted(1), most + 1, by=STAFF, now=scene.now())
    assert refused.value.values == {"most": most}
