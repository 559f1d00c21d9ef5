"""Lists of other organisations taken in and handed on.

Handed on is only what was taken in: nobody who registered hashes here was asked whether others may have them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import BadArgument
from bot.model import CaseId, HashState
from bot.registered import hashlist
from bot.registered.hashlist import Entry
from bot.store import Store, Tx, audit, cases, lists
from bot.store.cases import WHOLE, NewFingerprint
from bot.store.lists import HashList
from matcher import KINDS, Fingerprint

AT_ONCE = 500
MAX_NAME = 60

Progress = Callable[[int], None]
Key = tuple[str, bytes]
"""A hash by its kind and its bits."""


@dataclass(frozen=True)
class Imported:
    """Hashes that are new, that were there already, and that are gone."""

    new: int
    known: int
    gone: int


class BadName(BadArgument):
    """A list needs a name of 1 to 60 characters that does not look like the number of a case (JK-...)."""


def checked_name(untrusted_name: str) -> str:
    """Raises `BadName`."""
    name = untrusted_name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name.upper().startswith("JK-"):
        raise BadName
    return name


async def take_in(
    store: Store,
    name: str,
    rows: Sequence[Entry],
    *,
    is_complete: bool,
    quarantine: bool,
    is_trial: bool,
    now: datetime,
    progress: Progress,
) -> Imported:
    """Take over a file of the list `name`. With `is_complete`, for which the file must have passed
    `hashlist.check_whole`, whatever it does not hold is gone; `is_trial` changes nothing and tells what would be. The same
    file again changes nothing.
    """
    wanted: dict[Key, Fingerprint] = {}
    numbers: dict[Key, str] = {}
    withdrawn = hashlist.gone(rows)
    for row in rows:
        for one in row.prints:
            key = one.kind, one.bits
            if not withdrawn.holds(row, one):
                wanted[key] = one
                if row.number:
                    numbers[key] = row.number
    owner = await _owner(store, name, is_trial=is_trial, now=now)
    gone = set(withdrawn.keys)
    if is_complete and owner is not None:
        gone |= await _others(store, owner.id, wanted)
    new = await _add(
        store,
        owner,
        list(wanted.values()),
        numbers,
        quarantine,
        is_trial=is_trial,
        now=now,
        progress=progress,
    )
    if owner is not None:
        # Its numbers are new by now: a hash that was withdrawn and came again has another than its tombstone.
        async with store.read() as tx:
            named = await lists.named(tx, owner.id, withdrawn.numbers)
        gone |= {key for key in named if key not in wanted}
    dropped = await _drop(store, owner, sorted(gone), is_trial=is_trial, now=now)
    return Imported(new, len(wanted) - new, dropped)


async def of_names(tx: Tx, names: Sequence[str]) -> list[HashList]:
    """These lists, or all. Raises `BadArgument` for one that is not there."""
    every = {one.name: one for one in await lists.everything(tx)}
    missing = [name for name in names if name not in every]
    if missing:
        raise BadArgument(f"there is no list of this name: {missing[0]}")
    return [every[name] for name in names] if names else list(every.values())


async def _owner(store: Store, name: str, *, is_trial: bool, now: datetime) -> HashList | None:
    if is_trial:
        async with store.read() as tx:
            return await lists.get(tx, name)
    async with store.write() as tx:
        return await lists.ensure(tx, name, uid=secrets.token_hex(16), now=now)


async def _add(
    store: Store,
    owner: HashList | None,
    prints: Sequence[Fingerprint],
    numbers: Mapping[Key, str],
    quarantine: bool,
    *,
    is_trial: bool,
    now: datetime,
    progress: Progress,
) -> int:
    state = HashState.QUARANTINED if quarantine else HashState.ACTIVE
    new = 0
    for some in _some(prints):
        fresh = list(some)
        named = {key: numbers[key] for key in ((one.kind, one.bits) for one in some) if key in numbers}
        if owner is not None:
            async with store.read() as tx:
                known = await lists.known(tx, owner.id, [(one.kind, one.bits) for one in some])
            fresh = [one for one in some if (one.kind, one.bits) not in known]
        if owner is None or is_trial:
            new += len(fresh)
        elif fresh or named:
            added = 0
            async with store.write() as tx:
                if fresh:
                    prints_to_add = [_new(one, state) for one in fresh]
                    added = await cases.add_fingerprints(tx, owner.id, prints_to_add, now)
                # With them: a list that withdraws one may say no more than its number.
                await lists.name(tx, owner.id, named)
                await _audit(tx, owner, now, new=added)
            new += added
        progress(len(some))
    return new


async def _drop(
    store: Store, owner: HashList | None, gone: Sequence[Key], *, is_trial: bool, now: datetime
) -> int:
    dropped = 0
    for at in range(0, len(gone) if owner is not None else 0, AT_ONCE):
        assert owner is not None
        some = gone[at : at + AT_ONCE]
        if is_trial:
            async with store.read() as tx:
                dropped += len(await lists.known(tx, owner.id, some))
        else:
            async with store.write() as tx:
                gone_now = await lists.drop(tx, owner.id, some, now)
                await _audit(tx, owner, now, gone=gone_now)
            dropped += gone_now
    return dropped


async def _audit(tx: Tx, owner: HashList, now: datetime, *, new: int = 0, gone: int = 0) -> None:
    """In the transaction of what it tells: an import can be interrupted, and the next one finds nothing to do."""
    if new or gone:
        details = {"list": owner.name, "new": new, "gone": gone}
        await audit.append(
            tx, action="list_imported", subject=owner.uid, actor=None, details=details, now=now
        )


async def _others(store: Store, list_id: CaseId, wanted: dict[Key, Fingerprint]) -> set[Key]:
    """What the list has and the file does not hold."""
    others: set[Key] = set()
    after = 0
    while True:
        async with store.read() as tx:
            rows = await lists.page(tx, list_id, after, AT_ONCE)
        if not rows:
            return others
        others |= {(kind, bits) for _, kind, bits in rows if (kind, bits) not in wanted}
        after = rows[-1][0]


def _new(one: Fingerprint, state: HashState) -> NewFingerprint:
    return NewFingerprint(one.kind, WHOLE, one.bits, KINDS[one.kind].radius_bits, one.quality, state=state)


def _some(prints: Sequence[Fingerprint]) -> Iterator[Sequence[Fingerprint]]:
    return (prints[at : at + AT_ONCE] for at in range(0, len(prints), AT_ONCE))
