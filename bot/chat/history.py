"""Reading channels back, as admins ask for it and staff see it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.access import Action
from bot.accounts import history as use_case
from bot.chat.channel_view import name
from bot.chat.desk import Command, Desk, number
from bot.chat.wording import instant
from bot.errors import Refused
from bot.model import ChannelId, Effect, Language, Talk
from bot.store import Tx
from bot.store.histories import History
from bot.texts import text

BAR = 10
"""Marks of the bar."""


async def history(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `<channel number> <30d, 500, 2026-01-31 or all>`, or `<channel number> stop`."""
    first, _, what = words.partition(" ")
    channel_id = number(first)
    if channel_id is None:
        raise Refused("history-what")
    now = desk.now()
    if what.strip() == "stop":
        return [await use_case.stop(tx, ChannelId(channel_id), by=talk.person, now=now)]
    return [await use_case.ask(tx, ChannelId(channel_id), what, zone=desk.zone, by=talk.person, now=now)]


def render(history: History, language: Language, zone: ZoneInfo) -> str:
    lines = [
        text(
            language,
            f"staff-history-{history.state}",
            channel=name(history.channel, language),
            number=str(history.channel.id),
        )
    ]
    share = use_case.share_done(history)
    if share is not None:
        done = round(share * BAR)
        lines.append(f"{'▓' * done}{'░' * (BAR - done)} {share:.0%}")
    lines.append(text(language, "staff-history-read", messages=history.messages))
    if history.reached_at is not None:
        lines.append(text(language, "staff-history-back-to", at=instant(history.reached_at, zone)))
    return "\n".join(lines)


COMMANDS = {"history": Command(Action.AUTHORISE, history)}
