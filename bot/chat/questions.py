"""The document question: an admin pressed Authorise, and is to say on what document and until when.

There is one open question for each person, chat and channel. It is a row, so that a restart does not forget it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.model import ChannelId, Talk
from bot.store import Tx, settings

_OPEN = "document_questions"
_VALID = timedelta(hours=1)


async def ask(tx: Tx, talk: Talk, channel_id: ChannelId, now: datetime) -> None:
    """A line of this person in this chat is about the channel."""
    question = {f"{_key(talk)}{channel_id}": [channel_id, now.timestamp()]}
    await settings.put(tx, _OPEN, await _valid(tx, now) | question)


async def asked(tx: Tx, talk: Talk, now: datetime) -> list[ChannelId]:
    """The channels that this person was asked about in this chat, less than an hour ago."""
    return [ChannelId(int(channel)) for channel, _ in _own(await _valid(tx, now), talk).values()]


async def answered(tx: Tx, talk: Talk, channel_id: ChannelId, now: datetime) -> None:
    """The person authorised or left the channel, by the question or by a command."""
    valid = await _valid(tx, now)
    done = [key for key, (channel, _) in _own(valid, talk).items() if channel == channel_id]
    if done:
        await settings.put(tx, _OPEN, {key: valid[key] for key in valid if key not in done})


async def _valid(tx: Tx, now: datetime) -> dict[str, list[float]]:
    stored: dict[str, list[float]] = await settings.get(tx, _OPEN) or {}
    oldest = (now - _VALID).timestamp()
    return {key: question for key, question in stored.items() if question[1] > oldest}


def _own(questions: dict[str, list[float]], talk: Talk) -> dict[str, list[float]]:
    # An earlier version kept one for each person and chat, without the channel in its key.
    return {key: question for key, question in questions.items() if f"{key}:".startswith(_key(talk))}


def _key(talk: Talk) -> str:
    return f"{talk.chat_id}:{talk.person.user_id}:"
