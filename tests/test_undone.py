"""Small crops, tilts and stickers are undone by guesses, and what has structure in few places only is no view."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pictures import encoded, picture
from PIL import Image, ImageDraw, ImageOps

from matcher import (
    MIN_QUALITY,
    Band,
    Index,
    Limits,
    Match,
    MediaError,
    Orientation,
    fingerprint_bytes,
    judge,
    pdq,
)

SEEDS = range(6)


def cropped(image: Image.Image, seed: int) -> Image.Image:
    left, top = 4 * seed, 20 - 4 * seed
    return image.crop((left, top, left + 614, top + 460))


def shortened(image: Image.Image, seed: int) -> Image.Image:
    return image.crop((0, 0, 640, 436 - seed))


def tilted(image: Image.Image, seed: int) -> Image.Image:
    return image.rotate([2, -2, 4, -4, 3, -3][seed], Image.Resampling.BICUBIC)


def covered(image: Image.Image, seed: int) -> Image.Image:
    """Over the middle, so that no quarter is left alone."""
    page = image.copy()
    left, top = 220 + 8 * seed, 150 + 6 * seed
    ImageDraw.Draw(page).ellipse((left, top, left + 170, top + 170), fill="gold")
    return page


def found(posted: Image.Image, registered: Image.Image) -> list[Match]:
    """Matches with the whole picture alone, so that there is no witness; 0 is its number."""
    index = Index()
    index.add([(0, fingerprint_bytes(encoded(registered, "PNG"), Limits()).fingerprint.bits, 31)])
    return judge(fingerprint_bytes(encoded(posted, "JPEG", quality=85), Limits()), index)


@pytest.mark.parametrize(
    ("change", "view"),
    [(cropped, "cropped"), (shortened, "cropped"), (tilted, "tilted"), (covered, "covered")],
    ids=["cropped", "shortened", "tilted", "covered"],
)
def test_a_picture_is_found_after_a_small_change(
    change: Callable[[Image.Image, int], Image.Image], view: str
) -> None:
    matches = [match for seed in SEEDS for match in found(change(picture(seed), seed), picture(seed))]
    assert len(matches) >= 5
    assert sum(match.view == view for match in matches) >= 4


def test_a_crop_of_a_mirrored_picture_is_found_and_told() -> None:
    [match] = found(ImageOps.mirror(cropped(picture(2), 2)), picture(2))
    assert (match.band, match.view, match.orientation) == (Band.POSSIBLE, "cropped", Orientation.MIRRORED)


@pytest.mark.parametrize("change", [cropped, tilted, covered])
def test_a_small_change_of_another_picture_is_no_match(
    change: Callable[[Image.Image, int], Image.Image],
) -> None:
    for seed in SEEDS:
        assert found(change(picture(seed), seed), picture(50 + seed)) == []


def test_a_line_on_a_blank_page_is_too_flat_however_strong_it_is() -> None:
    page = Image.new("L", (640, 480), "white")
    ImageDraw.Draw(page).line((0, 200, 640, 200), fill="black", width=12)
    samples = pdq.reduce(np.asarray(page, dtype=np.float32))
    assert pdq.quality(samples.upright) >= MIN_QUALITY > pdq.qualities_of([samples])[0]
    with pytest.raises(MediaError):
        fingerprint_bytes(encoded(page, "PNG"), Limits())


def test_a_picture_with_structure_all_over_keeps_the_quality_of_the_reference() -> None:
    for seed in SEEDS:
        samples = pdq.reduce(np.asarray(picture(seed).convert("L"), dtype=np.float32))
        assert pdq.qualities_of([samples])[0] == pdq.quality(samples.upright) >= MIN_QUALITY
