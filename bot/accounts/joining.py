"""Joining the channels that were authorised, and no others, slowly; leaving them when the authorisation ends.

What a program should not do by itself (pay, solve a riddle, answer a bot) is handed to a person.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot import channels
from bot.accounts.following import Chat
from bot.channels import Request
from bot.errors import NotInChannel, Refused
from bot.model import AccountId, ChannelId, ChannelState, ChatId, ChatKind, Person
from bot.store import Store, Tx, accounts, audit, joins, settings
from bot.store import channels as rows
from bot.store.accounts import Position
from bot.store.joins import FolderMember, Join, JoinRequest, JoinState

LOOK_AGAIN = timedelta(hours=1)
"""How often it is looked whether an account was let in."""
LEASE = timedelta(minutes=10)

_NAME = r"[A-Za-z][A-Za-z0-9_]{3,31}"
_PUBLIC = re.compile(rf"(?:@|(?:https?://)?t(?:elegram)?\.me/)({_NAME})/?", re.ASCII)
_INVITE = re.compile(r"(?:https?://)?t(?:elegram)?\.me/(?:\+|joinchat/)([A-Za-z0-9_-]{8,64})/?", re.ASCII)
_FOLDER = re.compile(
    r"(?:https?://)?t(?:elegram)?\.me/addlist/([A-Za-z0-9_-]{4,64})(?:/?|#([0-9]{1,18}))", re.ASCII
)


@dataclass(frozen=True)
class Link:
    """A public name, or the secret part of an invite link, or that of a folder's link. `chat_id` is the one channel that
    is meant: of a folder, or by a name which may have changed hands.
    """

    username: str | None = None
    invite: str | None = None
    folder: str | None = None
    chat_id: ChatId | None = None

    def __str__(self) -> str:
        if self.folder:
            one = f"#{-self.chat_id}" if self.chat_id else ""
            return f"https://t.me/addlist/{self.folder}{one}"
        return f"@{self.username}" if self.username else f"https://t.me/+{self.invite}"

    @classmethod
    def read(cls, untrusted_text: str) -> Link | None:
        if invite := _INVITE.fullmatch(untrusted_text):
            return cls(invite=invite[1])
        if folder := _FOLDER.fullmatch(untrusted_text):
            return cls(folder=folder[1], chat_id=ChatId(-int(folder[2])) if folder[2] else None)
        if name := _PUBLIC.fullmatch(untrusted_text):
            return cls(username=name[1].lower())
        return None


@dataclass(frozen=True)
class Joined:
    chat: Chat
    kind: ChatKind
    title: str
    username: str | None


@dataclass(frozen=True)
class Pending:
    """Somebody in the channel has to let the account in."""


@dataclass(frozen=True)
class Folder:
    """Nothing was joined: what is in a folder, for an admin to choose from."""

    members: tuple[FolderMember, ...]


@dataclass(frozen=True)
class NeedsPerson:
    """`reason` is a code: `payment`, `bot`, `link`, `not_channel`, `changed_hands`, `too_many`, `empty_folder`
    or `refused`.
    """

    reason: str


class Joins(Protocol):
    async def join(self, link: Link, *, asks: bool = True) -> Joined | Pending | Folder | NeedsPerson: ...
    async def state(self, chat: Chat) -> tuple[int, int]: ...
    async def leave(self, chat: Chat) -> None: ...


Tell = Callable[[Tx, Join, JoinState, str, str], Awaitable[None]]
"""Tells staff what came of a request: its state, the channel's number and title, or the reason."""


async def ask(tx: Tx, link: Link, request: Request, *, by: Person, now: datetime) -> None:
    """Authorise joining and watching the channel of a link; an account joins it when its turn comes."""
    join_id = await joins.add(tx, JoinRequest(str(link), request.document, request.last_day, by), now=now)
    details = {"document": request.document, "until": str(request.last_day)}
    subject = f"join:{join_id}"
    await audit.append(tx, action="join_asked", subject=subject, actor=by, details=details, now=now)


async def choose(tx: Tx, join_id: int, place: int, *, by: Person, now: datetime) -> Link:
    """Authorise joining and watching a channel of a folder, on the document of the folder's request.

    Raises `Refused` `old-button`.
    """
    folder = await joins.get(tx, join_id)
    if folder is None or folder.state is not JoinState.LISTED or not 0 <= place < len(folder.request.members):
        raise Refused("old-button")
    link = Link.read(folder.request.members[place].link)
    if link is None:
        raise Refused("old-button")
    await ask(tx, link, Request(folder.request.document, folder.request.last_day), by=by, now=now)
    return link


async def revoke(tx: Tx, link: Link, *, by: Person, now: datetime) -> ChannelId | None:
    """Nobody joins by this link any more; returns the channel that was joined by it, which is still authorised.

    Raises `Refused` `unknown-link`.
    """
    join = await joins.revoke(tx, str(link))
    if join is None:
        raise Refused("unknown-link")
    await audit.append(tx, action="join_revoked", subject=f"join:{join.id}", actor=by, details={}, now=now)
    return join.channel_id


