"""One signed-in account: reads channels, fetches files, joins and leaves. It never posts, and marks nothing as read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Self

from telethon import TelegramClient, errors, events, functions
from telethon.sessions import StringSession
from telethon.tl import types

from bot.accounts.filing import Comment, Filed, Menu
from bot.accounts.following import Chat, Difference, FileName, Page
from bot.accounts.joining import Folder, Joined, Link, NeedsPerson, Pending
from bot.errors import (
    FileGone,
    Permanent,
    TooLargeToDownload,
    Transient,
)
from bot.model import ChatId, MessageId
from bot.sources.mtproto import Application, parts, words
from bot.sources.mtproto.entering import enter
from bot.sources.mtproto.troubles import translated
from bot.store.casework import Recheck
from bot.store.filings import Option
from matcher import File

PART_BYTES = 512 << 10
PAGE_POSTS = 100
DIFFERENCE_UPDATES = 100
SHORT_WAIT_S = 10
"""Waits up to this are slept through; of longer ones staff are told."""
TRIES = 3
MOST_HEADS = 1000
"""So many beginnings of threads are remembered of a chat."""
_LEAST_BYTES = 4096
"""The smallest part that Telegram gives."""


class Client:
    """A connection with the session of an account. Use as an async context manager.

    `hint` is called with a channel in which something happened. What happened is not taken from there, but from the
    difference to what is committed: Telegram sends each update once, and tells its difference as often as asked.
    `needed` says what of a video is to be fetched.
    """

    def __init__(
        self,
        session: str,
        application: Application,
        hint: Callable[[ChatId], None],
        needed: parts.Needed,
        *,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._part_bytes = part_bytes
        self._hint = hint
        self._needed = needed
        self._heads: dict[ChatId, dict[int, dict[str, Any] | None]] = {}
        """By chat, what its threads are known to begin with."""
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
            posts=await self._posts(chat, [*told.new_messages, *edited], told.chats),
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
        return await self._page(chat, page)

    async def before(self, chat: Chat, message_id: int, limit: int) -> Page:
        """The newest messages that are older than `message_id`, or with 0 the newest; not more than `limit`."""
        history = await self._history(chat, offset_id=message_id, limit=min(limit, PAGE_POSTS))
        return await self._page(chat, history)

    async def _history(
        self, chat: Chat, *, limit: int, offset_id: int = 0, add_offset: int = 0, min_id: int = 0
    ) -> Any:
        peer = types.InputPeerChannel(words.channel_id_of(chat.chat_id), chat.access_hash)
        return await self._ask(
            functions.messages.GetHistoryRequest(peer, offset_id, None, add_offset, limit, 0, min_id, 0)
        )

    async def _page(self, chat: Chat, history: Any) -> Page:
        messages = history.messages
        dates: list[datetime] = [message.date for message in messages if getattr(message, "date", None)]
        return Page(
            posts=await self._posts(chat, messages, history.chats),
            oldest_id=min((message.id for message in messages), default=None),
            newest_id=max((message.id for message in messages), default=None),
            messages=len(messages),
            oldest_at=min(dates, default=None),
        )

    async def _posts(self, chat: Chat, messages: Sequence[Any], chats: Sequence[Any]) -> list[dict[str, Any]]:
        """The messages with media, and of comments in a discussion group on which post they are."""
        threads = words.threads(messages, chats)
        known = self._heads.setdefault(chat.chat_id, {})
        if len(known) > MOST_HEADS:
            known.clear()
        known |= {message.id: words.head(message, chats) for message in messages if message.id in threads}
        missing = sorted(threads - known.keys())[:PAGE_POSTS]
        if missing:
            wanted: list[Any] = [types.InputMessageID(number) for number in missing]
            answer = await self._ask(functions.channels.GetMessagesRequest(_input(chat), wanted))
            known |= dict.fromkeys(missing)
            known |= {message.id: words.head(message, answer.chats) for message in answer.messages}
        return words.posts(messages, chats, known)

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

    async def fetch(self, chat: Chat, name: FileName, max_bytes: int) -> File:
        """The file, or of a video what is needed of it, as much as `max_bytes` allow.

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
        fetched = await parts.fetch(read, self._needed, file.size_bytes, max_bytes, self._part_bytes)
        if fetched is None:
            raise TooLargeToDownload
        return fetched

    async def _read(self, file: words.File, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`. Raises `Transient` where some are missing."""
        # Telegram takes steps that divide a mebibyte, and begins only at their multiples.
        step = min(max(1 << (end - start - 1).bit_length(), _LEAST_BYTES), self._part_bytes)
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
                del data[end - first :], data[: start - first]
                return bytes(data)
        raise Transient(f"the download was cut off: {first + len(data)} of {file.size_bytes} bytes")

    async def join(self, link: Link, *, asks: bool = True) -> Joined | Pending | Folder | NeedsPerson:
        """As `entering.enter`."""
        return await enter(self._client, link, asks=asks)

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


def _input(chat: Chat) -> Any:
    return types.InputChannel(words.channel_id_of(chat.chat_id), chat.access_hash)
