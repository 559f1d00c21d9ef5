"""What can be registered as a photo, and why something cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from photos import features, indexed, need_opencv, posted, registered, scene, smooth
from pictures import encoded
from PIL import Image, ImageDraw

from matcher import (
    HashTextError,
    HashTextReason,
    Limits,
    MediaError,
    PhotoFeatures,
    PhotoRefusal,
    PhotoRefused,
    accepted_photo,
    format_photo,
    judge_photos,
    photo_features,
)
from matcher.photos import furniture

need_opencv()


def screenshot() -> Image.Image:
    page = Image.new("RGB", (1080, 2160), "#121214")
    page.paste(scene(1, (1080, 810)), (0, 600))
    draw = ImageDraw.Draw(page)
    for top in (20, 110, 200, 290, 380, 1500, 1600, 1700, 1800, 1900):
        draw.text((40, top), "12:34 a comment under the picture LTE", fill="#dcdce1", font_size=44)
    return page


def text_page() -> Image.Image:
    page = Image.new("RGB", (1000, 1200), "white")
    for top in range(20, 1150, 44):
        ImageDraw.Draw(page).text(
            (30, top), f"Line {top} of a letter to somebody else", fill="black", font_size=32
        )
    return page


def bricks() -> Image.Image:
    page = Image.new("RGB", (960, 720), "#9b4a3a")
    for row in range(0, 720, 40):
        for left in range(-80 + row % 80, 960, 80):
            ImageDraw.Draw(page).rectangle((left, row, left + 80, row + 40), outline="#d8d0c8", width=4)
    return page


def flag() -> Image.Image:
    page = Image.new("RGB", (900, 600), "white")
    for number, colour in enumerate(("#0055a4", "#ffffff", "#ef4135")):
        ImageDraw.Draw(page).rectangle((300 * number, 0, 300 * number + 300, 600), fill=colour)
    return page


def logo() -> Image.Image:
    page = Image.new("RGB", (900, 600), "white")
    ImageDraw.Draw(page).ellipse((250, 100, 650, 500), fill="#cd2e3a")
    ImageDraw.Draw(page).text((300, 250), "LOGO", fill="white", font_size=120)
    return page


@pytest.mark.parametrize(
    ("picture", "reasons"),
    [
        pytest.param(Image.new("RGB", (900, 600), "#808080"), {PhotoRefusal.FLAT}, id="blank"),
        pytest.param(flag(), {PhotoRefusal.FLAT}, id="flag"),
        pytest.param(screenshot(), {PhotoRefusal.SCREENSHOT}, id="screenshot"),
        pytest.param(text_page(), {PhotoRefusal.TEXT, PhotoRefusal.SCREENSHOT}, id="text page"),
        pytest.param(bricks(), {PhotoRefusal.PATTERN, PhotoRefusal.SCREENSHOT}, id="bricks"),
        pytest.param(
            logo(),
            {PhotoRefusal.FLAT, PhotoRefusal.TEXT, PhotoRefusal.SCREENSHOT, PhotoRefusal.PATTERN},
            id="logo",
        ),
    ],
)
def test_what_is_no_photo_is_refused_with_a_reason(picture: Image.Image, reasons: set[PhotoRefusal]) -> None:
    with pytest.raises(PhotoRefused) as refused:
        registered(picture)
    assert refused.value.reason in reasons


def test_a_photo_has_as_many_features_as_may_be_and_all_inside() -> None:
    photo = registered(scene(1))
    assert (photo.width, photo.height, len(photo)) == (960, 720, 1000)


def test_faint_corners_of_a_smooth_photo_are_registered_and_seen_in_a_crop() -> None:
    page = smooth(5, 60)
    photo = registered(page)
    assert len(photo) == 1000
    index = indexed(7)
    index.add([(5, photo)])
    [match] = judge_photos(posted(page.crop((240, 160, 720, 520)).resize((960, 720))), index)
    assert match.photo_id == 5
    across = [x for x, _ in match.photo_outline]
    assert max(across) - min(across) > 4 * 60 / 960


def test_a_photo_with_nothing_but_faint_corners_is_refused() -> None:
    with pytest.raises(PhotoRefused) as refused:
        registered(smooth(5, 1))
    assert refused.value.reason is PhotoRefusal.TOO_FEW


def test_borders_and_captions_are_cut_off() -> None:
    page = Image.new("RGB", (1160, 920), "white")
    page.paste(scene(1), (100, 150))
    ImageDraw.Draw(page).text((120, 40), "when you see it", fill="black", font_size=60)
    photo = registered(page)
    assert abs(photo.width - 960) <= 12
    assert abs(photo.height - 720) <= 12


def test_what_is_written_over_a_photo_is_not_registered() -> None:
    page = scene(1)
    page.paste("#a08060", (100, 300, 860, 420))
    plain = registered(page)
    ImageDraw.Draw(page).text(
        (120, 310), "WHEN YOU SEE IT", fill="white", font_size=80, stroke_width=6, stroke_fill="black"
    )
    written = registered(page)

    def inside(photo: PhotoFeatures) -> int:
        across, down = photo.places.T.astype(np.float64) * 960 / 65_535
        return int(((across > 120) & (across < 840) & (down > 315) & (down < 405)).sum())

    assert inside(plain) <= 10
    assert inside(written) <= 10
    assert len(written) == 1000


def test_a_person_before_a_white_wall_is_no_caption() -> None:
    page = Image.new("RGB", (960, 720), "white")
    mask = Image.new("L", page.size, 0)
    ImageDraw.Draw(mask).ellipse((280, 160, 680, 1200), fill=255)
    page.paste(scene(1), (0, 0), mask)
    photo = registered(page)
    assert (photo.width, photo.height) == (960, 720)


def test_the_features_of_one_file_are_always_the_same() -> None:
    data = encoded(scene(3), "JPEG", quality=90)
    assert photo_features(data, Limits()).to_bytes() == photo_features(data, Limits()).to_bytes()


def test_a_file_that_is_no_picture_is_a_media_error() -> None:
    with pytest.raises(MediaError):
        photo_features(np.random.default_rng(1).bytes(500), Limits())


def test_what_a_page_sends_is_rid_of_features_of_screens() -> None:
    photo = features(number=200)
    descriptors = photo.descriptors.copy()
    descriptors[[3, 50, 199]] = furniture.descriptors()[[0, 700, 11_000]]
    accepted = accepted_photo(format_photo(replace(photo, descriptors=descriptors)))
    kept = np.delete(np.arange(200), [3, 50, 199])
    for name in ("places", "sizes", "turns", "descriptors"):
        assert np.array_equal(getattr(accepted, name), getattr(photo, name)[kept])


def test_our_own_sketches_are_accepted_as_they_are() -> None:
    photo = registered(scene(1))
    assert accepted_photo(format_photo(photo)).to_bytes() == photo.to_bytes()


@pytest.mark.parametrize(("number", "screens"), [(200, 12), (61, 2)])
def test_a_sketch_of_a_screen_or_with_too_little_beside_is_refused(number: int, screens: int) -> None:
    photo = features(number=number)
    descriptors = photo.descriptors.copy()
    descriptors[:screens] = furniture.descriptors()[:screens]
    with pytest.raises(HashTextError) as refused:
        accepted_photo(format_photo(replace(photo, descriptors=descriptors)))
    assert refused.value.reason is HashTextReason.LOW_QUALITY
