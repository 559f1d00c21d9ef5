"""Benign pictures in any number, a fifth of them nearly blank: crops and composites of given ones, screens, drawn ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import apps
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Grey = Image.Image
Random = np.random.Generator
Draw = Callable[[Sequence[Grey], Random], Grey]

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SIDE = 320
_SOURCE_SIDE = 640
_LEAST_BYTES = 20_000
"""Smaller files are icons and diagrams, many of them nearly alike."""
_GRID = 16
"""Sides are multiples of it: the matrices of a size are made once, as sizes of pictures that people post are few."""
_WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "it",
    "was",
    "for",
    "on",
    "are",
    "as",
    "with",
    "his",
    "they",
]


def sources(folders: Sequence[Path]) -> list[Grey]:
    """All pictures in the folders, grey, on white, small. Icons and those that cannot be read are skipped.

    Of folders named `images`, which hold one wallpaper in many sizes, the first file is taken.
    """
    found, seen = [], set()
    for file in sorted(file for folder in folders for file in folder.rglob("*")):
        if file.suffix.lower() not in SUFFIXES or not file.is_file() or file.parent in seen:
            continue
        if file.stat().st_size < _LEAST_BYTES:
            continue
        if file.parent.name == "images":
            seen.add(file.parent)
        try:
            with Image.open(file) as opened:
                opened.draft("RGB", (_SOURCE_SIDE, _SOURCE_SIDE))
                opened.thumbnail((_SOURCE_SIDE, _SOURCE_SIDE), reducing_gap=2.0)
                picture = opened.convert("RGBA")
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        if min(picture.size) >= 64:
            white = Image.new("RGBA", picture.size, "white")
            found.append(Image.alpha_composite(white, picture).convert("L"))
    return found


def picture(pictures: Sequence[Grey], random: Random) -> tuple[str, Grey]:
    """The name of its kind, and one picture."""
    name = str(random.choice(list(KINDS), p=[share for share, _ in KINDS.values()]))
    return name, KINDS[name][1](pictures, random)


def luma(picture: Grey) -> NDArray[np.float32]:
    return np.asarray(picture, dtype=np.float32)


def _crop(pictures: Sequence[Grey], random: Random) -> Grey:
    whole = pictures[int(random.integers(len(pictures)))]
    share = random.uniform(0.3, 1.0)
    width, height = (max(48, int(side * share * random.uniform(0.8, 1))) for side in whole.size)
    left, top = (
        int(random.integers(0, max(1, side - cut + 1)))
        for side, cut in zip(whole.size, (width, height), strict=True)
    )
    box = (left, top, min(left + width, whole.width), min(top + height, whole.height))
    cut = [box[2] - box[0], box[3] - box[1]]
    size = [max(_GRID, round(SIDE * side / max(cut) / _GRID) * _GRID) for side in cut]
    return whole.resize((size[0], size[1]), Image.Resampling.BILINEAR, box, reducing_gap=1.5)


def _screenshot(pictures: Sequence[Grey], random: Random) -> Grey:
    dark = bool(random.integers(2))
    page = Image.new("L", (216, 432), 18 if dark else 250)
    ink = 220 if dark else 40
    shown = _crop(pictures, random)
    shown = shown.resize((216, min(330, shown.height * 216 // shown.width)))
    page.paste(shown, (0, 45 + int(random.integers(0, 20))))
    draw = ImageDraw.Draw(page)
    draw.text((8, 4), "12:34", fill=ink, font_size=9)
    draw.text((170, 4), "LTE 87%", fill=ink, font_size=8)
    draw.text((8, 20), _line(random, 3), fill=ink, font_size=12)
    draw.ellipse((190, 18, 206, 34), fill=ink)
    draw.text((8, 388), _line(random, 5), fill=ink, font_size=9)
    for number in range(4):
        draw.ellipse((18 + 54 * number, 408, 30 + 54 * number, 420), outline=ink, width=2)
    return page


def _collage(pictures: Sequence[Grey], random: Random) -> Grey:
    columns, rows, gap = int(random.integers(1, 4)), int(random.integers(1, 4)), int(random.integers(0, 4))
    size = (columns * 120 + (columns - 1) * gap, rows * 90 + (rows - 1) * gap)
    page = Image.new("L", size, int(random.choice([0, 255])))
    for row in range(rows):
        for column in range(columns):
            page.paste(_crop(pictures, random).resize((120, 90)), (column * (120 + gap), row * (90 + gap)))
    return page


def _inset(pictures: Sequence[Grey], random: Random) -> Grey:
    page, shown = _crop(pictures, random), _crop(pictures, random)
    shown.thumbnail((page.width // 2, page.height // 2))
    page.paste(shown, (int(random.integers(0, page.width // 2)), int(random.integers(0, page.height // 2))))
    return page


def _stickered(pictures: Sequence[Grey], random: Random) -> Grey:
    """With a large sticker of a shape and markings of its own: one that many have in common would be found in all."""
    page = _crop(pictures, random)
    side = int(min(page.size) * random.uniform(0.3, 0.7))
    left, top = (int(random.integers(0, max(1, length - side))) for length in page.size)
    sticker = ImageDraw.Draw(page)
    corners = int(random.integers(4, 12))
    angles = (np.arange(corners) + random.uniform(-0.3, 0.3, corners)) * (2 * np.pi / corners)
    reaches = random.uniform(0.6, 1, corners) * side / 2
    outline = [
        (left + side / 2 + reach * np.cos(angle), top + side / 2 + reach * np.sin(angle))
        for angle, reach in zip(angles, reaches, strict=True)
    ]
    sticker.polygon(outline, fill=int(random.integers(256)))
    for _ in range(int(random.integers(1, 5))):
        row, column = random.uniform(0.2, 0.6, 2) * side
        height, width = random.uniform(0.08, 0.3, 2) * side
        place = (left + column, top + row, left + column + width, top + row + height)
        sticker.ellipse(place, fill=int(random.integers(256)))
    return page


def _blurred(pictures: Sequence[Grey], random: Random) -> Grey:
    return _crop(pictures, random).filter(ImageFilter.GaussianBlur(random.uniform(4, 20)))


def _dark(pictures: Sequence[Grey], random: Random) -> Grey:
    gain = random.uniform(0.05, 0.25)
    return _crop(pictures, random).point(lambda value: value * gain)


def _bright(pictures: Sequence[Grey], random: Random) -> Grey:
    gain = random.uniform(0.05, 0.3)
    return _crop(pictures, random).point(lambda value: 255 - (255 - value) * gain)


def _gradient(pictures: Sequence[Grey], random: Random) -> Grey:
    rows, columns = np.mgrid[-1:1:240j, -1:1:320j]
    angle, centre = random.uniform(0, 2 * np.pi), random.uniform(-1, 1, 2)
    values = np.cos(angle) * rows + np.sin(angle) * columns
    values += random.uniform(-2, 2) * np.hypot(rows - centre[0], columns - centre[1])
    return _grey((values - values.min()) / np.ptp(values) * random.uniform(60, 255))


def _blank(pictures: Sequence[Grey], random: Random) -> Grey:
    """A plain colour with noise and specks."""
    page = random.normal(random.uniform(10, 245), random.uniform(1, 25), (240, 320))
    picture = _grey(page)
    draw = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(0, 4))):
        at, radius = (int(random.integers(320)), int(random.integers(240))), int(random.integers(3, 25))
        draw.ellipse((at[0], at[1], at[0] + radius, at[1] + radius), fill=int(random.integers(256)))
    return picture


def _stage(pictures: Sequence[Grey], random: Random) -> Grey:
    """A figure or a few before a bright wall, as on a stage or in a studio."""
    shade = int(random.integers(190, 256))
    picture = Image.new("L", (240, 320), shade)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, int(random.integers(240, 310)), 240, 320), fill=shade - int(random.integers(10, 80)))
    for _ in range(int(random.integers(1, 4))):
        left, head = int(random.integers(20, 180)), int(random.integers(12, 30))
        top, ink = int(random.integers(40, 160)), int(random.integers(0, 140))
        draw.ellipse((left, top, left + head, top + head), fill=ink + 60)
        draw.rectangle((left - head // 2, top + head, left + 3 * head // 2, top + 5 * head), fill=ink)
    return picture.filter(ImageFilter.GaussianBlur(1))


def _text(pictures: Sequence[Grey], random: Random) -> Grey:
    dark = bool(random.integers(2))
    page = Image.new("L", (240, 320), 20 if dark else 250)
    draw = ImageDraw.Draw(page)
    size = int(random.integers(8, 26))
    for top in range(10, 310 if random.integers(2) else 160, int(size * 1.4)):
        draw.text((12, top), _line(random, 200 // size), fill=220 if dark else 30, font_size=size)
    return page


def _chat(pictures: Sequence[Grey], random: Random) -> Grey:
    """A page of messages, with the same furniture on all."""
    page = Image.new("L", (216, 432), 235)
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 216, 36), fill=90)
    draw.text((30, 10), _line(random, 2), fill=255, font_size=13)
    draw.rectangle((0, 400, 216, 432), fill=255)
    top = 44
    while top < 380:
        width, height, mine = int(random.integers(60, 170)), int(random.integers(18, 60)), random.integers(2)
        left = 208 - width if mine else 8
        draw.rounded_rectangle((left, top, left + width, top + height), 8, fill=200 if mine else 255)
        draw.text((left + 6, top + 4), _line(random, 3), fill=30, font_size=9)
        top += height + 8
    return page


def _line(random: Random, words: int) -> str:
    return " ".join(random.choice(_WORDS, max(1, words)))


def _grey(values: NDArray[np.float64]) -> Grey:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


KINDS: dict[str, tuple[float, Draw]] = {
    "crop": (0.30, _crop),
    "screenshot": (0.06, _screenshot),
    "collage": (0.08, _collage),
    "inset": (0.05, _inset),
    "stickered": (0.07, _stickered),
    "blurred": (0.05, _blurred),
    "dark": (0.05, _dark),
    "bright": (0.05, _bright),
    "gradient": (0.04, _gradient),
    "blank": (0.04, _blank),
    "stage": (0.05, _stage),
    "text": (0.05, _text),
    "chat": (0.03, _chat),
    **{name: (0.02, partial(draw, _crop)) for name, draw in apps.APPS.items()},
}
"""Share and maker by name."""
