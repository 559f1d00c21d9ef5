"""Packets of many findings, and what counts as reported once somebody says that a packet was sent."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from casework_scene import Found, pressed, put_into, said_buttons, take
from staff_scene import VictimDouble, make_config, talk, texts
from store_makers import NOW, STAFF, after

from bot.chat.router import Router
from bot.config import ReportConfig
from bot.errors import Refused
from bot.model import ChannelId, Effect, FindingId, FindingState, Send, SendFile, ShowAlert, Step
from bot.staff import addressees, casework, reports
from bot.staff.reports import REPORTABLE
from bot.store import Store, Tx, audit, cases
from bot.store.casework import Wanted

S = FindingState
ABUSE = addressees.named("telegram-abuse")


@pytest.fixture
def router() -> Router:
    return Router(make_config(), VictimDouble(), now=lambda: after(60), username="jikimi_bot")


async def confirmed(tx: Tx, count: int, scene: Found | None = None) -> Found:
    """Findings of one case and channel that were confirmed."""
    scene = scene or Found(tx)
    known = len(scene.post_of)
    for number in range(known + 1, known + count + 1):
        await scene.new(number)
        await put_into(tx, FindingId(number), S.CONFIRMED, after(number / 1000))
    return scene


async def channel_of(tx: Tx) -> ChannelId:
    return (await casework.get(tx, FindingId(1))).channel_id


async def press(router: Router, tx: Tx, data: str) -> list[Effect]:
    return await router.handle(tx, talk(callback_id="q", callback_data=data))


def posts(effects: list[Effect]) -> list[dict[str, Any]]:
    """The records of the packet that was made."""
    [file] = [effect for effect in effects if isinstance(effect, SendFile)]
    archived = zipfile.ZipFile(io.BytesIO(base64.b64decode(file.content_base64)))
    [name] = [name for name in archived.namelist() if name.endswith(".json")]
    told: list[dict[str, Any]] = json.loads(archived.read(name))["posts"]
    return told


def held(effects: list[Effect]) -> list[str]:
    """The findings of the packet that was made."""
    return [post["finding"] for post in posts(effects)]


async def states(tx: Tx, *numbers: int) -> list[FindingState]:
    return [(await casework.get(tx, FindingId(number))).state for number in numbers]


async def tickets(tx: Tx) -> list[tuple[str, str | None]]:
    return [(one.addressee, one.ticket) for one in (await casework.get(tx, FindingId(1))).reports]


async def test_only_what_a_packet_held_counts_as_reported_once_it_was_sent(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        scene = await confirmed(tx, 3)
        target = f"channel-{await channel_of(tx)}"
        made = await router.handle(tx, pressed("r", "make", "telegram-abuse", target))
        await confirmed(tx, 1, scene)
        await put_into(tx, FindingId(2), S.REMOVED)
        told = await press(router, tx, said_buttons(made)[0])
        assert held(made) == ["F-1", "F-2", "F-3"]
        assert await states(tx, 1, 2, 3, 4) == [S.REPORTED, S.REMOVED, S.REPORTED, S.CONFIRMED]
        assert len([effect for effect in told if isinstance(effect, ShowAlert)]) == 1


async def test_all_that_is_said_in_reporting_goes_once_its_finding_is_erased(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await confirmed(tx, 2)
        for target in ("F-1", f"channel {await channel_of(tx)}"):
            said = await router.handle(tx, talk(f"/report {target}"))
            made = await press(router, tx, said_buttons(said)[0])
            said += [*made, *await press(router, tx, said_buttons(made)[0])]
            said += await router.handle(tx, talk("/reported F-1 telegram-abuse 5"))
            shown = [effect for effect in said if isinstance(effect, Send | SendFile)]
            assert len(shown) == 5
            assert [effect for effect in shown if not effect.about] == []


async def test_packets_for_several_addressees_may_be_made_before_any_is_sent(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await confirmed(tx, 2)
        target = f"channel-{await channel_of(tx)}"
        keys = ("telegram-abuse", "kr-regulator")
        made = [await router.handle(tx, pressed("r", "make", key, target)) for key in keys]
        for effects in made:
            await press(router, tx, said_buttons(effects)[0])
        for number in (1, 2):
            finding = await casework.get(tx, FindingId(number))
            assert [report.addressee for report in finding.reports] == list(keys)


async def test_of_more_findings_than_a_packet_holds_the_next_packet_holds_the_others(
    store: Store, router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MAX_FINDINGS", 3)
    async with store.write() as tx:
        await confirmed(tx, 5)
        channel = f"/report channel {await channel_of(tx)}"
        for key, rounds in (("telegram-abuse", 2), ("kr-regulator", 2)):
            seen: list[str] = []
            for _ in range(rounds):
                offered = said_buttons(await router.handle(tx, talk(channel)))
                made = await press(router, tx, next(data for data in offered if key in data))
                assert "5건 가운데 3건" in texts(made)
                seen += held(made)
                await press(router, tx, said_buttons(made)[0])
            assert {f"F-{number}" for number in range(1, 6)} == set(seen)


async def test_the_message_of_a_packet_of_many_posts_is_cut_to_what_telegram_takes(
    store: Store, router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.reports.MAX_TEXT", 2000)
    async with store.write() as tx:
        await confirmed(tx, 30)
        target = f"channel-{await channel_of(tx)}"
        made = await router.handle(tx, pressed("r", "make", "telegram-abuse", target))
        assert len(held(made)) == 30
        [message] = [effect for effect in made if isinstance(effect, Send)]
        assert len(message.text) <= 2000
        assert message.text.endswith("…</pre>")


async def make(tx: Tx, finding_id: FindingId) -> None:
    await reports.make(tx, [finding_id], ABUSE, ReportConfig(), "지원센터", by=STAFF, now=NOW)


async def send(tx: Tx, finding_id: FindingId) -> None:
    await reports.sent(tx, finding_id, ABUSE.key, "", by=STAFF, now=NOW)


@pytest.mark.parametrize("act", [make, send])
async def test_only_what_is_confirmed_and_not_removed_can_be_reported(store: Store, act: Any) -> None:
    async with store.write() as tx:
        await confirmed(tx, len(FindingState))
        for number, state in enumerate(FindingState, 1):
            await put_into(tx, FindingId(number), state)
            if state in {S.CONFIRMED, S.REPORTED, S.STILL_UP}:
                await act(tx, FindingId(number))
                assert await states(tx, number) == [S.REPORTED if act is send else state]
            else:
                with pytest.raises(Refused, match="not-confirmed"):
                    await act(tx, FindingId(number))
                assert await states(tx, number) == [state]


async def test_what_was_withdrawn_is_not_reported_any_more(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await confirmed(tx, 1)
        made = await router.handle(tx, pressed("r", "make", "telegram-abuse", "finding-1"))
        await cases.withdraw(tx, (await casework.get(tx, FindingId(1))).case_id, NOW)
        for act in (make, send):
            with pytest.raises(Refused, match="finding-withdrawn"):
                await act(tx, FindingId(1))
        await press(router, tx, said_buttons(made)[0])
        assert await states(tx, 1) == [S.CONFIRMED]
        assert (await casework.get(tx, FindingId(1))).reports == []


async def test_a_number_that_comes_later_is_of_the_report_that_was_sent(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await confirmed(tx, 1)
        for key in ("kr-d4u", "telegram-abuse"):
            made = await router.handle(tx, pressed("r", "make", key, "finding-1"))
            await press(router, tx, said_buttons(made)[0])
        card = texts(await router.handle(tx, talk("/reported F-1 kr-d4u 2026-77")))
        lines = [line for line in card.splitlines() if "신고한 곳" in line]
        assert [line.partition(" · 관리자")[0] for line in lines] == [
            "📨 신고한 곳: 중앙디지털성범죄피해자지원센터 (D4U) · 접수된 번호: 2026-77",
            "📨 신고한 곳: 텔레그램 신고 메일 (abuse@) · 접수된 번호: –",
        ]
        await router.handle(tx, talk("/reported F-1 kr-d4u 2026-78"))
        assert await tickets(tx) == [("kr-d4u", "2026-77"), ("telegram-abuse", None), ("kr-d4u", "2026-78")]
        assert (await audit.verify(tx)).harm is None


async def test_the_number_of_a_report_of_what_is_still_up_is_of_a_report_of_its_own(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await confirmed(tx, 1)
        await router.handle(tx, talk("/reported F-1 kr-d4u"))
        await take(tx, FindingId(1), Step.STILL_UP, S.REPORTED)
        await router.handle(tx, talk("/reported F-1 kr-d4u 2026-77"))
        assert await tickets(tx) == [("kr-d4u", None), ("kr-d4u", "2026-77")]
        assert await states(tx, 1) == [S.REPORTED]


async def test_a_report_to_an_addressee_that_the_file_has_no_more_is_told_by_its_key(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await confirmed(tx, 1)
        await reports.sent(tx, FindingId(1), "of-old", "", by=STAFF, now=NOW)
        assert "📨 신고한 곳: of-old" in texts(await router.handle(tx, talk("/finding F-1")))


async def test_a_packet_that_two_people_say_they_sent_was_sent_once(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await confirmed(tx, 2)
        made = await router.handle(
            tx, pressed("r", "make", "telegram-abuse", f"channel-{await channel_of(tx)}")
        )
        [sent] = said_buttons(made)
        await press(router, tx, sent)
        await router.handle(tx, talk("/reported F-1 telegram-abuse AB-12"))
        told = await press(router, tx, sent)
        assert await tickets(tx) == [("telegram-abuse", "AB-12")]
        assert not [effect for effect in told if isinstance(effect, Send)]
        assert "이미" in texts(told)


async def test_a_packet_is_sent_again_where_the_post_is_still_up(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await confirmed(tx, 1)
        made = await router.handle(tx, pressed("r", "make", "telegram-abuse", "finding-1"))
        [sent] = said_buttons(made)
        await press(router, tx, sent)
        await take(tx, FindingId(1), Step.STILL_UP, S.REPORTED, now=after(70))
        await press(router, tx, sent)
        assert await tickets(tx) == [("telegram-abuse", None)] * 2
        assert await states(tx, 1) == [S.REPORTED]


async def test_what_was_taken_back_is_told_to_no_addressee(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await confirmed(tx, 1)
        made = await router.handle(tx, pressed("r", "make", "telegram-abuse", "finding-1"))
        await press(router, tx, said_buttons(made)[0])
        await router.handle(tx, pressed("f", "step", 1, Step.REMOVED, S.REPORTED))
        for seen in (S.REMOVED, S.REPORTED):
            card = texts(await router.handle(tx, pressed("f", "undo", 1, seen)))
        assert "<s>📨 신고한 곳: 텔레그램 신고 메일" in card
        made = await router.handle(tx, pressed("r", "make", "kr-regulator", "finding-1"))
        [post] = posts(made)
        assert post["log"] == []


async def test_a_report_that_was_taken_back_is_made_anew(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await confirmed(tx, 2)
        await router.handle(tx, talk("/reported F-1 kr-d4u"))
        await router.handle(tx, pressed("f", "undo", 1, S.REPORTED))
        await put_into(tx, FindingId(2), S.CONFIRMED, after(90))
        assert await reports.reportable(tx, Wanted(REPORTABLE), "kr-d4u") == ([1, 2], 2)
        await reports.sent(tx, FindingId(1), "kr-d4u", "2026-77", by=STAFF, now=after(120))
        assert await tickets(tx) == [("kr-d4u", None), ("kr-d4u", "2026-77")]
        assert await reports.reportable(tx, Wanted(REPORTABLE), "kr-d4u") == ([2, 1], 2)
