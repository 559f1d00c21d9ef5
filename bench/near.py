"""Near pairs of benign posts and registered hashes, and what they say of a million posts against 100,000 hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import permutations
from pathlib import Path

import apps
import benign
import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import MIN_QUALITY, QUADRANT, WHOLE, Orientation, View
from matcher.framing import INSIDE, INSIDE_QUADRANT, SCREEN
from matcher.index import IndexMatch
from matcher.look import VIEW_NAMES
from matcher.verdict import LEAST_SPREAD, MATCH_RADIUS_BITS, alone_bits, are_two, is_outline, stands

Ints = NDArray[np.int32]

POSSIBLE_BITS, POSSIBLE_GUESS_BITS = 48, 40
WIDE_EVERY = 16
"""Of how many posts one is searched for within 48 bits, and the others within 31: what is only possible is not rare."""
RADII_BITS = (16, 24, 31, 36, 40, 44, 48)
KINDS = tuple(benign.KINDS)
PARTS = (WHOLE, QUADRANT, INSIDE, INSIDE_QUADRANT, SCREEN)
GROUPS = {
    "photos, collages": ("crop", "collage", "inset", "stickered"),
    "blurred, dark, bright": ("blurred", "dark", "bright"),
    "drawn, nearly blank": ("gradient", "blank", "stage", "text"),
    "screens": ("screenshot", "chat"),
    "screens of other apps": tuple(apps.APPS),
}
"""What was registered. Screens of one app have its bars and buttons in common, so they do look alike."""
LIKELY = ("photos, collages", "screens", "screens of other apps")
"""What people register and post, without the fifth that is drawn or dulled to be nasty."""
WANTED = 1e6 * 1e5
"""Posts times hashes that there may be one false alert in."""
WAYS = ("as it stands", "a guess", "an outline", "two witnesses")
"""What makes a match."""
_SHOWN = 16

POST, HASH, DISTANCE, QUALITY, VIEW, KIND, STANDS, SPREAD = range(8)
"""Columns of near pairs; all but the hash and the distance are the post's."""


@dataclass(frozen=True)
class Registered:
    pictures: Ints
    """Of each hash the number of the picture, and its part, kind and quality, by their numbers."""
    parts: Ints
    kinds: Ints
    qualities: Ints


@dataclass(frozen=True)
class Found:
    posted: Ints
    """How many posts of each kind there were."""
    views: int
    near: Ints
    """n x 8; beyond 31 bits only of each 16th post."""
    twos: Ints
    """n x 3, see `twos`."""


def save(file: Path, registered: Registered, found: Found) -> None:
    np.savez_compressed(file, **vars(registered), **vars(found))


def load(file: Path) -> tuple[Registered, Found]:
    with np.load(file) as kept:
        registered, found = (
            {field.name: kept[field.name] for field in fields(kind)} for kind in (Registered, Found)
        )
    return Registered(**registered), Found(**found)


def twos(
    post: int, near: Sequence[IndexMatch], views: Sequence[View], pictures: Ints
) -> Iterator[tuple[int, int, int]]:
    """Of each picture that two views are witnesses of: the post, a hash and the smallest distance from it.

    Either is at least possible. `pictures` says of which picture a hash is.
    """
    of_picture = defaultdict(list)
    for match in near:
        if match.distance <= _possible_bits(views[match.query]):
            of_picture[int(pictures[match.fingerprint_id])].append(match)
    for matches in of_picture.values():
        pairs = [
            (one.distance, one.fingerprint_id)
            for one, other in permutations(matches, 2)
            if are_two(views[one.query], views[other.query])
            and one.distance <= other.distance
            and not is_outline(views[other.query])
        ]
        if pairs:
            distance, fingerprint_id = min(pairs)
            yield post, fingerprint_id, distance


def row(post: int, kind: str, match: IndexMatch, view: View) -> tuple[int, ...]:
    """Of `Found.near`."""
    name, posted = VIEW_NAMES.index(view.name), KINDS.index(kind)
    told = stands(view), view.spread
    return post, match.fingerprint_id, match.distance, view.quality, name, posted, *told


def _alone_bits(quality: int, view: int, spread: int) -> int:
    """Up to which distance a near pair of these columns is a match without another one."""
    shown = View(VIEW_NAMES[view], Orientation.UPRIGHT, b"", quality, spread=spread)
    return alone_bits(shown, MATCH_RADIUS_BITS)


def _possible_bits(view: View) -> int:
    return POSSIBLE_BITS if stands(view) and not is_outline(view) else POSSIBLE_GUESS_BITS


def report(runs: Sequence[tuple[Registered, Found]], least_quality: int) -> None:
    """Print everything about one or several runs together, as docs/benchmarks.md shows it."""
    for registered, found in runs:
        posts = int(found.posted.sum())
        print(
            f"{posts:,} posts, {found.views / max(posts, 1):.0f} views of quality {least_quality} or more each; "
            f"{len(registered.kinds):,} hashes of {len(np.unique(registered.pictures)):,} pictures"
        )
    if least_quality < MIN_QUALITY:
        _by_quality(runs)
    _alerts_by_group(runs)
    _near_by_group(runs)
    _list(runs)


def _usable(registered: Registered, found: Found) -> Ints:
    near = found.near
    return near[(registered.qualities[near[:, HASH]] >= MIN_QUALITY) & (near[:, QUALITY] >= MIN_QUALITY)]


