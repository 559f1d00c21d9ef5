"""Whether what agrees in a photo and a post is one picture, and not by chance, nor the same letters, flags or eyes in two."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Importing it compiles.
if TYPE_CHECKING:
    from matcher.photos.evidence import Evidence

LEAST_WITNESSES = 4
"""Features that agree and lie apart, whatever their evidence: a logo has fewer."""
_MORE_BY_A_CLOSER_LOOK, _MORE_WITHOUT = 30.0, 20.0
"""Digits that it takes beside: a closer look finds more, and where none can be taken, letters are not told from a photo."""
_FEW_WITNESSES, _LEAST_OF_VIEW = 9, 0.3
"""So few are one eye's where less than that agrees of what would be in view."""
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
_LEAST_AGREEING, _LEAST_AGREEMENT = 24, 0.65
"""Features that agree in all, more than of a flag or a word; and how many of those among the witnesses: between letters lies
what is not in both.
"""
_LEAST_DETAIL, _ALIKE_IN_DETAIL = 0.96, 0.6
"""How much of the detail agrees, against all of it: else what agrees is alike in the large only, as faces are, but for what has
so much likeness for each witness.
"""
_LEAST_ROUNDNESS, _LEAST_OF_ALL_THREE = 0.25, 0.09
"""Witnesses that lie in a line are those of letters that run in any direction, if likeness, off lines of text, times roundness is
not as much as this.
"""
_CHANGED_EVIDENCE, _CHANGED_OFF_ROWS, _CHANGED_AGREEMENT, _CHANGED_ROUNDNESS = 300.0, 0.5, 0.5, 0.45
_CHANGED_DETAIL = 1.1
"""What is not alike is one picture where there is so much of all this, no more of the detail, and more in view than of an eye: its
contrast was raised, or it was reduced to few greys, and detail is lost first.
"""
_LEAST_DIGITS_OFF_ROWS = 6.0
"""The way to lie is known then, so fewer will do."""


def is_enough(evidence: Evidence, needed: float) -> bool:
    """Whether it holds the digits that are needed, and is no letters over two pictures."""
    more = _MORE_BY_A_CLOSER_LOOK if evidence.is_close else _MORE_WITHOUT
    is_sure = evidence.score >= needed + more and len(evidence.witnesses) >= LEAST_WITNESSES
    return is_sure and evidence.off_rows >= _LEAST_DIGITS_OFF_ROWS and _is_one_picture(evidence)


def _is_one_picture(evidence: Evidence) -> bool:
    likeness = evidence.likeness / len(evidence.witnesses)
    off_rows = evidence.off_rows / evidence.score
    if len(evidence.witnesses) < _FEW_WITNESSES and evidence.of_view < _LEAST_OF_VIEW:
        return False
    if evidence.agreeing.sum() < _LEAST_AGREEING:
        return False
    if _is_changed_as_a_whole(evidence, off_rows):
        return True
    if likeness < _LEAST_LIKENESS or off_rows < _LEAST_OFF_ROWS:
        return False
    is_wide = likeness >= _ALIKE_IN_DETAIL and evidence.roundness >= _ALL_ROUND
    if evidence.off_rows * likeness >= _ALL_THE_SAME and (is_wide or likeness >= _ALL_ALIKE):
        return True
    both, roundness = likeness * off_rows, evidence.roundness
    return (
        both >= _LEAST_OF_BOTH
        and evidence.agreement >= _LEAST_AGREEMENT
        and (evidence.detail >= _LEAST_DETAIL or likeness >= _ALIKE_IN_DETAIL)
        and (roundness >= _LEAST_ROUNDNESS or both * roundness >= _LEAST_OF_ALL_THREE)
    )


def _is_changed_as_a_whole(evidence: Evidence, off_rows: float) -> bool:
    return (
        evidence.score >= _CHANGED_EVIDENCE
        and off_rows >= _CHANGED_OFF_ROWS
        and evidence.of_view >= _LEAST_OF_VIEW
        and evidence.agreement >= _CHANGED_AGREEMENT
        and evidence.roundness >= _CHANGED_ROUNDNESS
        and evidence.detail <= _CHANGED_DETAIL
    )
