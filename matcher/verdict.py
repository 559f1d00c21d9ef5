"""From what the index found to what is said of a file: bands, not one threshold, and where it shows what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, islice

from matcher.fingerprint import (
    MIN_QUALITY,
    QUADRANT,
    WHOLE,
    MediaFingerprint,
    Orientation,
    Still,
    StillKind,
    View,
)
from matcher.framing import INSIDE, INSIDE_QUADRANT, PAGE, SCREEN
from matcher.index import Index, IndexMatch
from matcher.kinds import KINDS, PDQ, padded
from matcher.regions import CELL, COLLAGE, TRIMMED

MATCH_RADIUS_BITS = KINDS[PDQ].radius_bits
POSSIBLE_RADIUS_BITS = 48
"""Of a picture as it stands; see `_margin_bits` for the guesses (docs/decisions/0009-possible-by-view.md)."""
LEAST_POSSIBLE_SAMPLES = 2
"""A video asks hundreds of times as many questions as a picture: one frame that is only near is no news."""

_AT_ONCE = 8192
"""Views that are searched for together: a long video has many thousands."""
_PARTS = (QUADRANT, INSIDE_QUADRANT)
_AS_IT_STANDS = frozenset({WHOLE, PAGE, TRIMMED, COLLAGE, CELL, SCREEN, INSIDE})
"""Views of what may be the registered picture itself. All others are guesses, some hundred for each picture, and as many
chances to be near to something by accident."""
LEAST_SPREAD = 48
"""Of a view, in percent. The hash of one whose contrast is spread over less is told by an outline or by one drawing that is repeated,
and near to those of all pictures with such an outline or so many repeats (docs/decisions/0021-outlines.md)."""
_NO_SPREAD, _BITS_A_PERCENT = 38, 1.5
"""Of a view that is spread over little, each percent more lets it be a match alone by so many bits more."""
_UNLIKE_BITS = 3 * MATCH_RADIUS_BITS
"""Two views that differ by more cannot both match one hash, nor two hashes that match each other. Unlike ones differ by
some 128."""
_KINDS = tuple(KINDS)


class Band(StrEnum):
    MATCH = "match"
    """Within the radius of the registered hash: a view as it stands, or a guess that is very near or has a witness."""
    POSSIBLE = "possible"
    """A little beyond it, or a guess alone: a question to a person, never more."""


@dataclass(frozen=True)
class Match:
    """A registered picture or video that a file shows: the still and the view that show it best, and how often."""

    fingerprint_id: int
    """Of all its fingerprints the one that is shown best."""
    band: Band
    distance: int
    view: str
    orientation: Orientation
    still: StillKind = StillKind.PICTURE
    at: int = 0
    """The first still that shows it; see `Still.at`."""
    until: int = 0
    """Of a video the moment up to which it shows it, in milliseconds."""
    samples: int = 1
    """How many of the samples show it, of `of_samples` that could be compared."""
    of_samples: int = 1
    kind: str = PDQ
    """Of the hashes whose distance this is; `PHOTO` where they are the PDQ hashes of a registered photo."""


@dataclass(frozen=True)
class _Sighting:
    item: int
    still: int
    """The number of the still in its file."""
    view: View
    found: IndexMatch

    @property
    def is_within(self) -> bool:
        return self.found.distance <= self.found.radius_bits and KINDS[self.view.kind].is_sure

    @property
    def is_enough(self) -> bool:
        """Whether it is a match without another one."""
        return self.is_within and self.found.distance <= alone_bits(self.view, self.found.radius_bits)

    @property
    def order(self) -> tuple[bool, bool, int, int, int]:
        # Of a copy the quarters are near as well, some of them by chance nearer than the whole; and distances of two
        # kinds say nothing of each other.
        kind = _KINDS.index(self.view.kind)
        is_part = self.view.name in _PARTS
        return not self.is_within, is_part, kind, self.found.distance, self.still


def stands(view: View) -> bool:
    """Whether a view shows something as it stands, and is no guess."""
    return view.name in _AS_IT_STANDS


def is_outline(view: View) -> bool:
    """Whether little more than an outline, or one drawing that is repeated, tells the hash of a view."""
    return view.spread < LEAST_SPREAD


def are_two(view: View, other: View) -> bool:
    """Whether two views that stand alike show different things, so that each is a witness of its own."""
    if (view.kind, view.orientation) != (other.kind, other.orientation):
        return False
    apart = int.from_bytes(view.bits) ^ int.from_bytes(other.bits)
    return apart.bit_count() > _UNLIKE_BITS


def judge(
    media: MediaFingerprint,
    index: Index | Mapping[str, Index],
    *,
    margin_bits: int = POSSIBLE_RADIUS_BITS - MATCH_RADIUS_BITS,
    min_quality: int = MIN_QUALITY,
    item_of: Mapping[int, int | None] | None = None,
) -> list[Match]:
    """One match for every registered item that the file shows, ordered by item.

    `index` is of PDQ hashes, or one index for each kind, whose ids are all different; shorter hashes are `padded`.
    A view within the radius is a match as it stands. One that is a guess is a match alone within half the radius;
    else it needs a witness: another view of the same picture or video, itself at least possible, of something else in
    it (`are_two`), and so by another fingerprint of the item. Without one it is *possible*. A view whose contrast is spread
    over little of it is a match alone within less (`alone_bits`), and an outline (`is_outline`) is no witness.
    `margin_bits` is how far beyond a fingerprint's own radius a still is *possible*, by PDQ only, as it stands; by a
    guess or an outline, half as far. Views of less than `min_quality` (0 to 100) are
    left out: flat pictures are near to one another. `item_of` says which fingerprints (by id) are of
    one picture or video, and those that it does not know are left out; without it each is an item of its own.
    """
    indexes = {PDQ: index} if isinstance(index, Index) else index
    sightings = sorted(
        _sightings(media.stills, indexes, margin_bits, min_quality, item_of),
        key=lambda sighting: sighting.item,
    )
    matches = []
    for _, group in groupby(sightings, key=lambda sighting: sighting.item):
        match = _match(media, list(group))
        if match is not None:
            matches.append(match)
    return matches


def _sightings(
    stills: Sequence[Still],
    indexes: Mapping[str, Index],
    margin_bits: int,
    min_quality: int,
    item_of: Mapping[int, int | None] | None,
) -> Iterator[_Sighting]:
    for kind, index in indexes.items():
        margin = margin_bits if kind == PDQ else 0
        views = _views(stills, kind, min_quality)
        while batch := list(islice(views, _AT_ONCE)):
            for found in index.search([padded(view.bits) for _, view in batch], margin):
                number, view = batch[found.query]
                if found.distance > found.radius_bits + _margin_bits(view, margin):
                    continue
                item = found.fingerprint_id if item_of is None else item_of.get(found.fingerprint_id)
                if item is not None:
                    yield _Sighting(item, number, view, found)


def _margin_bits(view: View, margin_bits: int) -> int:
    """How far beyond a radius this view says that something is possible."""
    return margin_bits if stands(view) and not is_outline(view) else _half(margin_bits)


def alone_bits(view: View, radius_bits: int) -> int:
    """Up to which distance this view is a match without another one."""
    most = radius_bits if stands(view) else _half(radius_bits)
    # Of an app's screen on a plain ground a quarter shows little but the app.
    least = radius_bits // (6 if view.name in _PARTS else 3)
    return min(most, max(least, int(_BITS_A_PERCENT * (view.spread - _NO_SPREAD))))


def _half(bits: int) -> int:
    return (bits + 1) // 2


def _views(stills: Sequence[Still], kind: str, min_quality: int) -> Iterator[tuple[int, View]]:
    for number, still in enumerate(stills):
        for view in still.views:
            if view.kind == kind and view.quality >= min_quality:
                yield number, view


def _match(media: MediaFingerprint, sightings: Sequence[_Sighting]) -> Match | None:
    # A file can hold both: a video behind a photo, an archive behind an animation.
    moving = {number for number, still in enumerate(media.stills) if still.kind is StillKind.FRAME}
    frames = [sighting for sighting in sightings if sighting.still in moving]
    times = _samples(media, {sighting.still for sighting in frames})
    if times < LEAST_POSSIBLE_SAMPLES and not any(sighting.is_within for sighting in frames):
        sightings = [sighting for sighting in sightings if sighting.still not in moving]
    if not sightings:
        return None
    within = [sighting for sighting in sightings if sighting.is_within]
    is_match = any(sighting.is_enough for sighting in within) or _has_witness(within, sightings, moving)
    best = min(sightings, key=lambda sighting: sighting.order)
    is_moving = best.still in moving
    alike = moving if is_moving else set(range(len(media.stills))) - moving
    shown = sorted({sighting.still for sighting in within or sightings} & alike)
    still = media.stills[shown[0] if is_moving else best.still]
    return Match(
        best.found.fingerprint_id,
        Band.MATCH if is_match else Band.POSSIBLE,
        best.found.distance,
        best.view.name,
        best.view.orientation,
        still.kind,
        still.at,
        media.stills[shown[-1]].until if is_moving else still.until,
        _samples(media, shown),
        _samples(media, alike),
        best.view.kind,
    )


def _samples(media: MediaFingerprint, numbers: Iterable[int]) -> int:
    return sum(media.stills[number].samples for number in numbers)


def _has_witness(within: Sequence[_Sighting], sightings: Sequence[_Sighting], moving: set[int]) -> bool:
    """Whether the nearest of those within the radius has one among all that are possible; `moving` are the frames."""
    nearest = min(within, key=lambda sighting: sighting.found.distance, default=None)
    return nearest is not None and any(
        (other.still == nearest.still or {other.still, nearest.still} <= moving)
        and are_two(nearest.view, other.view)
        and not is_outline(other.view)
        for other in sightings
    )
