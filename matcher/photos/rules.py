"""Whether what agrees in a photo and a post is one picture, and not by chance, nor the same letters, flags or eyes in two."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Importing it compiles.
if TYPE_CHECKING:
    from matcher.photos.evidence import Evidence

LEAST_WITNESSES = 4
"""Features that agree and lie apart, whatever their evidence: a logo has fewer."""
_MORE, _MORE_BY_A_CLOSER_LOOK, _MORE_WITHOUT = 10.0, 30.0, 20.0
"""Digits that it takes beside; from how many on there are many of them, as a closer look finds more; and where none can be taken:
letters are not told from a photo then.
"""
_FEW_WITNESSES, _LEAST_OF_VIEW = 10, 0.3
"""So few are one eye's, or what two smooth pictures have in common; without a closer look where less than that agrees of what would
be in view.
"""
_LEAST_OF_VIEW_AT_ALL = 0.04
"""Of a flag or a logo in a corner it is 0.03 at most, of parts of 15 % of a photo at least 0.05."""
_FEW_LIKENESS, _FEW_UNLIKE, _FEW_OF_VIEW = 0.3, 0.85, 0.15
"""Where there are so few witnesses or not many digits, it takes so much likeness for each witness, so many of them that are like
one place of the posted picture only, and so much that agrees of what would be in view.
"""
_SMALL_LIKENESS, _SMALL_UNLIKE, _SMALL_OF_VIEW, _SMALL_AGREEMENT = 0.5, 0.88, 0.06, 0.9
"""Or so little of what would be in view, with more of the others, and so many that agree among the witnesses: a small part."""
_LEAST_LIKENESS, _LEAST_OFF_ROWS = 0.1, 0.1
"""Digits for each witness that what agrees at a closer look is one picture, and not the same letters over two; and how much of
the evidence is of witnesses that may not be lines of text.
"""
_LEAST_OF_BOTH = 0.06
"""The one times the other: letters are alike where the ground is smooth, and what is compressed much is little alike."""
_ALL_THE_SAME, _ALL_ROUND, _ALL_ALIKE = 64.0, 0.35, 0.9
"""Digits off lines of text, times the likeness for each witness, from which on it is one picture whatever agrees among them: its
middle was replaced. They are alike in detail, and lie so wide, or are so much alike.
"""
_LEAST_AGREEING, _LEAST_OF_MOST, _MOST_OF_VIEW, _LEAST_AGREEMENT = 32, 24, 0.5, 0.65
"""Features that agree in all, more than of a flag or a word, of which fewer are most of what would be in view; and how many of
those among the witnesses: between letters lies what is not in both.
"""
_LEAST_DETAIL, _ALIKE_IN_DETAIL, _ALIKE_AT_ALL = 0.96, 0.6, 110.0
"""How much of the detail agrees, against all of it: else what agrees is alike in the large only, as faces are, but for what has
so much likeness for each witness, or so many digits times that.
"""
_SOME_DETAIL, _UNLIKE_IN_DETAIL = 0.9, 0.9
"""Or so much of the detail where so many witnesses are like one place only: of faces that are alike they are 0.8."""
_STRAIGHT_OFF_ROWS, _STRAIGHT_LIKENESS, _STRAIGHT_UNLIKE = 0.04, 0.7, 0.93
_STRAIGHT_AGREEMENT, _STRAIGHT_ROUNDNESS = 0.9, 0.3
"""Nearly all of the evidence may lie in rows, as that of shutters, fences and the sea does, where there is so much of all this."""
_LEAST_ROUNDNESS, _LEAST_OF_ALL_THREE = 0.25, 0.09
"""Witnesses that lie in a line are those of letters that run in any direction, if likeness, off lines of text, times roundness is
not as much as this.
"""
_CROP_LIKENESS, _CROP_OFF_ROWS = 0.5, 0.5
"""But for crops: what is alike so much is one picture however it lies; and what is so much off lines of text may lie in a line."""
_CHANGED_EVIDENCE, _CHANGED_OFF_ROWS, _CHANGED_AGREEMENT, _CHANGED_ROUNDNESS = 300.0, 0.5, 0.5, 0.45
_CHANGED_DETAIL = 1.1
"""What is not alike is one picture where there is so much of all this, no more of the detail, and more in view than of an eye: its
contrast was raised, or it was reduced to few greys, and detail is lost first.
"""
_MORE_BY_A_HINT, _HINT_UNLIKE, _HINT_LIKENESS = 30.0, 0.9, 0.3
"""So many digits it takes beside, so many witnesses are like one place only, and they are so much alike, where one pair alone led to
them: every eye is a hint of a face. Of faces that are alike in all else 0.8 are unlike, of true parts found so 0.92 and more.
"""
_LEAST_DIGITS_OFF_ROWS = 6.0
"""The way to lie is known then, so fewer will do."""


def is_enough(evidence: Evidence, needed: float, is_by_hint: bool = False) -> bool:
    """Whether it holds the digits that are needed, and is no letters over two pictures. It takes more where one pair alone led to
    it.
    """
    if is_by_hint and not _is_more_than_a_hint(evidence, needed):
        return False
    if evidence.score < needed + (_MORE if evidence.is_close else _MORE_WITHOUT):
        return False
    if len(evidence.witnesses) < LEAST_WITNESSES:
        return False
    if evidence.off_rows < _LEAST_DIGITS_OFF_ROWS and not _is_alike_crop(evidence):
        return False
    least = _LEAST_OF_MOST if evidence.of_view >= _MOST_OF_VIEW else _LEAST_AGREEING
    if evidence.agreeing.sum() < least or evidence.of_view < _LEAST_OF_VIEW_AT_ALL:
        return False
    are_few = len(evidence.witnesses) < _FEW_WITNESSES
    if evidence.is_close:
        are_few |= evidence.score < needed + _MORE_BY_A_CLOSER_LOOK
    else:
        are_few &= evidence.of_view < _LEAST_OF_VIEW
    return (not are_few or _is_unlike_all_else(evidence)) and _is_one_picture(evidence)


def _is_more_than_a_hint(evidence: Evidence, needed: float) -> bool:
    return (
        evidence.score >= needed + _MORE_BY_A_HINT
        and evidence.unlike >= _HINT_UNLIKE
        and evidence.likeness >= _HINT_LIKENESS * len(evidence.witnesses)
    )


def _is_unlike_all_else(evidence: Evidence) -> bool:
    likeness, unlike, of_view = evidence.likeness / len(evidence.witnesses), evidence.unlike, evidence.of_view
    is_small_part = (
        likeness >= _SMALL_LIKENESS
        and unlike >= _SMALL_UNLIKE
        and of_view >= _SMALL_OF_VIEW
        and evidence.agreement >= _SMALL_AGREEMENT
    )
    is_unlike = likeness >= _FEW_LIKENESS and unlike >= _FEW_UNLIKE and of_view >= _FEW_OF_VIEW
    return evidence.is_close and (is_unlike or is_small_part)


def _is_one_picture(evidence: Evidence) -> bool:
    likeness = evidence.likeness / len(evidence.witnesses)
    off_rows = evidence.off_rows / evidence.score
    if _is_changed_as_a_whole(evidence, off_rows) or _is_straight(evidence, likeness, off_rows):
        return True
    if _is_alike_crop(evidence):
        return True
    if likeness < _LEAST_LIKENESS or off_rows < _LEAST_OFF_ROWS:
        return False
    is_wide = likeness >= _ALIKE_IN_DETAIL and evidence.roundness >= _ALL_ROUND
    if evidence.off_rows * likeness >= _ALL_THE_SAME and (is_wide or likeness >= _ALL_ALIKE):
        return True
    both, roundness = likeness * off_rows, evidence.roundness
    is_alike = likeness >= _ALIKE_IN_DETAIL or evidence.score * likeness >= _ALIKE_AT_ALL
    is_alike |= evidence.detail >= _SOME_DETAIL and evidence.unlike >= _UNLIKE_IN_DETAIL
    is_smooth_crop = evidence.is_crop and off_rows >= _CROP_OFF_ROWS
    return (
        both >= _LEAST_OF_BOTH
        and evidence.agreement >= _LEAST_AGREEMENT
        and (evidence.detail >= _LEAST_DETAIL or is_alike)
        and (roundness >= _LEAST_ROUNDNESS or both * roundness >= _LEAST_OF_ALL_THREE or is_smooth_crop)
    )


def _is_alike_crop(evidence: Evidence) -> bool:
    is_alike = evidence.likeness >= _CROP_LIKENESS * len(evidence.witnesses)
    return evidence.is_close and evidence.is_crop and is_alike


def _is_changed_as_a_whole(evidence: Evidence, off_rows: float) -> bool:
    return (
        evidence.score >= _CHANGED_EVIDENCE
        and off_rows >= _CHANGED_OFF_ROWS
        and evidence.of_view >= _LEAST_OF_VIEW
        and evidence.agreement >= _CHANGED_AGREEMENT
        and evidence.roundness >= _CHANGED_ROUNDNESS
        and evidence.detail <= _CHANGED_DETAIL
    )


def _is_straight(evidence: Evidence, likeness: float, off_rows: float) -> bool:
    return (
        off_rows >= _STRAIGHT_OFF_ROWS
        and likeness >= _STRAIGHT_LIKENESS
        and evidence.agreement >= _STRAIGHT_AGREEMENT
        and evidence.unlike >= _STRAIGHT_UNLIKE
        and evidence.roundness >= _STRAIGHT_ROUNDNESS
    )
