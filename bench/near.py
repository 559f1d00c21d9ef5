"""Near pairs of benign posts and registered hashes, and what they say of a million posts against 100,000 hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import benign
import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import QUADRANT, WHOLE, View
from matcher.framing import INSIDE, INSIDE_QUADRANT, SCREEN
from matcher.index import IndexMatch
from matcher.look import VIEW_NAMES
from matcher.verdict import are_two, stands

Ints = NDArray[np.int32]

POSSIBLE_BITS, POSSIBLE_GUESS_BITS, WIDEST_BITS = 48, 40, 64
WIDE_EVERY = 16
"""Of how many posts one is searched for within `WIDEST_BITS`, to see how their number falls with the distance."""
RADII_BITS = (31, 36, 40, 44, 48)
NEAR_BITS = (16, 24, 31, 36, 40, 44, 48)
WIDE_RADII_BITS = (52, 56, 60)
BANDS = ((30, 39), (40, 49), (50, 59), (60, 79), (80, 100))
"""Of quality."""
KINDS = tuple(benign.KINDS)
PARTS = (WHOLE, QUADRANT, INSIDE, INSIDE_QUADRANT, SCREEN)
GROUPS = {
    "photos, collages": ("crop", "collage", "inset", "stickered"),
    "blurred, dark, bright": ("blurred", "dark", "bright"),
    "drawn, nearly blank": ("gradient", "blank", "stage", "text"),
    "screens": ("screenshot", "chat"),
}
"""What was registered. Screens of one app have its bars and buttons in common, so they do look alike."""
WANTED = 1e6 * 1e5
"""Posts times hashes that there may be one false alert in."""
_RESAMPLED = 1000
_LEAST_IN_TAIL = 10

POST, HASH, DISTANCE, QUALITY, VIEW, KIND, STANDS = range(7)
"""Columns of near pairs; all but the hash and the distance are the post's."""


@dataclass(frozen=True)
class Registered:
    bits: list[bytes]
    pictures: Ints
    """Of each hash the number of the picture, and its part, kind and quality, by their numbers."""
    parts: Ints
    kinds: Ints
    qualities: Ints


@dataclass(frozen=True)
class Found:
    posts: int
    views: int
    near: Ints
    """n x 7."""
    twos: Ints
    """n x 3, see `twos`."""


