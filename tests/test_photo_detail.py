"""What is alike in the large only, as faces are, and what is the same picture in its detail as well."""

from __future__ import annotations

import numpy as np
import pytest
from photos import need_opencv, posted, registered
from PIL import Image, ImageFilter

from matcher import PhotoIndex, judge_photos
from matcher.photos.evidence import Evidence, _roundness
from matcher.photos.verdict import is_enough

need_opencv()

SIZE = (840, 840)
PART = (250, 250, 610, 610)


def drawn(large: int, detail: int) -> Image.Image:
    """Shapes and shades by the one number, what is fine by the other."""
    random, fine = np.random.default_rng(large), np.random.default_rng([9, detail])
    made = [
        share * np.asarray(Image.fromarray(noise).resize(SIZE, Image.Resampling.BICUBIC), dtype=np.float32)
        for share, noise in (
            (0.45, random.integers(0, 256, (17, 17), dtype=np.uint8)),
            (0.35, random.integers(0, 256, (48, 48), dtype=np.uint8)),
            (0.15, fine.integers(0, 256, (140, 140), dtype=np.uint8)),
        )
    ]
    return Image.fromarray(np.clip(sum(made), 0, 255).astype(np.uint8)).convert("RGB")


def part(large: int, detail: int) -> Image.Image:
    """Of the middle of it, in another picture."""
    page = drawn(50 + large, 3)
    page.paste(drawn(large, detail).crop(PART), PART)
    return page


def is_found(image: Image.Image, large: int) -> bool:
    index = PhotoIndex()
    index.add([(1, registered(drawn(large, 1)))])
    return bool(judge_photos(posted(image), index))


@pytest.mark.parametrize("large", [1, 2, 3, 4])
def test_parts_that_are_alike_only_in_the_large_are_no_match(large: int) -> None:
    assert is_found(part(large, 1), large)
    assert not is_found(part(large, 2), large)


def test_a_picture_that_lost_its_detail_is_found() -> None:
    assert is_found(drawn(1, 1).filter(ImageFilter.GaussianBlur(6)), 1)


def evidence(
    score: float = 90.0,
    off_rows: float = 90.0,
    likeness: float = 5.0,
    detail: float = 1.0,
    agreement: float = 0.1,
    roundness: float = 0.6,
) -> Evidence:
    """As a closer look finds it."""
    return Evidence(
        way=np.array([1.0, 0, 0, 0, 1.0, 0]),
        score=score,
        witnesses=np.arange(10),
        off_rows=off_rows,
        agreeing=np.arange(100) < 100 * agreement,
        expected=np.ones(100, dtype=np.bool_),
        shown=np.zeros((100, 4)),
        shown_words=np.zeros((100, 4), dtype=np.uint64),
        likeness=likeness,
        detail=detail,
        roundness=roundness,
    )


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({}, True),
        ({"detail": 0.7}, False),
        ({"detail": 0.7, "score": 110.0}, False),
        ({"detail": 0.7, "score": 140.0}, True),
        ({"detail": 1.7}, False),
        ({"detail": 1.7, "score": 140.0}, True),
        ({"roundness": 0.2}, False),
        ({"roundness": 0.2, "score": 140.0}, True),
        ({"score": 28.0}, False),
        ({"score": 29.0, "off_rows": 10.0}, True),
        ({"likeness": 0.5}, True),
        ({"likeness": 0.5, "off_rows": 31.0}, False),
        ({"likeness": 0.5, "detail": 0.9}, False),
        ({"likeness": 0.5, "detail": 1.7}, False),
        ({"likeness": 0.5, "roundness": 0.2, "score": 140.0}, False),
        ({"likeness": -0.5}, False),
        ({"likeness": -0.5, "score": 110.0, "off_rows": 110.0}, False),
    ],
    ids=str,
)
def test_what_is_little_alike_takes_all_its_detail_and_digits_off_lines_of_text(
    changed: dict[str, float], is_told: bool
) -> None:
    assert is_enough(evidence(**changed), 13.3) == is_told


def test_half_of_what_would_be_in_view_makes_a_crop_which_takes_less() -> None:
    little = {"likeness": 0.5, "score": 29.0, "off_rows": 10.0, "detail": 0.6}
    assert not is_enough(evidence(**little, agreement=0.4), 13.3)
    assert is_enough(evidence(**little, agreement=0.6), 13.3)


@pytest.mark.parametrize("degrees", [0, 25, 90, 140])
def test_witnesses_in_a_line_are_not_round_whichever_way_it_runs(degrees: int) -> None:
    random = np.random.default_rng(degrees)
    turn = np.exp(1j * np.radians(degrees))
    line, patch = (
        turn * (random.uniform(0, 0.5, 20) + 1j * random.uniform(0, high, 20)) for high in (0.05, 0.4)
    )
    assert _roundness(np.column_stack((line.real, line.imag))) < 0.2
    assert _roundness(np.column_stack((patch.real, patch.imag))) > 0.5


def test_five_witnesses_may_lie_in_a_line_by_chance() -> None:
    places = np.column_stack((np.linspace(0, 1, 6), np.zeros(6)))
    assert _roundness(places) == 0
    assert _roundness(places[:5]) == 1
