"""How and where a post shows what was registered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

DERIVED, POSSIBLE, SAME_PHOTO = "derived", "possible", "same_photo"
"""Bands below `match`, the best first: made from an ordinary photo; a hash that is near; the ordinary photo itself."""


@dataclass(frozen=True)
class Showing:
    """Where a file shows what was matched. `still` says what `at` counts: of a frame milliseconds from the start (up
    to `until`), of an entry of an archive or a page of a document its number, from 1.

    `samples` of `of_samples` frames, entries or pages show it.
    """

    still: str = "picture"
    at: int = 0
    until: int = 0
    samples: int = 1
    of_samples: int = 1


@dataclass(frozen=True)
class PhotoShown:
    """Where a post shows a registered ordinary photo, as in `matcher.PhotoMatch`."""

    relation: str
    share: float
    of_post: float
    scale: float
    turn_degrees: float
    mirrored: bool
    photo_outline: tuple[tuple[float, float], ...]
    post_outline: tuple[tuple[float, float], ...]
    photo_size: tuple[int, int]
    post_size: tuple[int, int]


def mark_of(findings: Iterable[tuple[int, str]]) -> str:
    """Tells which findings a message asked about, each with its `AlertFinding.mark`, in a few letters: a button has no
    room for thousands of numbers.
    """
    told = ",".join(f"{finding_id}:{mark}" for finding_id, mark in sorted(findings))
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def clock(milliseconds: int) -> str:
    """A moment of a video as players show it: 1:07, or 1:02:07."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
