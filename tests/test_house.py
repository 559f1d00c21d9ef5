"""What holds for the whole repository: its documents, locks, packages and house rules."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.chat.router import COMMANDS
from bot.cli import main as cli
from bot.cli.exits import ExitCode

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.ko.md"]
MAX_LINES = 400


def tracked() -> list[Path]:
    """The files of the repository, or of what was unpacked from a package of it."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: which files belong to the project cannot be told")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The content of a text file, and nothing of a picture."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def locked(name: str) -> dict[str, str]:
    """The requirements of a lock file, each with the lines that belong to it."""
    entries = re.split(r"^(?=[a-zA-Z0-9])", (ROOT / name).read_text(), flags=re.MULTILINE)
    return {entry.split("==")[0].split("[")[0].lower(): entry for entry in entries if "==" in entry}


def code_files() -> Iterator[Path]:
    for folder in ("bot", "matcher", "tests", "bench"):
        yield from (ROOT / folder).rglob("*.py")


def test_no_file_of_code_is_too_long() -> None:
    long = {str(path.relative_to(ROOT)): len(text_of(path).splitlines()) for path in code_files()}
    assert {name: lines for name, lines in long.items() if lines > MAX_LINES} == {}


@pytest.mark.parametrize(
    "pattern",
    [
        # Written apart so that this file does not hold what it looks for.
        r"/(root|home/\w+|Users/\w+)" + r"/",
        r"/opt" + r"/(pypi|wheels)",
        r"(pypi|pythonhosted|npmjs)" + r"\.(org|com)",
        r"--(extra-)?index" + r"-url[ =]",
    ],
)
def test_no_file_names_a_path_of_one_machine_or_a_package_index(pattern: str) -> None:
    found = {path.name for path in tracked() if re.search(pattern, text_of(path))}
    assert found == set()


def test_no_file_holds_a_token_but_those_that_open_nothing() -> None:
    token = re.compile(r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b")
    # A real token looks like noise; those of examples and tests are words joined by hyphens.
    found = {
        match[0]
        for path in tracked()
        for match in token.finditer(text_of(path))
        if not re.fullmatch(r"[0-9]+:AA[A-Z]?(-[a-z0-9]+)+", match[0])
    }
    assert found == set()


def test_the_version_is_the_same_everywhere() -> None:
    version = project()["version"]
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == version
    assert metadata.version("jikimi") == version


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_names_every_command_and_exit_code(readme: str) -> None:
    text = (ROOT / readme).read_text()
    group = typer.main.get_command(cli.app)
    assert isinstance(group, typer.core.TyperGroup)
    assert [name for name in group.commands if f"`jikimi {name}" not in text] == []
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(ExitCode)


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_names_every_command_of_the_chats(readme: str) -> None:
    text = (ROOT / readme).read_text()
    told_to_victims = re.findall(r"^ +/([a-z]+) ", text_of(ROOT / "bot/texts/en/victim.ftl"), re.MULTILINE)
    assert told_to_victims
    commands = {*told_to_victims, *(command.split()[0] for command in COMMANDS)}
    assert {command for command in commands if f"`/{command}" not in text} == set()


@pytest.mark.parametrize("readme", READMES)
def test_every_file_that_the_readme_links_to_is_there(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / readme).read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_readmes_have_the_same_sections_and_commands() -> None:
    shapes = []
    for readme in READMES:
        text = (ROOT / readme).read_text()
        blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
        commands = [re.sub(r" *#.*", "", block) for block in blocks]
        shapes.append((re.findall(r"^#+", text, re.MULTILINE), commands, re.findall(r"`/\w+", text)))
    assert shapes[0] == shapes[1]


def test_every_target_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    [phony] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert [
        target for target in phony.split() if not re.search(rf"^#.*make {target} ", makefile, re.MULTILINE)
    ] == []


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-photos.lock",
        "requirements-build.lock",
        "requirements-oracle.lock",
        "requirements-mtproto.lock",
    ],
)
def test_everything_in_a_lock_is_pinned_by_hash(lock: str) -> None:
    assert {name for name, entry in locked(lock).items() if "--hash=sha256:" not in entry} == set()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    asked = {
        re.split(r"[^A-Za-z0-9._-]", requirement)[0].replace(".", "-").lower()
        for requirement in project()["dependencies"]
    }
    assert asked - set(locked("requirements.lock")) == set()
    assert set(locked("requirements.lock")) - set(locked("requirements-dev.lock")) == set()


def test_decisions_are_numbered_without_gaps() -> None:
    notes = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [note.name[:4] for note in notes] == [f"{number:04}" for number in range(1, len(notes) + 1)]
    assert [note.name for note in notes if not text_of(note).startswith(f"# {note.name[:4]}: ")] == []


def test_the_wheel_holds_everything_that_the_packages_need_at_run_time(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.relative_to(ROOT).parts[0] in {"bot", "matcher"}
    }
    assert needed - held == set()
    assert any(name.endswith("share/jikimi/config.example.toml") for name in held)
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert not any(name.startswith(("tests/", "bench/")) for name in held)
