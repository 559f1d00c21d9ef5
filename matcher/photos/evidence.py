"""How sure it is that a registered photo lies in a posted picture: how unlikely it is that so many features agree by chance.

An a-contrario test (Desolneux, Moisan, Morel, "Meaningful alignments", IJCV 2000): the evidence is the decimal logarithm
of one over the chance that pictures that have nothing to do with each other agree as well in one way to lie. What it
takes grows with the number of registered photos, each of which is one more chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, lgamma, log, log10

import numpy as np
from numpy.typing import NDArray

from matcher.photos.closer import Closeup, First, Look
from matcher.photos.extent import hull, inside
from matcher.photos.geometry import (
    MOST_TRIED,
    Floats,
    Longs,
    Words,
    apart,
    by_cell,
    fitted,
    guided,
    off_rows,
    similarity,
    unlike_others,
)
from matcher.photos.parts import LEAST_PAIRS

_MOST_PAIRS = 240
_MOST_BITS = 101
_ROUNDS = ((0.012, 0.35, 0.6, 0.9), (0.006, 0.2, 0.5, 0.8), (0.004, 0.15, 0.45, 0.7))
"""From the first guess to the last: how far a feature may be (of the longer side, and of its size), by how much its
turn and its size may differ."""
_LAST_BITS = 97
_APART, _APART_OF_SIZE = 0.012, 0.25
"""How far from one another witnesses lie: of the longer side, and of the size of the larger one."""
_CHANCE = np.interp(
    np.arange(257),
    (0, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 128, 256),
    (-9.5, -8.7, -8.2, -7.4, -6.3, -5.25, -4.25, -3.28, -2.4, -1.65, -1.03, -0.28, 0),
)
"""By how many bits they differ: the logarithm of the chance that two descriptors of unrelated photos are as near.
Measured on photos tuned with."""
_CLOSE_BITS, _SURE_BITS = 72, 56
"""By how many a feature differs at most that agrees at a closer look; and that is sure to be shown as a whole, where half of what
agrees is so near.
"""
_LIKENESS = np.repeat((1.6, 1.2, 0.7, 0.3, 0.0, -0.25, -0.45, -0.55), (12, 6, 6, 6, 6, 8, 8, 205))
"""By how many bits a witness differs at a closer look: the logarithm of how much more often in one picture posted in two
ways than in two pictures with the same letters, frames or watermarks over them. Measured on pictures tuned with."""
_CUT, _ALL_OF_VIEW, _ALL_UNLIKE = 0.7, 0.98, 0.95
"""Of a crop so many of the photo's features are in view at most, so many of these agree, and so many witnesses are like one place only."""
_SMALL = 1 / 3
_OF_LINE = 6
"""Witnesses. Fewer may lie in a line by chance."""


@dataclass(frozen=True)
class Posted:
    """A posted picture, or its mirror image, as it is compared: features x 4 (see `matcher.photos.geometry`)."""

    features: Floats
    words: Words
    frame: Floats
    """Width and height, in shares of the longer side."""
    telling: int
    """So many features, the first, can be witnesses: the others are of what is written or drawn."""
    starts: Longs
    order: Longs

    @classmethod
    def of(cls, features: Floats, words: Words, frame: Floats, telling: int) -> Posted:
        return cls(features, words, frame, telling, *by_cell(features))


