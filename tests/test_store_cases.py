from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from store_makers import (
    LAST,
    NOW,
    STAFF,
    Scene,
    add_case,
    add_channel,
    add_post,
    after,
    asked_by,
    bits,
    new_print,
    prints_of,
)

from bot.model import (
    AlertId,
    CaseId,
    CaseState,
    ChatId,
    Decision,
    FindingState,
    Language,
    MessageId,
)
from bot.store import Conflict, Store, Tx, cases, findings, posts, tables
from bot.store.findings import MatchRow

CONTACT = ChatId(987654321)


async def create(
    tx: Tx, *, uid: str = "uid", number: str = "JK-7K2M", contact: ChatId | None = CONTACT
) -> CaseId:
    return await cases.create(
        tx,
        uid=uid,
        number=number,
        pin_verifier="$argon2id$verifier",
        language=Language.EN,
        consent_version="2026-1",
        contact=contact,
        now=NOW,
    )


async def find(tx: Tx, case_id: CaseId, message_id: int, band: str = "match") -> AlertId:
    """A finding of the case in a new post, and the alert it is in."""
    channel = await add_channel(tx)
    post_id, [media_id] = await add_post(tx, channel, message_id, f"photo {case_id} {message_id}")
    print_id = (await prints_of(tx, case_id))[0]
    alert_id = await findings.record(
        tx,
        case_id=case_id,
        post_id=post_id,
        media_id=media_id,
        matches=[MatchRow(print_id, band, 3, "whole", "r0")],
        fold_after=after(-60),
        now=NOW,
    )
    await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
    assert alert_id is not None
    return alert_id


async def rows(tx: Tx, *names: str) -> dict[str, int]:
    return {
        name: await tx.scalar(select(func.count()).select_from(tables.metadata.tables[name]))
        for name in names
    }


async def test_a_case_comes_out_as_it_went_in(store: Store) -> None:
    async with store.write() as tx:
        case_id = await create(tx)
        case = await cases.get(tx, case_id)
    assert case == cases.Case(
        id=case_id,
        uid="uid",
        state=CaseState.ACTIVE,
        number="JK-7K2M",
        language=Language.EN,
        consent_version="2026-1",
        contact=CONTACT,
        created_at=NOW,
        withdrawn_at=None,
        fingerprint_count=0,
    )


async def test_a_case_is_found_by_its_number_with_the_pin_verifier(store: Store) -> None:
    async with store.write() as tx:
        case_id = await create(tx)
        found = await cases.by_number(tx, "JK-7K2M")
        assert found == (await cases.get(tx, case_id), "$argon2id$verifier")
        assert await cases.by_number(tx, "JK-7K2N") is None


async def test_a_number_that_is_taken_is_refused(store: Store) -> None:
    async with store.write() as tx:
        await create(tx)
    with pytest.raises(Conflict):
        async with store.write() as tx:
            await create(tx, uid="other")


async def test_cases_are_found_by_contact(store: Store) -> None:
    async with store.write() as tx:
        first = await create(tx, uid="1", number="1")
        await create(tx, uid="2", number="2", contact=None)
        third = await create(tx, uid="3", number="3")
        assert [case.id for case in await cases.by_contact(tx, CONTACT)] == [first, third]
        assert await cases.by_contact(tx, ChatId(1)) == []


async def test_a_contact_is_set_and_taken_away(store: Store) -> None:
    async with store.write() as tx:
        case_id = await create(tx, contact=None)
        await cases.set_contact(tx, case_id, CONTACT)
        assert [case.contact for case in await cases.by_contact(tx, CONTACT)] == [CONTACT]
        await cases.set_contact(tx, case_id, None)
        assert await cases.by_contact(tx, CONTACT) == []


async def test_the_same_fingerprint_in_the_same_case_is_a_no_op(store: Store) -> None:
    async with store.write() as tx:
        case_id = await create(tx)
        assert await cases.add_fingerprints(tx, case_id, [new_print(1), new_print(2), new_print(1)], NOW) == 2
        assert await cases.add_fingerprints(tx, case_id, [new_print(2), new_print(3)], NOW) == 1
        assert await cases.add_fingerprints(tx, case_id, [], NOW) == 0
        case = await cases.get(tx, case_id)
        assert await rows(tx, "items", "fingerprints") == {"items": 3, "fingerprints": 3}
    assert case is not None
    assert case.fingerprint_count == 3


