"""Videos and animations: which copies of a registered video are found, and where in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clips import FPS, INTRO, OTHER, SCENE, animation, moving, still, video
from pictures import encoded, picture
from PIL import Image, ImageDraw, ImageOps

from matcher import Band, Index, Limits, Match, MediaFingerprint, StillKind, fingerprint_bytes, judge

LIMITS = Limits()
DENSE = Limits(frames_per_s=6)


def registered(media: MediaFingerprint) -> Index:
    index = Index()
    index.add([(number, fingerprint.bits, 31) for number, (_, fingerprint) in enumerate(media.frames)])
    return index


def best(posted: bytes, index: Index) -> Match | None:
    matches = judge(fingerprint_bytes(posted, LIMITS), index, item_of=dict.fromkeys(range(len(index)), 0))
    return matches[0] if matches else None


def letterbox(image: Image.Image) -> Image.Image:
    page = Image.new("RGB", (image.width, image.width * 16 // 9))
    page.paste(image, (0, (page.height - image.height) // 2))
    return page


def logo(image: Image.Image) -> Image.Image:
    page = image.copy()
    ImageDraw.Draw(page).text((20, 150), "@somebody", fill="white", font_size=16)
    return page


def edited(change: Callable[[Image.Image], Image.Image]) -> bytes:
    return video([change(image) for image in moving(SCENE, 6)])


COPIES: dict[str, Callable[[], bytes]] = {
    "as it is": lambda: video(moving(SCENE, 6)),
    "compressed": lambda: video(moving(SCENE, 6), crf="36"),
    "another codec": lambda: video(moving(SCENE, 6), container="webm", codec="libvpx-vp9"),
    "smaller": lambda: edited(lambda image: image.resize((160, 90))),
    "fewer frames a second": lambda: video(moving(SCENE, 6, fps=5), fps=5),
    "quicker": lambda: video(moving(SCENE, 6 / 1.25, speed=1.25)),
    "the middle of it": lambda: video(moving(SCENE, 6)[2 * FPS : 2 * FPS + 2 * FPS]),
    "after another": lambda: video([*moving(OTHER, 4), *moving(SCENE, 6)]),
    "letterbox": lambda: edited(letterbox),
    "mirrored": lambda: edited(ImageOps.mirror),
    "logo": lambda: edited(logo),
    "GIF": lambda: animation(moving(SCENE, 1.2), "GIF"),
    "WebP": lambda: animation(moving(SCENE, 2), "WEBP"),
    "APNG": lambda: animation(moving(SCENE, 2), "PNG"),
}


@pytest.fixture(scope="module")
def scene() -> Index:
    return registered(fingerprint_bytes(video(moving(SCENE, 6)), DENSE))


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_a_registered_video_is_found(scene: Index, name: str) -> None:
    match = best(COPIES[name](), scene)
    assert match is not None
    assert match.band is Band.MATCH
    assert match.still is StillKind.FRAME
    assert match.samples >= 0.3 * (match.of_samples - (4 if name == "after another" else 0))


def test_another_video_is_not_found(scene: Index) -> None:
    assert best(video(moving(OTHER, 6)), scene) is None


def test_the_verdict_says_where_in_the_video(scene: Index) -> None:
    match = best(video([*moving(OTHER, 4), *moving(SCENE, 3), *moving(INTRO, 3)]), scene)
    assert match is not None
    assert match.at == 4000
    assert 5000 < match.until < 7000
    assert match.samples == 3


def test_a_posted_picture_from_a_registered_video_is_found(scene: Index) -> None:
    match = best(encoded(moving(SCENE, 6)[31], "JPEG"), scene)
    assert match is not None
    assert (match.band, match.still) == (Band.MATCH, StillKind.PICTURE)


@pytest.mark.parametrize("kind", ["mp4", "GIF", "WEBP"])
def test_a_registered_picture_inside_a_posted_video_is_found(kind: str) -> None:
    index = Index()
    parts = fingerprint_bytes(encoded(picture(SCENE, (640, 360)), "JPEG"), LIMITS).parts
    index.add([(number, part.bits, 31) for number, part in enumerate(parts)])
    pictures = [*moving(OTHER, 1), *still(SCENE, 1), *moving(INTRO, 1)]
    match = best(video(pictures) if kind == "mp4" else animation(pictures, kind), index)
    assert match is not None
    assert match.band is Band.MATCH
    assert abs(match.at - 1000) <= 100


def test_a_scene_shorter_than_the_interval_is_seen() -> None:
    flash = [*still(INTRO, 1.25), *still(SCENE, 0.35), *still(INTRO, 1.4)]
    shown = fingerprint_bytes(video(flash), LIMITS)
    assert judge(shown, registered(fingerprint_bytes(video(still(SCENE, 0.5)), LIMITS)))
