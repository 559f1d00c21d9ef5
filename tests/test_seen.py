"""What is kept of posted files for look-back: small, the same to the verdict, and refused where it was spoiled."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from random import Random

import pytest
from pictures import encoded, picture
from PIL import ImageOps

from matcher import (
    KINDS,
    Index,
    Limits,
    MediaFingerprint,
    Orientation,
    Still,
    StillKind,
    View,
    fingerprint_bytes,
    judge,
    near_seen,
    pack_seen,
    padded,
    unpack_seen,
)
from matcher.look import VIEW_NAMES
from matcher.seen import _HASHES, _NAMES, _ORIENTATIONS

MARGIN = 17


def media(seed: int, *, mirrored: bool = False) -> MediaFingerprint:
    image = picture(seed, (320, 240))
    return fingerprint_bytes(encoded(ImageOps.mirror(image) if mirrored else image, "JPEG"), Limits())


def hash_of(number: int) -> bytes:
    return Random(number).randbytes(32)


def frame(number: int, at: int) -> Still:
    views = tuple(
        View(name, Orientation.UPRIGHT, hash_of(number), 90) for name in ("whole", "quadrant", "trimmed")
    )
    return Still(StillKind.FRAME, 640, 480, views, at, at + 900, 3)


def index_of(*hashes: bytes) -> dict[str, Index]:
    index = Index()
    index.add((number, bits, 31) for number, bits in enumerate(hashes))
    return {"pdq": index}


def test_what_is_kept_of_a_picture_gives_the_same_verdict_as_the_picture() -> None:
    posted = media(1, mirrored=True)
    index = index_of(media(1).fingerprint.bits, media(2).fingerprint.bits)
    kept = unpack_seen(pack_seen(posted))
    assert judge(kept, index) == judge(posted, index)
    assert len(judge(kept, index)) == 1


def test_what_is_kept_is_37_bytes_a_view() -> None:
    posted = media(1)
    views = sum(view.quality >= 50 for view in posted.stills[0].views)
    assert len(pack_seen(posted)) == 9 + 21 + 37 * views


def test_of_a_video_the_moments_and_how_often_are_kept_and_no_parts() -> None:
    video = MediaFingerprint("GIF", (frame(1, 0), frame(2, 4000)), 9000)
    kept = unpack_seen(pack_seen(video))
    assert [(still.kind, still.at, still.until, still.samples) for still in kept.stills] == [
        (StillKind.FRAME, 0, 900, 3),
        (StillKind.FRAME, 4000, 4900, 3),
    ]
    assert {view.name for still in kept.stills for view in still.views} == {"whole", "trimmed"}


def test_views_that_are_never_compared_are_not_kept() -> None:
    still = Still(
        StillKind.PICTURE,
        8,
        8,
        (
            View("whole", Orientation.UPRIGHT, hash_of(1), 49),
            View("whole", Orientation.UPRIGHT, hash_of(2)[:8], 49, "phash"),
        ),
    )
    assert pack_seen(MediaFingerprint("PNG", (still,))) == b""


def test_only_files_near_to_a_fingerprint_are_picked_out() -> None:
    kept = [pack_seen(media(seed)) for seed in (1, 2, 3, 1)]
    assert near_seen(kept, index_of(media(1).fingerprint.bits), MARGIN) == [0, 3]
    assert near_seen(kept, index_of(media(3).fingerprint.bits, media(2).fingerprint.bits), MARGIN) == [1, 2]
    assert near_seen(kept, {"pdq": Index()}, MARGIN) == []
    assert near_seen([], index_of(hash_of(1)), MARGIN) == []


def test_hashes_of_every_kind_are_kept_and_searched_for_among_their_own() -> None:
    kinds = ("phash", "phash256", "dhash")
    posted = fingerprint_bytes(encoded(picture(1, (320, 240)), "JPEG"), Limits(), kinds)
    kept = pack_seen(posted)
    assert unpack_seen(kept).stills[0].views == tuple(
        view for view in posted.stills[0].views if view.quality >= 50
    )
    plain = pack_seen(media(1))
    for view in posted.stills[0].views:
        if view.kind == "pdq":
            continue
        index = Index()
        index.add([(1, padded(view.bits), 0)])
        assert near_seen([plain, kept, plain], {view.kind: index}, MARGIN) == [1]
        [match] = judge(unpack_seen(kept), {view.kind: index})
        assert (match.kind, match.distance) == (view.kind, 0)


def test_the_form_stays_what_it_was() -> None:
    """Databases hold it: this test may get new vectors, and never another for the old."""
    views = (
        View("whole", Orientation.UPRIGHT, bytes(range(32)), 100),
        View("covered", Orientation.MIRRORED_TURNED_270, bytes(range(32, 64)), 51),
    )
    outline = replace(views[0], spread=47)
    foreign = View("whole", Orientation.MIRRORED, bytes(range(8)), 90, "dhash")
    still = Still(StillKind.PAGE, 640, 480, views, 7)
    newest = (
        "030000000100000003"
        "0300000280000001e0000000070000000000010003"
        "000064002f"
        "0807330064"
        "00045a0364" + bytes(range(64)).hex() + bytes(range(8)).hex() + "00" * 24
    )
    kept = replace(still, views=(outline, views[1], foreign))
    assert pack_seen(MediaFingerprint("PDF", (kept,))).hex() == newest
    assert unpack_seen(bytes.fromhex(newest)).stills == (kept,)
    second = (
        "020000000100000003"
        "0300000280000001e0000000070000000000010003"
        "00006400" + "08073300" + "00045a03" + bytes(range(64)).hex() + bytes(range(8)).hex() + "00" * 24
    )
    assert unpack_seen(bytes.fromhex(second)).stills == (replace(still, views=(*views, foreign)),)
    first = (
        "010000000100000002"
        "0300000280000001e0000000070000000000010002"
        "000064" + "080733" + bytes(range(64)).hex()
    )
    assert unpack_seen(bytes.fromhex(first)).stills == (still,)


@pytest.mark.parametrize("cut", [0, 8, 9, 40, -1])
def test_what_was_cut_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r"too short|not as long"):
        unpack_seen(pack_seen(media(1))[:cut])


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 4), (0, ord("[")), (9, 9), (29, 9), (30, 99), (31, 99)],
    ids=["version", "json", "kind", "views", "name", "orientation"],
)
def test_what_was_spoiled_is_refused(place: int, value: int) -> None:
    spoiled = bytearray(pack_seen(MediaFingerprint("PNG", (frame(1, 0),))))
    spoiled[place] = value
    with pytest.raises(ValueError, match=r"not known|belong|stands for|samples"):
        unpack_seen(bytes(spoiled))


def test_random_bytes_are_refused_or_read_and_nothing_else() -> None:
    random = Random(1)
    whole = pack_seen(media(1))
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(random.randint(1, 4)):
            data[random.randrange(30)] = random.randrange(256)
        with contextlib.suppress(ValueError):
            assert unpack_seen(bytes(data)).stills


def test_every_view_and_orientation_has_its_number() -> None:
    assert set(VIEW_NAMES) <= set(_NAMES)
    assert len(set(_NAMES)) == len(_NAMES)
    assert [one.value for one in _ORIENTATIONS[:2]] == ["upright", "turned_90"]
    assert len(_ORIENTATIONS) == 8


def test_every_kind_of_hash_has_a_number_of_its_own_to_be_kept_by() -> None:
    assert sorted(_HASHES) == sorted(KINDS)
