"""Findings that wait too long are told of together, in working hours, and not again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.model import FindingId
from bot.staff.casework import OPEN
from bot.store import Tx, casework, settings

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_REMINDED = "reminded_at"
PAUSE = timedelta(hours=4)
"""Two reminders are at least so far apart: what falls due in between is in the next."""


@dataclass(frozen=True)
class WorkingHours:
    """When staff are at work: from the one hour to the other (0 to 24), on these days (`mon` to `sun`)."""

    zone: ZoneInfo
    starts_hour: int
    ends_hour: int
    days: frozenset[str]

    def include(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        return _DAYS[local.weekday()] in self.days and self.starts_hour <= local.hour < self.ends_hour


async def due(tx: Tx, hours: WorkingHours, limits_hours: Sequence[int], now: datetime) -> list[FindingId]:
    """The findings to remind of now, which then count as reminded of; none outside working hours."""
    if not hours.include(now):
        return []
    last = await settings.get(tx, _REMINDED)
    # One in the future was remembered while the clock was ahead.
    if last is not None and 0 <= now.timestamp() - last < PAUSE.total_seconds():
        return []
    limits = [(number, now - timedelta(hours=limit)) for number, limit in enumerate(sorted(limits_hours), 1)]
    late = await casework.overdue(tx, limits, OPEN)
    if late:
        await casework.reminded(tx, limits, OPEN)
        await settings.put(tx, _REMINDED, now.timestamp())
    return late
