"""The verdict: bands, the best view of each registered fingerprint, and no word on flat views."""

from __future__ import annotations

from dataclasses import replace

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
        ("collage", 48),
        ("screen", 48),
        ("quadrant", 40),
        ("covered", 40),
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


def picture(*views: tuple[str, Orientation, bytes]) -> Still:
    seen = tuple(View(name, orientation, hashed, 100) for name, orientation, hashed in views)
    return Still(StillKind.PICTURE, 640, 480, seen)


def spread_over(percent: int, *views: tuple[str, Orientation, bytes]) -> Still:
    """The same, of views whose contrast is spread over so much of them."""
    still = picture(*views)
    return replace(still, views=tuple(replace(view, spread=percent) for view in still.views))


def outlined(*views: tuple[str, Orientation, bytes]) -> Still:
    return spread_over(47, *views)


def bands(*stills: Still) -> list[Band]:
    """Against an item of three fingerprints, of which two are nearly the same."""
    index = registered((1, bits(), 31), (2, OTHER, 31), (3, bits(*range(250, 256)), 31))
    return [
        match.band
        for match in judge(MediaFingerprint("", stills), index, item_of=dict.fromkeys((1, 2, 3), 7))
    ]


OTHER = bits(*range(100, 228))
"""Another quarter of the same picture."""


def off(registered_bits: bytes, away: int) -> bytes:
    return bytes(a ^ b for a, b in zip(registered_bits, bits(*range(away)), strict=True))


@pytest.mark.parametrize(("away", "band"), [(16, Band.MATCH), (17, Band.POSSIBLE), (31, Band.POSSIBLE)])
@pytest.mark.parametrize("view", ["quadrant", "inner", "cropped", "tilted", "covered", "inside_quadrant"])
def test_a_guess_alone_is_a_match_within_half_the_radius_only(view: str, away: int, band: Band) -> None:
    assert bands(picture((view, UPRIGHT, off(bits(), away)))) == [band]


@pytest.mark.parametrize(
    ("view", "spread", "farthest"),
    [
        ("whole", spread, limit)
        for spread, limit in [(0, 10), (45, 10), (46, 12), (48, 15), (52, 21), (58, 30), (59, 31)]
    ]
    + [("inner", spread, limit) for spread, limit in [(0, 10), (45, 10), (46, 12), (48, 15), (52, 16)]]
    + [("quadrant", spread, limit) for spread, limit in [(0, 5), (42, 6), (44, 9), (48, 15), (52, 16)]],
)
def test_the_less_a_view_is_spread_the_nearer_it_has_to_be_to_match_alone(
    view: str, spread: int, farthest: int
) -> None:
    def found(away: int) -> list[Band]:
        return bands(spread_over(spread, (view, UPRIGHT, off(bits(), away))))

    assert found(farthest) == [Band.MATCH]
    assert found(farthest + 1) == [Band.POSSIBLE]


def test_an_outline_is_possible_as_far_as_a_guess() -> None:
    assert bands(outlined(("whole", UPRIGHT, off(bits(), 40)))) == [Band.POSSIBLE]
    assert bands(outlined(("whole", UPRIGHT, off(bits(), 41)))) == []


def test_an_outline_is_no_witness_but_may_have_one() -> None:
    near, far = ("whole", UPRIGHT, off(bits(), 20)), ("quadrant", UPRIGHT, off(OTHER, 30))
    assert bands(outlined(near, far)) == [Band.POSSIBLE]
    assert bands(replace(outlined(near), views=(*outlined(near).views, *picture(far).views))) == [Band.MATCH]
    assert bands(replace(picture(far), views=(*picture(far).views, *outlined(near).views))) == [Band.MATCH]


def test_two_guesses_that_show_two_fingerprints_are_a_match() -> None:
    one, two = ("quadrant", UPRIGHT, off(bits(), 31)), ("quadrant", UPRIGHT, off(OTHER, 31))
    assert bands(picture(one, two)) == [Band.MATCH]
    assert bands(picture(one)) == bands(picture(two)) == [Band.POSSIBLE]


