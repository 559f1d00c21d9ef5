"""The verdict: bands, the best view of each registered fingerprint, and no word on flat views."""

from __future__ import annotations

import pytest

from matcher import Band, Index, MediaFingerprint, Orientation, View, judge


def bits(*flipped: int) -> bytes:
    return sum(1 << position for position in flipped).to_bytes(32)


def media(*views: tuple[Orientation, int, int]) -> MediaFingerprint:
    """A picture of views, each with how many bits it is away from zero, and its quality."""
    return MediaFingerprint(
        "JPEG",
        640,
        480,
        tuple(
            View("whole", orientation, bits(*range(away)), quality) for orientation, away, quality in views
        ),
    )


def registered(*entries: tuple[int, bytes, int]) -> Index:
    index = Index()
    index.add(entries)
    return index


UPRIGHT, MIRRORED = Orientation.UPRIGHT, Orientation.MIRRORED


@pytest.mark.parametrize(
    ("away", "band"),
    [
        (0, Band.MATCH),
        (31, Band.MATCH),
        (32, Band.POSSIBLE),
        (48, Band.POSSIBLE),
        (49, None),
    ],
)
def test_the_distance_decides_the_band(away: int, band: Band | None) -> None:
    matches = judge(media((UPRIGHT, away, 100)), registered((1, bits(), 31)))
    assert [match.band for match in matches] == ([] if band is None else [band])


def test_a_fingerprints_own_radius_decides_its_band() -> None:
    index = registered((1, bits(), 5), (2, bits(), 20))
    assert [(match.fingerprint_id, match.band) for match in judge(media((UPRIGHT, 10, 100)), index)] == [
        (1, Band.POSSIBLE),
        (2, Band.MATCH),
    ]


def test_the_view_that_shows_it_best_is_told() -> None:
    [match] = judge(media((UPRIGHT, 20, 100), (MIRRORED, 3, 100)), registered((1, bits(), 31)))
    assert (match.orientation, match.distance) == (MIRRORED, 3)


@pytest.mark.parametrize(("quality", "found"), [(49, 0), (50, 1)])
def test_a_flat_view_is_not_compared(quality: int, found: int) -> None:
    assert len(judge(media((UPRIGHT, 0, quality)), registered((1, bits(), 31)))) == found


def test_the_limits_can_be_narrowed() -> None:
    index = registered((1, bits(), 31))
    assert judge(media((UPRIGHT, 40, 100)), index, margin_bits=0) == []
    assert judge(media((UPRIGHT, 0, 80)), index, min_quality=90) == []
