"""The `jikimi` command: reads what is asked, calls what does it, and turns errors into one line and an exit code."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import io
import json
import os
import shlex
import sys
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import structlog
import typer
from rich.console import Console
from rich.text import Text

from bot import log
from bot.cli import account, auditing, backup, exchange, offline
from bot.cli.exits import ExitCode, complain
from bot.cli.opening import ConfigFile, load
from bot.config import TELEGRAM_API_URL, Config
from bot.errors import BadArgument, ConfigError, JikimiError, Permanent, StoreError, Transient
from bot.model import Language

if TYPE_CHECKING:
    from bot.cli.setup import Api

# Whatever a command needs beyond this is imported by the command: `jikimi version` needs no Telegram library.


_EXIT_CODES = """\b
Exit codes:
   0  all is well
   1  `check` found a problem, `hash` could not fingerprint a file, `match` found something, `import`
      found rows that it cannot read or no file for --complete, the audit log is not whole, or the
      disk is full
   2  the command was not understood, what it was given cannot be used, or `match` could not compare
      everything, whatever it found
   3  the configuration or the key file cannot be used
   4  Telegram refused, or cannot be reached
   5  the database cannot be used
  70  an error in Jikimi itself
"""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

app = typer.Typer(
    name="jikimi",
    help="Watches authorised Telegram channels for pictures that victims registered as hashes, and alerts staff.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def init(
    directory: Annotated[Path, typer.Option(help="The folder to write into; made where missing.")] = Path(),
    token: Annotated[
        str, typer.Option(help="The bot's token. Others may see it in the shell's history: rather be asked.")
    ] = "",
    token_file: Annotated[
        typer.FileText | None, typer.Option(help="A file that holds the token; - is standard input.")
    ] = None,
    admin: Annotated[
        list[int] | None, typer.Option(help="The Telegram user id of an admin. Can be given again.")
    ] = None,
    staff_chat: Annotated[int | None, typer.Option(help="The staff group's id, a negative number.")] = None,
    organisation: Annotated[str, typer.Option(help="Your organisation's name, as victims read it.")] = "",
    language: Annotated[Language, typer.Option(help="The staff chat's language.")] = Language.KO,
    key_file: Annotated[
        Path,
        typer.Option(
            help="Where the key file goes; best in a folder apart from the database. Made where missing."
        ),
    ] = Path("jikimi.key"),
    api_url: Annotated[str, typer.Option(help="The Bot API server.")] = TELEGRAM_API_URL,
    force: Annotated[
        bool, typer.Option("--force", help="Replace config.toml; the key file is kept.")
    ] = False,
) -> None:
    """Write config.toml and a key file.

    Asks for what no option gives. Both files can be read by their owner only. A key file that is there is kept.
    """
    from bot.cli import setup

    if token_file is not None:
        token = token_file.read().strip()
    token = token or typer.prompt("The bot's token from @BotFather (not shown)", hide_input=True).strip()
    adder = None
    if staff_chat is None:
        staff_chat, adder = _ask_staff_chat(token, api_url)
    admins = admin or _ask_admins(adder)
    answers = setup.Answers(
        token=token,
        admins=admins,
        staff_chat=staff_chat,
        organisation=organisation or typer.prompt("Your organisation's name, as victims read it"),
        language=language,
        api_url=api_url,
        key_file=key_file,
    )
    written = setup.write(directory, answers, force=force)
    typer.echo(f"Written: {written.config_file}")
    if written.key_is_new:
        typer.echo(f"Written: {written.key_file}")
        typer.echo(
            "Back the key file up, apart from the database: without it nobody can read what is stored."
        )
    else:
        typer.echo(f"Kept: {written.key_file}")
    # As this command was given: jikimi by itself is one only where .venv is activated.
    for when, command in (("Next", "check"), ("Then", "run")):
        typer.echo(f"{when}: {shlex.join([sys.argv[0], command, '--config', str(written.config_file)])}")


def _ask_staff_chat(token: str, api_url: str) -> tuple[int, int | None]:
    """The id of the staff group, looked up at Telegram if the person agrees, and of whoever added the bot."""
    from bot.cli import setup
    from bot.sources.botapi import BotApi

    async def find() -> list[setup.Group]:
        async with BotApi(token, api_url) as api:
            return await setup.groups(api)

    typer.echo("Alerts go to a staff group. Add the bot to it now; Telegram can then tell its id.")
    while typer.confirm("Ask Telegram which groups the bot was added to?", default=True):
        try:
            found = asyncio.run(find())
        except (Permanent, Transient) as error:
            typer.echo(f"That did not work: {error}")
            break
        if not found:
            typer.echo("None so far. Add the bot to the group, or remove it and add it again.")
            continue
        for number, group in enumerate(found, 1):
            typer.echo(f"  {number}. {group.title} ({group.chat_id})")
        number = typer.prompt("Which one? 0 for none of these", type=int)
        if 0 < number <= len(found):
            return found[number - 1].chat_id, found[number - 1].added_by
    return int(typer.prompt("The staff group's id, a negative number", type=int)), None


def _ask_admins(adder: int | None) -> list[int]:
    typer.echo("Admins may do everything. Telegram Desktop shows a person's id in their profile, once")
    typer.echo("Settings > Advanced > Experimental settings > Show Peer IDs in Profile is switched on.")
    if adder is not None:
        typer.echo("Suggested is whoever added the bot to the group.")
    answer: str = typer.prompt("User ids of the admins, separated by spaces", default=adder, type=str)
    try:
        return [int(part) for part in answer.replace(",", " ").split()]
    except ValueError:
        raise ConfigError("telegram.admins: must be whole numbers separated by spaces") from None


@app.command()
def check(
    config_file: ConfigFile = Path("config.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list instead of text.")] = False,
    delete_webhook: Annotated[
        bool, typer.Option("--delete-webhook", help="First remove a webhook that takes the bot's updates.")
    ] = False,
) -> None:
    """Say what is wrong and how to mend it.

    Looks at the configuration, the key file, the database (which it brings up to date as `jikimi run` does), the
    token, the staff chat, the admins, and the bot's rights in every authorised channel. Posts nothing.
    """
    from bot.cli import doctor
    from bot.cli.doctor import State

    log.configure("error", json_lines=False)
    if delete_webhook:
        asyncio.run(_delete_webhook(load(config_file)))
    results = asyncio.run(doctor.examine(config_file, os.environ, _connect))
    if as_json:
        typer.echo(
            json.dumps([dataclasses.asdict(result) for result in results], ensure_ascii=False, indent=2)
        )
    else:
        styles = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "bold red"}
        console = Console(highlight=False, soft_wrap=True)
        for result in results:
            line = Text.assemble(
                (f"{result.state:<8}", styles[result.state]), f"{result.subject}: {result.found}"
            )
            console.print(line)
            if result.mend:
                console.print(Text(f"{'':8}-> {result.mend}"))
    if any(result.state is State.FAILED for result in results):
        raise typer.Exit(ExitCode.PROBLEM)


@asynccontextmanager
async def _connect(loaded: Config) -> AsyncIterator[Api]:
    from bot.sources.botapi import BotApi

    async with BotApi(loaded.telegram.token.get_secret_value(), loaded.telegram.api_url) as api:
        yield api


async def _delete_webhook(loaded: Config) -> None:
    async with _connect(loaded) as api:
        await api.call("deleteWebhook")


@app.command()
def run(config_file: ConfigFile = Path("config.toml")) -> None:
    """Watch the authorised channels.

    Runs until it is stopped by Ctrl-C or SIGTERM. What was being worked on goes on at the next start.
    """
    loaded = load(config_file)
    log.configure(loaded.log.level, json_lines=loaded.log.json_lines)
    from bot.app import run as serve

    try:
        asyncio.run(serve(loaded))
    except Exception as error:
        if not isinstance(error, JikimiError):
            structlog.get_logger().critical("stopped by an error in Jikimi itself", exc_info=True)
        raise


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The page's port on this machine; 0 takes a free one.")
    ] = 0,
    language: Annotated[
        Language | None,
        typer.Option(
            help="What the bot and the page speak; by default what this machine speaks, else Korean."
        ),
    ] = None,
) -> None:
    """Show everything on this machine alone.

    Prints the address of a page with a channel, a victim's chat and the staff chat. Needs no Telegram, no
    configuration and no network, and leaves nothing behind.
    """
    log.configure("warning", json_lines=False)
    from bot.demo import run as serve

    asyncio.run(serve(language or _spoken(os.environ), port=port))


def _spoken(environment: Mapping[str, str]) -> Language:
    """The language that this machine's settings ask for, as far as we speak it."""
    settings = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return Language.EN if next(filter(None, settings), "").startswith("en") else Language.KO