def _alerts(registered: Registered, found: Found) -> dict[str, Ints]:
    """Pairs that make a match, by what makes it one."""
    near, witnessed = _usable(registered, found), found.twos
    is_standing, is_outlined = near[:, STANDS] == 1, near[:, SPREAD] < LEAST_SPREAD
    limits = [_alone_bits(*told) for told in near[:, (QUALITY, VIEW, SPREAD)].tolist()]
    is_near = near[:, DISTANCE] <= np.array(limits, dtype=np.int32)
    pairs = set(map(tuple, witnessed[witnessed[:, 2] <= MATCH_RADIUS_BITS, :2].tolist()))
    has_witness = np.array([pair in pairs for pair in map(tuple, near[:, :2].tolist())], dtype=bool)
    found_by = (
        near[is_near & is_standing & ~is_outlined],
        near[is_near & ~is_standing & ~is_outlined],
        near[is_near & is_outlined],
        near[has_witness],
    )
    return dict(zip(WAYS, found_by, strict=True))


def _alerts_by_group(runs: Sequence[tuple[Registered, Found]]) -> None:
    print(
        "\nPosts with a false alert, by what was registered; the last columns are for a million posts against"
    )
    print("100,000 hashes: what was seen, and its 95 % bound.\n")
    _head("registered", "posted", "posts x hashes", *WAYS, "any", "seen", "at most")
    every = tuple(GROUPS)
    for names, by in [*(((name,), every) for name in GROUPS), (every, every), (LIKELY, LIKELY)]:
        compared, shown = 0, np.zeros(len(WAYS) + 1, dtype=int)
        for registered, found in runs:
            hashes = int(_of_groups(registered.kinds, names).sum())
            compared += hashes * int(found.posted[_of_groups(np.arange(len(KINDS)), by)].sum())
            alerts = [
                rows[_of_groups(registered.kinds[rows[:, HASH]], names) & _of_groups(rows[:, KIND], by)]
                for rows in _alerts(registered, found).values()
            ]
            shown += [_posts(rows, MATCH_RADIUS_BITS) for rows in (*alerts, np.concatenate(alerts))]
        seen, scale = int(shown[-1]), WANTED / max(compared, 1)
        _row(
            "all" if names == every else "; ".join(names),
            [
                "all" if by == every else "the same",
                *(f"{compared:.2g}", *shown, f"{seen * scale:.1f}", f"{_bound(seen) * scale:.1f}"),
            ],
        )


def _near_by_group(runs: Sequence[tuple[Registered, Found]]) -> None:
    print(
        f"\nOf each {WIDE_EVERY}th post, those near to what was registered; and of a thousand posts against 100,000"
    )
    print("hashes, those that are possible:\n")
    _head("registered", "by", *(f"<= {radius}" for radius in RADII_BITS), "possible, of a thousand")
    for name in GROUPS:
        for way, is_standing, limit in (
            ("as it stands", True, POSSIBLE_BITS),
            ("a guess, an outline", False, POSSIBLE_GUESS_BITS),
        ):
            compared, shown, possible = 0.0, np.zeros(len(RADII_BITS), dtype=int), 0
            for registered, found in runs:
                compared += _of_groups(registered.kinds, (name,)).sum() * found.posted.sum() / WIDE_EVERY
                near = _usable(registered, found)
                stands_so = (near[:, STANDS] == 1) & (near[:, SPREAD] >= LEAST_SPREAD)
                near = near[(near[:, POST] % WIDE_EVERY == 0) & (stands_so == is_standing)]
                near = near[_of_groups(registered.kinds[near[:, HASH]], (name,))]
                shown += [_posts(near, radius) for radius in RADII_BITS]
                possible += _posts(near, limit)
            _row(name, [way, *shown, f"{possible * 1e3 * 1e5 / max(compared, 1):.2g}"])


def _list(runs: Sequence[tuple[Registered, Found]]) -> None:
    print("\nFalse alerts (run, distance, qualities, view, registered and posted kind, their numbers):\n")
    for run, (registered, found) in enumerate(runs):
        for way, rows in _alerts(registered, found).items():
            nearest = rows[np.argsort(rows[:, DISTANCE])][:_SHOWN].tolist()
            for post, number, distance, quality, view, kind, *_ in nearest:
                known = f"{KINDS[registered.kinds[number]]} {PARTS[registered.parts[number]]}"
                print(
                    f"- {run}: {way}, {distance}, {registered.qualities[number]}/{quality}, {VIEW_NAMES[view]}, "
                    f"{known} / {KINDS[kind]}, {registered.pictures[number]} / {post}"
                )


def _by_quality(runs: Sequence[tuple[Registered, Found]]) -> None:
    print("\nPosts within 31 bits of a hash by any view, by the cut-off (registered / posted):\n")
    _head("cut-off", "posts")
    for least, least_shown in (30, 30), (40, 40), (50, 50), (60, 60), (50, 40):
        posts = sum(
            _posts(
                found.near[
                    (registered.qualities[found.near[:, HASH]] >= least)
                    & (found.near[:, QUALITY] >= least_shown)
                ],
                MATCH_RADIUS_BITS,
            )
            for registered, found in runs
        )
        _row(f"{least} / {least_shown}", [posts])


def _of_groups(kinds: Ints, names: Sequence[str]) -> NDArray[np.bool_]:
    return np.isin(kinds, [KINDS.index(member) for name in names for member in GROUPS[name]])


def _posts(near: Ints, radius_bits: int) -> int:
    return len(np.unique(near[near[:, DISTANCE] <= radius_bits, POST]))


def _bound(seen: int) -> float:
    """The 95 % bound of a Poisson number (rule of three where none was seen)."""
    return 3.0 if seen == 0 else seen + 2 * seen**0.5 + 2


def _row(name: str, cells: Sequence[object]) -> None:
    print(f"| {name} | " + " | ".join(map(str, cells)) + " |")


def _head(*names: str) -> None:
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")
