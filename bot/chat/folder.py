"""Which channels of a folder an account is to join: the list, with a button for each."""

from __future__ import annotations

from bot.access import Action
from bot.accounts import joining
from bot.chat.callback import encode
from bot.chat.channel_view import person
from bot.chat.desk import Desk, Outcome, Press, numbers
from bot.chat.wording import clipped, plain
from bot.model import Button, Edit, Effect, Keyboard, Language, Talk
from bot.store import Tx, joins
from bot.store.joins import Join
from bot.texts import text

AREA = "fo"
MOST_SHOWN = 40
"""A folder holds more only for accounts that pay, and a message takes no more buttons than 100."""
_MAX_TITLE = 40
"""So that the longest titles and names of all that are shown are one message."""


async def render(tx: Tx, folder: Join, language: Language) -> tuple[str, Keyboard]:
    """What was chosen already has a mark, and no button."""
    members = folder.request.members[:MOST_SHOWN]
    asked = await joins.by_links(tx, [member.link for member in members])
    lines, keyboard = [], []
    for place, member in enumerate(members):
        is_chosen = member.link in asked
        username = f" (@{member.username})" if member.username else ""
        title = clipped(member.title, _MAX_TITLE) or plain(language, "staff-untitled")
        shown = text(language, "staff-join-member", number=place + 1, channel=f"{title}{username}")
        lines.append(f"{'☑' if is_chosen else '☐'} {shown}")
        if not is_chosen:
            label = plain(language, "staff-button-join", number=place + 1)
            keyboard.append((Button(label, encode(AREA, "join", folder.id, place)),))
    if left_out := len(folder.request.members) - len(members):
        lines.append(text(language, "staff-join-left-out", count=left_out))
    message = text(
        language,
        "staff-join-listed",
        link=folder.request.link,
        document=folder.request.document,
        until=str(folder.request.last_day),
        count=len(folder.request.members),
    )
    return message + "\n\n" + "\n".join(lines), tuple(keyboard)


async def _choose(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    join_id, place = numbers(args, 2)
    link = await joining.choose(tx, join_id, place, by=talk.person, now=desk.now())
    folder = await joins.get(tx, join_id)
    assert folder is not None
    message, keyboard = await render(tx, folder, desk.language)
    effects: list[Effect] = [Edit(talk.chat_id, talk.message_id, message, keyboard)]
    said = asked(desk, str(link), folder.request.document, str(folder.request.last_day), talk)
    return Outcome(effects=[*effects, *await desk.announce(tx, said)])


def asked(desk: Desk, link: str, document: str, until: str, talk: Talk) -> str:
    """That an account is to join by this link."""
    by = person(talk.person, desk.language)
    return desk.text("staff-join-asked", link=link, document=document, until=until, by=by)


BUTTONS = {(AREA, "join"): Press(Action.AUTHORISE, _choose)}
