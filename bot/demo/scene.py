"""Who and what is on the demo's page."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Language
from bot.standin import Chat, User, World

EARLIER_POSTS = 250
"""So many that reading the channel back takes several pages."""
INVITE = "JikimiDemo2026"
"""The secret part of the link into the closed channel."""


@dataclass(frozen=True)
class Scene:
    victim: User
    victim_chat: Chat
    staff: User
    staff_chat: Chat
    poster: User
    channel: Chat
    account: User
    closed: Chat
    """A channel that the bot is not in."""


@dataclass(frozen=True)
class _Names:
    victim: str
    staff: str
    poster: str
    channel: str
    staff_chat: str
    account: str
    closed: str
    notice: str


_NAMES = {
    Language.KO: _Names(
        "하늘", "김지은", "게시자", "데모 채널", "직원 대화방", "데모 계정", "회원 전용", "공지"
    ),
    Language.EN: _Names(
        "Haneul",
        "Kim Jieun",
        "Poster",
        "Demo channel",
        "Staff chat",
        "Demo account",
        "Members only",
        "Notice",
    ),
}


def build_scene(world: World, language: Language) -> Scene:
    """Two channels that somebody else owns, a victim, and a staff chat whose one person is the admin, too."""
    names = _NAMES[language]
    victim = world.add_user(names.victim, language)
    staff = world.add_user(names.staff, language)
    poster = world.add_user(names.poster, language)
    channel = world.add_channel(names.channel, "demo_channel", owner=poster)
    world.make_admin(channel, staff)
    staff_chat = world.add_group(names.staff_chat, [staff])
    world.add_bot_as_admin(staff_chat, by=staff)
    closed = world.add_channel(names.closed, owner=poster)
    for number in range(1, EARLIER_POSTS + 1):
        world.send_text(poster, closed, f"{names.notice} {number}")
    account = world.add_user(names.account, language)
    scene = Scene(victim, world.private(victim), staff, staff_chat, poster, channel, account, closed)
    world.show("channel", channel, poster)
    world.show("closed", closed, poster)
    world.show("victim", scene.victim_chat, victim)
    world.show("staff", staff_chat, staff)
    world.add_bot_as_admin(channel, by=staff)
    return scene
