from __future__ import annotations

import re
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from store_makers import STAFF, add_channel, add_post, asked_by, prints_of
from victim_scene import CHEAP, RADIUS_BITS, Clock, config, counts, fingerprint, make_cases

from bot.errors import Refused
from bot.model import AlertId, CaseState, ChatId, Decision, FindingId, Language, MessageId
from bot.store import Store, Tx, audit, cases, findings, registry, tables
from bot.store.findings import MatchRow
from bot.victims.cases import CONSENT_VERSION, Cases, Opened, case_to_tell, found
from bot.victims.credentials import NUMBER_ALPHABET, Pins
from matcher import VideoFingerprint

CHAT = ChatId(912345678)
OTHER_CHAT = ChatId(987654321)


async def open_case(
    store: Store, desk: Cases, *numbers: int, chat_id: ChatId = CHAT, link: bool = False
) -> Opened:
    async with store.write() as tx:
        prints = [fingerprint(number) for number in numbers]
        opened = await desk.open(tx, prints, chat_id=chat_id, language=Language.KO)
        if link:
            await desk.link(tx, opened.case, chat_id)
    return opened


async def find_something(tx: Tx, opened: Opened) -> AlertId:
    """A post that shows the case's first picture, alerted of."""
    post_id, [media_id] = await add_post(tx, await add_channel(tx), 1, "a")
    prints = await prints_of(tx, opened.case.id)
    alert_id = await findings.record(
        tx,
        case_id=opened.case.id,
        post_id=post_id,
        media_id=media_id,
        matches=[MatchRow(prints[0], "match", 3, "whole", "upright")],
        fold_after=opened.case.created_at,
        now=opened.case.created_at,
    )
    assert alert_id is not None
    return alert_id


async def refusal(store: Store, desk: Cases, number: str, pin: str, chat_id: ChatId = CHAT) -> Refused:
    async with store.write() as tx:
        with pytest.raises(Refused) as refused:
            await desk.unlock(tx, number=number, pin=pin, chat_id=chat_id)
    return refused.value


async def test_a_case_opens_with_a_number_a_pin_and_its_hashes_and_knows_no_chat(store: Store) -> None:
    clock = Clock()
    opened = await open_case(store, make_cases(clock), 1, 2)
    case = opened.case
    assert re.fullmatch(rf"JK(-[{NUMBER_ALPHABET}]{{4}}){{3}}", case.number or "")
    assert re.fullmatch(r"\d{6}", opened.pin)
    assert (case.fingerprint_count, case.contact, case.consent_version) == (2, None, CONSENT_VERSION)
    assert case.created_at == clock()
    async with store.read() as tx:
        added = (await registry.changes(tx, 0)).added
    assert [(new.bits, new.radius_bits) for new in added] == [
        (fingerprint(number).bits, RADIUS_BITS) for number in (1, 2)
    ]


async def test_no_two_cases_share_a_number_or_a_uid(store: Store) -> None:
    desk = make_cases(Clock())
    opened = [await open_case(store, desk, number) for number in range(5)]
    for values in ({one.case.number for one in opened}, {one.case.uid for one in opened}):
        assert len(values) == 5


async def test_the_alphabet_has_32_letters_of_which_none_looks_like_another() -> None:
    assert len(set(NUMBER_ALPHABET)) == 32
    assert not set("ILOU") & set(NUMBER_ALPHABET)


async def test_the_pin_is_stored_as_an_argon2id_verifier_only(store: Store) -> None:
    opened = await open_case(store, make_cases(Clock()), 1)
    assert opened.case.number is not None
    async with store.read() as tx:
        _, verifier = await cases.by_number(tx, opened.case.number) or (None, "")
    assert verifier.startswith("$argon2id$")
    assert opened.pin not in verifier


async def test_a_hash_that_comes_twice_is_registered_once_and_said_to_be_known(store: Store) -> None:
    desk = make_cases(Clock())
    opened = await open_case(store, desk, 1, 1, 2)
    assert (opened.added.new, opened.added.known) == (2, 1)
    async with store.write() as tx:
        added = await desk.add(tx, opened.case, [fingerprint(2), fingerprint(3)], chat_id=CHAT)
    assert (added.new, added.known, added.left_out, added.limit, added.total) == (1, 1, 0, None, 3)


