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

from matcher.photos.closer import Closeup, Look
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
)
from matcher.photos.parts import LEAST_PAIRS

_MOST_PAIRS = 240
_MOST_BITS = 80
_ROUNDS = ((0.012, 0.35, 0.6, 0.9), (0.006, 0.2, 0.5, 0.8), (0.004, 0.15, 0.45, 0.7))
"""From the first guess to the last: how far a feature may be (of the longer side, and of its size), by how much its
turn and its size may differ."""
_LAST_BITS = 72
_APART, _APART_OF_SIZE = 0.012, 0.25
"""How far from one another witnesses lie: of the longer side, and of the size of the larger one."""
_CHANCE = np.interp(
    np.arange(257),
    (0, 10, 20, 30, 40, 48, 56, 64, 72, 80, 90, 100, 128, 256),
    (-9.5, -8.7, -7.7, -5.8, -4.7, -3.94, -3.3, -2.75, -2.27, -1.85, -1.38, -0.99, -0.27, 0),
)
"""By how many bits they differ: the logarithm of the chance that two descriptors of unrelated photos are as near.
Measured on photos tuned with."""
_CLOSE_BITS = 52
"""By how many a feature differs at most that agrees at a closer look."""
_LIKENESS = np.repeat((1.35, 1.05, 0.7, 0.25, -0.05, -0.35, -0.5, -0.6, -0.7), (8, *[4] * 7, 221))
"""By how many bits a witness differs at a closer look: the logarithm of how much more often in one picture posted in two
ways than in two pictures with the same letters, frames or watermarks over them. Measured on pictures tuned with."""
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
    expected: NDArray[np.bool_]
    """Which lie inside the posted picture."""
    shown: Floats
    """Where each that agrees is in the posted picture, as features."""
    shown_words: Words
    """And what is there."""
    likeness: float
    """Digits by which the witnesses are rather one picture's than the same letters over two; infinite where no closer look
    was taken."""
    detail: float
    """How much of the smallest third of what lies among the witnesses agrees, against all of it: 1 where as much does, or where
    no closer look was taken."""
    roundness: float
    """0 to 1: how wide the witnesses lie, against how long. Those of a line of letters lie in a line, however it runs."""

    @property
    def agreement(self) -> float:
        """0 to 1 of the features that would be in view."""
        return float(self.agreeing.sum() / max(self.expected.sum(), 1))

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
    return _evidence(photo, way, look, witnesses, chance, matched >= 0, tried >= 0, inf, 1.0)


def weigh_closely(photo: Floats, words: Words, closeup: Closeup, first: Evidence) -> Evidence | None:
    """The same by a closer look at where the photo lies by a first look."""
    looked = closeup.look(photo, words, first.way, first.shown, first.agreeing)
    if looked is None:
        return None
    way, look = looked
    agreeing = (look.bits >= 0) & (look.bits <= _CLOSE_BITS)
    witnesses = _apart(photo, np.flatnonzero(agreeing), look.bits)
    bits = look.bits[witnesses]
    likeness = float(_LIKENESS[bits].sum())
    detail = _detail(photo, witnesses, agreeing, look.bits >= 0)
    return _evidence(
        photo, way, look, witnesses, 10 ** _CHANCE[bits], agreeing, look.bits >= 0, likeness, detail
    )


def _detail(
    photo: Floats, witnesses: Longs, agreeing: NDArray[np.bool_], expected: NDArray[np.bool_]
) -> float:
    """Faces are alike in the large. One picture is in the small as well, and of it more small patches agree than large ones,
    which reach beyond what is shown.
    """
    if not len(witnesses):
        return 0.0
    is_among = expected & inside(photo[:, :2], hull(photo[witnesses, :2]), 1e-9)
    is_small = is_among & (photo[:, 2] <= np.quantile(photo[is_among, 2], _SMALL))
    return float(agreeing[is_small].mean() / agreeing[is_among].mean())


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
    expected: NDArray[np.bool_],
    likeness: float,
    detail: float,
) -> Evidence:
    is_off_rows = np.empty(len(witnesses), dtype=np.bool_)
    off_rows(np.ascontiguousarray(photo[witnesses]), is_off_rows)
    score, rest = (
        _unlikeliness(np.sort(some), int(expected.sum())) for some in (chance, chance[is_off_rows])
    )
    roundness = _roundness(photo[witnesses, :2])
    return Evidence(
        way, score, witnesses, rest, agreeing, expected, look.shown, look.words, likeness, detail, roundness
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
