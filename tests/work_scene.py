"""A day of staff at the running bot: what each test needs of it, beside what others do in the same town."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from flow_scene import Town, authorise, buttons, register, reposted, until_idle
from pictures import picture
from PIL import Image
from sqlalchemy import update

from bot.app import utc_now
from bot.standin import Message, Press, User
from bot.store import Store, tables

CARD = "📁 "

_numbers = itertools.count(1)


@dataclass
class Work:
    """A case, its picture and a channel of its own."""

    town: Town
    records: Store
    colleague: User
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def case_number(self) -> str:
        return f"JK-TEST-TEST-{self.number:04}"

    @property
    def picture(self) -> Image.Image:
        return picture(1000 + self.number)

    async def settle(self) -> Work:
        """With a channel that is watched, and a person who never wrote to the bot."""
        world = self.town.world
        name = f"channel_{self.number}"
        channel = world.add_channel(name, name, owner=self.town.admin)
        self.town = replace(self.town, channel=channel, victim=world.add_user("Haneul", "ko"))
        await authorise(self.town, self.records)
        return self

    async def register(self) -> None:
        await register(self.records, self.picture, f"uid-{self.number}", self.case_number)

    def post(self, variant: int = 0) -> Message:
        return self.town.post(reposted(self.picture, variant))

    def alerts(self) -> list[str]:
        """The alerts of this channel as they read now, without the cards of their findings."""
        link = f"t.me/{self.town.channel.username}/"
        return [alert for alert in self.town.alerts() if link in alert and not alert.startswith(CARD)]

    async def found(self) -> int:
        """The number of the newest finding, once staff are told of it."""
        await self.town.until(lambda: bool(self.alerts()))
        return max(int(number) for number in re.findall(r"F-(\d+)", self.alerts()[-1]))

    def say(self, text: str, by: User | None = None) -> None:
        self.town.world.send_text(by or self.town.admin, self.town.staff_chat, text)

    async def press(self, data: str, by: User | None = None) -> Press:
        return await self.town.press(by or self.town.admin, self.town.staff_chat, data)

    async def reads(self, words: str) -> str:
        """The newest message with these words, once somebody can read it in the staff chat."""

        def told() -> Iterator[str]:
            living = self.town.world.living(self.town.staff_chat)
            return (message.text for message in reversed(living) if words in message.text)

        await self.town.until(lambda: any(told()))
        return next(told())

    async def card(self, finding: int) -> str:
        """What `/finding` answers."""
        chat = self.town.staff_chat
        before = self.town.world.last(chat)
        self.say(f"/finding F-{finding}")
        await self.town.until(
            lambda: (
                self.town.world.last(chat) is not before
                and f"{CARD}F-{finding}" in self.town.world.last(chat).text
            )
        )
        return self.town.world.last(chat).text

    async def decided(self, finding: int, step: str, seen: str) -> None:
        await self.card(finding)
        await self.press(f"1|f|step|{finding}|{step}|{seen}")
        await self.town.until(
            lambda: self.town.shown(self.town.staff_chat, f"1|f|undo|{finding}|{step}") is not None
        )

    async def pass_time(self, finding: int, **how: int) -> None:
        """It is as long as this since anybody did something about the finding."""
        async with self.records.write() as tx:
            await tx.execute(
                update(tables.findings)
                .where(tables.findings.c.id == finding)
                .values(changed_at=utc_now() - timedelta(**how))
            )

    async def idle(self) -> None:
        await until_idle(self.town, self.records)

    def data(self, begins: str) -> str:
        """Of the newest button that begins so."""
        message = self.town.shown(self.town.staff_chat, begins)
        assert message is not None
        return next(one for one in buttons(message) if one.startswith(begins))
