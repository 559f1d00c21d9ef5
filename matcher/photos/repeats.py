"""Whether what a photo and a posted picture have in common is repeated all over both, as patterns and tiled watermarks are:
it says nothing of the photo. What is repeated in the posted picture alone is the photo, shown twice. And what the photo repeats
is repeated beyond it in the posted picture where both are under one watermark. Compiled when imported.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.index.tables import distance_bits
from matcher.photos.closer import Closeup
from matcher.photos.evidence import Evidence, Posted
from matcher.photos.extent import hull, inside
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
_OWN_BITS, _OWN_TURN_OFF, _OWN_FAR, _MOST_OWN = 95, 0.3, 0.04, 40_000
"""How much two places of a photo differ at most, in bits and radians, to be alike, how far apart they are at least, and how many pairs
of them, the most alike, are looked at.
"""
_MOST_SHIFTS, _LEAST_OF_SHIFT, _ONE_SHIFT = 8, 4, 0.006
"""How many shifts of a photo against itself are tried, by how many features each is told, and how far apart these are at most."""
_AGAIN_BITS, _BESIDE = 90, 0.01
"""By how much what is there may differ from a witness that was moved by such a shift, and how far beside all of them it lies then."""
_LEAST_BEYOND, _BEYOND = 5, 0.4
"""How many witnesses are there again beside all of them, of those that would be in the picture. Of true parts three are at most, of
watermarks over smooth photos five to seventy.
"""
_LEAST_AGAIN, _AGAIN, _AGAIN_UNLIKE = 8, 0.5, 0.8
"""Or how many anywhere, where fewer than that are like one place only: of true parts with so many it is 0.87 and more."""

_floats = types.float64[:, ::1]
_words = types.uint64[:, ::1]
_longs = types.int64[::1]


def is_pattern(
    photo: Floats, words: Words, post: Posted, evidence: Evidence, closeup: Closeup | None = None
) -> bool:
    """Whether the witnesses are of something that both pictures repeat, or like many places of the posted one."""
    may_go_on = evidence.is_close and not evidence.is_crop
    if may_go_on and closeup is not None and _is_shown_by_shifts(photo, words, evidence, closeup):
        return True
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


def _is_shown_by_shifts(photo: Floats, words: Words, evidence: Evidence, closeup: Closeup) -> bool:
    """Whether by a shift that the photo has against itself witnesses are in the posted picture again: where the photo is not, or
    nearly all.
    """
    rows = evidence.witnesses
    own, shown = photo[rows], evidence.shown[rows, :2]
    there, edge = np.ascontiguousarray(evidence.shown_words[rows]), hull(np.ascontiguousarray(shown))
    as_posted = evidence.way.reshape(2, 3)[:, :2].T
    for shift in _own_shifts(photo, words) @ as_posted:
        for places in (shown + shift, shown - shift):
            bits = closeup.again(own, there, evidence.way, places).bits
            is_seen, is_again = bits >= 0, (bits >= 0) & (bits <= _AGAIN_BITS)
            is_beyond = is_seen & ~inside(places, edge, _BESIDE)
            beyond, again = np.count_nonzero(is_again & is_beyond), np.count_nonzero(is_again)
            if beyond >= max(_LEAST_BEYOND, _BEYOND * np.count_nonzero(is_beyond)):
                return True
            is_all = again >= max(_LEAST_AGAIN, _AGAIN * np.count_nonzero(is_seen))
            if is_all and evidence.unlike < _AGAIN_UNLIKE:
                return True
    return False


def _own_shifts(photo: Floats, words: Words) -> Floats:
    """By which shifts (n x 2) most of a photo's features have their like in it, in the same turn and size; the most first."""
    places = np.ascontiguousarray(photo[:, :2])
    bits = np.empty((len(photo), len(photo)), dtype=np.uint8)
    far_bits(words, words, places, words, places, _OWN_FAR, bits)
    ones, others = np.nonzero(bits <= _OWN_BITS)
    nearest = np.argsort(bits[ones, others], kind="stable")[:_MOST_OWN]
    ones, others = ones[nearest], others[nearest]
    shifts = places[others] - places[ones]
    # Of each shift and its opposite the one that leads down.
    is_same = _is_same(photo[ones], photo[others], _OWN_TURN_OFF) & (shifts @ (1e-6, 1.0) > 0)
    ones, shifts = ones[is_same], shifts[is_same]
    cells = np.rint(shifts / _ONE_SHIFT).astype(np.int64)
    each = np.unique(np.column_stack((cells, ones)), axis=0)
    told, counts = np.unique(each[:, :2], axis=0, return_counts=True)
    best = np.argsort(-counts, kind="stable")[:_MOST_SHIFTS]
    return np.asarray(told[best[counts[best] >= _LEAST_OF_SHIFT]] * _ONE_SHIFT)


def _is_same(ones: Floats, others: Floats, turn_off: float) -> NDArray[np.bool_]:
    turned = (others[:, 3] - ones[:, 3] + np.pi) % (2 * np.pi) - np.pi
    return (np.abs(turned) < turn_off) & (np.abs(np.log2(others[:, 2] / ones[:, 2])) < _SIZE_OFF)


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
    is_same = _is_same(one, other, _TURN_OFF)
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
