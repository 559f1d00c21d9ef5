"""Who works here: admins come from the configuration, staff are added by admins."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.errors import Refused
from bot.model import ANONYMOUS, Person, Role, UserId
from bot.store import Tx, audit, people
from bot.store.people import Member

MAX_NAME = 64


async def role_of(tx: Tx, user_id: UserId, admins: Collection[UserId]) -> Role:
    """Whoever has no role is a victim, or may be one."""
    if user_id in admins:
        return Role.ADMIN
    return await people.role_of(tx, user_id) or Role.VICTIM


async def add_staff(tx: Tx, person: Person, admins: Collection[UserId], *, by: Person, now: datetime) -> None:
    """Raises `Refused`: `already-admin`, `anonymous`, `bad-name`."""
    if person.user_id in admins:
        raise Refused("already-admin")
    if person.user_id in ANONYMOUS:
        raise Refused("anonymous")
    if not person.name or len(person.name) > MAX_NAME:
        raise Refused("bad-name", max=MAX_NAME)
    await people.put(tx, person, Role.STAFF, by, now)
    await _audit(tx, "staff_added", person.user_id, by, now)


async def remove_staff(
    tx: Tx, user_id: UserId, admins: Collection[UserId], *, by: Person, now: datetime
) -> None:
    """Raises `Refused`: `admin-in-configuration`, `not-staff`."""
    if user_id in admins:
        raise Refused("admin-in-configuration")
    if not await people.remove(tx, user_id):
        raise Refused("not-staff", user=str(user_id))
    await _audit(tx, "staff_removed", user_id, by, now)


async def everybody(tx: Tx) -> list[Member]:
    """The staff, in the order in which they were added."""
    return await people.listed(tx)


async def _audit(tx: Tx, action: str, user_id: UserId, by: Person, now: datetime) -> None:
    await audit.append(tx, action=action, subject="staff", actor=by, details={"user_id": user_id}, now=now)
