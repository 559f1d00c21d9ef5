"""Chooses which bits of ORB's descriptors each table of the photo index goes by.

    python bench/photo_bits.py FOLDER...      prints what stands in matcher/photos/tables.py as BITS

A table is good if descriptors of one corner, posted in two ways, are alike in all its bits, and few others are. By turns each
table takes the bit that keeps most of the former for what it takes away of the latter, given the bits that it has.
"""

from __future__ import annotations

import io
import math
import sys
from pathlib import Path

import numpy as np
import scenes
from edits import telegram
from numpy.typing import NDArray
from PIL import Image

from matcher import PhotoRefused
from matcher.photos.keypoints import PLACES, SIZES_AN_OCTAVE, LocalFeatures, furthest
from matcher.photos.orb import posted_features
from matcher.photos.register import features_of
from matcher.photos.tables import KEY_BITS, TABLES

Bits = NDArray[np.uint8]

SCALE, TURN = 0.78, 7
NEAR, NEAR_OF_SIZE, NEAR_BITS = 0.002, 0.1, 40
FOR_A_BIT = 0.25
"""So much of the logarithm of what is kept is worth one of what is taken away."""
PICTURES, PAIRS, QUERIES = 400, 100_000, 20_000


def main() -> None:
    random = np.random.default_rng(1)
    pictures = scenes.sources([Path(folder) for folder in sys.argv[1:]])
    differ, known, asked = [], [], []
    for number in random.permutation(len(pictures))[:PICTURES]:
        picture = pictures[number]
        there, again = _features(picture), _features(posted(picture))
        differ.append(_differing(there, again))
        asked.append(np.unpackbits(there.descriptors, axis=1))
        try:
            registered = features_of(np.asarray(picture.convert("F")))
        except PhotoRefused:
            continue
        known.append(np.unpackbits(registered.descriptors, axis=1))
    pairs, rows, queries = (random.permutation(np.concatenate(some)) for some in (differ, known, asked))
    print(f"{len(differ)} pictures, {len(pairs):,} pairs of one corner, {len(rows):,} rows", flush=True)
    print(bytes(chosen(pairs[:PAIRS], rows, queries[:QUERIES])).hex())


def _features(picture: Image.Image) -> LocalFeatures:
    return posted_features(np.asarray(picture.convert("F")))


def posted(picture: Image.Image) -> Image.Image:
    """Around the same middle, smaller and turned."""
    smaller = picture.resize([round(side * SCALE) for side in picture.size], Image.Resampling.BICUBIC)
    return Image.open(io.BytesIO(telegram(smaller.rotate(-TURN, Image.Resampling.BICUBIC))))


def _differing(there: LocalFeatures, again: LocalFeatures) -> NDArray[np.bool_]:
    """Of pairs of one corner that look alike the bits that differ (n x 256)."""
    middle = np.array(furthest(there.width, there.height)) / 2
    cosine, sine = math.cos(math.radians(TURN)), math.sin(math.radians(TURN))
    expected = (there.places - middle) @ np.array(((cosine, sine), (-sine, cosine))) + middle
    sizes = np.exp2(-there.sizes.astype(np.float64) / SIZES_AN_OCTAVE)
    found = []
    for row, place in enumerate(expected):
        reach = (NEAR + NEAR_OF_SIZE * sizes[row]) * PLACES
        near = np.flatnonzero((np.abs(again.places - place) < reach).all(axis=1))
        bits = np.unpackbits(again.descriptors[near] ^ there.descriptors[row], axis=1)
        if len(near) and bits.sum(axis=1).min() <= NEAR_BITS:
            found.append(bits[bits.sum(axis=1).argmin()])
    return np.array(found, dtype=np.bool_).reshape(-1, 256)


def chosen(differ: NDArray[np.bool_], known: Bits, asked: Bits) -> list[int]:
    """The bits of each table, the best first, and those that are left over."""
    free = list(range(256))
    tables: list[list[int]] = [[] for _ in range(TABLES)]
    is_kept = np.ones((TABLES, len(differ)), dtype=np.bool_)
    keys, asked_keys = (np.zeros((TABLES, len(bits)), dtype=np.int64) for bits in (known, asked))
    for _ in range(KEY_BITS):
        for table, bits in enumerate(tables):
            worth = {}
            for bit in free:
                sizes = np.bincount(keys[table] * 2 + known[:, bit], minlength=2 << len(bits))
                looked_at = sizes[asked_keys[table] * 2 + asked[:, bit]].mean()
                kept = np.count_nonzero(is_kept[table] & ~differ[:, bit])
                worth[bit] = math.log(kept) - FOR_A_BIT * math.log(looked_at)
            best = max(worth, key=worth.__getitem__)
            free.remove(best)
            bits.append(best)
            is_kept[table] &= ~differ[:, best]
            keys[table] = keys[table] * 2 + known[:, best]
            asked_keys[table] = asked_keys[table] * 2 + asked[:, best]
    return [bit for bits in tables for bit in bits] + free


if __name__ == "__main__":
    main()
