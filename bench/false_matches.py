"""How often a benign post looks like a registered picture: what the cut-off and the distance bands are set by.

    python bench/false_matches.py --registered-from FOLDER... --posted-from FOLDER... [--registered 100000]
        [--posts 1000000] [--minutes 10] [--workers 2]

Registered and posted pictures are made of different source files, from different packages, so that whatever matches is
a false match; a third of both are drawn or dulled to be as flat as they can be. Every post is looked at in all views,
as the bot does, and searched for with `matcher.Index`. Whichever bound comes first ends the run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import benign
import numpy as np
from PIL import Image

from matcher import Index, MediaError, pdq
from matcher.look import VIEW_NAMES, look
from matcher.plain import is_plain
from matcher.regions import halves_and_quadrants

WIDEST_BITS = 64
RADII_BITS = (31, 40, 48, 56, 64)
CUT_OFFS = (30, 40, 50, 60)
LEAST_QUALITY = min(CUT_OFFS)
BANDS = ((30, 39), (40, 49), (50, 59), (60, 79), (80, 100))
"""Of quality."""
KINDS = tuple(benign.KINDS)
GROUPS = {
    "photos, collages": ("crop", "collage", "inset", "stickered"),
    "blurred, dark, bright": ("blurred", "dark", "bright"),
    "drawn, nearly blank": ("gradient", "blank", "stage", "text"),
    "screens": ("screenshot", "chat"),
}
"""What was registered. Screens of one app have its bars and buttons in common, so they do look alike."""


@dataclass
class Found:
    """What a worker found. A row of `near`: post, registered, distance, quality of each, view, kind of each."""

    posts: int = 0
    views: Counter[int] = field(default_factory=Counter)
    """How many views there were of at least a cut-off's quality."""
    near: list[tuple[int, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Registered:
    bits: list[bytes]
    qualities: list[int]
    kinds: list[int]


def register(pictures: list[benign.Grey], number: int) -> Registered:
    """Wholes and quadrants, as many as wanted, with qualities from the lowest cut-off on."""
    random = np.random.default_rng(1)
    found = Registered([], [], [])
    while len(found.bits) < number:
        kind, picture = benign.picture(pictures, random)
        for view in _parts(picture):
            found.bits.append(view[0])
            found.qualities.append(view[1])
            found.kinds.append(KINDS.index(kind))
    return Registered(found.bits[:number], found.qualities[:number], found.kinds[:number])


def _parts(picture: Image.Image) -> list[tuple[bytes, int]]:
    luma = benign.luma(picture)
    quadrants = [part.of(luma) for part in halves_and_quadrants(luma.shape)[:4]]
    samples = [pdq.reduce(values) for values in (luma, *quadrants)]
    found = [(pdq.hashes(taken)[0][1], pdq.usable_quality(taken.upright)) for taken in samples]
    return [(bits, quality) for bits, quality in found if quality >= LEAST_QUALITY and not is_plain(bits)]


def post(
    pictures: list[benign.Grey], registered: Registered, first: int, step: int, posts: int, minutes: float
) -> Found:
    """Look at every `step`-th post from `first` on, until there are enough or the time is over."""
    index, found = Index(), Found()
    index.add((number, bits, 31) for number, bits in enumerate(registered.bits))
    end = time.monotonic() + 60 * minutes
    for number in range(first, posts, step):
        if time.monotonic() > end:
            break
        kind, picture = benign.picture(pictures, np.random.default_rng([2, number]))
        found.posts += 1
        try:
            looked = look(benign.luma(picture), LEAST_QUALITY)
        except MediaError:
            continue
        views = [view for view in looked if view.quality >= LEAST_QUALITY]
        for cut_off in CUT_OFFS:
            found.views[cut_off] += sum(view.quality >= cut_off for view in views)
        for near in index.search([view.bits for view in views], WIDEST_BITS - 31):
            view, known = views[near.query], near.fingerprint_id
            qualities = registered.qualities[known], view.quality
            kinds = registered.kinds[known], KINDS.index(kind)
            found.near.append((number, known, near.distance, *qualities, VIEW_NAMES.index(view.name), *kinds))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--registered-from", nargs="+", type=Path, required=True)
    parser.add_argument("--posted-from", nargs="+", type=Path, required=True)
    parser.add_argument("--registered", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2, choices=(1, 2))
    a = parser.parse_args()
    print(platform.platform(), "python", platform.python_version(), "numpy", np.__version__)
    registered = register(benign.sources(a.registered_from), a.registered)
    print(f"{len(registered.bits):,} registered hashes", flush=True)
    with multiprocessing.get_context("spawn").Pool(a.workers) as pool:
        pictures = benign.sources(a.posted_from)
        work = [(pictures, registered, n, a.workers, a.posts, a.minutes) for n in range(a.workers)]
        report(pool.starmap(post, work), registered)


def report(found: list[Found], registered: Registered) -> None:
    posts = sum(one.posts for one in found)
    views = sum((one.views for one in found), Counter())
    near = np.array([row for one in found for row in one.near], dtype=np.int64).reshape(-1, 8)
    lower = near[:, 3:5].min(axis=1)
    qualities = np.array(registered.qualities)
    print(f"{posts:,} posts, {views[50] / max(posts, 1):.0f} views of quality 50 or more each")
    print("\nPairs of a view and a registered hash, by distance and by the lower quality of the two:\n")
    print("| quality | " + " | ".join(f"<= {radius}" for radius in RADII_BITS) + " |")
    print("|---|" + "---|" * len(RADII_BITS))
    for least, most in BANDS:
        there = (lower >= least) & (lower <= most)
        counts = [int((there & (near[:, 2] <= radius)).sum()) for radius in RADII_BITS]
        print(f"| {least}-{most} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    print("\nPosts with a false alert, by the cut-off (registered / posted) and the radius:\n")
    print("| cut-off | comparisons | " + " | ".join(f"<= {radius}" for radius in RADII_BITS) + " |")
    print("|---|---|" + "---|" * len(RADII_BITS))
    for known, shown in [*((cut, cut) for cut in CUT_OFFS), (50, 40)]:
        there = (near[:, 3] >= known) & (near[:, 4] >= shown)
        counts = [len(np.unique(near[there & (near[:, 2] <= radius), 0])) for radius in RADII_BITS]
        compared = views[shown] * int((qualities >= known).sum())
        print(
            f"| {known} / {shown} | {compared:.1e} | " + " | ".join(f"{count:,}" for count in counts) + " |"
        )
    kinds = np.array(registered.kinds)
    print(
        "\nPosts with a false alert at a cut-off of 50, by what was registered; in parentheses, for a million posts"
    )
    print("against 100,000 hashes, with the 95 % bound (rule of three where none was seen):\n")
    radii = RADII_BITS[:3]
    print("| registered | hashes | " + " | ".join(f"<= {radius}" for radius in radii) + " |")
    print("|---|---|" + "---|" * len(radii))
    for name, members in GROUPS.items():
        numbers = [KINDS.index(member) for member in members]
        hashes = int(((qualities >= 50) & np.isin(kinds, numbers)).sum())
        there = (lower >= 50) & np.isin(near[:, 6], numbers)
        scale = 1e6 / posts * 1e5 / max(hashes, 1)
        cells = []
        for radius in radii:
            alerts = len(np.unique(near[there & (near[:, 2] <= radius), 0]))
            bound = 3.0 if alerts == 0 else alerts + 2 * alerts**0.5 + 2
            cells.append(f"{alerts} ({alerts * scale:,.0f}, at most {bound * scale:,.0f})")
        print(f"| {name} | {hashes:,} | " + " | ".join(cells) + " |")
    there = (lower >= 50) & np.isin(
        near[:, 6], [KINDS.index(member) for member in GROUPS["photos, collages"]]
    )
    print(
        "\nThe nearest to photos and collages at a cut-off of 50 (distance, qualities, view, registered and posted kind):\n"
    )
    for row in sorted(near[there].tolist(), key=lambda row: row[2])[:12]:
        print(f"- {row[2]}, {row[3]}/{row[4]}, {VIEW_NAMES[row[5]]}, {KINDS[row[6]]} / {KINDS[row[7]]}")


if __name__ == "__main__":
    main()
