"""Which findings a report packet held, so that exactly those count as reported once somebody has sent it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select

from bot.model import CaseState, FindingId, PacketId
from bot.store import reported
from bot.store import tables as t
from bot.store.casework import Wanted
from bot.store.tx import Tx


async def add(tx: Tx, addressee: str, finding_ids: Sequence[FindingId], now: datetime) -> PacketId:
    packet_id = PacketId(
        await tx.scalar(insert(t.packets).values(addressee=addressee, made_at=now).returning(t.packets.c.id))
    )
    rows = [{"packet_id": packet_id, "finding_id": finding_id} for finding_id in finding_ids]
    await tx.execute(insert(t.packet_findings), rows)
    return packet_id


async def get(tx: Tx, packet_id: PacketId) -> tuple[str, datetime, list[FindingId]] | None:
    """To whom it is, when it was made, and its findings, without those that were erased since."""
    packet = await tx.first(select(t.packets).where(t.packets.c.id == packet_id))
    rows = await tx.all(
        select(t.packet_findings.c.finding_id)
        .where(t.packet_findings.c.packet_id == packet_id)
        .order_by(t.packet_findings.c.finding_id)
    )
    if packet is None:
        return None
    return packet.addressee, packet.made_at, [FindingId(row.finding_id) for row in rows]


async def to_report(
    tx: Tx, wanted: Wanted, addressee: str | None, *, limit: int
) -> tuple[list[FindingId], int]:
    """Findings of a case or a channel, and how many there are in all; first those that the addressee was not told of."""
    which = [
        t.findings.c.state.in_(sorted(state.value for state in wanted.states)),
        t.cases.c.state == CaseState.ACTIVE.value,
    ]
    if wanted.case_id is not None:
        which.append(t.findings.c.case_id == wanted.case_id)
    if wanted.channel_id is not None:
        which.append(t.posts.c.channel_id == wanted.channel_id)
    joined = t.findings.join(t.cases, t.cases.c.id == t.findings.c.case_id).join(
        t.posts, t.posts.c.id == t.findings.c.post_id
    )
    total: int = await tx.scalar(select(func.count()).select_from(joined).where(*which))
    rows = await tx.all(
        select(t.findings.c.id)
        .select_from(joined)
        .where(*which)
        .order_by(reported.is_told(addressee), t.findings.c.changed_at, t.findings.c.id)
        .limit(limit)
    )
    return [FindingId(row.id) for row in rows], total
