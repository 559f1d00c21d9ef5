"""The attack on photos: what is written and drawn over pictures that have nothing else in common.

    python bench/overlays.py FOLDER... [--each 12]

Of the pictures in the folders every other one is registered with the same thing over it, and the others are posted with
it. Whatever matches is false. Needed is what it takes against 10,000 photos.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from derived import Times, frames, stilled
from edits import Edit, edits, simple, telegram
from pictures import LIMITS
from PIL import Image, ImageDraw
from scenes import sources

from matcher import MediaFingerprint, PhotoIndex, PhotoRefused, judge_photos
from matcher.files.decode import decode
from matcher.photos import verdict
from matcher.photos.orb import prepare
from matcher.photos.register import features_of

Lines = Sequence[tuple[str, float, float, float]]
"""Text, and as shares of width and height where it begins and how high it is."""

PARAGRAPH = (
    "Breaking: a thing happened",
    "and nobody was told of it until",
    "late in the evening, as people",
    "of the town said to us by phone.",
)
TWO: Lines = (("SALE ENDS TODAY", 0.1, 0.03, 0.1), ("COME AND SEE US", 0.15, 0.86, 0.1))
SUBTITLES: Lines = (
    ("I do not know who did this,", 0.15, 0.8, 0.06),
    ("but we will find them tomorrow.", 0.1, 0.88, 0.06),
)
POSTER: Lines = (
    ("NIGHT", 0.1, 0.1, 0.13),
    ("OF THE", 0.1, 0.26, 0.13),
    ("LONG RIVER", 0.1, 0.42, 0.13),
    ("STARRING SOMEBODY", 0.1, 0.88, 0.04),
)


def written(lines: Lines, fill: str, stroke: str | None, page: Image.Image) -> Image.Image:
    for text, left, top, size in lines:
        ImageDraw.Draw(page).text(
            (int(left * page.width), int(top * page.height)),
            text,
            fill=fill,
            font_size=int(size * page.height),
            stroke_width=max(1, int(size * page.height / 14)) if stroke else 0,
            stroke_fill=stroke,
        )
    return page


def boxed(page: Image.Image) -> Image.Image:
    dark = page.copy()
    ImageDraw.Draw(dark).rectangle((0, int(0.77 * page.height), page.width, page.height), fill="black")
    return written(SUBTITLES, "white", None, Image.blend(page, dark, 0.6))


def flagged(page: Image.Image) -> Image.Image:
    draw, width, height = ImageDraw.Draw(page), page.width // 4, page.height // 5
    for stripe in range(7):
        top = 20 + stripe * height // 7
        draw.rectangle((20, top, 20 + width, top + height // 7), fill="white" if stripe % 2 else "#b22234")
    draw.rectangle((20, 20, 20 + width * 2 // 5, 20 + height // 2), fill="#3c3b6e")
    for star in range(15):
        place = (32 + star % 5 * width // 13, 32 + star // 5 * height // 7, 6)
        draw.regular_polygon(place, 5, fill="white")
    return page


def blinds(page: Image.Image) -> Image.Image:
    values = np.asarray(page, dtype=np.float32).copy()
    rows = np.arange(len(values)) // 14 % 3 == 0
    values[rows] = 0.2 * values[rows] + 144
    return Image.fromarray(values.astype(np.uint8))


def bordered(page: Image.Image) -> Image.Image:
    """A frame of shapes, the same on each picture."""
    draw, random, side = ImageDraw.Draw(page), np.random.default_rng(1), int(0.06 * page.height)
    across = [(left, top) for left in range(0, page.width, side) for top in (0, page.height - side)]
    down = [(left, top) for top in range(side, page.height - side, side) for left in (0, page.width - side)]
    for left, top in across + down:
        red, green, blue = random.integers(0, 255, 3).tolist()
        draw.regular_polygon(
            (left + side // 2, top + side // 2, side // 2 - 2),
            int(random.integers(3, 7)),
            rotation=int(random.integers(360)),
            fill=(red, green, blue),
        )
    return page


def overlays() -> dict[str, Edit]:
    known = {**frames(), "screenshot dark": edits(True)["screenshot dark"]}
    names = ("meme text", "logo", "watermark tiled", "caption band", "screenshot light", "screenshot dark")
    paragraph = tuple((line, 0.06, 0.2 + 0.09 * number, 0.07) for number, line in enumerate(PARAGRAPH))
    drawn: dict[str, Callable[[Image.Image], Image.Image]] = {
        "subtitles": partial(written, SUBTITLES, "white", "black"),
        "subtitles in a dark box": boxed,
        "film poster": partial(written, POSTER, "white", "black"),
        "paragraph": partial(written, paragraph, "white", "black"),
        "paragraph in blue": partial(written, paragraph, "#1040ff", None),
        "two lines in yellow": partial(written, TWO, "#ffe600", None),
        "two lines in yellow on black": partial(written, TWO, "#ffe600", "black"),
        "two lines in red": partial(written, TWO, "#e01020", None),
        "two lines in pink on white": partial(written, TWO, "#ff4fa0", "white"),
        "two lines in grey": partial(written, TWO, "#a0a0a0", None),
        "flag": flagged,
        "blinds": blinds,
        "frame of shapes": bordered,
    }
    return {**{name: known[name] for name in names}, **{name: simple(edit) for name, edit in drawn.items()}}


def one_picture(pictures: Sequence[Image.Image]) -> set[tuple[int, int]]:
    """Post and photo that match with nothing over them: one picture in two files."""
    index = PhotoIndex()
    for at in range(0, len(pictures), 2):
        try:
            index.add([(at, features_of(decode(telegram(pictures[at], 92), LIMITS).luma))])
        except PhotoRefused:
            continue
    return {
        (at, match.photo_id)
        for at in range(1, len(pictures), 2)
        for match in judge_photos(
            MediaFingerprint("JPEG", (stilled(telegram(pictures[at]), Times()),)), index
        )
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=12)
    a = parser.parse_args()
    prepare()
    pictures, random = sources(a.folders), np.random.default_rng(4)
    for picture in pictures:
        picture.thumbnail((1280, 1280))
    print(f"{len(pictures)} pictures\n\n| over both | pairs | false |\n|---|---|---|", flush=True)
    known, pairs, false = one_picture(pictures), 0, 0
    for number, (name, edit) in enumerate(overlays().items()):
        index, posts, seen = PhotoIndex(), 0, 0
        for place in range(len(pictures)):
            at = (place + 10 * number) % len(pictures)
            if at % 2 or len(index) == a.each:
                continue
            try:
                file = telegram(edit(pictures[at].copy(), pictures, random), 92)
                index.add([(at, features_of(decode(file, LIMITS).luma))])
            except PhotoRefused:
                continue
        verdict.LEAST_EVIDENCE = 9 + math.log10(10_000 / max(len(index), 1))
        for at in [(place + 10 * number) % len(pictures) for place in range(len(pictures))]:
            if at % 2 and posts < a.each:
                posts += 1
                still = stilled(telegram(edit(pictures[at].copy(), pictures, random)), Times())
                for match in judge_photos(MediaFingerprint("JPEG", (still,)), index):
                    if (at, match.photo_id) in known:
                        continue
                    seen += 1
                    print(f"<!-- post {at}, photo {match.photo_id}, {match.evidence:.1f} digits -->")
        pairs, false = pairs + posts * len(index), false + seen
        print(f"| {name} | {posts * len(index)} | {seen} |", flush=True)
    print(f"| **all** | {pairs} | {false} |")


if __name__ == "__main__":
    main()
