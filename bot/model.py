"""The words of the domain: ids, states and the frozen values that travel between the stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.states import CONFIRMED as CONFIRMED
from bot.states import NOT_ASKED as NOT_ASKED
from bot.states import UNDECIDED as UNDECIDED
from bot.states import AccountState as AccountState
from bot.states import CaseState as CaseState
from bot.states import ChannelState as ChannelState
from bot.states import Decision as Decision
from bot.states import FindingState as FindingState
from bot.states import HashState as HashState
from bot.states import MediaState as MediaState
from bot.states import Step as Step

ChatId = NewType("ChatId", int)
UserId = NewType("UserId", int)
MessageId = NewType("MessageId", int)
"""Telegram's numbers. A message id is unique within its chat only."""

ChannelId = NewType("ChannelId", int)
PostId = NewType("PostId", int)
MediaId = NewType("MediaId", int)
CaseId = NewType("CaseId", int)
FingerprintId = NewType("FingerprintId", int)
FindingId = NewType("FindingId", int)
AlertId = NewType("AlertId", int)
LookbackId = NewType("LookbackId", int)
KnownGoodId = NewType("KnownGoodId", int)
PacketId = NewType("PacketId", int)
AccountId = NewType("AccountId", int)
HistoryId = NewType("HistoryId", int)
"""Our own row numbers."""


class Language(StrEnum):
    KO = "ko"
    EN = "en"

    @classmethod
    def of(cls, language_code: str | None) -> Language:
        """The language for a client's IETF tag; Korean where the client names none."""
        return cls.KO if not language_code or language_code.lower().startswith("ko") else cls.EN


class Role(StrEnum):
    ADMIN = "admin"
    STAFF = "staff"
    VICTIM = "victim"
    """Everybody else: whoever writes to the bot may be a victim, and is treated as one."""


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


ANONYMOUS = frozenset(map(UserId, (1087968824, 136817688, 777000)))
"""GroupAnonymousBot, Channel Bot and Telegram itself: they stand for whoever writes as a group or a channel."""


@dataclass(frozen=True)
class Person:
    """Whoever acted, as Telegram named them at the time."""

    user_id: UserId
    name: str


@dataclass(frozen=True)
class MediaRef:
    """A file that Telegram offers for download, or says it will not.

    `path` tells where in the update it was found (`photo`, `external_reply.video.thumbnail`, ...).
    """

    path: str
    kind: str
    file_id: str | None
    file_unique_id: str
    size_bytes: int | None = None

    @property
    def inspectable(self) -> bool:
        return self.file_id is not None


@dataclass(frozen=True)
class Place:
    """Where a message can be found, with the names as they were when it was seen."""

    chat_id: ChatId
    message_id: MessageId
    username: str | None = None
    title: str = ""
    thread_id: int | None = None
    is_topic: bool = False
    in_album: bool = False
    comment_of: Place | None = None


@dataclass(frozen=True)
class Origin:
    """Where a forwarded post came from; a hidden person leaves only a name."""

    kind: str
    name: str
    place: Place | None = None


@dataclass(frozen=True)
class Post:
    """A message of a watched chat, with every media it carries. Captions are not kept."""

    place: Place
    chat_kind: ChatKind
    posted_at: datetime
    edited_at: datetime | None = None
    album_id: str | None = None
    origin: Origin | None = None
    signature: str = ""
    """The author's name, where the channel signs its posts."""
    sent_as: Origin | None = None
    """The chat in whose name it was sent, where that is another than the one it is in."""
    media: tuple[MediaRef, ...] = ()


@dataclass(frozen=True)
class Talk:
    """Something a person said to the bot: a message, a command, or a pressed button."""

    chat_id: ChatId
    chat_kind: ChatKind
    person: Person
    language_code: str | None
    message_id: MessageId
    text: str = ""
    has_media: bool = False
    text_file: MediaRef | None = None
    """The one file of the message, if its sender says that it is text."""
    is_edit: bool = False
    callback_id: str | None = None
    callback_data: str | None = None
    shared_chat_id: ChatId | None = None
    page_data: str | None = None
    """What a Mini App handed over: anybody's text, whatever page it was."""
    reply_to: Person | None = None
    is_relayed: bool = False
    """Forwarded, or written by another bot that the person asked: the words are not the person's own."""


