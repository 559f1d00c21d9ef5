"""Cutting off what is around a photo: plain borders, and bars and captions on one colour, as screens and memes have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Greys = NDArray[np.uint8]

_NEAR = 3
"""Greys this near to a bar's are of its colour."""
_BAR, _BESIDE = 0.5, 0.25
"""A line of a bar is of its colour to this share at least, the lines beside the bar to that at most: a person before a
white wall comes in by and by, a bar ends at once."""
_PLAIN = 0.97
_LEAST_LINES = 3
_SETTLED = 4
"""So many lines beside a bar tell that it ended."""
_MOST_BROKEN = 0.08
"""As a share of the side, what within a bar may be of another colour: a line of large letters."""
_LEAST_LEFT = 0.25


@dataclass(frozen=True)
class Trimmed:
    top: int
    bottom: int
    left: int
    right: int
    """Rows and columns that are left, the ends not included."""
    written: float
    """The share of the picture's height and width that went in bars with something on them."""

    def of(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return values[self.top : self.bottom, self.left : self.right]


def trimmed(greys: Greys) -> Trimmed:
    """What is left of a picture (height x width) without bars at its four sides."""
    height, width = greys.shape
    whole = Trimmed(0, height, 0, width, 0.0)
    top, written_top = _bar(greys)
    below, written_bottom = _bar(greys[::-1])
    if height - top - below < _LEAST_LEFT * height:
        return whole
    rows = greys[top : height - below]
    left, written_left = _bar(rows.T)
    beside, written_right = _bar(rows.T[::-1])
    if width - left - beside < _LEAST_LEFT * width:
        return whole
    written = (written_top + written_bottom) / height + (written_left + written_right) / width
    return Trimmed(top, height - below, left, width - beside, written)


def _bar(lines: Greys) -> tuple[int, int]:
    """How many lines from the start on are a bar, and how many of them are not plain."""
    length = len(lines)
    if length < 8 * _LEAST_LINES:
        return 0, 0
    colour = int(np.bincount(lines[:_LEAST_LINES].ravel(), minlength=256).argmax())
    share = (np.abs(lines.astype(np.int16) - colour) <= _NEAR).mean(axis=1)
    is_bar = share >= _BAR
    if not is_bar[:_LEAST_LINES].all():
        return 0, 0
    end = broken = 0
    for number in range(length):
        if is_bar[number]:
            end, broken = number + 1, 0
        else:
            broken += 1
            if broken > _MOST_BROKEN * length:
                break
    beside = share[end + 1 : end + 1 + _SETTLED]
    if end < _LEAST_LINES or not len(beside) or float(beside.mean()) > _BESIDE:
        return 0, 0
    return end, int((share[:end] < _PLAIN).sum())
