"""Which alert shows a finding: those of one case, channel and band are folded into one message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from bot.model import AlertId, CaseId, ChannelId
from bot.store import tables as t
from bot.store.tx import Tx


async def join(
    tx: Tx, case_id: CaseId, channel_id: ChannelId, band: str, fold_after: datetime, now: datetime
) -> tuple[AlertId, bool]:
    """The open alert for a finding of this band, with its revision raised; a new one where there is none that was
    created after `fold_after`, and whether it is new.
    """
    alert_id = await tx.scalar(
        select(func.max(t.alerts.c.id)).where(
            t.alerts.c.case_id == case_id,
            t.alerts.c.channel_id == channel_id,
            t.alerts.c.band == band,
            t.alerts.c.is_open,
            t.alerts.c.created_at > fold_after,
        )
    )
    if alert_id is not None:
        return await changed(tx, alert_id), False
    return await _new(tx, case_id, channel_id, band, now, is_open=True), True


async def silent(tx: Tx, case_id: CaseId, channel_id: ChannelId, band: str, now: datetime) -> AlertId:
    """The case's newest alert, for a finding that staff are not shown; one that is never sent where there is none."""
    newest: int | None = await tx.scalar(select(func.max(t.alerts.c.id)).where(t.alerts.c.case_id == case_id))
    if newest is not None:
        return AlertId(newest)
    return await _new(tx, case_id, channel_id, band, now, is_open=False)


async def channel_of(tx: Tx, post_id: int) -> ChannelId:
    return ChannelId(await tx.scalar(select(t.posts.c.channel_id).where(t.posts.c.id == post_id)))


async def changed(tx: Tx, alert_id: int, *, band: str | None = None) -> AlertId:
    """The alert reads differently."""
    values: dict[str, Any] = {"revision": t.alerts.c.revision + 1}
    if band is not None:
        values["band"] = band
    await tx.execute(update(t.alerts).where(t.alerts.c.id == alert_id).values(values))
    return AlertId(alert_id)


async def _new(
    tx: Tx, case_id: CaseId, channel_id: ChannelId, band: str, now: datetime, *, is_open: bool
) -> AlertId:
    seen_before = select(func.count()).where(t.findings.c.case_id == case_id).scalar_subquery()
    return AlertId(
        await tx.scalar(
            insert(t.alerts)
            .values(
                case_id=case_id,
                channel_id=channel_id,
                band=band,
                is_open=is_open,
                created_at=now,
                seen_before=seen_before,
            )
            .returning(t.alerts.c.id)
        )
    )
