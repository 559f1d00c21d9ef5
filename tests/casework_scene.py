"""Findings of whole pictures, and what staff press, for the tests of what staff do with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from staff_scene import talk
from store_makers import NOW, STAFF, Scene, after

from bot.chat.callback import encode
from bot.model import AlertId, Button, Edit, Effect, FindingId, FindingState, Send, Step, Talk
from bot.staff import casework
from bot.store import Tx, tables


class Found(Scene):
    """Matches of whole pictures, so that they can be shown."""

    async def record(self, message_id: int, **how: Any) -> AlertId | None:
        return await super().record(message_id, **({"view": "whole"} | how))


async def found(tx: Tx, message_id: int = 1, **how: Any) -> FindingId:
    scene = Found(tx)
    alert = await scene.alert(await scene.new(message_id, **how))
    return alert.findings[-1].finding_id


async def put_into(tx: Tx, finding_id: FindingId, state: FindingState, at: datetime = NOW) -> None:
    await tx.execute(
        update(tables.findings)
        .where(tables.findings.c.id == finding_id)
        .values(state=state.value, changed_at=at)
    )


async def take(tx: Tx, finding_id: FindingId, step: Step, seen: FindingState, **how: Any) -> None:
    defaults: dict[str, Any] = {"by": STAFF, "second_person": False, "now": after(10)}
    await casework.take(tx, finding_id, step, seen=seen, **(defaults | how))


def said_buttons(effects: list[Effect]) -> list[str]:
    """The data of all buttons that were sent."""
    return [
        button.data or ""
        for effect in effects
        if isinstance(effect, Send | Edit)
        for row in effect.keyboard
        for button in row
        if isinstance(button, Button)
    ]


def pressed(*parts: str | int, **more: Any) -> Talk:
    return talk(callback_id="q", callback_data=encode(*(str(part) for part in parts)), **more)
