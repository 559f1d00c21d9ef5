"""Registered photos in tables: what of them is searched, and what of them is kept."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.photos.features import MAX_KEYPOINTS
from matcher.photos.keypoints import PLACES, TURNS
from matcher.photos.parts import SEARCHED, Part, Registered

RADIUS_BITS = 40


def photo(number: int, seed: int) -> Registered:
    random = np.random.default_rng(seed)
    return Registered(
        800,
        600,
        random.integers(0, PLACES, (number, 2)).astype(np.uint16),
        random.integers(50, 90, number).astype(np.uint8),
        random.integers(0, TURNS, number).astype(np.uint8),
        random.integers(0, 1 << 63, (number, 4), dtype=np.uint64),
        seed,
    )


@pytest.fixture
def photos() -> list[Registered]:
    return [photo(MAX_KEYPOINTS, 1), photo(SEARCHED - 100, 2), photo(MAX_KEYPOINTS, 3)]


@pytest.fixture
def part(photos: list[Registered]) -> Part:
    return Part([11, 12, 13], photos)


def test_a_photo_is_kept_with_all_its_features_in_their_order(part: Part, photos: list[Registered]) -> None:
    for number, registered in enumerate(photos):
        kept = part.photo(number)
        assert (kept.width, kept.height, kept.owner) == (
            registered.width,
            registered.height,
            registered.owner,
        )
        for name in ("places", "sizes", "turns", "words"):
            assert np.array_equal(getattr(kept, name), getattr(registered, name))


def test_a_photo_is_searched_by_its_strongest_features(part: Part, photos: list[Registered]) -> None:
    for number, registered in enumerate(photos):
        pairs = part.pairs_of(number, part.near(registered.words, RADIUS_BITS))
        assert pairs.tolist() == [[at, at] for at in range(registered.searched)]


def test_the_nearest_pairs_of_a_photo_come_first_and_none_are_of_another(
    part: Part, photos: list[Registered]
) -> None:
    off = np.array([[0b111, 0, 0, 0], [0, 0, 0, 0], [0b1, 0, 0, 0]], dtype=np.uint64)
    asked = np.concatenate((photos[2].words[:3] ^ off, photos[1].words[:1]))
    assert part.pairs_of(2, part.near(asked, RADIUS_BITS)).tolist() == [[1, 1], [2, 2], [0, 0]]


def test_of_a_photo_that_was_removed_nothing_is_kept(part: Part, photos: list[Registered]) -> None:
    part.remove(0)
    gone = part.photo(0)
    assert not any(array.any() for array in (gone.places, gone.sizes, gone.turns, gone.words))
    assert np.array_equal(part.photo(2).words, photos[2].words)
    assert part.alive == photos[1].searched + photos[2].searched


def test_features_that_are_not_searched_take_no_room_in_the_tables(photos: list[Registered]) -> None:
    searched = Part([1], [photo(SEARCHED, 1)])
    both = Part([1], [photo(MAX_KEYPOINTS, 1)])
    assert len(both) == len(searched) == SEARCHED
    assert both.memory_bytes - searched.memory_bytes == 38 * (MAX_KEYPOINTS - SEARCHED)
