"""A case's number and PIN: how they are written, and how the PIN is kept."""

from __future__ import annotations

import asyncio
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that what was written down by hand is read in one way only."""
NUMBER_LENGTH = 12
"""60 random bits: nobody finds a case by trying numbers."""
PIN_LENGTH = 6


def written_number(letters: str) -> str:
    """The 12 letters of a case number as people see them: JK-XXXX-XXXX-XXXX."""
    return "-".join(["JK", letters[:4], letters[4:8], letters[8:]])


class Pins:
    """PINs are kept as argon2id verifiers. Making and checking one takes a while, so both run in a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _of_nobody(self) -> str:
        return self._hasher.hash("nobody")

    async def verifier(self, pin: str) -> str:
        return await asyncio.to_thread(self._hasher.hash, pin)

    async def fits(self, verifier: str | None, pin: str) -> bool:
        """Without a verifier False, after the same time as with one."""

        def verify() -> None:
            # Made with or without a verifier, or the first answer would tell which it was.
            of_nobody = self._of_nobody
            self._hasher.verify(verifier or of_nobody, pin)

        try:
            await asyncio.to_thread(verify)
        except VerifyMismatchError:
            return False
        return verifier is not None
