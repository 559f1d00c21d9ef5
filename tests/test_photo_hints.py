"""One pair that is very near is a hint: a closer look is taken at what is around it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from photos import features, need_opencv, posted, registered, scene

from matcher import PhotoIndex
from matcher.photos.closer import Closeup, Levels
from matcher.photos.tables import Words, words_of
from matcher.photos.verdict import _features

need_opencv()

Floats = NDArray[np.float64]
SHOWN = np.array([[0.4, 0.3, 0.1, 1.0]])


def flipped(descriptor: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """The same but for so many of its bits, none of which is one that the first table goes by."""
    changed = np.zeros(256, dtype=np.uint8)
    changed[100 : 100 + bits] = 1
    return descriptor ^ np.packbits(changed, bitorder="little")


def asked(index: PhotoIndex, descriptors: list[NDArray[np.uint8]]) -> list[tuple[int, bool]]:
    words = words_of(np.array(descriptors))
    shown = np.repeat(SHOWN, len(descriptors), axis=0)
    return [(one.photo_id, one.is_hint) for one in index.candidates(words, shown)]


@pytest.mark.parametrize(("bits", "found"), [(40, [(5, True)]), (41, [])])
def test_one_pair_that_is_near_enough_is_a_hint(bits: int, found: list[tuple[int, bool]]) -> None:
    index = PhotoIndex()
    index.add((seed, features(seed)) for seed in (4, 5, 6))
    assert asked(index, [flipped(features(5).descriptors[17], bits)]) == found


def test_of_many_hints_the_nearest_are_followed() -> None:
    index = PhotoIndex()
    index.add((seed, features(seed)) for seed in range(1, 10))
    near = [flipped(features(seed).descriptors[3], 41 - 4 * seed) for seed in range(1, 10)]
    assert asked(index, near) == [(seed, True) for seed in (9, 8, 7, 6)]


def test_nobody_has_more_than_one_hint() -> None:
    index = PhotoIndex()
    index.add(((seed, features(seed)) for seed in (1, 2, 3)), owner_of={1: 7, 2: 7, 3: 8})
    near = [flipped(features(seed).descriptors[3], 10 * seed) for seed in (1, 2, 3)]
    assert asked(index, near) == [(1, True), (3, True)]


def test_what_was_removed_is_no_hint() -> None:
    index = PhotoIndex()
    index.add((seed, features(seed)) for seed in (1, 2))
    index.remove([1])
    assert asked(index, [features(1).descriptors[3]]) == []


def of_scene(seed: int) -> tuple[Floats, Words]:
    photo = registered(scene(seed))
    return _features(photo.places, photo.sizes, photo.turns), words_of(photo.descriptors)


def closeup(seed: int) -> Closeup:
    greys = posted(scene(seed)).stills[0].local[0].greys
    assert greys is not None
    return Closeup(Levels(greys), False)


def test_by_one_pair_it_is_found_how_a_photo_lies() -> None:
    photo, words = of_scene(7)
    row = int(np.argmin(np.hypot(*(photo[:, :2] - (0.5, 0.4)).T)))
    first = closeup(7).grown(photo, words, row, photo[row])
    assert first is not None
    assert first.way == pytest.approx([1, 0, 0, 0, 1, 0], abs=0.01)
    assert first.agreeing.sum() >= 60
    assert np.hypot(*(first.shown - photo)[first.agreeing, :2].T).max() < 0.01


def test_a_pair_around_which_nothing_agrees_leads_nowhere() -> None:
    photo, words = of_scene(7)
    row = int(np.argmin(np.hypot(*(photo[:, :2] - (0.5, 0.4)).T)))
    elsewhere = photo[row] + (0.1, -0.05, 0, 0)
    assert closeup(7).grown(photo, words, row, elsewhere) is None
    assert closeup(8).grown(photo, words, row, photo[row]) is None
