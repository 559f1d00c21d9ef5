"""What is repeated: a watermark in tiles over two pictures is no match, and a photo that a post shows twice is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from photos import features, indexed, need_opencv, posted, scene
from PIL import Image, ImageDraw

from matcher import MediaFingerprint, PhotoIndex, Still, StillKind, judge_photos
from matcher.photos.keypoints import LocalFeatures
from matcher.photos.repeats import is_pattern
from matcher.photos.verdict import weighed

need_opencv()

LETTERS, TILES = 36, [(column, row) for row in range(3) for column in range(4)]
SIZE = (800, 600)


@pytest.fixture(scope="module")
def index() -> PhotoIndex:
    return indexed(7)


def found(post: Image.Image, index: PhotoIndex) -> list[int]:
    return [match.photo_id for match in judge_photos(posted(post), index)]


def beside(*parts: Image.Image) -> Image.Image:
    page = Image.new("RGB", (sum(part.width for part in parts), parts[0].height))
    left = 0
    for part in parts:
        page.paste(part, (left, 0))
        left += part.width
    return page


def test_a_crop_beside_itself_is_found(index: PhotoIndex) -> None:
    crop = scene(7).crop((150, 100, 750, 600))
    assert found(beside(crop, crop), index) == [7]


def test_a_crop_before_and_after_its_middle_was_replaced_is_found(index: PhotoIndex) -> None:
    crop = scene(7).crop((150, 100, 750, 600))
    fake = crop.copy()
    ImageDraw.Draw(fake).ellipse((180, 120, 420, 400), fill="pink")
    assert found(beside(crop, fake), index) == [7]


@pytest.mark.parametrize("places", [[(100, 100), (700, 500)], [(100, 100), (700, 500), (700, 100)]])
def test_a_part_that_is_pasted_several_times_is_found(
    places: list[tuple[int, int]], index: PhotoIndex
) -> None:
    page = scene(30, (1280, 960))
    for place in places:
        page.paste(scene(7).crop((300, 200, 650, 500)), place)
    assert found(page, index) == [7]


def test_a_part_that_is_pasted_again_smaller_and_turned_is_found(index: PhotoIndex) -> None:
    part = scene(7).crop((300, 200, 650, 500))
    page = scene(30, (1280, 960))
    page.paste(part, (100, 100))
    page.paste(part.rotate(90, expand=True).resize((250, 290)), (800, 500))
    assert found(page, index) == [7]


def letters(random: np.random.Generator, tiles: list[tuple[int, int]]) -> NDArray[np.uint16]:
    """The places of one word in each of these tiles."""
    word = np.random.default_rng(1).random((LETTERS, 2)) * (0.2, 0.14)
    corners = 0.02 + np.array(tiles) * (0.25, 0.22)
    places = (corners[:, None] + word).reshape(-1, 2)
    return np.round(65_535 * (places + random.normal(0, 0.0005, places.shape))).astype(np.uint16)


def seen(random: np.random.Generator, words: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """The same descriptors over other grounds, which change so many bits of each."""
    flips = np.argsort(random.random((len(words), 256)), axis=1) < bits
    return words ^ np.packbits(flips, axis=1)


def tiled(photo_tiles: list[tuple[int, int]]) -> tuple[PhotoIndex, LocalFeatures]:
    """A photo, and a post all over which the word is, in its last place by chance nearly as in the photo's first."""
    random = np.random.default_rng(3)
    word = random.integers(0, 256, (LETTERS, 32), dtype=np.uint8)
    others = random.integers(0, 256, (200, 32), dtype=np.uint8)
    in_photo = seen(random, np.tile(word, (len(photo_tiles), 1)), 36)
    in_post = seen(random, np.tile(word, (len(TILES), 1)), 36)
    in_post[-LETTERS:] = seen(random, in_photo[:LETTERS], 26)
    elsewhere = [features(seed, number=200, size=SIZE).places for seed in (4, 5)]
    rows = len(in_photo) + 200
    photo = features(
        number=rows,
        size=SIZE,
        places=np.concatenate((letters(random, photo_tiles), elsewhere[0])),
        descriptors=np.concatenate((in_photo, others)),
        sizes=np.full(rows, 60, dtype=np.uint8),
        turns=np.full(rows, 9, dtype=np.uint8),
    )
    rows = len(in_post) + 200
    descriptors = np.concatenate((in_post, random.integers(0, 256, (200, 32), dtype=np.uint8)))
    local = LocalFeatures(
        *SIZE,
        np.concatenate((letters(random, TILES), elsewhere[1])),
        np.full(rows, 60, dtype=np.uint8),
        np.full(rows, 9, dtype=np.uint8),
        descriptors,
        random.integers(0, 256, descriptors.shape, dtype=np.uint8),
        rows,
    )
    index = PhotoIndex()
    index.add([(1, photo)])
    return index, local


def judged(photo_tiles: list[tuple[int, int]]) -> list[int]:
    index, local = tiled(photo_tiles)
    media = MediaFingerprint("JPEG", (Still(StillKind.PICTURE, *SIZE, (), local=(local,)),))
    return [match.photo_id for match in judge_photos(media, index)]


def test_a_word_in_tiles_over_two_pictures_is_no_match() -> None:
    assert judged(TILES) == []


def test_what_only_the_post_repeats_is_a_match() -> None:
    assert judged(TILES[:1]) == [1]


@pytest.mark.parametrize(
    ("likeness", "unlike", "is_told"),
    [
        (0.79, 0.5, True),
        (0.81, 0.5, False),
        (0.59, 0.7, True),
        (0.61, 0.7, False),
        (0.19, 0.8, True),
        (0.21, 0.8, False),
    ],
)
def test_what_both_repeat_is_no_pattern_where_it_is_alike_or_most_of_it_is_like_one_place_only(
    likeness: float, unlike: float, is_told: bool
) -> None:
    """As if a closer look had found so much likeness for each witness."""
    index, local = tiled(TILES)
    one = next(one for one in weighed(local, index) if one.evidence is not None and not one.is_mirrored)
    assert one.evidence is not None
    number = len(one.evidence.witnesses)
    evidence = replace(one.evidence, likeness=likeness * number, unlike=unlike)
    assert is_pattern(one.photo, one.candidate.photo.words, one.post, evidence) == is_told
