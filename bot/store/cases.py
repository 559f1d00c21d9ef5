"""Cases and the fingerprints that victims registered, up to their deletion."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, delete, func, insert, select, update

from bot.model import (
    UNDECIDED,
    AlertId,
    CaseId,
    CaseState,
    ChatId,
    FindingState,
    HashState,
    Language,
    MessageId,
    PostId,
)
from bot.store import figures, mentions, photos, posts
from bot.store.alerts import NUMBER, VIDEO, destination
from bot.store.errors import Conflict
from bot.store.photos import PHOTO
from bot.store.registry import BITS, next_revision
from bot.store.tables import alerts, cases, findings, fingerprints, items
from bot.store.tables import figures as figure_rows
from bot.store.tx import Tx

NUMBER_KEY = "cases.number_key"
_PIN_VERIFIER = "cases.pin_verifier"
_CONTACT = "cases.contact"
_CONTACT_KEY = "cases.contact_key"
BITS_KEY = "fingerprints.bits_key"

WHOLE, FIRST_FRAME, FRAME = "whole", "first_frame", "frame"
"""Parts. A whole starts the next picture and a first frame the next video; their other parts follow them."""

_ITEM_KINDS = {FIRST_FRAME: VIDEO, FRAME: VIDEO, PHOTO: PHOTO}
"""By part; those of pictures are left out."""


@dataclass(frozen=True)
class Case:
    """`number` and `contact` are gone once it is withdrawn; `uid` stays, for the audit."""

    id: CaseId
    uid: str
    state: CaseState
    number: str | None
    language: Language
    consent_version: str
    contact: ChatId | None
    created_at: datetime
    withdrawn_at: datetime | None
    fingerprint_count: int
    """Hashes, without ordinary photos."""
    photo_count: int = 0


@dataclass(frozen=True)
class NewFingerprint:
    """A fingerprint to be registered. `bits` are its bytes: 32 for `kind` pdq; the features for a photo, which is one
    fingerprint with `PHOTO` as its kind and part.
    """

    kind: str
    part: str
    bits: bytes
    radius_bits: int
    quality: int | None = None
    at_ms: int = 0
    """Of a frame, from the start of the video."""
    state: HashState = HashState.ACTIVE


async def create(
    tx: Tx,
    *,
    uid: str,
    number: str,
    pin_verifier: str,
    language: Language,
    consent_version: str,
    contact: ChatId | None,
    now: datetime,
) -> CaseId:
    """A new case. Raises `Conflict` where the number or the uid is taken: try again with another."""
    return CaseId(
        await tx.scalar(
            insert(cases)
            .values(
                uid=uid,
                state=CaseState.ACTIVE.value,
                number=tx.cipher.seal(NUMBER, number.encode()),
                number_key=tx.cipher.digest(NUMBER_KEY, number),
                pin_verifier=tx.cipher.seal(_PIN_VERIFIER, pin_verifier.encode()),
                language=language.value,
                consent_version=consent_version,
                created_at=now,
                **_contact(tx, contact),
            )
            .returning(cases.c.id)
        )
    )


async def get(tx: Tx, case_id: CaseId) -> Case | None:
    found = await _select(tx, cases.c.id == case_id)
    return found[0] if found else None


async def by_number(tx: Tx, number: str) -> tuple[Case, str] | None:
    """The case and its PIN verifier; never a withdrawn one."""
    return await _with_verifier(tx, cases.c.number_key == tx.cipher.digest(NUMBER_KEY, number))


async def with_verifier(tx: Tx, case_id: CaseId) -> tuple[Case, str] | None:
    """The case and its PIN verifier; never a withdrawn one."""
    is_active = cases.c.state == CaseState.ACTIVE.value
    return await _with_verifier(tx, (cases.c.id == case_id) & is_active)


async def by_hashes(tx: Tx, hashes: Collection[bytes], limit: int) -> list[CaseId]:
    """Cases that registered any of these: those with the most of them first, of equals the oldest."""
    keys = {tx.cipher.digest(BITS_KEY, bits) for bits in hashes}
    rows = await tx.all(
        select(fingerprints.c.case_id)
        .join(cases, cases.c.id == fingerprints.c.case_id)
        .where(fingerprints.c.bits_key.in_(keys), ~cases.c.is_list)
        .group_by(fingerprints.c.case_id)
        .order_by(func.count().desc(), fingerprints.c.case_id)
        .limit(limit)
    )
    return [CaseId(row.case_id) for row in rows]


async def by_contact(tx: Tx, chat_id: ChatId) -> list[Case]:
    """The cases that may be told of findings in this chat, oldest first."""
    return await _select(tx, cases.c.contact_key == tx.cipher.digest(_CONTACT_KEY, chat_id))


async def set_contact(tx: Tx, case_id: CaseId, chat_id: ChatId | None) -> None:
    """Where the victim may be told of findings, or None: nowhere."""
    await tx.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.state == CaseState.ACTIVE.value)
        .values(**_contact(tx, chat_id))
    )


async def add_fingerprints(tx: Tx, case_id: CaseId, prints: Sequence[NewFingerprint], now: datetime) -> int:
    """Register what this case has not registered yet, under one new revision; returns how many that were.

    At most some thousand at once. Raises `Conflict` for a case that is withdrawn.
    """
    revision = await next_revision(tx)
    case = await get(tx, case_id)
    if case is None or case.state is not CaseState.ACTIVE:
        raise Conflict("The case is withdrawn, and nothing can be registered for it any more.")
    keys = [tx.cipher.digest(BITS_KEY, new.bits) for new in prints]
    item_of = await _items(tx, case_id, keys)
    item_id: int | None = None
    values: list[dict[str, Any]] = []
    for new, key in zip(prints, keys, strict=True):
        known = item_of.get((new.kind, key))
        if known is not None:
            item_id = known
            continue
        if item_id is None or new.part in (WHOLE, FIRST_FRAME, PHOTO):
            item_id = await _add_item(tx, case_id, _ITEM_KINDS.get(new.part, "picture"), now)
        item_of[new.kind, key] = item_id
        values.append(
            {
                "item_id": item_id,
                "case_id": case_id,
                "kind": new.kind,
                "part": new.part,
                "at_ms": new.at_ms,
                "bits": tx.cipher.seal(BITS, new.bits),
                "bits_key": key,
                "radius_bits": new.radius_bits,
                "quality": new.quality,
                "state": new.state.value,
                "revision": revision,
            }
        )
    if values:
        await tx.execute(insert(fingerprints), values)
    return len(values)


async def withdraw(tx: Tx, case_id: CaseId, now: datetime) -> list[AlertId]:
    """Delete fingerprints, number, PIN and contact for good; what remains is the row with its uid and dates.

    Findings that nobody decided on become withdrawn. Returns the alerts that now read differently; none when the case
    was withdrawn before. `Store.scrub` removes the deleted values from the files.
    """
    await photos.forget(tx, fingerprints.c.case_id == case_id, now)
    await tx.execute(delete(items).where(items.c.case_id == case_id))
    ended = await tx.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.state == CaseState.ACTIVE.value)
        .values(
            state=CaseState.WITHDRAWN.value,
            number=None,
            number_key=None,
            pin_verifier=None,
            withdrawn_at=now,
            mutes_same_photo=False,
            **_contact(tx, None),
        )
    )
    if ended.rowcount == 0:
        return []
    await tx.execute(
        update(findings)
        .where(
            findings.c.case_id == case_id,
            findings.c.state.in_([state.value for state in (*UNDECIDED, FindingState.HELD)]),
        )
        .values(state=FindingState.WITHDRAWN.value, changed_at=now)
    )
    changed = await tx.all(
        update(alerts)
        .where(alerts.c.case_id == case_id)
        .values(is_open=False, held=0, revision=alerts.c.revision + 1)
        .returning(alerts.c.id)
    )
    return sorted(AlertId(row.id) for row in changed)


async def erase(tx: Tx, case_id: CaseId, now: datetime) -> list[tuple[ChatId, MessageId]]:
    """Withdraw the case and delete what was found for it. Returns the messages that tell of it, to be deleted."""
    await withdraw(tx, case_id, now)
    telling = await mentions.of_case(tx, case_id)
    rows = await tx.all(
        select(alerts.c.chat, alerts.c.message_id)
        .where(alerts.c.case_id == case_id, alerts.c.message_id.is_not(None))
        .order_by(alerts.c.id)
    )
    own = select(findings.c.id).where(findings.c.case_id == case_id)
    await figures.take_back(tx, figure_rows.c.finding_id.in_(own), now)
    found = await tx.all(delete(findings).where(findings.c.case_id == case_id).returning(findings.c.post_id))
    await tx.execute(delete(alerts).where(alerts.c.case_id == case_id))
    for row in found:
        await posts.forget(tx, PostId(row.post_id))
    return [*(destination(tx, row) for row in rows), *telling]


async def mute_same_photo(tx: Tx, case_id: CaseId, *, muted: bool) -> bool:
    """Whether reposts of the case's ordinary photos are told. False: that was so already, or it is withdrawn."""
    changed = await tx.execute(
        update(cases)
        .where(
            cases.c.id == case_id,
            cases.c.state == CaseState.ACTIVE.value,
            cases.c.mutes_same_photo.is_not(muted),
        )
        .values(mutes_same_photo=muted)
    )
    return changed.rowcount == 1


