"""Views: a registered picture is found inside whatever people build around it, and flat parts are no view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from pictures import encoded, picture
from PIL import Image, ImageDraw, ImageOps

from matcher import MIN_QUALITY, Band, Index, Limits, Match, Orientation, fingerprint_bytes, judge
from matcher.regions import find_regions

SEEDS = range(6)


def others(seed: int) -> list[Image.Image]:
    return [picture(100 + 10 * seed + number, (640, 480)) for number in range(9)]


def screenshot(image: Image.Image, seed: int, colour: str = "white", ink: str = "black") -> Image.Image:
    page = Image.new("RGB", (720, 1440), colour)
    page.paste(image.resize((720, 540)), (0, 380 + 17 * seed))
    draw = ImageDraw.Draw(page)
    draw.text((20, 15), "12:34", fill=ink, font_size=30)
    draw.text((30, 90), "A channel", fill=ink, font_size=40)
    for number in range(4):
        draw.ellipse((60 + 170 * number, 1340, 110 + 170 * number, 1390), outline=ink, width=4)
    return page


def dark_screenshot(image: Image.Image, seed: int) -> Image.Image:
    return screenshot(image, seed, "#121214", "#dddddd")


def letterbox(image: Image.Image, seed: int) -> Image.Image:
    return ImageOps.pad(image, (600, 1000 + 20 * seed), color="black")


def caption(image: Image.Image, seed: int) -> Image.Image:
    page = Image.new("RGB", (640, 590 + seed), "white")
    page.paste(image, (0, 110 + seed))
    ImageDraw.Draw(page).text((40, 30), "when you see it", fill="black", font_size=50)
    return page


def collage(columns: int, rows: int, gap: int) -> Callable[[Image.Image, int], Image.Image]:
    def make(image: Image.Image, seed: int) -> Image.Image:
        page = Image.new("RGB", (columns * 640 + (columns - 1) * gap, rows * 480 + (rows - 1) * gap), "white")
        shown = others(seed)[: columns * rows]
        shown[seed % len(shown)] = image
        for number, cell in enumerate(shown):
            page.paste(cell, (number % columns * (640 + gap), number // columns * (480 + gap)))
        return page

    return make


def inset(image: Image.Image, seed: int) -> Image.Image:
    page = others(seed)[0].resize((1280, 960))
    page.paste(image, (90 + 60 * seed, 70 + 50 * seed))
    return page


def sticker(image: Image.Image, seed: int) -> Image.Image:
    page = image.copy()
    place = [(40, 50), (380, 60), (60, 260), (400, 250), (30, 200), (420, 150)][seed]
    ImageDraw.Draw(page).ellipse((*place, place[0] + 190, place[1] + 190), fill="gold")
    return page


def found(posted: Image.Image, registered: Image.Image) -> list[Match]:
    index = Index()
    parts = fingerprint_bytes(encoded(registered, "PNG"), Limits()).parts
    index.add((number, part.bits, 31) for number, part in enumerate(parts))
    posted.thumbnail((1280, 1280))
    shown = fingerprint_bytes(encoded(posted, "JPEG", quality=85), Limits())
    return judge(shown, index, item_of=dict.fromkeys(range(len(parts)), 0))


@pytest.mark.parametrize(
    ("build", "least"),
    [
        (screenshot, 6),
        (dark_screenshot, 6),
        (letterbox, 6),
        (caption, 6),
        (collage(1, 2, 0), 6),
        (collage(2, 1, 0), 6),
        (collage(2, 2, 0), 6),
        (collage(2, 2, 12), 5),
        (collage(3, 3, 0), 5),
        (inset, 5),
        (sticker, 5),
    ],
    ids=lambda value: getattr(value, "__qualname__", str(value)).split(".")[0],
)
def test_a_picture_is_found_in_what_was_built_around_it(
    build: Callable[[Image.Image, int], Image.Image], least: int
) -> None:
    bands = [{match.band for match in found(build(picture(seed), seed), picture(seed))} for seed in SEEDS]
    assert sum(Band.MATCH in band for band in bands) >= least


def test_a_mirrored_picture_in_a_screenshot_is_found_and_told() -> None:
    matches = found(screenshot(ImageOps.mirror(picture(3)), 2), picture(3))
    whole = matches[0]
    assert (whole.fingerprint_id, whole.band, whole.orientation) == (0, Band.MATCH, Orientation.MIRRORED)
    assert whole.view in {"cell", "trimmed", "screen"}


@pytest.mark.parametrize("build", [screenshot, letterbox, caption, collage(2, 2, 12), inset, sticker])
def test_what_was_built_around_another_picture_is_no_match(
    build: Callable[[Image.Image, int], Image.Image],
) -> None:
    for seed in SEEDS:
        assert found(build(picture(seed), seed), picture(50 + seed)) == []


def test_every_view_but_the_whole_has_structure() -> None:
    page = screenshot(picture(1), 0)
    [still] = fingerprint_bytes(encoded(page, "PNG"), Limits()).stills
    views = still.views
    assert views[0].name == "whole"
    assert {view.name for view in views} >= {"whole", "quadrant", "cell"}
    assert all(view.quality >= MIN_QUALITY for view in views[8:])


@pytest.mark.parametrize(("columns", "rows"), [(1, 2), (2, 1), (2, 2), (3, 3), (2, 3)])
def test_equal_cells_are_called_a_collage(columns: int, rows: int) -> None:
    for seed in SEEDS:
        page = collage(columns, rows, 8)(picture(seed), seed)
        names = Counter(region.name for region in find_regions(np.asarray(page.convert("F"))))
        assert names["collage"] >= columns * rows


def test_screenshots_captions_and_uneven_collages_are_no_collage_of_equal_cells() -> None:
    uneven = Image.new("RGB", (1280, 480))
    uneven.paste(picture(1), (0, 0))
    uneven.paste(picture(2).resize((380, 480)), (520, 0))
    uneven.paste(picture(3).resize((380, 480)), (900, 0))
    pages = [uneven, *(build(picture(seed), seed) for seed in SEEDS for build in (letterbox, caption))]
    for page in pages:
        assert "collage" not in {region.name for region in find_regions(np.asarray(page.convert("F")))}


def test_a_picture_without_seams_has_few_regions() -> None:
    numbers = [
        len(find_regions(np.asarray(picture(seed).convert("F"), dtype=np.float32))) for seed in range(20)
    ]
    assert np.mean(numbers) < 3


@pytest.mark.parametrize("shape", [(1, 1), (5, 700), (700, 5), (64, 64), (7, 7)])
def test_pictures_of_any_shape_can_be_searched_for_regions(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).random(shape, dtype=np.float32) * 255
    for region in find_regions(noise):
        assert region.of(noise).size > 0


def test_any_arrangement_of_blocks_can_be_searched_for_regions() -> None:
    """Plain blocks meet in every way: borders that touch, seams that end nowhere, nothing between two borders."""
    for seed in range(300):
        random = np.random.default_rng(seed)
        height, width = (int(side) for side in random.integers(8, 200, 2))
        luma = np.full((height, width), random.integers(0, 256), dtype=np.float32)
        for _ in range(int(random.integers(1, 8))):
            top, left = int(random.integers(0, height)), int(random.integers(0, width))
            bottom, right = top + int(random.integers(1, height)), left + int(random.integers(1, width))
            luma[top:bottom, left:right] = random.integers(0, 256)
        for region in find_regions(luma):
            assert 0 <= region.top < region.bottom <= height
            assert 0 <= region.left < region.right <= width


def test_registered_are_the_whole_and_its_quarters() -> None:
    media = fingerprint_bytes(encoded(picture(1), "PNG"), Limits())
    assert media.parts[0].bits == media.fingerprint.bits
    assert len({part.bits for part in media.parts}) == 5