def twos(
    post: int, near: Sequence[IndexMatch], views: Sequence[View], pictures: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """Of each picture that two views are witnesses of: the post, a hash and the smallest distance from it.

    Either is at least possible. `pictures` says of which picture a hash is.
    """
    of_picture = defaultdict(list)
    for match in near:
        if match.distance <= (POSSIBLE_BITS if stands(views[match.query]) else POSSIBLE_GUESS_BITS):
            of_picture[pictures[match.fingerprint_id]].append(match)
    for matches in of_picture.values():
        pairs = [
            min((one.distance, one.fingerprint_id), (other.distance, other.fingerprint_id))
            for one, other in combinations(matches, 2)
            if are_two(views[one.query], views[other.query])
        ]
        if pairs:
            distance, fingerprint_id = min(pairs)
            yield post, fingerprint_id, distance


def row(post: int, kind: str, match: IndexMatch, view: View) -> tuple[int, ...]:
    """Of `Found.near`."""
    name, posted = VIEW_NAMES.index(view.name), KINDS.index(kind)
    return post, match.fingerprint_id, match.distance, view.quality, name, posted, stands(view)


def report(found: Found, registered: Registered, least_quality: int) -> None:
    """Print everything, as docs/benchmarks.md shows it."""
    near = found.near
    print(
        f"{found.posts:,} posts, {found.views / max(found.posts, 1):.0f} views of quality {least_quality} or more each"
    )
    if least_quality < 50:
        _by_quality(found, registered)
    usable = (registered.qualities[near[:, HASH]] >= 50) & (near[:, QUALITY] >= 50)
    near = near[usable]
    _by_group(near, registered)
    _by_witness(found, near, registered)
    _by_view(found, near, registered)
    _nearest(near, registered)


def _row(name: str, cells: Sequence[object]) -> None:
    print(f"| {name} | " + " | ".join(map(str, cells)) + " |")


def _head(*names: str) -> None:
    print(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")


def _posts(near: Ints, radius_bits: int) -> int:
    return len(np.unique(near[near[:, DISTANCE] <= radius_bits, POST]))


def _by_quality(found: Found, registered: Registered) -> None:
    near = found.near
    known, shown = registered.qualities[near[:, HASH]], near[:, QUALITY]
    print("\nPairs of a view and a registered hash, by distance and by the lower quality of the two:")
    _head("quality", *(f"<= {radius}" for radius in RADII_BITS))
    lower = np.minimum(known, shown)
    for least, most in BANDS:
        there = near[(lower >= least) & (lower <= most), DISTANCE]
        _row(f"{least}-{most}", [f"{int((there <= radius).sum()):,}" for radius in RADII_BITS])
    print("\nPosts with a false alert, by the cut-off (registered / posted) and the radius:")
    _head("cut-off", *(f"<= {radius}" for radius in RADII_BITS))
    for least, least_shown in (30, 30), (40, 40), (50, 50), (60, 60), (50, 40):
        there = near[(known >= least) & (shown >= least_shown)]
        _row(f"{least} / {least_shown}", [f"{_posts(there, radius):,}" for radius in RADII_BITS])


def _of_group(numbers: Ints, registered: Registered, name: str) -> NDArray[np.bool_]:
    """Which of these hashes are of a group of kinds."""
    return np.isin(registered.kinds[numbers], [KINDS.index(member) for member in GROUPS[name]])


def _by_group(near: Ints, registered: Registered) -> None:
    print("\nPosts near to what was registered, by any view:")
    radii = [*RADII_BITS, *WIDE_RADII_BITS]
    wide = f", of each {WIDE_EVERY}th post"
    _head("registered", *(f"<= {radius}{wide if radius > POSSIBLE_BITS else ''}" for radius in radii))
    for name in GROUPS:
        there = near[_of_group(near[:, HASH], registered, name)]
        wide_ones = there[there[:, POST] % WIDE_EVERY == 0]
        _row(
            name,
            [f"{_posts(there if radius <= POSSIBLE_BITS else wide_ones, radius):,}" for radius in radii],
        )


def _by_witness(found: Found, near: Ints, registered: Registered) -> None:
    print(
        "\nPosts near to what was registered, by what would make a match. The last columns are for a million posts"
    )
    print(
        "against 100,000 hashes: the false matches that were seen, their 95 % bound, and what the fall from"
    )
    print(f"{POSSIBLE_BITS} bits down to the limit says (95 %).")
    _head(
        "registered",
        "by",
        *(f"<= {radius}" for radius in NEAR_BITS),
        "limit",
        "seen",
        "at most",
        "by the fall",
    )
    is_standing = near[:, STANDS] == 1
    ways = {
        "a view as it stands": (near[is_standing], 31),
        "a guess": (near[~is_standing], 16),
        "two witnesses": (found.twos, 31),
    }
    for name in GROUPS:
        usable = registered.qualities >= 50
        hashes = int((usable & _of_group(np.arange(len(usable)), registered, name)).sum())
        scale = WANTED / max(found.posts * hashes, 1)
        for way, (rows, limit) in ways.items():
            there = rows[_of_group(rows[:, HASH], registered, name)]
            seen = _posts(there, limit)
            cells = [f"{_posts(there, radius):,}" for radius in NEAR_BITS]
            ends = (f"{seen * scale:.1f}", f"{_bound(seen) * scale:.1f}", _extrapolated(there, scale, limit))
            _row(f"{name} ({hashes:,})", [way, *cells, limit, *ends])


def _bound(seen: int) -> float:
    """The 95 % bound of a Poisson number (rule of three where none was seen)."""
    return 3.0 if seen == 0 else seen + 2 * seen**0.5 + 2


def _extrapolated(near: Ints, scale: float, radius_bits: int) -> str:
    """What an exponential tail of the posts' nearest distances says of a radius, with an interval by resampling posts.

    Distances are even. The tail is fitted to those up to 48 bits by likelihood (the peaks-over-threshold method with a
    shape of zero, Coles 2001, ch. 4). Those of random bits fall faster than that, the nearer the faster, so that it
    says too much rather than too little.
    """
    near = near[near[:, DISTANCE] <= POSSIBLE_BITS]
    order = np.lexsort((near[:, DISTANCE], near[:, POST]))
    _, first = np.unique(near[order, POST], return_index=True)
    excess = (POSSIBLE_BITS - near[order[first], DISTANCE]) // 2
    if len(excess) < _LEAST_IN_TAIL:
        return "-"
    # The largest even distance within the radius is this many steps of two bits below the threshold.
    steps = (POSSIBLE_BITS - radius_bits // 2 * 2) / 2

    def at_radius(sample: Ints) -> float:
        fall = sample.mean() / (1 + sample.mean())
        return float(len(sample) * fall**steps)

    random = np.random.default_rng(4)
    again = [at_radius(random.choice(excess, random.poisson(len(excess)) or 1)) for _ in range(_RESAMPLED)]
    low, high = np.percentile(again, [2.5, 97.5]) * scale
    return f"{at_radius(excess) * scale:.1f} ({low:.1f}-{high:.1f})"


def _by_view(found: Found, near: Ints, registered: Registered) -> None:
    photos = np.isin(registered.kinds, [KINDS.index(member) for member in GROUPS["photos, collages"]])
    near = near[photos[near[:, HASH]]]
    print(
        "\nPosts near to photos and collages, by the view that was near and by the part that was registered:"
    )
    _head("view", *(f"<= {radius}" for radius in RADII_BITS))
    for number, name in enumerate(VIEW_NAMES):
        there = near[near[:, VIEW] == number]
        _row(name, [_posts(there, radius) for radius in RADII_BITS])
    for number, name in enumerate(PARTS):
        there = near[registered.parts[near[:, HASH]] == number]
        _row(f"registered: {name}", [_posts(there, radius) for radius in RADII_BITS])


def _nearest(near: Ints, registered: Registered) -> None:
    photos = np.isin(registered.kinds, [KINDS.index(member) for member in GROUPS["photos, collages"]])
    near = near[photos[near[:, HASH]]]
    print(
        "\nThe nearest to photos and collages (distance, qualities, view, registered and posted kind, numbers):\n"
    )
    for post, number, distance, quality, view, kind, _ in near[np.argsort(near[:, DISTANCE], kind="stable")][
        :16
    ].tolist():
        known = f"{KINDS[registered.kinds[number]]} {PARTS[registered.parts[number]]}"
        print(
            f"- {distance}, {registered.qualities[number]}/{quality}, {VIEW_NAMES[view]}, {known} / {KINDS[kind]}, "
            f"{registered.pictures[number]} / {post}"
        )
