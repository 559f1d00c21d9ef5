"""What is registered of a picture: all of it, or what is inside of a frame or of the screen of an app.

The bars, buttons and margins of an app are on every screenshot of it. Were they in a registered hash, other people's
screens would be near to it. The rule is simple enough to be written again for a victim's own device, and is laid down in
docs/fingerprints.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PAGE, SCREEN, INSIDE, INSIDE_QUADRANT = "page", "screen", "inside", "inside_quadrant"
"""Names of views: the whole of a page; what is inside of a screen, or of another frame; and a quarter of either."""

_ACROSS = 128
"""Each row is told by about so many of its values."""
_STEP = 4
"""A colour is two such steps of brightness that follow one another."""
_STEPS = 256 // _STEP
_ONE_COLOUR = 0.6
"""A row of a bar, a margin or a caption: at least so much of it is of one colour."""
_PLAIN = 0.95
"""Nothing stands on such a row."""
_TWO_COLOURS = 0.8
"""A row of a chat: the page and the bubbles."""
_SHORTEST = 0.14
"""A picture on a screen is at least so high, as a share of the screen's height."""
_BRIDGED = 0.005
"""Between two parts of one picture there may be so many rows of one colour."""
_BAR = 0.03
_FURNITURE = 0.75
"""So much of what is not the picture on a screen is of one colour row by row: otherwise it is a collage."""
_SHARP_ROWS = 3
"""The edge of what was put on a page is that sharp; a skyline is not, nor is a head before a wall."""
_JUMP = 2
"""And where a sky of one colour begins below a bar, their colours differ by more steps."""
_LEAST_TRIMMED = 0.015
_PAGE = 0.85
_LEAST_LINES = 4
_CONTRAST = 48
"""Of what is written to what it is written on."""
_LINE = 0.06
"""What is written on a bar is at most so high."""


class Framing(Enum):
    """What of a picture is registered."""

    NONE = auto()
    """All of it: the whole and its quarters."""
    FRAMED = auto()
    """It may have a frame, or be so itself: both the whole and what is inside, each with its quarters."""
    SCREEN = auto()
    """It is on the screen of an app: what is inside with its quarters, and no more."""
    PAGE = auto()
    """A screen or a page of text without a picture: nothing."""


@dataclass(frozen=True)
class Inside:
    """Rows `top` to `bottom` and columns `left` to `right` of the smaller copy, the ends not included."""

    top: int
    bottom: int
    left: int
    right: int


def framing_of(small: Floats) -> tuple[Framing, Inside]:
    """What to register of a picture, given its smaller copy (see `look.shrink`), and where its inside is."""
    height, width = small.shape
    whole = Inside(0, height, 0, width)
    rows = _rows(small)
    top, bottom = _longest(rows.one < _ONE_COLOUR, max(2, round(_BRIDGED * height)))
    turned = rows.upside_down()
    bars = rows.bar(), turned.bar()
    if bottom - top < _SHORTEST * height:
        return (Framing.PAGE if all(bars) or _is_page(rows) else Framing.NONE), whole
    above, below = rows.edge_above(top), turned.edge_above(height - bottom)
    if bars[0] and bars[1]:
        above, below = bars[0].without(above, top), bars[1].without(below, height - bottom)
    top, bottom = above, height - below
    left, right = _margins(small[top:bottom])
    inside = Inside(top, bottom, left, right)
    trimmed = max(top, height - bottom) / height, max(left, width - right) / width
    if max(trimmed) < _LEAST_TRIMMED:
        return Framing.NONE, whole
    outside = np.concatenate([rows.one[:top], rows.one[bottom:]])
    is_screen = (
        top >= _BAR * height
        and height - bottom >= _BAR * height
        and (outside < _PLAIN).any()
        and (outside >= _ONE_COLOUR).mean() >= _FURNITURE
    )
    return (Framing.SCREEN if is_screen else Framing.FRAMED), inside


@dataclass(frozen=True)
class _Bar:
    """What is written above the first thing that is higher than a line."""

    end: int
    """The row after the last line."""
    thing: int
    """The first row of that thing."""

    def without(self, edge: int, at: int) -> int:
        """Where the picture begins whose rows from `at` on are varied: at its edge, if that is not above the bar's end."""
        return edge if edge >= self.end else min(self.thing, at)


