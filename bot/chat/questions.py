"""The document question: an admin pressed Authorise, and is to say on what document and until when.

There is one open question for each person and chat. It is a row, so that a restart does not forget it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.model import ChannelId, Talk
from bot.store import Tx, settings

_OPEN = "document_questions"
_VALID = timedelta(hours=1)


async def ask(tx: Tx, talk: Talk, channel_id: ChannelId, now: datetime) -> None:
    """The next line of this person in this chat is about the channel."""
    await settings.put(tx, _OPEN, await _valid(tx, now) | {_key(talk): [channel_id, now.timestamp()]})


async def asked(tx: Tx, talk: Talk, now: datetime) -> ChannelId | None:
    """The channel that this person was asked about in this chat, less than an hour ago."""
    question = (await _valid(tx, now)).get(_key(talk))
    return None if question is None else ChannelId(int(question[0]))


async def answered(tx: Tx, talk: Talk, channel_id: ChannelId, now: datetime) -> None:
    """The person authorised the channel, by the question or by a command."""
    if await asked(tx, talk, now) == channel_id:
        others = await _valid(tx, now)
        del others[_key(talk)]
        await settings.put(tx, _OPEN, others)


async def _valid(tx: Tx, now: datetime) -> dict[str, list[float]]:
    stored: dict[str, list[float]] = await settings.get(tx, _OPEN) or {}
    oldest = (now - _VALID).timestamp()
    return {key: question for key, question in stored.items() if question[1] > oldest}


def _key(talk: Talk) -> str:
    return f"{talk.chat_id}:{talk.person.user_id}"