async def test_two_cases_may_have_the_same_fingerprint(store: Store) -> None:
    async with store.write() as tx:
        first, second = await add_case(tx, 1), await add_case(tx, 1)
        assert len(await prints_of(tx, first)) == len(await prints_of(tx, second)) == 1


async def test_the_parts_of_a_picture_belong_to_one_item(store: Store) -> None:
    picture = [new_print(1), new_print(2, part="top_left"), new_print(3, part="top_right")]
    other = [new_print(4), new_print(5, part="top_left")]
    async with store.write() as tx:
        case_id = await create(tx)
        await cases.add_fingerprints(tx, case_id, picture + other, NOW)
        column = tables.fingerprints.c.item_id
        sizes = await tx.all(select(func.count(column)).group_by(column).order_by(column))
    assert [size for (size,) in sizes] == [3, 2]


async def test_the_frames_of_a_video_are_one_item_with_their_times(store: Store) -> None:
    frames = [
        replace(new_print(number), part=part, at_ms=number * 500)
        for number, part in ((1, "first_frame"), (2, "frame"), (3, "frame"), (4, "first_frame"), (5, "frame"))
    ]
    async with store.write() as tx:
        case_id = await create(tx)
        await cases.add_fingerprints(tx, case_id, [*frames[:3], new_print(9), *frames[3:]], NOW)
        kinds = await tx.all(select(tables.items.c.kind).order_by(tables.items.c.id))
        column = tables.fingerprints.c.item_id
        sizes = await tx.all(select(func.count(column)).group_by(column).order_by(column))
        times = await tx.all(select(tables.fingerprints.c.at_ms).order_by(tables.fingerprints.c.id))
    assert [kind for (kind,) in kinds] == ["video", "picture", "video"]
    assert [size for (size,) in sizes] == [3, 1, 2]
    assert [at_ms for (at_ms,) in times] == [500, 1000, 1500, 0, 2000, 2500]


async def test_an_alert_knows_which_moment_of_a_registered_video_was_found(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        case_id = await scene.case("a")
        frames = [
            replace(new_print(70 + n), part=part, at_ms=n * 500)
            for n, part in enumerate(("first_frame", "frame"))
        ]
        await cases.add_fingerprints(tx, case_id, frames, NOW)
        number = len(await prints_of(tx, case_id)) - 1
        [of_video] = (await scene.alert(await scene.new(1, fingerprint=number))).findings
        [of_picture] = (await scene.alert(await scene.new(2, chat_id=-5))).findings
    assert (of_video.registered_at_ms, of_picture.registered_at_ms) == (500, None)


async def test_parts_that_come_later_join_the_item_of_their_whole(store: Store) -> None:
    async with store.write() as tx:
        case_id = await create(tx)
        await cases.add_fingerprints(tx, case_id, [new_print(1)], NOW)
        await cases.add_fingerprints(tx, case_id, [new_print(1), new_print(2, part="top_left")], NOW)
        assert await rows(tx, "items", "fingerprints") == {"items": 1, "fingerprints": 2}


async def test_withdrawal_leaves_the_uid_and_the_dates_and_nothing_else(store: Store) -> None:
    async with store.write() as tx:
        case_id = await create(tx)
        await cases.add_fingerprints(tx, case_id, [new_print(1), new_print(2)], NOW)
        assert await cases.withdraw(tx, case_id, after(60)) == []
        case = await cases.get(tx, case_id)
        stored = (await tx.all(select(tables.cases)))[0]
        assert await rows(tx, "items", "fingerprints") == {"items": 0, "fingerprints": 0}
        assert await cases.by_number(tx, "JK-7K2M") is None
        assert await cases.by_contact(tx, CONTACT) == []
    assert case == cases.Case(
        id=case_id,
        uid="uid",
        state=CaseState.WITHDRAWN,
        number=None,
        language=Language.EN,
        consent_version="2026-1",
        contact=None,
        created_at=NOW,
        withdrawn_at=after(60),
        fingerprint_count=0,
    )
    assert (stored.number_key, stored.pin_verifier, stored.contact_key) == (None, None, None)


async def test_withdrawing_again_changes_nothing(store: Store) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx, 1)
        await find(tx, case_id, 1)
        assert len(await cases.withdraw(tx, case_id, after(1))) == 1
        assert await cases.withdraw(tx, case_id, after(2)) == []
        case = await cases.get(tx, case_id)
    assert case is not None
    assert case.withdrawn_at == after(1)