def test_two_guesses_that_are_nearly_the_same_picture_are_one_witness() -> None:
    views = ("cropped", UPRIGHT, off(bits(), 30)), ("cropped", UPRIGHT, off(bits(), 20))
    assert bands(picture(*views)) == [Band.POSSIBLE]


def test_a_guess_that_stands_otherwise_is_no_witness() -> None:
    views = ("quadrant", UPRIGHT, off(bits(), 30)), ("quadrant", MIRRORED, off(OTHER, 30))
    assert bands(picture(*views)) == [Band.POSSIBLE]


@pytest.mark.parametrize(("away", "band"), [(40, Band.MATCH), (41, Band.POSSIBLE)])
def test_a_witness_may_be_as_far_as_is_possible(away: int, band: Band) -> None:
    views = ("quadrant", UPRIGHT, off(bits(), 31)), ("quadrant", UPRIGHT, off(OTHER, away))
    assert bands(picture(*views)) == [band]


def test_two_guesses_beyond_the_radius_are_no_match() -> None:
    views = ("quadrant", UPRIGHT, off(bits(), 32)), ("quadrant", UPRIGHT, off(OTHER, 32))
    assert bands(picture(*views)) == [Band.POSSIBLE]


def test_another_item_is_no_witness() -> None:
    shown = picture(("quadrant", UPRIGHT, off(bits(), 31)), ("quadrant", UPRIGHT, off(OTHER, 31)))
    index = registered((1, bits(), 31), (2, OTHER, 31))
    found = judge(MediaFingerprint("", (shown,)), index, item_of={1: 7, 2: 8})
    assert [match.band for match in found] == [Band.POSSIBLE, Band.POSSIBLE]


@pytest.mark.parametrize(("kind", "band"), [(StillKind.FRAME, Band.MATCH), (StillKind.ENTRY, Band.POSSIBLE)])
def test_two_frames_are_witnesses_of_each_other_and_two_files_in_an_archive_are_not(
    kind: StillKind, band: Band
) -> None:
    stills = [picture(("inner", UPRIGHT, off(shown, 31))) for shown in (bits(), OTHER)]
    assert set(bands(*(replace(still, kind=kind) for still in stills))) == {band}


def test_a_guess_within_the_radius_in_one_frame_is_possible() -> None:
    still = replace(picture(("inner", UPRIGHT, off(bits(), 30))), kind=StillKind.FRAME)
    assert bands(still) == [Band.POSSIBLE]


def test_a_match_tells_the_whole_before_the_quarter_that_made_it_one() -> None:
    views = ("covered", UPRIGHT, off(bits(), 30)), ("quadrant", UPRIGHT, off(OTHER, 20))
    shown = MediaFingerprint("", (picture(*views),))
    [match] = judge(shown, registered((1, bits(), 31), (2, OTHER, 31)), item_of={1: 7, 2: 7})
    assert (match.band, match.view, match.distance) == (Band.MATCH, "covered", 30)


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


def entry(number: int, away: int) -> Still:
    view = View("whole", UPRIGHT, bits(*range(away)), 100)
    return Still(StillKind.ENTRY, 640, 480, (view,), number)


def test_what_is_only_near_in_an_archive_behind_an_animation_is_possible() -> None:
    index = registered((1, bits(), 31))
    [match] = judge(video(frame(0, 40), entry(1, 200), entry(2, 41)), index)
    assert (match.band, match.still, match.at, match.distance) == (Band.POSSIBLE, StillKind.ENTRY, 2, 41)


def test_a_time_in_a_video_is_of_its_frames_alone() -> None:
    index = registered((1, bits(), 31))
    [match] = judge(video(frame(3, 2), frame(4, 200), entry(1, 9)), index)
    assert (match.still, match.at, match.until) == (StillKind.FRAME, 3000, 3000)
    assert (match.samples, match.of_samples) == (1, 2)
    photo = replace(frame(0, 9), kind=StillKind.PICTURE)
    [match] = judge(video(photo, frame(3, 2), frame(4, 200)), index)
    assert (match.still, match.at, match.samples, match.of_samples) == (StillKind.FRAME, 3000, 1, 2)


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
