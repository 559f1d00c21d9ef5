"""A finding from the alert to the removal: every state times every step, and who works on it."""

from __future__ import annotations

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from casework_scene import Found, found, pressed, put_into, said_buttons, take
from staff_scene import VictimDouble, add_staff, make_config, press, talk, texts
from store_makers import ADMIN, NOW, STAFF, after, asked_by

from bot.chat.finding_view import render_finding
from bot.chat.router import Router
from bot.chat.wording import MAX_TEXT, length
from bot.errors import Refused
from bot.model import Edit, Effect, FindingId, FindingState, Language, ShowAlert, Step
from bot.staff import casework
from bot.store import Store, Tx, audit, cases, steps, tables
from bot.store import casework as rows
from bot.store.casework import Method, Recheck, Wanted
from bot.texts import text

S = FindingState
ALLOWED = {
    (S.NEW, Step.CONFIRMED),
    (S.NEW, Step.NOT_A_MATCH),
    (S.SECOND, Step.CONFIRMED),
    (S.SECOND, Step.NOT_A_MATCH),
    (S.CONFIRMED, Step.REPORTED),
    (S.CONFIRMED, Step.REMOVED),
    (S.CONFIRMED, Step.CLOSED),
    (S.REPORTED, Step.STILL_UP),
    (S.REPORTED, Step.REMOVED),
    (S.REPORTED, Step.CLOSED),
    (S.STILL_UP, Step.REPORTED),
    (S.STILL_UP, Step.REMOVED),
    (S.STILL_UP, Step.CLOSED),
    (S.REMOVED, Step.STILL_UP),
    (S.REMOVED, Step.CLOSED),
}


# Steps


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", FindingState)
async def test_every_step_leads_out_of_its_states_only(store: Store, state: FindingState, step: Step) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await put_into(tx, finding_id, state)
        if (state, step) not in ALLOWED:
            with pytest.raises(
                Refused, match="finding-withdrawn" if state is S.WITHDRAWN else "finding-step"
            ):
                await take(tx, finding_id, step, state)
            assert (await casework.get(tx, finding_id)).state is state
            return
        await take(tx, finding_id, step, state)
        finding = await casework.get(tx, finding_id)
        assert finding.state == FindingState(step.value)
        assert finding.changed_at == after(10)
        [taken] = finding.steps
        assert (taken.step, taken.from_state, taken.by) == (step, state, STAFF)
        assert (await audit.verify(tx)).harm is None
        await casework.undo(tx, finding_id, seen=finding.state, by=ADMIN, now=after(20))
        finding = await casework.get(tx, finding_id)
        assert finding.state is state
        [taken] = finding.steps
        assert (taken.undone_by, taken.undone_at) == (ADMIN, after(20))