@dataclass(frozen=True)
class Evidence:
    """The best way in which a photo lies in a posted picture, and what agrees with it."""

    way: Floats
    score: float
    """Decimal digits; beyond 300 it is not counted on."""
    witnesses: Longs
    """Features of the photo that agree and lie apart from one another."""
    off_rows: float
    """The digits of those witnesses that lie in no row that may be a line of text."""
    agreeing: NDArray[np.bool_]
    """Of all its features, which agree."""
    sure: NDArray[np.bool_]
    """And of which by so few bits that they are not at the edge of what is shown."""
    expected: NDArray[np.bool_]
    """Which lie inside the posted picture."""
    shown: Floats
    """Where each that agrees is in the posted picture, as features."""
    shown_words: Words
    """And what is there."""
    likeness: float
    """Digits by which the witnesses are rather one picture's than the same letters over two; infinite where no closer look
    was taken."""
    agreement: float
    """0 to 1 of the features among the witnesses that agree. Where no closer look was taken it is 1, as the next one is."""
    detail: float
    """How much of the smallest third of these agrees, against all of them."""
    roundness: float
    """0 to 1: how wide the witnesses lie, against how long. Those of a line of letters lie in a line, however it runs."""
    unlike: float
    """0 to 1 of the witnesses: those that are like one place of the posted picture only."""

    @property
    def of_view(self) -> float:
        """0 to 1 of the features that lie inside the posted picture: how much agrees."""
        return float(self.agreeing.sum() / max(self.expected.sum(), 1))

    @property
    def is_crop(self) -> bool:
        """Whether the photo goes on beyond the posted picture, and nearly all that lies inside agrees, and is like one place of
        it only: what is only written or drawn over both is shown whole, with what is around it.
        """
        is_cut = float(self.expected.mean()) <= _CUT
        return is_cut and self.of_view >= _ALL_OF_VIEW and self.unlike >= _ALL_UNLIKE

    @property
    def is_close(self) -> bool:
        """Whether a closer look was taken."""
        return self.likeness < inf


def weigh(photo: Floats, words: Words, post: Posted, pairs: Longs) -> Evidence | None:
    """What speaks for a photo (features x 4), given pairs (posted feature, feature of the photo), the nearest first."""
    pairs = pairs[:_MOST_PAIRS]
    if len(pairs) < LEAST_PAIRS:
        return None
    kept = np.empty(len(pairs), dtype=np.int64)
    ones = np.ascontiguousarray(photo[pairs[:, 1]])
    others = np.ascontiguousarray(post.features[pairs[:, 0]])
    number = similarity(ones, others, MOST_TRIED, kept)
    if number < LEAST_PAIRS:
        return None
    way = fitted(ones[kept[:number]], others[kept[:number]])
    matched, bits, tried = (np.empty(len(photo), dtype=np.int64) for _ in range(3))
    for last, near in enumerate((*_ROUNDS, _ROUNDS[-1]), 1 - len(_ROUNDS) - 1):
        most_bits = _LAST_BITS if last >= -1 else _MOST_BITS
        guided(
            photo, words, post.features, post.words, post.starts, post.order,
            way, post.frame, np.array(near), most_bits, matched, bits, tried,
        )  # fmt: skip
        agreeing = matched >= 0
        if agreeing.sum() < LEAST_PAIRS:
            return None
        if last:
            way = fitted(photo[agreeing], post.features[matched[agreeing]])
    witnesses = _apart(photo, np.flatnonzero((matched >= 0) & (matched < post.telling)), bits)
    chance = 1 - (1 - 10 ** _CHANCE[bits[witnesses]]) ** np.maximum(tried[witnesses], 1)
    look = Look(bits, post.features[matched], post.words[matched])
    unlike = _unlike(words, post, look, witnesses)
    return _evidence(
        photo, way, look, witnesses, chance, matched >= 0, matched >= 0, tried >= 0, inf, (1.0, 1.0), unlike
    )


def weigh_closely(
    photo: Floats, words: Words, post: Posted, closeup: Closeup, first: Evidence | First
) -> Evidence | None:
    """The same by a closer look at where the photo lies by a first look."""
    looked = closeup.look(photo, words, first.way, first.shown, first.agreeing)
    if looked is None:
        return None
    way, look = looked
    agreeing = (look.bits >= 0) & (look.bits <= _CLOSE_BITS)
    witnesses = _apart(photo, np.flatnonzero(agreeing), look.bits)
    bits = look.bits[witnesses]
    likeness = float(_LIKENESS[bits].sum())
    expected = look.bits >= 0
    is_near = expected & (look.bits <= _SURE_BITS)
    sure = is_near if 2 * is_near.sum() >= agreeing.sum() else agreeing
    among = _among(photo, witnesses, agreeing, expected)
    unlike = _unlike(words, post, look, witnesses)
    return _evidence(
        photo, way, look, witnesses, 10 ** _CHANCE[bits], agreeing, sure, expected, likeness, among, unlike
    )


