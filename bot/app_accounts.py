"""The part of the composition root that is about accounts: what they do, and how they connect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.accounts.filing import ADDRESSEE, Filings
from bot.accounts.following import Following
from bot.accounts.history import Histories
from bot.accounts.joining import Joining
from bot.accounts.running import Accounts, Connect, Pace
from bot.chat.notices import Notices
from bot.config import AccountsConfig, Config
from bot.model import ChatId
from bot.pipeline.inbox import Inbox
from bot.sources.mtproto import application
from bot.staff import addressees
from bot.store import Store
from matcher import Pieces, Sandbox


def build(
    config: Config,
    connect: Connect | None,
    store: Store,
    inbox: Inbox,
    sandbox: Sandbox,
    *,
    now: Callable[[], datetime],
    committed: Callable[[], None],
    notices: Notices,
) -> Accounts | None:
    """None where they are switched off. Raises `ConfigError` where they cannot be used."""
    known, zone = config.accounts, ZoneInfo(config.staff.time_zone)
    if not known.are_on:
        return None
    addressee = addressees.named(ADDRESSEE, config.reports.addressees_file or None)
    join_every = timedelta(minutes=known.join_minutes)
    return Accounts(
        store,
        connect or telegram(known, sandbox),
        Following(store, inbox, now=now, committed=committed),
        Pace(timedelta(minutes=known.poll_minutes), timedelta(seconds=known.pause_s)),
        max_bytes=config.matching.max_bytes,
        now=now,
        tell=notices.of_account,
        failed=notices.of_failure,
        chores=(
            Joining(store, every=join_every, zone=zone, now=now, tell=notices.of_join),
            Filings(store, addressee, now=now, tell=notices.of_filing),
            Histories(store, inbox, now=now, committed=committed),
        ),
    )


def telegram(config: AccountsConfig, sandbox: Sandbox) -> Connect:
    """How accounts connect to Telegram. Their library is loaded only where there are accounts."""
    known = application(config)

    async def needed(untrusted_file: Pieces) -> list[int]:
        return await asyncio.wrap_future(sandbox.needed(untrusted_file))

    from bot.sources.mtproto.client import Client

    def connect(session: str, hint: Callable[[ChatId], None]) -> Client:
        return Client(session, known, hint, needed)

    return connect
