"""`jikimi check`: what is wrong with an installation, and how to mend it. Sends nothing and confirms no update."""

from __future__ import annotations

import os
import stat
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot import config
from bot.channels import staff_chat
from bot.cli.opening import opened
from bot.cli.setup import Api
from bot.config import BadConfig, Config
from bot.errors import ChatHasMoved, ConfigError, Permanent, StoreError, TokenRefused, Transient
from bot.model import AccountState, ChannelState, ChatId, ChatKind
from bot.sources.mtproto import application
from bot.store import Store, accounts, channels, photos
from bot.store.accounts import Account
from bot.store.channels import Channel
from bot.store.cipher import read_key_file

Connect = Callable[[Config], AbstractAsyncContextManager[Api]]


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Works, but somebody should know."""
    FAILED = "failed"


@dataclass(frozen=True)
class Result:
    """One line: what was looked at, how it is, and what to do about it."""

    subject: str
    state: State
    found: str
    mend: str = ""


@dataclass(frozen=True)
class Known:
    """What the database knows: the staff chat's id, which may have changed, and the channels that the bot watches alone."""

    staff_chat: ChatId
    watched: Sequence[Channel] = ()
    photos: int = 0
    """Registered ordinary photos."""
    accounts: Sequence[Account] = ()


def ok(subject: str, found: str) -> Result:
    return Result(subject, State.OK, found)


def warning(subject: str, found: str, mend: str) -> Result:
    return Result(subject, State.WARNING, found, mend)


def failed(subject: str, found: str, mend: str = "") -> Result:
    return Result(subject, State.FAILED, found, mend)


async def examine(path: Path, environ: Mapping[str, str], connect: Connect) -> list[Result]:
    """Look at everything that can be looked at; what depends on a part that failed is left out."""
    try:
        loaded = config.load(path, environ)
    except BadConfig as error:
        mend = "config.example.toml explains every key"
        return [failed("configuration", problem, mend) for problem in error.problems]
    known = Known(ChatId(loaded.telegram.staff_chat))
    results = [_configuration(path, loaded), _key_file(loaded)]
    if results[-1].state is not State.FAILED:
        result, known = await _database(loaded, known)
        results += [result, *_photos(loaded, known), *(_account(account) for account in known.accounts)]
    results += _accounts(loaded)
    async with connect(loaded) as api:
        return results + await _telegram(api, loaded, known)


def _configuration(path: Path, loaded: Config) -> Result:
    if _others_may_read(path):
        return warning(
            "configuration", f"{path} is valid, but other users can read it", f"run `chmod 600 {path}`"
        )
    return ok("configuration", f"{path} is valid")


