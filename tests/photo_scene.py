"""Ordinary photos for tests, drawn by numbers, and what is made of them."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image

from bot.demo import scenery
from matcher import Limits, PhotoFeatures, format_photo, photo_features


@cache
def photo(seed: int = 1) -> Image.Image:
    """Hills, with texture all over; another seed is another photo."""
    return scenery.landscape(seed)


@cache
def features(seed: int = 1) -> PhotoFeatures:
    """What the victim's own device makes of it."""
    return photo_features(scenery.jpeg(photo(seed)), Limits())


def sketch(seed: int = 1) -> bytes:
    """The file that `jikimi hash --photo` writes."""
    return f"{format_photo(features(seed))}\n".encode()


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def spliced(seed: int = 1, into: int = 2, *, turn: float = 12, scale: float = 1.3) -> bytes:
    """A part of the photo turned clockwise, enlarged and pasted into another picture."""
    part = photo(seed).crop((300, 300, 800, 700)).convert("RGBA")
    part = part.resize((round(part.width * scale), round(part.height * scale)))
    part = part.rotate(-turn, Image.Resampling.BICUBIC, expand=True)
    whole = photo(into).copy()
    whole.paste(part, (250, 120), part)
    return jpeg(whole)


def reposted(seed: int = 1) -> bytes:
    """The whole photo, smaller and compressed again."""
    return jpeg(photo(seed).resize((960, 640)), 70)
