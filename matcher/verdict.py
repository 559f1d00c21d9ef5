"""From what the index found to what is said of a picture: bands, not one threshold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matcher.fingerprint import MIN_QUALITY, MediaFingerprint, Orientation
from matcher.index import Index, IndexMatch

MATCH_RADIUS_BITS = 31
POSSIBLE_RADIUS_BITS = 48
"""In 438,000 pairs of different photos none was at 72 bits or below."""


class Band(StrEnum):
    MATCH = "match"
    """Within the radius of the registered hash."""
    POSSIBLE = "possible"
    """A little beyond it: a question to a person, never more."""


@dataclass(frozen=True)
class Match:
    """A registered fingerprint that a posted picture shows, and the view that showed it best."""

    fingerprint_id: int
    band: Band
    distance: int
    view: str
    orientation: Orientation


def judge(
    media: MediaFingerprint,
    index: Index,
    *,
    margin_bits: int = POSSIBLE_RADIUS_BITS - MATCH_RADIUS_BITS,
    min_quality: int = MIN_QUALITY,
) -> list[Match]:
    """The best match of every registered fingerprint that is near, ordered by fingerprint.

    `margin_bits` is how far beyond a fingerprint's own radius a picture is still *possible*. Views of less than
    `min_quality` (0 to 100) are left out: flat pictures are near to one another.
    """
    views = [view for view in media.views if view.quality >= min_quality]
    best: dict[int, IndexMatch] = {}
    for found in index.search([view.bits for view in views], margin_bits):
        known = best.get(found.fingerprint_id)
        if known is None or found.distance < known.distance:
            best[found.fingerprint_id] = found
    return [
        Match(
            fingerprint_id,
            Band.MATCH if found.distance <= found.radius_bits else Band.POSSIBLE,
            found.distance,
            views[found.query].name,
            views[found.query].orientation,
        )
        for fingerprint_id, found in sorted(best.items())
    ]
