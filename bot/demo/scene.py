"""Who and what is on the demo's page."""

from __future__ import annotations

from dataclasses import dataclass

from bot.standin import Chat, User, World


@dataclass(frozen=True)
class Scene:
    victim: User
    victim_chat: Chat
    staff: User
    staff_chat: Chat
    poster: User
    channel: Chat


def build_scene(world: World) -> Scene:
    """A channel that somebody else owns, a victim, and a staff chat whose one person is the admin, too."""
    victim = world.add_user("하늘 Haneul", "ko")
    staff = world.add_user("김지은 Kim Jieun", "ko")
    poster = world.add_user("Poster")
    channel = world.add_channel("데모 채널 Demo channel", "demo_channel", owner=poster)
    world.make_admin(channel, staff)
    staff_chat = world.add_group("직원 대화방 Staff chat", [staff])
    world.add_bot_as_admin(staff_chat, by=staff)
    scene = Scene(victim, world.private(victim), staff, staff_chat, poster, channel)
    world.show("channel", channel, poster)
    world.show("victim", scene.victim_chat, victim)
    world.show("staff", staff_chat, staff)
    world.add_bot_as_admin(channel, by=staff)
    return scene
