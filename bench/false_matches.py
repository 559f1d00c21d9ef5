"""How often a benign post looks like a registered picture: what the cut-off and the distance bands are set by.

    python bench/false_matches.py --registered-from FOLDER... --posted-from FOLDER... [--registered 100000]
        [--posts 1000000] [--minutes 10] [--workers 2] [--least-quality 50] [--more 60] [--run 1] [--keep FILE]
    python bench/false_matches.py --report FILE...

Registered and posted pictures are made of different source files, from different packages, so that whatever matches is
a false match; a fifth of both are drawn or dulled to be as flat as they can be, and a sixth are screens of apps. What is
registered is what `jikimi hash` would register, and every post is looked at in all views, as the bot does. Registering
ends when there are enough hashes or half of the minutes are over, posting when there are enough posts or all are. A million
posts against 100,000 hashes are as many comparisons as 100,000 posts against a million, so there may be more hashes and fewer
posts: a picture and its hashes take some five milliseconds, a post some twenty; of crops, `--more` rectangles are registered
as well, each as a picture of its own, which cost a tenth. `--keep` writes the near pairs to an .npz file; `--report` prints the
tables of one or of several runs together, each of a `--run` of its own, by which its pictures are drawn. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import benign
import numpy as np
from near import KINDS, PARTS, WIDE_EVERY, Found, Ints, Registered, load, report, row, save, twos
from numpy.typing import NDArray

from matcher import MIN_QUALITY, POSSIBLE_RADIUS_BITS, Index, MediaError, pdq
from matcher.fingerprint import WHOLE
from matcher.framing import PAGE, SCREEN
from matcher.look import frame, look, shrink
from matcher.plain import is_plain
from matcher.regions import Region, quadrants

Bits = NDArray[np.uint8]
T = TypeVar("T")

_AT_ONCE = 100_000
_RADIUS_BITS = 31
_MARGIN_BITS = POSSIBLE_RADIUS_BITS - _RADIUS_BITS
_LEAST_SHARE = 0.4
"""Of the side of a picture: smaller rectangles of it are not registered."""
_GRID = 16
_NUMBERS = 1000
"""From one picture's number to the next: those between are of its rectangles."""


@dataclass(frozen=True)
class Run:
    """What all workers do."""

    number: int
    workers: int
    least_quality: int
    more: int

    def picture(self, pictures: list[benign.Grey], is_posted: bool, number: int) -> tuple[str, benign.Grey]:
        return benign.picture(pictures, np.random.default_rng([1 + is_posted, number, self.number]))


def register(
    run: Run, pictures: list[benign.Grey], first: int, number: int, until: float
) -> tuple[Bits, Ints]:
    """Hashes (n x 32) of each worker's pictures, from `first` on, and of each its picture, part, kind and quality."""
    bits, rows = bytearray(), list[tuple[int, int, int, int]]()
    while len(rows) < number and time.monotonic() < until:
        kind, picture = run.picture(pictures, False, first)
        more = run.more if kind == "crop" else 0
        for at, part, one, quality in _parts(picture, np.random.default_rng([3, first, run.number]), more):
            if quality >= run.least_quality and not is_plain(one):
                bits += one
                rows.append((first * _NUMBERS + at, PARTS.index(part), KINDS.index(kind), quality))
        first += run.workers
    return np.frombuffer(bytes(bits), np.uint8).reshape(-1, 32), np.array(rows, np.int32).reshape(-1, 4)


def _parts(picture: benign.Grey, random: benign.Random, more: int) -> list[tuple[int, str, bytes, int]]:
    """As `Still.parts`, of any quality, and without the views that nothing is registered of, and `more` rectangles.

    Of each the number of its picture (0, or a rectangle's), its name, bits and quality.
    """
    shrunk, small = shrink(benign.luma(picture))
    name, framed = frame(small)
    height, width = small.shape
    parts = [*framed]
    if name == PAGE:
        return []
    if not any(part.name == SCREEN for part in framed):
        parts += [Region(WHOLE, 0, height, 0, width), *quadrants(small.shape)]
    own = len(parts)
    parts += [_rectangle(height, width, random) for _ in range(more)]
    samples = pdq.reduce_parts(small, [(part, False) for part in parts], shrunk)
    return [
        (max(0, number - own + 1), part.name, pdq.upright_hash(taken), quality)
        for number, (part, taken, quality) in enumerate(
            zip(parts, samples, pdq.qualities_of(samples), strict=True)
        )
    ]


