"""Rows for the tests of the store."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import text

from bot.model import (
    UNDECIDED,
    AlertId,
    CaseId,
    ChannelState,
    ChatId,
    ChatKind,
    Decision,
    FindingId,
    FingerprintId,
    Language,
    MediaId,
    MediaRef,
    MessageId,
    Origin,
    Person,
    Place,
    Post,
    PostId,
    ShowAlert,
    UserId,
)
from bot.shown import Showing, mark_of
from bot.store import Store, Tx, cases, channels, findings, outbox, posts, registry
from bot.store.alerts import Alert
from bot.store.cases import NewFingerprint
from bot.store.channels import Channel
from bot.store.findings import Decided, MatchRow

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAFF = Person(UserId(7_000_001), "김지은")
ADMIN = Person(UserId(7_000_002), "관리자")
CHAT = ChatId(-1001234567890)
FOLD_S = 3600
LAST = FindingId(10**9)
_SHOWING = Showing()
MATCH, POSSIBLE = "match", "possible"

_numbers = itertools.count(1)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def bits(number: int) -> bytes:
    """32 bytes that no other number gives."""
    return number.to_bytes(4, "big") * 8


def hash_of(number: int) -> bytes:
    """As the hash of a picture is: half of its bits are set, about, and no other is near."""
    return Random(number).randbytes(32)


def flipped(number: int, bits: int) -> bytes:
    """So many bits from the hash of this number."""
    value = int.from_bytes(hash_of(number))
    for bit in range(bits):
        value ^= 1 << bit
    return value.to_bytes(32)


def new_print(number: int, *, part: str = "whole", radius_bits: int = 31) -> NewFingerprint:
    return NewFingerprint(kind="pdq", part=part, bits=bits(number), radius_bits=radius_bits, quality=80)


async def add_case(tx: Tx, *prints: int, contact: ChatId | None = None, number: str | None = None) -> CaseId:
    """A case with these fingerprints."""
    unique = next(_numbers)
    case_id = await cases.create(
        tx,
        uid=f"uid{unique}",
        number=number or f"JK-{unique:06}",
        pin_verifier="$argon2id$v=19$m=65536$verifier",
        language=Language.KO,
        consent_version="2026-1",
        contact=contact,
        now=NOW,
    )
    if prints:
        await cases.add_fingerprints(tx, case_id, [new_print(number) for number in prints], NOW)
    return case_id


async def prints_of(tx: Tx, case_id: CaseId) -> list[FingerprintId]:
    changes = await registry.changes(tx, 0)
    return [new.id for new in changes.added if new.case_id == case_id]


async def add_channel(tx: Tx, chat_id: int = CHAT, *, title: str = "채널") -> Channel:
    return await channels.put(
        tx,
        chat_id=ChatId(chat_id),
        kind=ChatKind.CHANNEL,
        title=title,
        username="somechannel",
        state=ChannelState.ASKED,
        can_read=True,
        added_by=STAFF,
        now=NOW,
    )


def photo(name: str, *, inspectable: bool = True) -> MediaRef:
    return MediaRef(
        path="photo",
        kind="photo",
        file_id=f"file-{name}" if inspectable else None,
        file_unique_id=f"unique-{name}",
        size_bytes=1234,
    )


def make_post(
    message_id: int = 1,
    *media: MediaRef,
    edited_at: datetime | None = None,
    title: str = "채널",
    origin: Origin | None = None,
) -> Post:
    return Post(
        place=Place(CHAT, MessageId(message_id), "somechannel", title),
        chat_kind=ChatKind.CHANNEL,
        posted_at=NOW,
        edited_at=edited_at,
        origin=origin,
        media=media,
    )


async def add_post(tx: Tx, channel: Channel, message_id: int, *names: str) -> tuple[PostId, list[MediaId]]:
    """A post with photos of these names."""
    return await posts.add(tx, channel.id, make_post(message_id, *(photo(name) for name in names)), now=NOW)


async def alerts_to_show(store: Store, now: datetime) -> list[Alert]:
    """What staff are to be shown by what waits in the outbox."""
    async with store.write() as tx:
        waiting = await outbox.claim(tx, now=now, lease_s=600, limit=500)
        shown = {row.effect.alert_id for row in waiting if isinstance(row.effect, ShowAlert)}
        found = [await findings.alert(tx, alert_id) for alert_id in sorted(shown)]
    return [alert for alert in found if alert is not None]


async def waits_for_a_lock(store: Store, other: asyncio.Task[Any]) -> None:
    """Until the other waits for a lock of the test's own transaction, or has ended. SQLite has one writer, so it waits."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not other.done():
        async with store.read() as tx:
            if tx.dialect_name == "sqlite" or await tx.scalar(waiting):
                return


