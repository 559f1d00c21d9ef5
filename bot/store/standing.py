"""How registered hashes stand, and what follows for the posts that show them.

    quarantined -> active      its first finding was confirmed
    quarantined -> disabled    a finding that is the registered picture itself is not what it should be
    active -> held             it came in many channels in a short time (fan-out)
    held -> cleared            somebody confirmed it, or said to go on
    any -> disabled -> quarantined    by command

An ordinary photo is active or, by command, disabled. A hash that is near to a known-good one is muted besides. A post is asked about if one of the hashes that it shows is
active or cleared, or if it is the first of one in quarantine; it is held while there is something to decide on first;
and it is suppressed if all of them are disabled or muted. Nothing is lost: `review` moves posts on when a hash changes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select, update

from bot.model import (
    UNDECIDED,
    AlertId,
    CaseId,
    ChannelId,
    Effect,
    FindingId,
    FindingState,
    FingerprintId,
    HashState,
    ShowAlert,
    ShowFigures,
)
from bot.shown import DERIVED
from bot.store import folding, outbox, registry
from bot.store import tables as t
from bot.store.alerts import BANDS, rank
from bot.store.tx import Tx, batches

IDENTICAL_BITS = 10
"""Up to here a post shows the registered picture itself, not another that is like it."""

_FOLD = timedelta(hours=1)
_GO_ON = (HashState.ACTIVE.value, HashState.CLEARED.value)
_WAITING = (FindingState.HELD.value, FindingState.SUPPRESSED.value)
_UNDECIDED = [state.value for state in UNDECIDED]
_prints = t.fingerprints.c
_is_loud = (_prints.state != HashState.DISABLED.value) & _prints.muted_by.is_(None)


async def loud(tx: Tx, fingerprint_ids: Collection[FingerprintId]) -> dict[FingerprintId, HashState]:
    """Which of these may make alerts, and how they stand."""
    rows = await tx.all(select(_prints.id, _prints.state).where(_prints.id.in_(fingerprint_ids), _is_loud))
    return {FingerprintId(row.id): HashState(row.state) for row in rows}


async def of_post(
    tx: Tx, case_id: CaseId, matches: Sequence[tuple[FingerprintId, str]]
) -> tuple[FindingState, AlertId | None]:
    """What becomes of a post that shows these hashes, each in a band: it is new, held behind an alert, or suppressed."""
    standing = await loud(tx, {fingerprint_id for fingerprint_id, _ in matches})
    if not standing:
        return FindingState.SUPPRESSED, None
    if any(state.value in _GO_ON for state in standing.values()):
        return FindingState.NEW, None
    if HashState.QUARANTINED not in standing.values():
        return FindingState.HELD, await _fanned_out(tx, case_id)
    best = min(rank(band) for fingerprint_id, band in matches if fingerprint_id in standing)
    asked = await _asked(tx, case_id, standing, BANDS[: best + 1])
    return (FindingState.NEW, None) if asked is None else (FindingState.HELD, asked)


async def hold_if_fanned_out(
    tx: Tx,
    case_id: CaseId,
    alert_id: AlertId,
    fingerprint_ids: Collection[FingerprintId],
    *,
    most: int,
    since: datetime,
) -> None:
    """Hold further posts of hashes that made alerts in more than `most` channels since then."""
    shows = (
        select(t.matches.c.id)
        .join(t.findings, t.findings.c.id == t.matches.c.finding_id)
        .where(t.findings.c.alert_id == t.alerts.c.id, t.matches.c.fingerprint_id.in_(fingerprint_ids))
        .exists()
    )
    channels = await tx.scalar(
        select(func.count(t.alerts.c.channel_id.distinct())).where(
            t.alerts.c.case_id == case_id, t.alerts.c.created_at > since, shows
        )
    )
    if channels <= most:
        return
    held = await tx.execute(
        update(t.fingerprints)
        .where(_prints.id.in_(fingerprint_ids), _prints.state == HashState.ACTIVE.value)
        .values(state=HashState.HELD.value)
    )
    if held.rowcount:
        await tx.execute(update(t.alerts).where(t.alerts.c.id == alert_id).values(fanned_out=True))


async def hold(tx: Tx, alert_id: AlertId) -> AlertId | None:
    """One more post waits behind the alert. Returns it where its message should say so: for 1, 2, ... 9, 10, 20, ..."""
    held: int = await tx.scalar(
        update(t.alerts)
        .where(t.alerts.c.id == alert_id)
        .values(held=t.alerts.c.held + 1, revision=t.alerts.c.revision + 1)
        .returning(t.alerts.c.held)
    )
    return alert_id if held % 10 ** (len(str(held)) - 1) == 0 else None


async def confirmed(tx: Tx, finding_ids: Sequence[FindingId], now: datetime) -> None:
    """What these findings show is what was registered: its hashes are trusted from now on."""
    shown = await _shown_by(tx, finding_ids)
    await _move(tx, shown, HashState.QUARANTINED, HashState.ACTIVE)
    await _move(tx, shown, HashState.HELD, HashState.CLEARED)
    await review(tx, shown, now=now)


async def rejected(tx: Tx, finding_ids: Sequence[FindingId], now: datetime) -> None:
    """These are not what they should be. Where they are the registered picture itself, its hashes in quarantine are
    disabled; otherwise the next post that waits is asked about.
    """
    shown = await _shown_by(tx, finding_ids)
    same = await _shown_as_they_are(tx, finding_ids)
    if await _move(tx, same, HashState.QUARANTINED, HashState.DISABLED):
        await touch(tx, same)
    await review(tx, shown, now=now)


async def not_rejected(tx: Tx, finding_ids: Sequence[FindingId], now: datetime) -> None:
    """The rejection was taken back, and with it what it disabled; other hashes somebody disabled by command."""
    shown = await _shown_by(tx, finding_ids)
    same = await _shown_as_they_are(tx, finding_ids)
    if await _move(tx, same, HashState.DISABLED, HashState.QUARANTINED):
        await touch(tx, same)
    await review(tx, shown, now=now)


async def shows_nothing(tx: Tx, finding_ids: Collection[FindingId], *, now: datetime) -> None:
    """Hashes that these findings showed are gone: those that show no other end, unless somebody decided on them."""
    has_more = (
        select(t.matches.c.id)
        .where(t.matches.c.finding_id == t.findings.c.id, t.matches.c.fingerprint_id.is_not(None))
        .exists()
    )
    alert_ids: set[int] = set()
    left: set[FingerprintId] = set()
    for some in batches(sorted(finding_ids)):
        rows = await tx.all(
            update(t.findings)
            .where(t.findings.c.id.in_(some), t.findings.c.state.in_([*_UNDECIDED, *_WAITING]), ~has_more)
            .values(state=FindingState.WITHDRAWN.value, changed_at=now)
            .returning(t.findings.c.alert_id)
        )
        alert_ids |= {row.alert_id for row in rows}
        left |= await _shown_by(tx, some)
    await _show(tx, sorted(alert_ids), now)
    # They may have waited behind a question that is none any more.
    await review(tx, left, now=now)


async def set_state(
    tx: Tx, fingerprint_ids: Collection[FingerprintId], state: HashState, *, now: datetime
) -> None:
    """By command."""
    await registry.hold(tx)
    for some in batches(sorted(fingerprint_ids)):
        await tx.execute(update(t.fingerprints).where(_prints.id.in_(some)).values(state=state.value))
    await touch(tx, fingerprint_ids)
    await review(tx, fingerprint_ids, now=now)


async def touch(tx: Tx, fingerprint_ids: Collection[FingerprintId]) -> None:
    """Whoever keeps these in memory must look at them again."""
    if fingerprint_ids:
        revision = await registry.next_revision(tx)
        for some in batches(sorted(fingerprint_ids)):
            await tx.execute(update(t.fingerprints).where(_prints.id.in_(some)).values(revision=revision))


async def review(tx: Tx, fingerprint_ids: Collection[FingerprintId], *, now: datetime) -> None:
    """These hashes stand differently: posts that were held or suppressed because of them follow."""
    for some in batches(sorted(fingerprint_ids)):
        shows = select(t.matches.c.finding_id).where(t.matches.c.fingerprint_id.in_(some))
        waiting = t.findings.c.id.in_(shows), t.findings.c.state.in_(_WAITING)
        rows = await tx.all(select(t.findings.c.alert_id).where(*waiting).distinct())
        alert_ids = sorted(row.alert_id for row in rows)
        if alert_ids:
            await _settle(tx, waiting)
            alert_ids += await _go_on(tx, waiting, now)
            for one in batches(sorted(alert_ids)):
                await _ask_next(tx, one, now)
            await _show(tx, sorted(set(alert_ids)), now)


async def _settle(tx: Tx, waiting: tuple[ColumnElement[bool], ...]) -> None:
    is_loud = (
        select(t.matches.c.id)
        .join(t.fingerprints, _prints.id == t.matches.c.fingerprint_id)
        .where(t.matches.c.finding_id == t.findings.c.id, _is_loud)
        .exists()
    )
    held, suppressed = _WAITING
    await tx.execute(
        update(t.findings).where(*waiting, t.findings.c.state == held, ~is_loud).values(state=suppressed)
    )
    await tx.execute(
        update(t.findings).where(*waiting, t.findings.c.state == suppressed, is_loud).values(state=held)
    )


async def _go_on(tx: Tx, waiting: tuple[ColumnElement[bool], ...], now: datetime) -> list[int]:
    """Ask about the held posts of hashes that are trusted by now, an alert for each channel and band."""
    best = func.min(case({band: rank(band) for band in BANDS}, value=t.matches.c.band))
    rows = await tx.all(
        select(
            t.findings.c.id,
            t.findings.c.case_id,
            t.posts.c.channel_id,
            best.label("rank"),
        )
        .join(t.posts, t.posts.c.id == t.findings.c.post_id)
        .join(t.matches, t.matches.c.finding_id == t.findings.c.id)
        .join(t.fingerprints, _prints.id == t.matches.c.fingerprint_id)
        .where(*waiting, t.findings.c.state == FindingState.HELD.value, _is_loud, _prints.state.in_(_GO_ON))
        .group_by(t.findings.c.id, t.findings.c.case_id, t.posts.c.channel_id)
        .order_by(t.findings.c.id)
    )
    groups: dict[tuple[int, int, str], list[int]] = {}
    for row in rows:
        groups.setdefault((row.case_id, row.channel_id, BANDS[row.rank]), []).append(row.id)
    alert_ids: list[int] = []
    for (case_id, channel_id, band), finding_ids in groups.items():
        alert_id, _ = await folding.join(tx, CaseId(case_id), ChannelId(channel_id), band, now - _FOLD, now)
        alert_ids.append(alert_id)
        for some in batches(sorted(finding_ids)):
            await _ask(tx, some, alert_id, now)
    return alert_ids


async def _ask_next(tx: Tx, alert_ids: Sequence[int], now: datetime) -> None:
    """Of every hash in quarantine that nobody has a question about any more, the first post that waits is asked about."""
    rows = await tx.all(
        select(func.min(t.findings.c.id).label("finding_id"))
        .join(t.matches, t.matches.c.finding_id == t.findings.c.id)
        .join(t.fingerprints, _prints.id == t.matches.c.fingerprint_id)
        .where(
            t.findings.c.alert_id.in_(alert_ids),
            t.findings.c.state == FindingState.HELD.value,
            _is_loud,
            _prints.state == HashState.QUARANTINED.value,
        )
        .group_by(t.matches.c.fingerprint_id)
    )
    for finding_id in sorted({row.finding_id for row in rows}):
        finding = await tx.first(select(t.findings).where(t.findings.c.id == finding_id))
        matches = await tx.all(select(t.matches).where(t.matches.c.finding_id == finding_id))
        assert finding is not None
        shown = [
            (FingerprintId(match.fingerprint_id), match.band) for match in matches if match.fingerprint_id
        ]
        state, _ = await of_post(tx, CaseId(finding.case_id), shown)
        if state is FindingState.NEW:
            await _ask(tx, [finding_id], finding.alert_id, now)
            band = min((band for _, band in shown), key=rank)
            await tx.execute(update(t.alerts).where(t.alerts.c.id == finding.alert_id).values(band=band))


async def _ask(tx: Tx, finding_ids: Sequence[int], alert_id: int, now: datetime) -> None:
    await tx.execute(
        update(t.findings)
        .where(t.findings.c.id.in_(finding_ids))
        .values(state=FindingState.NEW.value, alert_id=alert_id, changed_at=now, reminders=0)
    )


async def _show(tx: Tx, alert_ids: Sequence[int], now: datetime) -> None:
    own = t.findings.c.alert_id == t.alerts.c.id
    held = select(func.count()).where(own, t.findings.c.state == FindingState.HELD.value).scalar_subquery()
    is_open = select(t.findings.c.id).where(own, t.findings.c.state.in_(_UNDECIDED)).exists()
    for some in batches(sorted(alert_ids)):
        rows = await tx.all(
            update(t.alerts)
            .where(t.alerts.c.id.in_(some))
            .values(held=held, is_open=is_open, revision=t.alerts.c.revision + 1)
            .returning(t.alerts.c.id, t.alerts.c.revision, t.alerts.c.band)
        )
        for row in rows:
            shown: list[Effect] = [ShowAlert(AlertId(row.id))]
            if row.band == DERIVED:
                shown.append(ShowFigures(AlertId(row.id)))
            await outbox.add(tx, shown, key=f"review:{row.id}:{row.revision}", now=now, priority=1)


async def _asked(
    tx: Tx, case_id: CaseId, fingerprint_ids: Collection[FingerprintId], bands: Sequence[str]
) -> AlertId | None:
    """The alert that asks about a post which shows one of these as well as the bands say."""
    # Inside one another, and no join: of thousands of posts that show a hash few are to be decided on.
    shows = (
        select(t.matches.c.id)
        .where(
            t.matches.c.finding_id == t.findings.c.id,
            t.matches.c.fingerprint_id.in_(fingerprint_ids),
            t.matches.c.band.in_(bands),
        )
        .exists()
    )
    asks = (
        select(t.findings.c.id)
        .where(t.findings.c.alert_id == t.alerts.c.id, t.findings.c.state.in_(_UNDECIDED), shows)
        .exists()
    )
    found: int | None = await tx.scalar(
        select(func.min(t.alerts.c.id)).where(t.alerts.c.case_id == case_id, asks)
    )
    return None if found is None else AlertId(found)


async def _fanned_out(tx: Tx, case_id: CaseId) -> AlertId | None:
    found: int | None = await tx.scalar(
        select(func.max(t.alerts.c.id)).where(t.alerts.c.case_id == case_id, t.alerts.c.fanned_out)
    )
    return None if found is None else AlertId(found)


async def _shown_as_they_are(tx: Tx, finding_ids: Sequence[FindingId]) -> set[FingerprintId]:
    """The hashes of the pictures that these findings show themselves."""
    return await _shown_by(tx, finding_ids, t.matches.c.band == BANDS[0], only_identical=True)


async def _shown_by(
    tx: Tx, finding_ids: Sequence[FindingId], *which: ColumnElement[bool], only_identical: bool = False
) -> set[FingerprintId]:
    """The hashes that these findings show; with `only_identical` of those findings only that show the picture itself."""
    shown: set[FingerprintId] = set()
    other = t.matches.alias("other")
    is_identical = (
        select(other.c.id)
        .where(
            other.c.finding_id == t.matches.c.finding_id,
            other.c.band == BANDS[0],
            other.c.distance <= IDENTICAL_BITS,
        )
        .exists()
    )
    conditions = (*which, is_identical) if only_identical else which
    for some in batches(sorted(finding_ids)):
        rows = await tx.all(
            select(t.matches.c.fingerprint_id)
            .where(t.matches.c.finding_id.in_(some), t.matches.c.fingerprint_id.is_not(None), *conditions)
            .distinct()
        )
        shown |= {FingerprintId(row.fingerprint_id) for row in rows}
    return shown


async def _move(
    tx: Tx, fingerprint_ids: Collection[FingerprintId], before: HashState, after: HashState
) -> bool:
    moved = 0
    for some in batches(sorted(fingerprint_ids)):
        result = await tx.execute(
            update(t.fingerprints)
            .where(_prints.id.in_(some), _prints.state == before.value)
            .values(state=after.value)
        )
        moved += result.rowcount
    return moved > 0
