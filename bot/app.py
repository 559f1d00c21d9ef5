"""The composition root: the one module that knows everybody, puts the parts together and runs the loops."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from bot import app_accounts
from bot.accounts.running import Accounts, Connect, WithAccounts
from bot.chat import drill_view
from bot.chat import history as history_view
from bot.chat.alert_view import figure_caption, render_alert
from bot.chat.channel_view import render_list
from bot.chat.client import TelegramMessenger, introduce
from bot.chat.commands import menus
from bot.chat.lookback_view import render_lookback
from bot.chat.notices import Notices
from bot.chat.router import Router
from bot.chat.victim import VictimChat
from bot.config import Config, MatchingConfig, RecheckConfig
from bot.errors import SecondPoller, StoreError, Transient
from bot.housekeeping import Housekeeping, Retention
from bot.model import ChatId, Effect, Language, UserId
from bot.pipeline.delivery import Delivery
from bot.pipeline.drill import Drills, WithDrill
from bot.pipeline.figures import Figures
from bot.pipeline.inbox import Inbox, Reader
from bot.pipeline.recording import Rules
from bot.pipeline.scan import Scan
from bot.pipeline.worker import Worker
from bot.registered.lookback import LookbackStage
from bot.registered.registry import Known, Registry
from bot.sources import updates
from bot.sources.botapi import BotApi, Poller
from bot.sources.download import Downloader
from bot.sources.embed import PublicPage
from bot.staff import charts
from bot.staff.recheck import Pace, Rechecks
from bot.store import Store, Tx, alone, open_store, queue, tables
from bot.store.cipher import read_key_file
from bot.store.inbox import InboxRow
from bot.store.lookbacks import Lookback
from bot.store.outbox import OutboxRow
from bot.store.stats import Stats
from bot.store.work import WorkRow
from bot.texts import text
from bot.victims import photos
from bot.victims.cases import Cases
from bot.victims.photo_files import PhotoFiles
from bot.web.server import page_server
from matcher import Limits, Sandbox

log = structlog.get_logger()

STORE_PAUSE_S = 5


Opened = Callable[[str, bytes], Awaitable[Store]]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Loop(Protocol):
    def run(self) -> Coroutine[None, None, None]: ...


@dataclass(frozen=True)
class App:
    """The running parts."""

    poller: Poller
    housekeeping: Housekeeping
    registry: Registry
    inbox: Worker[InboxRow]
    scan: Worker[WorkRow]
    alerts: Worker[OutboxRow]
    delivery: Worker[OutboxRow]
    lookback: Worker[Lookback]
    rechecks: Rechecks | None
    drills: Drills
    accounts: Accounts | None = None

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set. Raises `Permanent` where going on is useless (the token is refused)."""
        await self.registry.prepare()
        log.info("watching", registered_hashes=len(self.registry), registered_photos=self.registry.photos)
        loops: list[Loop] = [
            self.poller,
            self.housekeeping,
            self.inbox,
            self.scan,
            self.alerts,
            self.delivery,
            self.lookback,
            self.drills,
        ]
        loops += [loop for loop in (self.rechecks, self.accounts) if loop is not None]
        tasks: list[asyncio.Task[object]] = [asyncio.create_task(_keep_running(loop)) for loop in loops]
        tasks.append(asyncio.create_task(stop.wait()))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_running(loop: Loop) -> None:
    """A database that is away for a while is waited for; whatever was in hand is claimed again."""
    while True:
        try:
            await loop.run()
        except StoreError as error:
            log.error("database trouble, trying again", loop=type(loop).__name__, trouble=str(error))
            await asyncio.sleep(STORE_PAUSE_S)


