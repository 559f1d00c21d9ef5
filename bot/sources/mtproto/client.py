"""One signed-in account: reads channels, fetches files, joins and leaves. It never posts, and marks nothing as read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Self

from telethon import TelegramClient, errors, events, functions
from telethon.client.downloads import _CdnRedirect
from telethon.sessions import StringSession
from telethon.tl import types

from bot.errors import (
    AccountLost,
    FileGone,
    FloodWait,
    NotInChannel,
    Permanent,
    TooLargeToDownload,
    Transient,
)
from bot.filing import Comment, Filed, Menu
from bot.following import Chat, Difference, FileName, Page
from bot.joining import Folder, Joined, Link, NeedsPerson, Pending
from bot.model import ChatId, ChatKind, MessageId
from bot.sources.mtproto import Application, beginning, words
from bot.store.casework import Recheck
from bot.store.filings import Option
from bot.store.joins import FolderMember

PART_BYTES = 512 << 10
PAGE_POSTS = 100
DIFFERENCE_UPDATES = 100
SHORT_WAIT_S = 10
"""Waits up to this are slept through; of longer ones staff are told."""
TRIES = 3
_STEP_BYTES = 4096
"""The smallest part."""

_BANNED = (errors.UserDeactivatedBanError, errors.UserDeactivatedError, errors.PhoneNumberBannedError)
_LIMITED = (errors.PeerFloodError, errors.FrozenMethodInvalidError)
_OUT = (
    errors.ChannelPrivateError,
    errors.ChannelInvalidError,
    errors.UserBannedInChannelError,
    errors.ChannelBannedError,
)


_REASONS: dict[type[Exception], str] = {
    errors.InviteHashExpiredError: "link",
    errors.InviteHashInvalidError: "link",
    errors.UsernameInvalidError: "link",
    errors.UsernameNotOccupiedError: "link",
    errors.ChannelsTooMuchError: "too_many",
}
"""Why an account cannot join, see `bot.joining.NeedsPerson`."""
_REASONS_OF_FOLDERS = {
    "INVITE_SLUG_EMPTY": "link",
    "INVITE_SLUG_EXPIRED": "link",
    "CHATLISTS_TOO_MUCH": "too_many",
    "FILTER_INCLUDE_TOO_MUCH": "too_many",
}
"""Telethon has no classes for these."""


@contextmanager
def translated(keep: type[errors.RPCError] | None = None) -> Iterator[None]:
    """What Telethon raises, as errors that say what to do. No message holds what Telegram said in full.

    `keep` are errors that the caller reads itself; what they say of the account is translated all the same.
    """
    try:
        yield
    except (errors.FloodWaitError, errors.FloodPremiumWaitError, errors.SlowModeWaitError) as error:
        minutes = math.ceil(error.seconds / 60)
        raise FloodWait(
            f"Telegram asks the account to wait: {minutes} minutes", retry_after_s=float(error.seconds)
        ) from None
    except _BANNED:
        raise AccountLost("banned") from None
    except _LIMITED:
        raise AccountLost("limited") from None
    except _OUT:
        raise NotInChannel from None
    except (errors.UnauthorizedError, errors.AuthKeyError):
        raise AccountLost("needs_sign_in") from None
    except (errors.ServerError, errors.TimedOutError, errors.FileReferenceExpiredError) as error:
        raise Transient(f"Telegram answered with an error: {type(error).__name__}") from None
    except errors.RPCError as error:
        if keep is not None and isinstance(error, keep):
            raise
        raise Permanent(f"Telegram refused: {type(error).__name__}") from None
    except _CdnRedirect:
        # Accounts do not say that they can use it, and Telethon cannot read what is there.
        raise Permanent("Telegram gives this file from a content network only") from None
    except (TimeoutError, OSError, EOFError, ValueError) as error:
        # Telethon raises a ValueError when all its tries of a request failed.
        raise Transient(f"no connection to Telegram: {type(error).__name__}") from None


class Client:
    """A connection with the session of an account. Use as an async context manager.

    `hint` is called with a channel in which something happened. What happened is not taken from there, but from the
    difference to what is committed: Telegram sends each update once, and tells its difference as often as asked.
    """

    def __init__(
        self,
        session: str,
        application: Application,
        hint: Callable[[ChatId], None],
        *,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._part_bytes = part_bytes
        self._hint = hint
        self._client = TelegramClient(
            StringSession(session),
            application.id,
            application.hash,
            flood_sleep_threshold=SHORT_WAIT_S,
            raise_last_call_error=True,
        )

    async def __aenter__(self) -> Self:
        try:
            with translated():
                await self._client.connect()
            # Telethon's own way of asking says only that it did not work.
            await self._ask(functions.users.GetUsersRequest([types.InputUserSelf()]))
        except BaseException:
            await self._client.disconnect()
            raise
        self._client.add_event_handler(self._updated, events.Raw)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.disconnect()

    async def _updated(self, update: Any) -> None:
        channel_id = getattr(update, "channel_id", None)
        if channel_id is None:
            peer = getattr(getattr(update, "message", None), "peer_id", None)
            channel_id = getattr(peer, "channel_id", None)
        if channel_id is not None:
            self._hint(words.chat_id_of(channel_id))

    async def _ask(self, request: Any) -> Any:
        with translated():
            return await self._client(request)

    async def difference(self, chat: Chat, pts: int) -> Difference:
        """What happened in a channel since its state `pts`, as much as Telegram tells at once."""
        request = functions.updates.GetChannelDifferenceRequest(
            _input(chat), types.ChannelMessagesFilterEmpty(), pts, DIFFERENCE_UPDATES
        )
        try:
            with translated(keep=errors.BadRequestError):
                told = await self._client(request)
        except (errors.PersistentTimestampInvalidError, errors.PersistentTimestampEmptyError):
            return Difference((await self.state(chat))[0], is_too_long=True)
        except errors.BadRequestError as error:
            raise Permanent(f"Telegram refused: {type(error).__name__}") from None
        if isinstance(told, types.updates.ChannelDifferenceTooLong):
            return Difference(told.dialog.pts or (await self.state(chat))[0], is_too_long=True)
        if isinstance(told, types.updates.ChannelDifferenceEmpty):
            return Difference(told.pts)
        edited, deleted = [], []
        for update in told.other_updates:
            match update:
                case types.UpdateEditChannelMessage():
                    edited.append(update.message)
                case types.UpdateDeleteChannelMessages():
                    deleted += [MessageId(number) for number in update.messages]
        return Difference(
            told.pts,
            posts=words.posts([*told.new_messages, *edited], told.chats),
            deleted=deleted,
            newest_id=max((message.id for message in told.new_messages), default=0),
            is_final=bool(told.final),
        )

    async def state(self, chat: Chat) -> tuple[int, int]:
        """The channel's state (`pts`) now, and the id of its newest message, or 0."""
        page = await self._history(chat, limit=1)
        return page.pts, max((message.id for message in page.messages), default=0)

    async def after(self, chat: Chat, message_id: int) -> Page:
        """The oldest messages that are newer than `message_id`."""
        page = await self._history(
            chat, offset_id=message_id + 1, add_offset=-PAGE_POSTS, min_id=message_id, limit=PAGE_POSTS
        )
        return _page(page)

    async def before(self, chat: Chat, message_id: int, limit: int) -> Page:
        """The newest messages that are older than `message_id`, or with 0 the newest; not more than `limit`."""
        return _page(await self._history(chat, offset_id=message_id, limit=min(limit, PAGE_POSTS)))

    async def _history(
        self, chat: Chat, *, limit: int, offset_id: int = 0, add_offset: int = 0, min_id: int = 0
    ) -> Any:
        peer = types.InputPeerChannel(words.channel_id_of(chat.chat_id), chat.access_hash)
        return await self._ask(
            functions.messages.GetHistoryRequest(peer, offset_id, None, add_offset, limit, 0, min_id, 0)
        )

    async def look(self, chat: Chat, message_id: MessageId) -> Recheck:
        """Whether the message is still there."""
        return Recheck.UP if await self._message(chat, message_id) is not None else Recheck.GONE

    async def _message(self, chat: Chat, message_id: MessageId) -> Any:
        wanted: list[Any] = [types.InputMessageID(message_id)]
        answer = await self._ask(functions.channels.GetMessagesRequest(_input(chat), wanted))
        found = [
            message
            for message in answer.messages
            if message.id == message_id and not isinstance(message, types.MessageEmpty)
        ]
        return found[0] if found else None

    async def fetch(self, chat: Chat, name: FileName, max_bytes: int) -> bytes:
        """The whole file, or of a larger video as much as `max_bytes` allow.

        Raises `TooLargeToDownload`, `FileGone`, or `Transient` (cut off, a wait).
        """
        message = await self._message(chat, name.message_id)
        files = [] if message is None else list(words.files(message))
        file = next((file for file in files if file.unique_id == name.unique_id), None)
        if file is None:
            raise FileGone
        if not file.size_bytes:
            raise Transient("Telegram does not say how long the file is")
        read = partial(self._read, file)
        if file.size_bytes <= max_bytes:
            return await read(0, file.size_bytes)
        begun = await beginning.of_video(read, file.size_bytes, max_bytes)
        if begun is None:
            raise TooLargeToDownload
        return begun

    async def _read(self, file: words.File, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`. Raises `Transient` where some are missing."""
        # Telegram takes steps that divide a mebibyte, and begins only at their multiples.
        step = self._part_bytes if end - start > _STEP_BYTES else _STEP_BYTES
        first = start - start % step
        data = bytearray()
        for _ in range(TRIES):
            # After an answer that was short, what is whole is kept and the rest is asked for again.
            del data[len(data) - len(data) % step :]
            with translated():
                async for part in self._client.iter_download(
                    file.location, offset=first + len(data), request_size=step, dc_id=file.dc_id
                ):
                    data += part
                    if len(data) >= end - first:
                        break
            if end - first <= len(data) <= file.size_bytes - first:
                return bytes(data[start - first : end - first])
        raise Transient(f"the download was cut off: {first + len(data)} of {file.size_bytes} bytes")

    async def join(self, link: Link) -> Joined | Pending | Folder | NeedsPerson:
        """Join the channel of a link; that it is joined already is no error. A folder is only looked into."""
        try:
            with translated(keep=errors.BadRequestError):
                if link.folder is not None:
                    return await self._join_in_folder(link.folder, link.chat_id)
                if link.invite is not None:
                    return await self._join_by_invite(link.invite)
                return await self._join_by_name(link.username or "")
        except errors.InviteRequestSentError:
            return Pending()
        except errors.BadRequestError as error:
            known = _REASONS.get(type(error)) or _REASONS_OF_FOLDERS.get(error.message)
            return NeedsPerson(known or "refused")
        except AccountLost:
            raise
        except Permanent:
            return NeedsPerson("refused")

    async def _join_by_invite(self, invite: str) -> Joined | NeedsPerson:
        found = await self._client(functions.messages.CheckChatInviteRequest(invite))
        if isinstance(found, types.ChatInviteAlready):
            return _joined([found.chat])
        if getattr(found, "subscription_pricing", None) is not None:
            return NeedsPerson("payment")
        return _result(await self._client(functions.messages.ImportChatInviteRequest(invite)))

    async def _join_in_folder(self, folder: str, chat_id: ChatId | None) -> Joined | Folder | NeedsPerson:
        found = await self._client(functions.chatlists.CheckChatlistInviteRequest(folder))
        chats = [chat for chat in found.chats if isinstance(chat, types.Channel)]
        if chat_id is None:
            return _folder(folder, chats)
        chat = next((chat for chat in chats if words.chat_id_of(chat.id) == chat_id), None)
        if chat is None:
            return NeedsPerson("link")
        if chat.left:
            peer = types.InputPeerChannel(chat.id, chat.access_hash)
            await self._client(functions.chatlists.JoinChatlistInviteRequest(folder, [peer]))
        return _joined([chat])

    async def _join_by_name(self, name: str) -> Joined | NeedsPerson:
        found = await self._client(functions.contacts.ResolveUsernameRequest(name))
        chat = found.chats[0] if found.chats else None
        if not isinstance(chat, types.Channel):
            return NeedsPerson("not_channel")
        if not chat.left:
            return _joined([chat])
        channel = types.InputChannel(chat.id, chat.access_hash)
        return _result(await self._client(functions.channels.JoinChannelRequest(channel)))

    async def leave(self, chat: Chat) -> None:
        await self._ask(functions.channels.LeaveChannelRequest(_input(chat)))

    async def report(
        self, chat: Chat, message_id: MessageId, option_hex: str, comment: str
    ) -> Menu | Comment | Filed:
        """One step of Telegram's own report: first no option, then what was chosen from the menu."""
        peer = types.InputPeerChannel(words.channel_id_of(chat.chat_id), chat.access_hash)
        option = bytes.fromhex(option_hex)
        return _menu(await self._ask(functions.messages.ReportRequest(peer, [message_id], option, comment)))


def _menu(answer: Any) -> Menu | Comment | Filed:
    match answer:
        case types.ReportResultChooseOption():
            return Menu(tuple(Option(option.text, option.option.hex()) for option in answer.options))
        case types.ReportResultAddComment():
            return Comment(answer.option.hex())
        case _:
            return Filed()


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


def _input(chat: Chat) -> Any:
    return types.InputChannel(words.channel_id_of(chat.chat_id), chat.access_hash)


def _page(history: Any) -> Page:
    messages = history.messages
    dates: list[datetime] = [message.date for message in messages if getattr(message, "date", None)]
    return Page(
        posts=words.posts(messages, history.chats),
        oldest_id=min((message.id for message in messages), default=None),
        newest_id=max((message.id for message in messages), default=None),
        messages=len(messages),
        oldest_at=min(dates, default=None),
    )
