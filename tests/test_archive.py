"""Pictures in zip files: bounded, numbered, and nothing passes in silence."""

from __future__ import annotations

import dataclasses
import io
import random
import struct
import tracemalloc
import zipfile

import pytest
from crafted import (
    DIRECTORY,
    END,
    FIRST,
    LOCAL,
    SECOND,
    THIRD,
    crowded_directory,
    edited,
    kernel_bomb,
    overlapping,
    zipped,
    zipped_as,
)
from pictures import encoded
from PIL import Image

from matcher import (
    Index,
    Limits,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    Sandbox,
    StillKind,
    fingerprint_bytes,
    judge,
)

LIMITS = Limits()
Code = MediaErrorCode
FLAT = encoded(Image.new("RGB", (90, 90), "teal"), "PNG")


def shown(data: bytes, limits: Limits = LIMITS) -> MediaFingerprint | Code:
    try:
        return fingerprint_bytes(data, limits)
    except MediaError as error:
        return error.code


def numbers(data: bytes, limits: Limits = LIMITS) -> tuple[list[int], int]:
    """The numbers of the entries that showed a picture, and how many were left out."""
    media = fingerprint_bytes(data, limits)
    assert {still.kind for still in media.stills} == {StillKind.ENTRY}
    return [still.at for still in media.stills], media.left_out


def flagged(data: bytes, flags: int, *, number: int = 0) -> bytes:
    value = struct.pack("<H", flags)
    return edited(edited(data, LOCAL, 6, value, number=number), DIRECTORY, 8, value, number=number)


def test_a_picture_in_an_archive_is_looked_at_as_if_it_were_posted_alone() -> None:
    media = fingerprint_bytes(zipped(FIRST, SECOND), LIMITS)
    assert media.format == "ZIP"
    assert [still.views for still in media.stills] == [
        fingerprint_bytes(data, LIMITS).stills[0].views for data in (FIRST, SECOND)
    ]


def test_a_registered_picture_is_found_with_the_number_of_its_file() -> None:
    index = Index()
    index.add([(7, fingerprint_bytes(SECOND, LIMITS).fingerprint.bits, 31)])
    [match] = judge(fingerprint_bytes(zipped(FIRST, b"words", SECOND), LIMITS), index)
    assert (match.fingerprint_id, match.distance, match.still, match.at) == (7, 0, StillKind.ENTRY, 3)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_folders_have_no_number_and_files_without_a_picture_have_one(method: int) -> None:
    data = zipped_as(
        [("a/", b""), ("a/x.txt", b"words"), ("a/b/", b""), ("a/b/y", FIRST), ("z", FLAT)], method
    )
    assert numbers(data) == ([2], 0)


def test_files_of_one_name_are_all_looked_at() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped_as([("same.jpg", FIRST), ("same.jpg", SECOND)])
    assert numbers(data) == ([1, 2], 0)


def test_all_pictures_of_an_archive_can_be_registered() -> None:
    media = fingerprint_bytes(zipped(FIRST, SECOND), LIMITS)
    assert media.parts == tuple(
        part for data in (FIRST, SECOND) for part in fingerprint_bytes(data, LIMITS).parts
    )


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        pytest.param([], Code.NO_PICTURE, id="empty"),
        pytest.param([b"words"], Code.NO_PICTURE, id="no pictures"),
        pytest.param([FLAT, b"words"], Code.FLAT, id="flat pictures"),
        pytest.param([FIRST[:400], FLAT], Code.CORRUPT, id="broken pictures"),
        pytest.param([b"Rar!\x1a\x07\x01\0", FIRST[:400]], Code.UNREAD_ARCHIVE, id="another archive"),
    ],
)
def test_an_archive_that_shows_nothing_says_why(contents: list[bytes], code: Code) -> None:
    assert shown(zipped(*contents)) is code


def test_entries_that_cannot_be_looked_at_are_counted() -> None:
    data = zipped(FIRST[:400], FIRST, b"7z\xbc\xaf\x27\x1c", b"words", FLAT)
    assert numbers(data) == ([2], 2)


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2001])
def test_an_encrypted_archive_is_told_apart(flag: int) -> None:
    assert shown(flagged(zipped(FIRST), flag)) is Code.ENCRYPTED


