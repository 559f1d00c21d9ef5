"""How well the turn of a patch is told again: by its weight, as ORB and we do, and by its edges, which was left (decision 0010).

    python bench/turns.py FOLDER...

Each picture is posted around the same middle, smaller and turned, and compressed. Of corners that are found again in their
place and size it is told how many have the turn that the picture has.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import scenes
from numpy.typing import NDArray
from photo_bits import SCALE, TURN, posted

from matcher.photos import orb

NEAR_OF_SIZE, NEAR_OCTAVES = 0.1, 0.2
WITHIN = (0.05, 0.1, 0.2, 0.4)
"""Radians."""
FEATURES, FALL = 2000, 0.93
"""As many as are looked at where a photo is registered, and of each level so many as of the one before."""
HALF, SPREAD = 11, 5.0
"""How far around its corner a patch is looked at for edges, and by how much less the further ones count, in points."""
HARMONICS, SMOOTH, DIRECTIONS = 3, 0.5, 32
"""How many are added up, how far to both sides each edge speaks, in radians, and of how many directions the best is taken."""

Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    orb.prepare()
    weight, edges = [np.empty(0)], [np.empty(0)]
    for picture in scenes.sources(parser.parse_args().folders):
        there, again = (
            orb.detect(np.asarray(one.convert("L")), FEATURES, FALL) for one in (picture, posted(picture))
        )
        rows, others = same_corners(there, again)
        weight.append(there.turns[rows] - again.turns[others])
        edges.append(by_edges(there, rows) - by_edges(again, others))
    off = [
        abs((np.concatenate(some) + math.radians(TURN) + np.pi) % (2 * np.pi) - np.pi)
        for some in (weight, edges)
    ]
    if not len(off[0]):
        raise SystemExit("no corner is found again: name folders with pictures of 300 points and more")
    print("| within, radians | by weight, % | by edges, % |\n|---|---|---|")
    for radians in WITHIN:
        print(f"| {radians} | " + " | ".join(f"{100 * (one < radians).mean():.0f}" for one in off) + " |")
    print(f"\n{len(off[0]):,} corners found again")


def same_corners(there: orb.Corners, again: orb.Corners) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the first picture's corners which are found again, and as which: the nearest."""
    cosine, sine = math.cos(math.radians(TURN)), math.sin(math.radians(TURN))
    middles = [np.array(one.pyramid[0].shape[::-1]) / 2 for one in (there, again)]
    places, found = (
        one.places + orb.SCALES[one.levels][:, None] / 2 - middle
        for one, middle in zip((there, again), middles, strict=True)
    )
    expected = SCALE * places @ np.array(((cosine, sine), (-sine, cosine)))
    sizes = SCALE * there.sizes[:, None]
    apart = np.linalg.norm(expected[:, None] - found[None], axis=2) / sizes
    apart[abs(np.log2(again.sizes[None] / sizes)) > NEAR_OCTAVES] = np.inf
    rows = np.flatnonzero(apart.min(axis=1, initial=np.inf) < NEAR_OF_SIZE)
    return rows, apart[rows].argmin(axis=1) if len(rows) else rows


def by_edges(corners: orb.Corners, rows: NDArray[np.int64]) -> Floats:
    """The direction in which most of the edges of a patch grow lighter, clockwise, in radians (Lowe, "Distinctive image features
    from scale-invariant keypoints", IJCV 2004), by harmonics of their directions instead of a histogram.
    """
    down, across = np.mgrid[-HALF : HALF + 1, -HALF : HALF + 1]
    squared = down**2 + across**2
    near = np.where(squared <= (HALF + 0.5) ** 2, np.exp(-squared / (2 * SPREAD**2)), 0)
    number = np.arange(1, HARMONICS + 1)
    directions = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    waves = np.exp(-((number * SMOOTH) ** 2) / 2 - 1j * np.outer(directions, number))
    smooth = [orb.blurred(level).astype(np.float64) for level in corners.pyramid]
    turns = []
    for row in rows:
        x, y = corners.across[row], corners.down[row]
        patch = smooth[corners.levels[row]][y - HALF - 1 : y + HALF + 2, x - HALF - 1 : x + HALF + 2]
        edges = patch[1:-1, 2:] - patch[1:-1, :-2] + 1j * (patch[2:, 1:-1] - patch[:-2, 1:-1])
        lengths = np.abs(edges) + 1e-6
        sums = ((edges / lengths) ** number[:, None, None] * lengths * near).sum(axis=(1, 2))
        speaks = (waves @ sums).real
        best = int(speaks.argmax())
        before, most, after = speaks[[best - 1, best, (best + 1) % DIRECTIONS]]
        # Between the directions, by the top of a parabola.
        turns.append(directions[best] + (before - after) / (2 * (before - 2 * most + after)) * directions[1])
    return np.array(turns)


if __name__ == "__main__":
    main()
