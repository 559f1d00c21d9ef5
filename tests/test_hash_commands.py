"""/hash and /knowngood as staff give them in their chat."""

from __future__ import annotations

import pytest
from defence_scene import Scene, media, pdq
from staff_scene import PEOPLE, VictimDouble, add_staff, make_config, talk, texts
from store_makers import hash_of

from bot.chat.router import Router
from bot.model import FindingState, HashState, Role
from bot.store import Store, audit

S, H = FindingState, HashState


class Desk:
    """Says things in the staff chat, as staff, and reads the answers."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.router = Router(make_config(), VictimDouble(), now=scene.now, username="jikimi_bot")

    async def say(self, words: str, role: Role = Role.STAFF) -> str:
        async with self.scene.store.write() as tx:
            await add_staff(tx)
            return texts(await self.router.handle(tx, talk(words, PEOPLE[role])))


@pytest.fixture
async def desk(store: Store) -> Desk:
    scene = Scene(store)
    await scene.register(pdq(7), pdq(8, H.ACTIVE))
    await scene.posts(media(hash_of(7)), media(hash_of(7)))
    return Desk(scene)


async def test_a_hash_is_shown_with_how_it_stands_and_what_it_found_and_never_its_bits(desk: Desk) -> None:
    for wanted in ("F-1", "f1", "H-1", "h 1", "1"):
        shown = await desk.say(f"/hash {wanted}")
        assert "H-1" in shown
        assert "H-2" not in shown
        assert hash_of(7).hex()[:16] not in shown
    assert "확인 전 1 · 대기 (먼저 결정할 것이 있음) 1" in shown


async def test_a_hash_is_stopped_and_let_go_on(desk: Desk) -> None:
    assert "더 알리지 않습니다: H-1" in await desk.say("/hash disable F-1")
    assert await desk.scene.hash_states() == [H.DISABLED, H.ACTIVE]
    assert "이미 그 상태입니다" in await desk.say("/hash disable H-1")
    assert "다시 알립니다: H-1" in await desk.say("/hash enable H-1")
    assert await desk.scene.hash_states() == [H.QUARANTINED, H.ACTIVE]


async def test_the_radius_of_a_hash_is_changed_within_its_bounds(desk: Desk) -> None:
    assert "20비트" in await desk.say("/hash radius H-2 20")
    [one] = await desk.scene.wanted(2)
    assert one.radius_bits == 20
    for wrong in ("H-2", "H-2 41", "H-2 -1", "H-2 x"):
        assert "0에서 40 사이" in await desk.say(f"/hash radius {wrong}")


async def test_a_known_good_picture_is_named_listed_and_taken_back(desk: Desk) -> None:
    assert "표시한 사진이 없습니다" in await desk.say("/knowngood list")
    assert "H-1" in await desk.say("/knowngood F-1")
    listed = await desk.say("/knowngood list")
    assert "G-1" in listed
    assert "F-1" in listed
    assert "널리 알려진 사진과 비슷함" in await desk.say("/hash H-1")
    assert "G-1" in await desk.say("/knowngood remove G-1")
    assert await desk.scene.states() == {S.NEW: 1, S.HELD: 1}
    assert "그런 번호의 사진이 없습니다: G-1" in await desk.say("/knowngood remove 1")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("/hash", "해시나 발견의 번호"),
        ("/hash H-99", "그런 번호의 해시가 없거나"),
        ("/hash F-99", "그런 번호의 해시가 없거나"),
        ("/hash disable nothing", "해시나 발견의 번호"),
        ("/knowngood", "발견 번호를 적어"),
        ("/knowngood F-99", "그런 번호의 해시가 없거나"),
        ("/knowngood remove", "번호를 적어 주십시오"),
    ],
)
async def test_what_cannot_be_done_is_told_with_what_to_do(desk: Desk, words: str, told: str) -> None:
    assert told in await desk.say(words)


async def test_every_change_is_in_the_audit_with_who_made_it(desk: Desk) -> None:
    for words in ("/hash disable H-1", "/hash enable H-1", "/hash radius H-1 9", "/knowngood F-1"):
        await desk.say(words)
    await desk.say("/knowngood remove G-1")
    async with desk.scene.store.read() as tx:
        rows = [entry async for entry in audit.entries(tx)]
        changes = [row for row in rows if row.action.startswith(("hash", "known"))]
        by = {audit.opened(tx, row)[0] for row in changes}
    assert [row.action for row in changes] == [
        "hash_disabled",
        "hash_enabled",
        "hash_radius",
        "hash_known_good",
        "known_good_removed",
    ]
    assert by == {PEOPLE[Role.STAFF]}
