"""What "Play the example" plays: a registration, a re-post, an alert; then the same with an ordinary photo, where they
are searched for. Each step waits for what the bot does.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from PIL import Image

from bot.demo import scenery
from bot.demo.scene import Scene
from bot.standin import Chat, Message, User, World
from matcher import Limits, fingerprint_bytes, format_media, format_photo, photo_features

READING_S = 1.2
"""Time for a person to see what happened."""
PATIENCE_S = 30.0

_OTHER_PHOTOS = 1_000
"""Their seeds begin here, apart from those of the pictures that are registered by a hash."""

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
        self._world.narrate(
            "Done: staff see the alert. Press its buttons, or post and write yourself.",
            "끝났습니다. 직원 대화방에 경보가 왔습니다. 버튼을 누르거나 직접 글과 사진을 올려 보십시오.",
        )

    async def _authorise(self) -> None:
        scene = self._scene
        # Whoever is quick presses "Play" before the bot has asked.
        await self._until(lambda: any(map(_is_by_bot, self._world.living(scene.staff_chat))))
        question = self._find(scene.staff_chat, "1|c|authorise")
        if question is None:
            return
        await self._tell(
            "The bot was added to a channel. Staff authorise it with a document and an end date.",
            "봇이 채널에 추가되었습니다. 직원이 문서 번호와 종료일을 적어 감시를 승인합니다.",
        )
        before = self._world.last(scene.staff_chat).id
        self._press(scene.staff, question, "1|c|authorise")
        await self._until(lambda: self._world.last(scene.staff_chat).id > before)
        last_day = (datetime.now(UTC) + timedelta(days=180)).date()
        asked = self._world.last(scene.staff_chat)
        self._world.send_text(scene.staff, scene.staff_chat, f"DEMO-2026-1 {last_day}", reply_to=asked)
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
        self._world.start(scene.victim)
        for button in ("1|v|go|age", "1|v|age|yes", "1|v|consent|yes"):
            await self._press_when_shown(scene.victim, scene.victim_chat, button)
        await self._tell(
            "They paste the hash. The message that carried it is deleted at once.",
            "해시를 붙여 넣습니다. 해시가 담긴 메시지는 곧바로 삭제됩니다.",
        )
        self._world.send_text(scene.victim, scene.victim_chat, hash_text)
        await self._until(lambda: self._find(scene.victim_chat, "1|v|noted") is not None)
        await asyncio.sleep(READING_S)

    async def _post(self, posted: bytes) -> None:
        scene = self._scene
        alerts = self._alerts()
        await self._tell(
            "Somebody posts the picture in the channel: mirrored, smaller, compressed again.",
            "누군가 채널에 그 사진을 올립니다. 좌우를 뒤집고, 줄이고, 다시 압축했습니다.",
        )
        self._world.send_photo(scene.poster, scene.channel, posted)
        await self._until(lambda: self._alerts() != alerts)

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
        buttons = ("1|v|contact|no", "1|v|go|photo", "1|v|age|yes", "1|v|consent|yes")
        for button in buttons:
            await self._press_when_shown(scene.victim, scene.victim_chat, button)
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

    def _figures(self) -> int:
        return sum("photo" in message.fields for message in self._world.living(self._scene.staff_chat))

    def _alerts(self) -> list[str]:
        return [m.text for m in self._world.living(self._scene.staff_chat) if re.search(r"F-\d+", m.text)]

    async def _tell(self, english: str, korean: str) -> None:
        self._world.narrate(english, korean)
        await asyncio.sleep(READING_S)

    async def _press_when_shown(self, person: User, chat: Chat, data: str) -> None:
        await self._until(lambda: self._find(chat, data) is not None)
        await asyncio.sleep(READING_S)
        shown = self._find(chat, data)
        if shown is not None:
            self._press(person, shown, data)

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
