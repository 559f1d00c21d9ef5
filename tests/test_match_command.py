"""`jikimi match`: files on this machine compared with a list of hashes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import clips
import imagehash
import pytest
from exchange_scene import A
from pictures import picture
from PIL import Image, ImageOps

from bot.cli.main import main
from bot.cli.offline import _likeness
from matcher import Band, Limits, Match, Orientation, StillKind, fingerprint_bytes, format_hash


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


def test_what_a_list_says_is_withdrawn_does_not_match(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = hashes.read_text().splitlines()[-1].rpartition(" ")[2]
    other = A
    copy, rows = saved(tmp_path / "copy.jpg", 1), tmp_path / "list.csv"
    rows.write_text(f"signal_type,signal_str,status\npdq,{own},Withdrawn\npdq,{other},active\n")
    assert run(capsys, copy, "--list", rows) == (0, "", "")
    # As `import` reads it: what a file both holds and withdraws is withdrawn.
    rows.write_text(f"signal_str,status\n{own},active\n{own},deleted\n{other},\n")
    assert run(capsys, copy, "--list", rows) == (0, "", "")
    rows.write_text(
        f'{{"id": "7", "signal_str": "{own}"}}\n{{"id": "8", "signal_str": "{own}"}}\n{{"id": "7", "deleted": true}}\n'
    )
    assert run(capsys, copy, "--list", rows)[1].startswith(f"{copy}: line 2, match, ")
    rows.write_text(f"signal_str,status\n{own},active\n{other},lost\n")
    said = f"jikimi: {rows}, line 3: has a status that is not known\n"
    assert run(capsys, copy, "--list", rows) == (2, "", said)


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


def test_what_a_program_reads_has_every_field(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = saved(tmp_path / "copy.png", 1)
    _, out, _ = run(capsys, copy, "--list", hashes, "--json")
    assert json.loads(out) == {
        "file": str(copy),
        "error": None,
        "matches": [
            {
                "list": str(hashes),
                "line": 3,
                "band": "match",
                "kind": "pdq",
                "distance": 0,
                "of_bits": 256,
                "view": "whole",
                "orientation": "upright",
                "still": "picture",
                "at": 0,
                "until": 0,
                "samples": 1,
                "of_samples": 1,
            }
        ],
    }


def test_a_file_whose_name_is_no_text_is_told_and_stops_no_other(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # As names of Windows in Korea come out of an archive.
    named = tmp_path / os.fsdecode("사진.png".encode("cp949"))
    saved(tmp_path / "copy.png", 1).rename(named)
    other = saved(tmp_path / "other.png", 1)
    code, out, _ = run(capsys, named, other, "--list", hashes, "--json")
    assert (code, [json.loads(line)["file"] for line in out.splitlines()]) == (1, [str(named), str(other)])
    code, out, _ = run(capsys, named, other, "--list", hashes)
    assert (code, len(out.splitlines())) == (1, 2)


def test_a_folder_is_compared_file_by_file(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder" / "deeper"
    folder.mkdir(parents=True)
    copies = [saved(folder / "a.jpg", 1), saved(folder / "b.jpg", 1)]
    saved(folder / ".hidden.jpg", 1)
    code, out, err = run(capsys, folder.parent, "--list", hashes)
    assert (code, err) == (1, "")
    assert [line.split(": ")[0] for line in out.splitlines()] == [str(copy) for copy in copies]


def test_of_several_lists_each_is_told_by_its_name(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.txt"
    other.write_text(hashes.read_text().splitlines()[2])
    copy = saved(tmp_path / "copy.png", 1)
    code, out, _ = run(capsys, copy, "--list", hashes, "--list", other)
    assert code == 1
    assert [line.split(",")[0] for line in out.splitlines()] == [
        f"{copy}: {hashes} line 3",
        f"{copy}: {other} line 1",
    ]


def fed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def test_a_list_and_a_picture_can_come_from_standard_input(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = saved(tmp_path / "copy.png", 1)
    fed(monkeypatch, hashes.read_bytes())
    assert run(capsys, copy, "--list", "-")[:2] == (1, f"{copy}: line 3, match, 0 bits, whole, upright\n")
    fed(monkeypatch, copy.read_bytes())
    assert run(capsys, "-", "--list", hashes)[:2] == (1, "-: line 3, match, 0 bits, whole, upright\n")


@pytest.mark.parametrize("arguments", [("-", "--list", "-"), ("x", "--list", "-", "--list", "-")])
def test_standard_input_is_read_once(
    arguments: tuple[str, ...],
    hashes: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fed(monkeypatch, hashes.read_bytes())
    assert run(capsys, *arguments) == (2, "", "jikimi: standard input can be read once only\n")


@pytest.mark.parametrize(
    ("kind", "band"), [("phash", "possible"), ("phash256", "match"), ("dhash", "possible")]
)
def test_the_hashes_of_other_organisations_are_compared_by_their_kind(
    tmp_path: Path, kind: str, band: str, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = saved(tmp_path / "copy.png", 1)
    own: dict[str, Callable[[Image.Image], object]] = {
        "phash": imagehash.phash,
        "phash256": partial(imagehash.phash, hash_size=16),
        "dhash": imagehash.dhash,
    }
    listed = tmp_path / "list.txt"
    listed.write_text(f"# theirs\n{kind} {own[kind](Image.open(copy))}\n")
    code, out, err = run(capsys, copy, saved(tmp_path / "other.png", 2), "--list", listed)
    bits = 256 if kind == "phash256" else 64
    assert (code, err) == (1, "")
    assert out == f"{copy}: line 2, {band}, 0 bits of {bits} by {kind}, whole, upright\n"


@pytest.mark.parametrize(
    "form",
    [
        "signal_type,signal_str,collab,category,tags\nvideo_md5,abc,Sample,,\npdq,{},Sample Data,POSITIVE,a b\n",
        "id,Hash,type\n1,abc,HASH_MD5\n2,{},HASH_PDQ\n",
        "# exported\n\npdq\n{}\n",
        "pdq,note\n,\n{},first\n",
        "\ufeffhash\n\n{}\n",
        "\n\npdq {} 'Sample Data' WORTH_INVESTIGATING\n",
        "\n\nPDQ {}\n",
    ],
)
def test_lists_are_read_in_the_forms_that_others_write(
    tmp_path: Path, hashes: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = hashes.read_text().split(":")[1]
    listed = tmp_path / "list.csv"
    listed.write_text(form.format(digits), encoding="utf-8")
    code, out, err = run(capsys, saved(tmp_path / "copy.png", 1), "--list", listed)
    assert code == 1
    assert ": line 3, match" in out or ": line 4, match" in out
    assert bool(err) == ("abc" in form)
    assert digits not in out + err


def test_what_jikimi_hash_prints_of_a_video_is_a_list_and_finds_an_edited_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = clips.moving(3, seconds=4)
    registered, posted = tmp_path / "registered.mp4", tmp_path / "posted.mp4"
    registered.write_bytes(clips.video(scene))
    posted.write_bytes(clips.video(clips.moving(9) + scene, crf="30"))
    with pytest.raises(SystemExit):
        main(["hash", str(registered)])
    listed = tmp_path / "list.txt"
    listed.write_text(capsys.readouterr().out)
    code, out, _ = run(capsys, posted, "--list", listed, "--json")
    [match] = json.loads(out)["matches"]
    assert (code, match["line"], match["band"]) == (1, 1, "match")


def test_lines_of_kinds_that_are_not_compared_are_counted(
    tmp_path: Path, hashes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "list.csv"
    digits = hashes.read_text().split(":")[1]
    listed.write_text(f"signal_type,signal_str\nvideo_md5,abc\npdq,{digits}\nraw_text,hello\n")
    code, out, err = run(capsys, saved(tmp_path / "other.png", 2), "--list", listed)
    assert (code, out) == (0, "")
    assert (
        err
        == f"jikimi: {listed}: lines left out, of kinds that Jikimi does not compare or with too little detail: 2\n"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "has no hash in it"),
        ("# nothing\n", "has no hash in it"),
        ("\nabcd\n", "line 2: is no hash: it has another number of digits than a hash of its kind\n"),
        (
            "\nabcd\nabcd\n",
            "line 2: is no hash: it has another number of digits than a hash of its kind; nor is 1 more line\n",
        ),
        (
            "\nabcd\nabcd\nabcd\n",
            "line 2: is no hash: it has another number of digits than a hash of its kind; nor are 2 more lines\n",
        ),
        ("phash abcd\n", "line 1: is no hash: it has another number of digits than a hash of its kind\n"),
        ("\n\nphash # of nothing\n", "line 3: is no hash: it has characters other than 0-9 and a-f\n"),
        pytest.param("hash\n" + "a" * 200_000, "cannot be read as a list of hashes", id="endless"),
        ("phash abcdabcdabcdabcz\n", "line 1: is no hash: it has characters other than 0-9 and a-f\n"),
        ("hash\nabcd\n", "line 2: is no hash: it has another number of digits than a hash of its kind\n"),
        ("signal_type,signal_str\nvideo_md5,abcd\n", "has no hash in it"),
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


def test_a_list_from_standard_input_that_is_no_text_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fed(monkeypatch, b"\xff\xfe")
    told = run(capsys, saved(tmp_path / "a.jpg", 1), "--list", "-")
    assert told == (
        2,
        "",
        "jikimi: standard input: cannot be read as a list of hashes: it is not UTF-8 text\n",
    )


def test_a_list_that_is_not_there_or_a_folder_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, none = saved(tmp_path / "a.jpg", 1), tmp_path / "none.txt"
    assert run(capsys, picture, "--list", none) == (2, "", f"jikimi: {none}: is not there\n")
    assert run(capsys, picture, "--list", tmp_path) == (2, "", f"jikimi: {tmp_path}: is a folder\n")


@pytest.mark.parametrize(
    ("still", "words"),
    [
        ((StillKind.FRAME, 5_000, 67_900), "in the video from 0:05 to 1:07"),
        ((StillKind.FRAME, 0, 3_727_000), "in the video from 0:00 to 1:02:07"),
        ((StillKind.ENTRY, 3, 0), "in the archive, file 3"),
        ((StillKind.PAGE, 4, 0), "page 4"),
    ],
)
def test_where_in_a_file_the_picture_is_is_told_in_words(
    still: tuple[StillKind, int, int], words: str
) -> None:
    found = Match(1, Band.MATCH, 3, "whole", Orientation.UPRIGHT, *still)
    assert _likeness(found) == f"match, 3 bits, whole, upright, {words}"


def test_over_many_files_a_bar_is_shown_where_somebody_watches_and_the_output_stays_as_it_is(
    tmp_path: Path, hashes: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    copy, _ = saved(folder / "a.png", 1), saved(folder / "b.png", 2)
    screen, terminal = os.openpty()
    command = [
        sys.executable,
        "-c",
        "from bot.cli.main import main; main()",
        "match",
        folder,
        "--list",
        hashes,
    ]
    ended = subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=terminal,
        check=False,
        timeout=60,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(terminal)
    shown = b""
    while chunk := _from_screen(screen):
        shown += chunk
    assert ended.returncode == 1
    assert ended.stdout.decode() == f"{copy}: line 3, match, 0 bits, whole, upright\n"
    assert b"0/2" in shown


def _from_screen(screen: int) -> bytes:
    try:
        return os.read(screen, 4096)
    except OSError:  # Linux says so when nobody holds the other side any more.
        return b""
