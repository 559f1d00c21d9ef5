"""What could be drawn back from a registered photo's features by somebody who has the database and the key.

After Weinzaepfel, Jegou, Perez, "Reconstructing an image from its local descriptors", CVPR 2011: every stored feature is
replaced by the patches of other photographs whose descriptors are nearest, put at its place, size and turn; from their
gradients a picture is solved for. Networks trained for it would draw more; this needs no training.

    python bench/inversion.py --attacker FOLDER... --registered FOLDER... [--photos 20] [--picture docs/inversion.png]

The folders must not hold the same pictures. Said is how alike a drawing is to its photo, both blurred (correlation), and for
comparison to another photo.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.demo import scenery
from matcher import Limits, PhotoFeatures, PhotoRefused, photo_features
from matcher.files.decode import decode
from matcher.photos.keypoints import PLACES, SIZES_AN_OCTAVE, TURNS
from matcher.photos.orb import OF_PHOTO, described, detect, greys_of

PATCH = 32
A_PHOTO = 3_000
"""Patches taken of each of the attacker's photographs."""
NEAREST = 5
DRAWN_SIDE = 640
BLUR = 8.0

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Patches:
    """The attacker's: descriptors as n x 4 words, and what they describe, upright and of one size."""

    words: NDArray[np.uint64]
    pictures: NDArray[np.uint8]


def patches_of(files: list[Path]) -> Patches:
    words, pictures = [], []
    for file in files:
        greys = greys_of(decode(file.read_bytes(), Limits()).luma)
        corners = detect(greys, A_PHOTO, OF_PHOTO)
        words.append(described(corners)[0].view(np.uint64))
        for place, turn, size in zip(corners.places.tolist(), corners.turns, corners.sizes, strict=True):
            whole = cv2.getRotationMatrix2D(place, np.degrees(turn), PATCH / float(size))
            whole[:, 2] += PATCH / 2 - np.array(place)
            pictures.append(cv2.warpAffine(greys, whole, (PATCH, PATCH), borderMode=cv2.BORDER_REFLECT))
    return Patches(np.concatenate(words), np.array(pictures))


def drawn_back(features: PhotoFeatures, known: Patches) -> Floats:
    """A picture of zero mean whose longer side is `DRAWN_SIDE`."""
    longer = max(features.width, features.height)
    height, width = (max(1, round(DRAWN_SIDE * side / longer)) for side in (features.height, features.width))
    across, down, weight = (np.zeros((height, width), np.float32) for _ in range(3))
    rows, columns = np.mgrid[0:PATCH, 0:PATCH] - (PATCH - 1) / 2
    window = np.exp(-(rows**2 + columns**2) / (2 * (PATCH / 4) ** 2)).astype(np.float32)
    for number in range(len(features)):
        query = np.ascontiguousarray(features.descriptors[number]).view(np.uint64)
        distance = np.bitwise_count(known.words ^ query).sum(axis=1)
        alike = known.pictures[np.argpartition(distance, NEAREST)[:NEAREST]].astype(np.float32)
        alike -= alike.mean(axis=(1, 2), keepdims=True)
        patch = (alike / (alike.std(axis=(1, 2), keepdims=True) + 4)).mean(axis=0)
        x, y = (float(place) / PLACES * DRAWN_SIDE for place in features.places[number])
        size = DRAWN_SIDE * 2.0 ** (-float(features.sizes[number]) / SIZES_AN_OCTAVE)
        turn = cv2.getRotationMatrix2D(
            (PATCH / 2, PATCH / 2), -360.0 * float(features.turns[number]) / TURNS, size / PATCH
        )
        turn[:, 2] += np.array((x, y)) - PATCH / 2
        put = cv2.warpAffine(patch, turn, (width, height))
        share = cv2.warpAffine(window, turn, (width, height)) * (PATCH / size)
        across += share * np.gradient(put, axis=1)
        down += share * np.gradient(put, axis=0)
        weight += share
    weight = np.maximum(weight, 0.05)
    return _solved(across / weight, down / weight)


