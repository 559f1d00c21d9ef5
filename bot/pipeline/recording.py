"""From what a file matched to findings and the alerts that show them, in the transaction of whoever searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import uuid4

from bot.model import CaseId, Effect, FingerprintId, MediaId, PostId, ShowAlert, ShowFigures
from bot.pipeline import drill
from bot.registered.registry import CaseMatch
from bot.shown import DERIVED, PhotoShown, Showing
from bot.store import Tx, findings, outbox
from bot.store.findings import FanOut, MatchRow
from matcher import PHOTO, PhotoMatch


@dataclass(frozen=True)
class Rules:
    """`fold`: for how long findings join an alert. In more than `most_channels` within `fan_out` one hash makes no more
    alerts until somebody says so; 0: never.
    """

    fold: timedelta
    most_channels: int = 0
    fan_out: timedelta = timedelta(hours=1)

    def fans_out(self, now: datetime) -> FanOut | None:
        return FanOut(self.most_channels, now - self.fan_out) if self.most_channels else None


LIVE, EARLIER = 1, 0
"""Alerts of live posts are sent before those of earlier ones."""


async def record(
    tx: Tx,
    matches: Iterable[CaseMatch],
    *,
    post_id: PostId,
    media_id: MediaId,
    priority: int,
    rules: Rules,
    now: datetime,
) -> None:
    """Record what one file of a post matched.

    Each commit tells what is new in it, under a key of its own: a file that is looked at again may show more.
    """
    effects: list[Effect] = []
    by_case = sorted(matches, key=_case)
    drills_own = await drill.case_of(tx, post_id) if by_case else None
    for case_id, group in groupby(by_case, key=_case):
        if drills_own not in (None, case_id):
            continue
        own = list(group)
        alert_id = await findings.record(
            tx,
            case_id=case_id,
            post_id=post_id,
            media_id=media_id,
            matches=[_row(found) for found in own],
            fold_after=now - rules.fold,
            now=now,
            fan_out=rules.fans_out(now),
        )
        if alert_id is not None:
            effects.append(ShowAlert(alert_id))
            if any(found.band == DERIVED and isinstance(found.match, PhotoMatch) for found in own):
                effects.append(ShowFigures(alert_id))
    await outbox.add(tx, effects, key=f"found:{uuid4()}", now=now, priority=priority)


def _case(found: CaseMatch) -> CaseId:
    return found.case_id


def _row(found: CaseMatch) -> MatchRow:
    match = found.match
    showing = Showing(match.still, match.at, match.until, match.samples, match.of_samples)
    if isinstance(match, PhotoMatch):
        return _photo_row(match, found.band, showing)
    return MatchRow(
        FingerprintId(match.fingerprint_id),
        found.band,
        match.distance,
        match.view,
        match.orientation,
        showing,
        match.kind,
    )


def _photo_row(match: PhotoMatch, band: str, showing: Showing) -> MatchRow:
    return MatchRow(
        FingerprintId(match.photo_id),
        band,
        -match.inliers,
        "whole",
        "upright",
        showing,
        PHOTO,
        PhotoShown(
            match.relation.value,
            match.share,
            match.of_post,
            match.scale,
            match.turn_degrees,
            match.mirrored,
            match.photo_outline,
            match.post_outline,
            match.photo_size,
            match.post_size,
        ),
    )
