"""Which packets of a video must be decoded, told by their times and which of them are key frames, and by nothing else
that a file says of itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.files.sampling import LATEST_MS, LONGEST_STEP_MS, SHORTEST_STEP_MS

_TOO_SHORT_MS, _USUAL_MS = 4.0, 40.0


@dataclass(frozen=True)
class Schedule:
    """Every packet of a video (n), in the order of the file, and its frames, in that of their times."""

    rank: NDArray[np.int64]
    """The place of each packet's frame among all frames."""
    is_key: NDArray[np.bool_]
    """Which packets can be decoded without those before them."""
    at: NDArray[np.int64]
    """The time of each frame in milliseconds from the first."""
    elapsed: NDArray[np.int64]
    """The same on a clock that cannot be stopped or made to jump: no frame is shorter or longer than is usual."""
    is_broken: bool
    """Whether the list ends in an error or where we stopped."""
    is_there: NDArray[np.bool_]
    """Of which packets all bytes are there."""

    @property
    def duration_ms(self) -> int:
        """Up to the end of the last frame, as far as it can be told."""
        return min(int(self.at[-1]) + int(np.median(np.diff(self.at, prepend=0))), LATEST_MS)

    def cells(self, interval_ms: int) -> int:
        return 1 + int(np.count_nonzero(np.diff(self.elapsed // interval_ms)))

    def needed(self, interval_ms: int) -> NDArray[np.bool_]:
        """Which packets must be decoded for a frame in each cell: from each key frame on the first ones."""
        group, is_first = np.cumsum(self.is_key), self._is_first(interval_ms)
        numbers = np.arange(len(group))
        last = np.zeros(int(group[-1]) + 1, dtype=np.int64)
        np.maximum.at(last, group[is_first], numbers[is_first])
        return self.is_key | (numbers <= last[group])

    def _is_first(self, interval_ms: int) -> NDArray[np.bool_]:
        """Which packet is the first in the file of those with frames in its cell."""
        cell = self.elapsed[self.rank] // interval_ms
        first = np.full(int(cell.max()) + 1, len(cell))
        np.minimum.at(first, cell, np.arange(len(cell)))
        is_first: NDArray[np.bool_] = first[cell] == np.arange(len(cell))
        return is_first

    def decodable(self, interval_ms: int) -> NDArray[np.bool_]:
        """Which of the needed packets can be decoded: from each key frame on those before the first that is not there."""
        missing = np.cumsum(~self.is_there)
        before: NDArray[np.int64] = (missing - ~self.is_there)[self.is_key]
        is_whole: NDArray[np.bool_] = missing == before[np.cumsum(self.is_key) - 1]
        return self.needed(interval_ms) & is_whole

    def by_importance(self, interval_ms: int) -> NDArray[np.int64]:
        """The numbers of the needed packets, so that wherever the list is cut, what is before it can be decoded and is
        spread evenly over the time: first one key frame of each cell that has any, then from each on what it takes to
        the next cell, and so on.
        """
        group = np.cumsum(self.is_key) - 1
        # Key frames stand in the order of their times, so that those of one cell are neighbours.
        is_new = np.diff((self.elapsed[self.rank] // interval_ms)[self.is_key], prepend=-1) != 0
        first, place = np.flatnonzero(is_new), np.cumsum(is_new) - 1
        nth = np.arange(len(place)) - first[place]
        is_step = self._is_first(interval_ms) & ~self.is_key
        steps: NDArray[np.int64] = np.cumsum(is_step) - is_step
        depth = nth[group] + np.where(self.is_key, 0, 1 + steps - steps[self.is_key][group])
        order = np.lexsort((_halving(len(first))[place][group], depth))
        return order[self.needed(interval_ms)[order]]


def schedule_of(
    times_ms: Sequence[float],
    keys: Sequence[bool],
    is_broken: bool,
    is_there: NDArray[np.bool_] | None = None,
) -> Schedule:
    """The schedule of packets, at least one, given the time at which each one's frame is shown. Without `is_there` the
    whole file is.
    """
    times = np.array(_continued(times_ms, keys))
    if np.ptp(times) < len(times) * _TOO_SHORT_MS:
        # No times to speak of: the order of the file is nearer to the truth, and so is a usual frame rate.
        times = np.arange(len(times)) * _USUAL_MS
    order = np.argsort(times, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    at = times[order]
    at = at - at[0]
    steps = np.clip(np.diff(at), SHORTEST_STEP_MS, LONGEST_STEP_MS)
    elapsed = np.concatenate([[0], np.cumsum(steps)])
    is_key = np.array(keys)
    is_key[0] = True
    return Schedule(
        rank,
        is_key,
        np.rint(np.clip(at, 0, LATEST_MS)).astype(np.int64),
        np.rint(elapsed).astype(np.int64),
        is_broken,
        np.ones(len(keys), dtype=np.bool_) if is_there is None else is_there,
    )


def _halving(number: int) -> NDArray[np.int64]:
    """The turn of each of so many places in a row, so that those that had theirs are always spread evenly over it."""
    bits = max(number - 1, 0).bit_length()
    places = np.arange(number)
    turns = np.zeros(number, dtype=np.int64)
    for bit in range(bits):
        turns |= (places >> bit & 1) << (bits - 1 - bit)
    return turns


def _continued(times_ms: Sequence[float], keys: Sequence[bool]) -> list[float]:
    """The times of a file that was joined of several, each of which begins anew, one after the other."""
    latest, shift, continued = -math.inf, 0.0, []
    for time_ms, is_key in zip(times_ms, keys, strict=True):
        # A key frame comes after all that stand before it in the file.
        if is_key and time_ms + shift <= latest:
            shift = latest + _USUAL_MS - time_ms
        continued.append(time_ms + shift)
        latest = max(latest, time_ms + shift)
    return continued