def test_of_an_archive_that_is_encrypted_in_part_the_rest_is_looked_at() -> None:
    assert numbers(flagged(zipped(FIRST, SECOND), 1)) == ([2], 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_a_way_that_is_not_read_is_counted(method: int) -> None:
    assert shown(zipped(FIRST, method=method)) is Code.UNREAD_ARCHIVE


def test_a_method_that_nobody_knows_is_counted() -> None:
    data = zipped(FIRST, SECOND)
    odd = edited(edited(data, LOCAL, 8, b"\x63\0"), DIRECTORY, 10, b"\x63\0")
    assert numbers(odd) == ([2], 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_behind_something_else_is_read(method: int) -> None:
    assert numbers(b"MZ a program that unpacks" * 100 + zipped(FIRST, method=method)) == ([1], 0)


def test_an_archive_hidden_behind_a_picture_is_read_too() -> None:
    media = fingerprint_bytes(FIRST + zipped(SECOND, THIRD), LIMITS)
    assert [(still.kind.value, still.at) for still in media.stills] == [
        ("picture", 0),
        ("entry", 1),
        ("entry", 2),
    ]
    assert media.format == "JPEG"


def test_a_picture_with_an_empty_archive_behind_it_is_that_picture() -> None:
    assert fingerprint_bytes(FIRST + zipped(), LIMITS) == fingerprint_bytes(FIRST, LIMITS)


def test_the_zip64_form_is_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a.jpg", "w", force_zip64=True) as entry:
        entry.write(FIRST)
    assert numbers(out.getvalue()) == ([1], 0)


def test_a_wrong_size_or_checksum_in_the_headers_changes_nothing() -> None:
    data = zipped(FIRST)
    for at, value in ((16, b"\1\2\3\4"), (24, b"\1\0\0\0"), (24, b"\xff\xff\xff\x7f")):
        assert numbers(edited(data, DIRECTORY, at, value)) == ([1], 0)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_an_archive_that_is_cut_off_is_corrupt(kept: float) -> None:
    data = zipped(FIRST, SECOND)
    assert shown(data[: int(len(data) * kept)]) is Code.CORRUPT


def test_a_directory_that_points_nowhere_costs_those_entries() -> None:
    data = zipped(FIRST, SECOND)
    assert numbers(edited(data, DIRECTORY, 42, b"\xf0\xff\xff\x7f")) == ([2], 1)
    assert numbers(edited(data, DIRECTORY, 42, b"\1\0\0\0")) == ([2], 1)


def test_an_archive_in_an_archive_is_read_and_one_inside_that_is_not() -> None:
    inner = zipped(SECOND)
    assert numbers(zipped(FIRST, inner)) == ([1, 2], 0)
    assert numbers(zipped(FIRST, zipped(inner))) == ([1], 1)


def test_documents_that_are_zip_files_are_looked_at_for_their_pictures() -> None:
    data = zipped_as(
        [("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>"), ("word/media/1.jpg", FIRST)]
    )
    assert numbers(data) == ([3], 0)


@pytest.mark.parametrize(
    "data",
    [
        b"7z\xbc\xaf\x27\x1c\0\4",
        b"Rar!\x1a\x07\0",
        b"Rar!\x1a\x07\1\0",
        b"\x1f\x8b\x08\0" + bytes(20),
        b"BZh91AY&SY",
        b"\xfd7zXZ\0\0",
        b"ALZ\x01" + bytes(20),
        b"EGGA" + bytes(20),
        bytes(257) + b"ustar\0" + bytes(200),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    ],
)
def test_archives_of_other_kinds_are_marked(data: bytes) -> None:
    assert shown(data) is Code.UNREAD_ARCHIVE


def test_no_more_pictures_are_looked_at_than_allowed() -> None:
    data = zipped(*[FIRST, SECOND, THIRD] * 2)
    assert numbers(data, dataclasses.replace(LIMITS, max_stills=2)) == ([1, 2], 4)


def test_once_most_of_its_time_is_spent_the_rest_of_an_archive_is_left_out() -> None:
    data = zipped(FIRST, SECOND, THIRD)
    assert shown(data, dataclasses.replace(LIMITS, cpu_s=0)) is Code.TOO_LARGE


def test_an_entry_over_the_limit_is_left_out_whatever_its_header_says() -> None:
    limits = dataclasses.replace(LIMITS, max_bytes=100_000)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert shown(zipped(bytes(100_001), method=method), limits) is Code.TOO_LARGE
    liar = edited(zipped(bytes(5_000_000), FIRST), DIRECTORY, 24, b"\1\0\0\0")
    assert numbers(liar, limits) == ([2], 1)


def test_all_entries_together_are_bounded() -> None:
    limits = dataclasses.replace(LIMITS, max_bytes=100_000)
    data = zipped(*(bytes(99_000 + number) for number in range(30)), FIRST)
    assert shown(data, limits) is Code.TOO_LARGE
    assert numbers(zipped(FIRST, data), limits) == ([1], 1)


def test_an_entry_that_is_named_many_times_is_looked_at_once() -> None:
    assert numbers(overlapping(5_000)) == ([1], 0)


def test_bytes_that_look_like_a_crowded_directory_hide_no_picture() -> None:
    junk = b"PK\x01\x02" * 600_000
    assert numbers(zipped(junk, FIRST, method=zipfile.ZIP_STORED)) == ([2], 0)


def test_a_directory_that_would_take_the_memory_is_not_read() -> None:
    limits = dataclasses.replace(LIMITS, memory_bytes=320 << 20, max_bytes=30 << 20)
    assert shown(crowded_directory(), limits) is Code.OUT_OF_MEMORY


def test_an_overlapping_bomb_gives_no_more_than_its_bound() -> None:
    limits = dataclasses.replace(LIMITS, max_bytes=500_000)
    bomb = kernel_bomb(300)
    tracemalloc.start()
    assert shown(bomb, limits) in {Code.TOO_LARGE, Code.CORRUPT}
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_damaged_archive_is_read_or_refused_and_nothing_else() -> None:
    randomly = random.Random(5)
    data = zipped(FIRST, zipped(SECOND, method=zipfile.ZIP_STORED))
    edges = [*range(60), *range(data.index(DIRECTORY), len(data))]
    for _ in range(100):
        damaged = bytearray(data)
        for place in randomly.choices(edges, k=randomly.randint(1, 6)):
            damaged[place] = randomly.randrange(256)
        outcome = shown(bytes(damaged))
        assert isinstance(outcome, MediaFingerprint | Code)


MP4 = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"avc1") + bytes(3000)


@pytest.mark.parametrize("between", [b"", b"\0" * 24, b"MotionPhoto_Data"])
def test_the_video_of_a_motion_photo_is_looked_at_or_counted(between: bytes) -> None:
    media = fingerprint_bytes(FIRST + between + MP4, LIMITS)
    assert media.stills[0] == fingerprint_bytes(FIRST, LIMITS).stills[0]
    assert media.left_out == 1


def test_what_is_no_video_behind_a_picture_is_not_counted() -> None:
    for tail in (bytes(100), b"some words: ftyp is one", b"\0\0\0\0ftypisom"):
        assert fingerprint_bytes(FIRST + tail, LIMITS) == fingerprint_bytes(FIRST, LIMITS)


SPANNED = struct.pack("<56x4sIQI", b"PK\x06\x07", 0, 0, 5) + struct.pack(
    "<4s4H2IH", END, 0, 0, 1, 1, 2**32 - 1, 0, 0
)
"""The end of an archive that says that it is one of five disks."""


def test_a_picture_that_ends_as_an_archive_of_several_disks_is_looked_at_and_its_end_counted() -> None:
    with Sandbox(1, LIMITS) as sandbox:
        media = sandbox.submit(FIRST + SPANNED).result(60)
    assert (media.stills, media.left_out) == (fingerprint_bytes(FIRST, LIMITS).stills, 1)
    assert shown(b"words" + SPANNED) is Code.CORRUPT


@pytest.mark.parametrize("name", ["a.jpg", "가나다.jpg", "\x81\xff.jpg"])
def test_an_archive_is_read_where_no_file_may_be_opened(name: str) -> None:
    data = zipped_as([(name, FIRST)])
    with Sandbox(1, LIMITS) as sandbox:
        assert sandbox.submit(data).result(60) == fingerprint_bytes(data, LIMITS)
