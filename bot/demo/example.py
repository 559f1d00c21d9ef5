"""What "Play the example" plays: a registration, a re-post, an alert; the same with an ordinary photo, where they are
searched for; then a channel that only an account can enter. Each step waits for what the bot does.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from PIL import Image

from bot.demo import scenery
from bot.demo.scene import EARLIER_POSTS, INVITE, Scene
from bot.standin import Chat, Message, User, World
from matcher import Limits, fingerprint_bytes, format_media, format_photo, photo_features

READING_S = 1.2
"""Time for a person to see what happened."""
PATIENCE_S = 30.0

_OTHER_PHOTOS = 1_000
"""Their seeds begin here, apart from those of the pictures that are registered by a hash."""

_DOCUMENT = "DEMO-2026-1"
_seeds = itertools.count(1)


class Example:
    """One round; the next one registers and posts another picture."""

    def __init__(self, world: World, scene: Scene, *, with_photos: bool = False) -> None:
        self._world = world
        self._scene = scene
        self._seed = next(_seeds)
        self._with_photos = with_photos

    async def play(self) -> None:
        """Raises `TimeoutError` if the bot does not do its part within `PATIENCE_S` a step."""
        picture = await asyncio.to_thread(scenery.landscape, self._seed)
        await self._authorise()
        await self._register(picture)
        await self._post(await asyncio.to_thread(scenery.reposted, picture))
        if self._with_photos:
            await self._find_what_is_made_from_a_photo()
        await self._watch_by_an_account(await asyncio.to_thread(scenery.jpeg, picture, 60))
        # Nobody decides on what is made from a photo, unless the person at the page already has.
        if self._find(self._scene.staff_chat, "1|a|confirmed|") is not None:
            self._world.narrate(
                "Done. A suspicion is left for you to decide. Post, write and press other buttons yourself, too.",
                "끝났습니다. 결정을 기다리는 합성 의심이 남아 있습니다. 직접 결정하고, 글과 사진도 올려 보십시오.",
            )
        else:
            self._world.narrate(
                "Done. Post, write and press buttons yourself.",
                "끝났습니다. 직접 글과 사진을 올리고 버튼을 눌러 보십시오.",
            )

    async def _authorise(self) -> None:
        scene = self._scene
        # Whoever is quick presses "Play" before the bot has asked.
        await self._until(lambda: any(map(_is_by_bot, self._world.living(scene.staff_chat))))
        question = self._find(scene.staff_chat, "1|c|authorise")
        if question is None or any(_DOCUMENT in text for text in self._staff_texts()):
            return  # Or it is authorised since an earlier round: the question stays where it was asked.
        await self._tell(
            "The bot was added to a channel. Staff authorise it with a document and an end date.",
            "봇이 채널에 추가되었습니다. 직원이 문서 번호와 종료일을 적어 감시를 승인합니다.",
        )
        before = self._world.last(scene.staff_chat).id
        self._press(scene.staff, question, "1|c|authorise")
        await self._until(lambda: self._world.last(scene.staff_chat).id > before)
        asked = self._world.last(scene.staff_chat)
        self._world.send_text(scene.staff, scene.staff_chat, f"{_DOCUMENT} {_last_day()}", reply_to=asked)
        answered = asked.id + 1
        await self._until(lambda: self._world.last(scene.staff_chat).id > answered)

    async def _register(self, picture: Image.Image) -> None:
        scene = self._scene
        hash_text = await asyncio.to_thread(_hash_text, scenery.jpeg(picture))
        self._world.look_at(scene.victim, await asyncio.to_thread(scenery.thumbnail, picture))
        await self._tell(
            "A person opens the private chat. The picture stays on their device; only its hash will leave it.",
            "이용자가 1:1 대화를 엽니다. 사진은 기기에 그대로 두고 해시만 보냅니다.",
        )
        before = self._world.start(scene.victim).id
        await self._until(lambda: self._world.last(scene.victim_chat).id > before)
        # Who registered in an earlier round is at home, and adds to it.
        is_home = self._find(scene.victim_chat, "1|v|go|add") is not None
        await self._ask_to_register("1|v|go|add" if is_home else "1|v|go|age")
        await self._tell(
            "They paste the hash. The message that carried it is deleted at once.",
            "해시를 붙여 넣습니다. 해시가 담긴 메시지는 곧바로 삭제됩니다.",
        )
        sent = self._world.send_text(scene.victim, scene.victim_chat, hash_text)
        await self._until(lambda: self._world.last(scene.victim_chat).id > sent.id)
        await self._until(lambda: self._find(scene.victim_chat, "1|v|noted") is not None)
        await asyncio.sleep(READING_S)

    async def _ask_to_register(self, button: str) -> None:
        """Press the button, and answer what is asked before, where it is."""
        person, chat = self._scene.victim, self._scene.victim_chat
        await self._press_when_shown(person, chat, button)
        for answer in ("1|v|age|yes", "1|v|consent|yes"):
            if answer in _data_of(self._world.last(chat)):
                await self._press_when_shown(person, chat, answer)

    async def _post(self, posted: bytes) -> None:
        scene = self._scene
        alerts = self._alerts()
        await self._tell(
            "Somebody posts the picture in the channel: mirrored, smaller, compressed again.",
            "누군가 채널에 그 사진을 올립니다. 좌우를 뒤집고, 줄이고, 다시 압축했습니다.",
        )
        post = self._world.send_photo(scene.poster, scene.channel, posted)
        await self._until(lambda: self._alerts() != alerts)
        await self._tell(
            "Staff open the link, and confirm. Until they do, the same picture elsewhere makes no alerts.",
            "직원이 링크를 열어 보고 확인합니다. 그전에는 같은 사진이 다른 곳에 있어도 경보를 보내지 않습니다.",
        )
        await self._confirm(f"https://t.me/{scene.channel.username}/{post.id}")

    async def _find_what_is_made_from_a_photo(self) -> None:
        scene, world = self._scene, self._world
        photo, other = [
            await asyncio.to_thread(scenery.landscape, _OTHER_PHOTOS + 2 * self._seed + number)
            for number in range(2)
        ]
        sketch = await asyncio.to_thread(_sketch, scenery.jpeg(photo))
        world.look_at(scene.victim, await asyncio.to_thread(scenery.thumbnail, photo))
        await self._tell(
            "Fakes are made from ordinary photos. The person registers one: a file that describes it is sent.",
            "합성물은 평범한 사진으로 만듭니다. 이용자가 그런 사진을 등록합니다. 사진 대신 밑그림 파일만 보냅니다.",
        )
        chat = scene.victim_chat
        # In the first round people are asked how they want to be told.
        way = "1|v|contact|no" if self._find(chat, "1|v|contact|no") else "1|v|go|home"
        await self._press_when_shown(scene.victim, chat, way)
        await self._ask_to_register("1|v|go|photo")
        await self._until(lambda: "--photo" in world.last(scene.victim_chat).text)
        before = world.last(scene.victim_chat).id
        world.send_document(scene.victim, scene.victim_chat, sketch, "jikimi-photo-1.txt")
        await self._until(lambda: world.last(scene.victim_chat).id > before + 1)
        await self._tell(
            "Somebody pastes a part of that photo into another picture, turned and enlarged, and posts it.",
            "누군가 그 사진의 일부를 돌리고 키워 다른 사진에 붙여서 올립니다.",
        )
        figures = self._figures()
        fake = await asyncio.to_thread(scenery.spliced, photo, scenery.in_another_light(other))
        world.send_photo(scene.poster, scene.channel, fake)
        await self._until(lambda: self._figures() > figures)

    async def _watch_by_an_account(self, posted: bytes) -> None:
        scene, world = self._scene, self._world
        await self._tell(
            "The same picture is in a closed channel, which no bot can enter.",
            "같은 사진이 봇이 들어갈 수 없는 비공개 채널에도 있습니다.",
        )
        post = world.send_photo(scene.poster, scene.closed, posted)
        if scene.closed.member(scene.account) is None:
            await self._join_and_read_back()
        link = f"https://t.me/c/{str(scene.closed.id).removeprefix('-100')}/{post.id}"
        await self._until(lambda: self._finding(link) is not None)
        await self._tell(
            "Found. Staff confirm; then the owner deletes the post. A bot learns nothing of that, but the account does.",
            "찾았습니다. 직원이 확인한 뒤 채널 주인이 게시물을 지웁니다. 봇은 알 수 없지만 계정은 압니다.",
        )
        await self._confirm(link)
        await asyncio.sleep(READING_S)
        alerts = self._alerts()
        world.delete(scene.poster, post)
        await self._until(lambda: self._alerts() != alerts)

    async def _join_and_read_back(self) -> None:
        await self._tell(
            "Staff authorise it by its link, on a document. An account of the organisation joins.",
            "직원이 문서에 근거해 링크로 승인합니다. 기관의 계정이 참여합니다.",
        )
        self._order(f"/authorise t.me/+{INVITE} DEMO-2026-2 {_last_day()}")
        await self._until(lambda: self._joined_number() is not None)
        await self._tell(
            "What was posted before is read back, slowly: bursts get accounts banned.",
            "지난 게시물은 천천히 거슬러 읽습니다. 서두르면 계정이 차단됩니다.",
        )
        self._order(f"/history {self._joined_number()} {EARLIER_POSTS}")
        await self._until(lambda: any("100%" in text for text in self._staff_texts()))

    def _order(self, command: str) -> None:
        self._world.send_text(self._scene.staff, self._scene.staff_chat, command)

    def _joined_number(self) -> str | None:
        """The number of the channel that an account joined, which the bot says with how to read it back."""
        found = [match for text in self._staff_texts() if (match := re.search(r"/history (\d+) 30d", text))]
        return found[-1][1] if found else None

    async def _confirm(self, link: str) -> None:
        chat = self._scene.staff_chat
        # The button names the alert, the last finding in it, and which findings it asks about.
        names = re.compile(rf"1\|a\|confirmed\|\d+\|{self._finding(link)}\|")
        buttons = [data for message in self._world.living(chat) for data in _data_of(message)]
        [button] = [data for data in buttons if names.match(data)]
        await self._press_when_shown(self._scene.staff, chat, button)

    def _finding(self, link: str) -> str | None:
        """The number of the finding in the post of this link."""
        found = re.findall(rf"F-(\d+) · {re.escape(link)}\b", "\n".join(self._alerts()))
        return found[-1] if found else None

    def _figures(self) -> int:
        return sum("photo" in message.fields for message in self._world.living(self._scene.staff_chat))

    def _alerts(self) -> list[str]:
        return [text for text in self._staff_texts() if re.search(r"F-\d+", text)]

    def _staff_texts(self) -> list[str]:
        return [message.text for message in self._world.living(self._scene.staff_chat)]

    async def _tell(self, english: str, korean: str) -> None:
        self._world.narrate(english, korean)
        await asyncio.sleep(READING_S)

    async def _press_when_shown(self, person: User, chat: Chat, data: str) -> None:
        await self._until(lambda: self._find(chat, data) is not None)
        await asyncio.sleep(READING_S)
        shown = self._find(chat, data)
        if shown is not None:
            before = self._looks(chat)
            self._press(person, shown, data)
            await self._until(lambda: self._looks(chat) != before)

    def _looks(self, chat: Chat) -> list[tuple[int, datetime | None]]:
        return [(message.id, message.edited_at) for message in self._world.living(chat)]

    def _press(self, person: User, message: Message, prefix: str) -> None:
        self._world.press(
            person, message, next(data for data in _data_of(message) if data.startswith(prefix))
        )

    def _find(self, chat: Chat, prefix: str) -> Message | None:
        """The newest message with a button whose data begin so."""
        found = (
            message
            for message in reversed(self._world.living(chat))
            if any(data.startswith(prefix) for data in _data_of(message))
        )
        return next(found, None)

    async def _until(self, holds: Callable[[], bool]) -> None:
        await self._world.until(holds, PATIENCE_S)


def _last_day() -> date:
    return (datetime.now(UTC) + timedelta(days=180)).date()


def _is_by_bot(message: Message) -> bool:
    return message.sender is not None and message.sender.is_bot


def _data_of(message: Message) -> list[str]:
    rows = (message.reply_markup or {}).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row if "callback_data" in button]


def _hash_text(picture: bytes) -> str:
    """What the person's own device makes of the picture."""
    return "\n".join(format_media(fingerprint_bytes(picture, Limits())))


def _sketch(photo: bytes) -> bytes:
    """The file that `jikimi hash --photo` makes of it."""
    return f"{format_photo(photo_features(photo, Limits()))}\n".encode()
