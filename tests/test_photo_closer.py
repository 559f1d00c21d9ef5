"""A closer look at where a photo would lie in a posted picture."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from photos import need_opencv, posted, registered, scene
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from test_photo_overlays import THREE, smooth, written
from test_photo_verdict import inside

import matcher.fingerprint
from matcher import Head, LeftOut, Limits, PhotoIndex, StillKind, judge_photos
from matcher.fingerprint import collect
from matcher.photos.closer import Closeup, Levels, Look, bent
from matcher.photos.keypoints import WORKING_SIDE, LocalFeatures
from matcher.photos.tables import Words, words_of
from matcher.photos.verdict import _features
from matcher.sandbox import wire

need_opencv()

Floats = NDArray[np.float64]
AS_IT_IS = np.array([1.0, 0, 0, 0, 1, 0])


def of_photo(seed: int) -> tuple[Floats, Words]:
    photo = registered(scene(seed))
    return _features(photo.places, photo.sizes, photo.turns), words_of(photo.descriptors)


def at(photo: Floats, way: Floats) -> Floats:
    """Features where the way has them."""
    places = photo[:, :2] @ way.reshape(2, 3)[:, :2].T + way.reshape(2, 3)[:, 2]
    return np.column_stack((places, photo[:, 2:]))


def on_a_page_of_text(part: Image.Image) -> Image.Image:
    page = Image.new("RGB", (1280, 960), "white")
    draw = ImageDraw.Draw(page)
    for line in range(38):
        draw.text(
            (20, 25 * line), f"{line} quick brown foxes jump over the lazy dogs " * 3, "black", font_size=18
        )
    page.paste(part, (700, 400))
    return page


def looked(image: Image.Image, way: Floats, *, is_mirrored: bool = False) -> tuple[Floats, Look]:
    """At what a post shows, by the features of scene 7, all of which are likely."""
    greys = local_of(image).greys
    assert greys is not None
    photo, words = of_photo(7)
    look = Closeup(Levels(greys), is_mirrored).look(
        photo, words, way, at(photo, way), np.ones(len(photo), dtype=np.bool_)
    )
    assert look is not None
    return look


def local_of(image: Image.Image) -> LocalFeatures:
    return posted(image).stills[0].local[0]


def test_features_are_where_they_were_registered() -> None:
    _, look = looked(scene(7), AS_IT_IS)
    photo, _ = of_photo(7)
    assert (look.bits >= 0).mean() > 0.9
    assert np.median(look.bits) < 20
    apart = np.hypot(*(look.shown - photo)[look.bits >= 0, :2].T)
    assert np.percentile(apart, 95) < 0.006


def test_a_way_that_is_a_little_off_is_corrected() -> None:
    way, _ = looked(scene(7), np.array([1.002, 0, 0.002, 0, 1.002, -0.002]))
    assert way == pytest.approx(AS_IT_IS, abs=0.001)


def test_a_picture_that_was_drawn_out_is_looked_at_as_it_is_bent() -> None:
    _, look = looked(scene(7).resize((960, 600)), np.array([1, 0, 0, 0, 600 / 720, 0]))
    assert np.median(look.bits[look.bits >= 0]) < 32


def test_the_mirror_image_is_looked_at_in_the_picture_itself() -> None:
    way, look = looked(ImageOps.mirror(scene(7)), AS_IT_IS, is_mirrored=True)
    assert np.median(look.bits[look.bits >= 0]) < 24
    assert way == pytest.approx(AS_IT_IS, abs=0.001)


def test_in_another_picture_nothing_is_found() -> None:
    greys = local_of(scene(8)).greys
    assert greys is not None
    photo, words = of_photo(7)
    is_likely = np.arange(len(photo)) < 20
    assert Closeup(Levels(greys), False).look(photo, words, AS_IT_IS, photo, is_likely) is None


@pytest.mark.parametrize(("likely", "is_told"), [(3, False), (4, True)])
def test_a_look_is_given_up_where_fewer_than_four_that_were_likely_are_near(
    likely: int, is_told: bool
) -> None:
    greys = local_of(scene(7)).greys
    assert greys is not None
    photo, words = of_photo(7)
    looked_at = Closeup(Levels(greys), False).look(
        photo, words, AS_IT_IS, photo, np.arange(len(photo)) < likely
    )
    assert (looked_at is not None) == is_told


@pytest.mark.parametrize(("number", "is_told"), [(15, False), (16, True)])
def test_a_look_is_given_up_where_fewer_than_sixteen_are_near(number: int, is_told: bool) -> None:
    greys = local_of(scene(7)).greys
    assert greys is not None
    photo, words = of_photo(7)
    _, look = looked(scene(7), AS_IT_IS)
    some = np.flatnonzero((look.bits >= 0) & (look.bits < 30))[:number]
    everything = np.ones(number, dtype=np.bool_)
    looked_at = Closeup(Levels(greys), False).look(
        photo[some], np.ascontiguousarray(words[some]), AS_IT_IS, photo[some], everything
    )
    assert (looked_at is not None) == is_told


@pytest.mark.parametrize(
    "way",
    [
        (1, 0, 2, 0, 1, 0),
        (0, 0, 0, 0, 0, 0),
        (-1, 0, 1, 0, 1, 0),
        (0.01, 0, 0, 0, 0.01, 0),
        (1e6, 0, 0.4, 0, 1e-6, 0.3),
        (30, 0, -10, 0, 30, -10),
    ],
)
def test_a_way_that_leads_nowhere_is_given_up(way: tuple[float, ...]) -> None:
    greys = local_of(scene(7)).greys
    assert greys is not None
    photo, words = of_photo(7)
    everything = np.ones(len(photo), dtype=np.bool_)
    nowhere = np.array(way, dtype=float)
    assert Closeup(Levels(greys), False).look(photo, words, nowhere, at(photo, nowhere), everything) is None


def seen_from_the_side(image: Image.Image) -> Image.Image:
    """As a camera sees a screen that does not face it."""
    width, height = image.size
    corners = (0.2 * width, 0.1 * height, 0, 0.8 * height, 0.9 * width, height, width, 0)
    # What `Image.transform` asks for leads from the new picture to the old one.
    rows, wanted = [], []
    for (x, y), (u, v) in zip(
        zip(corners[0::2], corners[1::2], strict=True),
        ((0, 0), (0, height), (width, height), (width, 0)),
        strict=True,
    ):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    ways = np.linalg.solve(np.array(rows), np.array(wanted)).tolist()
    return image.transform(image.size, Image.Transform.PERSPECTIVE, ways, Image.Resampling.BICUBIC)


def test_a_photo_of_a_screen_from_the_side_is_found() -> None:
    index = PhotoIndex()
    index.add((seed, registered(scene(seed))) for seed in (7, 8))
    [match] = judge_photos(posted(seen_from_the_side(scene(7))), index)
    assert match.photo_id == 7


def test_how_a_photo_lies_at_a_place_is_told_by_what_agrees_around_it() -> None:
    random = np.random.default_rng(1)
    ones, held = random.random((400, 2)) * 0.3, np.array([0.5, 0.1, 0.2, -0.1, 0.5, 0.3])
    others = ones @ np.array([[0.7, 0.2], [-0.1, 0.6]]) + (0.1, 0.4)
    near, far = bent(np.array([[0.15, 0.15], [0.9, 0.7]]), ones, others, held)
    assert near == pytest.approx([0.7, -0.1, 0.19, 0.2, 0.6, 0.52], abs=0.02)
    assert far == pytest.approx(
        [0.5, 0.1, 0.5 * 0.9 + 0.1 * 0.7 + 0.2, -0.1, 0.5, -0.1 * 0.9 + 0.5 * 0.7 + 0.3]
    )


def nearly_smooth(seed: int) -> Image.Image:
    """A picture with little texture, as a wall or a face has."""
    ground = np.asarray(smooth(seed).filter(ImageFilter.GaussianBlur(2)), dtype=float)
    values = ground + 0.12 * (np.asarray(scene(seed), dtype=float) - 110)
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def test_a_part_with_little_texture_is_found_in_a_picture_with_much() -> None:
    index = PhotoIndex()
    index.add((seed, registered(nearly_smooth(seed))) for seed in (30, 50, 51))
    part = nearly_smooth(30).crop((550, 300, 910, 660)).rotate(7, Image.Resampling.BICUBIC)
    [match] = judge_photos(posted(inside(part.crop((30, 30, 330, 330)))), index)
    assert match.photo_id == 30


def test_letters_over_two_pictures_are_told_from_one_picture_by_their_ground() -> None:
    shouted = partial(written, THREE, "#ffe600", None)
    index = PhotoIndex()
    index.add((seed, registered(shouted(nearly_smooth(seed)))) for seed in range(30, 36))
    assert judge_photos(posted(shouted(nearly_smooth(45))), index) == []
    [match] = judge_photos(posted(shouted(nearly_smooth(33))), index)
    assert match.photo_id == 33


def test_where_no_picture_was_kept_the_first_look_counts() -> None:
    index = PhotoIndex()
    index.add([(7, registered(scene(7)))])
    media = posted(inside(scene(7).crop((200, 100, 700, 600))))
    [still] = media.stills
    without = replace(still, local=tuple(replace(local, greys=None) for local in still.local))
    [match] = judge_photos(replace(media, stills=(without,)), index)
    assert match.photo_id == 7


def test_in_a_picture_in_black_and_white_all_features_tell_something() -> None:
    local = local_of(scene(7).convert("L").point(lambda grey: 255 * (grey > 110)))
    assert local.telling == len(local) > 500


@pytest.mark.parametrize("size", [(360, 270), (240, 180)])
def test_a_part_on_a_page_of_text_is_found(size: tuple[int, int]) -> None:
    index = PhotoIndex()
    index.add([(7, registered(scene(7)))])
    media = posted(on_a_page_of_text(scene(7).crop((200, 200, 560, 470)).resize(size)))
    [local] = media.stills[0].local
    assert local.telling == len(local)
    assert [one.photo_id for one in judge_photos(media, index)] == [7]


def test_of_a_file_with_many_pictures_only_some_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher.fingerprint, "_MOST_GREYS_BYTES", 2 * 960 * 720)
    [still] = posted(scene(7)).stills
    entries = [replace(still, kind=StillKind.ENTRY, at=number) for number in range(1, 5)]
    media = collect([Head("ZIP"), *entries, LeftOut(0)])
    assert [one.local[0].greys is None for one in media.stills] == [False, False, True, True]
    assert all(len(one.local[0]) == len(still.local[0]) for one in media.stills)


def crossed(local: LocalFeatures, *, cut: int = 0) -> LocalFeatures:
    """The same once it came out of the sandbox, without the last bytes of its answer."""
    [still] = posted(scene(7)).stills
    answer = wire.pack(Head("JPEG")) + wire.pack(replace(still, local=(local,)))
    shown = wire.read_answer(io.BytesIO(answer[: len(answer) - cut]), Limits())
    assert isinstance(next(shown), Head)
    still_read = next(shown)
    assert not isinstance(still_read, (Head, LeftOut))
    return still_read.local[0]


def test_the_picture_comes_out_of_the_sandbox_as_it_is() -> None:
    local = local_of(scene(7))
    sent, read = local.greys, crossed(local).greys
    assert sent is not None
    assert read is not None
    assert np.array_equal(read, sent)
    assert crossed(replace(local, greys=None)).greys is None
    with pytest.raises(EOFError):
        crossed(local, cut=1)


def test_a_picture_larger_than_any_that_is_searched_is_refused() -> None:
    local = local_of(scene(7))
    wide = np.zeros((10, WORKING_SIDE + 1), dtype=np.uint8)
    none = {
        name: getattr(local, name)[:0] for name in ("places", "sizes", "turns", "descriptors", "mirrored")
    }
    larger = LocalFeatures(wide.shape[1], wide.shape[0], **none, telling=0, greys=wide)
    with pytest.raises(wire.WireError, match="limits"):
        crossed(larger)


def test_a_picture_of_another_size_is_no_copy() -> None:
    with pytest.raises(ValueError, match="size"):
        replace(local_of(scene(7)), greys=np.zeros((3, 4), dtype=np.uint8))
