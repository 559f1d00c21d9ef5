"""What of a picture is registered: not the bars of an app, and nothing of a page of text."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import drawing, encoded, picture
from PIL import Image, ImageDraw

from matcher import Band, Index, Limits, MediaFingerprint, fingerprint_bytes, format_media, judge
from matcher.framing import Framing, framing_of
from matcher.look import shrink


class Vector(TypedDict):
    """One of frames.json."""

    file: str
    framing: str
    inside: list[int] | None


VECTORS = Path(__file__).parent / "vectors"
FRAMES: list[Vector] = json.loads((VECTORS / "frames.json").read_text())
PHOTO = (480, 480)


def small(image: Image.Image) -> NDArray[np.float32]:
    return shrink(np.asarray(image.convert("L"), dtype=np.float32))[1]


def seen(image: Image.Image) -> MediaFingerprint:
    return fingerprint_bytes(encoded(image, "PNG"), Limits())


def screen(photo: Image.Image | None, words: str, brightness: int = 250) -> Image.Image:
    """A screen of an app, with a photo or with messages."""
    page = Image.new("RGB", (480, 960), (brightness,) * 3)
    if photo is not None:
        page.paste(photo, (0, 140))
    draw = ImageDraw.Draw(page)
    lines = [8, 60, 880, 920] if photo else [8, 60, *range(140, 860, 60), 920]
    for top in lines:
        draw.text((30, top), words, fill=(40, 40, 40), font_size=22)
    return page


def oval(photo: Image.Image) -> Image.Image:
    """The photo as an oval on the page of a screen, where it has no edge."""
    page = Image.new("RGB", PHOTO, (250,) * 3)
    mask = Image.new("1", photo.size)
    ImageDraw.Draw(mask).ellipse((0, 0, *photo.size), fill=1)
    page.paste(photo, (PHOTO[0] // 2 - photo.width // 2, 0), mask)
    return page


def letterboxed(photo: Image.Image) -> Image.Image:
    page = Image.new("RGB", (photo.width, photo.height + 300))
    page.paste(photo, (0, 150))
    return page


def registered(media: MediaFingerprint) -> Index:
    index = Index()
    index.add((number, part.bits, 31) for number, part in enumerate(media.parts))
    return index


@pytest.mark.parametrize("vector", FRAMES, ids=[vector["file"] for vector in FRAMES])
def test_the_vectors_are_told_by_the_rule(vector: Vector) -> None:
    with Image.open(VECTORS / vector["file"]) as image:
        found, inside = framing_of(small(image))
    assert found.name.lower() == vector["framing"]
    if vector["inside"] is not None:
        places = [inside.top, inside.bottom, inside.left, inside.right]
        assert np.abs(np.subtract(places, vector["inside"])).max() <= 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "kind", ["photo", "screen", "letterbox", "page", "drawing", "sky", "oval", "narrow oval"]
)
def test_the_rule_is_what_the_document_says(kind: str, seed: int) -> None:
    photo = picture(seed, PHOTO)
    made = {
        "photo": photo,
        "screen": screen(photo, f"message {seed}", 10 * seed),
        "letterbox": letterboxed(photo),
        "page": screen(None, f"message {seed}"),
        "drawing": drawing(seed, (500, 700)),
        "sky": screen(Image.new("RGB", PHOTO, (9 * seed, 99, 200)), "below a sky"),
        "oval": screen(oval(photo), f"message {seed}"),
        "narrow oval": screen(oval(photo.resize((100, 480))), f"message {seed}"),
    }[kind]
    values = small(made)
    found, inside = framing_of(values)
    assert (found.name.lower(), [inside.top, inside.bottom, inside.left, inside.right]) == written_again(
        values.tolist()
    )


def test_of_a_screen_only_the_picture_inside_is_registered() -> None:
    photo = picture(3, PHOTO)
    of_screen, of_photo = seen(screen(photo, "hello")), seen(photo)
    assert len(of_screen.parts) == 5
    for one, other in zip(of_screen.parts, of_photo.parts, strict=True):
        assert (int.from_bytes(one.bits) ^ int.from_bytes(other.bits)).bit_count() <= 8


def test_screens_of_one_app_do_not_match_one_another() -> None:
    index = registered(seen(screen(picture(3, PHOTO), "hello")))
    assert judge(seen(screen(picture(4, PHOTO), "good night")), index) == []


def test_the_bars_around_a_picture_without_edges_are_not_registered() -> None:
    found, inside = framing_of(small(screen(oval(picture(3, PHOTO)), "hello")))
    assert found is Framing.SCREEN
    assert np.abs(np.subtract([inside.top, inside.bottom], [140 // 2, 620 // 2])).max() <= 1


def test_of_a_screen_in_which_no_picture_is_found_nothing_is_registered() -> None:
    page = screen(oval(picture(3, (100, 480))), "hello")
    assert framing_of(small(page))[0] is Framing.PAGE
    assert seen(page).parts == ()


def test_who_registered_a_screen_is_found_by_the_picture_and_by_other_screens() -> None:
    photo = picture(3, PHOTO)
    index = registered(seen(screen(photo, "hello")))
    for posted in (photo, screen(photo, "hello"), screen(photo, "another app", 18)):
        assert Band.MATCH in {match.band for match in judge(seen(posted), index)}


def test_of_a_letterbox_the_whole_is_registered_too() -> None:
    photo = picture(5, PHOTO)
    media = seen(letterboxed(photo))
    assert media.parts[0] == media.fingerprint
    assert judge(seen(photo), registered(media))


def test_a_page_of_messages_is_not_registered() -> None:
    media = seen(screen(None, "a few words here and there"))
    assert media.stills[0].is_page
    assert format_media(media) == []


def test_a_head_before_a_white_wall_is_no_frame() -> None:
    page = Image.new("RGB", (480, 640), "white")
    draw = ImageDraw.Draw(page)
    draw.ellipse((180, 80, 300, 240), fill=(150, 110, 90))
    page.paste(
        picture(6, (400, 420)),
        (40, 220),
        Image.radial_gradient("L").resize((400, 420)).point(lambda v: 255 - v),
    )
    assert framing_of(small(page))[0] in (Framing.NONE, Framing.FRAMED)


def written_again(rows: list[list[float]]) -> tuple[str, list[int]]:
    """The rule of docs/fingerprints.md, number by number and without numpy, as another program would have it."""
    height, width = len(rows), len(rows[0])
    whole = [0, height, 0, width]

    def told(row: list[float]) -> tuple[int, float, float, bool]:
        values = [int(value) for value in row[:: max(1, len(row) // 128)]]
        steps = [0] * 64
        for value in values:
            steps[value // 4] += 1
        most = [steps[c] + steps[c + 1] for c in range(63)]
        colour = most.index(max(most))
        second = max(most[c] for c in range(63) if abs(c - colour) >= 2)
        one, two = most[colour] / len(values), (most[colour] + second) / len(values)
        return colour, one, two, one < 0.95 and max(values) - min(values) >= 48

    def bar(said: list[tuple[int, float, float, bool]]) -> tuple[int, int] | None:
        end = at = 0
        for plain, alike in groupby(said, lambda row: row[1] >= 0.95):
            run = list(alike)
            if not plain and len(run) > 0.06 * height:
                return (end, at) if end else None
            at += len(run)
            if not plain and at > len(run) and any(written for _, _, _, written in run):
                end = at
        return None

    said = [told(row) for row in rows]
    top = bottom = start = 0
    last = None
    for at in range(height):
        if said[at][1] >= 0.6:
            continue
        if last is None or at - last - 1 > max(2, round(0.005 * height)):
            start = at
        last = at
        if at + 1 - start > bottom - top:
            top, bottom = start, at + 1
    bars = [found for turned in (said, said[::-1]) if (found := bar(turned))]
    bars = bars if len(bars) == 2 else []
    if bottom - top < 0.14 * height:
        lines = sum(said[at][3] and (at == 0 or not said[at - 1][3]) for at in range(height))
        few = sum(one >= 0.6 or two >= 0.8 for _, one, two, _ in said)
        return ("page" if bars or (few >= 0.85 * height and lines >= 4) else "none"), whole

    def edge(said: list[tuple[int, float, float, bool]], at: int) -> int:
        if any(one >= 0.95 for _, one, _, _ in said[max(0, at - 3) : at]):
            return at
        for row in range(at, 0, -1):
            if abs(said[row][0] - said[row - 1][0]) > 2 and said[row - 1][1] >= 0.95:
                return row
        return 0

    above, below = edge(said, top), edge(said[::-1], height - bottom)
    if bars:
        (end, thing), (last, lowest) = bars
        above = above if above >= end else min(thing, top)
        below = below if below >= last else min(lowest, height - bottom)
    top, bottom = above, height - below
    columns = [told([row[at] for row in rows[top:bottom]])[1] for at in range(width)]
    varied = [at for at in range(width) if columns[at] < 0.95]
    left, right = (varied[0], varied[-1] + 1) if varied else (0, 0)
    if right - left < 0.14 * width:
        left, right = 0, width
    if max(top, height - bottom) < 0.015 * height and max(left, width - right) < 0.015 * width:
        return "none", whole
    outside = [one for _, one, _, _ in [*said[:top], *said[bottom:]]]
    is_screen = (
        min(top, height - bottom) >= 0.03 * height
        and any(one < 0.95 for one in outside)
        and sum(one >= 0.6 for one in outside) >= 0.75 * len(outside)
    )
    return ("screen" if is_screen else "framed"), [top, bottom, left, right]
