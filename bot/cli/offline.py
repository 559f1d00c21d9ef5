"""The commands for people without a bot: `jikimi hash`, `match`, `page` and `bench`. Nothing leaves the machine."""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import json
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.cli.exits import ExitCode, complain, complaint
from bot.shown import clock

if TYPE_CHECKING:
    from bot.registered.hashlist import ListedHashes
    from matcher import Match

app = typer.Typer()

Files = Annotated[
    list[Path],
    typer.Argument(
        help="Pictures on this machine, or folders of them; - is standard input.", show_default=False
    ),
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="How many processes read pictures.")]


@app.command("hash")
def hash_command(
    files: Files,
    workers: Workers = 2,
    photo: Annotated[
        bool, typer.Option("--photo", help="Sketch ordinary photos instead, so that parts of them are found.")
    ] = False,
    into: Annotated[
        Path, typer.Option(help="With --photo: the folder for the files; - prints the lines instead.")
    ] = Path(),
) -> None:
    """Print the hashes of pictures and videos.

    For each picture up to ten lines on standard output, of the whole, of its quarters and of what is inside of a frame,
    ready to be pasted into the bot's chat: what a sticker hides in one, another shows. Of a screenshot of an app only
    the picture in it is hashed. For a video long lines, each for a message of its own.
    Which file the lines belong to, and why a file has none, goes to standard error. Of folders all files are read, but
    no hidden ones and no links. The files stay on this machine.

    With --photo each ordinary photo becomes a small text file, jikimi-photo-1.txt and so on, to be sent to the bot where
    it asks for one. It describes the photo's texture and could be drawn back into a rough picture: not for intimate
    pictures. It needs OpenCV: pip install 'jikimi[photos]'.
    """
    if photo:
        _sketch(files, into)
        return
    from bot.cli.hashing import OWN_FILES, hash_files, walk

    code = ExitCode.OK
    found = list(walk(files))
    with _Screen(len(found)) as screen:
        for hashed in hash_files(found, OWN_FILES, workers=workers):
            if hashed.text is None:
                code = ExitCode.PROBLEM
                screen.complain(f"{hashed.file}: {hashed.why_not}")
            else:
                if len(found) > 1:
                    screen.note(f"{hashed.file}:")
                screen.tell(hashed.text)
            screen.advance()
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _sketch(files: list[Path], into: Path) -> None:
    if importlib.util.find_spec("cv2") is None:
        complain("--photo needs one more package, OpenCV: install it with `pip install 'jikimi[photos]'`")
        raise typer.Exit(ExitCode.PROBLEM)
    from bot.cli.hashing import OWN_FILES, sketch_photos, walk

    code = ExitCode.OK
    found = list(walk(files))
    with _Screen(len(found)) as screen:
        for sketched in sketch_photos(found, OWN_FILES):
            why_not = sketched.why_not
            if sketched.text is not None and into == Path("-"):
                screen.tell(sketched.text)
            elif sketched.text is not None:
                try:
                    screen.tell(f"{sketched.file}: {_written(into, sketched.text)}")
                except OSError as error:
                    why_not = f"its sketch cannot be written into {into}: {error.strerror}"
            if why_not:
                code = ExitCode.PROBLEM
                screen.complain(f"{sketched.file}: {why_not}")
            screen.advance()
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _written(folder: Path, text: str) -> Path:
    """A new file, for its owner only, whose name says nothing of the photo."""
    for number in itertools.count(1):
        path = folder / f"jikimi-photo-{number}.txt"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
        return path
    raise AssertionError("unreachable")


