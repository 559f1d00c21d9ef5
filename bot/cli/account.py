"""The commands `jikimi account add`, `list` and `remove`: accounts that follow channels no bot can enter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import log
from bot.cli.opening import ConfigFile, load, opened
from bot.config import Config
from bot.errors import AccountLost, JikimiError, Transient
from bot.model import AccountId

if TYPE_CHECKING:
    from bot.sources.mtproto.signin import SignedIn, SignIn
    from bot.store import Store

app = typer.Typer(help="Accounts that follow channels no bot can enter.", no_args_is_help=True)

TRIES = 3


@app.command()
def add(config_file: ConfigFile = Path("config.toml")) -> None:
    """Sign an account in.

    Asks for its phone number, the code that Telegram sends, and the account's password if it has one. None of them is
    kept: only the session is, encrypted with the key file. A running Jikimi takes the account up by itself.
    """
    asyncio.run(_add(_loaded(config_file)))


@app.command("list")
def list_command(config_file: ConfigFile = Path("config.toml")) -> None:
    """Show the accounts and their states."""
    asyncio.run(_list(_loaded(config_file)))


@app.command()
def remove(
    number: Annotated[int, typer.Argument(help="The account's number, as `jikimi account list` shows it.")],
    config_file: ConfigFile = Path("config.toml"),
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget the session even if Telegram cannot be reached.")
    ] = False,
) -> None:
    """Sign an account out, and forget it and what it followed."""
    asyncio.run(_remove(_loaded(config_file), number, forget=forget))


def _loaded(config_file: Path) -> Config:
    log.configure("error", json_lines=False)
    return load(config_file)


async def _add(loaded: Config) -> None:
    from bot.sources.mtproto import application

    known = application(loaded.accounts)
    from bot.sources.mtproto.signin import SignIn

    async with opened(loaded) as store:
        typer.echo(
            "Use a number that is for this only, and an account that is some weeks old: see docs/accounts.md."
        )
        async with SignIn(known) as signing:
            signed_in = await ask(signing)
        number = await keep(store, signed_in, datetime.now(UTC))
    typer.echo(f"Account {number} is signed in: {signed_in.name}")
    typer.echo("Delete the code's message in Telegram, and give the account a password if it has none.")


async def ask(signing: SignIn) -> SignedIn:
    """Ask the person for what signing in needs. Raises `WrongSecret` after some tries."""
    phone = typer.prompt("The account's phone number, with its country code").strip()
    typer.echo(f"Telegram sent a code (by: {await signing.ask_code(phone)}).")

    async def code() -> bool:
        return await signing.give_code(phone, typer.prompt("The code").strip())

    async def password() -> bool:
        await signing.give_password(typer.prompt("The account's password (not shown)", hide_input=True))
        return True

    if not await _until_right(code):
        await _until_right(password)
    return await signing.signed_in()


async def _until_right(step: Callable[[], Awaitable[bool]]) -> bool:
    from bot.sources.mtproto.signin import WrongSecret

    for _ in range(TRIES - 1):
        try:
            return await step()
        except WrongSecret as wrong:
            typer.echo(str(wrong))
    return await step()


async def keep(store: Store, signed_in: SignedIn, now: datetime) -> AccountId:
    """Store the session, and return the account's number."""
    from bot.store import accounts, audit

    async with store.write() as tx:
        account_id = await accounts.put(
            tx, user_id=signed_in.user_id, name=signed_in.name, session=signed_in.session, now=now
        )
        subject = f"account:{account_id}"
        await audit.append(tx, action="account_added", subject=subject, actor=None, details={}, now=now)
    return account_id


async def _list(loaded: Config) -> None:
    from bot.store import accounts

    async with opened(loaded) as store, store.read() as tx:
        found = await accounts.listed(tx)
    for account in found:
        until = f" until {account.until:%Y-%m-%d %H:%M} UTC" if account.until else ""
        typer.echo(
            f"{account.id}  {account.name}: {account.state.replace('_', ' ')}{until}, "
            f"in {account.channels} channels, added {account.added_at:%Y-%m-%d}"
        )
    if not found:
        typer.echo("There are no accounts; `jikimi account add` signs one in.")


async def _remove(loaded: Config, number: int, *, forget: bool) -> None:
    from bot.sources.mtproto import application
    from bot.store import accounts, audit

    known = application(loaded.accounts)
    from bot.sources.mtproto.signin import sign_out

    account_id, now = AccountId(number), datetime.now(UTC)
    async with opened(loaded) as store:
        async with store.read() as tx:
            if await accounts.get(tx, account_id) is None:
                raise JikimiError(f"There is no account {number}; `jikimi account list` shows them.")
            session = await accounts.session(tx, account_id)
        if session is not None:
            try:
                await sign_out(known, session)
            except AccountLost:
                typer.echo("Telegram had ended the session already.")
            except Transient:
                if not forget:
                    raise
                typer.echo(
                    "Telegram cannot be reached: end the session in another Telegram app, under Devices."
                )
        async with store.write() as tx:
            await accounts.remove(tx, account_id)
            subject = f"account:{number}"
            await audit.append(tx, action="account_removed", subject=subject, actor=None, details={}, now=now)
        await store.scrub()
    typer.echo(f"Account {number} is signed out and forgotten.")
