"""Whether what a photo and a posted picture have in common is repeated all over both, as patterns and tiled watermarks are:
it says nothing of the photo. What is repeated in the posted picture alone is the photo, shown twice. Compiled when imported.
"""

from __future__ import annotations

import numpy as np
from numba import types

from matcher.compiled import compiled
from matcher.index.tables import distance_bits
from matcher.photos.evidence import Evidence, Posted
from matcher.photos.geometry import MOST_TRIED, Floats, Longs, Words, similarity
from matcher.photos.keypoints import Bytes

_LEAST_UNLIKE = 0.45
"""Of the witnesses: those that are like one place of the posted picture only."""
_ALIKE_BITS, _TURN_OFF, _SIZE_OFF = 101, 0.45, 0.5
"""How much two places of one pattern differ at most, in bits, radians and octaves."""
_FAR, _REACH = 0.1, 0.008
"""Of the posted picture's longer side: what is nearer than the one is the same thing, and how exactly tiles are repeated."""
_REPEATED, _LEAST_REPEATED = 0.15, 3
_REPEATED_IN_PHOTO, _LEAST_REPEATED_IN_PHOTO = 0.08, 2
"""Of the witnesses, and how many at least: those that have their like at one and the same distance and direction."""
_NEVER_ALIKE, _NEVER_UNLIKE = np.array((0.8, 0.6, 0.2)), np.array((0.0, 0.6, 0.75))
"""Digits of likeness for each witness that what is repeated in both may have and be no pattern, where so many of the witnesses are
like one place of the posted picture only. Of a tiled watermark it is 0.7 at most where 0.6 are, and beyond that 0.4, of
pictures looked at.
"""
_SAME_BITS, _SHOWN_AGAIN, _LEAST_SHOWN_AGAIN = 76, 0.6, 7
"""How much a witness shown twice differs at most, and of the witnesses, and how many at least, those that agree on one other
place of the photo in the posted picture.
"""
_MOST_LIKES = 1000

_floats = types.float64[:, ::1]
_words = types.uint64[:, ::1]
_longs = types.int64[::1]


def is_pattern(photo: Floats, words: Words, post: Posted, evidence: Evidence) -> bool:
    """Whether the witnesses are of something that both pictures repeat, or like many places of the posted one."""
    likeness = evidence.likeness / len(evidence.witnesses)
    if evidence.is_close and likeness >= _NEVER_ALIKE[evidence.unlike >= _NEVER_UNLIKE].min():
        return False
    in_photo = _is_repeated_in_photo(photo, words, post, evidence)
    if in_photo and _is_repeated_in_post(words, post, evidence):
        return True
    if evidence.unlike >= _LEAST_UNLIKE:
        return False
    return in_photo or not _is_shown_again(photo, words, post, evidence)


def _is_shown_again(photo: Floats, words: Words, post: Posted, evidence: Evidence) -> bool:
    """Whether most witnesses have their like where the photo would lie elsewhere in the posted picture, in one way."""
    rows = evidence.witnesses
    ours, shown = words[rows], evidence.shown[rows]
    witnesses, likes = _likes(ours, ours, shown[:, :2], post.words, post.features[:, :2], _SAME_BITS)
    kept = np.empty(len(witnesses), dtype=np.int64)
    own = np.ascontiguousarray(photo[rows][witnesses])
    number = similarity(own, np.ascontiguousarray(post.features[likes]), MOST_TRIED, kept)
    agreeing = len(np.unique(witnesses[kept[:number]]))
    return agreeing >= max(_LEAST_SHOWN_AGAIN, _SHOWN_AGAIN * len(rows))


