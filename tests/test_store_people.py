from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from store_makers import ADMIN, NOW, STAFF, after

from bot.errors import StoreError
from bot.model import ChatId, Person, Role, UserId
from bot.store import Store, conversations, people, settings, tables, tries
from bot.store.people import Member
from bot.store.tries import Tries

VICTIM_CHAT = ChatId(987654321)


async def test_a_setting_keeps_the_last_value(store: Store) -> None:
    async with store.write() as tx:
        assert await settings.get(tx, "offset") is None
        await settings.put(tx, "offset", 1)
        await settings.put(tx, "offset", {"offset": 2, "text": "둘"})
        await settings.put(tx, "other", 3)
        assert await settings.get(tx, "offset") == {"offset": 2, "text": "둘"}


async def test_a_damaged_setting_is_an_error_and_not_a_missing_one(store: Store) -> None:
    async with store.write() as tx:
        await settings.put(tx, "offset", 1)
        await tx.execute(tables.settings.update().values(value=b"\x01" + bytes(40)))
        with pytest.raises(StoreError, match="damaged or changed"):
            await settings.get(tx, "offset")


async def test_a_person_has_the_role_last_given(store: Store) -> None:
    async with store.write() as tx:
        await people.put(tx, STAFF, Role.STAFF, ADMIN, NOW)
        await people.put(tx, STAFF, Role.ADMIN, ADMIN, after(1))
        assert await people.role_of(tx, STAFF.user_id) is Role.ADMIN
        assert await people.listed(tx) == [Member(STAFF, Role.ADMIN, ADMIN, after(1))]


async def test_a_stranger_has_no_role(store: Store) -> None:
    async with store.read() as tx:
        assert await people.role_of(tx, UserId(1)) is None


async def test_a_removed_person_has_no_role(store: Store) -> None:
    async with store.write() as tx:
        await people.put(tx, STAFF, Role.STAFF, ADMIN, NOW)
        assert await people.remove(tx, STAFF.user_id)
        assert not await people.remove(tx, STAFF.user_id)
        assert await people.role_of(tx, STAFF.user_id) is None


async def test_people_are_listed_in_the_order_in_which_they_were_added(store: Store) -> None:
    other = Person(UserId(5), "other")
    async with store.write() as tx:
        for person in (STAFF, other, STAFF):
            await people.put(tx, person, Role.STAFF, ADMIN, NOW)
        assert [member.person for member in await people.listed(tx)] == [STAFF, other]


async def test_a_conversation_keeps_its_last_state(store: Store) -> None:
    async with store.write() as tx:
        assert await conversations.get(tx, VICTIM_CHAT) is None
        await conversations.put(tx, VICTIM_CHAT, {"step": "age"}, NOW)
        await conversations.put(tx, VICTIM_CHAT, {"step": "consent", "language": "ko"}, after(1))
        assert await conversations.get(tx, VICTIM_CHAT) == {"step": "consent", "language": "ko"}
        assert await conversations.get(tx, ChatId(1)) is None


async def test_a_removed_conversation_is_gone(store: Store) -> None:
    async with store.write() as tx:
        await conversations.put(tx, VICTIM_CHAT, {"step": "age"}, NOW)
        await conversations.remove(tx, VICTIM_CHAT)
        await conversations.remove(tx, VICTIM_CHAT)
        assert await conversations.get(tx, VICTIM_CHAT) is None


async def test_old_conversations_are_purged(store: Store) -> None:
    async with store.write() as tx:
        await conversations.put(tx, ChatId(1), {"step": "age"}, NOW)
        await conversations.put(tx, ChatId(2), {"step": "age"}, after(10))
        assert await conversations.purge(tx, after(10)) == 1
        assert await conversations.get(tx, ChatId(1)) is None
        assert await conversations.get(tx, ChatId(2)) is not None


async def test_failed_tries_are_kept_by_key(store: Store) -> None:
    async with store.write() as tx:
        assert await tries.get(tx, "pin:7") == Tries(0, None)
        await tries.failed(tx, "pin:7", failed=1, blocked_until=None, now=NOW)
        await tries.failed(tx, "pin:7", failed=2, blocked_until=after(900), now=after(1))
        assert await tries.get(tx, "pin:7") == Tries(2, after(900))
        assert await tries.get(tx, "pin:8") == Tries(0, None)


async def test_cleared_tries_begin_anew(store: Store) -> None:
    async with store.write() as tx:
        await tries.failed(tx, "pin:7", failed=5, blocked_until=after(900), now=NOW)
        await tries.clear(tx, "pin:7")
        assert await tries.get(tx, "pin:7") == Tries(0, None)


async def test_a_purge_keeps_recent_tries_and_those_that_still_block(store: Store) -> None:
    async with store.write() as tx:
        await tries.failed(tx, "old", failed=1, blocked_until=None, now=NOW)
        await tries.failed(tx, "blocking", failed=5, blocked_until=after(900), now=NOW)
        await tries.failed(tx, "recent", failed=1, blocked_until=None, now=after(60))
        assert await tries.purge(tx, after(60)) == 1
        assert await tries.get(tx, "old") == Tries(0, None)
        assert (await tries.get(tx, "blocking")).failed == 5
        assert (await tries.get(tx, "recent")).failed == 1


async def test_times_come_back_aware_and_to_the_millisecond(store: Store) -> None:
    exact = NOW + timedelta(milliseconds=123)
    async with store.write() as tx:
        await tries.failed(tx, "x", failed=1, blocked_until=exact, now=NOW)
        until = (await tries.get(tx, "x")).blocked_until
    assert until == exact
    assert until.utcoffset() == timedelta(0)


async def test_no_column_shows_a_name_or_a_number_of_a_person(store: Store) -> None:
    async with store.write() as tx:
        await people.put(tx, STAFF, Role.STAFF, ADMIN, NOW)
        await conversations.put(tx, VICTIM_CHAT, {"chat": VICTIM_CHAT}, NOW)
        await tries.failed(tx, f"pin:{VICTIM_CHAT}", failed=1, blocked_until=None, now=NOW)
        rows = [
            row
            for table in (tables.people, tables.conversations, tables.tries)
            for row in await tx.all(select(table))
        ]
    values = [value for row in rows for value in row]
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    for secret in (str(STAFF.user_id), str(ADMIN.user_id), str(VICTIM_CHAT), STAFF.name, ADMIN.name):
        assert secret.encode() not in stored
