"""Telegram's own report, with a person who chooses each step."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from account_scene import Office
from casework_scene import Found, pressed, put_into
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account, RpcFault
from sqlalchemy import select
from staff_scene import talk
from store_makers import NOW, STAFF

from bot.accounts import filing
from bot.accounts.filing import ADDRESSEE, Filings
from bot.accounts.running import Hints
from bot.chat import filing as view
from bot.chat.desk import Desk
from bot.errors import FloodWait, Refused
from bot.model import CaseId, ChatId, Edit, FindingId, FindingState, Language, Send, ShowAlert, Step
from bot.staff import addressees, casework
from bot.store import Tx, cases, filings, tables
from bot.store.casework import Finding
from bot.store.filings import Filing, FilingState, Option

FINDING = FindingId(1)
DESK = Desk(
    language=Language.EN,
    zone=ZoneInfo("UTC"),
    admins=frozenset(),
    configured_staff_chat=ChatId(-5),
    now=lambda: NOW,
    organisation="Centre",
    filings_per_day=20,
)
IN_APP = next(one for one in addressees.load(None) if one.key == ADDRESSEE)


class Counter:
    """Where staff are told, and choose."""

    def __init__(self, office: Office, ada: Account) -> None:
        self.office = office
        self.ada = ada
        self.told: list[tuple[FilingState, list[str]]] = []

    async def tell(self, tx: Tx, one: Filing, state: FilingState, menu: tuple[Option, ...]) -> None:
        self.told.append((state, [option.text for option in menu]))

    async def begin(self, finding: FindingId = FINDING, *, per_day: int = 20) -> None:
        async with self.office.store.write() as tx:
            await filing.begin(
                tx, finding, "comment", by=STAFF, chat_id=ChatId(-5), per_day=per_day, now=self.office.now
            )

    async def step(self) -> bool:
        office = self.office
        chore = Filings(office.store, IN_APP, now=lambda: office.now, tell=self.tell)
        async with office.connect(office.telegram.session(self.ada), Hints()) as client:
            return await chore.step(office.id_of["Ada"], client)

    async def choose(self, depth: int, number: int) -> None:
        async with self.office.store.write() as tx:
            await filing.choose(tx, 1, depth, number, by=STAFF, now=self.office.now)

    async def whole(self) -> None:
        await self.begin()
        await self.step()
        await self.choose(0, 0)
        await self.step()
        await self.choose(1, 0)
        await self.step()

    async def finding(self) -> Finding:
        async with self.office.store.read() as tx:
            return await casework.get(tx, FINDING)


@pytest.fixture
async def channel(office: Office, telegram: Telegram, ada: Account) -> Channel:
    """With confirmed findings in its posts 1 and 2."""
    channel = telegram.add_channel("Channel", ada)
    async with office.store.write() as tx:
        found = Found(tx)
        for number in (1, 2):
            await found.new(number, chat_id=channel.chat_id)
            await put_into(tx, FindingId(number), FindingState.CONFIRMED)
    await office.authorise(channel, ada)
    return channel


@pytest.fixture
def counter(office: Office, ada: Account, channel: Channel) -> Counter:
    return Counter(office, ada)


async def test_each_step_is_chosen_by_a_person_and_the_last_is_filed_with_the_comment(
    counter: Counter, telegram: Telegram, channel: Channel
) -> None:
    await counter.whole()
    assert counter.told == [
        (FilingState.CHOOSING, ["Illegal adult content", "Spam"]),
        (FilingState.CHOOSING, ["Non-consensual sexual imagery"]),
        (FilingState.FILED, []),
    ]
    assert telegram.reports == [(channel.id, [1], b"1/1", "comment")]
    finding = await counter.finding()
    assert finding.state is FindingState.REPORTED
    assert (finding.steps[-1].step, finding.steps[-1].by) == (Step.REPORTED, STAFF)
    assert [(report.addressee, report.by) for report in finding.reports] == [(ADDRESSEE, STAFF)]


async def test_every_choice_is_in_the_audit_log(counter: Counter, office: Office) -> None:
    await counter.whole()
    async with office.store.read() as tx:
        rows = await tx.all(select(tables.audit.c.action).order_by(tables.audit.c.id))
    assert [row.action for row in rows if row.action.startswith(("filing", "report"))] == [
        "filing_begun",
        "filing_chosen",
        "filing_chosen",
        "report_sent",
    ]


async def test_nothing_is_filed_that_nobody_began(counter: Counter, telegram: Telegram, ada: Account) -> None:
    assert not await counter.step()
    assert "Report" not in ada.asked


async def test_while_a_person_has_not_chosen_nothing_goes_on(counter: Counter) -> None:
    await counter.begin()
    assert await counter.step()
    assert not await counter.step()


async def test_a_post_is_reported_once(counter: Counter) -> None:
    await counter.whole()
    with pytest.raises(Refused, match="filing-known"):
        await counter.begin()


async def test_a_day_has_a_limit(counter: Counter, office: Office) -> None:
    await counter.begin(per_day=1)
    with pytest.raises(Refused, match="filing-limit"):
        await counter.begin(FindingId(2), per_day=1)
    office.now += timedelta(days=1, seconds=1)
    await counter.begin(FindingId(2), per_day=1)


async def test_only_what_somebody_confirmed_can_be_reported(counter: Counter, office: Office) -> None:
    async with office.store.write() as tx:
        await put_into(tx, FINDING, FindingState.NEW)
    with pytest.raises(Refused, match="not-confirmed"):
        await counter.begin()


@pytest.mark.parametrize(("withdrawn", "refusal"), [(True, "finding-withdrawn"), (False, "not-confirmed")])
async def test_nothing_is_filed_any_more_of_what_was_withdrawn_or_taken_back(
    counter: Counter, office: Office, telegram: Telegram, withdrawn: bool, refusal: str
) -> None:
    """By buttons that are on the screen still, or while the account had to wait."""
    await counter.begin()
    await counter.step()
    await counter.begin(FindingId(2))
    told = list(counter.told)
    async with office.store.write() as tx:
        for number in (1, 2):
            finding = await casework.get(tx, FindingId(number))
            if withdrawn:
                await cases.withdraw(tx, finding.case_id, office.now)
            else:
                await put_into(tx, finding.id, FindingState.NOT_A_MATCH)
    with pytest.raises(Refused, match=refusal):
        await counter.choose(0, 0)
    with pytest.raises(Refused, match=refusal):
        await counter.begin()
    asked = counter.ada.asked.count("Report")
    assert await counter.step()
    assert not await counter.step()
    assert (counter.ada.asked.count("Report"), counter.told) == (asked, told)


async def test_a_flood_wait_puts_it_off(counter: Counter, telegram: Telegram) -> None:
    telegram.faults["Report"] = [RpcFault(420, "FLOOD_WAIT_900")]
    await counter.begin()
    with pytest.raises(FloodWait):
        await counter.step()
    assert await counter.step()
    assert [state for state, _ in counter.told] == [FilingState.CHOOSING]


async def test_what_telegram_refuses_is_told_and_can_be_begun_again(
    counter: Counter, telegram: Telegram
) -> None:
    telegram.faults["Report"] = [RpcFault(400, "MESSAGE_ID_INVALID")]
    await counter.begin()
    await counter.step()
    assert counter.told == [(FilingState.FAILED, [])]
    await counter.begin()


async def test_what_was_on_its_way_in_a_crash_is_not_sent_twice(
    counter: Counter, office: Office, telegram: Telegram, ada: Account
) -> None:
    await counter.begin()
    async with office.store.write() as tx:
        one = await filings.get(tx, 1)
        assert one is not None
        await filings.move(tx, one, FilingState.SENDING, now=NOW)
    assert not await counter.step()
    assert counter.told == [(FilingState.FAILED, [])]
    assert "Report" not in ada.asked


@pytest.mark.parametrize(("depth", "number"), [(1, 0), (0, 2)])
async def test_an_old_or_made_up_button_chooses_nothing(counter: Counter, depth: int, number: int) -> None:
    await counter.begin()
    await counter.step()
    with pytest.raises(Refused, match="old-button"):
        await counter.choose(depth, number)


async def test_the_menu_is_shown_as_buttons_that_choose(counter: Counter, office: Office) -> None:
    await counter.begin()
    await counter.step()
    async with office.store.write() as tx:
        one = await filings.get(tx, 1)
        assert one is not None
        [message] = view.render(one, FilingState.CHOOSING, one.request.menu, Language.EN)
        assert isinstance(message, Send)
        assert message.about == (FINDING,)
        data = message.keyboard[1][0].data or ""
        outcome = await view.BUTTONS["tg", "pick"].run(
            DESK, tx, pressed(*data.split("|")[1:]), tuple(data.split("|")[3:])
        )
        [answer] = outcome.effects
        assert isinstance(answer, Edit)
        assert answer.about == (FINDING,)
        chosen = await filings.get(tx, 1)
    assert chosen is not None
    assert [option.text for option in chosen.request.chosen] == ["Spam"]


async def test_the_button_is_offered_only_where_an_account_could_file(
    counter: Counter, office: Office
) -> None:
    async with office.store.write() as tx:
        [[offered]] = await view.button(tx, FINDING, Language.EN)
        await put_into(tx, FINDING, FindingState.NEW)
        assert await view.button(tx, FINDING, Language.EN) == ()
    assert offered.data == "1|tg|begin|1"


async def test_beginning_by_the_button_names_the_organisation_in_the_comment(
    counter: Counter, office: Office
) -> None:
    async with office.store.write() as tx:
        await view.BUTTONS["tg", "begin"].run(DESK, tx, talk(callback_id="q"), ("1",))
        one = await filings.get(tx, 1)
    assert one is not None
    assert one.request.comment.startswith("Centre: ")
    assert "F-1" in one.request.comment


async def test_a_finding_that_was_erased_while_its_report_was_on_its_way_shows_no_alert(
    counter: Counter, office: Office
) -> None:
    finding = await counter.finding()
    async with office.store.write() as tx:
        assert await view.show_alert(tx, FINDING) == [ShowAlert(finding.alert_id)]
        await cases.erase(tx, CaseId(await tx.scalar(select(tables.cases.c.id))), office.now)
        assert await view.show_alert(tx, FINDING) == []
