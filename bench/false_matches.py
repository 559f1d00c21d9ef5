"""How often a benign post looks like a registered picture: what the cut-off and the distance bands are set by.

    python bench/false_matches.py --registered-from FOLDER... --posted-from FOLDER... [--registered 100000]
        [--posts 1000000] [--minutes 10] [--workers 2] [--least-quality 50] [--keep FILE]

Registered and posted pictures are made of different source files, from different packages, so that whatever matches is
a false match; a third of both are drawn or dulled to be as flat as they can be. What is registered is what
`jikimi hash` would register, and every post is looked at in all views, as the bot does. Whichever bound comes first ends
the run. A million posts against 100,000 hashes are as many comparisons as 100,000 posts against a million, so there may
be more hashes and fewer posts. `--keep` writes the near pairs to an .npz file.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import time
from pathlib import Path

import benign
import numpy as np
from near import (
    KINDS,
    PARTS,
    POSSIBLE_BITS,
    WIDE_EVERY,
    WIDEST_BITS,
    Found,
    Registered,
    report,
    row,
    twos,
)

from matcher import MIN_QUALITY, Index, MediaError, pdq
from matcher.fingerprint import WHOLE
from matcher.framing import PAGE, SCREEN
from matcher.look import frame, look, shrink
from matcher.plain import is_plain
from matcher.regions import Region, quadrants

_AT_ONCE = 2000


def register(
    pictures: list[benign.Grey], first: int, step: int, number: int, least_quality: int
) -> list[tuple[bytes, int, int, int, int]]:
    """So many hashes of every `step`-th picture from `first` on: bits, picture, part, kind, quality."""
    found: list[tuple[bytes, int, int, int, int]] = []
    while len(found) < number:
        kind, picture = benign.picture(pictures, np.random.default_rng([1, first]))
        found += [
            (bits, first, PARTS.index(part), KINDS.index(kind), quality)
            for part, bits, quality in _parts(picture)
            if quality >= least_quality and not is_plain(bits)
        ]
        first += step
    return found[:number]


def _parts(picture: benign.Grey) -> list[tuple[str, bytes, int]]:
    """As `Still.parts`, of any quality, and without the views that nothing is registered of."""
    shrunk, small = shrink(benign.luma(picture))
    name, framed = frame(small)
    height, width = small.shape
    parts = [*framed]
    if name == PAGE:
        return []
    if not any(part.name == SCREEN for part in framed):
        parts += [Region(WHOLE, 0, height, 0, width), *quadrants(small.shape)]
    samples = pdq.reduce_parts(small, [(part, False) for part in parts], shrunk)
    return [
        (part.name, pdq.upright_hash(taken), pdq.usable_quality(taken.upright))
        for part, taken in zip(parts, samples, strict=True)
    ]


def post(
    pictures: list[benign.Grey],
    bits: list[bytes],
    registered: list[int],
    first: int,
    step: int,
    posts: int,
    minutes: float,
    least_quality: int,
) -> Found:
    """Look at every `step`-th post from `first` on, until there are enough or the time is over.

    `registered` says of which picture each hash is.
    """
    index = Index()
    for start in range(0, len(bits), _AT_ONCE):
        index.add((start + number, one, 31) for number, one in enumerate(bits[start : start + _AT_ONCE]))
    found, witnesses, views, asked = [np.empty((0, 7), dtype=np.int32)], list[tuple[int, int, int]](), 0, 0
    end = time.monotonic() + 60 * minutes
    for number in range(first, posts, step):
        if time.monotonic() > end:
            break
        kind, picture = benign.picture(pictures, np.random.default_rng([2, number]))
        asked += 1
        try:
            looked = look(benign.luma(picture), least_quality)
        except MediaError:
            continue
        usable = [view for view in looked if view.quality >= least_quality]
        views += len(usable)
        radius_bits = POSSIBLE_BITS if number % WIDE_EVERY else WIDEST_BITS
        near = index.search([view.bits for view in usable], radius_bits - 31)
        witnesses += twos(number, near, usable, registered)
        if near:
            rows = [row(number, kind, match, usable[match.query]) for match in near]
            found.append(np.array(rows, dtype=np.int32))
    return Found(asked, views, np.concatenate(found), np.array(witnesses, dtype=np.int32).reshape(-1, 3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--registered-from", nargs="+", type=Path, required=True)
    parser.add_argument("--posted-from", nargs="+", type=Path, required=True)
    parser.add_argument("--registered", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2, choices=(1, 2))
    parser.add_argument("--least-quality", type=int, default=MIN_QUALITY)
    parser.add_argument("--keep", type=Path)
    a = parser.parse_args()
    print(platform.platform(), "python", platform.python_version(), "numpy", np.__version__)
    known, posted = benign.sources(a.registered_from), benign.sources(a.posted_from)
    print(f"made of {len(known)} registered and {len(posted)} posted files")
    with multiprocessing.get_context("spawn").Pool(a.workers) as pool:
        each = -(-a.registered // a.workers)
        parts = pool.starmap(
            register, [(known, n, a.workers, each, a.least_quality) for n in range(a.workers)]
        )
        rows = [row for part in parts for row in part][: a.registered]
        bits = [row[0] for row in rows]
        registered = Registered(bits, *np.array([row[1:] for row in rows], dtype=np.int32).T)
        print(f"{len(bits):,} registered hashes", flush=True)
        work = [
            (posted, bits, registered.pictures.tolist(), n, a.workers, a.posts, a.minutes, a.least_quality)
            for n in range(a.workers)
        ]
        found = pool.starmap(post, work)
    near, pairs = np.concatenate([one.near for one in found]), np.concatenate([one.twos for one in found])
    if a.keep:
        columns = (registered.pictures, registered.parts, registered.kinds, registered.qualities)
        posts = sum(one.posts for one in found)
        np.savez_compressed(a.keep, near=near, twos=pairs, registered=np.stack(columns, axis=1), posts=posts)
    report(
        Found(sum(one.posts for one in found), sum(one.views for one in found), near, pairs),
        registered,
        a.least_quality,
    )


if __name__ == "__main__":
    main()
