"""From a posted file to which part of which registered photo it shows."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from clips import video
from numpy.typing import NDArray
from photos import features, indexed, need_opencv, posted, registered, scene
from pictures import encoded
from PIL import Image, ImageDraw, ImageOps

from matcher import (
    Limits,
    MediaError,
    PhotoIndex,
    PhotoMatch,
    Relation,
    Sandbox,
    draw_figure,
    fingerprint_bytes,
    judge_photos,
)
from matcher.photos.keypoints import PLACES, SIZES_AN_OCTAVE, TURNS
from matcher.photos.parts import SEARCHED
from matcher.photos.tables import words_of

need_opencv()


@pytest.fixture(scope="module")
def index() -> PhotoIndex:
    return indexed(7, *range(20, 25))


def inside(part: Image.Image, place: tuple[int, int] = (600, 300)) -> Image.Image:
    page = scene(2, (1280, 960))
    page.paste(part, place)
    return page


def the_match(post: Image.Image, index: PhotoIndex) -> PhotoMatch:
    [match] = judge_photos(posted(post), index)
    assert match.photo_id == 7
    return match


def test_the_whole_photo_is_the_same_photo(index: PhotoIndex) -> None:
    match = the_match(scene(7).resize((800, 600)), index)
    assert match.relation is Relation.SAME
    assert not match.mirrored
    assert match.share > 0.95
    assert match.of_post > 0.95
    assert match.scale == pytest.approx(800 / 960, rel=0.02)
    assert match.turn_degrees == pytest.approx(0, abs=1)


def test_a_screenshot_of_the_whole_photo_is_the_same_photo(index: PhotoIndex) -> None:
    page = Image.new("RGB", (1080, 1920), "#121214")
    page.paste(scene(7).resize((1080, 810)), (0, 500))
    ImageDraw.Draw(page).text((40, 40), "12:34   a channel", fill="white", font_size=48)
    assert the_match(page, index).relation is Relation.SAME


def test_a_part_in_another_picture_is_told_with_its_place(index: PhotoIndex) -> None:
    match = the_match(inside(scene(7).crop((300, 200, 660, 560)).resize((500, 500))), index)
    assert match.relation is Relation.PART
    assert match.scale == pytest.approx(500 / 360, rel=0.03)
    assert 0.08 < match.share < 0.2
    assert 0.1 < match.of_post < 0.22
    across = [x * 960 for x, _ in match.photo_outline]
    assert min(across) > 290
    assert max(across) < 670
    assert all(585 / 1280 < x < 1115 / 1280 for x, _ in match.post_outline)


@pytest.mark.parametrize("side", [190, 200, 212, 220])
def test_a_small_part_of_which_few_features_lie_apart_is_found(index: PhotoIndex, side: int) -> None:
    match = the_match(inside(scene(7).crop((100, 300, 100 + side, 300 + side)).resize((340, 340))), index)
    assert match.inliers <= 15
    assert match.relation is Relation.PART


@pytest.mark.parametrize("degrees", [25, 90, 180])
def test_turns_are_told_clockwise(index: PhotoIndex, degrees: int) -> None:
    match = the_match(scene(7).rotate(-degrees, expand=True), index)
    assert abs(match.turn_degrees) == pytest.approx(degrees, abs=2)
    assert match.turn_degrees > 0 or degrees == 180


def test_a_mirrored_part_is_found_and_its_outline_is_where_it_is(index: PhotoIndex) -> None:
    match = the_match(inside(ImageOps.mirror(scene(7).crop((200, 100, 700, 600)))), index)
    assert match.mirrored
    assert all(585 / 1280 < x < 1115 / 1280 for x, _ in match.post_outline)


def test_a_replaced_middle_makes_it_a_part(index: PhotoIndex) -> None:
    page = scene(7)
    page.paste(scene(3).crop((0, 0, 400, 400)), (280, 160))
    match = the_match(page, index)
    assert match.relation is Relation.PART
    assert 0.5 < match.share < 0.95


def test_a_collage_with_the_whole_photo_is_a_part(index: PhotoIndex) -> None:
    page = Image.new("RGB", (1280, 480))
    page.paste(scene(7).resize((640, 480)), (0, 0))
    page.paste(scene(3).resize((640, 480)), (640, 0))
    assert the_match(page, index).relation is Relation.PART


def test_a_cell_of_a_collage_that_stretches_the_photo_is_found(index: PhotoIndex) -> None:
    page = Image.new("RGB", (1280, 480))
    page.paste(scene(7, (960, 720)).resize((640, 320)), (0, 0))
    page.paste(scene(3).resize((640, 480)), (640, 0))
    page.paste(scene(4).resize((640, 160)), (0, 320))
    match = the_match(page, index)
    assert match.share > 0.5
    assert all(x < 0.52 and y < 0.7 for x, y in match.post_outline)


@pytest.mark.parametrize("container", ["JPEG", "PDF", "mp4"])
def test_a_small_part_on_a_page_that_is_flat_to_hashes_is_found(container: str) -> None:
    alone = PhotoIndex()
    alone.add([(7, registered(scene(1)))])
    rows, columns = np.mgrid[0:960, 0:1280]
    page = Image.fromarray((200 + 30 * columns / 1280 + 20 * rows / 960).astype(np.uint8)).convert("RGB")
    page.paste(scene(1).crop((100, 100, 740, 580)).resize((160, 120)), (560, 420))
    data = video([page] * 12) if container == "mp4" else encoded(page, container, quality=90)
    with pytest.raises(MediaError, match="flat"):
        fingerprint_bytes(data, Limits())
    [match] = judge_photos(fingerprint_bytes(data, Limits(), ["photo"]), alone)
    assert match.relation is Relation.PART


def test_a_flat_picture_without_features_stays_flat() -> None:
    with pytest.raises(MediaError, match="flat"):
        posted(Image.new("RGB", (640, 480), "#808080"))


def test_other_pictures_are_not_matched(index: PhotoIndex) -> None:
    assert [judge_photos(posted(scene(seed)), index) for seed in range(40, 46)] == [[]] * 6


def test_two_photos_in_one_frame_do_not_match(index: PhotoIndex) -> None:
    def framed(seed: int) -> Image.Image:
        page = Image.new("RGB", (960, 900), "white")
        page.paste(scene(seed), (0, 180))
        draw = ImageDraw.Draw(page)
        draw.text((40, 40), "WHEN YOU SEE IT AGAIN", fill="black", font_size=72)
        draw.text((600, 820), "@somebody", fill="white", font_size=60)
        return page

    alone = PhotoIndex()
    alone.add([(1, registered(framed(50)))])
    assert judge_photos(posted(framed(51)), alone) == []


def test_what_was_removed_is_not_found_and_what_was_added_is(index: PhotoIndex) -> None:
    changing = PhotoIndex()
    photo = registered(scene(7))
    changing.add([(1, photo)])
    post = posted(scene(7))
    assert [match.photo_id for match in judge_photos(post, changing)] == [1]
    changing.remove([1, 99])
    assert len(changing) == 0
    assert judge_photos(post, changing) == []
    changing.add([(2, photo)])
    assert [match.photo_id for match in judge_photos(post, changing)] == [2]


def test_adding_is_all_or_none() -> None:
    index = PhotoIndex()
    index.add([(1, features(1))])
    for ids in ([2, 1], [3, 3], [-1], [2**51]):
        with pytest.raises(ValueError, match=r"^(a photo|an id) is "):
            index.add((photo_id, features(9)) for photo_id in ids)
    assert len(index) == 1


def test_one_photo_that_a_whole_class_registered_is_found_for_all_of_them() -> None:
    photo = registered(scene(7))
    index = PhotoIndex()
    index.add((number, photo) for number in range(30))
    assert [match.photo_id for match in judge_photos(posted(scene(7)), index)] == list(range(30))


def test_nobody_hides_a_photo_by_registering_it_again_and_again() -> None:
    photo, part = registered(scene(7)), posted(inside(scene(7).crop((300, 200, 650, 500))))
    index = PhotoIndex()
    index.add([(7, photo)], {7: 1})
    copies = range(100, 160)
    index.add(((number, photo) for number in copies), dict.fromkeys(copies, 2))
    assert [match.photo_id for match in judge_photos(part, index)] == [7, *copies]


def test_features_made_up_to_match_do_not_match_other_pictures() -> None:
    # The features of what is posted, but at places of their own.
    post = posted(scene(5))
    local = post.stills[0].local[0]
    random = np.random.default_rng(1)
    crafted = features(
        number=500,
        descriptors=local.descriptors[:500],
        places=(random.random((500, 2)) * (65_535, 49_151)).astype(np.uint16),
    )
    index = PhotoIndex()
    index.add([(1, crafted)])
    assert judge_photos(post, index) == []


def test_nobody_hides_a_photo_by_registering_lines_with_some_of_its_features() -> None:
    photo = registered(scene(7))
    random = np.random.default_rng(1)
    alone, beside_others = PhotoIndex(), PhotoIndex()
    for index in (alone, beside_others):
        index.add([(7, photo)])
    for number in range(20):
        descriptors = random.integers(0, 256, (len(photo), 32), dtype=np.uint8)
        rows = random.permutation(SEARCHED)[:200]
        descriptors[rows] = photo.descriptors[rows]
        crafted = features(
            number=len(photo), size=(960, 720), sizes=photo.sizes, turns=photo.turns, descriptors=descriptors
        )
        beside_others.add([(100 + number, crafted)])
    parts = [(left, 300, left + 240, 540) for left in (100, 250, 400, 550)]
    posts = [posted(inside(scene(7).crop(part))) for part in parts]
    found = [
        [{match.photo_id for match in judge_photos(post, index)} for post in posts]
        for index in (alone, beside_others)
    ]
    assert found[0] == found[1] == [{7}] * len(parts)


def test_nobody_hides_a_photo_by_lines_that_are_all_alike_and_a_pattern_like_them_in_the_post() -> None:
    local = posted(scene(7)).stills[0].local[0]
    random = np.random.default_rng(3)
    pattern = random.permutation(256) < 128

    def alike(number: int) -> NDArray[np.uint8]:
        changed = np.argsort(random.random((number, 256)), axis=1) < 12
        return np.packbits(pattern ^ changed, axis=1)

    index = PhotoIndex()
    index.add([(7, registered(scene(7)))])
    index.add((100 + number, features(number=500, descriptors=alike(500))) for number in range(10))
    descriptors = np.concatenate([alike(200), local.descriptors[:1300]])
    post = np.column_stack(
        (
            local.places / PLACES,
            np.exp2(-local.sizes.astype(np.float64) / SIZES_AN_OCTAVE),
            local.turns * (2 * np.pi / TURNS),
        )
    )
    shown = np.concatenate([post[:200], post[:1300]])
    assert 7 in [one.photo_id for one in index.candidates(words_of(descriptors), shown)]


def test_nobody_hides_a_photo_by_sketches_of_what_is_around_it() -> None:
    post = posted(inside(scene(7).crop((100, 300, 340, 540))))
    index = PhotoIndex()
    index.add([(7, registered(scene(7)))])
    assert [match.photo_id for match in judge_photos(post, index)] == [7]
    others = dict.fromkeys(range(100, 170), registered(scene(2, (1280, 960))))
    index.add(others.items(), owner_of=dict.fromkeys(others, 100))
    found = {match.photo_id for match in judge_photos(post, index)}
    assert 7 in found
    # And the one that the nearest pair of all leads to.
    assert len(found) == 64 + 1


def test_a_video_says_when_and_how_often(index: PhotoIndex) -> None:
    from matcher import StillKind

    [still] = posted(scene(7)).stills
    [other] = posted(scene(9)).stills
    frames = tuple(
        replace(one, kind=StillKind.FRAME, at=at, until=at + 500)
        for at, one in ((0, other), (1000, still), (2000, still), (3000, other))
    )
    [match] = judge_photos(replace(posted(scene(7)), stills=frames), index)
    assert (match.still, match.at, match.until) == (StillKind.FRAME, 1000, 2500)
    assert (match.samples, match.of_samples) == (2, 4)
    # The photo's own video is behind it, and shows it better.
    [blurred] = posted(scene(7).resize((120, 90)).resize((960, 720))).stills
    [match] = judge_photos(replace(posted(scene(7)), stills=(blurred, *frames)), index)
    assert (match.still, match.at, match.until) == (StillKind.FRAME, 1000, 2500)
    assert (match.samples, match.of_samples) == (2, 4)


def test_local_features_cross_the_sandbox_only_where_they_are_asked_for(index: PhotoIndex) -> None:
    data = encoded(scene(7), "JPEG", quality=85)
    with Sandbox(1, Limits()) as sandbox:
        asked = sandbox.submit(data, kinds=frozenset({"photo"})).result()
        plain = sandbox.submit(data).result()
    assert [match.photo_id for match in judge_photos(asked, index)] == [7]
    assert plain.stills[0].local == ()
    assert plain.stills[0].views == asked.stills[0].views


def test_the_figure_is_a_picture_of_outlines(index: PhotoIndex) -> None:
    match = the_match(inside(scene(7).crop((300, 200, 660, 560))), index)
    figure = Image.open(io.BytesIO(draw_figure(match)))
    assert figure.format == "PNG"
    assert len(figure.convert("RGB").getcolors(100_000) or []) < 100