async def test_a_video_is_one_item_of_many_hashes(store: Store) -> None:
    desk = make_cases(Clock())
    video = VideoFingerprint(9000, tuple((number * 1000, fingerprint(number)) for number in (3, 4, 4, 5)))
    opened = await open_case(store, desk, 1)
    async with store.write() as tx:
        added = await desk.add(tx, opened.case, [fingerprint(2), video], chat_id=CHAT)
        registered = (await registry.changes(tx, 0)).added
    assert (added.new, added.known, added.total) == (4, 1, 5)
    assert [new.item_id for new in registered] == [1, 2, 3, 3, 3]


async def test_a_case_takes_new_hashes_up_to_its_limit_and_known_ones_take_no_room(store: Store) -> None:
    desk = make_cases(Clock(), config(max_hashes_per_case=3))
    opened = await open_case(store, desk, 1, 2)
    async with store.write() as tx:
        prints = [fingerprint(number) for number in (1, 2, 3, 4)]
        added = await desk.add(tx, opened.case, prints, chat_id=CHAT)
    assert (added.new, added.known, added.left_out, added.limit, added.total) == (1, 2, 1, "case", 3)


async def test_a_chat_registers_up_to_its_limit_in_a_day_over_all_cases(store: Store) -> None:
    clock = Clock()
    desk = make_cases(clock, config(max_hashes_per_day=3))
    await open_case(store, desk, 1, 2)
    second = await open_case(store, desk, 3, 4)
    assert (second.added.new, second.added.left_out, second.added.limit) == (1, 1, "day")
    with pytest.raises(Refused) as refused:
        await open_case(store, desk, 5)
    assert (refused.value.code, refused.value.values) == ("day-limit", {"limit": 3})
    assert (await open_case(store, desk, 5, chat_id=OTHER_CHAT)).added.new == 1
    clock.pass_(hours=24)
    assert (await open_case(store, desk, 5)).added.new == 1


async def test_number_and_pin_unlock_the_case_from_any_chat(store: Store) -> None:
    desk = make_cases(Clock())
    opened = await open_case(store, desk, 1)
    assert opened.case.number is not None
    async with store.write() as tx:
        case = await desk.unlock(tx, number=opened.case.number, pin=opened.pin, chat_id=OTHER_CHAT)
    assert case.id == opened.case.id


async def test_wrong_pins_are_counted_down_and_then_blocked_twice_as_long_each_time(store: Store) -> None:
    clock = Clock()
    desk = make_cases(clock, config(pin_tries=3, pin_block_minutes=15))
    number = (await open_case(store, desk, 1)).case.number or ""
    answers = [await refusal(store, desk, number, "no pin") for _ in range(3)]
    assert [(one.code, one.values) for one in answers] == [
        ("pin-wrong", {"left": 2}),
        ("pin-wrong", {"left": 1}),
        ("pin-blocked", {"minutes": 15}),
    ]
    clock.pass_(minutes=14, seconds=30)
    assert (await refusal(store, desk, number, "no pin")).values == {"minutes": 1}
    for minutes in (30, 60, 120, 240, 480, 960, 1440, 1440):
        clock.pass_(days=1)
        assert (await refusal(store, desk, number, "no pin")).values == {"minutes": minutes}


async def test_while_blocked_not_even_the_right_pin_opens_from_no_chat(store: Store) -> None:
    clock = Clock()
    desk = make_cases(clock, config(pin_tries=1))
    opened = await open_case(store, desk, 1)
    number = opened.case.number or ""
    await refusal(store, desk, number, "no pin")
    assert (await refusal(store, desk, number, opened.pin, OTHER_CHAT)).code == "pin-blocked"
    clock.pass_(minutes=15)
    async with store.write() as tx:
        assert await desk.unlock(tx, number=number, pin=opened.pin, chat_id=CHAT)


async def test_one_chat_cannot_try_many_numbers(store: Store) -> None:
    desk = make_cases(Clock(), config(pin_tries=3))
    own = await open_case(store, desk, 1)
    for tried in ("JK-0000-0000-0001", "JK-0000-0000-0002"):
        assert (await refusal(store, desk, tried, "000000")).code == "pin-wrong"
    async with store.write() as tx:
        await desk.unlock(tx, number=own.case.number or "", pin=own.pin, chat_id=CHAT)
    assert (await refusal(store, desk, "JK-0000-0000-0003", "000000")).code == "pin-blocked"


