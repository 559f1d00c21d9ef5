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

    @property
    def duration_ms(self) -> int:
        """Up to the end of the last frame, as far as it can be told."""
        return min(int(self.at[-1]) + int(np.median(np.diff(self.at, prepend=0))), LATEST_MS)

    def cells(self, interval_ms: int) -> int:
        return 1 + int(np.count_nonzero(np.diff(self.elapsed // interval_ms)))

    def needed(self, interval_ms: int) -> NDArray[np.bool_]:
        """Which packets must be decoded for a frame in each cell: from each key frame on the first ones."""
        cell, group = self.elapsed[self.rank] // interval_ms, np.cumsum(self.is_key)
        numbers = np.arange(len(group))
        first = np.full(int(cell.max()) + 1, len(group))
        np.minimum.at(first, cell, numbers)
        is_first = first[cell] == numbers
        last = np.zeros(int(group[-1]) + 1, dtype=np.int64)
        np.maximum.at(last, group[is_first], numbers[is_first])
        return self.is_key | (numbers <= last[group])


def schedule_of(times_ms: Sequence[float], keys: Sequence[bool], is_broken: bool) -> Schedule:
    """The schedule of packets, at least one, given the time at which each one's frame is shown."""
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
    )


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
