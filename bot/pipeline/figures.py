"""Below an alert of staff: where in the post a part of a registered ordinary photo is, drawn in lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.errors import ChatHasMoved, Permanent, TokenRefused
from bot.model import CONFIRMED, UNDECIDED, AlertId, ChatId, MessageId, SendPicture
from bot.shown import DERIVED, PhotoShown
from bot.store import Store, figures, findings, queue, tables
from bot.store.alerts import AlertFinding
from bot.store.outbox import OutboxRow
from matcher import PhotoMatch, Relation, draw_figure

log = structlog.get_logger()

MOST_FIGURES = 5
"""Of one alert: a flood of posts is one alert, and must not become a flood of pictures."""


class Messenger(Protocol):
    """See `bot.pipeline.delivery`."""

    async def carry_out(self, effect: SendPicture) -> MessageId | None: ...


class Figures:
    def __init__(
        self,
        store: Store,
        messenger: Messenger,
        caption: Callable[[AlertFinding], str],
        *,
        now: Callable[[], datetime],
    ) -> None:
        """`caption` names the finding: after a crash between sending and committing a figure is sent again."""
        self._store = store
        self._messenger = messenger
        self._caption = caption
        self._now = now

    async def show(self, row: OutboxRow, alert_id: AlertId) -> None:
        """Send what is missing and end the row. Raises `Transient` or `TokenRefused` where it must be tried again."""
        async with self._store.read() as tx:
            alert = await findings.alert(tx, alert_id)
            shown = await findings.alert_destination(tx, alert_id)
            wanted = [finding for finding in alert.findings if _has_figure(finding)] if alert else []
            missing = [one for one in wanted[:MOST_FIGURES] if not await figures.is_shown(tx, one)]
        if shown is not None:
            for finding in missing:
                await self._send(finding, *shown)
        async with self._store.write() as tx:
            await queue.done(tx, tables.outbox, row.id, now=self._now())

    async def _send(self, finding: AlertFinding, chat_id: ChatId, reply_to: MessageId) -> None:
        assert finding.photo is not None
        png = await asyncio.to_thread(draw, finding.photo)
        figure = SendPicture(chat_id, png, self._caption(finding), reply_to)
        try:
            message_id = await self._messenger.carry_out(figure)
        except ChatHasMoved as moved:
            # There the alert's number is that of another message, or of none.
            figure = replace(figure, chat_id=ChatId(moved.new_chat_id), reply_to=None)
            message_id = await self._messenger.carry_out(figure)
        except TokenRefused:
            raise
        except Permanent as error:
            # The group takes no pictures, say; the alert itself is there, and tells the same in words.
            log.warning("no figure", finding=finding.finding_id, trouble=str(error))
            return
        assert message_id is not None
        async with self._store.write() as tx:
            await figures.sent(
                tx,
                finding.finding_id,
                finding.photo,
                chat_id=figure.chat_id,
                message_id=message_id,
                now=self._now(),
            )


def draw(photo: PhotoShown) -> bytes:
    """A PNG."""
    return draw_figure(
        PhotoMatch(
            0,
            Relation(photo.relation),
            0,
            photo.share,
            photo.of_post,
            photo.scale,
            photo.turn_degrees,
            photo.mirrored,
            photo.photo_outline,
            photo.post_outline,
            photo.photo_size,
            photo.post_size,
        )
    )


def _has_figure(finding: AlertFinding) -> bool:
    is_open = finding.state in UNDECIDED | CONFIRMED
    return is_open and finding.band == DERIVED and finding.photo is not None
