"""The server's side of the exchange of keys (https://core.telegram.org/mtproto/auth_key), with an RSA key of its own."""

from __future__ import annotations

import os
import time
from functools import cache
from hashlib import sha1
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from mtproto_password import GENERATOR, PRIME
from telethon import helpers
from telethon.crypto import AES, AuthKey, rsa
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

_P, _Q = 1_229_739_323, 1_402_015_859
"""What a client has to find of their product."""
_KEY_BYTES = 256


@cache
def _server_key() -> RSAPrivateKey:
    """Clients of this process take it for Telegram's."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    rsa.add_key(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1), old=False
    )
    return key


def _fingerprint() -> int:
    public = _server_key().public_key().public_numbers()
    return int(rsa._compute_fingerprint(public))


def trust() -> None:
    """Let Telethon know the server's key."""
    _server_key()


class KeyExchange:
    """One client's: requests in, answers out, and the key at the end."""

    def __init__(self) -> None:
        self.key: bytes | None = None
        self._server_nonce = int.from_bytes(os.urandom(16), "big", signed=True)
        self._a = int.from_bytes(os.urandom(_KEY_BYTES), "big")
        self._p = int.from_bytes(PRIME, "big")

    def answer(self, untrusted_request: bytes) -> bytes:
        query = BinaryReader(untrusted_request).tgread_object()
        match query:
            case functions.ReqPqMultiRequest():
                pq = rsa.get_byte_array(_P * _Q)
                return bytes(types.ResPQ(query.nonce, self._server_nonce, pq, [_fingerprint()]))
            case functions.ReqDHParamsRequest():
                return bytes(self._parameters(query))
            case functions.SetClientDHParamsRequest():
                return bytes(self._result(query))
        raise AssertionError(query)

    def _parameters(self, query: Any) -> Any:
        numbers = _server_key().private_numbers()
        sealed = int.from_bytes(query.encrypted_data, "big")
        inner = pow(sealed, numbers.d, numbers.public_numbers.n).to_bytes(255, "big")[20:]
        self._new_nonce = BinaryReader(inner).tgread_object().new_nonce
        self._secret = helpers.generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        public = rsa.get_byte_array(pow(GENERATOR, self._a, self._p))
        told = bytes(
            types.ServerDHInnerData(
                query.nonce, self._server_nonce, GENERATOR, PRIME, public, int(time.time())
            )
        )
        answer = AES.encrypt_ige(sha1(told).digest() + told, *self._secret)
        return types.ServerDHParamsOk(query.nonce, self._server_nonce, answer)

    def _result(self, query: Any) -> Any:
        inner = BinaryReader(AES.decrypt_ige(query.encrypted_data, *self._secret)[20:]).tgread_object()
        key = rsa.get_byte_array(pow(int.from_bytes(inner.g_b, "big"), self._a, self._p))
        known = AuthKey(key)
        if len(key) != _KEY_BYTES:
            # One in 256 is shorter, which the other side of these tests does not know.
            again = known.calc_new_nonce_hash(self._new_nonce, 2)
            return types.DhGenRetry(query.nonce, self._server_nonce, again)
        self.key = key
        done = known.calc_new_nonce_hash(self._new_nonce, 1)
        return types.DhGenOk(query.nonce, self._server_nonce, done)
