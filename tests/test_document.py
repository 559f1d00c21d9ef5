"""Pictures on the pages of PDF files."""

from __future__ import annotations

import dataclasses
import io
import random
import zipfile
import zlib

import numpy as np
import pytest
from crafted import JPEG, OTHER_JPEG, form, image, pdf, put
from pictures import encoded, picture
from PIL import Image

from matcher import (
    Limits,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    Sandbox,
    Still,
    StillKind,
    fingerprint_bytes,
)

LIMITS = Limits()
Code = MediaErrorCode
PHOTO = picture(1, (640, 480))
TEXT = "BT /F1 11 Tf 14 TL 50 780 Td " + "(the quick brown fox jumps over the lazy dog) '\n" * 50 + "ET"
NEAR_BITS = 12
"""A page is drawn smaller or larger than its picture is: well within the radius of 31."""


def stills(data: bytes, limits: Limits = LIMITS) -> tuple[Still, ...]:
    media = fingerprint_bytes(data, limits)
    assert media.format == "PDF"
    assert {still.kind for still in media.stills} == {StillKind.PAGE}
    return media.stills


def refused(data: bytes, limits: Limits = LIMITS) -> Code:
    with pytest.raises(MediaError) as raised:
        fingerprint_bytes(data, limits)
    return raised.value.code


def distance(still: Still, photo: bytes) -> int:
    """From the whole of a still to the whole of a photo."""
    expected = fingerprint_bytes(photo, LIMITS).fingerprint.bits
    return (int.from_bytes(still.views[0].bits) ^ int.from_bytes(expected)).bit_count()


def test_a_picture_that_fills_its_page_is_found() -> None:
    [still] = stills(encoded(PHOTO, "PDF", quality=90))
    assert distance(still, JPEG) <= NEAR_BITS


def test_every_picture_says_on_which_page_it_is() -> None:
    data = pdf(TEXT, put("I1", 50, 300, 400, 300) + TEXT, TEXT, put("I2", 50, 300, 400, 300))
    first, second = stills(data)
    assert (first.at, second.at) == (2, 4)
    assert distance(second, OTHER_JPEG) <= NEAR_BITS


def test_pictures_of_one_page_are_looked_at_each_alone() -> None:
    data = pdf(put("I1", 50, 450, 400, 300) + put("I2", 100, 100, 400, 300))
    assert [
        (still.at, distance(still, photo) <= NEAR_BITS)
        for still, photo in zip(stills(data), (JPEG, OTHER_JPEG), strict=True)
    ] == [(1, True), (1, True)]


def test_a_photo_upon_a_background_is_looked_at_alone_and_so_is_the_background() -> None:
    background, photo = stills(pdf(put("I2", 0, 0, 595, 842) + put("I1", 100, 300, 400, 300)))
    assert (background.width, background.height) == (1131, 1600)
    assert distance(photo, JPEG) <= NEAR_BITS


@pytest.mark.parametrize(
    ("page", "content"),
    [
        pytest.param("/MediaBox [0 0 595 842] /Rotate 90", "q 0 300 -400 0 500 300 cm /I1 Do Q", id="turned"),
        pytest.param("/MediaBox [-200 -300 395 542]", put("I1", -150, 0, 400, 300), id="moved"),
        pytest.param(
            "/MediaBox [0 0 2000 2000] /CropBox [700 700 1295 1542]", put("I1", 750, 1000, 400, 300), id="cut"
        ),
        pytest.param("/MediaBox [0 0 5 8]", put("I1", 0.5, 2, 4, 3), id="tiny"),
        pytest.param("/MediaBox [0 0 14400 14400]", put("I1", 2000, 2000, 12000, 9000), id="huge"),
        pytest.param(
            "/MediaBox [0 0 595 842]",
            put("I1", -100, 500, 800, 600).replace("q ", "q 0 0 595 842 re W n "),
            id="over the edge",
        ),
    ],
)
def test_a_picture_is_found_however_its_page_is_laid_out(page: str, content: str) -> None:
    [still] = stills(pdf(content, page=page))
    if "-100" not in content:
        assert distance(still, JPEG) <= NEAR_BITS
    assert min(still.width, still.height) > 300


def test_a_page_that_is_cut_to_nothing_does_not_hide_the_others() -> None:
    whole, cut = "/MediaBox [0 0 595 842]", "/MediaBox [0 0 595 842] /CropBox [700 900 800 999]"
    data = pdf(*[put("I1", 50, 300, 400, 300)] * 3, page=whole.ljust(len(cut)))
    before, _, after = data.partition(whole.ljust(len(cut)).encode())
    media = fingerprint_bytes(before + cut.encode() + after, LIMITS)
    assert ([still.at for still in media.stills], media.left_out) == ([2, 3], 1)