async def test_a_card_offers_the_steps_that_lead_on_and_no_others(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        for state in FindingState:
            await put_into(tx, finding_id, state)
            shown = said_buttons(await router.handle(tx, talk(f"/finding F-{finding_id}")))
            offered = {data.split("|")[4] for data in shown if data.startswith("1|f|step|")}
            assert offered == {step.value for from_state, step in ALLOWED if from_state is state}


async def test_steps_are_undone_one_after_the_other_down_to_the_alert(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        way = [Step.CONFIRMED, Step.REPORTED, Step.STILL_UP, Step.REPORTED, Step.REMOVED, Step.CLOSED]
        state = S.NEW
        for step in way:
            await take(tx, finding_id, step, state)
            state = FindingState(step.value)
        for step in reversed(way):
            taken = await casework.undo(
                tx, finding_id, seen=FindingState(step.value), by=ADMIN, now=after(30)
            )
            assert taken.step is step
        assert (await casework.get(tx, finding_id)).state is S.NEW
        with pytest.raises(Refused, match="nothing-to-undo"):
            await casework.undo(tx, finding_id, seen=S.NEW, by=ADMIN, now=after(30))


async def test_an_old_card_takes_no_later_step_back_than_it_showed(store: Store, router: Router) -> None:
    """The finding may be in the same state again, by a report that the card does not tell of."""
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, S.NEW)
        await take(tx, finding_id, Step.REPORTED, S.CONFIRMED)
        card = said_buttons(await router.handle(tx, talk(f"/finding {finding_id}")))
        [undo] = [data for data in card if data.startswith("1|f|undo|")]
        await take(tx, finding_id, Step.STILL_UP, S.REPORTED)
        await take(tx, finding_id, Step.REPORTED, S.STILL_UP)
        told = await router.handle(tx, talk(callback_id="q", callback_data=undo))
        assert (await casework.get(tx, finding_id)).state is S.REPORTED
        [again] = [data for data in said_buttons(told) if data.startswith("1|f|undo|")]
        await router.handle(tx, talk(callback_id="q", callback_data=again))
        assert (await casework.get(tx, finding_id)).state is S.STILL_UP
        old = pressed("f", "undo", finding_id, S.STILL_UP)
        await router.handle(tx, old)
        assert (await casework.get(tx, finding_id)).state is S.REPORTED, "a button of an earlier version"


async def test_what_is_asked_about_anew_is_not_decided_by_taking_back_an_earlier_step(
    store: Store, router: Router
) -> None:
    """Another picture came into the post: it would count as reported, and nobody has looked at it."""
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, S.NEW)
        await take(tx, finding_id, Step.REMOVED, S.CONFIRMED)
        [step] = (await casework.get(tx, finding_id)).steps[1:]
        await put_into(tx, finding_id, S.NEW)
        card = said_buttons(await router.handle(tx, talk(f"/finding {finding_id}")))
        assert not [data for data in card if data.startswith("1|f|undo|")]
        with pytest.raises(Refused, match="nothing-to-undo"):
            await casework.undo(tx, finding_id, seen=S.NEW, step=step.id, by=STAFF, now=after(30))
        assert (await casework.get(tx, finding_id)).state is S.NEW


