"""A small Telegram that speaks MTProto on the loopback.

Telethon's own client connects to it. What it knows is what the tests need; any other request is an RPC error, as it
would be there. Accounts have their key already, or exchange one where they sign in.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from mtproto_registrar import HOME_DC, POSTED_AT, SIGNING_IN, Registrar
from mtproto_wire import Account, Connection, RpcFault
from telethon.tl import types

from bot.model import ChatId

HISTORY_PAGE = 100
OTHER_DC = 4


@dataclass
class Channel:
    id: int
    title: str
    username: str | None = None
    invite: str | None = None
    needs_approval: bool = False
    megagroup: bool = False
    noforwards: bool = False
    discussed_by: Channel | None = None
    """For a discussion group, the channel whose posts it has."""
    pts: int = 1
    messages: dict[int, Any] = field(default_factory=dict)
    updates: list[Any] = field(default_factory=list)
    forgets_before_pts: int = 0
    """Differences from before this are too long to be told."""

    @property
    def chat_id(self) -> ChatId:
        return ChatId(-(10**12) - self.id)


class Telegram(Registrar):
    """The server and its world."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[int, Channel] = {}
        self.folders: dict[str, list[Channel]] = {}
        self.files: dict[int, bytes] = {}
        self.moved_files: set[int] = set()
        """These are at the other data centre, whatever was said of them."""
        self.faults: defaultdict[str, list[RpcFault]] = defaultdict(list)
        """Errors that the next requests of a name are answered with."""
        self.cuts: dict[str, int] = {}
        """The connection ends in the middle of the answer to the so-manieth request of a name."""
        self.short_parts = 0
        """So many parts of files are sent empty."""
        self.asked_for: list[tuple[int, int]] = []
        """From where to where parts of files were asked for."""
        self.connections: set[Connection] = set()
        self.reports: list[tuple[int, list[int], bytes, str]] = []
        self.other_port = 0

    def add_channel(self, title: str, *members: Account, **how: Any) -> Channel:
        channel = Channel(1_000_000_001 + len(self.channels), title, **how)
        self.channels[channel.id] = channel
        for account in members:
            account.channels.add(channel.id)
        return channel

    def photo(self, data: bytes) -> Any:
        """The media of a message with this picture."""
        number = len(self.files) + 1
        self.files[number] = data
        sizes = [types.PhotoSize("s", 9, 9, 3), types.PhotoSize("y", 640, 480, len(data))]
        return types.MessageMediaPhoto(photo=types.Photo(number, 11, b"ref", POSTED_AT, sizes, 2))

    def document(self, data: bytes, *attributes: Any, mime: str = "image/png") -> Any:
        number = len(self.files) + 1
        self.files[number] = data
        made = types.Document(number, 11, b"ref", POSTED_AT, mime, len(data), 2, list(attributes))
        return types.MessageMediaDocument(document=made)

    def post(self, channel: Channel, media: Any = None, **more: Any) -> int:
        """A new post; returns its id."""
        number = max(channel.messages, default=0) + 1
        more.setdefault("date", POSTED_AT + timedelta(minutes=number))
        message = types.Message(
            number, types.PeerChannel(channel.id), message="text", post=True, media=media, **more
        )
        channel.messages[number] = message
        self._happened(channel, lambda pts: types.UpdateNewChannelMessage(message, pts, 1))
        return number

    def edit(self, channel: Channel, number: int, media: Any) -> None:
        message = channel.messages[number]
        message.media, message.edit_date = media, POSTED_AT + timedelta(hours=1)
        self._happened(channel, lambda pts: types.UpdateEditChannelMessage(message, pts, 1))

    def delete(self, channel: Channel, *numbers: int) -> None:
        for number in numbers:
            del channel.messages[number]
        self._happened(
            channel, lambda pts: types.UpdateDeleteChannelMessages(channel.id, list(numbers), pts, 1)
        )

    def _happened(self, channel: Channel, update: Callable[[int], Any]) -> None:
        channel.pts += 1
        made = update(channel.pts)
        channel.updates.append(made)
        for connection in list(self.connections):
            if connection.account is not None and channel.id in connection.account.channels:
                connection.push(types.Updates([made], [], [self.chat(channel)], POSTED_AT, 0))

    def chat(self, channel: Channel, *, left: bool = False) -> Any:
        return types.Channel(
            channel.id,
            channel.title,
            types.ChatPhotoEmpty(),
            POSTED_AT,
            access_hash=channel.id + 5,
            username=channel.username,
            broadcast=not channel.megagroup,
            megagroup=channel.megagroup,
            noforwards=channel.noforwards,
            has_link=channel.discussed_by is not None,
            left=left,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Telegram]:
        async with self._listening(HOME_DC) as self.port, self._listening(OTHER_DC) as self.other_port:
            yield self

    @asynccontextmanager
    async def _listening(self, dc_id: int) -> AsyncIterator[int]:
        server = await asyncio.start_server(partial(self._serve, dc_id), "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            self.hang_up()
            await server.wait_closed()

    def hang_up(self) -> None:
        for connection in list(self.connections):
            connection.writer.close()

    async def _serve(self, dc_id: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, writer, dc_id)
        self.connections.add(connection)
        try:
            while chunk := await reader.read(1 << 16):
                connection.received(chunk)
        except ConnectionError:
            pass
        finally:
            self.connections.discard(connection)
            writer.close()

    def answer(self, account: Account, query: Any, dc_id: int = HOME_DC) -> Any:
        name = type(query).__name__.removesuffix("Request")
        account.asked.append(name)
        if account.lost is not None and name != "GetConfig":
            raise RpcFault(401, account.lost)
        if not account.is_signed_in and name not in {"GetConfig", *SIGNING_IN}:
            raise RpcFault(401, "AUTH_KEY_UNREGISTERED")
        if self.faults[name]:
            raise self.faults[name].pop(0)
        if name == "GetFile" and (dc_id == OTHER_DC) != (query.location.id in self.moved_files):
            raise RpcFault(303, f"FILE_MIGRATE_{OTHER_DC if dc_id == HOME_DC else HOME_DC}")
        found: Callable[[Account, Any], Any] | None = getattr(self, f"_{name}", None)
        if found is None:
            raise RpcFault(400, "METHOD_INVALID")
        return found(account, query)

    def _GetConfig(self, account: Account, query: Any) -> Any:
        places = [
            types.DcOption(dc_id, "127.0.0.1", port)
            for dc_id, port in ((HOME_DC, self.port), (OTHER_DC, self.other_port))
        ]
        return types.Config(POSTED_AT, POSTED_AT, False, HOME_DC, places, "", *[1] * 21, "", *[1] * 3)

    def _GetUsers(self, account: Account, query: Any) -> Any:
        return [self._user(account)]

    def _GetState(self, account: Account, query: Any) -> Any:
        return types.updates.State(1, 0, POSTED_AT, 1, 0)

    def _GetDifference(self, account: Account, query: Any) -> Any:
        return types.updates.DifferenceEmpty(POSTED_AT, 1)

    def _channel(self, account: Account, untrusted: Any) -> Channel:
        channel = self.channels.get(untrusted.channel_id)
        if channel is None or channel.id not in account.channels:
            raise RpcFault(400, "CHANNEL_PRIVATE")
        if untrusted.access_hash != channel.id + 5:
            raise RpcFault(400, "CHANNEL_INVALID")
        return channel

    def _GetChannelDifference(self, account: Account, query: Any) -> Any:
        channel = self._channel(account, query.channel)
        if query.pts < channel.forgets_before_pts:
            peer = types.PeerChannel(channel.id)
            dialog = types.Dialog(
                peer,
                max(channel.messages, default=0),
                0,
                0,
                0,
                0,
                0,
                0,
                types.PeerNotifySettings(),
                pts=channel.pts,
            )
            return types.updates.ChannelDifferenceTooLong(dialog, [], [self.chat(channel)], [], final=True)
        news = [update for update in channel.updates if update.pts > query.pts]
        if not news:
            return types.updates.ChannelDifferenceEmpty(channel.pts, final=True, timeout=1)
        told = news[: query.limit]
        new = [update.message for update in told if isinstance(update, types.UpdateNewChannelMessage)]
        other = [update for update in told if not isinstance(update, types.UpdateNewChannelMessage)]
        return types.updates.ChannelDifference(
            told[-1].pts, new, other, [self.chat(channel)], [], final=len(told) == len(news), timeout=1
        )

    def _GetHistory(self, account: Account, query: Any) -> Any:
        channel = self._channel(account, query.peer)
        newest_first = sorted(channel.messages.values(), key=lambda message: -message.id)
        start = 0
        if query.offset_id:
            start = sum(message.id >= query.offset_id for message in newest_first)
        start += query.add_offset
        page = newest_first[max(start, 0) : max(start + min(query.limit, HISTORY_PAGE), 0)]
        page = [
            message
            for message in page
            if message.id > query.min_id and (not query.max_id or message.id < query.max_id)
        ]
        return self._messages(channel, page)

    def _GetMessages(self, account: Account, query: Any) -> Any:
        channel = self._channel(account, query.channel)
        peer = types.PeerChannel(channel.id)
        found = [channel.messages.get(one.id, types.MessageEmpty(one.id, peer)) for one in query.id]
        return self._messages(channel, found)

    def _messages(self, channel: Channel, messages: list[Any]) -> Any:
        chats = [self.chat(one) for one in (channel, channel.discussed_by) if one is not None]
        return types.messages.ChannelMessages(channel.pts, len(channel.messages), messages, [], chats, [])

    def _GetFile(self, account: Account, query: Any) -> Any:
        if query.location.file_reference != b"ref":
            raise RpcFault(400, "FILE_REFERENCE_EXPIRED")
        if query.offset % 4096 or query.limit % 4096 or (1 << 20) % query.limit:
            raise RpcFault(400, "LIMIT_INVALID")
        if query.offset // (1 << 20) != (query.offset + query.limit - 1) // (1 << 20):
            raise RpcFault(400, "OFFSET_INVALID")
        self.asked_for.append((query.offset, query.offset + query.limit))
        data = self.files[query.location.id][query.offset : query.offset + query.limit]
        if self.short_parts:
            self.short_parts -= 1
            data = b""
        return types.upload.File(types.storage.FileJpeg(), 0, data)

    def _ResolveUsername(self, account: Account, query: Any) -> Any:
        for channel in self.channels.values():
            if channel.username and channel.username.lower() == query.username.lower():
                left = channel.id not in account.channels
                peer = types.PeerChannel(channel.id)
                return types.contacts.ResolvedPeer(peer, [self.chat(channel, left=left)], [])
        raise RpcFault(400, "USERNAME_NOT_OCCUPIED")

    def _JoinChannel(self, account: Account, query: Any) -> Any:
        return self._join(account, self.channels[query.channel.channel_id])

    def _CheckChatInvite(self, account: Account, query: Any) -> Any:
        channel = self._invited(query.hash)
        if channel.id in account.channels:
            return types.ChatInviteAlready(self.chat(channel))
        return types.ChatInvite(
            channel.title,
            types.PhotoEmpty(0),
            5,
            0,
            channel=True,
            broadcast=True,
            request_needed=channel.needs_approval,
        )

    def _ImportChatInvite(self, account: Account, query: Any) -> Any:
        return self._join(account, self._invited(query.hash))

    def _invited(self, invite: str) -> Channel:
        for channel in self.channels.values():
            if channel.invite == invite:
                return channel
        raise RpcFault(400, "INVITE_HASH_EXPIRED")

    def _join(self, account: Account, channel: Channel) -> Any:
        if channel.needs_approval:
            raise RpcFault(400, "INVITE_REQUEST_SENT")
        account.channels.add(channel.id)
        return types.messages.ChatInviteJoinResultOk(
            types.Updates([], [], [self.chat(channel)], POSTED_AT, 0)
        )

    def _CheckChatlistInvite(self, account: Account, query: Any) -> Any:
        if query.slug not in self.folders:
            raise RpcFault(400, "INVITE_SLUG_EXPIRED")
        chats = [
            self.chat(channel, left=channel.id not in account.channels)
            for channel in self.folders[query.slug]
        ]
        peers = [types.PeerChannel(chat.id) for chat in chats]
        return types.chatlists.ChatlistInvite(types.TextWithEntities("Folder", []), peers, chats, [])

    def _JoinChatlistInvite(self, account: Account, query: Any) -> Any:
        account.channels |= {peer.channel_id for peer in query.peers}
        return types.Updates([], [], [], POSTED_AT, 0)

    def _LeaveChannel(self, account: Account, query: Any) -> Any:
        account.channels.remove(self._channel(account, query.channel).id)
        return types.Updates([], [], [], POSTED_AT, 0)

    def _Report(self, account: Account, query: Any) -> Any:
        """A menu of two levels, then a comment."""
        channel = self._channel(account, query.peer)
        match query.option:
            case b"":
                menu = [types.MessageReportOption("Illegal adult content", b"1")]
                return types.ReportResultChooseOption(
                    "Report", [*menu, types.MessageReportOption("Spam", b"2")]
                )
            case b"1":
                menu = [types.MessageReportOption("Non-consensual sexual imagery", b"1/1")]
                return types.ReportResultChooseOption("Illegal adult content", menu)
            case b"1/1" if not query.message:
                return types.ReportResultAddComment(b"1/1")
            case _:
                self.reports.append((channel.id, query.id, query.option, query.message))
                return types.ReportResultReported()
