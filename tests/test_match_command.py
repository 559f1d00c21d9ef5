"""`jikimi match`: files on this machine compared with a list of hashes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pictures import picture
from PIL import ImageOps

from bot.cli import main
from matcher import Limits, fingerprint_bytes, format_hash


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["match", *map(str, arguments)])
    told = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return int(ended.value.code), told.out, told.err


@pytest.fixture
def hashes(tmp_path: Path) -> Path:
    """A list whose third line is the hash of picture 1."""
    saved(tmp_path / "registered.png", 1)
    line = format_hash(fingerprint_bytes((tmp_path / "registered.png").read_bytes(), Limits()).fingerprint)
    path = tmp_path / "list.txt"
    path.write_text(f"# registered\n\n{line}\n")
    return path


def saved(path: Path, seed: int, *, mirrored: bool = False) -> Path:
    image = picture(seed, (320, 240))
    (ImageOps.mirror(image) if mirrored else image).save(path)
    return path


def test_a_match_is_told_with_its_line_and_ends_with_one(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy, other = saved(tmp_path / "copy.jpg", 1, mirrored=True), saved(tmp_path / "other.jpg", 2)
    code, out, err = run(capsys, copy, other, "--list", hashes)
    assert (code, err) == (1, "")
    [line] = out.splitlines()
    assert line.startswith(f"{copy}: line 3, match, ")
    assert line.endswith(" bits, whole, mirrored")


def test_no_match_is_silent_and_ends_with_zero(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, saved(tmp_path / "other.jpg", 2), "--list", hashes) == (0, "", "")


def test_a_file_that_cannot_be_compared_ends_with_two_and_stops_no_other(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = saved(tmp_path / "copy.jpg", 1)
    code, out, err = run(capsys, tmp_path / "missing.jpg", copy, "--list", hashes, "--json")
    assert code == 2
    assert "missing.jpg: is not there" in err
    missing, found = map(json.loads, out.splitlines())
    assert (missing["matches"], missing["error"]) == ([], "is not there")
    assert [(match["line"], match["band"]) for match in found["matches"]] == [(3, "match")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "has no hash in it"),
        ("# nothing\n", "has no hash in it"),
        ("\nabcd\n", "line 2: is no hash (wrong_length)"),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_not_what(
    tmp_path: Path, content: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(content)
    code, out, err = run(capsys, saved(tmp_path / "a.jpg", 1), "--list", path)
    assert (code, out) == (2, "")
    assert told in err
    assert "abcd" not in err


def test_a_list_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, saved(tmp_path / "a.jpg", 1), "--list", tmp_path / "none.txt")
    assert code == 2
    assert "none.txt: cannot be read as a list of hashes" in err