def _unlike(words: Words, post: Posted, look: Look, witnesses: Longs) -> float:
    ours, shown, there = words[witnesses], look.shown[witnesses], look.words[witnesses]
    return unlike_others(ours, shown, there, post.features, post.words) / max(len(witnesses), 1)


def _among(
    photo: Floats, witnesses: Longs, agreeing: NDArray[np.bool_], expected: NDArray[np.bool_]
) -> tuple[float, float]:
    """Of what lies among the witnesses how much agrees, and how much of its detail against that.

    Faces are alike in the large. One picture is in the small as well, and of it more small patches agree than large ones,
    which reach beyond what is shown.
    """
    if not len(witnesses):
        return 0.0, 0.0
    is_among = expected & inside(photo[:, :2], hull(photo[witnesses, :2]), 1e-9)
    is_small = is_among & (photo[:, 2] <= np.quantile(photo[is_among, 2], _SMALL))
    agreement = float(agreeing[is_among].mean())
    return agreement, float(agreeing[is_small].mean()) / agreement


def _apart(photo: Floats, rows: Longs, bits: Longs) -> Longs:
    """Of these rows those that lie apart from all that agree better."""
    kept = np.empty(len(rows), dtype=np.int64)
    order = np.argsort(bits[rows], kind="stable")
    number = apart(np.ascontiguousarray(photo[rows]), order, _APART, _APART_OF_SIZE, kept)
    return np.asarray(rows[kept[:number]])


def _evidence(
    photo: Floats,
    way: Floats,
    look: Look,
    witnesses: Longs,
    chance: NDArray[np.float64],
    agreeing: NDArray[np.bool_],
    sure: NDArray[np.bool_],
    expected: NDArray[np.bool_],
    likeness: float,
    among: tuple[float, float],
    unlike: float,
) -> Evidence:
    is_off_rows = np.empty(len(witnesses), dtype=np.bool_)
    off_rows(np.ascontiguousarray(photo[witnesses]), is_off_rows)
    score, rest = (
        _unlikeliness(np.sort(some), int(expected.sum())) for some in (chance, chance[is_off_rows])
    )
    roundness = _roundness(photo[witnesses, :2])
    return Evidence(
        way,
        score,
        witnesses,
        rest,
        agreeing,
        sure,
        expected,
        look.shown,
        look.words,
        likeness,
        *among,
        roundness,
        unlike,
    )


def _roundness(places: Floats) -> float:
    """Their spread across, divided by that along the direction in which it is largest."""
    if len(places) < _OF_LINE:
        return 1.0
    along, across = np.linalg.svd(places - places.mean(axis=0), compute_uv=False)
    return float(across / along)


def _unlikeliness(chances: NDArray[np.float64], trials: int) -> float:
    """The most that any number of the best witnesses makes of it."""
    best = 0.0
    for number, chance in enumerate(chances, 1):
        best = max(best, -_log_tail(trials, number, min(max(float(chance), 1e-12), 1 - 1e-12)))
    return best


def _log_tail(trials: int, least: int, chance: float) -> float:
    """log10 of the chance of `least` or more of so many trials."""
    if least <= trials * chance:
        return 0.0
    first = (
        lgamma(trials + 1)
        - lgamma(least + 1)
        - lgamma(trials - least + 1)
        + least * log(chance)
        + (trials - least) * log(1 - chance)
    ) / log(10)
    # Beyond the mean the terms fall at least as fast as a geometric row.
    ratio = (trials - least) / (least + 1) * chance / (1 - chance)
    return min(0.0, first + (log10(1 / (1 - ratio)) if ratio < 1 else 0.0))
