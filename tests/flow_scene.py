"""A small town for end-to-end tests: the stand-in, people, a channel, a staff chat, and the bot's configuration."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pictures import encoded
from PIL import Image, ImageOps
from sqlalchemy import exists, or_, select

from bot import app
from bot.app import utc_now
from bot.cli.hashing import REGISTERED_FRAMES_PER_S
from bot.config import Config, load
from bot.model import ChannelState, ChatId, ChatKind, Language, Person, UserId
from bot.standin import Chat, Message, Press, Standin, User, World
from bot.store import Store, cases, channels, open_store, queue, tables
from bot.store.cases import NewFingerprint
from bot.store.cipher import make_key_file, read_key_file
from matcher import Limits, fingerprint_bytes, format_hash, format_media

PATIENCE_S = 20.0
CASE_NUMBER = "JK-TEST-TEST-TEST"


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    return encoded(image, "JPEG", quality=quality)


def reposted(image: Image.Image, variant: int) -> bytes:
    """The picture as somebody else posts it: recompressed, and every second time mirrored."""
    return jpeg(ImageOps.mirror(image) if variant % 2 else image, 60 + variant % 30)


def hash_text(image: Image.Image) -> str:
    """What the victim's own device makes of the picture."""
    return format_hash(fingerprint_bytes(jpeg(image, 95), Limits()).fingerprint)


def video_text(file: bytes) -> str:
    """What `jikimi hash` makes of the video."""
    limits = Limits(frames_per_s=REGISTERED_FRAMES_PER_S)
    return "\n".join(format_media(fingerprint_bytes(file, limits)))


def hash_texts(image: Image.Image) -> list[str]:
    """All that the device makes: of the whole picture and of its quarters."""
    return format_media(fingerprint_bytes(jpeg(image, 95), Limits()))


def buttons(message: Message) -> list[str]:
    """The data of a message's buttons."""
    rows = (message.reply_markup or {}).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row if "callback_data" in button]


@dataclass
class Town:
    standin: Standin
    config_file: Path
    config: Config
    victim: User
    admin: User
    staff_chat: Chat
    channel: Chat

    async def open_store(self) -> Store:
        return await open_store(self.config.store.url, read_key_file(self.config.store.key_file))

    def post(self, data: bytes) -> Message:
        return self.standin.world.send_photo(self.admin, self.channel, data)

    @property
    def world(self) -> World:
        return self.standin.world

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what the bot does."""
        await self.world.until(holds, PATIENCE_S)

    def shown(self, chat: Chat, data: str) -> Message | None:
        """The newest message with a button whose data begin so."""
        found = (
            message
            for message in reversed(self.world.living(chat))
            if any(button.startswith(data) for button in buttons(message))
        )
        return next(found, None)

    async def press(self, person: User, chat: Chat, data: str) -> Press:
        """Press a button as soon as it is shown."""
        await self.until(lambda: self.shown(chat, data) is not None)
        message = self.shown(chat, data)
        assert message is not None
        return self.world.press(person, message, next(b for b in buttons(message) if b.startswith(data)))

    async def register_by_chat(self, image: Image.Image | bytes, *, linked: bool = False) -> None:
        """The victim's whole way to a registered picture, or to a registered video (the bytes of its file)."""
        chat = self.world.private(self.victim)
        self.world.start(self.victim)
        for data in ("1|v|go|age", "1|v|age|yes", "1|v|consent|yes"):
            await self.press(self.victim, chat, data)
        await self.until(lambda: "PDQ1" in self.world.last(chat).text)
        text = video_text(image) if isinstance(image, bytes) else "\n".join(hash_texts(image))
        self.world.send_text(self.victim, chat, text)
        await self.press(self.victim, chat, f"1|v|contact|{'yes' if linked else 'no'}")

    def alerts(self) -> list[str]:
        """What the staff chat shows now, deleted messages left out."""
        return [
            str(message.fields.get("text", ""))
            for message in self.standin.world.living(self.staff_chat)
            if message.sender is not None and message.sender.is_bot and "F-" in message.text
        ]


