"""`jikimi account`: signing in, listing, and signing out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from account_scene import APPLICATION, needed
from mtproto_keys import trust
from mtproto_scene import Telegram
from mtproto_wire import Account, RpcFault
from sqlalchemy import select
from store_makers import NOW
from telethon import TelegramClient
from telethon.client import telegrambaseclient
from typer.testing import CliRunner

from bot.cli import account as command
from bot.cli import main as cli
from bot.config import AccountsConfig
from bot.errors import AccountLost, ConfigError, FloodWait, JikimiError, Permanent
from bot.model import AccountId, UserId
from bot.sources.mtproto import application
from bot.sources.mtproto.client import Client
from bot.sources.mtproto.signin import SignedIn, SignIn, WrongSecret, sign_out
from bot.store import Store, account_tables, accounts, open_store, tables
from bot.store.cipher import make_key_file, read_key_file

PHONE = "+8210000"
CONFIG = """
[telegram]
token = "123456789:AA-a-token-that-opens-nothing-at-all-xxx"
admins = [1]
staff_chat = -1001

[victims]
organisation = "Organisation"

[accounts]
api_id = 1
api_hash = "hash"
"""


@pytest.fixture
def ada(telegram: Telegram) -> Account:
    ada = telegram.add_account("Ada")
    ada.is_signed_in = False
    return ada


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person at the keyboard types, in turn."""
    given: list[str] = []
    monkeypatch.setattr("typer.prompt", lambda *_, **__: given.pop(0))
    return given


async def signed_in(telegram: Telegram, ada: Account) -> SignedIn:
    async with SignIn(APPLICATION, telegram.session(ada)) as signing:
        return await command.ask(signing)


async def test_a_code_signs_an_account_in(telegram: Telegram, ada: Account, answers: list[str]) -> None:
    answers += [PHONE, ada.code]
    made = await signed_in(telegram, ada)
    assert (made.user_id, made.name) == (ada.user_id, "Ada")
    assert made.session == telegram.session(ada)
    assert made.session not in repr(made)


async def test_a_wrong_code_is_asked_for_again(telegram: Telegram, ada: Account, answers: list[str]) -> None:
    answers += [PHONE, "0", "1", ada.code]
    assert (await signed_in(telegram, ada)).name == "Ada"


async def test_a_third_wrong_code_ends_it(telegram: Telegram, ada: Account, answers: list[str]) -> None:
    answers += [PHONE, "0", "1", "2"]
    with pytest.raises(WrongSecret):
        await signed_in(telegram, ada)


async def test_an_account_with_a_password_is_asked_for_it(
    telegram: Telegram, ada: Account, answers: list[str]
) -> None:
    ada.password = "secret"
    answers += [PHONE, ada.code, "wrong", "secret"]
    assert (await signed_in(telegram, ada)).name == "Ada"


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (RpcFault(400, "PHONE_NUMBER_INVALID"), Permanent, "country code"),
        (RpcFault(400, "PHONE_NUMBER_BANNED"), Permanent, "banned"),
        (RpcFault(400, "API_ID_INVALID"), Permanent, "accounts.api_id"),
        (RpcFault(420, "FLOOD_WAIT_5000"), FloodWait, "wait"),
    ],
)
async def test_what_telegram_refuses_is_said_in_words(
    telegram: Telegram, ada: Account, answers: list[str], fault: RpcFault, error: type[Exception], words: str
) -> None:
    telegram.faults["SendCode"] = [fault]
    answers.append(PHONE)
    with pytest.raises(error, match=words):
        await signed_in(telegram, ada)


async def test_signing_in_again_gives_the_same_account_its_new_session(store: Store) -> None:
    first = await command.keep(store, SignedIn(UserId(7), "Ada", "one"), NOW)
    second = await command.keep(store, SignedIn(UserId(7), "Ada", "two"), NOW)
    async with store.read() as tx:
        assert await accounts.session(tx, first) == "two"
    assert first == second


async def test_signing_out_ends_the_session_at_telegram(telegram: Telegram) -> None:
    bea = telegram.add_account("Bea")
    await sign_out(APPLICATION, telegram.session(bea))
    assert bea.lost == "SESSION_REVOKED"
    with pytest.raises(AccountLost):
        await sign_out(APPLICATION, telegram.session(bea))


def test_without_an_api_id_there_are_no_accounts() -> None:
    with pytest.raises(ConfigError, match=r"my\.telegram\.org"):
        application(AccountsConfig())