@dataclass(frozen=True)
class Membership:
    """The bot's own standing in a chat changed."""

    chat_id: ChatId
    chat_kind: ChatKind
    title: str
    username: str | None
    by: Person
    is_member: bool
    is_admin: bool


@dataclass(frozen=True)
class ChatMoved:
    """A group became a supergroup and has a new id."""

    old_chat_id: ChatId
    new_chat_id: ChatId


@dataclass(frozen=True)
class Button:
    """An inline button: pressed it returns `data` (64 bytes at most), or opens `url`."""

    text: str
    data: str | None = None
    url: str | None = None


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class PageButton:
    """A button below the chat that opens a page inside of Telegram."""

    text: str
    url: str


@dataclass(frozen=True)
class Send:
    """Post a message. `text` is Telegram HTML.

    `choose_channel` offers the chat picker and `page_button` a page in place of the keyboard on which people type;
    `clears_buttons` takes such a thing away. `about`, here and below, are findings that it tells of: once one of them is
    erased it is not posted any more, and deleted where it was.
    """

    chat_id: ChatId
    text: str
    keyboard: Keyboard = ()
    choose_channel: str | None = None
    page_button: PageButton | None = None
    clears_buttons: bool = False
    silent: bool = False
    protected: bool = False
    about: tuple[FindingId, ...] = ()


@dataclass(frozen=True)
class SendFile:
    """Post a file, as a document."""

    chat_id: ChatId
    name: str
    content_base64: str
    silent: bool = False
    about: tuple[FindingId, ...] = ()


@dataclass(frozen=True)
class SendPage:
    """Post the page on which people make hashes, as a file. `caption` is Telegram HTML."""

    chat_id: ChatId
    caption: str


@dataclass(frozen=True)
class SendStats:
    """Post plots of the work, as it stands when they are sent."""

    chat_id: ChatId


@dataclass(frozen=True)
class SendChannels:
    """Post the list of channels, as it stands when it is sent: to count what was seen takes long after some years."""

    chat_id: ChatId


@dataclass(frozen=True)
class Edit:
    chat_id: ChatId
    message_id: MessageId
    text: str
    keyboard: Keyboard = ()
    about: tuple[FindingId, ...] = ()


@dataclass(frozen=True)
class Delete:
    chat_id: ChatId
    message_id: MessageId


@dataclass(frozen=True)
class Answer:
    """End the spinner on a pressed button; an empty text says nothing."""

    callback_id: str
    text: str = ""
    as_alert: bool = False


@dataclass(frozen=True)
class Leave:
    chat_id: ChatId


@dataclass(frozen=True)
class ShowAlert:
    """Send the alert to the staff chat, or edit the message that already shows it."""

    alert_id: AlertId


@dataclass(frozen=True)
class ShowLookback:
    """Tell staff how far a pass over earlier posts is: in a new message, or in the one that tells it already."""

    lookback_id: LookbackId


@dataclass(frozen=True)
class ShowFigures:
    """Send, below the alert, a figure for each of its findings that shows a part of an ordinary photo and has none."""

    alert_id: AlertId


@dataclass(frozen=True)
class ReadPhotoFile:
    """Download a small text file that a victim sent where one was asked for, and go on with what is in it."""

    chat_id: ChatId
    message_id: MessageId
    file: MediaRef


@dataclass(frozen=True)
class ShowHistory:
    """Tell the staff chat how far a channel is read back, or edit the message that already does."""

    history_id: HistoryId


@dataclass(frozen=True)
class SendPicture:
    """Post a PNG that was drawn for it; no effect of a handler, because it is drawn when it is sent. A reply belongs to
    a message that made a sound, and makes none.
    """

    chat_id: ChatId
    content: bytes
    caption: str
    reply_to: MessageId | None = None


Effect = (
    Send
    | SendFile
    | SendPage
    | SendStats
    | SendChannels
    | Edit
    | Delete
    | Answer
    | Leave
    | ShowAlert
    | ShowFigures
    | ShowHistory
    | ShowLookback
    | ReadPhotoFile
)
"""What a handler asks for. Effects are stored in the transaction that decided on them and sent after it."""