async def asked_by(tx: Tx, alert_id: AlertId, up_to: FindingId = LAST) -> str:
    """What the buttons of the alert carry as it reads now, or as it read when this finding was the last."""
    alert = await findings.alert(tx, alert_id)
    waiting = [one for one in alert.findings if one.state in UNDECIDED] if alert else []
    return mark_of((one.finding_id, one.mark) for one in waiting if one.finding_id <= up_to)


@dataclass
class Scene:
    """Cases with two fingerprints each, and posts with two photos each, made when they are first named."""

    tx: Tx
    case_of: dict[str, CaseId] = field(default_factory=dict)
    post_of: dict[tuple[int, int], tuple[PostId, list[MediaId]]] = field(default_factory=dict)

    async def case(self, name: str) -> CaseId:
        if name not in self.case_of:
            number = len(self.case_of) * 2
            self.case_of[name] = await add_case(self.tx, number, number + 1, number=f"JK-{name}")
        return self.case_of[name]

    async def print_id(self, case: str, number: int) -> FingerprintId:
        return (await prints_of(self.tx, await self.case(case)))[number]

    async def post(self, message_id: int, chat_id: int) -> tuple[PostId, list[MediaId]]:
        if (message_id, chat_id) not in self.post_of:
            channel = await add_channel(self.tx, chat_id)
            names = [f"{chat_id} {message_id} {place}" for place in "ab"]
            self.post_of[message_id, chat_id] = await add_post(self.tx, channel, message_id, *names)
        return self.post_of[message_id, chat_id]

    async def record(
        self,
        message_id: int,
        *,
        case: str = "a",
        band: str = MATCH,
        distance: int = 10,
        media: int = 0,
        fingerprint: int = 0,
        chat_id: int = CHAT,
        seconds: float = 0,
        view: str | None = None,
        showing: Showing = _SHOWING,
    ) -> AlertId | None:
        post_id, media_ids = await self.post(message_id, chat_id)
        return await findings.record(
            self.tx,
            case_id=await self.case(case),
            post_id=post_id,
            media_id=media_ids[media],
            matches=[
                MatchRow(
                    await self.print_id(case, fingerprint),
                    band,
                    distance,
                    view or f"view{media}",
                    "upright",
                    showing,
                )
            ],
            fold_after=after(seconds - FOLD_S),
            now=after(seconds),
        )

    async def new(self, message_id: int, **how: Any) -> AlertId:
        alert_id = await self.record(message_id, **how)
        assert alert_id is not None
        return alert_id

    async def alert(self, alert_id: AlertId) -> Alert:
        alert = await findings.alert(self.tx, alert_id)
        assert alert is not None
        return alert

    async def decide(
        self, alert_id: AlertId, decision: Decision = Decision.NOT_A_MATCH, up_to: FindingId = LAST
    ) -> Decided:
        asked = await asked_by(self.tx, alert_id, up_to)
        return await findings.decide(
            self.tx, alert_id, up_to=up_to, asked=asked, decision=decision, by=STAFF, now=after(99)
        )
