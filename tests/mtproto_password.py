"""The server's side of Telegram's password check (SRP, https://core.telegram.org/api/srp)."""

from __future__ import annotations

import os
from typing import Any

from telethon import password as client_side
from telethon.password import big_num_for_hash, sha256, xor
from telethon.tl import types

PRIME = bytes.fromhex(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4db"
    "fa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b41"
    "0dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf"
    "6f4fadf034b10403119cd8e3b92fcc5b"
)
"""The one that Telegram uses, which clients know to be good."""
GENERATOR = 3


class ServerPassword:
    def __init__(self, password: str) -> None:
        self._algo = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
            b"salt one", b"salt two", GENERATOR, PRIME
        )
        self._p = int.from_bytes(PRIME, "big")
        self._v = pow(
            GENERATOR, int.from_bytes(client_side.compute_hash(self._algo, password), "big"), self._p
        )
        self._b = int.from_bytes(os.urandom(256), "big")
        k = int.from_bytes(sha256(PRIME, big_num_for_hash(GENERATOR)), "big")
        self._public = big_num_for_hash((k * self._v + pow(GENERATOR, self._b, self._p)) % self._p)

    def question(self) -> Any:
        return types.account.Password(
            types.PasswordKdfAlgoUnknown(),
            types.SecurePasswordKdfAlgoUnknown(),
            b"",
            has_password=True,
            current_algo=self._algo,
            srp_B=self._public,
            srp_id=1,
        )

    def is_right(self, untrusted: Any) -> bool:
        u = int.from_bytes(sha256(untrusted.A, self._public), "big")
        secret = pow(int.from_bytes(untrusted.A, "big") * pow(self._v, u, self._p), self._b, self._p)
        expected = sha256(
            xor(sha256(PRIME), sha256(big_num_for_hash(GENERATOR))),
            sha256(self._algo.salt1),
            sha256(self._algo.salt2),
            untrusted.A,
            self._public,
            sha256(big_num_for_hash(secret)),
        )
        return bool(expected == untrusted.M1)