@asynccontextmanager
async def build(
    config: Config, store: Store, *, now: Callable[[], datetime] = utc_now, connect: Connect | None = None
) -> AsyncIterator[App]:
    """All parts for `config` around an open store. Nothing runs yet. `connect` opens accounts, by default Telegram's."""
    telegram, staff, victims = config.telegram, config.staff, config.victims
    staff_chat = ChatId(telegram.staff_chat)
    admins = frozenset(UserId(user_id) for user_id in telegram.admins)
    language, zone = staff.language, ZoneInfo(staff.time_zone)
    workers: list[Worker[InboxRow] | Worker[WorkRow] | Worker[OutboxRow] | Worker[Lookback] | Drills] = []

    def committed() -> None:
        for worker in workers:
            worker.wake()

    notices = Notices(
        configured_staff_chat=staff_chat,
        admins=[ChatId(user_id) for user_id in sorted(admins)],
        language=language,
        zone=zone,
        now=now,
    )

    async def poll_trouble(trouble: Transient) -> None:
        if isinstance(trouble, SecondPoller):
            async with store.write() as tx:
                await notices.to_staff(tx, "second-poller")
            committed()

    async def poison(tx: Tx, row: InboxRow, trouble: str) -> None:
        await notices.to_staff(tx, "poison")

    async def staff_chat_lost(tx: Tx, trouble: str) -> None:
        await notices.to_admins(tx, "staff-chat-lost", trouble=trouble)

    async def media_lost(tx: Tx, trouble: str) -> None:
        await notices.to_staff(tx, "media-buried", trouble=trouble)

    async def lookback_lost(tx: Tx, trouble: str) -> None:
        await notices.to_staff(tx, "lookback-buried", trouble=trouble)

    def draw_stats(stats: Stats) -> tuple[bytes, str]:
        return charts.draw(stats, language), charts.caption(stats, language)

    rules = _rules(config)
    cases = Cases(
        victims,
        radius_bits=config.matching.match_radius_bits,
        now=now,
        quarantine=config.defence.quarantine,
    )
    taken = photos.Photos(config.matching.photos, cases, now=now) if config.matching.photos.enabled else None
    page_url = config.web.public_url or None
    victim_chat = VictimChat(victims, cases, taken, zone=zone, now=now, page_url=page_url)

    async def sweep(tx: Tx, swept_at: datetime) -> list[Effect]:
        keep = timedelta(days=config.matching.photos.keep_days)
        told = await photos.expire(tx, keep=keep, now=swept_at)
        news = [victim_chat.photos_expired(chat_id, language) for chat_id, language in told]
        return [*await router.sweep(tx, swept_at), *news]

    async with (
        BotApi(telegram.token.get_secret_value(), telegram.api_url) as api,
        Downloader(
            api, max_bytes=telegram.max_download_bytes, local_files=telegram.local_files
        ) as downloader,
        Downloader(
            api,
            max_bytes=photos.MAX_FILE_BYTES,
            local_files=telegram.local_files,
            deletes_local=True,
        ) as photo_downloader,
        PublicPage(config.recheck.url) as page,
    ):
        with Sandbox(config.matching.workers, _limits(config.matching)) as sandbox:
            new_known = partial(
                Known,
                margin_bits=config.matching.possible_radius_bits - config.matching.match_radius_bits,
                min_quality=config.matching.min_quality,
                searches_photos=config.matching.photos.enabled,
            )
            registry = Registry(store, new_known(), now=now)
            router = Router(
                config,
                victim_chat,
                now=now,
                username=await introduce(api, menus(language, staff_chat, admins)),
                tell_victim=victim_chat.tell_found,
            )
            reader = Reader(updates.key_of, updates.kind_of, updates.parse)
            inbox = Inbox(store, reader, router, now=now, committed=committed)
            accounts = app_accounts.build(
                config,
                connect,
                store,
                inbox,
                sandbox,
                now=now,
                committed=committed,
                notices=notices,
            )
            scan = Scan(
                store,
                WithDrill(WithAccounts(downloader, accounts)),
                sandbox,
                registry,
                rules=rules,
                keeps_seen=config.retention.seen_days > 0,
                now=now,
                committed=committed,
                lost=media_lost,
            )
            lookback = LookbackStage(
                store,
                new_known,
                searches_photos=config.matching.photos.enabled,
                rules=rules,
                now=now,
                committed=committed,
                lost=lookback_lost,
            )
            deleted = "\n".join(text(each, "common-deleted") for each in Language)
            messenger = TelegramMessenger(api, deleted=deleted)
            delivery = Delivery(
                store,
                messenger,
                partial(render_alert, language=language, zone=zone),
                partial(render_lookback, language=language),
                partial(history_view.render, language=language, zone=zone),
                draw_stats,
                partial(render_list, language=language, zone=zone),
                Figures(store, messenger, partial(figure_caption, language=language), now=now),
                PhotoFiles(store, photo_downloader, victim_chat, now=now, committed=committed),
                configured_staff_chat=staff_chat,
                zone=zone,
                now=now,
                staff_chat_lost=staff_chat_lost,
                message_stays=notices.of_message_left,
            )
            alerts, messages = delivery.stages()
            app = App(
                poller=Poller(
                    api, inbox, timeout_s=telegram.poll_timeout_s, now=now, on_trouble=poll_trouble
                ),
                housekeeping=Housekeeping(
                    store,
                    sweep,
                    _retention(config),
                    now=now,
                    committed=committed,
                ),
                registry=registry,
                inbox=Worker(inbox.stage(poison), store, now),
                scan=Worker(scan.stage(config.matching.workers * 2), store, now),
                alerts=Worker(alerts, store, now),
                delivery=Worker(messages, store, now),
                lookback=Worker(lookback.stage(), store, now),
                rechecks=Rechecks(
                    store,
                    page,
                    _pace(config.recheck),
                    now=now,
                    committed=committed,
                    came_back=notices.of_return,
                    accounts=accounts,
                )
                if config.recheck.enabled
                else None,
                accounts=accounts,
                drills=Drills(
                    store, partial(drill_view.render, language=language), now=now, committed=committed
                ),
            )
            workers += [app.inbox, app.scan, app.alerts, app.delivery, app.lookback, app.drills]
            yield app


