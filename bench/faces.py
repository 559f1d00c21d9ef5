"""The check that faces which are alike are no match: as many drawn faces as asked for, each posted against all others.

    python bench/faces.py [--faces 160] [--posts 20]

All are drawn by one hand: the same strokes make the eyes, brows, nose, mouth and hair, at places, sizes and colours of their own,
before a ground of its own. That is more alike than people are; no picture of anybody is needed. Needed is what it takes
against 10,000 photos.
"""

from __future__ import annotations

import argparse
import math

import numpy as np
from derived import LIMITS, features_of, prepare
from edits import telegram
from PIL import Image, ImageDraw, ImageFilter

from matcher import MediaFingerprint, PhotoIndex, PhotoRefused, Still, StillKind, judge_photos
from matcher.files.decode import decode
from matcher.photos import verdict
from matcher.photos.orb import in_all_shapes

SIDE = 900

Colour = tuple[int, ...]


def face(seed: int) -> Image.Image:
    random = np.random.default_rng([77, seed])
    page = _ground(random)
    draw = ImageDraw.Draw(page)

    def some(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    def colour(low: int, high: int) -> Colour:
        return tuple(random.integers(low, high, 3).tolist())

    across, down = SIDE / 2 + some(-60, 60), SIDE / 2 + some(-40, 60)
    wide, high = some(200, 280), some(260, 340)
    skin, hair = colour(120, 235), colour(20, 140)
    _oval(draw, across, down - high * 0.3, wide * 1.15, high * 0.9, hair)
    for _ in range(120):
        left, top = across + some(-wide, wide), down - high * some(0.7, 1.15)
        strand = tuple(min(255, part + int(some(-25, 40))) for part in hair)
        draw.line((left, top, left + some(-40, 40), top + some(40, 200)), fill=strand, width=int(some(2, 6)))
    _oval(draw, across, down, wide, high, skin)
    eye, apart = down - high * some(0.08, 0.22), wide * some(0.38, 0.5)
    eye_wide = wide * some(0.2, 0.27)
    eye_high = eye_wide * some(0.4, 0.7)
    iris, round_iris = colour(20, 160), eye_high * some(0.75, 1.0)
    for side in (-1, 1):
        at = across + side * apart
        _oval(draw, at, eye, eye_wide, eye_high, (235, 232, 228), (40, 30, 30))
        _oval(draw, at, eye, round_iris, round_iris, iris, (20, 20, 20))
        _oval(draw, at, eye, round_iris * 0.45, round_iris * 0.45, (15, 15, 18))
        _oval(
            draw,
            at + round_iris * 0.15,
            eye - round_iris * 0.25,
            round_iris * 0.2,
            round_iris * 0.2,
            (240,) * 3,
        )
        brow = eye - eye_high - some(18, 40)
        ends = (at - eye_wide * 1.1, brow + some(-6, 10), at, brow - some(2, 16), at + eye_wide * 1.2, brow)
        draw.line(ends, fill=hair, width=int(some(10, 24)), joint="curve")
        for lash in range(6):
            turn = math.pi * (1.15 + 0.14 * lash)
            x, y = eye_wide * math.cos(turn), eye_high * math.sin(turn)
            draw.line((at + x, eye + y, at + 1.25 * x, eye + 1.5 * y), fill=(30, 25, 25), width=3)
    nose, nose_wide = down + high * some(0.18, 0.3), wide * some(0.12, 0.2)
    shade = tuple(int(part * 0.6) for part in skin)
    points = ((-0.4, eye + 10), (-1, nose - 8), (-0.2, nose + 12), (0.2, nose + 12), (1, nose - 8))
    bridge = [(across + x * nose_wide, y) for x, y in points]
    draw.line(bridge, fill=shade, width=int(some(4, 8)), joint="curve")
    for side in (-1, 1):
        _oval(draw, across + side * nose_wide * 0.5, nose + 3, 7, 8, (50, 30, 30))
    mouth, mouth_wide = down + high * some(0.48, 0.6), wide * some(0.3, 0.48)
    lip = (int(some(130, 210)), int(some(40, 90)), int(some(50, 100)))
    _oval(draw, across, mouth, mouth_wide, high * some(0.04, 0.11), lip, tuple(part // 2 for part in lip))
    ends = (across - mouth_wide, mouth, across, mouth + some(-5, 8), across + mouth_wide, mouth)
    draw.line(ends, fill=(60, 20, 30), width=5, joint="curve")
    page = page.filter(ImageFilter.GaussianBlur(some(0.6, 1.4)))
    noisy = np.asarray(page, dtype=np.float32) + random.normal(0, 5, (SIDE, SIDE, 1))
    page = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    return page.rotate(some(-6, 6), Image.Resampling.BICUBIC).crop((60, 60, SIDE - 60, SIDE - 60))


def _ground(random: np.random.Generator) -> Image.Image:
    large, small = (random.integers(0, 255, (side, side, 3), dtype=np.uint8) for side in (12, 112))
    parts = (
        np.asarray(Image.fromarray(one).resize((SIDE, SIDE), 3), dtype=np.float32) for one in (large, small)
    )
    return Image.fromarray((20 + 0.5 * next(parts) + 0.3 * next(parts)).astype(np.uint8))


def _oval(
    draw: ImageDraw.ImageDraw,
    across: float,
    down: float,
    wide: float,
    high: float,
    fill: Colour,
    outline: Colour | None = None,
) -> None:
    draw.ellipse(
        (across - wide, down - high, across + wide, down + high), fill=fill, outline=outline, width=4
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--faces", type=int, default=160)
    parser.add_argument("--posts", type=int, default=20)
    a = parser.parse_args()
    prepare()
    index, pages = PhotoIndex(), [face(seed) for seed in range(a.faces)]
    for number, page in enumerate(pages):
        try:
            index.add([(number, features_of(decode(telegram(page, 92), LIMITS).luma))])
        except PhotoRefused as refusal:
            print(f"refused: face {number}: {refusal.reason}")
    verdict.LEAST_EVIDENCE = 9 + math.log10(10_000 / len(index))
    false = 0
    for number, page in enumerate(pages[: a.posts]):
        luma = decode(telegram(page.resize((702, 702))), LIMITS).luma
        still = Still(StillKind.PICTURE, luma.shape[1], luma.shape[0], (), local=in_all_shapes(luma, False))
        found = judge_photos(MediaFingerprint("JPEG", (still,)), index)
        false += sum(match.photo_id != number for match in found)
        print(number, [(match.photo_id, round(match.evidence), match.inliers) for match in found], flush=True)
    print(f"{false} false of {a.posts * (len(index) - 1):,} pairs")


if __name__ == "__main__":
    main()
