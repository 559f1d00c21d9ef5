"""One connection to the Telegram of `mtproto_scene`: bytes in, requests out."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Any

import cryptg
import mtproto.crypto.aes
from mtproto import ConnectionRole
from mtproto.session import Session
from mtproto.session.messages import Data, NeedAuthkey
from mtproto.transport import transports
from telethon.crypto import AuthKey
from telethon.extensions import BinaryReader
from telethon.tl import functions
from telethon.tl.tlobject import TLObject, TLRequest

if TYPE_CHECKING:
    from mtproto_scene import Account, Telegram

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


class Connection:
    def __init__(self, telegram: Telegram, writer: asyncio.StreamWriter) -> None:
        self.telegram = telegram
        self.writer = writer
        self.account: Account | None = None
        self._session = Session(ConnectionRole.SERVER, transports.FullTransport, salt=0)
        self._first = b""

    def received(self, chunk: bytes) -> None:
        if self.account is None:
            self._first += chunk
        self._session.data_received(chunk)
        while (event := self._session.next_event()) is not None:
            if isinstance(event, NeedAuthkey):
                self.account = next(
                    account
                    for account in self.telegram.accounts.values()
                    if AuthKey(account.key).key_id == event.auth_key_id % (1 << 64)
                )
                # A session that is given its key later reads its first packet for ever.
                self._session = Session(
                    ConnectionRole.SERVER, transports.FullTransport, auth_key=self.account.key, salt=0
                )
                self._session.data_received(self._first)
            elif isinstance(event, Data):
                self._asked(event)

    def push(self, update: TLObject) -> None:
        self.writer.write(self._session.send(bytes(update), True, False))

    def _asked(self, event: Data) -> None:
        query = BinaryReader(event.data).tgread_object()
        while isinstance(query, _WRAPPERS):
            query = query.query
        assert self.account is not None
        if not isinstance(query, TLRequest):
            return  # an acknowledgement, or the like
        try:
            answer = _bytes(self.telegram.answer(self.account, query))
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