def test_a_picture_inside_forms_is_found() -> None:
    inner = form("q 1 0 0 1 0 0 cm /I1 Do Q", "1 0 0 1 0 0")
    [still] = stills(pdf(put("X5", 100, 300, 400, 300), objects=(inner,)))
    assert distance(still, JPEG) <= NEAR_BITS
    scaled = form("/I1 Do", "400 0 0 300 0 0")
    [still] = stills(pdf("q 1 0 0 1 100 300 cm /X5 Do Q", objects=(scaled,)))
    assert distance(still, JPEG) <= NEAR_BITS


def test_a_picture_that_was_scanned_in_strips_is_one() -> None:
    strips = [encoded(PHOTO.crop((0, 48 * n, 640, 48 * n + 48)), "JPEG", quality=90) for n in range(10)]
    objects = tuple(image(strip, height=48) for strip in strips)
    content = "".join(put(f"X{5 + n}", 100, 570 - 30 * n, 400, 30) for n in range(10))
    [still] = stills(pdf(content, objects=objects))
    assert distance(still, JPEG) <= NEAR_BITS


def test_a_picture_in_other_colours_and_filters_is_found() -> None:
    raw = np.asarray(PHOTO).tobytes()
    [still] = stills(
        pdf(put("X5", 100, 300, 400, 300), objects=(image(zlib.compress(raw), kind="/FlateDecode"),))
    )
    assert distance(still, JPEG) <= NEAR_BITS


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TEXT, id="text"),
        pytest.param(TEXT + put("I1", 500, 780, 60, 45), id="a logo"),
        pytest.param("0 0 595 842 re f", id="a drawing"),
        pytest.param("", id="nothing"),
        pytest.param(put("I1", 700, 900, 400, 300), id="beside the page"),
    ],
)
def test_pages_without_a_picture_are_not_looked_at(content: str) -> None:
    assert refused(pdf(content)) is Code.NO_PICTURE


def test_a_document_of_flat_pictures_is_flat() -> None:
    assert refused(encoded(Image.new("RGB", (300, 300), "teal"), "PDF")) is Code.FLAT


def test_an_encrypted_document_is_told_apart() -> None:
    locked = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<00> <00>]"
    )
    data = pdf(put("I1", 50, 300, 400, 300), trailer=locked)
    assert refused(data) is Code.ENCRYPTED
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.pdf", data)
    assert refused(out.getvalue()) is Code.ENCRYPTED


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7", b"%PDF-1.7\n" + bytes(5000), b"\n%PDF-1.4 1 0 obj << >> endobj"]
)
def test_what_only_begins_like_a_document_is_corrupt(data: bytes) -> None:
    assert refused(data) is Code.CORRUPT


def test_no_more_pictures_are_looked_at_than_allowed() -> None:
    data = pdf(*[put("I1", 50, 300, 400, 300)] * 5)
    media = fingerprint_bytes(data, dataclasses.replace(LIMITS, max_stills=2))
    assert ([still.at for still in media.stills], media.left_out) == ([1, 2], 3)


def test_once_most_of_its_time_is_spent_the_rest_of_a_document_is_left_out() -> None:
    assert refused(pdf(put("I1", 50, 300, 400, 300)), dataclasses.replace(LIMITS, cpu_s=0)) is Code.TOO_LARGE


def test_a_document_in_an_archive_is_looked_at_too() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"words")
        archive.writestr("a.pdf", pdf(TEXT, put("I1", 50, 300, 400, 300)))
    [still] = fingerprint_bytes(out.getvalue(), LIMITS).stills
    assert (still.kind, still.at) == (StillKind.ENTRY, 2)


def test_a_damaged_document_is_read_or_refused_and_nothing_else() -> None:
    randomly = random.Random(6)
    data = pdf(put("I1", 50, 300, 400, 300) + TEXT)
    for _ in range(20):
        damaged = bytearray(data)
        for place in randomly.choices(range(len(data)), k=randomly.randint(1, 20)):
            damaged[place] = randomly.randrange(256)
        try:
            outcome: object = fingerprint_bytes(bytes(damaged), LIMITS)
        except MediaError as error:
            outcome = error.code
        assert isinstance(outcome, MediaFingerprint | Code)


def test_a_document_is_read_where_no_file_may_be_opened() -> None:
    data = pdf(TEXT, put("I1", 50, 300, 400, 300) + TEXT)
    with Sandbox(1, LIMITS) as sandbox:
        assert sandbox.submit(data).result(60) == fingerprint_bytes(data, LIMITS)
