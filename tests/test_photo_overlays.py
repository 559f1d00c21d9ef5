"""Attacks: two pictures that have nothing in common but what is written or drawn over both."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from photos import indexed, need_opencv, posted, registered, scene
from PIL import Image, ImageDraw, ImageOps

from matcher import PhotoIndex, Relation, judge_photos
from matcher.photos.geometry import off_rows
from matcher.photos.orb import posted_features

need_opencv()


def written(
    lines: dict[str, float], fill: str, stroke: str | None, image: Image.Image, *, size: int = 10
) -> Image.Image:
    """Each line at such a share of the height, its letters a share of one over `size`."""
    page = image.copy()
    for text, top in lines.items():
        ImageDraw.Draw(page).text(
            (60, int(top * page.height)),
            text,
            fill=fill,
            font_size=page.height // size,
            stroke_width=6 if stroke else 0,
            stroke_fill=stroke,
        )
    return page


def watermarked(image: Image.Image) -> Image.Image:
    layer = Image.new("L", (2400, 2400), 0)
    for top in range(0, 2400, 110):
        for left in range(-(top % 220), 2400, 300):
            ImageDraw.Draw(layer).text((left, top), "pictures.example", fill=130, font_size=34)
    layer = layer.rotate(30).crop((600, 600, 600 + image.width, 600 + image.height))
    page = image.copy()
    page.paste("white", (0, 0), layer)
    return page


MEME = {"WHEN YOU SEE WHAT": 0.03, "THEY HAVE POSTED": 0.86}
THREE = {**MEME, "IN THE MIDDLE OF IT": 0.45}
OVERLAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "a meme": partial(written, MEME, "white", "black"),
    "a meme in yellow": partial(written, MEME, "#ffe600", None),
    "three lines in pink on white": partial(written, THREE, "#ff4fa0", "white"),
    "a tiled watermark": watermarked,
}


def check_told_apart(drawn: Callable[[int], Image.Image], number: int = 3) -> None:
    """Of pictures drawn by numbers some are registered; others match none of them, and one of them itself only."""
    index = PhotoIndex()
    index.add((seed, registered(drawn(seed))) for seed in range(30, 30 + number))
    for seed in range(40, 40 + number):
        assert judge_photos(posted(drawn(seed)), index) == []
    [match] = judge_photos(posted(drawn(31)), index)
    assert match.photo_id == 31


@pytest.mark.parametrize("over", OVERLAYS.values(), ids=OVERLAYS.keys())
def test_what_is_written_over_two_photos_does_not_make_them_one(
    over: Callable[[Image.Image], Image.Image],
) -> None:
    check_told_apart(lambda seed: over(scene(seed)))


def smooth(seed: int) -> Image.Image:
    """So little texture that of its features most are those of what is written over it."""
    few = Image.fromarray(np.random.default_rng(seed).integers(60, 200, (18, 24, 3), dtype=np.uint8))
    return few.resize((960, 720), Image.Resampling.BICUBIC)


shouted = partial(written, {"WHEN YOU SEE": 0.03, "WHAT THEY POSTED": 0.8}, "white", "black", size=6)


def test_the_same_words_over_two_smooth_photos_do_not_make_them_one() -> None:
    local = posted_features(np.asarray(shouted(smooth(40)).convert("F")))
    assert local.telling == len(local) > 200
    check_told_apart(lambda seed: shouted(smooth(seed)), 6)


def slanted(image: Image.Image) -> Image.Image:
    layer = Image.new("L", (1600, 1600), 0)
    ImageDraw.Draw(layer).text((440, 700), "pictures.example/sent", fill=150, font_size=64)
    layer = layer.rotate(25).crop((320, 440, 320 + image.width, 440 + image.height))
    page = image.copy()
    page.paste("white", (0, 0), layer)
    return page


def beneath_a_wall(seed: int) -> Image.Image:
    """A scene, and above it a wall of one grey with a grain."""
    grain = np.random.default_rng(seed).normal(110, 5, (720, 960))
    page = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)).convert("RGB")
    page.paste(scene(seed).resize((960, 260)), (0, 460))
    return page


def test_a_slanted_line_over_the_walls_of_two_photos_does_not_make_them_one() -> None:
    check_told_apart(lambda seed: slanted(beneath_a_wall(seed)))


def test_a_photo_under_a_white_sticker_is_not_told_as_the_photo_as_it_is() -> None:
    index = indexed(30)
    page = scene(30)
    ImageDraw.Draw(page).ellipse((300, 200, 640, 540), fill="white")
    [match] = judge_photos(posted(page), index)
    assert match.relation is Relation.PART


def test_a_photo_is_found_that_was_reduced_to_three_greys() -> None:
    index = indexed(30, 31, 32)
    for seed in range(30, 33):
        page = scene(seed).convert("L").point(lambda grey: 0 if grey < 75 else 128 if grey < 130 else 255)
        assert [match.photo_id for match in judge_photos(posted(page), index)] == [seed]


def test_letters_are_put_behind_what_tells_something() -> None:
    page = np.asarray(OVERLAYS["a meme"](scene(30)).convert("L"), dtype=np.float32)
    telling = posted_features(page, 50_000).telling
    local = posted_features(page, telling + 2000)
    assert local.telling == telling
    down = local.places[:, 1] / local.places[:, 1].max()
    is_written = (down < 0.13) | ((down > 0.86) & (down < 0.98))
    assert 0.5 < local.telling / len(local) < 1
    assert is_written[local.telling :].mean() > 0.8


def test_letters_take_no_place_of_what_tells_something() -> None:
    page = np.asarray(OVERLAYS["a meme"](scene(30)).convert("L"), dtype=np.float32)
    local = posted_features(page, 2000)
    assert local.telling == len(local) == 2000


@pytest.mark.parametrize("is_negative", [False, True], ids=["burnt out", "in shadow"])
def test_what_is_burnt_out_or_in_shadow_is_not_taken_for_letters(is_negative: bool) -> None:
    burnt = scene(30).convert("L").point(lambda grey: min(255, round(1.75 * grey)))
    local = posted_features(np.asarray(ImageOps.invert(burnt) if is_negative else burnt, dtype=np.float32))
    assert local.telling > 0.9 * len(local)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rows_apart_from_one_another_are_no_witnesses(rows: int) -> None:
    random = np.random.default_rng(1)
    features = np.full((10 * rows, 4), 0.02)
    features[:, 0] = random.random(10 * rows)
    features[:, 1] = np.repeat(np.linspace(0.05, 0.6, rows), 10) + random.uniform(0, 0.02, 10 * rows)
    kept = np.empty(len(features), dtype=np.bool_)
    off_rows(features, kept)
    assert not kept.any()


@pytest.mark.parametrize(("number", "is_row"), [(7, False), (8, True)])
def test_seven_in_a_row_may_be_there_by_chance(number: int, is_row: bool) -> None:
    features = np.full((number, 4), 0.02)
    features[:, 0] = np.linspace(0.1, 0.9, number)
    kept = np.empty(number, dtype=np.bool_)
    off_rows(features, kept)
    assert kept.all() != is_row
    assert kept.any() != is_row


def test_rows_as_near_to_one_another_as_boards_are_witnesses() -> None:
    random = np.random.default_rng(1)
    features = np.full((64, 4), 0.02)
    features[:, 0] = random.uniform(0, 0.6, 64)
    features[:, 1] = np.repeat(np.arange(8) * 0.03, 8) + random.uniform(0, 0.01, 64)
    kept = np.empty(64, dtype=np.bool_)
    off_rows(features, kept)
    assert kept.mean() > 0.7


def test_all_over_an_area_are_witnesses() -> None:
    features = np.random.default_rng(1).random((100, 4)) * (1, 0.7, 0.1, 6)
    kept = np.empty(100, dtype=np.bool_)
    off_rows(features, kept)
    assert kept.mean() > 0.7