class Joining:
    """A chore of the accounts, see `bot.accounts.running`."""

    def __init__(
        self, store: Store, *, every: timedelta, zone: ZoneInfo, now: Callable[[], datetime], tell: Tell
    ) -> None:
        """An account joins one channel in `every` at most."""
        self._store = store
        self._every = every
        self._zone = zone
        self._now = now
        self._tell = tell

    async def step(self, account_id: AccountId, client: Joins) -> bool:
        """Leave one channel whose authorisation ended, or else join one; False where there is none."""
        async with self._store.read() as tx:
            over = await accounts.to_leave(tx, account_id)
        if over:
            channel = over[0]
            with suppress(NotInChannel):
                await client.leave(Chat(channel.chat_id, channel.access_hash))
            async with self._store.write() as tx:
                await accounts.unfollow(tx, account_id, channel.channel_id)
                await channels.put_on_record(tx, "account_left", channel.channel_id, None, self._now())
            return True
        now = self._now()
        async with self._store.write() as tx:
            if not await self._is_time(tx, account_id, now):
                return False
            join = await joins.take(tx, account_id, now=now, again_at=now + LEASE)
            if join is None:
                return False
            await settings.put(tx, _joined(account_id), int(now.timestamp()))
        if join.state is not JoinState.JOINED and join.request.last_day < now.astimezone(self._zone).date():
            await self._ended(account_id, join, JoinState.PERSON, "ended")
            return True
        link = Link.read(join.request.link)
        assert link is not None
        known = await self._known(join)
        if known is not None:
            link = replace(link, chat_id=known)
        has_asked = join.state is JoinState.PENDING and join.account_id == account_id
        match await client.join(link, asks=not has_asked):
            case Joined(chat) if known is not None and chat.chat_id != known:
                await self._ended(account_id, join, JoinState.PERSON, "changed_hands")
            case Joined() as joined:
                # Read before the authorisation begins: whatever is posted from then on comes after this.
                pts, newest = await client.state(joined.chat)
                await self._joined(account_id, join, joined, Position(pts, newest))
            case Folder(members):
                await self._listed(account_id, join, members)
            case Pending():
                await self._ended(account_id, join, JoinState.PENDING, "")
            case NeedsPerson(reason):
                await self._ended(account_id, join, JoinState.PERSON, reason)
        return True

    async def _known(self, join: Join) -> ChatId | None:
        """The channel that was joined by this before: its document is for no other, until somebody asks anew."""
        if join.channel_id is None or join.state is JoinState.ASKED:
            return None
        async with self._store.read() as tx:
            channel = await rows.get(tx, join.channel_id)
        return None if channel is None else channel.chat_id

    async def _is_time(self, tx: Tx, account_id: AccountId, now: datetime) -> bool:
        last = await settings.get(tx, _joined(account_id))
        return last is None or datetime.fromtimestamp(last, UTC) + self._every <= now

    async def _joined(self, account_id: AccountId, join: Join, joined: Joined, position: Position) -> None:
        now = self._now()
        asked = join.request
        async with self._store.write() as tx:
            is_taken = await joins.is_taken(tx, join, account_id)
            if not is_taken and not await self._is_revoked(tx, join):
                return  # It was asked for anew, and is joined then.
            channel = await rows.put(
                tx,
                chat_id=joined.chat.chat_id,
                kind=joined.kind,
                title=joined.title,
                username=joined.username,
                state=ChannelState.ASKED if is_taken else ChannelState.ENDED,
                can_read=True,
                added_by=asked.by,
                now=now,
            )
            if not is_taken:
                # It was revoked while the account joined, which leaves what it follows without an authorisation.
                await accounts.follow(tx, account_id, channel.id, joined.chat.access_hash)
                await channels.put_on_record(tx, "account_joined", channel.id, None, self._now())
                return
            if join.state is JoinState.ASKED or channel.state is not ChannelState.AUTHORISED:
                request = Request(asked.document, asked.last_day)
                await channels.authorise(tx, channel.id, request, zone=self._zone, by=asked.by, now=now)
            await accounts.follow(tx, account_id, channel.id, joined.chat.access_hash)
            if await accounts.position(tx, channel.id) is None:
                await accounts.set_position(tx, channel.id, position)
            await joins.ended(tx, join.id, JoinState.JOINED, channel_id=channel.id, run_at=now)
            await channels.put_on_record(tx, "account_joined", channel.id, None, self._now())
            await self._tell(tx, join, JoinState.JOINED, str(channel.id), joined.title)

    async def _is_revoked(self, tx: Tx, join: Join) -> bool:
        current = await joins.get(tx, join.id)
        return current is not None and current.state is JoinState.REVOKED

    async def _listed(self, account_id: AccountId, join: Join, members: tuple[FolderMember, ...]) -> None:
        async with self._store.write() as tx:
            if not await joins.is_taken(tx, join, account_id):
                return
            listed = await joins.listed_in(tx, join, members)
            await self._tell(tx, listed, JoinState.LISTED, "", "")

    async def _ended(self, account_id: AccountId, join: Join, state: JoinState, reason: str) -> None:
        now = self._now()
        async with self._store.write() as tx:
            if not await joins.is_taken(tx, join, account_id):
                return
            await joins.ended(tx, join.id, state, reason=reason or None, run_at=now + LOOK_AGAIN)
            if join.state is not state:
                await self._tell(tx, join, state, "", reason)


def _joined(account_id: AccountId) -> str:
    return f"account_joined_at:{account_id}"