async def test_withdrawal_closes_the_alerts_and_tells_which_read_differently(store: Store) -> None:
    async with store.write() as tx:
        case_id, other = await add_case(tx, 1), await add_case(tx, 2)
        decided = await find(tx, case_id, 1, "possible")
        undecided = await find(tx, case_id, 2)
        await find(tx, other, 3)
        await findings.decide(
            tx,
            decided,
            up_to=LAST,
            asked=await asked_by(tx, decided),
            decision=Decision.CONFIRMED,
            by=STAFF,
            now=NOW,
        )
        assert await cases.withdraw(tx, case_id, NOW) == [decided, undecided]
        states = {FindingState.CONFIRMED: 1, FindingState.WITHDRAWN: 1}
        assert await findings.of_case(tx, case_id) == dict.fromkeys(FindingState, 0) | states
        assert (await findings.of_case(tx, other))[FindingState.NEW] == 1
        alert = await findings.alert(tx, undecided)
        assert await tx.all(select(tables.matches.c.id).where(tables.matches.c.fingerprint_id.is_(None)))
    assert alert is not None
    assert (alert.case_state, alert.case_number, alert.revision) == (CaseState.WITHDRAWN, "", 2)
    assert [finding.state for finding in alert.findings] == [FindingState.WITHDRAWN]


async def test_nothing_can_be_registered_for_a_withdrawn_case(store: Store) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx, 1, contact=CONTACT)
        await cases.withdraw(tx, case_id, NOW)
        await cases.set_contact(tx, case_id, CONTACT)
        assert await cases.by_contact(tx, CONTACT) == []
        with pytest.raises(Conflict, match="withdrawn"):
            await cases.add_fingerprints(tx, case_id, [new_print(9)], NOW)


async def test_withdrawal_leaves_other_cases_alone(store: Store) -> None:
    async with store.write() as tx:
        case_id, other = await add_case(tx, 1, 2), await add_case(tx, 1, 3)
        await cases.withdraw(tx, case_id, NOW)
        case = await cases.get(tx, other)
    assert case is not None
    assert (case.state, case.fingerprint_count) == (CaseState.ACTIVE, 2)


@pytest.mark.parametrize("withdrawn_before", [False, True])
async def test_erasure_deletes_what_was_found_and_tells_the_messages(
    store: Store, withdrawn_before: bool
) -> None:
    async with store.write() as tx:
        case_id, other = await add_case(tx, 1), await add_case(tx, 2)
        sent, unsent = await find(tx, case_id, 1), await find(tx, case_id, 2, "possible")
        await find(tx, other, 3)
        chat = ChatId(-100)
        await findings.alert_sent(tx, sent, revision=1, chat_id=chat, message_id=MessageId(55))
        await findings.decide(
            tx,
            sent,
            up_to=LAST,
            asked=await asked_by(tx, sent),
            decision=Decision.CONFIRMED,
            by=STAFF,
            now=NOW,
        )
        if withdrawn_before:
            await cases.withdraw(tx, case_id, NOW)
        assert await cases.erase(tx, case_id, NOW) == [(chat, MessageId(55))]
        assert await findings.alert(tx, sent) is None
        assert await findings.alert(tx, unsent) is None
        assert await rows(tx, "findings", "matches", "decisions", "alerts") == {
            "findings": 1,
            "matches": 1,
            "decisions": 0,
            "alerts": 1,
        }
        case = await cases.get(tx, case_id)
        assert case is not None
        assert (case.state, case.withdrawn_at) == (CaseState.WITHDRAWN, NOW)
        assert await cases.erase(tx, case_id, NOW) == []


async def test_erasure_forgets_the_posts_that_nothing_else_was_found_in(store: Store) -> None:
    async with store.write() as tx:
        case_id, other = await add_case(tx, 1), await add_case(tx, 2)
        await find(tx, case_id, 1)
        await find(tx, case_id, 2)
        await find(tx, other, 2)
        await cases.erase(tx, case_id, NOW)
        stored = await tx.all(select(tables.posts.c.post).order_by(tables.posts.c.message_id))
    assert [row.post is None for row in stored] == [True, False]


async def test_no_column_shows_a_hash_a_number_or_a_contact(store: Store) -> None:
    async with store.write() as tx:
        case_id = await create(tx)
        await cases.add_fingerprints(tx, case_id, [new_print(0x7A7B7C7D)], NOW)
        found = [
            value
            for table in (tables.cases, tables.items, tables.fingerprints)
            for row in await tx.all(select(table))
            for value in row
        ]
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in found)
    for secret in (bits(0x7A7B7C7D), b"7a7b7c7d", b"JK-7K2M", str(CONTACT).encode(), b"argon2"):
        assert secret not in stored
