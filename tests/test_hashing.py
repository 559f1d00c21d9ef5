from __future__ import annotations

import os
import zipfile
from pathlib import Path

import clips
import numpy as np
import pytest
from PIL import Image

from bot.cli.exits import ExitCode
from bot.cli.hashing import Hashed, hash_files, walk
from bot.cli.main import main
from matcher import Limits, parse_hash_line, parse_video

LIMITS = Limits()


def picture(path: Path, seed: int) -> Path:
    """A picture of soft random shapes."""
    coarse = np.random.default_rng(seed).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((300, 240), Image.Resampling.BICUBIC).save(path)
    return path


def hashed(*files: Path, workers: int = 2, limits: Limits = LIMITS) -> list[Hashed]:
    return list(hash_files(files, limits, workers=workers))


def test_each_picture_gives_lines_that_can_be_registered_in_the_order_given(tmp_path: Path) -> None:
    files = [picture(tmp_path / f"{seed}.png", seed) for seed in range(5)]
    results = hashed(*files)
    assert [result.file for result in results] == files
    lines = [line for result in results for line in (result.text or "").splitlines()]
    assert len({parse_hash_line(line).hex for line in lines}) == 5 * 5


def test_what_is_no_picture_says_why_and_the_others_go_on(tmp_path: Path) -> None:
    good = picture(tmp_path / "good.png", 1)
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:200])
    Image.new("RGB", (300, 300), "white").save(tmp_path / "flat.png")
    files = [tmp_path / name for name in ("text.png", "cut.png", "flat.png", "missing.png", "good.png")]
    *bad, last = hashed(*files)
    assert [result.why_not for result in bad] == [
        "is no picture or video of a kind that Jikimi reads",
        "is broken or cut off",
        "has too little detail: its hash would match other pictures like it",
        "is not there",
    ]
    assert last.text is not None


def test_every_picture_of_an_archive_gives_lines(tmp_path: Path) -> None:
    pictures = [picture(tmp_path / f"{seed}.png", seed) for seed in (1, 2)]
    archive = tmp_path / "both.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in pictures:
            out.write(path, path.name)
    assert hashed(archive)[0].text == "\n".join(str(result.text) for result in hashed(*pictures))


def test_an_archive_that_cannot_be_looked_into_says_why(tmp_path: Path) -> None:
    files = [tmp_path / "words.zip", tmp_path / "other.7z"]
    with zipfile.ZipFile(files[0], "w") as out:
        out.writestr("words.txt", "words")
    files[1].write_bytes(b"7z\xbc\xaf\x27\x1c\0\4")
    assert [result.why_not for result in hashed(*files)] == [
        "has no picture in it",
        "is an archive of a kind that Jikimi does not read; unpack it first",
    ]


def test_a_folder_is_all_its_files_sorted_without_hidden_ones_and_links(tmp_path: Path) -> None:
    for name in ("b/2.png", "b/10.png", "a.png", ".hidden.png", ".git/c.png", "c/d/e.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    named = tmp_path / "link.png"
    assert list(walk([tmp_path, named])) == [
        *(tmp_path / name for name in ("a.png", "b/10.png", "b/2.png", "c/d/e.png")),
        named,
    ]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    [result] = hashed(*walk([tmp_path]))
    assert result.why_not == "is a folder in which no file can be found"


def test_a_folder_that_cannot_be_read_is_told_and_the_others_are_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, file = tmp_path / "locked", tmp_path / "open" / "a.png"
    for folder in (locked, file.parent):
        folder.mkdir()
    file.touch()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert list(walk([tmp_path])) == [file, locked]


def test_nobody_waits_for_a_pipe_that_lies_in_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    file = picture(tmp_path / "picture.png", 1)
    assert list(walk([tmp_path])) == [file]


def test_a_path_that_cannot_be_asked_about_is_told_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, lstat = tmp_path / "folder", Path.lstat
    folder.mkdir()
    locked, file = folder / "locked.png", picture(folder / "picture.png", 1)
    locked.touch()

    def refusing(path: Path) -> os.stat_result:
        if path == locked:
            raise PermissionError(13, "Permission denied", path)
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", refusing)
    long = tmp_path / ("long" * 100)
    assert list(walk([long, folder])) == [long, locked, file]
    [told, _] = hashed(long, file)
    assert told.why_not == "cannot be read: File name too long"


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        os.truncate(file.fileno(), 1 << 40)
    assert hashed(huge)[0].why_not == "is too large"


def test_the_command_prints_hashes_and_nothing_else_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [picture(tmp_path / "a.png", 1), tmp_path / "b.png", picture(tmp_path / "c.png", 2)]
    with pytest.raises(SystemExit) as ended:
        main(["hash", *map(str, files)])
    told = capsys.readouterr()
    assert ended.value.code == ExitCode.PROBLEM
    assert [parse_hash_line(line).quality for line in told.out.splitlines()] == [100] * 10
    assert told.err.splitlines() == [f"{files[0]}:", f"jikimi: {files[1]}: is not there", f"{files[2]}:"]


def test_a_video_is_registered_by_the_text_of_its_frames(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clips.video(clips.moving(3, seconds=3)))
    [result] = hashed(path)
    assert result.text is not None
    videos = [parse_video(text) for text in result.text.splitlines()]
    times = [at_ms for video in videos for at_ms, _ in video.frames]
    assert times == sorted(times)
    assert len(times) >= 2


def test_of_a_picture_that_is_flat_in_places_only_the_rest_is_registered(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    page = Image.new("RGB", (600, 480), "white")
    page.paste(Image.open(picture(tmp_path / "detail.png", 4)), (0, 0))
    page.save(path)
    [result] = hashed(path)
    assert result.text is not None
    # Of a picture on a page both may be registered, the page and the picture, with their quarters.
    assert 1 <= len(result.text.splitlines()) < 10


def test_a_page_of_text_is_refused_with_what_to_choose_instead(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    path.write_bytes((Path(__file__).parent / "vectors" / "text.png").read_bytes())
    [result] = hashed(path)
    assert result.text is None
    assert "choose the picture itself" in result.why_not


def test_one_picture_is_five_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["hash", str(picture(tmp_path / "a.png", 1))])
    told = capsys.readouterr()
    assert (ended.value.code, told.err, told.out.count("\n")) == (ExitCode.OK, "", 5)
