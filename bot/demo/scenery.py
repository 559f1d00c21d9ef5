"""A harmless picture for the demo: hills at dusk, drawn by numbers. Another seed is another landscape."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

Floats = NDArray[np.float64]

SIZE = (1280, 853)
_SKY = ((38, 52, 98), (233, 150, 110))
_HILLS = ((120, 96, 130), (84, 84, 112), (52, 70, 84), (28, 48, 52))


def landscape(seed: int) -> Image.Image:
    """An RGB picture of `SIZE`, the same for the same seed."""
    random = np.random.default_rng(seed)
    width, height = SIZE
    down = np.linspace(0, 1, height)[:, None, None]
    sky = np.array(_SKY[0]) * (1 - down) + np.array(_SKY[1]) * down
    picture = np.broadcast_to(sky, (height, width, 3)).copy()
    picture += _noise(random, (height, width), (3, 6, 12))[..., None] * np.array((60, 45, 30))
    _add_sun(picture, random)
    for depth, colour in enumerate(_HILLS):
        _add_hill(picture, random, depth, np.array(colour, dtype=float))
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    return image.filter(ImageFilter.SMOOTH)


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def thumbnail(image: Image.Image) -> bytes:
    """For the page, which sends it along at each change."""
    return jpeg(image.resize((240, 160)), 80)


def reposted(image: Image.Image) -> bytes:
    """The picture as somebody posts it again: mirrored, smaller, and badly compressed."""
    return jpeg(ImageOps.mirror(image).resize((960, 640)), 55)


def spliced(image: Image.Image, into: Image.Image) -> bytes:
    """What a forger does: a part of the picture, turned and enlarged, pasted into another."""
    width, height = image.size
    part = image.crop((width // 4, height * 3 // 8, width * 5 // 8, height * 7 // 8)).convert("RGBA")
    part = part.resize((part.width * 13 // 10, part.height * 13 // 10))
    part = part.rotate(-12, Image.Resampling.BICUBIC, expand=True)
    whole = into.copy()
    whole.paste(part, (width // 5, height // 8), part)
    return jpeg(whole, 85)


def in_another_light(image: Image.Image) -> Image.Image:
    """The picture with red and blue exchanged."""
    red, green, blue = image.split()
    return Image.merge("RGB", (blue, green, red))


def _add_sun(picture: Floats, random: np.random.Generator) -> None:
    height, width, _ = picture.shape
    x, y = random.uniform(0.15, 0.85) * width, random.uniform(0.2, 0.4) * height
    rows, columns = np.mgrid[0:height, 0:width]
    distance = np.hypot(columns - x, rows - y)
    glow = np.exp(-((distance / 260) ** 2))[..., None] * np.array((90, 70, 30))
    picture += glow
    picture[distance < 58] = (255, 236, 190)


def _add_hill(picture: Floats, random: np.random.Generator, depth: int, colour: Floats) -> None:
    height, width, _ = picture.shape
    ridge = _noise(random, (1, width), (2, 5, 11, 30))[0] * (150 - 20 * depth)
    top = (0.42 + 0.14 * depth) * height - ridge
    rows = np.arange(height)[:, None]
    ground = rows > top[None, :]
    grain = _noise(random, (height, width), (20 + 15 * depth, 70 + 30 * depth)) * (18 + 14 * depth)
    shade = np.clip((rows - top[None, :]) / height, 0, 1) * -40
    surface = colour + (grain + shade)[..., None]
    picture[ground] = surface[ground]


def _noise(random: np.random.Generator, shape: tuple[int, int], cells: tuple[int, ...]) -> Floats:
    """Smooth noise of mean 0 over `shape`, rougher with more cells across."""
    height, width = shape
    total = np.zeros(shape)
    for strength, across in zip((1.0, 0.5, 0.25, 0.12), cells, strict=False):
        down = max(2, round(across * height / width)) if height > 1 else 1
        coarse = random.uniform(-1, 1, (down, across + 1)).astype(np.float32)
        smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        total += strength * np.asarray(smooth, dtype=float)
    return total
