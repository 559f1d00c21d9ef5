"""Who is known to the Telegram of `mtproto_scene`, by which key, and how they sign in and out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mtproto_password import ServerPassword
from mtproto_wire import NOBODY, Account, RpcFault
from telethon.crypto import AuthKey
from telethon.sessions import StringSession
from telethon.tl import functions, types

POSTED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOME_DC = 2
SIGNING_IN = ("SendCode", "SignIn", "GetPassword", "CheckPassword")


class Registrar:
    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.keys: list[bytes] = []
        """What was exchanged here, besides the keys of the accounts."""
        self.port = 0

    def add_account(self, name: str, **how: Any) -> Account:
        account = Account(7000 + len(self.accounts), name, **how)
        self.accounts[account.user_id] = account
        return account

    def key(self, key_id: int) -> bytes:
        known = [*self.keys, *(account.key for account in self.accounts.values())]
        return next(key for key in known if AuthKey(key).key_id == key_id)

    def account_of(self, key: bytes) -> Account | None:
        found = next((account for account in self.accounts.values() if account.key == key), None)
        if found is None:
            self.keys.append(key)
        return found

    def who(self, key: bytes, query: Any) -> Account:
        """To whom a key belongs that nobody signed in with yet."""
        match query:
            case functions.auth.SendCodeRequest():
                number = query.phone_number.removeprefix("+")
                known = [one for one in self.accounts.values() if one.phone.removeprefix("+") == number]
                account = known[0] if known else self.add_account("", is_registered=False)
                account.key, account.is_signed_in = key, False
                return account
            case functions.auth.ImportAuthorizationRequest():
                return self.accounts[query.id]
            case functions.help.GetConfigRequest():
                return NOBODY
        raise RpcFault(401, "AUTH_KEY_UNREGISTERED")

    def session(self, account: Account) -> str:
        """The session of an account that signed in."""
        session = StringSession()
        session.set_dc(2, "127.0.0.1", self.port)
        session.auth_key = AuthKey(account.key)
        return str(session.save())

    def _ExportAuthorization(self, account: Account, query: Any) -> Any:
        return types.auth.ExportedAuthorization(account.user_id, b"let me in")

    def _ImportAuthorization(self, account: Account, query: Any) -> Any:
        return types.auth.Authorization(self._user(account))

    def _user(self, account: Account) -> Any:
        return types.User(account.user_id, is_self=True, access_hash=1, first_name=account.name, phone="820")

    def _SendCode(self, account: Account, query: Any) -> Any:
        return types.auth.SentCode(types.auth.SentCodeTypeApp(5), "code-hash")

    def _SignIn(self, account: Account, query: Any) -> Any:
        if query.phone_code != account.code:
            raise RpcFault(400, "PHONE_CODE_INVALID")
        if not account.is_registered:
            return types.auth.AuthorizationSignUpRequired()
        if account.password is not None:
            raise RpcFault(401, "SESSION_PASSWORD_NEEDED")
        return self._signed_in(account)

    def _GetPassword(self, account: Account, query: Any) -> Any:
        assert account.password is not None
        self.password = ServerPassword(account.password)
        return self.password.question()

    def _CheckPassword(self, account: Account, query: Any) -> Any:
        if not self.password.is_right(query.password):
            raise RpcFault(400, "PASSWORD_HASH_INVALID")
        return self._signed_in(account)

    def _signed_in(self, account: Account) -> Any:
        account.is_signed_in = True
        return types.auth.Authorization(self._user(account))

    def _LogOut(self, account: Account, query: Any) -> Any:
        account.lost = "SESSION_REVOKED"
        return types.auth.LoggedOut()