def _is_repeated_in_photo(photo: Floats, words: Words, post: Posted, evidence: Evidence) -> bool:
    """Whether some witnesses have their like elsewhere in the photo, at one and the same shift."""
    rows = evidence.witnesses
    own, as_posted = photo[rows], evidence.way.reshape(2, 3)[:, :2].T
    ours, theirs = words[rows], evidence.shown_words[rows]
    likes = _likes(ours, theirs, own[:, :2] @ as_posted, words, photo[:, :2] @ as_posted, _ALIKE_BITS)
    repeated = _repeated(*likes, own, photo, as_posted)
    return repeated >= max(_LEAST_REPEATED_IN_PHOTO, _REPEATED_IN_PHOTO * len(rows))


def _is_repeated_in_post(words: Words, post: Posted, evidence: Evidence) -> bool:
    """Whether some witnesses have their like elsewhere in the posted picture, at one and the same shift."""
    rows = evidence.witnesses
    ours, shown = words[rows], evidence.shown[rows]
    likes = _likes(ours, ours, shown[:, :2], post.words, post.features[:, :2], _ALIKE_BITS)
    return _repeated(*likes, shown, post.features, np.eye(2)) >= max(_LEAST_REPEATED, _REPEATED * len(rows))


def _likes(
    ours: Words, theirs: Words, here: Floats, words: Words, places: Floats, most_bits: int
) -> tuple[Longs, Longs]:
    """Pairs (witness, feature) that look alike by either of the witness's descriptors and lie far apart, the most alike first."""
    here, places = np.ascontiguousarray(here), np.ascontiguousarray(places)
    bits = np.empty((len(here), len(words)), dtype=np.uint8)
    far_bits(ours, theirs, here, words, places, _FAR, bits)
    witnesses, likes = np.nonzero(bits <= most_bits)
    order = np.argsort(bits[witnesses, likes], kind="stable")[:_MOST_LIKES]
    return witnesses[order], likes[order]


def _repeated(witnesses: Longs, likes: Longs, own: Floats, features: Floats, as_posted: Floats) -> int:
    """How many witnesses have a like in the same turn and size at one and the same shift, as seen in the posted picture."""
    one, other = own[witnesses], features[likes]
    turned = (other[:, 3] - one[:, 3] + np.pi) % (2 * np.pi) - np.pi
    is_same = (np.abs(turned) < _TURN_OFF) & (np.abs(np.log2(other[:, 2] / one[:, 2])) < _SIZE_OFF)
    shifts = (other[is_same, :2] - one[is_same, :2]) @ as_posted
    witnesses = witnesses[is_same]
    order = np.argsort(witnesses, kind="stable")
    return int(at_one_shift(witnesses[order], np.ascontiguousarray(shifts[order]), _REACH))


@compiled(
    types.void(_words, _words, _floats, _words, _floats, types.float64, types.uint8[:, ::1]), nogil=True
)
def far_bits(
    ours: Words, theirs: Words, here: Floats, words: Words, places: Floats, far: float, bits: Bytes
) -> None:
    """Write by how many bits each feature differs from the nearer of two descriptors of each witness (rows of `bits`); 255
    for what is no further away than `far`.
    """
    for witness in range(len(here)):
        for other in range(len(words)):
            across, down = places[other, 0] - here[witness, 0], places[other, 1] - here[witness, 1]
            if across * across + down * down <= far * far:
                bits[witness, other] = 255
                continue
            least = min(
                distance_bits(ours[witness], words[other]), distance_bits(theirs[witness], words[other])
            )
            bits[witness, other] = min(least, 255)


@compiled(types.int64(_longs, _floats, types.float64), nogil=True)
def at_one_shift(witnesses: Longs, shifts: Floats, reach: float) -> int:
    """How many witnesses (in order) have a shift within reach of one of all these shifts: the most."""
    most = 0
    for at in range(len(shifts)):
        number, latest = 0, -1
        for other in range(len(shifts)):
            across, down = shifts[other, 0] - shifts[at, 0], shifts[other, 1] - shifts[at, 1]
            if across * across + down * down < reach * reach and witnesses[other] != latest:
                number, latest = number + 1, witnesses[other]
        most = max(most, number)
    return most