def build_town(
    standin: Standin,
    folder: Path,
    *,
    fold_minutes: int = 60,
    photos: bool = False,
    staff: str = "",
    store_url: str = "sqlite+aiosqlite:///jikimi.sqlite3",
) -> Town:
    """People and chats, and the configuration files of a bot that knows them. `staff` are more lines of that section."""
    world = standin.world
    victim = world.add_user("Haneul", "ko")
    admin = world.add_user("Kim", "ko")
    staff_chat = world.add_group("Staff", [admin])
    world.add_bot_as_admin(staff_chat, by=admin)
    channel = world.add_channel("A <channel> & more", "a_channel", owner=admin)
    make_key_file(folder / "jikimi.key")
    config_file = folder / "config.toml"
    config_file.write_text(
        f"""
        [telegram]
        token = "{standin.token}"
        api_url = "{standin.api_url}"
        admins = [{admin.id}]
        staff_chat = {staff_chat.id}
        [staff]
        language = "en"
        fold_minutes = {fold_minutes}
        {staff}
        [victims]
        organisation = "지킴이 센터"
        contact = "02-000-0000"
        [recheck]
        url = "{standin.api_url}"
        [matching]
        workers = 1
        [matching.photos]
        enabled = {str(photos).lower()}
        [store]
        url = "{store_url}"
        key_file = "jikimi.key"
        """,
        encoding="utf-8",
    )
    return Town(standin, config_file, load(config_file, {}), victim, admin, staff_chat, channel)


async def authorise(town: Town, store: Store) -> None:
    """The channel is authorised, and the bot an admin there."""
    now = utc_now()
    person = Person(UserId(town.admin.id), town.admin.first_name)
    async with store.write() as tx:
        channel = await channels.put(
            tx,
            chat_id=ChatId(town.channel.id),
            kind=ChatKind.CHANNEL,
            title=town.channel.title,
            username=town.channel.username,
            state=ChannelState.ASKED,
            can_read=True,
            added_by=person,
            now=now,
        )
        await channels.set_state(tx, channel.id, ChannelState.AUTHORISED)
        await channels.authorise(
            tx,
            channel.id,
            by=person,
            document="DOC-1",
            valid_from=now,
            valid_until=now + timedelta(days=90),
        )
    town.standin.world.add_bot_as_admin(town.channel, by=town.admin)


async def register(
    store: Store, image: Image.Image, uid: str = "uid-test", number: str = CASE_NUMBER
) -> None:
    """A case with the picture's hash."""
    now = utc_now()
    found = fingerprint_bytes(jpeg(image, 95), Limits()).fingerprint
    async with store.write() as tx:
        case_id = await cases.create(
            tx,
            uid=uid,
            number=number,
            pin_verifier="-",
            language=Language.KO,
            consent_version="1",
            contact=None,
            now=now,
        )
        print_ = NewFingerprint(
            kind=found.kind, part="whole", bits=found.bits, radius_bits=31, quality=found.quality
        )
        await cases.add_fingerprints(tx, case_id, [print_], now)


async def is_idle(town: Town, store: Store) -> bool:
    """Nothing waits: not at Telegram, not in the inbox, not to be scanned or looked back at, not to be sent."""
    if town.standin.world.updates.pending:
        return False
    queues = tables.inbox, tables.work, tables.outbox, tables.lookbacks
    async with store.read() as tx:
        # In one question, because it is asked many times a second.
        return not await tx.scalar(
            select(or_(*(exists().where(one.c.state == queue.READY) for one in queues)))
        )


@asynccontextmanager
async def running(town: Town) -> AsyncIterator[None]:
    """The bot, running until the block ends."""
    stop = asyncio.Event()
    serving = asyncio.create_task(app.run(town.config, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await serving


async def until_idle(town: Town, records: Store) -> None:
    async with asyncio.timeout(30):
        while not await is_idle(town, records):
            await asyncio.sleep(0.02)
