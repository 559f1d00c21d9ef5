"""What can be drawn back from the features of a registered photo: the picture in docs/privacy.md.

    python bench/inversion.py [OUT]      writes docs/inversion.png: a drawn scene, and what came back

The simplest attack: for each feature the patch with the nearest descriptor, out of a dictionary of patches of other
drawn scenes, is pasted at the feature's place, in its size and turn. Trained networks do better (Weinzaepfel, Jegou,
Perez, "Reconstructing an image from its local descriptors", CVPR 2011; Pittaluga et al., "Revealing scenes by inverting
structure from motion reconstructions", CVPR 2019).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from matcher.keypoints import PLACES, SIZES_AN_OCTAVE, TURNS
from matcher.orb import describe, detect
from matcher.photo_register import features_of

SIZE = (960, 720)
PATCH = 32
SCENES = 60


def drawn(seed: int) -> Image.Image:
    """A street of houses under a sky, with grain."""
    random = np.random.default_rng(seed)
    page = Image.linear_gradient("L").resize(SIZE).point(lambda value: 220 - value // 3)
    draw = ImageDraw.Draw(page)
    left = -40
    while left < SIZE[0]:
        width, height = int(random.integers(110, 240)), int(random.integers(180, 460))
        top, shade = 640 - height, int(random.integers(60, 200))
        draw.rectangle((left, top, left + width, 640), fill=shade, outline=30, width=3)
        draw.polygon(
            [(left, top), (left + width // 2, top - int(random.integers(30, 110))), (left + width, top)],
            fill=shade // 2,
        )
        for row in range(top + 24, 600, 66):
            for column in range(left + 18, left + width - 30, 52):
                draw.rectangle(
                    (column, row, column + 28, row + 38),
                    fill=int(random.integers(20, 255)),
                    outline=10,
                    width=2,
                )
        left += width + int(random.integers(0, 30))
    draw.ellipse((700, 40, 790, 130), fill=250)
    for _ in range(12):
        x, y = int(random.integers(0, 960)), int(random.integers(600, 720))
        draw.ellipse((x, y - 40, x + 50, y + 30), fill=int(random.integers(20, 120)))
    grain = random.normal(0, 7, (SIZE[1], SIZE[0]))
    return Image.fromarray(np.clip(np.asarray(page, float) + grain, 0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(0.7)
    )


def patch_of(page: Image.Image, x: float, y: float, size: float, degrees: float) -> Image.Image:
    """Upright, in one size."""
    half = int(size)
    around = page.crop((int(x) - half, int(y) - half, int(x) + half, int(y) + half)).rotate(
        degrees, Image.Resampling.BILINEAR
    )
    inner = half - int(size / 2)
    return around.crop((inner, inner, inner + int(size), inner + int(size))).resize((PATCH, PATCH))


def dictionary() -> tuple[np.ndarray, list[Image.Image]]:
    described, patches = [], []
    for seed in range(100, 100 + SCENES):
        page = drawn(seed)
        greys = np.asarray(page)
        corners = detect(greys, 800, 0.93)
        described.append(describe(greys, corners.points))
        patches += [patch_of(page, *point.pt, point.size, point.angle) for point in corners.points]
    return np.concatenate(described).view(np.uint64), patches


def redrawn(known: np.ndarray, patches: list[Image.Image]) -> Image.Image:
    photo = features_of(np.asarray(drawn(1), dtype=np.float32))
    page = Image.new("L", SIZE, 128)
    longer = max(SIZE)
    sizes = np.exp2(-photo.sizes.astype(float) / SIZES_AN_OCTAVE) * longer
    for at in np.argsort(-sizes):
        word = np.ascontiguousarray(photo.descriptors[at]).view(np.uint64)
        nearest = int(np.bitwise_count(known ^ word).sum(axis=1).argmin())
        side = int(sizes[at])
        mask = Image.new("L", (PATCH, PATCH), 0)
        ImageDraw.Draw(mask).ellipse((2, 2, PATCH - 3, PATCH - 3), fill=230)
        degrees = -float(photo.turns[at]) / TURNS * 360
        patch, soft = (
            one.rotate(degrees, Image.Resampling.BILINEAR).resize((side, side))
            for one in (patches[nearest], mask.filter(ImageFilter.GaussianBlur(3)))
        )
        x, y = photo.places[at] / PLACES * longer
        page.paste(patch, (int(x) - side // 2, int(y) - side // 2), soft)
    return page


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/inversion.png")
    both = Image.new("L", (2 * SIZE[0] + 20, SIZE[1]), 255)
    both.paste(drawn(1), (0, 0))
    both.paste(redrawn(*dictionary()), (SIZE[0] + 20, 0))
    both.resize((970, 360)).quantize(32).save(out, optimize=True)


if __name__ == "__main__":
    main()
