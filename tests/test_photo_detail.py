"""What is alike in the large only, as faces are, and what is the same picture in its detail as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from photos import need_opencv, posted, registered
from PIL import Image, ImageFilter

from matcher import PhotoIndex, judge_photos
from matcher.photos.evidence import Evidence, _roundness
from matcher.photos.rules import is_enough

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
    likeness: float = 0.5,
    agreeing: int = 60,
    agreement: float = 0.9,
    detail: float = 1.0,
    roundness: float = 0.6,
    witnesses: int = 10,
    unlike: float = 0.5,
    in_view: int = 1000,
) -> Evidence:
    """As a closer look finds it, with so much likeness for each witness."""
    return Evidence(
        way=np.array([1.0, 0, 0, 0, 1.0, 0]),
        score=score,
        witnesses=np.arange(witnesses),
        off_rows=off_rows,
        agreeing=np.arange(1000) < agreeing,
        sure=np.arange(1000) < agreeing,
        expected=np.arange(1000) < in_view,
        shown=np.zeros((1000, 4)),
        shown_words=np.zeros((1000, 4), dtype=np.uint64),
        likeness=likeness * witnesses,
        agreement=agreement,
        detail=detail,
        roundness=roundness,
        unlike=unlike,
    )


CROP = {"in_view": 61, "unlike": 0.96, "likeness": 0.49}
"""All that is in view agrees, and the photo goes on beyond it."""


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({}, True),
        ({"score": 43.4, "off_rows": 43.4}, True),
        ({"score": 43.2, "off_rows": 43.2}, False),
        ({"likeness": 0.11}, True),
        ({"likeness": 0.09}, False),
        ({"likeness": -0.5}, False),
        ({"off_rows": 12.0}, True),
        ({"off_rows": 10.0}, False),
        ({"off_rows": 8.0, "likeness": 2.0}, False),
        ({"off_rows": 30.0, "likeness": 0.2}, True),
        ({"off_rows": 20.0, "likeness": 0.2}, False),
        ({"agreeing": 32, "in_view": 500}, True),
        ({"agreeing": 31, "in_view": 500}, False),
        ({"agreeing": 24, "in_view": 48}, True),
        ({"agreeing": 24, "in_view": 49}, False),
        ({"agreeing": 23, "in_view": 46}, False),
        ({"agreeing": 40}, True),
        ({"agreeing": 39}, False),
        ({"agreement": 0.66}, True),
        ({"agreement": 0.64}, False),
        ({"detail": 0.95}, False),
        ({"detail": 0.95, "likeness": 0.61}, True),
        ({"detail": 0.9, "score": 230.0}, True),
        ({"detail": 0.9, "score": 210.0}, False),
        ({"detail": 0.91, "unlike": 0.91}, True),
        ({"detail": 0.91, "unlike": 0.89}, False),
        ({"detail": 0.89, "unlike": 0.91}, False),
        ({"detail": 1.8}, True),
        ({"roundness": 0.24, "likeness": 0.3}, False),
        ({"roundness": 0.26, "likeness": 0.3}, True),
        ({"roundness": 0.19}, True),
        ({"roundness": 0.17}, False),
        ({**CROP, "roundness": 0.1}, True),
        ({**CROP, "roundness": 0.1, "in_view": 62}, False),
        ({**CROP, "roundness": 0.1, "unlike": 0.94}, False),
        ({**CROP, "roundness": 0.1, "off_rows": 44.0}, False),
        ({**CROP, "likeness": 0.5, "roundness": 0.1, "off_rows": 0.0}, True),
        ({**CROP, "likeness": 0.5, "off_rows": 0.0, "unlike": 0.94}, False),
        ({"agreeing": 700, "in_view": 700, "unlike": 0.96, "off_rows": 0.0}, True),
        ({"agreeing": 701, "in_view": 701, "unlike": 0.96, "off_rows": 0.0}, False),
        ({"witnesses": 9}, False),
        ({"witnesses": 9, "agreeing": 1000}, False),
        ({"witnesses": 9, "agreeing": 300, "unlike": 0.86}, True),
    ],
    ids=str,
)
def test_letters_and_faces_that_are_alike_are_no_match_and_one_picture_is(
    changed: dict[str, Any], is_told: bool
) -> None:
    assert is_enough(evidence(**changed), 13.3) == is_told


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({}, True),
        ({"unlike": 0.89}, False),
        ({"likeness": 0.29}, False),
        ({"score": 43.4}, True),
        ({"score": 43.2}, False),
    ],
    ids=str,
)
def test_it_takes_more_where_one_pair_alone_led_to_it(changed: dict[str, Any], is_told: bool) -> None:
    hint = {"unlike": 0.9, "likeness": 0.31, "agreeing": 200} | changed
    assert is_enough(evidence(**hint), 13.3, is_by_hint=True) == is_told
    assert is_enough(evidence(**{**hint, "score": 90.0}), 13.3)


def test_few_witnesses_and_few_digits_do_where_all_of_them_are_alike_and_unlike_all_else() -> None:
    few: dict[str, Any] = {
        "score": 24.0,
        "off_rows": 24.0,
        "likeness": 0.31,
        "agreeing": 150,
        "witnesses": 4,
        "unlike": 0.86,
    }
    assert is_enough(evidence(**few), 13.3)
    for less in (
        {"score": 23.0, "off_rows": 23.0},
        {"likeness": 0.29},
        {"agreeing": 149},
        {"witnesses": 3},
        {"unlike": 0.84},
        {"agreement": 0.6},
    ):
        assert not is_enough(evidence(**{**few, **less}), 13.3)
    small: dict[str, Any] = {**few, "likeness": 0.51, "agreeing": 60, "unlike": 0.89, "agreement": 0.91}
    assert is_enough(evidence(**small), 13.3)
    for less in ({"likeness": 0.49}, {"agreeing": 59}, {"unlike": 0.87}, {"agreement": 0.89}):
        assert not is_enough(evidence(**{**small, **less}), 13.3)
    assert is_enough(evidence(witnesses=9, agreeing=150, unlike=0.86), 13.3)
    assert not is_enough(evidence(witnesses=9, agreeing=150, unlike=0.84), 13.3)


def test_with_much_likeness_off_lines_of_text_it_is_one_picture_whatever_was_replaced_in_it() -> None:
    replaced: dict[str, Any] = {
        "score": 150.0,
        "off_rows": 90.0,
        "likeness": 0.85,
        "agreement": 0.2,
        "detail": 0.5,
    }
    assert is_enough(evidence(**replaced), 13.3)
    assert is_enough(evidence(**{**replaced, "likeness": 0.91, "roundness": 0.1}), 13.3)
    for less in ({"off_rows": 74.0}, {"likeness": 0.7}, {"roundness": 0.3}):
        assert not is_enough(evidence(**{**replaced, **less}), 13.3)


def test_rows_are_one_picture_where_all_of_it_is_alike_and_unlike_all_else() -> None:
    shutter: dict[str, Any] = {
        "score": 220.0,
        "off_rows": 9.0,
        "likeness": 0.71,
        "agreement": 0.91,
        "unlike": 0.94,
        "roundness": 0.31,
    }
    assert is_enough(evidence(**shutter), 13.3)
    for less in (
        {"off_rows": 8.0},
        {"likeness": 0.69},
        {"agreement": 0.89},
        {"unlike": 0.92},
        {"roundness": 0.29},
    ):
        assert not is_enough(evidence(**{**shutter, **less}), 13.3)


def test_what_is_unlike_is_one_picture_of_other_contrast_where_much_of_all_of_it_agrees() -> None:
    changed: dict[str, Any] = {
        "score": 310.0,
        "off_rows": 160.0,
        "likeness": -0.4,
        "agreeing": 310,
        "agreement": 0.51,
        "detail": 0.6,
    }
    assert is_enough(evidence(**changed), 13.3)
    for less in (
        {"score": 290.0},
        {"off_rows": 150.0},
        {"agreeing": 290},
        {"agreement": 0.49},
        {"roundness": 0.44},
        {"detail": 1.2},
    ):
        assert not is_enough(evidence(**{**changed, **less}), 13.3)


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
