"""Near pairs of benign posts and registered hashes, and what they say of a million posts against 100,000 hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import benign
import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import QUADRANT, WHOLE
from matcher.framing import INSIDE, INSIDE_QUADRANT, SCREEN
from matcher.look import VIEW_NAMES

Ints = NDArray[np.int32]

POSSIBLE_BITS, WIDEST_BITS = 48, 64
WIDE_EVERY = 16
"""Of how many posts one is searched for within `WIDEST_BITS`, to see how their number falls with the distance."""
RADII_BITS = (31, 36, 40, 44, 48)
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

POST, HASH, DISTANCE, QUALITY, VIEW, KIND = range(6)
"""Columns of near pairs; quality, view and kind are the post's."""


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
    """n x 6."""


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
    _by_group(found, near, registered)
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


def _by_group(found: Found, near: Ints, registered: Registered) -> None:
    print(
        "\nPosts near to what was registered; the last columns are for a million posts against 100,000 hashes: what"
    )
    print(
        f"was seen within 31 bits, its 95 % bound, and what the fall between {POSSIBLE_BITS} and 31 bits says (95 %)."
    )
    radii = [*RADII_BITS, *WIDE_RADII_BITS]
    wide = f", of each {WIDE_EVERY}th post"
    names = [f"<= {radius}{wide if radius > POSSIBLE_BITS else ''}" for radius in radii]
    _head("registered", "hashes", *names, "at 31", "at most", "by the fall")
    for name, members in GROUPS.items():
        of_group = np.isin(registered.kinds, [KINDS.index(member) for member in members])
        hashes = int((of_group & (registered.qualities >= 50)).sum())
        there = near[of_group[near[:, HASH]]]
        wide_ones = there[there[:, POST] % WIDE_EVERY == 0]
        counts = [_posts(there if radius <= POSSIBLE_BITS else wide_ones, radius) for radius in radii]
        scale = WANTED / max(found.posts * hashes, 1)
        seen, bound = counts[0] * scale, _bound(counts[0]) * scale
        fall = _extrapolated(there, scale)
        _row(name, [f"{hashes:,}", *(f"{count:,}" for count in counts), f"{seen:.1f}", f"{bound:.1f}", fall])


def _bound(seen: int) -> float:
    """The 95 % bound of a Poisson number (rule of three where none was seen)."""
    return 3.0 if seen == 0 else seen + 2 * seen**0.5 + 2


def _extrapolated(near: Ints, scale: float, radius_bits: int = 31) -> str:
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
    for post, number, distance, quality, view, kind in near[np.argsort(near[:, DISTANCE], kind="stable")][
        :16
    ].tolist():
        known = f"{KINDS[registered.kinds[number]]} {PARTS[registered.parts[number]]}"
        print(
            f"- {distance}, {registered.qualities[number]}/{quality}, {VIEW_NAMES[view]}, {known} / {KINDS[kind]}, "
            f"{registered.pictures[number]} / {post}"
        )
