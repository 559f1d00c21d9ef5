"""What several registered photos have in common says little of any of them: letters, a watermark, a print on a wall."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from photos import features, need_opencv

from matcher import MediaFingerprint, PhotoFeatures, PhotoIndex, Still, StillKind, judge_photos
from matcher.photos.keypoints import LocalFeatures

need_opencv()

PHOTO = features(1, 200)
SHOWN = np.array([3, 20, 41, 77, 120, 150, 171, 199])


def sharing(seed: int, rows: NDArray[np.int64]) -> PhotoFeatures:
    """Another photo which has these features of the first, at places of its own."""
    other = features(seed, 200)
    descriptors = other.descriptors.copy()
    descriptors[rows] = PHOTO.descriptors[rows]
    return features(seed, 200, descriptors=descriptors, sizes=PHOTO.sizes, turns=PHOTO.turns)


def showing(rows: NDArray[np.int64]) -> MediaFingerprint:
    """A post with these features of the photo where they are, and a hundred of its own."""
    own = features(99, 100)
    arrays = (
        np.concatenate([getattr(PHOTO, name)[rows], getattr(own, name)])
        for name in ("places", "sizes", "turns", "descriptors", "descriptors")
    )
    local = LocalFeatures(800, 600, *arrays, telling=len(rows) + 100)
    return MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 800, 600, (), local=(local,)),))


def found(others: list[PhotoFeatures]) -> list[int]:
    index = PhotoIndex()
    index.add(enumerate([PHOTO, *others]))
    return [match.photo_id for match in judge_photos(showing(SHOWN), index)]


def test_features_that_no_other_photo_has_are_evidence() -> None:
    assert found([features(seed, 200) for seed in range(2, 30)]) == [0]


@pytest.mark.parametrize(("others", "expected"), [(1, [0]), (40, [])])
def test_features_that_many_other_photos_have_are_none(others: int, expected: list[int]) -> None:
    """Each of them has three of the eight."""
    photos = [sharing(2 + number, np.roll(SHOWN, number)[:3]) for number in range(others)]
    assert found(photos) == expected


def test_copies_of_the_photo_take_nothing_from_one_another() -> None:
    copies = [sharing(2 + number, SHOWN) for number in range(40)]
    assert 0 in found(copies)


def test_those_are_counted_that_have_less_than_half_and_are_still_there() -> None:
    index = PhotoIndex()
    some = [sharing(2 + number, SHOWN[:3]) for number in range(4)]
    index.add(enumerate([PHOTO, *some, sharing(50, SHOWN[:4])]))
    index.remove([1])
    local = showing(SHOWN).stills[0].local[0]
    [candidate] = [
        one for one in index.candidates(local.descriptors, local.sizes, local.turns) if one.photo_id == 0
    ]
    assert candidate.alike.others(np.arange(8), 0).tolist() == [3, 3, 3, 0, 0, 0, 0, 0]
    assert candidate.alike.others(np.arange(8), 2).tolist() == [2, 2, 2, 0, 0, 0, 0, 0]


def test_of_features_that_were_not_looked_up_as_many_others_are_believed_to_have_them() -> None:
    index = PhotoIndex()
    index.add(enumerate([PHOTO, *(sharing(2 + number, SHOWN[:3]) for number in range(4))]))
    local = showing(SHOWN).stills[0].local[0]
    [candidate, *_] = index.candidates(local.descriptors[:8], local.sizes, local.turns)
    assert candidate.photo_id == 0
    assert candidate.alike.others(np.array([0, 1, 2, 3, 4, 5, 6, 7, 1000, 2000]), 0).tolist() == [
        *([4] * 3),
        *([0] * 5),
        *([2] * 2),
    ]