class Machine:
    """A folder with a configuration, a key file and a database."""

    def __init__(self, folder: Path) -> None:
        self.config_file = folder / "config.toml"
        self.config_file.write_text(CONFIG)
        self.key_file = folder / "jikimi.key"
        make_key_file(self.key_file)
        self.url = f"sqlite+aiosqlite:///{folder / 'jikimi.sqlite3'}"

    def command(self, *words: str, typed: Sequence[str] = ()) -> str:
        """What the command says; `typed` are the lines that the person types."""
        lines = "".join(f"{line}\n" for line in typed)
        result = CliRunner().invoke(
            cli.app, ["account", *words, "--config", str(self.config_file)], input=lines
        )
        if isinstance(result.exception, JikimiError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    async def store(self) -> Store:
        return await open_store(self.url, read_key_file(self.key_file))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def test_accounts_are_listed_and_removed_by_their_number(machine: Machine, telegram: Telegram) -> None:
    bea = telegram.add_account("Bea")
    store = await machine.store()
    await command.keep(store, SignedIn(UserId(bea.user_id), "Bea", telegram.session(bea)), NOW)
    listed = await asyncio.to_thread(machine.command, "list")
    removed = await asyncio.to_thread(machine.command, "remove", "1")
    async with store.read() as tx:
        left = await accounts.listed(tx)
        actions = [row.action for row in await tx.all(select(tables.audit.c.action))]
    await store.close()
    assert "1  Bea: ready" in listed
    assert telegram.session(bea) not in listed
    assert "signed out" in removed
    assert bea.lost == "SESSION_REVOKED"
    assert left == []
    assert actions == ["account_added", "account_removed"]


@pytest.fixture
def _reached(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new session connects to this Telegram, and takes its key for Telegram's."""
    monkeypatch.setattr(telegrambaseclient, "DEFAULT_IPV4_IP", "127.0.0.1")
    monkeypatch.setattr(telegrambaseclient, "DEFAULT_PORT", telegram.port)
    monkeypatch.setattr(TelegramClient, "_config", None)
    trust()


@pytest.mark.usefixtures("_reached")
async def test_an_account_is_added_listed_and_removed_from_the_keyboard_with_a_session_that_works(
    machine: Machine, telegram: Telegram
) -> None:
    eve = telegram.add_account("Eve", phone=PHONE, password="secret")
    typed = [PHONE, "00000", eve.code, "wrong", "secret"]
    said = await asyncio.to_thread(machine.command, "add", typed=typed)
    assert "Account 1 is signed in: Eve" in said
    assert said.count("The code or the password is wrong.") == 2
    assert "secret" not in said
    store = await machine.store()
    async with store.read() as tx:
        session = await accounts.session(tx, AccountId(1))
        [row] = await tx.all(select(account_tables.accounts))
    await store.close()
    assert session is not None
    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert not any(word.encode() in stored for word in (session, PHONE.removeprefix("+"), "Eve", "secret"))
    async with Client(session, APPLICATION, lambda _: None, needed):
        assert eve.asked[-1] == "GetUsers"
    assert "1  Eve: ready" in await asyncio.to_thread(machine.command, "list")
    await asyncio.to_thread(machine.command, "remove", "1")
    assert eve.lost == "SESSION_REVOKED"
    assert "There are no accounts" in await asyncio.to_thread(machine.command, "list")


@pytest.mark.usefixtures("_reached")
@pytest.mark.parametrize(
    ("typed", "fault", "error", "words"),
    [
        (["0", "1", "2"], None, WrongSecret, "wrong"),
        (["12345"], RpcFault(400, "PHONE_CODE_EXPIRED"), Permanent, "begin again"),
        (["12345"], RpcFault(420, "FLOOD_WAIT_7200"), FloodWait, "wait: 120 minutes"),
    ],
)
async def test_an_account_that_cannot_sign_in_is_not_kept(
    machine: Machine,
    telegram: Telegram,
    typed: list[str],
    fault: RpcFault | None,
    error: type[Exception],
    words: str,
) -> None:
    telegram.add_account("Eve", phone=PHONE)
    telegram.faults["SignIn"] = [fault] if fault else []
    with pytest.raises(error, match=words):
        await asyncio.to_thread(machine.command, "add", typed=[PHONE, *typed])
    assert "There are no accounts" in await asyncio.to_thread(machine.command, "list")


@pytest.mark.usefixtures("_reached")
async def test_a_number_without_an_account_is_told_so(machine: Machine, telegram: Telegram) -> None:
    with pytest.raises(Permanent, match="No Telegram account has this number"):
        await asyncio.to_thread(machine.command, "add", typed=[PHONE, "12345"])


def test_with_no_accounts_the_list_says_how_to_add_one(machine: Machine) -> None:
    assert "jikimi account add" in machine.command("list")
