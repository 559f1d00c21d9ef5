"""The world as JSON: for the page, and for tests that drive the stand-in from another process."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from bot.standin.botapi import BotApi, Call
from bot.standin.model import Chat, JsonObject, Message
from bot.standin.world import Press, World

PAGE_MESSAGES = 200


def message_state(message: Message) -> JsonObject:
    """The message as the Bot API shows it, plus who sent it (`by`) and what became of it."""
    return message.as_dict() | {
        "by": message.sender.id if message.sender else None,
        "deleted": message.deleted_at is not None,
        "earlier": message.earlier,
    }


def chat_state(chat: Chat, messages: Iterable[Message]) -> JsonObject:
    return chat.as_dict() | {
        "members": [member.as_dict(chat.kind) for member in chat.members.values()],
        "linked_chat_id": chat.linked.id if chat.linked else None,
        "blocked": chat.blocked,
        "reply_keyboard": chat.reply_keyboard,
        "messages": [message_state(message) for message in messages],
    }


def _press_state(press: Press) -> JsonObject:
    return {
        "id": press.id,
        "user_id": press.user.id,
        "chat_id": press.message.chat.id,
        "message_id": press.message.id,
        "data": press.data,
        "answers": press.answers,
    }


def _call_state(call: Call) -> JsonObject:
    return {
        "method": call.method,
        "arguments": call.arguments,
        "status": call.status,
        "description": call.description,
        "called_at": call.called_at.isoformat(),
    }


def full_state(world: World, api: BotApi) -> JsonObject:
    """Everything: users, chats with every message (edits, deletions, keyboards), presses and calls."""
    return {
        "version": world.version,
        "me": world.me.as_dict(),
        "users": [user.as_dict() for user in world.users.values()],
        "chats": [chat_state(chat, chat.messages.values()) for chat in world.chats.values()],
        "presses": [_press_state(press) for press in world.presses.values()],
        "calls": [_call_state(call) for call in api.calls],
        "counts": dict(api.counts),
        "pending_updates": world.updates.pending,
    }


def page_state(world: World) -> JsonObject:
    """What the page shows: the panes with their newest messages, the line on top, recent answers."""
    panes = []
    for pane in world.panes:
        keys = (pane.chat.reply_keyboard or {}).get("keyboard", [])
        asked = [key for row in keys for key in row if "request_chat" in key]
        pickable = {
            key["text"]: [chat.as_dict() for chat in world.pickable(pane.person, key["request_chat"])]
            for key in asked
        }
        messages = world.living(pane.chat)[-PAGE_MESSAGES:]
        panes.append(
            {
                "role": pane.role,
                "person": pane.person.as_dict(),
                "chat": chat_state(pane.chat, messages),
                "pickable": pickable,
                "commands": _commands(world, pane.chat),
                "on_device": _as_address(world.on_device.get(pane.person.id)),
            }
        )
    return {
        "version": world.version,
        "me": world.me.as_dict(),
        "panes": panes,
        "narration": world.narration,
        "presses": [_press_state(press) for press in list(world.presses.values())[-20:]],
    }


def _as_address(picture: bytes | None) -> str | None:
    """The picture itself as an address: it is no file of Telegram's, so there is none to fetch."""
    return None if picture is None else "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def _commands(world: World, chat: Chat) -> dict[str, list[JsonObject]]:
    """The bot's commands in this chat by language code; the empty one is for all others."""
    narrow = "all_private_chats" if chat.person else "all_group_chats"
    found: dict[str, list[JsonObject]] = {}
    for scope in ("default", narrow, "all_chat_administrators" if chat.is_group else narrow, "chat"):
        found |= {lang: commands for (of, lang), commands in world.commands.items() if of == scope}
    return found
