"""Any number of benign photos at the size of photos, from a few hundred: crops of them, turned, mirrored and dulled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_LONGEST, _SHORTEST = 2000, 300


def sources(folders: Sequence[Path]) -> list[Image.Image]:
    """All pictures in the folders that are large enough, on white. Those that cannot be read are skipped.

    Of folders named `images`, which hold one wallpaper in many sizes, the first file is taken.
    """
    found, seen = [], set()
    for file in sorted(file for folder in folders for file in folder.rglob("*")):
        if file.suffix.lower() not in SUFFIXES or not file.is_file() or file.parent in seen:
            continue
        if file.parent.name.startswith("images"):
            seen.add(file.parent)
        try:
            with Image.open(file) as opened:
                opened.draft("RGB", (_LONGEST, _LONGEST))
                opened.thumbnail((_LONGEST, _LONGEST), reducing_gap=2.0)
                picture = opened.convert("RGBA")
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        if min(picture.size) >= _SHORTEST:
            white = Image.new("RGBA", picture.size, "white")
            found.append(Image.alpha_composite(white, picture).convert("RGB"))
    return found


def crop(pictures: Sequence[Image.Image], random: np.random.Generator) -> Image.Image:
    """Some part of one of them, 600 to 1000 pixels long."""
    whole = pictures[int(random.integers(len(pictures)))]
    share = random.uniform(0.45, 1.0)
    width, height = (max(200, int(side * share * random.uniform(0.8, 1))) for side in whole.size)
    width, height = min(width, whole.width), min(height, whole.height)
    left, top = (
        int(random.integers(0, side - cut + 1)) for side, cut in zip(whole.size, (width, height), strict=True)
    )
    part = whole.crop((left, top, left + width, top + height))
    scale = random.uniform(600, 1000) / max(part.size)
    part = part.resize(
        (max(1, int(part.width * scale)), max(1, int(part.height * scale))), Image.Resampling.BICUBIC
    )
    if random.random() < 0.5:
        part = ImageOps.mirror(part)
    part = ImageEnhance.Contrast(part).enhance(float(random.uniform(0.7, 1.2)))
    return ImageEnhance.Brightness(part).enhance(float(random.uniform(0.8, 1.2)))


def crops(pictures: Sequence[Image.Image], seed: int) -> Iterator[Image.Image]:
    """Without end; the one of a number is always the same."""
    number = 0
    while True:
        yield crop(pictures, np.random.default_rng([seed, number]))
        number += 1
