"""`jikimi hash --photo`: ordinary photos to the files that register them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from photo_scene import features, jpeg, photo
from PIL import Image

from bot.cli.exits import ExitCode
from bot.cli.hashing import _WHY_NO_PHOTO
from bot.cli.main import main
from matcher import PhotoRefusal, parse_photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With an ordinary photo in it."""
    (tmp_path / "me at school.jpg").write_bytes(jpeg(photo(), 95))
    return tmp_path


def jikimi(*words: object) -> ExitCode:
    with pytest.raises(SystemExit) as ended:
        main(["hash", "--photo", *map(str, words)])
    return ExitCode(int(ended.value.code or 0))


def test_each_photo_becomes_a_file_of_its_own_whose_name_says_nothing_of_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, into = folder / "me at school.jpg", folder / "out"
    into.mkdir()
    for number in (1, 2):
        assert jikimi(file, "--into", into) is ExitCode.OK
        made = into / f"jikimi-photo-{number}.txt"
        assert capsys.readouterr().out == f"{file}: {made}\n"
        assert parse_photo(made.read_text()).width == features().width
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
        assert made.stat().st_size < 128 << 10
    assert b"school" not in (into / "jikimi-photo-1.txt").read_bytes()


def test_the_line_can_be_printed_instead(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert jikimi(folder / "me at school.jpg", "--into", "-") is ExitCode.OK
    told = capsys.readouterr()
    [line] = told.out.splitlines()
    assert line.startswith("PHOTO1:")
    assert len(parse_photo(line)) > 60
    assert list(folder.iterdir()) == [folder / "me at school.jpg"]


def test_what_cannot_be_registered_says_why_and_the_others_go_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (800, 600), "white").save(folder / "blank.png")
    (folder / "words.txt").write_text("hello")
    named = [folder / name for name in ("blank.png", "words.txt", "gone.png", "me at school.jpg")]
    assert jikimi(*named, "--into", folder) is ExitCode.PROBLEM
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        f"jikimi: {named[0]}: {_WHY_NO_PHOTO[PhotoRefusal.FLAT]}",
        f"jikimi: {named[1]}: is no picture or video of a kind that Jikimi reads",
        f"jikimi: {named[2]}: is not there",
    ]
    assert told.out.count("\n") == 1


def test_a_folder_that_is_not_there_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert jikimi(folder / "me at school.jpg", "--into", folder / "nowhere") is ExitCode.PROBLEM
    assert "cannot be written into" in capsys.readouterr().err


def test_without_opencv_it_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As on a machine on which the extra is not installed.
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert jikimi(folder / "me at school.jpg") is ExitCode.PROBLEM
    assert "pip install 'jikimi[photos]'" in capsys.readouterr().err


def test_every_reason_for_a_refusal_has_words() -> None:
    assert set(_WHY_NO_PHOTO) == set(PhotoRefusal)
