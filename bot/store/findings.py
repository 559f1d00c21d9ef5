"""What was found: matches make findings, findings fold into alerts, people decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, insert, or_, select, update

from bot.model import (
    NOT_ASKED,
    UNDECIDED,
    AlertId,
    CaseId,
    CaseState,
    Decision,
    FindingId,
    FindingState,
    FingerprintId,
    MediaId,
    Person,
    PostId,
    Step,
)
from bot.shown import SAME_PHOTO, PhotoShown, Showing, mark_of
from bot.store import folding, registry, standing, steps
from bot.store import tables as t
from bot.store.alerts import (
    MATCH_PHOTO,
    PHOTO_SHOWN,
    alert,
    alert_destination,
    alert_sent,
    best,
    better,
    marks,
    rank,
    take_back,
)
from bot.store.tx import Tx

__all__ = [
    "Decided",
    "MatchRow",
    "alert",
    "alert_destination",
    "alert_sent",
    "case_of",
    "changed",
    "decide",
    "of_case",
    "record",
    "take_back",
]


_OVER = frozenset({FindingState.REMOVED.value, FindingState.CLOSED.value})


@dataclass(frozen=True)
class MatchRow:
    """A fingerprint that a picture of the post matched: how well (`band`), the distance in bits, and `kind` says of
    which hashes. For an ordinary photo the distance is the number of features that agree, negative: more is nearer; or,
    where only a hash of it is near, the distance of that.
    """

    fingerprint_id: FingerprintId
    band: str
    distance: int
    view: str
    orientation: str
    showing: Showing = field(default=Showing())
    kind: str = "pdq"
    photo: PhotoShown | None = None


@dataclass(frozen=True)
class FanOut:
    """In how many channels at most one hash may make alerts since a moment, until its further posts are held."""

    most_channels: int
    since: datetime


@dataclass(frozen=True)
class Decided:
    """The findings decided on now; when there were none, who had decided before, what and when."""

    finding_ids: list[FindingId]
    already: tuple[Person, Decision, datetime] | None
    needs_another: bool = False
    """Another person has to confirm them as well."""
    is_outdated: bool = False
    """Nothing was decided, because others wait than the person was asked about."""


async def record(
    tx: Tx,
    *,
    case_id: CaseId,
    post_id: PostId,
    media_id: MediaId,
    matches: Sequence[MatchRow],
    fold_after: datetime,
    now: datetime,
    fan_out: FanOut | None = None,
) -> AlertId | None:
    """Store what a picture matched, and return the alert that now reads differently, or None.

    There is one finding for each case and post. A new one joins the open alert of the same case, channel and band
    that was created after `fold_after`, or else opens an alert. Later matches of the post count where they are better
    than what staff are shown. A finding that was decided not to be a match is asked about again when another picture
    of the post matches, or in a better band; one that is removed or closed when another picture matches that was put
    into the post since. What hashes in quarantine, held or disabled show may wait, or not be asked
    about at all: see `standing`. Where reposts of ordinary photos are muted, they become findings that change no alert.
    """
    case = await tx.first(
        select(t.cases.c.id, t.cases.c.mutes_same_photo)
        .where(t.cases.c.id == case_id, t.cases.c.state == CaseState.ACTIVE.value)
        .with_for_update(key_share=True)
    )
    matches = await _of_case(tx, case_id, matches) if case is not None else []
    if case is None or not matches:
        return None
    is_muted = case.mutes_same_photo and _band(matches) == SAME_PHOTO
    finding = await tx.first(
        select(t.findings).where(t.findings.c.case_id == case_id, t.findings.c.post_id == post_id)
    )
    if finding is None:
        if is_muted:
            await _muted(tx, case_id, post_id, media_id, matches, fold_after, now)
            return None
        return await _first(tx, case_id, post_id, media_id, matches, fold_after, now, fan_out)
    if finding.state in NOT_ASKED:
        await _put_matches(tx, finding.id, media_id, matches, now)
        every = await _matches(tx, finding.id)
        shown_now = [
            (FingerprintId(match.fingerprint_id), match.band) for match in every if match.fingerprint_id
        ]
        state, _ = await standing.of_post(tx, case_id, shown_now)
        if state is FindingState.NEW and not is_muted:
            return await _ask_again(tx, finding, _band(matches), fold_after, now)
        return None
    if not await standing.loud(tx, {match.fingerprint_id for match in matches}):
        await _put_matches(tx, finding.id, media_id, matches, now)
        return None
    before = await _matches(tx, finding.id)
    await _put_matches(tx, finding.id, media_id, matches, now)
    shown, new = best(before), best(await _matches(tx, finding.id))
    band_is_better = rank(new.band) < rank(shown.band)
    if is_muted:
        return None
    if finding.state == FindingState.MUTED.value:
        return await _ask_again(tx, finding, _band(matches), fold_after, now) if band_is_better else None
    if finding.state == FindingState.WITHDRAWN.value:
        # A list withdrew the hash that it showed, and holds one again.
        return await _ask_again(tx, finding, _band(matches), fold_after, now)
    if finding.state == FindingState.NOT_A_MATCH.value:
        if band_is_better or all(match.media_id != media_id for match in before):
            return await _ask_again(tx, finding, _band(matches), fold_after, now)
        return None
    is_other = all(match.media_id != media_id for match in before)
    if finding.state in _OVER and is_other and await _is_edited_since(tx, finding):
        # It came into the post after people were done with that.
        return await _ask_again(tx, finding, _band(matches), fold_after, now)
    if _shown(new) == _shown(shown):
        return None
    if not band_is_better:
        return await folding.changed(tx, finding.alert_id)
    if finding.state in UNDECIDED:
        # A silent message that is edited into a loud one makes no sound, so a new one has to show it.
        await take_back(tx, AlertId(finding.alert_id), now)
    return await folding.changed(tx, finding.alert_id, band=new.band)


async def _is_edited_since(tx: Tx, finding: Row[Any]) -> bool:
    """Whether the post was edited after the finding got into its state."""
    edited_at = await tx.scalar(select(t.posts.c.edited_at).where(t.posts.c.id == finding.post_id))
    return edited_at is not None and edited_at > finding.changed_at


async def _muted(
    tx: Tx,
    case_id: CaseId,
    post_id: PostId,
    media_id: MediaId,
    matches: Sequence[MatchRow],
    fold_after: datetime,
    now: datetime,
) -> None:
    channel_id = await folding.channel_of(tx, post_id)
    alert_id, _ = await folding.join(tx, case_id, channel_id, _band(matches), fold_after, now)
    finding_id = await _add(tx, case_id, post_id, alert_id, FindingState.MUTED, now)
    await _put_matches(tx, finding_id, media_id, matches, now)


async def _add(
    tx: Tx, case_id: CaseId, post_id: PostId, alert_id: AlertId, state: FindingState, now: datetime
) -> int:
    finding_id: int = await tx.scalar(
        insert(t.findings)
        .values(
            case_id=case_id,
            post_id=post_id,
            alert_id=alert_id,
            state=state.value,
            created_at=now,
            changed_at=now,
        )
        .returning(t.findings.c.id)
    )
    return finding_id


async def _first(
    tx: Tx,
    case_id: CaseId,
    post_id: PostId,
    media_id: MediaId,
    matches: Sequence[MatchRow],
    fold_after: datetime,
    now: datetime,
    fan_out: FanOut | None,
) -> AlertId | None:
    """The finding of a post that had none."""
    band = _band(matches)
    state, alert_id = await standing.of_post(
        tx, case_id, [(match.fingerprint_id, match.band) for match in matches]
    )
    is_new = False
    if alert_id is None:
        channel_id = await folding.channel_of(tx, post_id)
        if state is FindingState.NEW:
            alert_id, is_new = await folding.join(tx, case_id, channel_id, band, fold_after, now)
        else:
            alert_id = await folding.silent(tx, case_id, channel_id, band, now)
    finding_id = await _add(tx, case_id, post_id, alert_id, state, now)
    await _put_matches(tx, finding_id, media_id, matches, now)
    if state is FindingState.HELD:
        return await standing.hold(tx, alert_id)
    if state is FindingState.SUPPRESSED:
        return None
    if is_new and fan_out is not None:
        # A photo is reposted by many who mean no harm; what is made of it must not wait because of them.
        shown = {match.fingerprint_id for match in matches if match.photo is None}
        await standing.hold_if_fanned_out(
            tx, case_id, alert_id, shown, most=fan_out.most_channels, since=fan_out.since
        )
    return alert_id


async def decide(
    tx: Tx,
    alert_id: AlertId,
    *,
    up_to: FindingId,
    asked: str,
    decision: Decision,
    by: Person,
    now: datetime,
    second_person: bool = False,
) -> Decided:
    """Decide on the alert's findings up to the one the person was shown; later ones stay new.

    `asked` is the `mark_of` those that the person was asked about. An older finding may have joined since, or a post been
    edited to show another picture: where others wait by now, or more of them matches, nothing is decided. With `second_person` a confirmation counts once another person
    confirms as well.
    """
    await registry.hold(tx)
    rows = await tx.all(
        select(t.findings.c.id, t.findings.c.state)
        .where(
            t.findings.c.alert_id == alert_id,
            t.findings.c.id <= up_to,
            t.findings.c.state.in_([state.value for state in UNDECIDED]),
        )
        .order_by(t.findings.c.id)
        .with_for_update()
    )
    states = {FindingId(row.id): FindingState(row.state) for row in rows}
    # Read once they are locked: what is recorded of them meanwhile has to wait.
    known = await marks(tx, (t.findings.c.alert_id == alert_id) & (t.findings.c.id <= up_to))
    if states and asked != mark_of((one, known.get(one, "")) for one in states):
        return Decided([], None, is_outdated=True)
    waits = [one for one, state in states.items() if state is FindingState.NEW]
    seconded = [one for one, state in states.items() if state is FindingState.SECOND]
    step, after = Step(decision.value), FindingState(decision.value)
    if second_person and decision is Decision.CONFIRMED:
        seconded = [one for one in seconded if await steps.confirmed_by(tx, one) != by.user_id]
        to = FindingState.SECOND
    else:
        to = after
    decided = sorted(
        await steps.take(tx, waits, step, FindingState.NEW, to, by=by, now=now)
        + await steps.take(tx, seconded, step, FindingState.SECOND, after, by=by, now=now)
    )
    if not decided:
        return Decided([], await steps.latest_decision(tx, alert_id, up_to))
    await steps.alert_changed(tx, alert_id)
    return Decided(decided, None, needs_another=to is FindingState.SECOND and not seconded)


async def case_of(tx: Tx, alert_id: AlertId) -> CaseId | None:
    case_id: int | None = await tx.scalar(select(t.alerts.c.case_id).where(t.alerts.c.id == alert_id))
    return None if case_id is None else CaseId(case_id)


async def changed(tx: Tx, alert_id: AlertId) -> None:
    """Something else that staff see of the alert is different."""
    await folding.changed(tx, alert_id)


async def of_case(tx: Tx, case_id: CaseId) -> dict[FindingState, int]:
    """How many findings of the case are in each state; every state is named."""
    rows = await tx.all(
        select(t.findings.c.state, func.count().label("number"))
        .where(t.findings.c.case_id == case_id)
        .group_by(t.findings.c.state)
    )
    return dict.fromkeys(FindingState, 0) | {FindingState(row.state): row.number for row in rows}


async def _of_case(tx: Tx, case_id: CaseId, matches: Sequence[MatchRow]) -> list[MatchRow]:
    """Without those whose fingerprint was withdrawn since the search."""
    ids = await tx.all(
        select(t.fingerprints.c.id).where(
            t.fingerprints.c.case_id == case_id,
            t.fingerprints.c.id.in_({match.fingerprint_id for match in matches}),
        )
    )
    known = {row.id for row in ids}
    return [match for match in matches if match.fingerprint_id in known]


def _band(matches: Iterable[MatchRow]) -> str:
    return min((match.band for match in matches), key=rank)


async def _matches(tx: Tx, finding_id: int) -> Sequence[Row[Any]]:
    return await tx.all(
        select(t.matches).where(t.matches.c.finding_id == finding_id).order_by(t.matches.c.id)
    )


def _shown(match: Row[Any]) -> tuple[Any, ...]:
    """What staff see of a match."""
    how = match.kind, match.band, match.distance, match.view, match.orientation
    return *how, match.still, match.at, match.until, match.samples, match.of_samples


async def _put_matches(
    tx: Tx, finding_id: int, media_id: MediaId, matches: Iterable[MatchRow], now: datetime
) -> None:
    """Add what is new, and whatever is at least as near as what was known: a long video is told of before its end."""
    known = t.matches.c
    for match in matches:
        how = {
            "kind": match.kind,
            "band": match.band,
            "distance": match.distance,
            "view": match.view,
            "orientation": match.orientation,
            "photo": match.photo and tx.cipher.seal(MATCH_PHOTO, PHOTO_SHOWN.dump_json(match.photo)),
            **asdict(match.showing),
        }
        is_better = and_(known.band == match.band, known.distance >= match.distance)
        counts = or_(is_better, known.band.not_in([*better(match.band), match.band]))
        if match.distance >= 0:
            # The hash of a photo does not unsay what its features showed.
            counts = and_(counts, known.distance >= 0)
        await tx.execute(
            tx.insert(t.matches)
            .values(
                finding_id=finding_id,
                media_id=media_id,
                fingerprint_id=match.fingerprint_id,
                found_at=now,
                **how,
            )
            .on_conflict_do_update(
                index_elements=["media_id", "fingerprint_id"],
                set_=how,
                where=counts,
            )
        )


async def _ask_again(tx: Tx, finding: Row[Any], band: str, fold_after: datetime, now: datetime) -> AlertId:
    """An old alert that is edited is seen by nobody, so the finding goes to one of now."""
    channel_id = await folding.channel_of(tx, finding.post_id)
    alert_id, _ = await folding.join(tx, finding.case_id, channel_id, band, fold_after, now)
    await tx.execute(
        update(t.findings)
        .where(t.findings.c.id == finding.id)
        .values(state=FindingState.NEW.value, alert_id=alert_id, changed_at=now, reminders=0)
    )
    return alert_id
