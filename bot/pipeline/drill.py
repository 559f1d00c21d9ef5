"""A drill: a built-in, harmless picture goes the whole way of a post, and staff read how long each step took.

It is posted nowhere: its update is put into the inbox as if Telegram had sent it, and its file is in this package.
From there on everything is real, up to the alert in the staff chat. Afterwards all of it is deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from bot.errors import Refused
from bot.model import (
    CaseId,
    ChannelId,
    ChannelState,
    ChatId,
    ChatKind,
    Delete,
    Effect,
    Language,
    MediaRef,
    Person,
    PostId,
    Send,
)
from bot.store import Store, Tx, audit, cases, channels, drills, folding, inbox, outbox, settings
from bot.store.cases import NewFingerprint
from bot.store.drills import Reached
from bot.store.inbox import NewUpdate
from matcher import MATCH_RADIUS_BITS, File, Limits, fingerprint_bytes

CHAT = ChatId(-1)
"""No channel of Telegram's has this number."""
FILE_ID = "jikimi-drill"
PATIENCE = timedelta(minutes=2)
PAUSE_S = 1

_RUNNING = "drill"


class Fetcher(Protocol):
    async def fetch(self, ref: MediaRef) -> File: ...


class WithDrill:
    """A fetcher that has the drill's file in hand."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def fetch(self, ref: MediaRef) -> File:
        return picture() if ref.file_id == FILE_ID else await self._fetcher.fetch(ref)


@dataclass(frozen=True)
class Report:
    """How long the drill took up to each stage, in seconds from its start; None for a stage it did not reach."""

    received_s: float | None
    fingerprinted_s: float | None
    found_s: float | None
    shown_s: float | None
    trouble: str | None

    @property
    def is_well(self) -> bool:
        return self.shown_s is not None


@cache
def picture() -> bytes:
    return files("bot.pipeline").joinpath("drill.jpg").read_bytes()


async def start(tx: Tx, *, name: str, answer_in: ChatId, by: Person, now: datetime) -> None:
    """Put the drill's post into the inbox. `name` stands for the case and the channel.

    Raises `Refused` `drill-runs` while another is under way.
    """
    if await settings.get(tx, _RUNNING):
        raise Refused("drill-runs")
    case_id = await cases.create(
        tx,
        uid=f"drill-{now:%Y%m%d%H%M%S}",
        number=name,
        pin_verifier="-",
        language=Language.KO,
        consent_version="-",
        contact=None,
        now=now,
    )
    prints = [
        NewFingerprint(print_.kind, "whole", print_.bits, MATCH_RADIUS_BITS, print_.quality)
        for print_ in fingerprint_bytes(picture(), Limits()).parts[:1]
    ]
    await cases.add_fingerprints(tx, case_id, prints, now)
    channel = await channels.put(
        tx,
        chat_id=CHAT,
        kind=ChatKind.CHANNEL,
        title=name,
        username=None,
        state=ChannelState.AUTHORISED,
        can_read=True,
        added_by=by,
        now=now,
    )
    await channels.authorise(
        tx, channel.id, by=by, document=name, valid_from=now, valid_until=now + timedelta(days=1)
    )
    await inbox.add(tx, [NewUpdate(f"drill:{now.isoformat()}", "channel_post", _update(name, now))], now=now)
    running = {"case": case_id, "channel": channel.id, "chat": answer_in, "at": now.timestamp()}
    await settings.put(tx, _RUNNING, running)
    await audit.append(tx, action="drill_started", subject="drill", actor=by, details={}, now=now)


def _update(name: str, now: datetime) -> dict[str, Any]:
    size = {"file_id": FILE_ID, "file_unique_id": f"{FILE_ID}-{now.timestamp()}", "width": 800, "height": 533}
    return {
        "channel_post": {
            "message_id": 1,
            "date": int(now.timestamp()),
            "chat": {"id": CHAT, "type": "channel", "title": name},
            "photo": [size | {"file_size": len(picture())}],
        }
    }


async def case_of(tx: Tx, post_id: PostId) -> CaseId | None:
    """The drill's case, where the post is that of a drill under way: whoever else registered its picture is not told."""
    running = await settings.get(tx, _RUNNING)
    if not running or await folding.channel_of(tx, post_id) != running["channel"]:
        return None
    return CaseId(running["case"])


class Drills:
    """Watches the drill under way, reports on it and cleans up; also after a restart."""

    def __init__(
        self,
        store: Store,
        render: Callable[[Report], str],
        *,
        now: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        self._store = store
        self._render = render
        self._now = now
        self._committed = committed
        self._woken = asyncio.Event()
        self._woken.set()

    def wake(self) -> None:
        """Something was committed, maybe a drill."""
        self._woken.set()

    async def run(self) -> None:
        while True:
            if not await self.tick():
                await self._woken.wait()
                self._woken.clear()
            await asyncio.sleep(PAUSE_S)

    async def tick(self) -> bool:
        """Whether a drill is still under way."""
        async with self._store.read() as tx:
            running = await settings.get(tx, _RUNNING)
            if not running:
                return False
            case_id, channel_id = CaseId(running["case"]), ChannelId(running["channel"])
            reached = await drills.reached(tx, case_id, channel_id)
        now = self._now()
        started = datetime.fromtimestamp(running["at"], UTC)
        if not reached.is_shown and reached.trouble is None and now - started < PATIENCE:
            return True
        report = _report(reached, started, now)
        async with self._store.write() as tx:
            shown = await drills.clean(tx, case_id, channel_id, now)
            effects: list[Effect] = [Delete(*message) for message in shown]
            effects.append(Send(ChatId(running["chat"]), self._render(report)))
            await outbox.add(tx, effects, key=f"drill:{running['at']}", now=now)
            await settings.put(tx, _RUNNING, None)
            await audit.append(
                tx,
                action="drill_ended",
                subject="drill",
                actor=None,
                details={"is_well": report.is_well},
                now=now,
            )
        self._committed()
        return False


def _report(reached: Reached, started: datetime, now: datetime) -> Report:
    def after(at: datetime | None) -> float | None:
        return None if at is None else (at - started).total_seconds()

    return Report(
        received_s=after(reached.received_at),
        fingerprinted_s=after(reached.fingerprinted_at),
        found_s=after(reached.found_at),
        shown_s=after(now) if reached.is_shown else None,
        trouble=reached.trouble,
    )
