"""How often different pictures are near to each other by each kind of hash, and what hashing costs.

    python bench/kinds.py FOLDER_OR_FILE...

Each file gives itself and up to nine tiles, as JPEGs of 1280 points; those too flat to be compared (PDQ's quality under
50) are left out. Pairs are of different files only, and no pair of files counts of which any two pieces look alike by
PDQ. ImageHash's ahash is there for comparison: it is no kind of ours.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from matcher import KINDS, MIN_QUALITY, Limits, pdq
from matcher.files.decode import decode

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
LOOKALIKE_BITS = 90
MOST = 1500
STEPS = (0, 2, 4, 6, 8, 10, 12, 32, 48, 64)

Kinds = dict[str, Callable[[NDArray[np.uint8]], bytes]]


def ahash(greys: NDArray[np.uint8]) -> bytes:
    return np.packbits(imagehash.average_hash(Image.fromarray(greys)).hash).tobytes()


def pieces(file: Path) -> list[bytes]:
    with Image.open(file) as image:
        whole = image.convert("RGB")
    whole.thumbnail((2560, 2560))
    width, height = whole.size
    tiles = min(3, min(width, height) // 300)
    crops = [whole] if tiles < 2 else [whole, *_tiles(whole, tiles)]
    return [_jpeg(crop) for crop in crops if min(crop.size) >= 200]


def _tiles(whole: Image.Image, number: int) -> list[Image.Image]:
    width, height = whole.width // number, whole.height // number
    return [
        whole.crop((x * width, y * height, (x + 1) * width, (y + 1) * height))
        for x in range(number)
        for y in range(number)
    ]


def _jpeg(picture: Image.Image) -> bytes:
    picture.thumbnail((1280, 1280))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=87)
    return out.getvalue()


def distances(hashes: list[bytes]) -> NDArray[np.int64]:
    bits = np.unpackbits(np.array([np.frombuffer(row, np.uint8) for row in hashes]), axis=1).astype(
        np.float32
    )
    ones = bits.sum(axis=1)
    return np.asarray(np.rint(ones[:, None] + ones - 2 * bits @ bits.T), dtype=np.int64)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("paths", nargs="+", type=Path)
    named = [
        file for path in parser.parse_args().paths for file in ([path] if path.is_file() else path.rglob("*"))
    ]
    files = sorted(file for file in named if file.suffix.lower() in SUFFIXES and file.is_file())
    kinds: Kinds = {kind.name: kind.hashed for kind in KINDS.values() if kind.hashed is not None}
    kinds["ahash"] = ahash
    hashes: dict[str, list[bytes]] = {name: [] for name in ("pdq", *kinds)}
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    moved: dict[str, list[int]] = {name: [] for name in kinds}
    source: list[int] = []
    for number, file in enumerate(files):
        for data in pieces(file) if len(source) < MOST else []:
            luma = decode(data, Limits()).luma
            samples = pdq.reduce(luma)
            if pdq.quality(samples.upright) < MIN_QUALITY:
                continue
            source.append(number)
            hashes["pdq"].append(pdq.hashes(samples)[0][1])
            greys = (luma + np.float32(0.5)).astype(np.uint8)
            theirs = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
            for name, hashed in kinds.items():
                start = time.process_time()
                hashes[name].append(hashed(greys))
                spent[name].append(time.process_time() - start)
                apart = int.from_bytes(hashed(theirs)) ^ int.from_bytes(hashes[name][-1])
                moved[name].append(apart.bit_count())
    of = np.array(source)
    alike = {(int(of[a]), int(of[b])) for a, b in np.argwhere(distances(hashes["pdq"]) <= LOOKALIKE_BITS)}
    pairs = np.array(
        [
            (a, b)
            for a in range(len(of))
            for b in range(a + 1, len(of))
            if of[a] != of[b] and (int(of[a]), int(of[b])) not in alike
        ]
    )
    print(f"{len(of)} pictures, {len(pairs):,} pairs; pairs at so many bits or fewer, in a million\n")
    print(
        f"| | compared, % | {' | '.join(map(str, STEPS))} | nearest | ms | bits moved by our luma, mean | max |"
    )
    print("|---" * (len(STEPS) + 6) + "|")
    for name in kinds:
        kind = KINDS.get(name)
        fit = np.array([kind is None or kind.may_be_compared(bits) for bits in hashes[name]])
        # Either may be the posted one, of which alone this is asked.
        apart = distances(hashes[name])[pairs[:, 0], pairs[:, 1]][fit[pairs].any(axis=1)]
        rates = " | ".join(f"{1e6 * np.mean(apart <= step):,.0f}" for step in STEPS)
        cost = f"{1000 * np.median(spent[name]):.1f}"
        print(
            f"| {name} | {100 * fit.mean():.0f} | {rates} | {apart.min()} | {cost} | {np.mean(moved[name]):.2f} | {max(moved[name])} |"
        )


if __name__ == "__main__":
    main()
