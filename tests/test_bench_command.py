"""`jikimi bench`: what this machine can do, for people and for programs."""

from __future__ import annotations

import json

import pytest

from bot.cli import pace
from bot.cli.exits import ExitCode
from bot.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["bench", *arguments])
    told = capsys.readouterr()
    return ended.value.code, told.out, told.err


@pytest.fixture(autouse=True)
def in_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_FINGERPRINT_S", 0.1)
    monkeypatch.setattr(pace, "_SEARCH_S", 0.1)


def test_a_program_reads_how_quick_the_machine_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--json", "--hashes", "2000", "--workers", "1")
    assert (code, err) == (ExitCode.OK, "")
    told = json.loads(out)
    assert (told["hashes"], told["workers"]) == (2000, 1)
    assert told["pictures"] >= 1
    assert 0 < told["search_ms"] <= told["search_slowest_ms"]
    assert told["pictures_per_s"] > 0
    assert told["views"] > 8
    assert told["memory_bytes"] > 0


def test_people_read_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--hashes", "2000", "--workers", "1")
    assert code == ExitCode.OK
    assert "pictures a second" in out
    assert "search among 2,000 hashes" in out


def test_more_hashes_than_memory_may_hold_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--hashes", "2000001")
    assert (code, out) == (ExitCode.USAGE, "")
    assert err == "jikimi: --hashes: 2,000,000 at most\n"
