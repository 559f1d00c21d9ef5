"""From features that look alike to what is said of a file: which part of which registered photo is where in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import MediaFingerprint, Still, StillKind
from matcher.keypoints import PLACES, SIZES_AN_OCTAVE, TURNS, Bytes, LocalFeatures, furthest
from matcher.photo_index import Candidate, PhotoIndex

RADIUS_BITS = 64
LEAST_INLIERS = 15
_WHOLE = 0.8

Outline = tuple[tuple[float, float], ...]


class Relation(StrEnum):
    SAME = "same_photo"
    """The registered photo as a whole, and nothing in it is another."""
    PART = "part"
    """A part of it in another picture, or all of it with something in it changed."""


@dataclass(frozen=True)
class PhotoMatch:
    """A registered photo of which a file shows a part: the still that shows it best."""

    photo_id: int
    relation: Relation
    inliers: int
    """How many features agree."""
    share: float
    """0 to 1 of the registered photo that is shown."""
    of_post: float
    """0 to 1 of the posted picture that it takes."""
    scale: float
    """Size in the posted picture divided by that in the registered photo, in points."""
    turn_degrees: float
    """Clockwise, after any mirroring; over -180 to 180."""
    mirrored: bool
    photo_outline: Outline
    """A polygon in the registered photo, clockwise; 0 to 1 across and down."""
    post_outline: Outline
    """The same part in the posted picture, point by point."""
    photo_size: tuple[int, int]
    post_size: tuple[int, int]
    still: StillKind = StillKind.PICTURE
    at: int = 0
    until: int = 0
    samples: int = 1
    of_samples: int = 1


def judge_photos(media: MediaFingerprint, index: PhotoIndex) -> list[PhotoMatch]:
    """One match for every registered photo of which the file shows a part, ordered by photo id."""
    best: dict[int, PhotoMatch] = {}
    for still in media.stills:
        if still.local is None or not len(still.local):
            continue
        for match in _matches(still, still.local, index):
            known = best.get(match.photo_id)
            if known is None or match.inliers > known.inliers:
                best[match.photo_id] = match
    return [best[photo_id] for photo_id in sorted(best)]


def _matches(still: Still, local: LocalFeatures, index: PhotoIndex) -> Iterator[PhotoMatch]:
    for mirrored, descriptors in ((False, local.descriptors), (True, local.mirrored)):
        for candidate in index.candidates(descriptors, RADIUS_BITS):
            match = _verified(still, local, mirrored, candidate)
            if match is not None:
                yield match


def _verified(still: Still, local: LocalFeatures, mirrored: bool, found: Candidate) -> PhotoMatch | None:
    from matcher.geometry import similarity

    if len(found.pairs) < LEAST_INLIERS:
        return None
    width = furthest(still.width, still.height)[0] / PLACES
    posted = _frames(local.places, local.sizes, local.turns)
    if mirrored:
        posted[:, 0] = width - posted[:, 0]
        posted[:, 3] = np.pi - posted[:, 3]
    post = posted[found.pairs[:, 0]]
    photo = _frames(found.photo.places, found.photo.sizes, found.photo.turns)[found.pairs[:, 1]]
    best, kept = np.zeros(4), np.empty(len(photo), dtype=np.int64)
    number = similarity(photo, post, best, kept)
    if number < LEAST_INLIERS:
        return None
    return _match(still, mirrored, found, best, number)


def _match(
    still: Still, mirrored: bool, found: Candidate, best: NDArray[np.float64], number: int
) -> PhotoMatch | None:
    a, b, tx, ty = best
    photo = found.photo
    wide, high = (side / PLACES for side in furthest(photo.width, photo.height))
    post_wide, post_high = (side / PLACES for side in furthest(still.width, still.height))
    corners = np.array([(0.0, 0.0), (wide, 0.0), (wide, high), (0.0, high)])
    turn = np.array([[a, b], [-b, a]])
    box = corners @ turn + (tx, ty)
    clipped = _clipped(box, post_wide, post_high)
    if len(clipped) < 3:
        return None
    back = (clipped - (tx, ty)) @ np.linalg.inv(turn)
    if mirrored:
        clipped = np.column_stack((post_wide - clipped[:, 0], clipped[:, 1]))
    share = _area(back) / (wide * high)
    of_post = _area(clipped) / (post_wide * post_high)
    relation = Relation.SAME if share > _WHOLE and of_post > _WHOLE else Relation.PART
    longer = max(still.width, still.height) / max(photo.width, photo.height)
    return PhotoMatch(
        found.photo_id,
        relation,
        number,
        min(share, 1.0),
        min(of_post, 1.0),
        float(np.hypot(a, b) * longer),
        float(np.degrees(np.arctan2(-b if mirrored else b, a))),
        mirrored,
        _outline(back / (wide, high)),
        _outline(clipped / (post_wide, post_high)),
        (photo.width, photo.height),
        (still.width, still.height),
        still.kind,
        still.at,
        still.until,
    )


def _frames(places: NDArray[np.uint16], sizes: Bytes, turns: Bytes) -> NDArray[np.float64]:
    return np.column_stack(
        (
            places / PLACES,
            np.exp2(-sizes.astype(np.float64) / SIZES_AN_OCTAVE),
            turns.astype(np.float64) * (2 * np.pi / TURNS),
        )
    )


def _clipped(polygon: NDArray[np.float64], wide: float, high: float) -> NDArray[np.float64]:
    """What of a polygon lies in the frame from 0, 0 (Sutherland, Hodgman)."""
    points = [tuple(point) for point in polygon]
    for axis, sign, limit in ((0, 1.0, 0.0), (0, -1.0, -wide), (1, 1.0, 0.0), (1, -1.0, -high)):
        kept = []
        for number, point in enumerate(points):
            before = points[number - 1]
            here, there = sign * point[axis] - limit, sign * before[axis] - limit
            if (here >= 0) != (there >= 0):
                share = there / (there - here)
                kept.append(tuple(p + share * (q - p) for p, q in zip(before, point, strict=True)))
            if here >= 0:
                kept.append(point)
        points = kept
    return np.array(points).reshape(-1, 2)


def _area(polygon: NDArray[np.float64]) -> float:
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _outline(polygon: NDArray[np.float64]) -> Outline:
    return tuple((float(x), float(y)) for x, y in np.clip(polygon, 0.0, 1.0))
