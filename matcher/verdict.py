"""From what the index found to what is said of a file: bands, not one threshold, and where it shows what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from matcher.regions import CELL, HALF, TRIMMED

MATCH_RADIUS_BITS = KINDS[PDQ].radius_bits
POSSIBLE_RADIUS_BITS = 48
"""Of a picture as it stands; see `_margin_bits` for the guesses (docs/decisions/0009-possible-by-view.md)."""
LEAST_POSSIBLE_SAMPLES = 2
"""A video asks hundreds of times as many questions as a picture: one frame that is only near is no news."""

_AT_ONCE = 8192
"""Views that are searched for together: a long video has many thousands."""
_PARTS = (QUADRANT, HALF, INSIDE_QUADRANT)
_AS_IT_STANDS = frozenset({WHOLE, PAGE, TRIMMED, CELL, SCREEN, INSIDE})
"""Views of what may be the registered picture itself. All others are guesses, some hundred for each picture, and as many
chances to be near to something by accident."""
_KINDS = tuple(KINDS)


class Band(StrEnum):
    MATCH = "match"
    """Within the radius of the registered hash."""
    POSSIBLE = "possible"
    """A little beyond it: a question to a person, never more."""


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
    """Of the hashes whose distance this is."""


@dataclass(frozen=True)
class _Sighting:
    item: int
    still: int
    """The number of the still in its file."""
    view: View
    found: IndexMatch

    @property
    def band(self) -> Band:
        is_match = self.found.distance <= self.found.radius_bits and KINDS[self.view.kind].is_sure
        return Band.MATCH if is_match else Band.POSSIBLE

    @property
    def order(self) -> tuple[bool, bool, int, int, int]:
        # Of a copy the quarters are near as well, some of them by chance nearer than the whole; and distances of two
        # kinds say nothing of each other.
        kind = _KINDS.index(self.view.kind)
        is_part = self.view.name in _PARTS
        return self.band is not Band.MATCH, is_part, kind, self.found.distance, self.still


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
    `margin_bits` is how far beyond a fingerprint's own radius a still is *possible*, by PDQ only, as it stands: by a
    view that is a guess, half as far, and by half a picture not at all. Views of less than `min_quality` (0 to 100) are
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
    if view.name in _AS_IT_STANDS:
        return margin_bits
    return 0 if view.name == HALF else (margin_bits + 1) // 2


def _views(stills: Sequence[Still], kind: str, min_quality: int) -> Iterator[tuple[int, View]]:
    for number, still in enumerate(stills):
        for view in still.views:
            if view.kind == kind and view.quality >= min_quality:
                yield number, view


def _match(media: MediaFingerprint, sightings: Sequence[_Sighting]) -> Match | None:
    best = min(sightings, key=lambda sighting: sighting.order)
    shown = [media.stills[number] for number in sorted({s.still for s in sightings if s.band is best.band})]
    samples = sum(still.samples for still in shown)
    is_moving = media.stills[0].kind is StillKind.FRAME
    if is_moving and best.band is Band.POSSIBLE and samples < LEAST_POSSIBLE_SAMPLES:
        return None
    still = shown[0] if is_moving else media.stills[best.still]
    return Match(
        best.found.fingerprint_id,
        best.band,
        best.found.distance,
        best.view.name,
        best.view.orientation,
        still.kind,
        still.at,
        shown[-1].until if is_moving else still.until,
        samples,
        sum(still.samples for still in media.stills),
        best.view.kind,
    )