@dataclass(frozen=True)
class _Rows:
    """What each row is like (arrays of as many numbers as there are rows)."""

    values: NDArray[np.int32]
    """Some values of each row."""
    counted: NDArray[np.int32]
    """How many of them are of each colour."""
    colour: NDArray[np.intp]
    """The most frequent one."""
    one: NDArray[np.float64]
    """Which share is of it."""

    @property
    def two(self) -> NDArray[np.float64]:
        """Which share is of the two most frequent ones."""
        far = np.abs(np.arange(_STEPS - 1) - self.colour[:, None]) >= 2
        both = self.counted.max(axis=1) + np.where(far, self.counted, 0).max(axis=1)
        return np.asarray(both / self.values.shape[1])

    @property
    def contrast(self) -> NDArray[np.int32]:
        return np.asarray(np.ptp(self.values, axis=1))

    def upside_down(self) -> _Rows:
        return _Rows(self.values[::-1], self.counted[::-1], self.colour[::-1], self.one[::-1])

    def bar(self) -> _Bar | None:
        """The bar at the top, if there is one."""
        ends = np.flatnonzero(np.diff(self.one < _PLAIN, prepend=False, append=False))
        runs = ends.reshape(-1, 2)
        high = np.flatnonzero(runs[:, 1] - runs[:, 0] > _LINE * len(self.one))
        lines = [
            end
            for start, end in (runs[: high[0]].tolist() if len(high) else ())
            if start > 0 and np.ptp(self.values[start:end], axis=1).max() >= _CONTRAST
        ]
        return _Bar(lines[-1], int(runs[high[0], 0])) if lines else None

    def edge_above(self, at: int) -> int:
        """Where the picture whose rows from `at` on are varied begins: there, or above; 0 where nothing is sharp."""
        if (self.one[max(0, at - _SHARP_ROWS) : at] >= _PLAIN).any():
            return at
        jumps = np.flatnonzero(np.abs(np.diff(self.colour[: at + 1])) > _JUMP)[::-1]
        sharp = (row for row in jumps.tolist() if self.one[row] >= _PLAIN)
        return next(sharp, -1) + 1


def _rows(small: Floats) -> _Rows:
    height = len(small)
    values = small[:, :: max(1, small.shape[1] // _ACROSS)].astype(np.int32)
    places = values // _STEP + _STEPS * np.arange(height, dtype=np.int32)[:, None]
    steps = np.bincount(places.ravel(), minlength=_STEPS * height).reshape(height, _STEPS).astype(np.int32)
    counted = steps[:, :-1] + steps[:, 1:]
    colour = counted.argmax(axis=1)
    return _Rows(values, counted, colour, counted.max(axis=1) / values.shape[1])


def _longest(varied: NDArray[np.bool_], bridged: int) -> tuple[int, int]:
    """The longest run of varied rows, with up to `bridged` others in a row inside of it."""
    at = np.flatnonzero(varied)
    if not len(at):
        return 0, 0
    breaks = np.flatnonzero(np.diff(at) > bridged + 1)
    starts, ends = at[np.append(0, breaks + 1)], at[np.append(breaks, len(at) - 1)] + 1
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest])


def _margins(rows: Floats) -> tuple[int, int]:
    """Where the columns between margins of one colour begin and end; all of them where there would be too few."""
    plain = _rows(rows.T).one >= _PLAIN
    varied = np.flatnonzero(~plain)
    if not len(varied) or varied[-1] + 1 - varied[0] < _SHORTEST * len(plain):
        return 0, len(plain)
    return int(varied[0]), int(varied[-1]) + 1


def _is_page(rows: _Rows) -> bool:
    """Whether nearly all rows are of one or two colours, and many lines stand on it apart from one another."""
    if ((rows.one >= _ONE_COLOUR) | (rows.two >= _TWO_COLOURS)).mean() < _PAGE:
        return False
    written = (rows.one < _PLAIN) & (rows.contrast >= _CONTRAST)
    return int((written[1:] & ~written[:-1]).sum()) + int(written[0]) >= _LEAST_LINES
