"""The list of registered hashes defended: single hashes stopped, let go on, narrowed, and known-good pictures named.

Everything can be taken back, and is in the audit log by the case's uid. Who may do it, `bot.access` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.errors import Refused
from bot.model import FindingId, FingerprintId, HashState, KnownGoodId, Person
from bot.store import Tx, audit, hashes, known_good, standing
from bot.store.hashes import RegisteredHash
from matcher import KINDS, MATCH_RADIUS_BITS, PDQ, PHOTO

MAX_RADIUS_BITS = 40
"""Of 256 bits; of shorter hashes it is as large a part. Different pictures differ by half of all bits."""
MAX_SOURCE = 60

_ENABLED = {
    (HashState.DISABLED, False): HashState.QUARANTINED,
    (HashState.DISABLED, True): HashState.ACTIVE,
    (HashState.HELD, False): HashState.CLEARED,
}
"""By how it stands, and whether it is an ordinary photo."""


async def of_finding(tx: Tx, finding_id: FindingId) -> list[RegisteredHash]:
    """Raises `Refused` `unknown-hash`: it is not there, or what it shows was withdrawn."""
    return _any(await hashes.of_finding(tx, finding_id))


async def one(tx: Tx, fingerprint_id: FingerprintId) -> list[RegisteredHash]:
    """Raises `Refused` `unknown-hash`."""
    return _any(await hashes.get(tx, fingerprint_id))


async def disable(
    tx: Tx, wanted: Sequence[RegisteredHash], *, by: Person, now: datetime
) -> list[FingerprintId]:
    """Posts that show nothing else make no alerts any more. Raises `Refused` `hash-as-it-is`."""
    moved = [one for one in wanted if one.state is not HashState.DISABLED]
    await _move(tx, moved, HashState.DISABLED, "hash_disabled", by, now)
    return [one.id for one in moved]


async def enable(
    tx: Tx, wanted: Sequence[RegisteredHash], *, by: Person, now: datetime
) -> list[FingerprintId]:
    """A disabled hash is in quarantine again, and one that is held goes on; so does a disabled ordinary photo.

    Raises `Refused` `hash-as-it-is`.
    """
    for (before, is_photo), after in _ENABLED.items():
        moved = [one for one in wanted if (one.state, one.kind == PHOTO) == (before, is_photo)]
        if moved:
            await _move(tx, moved, after, "hash_enabled", by, now)
    moved = [one for one in wanted if (one.state, one.kind == PHOTO) in _ENABLED]
    if not moved:
        raise Refused("hash-as-it-is")
    return [one.id for one in moved]


async def set_radius(
    tx: Tx, wanted: Sequence[RegisteredHash], radius_bits: int, *, by: Person, now: datetime
) -> list[FingerprintId]:
    """How far a picture may be from the hash to be a match. Raises `Refused`: `bad-radius`, `no-radius` for an
    ordinary photo.
    """
    wanted = [one for one in wanted if one.kind != PHOTO]
    if not wanted:
        raise Refused("no-radius")
    most = min(MAX_RADIUS_BITS * KINDS[one.kind].bits // KINDS[PDQ].bits for one in wanted)
    if not 0 <= radius_bits <= most:
        raise Refused("bad-radius", most=most)
    ids = [one.id for one in wanted]
    await hashes.set_radius(tx, ids, radius_bits)
    await _audit(tx, wanted, "hash_radius", by, now, radius_bits=radius_bits)
    return ids


async def name_known_good(tx: Tx, finding_id: FindingId, *, by: Person, now: datetime) -> list[FingerprintId]:
    """What the finding shows is a well-known picture: its hashes are muted, and whatever is near to them will be.

    Raises `Refused`: `unknown-hash`, `only-pdq` where it shows hashes of other kinds only.
    """
    shown = [one for one in await of_finding(tx, finding_id) if one.kind == PDQ]
    if not shown:
        raise Refused("only-pdq")
    bits = await known_good.bits_of(tx, [one.id for one in shown])
    await known_good.add(tx, list(bits.values()), source=f"F-{finding_id}", by=by, now=now)
    near: dict[FingerprintId, KnownGoodId] = {}
    for fingerprint_id, own in bits.items():
        known_id = await known_good.by_bits(tx, own)
        assert known_id is not None
        near[fingerprint_id] = known_id
    await known_good.mute(tx, near, now=now)
    await _audit(tx, shown, "hash_known_good", by, now, finding=finding_id)
    return [one.id for one in shown]


async def forget_known_good(tx: Tx, known_id: KnownGoodId, *, by: Person, now: datetime) -> None:
    """Raises `Refused` `unknown-known-good`."""
    if not await known_good.remove(tx, known_id, now=now, radius_bits=MATCH_RADIUS_BITS):
        raise Refused("unknown-known-good", number=str(known_id))
    await audit.append(
        tx, action="known_good_removed", subject=f"known good:{known_id}", actor=by, details={}, now=now
    )


async def import_known_good(tx: Tx, bits: Sequence[bytes], *, source: str, now: datetime) -> int:
    """Add a list's PDQ hashes; returns how many were not known."""
    new = await known_good.add(tx, bits, source=source[:MAX_SOURCE], by=None, now=now)
    if new:
        await audit.append(
            tx,
            action="known_good_imported",
            subject="known good",
            actor=None,
            details={"source": source[:MAX_SOURCE], "count": len(new)},
            now=now,
        )
    return len(new)


def _any(found: list[RegisteredHash]) -> list[RegisteredHash]:
    if not found:
        raise Refused("unknown-hash")
    return found


async def _move(
    tx: Tx, moved: Sequence[RegisteredHash], after: HashState, action: str, by: Person, now: datetime
) -> None:
    if not moved:
        raise Refused("hash-as-it-is")
    await standing.set_state(tx, [one.id for one in moved], after, now=now)
    await _audit(tx, moved, action, by, now, before=sorted({one.state.value for one in moved}))


async def _audit(
    tx: Tx, wanted: Sequence[RegisteredHash], action: str, by: Person, now: datetime, **details: object
) -> None:
    for uid in sorted({one.case_uid for one in wanted}):
        ids = [one.id for one in wanted if one.case_uid == uid]
        await audit.append(
            tx, action=action, subject=uid, actor=by, details={"hashes": ids, **details}, now=now
        )
