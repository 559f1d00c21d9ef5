"""Bars, borders and captions around a photo."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.photos.trim import trimmed

Greys = NDArray[np.uint8]


def texture(height: int = 300, width: int = 400) -> Greys:
    return np.random.default_rng(1).integers(0, 256, (height, width), dtype=np.uint8)


def framed(top: int, bottom: int, left: int, right: int, grey: int) -> Greys:
    return np.pad(texture(), ((top, bottom), (left, right)), constant_values=grey)


def test_a_picture_without_bars_stays_whole() -> None:
    left = trimmed(texture())
    assert (left.top, left.bottom, left.left, left.right, left.written) == (0, 300, 0, 400, 0.0)


@pytest.mark.parametrize("sides", [(60, 0, 0, 0), (0, 80, 0, 0), (0, 0, 50, 70), (40, 40, 30, 30)])
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_bars_of_any_grey_at_any_sides_are_cut_off(sides: tuple[int, int, int, int], grey: int) -> None:
    top, bottom, left, right = sides
    found = trimmed(framed(*sides, grey))
    assert (found.top, found.bottom, found.left, found.right) == (top, top + 300, left, left + 400)
    assert found.written == 0.0
    assert bottom + right + found.bottom + found.right == sum(sides) + 700


def test_a_caption_goes_with_its_bar_and_is_counted() -> None:
    picture = framed(100, 0, 0, 0, 255)
    picture[40:60, 100:250] = texture(20, 150)
    found = trimmed(picture)
    assert found.top == 100
    assert found.written == pytest.approx(20 / 400)


def test_what_comes_in_by_and_by_is_no_bar() -> None:
    # A wall that a shape widens before, as a head and shoulders.
    picture = np.full((300, 400), 250, dtype=np.uint8)
    for row in range(60, 300):
        half = min(200, row - 60)
        picture[row, 200 - half : 200 + half] = texture(1, 2 * half)
    assert trimmed(picture).top == 0


def test_where_little_would_be_left_nothing_is_cut_off() -> None:
    picture = np.full((1000, 400), 250, dtype=np.uint8)
    picture[450:550] = texture(100)
    found = trimmed(picture)
    assert (found.top, found.bottom) == (0, 1000)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(1, 1), (24, 3), (200, 300)])
def test_a_picture_of_one_grey_stays_whole(shape: tuple[int, int]) -> None:
    found = trimmed(np.full(shape, 90, dtype=np.uint8))
    assert (found.bottom, found.right) == shape