async def test_a_success_forgets_the_wrong_pins_of_that_number(store: Store) -> None:
    desk = make_cases(Clock(), config(pin_tries=2))
    opened = await open_case(store, desk, 1)
    number = opened.case.number or ""
    await refusal(store, desk, number, "no pin")
    async with store.write() as tx:
        await desk.unlock(tx, number=number, pin=opened.pin, chat_id=OTHER_CHAT)
    assert (await refusal(store, desk, number, "no pin", ChatId(1))).values == {"left": 1}


class CountingHasher(PasswordHasher):
    """argon2, which remembers against what it was asked to check."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.checked: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the name is argon2's
        self.checked.append(str(hash).rpartition("$")[0].rpartition("$")[0])
        return super().verify(hash, password)


async def test_a_number_that_does_not_exist_is_answered_and_worked_on_like_one_that_does(
    store: Store,
) -> None:
    clock, hasher = Clock(), CountingHasher()
    desk = make_cases(clock, config(pin_tries=3), hasher=hasher)
    number = (await open_case(store, desk, 1)).case.number or ""
    answers = {}
    for tried, chat_id in ((number, CHAT), ("JK-0000-0000-0000", OTHER_CHAT)):
        refused = [await refusal(store, desk, tried, "000000", chat_id) for _ in range(4)]
        answers[tried] = [(one.code, one.values) for one in refused]
    assert answers[number] == answers["JK-0000-0000-0000"]
    assert len(hasher.checked) == 6
    assert len(set(hasher.checked)) == 1


async def test_no_pin_fits_where_there_is_no_case() -> None:
    assert not await Pins(CHEAP).fits(None, "nobody")


async def test_a_withdrawn_case_cannot_be_told_from_one_that_never_was(store: Store) -> None:
    desk = make_cases(Clock())
    opened = await open_case(store, desk, 1)
    async with store.write() as tx:
        await desk.withdraw(tx, opened.case)
    withdrawn = await refusal(store, desk, opened.case.number or "", opened.pin)
    never = await refusal(store, desk, "JK-0000-0000-0000", opened.pin, OTHER_CHAT)
    assert (withdrawn.code, withdrawn.values) == (never.code, never.values)


async def test_a_chat_is_linked_to_one_case_and_can_be_unlinked(store: Store) -> None:
    desk = make_cases(Clock())
    first = await open_case(store, desk, 1, link=True)
    second = await open_case(store, desk, 2)
    async with store.write() as tx:
        with pytest.raises(Refused, match="already-linked"):
            await desk.link(tx, second.case, CHAT)
        assert (await desk.reachable(tx, CHAT, None)) == await cases.get(tx, first.case.id)
        assert (await desk.reachable(tx, CHAT, second.case.id)) == second.case
        linked = await cases.get(tx, first.case.id)
        assert linked is not None
        await desk.unlink(tx, linked)
        assert await desk.reachable(tx, CHAT, None) is None


async def test_a_withdrawal_deletes_what_was_registered_and_names_the_alerts_that_change(
    store: Store,
) -> None:
    desk = make_cases(Clock())
    opened = await open_case(store, desk, 1, 2, link=True)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
        assert await desk.withdraw(tx, opened.case) == [alert_id]
        case = await cases.get(tx, opened.case.id)
    assert case is not None
    assert (case.state, case.number, case.contact, case.fingerprint_count) == (
        CaseState.WITHDRAWN,
        None,
        None,
        0,
    )


async def test_erasing_leaves_nothing_of_linked_and_opened_cases_but_their_empty_rows(store: Store) -> None:
    desk = make_cases(Clock())
    linked = await open_case(store, desk, 1, link=True)
    apart = await open_case(store, desk, 2, 3)
    async with store.write() as tx:
        alert_id = await find_something(tx, linked)
        await findings.alert_sent(tx, alert_id, revision=1, chat_id=ChatId(-100123), message_id=MessageId(55))
    async with store.write() as tx:
        erased = await desk.erase(tx, CHAT, apart.case.id)
        again = await desk.erase(tx, CHAT, apart.case.id)
    assert (erased.cases, erased.hashes, erased.alerts) == (2, 3, [(ChatId(-100123), MessageId(55))])
    assert (again.cases, again.hashes, again.alerts) == (0, 0, [])
    left = await counts(store)
    assert left.keys() <= {"cases", "withdrawn_fingerprints", "audit", "channels", "posts", "media"}
    async with store.read() as tx:
        rows = await tx.all(select(tables.cases))
    for row in rows:
        assert {row.number, row.number_key, row.pin_verifier, row.contact, row.contact_key} == {None}


async def test_erasing_does_not_forget_that_pins_were_guessed(store: Store) -> None:
    desk = make_cases(Clock(), config(pin_tries=2))
    await refusal(store, desk, "JK-0000-0000-0001", "000000")
    async with store.write() as tx:
        await desk.erase(tx, CHAT, None)
    assert (await refusal(store, desk, "JK-0000-0000-0002", "000000")).code == "pin-blocked"


@pytest.mark.parametrize(
    ("limit", "code"), [({"max_hashes_per_day": 2}, "day-limit"), ({"max_cases_per_day": 2}, "cases-limit")]
)
async def test_erasing_gives_back_of_the_days_limits_what_it_erased_and_no_more(
    store: Store, limit: dict[str, int], code: str
) -> None:
    """Or who closes the chat and then erases nothing could register without an end."""
    desk = make_cases(Clock(), config(**limit))
    await open_case(store, desk, 1)
    await open_case(store, desk, 2, link=True)
    for erased in (1, 0):
        async with store.write() as tx:
            assert (await desk.erase(tx, CHAT, None)).cases == erased
    await open_case(store, desk, 3)
    with pytest.raises(Refused, match=code):
        await open_case(store, desk, 4)


async def test_only_a_linked_chat_is_told_of_findings(store: Store) -> None:
    desk = make_cases(Clock())
    opened = await open_case(store, desk, 1)
    async with store.write() as tx:
        alert_id = await find_something(tx, opened)
        assert await case_to_tell(tx, alert_id) is None
        await desk.link(tx, opened.case, CHAT)
        told = await case_to_tell(tx, alert_id)
        assert told is not None
        assert (told.id, told.contact) == (opened.case.id, CHAT)
        await desk.withdraw(tx, opened.case)
        assert await case_to_tell(tx, alert_id) is None
        assert await case_to_tell(tx, AlertId(999)) is None


async def test_findings_are_counted_as_confirmed_and_waiting(store: Store) -> None:
    clock = Clock()
    opened = await open_case(store, make_cases(clock), 1)
    async with store.write() as tx:
        assert await found(tx, opened.case) == (0, 0)
        alert_id = await find_something(tx, opened)
        assert await found(tx, opened.case) == (0, 1)
        alert = await findings.alert(tx, alert_id)
        assert alert is not None
        up_to = FindingId(alert.findings[-1].finding_id)
        asked = await asked_by(tx, alert_id)
        await findings.decide(
            tx, alert_id, up_to=up_to, asked=asked, decision=Decision.CONFIRMED, by=STAFF, now=clock()
        )
        assert await found(tx, opened.case) == (1, 0)


async def test_the_audit_tells_what_was_done_by_uid_and_of_no_chat(store: Store) -> None:
    clock = Clock()
    desk = make_cases(clock)
    opened = await open_case(store, desk, 1, 2, link=True)
    async with store.write() as tx:
        case = await cases.get(tx, opened.case.id)
        assert case is not None
        await desk.link(tx, case, CHAT)
        await desk.unlink(tx, case)
        await desk.withdraw(tx, case)
        other = await desk.open(tx, [fingerprint(3)], chat_id=CHAT, language=Language.EN)
        await desk.erase(tx, CHAT, other.case.id)
    async with store.read() as tx:
        rows = await tx.all(select(tables.audit).order_by(tables.audit.c.id))
        told = [(row.action, row.subject, tx.cipher.open_json("audit.details", row.details)) for row in rows]
        assert (await audit.verify(tx)).harm is None
    uid, other_uid = opened.case.uid, other.case.uid
    assert told == [
        ("case.opened", uid, {"consent": CONSENT_VERSION}),
        ("hashes.added", uid, {"count": 2}),
        ("contact.set", uid, {"linked": True}),
        ("contact.set", uid, {"linked": False}),
        ("case.withdrawn", uid, {"count": 2}),
        ("case.opened", other_uid, {"consent": CONSENT_VERSION}),
        ("hashes.added", other_uid, {"count": 1}),
        ("case.erased", other_uid, {}),
    ]
    assert {row.actor for row in rows} == {None}


async def test_a_day_is_counted_from_its_first_hash(store: Store) -> None:
    clock = Clock()
    desk = make_cases(clock, config(max_hashes_per_day=2))
    await open_case(store, desk, 1)
    clock.pass_(hours=23)
    await open_case(store, desk, 2)
    clock.pass_(hours=1)
    assert (await open_case(store, desk, 3, 4)).added.new == 2
