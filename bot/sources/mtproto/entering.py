"""Joining what a link leads to, or finding out that a person has to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telethon import TelegramClient, errors, functions
from telethon.tl import types

from bot.accounts.following import Chat
from bot.accounts.joining import Folder, Joined, Link, NeedsPerson, Pending
from bot.errors import AccountLost, Permanent
from bot.model import ChatId, ChatKind
from bot.sources.mtproto import words
from bot.sources.mtproto.troubles import translated
from bot.store.joins import FolderMember

_REASONS: dict[type[Exception], str] = {
    errors.InviteHashExpiredError: "link",
    errors.InviteHashInvalidError: "link",
    errors.UsernameInvalidError: "link",
    errors.UsernameNotOccupiedError: "link",
    errors.ChannelsTooMuchError: "too_many",
}
"""Why an account cannot join, see `bot.accounts.joining.NeedsPerson`."""
_REASONS_OF_FOLDERS = {
    "INVITE_SLUG_EMPTY": "link",
    "INVITE_SLUG_EXPIRED": "link",
    "CHATLISTS_TOO_MUCH": "too_many",
    "FILTER_INCLUDE_TOO_MUCH": "too_many",
}
"""Telethon has no classes for these."""


async def enter(
    client: TelegramClient, link: Link, *, asks: bool = True
) -> Joined | Pending | Folder | NeedsPerson:
    """Join the channel of a link; that it is joined already is no error. A folder is only looked into.

    Without `asks` it is only seen whether somebody let the account in.
    """
    try:
        with translated(keep=errors.BadRequestError):
            if link.folder is not None:
                return await _in_folder(client, link.folder, link.chat_id)
            if link.invite is not None:
                return await _by_invite(client, link.invite, asks=asks)
            return await _by_name(client, link.username or "", link.chat_id, asks=asks)
    except errors.InviteRequestSentError:
        return Pending()
    except errors.BadRequestError as error:
        known = _REASONS.get(type(error)) or _REASONS_OF_FOLDERS.get(error.message)
        return NeedsPerson(known or "refused")
    except AccountLost:
        raise
    except Permanent:
        return NeedsPerson("refused")


async def _by_invite(client: TelegramClient, invite: str, *, asks: bool) -> Joined | Pending | NeedsPerson:
    found = await client(functions.messages.CheckChatInviteRequest(invite))
    if isinstance(found, types.ChatInviteAlready):
        return _joined([found.chat])
    if getattr(found, "subscription_pricing", None) is not None:
        return NeedsPerson("payment")
    if not asks:
        return Pending()
    return _result(await client(functions.messages.ImportChatInviteRequest(invite)))


async def _in_folder(
    client: TelegramClient, folder: str, chat_id: ChatId | None
) -> Joined | Folder | NeedsPerson:
    found = await client(functions.chatlists.CheckChatlistInviteRequest(folder))
    chats = [chat for chat in found.chats if isinstance(chat, types.Channel)]
    if chat_id is None:
        return _folder(folder, chats)
    chat = next((chat for chat in chats if words.chat_id_of(chat.id) == chat_id), None)
    if chat is None:
        return NeedsPerson("link")
    if chat.left:
        peer = types.InputPeerChannel(chat.id, chat.access_hash)
        await client(functions.chatlists.JoinChatlistInviteRequest(folder, [peer]))
    return _joined([chat])


async def _by_name(
    client: TelegramClient, name: str, chat_id: ChatId | None, *, asks: bool
) -> Joined | Pending | NeedsPerson:
    found = await client(functions.contacts.ResolveUsernameRequest(name))
    chat = found.chats[0] if found.chats else None
    if not isinstance(chat, types.Channel):
        return NeedsPerson("not_channel")
    if chat_id is not None and words.chat_id_of(chat.id) != chat_id:
        return NeedsPerson("changed_hands")
    if not chat.left:
        return _joined([chat])
    if not asks:
        return Pending()
    channel = types.InputChannel(chat.id, chat.access_hash)
    return _result(await client(functions.channels.JoinChannelRequest(channel)))


def _result(answer: Any) -> Joined | NeedsPerson:
    if isinstance(answer, types.messages.ChatInviteJoinResultOk):
        return _joined(answer.updates.chats)
    return NeedsPerson("bot")


def _folder(folder: str, chats: Sequence[Any]) -> Folder | NeedsPerson:
    members = []
    for chat in chats:
        chat_id, name = words.chat_id_of(chat.id), words.username(chat)
        link = Link(username=name.lower()) if name else Link(folder=folder, chat_id=chat_id)
        members.append(FolderMember(chat_id, chat.title, name, str(link)))
    return Folder(tuple(members)) if members else NeedsPerson("empty_folder")


def _joined(chats: Sequence[Any]) -> Joined | NeedsPerson:
    chat = chats[0] if chats else None
    if not isinstance(chat, types.Channel):
        return NeedsPerson("not_channel")
    return Joined(
        Chat(words.chat_id_of(chat.id), chat.access_hash),
        ChatKind.SUPERGROUP if chat.megagroup else ChatKind.CHANNEL,
        chat.title,
        words.username(chat),
    )
