from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot import config
from bot.cli import main as cli
from bot.cli.exits import ExitCode
from bot.errors import StoreError
from bot.standin import Chat, Standin, User
from bot.store import alone
from bot.store.cipher import read_key_file

TOKEN = "987654321:AAE-a-token-that-no-message-may-hold"
COMMANDS = [
    "init",
    "check",
    "run",
    "account",
    "backup",
    "demo",
    "hash",
    "page",
    "match",
    "bench",
    "import",
    "export",
    "knowngood",
    "audit",
    "version",
]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Jikimi = Callable[..., Ended]


@pytest.fixture
def jikimi(capsys: pytest.CaptureFixture[str]) -> Jikimi:
    """Run a command as the console script does."""

    def run(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return run


@dataclass(frozen=True)
class Place:
    standin: Standin
    admin: User
    group: Chat


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with Standin(clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as standin:
        admin = standin.world.add_user("Han")
        standin.world.start(admin)
        group = standin.world.add_group("Staff", [admin])
        standin.world.add_bot_as_admin(group, by=admin, rights=["can_delete_messages"])
        yield Place(standin, admin, group)


def flags(place: Place, folder: Path) -> list[str]:
    """`init` with everything that it would ask for."""
    (folder / "token").write_text(place.standin.token + "\n")
    return [
        *("init", "--directory", str(folder / "installed"), "--token-file", str(folder / "token")),
        *("--admin", str(place.admin.id), "--staff-chat", str(place.group.id)),
        *("--organisation", "Centre", "--language", "en", "--api-url", place.standin.api_url),
    ]


def whole() -> typer.core.TyperGroup:
    group = typer.main.get_command(cli.app)
    assert isinstance(group, typer.core.TyperGroup)
    return group


def test_the_commands_are_those_that_are_documented() -> None:
    assert sorted(whole().commands) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_help(command: str) -> None:
    assert whole().commands[command].help
    for parameter in whole().commands[command].params:
        assert getattr(parameter, "help", None), parameter.name


def test_help_tells_every_exit_code(jikimi: Jikimi) -> None:
    told = jikimi("--help").out
    listed = {int(code) for code in re.findall(r"^ +(\d+)  ", told, re.MULTILINE)}
    assert listed == set(ExitCode)


@pytest.mark.parametrize("arguments", [["frobnicate"], ["check", "--nonsense"], ["hash"], ["run", "extra"]])
def test_a_command_that_is_not_understood_ends_with_its_code_and_no_traceback(
    jikimi: Jikimi, arguments: list[str]
) -> None:
    ended = jikimi(*arguments)
    assert ended.code == ExitCode.USAGE
    assert "Error" in ended.err
    assert "Traceback" not in ended.err


def test_version_prints_the_version(jikimi: Jikimi) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", jikimi("version").out)


@pytest.mark.parametrize("command", ["run"])
def test_a_missing_configuration_is_one_line_and_its_exit_code(
    jikimi: Jikimi, tmp_path: Path, command: str
) -> None:
    ended = jikimi(command, "--config", tmp_path / "config.toml")
    assert ended == Ended(
        ExitCode.CONFIG,
        "",
        f"jikimi: {tmp_path}/config.toml: there is no such file; `jikimi init` makes one\n",
    )


def test_each_problem_of_the_configuration_is_a_line(jikimi: Jikimi, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[telegram]\ntoken = "x"\nadmins = [1]\nstaff_chat = 5\n')
    ended = jikimi("run", "--config", tmp_path / "config.toml")
    assert ended.code == ExitCode.CONFIG
    assert [line.split(":")[1].strip() for line in ended.err.splitlines()] == [
        "telegram.token",
        "telegram.staff_chat",
        "victims.organisation",
    ]


async def test_init_with_flags_asks_nothing_and_tells_the_next_steps_as_it_was_called(
    jikimi: Jikimi, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [".venv/bin/jikimi", "init"])
    ended = await asyncio.to_thread(jikimi, *flags(place, tmp_path))
    assert ended.code == ExitCode.OK
    assert place.standin.token not in ended.out + ended.err
    for command in ("check", "run"):
        assert f": .venv/bin/jikimi {command} --config {tmp_path}/installed/config.toml\n" in ended.out
    assert len(read_key_file(tmp_path / "installed/jikimi.key")) == 32


async def test_init_refuses_to_overwrite(jikimi: Jikimi, place: Place, tmp_path: Path) -> None:
    await asyncio.to_thread(jikimi, *flags(place, tmp_path))
    ended = await asyncio.to_thread(jikimi, *flags(place, tmp_path))
    assert ended.code == ExitCode.CONFIG
    assert "is there already; --force" in ended.err
    forced = await asyncio.to_thread(jikimi, *flags(place, tmp_path), "--force")
    assert f"Kept: {tmp_path}/installed/jikimi.key" in forced.out


def test_init_names_what_was_answered_wrongly_and_never_the_token(jikimi: Jikimi, tmp_path: Path) -> None:
    given = ["--directory", str(tmp_path), "--token", f"wrong {TOKEN}", "--admin", "1", "--staff-chat", "5"]
    ended = jikimi("init", *given, "--organisation", "Centre")
    assert ended.code == ExitCode.CONFIG
    assert ended.err.startswith("jikimi: telegram.token: must be")
    assert TOKEN not in ended.out + ended.err


async def test_init_finds_the_staff_group_and_suggests_who_added_the_bot(
    place: Place, tmp_path: Path
) -> None:
    answers = [place.standin.token, "y", "1", "", "Centre"]
    asked = await asyncio.to_thread(
        CliRunner().invoke,
        cli.app,
        ["init", "--directory", str(tmp_path), "--api-url", place.standin.api_url],
        input="\n".join(answers) + "\n",
    )
    assert asked.exit_code == 0, asked.output
    assert f"1. Staff ({place.group.id})" in asked.output
    assert place.standin.token not in asked.output
    written = (tmp_path / "config.toml").read_text()
    assert f"staff_chat = {place.group.id}" in written
    assert f"admins = [{place.admin.id}]" in written


async def test_init_takes_the_group_by_hand_where_telegram_cannot_be_asked(tmp_path: Path) -> None:
    answers = [TOKEN, "y", "-100", "1 2", "Centre"]
    asked = await asyncio.to_thread(
        CliRunner().invoke,
        cli.app,
        ["init", "--directory", str(tmp_path), "--api-url", "http://127.0.0.1:9"],
        input="\n".join(answers) + "\n",
    )
    assert asked.exit_code == 0, asked.output
    assert "That did not work: Telegram cannot be reached" in asked.output
    assert "admins = [1, 2]" in (tmp_path / "config.toml").read_text()


@pytest.fixture
async def installed(jikimi: Jikimi, place: Place, tmp_path: Path) -> Path:
    await asyncio.to_thread(jikimi, *flags(place, tmp_path))
    return tmp_path / "installed/config.toml"


async def test_check_tells_line_by_line_and_ends_well(jikimi: Jikimi, installed: Path) -> None:
    ended = await asyncio.to_thread(jikimi, "check", "--config", installed)
    assert ended.code == ExitCode.OK
    assert [line.split()[0] for line in ended.out.splitlines()] == [
        *("ok", "warning", "->", "ok", "ok", "ok", "ok", "ok")
    ]
    assert "\x1b" not in ended.out


async def test_who_follows_the_readme_is_warned_of_nothing(
    jikimi: Jikimi, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    [key_file] = re.findall(r"^\.venv/bin/jikimi init --key-file (\S+)$", readme, re.MULTILINE)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    await asyncio.to_thread(jikimi, *flags(place, tmp_path), "--key-file", key_file)
    ended = await asyncio.to_thread(jikimi, "check", "--config", tmp_path / "installed/config.toml")
    assert f"ok      key file: {tmp_path}/home/jikimi-key/jikimi.key\n" in ended.out
    assert "warning" not in ended.out


async def test_check_fails_with_its_exit_code_and_says_how_to_mend_it(
    jikimi: Jikimi, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIKIMI_TELEGRAM__TOKEN", TOKEN)
    ended = await asyncio.to_thread(jikimi, "check", "--config", installed)
    assert ended.code == ExitCode.PROBLEM
    assert "failed  token:" in ended.out
    assert "-> put the right token into telegram.token" in ended.out
    assert TOKEN not in ended.out + ended.err


@pytest.mark.parametrize("command", [("version",), ("page", "-")])
def test_a_full_disk_is_told_as_that(command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", "from bot.cli.main import main; main()", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    said = b"jikimi: No space left on device: what was being written is not whole\n"
    assert (ended.returncode, ended.stderr) == (ExitCode.PROBLEM, said)


async def test_check_as_json_is_for_programs(jikimi: Jikimi, installed: Path) -> None:
    ended = await asyncio.to_thread(jikimi, "check", "--json", "--config", installed)
    results = json.loads(ended.out)
    assert {"subject": "token", "state": "ok", "found": "the bot is @jikimi_demo_bot", "mend": ""} in results


async def test_check_removes_a_webhook_when_told_to_and_keeps_what_waits(
    jikimi: Jikimi, installed: Path, place: Place
) -> None:
    await asyncio.to_thread(jikimi, "check", "--delete-webhook", "--config", installed)
    [call] = [call for call in place.standin.calls if call.method == "deleteWebhook"]
    assert "drop_pending_updates" not in call.arguments


async def start_run(config_file: Path, **environ: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from bot.cli.main import main; main()", "run", "--config", str(config_file)),
        stderr=subprocess.PIPE,
        env=os.environ | environ,
    )


async def test_run_watches_until_it_is_told_to_stop(installed: Path, place: Place) -> None:
    process = await start_run(installed)
    ended = asyncio.create_task(process.communicate())
    polled = asyncio.create_task(
        place.standin.world.until(
            lambda: any(call.method == "getUpdates" for call in place.standin.calls), timeout_s=60
        )
    )
    await asyncio.wait([ended, polled], return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        process.send_signal(signal.SIGTERM)
    _, err = await ended
    polled.cancel()
    assert process.returncode == ExitCode.OK, err.decode()
    assert place.standin.token.encode() not in err


async def test_a_second_run_on_the_same_database_is_refused_and_changes_nothing(installed: Path) -> None:
    store = config.load(installed, {}).store
    with alone(store.url):
        process = await start_run(installed)
        _, err = await process.communicate()
    assert process.returncode == ExitCode.STORE, err.decode()
    assert b"Another `jikimi run` is using this database. Stop it first" in err
    assert b"Traceback" not in err


async def test_run_ends_with_the_exit_code_of_telegram_when_the_token_is_refused(installed: Path) -> None:
    process = await start_run(installed, JIKIMI_TELEGRAM__TOKEN=TOKEN)
    _, err = await process.communicate()
    assert process.returncode == ExitCode.TELEGRAM, err.decode()
    assert b"Traceback" not in err
    assert TOKEN.encode() not in err


def test_a_port_that_cannot_be_used_is_told_with_the_way_out(jikimi: Jikimi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = jikimi("demo", "--port", str(port))
    assert ended.code == ExitCode.USAGE
    assert ended.err == (
        f"jikimi: port {port} cannot be used: it is taken or not allowed; leave --port out to take a free one\n"
    )


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_no_machine_has_is_not_understood(jikimi: Jikimi, port: str) -> None:
    ended = jikimi("demo", "--port", port)
    assert ended.code == ExitCode.USAGE
    assert "Invalid value for '--port'" in ended.err


def test_an_error_of_our_own_is_told_by_its_place_and_without_secrets(
    jikimi: Jikimi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> str:
        raise RuntimeError(TOKEN)

    monkeypatch.setattr("importlib.metadata.version", broken)
    ended = jikimi("version")
    assert ended.code == ExitCode.BUG
    assert "an error in Jikimi itself: RuntimeError in test_cli.py:" in ended.err
    assert TOKEN not in ended.err
    assert "Traceback" not in ended.err


def test_a_file_is_named_as_the_person_named_it(jikimi: Jikimi, tmp_path: Path) -> None:
    file = tmp_path / "KakaoTalk_1700000000000.jpg"
    assert jikimi("hash", file).err == f"jikimi: {file}: is not there\n"


def test_an_example_in_an_error_stays_whole(jikimi: Jikimi, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[telegram]\ntoken = "x"\n')
    assert "such as 123456789:AAF..." in jikimi("run", "--config", tmp_path / "config.toml").err


@pytest.mark.parametrize("secret", [TOKEN, "f0" * 32, "hunter2"])
def test_a_secret_in_an_error_is_cut_out(
    jikimi: Jikimi, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    def broken(_: str) -> str:
        raise StoreError(f"postgresql+asyncpg://jikimi:{secret}@db/jikimi")

    monkeypatch.setattr("importlib.metadata.version", broken)
    ended = jikimi("version")
    assert ended.code == ExitCode.STORE
    assert ended.err.startswith("jikimi: postgresql+asyncpg://")
    assert secret not in ended.err
