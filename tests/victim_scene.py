"""A victim's private chat to drive: say something or press a button, and see what is in the chat."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from argon2 import PasswordHasher
from sqlalchemy import func, select

from bot.chat.victim import VictimChat
from bot.chat.victim_screens import Press, press
from bot.config import PhotosConfig, VictimConfig
from bot.model import (
    Answer,
    Button,
    ChatId,
    ChatKind,
    Delete,
    Edit,
    Effect,
    Keyboard,
    MediaRef,
    MessageId,
    PageButton,
    Person,
    ReadPhotoFile,
    Send,
    Talk,
    UserId,
)
from bot.store import Store, tables
from bot.victims.cases import Cases, Opened
from bot.victims.credentials import Pins
from bot.victims.photo_files import PhotoFile
from bot.victims.photos import Photos
from matcher import PDQ, Fingerprint, format_hash

RADIUS_BITS = 31
SEOUL = timezone(timedelta(hours=9))
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

_chats = itertools.count(910_000_001)
_seeds = itertools.count()


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **duration: float) -> None:
        self.at += timedelta(**duration)


def config(**values: str | int) -> VictimConfig:
    return VictimConfig.model_validate({"organisation": "지킴이 센터", **values})


def make_cases(clock: Clock, limits: VictimConfig | None = None, *, hasher: PasswordHasher = CHEAP) -> Cases:
    return Cases(
        limits or config(), radius_bits=RADIUS_BITS, now=clock, pins=Pins(hasher), random=Random(next(_seeds))
    )


def fingerprint(number: int, quality: int | None = 80) -> Fingerprint:
    """One that no other number gives, with half of its bits set as those of pictures are."""
    bits = sum(1 << position for position in Random(number).sample(range(256), 128))
    return Fingerprint(PDQ, bits.to_bytes(32, "big"), quality)


def line(number: int) -> str:
    """The hash as `jikimi hash` prints it."""
    return format_hash(fingerprint(number))


async def counts(store: Store) -> Counter[str]:
    """How many rows each table has that has any, but for what the database itself needs."""
    found: Counter[str] = Counter()
    async with store.read() as tx:
        for table in tables.metadata.sorted_tables:
            found[table.name] = await tx.scalar(select(func.count()).select_from(table))
    for name in ("settings", "counters"):
        del found[name]
    return +found


class VictimScene:
    """What a person sees of the chat: `messages` by id, in order."""

    def __init__(
        self,
        store: Store,
        clock: Clock | None = None,
        limits: VictimConfig | None = None,
        *,
        cases: Cases | None = None,
        photos: PhotosConfig | None = None,
        language_code: str | None = "ko",
        page_url: str | None = None,
    ) -> None:
        """Ordinary photos can be registered where `photos` says how many."""
        self.store = store
        self.clock = clock or Clock()
        limits = limits or config()
        self.cases = cases or make_cases(self.clock, limits)
        taken = None if photos is None else Photos(photos, self.cases, now=self.clock)
        self.chat = VictimChat(limits, self.cases, taken, zone=SEOUL, now=self.clock, page_url=page_url)
        self.chat_id = ChatId(next(_chats))
        self.language_code = language_code
        self.messages: dict[MessageId, tuple[str, Keyboard]] = {}
        self.effects: list[Effect] = []
        """What the last turn asked for."""
        self._button_below: PageButton | None = None
        self.said: list[str] = []
        """Every text that was ever shown."""
        self._last: Talk | None = None
        self._ids = map(MessageId, itertools.count(1))

    # No property: a type checker takes one that was compared for unchanged after the next turn.
    def button_below(self) -> PageButton | None:
        """The button below the chat, as the last message that changed it left it."""
        return self._button_below

    @property
    def shown(self) -> str:
        """The newest message."""
        return self.messages[max(self.messages)][0]

    @property
    def buttons(self) -> list[Button]:
        """Those of the newest message."""
        return [button for row in self.messages[max(self.messages)][1] for button in row]

    async def say(self, untrusted_text: str = "", *, has_media: bool = False, is_edit: bool = False) -> str:
        """Returns the newest message after it."""
        talk = self._talk(next(self._ids), text=untrusted_text, has_media=has_media, is_edit=is_edit)
        self.messages[talk.message_id] = (untrusted_text, ())
        return await self.handle(talk)

    async def hand_over(self, untrusted_data: str) -> str:
        """What the page gives to the bot. Returns the newest message after it."""
        talk = self._talk(next(self._ids), page_data=untrusted_data)
        self.messages[talk.message_id] = ("(data)", ())
        return await self.handle(talk)

    async def send_file(self, file: PhotoFile, *, size_bytes: int | None = 25_000) -> str:
        """Send a text file; if the bot asks for it, it holds this. Returns the newest message after it."""
        ref = MediaRef("document", "document", "file", "unique", size_bytes)
        talk = replace(self._talk(next(self._ids)), has_media=True, text_file=ref)
        self.messages[talk.message_id] = ("", ())
        await self.handle(talk)
        asked = [effect for effect in self.effects if isinstance(effect, ReadPhotoFile)]
        if asked:
            await self.file_read(asked[0], file)
        return self.shown

    async def file_read(self, asked: ReadPhotoFile, file: PhotoFile) -> None:
        async with self.store.write() as tx:
            self.effects = await self.chat.photo_read(tx, asked, file)
        self._show()

    async def press(self, what: Press, *args: str) -> str:
        """Press the newest button that says so, whichever case it names."""
        wanted = press(what, *args)
        for message_id in sorted(self.messages, reverse=True):
            for button in (button for row in self.messages[message_id][1] for button in row):
                data = button.data or ""
                said = data.rpartition("|")[0] if what in (Press.CONTACT, Press.WITHDRAW) else data
                if said == wanted:
                    return await self.press_data(data, message_id)
        raise AssertionError(f"no button {wanted}")

    async def press_data(self, data: str, message_id: MessageId | None = None) -> str:
        """Press any button, were it one of long ago."""
        return await self.handle(self.pressing(data, message_id))

    def pressing(self, data: str, message_id: MessageId | None = None) -> Talk:
        """The press of a button, by default one of the newest message."""
        return self._talk(message_id or max(self.messages), callback_id="press", callback_data=data)

    async def again(self) -> str:
        """What was said or pressed last comes a second time."""
        assert self._last is not None
        return await self.handle(self._last)

    async def handle(self, talk: Talk) -> str:
        self._last = talk
        async with self.store.write() as tx:
            self.effects = await self.chat.handle(tx, talk)
        answers = [effect for effect in self.effects if isinstance(effect, Answer)]
        assert len(answers) == (talk.callback_id is not None)
        self._show()
        return self.shown if self.messages else ""

    def _show(self) -> None:
        for effect in self.effects:
            if isinstance(effect, Send) and (effect.page_button or effect.clears_buttons):
                self._button_below = effect.page_button
            match effect:
                case Send(self.chat_id, shown, keyboard):
                    self.messages[next(self._ids)] = (shown, keyboard)
                    self.said.append(shown)
                case Edit(self.chat_id, message_id, shown, keyboard):
                    self.messages[message_id] = (shown, keyboard)
                    self.said.append(shown)
                case Delete(self.chat_id, message_id):
                    self.messages.pop(message_id, None)

    async def come_to_hashes(self) -> None:
        await self.say("/start")
        await self.press(Press.GO, "age")
        await self.press(Press.AGE, "yes")
        await self.press(Press.CONSENT, "yes")

    async def register(self, *numbers: int, link: bool = False) -> tuple[str, str]:
        """Register these hashes and choose; returns case number and PIN."""
        await self.come_to_hashes()
        await self.say("\n".join(line(number) for number in numbers))
        number_and_pin = self.number_and_pin()
        await self.press(Press.NOTED)
        await self.press(Press.CONTACT, "yes" if link else "no")
        return number_and_pin

    def number_and_pin(self) -> tuple[str, str]:
        """As the last turn showed them."""
        [shown] = [effect.text for effect in self.effects if isinstance(effect, Send) and effect.protected]
        number = shown.split("<code>")[1].split("</code>")[0]
        pin = shown.split("<tg-spoiler>")[1].split("</tg-spoiler>")[0]
        return number, pin

    def _talk(
        self,
        message_id: MessageId,
        *,
        text: str = "",
        has_media: bool = False,
        is_edit: bool = False,
        callback_id: str | None = None,
        callback_data: str | None = None,
        page_data: str | None = None,
    ) -> Talk:
        return Talk(
            chat_id=self.chat_id,
            chat_kind=ChatKind.PRIVATE,
            person=Person(UserId(self.chat_id), "하늘"),
            language_code=self.language_code,
            message_id=message_id,
            text=text,
            has_media=has_media,
            is_edit=is_edit,
            callback_id=callback_id,
            callback_data=callback_data,
            page_data=page_data,
        )


async def registered(scene: VictimScene, *, link: bool = False) -> Opened:
    """A case opened in this chat, as the use case sees it."""
    number, pin = await scene.register(1, link=link)
    async with scene.store.write() as tx:
        case = await scene.cases.unlock(tx, number=number, pin=pin, chat_id=scene.chat_id)
        added = await scene.cases.add(tx, case, [], chat_id=scene.chat_id)
    return Opened(case, pin, added)
