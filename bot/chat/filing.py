"""The buttons of Telegram's own report."""

from __future__ import annotations

from bot.access import Action
from bot.accounts import filing
from bot.chat.callback import encode
from bot.chat.desk import Desk, Outcome, Press, numbers
from bot.chat.wording import clipped, plain
from bot.model import Button, Edit, Effect, FindingId, Keyboard, Language, Send, ShowAlert, Talk
from bot.store import Tx, casework
from bot.store.filings import Filing, FilingState, Option
from bot.texts import text

AREA = "tg"
_MAX_OPTION = 60


async def button(tx: Tx, finding: FindingId, language: Language) -> Keyboard:
    """Offers to file the report by an account, where one could."""
    if not await filing.is_possible(tx, finding):
        return ()
    return ((Button(plain(language, "report-button-file"), encode(AREA, "begin", finding)),),)


def render(one: Filing, state: FilingState, menu: tuple[Option, ...], language: Language) -> list[Effect]:
    """What staff are told of a report on its way."""
    message = text(language, f"report-filing-{state}", finding=f"F-{one.finding_id}")
    depth = len(one.request.chosen)
    keyboard = tuple(
        (Button(clipped(option.text, _MAX_OPTION), encode(AREA, "pick", one.id, depth, place)),)
        for place, option in enumerate(menu)
    )
    return [Send(one.request.chat_id, message, keyboard, about=(one.finding_id,))]


async def _begin(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    [wanted] = numbers(args, 1)
    key = FindingId(wanted)
    comment = text(Language.EN, "report-filing-comment", organisation=desk.organisation, finding=f"F-{key}")
    await filing.begin(
        tx,
        key,
        comment,
        by=talk.person,
        chat_id=talk.chat_id,
        per_day=desk.filings_per_day,
        now=desk.now(),
    )
    return Outcome(plain(desk.language, "report-answer-filing"))


async def _pick(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    key, depth, place = numbers(args, 3)
    finding, option = await filing.choose(tx, key, depth, place, by=talk.person, now=desk.now())
    chosen = desk.text("report-filing-chosen", option=clipped(option.text, _MAX_OPTION))
    return Outcome(
        plain(desk.language, "report-answer-filing"),
        [Edit(talk.chat_id, talk.message_id, chosen, about=(finding,))],
    )


async def show_alert(tx: Tx, finding: FindingId) -> list[Effect]:
    """Nothing where the finding was erased while its report was on its way."""
    found = await casework.get(tx, finding)
    return [] if found is None else [ShowAlert(found.alert_id)]


BUTTONS = {
    (AREA, "begin"): Press(Action.DECIDE, _begin),
    (AREA, "pick"): Press(Action.DECIDE, _pick),
}
