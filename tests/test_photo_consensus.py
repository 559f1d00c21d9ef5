"""What the pairs of each registered photo say that agree on one way to lie in a posted picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.photos.geometry import consensus
from matcher.photos.keypoints import PLACES, SIZES_AN_OCTAVE, TURNS

Floats = NDArray[np.float64]
AS_REGISTERED = 0.5, 0.4, (0.3, 0.1)
"""Scale, turn and shift."""


class Rows:
    """Features of a photo as they are registered, spread at random, and where they would be in a posted picture."""

    def __init__(self, number: int, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        self.places = random.integers(0, (PLACES, PLACES // 2), (number, 2)).astype(np.uint16)
        self.sizes = random.integers(50, 90, number).astype(np.uint8)
        self.turns = random.integers(0, TURNS, number).astype(np.uint8)

    def shown(self, scale: float, turn: float, shift: tuple[float, float]) -> Floats:
        across, down = self.places.T / PLACES
        size = np.exp2(-self.sizes.astype(np.float64) / SIZES_AN_OCTAVE)
        return np.column_stack(
            (
                scale * (across * np.cos(turn) - down * np.sin(turn)) + shift[0],
                scale * (across * np.sin(turn) + down * np.cos(turn)) + shift[1],
                scale * size,
                self.turns * (2 * np.pi / TURNS) + turn,
            )
        )

    def agreeing(
        self, post: Floats, starts: list[int] | None = None, bits: list[int] | None = None, least: int = 1
    ) -> list[float]:
        """Of each photo, the pairs being row by row: each says as much as it differs by bits, or else 1."""
        numbers = np.arange(len(post))
        pairs = np.column_stack((numbers, numbers, bits or [1] * len(post))).astype(np.int32)
        bounds = np.array(starts or [0, len(post)], dtype=np.int64)
        total = np.empty(len(bounds) - 1)
        weights = np.arange(257, dtype=np.float64)
        consensus(pairs, bounds, self.places, self.sizes, self.turns, post, weights, least, total)
        return total.tolist()


def test_all_pairs_of_a_photo_as_it_lies_agree() -> None:
    rows = Rows(20)
    assert rows.agreeing(rows.shown(*AS_REGISTERED)) == [20]


def test_pairs_of_features_that_are_anywhere_do_not_agree() -> None:
    rows = Rows(20)
    assert rows.agreeing(Rows(20, seed=2).shown(*AS_REGISTERED))[0] < 4


def test_a_few_that_agree_are_found_among_many_that_do_not() -> None:
    rows = Rows(60)
    post = Rows(60, seed=2).shown(*AS_REGISTERED)
    post[[3, 17, 20, 44, 51]] = rows.shown(*AS_REGISTERED)[[3, 17, 20, 44, 51]]
    assert rows.agreeing(post) == [5]


def test_features_at_the_right_places_but_turned_otherwise_do_not_agree() -> None:
    rows = Rows(20)
    post = rows.shown(*AS_REGISTERED)
    post[:, 3] += np.linspace(0, 6, 20)
    assert rows.agreeing(post)[0] < 6


def test_each_photo_is_counted_by_its_own_pairs() -> None:
    rows = Rows(20)
    post = rows.shown(*AS_REGISTERED)
    post[12:] = rows.shown(0.9, 2.0, (0.1, 0.0))[12:]
    assert rows.agreeing(post) == [12]
    assert rows.agreeing(post, [0, 5, 12, 20]) == [5, 7, 8]


def test_a_photo_without_pairs_has_none_that_agree() -> None:
    rows = Rows(6)
    assert rows.agreeing(rows.shown(*AS_REGISTERED), [0, 0, 6]) == [0, 6]


def test_only_what_agrees_is_added_up_by_how_near_it_is() -> None:
    rows = Rows(20)
    post = rows.shown(*AS_REGISTERED)
    post[12:] = Rows(20, seed=2).shown(*AS_REGISTERED)[12:]
    assert rows.agreeing(post, bits=list(range(20))) == [sum(range(12))]


def test_what_fewer_than_the_least_number_of_pairs_say_is_nothing() -> None:
    rows = Rows(20)
    post = rows.shown(*AS_REGISTERED)
    assert rows.agreeing(post, [0, 3, 7, 20], least=4) == [0, 4, 13]
