"""What is over a photo and a post of another picture: a watermark goes on beyond the photo, a logo holds most of its features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from photos import SIZE, need_opencv, posted, registered, scene
from PIL import Image, ImageDraw
from test_photo_overlays import watermarked

from matcher import PhotoIndex
from matcher.photos.repeats import is_pattern
from matcher.photos.verdict import Weighed, _match, weighed

need_opencv()


def soft(seed: int, dark: int) -> Image.Image:
    """Light and shade without a corner."""
    random = np.random.default_rng(seed)
    across = np.linspace(dark, dark + 100, SIZE[0])[None, :]
    down = np.linspace(0, 60, SIZE[1])[:, None] * (1 if seed % 2 else -0.4)
    clouds = Image.fromarray(random.integers(0, 255, (9, 12), dtype=np.uint8)).resize(SIZE, 3)
    greys = across + down + 0.25 * np.asarray(clouds, float)
    return Image.fromarray(np.clip(greys, 0, 255).astype(np.uint8)).convert("RGB")


def with_logo(image: Image.Image) -> Image.Image:
    page, side = image.copy(), int(0.26 * image.width)
    layer = Image.new("L", (side, side // 3), 0)
    draw = ImageDraw.Draw(layer)
    draw.rounded_rectangle((0, 0, side - 1, side // 3 - 1), 8, outline=200, width=3)
    draw.text((10, 8), "Channel", fill=230, font_size=side // 6)
    draw.ellipse((side - 40, 8, side - 10, 38), fill=220)
    place = (page.width - side - 20, page.height - side // 3 - 20)
    page.paste((225, 225, 225), place, layer)
    return page


def looked(photo: Image.Image, post: Image.Image) -> Weighed:
    """What a look at a post says of a photo, as if all else spoke for one picture."""
    index = PhotoIndex()
    index.add([(1, registered(photo))])
    one = next(weighed(posted(post).stills[0].local[0], index))
    assert one.evidence is not None
    assert one.evidence.is_close
    alike = replace(one.evidence, likeness=0.9 * len(one.evidence.witnesses), unlike=0.9)
    return replace(one, evidence=alike)


def is_repeated(one: Weighed) -> bool:
    assert one.evidence is not None
    return is_pattern(one.photo, one.candidate.photo.words, one.post, one.evidence, one.closeup)


def test_a_watermark_that_goes_on_beside_the_photo_is_a_pattern() -> None:
    one = looked(watermarked(soft(1, 30)), watermarked(soft(2, 60)))
    assert is_repeated(one)
    assert not is_repeated(replace(one, closeup=None))


def facade() -> Image.Image:
    """Six windows that are nearly alike."""
    page, window = Image.new("RGB", SIZE), scene(5).crop((100, 100, 340, 340))
    for left in range(0, SIZE[0], 240):
        for top in range(0, SIZE[1], 240):
            page.paste(window, (left, top))
    return Image.blend(page, scene(9), 0.25)


def test_a_part_with_windows_that_are_alike_is_no_pattern() -> None:
    post = scene(30, (1280, 960))
    post.paste(facade().crop((0, 0, 600, 500)), (500, 300))
    assert not is_repeated(looked(facade(), post))


def test_a_crop_of_windows_that_are_alike_is_no_pattern() -> None:
    one = looked(facade(), facade().crop((200, 100, 800, 600)))
    assert one.evidence is not None
    assert replace(one.evidence, unlike=1.0).is_crop
    assert not is_repeated(replace(one, evidence=replace(one.evidence, unlike=1.0)))


def spot(side: int) -> Image.Image:
    """A smooth photo but for a square of so many points."""
    page = soft(2, 30)
    page.paste(scene(52).crop((300, 200, 300 + side, 200 + side)), (300, 200))
    return page


@pytest.mark.parametrize(
    ("side", "unlike", "is_told"), [(60, 0.9, True), (60, 0.85, False), (90, 0.9, False)]
)
def test_a_logo_that_holds_most_features_of_a_smooth_photo_is_no_part_of_it(
    side: int, unlike: float, is_told: bool
) -> None:
    """Told are what takes more of the photo and is like one place only."""
    post = posted(with_logo(scene(9))).stills[0]
    one = looked(with_logo(spot(side)), with_logo(scene(9)))
    assert one.evidence is not None
    match = _match(post, post.local[0], one, replace(one.evidence, unlike=unlike))
    assert (match is not None) == is_told
