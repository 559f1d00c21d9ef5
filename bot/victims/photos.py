"""Ordinary photos that victims register, so that what is made from them is found; apart from hashes in everything.

Opt-in (`[matching.photos]`), with limits, a time of keeping and entries in the audit of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config import PhotosConfig
from bot.errors import Refused
from bot.model import ChatId, Language
from bot.store import Tx, audit, photos
from bot.store import cases as rows
from bot.store.cases import Case, NewFingerprint
from bot.store.photos import PHOTO
from bot.victims.cases import Cases
from bot.victims.quota import DayQuota
from matcher import PhotoFeatures

CONSENT_VERSION = "2026-11-29"
"""To be raised whenever the text that people consent to (`victim-photo-consent`) says something else."""

MAX_FILE_BYTES = 128 << 10
"""Of the text file that holds a photo's features; it has some 50 kB."""


@dataclass(frozen=True)
class RegisteredPhoto:
    """The case with the photo. `pin` is that of a case made for it, kept nowhere; not `is_new` what it had before."""

    case: Case
    pin: str | None
    is_new: bool


class Photos:
    def __init__(self, config: PhotosConfig, cases: Cases, *, now: Callable[[], datetime]) -> None:
        self.config = config
        self._cases = cases
        self._now = now
        self._quota = DayQuota("photos", config.max_per_day, now)

    async def register(
        self, tx: Tx, case: Case | None, features: PhotoFeatures, *, chat_id: ChatId, language: Language
    ) -> RegisteredPhoto:
        """Raises `Refused`: `photo-day-limit`, `photo-case-limit`."""
        if await self._quota.room(tx, chat_id) <= 0:
            raise Refused("photo-day-limit", limit=self.config.max_per_day)
        if case is not None and case.photo_count >= self.config.max_per_case:
            raise Refused("photo-case-limit", limit=self.config.max_per_case)
        pin = None
        if case is None:
            case, pin = await self._cases.create(tx, chat_id=chat_id, language=language)
        new = NewFingerprint(kind=PHOTO, part=PHOTO, bits=features.to_bytes(), radius_bits=0)
        is_new = await rows.add_fingerprints(tx, case.id, [new], self._now()) == 1
        if is_new:
            await self._quota.count(tx, chat_id, 1)
            await _audit(tx, "photo.added", case.uid, self._now(), consent=CONSENT_VERSION)
        found = await rows.get(tx, case.id)
        assert found is not None
        return RegisteredPhoto(found, pin, is_new)


async def expire(tx: Tx, *, keep: timedelta, now: datetime) -> list[tuple[ChatId, Language]]:
    """Withdraw the photos that were kept long enough; the chats that are to be told, for those who asked for news."""
    told = []
    for case_id, item_ids in (await photos.expired(tx, now - keep)).items():
        case = await rows.get(tx, case_id)
        assert case is not None
        await photos.withdraw(tx, item_ids, now)
        await _audit(tx, "photos.expired", case.uid, now, count=len(item_ids))
        if case.contact is not None:
            told.append((case.contact, case.language))
    return told


async def _audit(tx: Tx, action: str, uid: str, now: datetime, **details: str | int) -> None:
    await audit.append(tx, action=action, subject=uid, actor=None, details=details, now=now)