app.add_typer(backup.app)
app.add_typer(offline.app)
app.add_typer(exchange.app)
app.add_typer(
    exchange.known_good, name="knowngood", help="Look after the list of well-known pictures that harm nobody."
)
app.add_typer(auditing.app, name="audit", help="Check the audit log, or print it.")
app.add_typer(account.app, name="account")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(metadata.version("jikimi"))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script. The last border: no traceback reaches a person, and no secret either."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        # A file's name may be no text, as those out of old archives are not. In JSON it is read back from this.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            app(arguments)
        finally:
            # Else what does not fit on the disk any more is found out when nobody can tell of it.
            sys.stdout.flush()
    except JikimiError as error:
        for line in str(error).splitlines():
            complain(line)
        sys.exit(_code_of(error))
    except Exception as error:  # noqa: BLE001 - the border of the process
        if isinstance(error, OSError) and error.errno in _FULL:
            complain(f"{error.strerror}: what was being written is not whole")
            sys.exit(ExitCode.PROBLEM)
        where = traceback.extract_tb(error.__traceback__)[-1]
        complain(
            f"an error in Jikimi itself: {type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
        )
        complain("please report it, with the command you gave")
        sys.exit(ExitCode.BUG)
    sys.exit(ExitCode.OK)


def _code_of(error: JikimiError) -> ExitCode:
    match error:
        case BadArgument():
            return ExitCode.USAGE
        case ConfigError():
            return ExitCode.CONFIG
        case Permanent() | Transient():
            return ExitCode.TELEGRAM
        case StoreError():
            return ExitCode.STORE
        case _:
            return ExitCode.PROBLEM
