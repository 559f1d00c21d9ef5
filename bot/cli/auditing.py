"""`jikimi audit`: whether the audit log is as it was written, and the log as a file."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.exits import ExitCode, complain
from bot.cli.opening import ConfigFile, load, opened

if TYPE_CHECKING:
    from bot.store.audit import Entry, Verdict

app = typer.Typer(no_args_is_help=True)

_MEANING = {
    "changed": "row {row} was changed after it was written",
    "unlinked": "row {row} does not follow the one before it: rows between them were removed or moved",
    "appended": "row {row} and what follows were not written by Jikimi",
    "cut_off": "the end is missing: row {row} was the newest",
    "replaced": "the rows up to {row} were replaced by others that fit one another",
    "no_end": "which row is the newest was deleted or spoiled: whether the end after row {row} is missing cannot be told",
    "not_as_noted": "row {row} does not have the hash that you noted: the log was replaced, with the key",
}


@app.command()
def verify(
    config_file: ConfigFile = Path("config.toml"),
    noted: Annotated[
        str,
        typer.Option(
            metavar="ROW:HASH",
            help="A row and its hash as an earlier `verify` told them.",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Say whether the audit log is as it was written.

    Whatever was changed, removed, moved, cut off or put in by hand is found, and at which row it begins; then this
    ends with 1. Tells the newest row and its hash: who has database and key could write the whole log anew, so note
    them down elsewhere now and then, and give them with --noted.
    """
    read = _noted(noted)
    verdict = asyncio.run(_verify(config_file, read))
    if verdict.harm is None:
        typer.echo(f"Whole: {verdict.rows} rows.")
        if verdict.rows:
            typer.echo(f"The newest, to be noted: {verdict.last_id}:{verdict.last_hash.hex()}")
        return
    row, harm = verdict.harm
    complain(f"the audit log is not whole: {_MEANING[harm].format(row=row)}")
    complain(f"rows before that which are as they were written: {verdict.rows}")
    raise typer.Exit(ExitCode.PROBLEM)


@app.command()
def export(
    config_file: ConfigFile = Path("config.toml"),
    is_open: Annotated[
        bool,
        typer.Option("--open", help="With who acted and the details, which are encrypted in the database."),
    ] = False,
) -> None:
    """Print the audit log, one JSON object a line, oldest first.

    Of who acted, and of the details, nothing is in it unless --open is given: names and Telegram ids of staff are
    among them. Victims are in the log by random case ids only.
    """
    damaged = asyncio.run(_export(config_file, is_open=is_open))
    for row in damaged:
        complain(f"row {row} does not open: it was changed after it was written")
    if damaged:
        raise typer.Exit(ExitCode.PROBLEM)


async def _verify(config_file: Path, noted: tuple[int, bytes] | None) -> Verdict:
    from bot.store import audit

    async with opened(load(config_file)) as store, store.read() as tx:
        return await audit.verify(tx, noted)


async def _export(config_file: Path, *, is_open: bool) -> list[int]:
    """Print it, and return the rows that do not open."""
    from bot.store import DoesNotOpen, audit

    damaged: list[int] = []
    async with opened(load(config_file)) as store, store.read() as tx:
        async for entry in audit.entries(tx):
            told = _told(entry)
            if is_open:
                try:
                    actor, told["details"] = audit.opened(tx, entry)
                except DoesNotOpen:
                    damaged.append(entry.id)
                else:
                    by = None if actor is None else {"user_id": actor.user_id, "name": actor.name}
                    told["actor"] = by
            sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    return damaged


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "action": entry.action,
        "subject": entry.subject,
        "previous_hash": entry.previous_hash.hex(),
        "hash": entry.hash.hex(),
    }


def _noted(untrusted_text: str) -> tuple[int, bytes] | None:
    if not untrusted_text:
        return None
    if not re.fullmatch(r"[0-9]{1,15}:[0-9a-fA-F]{64}", untrusted_text):
        raise typer.BadParameter("must be a row and its hash as `verify` told them, such as 12:9f...")
    row, _, digits = untrusted_text.partition(":")
    return int(row), bytes.fromhex(digits)