def _others_may_read(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _key_file(loaded: Config) -> Result:
    key_file, database = loaded.store.key_file, loaded.store.sqlite_file
    try:
        read_key_file(key_file)
    except ConfigError as error:
        return failed("key file", str(error))
    if database is not None and database.parent == key_file.parent:
        return warning(
            "key file",
            f"{key_file} lies beside the database, so a copy of the folder opens everything",
            "move it elsewhere, set store.key_file, and back it up apart from the database",
        )
    return ok("key file", str(key_file))


async def _database(loaded: Config, known: Known) -> tuple[Result, Known]:
    file = loaded.store.sqlite_file
    if file is not None and not file.exists():
        if not file.parent.is_dir():
            return failed(
                "database", f"there is no folder {file.parent}", "make it, or change store.url"
            ), known
        if not os.access(file.parent, os.W_OK):
            return failed("database", f"this user may not write to the folder {file.parent}"), known
        return ok("database", f"{file} is not there yet; `jikimi run` makes it"), known
    try:
        async with opened(loaded) as store:
            known = await _stored(store, known)
    except (ConfigError, StoreError) as error:
        return failed("database", str(error)), known
    return ok("database", f"opens with the key; authorised channels: {len(known.watched)}"), known


def _photos(loaded: Config, known: Known) -> list[Result]:
    """That OpenCV is there the configuration has been held to."""
    settings = loaded.matching.photos
    if settings.enabled:
        found = f"can be registered; there are {known.photos}, kept for {settings.keep_days} days"
        return [ok("photos", found)]
    if known.photos:
        found = f"{known.photos} ordinary photos are registered, but not searched for"
        return [warning("photos", found, "set matching.photos.enabled = true, or let them be withdrawn")]
    return []


def _accounts(loaded: Config) -> list[Result]:
    """Whether accounts can be used, where they are to be."""
    try:
        if loaded.accounts.are_on:
            application(loaded.accounts)
    except ConfigError as error:
        return [failed("accounts", str(error))]
    return []


def _account(account: Account) -> Result:
    subject = f"account {account.id}"
    state = f"{account.name}: {account.state.replace('_', ' ')}"
    match account.state:
        case AccountState.READY:
            return ok(subject, f"{state}, in {account.channels} channels")
        case AccountState.WAITING:
            return warning(
                subject, state, "it goes on by itself; if it comes often, make accounts.pause_s longer"
            )
        case _:
            return failed(subject, state, "docs/accounts.md says what to do; then `jikimi account add`")


async def _stored(store: Store, known: Known) -> Known:
    async with store.read() as tx:
        watched = [
            channel
            for channel in await channels.listed(tx)
            if channel.state is ChannelState.AUTHORISED and not await accounts.is_followed(tx, channel.id)
        ]
        kept = await photos.kept(tx)
        return Known(await staff_chat(tx, known.staff_chat), watched, kept.photos, await accounts.listed(tx))


async def _telegram(api: Api, loaded: Config, known: Known) -> list[Result]:
    try:
        me = await api.call("getMe")
    except TokenRefused as error:
        return [failed("token", str(error), "put the right token into telegram.token")]
    except (Permanent, Transient) as error:
        trouble = f"{loaded.telegram.api_url}: {error}"
        return [failed("Telegram", trouble, "check the network and telegram.api_url")]
    return [
        ok("token", f"the bot is @{me['username']}"),
        await _tried("updates", _updates(api)),
        await _tried("staff chat", _staff_chat(api, me, known.staff_chat)),
        *[await _tried("admin", _admin(api, user_id)) for user_id in loaded.telegram.admins],
        *[await _tried("channel", _channel(api, me, channel)) for channel in known.watched],
    ]


async def _tried(subject: str, examination: Awaitable[Result]) -> Result:
    try:
        return await examination
    except (Permanent, Transient) as error:
        return failed(subject, str(error), "try again; if it stays, check telegram.api_url")


async def _updates(api: Api) -> Result:
    info = await api.call("getWebhookInfo")
    if info.get("url"):
        return failed(
            "updates",
            "a webhook is set, so another program gets this bot's updates and Jikimi would get none",
            "stop that program, then run `jikimi check --delete-webhook`",
        )
    return ok("updates", f"no webhook is set; {info.get('pending_update_count', 0)} updates wait")


async def _staff_chat(api: Api, me: dict[str, Any], chat_id: ChatId) -> Result:
    mend = "add the bot to the group, and set telegram.staff_chat to its id"
    try:
        chat = await api.call("getChat", chat_id=chat_id)
        member = await api.call("getChatMember", chat_id=chat_id, user_id=me["id"])
    except ChatHasMoved as moved:
        return failed(
            "staff chat", "the group has a new id", f"set telegram.staff_chat = {moved.new_chat_id}"
        )
    except Permanent as error:
        return failed("staff chat", f"cannot be reached: {error}", mend)
    if chat["type"] not in {"group", "supergroup"}:
        return failed("staff chat", f"is a {chat['type']}, not a group", mend)
    if not _is_in(member):
        return failed("staff chat", "the bot is not in the group", mend)
    if member["status"] == "restricted" and not member.get("can_send_messages"):
        return failed("staff chat", "the bot may not write there", "let it send messages")
    if not member.get("can_delete_messages"):
        return warning(
            "staff chat",
            "the bot may not delete messages there, so alerts older than two days are only made empty",
            "make it an administrator of the group with the right to delete messages",
        )
    return ok("staff chat", f"the bot is in {chat.get('title', 'the group')}")


async def _admin(api: Api, user_id: int) -> Result:
    subject = f"admin {user_id}"
    try:
        chat = await api.call("getChat", chat_id=user_id)
    except Permanent:
        return warning(
            subject,
            "the bot cannot write to this person",
            "they should open the bot and press Start; if they did, check the id in telegram.admins",
        )
    return ok(subject, chat.get("first_name", ""))


async def _channel(api: Api, me: dict[str, Any], channel: Channel) -> Result:
    subject = f"channel {channel.title}"
    try:
        member = await api.call("getChatMember", chat_id=channel.chat_id, user_id=me["id"])
    except Permanent as error:
        return failed(subject, f"cannot be reached: {error}", "ask for the bot to be added again")
    reads_all = (
        channel.kind is not ChatKind.CHANNEL and me.get("can_read_all_group_messages") and _is_in(member)
    )
    if member["status"] in {"administrator", "creator"} or reads_all:
        return ok(subject, "the bot sees its posts")
    return failed(
        subject,
        "is authorised, but the bot is no administrator there and sees no posts",
        "ask for the bot to be made an administrator; one right is enough",
    )


def _is_in(member: dict[str, Any]) -> bool:
    return member["status"] in {"creator", "administrator", "member"} or member.get("is_member", False)