async def test_an_undone_confirmation_opens_the_alert_again(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        alert_id = (await casework.get(tx, finding_id)).alert_id
        await take(tx, finding_id, Step.CONFIRMED, S.NEW)
        await casework.undo(tx, finding_id, seen=S.CONFIRMED, by=STAFF, now=after(30))
        [alert] = await tx.all(tables.alerts.select().where(tables.alerts.c.id == alert_id))
        assert alert.is_open
        assert alert.revision == 3


async def test_of_two_who_press_at_once_one_wins_and_the_other_is_told_by_whom(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        finding_id = await found(tx)
        asked = casework.asked(await casework.get(tx, finding_id))

    async def press_by(person: Any, step: Step) -> list[Effect]:
        async with store.write() as tx:
            return await router.handle(
                tx, pressed("f", "step", finding_id, step, S.NEW, asked, person=person)
            )

    both = await asyncio.gather(press_by(STAFF, Step.CONFIRMED), press_by(ADMIN, Step.NOT_A_MATCH))
    told = [texts(effects) for effects in both]
    late = [words for words in told if "그사이에 상태가 바뀌었습니다" in words]
    assert len(late) == 1
    winner = STAFF if late == [told[1]] else ADMIN
    assert winner.name in late[0]
    async with store.read() as tx:
        assert len((await casework.get(tx, finding_id)).steps) == 1


async def test_a_step_answers_shows_the_card_anew_and_edits_the_alert(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        finding = await casework.get(tx, finding_id)
        confirm = pressed("f", "step", finding_id, Step.CONFIRMED, S.NEW, casework.asked(finding))
        effects = await router.handle(tx, confirm)
        alert_id = finding.alert_id
    assert "일치함으로 기록했습니다" in texts(effects[:1])
    assert isinstance(effects[1], Edit)
    assert "✅ 일치함 · 관리자" in effects[1].text
    assert effects[2] == ShowAlert(alert_id)


async def test_looking_again_by_hand_is_kept_with_the_step(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await put_into(tx, finding_id, S.REPORTED)
        await take(tx, finding_id, Step.STILL_UP, S.REPORTED)
        await take(tx, finding_id, Step.REMOVED, S.STILL_UP)
        checks = (await casework.get(tx, finding_id)).rechecks
    assert [(check.result, check.method, check.by) for check in checks] == [
        (Recheck.UP, Method.PERSON, STAFF),
        (Recheck.GONE, Method.PERSON, STAFF),
    ]


async def test_nothing_is_done_any_more_once_the_case_is_withdrawn(store: Store, router: Router) -> None:
    async with store.write() as tx:
        scene = Found(tx)
        await scene.new(1)
        case_id = await scene.case("a")
        finding_id = FindingId(1)
        await take(tx, finding_id, Step.CONFIRMED, S.NEW)
        await cases.withdraw(tx, case_id, after(20))
        with pytest.raises(Refused, match="finding-withdrawn"):
            await take(tx, finding_id, Step.REPORTED, S.CONFIRMED)
        effects = await router.handle(tx, talk("/finding 1"))
        assert "등록이 철회되어" in texts(effects)
        assert "접수번호 – · 일치함" in texts(effects)
        assert said_buttons(effects) == []
        assert await rows.listed(tx, Wanted(casework.OPEN), limit=5) == ([], 0)


# A second person


async def test_with_a_second_person_one_confirmation_is_not_enough(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, S.NEW, second_person=True)
        assert (await casework.get(tx, finding_id)).state is S.SECOND
        with pytest.raises(Refused, match="second-person"):
            await take(tx, finding_id, Step.CONFIRMED, S.SECOND, second_person=True)
        await take(tx, finding_id, Step.CONFIRMED, S.SECOND, second_person=True, by=ADMIN)
        assert (await casework.get(tx, finding_id)).state is S.CONFIRMED


async def test_an_alert_needs_the_second_person_too_and_tells_the_victim_after_that_only(
    store: Store,
) -> None:
    told: list[int] = []

    async def tell(tx: Tx, alert_id: int) -> list[Effect]:
        told.append(alert_id)
        return []

    router = Router(make_config(second_person=True), VictimDouble(), now=lambda: NOW, tell_victim=tell)
    async with store.write() as tx:
        await add_staff(tx)
        scene = Found(tx)
        alert_id = await scene.new(1)
        asked = await asked_by(tx, alert_id)
        first = await router.handle(tx, press("a", "confirmed", alert_id, 10**9, asked, person=STAFF))
        assert "첫 번째 확인" in texts(first)
        again = await router.handle(tx, press("a", "confirmed", alert_id, 10**9, asked, person=STAFF))
        assert "이미 일치함으로" in texts(again)
        assert (await scene.alert(alert_id)).findings[0].state is S.SECOND
        assert told == []
        await router.handle(tx, press("a", "confirmed", alert_id, 10**9, asked, person=ADMIN))
        assert (await scene.alert(alert_id)).findings[0].state is S.CONFIRMED
        assert told == [alert_id]


async def test_the_first_of_two_confirmations_can_be_undone(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, S.NEW, second_person=True)
        await casework.undo(tx, finding_id, seen=S.SECOND, by=STAFF, now=after(20))
        assert await steps.confirmed_by(tx, finding_id) is None
        assert (await casework.get(tx, finding_id)).state is S.NEW


@pytest.mark.parametrize(
    "parts",
    [
        ("f", "step", "1", "confirmed"),
        ("f", "step", "1", "eaten", "new"),
        ("f", "step", "1", "confirmed", "eaten"),
        ("f", "step", "x", "confirmed", "new"),
        ("f", "undo", "1", "eaten"),
        ("f", "claim", "1", "x"),
        ("f", "give", "1"),
        ("f", "show", "x"),
        ("q", "list", "open"),
        ("q", "list", "all-0", "0"),
        ("q", "list", "channel-x", "0"),
        ("q", "list", "open-0", "-1"),
    ],
)
async def test_a_button_that_somebody_made_up_does_nothing(
    store: Store, router: Router, parts: tuple[str, ...]
) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        assert "오래된 버튼" in texts(await router.handle(tx, pressed(*parts)))
        finding = await casework.get(tx, finding_id)
        assert (finding.state, finding.steps, finding.claimed_by) == (S.NEW, [], None)


async def test_a_minor_is_marked_and_the_mark_is_taken_away(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        assert "미성년자로 의심됨" in texts(await router.handle(tx, pressed("f", "minor", finding_id)))
        assert "미성년자로 의심됨" not in texts(
            await router.handle(tx, pressed("f", "not-minor", finding_id))
        )


# Notes


async def test_a_note_is_kept_with_its_writer_and_is_not_stored_in_clear(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        shown = await router.handle(tx, talk(f"/note F-{finding_id} 채널 관리자에게 <b>연락</b>함"))
        assert "📝 채널 관리자에게 &lt;b&gt;연락&lt;/b&gt;함 · 관리자" in texts(shown)
        [stored] = await tx.all(tables.notes.select())
        assert "연락".encode() not in stored.note
        assert (await audit.verify(tx)).harm is None


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/note", "발견 번호를 적어 주십시오. 예: /note F-12"),
        ("/note F-1", "메모를 적어"),
        ("/note F-99 가", "그런 번호의 발견이 없습니다: F-99."),
        ("/note F-1 " + "가" * 1001, "메모가 너무 깁니다"),
        ("/finding", "발견 번호를 적어 주십시오. 예: /finding F-12"),
        ("/finding JK", "예: /finding F-12"),
        ("/report", "예: /report F-12"),
        ("/report JK", "예: /report F-12"),
        ("/reported", "예: /reported F-12"),
        ("/reported JK kr-d4u", "예: /reported F-12"),
        ("/knowngood", "예: /knowngood F-12"),
        ("/hash F-x", "예: /hash F-12"),
        ("/finding 99", "그런 번호의 발견이 없습니다: F-99. 이용자가 모두 지웠을 수도 있습니다."),
        ("/queue nonsense", "목록을 골라"),
        ("/queue channel", "채널 번호를 적어"),
        ("/queue case JK-NONE", "그런 접수번호가 없습니다"),
    ],
)
async def test_a_command_that_cannot_be_carried_out_says_what_to_do(
    store: Store, router: Router, command: str, words: str
) -> None:
    async with store.write() as tx:
        await found(tx)
        effects = await router.handle(tx, talk(command))
        assert len(effects) == 1
        assert words in texts(effects)


async def test_a_finding_takes_so_many_notes_and_no_more(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        for number in range(casework.MAX_NOTES):
            await casework.note(tx, finding_id, f"{number}", by=STAFF, now=NOW)
        with pytest.raises(Refused, match="notes-full"):
            await casework.note(tx, finding_id, "one more", by=STAFF, now=NOW)


async def test_an_alert_s_button_that_does_not_tell_what_it_asked_about_is_answered_by_a_fresh_one(
    store: Store, router: Router
) -> None:
    """As messages of an earlier version have them."""
    async with store.write() as tx:
        scene = Found(tx)
        alert_id = await scene.new(1)
        before = await scene.alert(alert_id)
        effects = await router.handle(tx, press("a", "confirmed", alert_id, 1, person=ADMIN))
        assert "버튼을 다시" in texts(effects)
        assert ShowAlert(alert_id) in effects
        after_press = await scene.alert(alert_id)
        assert after_press.findings == before.findings
        assert after_press.revision > before.revision


@pytest.mark.parametrize("language", Language)
async def test_a_card_with_long_notes_fits_one_message_and_says_what_it_leaves_out(
    store: Store, language: Language
) -> None:
    async with store.write() as tx:
        await Found(tx).new(1)
        for number in range(12):
            await casework.note(tx, FindingId(1), f"#{number}: " + "<가> " * 75, by=STAFF, now=after(number))
        finding = await casework.get(tx, FindingId(1))
        shown, _ = render_finding(finding, [], [], language, ZoneInfo("Asia/Seoul"))
    assert 3500 < length(shown) <= MAX_TEXT
    notes = [number for number in range(12) if f"#{number}: &lt;가&gt;" in shown]
    assert notes[-1] == 11
    assert text(language, "finding-earlier", count=12 - len(notes)) in shown
