"""The methods of the Bot API that tell something, or change what the bot is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.standin.arguments import Arguments
from bot.standin.files import MAX_DOWNLOAD_BYTES
from bot.standin.model import PRESENT, Chat, JsonObject, Kind, Status, User, bad_request, forbidden
from bot.standin.world import World

Method = Callable[[World, Arguments], Any]


def reach(world: World, a: Arguments) -> Chat:
    """The chat that a call means, if the bot may act there; otherwise Telegram's error."""
    chat = _addressed(world, a.text("chat_id").strip())
    if chat.migrated_to:
        raise bad_request(
            "group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.migrated_to.id}
        )
    if chat.kind is Kind.PRIVATE:
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.messages:
            raise _stranger(world, chat)
        return chat
    mine = world.my_member(chat)
    if mine is None and not chat.username:
        raise bad_request("chat not found")
    if mine and mine.status is Status.KICKED:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if mine is None or mine.status is Status.LEFT:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat


def _addressed(world: World, wanted: str) -> Chat:
    if not wanted:
        raise bad_request("chat_id is empty")
    if wanted.startswith("@"):
        found = world.named(wanted)
    else:
        found = world.chats.get(int(wanted)) if wanted.lstrip("-").isdigit() else None
    if found is None:
        raise bad_request("chat not found")
    return found


def _stranger(world: World, chat: Chat) -> Exception:
    """A bot knows a person who never wrote to it only from a group."""
    assert chat.person is not None
    shared = (other for other in world.chats.values() if world.my_member(other))
    if any(other.member(chat.person) for other in shared):
        return forbidden("bot can't initiate conversation with a user")
    return bad_request("chat not found")


def get_me(world: World, _: Arguments) -> JsonObject:
    return world.me.as_dict() | {
        "can_join_groups": True,
        "can_read_all_group_messages": world.reads_groups,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_webhook_info(world: World, _: Arguments) -> JsonObject:
    info: JsonObject = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": world.updates.pending,
    }
    if not world.updates.is_default:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


def delete_webhook(world: World, a: Arguments) -> bool:
    if a.flag("drop_pending_updates"):
        world.updates.clear()
    return True


def set_my_commands(world: World, a: Arguments) -> bool:
    commands = a.parsed("commands") or []
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/")
        if not 1 <= len(name) <= 32 or not name.replace("_", "").isalnum() or name != name.lower():
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    scope = a.fields("scope").get("type", "default")
    world.commands[scope, a.text("language_code")] = commands
    world.changed()
    return True


def get_my_commands(world: World, a: Arguments) -> Any:
    scope = a.fields("scope").get("type", "default")
    return world.commands.get((scope, a.text("language_code")), [])


def accept(_: World, __: Arguments) -> bool:
    """A setting that shows nowhere in the stand-in."""
    return True


def get_file(world: World, a: Arguments) -> JsonObject:
    file = world.files.find(a.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": len(file.data),
        "file_path": world.files.link(file, world.clock()),
    }


def get_chat(world: World, a: Arguments) -> JsonObject:
    asked = _addressed(world, a.text("chat_id").strip())
    chat = asked if asked.username else reach(world, a)
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    full: JsonObject = chat.as_dict() | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat.username or (chat.person and chat.person.username):
        full["active_usernames"] = [full["username"]]
    if chat.kind is not Kind.PRIVATE:
        full["available_reactions"] = []
    if chat.linked:
        full["linked_chat_id"] = chat.linked.id
    if chat.protects_content:
        full["has_protected_content"] = True
    return full


def get_chat_member(world: World, a: Arguments) -> JsonObject:
    chat = reach(world, a)
    user = _known(world, a.integer("user_id"))
    mine = world.my_member(chat)
    if chat.kind is Kind.CHANNEL and user is not world.me and (not mine or mine.status not in PRESENT):
        raise bad_request("member list is inaccessible")
    if found := chat.members.get(user.id):
        return found.as_dict(chat.kind)
    if chat.person is user:
        return {"status": "member", "user": user.as_dict()}
    return {"status": "left", "user": user.as_dict()}


def _known(world: World, user_id: int) -> User:
    user = world.me if user_id == world.me.id else world.users.get(user_id)
    if user is None:
        raise bad_request("user not found" if user_id > 0 else "invalid user_id specified")
    return user


def get_chat_administrators(world: World, a: Arguments) -> list[JsonObject]:
    """People and this bot; Telegram leaves out other bots only."""
    chat = reach(world, a)
    if chat.kind is Kind.PRIVATE:
        raise bad_request("there are no administrators in the private chat")
    return [member.as_dict(chat.kind) for member in chat.administrators()]


def get_chat_member_count(world: World, a: Arguments) -> int:
    chat = reach(world, a)
    return 2 if chat.person else sum(m.status in PRESENT for m in chat.members.values())


def leave_chat(world: World, a: Arguments) -> bool:
    chat = reach(world, a)
    if chat.kind is Kind.PRIVATE:
        raise bad_request("chat member status can't be changed in private chats")
    world.place_me(chat, world.me, Status.LEFT)
    return True


def send_chat_action(world: World, a: Arguments) -> bool:
    reach(world, a)
    if not a.given("action"):
        raise bad_request("wrong parameter action in request")
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "getwebhookinfo": get_webhook_info,
    "deletewebhook": delete_webhook,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": accept,
    "setmydescription": accept,
    "setmyshortdescription": accept,
    "setmyname": accept,
    "setchatmenubutton": accept,
    "setmydefaultadministratorrights": accept,
    "setmessagereaction": accept,
    "getfile": get_file,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getchatadministrators": get_chat_administrators,
    "getchatmembercount": get_chat_member_count,
    "leavechat": leave_chat,
    "sendchataction": send_chat_action,
}
