"""Who works here."""

from __future__ import annotations

import pytest
from store_makers import ADMIN, NOW, STAFF

from bot import people
from bot.errors import Refused
from bot.model import Person, Role, UserId
from bot.store import Store, audit

ADMINS = frozenset({ADMIN.user_id})


async def test_an_admin_is_named_by_the_configuration_and_everybody_else_is_a_victim(store: Store) -> None:
    async with store.read() as tx:
        assert await people.role_of(tx, ADMIN.user_id, ADMINS) is Role.ADMIN
        assert await people.role_of(tx, STAFF.user_id, ADMINS) is Role.VICTIM


async def test_added_staff_are_listed_until_they_are_removed(store: Store) -> None:
    async with store.write() as tx:
        await people.add_staff(tx, STAFF, ADMINS, by=ADMIN, now=NOW)
        assert await people.role_of(tx, STAFF.user_id, ADMINS) is Role.STAFF
        assert [member.person for member in await people.everybody(tx)] == [STAFF]
        await people.remove_staff(tx, STAFF.user_id, ADMINS, by=ADMIN, now=NOW)
        assert await people.role_of(tx, STAFF.user_id, ADMINS) is Role.VICTIM
        assert await people.everybody(tx) == []
        assert (await audit.verify(tx)).harm is None


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (ADMIN, "already-admin"),
        (Person(UserId(1087968824), "Group"), "anonymous"),
        (Person(UserId(136817688), "Channel"), "anonymous"),
        (Person(UserId(777000), "Telegram"), "anonymous"),
        (Person(UserId(5), ""), "bad-name"),
        (Person(UserId(5), "n" * 65), "bad-name"),
    ],
)
async def test_an_admin_an_anonymous_account_or_somebody_without_a_usable_name_is_not_added(
    store: Store, person: Person, code: str
) -> None:
    async with store.write() as tx:
        with pytest.raises(Refused, match=code):
            await people.add_staff(tx, person, ADMINS, by=ADMIN, now=NOW)
        assert await people.everybody(tx) == []


async def test_an_admin_or_a_stranger_cannot_be_removed(store: Store) -> None:
    async with store.write() as tx:
        with pytest.raises(Refused, match="admin-in-configuration"):
            await people.remove_staff(tx, ADMIN.user_id, ADMINS, by=ADMIN, now=NOW)
        with pytest.raises(Refused, match="not-staff"):
            await people.remove_staff(tx, STAFF.user_id, ADMINS, by=ADMIN, now=NOW)


async def test_who_was_config_admin_and_staff_row_is_admin(store: Store) -> None:
    async with store.write() as tx:
        await people.add_staff(tx, STAFF, ADMINS, by=ADMIN, now=NOW)
        assert await people.role_of(tx, STAFF.user_id, ADMINS | {STAFF.user_id}) is Role.ADMIN
