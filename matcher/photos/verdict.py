"""From features that look alike to what is said of a file: which part of which registered photo is where in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log10
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.fingerprint import MediaFingerprint, Still, StillKind
from matcher.photos import extent
from matcher.photos.index import Candidate, PhotoIndex
from matcher.photos.keypoints import PLACES, SIZES_AN_OCTAVE, TURNS, Bytes, LocalFeatures, Places, furthest
from matcher.photos.rules import LEAST_WITNESSES, is_enough

# Importing it compiles.
if TYPE_CHECKING:
    from matcher.photos.closer import Closeup
    from matcher.photos.evidence import Evidence, Posted
    from matcher.photos.tables import Words

LEAST_EVIDENCE = 9.0
"""Digits against one registered photo; the logarithm of their number is added."""
_LEAST_AREA, _LEAST_AREA_OF_CROP, _LEAST_AREA_IN_POST = 0.02, 0.015, 0.008
_LEAST_BREADTH, _LEAST_BREADTH_OF_CROP = 0.04, 0.03
"""Of what agrees: the area of its hull as a share of each picture, and its shorter axis to the longer side. Of a crop less will do:
all that is in view agrees.
"""
_CROWDED_BY_A_LOGO, _LEAST_CORE = 4.0, 0.02
_CROWDED_BY_LETTERS, _CROWDED_UNLIKE = 5.5, 0.87
"""How many times as dense what agrees may be as the photo's features are, where its core is so small, and where fewer are like one
place only: a logo or a few words over a smooth photo hold most of its features. Of true parts it is up to 5.3, and none has such a core.
"""
_WORTH_A_LOOK = 6.0
"""Digits from which on a closer look is taken."""

Outline = tuple[tuple[float, float], ...]
Floats = NDArray[np.float64]


class Relation(StrEnum):
    SAME = "same_photo"
    """The registered photo as a whole, nothing in it changed, with nothing but borders and bars around it."""
    PART = "part"
    """A part of it in another picture, or all of it with something in it changed."""


@dataclass(frozen=True)
class PhotoMatch:
    """A registered photo of which a file shows a part: the still that shows it best."""

    photo_id: int
    relation: Relation
    inliers: int
    """How many features agree and lie apart from one another."""
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
    """The first still that shows it; see `Still.at`."""
    until: int = 0
    """Of a video the moment up to which it shows it, in milliseconds."""
    samples: int = 1
    """How many of the samples show it, of `of_samples` that were looked at."""
    of_samples: int = 1
    evidence: float = 0.0
    """Decimal digits of how unlikely it is by chance, against one photo."""


def judge_photos(media: MediaFingerprint, index: PhotoIndex) -> list[PhotoMatch]:
    """One match for every registered photo of which the file shows a part, ordered by photo id."""
    best: dict[int, PhotoMatch] = {}
    stills: dict[int, list[Still]] = {}
    for still in media.stills:
        for match in _matches(still, index):
            known = best.get(match.photo_id)
            if known is None or _weight(match) > _weight(known):
                best[match.photo_id] = match
            shown = stills.setdefault(match.photo_id, [])
            if still not in shown:
                shown.append(still)
    return [_over(best[photo_id], stills[photo_id], media.stills) for photo_id in sorted(best)]


def _weight(match: PhotoMatch) -> tuple[bool, float]:
    """Of a file that shows the photo as it is and a part of it elsewhere, the part is what must not be missed."""
    return match.relation is Relation.PART, match.evidence


def least_evidence(photos: int, copies: int = 1) -> float:
    """How many digits it takes against so many registered photos: each, its mirror image, and each further copy of the
    posted picture is one more chance.
    """
    return LEAST_EVIDENCE + log10(2 * copies * max(photos, 1))


def _over(match: PhotoMatch, shown: Sequence[Still], stills: Sequence[Still]) -> PhotoMatch:
    from dataclasses import replace

    # A file can hold both: a video behind a photo, an archive behind an animation.
    is_moving = match.still is StillKind.FRAME
    shown, stills = (
        [still for still in some if (still.kind is StillKind.FRAME) is is_moving] for some in (shown, stills)
    )
    if is_moving:
        match = replace(match, at=shown[0].at, until=shown[-1].until)
    samples, of_samples = (sum(still.samples for still in some) for some in (shown, stills))
    return replace(match, samples=samples, of_samples=of_samples)


def _matches(still: Still, index: PhotoIndex) -> Iterator[PhotoMatch]:
    """Of a photo that is found in one copy of the still, the others, which are drawn out of shape, say nothing more."""
    if not len(index):
        return
    found: set[int] = set()
    for local in still.local:
        if len(local) >= LEAST_WITNESSES:
            new = list(_matches_of(still, local, index, found))
            found.update(match.photo_id for match in new)
            yield from new


def _matches_of(
    still: Still, local: LocalFeatures, index: PhotoIndex, known: Collection[int]
) -> Iterator[PhotoMatch]:
    needed = least_evidence(len(index), len(still.local))
    for one in weighed(local, index, known):
        if one.evidence is not None and is_enough(one.evidence, needed, one.candidate.is_hint):
            match = _match(still, local, one, one.evidence)
            if match is not None:
                yield match


@dataclass(frozen=True)
class Weighed:
    """A photo that may be in a posted picture, or in its mirror image, and what speaks for it."""

    candidate: Candidate
    photo: Floats
    """Its features (n x 4)."""
    post: Posted
    is_mirrored: bool
    evidence: Evidence | None
    closeup: Closeup | None
    """None where the picture is not kept to be looked at."""


def weighed(local: LocalFeatures, index: PhotoIndex, known: Collection[int] = ()) -> Iterator[Weighed]:
    """The photos that may be in a copy of a posted picture, but for those that are known already."""
    from matcher.photos.closer import Closeup, Levels

    levels = None if local.greys is None else Levels(local.greys)
    for mirrored in (False, True):
        post = _posted(local, mirrored)
        closeup = None if levels is None else Closeup(levels, mirrored)
        for candidate in index.candidates(post.words[: local.telling], post.features):
            if candidate.photo_id in known:
                continue
            words = candidate.photo.words
            photo = _features(candidate.photo.places, candidate.photo.sizes, candidate.photo.turns)
            evidence = _looked_at(candidate, photo, words, post, closeup)
            yield Weighed(candidate, photo, post, mirrored, evidence, closeup)


def _looked_at(
    candidate: Candidate, photo: Floats, words: Words, post: Posted, closeup: Closeup | None
) -> Evidence | None:
    from matcher.photos.evidence import weigh, weigh_closely

    if candidate.is_hint:
        if closeup is None:
            return None
        posted, row = candidate.pairs[0]
        grown = closeup.grown(photo, words, row, post.features[posted])
        return None if grown is None else weigh_closely(photo, words, post, closeup, grown)
    evidence = weigh(photo, words, post, candidate.pairs)
    if evidence is None or closeup is None or evidence.score < _WORTH_A_LOOK:
        return evidence
    return weigh_closely(photo, words, post, closeup, evidence)


def _match(still: Still, local: LocalFeatures, one: Weighed, evidence: Evidence) -> PhotoMatch | None:
    from matcher.photos.repeats import is_pattern

    found, photo, post, mirrored = one.candidate, one.photo, one.post, one.is_mirrored
    way = evidence.way.reshape(2, 3)
    frame = _frame(found.photo.width, found.photo.height)
    seen = extent.seen(photo, evidence, way, frame, post)
    reach, breadth = _LEAST_AREA, _LEAST_BREADTH
    if evidence.is_crop:
        reach, breadth = _LEAST_AREA_OF_CROP, _LEAST_BREADTH_OF_CROP
    is_logo = seen.crowded >= _CROWDED_BY_A_LOGO and seen.core < _LEAST_CORE
    is_letters = seen.crowded >= _CROWDED_BY_LETTERS and evidence.unlike < _CROWDED_UNLIKE
    if (
        seen.reached < reach
        or (not evidence.is_crop and (is_logo or is_letters))
        or seen.reached_of_post < _LEAST_AREA_IN_POST
        or min(seen.breadth, seen.breadth_in_post) < breadth
        or is_pattern(photo, found.photo.words, post, evidence, one.closeup)
    ):
        return None
    post_outline = seen.post_outline
    if mirrored:
        post_outline = np.column_stack((post.frame[0] - post_outline[:, 0], post_outline[:, 1]))
    relation = Relation.SAME if seen.is_whole else Relation.PART
    longer = max(local.width, local.height) / max(found.photo.width, found.photo.height)
    longer *= float(np.sqrt(still.width * still.height / (local.width * local.height)))
    turn = np.degrees(np.arctan2(way[1, 0] - way[0, 1], way[0, 0] + way[1, 1]))
    return PhotoMatch(
        found.photo_id,
        relation,
        len(evidence.witnesses),
        seen.share,
        seen.of_post,
        float(np.sqrt(np.linalg.det(way[:, :2])) * longer),
        float(-turn if mirrored else turn),
        mirrored,
        _outline(seen.photo_outline / frame),
        _outline(post_outline / post.frame),
        (found.photo.width, found.photo.height),
        (still.width, still.height),
        still.kind,
        still.at,
        still.until,
        evidence=evidence.score,
    )


def _posted(local: LocalFeatures, mirrored: bool) -> Posted:
    from matcher.photos.evidence import Posted
    from matcher.photos.tables import words_of

    frame = _frame(local.width, local.height)
    features = _features(local.places, local.sizes, local.turns)
    if mirrored:
        features[:, 0] = frame[0] - features[:, 0]
        features[:, 3] = np.pi - features[:, 3]
    return Posted.of(
        features, words_of(local.mirrored if mirrored else local.descriptors), frame, local.telling
    )


def _frame(width: int, height: int) -> Floats:
    return np.array(furthest(width, height)) / PLACES


def _features(places: Places, sizes: Bytes, turns: Bytes) -> Floats:
    size = np.exp2(-sizes.astype(np.float64) / SIZES_AN_OCTAVE)
    return np.column_stack((places / PLACES, size, turns * (2 * np.pi / TURNS)))


def _outline(polygon: Floats) -> Outline:
    return tuple((float(x), float(y)) for x, y in np.clip(polygon, 0.0, 1.0))
