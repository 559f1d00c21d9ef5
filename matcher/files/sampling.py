"""From the frames of a video or an animation to its stills: which frames are looked at, and which are all the same.

Time is cut into cells of one interval. Of each cell its first frame is looked at, and so is every frame that begins a
new scene. Frames that hash nearly the same as the last still are folded into it, so that what stands still costs one
still and not one a second.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher import pdq
from matcher.errors import MediaError, MediaErrorCode
from matcher.files.decode import Limits
from matcher.fingerprint import Orientation, Still, StillKind
from matcher.foreign import foreign_views
from matcher.kinds import PHOTO
from matcher.look import is_flat, look_at, shrink
from matcher.photos import orb

FOLDED_BITS = 8
"""Frames whose hashes are as near as this are one still: what a registered frame differs by from a posted one grows by
no more."""

_CUT = 16.0
"""A new scene: brightness (0 to 255) changes by as much, on average over a grid of points."""
_LEAST_GAP_MS = 250
"""A scene that follows faster is looked at when so much time is over: a flickering video would cost as much as ten."""
_GRID = 16
_CHANGED, _SHARE_CHANGED = 24, 0.03
"""Frames of which more points changed by more are no one still, however near their hashes."""
SHORTEST_STEP_MS, LONGEST_STEP_MS = 8, 1000
_HEADSTART_S = 2.0
_SHARE_OF_CPU = 0.7
LATEST_MS = 2**32 - 1
MOST_LEFT_OUT = 2**31
"""A file may promise more than any number on the wire can be."""

Luma = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True)
class Frame:
    """A decoded frame: its time and its luma as it is stored (height x width, 0 to 255, or 16 to 235)."""

    at: int
    """Milliseconds from the start."""
    elapsed: int
    """The same on the clock that sampling goes by, which no timestamp can stop or let jump."""
    luma: Luma
    is_limited: bool = False
    """Whether black is 16 and white 235."""
    turns: int = 0
    """Quarter turns to the left that make it upright."""


class Sampler:
    """Takes frames in the order of their time and gives the stills, each once it is known how long it lasts."""

    def __init__(
        self, interval_ms: int, max_stills: int, cells: int = 1, kinds: Collection[str] = ()
    ) -> None:
        """`cells` is how many there will be, so that new scenes at the start leave stills for those at the end.

        Besides PDQ, stills are hashed by `kinds`.
        """
        self._kinds = kinds
        self._with_features = PHOTO in kinds
        self._interval_ms = interval_ms
        self._max_stills = max_stills
        self._cuts = 0
        self._cuts_a_cell = max(max_stills - cells, 0) / cells
        self._cell = -1
        self._taken_at = 0
        self._is_new_scene = False
        self._grid: NDArray[np.int16] | None = None
        self._still: Still | None = None
        self._grid_of_still: NDArray[np.int16] | None = None
        self.cells = 0
        """How many cells had a frame."""

    def stills(self, frames: Iterable[Frame]) -> Iterator[Still]:
        """Raises `MediaError`: `CORRUPT` where there is no frame, `FLAT` where none can be compared."""
        number = 0
        for frame in frames:
            ended = self._add(frame)
            if ended is not None:
                yield ended
                number += 1
            if self._still is not None and number + 1 == self._max_stills:
                break
        if self._still is not None:
            yield self._still
        elif not number:
            raise MediaError(MediaErrorCode.FLAT if self.cells else MediaErrorCode.CORRUPT)

    def _add(self, frame: Frame) -> Still | None:
        """The still that this frame ends, if it does."""
        is_cut, cell = self._is_cut(frame), frame.elapsed // self._interval_ms
        if cell > self._cell:
            self._cell = cell
            self.cells += 1
        elif is_cut and self._cuts < self._cuts_a_cell * self.cells:
            self._cuts += 1
        else:
            return None
        self._taken_at, self._is_new_scene = frame.elapsed, False
        height, width = frame.luma.shape
        shrunk, small = shrink(frame.luma)
        if frame.is_limited:
            small = np.clip((small - np.float32(16)) * np.float32(255 / 219), 0, 255)
        if frame.turns:
            small = np.ascontiguousarray(np.rot90(small, frame.turns))
            height, width = (width, height) if frame.turns % 2 else (height, width)
        samples = pdq.reduce(small, shrunk)
        if self._is_like_the_still(pdq.upright_hash(samples)):
            assert self._still is not None
            self._still = replace(self._still, until=frame.at, samples=self._still.samples + 1)
            return None
        views = look_at(samples, small, shrunk)
        views += tuple(foreign_views(small, views[0].quality, self._kinds))
        local = (orb.posted_features(_upright(frame), orb.OF_FRAME),) if self._with_features else ()
        if is_flat(views) and not any(map(len, local)):
            return None  # It was looked at, and shows nothing.
        ended, self._grid_of_still = self._still, self._grid
        self._still = Still(StillKind.FRAME, width, height, views, frame.at, frame.at, local=local)
        return ended

    def _is_like_the_still(self, bits: bytes) -> bool:
        if self._still is None or _apart(bits, self._still) > FOLDED_BITS:
            return False
        # The hash of the whole hardly moves when a small picture within it is another one.
        assert self._grid is not None
        assert self._grid_of_still is not None
        if self._grid.shape != self._grid_of_still.shape:
            return False
        return float((np.abs(self._grid - self._grid_of_still) > _CHANGED).mean()) <= _SHARE_CHANGED

    def _is_cut(self, frame: Frame) -> bool:
        """Whether a new scene began since the last frame that was looked at."""
        height, width = frame.luma.shape
        grid = frame.luma[:: -(-height // _GRID), :: -(-width // _GRID)].astype(np.int16)
        last, self._grid = self._grid, grid
        if last is None or last.shape != grid.shape or float(np.abs(grid - last).mean()) > _CUT:
            self._is_new_scene = True
        return self._is_new_scene and frame.elapsed - self._taken_at >= _LEAST_GAP_MS


def interval_ms(duration_ms: int, limits: Limits) -> int:
    """How long a cell is: longer in long videos, so that a third of all stills is left for new scenes."""
    return max(1000 // limits.frames_per_s, -(-3 * duration_ms // (2 * limits.max_stills)), 1)


def step_ms(shown_ms: int) -> int:
    """How long a frame counts on the clock that sampling goes by."""
    return min(max(shown_ms, SHORTEST_STEP_MS), LONGEST_STEP_MS)


class Pace:
    """Spends processor time evenly over a file, so that a long one is looked at to its end, if only coarsely."""

    def __init__(self, limits: Limits) -> None:
        self._started_s = time.process_time()
        self._budget_s = limits.cpu_s * _SHARE_OF_CPU

    @property
    def _spent_s(self) -> float:
        return time.process_time() - self._started_s

    @property
    def is_over(self) -> bool:
        return self._spent_s > self._budget_s

    def is_behind(self, done: float) -> bool:
        """Whether this share of the file took more than its share of the time."""
        headstart_s = min(_HEADSTART_S, self._budget_s / 4)
        return self._spent_s > headstart_s + (self._budget_s - headstart_s) * done


def _upright(frame: Frame) -> NDArray[np.float32]:
    luma = frame.luma.astype(np.float32)
    if frame.is_limited:
        luma = np.clip((luma - np.float32(16)) * np.float32(255 / 219), 0, 255)
    return np.ascontiguousarray(np.rot90(luma, frame.turns))


def _apart(bits: bytes, still: Still) -> int:
    whole = still.views[0]
    assert whole.orientation is Orientation.UPRIGHT
    return (int.from_bytes(bits) ^ int.from_bytes(whole.bits)).bit_count()
