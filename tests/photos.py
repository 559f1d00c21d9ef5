"""Generated scenes that can be registered as photos, and posts made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pictures import encoded, picture
from PIL import Image

from matcher import Limits, MediaFingerprint, PhotoFeatures, PhotoIndex, fingerprint_bytes, photo_features

SIZE = (960, 720)
HALF = np.packbits(np.random.default_rng(5).permutation(256) < 128).tobytes()
"""A hash with as many bits set as every picture's."""


def need_opencv() -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed: the extra `photos` has it")


def scene(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture with fine texture all over, as photos of leaves and streets have."""
    random = np.random.default_rng(seed)
    fine = Image.fromarray(random.integers(0, 256, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8))
    values = 0.5 * np.asarray(picture(seed, size), float) + 0.3 * np.asarray(fine.resize(size, 3), float)
    return Image.fromarray((20 + values).astype(np.uint8))


def registered(image: Image.Image) -> PhotoFeatures:
    return photo_features(encoded(image, "JPEG", quality=92), Limits())


def indexed(*seeds: int) -> PhotoIndex:
    """Scenes that are registered, by their seeds."""
    index = PhotoIndex()
    index.prepare()
    index.add((seed, registered(scene(seed))) for seed in seeds)
    return index


def posted(image: Image.Image) -> MediaFingerprint:
    return fingerprint_bytes(encoded(image, "JPEG", quality=85), Limits(), ["photo"])


def features(
    seed: int = 1, number: int = 200, size: tuple[int, int] = (800, 600), **changed: Any
) -> PhotoFeatures:
    """Made up, and valid unless something is changed."""
    random = np.random.default_rng(seed)
    longer = max(size)
    parts: dict[str, Any] = {
        "places": (random.random((number, 2)) * 65_535 * np.array(size) / longer).astype(np.uint16),
        "sizes": random.integers(40, 90, number, dtype=np.uint8),
        "turns": random.integers(0, 256, number, dtype=np.uint8),
        "descriptors": random.integers(0, 256, (number, 32), dtype=np.uint8),
    }
    return PhotoFeatures(*size, **(parts | changed))


def smooth(seed: int, clear: int) -> Image.Image:
    """A scene through fog that is lighter to the right, but for a square of so many points."""
    whole = scene(seed)
    ground = np.linspace(30, 170, SIZE[0])[None, :, None]
    page = Image.fromarray((np.asarray(whole) / 4 + ground).astype(np.uint8))
    place = (300, 200, 300 + clear, 200 + clear)
    page.paste(whole.crop(place), place)
    return page