async def _items(tx: Tx, case_id: CaseId, keys: Sequence[bytes]) -> dict[tuple[str, bytes], int]:
    """The items of those fingerprints that the case has already, by kind and key."""
    rows = await tx.all(
        select(fingerprints.c.kind, fingerprints.c.bits_key, fingerprints.c.item_id).where(
            fingerprints.c.case_id == case_id, fingerprints.c.bits_key.in_(set(keys))
        )
    )
    return {(row.kind, row.bits_key): row.item_id for row in rows}


async def _add_item(tx: Tx, case_id: CaseId, kind: str, now: datetime) -> int:
    item_id: int = await tx.scalar(
        insert(items).values(case_id=case_id, kind=kind, created_at=now).returning(items.c.id)
    )
    return item_id


def _contact(tx: Tx, chat_id: ChatId | None) -> dict[str, bytes | None]:
    if chat_id is None:
        return {"contact": None, "contact_key": None}
    return {
        "contact": tx.cipher.seal(_CONTACT, str(chat_id).encode()),
        "contact_key": tx.cipher.digest(_CONTACT_KEY, chat_id),
    }


async def _select(tx: Tx, condition: ColumnElement[bool]) -> list[Case]:
    hashes = _count(fingerprints.c.kind != PHOTO).label("fingerprint_count")
    photo_count = _count(fingerprints.c.kind == PHOTO).label("photo_count")
    rows = await tx.all(select(cases, hashes, photo_count).where(condition).order_by(cases.c.id))
    return [_case(tx, row) for row in rows]


async def _with_verifier(tx: Tx, condition: ColumnElement[bool]) -> tuple[Case, str] | None:
    # A list of another organisation has no PIN, and nobody gets into it.
    condition = condition & ~cases.c.is_list
    found = await _select(tx, condition)
    if not found:
        return None
    verifier = await tx.scalar(select(cases.c.pin_verifier).where(condition))
    return found[0], tx.cipher.open(_PIN_VERIFIER, verifier).decode()


def _count(of_kind: ColumnElement[bool]) -> ScalarSelect[int]:
    own = fingerprints.c.case_id == cases.c.id
    return select(func.count()).where(own, of_kind).correlate(cases).scalar_subquery()


def _case(tx: Tx, row: Row[Any]) -> Case:
    return Case(
        id=CaseId(row.id),
        uid=row.uid,
        state=CaseState(row.state),
        number=None if row.number is None else tx.cipher.open(NUMBER, row.number).decode(),
        language=Language(row.language),
        consent_version=row.consent_version,
        contact=None if row.contact is None else ChatId(int(tx.cipher.open(_CONTACT, row.contact))),
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
        fingerprint_count=row.fingerprint_count,
        photo_count=row.photo_count,
    )
