"""Corners, held to those of OpenCV's ORB, and their mirror images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from photos import scene

from matcher.photos import orb

cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed: the extra `photos` has it")

Greys = NDArray[np.uint8]


def greys(seed: int = 1, size: tuple[int, int] = (720, 540)) -> Greys:
    return np.asarray(scene(seed, size).convert("L"))


def theirs() -> Any:
    return cv2.ORB.create(
        nfeatures=100_000, nlevels=12, edgeThreshold=19, fastThreshold=10, scoreType=cv2.ORB_FAST_SCORE
    )


def bits_apart(one: Greys, other: Greys) -> NDArray[np.int64]:
    counted: NDArray[np.int64] = np.bitwise_count(one ^ other).sum(axis=1, dtype=np.int64)
    return counted


def test_corners_are_those_of_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orb, "_IN_CELL", 10_000)
    picture = greys()
    found = {
        (point.octave, *(round(at / 1.2**point.octave) for at in point.pt))
        for point in theirs().detect(picture, None)
    }
    corners = orb.detect(picture, 20_000, orb.OF_POST)
    ours = zip(corners.levels.tolist(), corners.across.tolist(), corners.down.tolist(), strict=True)
    assert set(ours) == found


def half_faint() -> Greys:
    """A scene, and beside it one through fog."""
    clear, foggy = greys(4), greys(5)
    return np.concatenate((clear, (foggy / 5 + 90).astype(np.uint8)), axis=1)


def test_faint_corners_of_a_photo_come_after_all_others_and_of_a_post_none_does() -> None:
    picture = half_faint()
    corners, clear = (orb.detect(picture, 20_000, orb.OF_PHOTO._replace(least=least)) for least in (5, 10))
    assert 1000 < len(clear) < len(corners) - 1000
    best = corners.places[corners.order[: len(clear)]]
    np.testing.assert_array_equal(best, clear.places[clear.order])
    fog = picture.shape[1] / 2 + orb.BORDER
    assert (corners.places[:, 0] > fog).any()
    assert not (orb.detect(picture, 20_000, orb.OF_POST).places[:, 0] > fog).any()


def test_the_mirror_image_of_a_patch_is_that_of_the_picture_mirrored() -> None:
    picture = greys(3)
    corners, mirror = (
        orb.detect(one, 20_000, orb.OF_POST) for one in (picture, np.ascontiguousarray(picture[:, ::-1]))
    )
    width = np.array([level.shape[1] for level in corners.pyramid])
    known = {one: at for at, one in enumerate(zip(mirror.levels, mirror.across, mirror.down, strict=True))}
    across = width[corners.levels] - 1 - corners.across
    pairs = np.array(
        [
            (at, known[one])
            for at, one in enumerate(zip(corners.levels, across, corners.down, strict=True))
            if one in known
        ]
    )
    assert len(pairs) > 0.5 * len(corners)
    apart = bits_apart(orb.described(corners)[1][pairs[:, 0]], orb.described(mirror)[0][pairs[:, 1]])
    assert np.median(apart) <= 2


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (38, 200), (39, 39), (200, 38)])
def test_a_picture_that_has_no_room_for_a_patch_has_no_features(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, size[::-1]).astype(np.float32)
    assert len(orb.posted_features(noise)) <= (1 if size == (39, 39) else 0)
