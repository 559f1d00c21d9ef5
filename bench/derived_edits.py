"""Posts that are made from a photo and are no copy of it: parts of it in other pictures, and other pictures in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from edits import Edit, Picture, edits, simple
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

COPIES = (
    *("as it is", "JPEG 30", "grey", "warm and faded", "turned 90", "mirrored"),
    *("letterbox 1:1 black", "letterbox 9:16 white", "screenshot light", "screenshot dark", "caption band"),
    *("logo", "meme text", "photo of a screen", "sticker 15 %", "sticker 25 %"),
    *("collage 1x2", "collage 2x2", "collage 2x2 gutters", "collage 3x3 gutters"),
    *("picture in picture, half", "picture in picture, quarter"),
)
"""Of `edits.edits`."""


def derived(strong: bool) -> dict[str, Edit]:
    """By name. `strong` is the strength to report; what was tuned was tuned on the other one."""
    known = edits(strong)
    more = 1.15 if strong else 1.0
    small = {f"longest side {side}": known[f"longest side {side}"] for side in ((320,) if strong else (400,))}
    return {
        **{name: known[name] for name in COPIES},
        **small,
        **{f"crop {share} % off grid": partial(_cut, share / 100) for share in (5, 10, 20, 30, 40, 50)},
        **{f"turned {degrees} degrees": simple(partial(_turned, degrees * more)) for degrees in (5, 10)},
        "mirrored, cut and logo": partial(_mirrored_cut, known["logo"]),
        "screenshot of a meme": partial(_both, known["meme text"], known["screenshot dark"]),
        **{f"centre {share} % replaced": partial(_centre, share / 100, more) for share in (10, 25, 40)},
        **{f"region {share} % moved": partial(_moved, share / 100, more, False) for share in (15, 30)},
        "region 30 % moved, mirrored": partial(_moved, 0.3, more, True),
        "region 30 % moved, twice": partial(_twice, partial(_moved, 0.3, more, False)),
        "crop 40 % off grid, twice": partial(_beside, None),
        "before and after": partial(_beside, partial(_centre, 0.4, more)),
    }


def _cut(share: float, picture: Picture, others: Sequence[Picture], random: np.random.Generator) -> Picture:
    """Without this share of its width and of its height, and what is left made as large as before."""
    width, height = (round(side * (1 - share)) for side in picture.size)
    left, top = (
        int(random.integers(0, picture.width - width + 1)),
        int(random.integers(0, picture.height - height + 1)),
    )
    return picture.crop((left, top, left + width, top + height)).resize(
        (picture.width, round(picture.width * height / width)), Image.Resampling.BICUBIC
    )


def _twice(moved: Edit, picture: Picture, others: Sequence[Picture], random: np.random.Generator) -> Picture:
    return moved(picture, [moved(picture, others, random), *others[1:]], random)


def _beside(
    edit: Edit | None, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    """A part of the photo, and beside it the same again, or what was made of it."""
    before = _cut(0.4, picture, others, random)
    after = before if edit is None else edit(before, others, random)
    page = Image.new("RGB", (2 * before.width, before.height))
    page.paste(before, (0, 0))
    page.paste(after, (before.width, 0))
    return page


def _turned(degrees: float, picture: Picture) -> Picture:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True)


def _both(
    one: Edit, other: Edit, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    return other(one(picture, others, random), others, random)


def _mirrored_cut(
    logo: Edit, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    return logo(ImageOps.mirror(_cut(0.1, picture, others, random)), others, random)


def oval(size: tuple[int, int], feather: float) -> Image.Image:
    """A mask of this size, with soft edges this share of the shorter side wide."""
    mask = Image.new("L", size, 0)
    edge = round(feather * min(size))
    ImageDraw.Draw(mask).ellipse((edge, edge, size[0] - edge, size[1] - edge), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(max(1.0, edge / 2)))


def _centre(
    share: float, more: float, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    """Another picture where its middle was, with soft edges: clothing replaced, a face swapped."""
    page = picture.copy()
    # An ellipse is pi / 4 of its box.
    side = min(0.98, (min(1.0, share * more) / 0.785) ** 0.5)
    size = (round(page.width * side), round(page.height * side))
    place = ((page.width - size[0]) // 2, (page.height - size[1]) // 2)
    page.paste(others[1].resize(size), place, oval(size, 0.03))
    return page


def _moved(
    share: float,
    more: float,
    mirror: bool,
    picture: Picture,
    others: Sequence[Picture],
    random: np.random.Generator,
) -> Picture:
    """An oval of the photo, of this share of its area, in another picture: a face on another body."""
    page = others[0].resize((1280, 960))
    # An ellipse is pi / 4 of its box.
    side = (share / 0.785) ** 0.5
    width, height = round(picture.width * side), round(picture.height * side)
    left = int(random.integers(0, max(1, picture.width - width)))
    top = int(random.integers(0, max(1, picture.height - height)))
    part = picture.crop((left, top, left + width, top + height))
    scale = min(float(random.uniform(0.8, 1.2)) / more, 1240 / width, 920 / height)
    part = part.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    part = ImageEnhance.Brightness(ImageOps.mirror(part) if mirror else part).enhance(1 + 0.1 * more)
    mask = oval(part.size, 0.04)
    turn = float(random.uniform(-8, 8)) * more
    part, mask = (one.rotate(turn, Image.Resampling.BICUBIC) for one in (part, mask))
    place = (int(random.integers(0, 1280 - part.width)), int(random.integers(0, 960 - part.height)))
    page.paste(part, place, mask)
    return page
