from __future__ import annotations

import asyncio
import random

import pytest
from store_makers import NOW, add_case, bits, new_print, prints_of

from bot.model import CaseId, FingerprintId
from bot.store import Store, cases, registry
from bot.store.registry import Changes, Registered


class Follower:
    """Keeps a copy by asking for changes, as the matcher's index does, and insists on hearing everything once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.revision = 0
        self.prints: dict[FingerprintId, tuple[CaseId, bytes, int]] = {}
        self.heard: set[FingerprintId] = set()
        self.gone: set[FingerprintId] = set()

    async def follow(self) -> list[Changes]:
        pages: list[Changes] = []
        while True:
            async with self.store.read() as tx:
                if await registry.revision(tx) == self.revision:
                    return pages
                page = await registry.changes(tx, self.revision)
            assert page.revision > self.revision
            self.take(page)
            pages.append(page)

    def take(self, page: Changes) -> None:
        for print_id, case_id, _, _, value, radius_bits, _ in page.added:
            assert print_id not in self.heard | self.gone
            self.heard.add(print_id)
            self.prints[print_id] = (case_id, value, radius_bits)
        for print_id in page.removed:
            assert print_id not in self.gone
            self.gone.add(print_id)
            self.prints.pop(print_id, None)
        self.revision = page.revision


async def test_an_empty_registry_is_at_revision_0(store: Store) -> None:
    async with store.read() as tx:
        assert await registry.revision(tx) == 0
        assert await registry.changes(tx, 0) == Changes(0, [], [])


async def test_a_registration_is_told_with_its_case_kind_bits_and_radius(store: Store) -> None:
    async with store.write() as tx:
        case_id = await add_case(tx)
        await cases.add_fingerprints(tx, case_id, [new_print(7, radius_bits=24)], NOW)
        changes = await registry.changes(tx, 0)
        [print_id] = await prints_of(tx, case_id)
    assert changes == Changes(1, [Registered(print_id, case_id, 1, "pdq", bits(7), 24)], [])


async def test_only_what_changed_since_is_told(store: Store) -> None:
    follower = Follower(store)
    async with store.write() as tx:
        first = await add_case(tx, 1, 2)
    await follower.follow()
    async with store.write() as tx:
        await add_case(tx, 3)
    [page] = await follower.follow()
    assert [new.bits for new in page.added] == [bits(3)]
    async with store.write() as tx:
        await cases.withdraw(tx, first, NOW)
    [page] = await follower.follow()
    assert (page.added, len(page.removed)) == ([], 2)
    assert [value for _, value, _ in follower.prints.values()] == [bits(3)]


async def test_what_came_and_went_in_between_is_never_told_as_added(store: Store) -> None:
    follower = Follower(store)
    async with store.write() as tx:
        case_id = await add_case(tx, 1)
        await cases.withdraw(tx, case_id, NOW)
    [page] = await follower.follow()
    assert page.added == []
    assert follower.prints == {}


async def test_a_withdrawn_fingerprints_id_is_never_given_again(store: Store) -> None:
    async with store.write() as tx:
        first = await add_case(tx, 1)
        before = await prints_of(tx, first)
        await cases.withdraw(tx, first, NOW)
        after = await prints_of(tx, await add_case(tx, 1))
    assert set(before).isdisjoint(after)


async def test_many_changes_come_in_bounded_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PAGE", 5)
    numbers = range(24)
    async with store.write() as tx:
        for start in range(0, 24, 3):
            await add_case(tx, *numbers[start : start + 3])
    follower = Follower(store)
    pages = await follower.follow()
    assert max(len(page.added) for page in pages) <= 7
    assert sorted(value for _, value, _ in follower.prints.values()) == [bits(number) for number in numbers]


async def test_many_withdrawals_come_in_bounded_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PAGE", 5)
    async with store.write() as tx:
        gone = [await add_case(tx, start, start + 1, start + 2) for start in range(0, 30, 3)]
    follower = Follower(store)
    await follower.follow()
    async with store.write() as tx:
        for case_id in gone:
            await cases.withdraw(tx, case_id, NOW)
    pages = await follower.follow()
    assert max(len(page.removed) for page in pages) <= 7
    assert follower.prints == {}


async def test_a_registration_larger_than_a_page_comes_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "PAGE", 5)
    async with store.write() as tx:
        await add_case(tx, *range(12))
    follower = Follower(store)
    await follower.follow()
    assert len(follower.prints) == 12


@pytest.mark.parametrize("seed", range(4))
async def test_a_follower_ends_with_what_is_registered_whenever_it_looks(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(registry, "PAGE", 3)
    choose = random.Random(seed)
    follower = Follower(store)
    registered: dict[CaseId, set[bytes]] = {}
    for step in range(40):
        match choose.choice(("add", "add", "withdraw", "page", "follow")):
            case "add":
                numbers = [step * 10 + place for place in range(choose.randrange(1, 6))]
                async with store.write() as tx:
                    registered[await add_case(tx, *numbers)] = {bits(number) for number in numbers}
            case "withdraw" if registered:
                case_id = choose.choice(list(registered))
                del registered[case_id]
                async with store.write() as tx:
                    await cases.withdraw(tx, case_id, NOW)
            case "page":
                async with store.read() as tx:
                    follower.take(await registry.changes(tx, follower.revision))
            case _:
                await follower.follow()
    await follower.follow()
    found: dict[CaseId, set[bytes]] = {}
    for case_id, value, _ in follower.prints.values():
        found.setdefault(case_id, set()).add(value)
    assert found == registered


async def test_registering_at_once_gives_everyone_a_revision_of_their_own(store: Store) -> None:
    async def register(number: int) -> None:
        async with store.write() as tx:
            await add_case(tx, number)

    await asyncio.gather(*(register(number) for number in range(8)))
    follower = Follower(store)
    await follower.follow()
    assert (follower.revision, len(follower.prints)) == (8, 8)


async def test_a_revision_read_in_a_write_stays_the_newest_until_its_end(store: Store) -> None:
    order: list[str] = []

    async def register() -> None:
        async with store.write() as tx:
            await add_case(tx, 1)
        order.append("registered")

    async with store.write() as tx:
        revision = await registry.revision(tx)
        registering = asyncio.create_task(register())
        async with store.read() as other:
            assert await registry.revision(other) == revision
        assert await registry.revision(tx) == revision
        order.append("committing")
    await registering
    assert order == ["committing", "registered"]
