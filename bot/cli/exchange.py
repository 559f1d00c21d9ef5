"""`jikimi import`, `jikimi export` and `jikimi knowngood import`: lists of other organisations and of known-good pictures."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.cli.exits import ExitCode, complain
from bot.cli.opening import ConfigFile, load, opened

if TYPE_CHECKING:
    from bot.model import FingerprintId
    from bot.registered.hashlist import Entry
    from bot.registered.lists import Imported
    from bot.store import Store
    from bot.store.lists import HashList, ListedHash

app = typer.Typer()
known_good = typer.Typer(no_args_is_help=True)

HashFile = Annotated[Path, typer.Argument(help="A file of hashes; - is standard input.", show_default=False)]
ListNames = Annotated[
    list[str] | None, typer.Option("--list", help="A list to hand on. Can be given again. Default: all.")
]

CSV_COLUMNS = ("signal_type", "signal_str", "collab", "category", "tags", "quality", "status")
"""python-threatexchange reads the first five."""
_PAGE = 500
_MOST_TOLD = 100


class Format(StrEnum):
    CSV = "csv"
    LINES = "lines"
    JSONL = "jsonl"


@app.command("import")
def import_command(
    file: HashFile,
    name: Annotated[str, typer.Option("--list", help="What the list is called; alerts name it.")],
    is_complete: Annotated[
        bool, typer.Option("--complete", help="The file is the whole list: what it does not hold is gone.")
    ] = False,
    may_be_empty: Annotated[
        bool, typer.Option("--allow-empty", help="With --complete: a file without hashes empties the list.")
    ] = False,
    is_trial: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing, and tell what would be changed.")
    ] = False,
    config_file: ConfigFile = Path("config.toml"),
) -> None:
    """Take in the hashes of a list of another organisation.

    The file holds one hash a line (64 hex digits, `pdq` and those, or `phash`, `phash256` or `dhash` and the digits that
    ImageHash writes), or is CSV as python-threatexchange writes it, JSON Lines with the same names, or JSON as StopNCII
    answers. Rows that say `deleted`, or that the hash is withdrawn, delete it here for good; JSON Lines may name it by the
    `id` that it came with.

    A row that cannot be read is told by its line and stops no other; this ends with 1 then. The same file again changes
    nothing. New hashes make one alert each until staff confirm it, unless the configuration says otherwise.

    With --complete nothing is changed if a row cannot be read, if no hash is in the file, or if it is one of several pages
    of StopNCII: a download that was cut off, or answered with an error, would delete the list for good. This ends with 1
    then.
    """
    from bot.registered import lists

    if may_be_empty and not is_complete:
        raise typer.BadParameter("--allow-empty needs --complete")
    name = lists.checked_name(name)
    rows, text = _read(file)
    if is_complete:
        _check_whole(text, rows, may_be_empty=may_be_empty)
    done = asyncio.run(_take_in(config_file, name, rows, is_complete=is_complete, is_trial=is_trial))
    left_out = sum(not (row.prints or row.problem) for row in rows)
    would = "Would be new" if is_trial else "New"
    typer.echo(
        f"{would}: {done.new}, there already: {done.known}, gone: {done.gone}, left out (of kinds that Jikimi does not "
        f"compare, or with too little detail): {left_out}"
    )
    if any(row.problem for row in rows):
        raise typer.Exit(ExitCode.PROBLEM)


@app.command("export")
def export_command(
    names: ListNames = None,
    file_format: Annotated[
        Format, typer.Option("--format", help="csv, JSON Lines, or one `kind hash` a line.")
    ] = Format.CSV,
    hma: Annotated[
        str,
        typer.Option(help="Add the PDQ hashes to a bank of Hasher-Matcher-Actioner at this address instead."),
    ] = "",
    bank: Annotated[str, typer.Option(help="The bank's name.")] = "",
    config_file: ConfigFile = Path("config.toml"),
) -> None:
    """Hand on the hashes of imported lists, on standard output or to a bank.

    Never what victims registered: they were not asked whether others may have it. Nor hashes that staff disabled, or that
    are near to known-good pictures. Nothing in it points at a case, a person or this organisation.

    JSON Lines say also what is not handed on any more, by the `id` that an earlier export gave it and without the hash:
    `jikimi import` deletes it then. The other forms are always the whole list.

    What was added to a bank is remembered, and only what came since, or is handed on again, is added the next time.
    """
    if bool(hma) != bool(bank):
        raise typer.BadParameter("--hma and --bank belong together")
    if hma:
        pushed = asyncio.run(_push(config_file, names or [], hma, bank))
        typer.echo(f"Added to the bank: {pushed}")
    else:
        asyncio.run(_export(config_file, names or [], file_format, sys.stdout))


@known_good.command("import")
def import_known_good(file: HashFile, config_file: ConfigFile = Path("config.toml")) -> None:
    """Take in PDQ hashes of well-known pictures that harm nobody: what is registered near to them makes no alerts.

    `jikimi hash FOLDER | jikimi knowngood import -` takes in pictures of this machine, with their quarters.
    """
    from bot.registered import hashlist

    rows, _ = _read(file)
    gone = hashlist.gone(rows)
    bits = [one.bits for row in rows for one in row.prints if one.kind == "pdq" and not gone.holds(row, one)]
    new = asyncio.run(_take_in_known_good(config_file, bits, file.name))
    typer.echo(f"New: {new}, there already: {len(set(bits)) - new}")
    if any(row.problem for row in rows):
        raise typer.Exit(ExitCode.PROBLEM)


def _read(file: Path) -> tuple[list[Entry], str]:
    """The rows of a file, after complaining of those that cannot be read, and its text."""
    from bot.registered.hashlist import BadList, entries, read

    name = "standard input" if file == Path("-") else str(file)
    try:
        text = read(sys.stdin.buffer if file == Path("-") else file, name)
        rows = entries(text)
    except BadList as error:
        complain(str(error) if str(error).startswith(name) else f"{name}: {error}")
        raise typer.Exit(ExitCode.USAGE) from None
    bad = [row for row in rows if row.problem]
    for row in bad[:_MOST_TOLD]:
        complain(f"{name}, line {row.line}: {row.problem}")
    if len(bad) > _MOST_TOLD:
        complain(f"{name}: so are {len(bad) - _MOST_TOLD} more lines")
    return rows, text


def _check_whole(text: str, rows: Sequence[Entry], *, may_be_empty: bool) -> None:
    from bot.registered.hashlist import NotWhole, check_whole

    try:
        check_whole(text, rows, may_be_empty=may_be_empty)
    except NotWhole as error:
        complain(f"Nothing was changed. This file cannot be the whole list: {error}.")
        complain(
            "Get the file again, or take it in without --complete; to empty the list, say --allow-empty too, with an empty "
            "file."
        )
        raise typer.Exit(ExitCode.PROBLEM) from None


async def _take_in(
    config_file: Path, name: str, rows: Sequence[Entry], *, is_complete: bool, is_trial: bool
) -> Imported:
    from bot.registered import lists

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("hashes", total=sum(len(row.prints) for row in rows if not row.is_gone))
    loaded = load(config_file)
    async with opened(loaded) as store:
        with bar:
            return await lists.take_in(
                store,
                name,
                rows,
                is_complete=is_complete,
                quarantine=loaded.defence.quarantine,
                is_trial=is_trial,
                now=datetime.now(UTC),
                progress=lambda number: bar.advance(task, number),
            )


async def _take_in_known_good(config_file: Path, bits: Sequence[bytes], source: str) -> int:
    from bot.registered import defence

    new = 0
    async with opened(load(config_file)) as store:
        for at in range(0, len(bits), _PAGE):
            async with store.write() as tx:
                some = bits[at : at + _PAGE]
                new += await defence.import_known_good(tx, some, source=source, now=datetime.now(UTC))
    return new


async def _wanted(store: Store, names: Sequence[str]) -> list[HashList]:
    """Raises `BadArgument` for a list that is not there."""
    from bot.registered import lists

    async with store.read() as tx:
        return await lists.of_names(tx, names)


class _Page(NamedTuple):
    of: HashList
    listed: list[ListedHash]
    quiet: set[FingerprintId]
    """Those that are not handed on as things are: somebody disabled them, or they are near to known-good pictures."""


async def _pages(store: Store, wanted: Sequence[HashList]) -> AsyncIterator[_Page]:
    from bot.store import lists as rows

    for one in wanted:
        last = 0
        while True:
            async with store.read() as tx:
                page = await rows.page(tx, one.id, last, _PAGE)
                listed = await rows.to_hand_on(tx, one, last, _PAGE)
            if not page:
                break
            last = page[-1][0]
            yield _Page(one, listed, {row[0] for row in page} - {hashed.id for hashed in listed})


async def _export(config_file: Path, names: Sequence[str], file_format: Format, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    async with opened(load(config_file)) as store:
        # Before the first line: the header alone would pass for an empty list.
        wanted = await _wanted(store, names)
        if file_format is Format.CSV:
            writer.writerow(CSV_COLUMNS)
        async for page in _pages(store, wanted):
            for one in page.listed:
                match file_format:
                    case Format.CSV:
                        writer.writerow(_columns(one).values())
                    case Format.LINES:
                        out.write(f"{one.kind} {one.bits.hex()}\n")
                    case Format.JSONL:
                        out.write(_line(_columns(one) | {"id": one.number}))
        if file_format is Format.JSONL:
            async for name, number in _tombstones(store, wanted):
                out.write(_line({"collab": name, "id": number, "status": "withdrawn"}))


async def _tombstones(store: Store, wanted: Sequence[HashList]) -> AsyncIterator[tuple[str, str]]:
    """Of everything that is not handed on any more, its list and the number that it was handed on with."""
    from bot.store import lists as rows

    for one in wanted:
        last = 0
        while True:
            async with store.read() as tx:
                page = await rows.gone(tx, one, last, _PAGE)
            if not page:
                break
            last = page[-1][0]
            for _, number in page:
                yield one.name, number


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _columns(one: ListedHash) -> dict[str, Any]:
    values = (one.kind, one.bits.hex(), one.list_name, "", "", "" if one.quality is None else one.quality)
    return dict(zip(CSV_COLUMNS, (*values, "active"), strict=True))


async def _push(config_file: Path, names: Sequence[str], url: str, bank: str) -> int:
    from bot.sources.hma import Bank
    from bot.store import settings

    # Names of settings are short, and addresses are not.
    where = sha256(f"{bank} {url.rstrip('/')}".encode()).hexdigest()[:40]
    remembered, passed_over = f"hma {where}", f"hma left {where}"
    pushed = 0
    async with opened(load(config_file)) as store, Bank(url, bank) as at:
        async with store.read() as tx:
            done: dict[str, int] = await settings.get(tx, remembered) or {}
            left: dict[str, list[int]] = await settings.get(tx, passed_over) or {}
        async for page in _pages(store, await _wanted(store, names)):
            name = page.of.name
            late = {*left.get(name, ()), *(number for number in page.quiet if number > done.get(name, 0))}
            left[name] = sorted(late)
            for one in page.listed:
                if one.kind != "pdq" or (one.id <= done.get(name, 0) and one.id not in late):
                    continue
                await at.add(one.bits, name)
                pushed += 1
                late.discard(one.id)
                left[name], done[name] = sorted(late), max(one.id, done.get(name, 0))
                async with store.write() as tx:
                    await settings.put(tx, remembered, done)
                    await settings.put(tx, passed_over, left)
    return pushed
