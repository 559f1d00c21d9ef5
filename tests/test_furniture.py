"""What screens, text and patterns have in common."""

from __future__ import annotations

import numpy as np

from matcher.photos import furniture


def flipped(number: int, bits: int) -> np.ndarray:
    """So many of the shipped descriptors, each with so many bits changed."""
    rows = np.unpackbits(furniture.descriptors()[:number], axis=1)
    random = np.random.default_rng(1)
    for row in rows:
        row[random.permutation(256)[:bits]] ^= 1
    return np.packbits(rows, axis=1)


def test_the_shipped_descriptors_are_furniture() -> None:
    known = furniture.descriptors()
    assert known.shape[1] == 32
    assert len(known) > 10_000
    assert furniture.is_furniture(known[::101]).all()


def test_what_is_as_near_as_may_be_is_furniture() -> None:
    assert furniture.is_furniture(flipped(20, furniture.NEAR_BITS)).all()


def test_one_bit_more_is_furniture_only_by_another_one() -> None:
    further = flipped(40, furniture.NEAR_BITS + 1)
    nearest = np.bitwise_count(further[:, None] ^ furniture.descriptors()[None]).sum(axis=2).min(axis=1)
    assert (furniture.is_furniture(further) == (nearest <= furniture.NEAR_BITS)).all()
    assert not furniture.is_furniture(further).all()


def test_chance_is_no_furniture() -> None:
    made_up = np.random.default_rng(2).integers(0, 256, (200, 32), dtype=np.uint8)
    assert not furniture.is_furniture(made_up).any()


def test_of_nothing_nothing_is_furniture() -> None:
    assert furniture.is_furniture(np.empty((0, 32), dtype=np.uint8)).shape == (0,)
