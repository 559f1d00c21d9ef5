"""What staff may do with a finding, from the alert to the removal.

    new -> confirmed | not a match        (with a second person: new -> second -> confirmed)
    confirmed, still up -> reported
    reported -> still up
    confirmed, reported, still up -> removed
    removed -> still up                   (it came back, or was there after all)
    confirmed, reported, still up, removed -> closed
    not a match, removed, closed -> new   (asked about anew: another picture of the post matches)

Any step can be taken back by anybody on the staff, unless that would decide what is asked about anew; both stay on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.errors import Refused
from bot.model import CaseState, FindingId, FindingState, Person, Step, UserId
from bot.shown import mark_of
from bot.store import Tx, audit, casework, steps
from bot.store.casework import Finding, Method, Recheck
from bot.store.steps import Taken

MAX_NOTE = 1000
MAX_NOTES = 50
MAX_TICKET = 100

_S = FindingState

STEPS: Mapping[Step, frozenset[FindingState]] = {
    Step.CONFIRMED: frozenset({_S.NEW, _S.SECOND}),
    Step.NOT_A_MATCH: frozenset({_S.NEW, _S.SECOND}),
    Step.REPORTED: frozenset({_S.CONFIRMED, _S.STILL_UP}),
    Step.STILL_UP: frozenset({_S.REPORTED, _S.REMOVED}),
    Step.REMOVED: frozenset({_S.CONFIRMED, _S.REPORTED, _S.STILL_UP}),
    Step.CLOSED: frozenset({_S.CONFIRMED, _S.REPORTED, _S.STILL_UP, _S.REMOVED}),
}
"""Each step, and the states that it may be taken from."""

DECISIONS = frozenset({Step.CONFIRMED, Step.NOT_A_MATCH})
"""Steps that say what the post shows."""

OPEN = frozenset({_S.NEW, _S.SECOND, _S.CONFIRMED, _S.REPORTED, _S.STILL_UP})
"""Somebody has something to do still."""


def next_steps(state: FindingState) -> list[Step]:
    return [step for step, states in STEPS.items() if state in states]


def asked(finding: Finding) -> str:
    """What a person is asked about who is shown the finding as it is."""
    return mark_of([(finding.id, finding.shown.mark)])


async def get(tx: Tx, finding_id: FindingId) -> Finding:
    """Raises `Refused` `unknown-finding`."""
    finding = await casework.get(tx, finding_id)
    if finding is None:
        raise Refused("unknown-finding", finding=str(finding_id))
    return finding


async def take(
    tx: Tx,
    finding_id: FindingId,
    step: Step,
    *,
    seen: FindingState,
    by: Person,
    second_person: bool,
    now: datetime,
    by_person: bool = True,
    shown: str | None = None,
) -> Finding:
    """Take a step with a finding that the person saw in the state `seen`; returns it as it was before.

    Not `by_person`: whoever calls keeps record of why. `shown` is what was `asked` about, where the step is a decision.

    Raises `Refused`: `unknown-finding`, `finding-moved` where it is in another state by now, `finding-changed` where it
    shows something else than the person was asked about, `finding-step` where the
    step does not lead out of this one, `finding-withdrawn`, `second-person` where the same person confirmed already.
    """
    finding = await get(tx, finding_id)
    _refuse_withdrawn(finding)
    if finding.state is not seen:
        raise Refused("finding-moved", state=finding.state.value)
    if seen not in STEPS[step]:
        raise Refused("finding-step")
    if shown is not None and shown != asked(finding):
        raise Refused("finding-changed")
    after = FindingState(step.value)
    if step is Step.CONFIRMED and second_person:
        if seen is FindingState.NEW:
            after = FindingState.SECOND
        elif await steps.confirmed_by(tx, finding_id) == by.user_id:
            raise Refused("second-person")
    if not await steps.take(tx, [finding_id], step, seen, after, by=by, now=now):
        raise Refused("finding-moved", state=(await get(tx, finding_id)).state.value)
    if by_person and step in (Step.REMOVED, Step.STILL_UP):
        result = Recheck.GONE if step is Step.REMOVED else Recheck.UP
        await casework.add_recheck(tx, finding_id, result, Method.PERSON, by=by, now=now)
    await steps.alert_changed(tx, finding.alert_id)
    if by_person:
        await put_on_record(tx, "finding_step", finding, by, now, step=step.value, to=after.value)
    return finding


async def undo(
    tx: Tx,
    finding_id: FindingId,
    *,
    seen: FindingState,
    by: Person,
    now: datetime,
    step: int | None = None,
) -> Taken:
    """Take the latest step back, which the person saw as the `step` of this number.

    Raises `Refused`: `unknown-finding`, `finding-moved`, `nothing-to-undo`, `finding-withdrawn`.
    """
    finding = await get(tx, finding_id)
    _refuse_withdrawn(finding)
    latest = finding.latest_step
    if finding.state is not seen or (step is not None and (latest is None or latest.id != step)):
        raise Refused("finding-moved", state=finding.state.value)
    taken = await steps.undo(tx, finding_id, seen, by=by, now=now) if finding.can_be_undone else None
    if taken is None:
        raise Refused("nothing-to-undo")
    await steps.alert_changed(tx, finding.alert_id)
    await put_on_record(tx, "finding_undone", finding, by, now, step=taken.step.value)
    return taken


async def claim(
    tx: Tx,
    finding_id: FindingId,
    person: Person | None,
    *,
    instead_of: UserId | None,
    by: Person,
    now: datetime,
) -> None:
    """Let a person work on it, or with None nobody. `instead_of` is who was seen working on it.

    Raises `Refused`: `unknown-finding`, `claimed-by-other` where somebody else works on it by now.
    """
    finding = await get(tx, finding_id)
    if not await casework.claim(tx, finding_id, person, instead_of=instead_of):
        holder = finding.claimed_by
        raise Refused("claimed-by-other", by="-" if holder is None else holder.name)
    await put_on_record(
        tx, "finding_claimed", finding, by, now, to=None if person is None else person.user_id
    )


async def note(tx: Tx, finding_id: FindingId, untrusted_text: str, *, by: Person, now: datetime) -> None:
    """Raises `Refused`: `unknown-finding`, `note-empty`, `note-long`, `notes-full`."""
    finding = await get(tx, finding_id)
    text = untrusted_text.strip()
    if not text:
        raise Refused("note-empty")
    if len(text) > MAX_NOTE:
        raise Refused("note-long", max=MAX_NOTE)
    if len(finding.notes) >= MAX_NOTES:
        raise Refused("notes-full", max=MAX_NOTES)
    await casework.add_note(tx, finding_id, text, by=by, now=now)
    await put_on_record(tx, "finding_noted", finding, by, now)


async def set_minor(tx: Tx, finding_id: FindingId, *, is_minor: bool, by: Person, now: datetime) -> None:
    """Raises `Refused` `unknown-finding`."""
    finding = await get(tx, finding_id)
    await casework.set_minor(tx, finding_id, is_minor=is_minor)
    await put_on_record(tx, "finding_minor", finding, by, now, is_minor=is_minor)


def _refuse_withdrawn(finding: Finding) -> None:
    if finding.case_state is CaseState.WITHDRAWN or finding.state is FindingState.WITHDRAWN:
        raise Refused("finding-withdrawn")


async def put_on_record(
    tx: Tx, action: str, finding: Finding, by: Person | None, now: datetime, **details: object
) -> None:
    """What was done about a finding, in the audit log; `by` is None for Jikimi itself."""
    await audit.append(
        tx,
        action=action,
        subject=finding.case_uid,
        actor=by,
        details={"finding": finding.id, **details},
        now=now,
    )
