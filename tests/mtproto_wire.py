"""One connection to the Telegram of `mtproto_scene`: bytes in, requests out."""

from __future__ import annotations

import asyncio
import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cryptg
import mtproto.crypto.aes
from mtproto.enums import ConnectionRole
from mtproto.session.messages import Data, NeedAuthkey, UnencryptedData
from mtproto.session.session import Session
from mtproto.transport.transports.full import FullTransport
from mtproto_keys import KeyExchange
from telethon.extensions import BinaryReader
from telethon.tl import functions
from telethon.tl.tlobject import TLObject, TLRequest

if TYPE_CHECKING:
    from mtproto_scene import Telegram

# The package's own cipher is in Python, and takes seconds for what a test sends.
mtproto.crypto.aes._ige256_encrypt = cryptg.encrypt_ige
mtproto.crypto.aes._ige256_decrypt = cryptg.decrypt_ige

_RESULT, _ERROR, _VECTOR = 0xF35C6D01, 0x2144CA19, 0x1CB5C415
_WRAPPERS = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeWithoutUpdatesRequest,
)


class RpcFault(Exception):
    """The answer is an error, such as 420 FLOOD_WAIT_30."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Account:
    user_id: int
    name: str
    phone: str = ""
    key: bytes = field(default_factory=lambda: os.urandom(256))
    code: str = "12345"
    password: str | None = None
    is_signed_in: bool = True
    is_registered: bool = True
    lost: str | None = None
    """The error of every request, such as USER_DEACTIVATED_BAN."""
    channels: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    """The names of the requests it made."""


NOBODY = Account(0, "", is_signed_in=False)
"""Whoever has not said who they are."""


class Connection:
    """It belongs to an account by its key, or by what it asks for first: a code to sign in, or to be let in from
    another data centre.
    """

    def __init__(self, telegram: Telegram, writer: asyncio.StreamWriter, dc_id: int) -> None:
        self.telegram = telegram
        self.writer = writer
        self.dc_id = dc_id
        self.account: Account | None = None
        self.key: bytes | None = None
        self._exchange = KeyExchange()
        self._session = Session(ConnectionRole.SERVER, FullTransport, salt=0)
        self._first = b""

    def received(self, chunk: bytes) -> None:
        if self.key is None:
            self._first += chunk
        self._session.data_received(chunk)
        while (event := self._session.next_event()) is not None:
            if isinstance(event, UnencryptedData):
                self.writer.write(self._session.send_plain(self._exchange.answer(event.data)))
                if self._exchange.key is not None:
                    self._key_is(self._exchange.key)
            elif isinstance(event, NeedAuthkey):
                self._key_is(self.telegram.key(event.auth_key_id % (1 << 64)))
                # A session that is given its key later reads its first packet for ever.
                self._session = Session(ConnectionRole.SERVER, FullTransport, auth_key=self.key, salt=0)
                self._session.data_received(self._first)
            elif isinstance(event, Data):
                self._asked(event)

    def _key_is(self, key: bytes) -> None:
        self.key = key
        self.account = self.telegram.account_of(key)
        self._session.set_auth_key(key)

    def push(self, update: TLObject) -> None:
        self.writer.write(self._session.send(bytes(update), True, False))

    def _asked(self, event: Data) -> None:
        query = BinaryReader(event.data).tgread_object()
        while isinstance(query, _WRAPPERS):
            query = query.query
        if not isinstance(query, TLRequest):
            return  # an acknowledgement, or the like
        try:
            assert self.key is not None
            account = self.account or self.telegram.who(self.key, query)
            if account is not NOBODY:
                self.account = account
            answer = _bytes(self.telegram.answer(account, query, self.dc_id))
        except RpcFault as fault:
            answer = struct.pack("<Ii", _ERROR, fault.code) + TLObject.serialize_bytes(fault.message)
        packet = self._session.send(struct.pack("<Iq", _RESULT, event.message_id) + answer, True, True)
        name = type(query).__name__.removesuffix("Request")
        if name in self.telegram.cuts:
            self.telegram.cuts[name] -= 1
            if not self.telegram.cuts[name]:
                del self.telegram.cuts[name]
                self.writer.write(packet[: len(packet) // 2])
                self.writer.close()
                return
        self.writer.write(packet)


def _bytes(answer: Any) -> bytes:
    if isinstance(answer, list):
        return struct.pack("<Ii", _VECTOR, len(answer)) + b"".join(map(bytes, answer))
    return bytes(answer)
