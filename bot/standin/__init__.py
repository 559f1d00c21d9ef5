"""A loopback stand-in for Telegram's Bot API, for the demo and for tests over HTTP.

`world` holds people, chats and messages and does what people do; the bot meets it through `api_url`;
`faults` makes the next calls fail. Nothing here knows anything else of this project.
"""

from bot.standin.faults import Faults
from bot.standin.model import ActRefused, Chat, Kind, Member, Message, Status, User
from bot.standin.server import Standin
from bot.standin.world import Press, World

__all__ = [
    "ActRefused",
    "Chat",
    "Faults",
    "Kind",
    "Member",
    "Message",
    "Press",
    "Standin",
    "Status",
    "User",
    "World",
]
