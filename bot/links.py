"""Links to messages, as Telegram's clients open them (core.telegram.org/api/links#message-links).

`Message.link` of python-telegram-bot does not serve: it writes `?thread=None` and knows neither albums nor comments.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import ChatId, Place

_HOST = "https://t.me"
_SUPERGROUP_OFFSET = 10**12
"""The Bot API gives the channel or supergroup N the id -100…N, so that it is no basic group's."""


@dataclass(frozen=True)
class Links:
    """The links to one message; `members` opens only for those who are in the chat."""

    public: str | None = None
    members: str | None = None

    @property
    def best(self) -> str | None:
        """The one that opens for more people. A username can change hands, the number cannot."""
        return self.public or self.members


def to_message(place: Place) -> Links:
    """All links to the message. A basic group has none."""
    number = _number(place.chat_id)
    return Links(
        public=_comment(place) or (_link(place.username, place) if place.username else None),
        members=_link(f"c/{number}", place) if number else None,
    )


def _comment(place: Place) -> str | None:
    """A comment opens under its channel post: people can read it there without joining the discussion group."""
    commented = place.comment_of
    if commented is None or not commented.username:
        return None
    return f"{_HOST}/{commented.username}/{commented.message_id}?comment={place.message_id}"


def _link(chat: str, place: Place) -> str:
    path = [_HOST, chat]
    options = []
    if place.thread_id is not None:
        if place.is_topic:
            path.append(str(place.thread_id))
        else:
            options.append(f"thread={place.thread_id}")
    if place.in_album:
        options.append("single")
    path.append(str(place.message_id))
    return "/".join(path) + ("?" + "&".join(options) if options else "")


def _number(chat_id: ChatId) -> int | None:
    """None for a basic group or a private chat, whose messages have no links."""
    number = -chat_id - _SUPERGROUP_OFFSET
    return number if number > 0 else None
