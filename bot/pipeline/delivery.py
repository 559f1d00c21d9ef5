"""From the outbox to Telegram. An effect may be sent twice after a crash, never zero times.

Alerts are rendered when they are sent, from what the store says then: several waiting changes of one alert cost
one message, and a message that staff already have is edited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from bot import channels
from bot.channels import staff_chat
from bot.errors import ChatHasMoved, MessageGone, Permanent, TokenRefused, Transient
from bot.model import (
    AlertId,
    Answer,
    ChatId,
    ChatMoved,
    Delete,
    Edit,
    Effect,
    FindingId,
    HistoryId,
    Keyboard,
    Leave,
    LookbackId,
    MessageId,
    ReadPhotoFile,
    Send,
    SendChannels,
    SendFile,
    SendPage,
    SendPicture,
    SendStats,
    ShowAlert,
    ShowFigures,
    ShowHistory,
    ShowLookback,
)
from bot.pipeline.worker import A_DAY_OF_ATTEMPTS, LEASE_S, Stage
from bot.store import (
    Store,
    Tx,
    findings,
    histories,
    lookbacks,
    mentions,
    outbox,
    queue,
    stats,
    tables,
)
from bot.store.alerts import Alert
from bot.store.channels import Channel, ChannelCounts
from bot.store.histories import History
from bot.store.lookbacks import Lookback
from bot.store.outbox import OutboxRow
from bot.store.stats import Stats

log = structlog.get_logger()

STATS_DAYS = 28

Listed = Sequence[tuple[Channel, ChannelCounts]]

_Direct = Send | SendFile | SendPage | SendPicture | Edit | Delete | Answer | Leave


class Messenger(Protocol):
    """Carries out one effect. Raises `Transient`, or `Permanent` where it can never work.

    An effect whose aim is already reached (the message is gone, the text is the same) counts as carried out.
    """

    async def carry_out(self, effect: Effect | SendPicture) -> MessageId | None: ...


class Figures(Protocol):
    """See `bot.pipeline.figures`."""

    async def show(self, row: OutboxRow, alert_id: AlertId) -> None: ...


class PhotoFiles(Protocol):
    """See `bot.victims.photo_files`."""

    async def read(self, row: OutboxRow, asked: ReadPhotoFile) -> None: ...


class Delivery:
    def __init__(
        self,
        store: Store,
        messenger: Messenger,
        render_alert: Callable[[Alert], tuple[str, Keyboard]],
        render_lookback: Callable[[Lookback], str],
        render_history: Callable[[History], str],
        draw_stats: Callable[[Stats], tuple[bytes, str]],
        render_channels: Callable[[Listed], list[str]],
        figures: Figures,
        photo_files: PhotoFiles,
        *,
        configured_staff_chat: ChatId,
        zone: ZoneInfo,
        now: Callable[[], datetime],
        staff_chat_lost: Callable[[Tx, str], Awaitable[None]],
        message_stays: Callable[[Tx, Delete, str], Awaitable[None]],
    ) -> None:
        """`staff_chat_lost` is told why whenever an alert cannot reach the staff chat, `message_stays` why a message
        of a group can neither be deleted nor edited.
        """
        self._store = store
        self._messenger = messenger
        self._render_alert = render_alert
        self._render_lookback = render_lookback
        self._render_history = render_history
        self._draw_stats = draw_stats
        self._render_channels = render_channels
        self._figures = figures
        self._photo_files = photo_files
        self._configured_staff_chat = configured_staff_chat
        self._zone = zone
        self._now = now
        self._staff_chat_lost = staff_chat_lost
        self._message_stays = message_stays

    def stages(self) -> tuple[Stage[OutboxRow], Stage[OutboxRow]]:
        """What is shown to staff, and everything else.

        Telegram takes 20 messages a minute for a group: a flood of alerts waits for that, and holds up nobody else.
        """
        alerts = self._stage("alerts", concurrency=4, shown=True)
        return alerts, self._stage("delivery", concurrency=8, shown=False)

    def _stage(self, name: str, *, concurrency: int, shown: bool) -> Stage[OutboxRow]:
        async def claim(tx: Tx, limit: int) -> Sequence[OutboxRow]:
            return await outbox.claim(tx, now=self._now(), lease_s=LEASE_S, limit=limit, shown=shown)

        return Stage(
            name,
            tables.outbox,
            claim,
            self.handle,
            self._buried,
            concurrency=concurrency,
            max_attempts=A_DAY_OF_ATTEMPTS,
            patience=A_DAY_OF_ATTEMPTS,
            never_gives_up=lambda row: isinstance(row.effect, ShowAlert),
        )

    async def handle(self, row: OutboxRow) -> None:
        """Raises `Transient` where it must be tried again; for an alert that is always."""
        try:
            await self._handle(row)
        except TokenRefused as error:
            # That is no word on the message: with the right token it can be sent.
            raise Transient(str(error)) from None

    async def _handle(self, row: OutboxRow) -> None:
        match row.effect:
            case ShowAlert(alert_id):
                try:
                    await self._show(row, alert_id)
                except TokenRefused:
                    raise
                except Permanent as error:
                    async with self._store.write() as tx:
                        await self._staff_chat_lost(tx, str(error))
                    raise Transient(f"the staff chat does not take the alert: {error}") from None
            case ShowLookback(lookback_id):
                await self._show_lookback(row, lookback_id)
            case ShowHistory(history_id):
                await self._show_history(row, history_id)
            case SendStats(chat_id):
                await self._send_stats(row, chat_id)
            case SendChannels(chat_id):
                await self._send_channels(row, chat_id)
            case ShowFigures(alert_id):
                await self._figures.show(row, alert_id)
            case ReadPhotoFile() as asked:
                await self._photo_files.read(row, asked)
            case Send() | SendFile() | Edit() as telling if not await self._are_there(telling.about):
                await self._end(row)
            case effect:
                await self._carry_out(row, effect)

    async def _are_there(self, finding_ids: Sequence[FindingId]) -> bool:
        if not finding_ids:
            return True
        async with self._store.read() as tx:
            return await mentions.are_there(tx, finding_ids)

    async def _send_stats(self, row: OutboxRow, chat_id: ChatId) -> None:
        # The days are those of the staff: in Seoul the first nine hours of one are yesterday's elsewhere.
        today = self._now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        since = today - timedelta(days=STATS_DAYS - 1)
        async with self._store.read() as tx:
            collected = await stats.collect(tx, since, STATS_DAYS)
        content, caption = await asyncio.to_thread(self._draw_stats, collected)
        await self._carry_out(row, SendPicture(chat_id, content, caption))

    async def _send_channels(self, row: OutboxRow, chat_id: ChatId) -> None:
        async with self._store.read() as tx:
            listed = await channels.listed(tx)
        pages = [Send(chat_id, page) for page in self._render_channels(listed)]
        async with self._store.write() as tx:
            await outbox.add(tx, pages, key=f"channels:{row.id}", now=self._now())
            await queue.done(tx, tables.outbox, row.id, now=self._now())

    async def _show_lookback(self, row: OutboxRow, lookback_id: LookbackId) -> None:
        async with self._store.read() as tx:
            lookback = await lookbacks.get(tx, lookback_id)
            shown = await lookbacks.destination(tx, lookback_id)
            chat_id = await staff_chat(tx, self._configured_staff_chat)
        if lookback is None:
            await self._end(row)
            return
        text = self._render_lookback(lookback)
        if shown is not None and shown[0] == chat_id:
            await self._carry_out(row, Edit(*shown, text))
            return
        message_id = await self._carry_out(row, Send(chat_id, text, silent=True))
        if message_id is not None:
            async with self._store.write() as tx:
                chat_id = await staff_chat(tx, self._configured_staff_chat)
                await lookbacks.shown(tx, lookback_id, chat_id=chat_id, message_id=message_id)

    async def _carry_out(self, row: OutboxRow, effect: _Direct) -> MessageId | None:
        """The message that was sent; None where nobody can be reached."""
        message_id = None
        try:
            effect, message_id = await self._reach(effect)
        except TokenRefused:
            raise
        except Permanent as error:
            # The person blocked the bot, or the button is too old: nobody is left to tell.
            log.info("not delivered", effect=type(effect).__name__, trouble=str(error))
            if isinstance(effect, Delete) and effect.chat_id < 0:
                # In a group there are people who can delete it.
                async with self._store.write() as tx:
                    await self._message_stays(tx, effect, str(error))
        async with self._store.write() as tx:
            if message_id is not None and isinstance(effect, Send | SendFile | Edit) and effect.about:
                await self._remember(tx, row, effect, message_id)
            await queue.done(tx, tables.outbox, row.id, now=self._now())
        return message_id

    async def _remember(
        self, tx: Tx, row: OutboxRow, effect: Send | SendFile | Edit, message_id: MessageId
    ) -> None:
        """What the message tells of, so that it can go with it; it goes at once where that was erased meanwhile."""
        if not await mentions.add(tx, effect.about, chat_id=effect.chat_id, message_id=message_id):
            gone = Delete(effect.chat_id, message_id)
            await outbox.add(tx, [gone], key=f"erased:{row.id}", now=self._now())

    async def _reach(self, effect: _Direct) -> tuple[_Direct, MessageId | None]:
        """Carry it out, in the new chat where a group became a supergroup; the effect as it was carried out."""
        try:
            return effect, await self._messenger.carry_out(effect)
        except ChatHasMoved as moved:
            if isinstance(effect, Answer):
                raise
            new_chat_id = ChatId(moved.new_chat_id)
            await self._moved(effect.chat_id, new_chat_id)
            if isinstance(effect, Edit | Delete):
                # There its number is that of another message, or of none.
                raise
            effect = replace(effect, chat_id=new_chat_id)
            return effect, await self._messenger.carry_out(effect)

    async def _show(self, row: OutboxRow, alert_id: AlertId) -> None:
        async with self._store.read() as tx:
            alert = await findings.alert(tx, alert_id)
            shown = await findings.alert_destination(tx, alert_id)
            chat_id = await staff_chat(tx, self._configured_staff_chat)
        if alert is not None and alert.revision == alert.sent_revision:
            await self._end(row)
            return
        if shown is not None and (alert is None or shown[0] != chat_id):
            async with self._store.write() as tx:
                await findings.take_back(tx, alert_id, self._now())
            shown = None
        if alert is None:
            await self._end(row)
            return
        text, keyboard = self._render_alert(alert)
        new = Send(chat_id, text, keyboard, silent=alert.is_low_priority)
        message_id = await self._put(new, shown)
        async with self._store.write() as tx:
            if message_id is not None and not await findings.alert_sent(
                tx,
                alert_id,
                revision=alert.revision,
                chat_id=chat_id,
                message_id=message_id,
                instead_of=None if shown is None else shown[1],
            ):
                # While the message was on its way the case was erased, or the alert got better.
                await outbox.add(tx, [Delete(chat_id, message_id)], key=f"erased:{row.id}", now=self._now())
            await queue.done(tx, tables.outbox, row.id, now=self._now())

    async def _show_history(self, row: OutboxRow, history_id: HistoryId) -> None:
        async with self._store.read() as tx:
            history = await histories.get(tx, history_id)
            chat_id = await staff_chat(tx, self._configured_staff_chat)
        if history is None:
            await self._end(row)
            return
        is_here = history.shown is not None and history.shown[0] == chat_id
        new = Send(chat_id, self._render_history(history), silent=True)
        message_id = await self._put(new, history.shown if is_here else None)
        async with self._store.write() as tx:
            if message_id is not None:
                await histories.shown(tx, history_id, chat_id, message_id)
            await queue.done(tx, tables.outbox, row.id, now=self._now())

    async def _put(self, new: Send, shown: tuple[ChatId, MessageId] | None) -> MessageId | None:
        """Edit the message that shows it already, or send a new one. Raises `Transient` where the chat has a new id."""
        try:
            return await self._messenger.carry_out(
                new if shown is None else Edit(*shown, new.text, new.keyboard)
            )
        except MessageGone:
            return await self._messenger.carry_out(new)
        except ChatHasMoved as moved:
            await self._moved(new.chat_id, ChatId(moved.new_chat_id))
            raise Transient("the staff chat has a new id", retry_after_s=0) from None

    async def _moved(self, old_chat_id: ChatId, new_chat_id: ChatId) -> None:
        async with self._store.write() as tx:
            move = ChatMoved(old_chat_id, new_chat_id)
            await channels.moved(tx, move, configured_staff_chat=self._configured_staff_chat)

    async def _end(self, row: OutboxRow) -> None:
        async with self._store.write() as tx:
            await queue.done(tx, tables.outbox, row.id, now=self._now())

    async def _buried(self, tx: Tx, row: OutboxRow, trouble: str) -> None:
        if isinstance(row.effect, ShowAlert):
            await self._staff_chat_lost(tx, trouble)
        else:
            await outbox.empty(tx, row.id)
