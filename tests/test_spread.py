"""A hash that is told by an outline alone is known as one, and finds no other picture with such an outline."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import picture
from PIL import Image

from matcher import Band, Index, MediaFingerprint, Still, StillKind, judge, pdq
from matcher.look import look
from matcher.verdict import is_outline

SIDE = 320
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(np.float32)


def disc(seed: int) -> NDArray[np.float32]:
    """A part of a dark ball on a white page, lit from one side, and with faint spots of its own."""
    random = np.random.default_rng(seed)
    row, column, radius = random.uniform([-20, 330, 330], [20, 370, 370])
    spots = np.asarray(Image.fromarray(random.integers(0, 40, (9, 9), np.uint8)).resize((SIDE, SIDE)))
    ball = 15 + 100 * (1 - COLUMNS / SIDE) + spots
    return np.where(np.hypot(ROWS - row, COLUMNS - column) < radius, ball, 255).astype(np.float32)


def sheet(seed: int, rows: int = 4, columns: int = 4) -> NDArray[np.float32]:
    """One drawing of its own, repeated without a gap."""
    drawing = picture(seed, (SIDE // columns, SIDE // rows)).convert("L")
    return np.tile(np.asarray(drawing, dtype=np.float32), (rows, columns))


def luma(seed: int) -> NDArray[np.float32]:
    return np.asarray(picture(seed, (480, 320)).convert("L"), dtype=np.float32)


def spread(values: NDArray[np.float32]) -> int:
    [found] = pdq.spreads_of([pdq.reduce(values)])
    return found


def shown(values: NDArray[np.float32]) -> MediaFingerprint:
    return MediaFingerprint("PNG", (Still(StillKind.PICTURE, SIDE, SIDE, look(values)),))


def registered(values: NDArray[np.float32]) -> Index:
    index = Index()
    index.add((number, part.bits, 31) for number, part in enumerate(shown(values).parts))
    return index


def test_the_spread_is_small_for_one_edge_and_for_one_wave_and_great_for_noise() -> None:
    edge = np.where(np.hypot(ROWS, COLUMNS) < 100, 0, 255).astype(np.float32)
    waves = (128 + 60 * np.sin(COLUMNS / 12) * np.sin(ROWS / 12)).astype(np.float32)
    grain = np.random.default_rng(1).integers(0, 255, (16, 16), np.uint8)
    noise = np.asarray(Image.fromarray(grain).resize((SIDE, SIDE)), dtype=np.float32)
    assert max(spread(edge), spread(waves)) < 45 < 75 < spread(noise)


@pytest.mark.parametrize("seed", range(20))
def test_a_sheet_of_one_drawing_is_told_by_its_repeats(seed: int) -> None:
    assert is_outline(look(sheet(seed))[0])


def test_the_spread_does_not_depend_on_how_strong_the_contrast_is_or_how_the_picture_lies() -> None:
    values = luma(3)
    both = (
        spread(values),
        spread(values / np.float32(4) + 90),
        spread(255 - values),
        spread(values[::-1].copy()),
    )
    assert max(both) - min(both) <= 3


@pytest.mark.parametrize("seed", range(20))
def test_pictures_of_something_are_no_outlines(seed: int) -> None:
    assert not is_outline(look(luma(seed))[0])


def test_two_discs_on_a_page_are_near_and_no_match() -> None:
    one, other = shown(disc(6)), registered(disc(5))
    [found] = judge(one, other, item_of=dict.fromkeys(range(9), 1))
    assert (found.band, found.distance) == (Band.POSSIBLE, 14)


def test_a_disc_is_found_where_it_is_posted_again() -> None:
    again = (disc(5) * 0.95 + 5).astype(np.float32)
    [found] = judge(shown(again), registered(disc(5)), item_of=dict.fromkeys(range(9), 1))
    assert found.band is Band.MATCH
