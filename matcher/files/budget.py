"""What one file may still cost, counted down by everything that is found inside it."""

from __future__ import annotations

import time
from dataclasses import replace

from matcher.files.decode import Limits

_MAX_ENTRIES = 4000
"""Files tried in archives, pictures or not: an app or a presentation has thousands of small ones."""
_INFLATED = 16
"""How many times `max_bytes` all of them may become. Pictures hardly shrink in an archive."""
_OF_TIME = 0.6
"""The part of its time after which nothing more of a file is begun, so that what it showed is not lost with it."""


class Budget:
    """Of one posted file: `stills`, `entries` and inflated `bytes` that are left. Whoever uses some takes them off."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.stills = limits.max_stills
        self.entries = _MAX_ENTRIES
        self.bytes = _INFLATED * limits.max_bytes
        self._started_s = time.process_time()
        self._cpu_ends_s = self._started_s + _OF_TIME * limits.cpu_s
        self._wall_ends_s = time.monotonic() + _OF_TIME * limits.wall_s

    @property
    def is_spent(self) -> bool:
        """Whether nothing more should be begun."""
        return (
            min(self.stills, self.entries, self.bytes) <= 0
            or time.process_time() > self._cpu_ends_s
            or time.monotonic() > self._wall_ends_s
        )

    def left(self) -> Limits:
        """What may be spent on the next thing alone: the processor time and the stills that are left."""
        spent_s = time.process_time() - self._started_s
        return replace(
            self.limits, cpu_s=max(1, int(self.limits.cpu_s - spent_s)), max_stills=max(1, self.stills)
        )
