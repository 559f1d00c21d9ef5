"""A registered photo that its features do not find and its hashes do."""

from __future__ import annotations

import pytest
from photos import indexed, need_opencv, posted, registered, scene
from PIL import Image, ImageFilter, ImageOps

from matcher import (
    PHOTO,
    Band,
    Fingerprint,
    Match,
    MediaFingerprint,
    Orientation,
    PhotoIndex,
    judge_photos,
)

need_opencv()


@pytest.fixture(scope="module")
def index() -> PhotoIndex:
    return indexed(3, 4, 7)


def smooth(seed: int) -> Image.Image:
    """Without any corner that can be found again."""
    return scene(seed).filter(ImageFilter.GaussianBlur(10))


def the_match(media: MediaFingerprint, index: PhotoIndex) -> Match:
    [match] = index.hashes.judge(media)
    return match


def test_a_smooth_copy_is_found_by_its_hash_alone(index: PhotoIndex) -> None:
    post = posted(smooth(7))
    assert judge_photos(post, index) == []
    match = the_match(post, index)
    assert (match.fingerprint_id, match.kind, match.band) == (7, PHOTO, Band.MATCH)
    assert (match.view, match.orientation) == ("whole", Orientation.UPRIGHT)
    assert match.distance <= 31


def test_it_is_told_that_a_copy_is_mirrored_and_in_a_collage(index: PhotoIndex) -> None:
    page = Image.new("RGB", (1280, 480))
    for place, seed in enumerate((7, 30)):
        page.paste(ImageOps.mirror(smooth(seed).resize((640, 480))), (640 * place, 0))
    match = the_match(posted(page), index)
    assert match.fingerprint_id == 7
    assert match.view not in ("whole", "quadrant")
    assert match.orientation is Orientation.MIRRORED


def test_a_part_of_a_photo_that_features_find_is_near_to_none_of_its_hashes(index: PhotoIndex) -> None:
    page = scene(2, (1280, 960))
    page.paste(scene(7).crop((100, 200, 500, 500)), (600, 300))
    post = posted(page)
    assert [match.photo_id for match in judge_photos(post, index)] == [7]
    assert index.hashes.judge(post) == []


def test_other_pictures_are_near_to_none(index: PhotoIndex) -> None:
    assert [match for seed in range(40, 50) for match in index.hashes.judge(posted(smooth(seed)))] == []


def test_what_was_removed_is_not_near_any_more_and_what_was_added_is() -> None:
    index, photo, post = PhotoIndex(), registered(scene(7)), posted(smooth(7))
    index.add([(1, photo), (2, photo)])
    assert [match.fingerprint_id for match in index.hashes.judge(post)] == [1, 2]
    index.remove([1, 99])
    assert the_match(post, index).fingerprint_id == 2
    index.add([(1, photo)])
    index.remove([2, 2])
    assert the_match(post, index).fingerprint_id == 1


def test_the_largest_id_has_hashes_of_its_own() -> None:
    index, photo = PhotoIndex(), registered(scene(7))
    largest = (1 << 51) - 1
    index.add([(largest, photo), (largest - 1, photo)])
    found = index.hashes.judge(posted(smooth(7)))
    assert [match.fingerprint_id for match in found] == [largest - 1, largest]


def test_a_photo_is_registered_with_the_hashes_of_its_parts() -> None:
    hashes, parts = registered(scene(7)).hashes, posted(scene(7)).parts
    assert len(hashes) == 5
    assert max(apart(one, other) for one, other in zip(hashes, parts, strict=True)) <= 4


def apart(one: Fingerprint, other: Fingerprint) -> int:
    return (int.from_bytes(one.bits) ^ int.from_bytes(other.bits)).bit_count()
