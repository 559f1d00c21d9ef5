"""The verdict: bands, the best view of each registered fingerprint, and no word on flat views."""

from __future__ import annotations

import pytest

from matcher import Band, Index, MediaFingerprint, Orientation, Still, StillKind, View, judge


def bits(*flipped: int) -> bytes:
    return sum(1 << position for position in flipped).to_bytes(32)


def media(*views: tuple[Orientation, int, int]) -> MediaFingerprint:
    """A picture of views, each with how many bits it is away from zero, and its quality."""
    seen = (View("whole", orientation, bits(*range(away)), quality) for orientation, away, quality in views)
    return MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, tuple(seen)),))


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


@pytest.mark.parametrize(
    ("view", "farthest_possible"),
    [
        ("whole", 48),
        ("trimmed", 48),
        ("cell", 48),
        ("screen", 48),
        ("quadrant", 40),
        ("covered", 40),
        ("half", 31),
    ],
)
def test_a_view_that_is_a_guess_is_possible_half_as_far(view: str, farthest_possible: int) -> None:
    found = []
    for away in range(32, 50):
        shown = Still(StillKind.PICTURE, 640, 480, (View(view, UPRIGHT, bits(*range(away)), 100),))
        found += [
            match.distance for match in judge(MediaFingerprint("JPEG", (shown,)), registered((1, bits(), 31)))
        ]
    assert max(found, default=31) == farthest_possible


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


def frame(second: int, away: int, samples: int = 1) -> Still:
    """A frame that is so many bits away from zero, and stays for so many seconds."""
    view = View("whole", UPRIGHT, bits(*range(away)), 100)
    return Still(
        StillKind.FRAME, 640, 480, (view,), second * 1000, (second + samples - 1) * 1000, samples=samples
    )


def video(*frames: Still) -> MediaFingerprint:
    return MediaFingerprint("GIF", frames, 60_000)


def test_of_a_video_is_told_from_when_to_when_and_how_much_of_it() -> None:
    [match] = judge(
        video(frame(0, 200), frame(1, 9, 3), frame(4, 2), frame(5, 180)), registered((1, bits(), 31))
    )
    assert (match.still, match.at, match.until) == (StillKind.FRAME, 1000, 4000)
    assert (match.samples, match.of_samples, match.distance) == (4, 6, 2)


def test_one_frame_of_a_video_that_is_only_near_is_no_news() -> None:
    index = registered((1, bits(), 31))
    assert judge(video(frame(0, 200), frame(1, 40)), index) == []
    for twice in (video(frame(1, 40, 2)), video(frame(1, 40), frame(9, 200), frame(20, 41))):
        assert [match.band for match in judge(twice, index)] == [Band.POSSIBLE]
    assert [match.band for match in judge(video(frame(0, 200), frame(1, 31)), index)] == [Band.MATCH]


def test_the_fingerprints_of_one_item_make_one_match() -> None:
    far = bytes(16) + b"\xff" * 16
    index = registered((1, bits(), 31), (2, bits(3), 31), (3, far, 31))
    matches = judge(media((UPRIGHT, 1, 100)), index, item_of={1: 7, 2: 7, 3: 8})
    assert [(match.fingerprint_id, match.distance) for match in matches] == [(1, 1)]


def test_the_whole_is_told_before_a_quarter_that_is_nearer() -> None:
    stills = (View("whole", UPRIGHT, bits(1, 2, 3), 100), View("quadrant", UPRIGHT, bits(), 100))
    seen = MediaFingerprint("PNG", (Still(StillKind.PICTURE, 9, 9, stills),))
    [match] = judge(seen, registered((1, bits(), 31)))
    assert (match.view, match.distance) == ("whole", 3)


def test_of_an_archive_the_entry_is_told_that_shows_it_best() -> None:
    entries = [
        Still(StillKind.ENTRY, 9, 9, (View("whole", UPRIGHT, bits(*range(away)), 100),), at=number)
        for number, away in enumerate([30, 4, 90], 1)
    ]
    [match] = judge(MediaFingerprint("PNG", tuple(entries)), registered((1, bits(), 31)))
    assert (match.still, match.at, match.distance, match.samples) == (StillKind.ENTRY, 2, 4, 2)
