"""Benign pictures for tests: drawn by numbers, and files of every format and mode that we read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def picture(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """An RGB picture with structure at several scales; another seed is another picture."""
    return _picture(seed, size).copy()


@lru_cache(maxsize=200)
def _picture(seed: int, size: tuple[int, int]) -> Image.Image:
    random = np.random.default_rng(seed)
    layers = [
        np.asarray(
            Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8)).resize(size, 3), float
        )
        / cells**0.5
        for cells in (4, 9, 20, 50)
    ]
    total = sum(layers)
    return Image.fromarray(((total - np.min(total)) / (np.max(total) - np.min(total)) * 255).astype(np.uint8))


def drawing(seed: int, size: tuple[int, int]) -> Image.Image:
    """Hard edges on a gradient: what photos of pages and comics are like."""
    random = np.random.default_rng(seed)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        a, b = random.integers(0, size, 2), random.integers(0, size, 2)
        box = [*np.minimum(a, b).tolist(), *np.maximum(a, b).tolist()]
        colour = tuple(random.integers(0, 256, 3).tolist())
        (draw.ellipse if random.random() < 0.5 else draw.rectangle)(box, fill=colour)
    return image


def varied() -> Iterator[Image.Image]:
    """More than a hundred pictures: all kinds of sides, smooth and sharp, tiny and panoramic."""
    random = np.random.default_rng(7)
    for seed in range(60):
        width, height = (int(side) for side in random.integers(64, 1400, 2))
        yield picture(seed, (width, height))
    for seed in range(30):
        width, height = (int(side) for side in random.integers(100, 900, 2))
        yield drawing(seed, (width, height))
    for seed, size in enumerate([(5, 5), (5, 300), (16, 9), (63, 65), (64, 64), (127, 129), (128, 128)]):
        yield picture(seed, size)
    for seed, size in enumerate([(4000, 200), (200, 3000), (2560, 1440), (1281, 957), (1080, 2340)]):
        yield picture(seed, size)
    for radius in (1, 4, 12):
        yield picture(99, (800, 600)).filter(ImageFilter.GaussianBlur(radius))


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    if format_ == "PNG":
        # Most pictures here are noise, over which the usual level takes longer than everything else.
        options = {"compress_level": 1} | options
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()
