"""Who was given a role by an admin; the first admins are in the configuration and not here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, select

from bot.model import Person, Role, UserId
from bot.store.tables import people
from bot.store.tx import Tx

_KEY = "people.user_key"
_PERSON = "people.person"
_ADDED_BY = "people.added_by"
_JSON = TypeAdapter(Person)


@dataclass(frozen=True)
class Member:
    person: Person
    role: Role
    added_by: Person
    added_at: datetime


async def put(tx: Tx, person: Person, role: Role, by: Person, now: datetime) -> None:
    """Give the person this role instead of any earlier one."""
    values = {
        "person": tx.cipher.seal(_PERSON, _JSON.dump_json(person)),
        "role": role.value,
        "added_by": tx.cipher.seal(_ADDED_BY, _JSON.dump_json(by)),
        "added_at": now,
    }
    await tx.execute(
        tx.insert(people)
        .values(user_key=tx.cipher.digest(_KEY, person.user_id), **values)
        .on_conflict_do_update(index_elements=["user_key"], set_=values)
    )


async def remove(tx: Tx, user_id: UserId) -> bool:
    """Whether the person had a role."""
    result = await tx.execute(delete(people).where(people.c.user_key == tx.cipher.digest(_KEY, user_id)))
    return result.rowcount == 1


async def role_of(tx: Tx, user_id: UserId) -> Role | None:
    role = await tx.scalar(select(people.c.role).where(people.c.user_key == tx.cipher.digest(_KEY, user_id)))
    return None if role is None else Role(role)


async def listed(tx: Tx) -> list[Member]:
    """In the order in which they were first added."""
    return [_member(tx, row) for row in await tx.all(select(people).order_by(people.c.id))]


def _member(tx: Tx, row: Row[Any]) -> Member:
    return Member(
        person=_JSON.validate_json(tx.cipher.open(_PERSON, row.person)),
        role=Role(row.role),
        added_by=_JSON.validate_json(tx.cipher.open(_ADDED_BY, row.added_by)),
        added_at=row.added_at,
    )