def _limits(config: MatchingConfig) -> Limits:
    return Limits(
        max_bytes=config.max_bytes,
        max_pixels=config.max_pixels,
        wall_s=config.wall_s,
        cpu_s=config.cpu_s,
        memory_bytes=config.memory_mib << 20,
    )


def _rules(config: Config) -> Rules:
    return Rules(
        timedelta(minutes=config.staff.fold_minutes),
        config.defence.fan_out_channels,
        timedelta(minutes=config.defence.fan_out_minutes),
    )


def _retention(config: Config) -> Retention:
    return Retention(
        queue_rows=timedelta(days=config.store.inbox_days),
        poison=timedelta(days=config.store.poison_days),
        conversations=timedelta(hours=config.victims.conversation_hours),
        seen=timedelta(days=config.retention.seen_days),
    )


def _pace(config: RecheckConfig) -> Pace:
    return Pace(timedelta(hours=config.every_hours), config.per_minute, timedelta(days=config.removed_days))


async def run(
    config: Config,
    *,
    stop: asyncio.Event | None = None,
    opened: Opened = open_store,
    connect: Connect | None = None,
) -> None:
    """`jikimi run`: serve until `stop` is set, by default by SIGTERM or SIGINT.

    `opened` opens the store, and `connect` the accounts.
    """
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # All that is loaded by now stays: the collector need not look at it again, and the loop is not held for it.
    gc.collect()
    gc.freeze()
    store = await opened(config.store.url, read_key_file(config.store.key_file))
    try:
        with alone(config.store.url):
            async with store.write() as tx:
                for table in (tables.inbox, tables.work, tables.outbox, tables.lookbacks):
                    await queue.release(tx, table)
            address = config.web.address
            page = nullcontext() if address is None else page_server(*address)
            async with page, build(config, store, connect=connect) as app:
                await app.serve(stop)
    finally:
        await store.close()
