"""How well the turn of a patch is told again: by its weight, as ORB does, and by its edges, as we do (decision 0026).

    python bench/turns.py FOLDER...

Each picture is posted around the same middle, smaller and turned, and compressed. Of corners that are found again in their
place and size it is told how many have the turn that the picture has.
"""

from __future__ import annotations

import argparse
import io
import math
from pathlib import Path

import numpy as np
import orb_peer
import scenes
from edits import telegram
from numpy.typing import NDArray
from PIL import Image

from matcher.photos import orb
from matcher.photos.keypoints import WORKING_SIDE

SCALE, TURN = 0.78, 7
"""How large a posted picture is, and by how many degrees it is turned."""
NEAR_OF_SIZE, NEAR_OCTAVES = 0.1, 0.2
"""How far from its place, as a share of its patch, and of how different a size a corner is that is found again."""
WITHIN = (0.05, 0.1, 0.2, 0.4)
"""Radians."""
FEATURES, SPREAD = 2000, orb.Spread(0.93, 10)
"""As many as are looked at where a photo is registered, and chosen as there, but for faint ones."""
Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    orb.prepare()
    weight, edges = [np.empty(0)], [np.empty(0)]
    for picture in scenes.sources(parser.parse_args().folders):
        # A larger one would be made smaller once more as it is posted.
        picture.thumbnail((WORKING_SIDE, WORKING_SIDE))
        there, again = (
            orb.detect(np.asarray(one.convert("L")), FEATURES, SPREAD) for one in (picture, posted(picture))
        )
        rows, others = same_corners(there, again)
        weight.append(orb_peer.turns_of(there)[rows] - orb_peer.turns_of(again)[others])
        edges.append(there.turns[rows] - again.turns[others])
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


def posted(picture: Image.Image) -> Image.Image:
    """Around the same middle, smaller and turned, and compressed."""
    smaller = picture.resize([round(side * SCALE) for side in picture.size], Image.Resampling.BICUBIC)
    return Image.open(io.BytesIO(telegram(smaller.rotate(-TURN, Image.Resampling.BICUBIC))))


def same_corners(there: orb.Corners, again: orb.Corners) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the first picture's corners which are found again, and as which: the nearest."""
    cosine, sine = math.cos(math.radians(TURN)), math.sin(math.radians(TURN))
    places, found = (middles(one) - np.array(one.pyramid[0].shape[::-1]) / 2 for one in (there, again))
    expected = SCALE * places @ np.array(((cosine, sine), (-sine, cosine)))
    which, is_there = found_again(expected, SCALE * there.sizes, found, again.sizes)
    return np.flatnonzero(is_there), which[is_there]


def middles(corners: orb.Corners) -> Floats:
    """Of the patches, across and down from the picture's upper left corner, in its points: n x 2."""
    return np.asarray(corners.places + orb.SCALES[corners.levels, None] / 2, dtype=np.float64)


def found_again(
    expected: Floats, sizes: NDArray[np.floating], found: Floats, found_sizes: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each patch that is expected at a place (n x 2) in a size (n, the same unit), which one found is nearest (of m x 2
    and m), and whether it is near enough, and alike in size, to be the same.
    """
    if not len(found):
        return np.zeros(len(expected), dtype=np.int64), np.zeros(len(expected), dtype=np.bool_)
    apart = np.linalg.norm(expected[:, None] - found[None], axis=2) / sizes[:, None]
    apart[abs(np.log2(found_sizes[None] / sizes[:, None])) > NEAR_OCTAVES] = np.inf
    which = apart.argmin(axis=1)
    return which, apart[np.arange(len(which)), which] < NEAR_OF_SIZE


if __name__ == "__main__":
    main()