def _rectangle(height: int, width: int, random: benign.Random) -> Region:
    (top, rows), (left, columns) = (_span(side, random) for side in (height, width))
    return Region(WHOLE, top, top + rows, left, left + columns)


def _span(side: int, random: benign.Random) -> tuple[int, int]:
    """Where a part of a side begins, and how long it is."""
    length = max(_GRID, int(side * random.uniform(_LEAST_SHARE, 1)) // _GRID * _GRID)
    return int(random.integers(side - length + 1)), length


def post(
    run: Run,
    pictures: list[benign.Grey],
    index: Index,
    known: Registered,
    first: int,
    posts: int,
    until: float,
) -> Found:
    """Look at a worker's posts, from `first` on, until there are enough or the time is over."""
    near, witnesses, views, posted = list[tuple[int, ...]](), list[tuple[int, int, int]](), 0, Counter[str]()
    for number in range(first, posts, run.workers):
        if time.monotonic() > until:
            break
        kind, picture = run.picture(pictures, True, number)
        posted[kind] += 1
        try:
            looked = look(benign.luma(picture), run.least_quality)
        except MediaError:
            continue
        usable = [view for view in looked if view.quality >= run.least_quality]
        views += len(usable)
        asked = b"".join(view.bits for view in usable)
        is_wide = number % WIDE_EVERY == 0
        found = index.search(asked, _MARGIN_BITS if is_wide else 0)
        near += [row(number, kind, match, usable[match.query]) for match in found]
        if found:
            wide = found if is_wide else index.search(asked, _MARGIN_BITS)
            witnesses += twos(number, wide, usable, known.pictures)
    return Found(
        np.array([posted[kind] for kind in KINDS]),
        views,
        np.array(near, dtype=np.int32).reshape(-1, 8),
        np.array(witnesses, dtype=np.int32).reshape(-1, 3),
    )


def _side_by_side(workers: int, work: Callable[[int], T]) -> list[T]:
    """What `work` returns for each number of a worker, in processes that share what there is by now, and copy nothing."""
    context = multiprocessing.get_context("fork")

    def send(connection: Connection, number: int) -> None:
        connection.send(work(number))

    ends = []
    for number in range(workers):
        here, there = context.Pipe(duplex=False)
        context.Process(target=send, args=(there, number)).start()
        ends.append(here)
    return [end.recv() for end in ends]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--registered-from", nargs="+", type=Path, default=[])
    parser.add_argument("--posted-from", nargs="+", type=Path, default=[])
    parser.add_argument("--registered", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--least-quality", type=int, default=MIN_QUALITY)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--more", type=int, default=60)
    parser.add_argument("--run", type=int, default=1)
    parser.add_argument("--report", type=Path, nargs="+", default=[])
    a = parser.parse_args()
    print(platform.platform(), "python", platform.python_version(), "numpy", np.__version__)
    if a.report:
        report([load(file) for file in a.report], a.least_quality)
        return
    run = Run(a.run, a.workers, a.least_quality, a.more)
    known, posted = benign.sources(a.registered_from), benign.sources(a.posted_from)
    print(f"made of {len(known)} registered and {len(posted)} posted files", flush=True)
    begun, each = time.monotonic(), -(-a.registered // a.workers)
    half, end = begun + 30 * a.minutes, begun + 60 * a.minutes
    parts = _side_by_side(a.workers, lambda n: register(run, known, n, each, half))
    bits = np.concatenate([bits for bits, _ in parts])
    registered = Registered(*np.concatenate([rows for _, rows in parts]).T)
    index = Index()
    for start in range(0, len(bits), _AT_ONCE):
        some = bits[start : start + _AT_ONCE]
        index.add((start + at, one.tobytes(), _RADIUS_BITS) for at, one in enumerate(some))
        index.settle()
    print(f"{len(bits):,} registered hashes after {time.monotonic() - begun:.0f} s", flush=True)
    found = _side_by_side(a.workers, lambda n: post(run, posted, index, registered, n, a.posts, end))
    together = Found(
        np.sum([one.posted for one in found], axis=0),
        sum(one.views for one in found),
        np.concatenate([one.near for one in found]),
        np.concatenate([one.twos for one in found]),
    )
    if a.keep:
        save(a.keep, registered, together)
    report([(registered, together)], a.least_quality)


if __name__ == "__main__":
    main()