@app.command("match")
def match_command(
    files: Files,
    lists: Annotated[
        list[Path],
        typer.Option(
            "--list", help="A file of hashes; - is standard input. Can be given again.", show_default=False
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file, each on a line.")] = False,
    workers: Workers = 2,
) -> None:
    """Compare pictures with lists of hashes.

    For each picture, every line of a list that it matches, how near it is (bits that differ), and how the picture
    shows it. Of folders all files are read, but no hidden ones and no links.

    A list holds one hash a line: 64 hex digits or `pdq` and those; `phash`, `phash256` or `dhash` and the digits that
    ImageHash writes; or it is CSV with a header, as python-threatexchange writes it, or JSON as `jikimi import` takes it.
    Hashes that it says are withdrawn or deleted are not compared.

    Ends with 0 if nothing matched, 1 if something did, and 2 if a list cannot be used or not all could be compared,
    whatever else matched.
    """
    from bot.cli.hashing import OWN_FILES, match_files, walk
    from bot.registered.hashlist import BadList

    try:
        known = _read_lists(lists, may_read_input=Path("-") not in files)
    except BadList as error:
        complain(str(error))
        raise typer.Exit(ExitCode.USAGE) from None
    code = ExitCode.OK
    for name, number in known.left_out.items():
        complain(
            f"{name}: lines left out, of kinds that Jikimi does not compare or with too little detail: {number}"
        )
    found = list(walk(files))
    with _Screen(len(found)) as screen:
        for compared in match_files(found, known, OWN_FILES, workers=workers):
            why_not = compared.why_not
            if not why_not and compared.left_out:
                why_not = f"holds {compared.left_out} more that could not be compared"
            if why_not:
                code = ExitCode.USAGE
                screen.complain(f"{compared.file}: {why_not}")
            elif compared.matches and code is ExitCode.OK:
                code = ExitCode.PROBLEM
            matches = [_told(match, known) for match in compared.matches]
            if as_json:
                told = {"file": str(compared.file), "matches": matches, "error": why_not or None}
                screen.tell(json.dumps(told, ensure_ascii=False))
            else:
                for match in compared.matches:
                    where = _where(match, known, is_only_list=len(lists) == 1)
                    screen.tell(f"{compared.file}: {where}, {_likeness(match)}")
            screen.advance()
    if code is not ExitCode.OK:
        raise typer.Exit(code)


@app.command("bench")
def bench_command(
    hashes: Annotated[int, typer.Option(min=1, help="How many hashes to search among.")] = 100_000,
    workers: Workers = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
) -> None:
    """Measure how quick this machine is.

    Takes about ten seconds. Pictures and hashes are made up; no configuration and no network is needed.
    """
    from bot.cli import pace

    if hashes > pace.MOST_HASHES:
        complain(f"--hashes: {pace.MOST_HASHES:,} at most")
        raise typer.Exit(ExitCode.USAGE)
    measured = pace.measure(hashes, workers)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(measured)))
        return
    table = Table("", "on this machine")
    table.add_row("pictures a second", f"{measured.pictures_per_s:,.1f}")
    table.add_row("  by so many processes", f"{measured.workers}")
    table.add_row("views of a picture", f"{measured.views:.0f}")
    table.add_row(f"search among {measured.hashes:,} hashes", f"{measured.search_ms:,.1f} ms a picture")
    table.add_row("  at most", f"{measured.search_slowest_ms:,.1f} ms")
    table.add_row("memory of the hashes", f"{measured.index_bytes / 2**20:,.0f} MiB")
    table.add_row("memory of the process", f"{measured.memory_bytes / 2**20:,.0f} MiB")
    Console().print(table)


@app.command("page")
def page_command(
    file: Annotated[
        Path, typer.Argument(help="Where to write it; - is standard output.", show_default=True)
    ] = Path("jikimi.html"),
) -> None:
    """Write the page on which people make hashes on their own device, and print its SHA-256.

    It is one file, to be opened in a browser from disk, without a network. Its SHA-256 tells that nobody changed it.
    """
    from bot.page import page_bytes, page_sha256

    if file == Path("-"):
        sys.stdout.buffer.write(page_bytes())
        return
    try:
        file.write_bytes(page_bytes())
    except OSError as error:
        complain(f"{file}: cannot be written: {error.strerror}")
        raise typer.Exit(ExitCode.PROBLEM) from None
    typer.echo(f"{page_sha256()}  {file}")


def _read_lists(lists: list[Path], *, may_read_input: bool) -> ListedHashes:
    from bot.registered.hashlist import BadList, ListedHashes, read

    known = ListedHashes()
    for path in lists:
        if path != Path("-"):
            known.add(str(path), read(path, str(path)))
        elif may_read_input:
            known.add("standard input", read(sys.stdin.buffer, "standard input"))
            may_read_input = False
        else:
            raise BadList("standard input can be read once only")
    return known


def _told(match: Match, known: ListedHashes) -> dict[str, Any]:
    from matcher import KINDS

    name, number = known.lines[match.fingerprint_id]
    return {
        "list": name,
        "line": number,
        "band": match.band,
        "kind": match.kind,
        "distance": match.distance,
        "of_bits": KINDS[match.kind].bits,
        "view": match.view,
        "orientation": match.orientation,
        "still": match.still,
        "at": match.at,
        "until": match.until,
        "samples": match.samples,
        "of_samples": match.of_samples,
    }


def _where(match: Match, known: ListedHashes, *, is_only_list: bool) -> str:
    name, number = known.lines[match.fingerprint_id]
    return f"line {number}" if is_only_list else f"{name} line {number}"


def _likeness(match: Match) -> str:
    from matcher import KINDS, PDQ, StillKind

    distance = f"{match.distance} bits"
    if match.kind != PDQ:
        distance += f" of {KINDS[match.kind].bits} by {match.kind}"
    words = [match.band, distance, match.view, match.orientation]
    match match.still:
        case StillKind.FRAME:
            words.append(f"in the video from {clock(match.at)} to {clock(match.until)}")
        case StillKind.ENTRY:
            words.append(f"in the archive, file {match.at}")
        case StillKind.PAGE:
            words.append(f"page {match.at}")
    return ", ".join(words)


class _Screen:
    """Lines for people and programs, and over many files a bar below them where somebody watches."""

    def __init__(self, files: int) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=files < 2 or not self._console.is_terminal,
        )
        self._task = self._bar.add_task("files", total=files)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def advance(self) -> None:
        self._bar.advance(self._task)

    def tell(self, text: str) -> None:
        """On standard output, above the bar where both are on the same screen."""
        if self._bar.disable or not sys.stdout.isatty():
            typer.echo(text)
        else:
            self._print(text)

    def note(self, text: str) -> None:
        """On standard error."""
        if self._bar.disable:
            typer.echo(text, err=True)
        else:
            self._print(text)

    def complain(self, text: str) -> None:
        self.note(complaint(text))

    def _print(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)