def _solved(across: Floats, down: Floats) -> Floats:
    """The picture of which these are the gradients (Frankot, Chellappa 1988), mirrored so that its edges meet."""
    across = np.block([[across, -across[:, ::-1]], [across[::-1], -across[::-1, ::-1]]])
    down = np.block([[down, down[:, ::-1]], [-down[::-1], -down[::-1, ::-1]]])
    u = 2 * np.pi * np.fft.fftfreq(across.shape[1])[None, :]
    v = 2 * np.pi * np.fft.fftfreq(across.shape[0])[:, None]
    power = u**2 + v**2
    power[0, 0] = 1
    # The longest waves are nobody's knowledge and would drown the rest.
    spectrum = -1j * (u * np.fft.fft2(across) + v * np.fft.fft2(down)) / (power + 1e-4)
    spectrum[0, 0] = 0
    height, width = across.shape
    return np.real(np.fft.ifft2(spectrum))[: height // 2, : width // 2].astype(np.float32)


def alike(drawing: Floats, greys: NDArray[np.uint8]) -> float:
    """The correlation of both, blurred, without the slow changes that no drawing shows."""
    wanted = cv2.resize(greys, drawing.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    bands = [cv2.GaussianBlur(image, (0, 0), BLUR) for image in (drawing, wanted)]
    bands = [band - cv2.GaussianBlur(band, (0, 0), 6 * BLUR) for band in bands]
    return float(np.corrcoef(bands[0].ravel(), bands[1].ravel())[0, 1])


def generated_scene() -> Image.Image:
    """Somebody in front of hills: nobody, drawn by numbers."""
    scene = scenery.landscape(11).resize((1280, 853))
    draw = ImageDraw.Draw(scene)
    draw.polygon([(420, 853), (520, 640), (760, 640), (860, 853)], fill="#3b4d7a")
    draw.ellipse((500, 190, 780, 560), fill="#5a3c28")
    draw.ellipse((530, 250, 750, 570), fill="#d9a887")
    for x in (585, 695):
        draw.ellipse((x - 24, 370, x + 24, 400), fill="white")
        draw.ellipse((x - 13, 371, x + 13, 399), fill="#3a2a20")
        draw.arc((x - 40, 335, x + 40, 385), 200, 340, fill="#4a3020", width=9)
    draw.polygon([(640, 400), (618, 470), (662, 470)], fill="#c08a6a")
    draw.chord((590, 480, 690, 535), 10, 170, fill="#a8433f")
    grain = np.random.default_rng(3).normal(0, 6, (853, 1280, 1))
    noisy = np.clip(np.asarray(scene, float) + grain, 0, 255).astype(np.uint8)
    return Image.fromarray(noisy).filter(ImageFilter.GaussianBlur(0.7))


def shown(greys: Image.Image, drawing: Floats) -> Image.Image:
    limit = np.percentile(np.abs(drawing), 99)
    levels = np.clip(127.5 + 127.5 * drawing / limit, 0, 255).astype(np.uint8)
    right = Image.fromarray(levels)
    page = Image.new("L", (2 * right.width + 12, right.height), 255)
    page.paste(ImageOps.grayscale(greys).resize(right.size), (0, 0))
    page.paste(right, (right.width + 12, 0))
    return page


def photographs(folders: list[Path]) -> list[Path]:
    found = (file for folder in folders for file in folder.rglob("*.jpg"))
    return sorted(file for file in found if file.stat().st_size > 100_000)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--attacker", nargs="+", type=Path, required=True)
    asked.add_argument("--registered", nargs="+", type=Path, required=True)
    asked.add_argument("--photos", type=int, default=20)
    asked.add_argument("--picture", type=Path)
    given = asked.parse_args()
    cv2.setNumThreads(1)
    own = photographs(given.attacker)[: 2 * given.photos]
    known = patches_of(own)
    print(f"the attacker's patches: {len(known.words):,}, of {len(own)} photographs")
    right, wrong = [], []
    last: Floats | None = None
    for file in photographs(given.registered)[: given.photos]:
        try:
            features = photo_features(file.read_bytes(), Limits())
        except PhotoRefused as refused:
            print(f"{file.name}: refused, {refused.reason}")
            continue
        greys = greys_of(decode(file.read_bytes(), Limits()).luma)
        drawing = drawn_back(features, known)
        right.append(alike(drawing, greys))
        if last is not None:
            wrong.append(alike(cv2.resize(last, drawing.shape[::-1]), greys))
        last = drawing
    print(
        f"photographs drawn back: {len(right)}; alike: median {np.median(right):.2f}, worst {min(right):.2f}"
    )
    print(f"with the drawing of another: median {np.median(wrong):.2f}")
    if given.picture is not None:
        scene = generated_scene()
        features = photo_features(scenery.jpeg(scene), Limits())
        drawing = drawn_back(features, known)
        print(
            f"the generated scene: {alike(drawing, greys_of(decode(scenery.jpeg(scene), Limits()).luma)):.2f}"
        )
        shown(scene, drawing).save(given.picture, optimize=True)


if __name__ == "__main__":
    main()
