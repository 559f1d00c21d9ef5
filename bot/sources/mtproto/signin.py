"""Signing an account in and out. Neither the phone number nor a code or password is kept anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from telethon import TelegramClient, errors, functions
from telethon.sessions import StringSession

from bot.errors import Permanent
from bot.model import UserId
from bot.sources.mtproto import Application
from bot.sources.mtproto.client import SHORT_WAIT_S
from bot.sources.mtproto.troubles import translated

_REFUSED: dict[type[Exception], str] = {
    errors.ApiIdInvalidError: "Telegram does not know this accounts.api_id and accounts.api_hash.",
    errors.PhoneNumberInvalidError: "That is no phone number; write it with its country code, such as +8210...",
    errors.PhoneNumberBannedError: "Telegram banned this number.",
    errors.PhoneNumberUnoccupiedError: "No Telegram account has this number; make one with Telegram's own app.",
    errors.PhoneNumberFloodError: "Codes were asked for too often; try again tomorrow.",
    errors.PhoneCodeExpiredError: "The code is too old; begin again.",
}


class WrongSecret(Permanent):
    """The code or the password is wrong."""


@dataclass(frozen=True)
class SignedIn:
    """`session` opens the account: it is a secret, to be sealed at once."""

    user_id: UserId
    name: str
    session: str

    def __repr__(self) -> str:
        return f"SignedIn(user_id={self.user_id})"


class SignIn:
    """Steps to a session. Use as an async context manager."""

    def __init__(self, application: Application, session: str = "") -> None:
        """`session` is one that is connected but belongs to nobody yet; without it, a new one is made."""
        self._session = StringSession(session)
        self._client = TelegramClient(
            self._session,
            application.id,
            application.hash,
            flood_sleep_threshold=SHORT_WAIT_S,
            receive_updates=False,
        )

    async def __aenter__(self) -> Self:
        with translated():
            await self._client.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.disconnect()

    async def ask_code(self, phone: str) -> str:
        """Let Telegram send a code; returns by which way, such as `app` or `sms`. Raises `Permanent`, `Transient`."""
        sent = await self._try(self._client.send_code_request(phone))
        return type(sent.type).__name__.removeprefix("SentCodeType").lower()

    async def give_code(self, phone: str, code: str) -> bool:
        """False where the account has a password besides. Raises `WrongSecret`."""
        try:
            await self._try(self._client.sign_in(phone, code))
        except _NeedsPassword:
            return False
        return True

    async def give_password(self, password: str) -> None:
        """Raises `WrongSecret`."""
        await self._try(self._client.sign_in(password=password))

    async def signed_in(self) -> SignedIn:
        me = await self._try(self._client.get_me())
        name = " ".join(filter(None, (me.first_name, me.last_name)))
        return SignedIn(UserId(me.id), name, self._session.save())

    async def _try(self, step: Any) -> Any:
        with translated():
            try:
                return await step
            except errors.SessionPasswordNeededError:
                raise _NeedsPassword from None
            except (
                errors.PhoneCodeInvalidError,
                errors.PasswordHashInvalidError,
                errors.PhoneCodeEmptyError,
            ):
                raise WrongSecret from None
            except tuple(_REFUSED) as error:
                raise Permanent(_REFUSED[type(error)]) from None


class _NeedsPassword(Permanent):
    """The code was right, and the account has a password."""


async def sign_out(application: Application, session: str) -> None:
    """End the session at Telegram. Raises `AccountLost` where it had ended already."""
    client = TelegramClient(
        StringSession(session),
        application.id,
        application.hash,
        flood_sleep_threshold=SHORT_WAIT_S,
        receive_updates=False,
    )
    with translated():
        await client.connect()
    try:
        with translated():
            await client(functions.auth.LogOutRequest())
    finally:
        await client.disconnect()
