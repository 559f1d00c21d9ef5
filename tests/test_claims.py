"""Who works on a finding: it is claimed, handed over and released."""

from __future__ import annotations

import json

from casework_scene import found, pressed, said_buttons
from staff_scene import add_staff, talk, texts
from store_makers import ADMIN, NOW, STAFF

from bot import people
from bot.chat.callback import encode
from bot.chat.router import Router
from bot.model import Edit, Person, UserId
from bot.staff import casework
from bot.store import Store


async def test_a_finding_is_claimed_handed_over_and_released(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        finding_id = await found(tx)
        claimed = await router.handle(tx, pressed("f", "claim", finding_id, 0))
        assert f"담당: {ADMIN.name}" in texts(claimed)
        people = await router.handle(tx, pressed("f", "people", finding_id, ADMIN.user_id))
        give = encode("f", "give", finding_id, STAFF.user_id, ADMIN.user_id)
        assert give in said_buttons(people)
        given = await router.handle(tx, talk(callback_id="q", callback_data=give))
        assert f"담당: {STAFF.name}" in texts(given)
        late = await router.handle(tx, pressed("f", "claim", finding_id, 0))
        assert f"담당 직원이 바뀌었습니다: {STAFF.name}" in texts(late)
        await router.handle(tx, pressed("f", "give", finding_id, 0, STAFF.user_id))
        assert (await casework.get(tx, finding_id)).claimed_by is None


async def test_a_finding_is_handed_over_to_staff_only(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        assert "이 번호의 직원이 없습니다" in texts(
            await router.handle(tx, pressed("f", "give", finding_id, 5, 0))
        )
        assert "다른 직원이 없습니다" in texts(await router.handle(tx, pressed("f", "people", finding_id, 0)))


async def test_of_many_staff_as_many_are_offered_at_once_as_telegram_takes_buttons(
    store: Store, router: Router
) -> None:
    """Telegram takes 100 buttons, and 10 kB of them."""
    members = [Person(UserId(8_000_000_000 + number), "가" * 64) for number in range(101)]
    later = "뒤 ▶"
    offered: list[str] = []
    async with store.write() as tx:
        for member in members:
            await people.add_staff(tx, member, {ADMIN.user_id}, by=ADMIN, now=NOW)
        finding_id = await found(tx)
        following: str | None = encode("f", "people", finding_id, ADMIN.user_id)
        while following is not None:
            shown = await router.handle(tx, talk(callback_id="q", callback_data=following))
            [edit] = [effect for effect in shown if isinstance(effect, Edit)]
            told = [(button.text, button.data) for row in edit.keyboard for button in row]
            assert len(told) <= 100
            assert len(json.dumps(told)) < 9_000
            offered += [data for data in said_buttons(shown) if "|give|" in data]
            following = dict(told).get(later)
        assert offered == [
            encode("f", "give", finding_id, member.user_id, ADMIN.user_id) for member in members
        ]
        first = await router.handle(tx, pressed("f", "people", finding_id, ADMIN.user_id, 20))
        assert encode("f", "people", finding_id, ADMIN.user_id, 0) in said_buttons(first)
        gone = await router.handle(tx, pressed("f", "people", finding_id, ADMIN.user_id, 120))
        assert offered[0] in said_buttons(gone)
