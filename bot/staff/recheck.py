"""Is a reported post still there? Public ones are looked at again by their public page, slowly.

What is gone is recorded as removed, and looked at for some weeks more: posts come back. What a page cannot tell is
left to a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import Permanent, Refused, Transient
from bot.model import CaseState, FindingId, FindingState, Person, Place, ShowAlert, Step, UserId
from bot.staff import casework
from bot.store import Store, Tx, outbox, rechecks
from bot.store import casework as rows
from bot.store.casework import Finding, Method, Recheck
from bot.store.errors import DoesNotOpen

log = structlog.get_logger()

JIKIMI = Person(UserId(0), "Jikimi")
"""Who took a step that nobody pressed."""
WATCHED = frozenset({FindingState.REPORTED, FindingState.STILL_UP, FindingState.REMOVED})
PAUSE_S = 60


class Page(Protocol):
    async def look(self, place: Place) -> Recheck: ...


class Accounts(Protocol):
    async def look(self, place: Place) -> Recheck | None:
        """None where no account is in the channel, or all have to wait. Raises `Transient`, `Permanent`."""


@dataclass(frozen=True)
class Pace:
    every: timedelta
    at_once: int
    """Pages that are looked at in one minute at most."""
    removed_for: timedelta
    """How long what was removed is looked at still."""


class Rechecks:
    def __init__(
        self,
        store: Store,
        page: Page,
        pace: Pace,
        *,
        now: Callable[[], datetime],
        committed: Callable[[], None],
        came_back: Callable[[Tx, FindingId], Awaitable[None]],
        accounts: Accounts | None = None,
    ) -> None:
        """`accounts` look at what they can see; the page tells of the rest. `came_back` tells staff of a post that was
        removed and is there again: an old alert that is edited is seen by nobody.
        """
        self._store = store
        self._page = page
        self._accounts = accounts
        self._pace = pace
        self._now = now
        self._committed = committed
        self._came_back = came_back

    async def run(self) -> None:
        while True:
            wait_s = await self.tick()
            await asyncio.sleep(max(PAUSE_S, wait_s))

    async def tick(self) -> float:
        """Look at what is due; returns for how many seconds the page asked to be left alone."""
        now = self._now()
        async with self._store.read() as tx:
            due = await rechecks.due(
                tx,
                WATCHED,
                checked_before=now - self._pace.every,
                removed_after=now - self._pace.removed_for,
                limit=self._pace.at_once,
            )
        for one in due:
            finding = await self._opened(one)
            if finding is None:
                continue
            try:
                result, method = await self._look(finding.shown.place)
            except Transient as trouble:
                log.warning("not looked at again", trouble=str(trouble))
                return trouble.retry_after_s or 0
            await self._record(finding.id, finding.state, result, method)
        return 0

    async def _opened(self, finding_id: FindingId) -> Finding | None:
        """None for one that is gone or damaged, which must not keep others from being looked at."""
        try:
            async with self._store.read() as tx:
                return await rows.get(tx, finding_id)
        except DoesNotOpen as trouble:
            log.error("a finding does not open", finding=finding_id, trouble=str(trouble))
        async with self._store.write() as tx:
            await rechecks.checked(tx, finding_id, Recheck.UNKNOWN, Method.PAGE, now=self._now())
        return None

    async def _look(self, place: Place) -> tuple[Recheck, Method]:
        found = None
        if self._accounts is not None:
            try:
                found = await self._accounts.look(place)
            except (Transient, Permanent) as trouble:
                # What an account is to wait for, or cannot have, must not keep others from being looked at.
                log.warning("no account could look", trouble=str(trouble))
        if found is not None:
            return found, Method.ACCOUNT
        return await self._page.look(place), Method.PAGE

    async def _record(
        self, finding_id: FindingId, seen: FindingState, result: Recheck, method: Method
    ) -> None:
        now = self._now()
        async with self._store.write() as tx:
            finding = await rows.get(tx, finding_id)
            if finding is None or finding.state is not seen:
                return  # A person was quicker.
            is_step = await record(tx, finding, result, method, now=now)
            if is_step and result is Recheck.UP:
                await self._came_back(tx, finding_id)
        if is_step:
            self._committed()


async def record(tx: Tx, finding: Finding, result: Recheck, method: Method, *, now: datetime) -> bool:
    """Keep what looking again showed, and take the step that follows from it, if one does."""
    await rechecks.checked(tx, finding.id, result, method, now=now)
    step = _step(finding, result)
    if step is None or finding.case_state is CaseState.WITHDRAWN:
        return False
    try:
        await casework.take(
            tx, finding.id, step, seen=finding.state, by=JIKIMI, second_person=False, now=now, by_person=False
        )
    except Refused:
        return False  # A person was quicker.
    await casework.put_on_record(tx, "recheck", finding, None, now, result=result.value)
    key = f"recheck:{finding.id}:{now.isoformat()}"
    await outbox.add(tx, [ShowAlert(finding.alert_id)], key=key, now=now)
    return True


def _step(finding: Finding, result: Recheck) -> Step | None:
    match finding.state, result:
        case (FindingState.CONFIRMED | FindingState.REPORTED | FindingState.STILL_UP, Recheck.GONE):
            return Step.REMOVED
        case (FindingState.REMOVED, Recheck.UP) if not _is_overruled(finding):
            return Step.STILL_UP
        case _:
            return None


def _is_overruled(finding: Finding) -> bool:
    """Whether a person says that it is removed who was told that it is there, and nothing showed it gone since: the
    picture may be another by now, which looking does not tell.
    """
    told_at = max(
        (
            taken.at
            for taken in finding.steps
            if taken.step is Step.STILL_UP and taken.by.user_id == JIKIMI.user_id
        ),
        default=None,
    )
    return told_at is not None and not any(
        check.by is None and check.result is Recheck.GONE and check.at > told_at for check in finding.rechecks
    )
