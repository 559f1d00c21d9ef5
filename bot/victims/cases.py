"""What victims can do: open a case, add hashes, come back with number and PIN, withdraw, have everything deleted.

A try of a PIN that fails is counted in the caller's transaction, so `Refused` must be caught inside of it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from secrets import SystemRandom
from typing import Literal

import structlog

from bot.config import VictimConfig
from bot.errors import Refused
from bot.model import CONFIRMED, UNDECIDED, AlertId, CaseId, CaseState, ChatId, HashState, Language, MessageId
from bot.store import Tx, audit, findings, inbox, registry, tries
from bot.store import cases as rows
from bot.store.cases import FIRST_FRAME, FRAME, WHOLE, Case, NewFingerprint
from bot.store.tries import Tries
from bot.victims.credentials import NUMBER_ALPHABET, NUMBER_LENGTH, PIN_LENGTH, Pins, written_number
from bot.victims.quota import DayQuota
from matcher import Fingerprint, VideoFingerprint

log = structlog.get_logger()

CONSENT_VERSION = "2026-11"
"""To be raised whenever the text that people consent to (`victim-consent`) says something else."""

MAX_SHOWN_CASES = 5
"""So many cases that have the same hashes are asked for a PIN, and so many PINs are checked where there are fewer."""
_EVERYBODY = ChatId(0)

Print = Fingerprint | VideoFingerprint
"""What one hash text says: of a picture, or of a video's frames."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Added:
    """What became of the hashes of one message.

    `known` were registered before, or were in the message twice; `limit` names what kept `left_out` of them out.
    """

    new: int
    known: int
    left_out: int
    limit: Literal["case", "day"] | None
    total: int


@dataclass(frozen=True)
class Opened:
    """A new case, and its PIN, which is kept nowhere."""

    case: Case
    pin: str
    added: Added


@dataclass(frozen=True)
class Erased:
    cases: int
    hashes: int
    photos: int
    alerts: list[tuple[ChatId, MessageId]]
    """The messages that show staff what was found for them; they are to be deleted."""


class Cases:
    def __init__(
        self,
        config: VictimConfig,
        *,
        radius_bits: int,
        now: Callable[[], datetime],
        quarantine: bool = True,
        pins: Pins | None = None,
        random: Random | None = None,
    ) -> None:
        """`radius_bits` is the match radius of what is registered from now on, which goes into `quarantine` first."""
        self._config = config
        self._radius_bits = radius_bits
        self._now = now
        self._state = HashState.QUARANTINED if quarantine else HashState.ACTIVE
        self._pins = pins or Pins()
        self._random = random or SystemRandom()
        self._quota = DayQuota("hashes", config.max_hashes_per_day, now)
        self._cases_quota = DayQuota("cases", config.max_cases_per_day, now)
        self._lost_tries = DayQuota("lost", config.lost_tries_per_day, now)
        # Their limit is the business of `bot.victims.photos`; here they are only given back.
        self._photo_quota = DayQuota("photos", 0, now)

    async def open(self, tx: Tx, prints: Sequence[Print], *, chat_id: ChatId, language: Language) -> Opened:
        """A case with its first hashes, of which the chat is not kept. Raises `Refused`: `day-limit`, `cases-limit`."""
        if await self._quota.room(tx, chat_id) <= 0:
            raise Refused("day-limit", limit=self._config.max_hashes_per_day)
        if await self._cases_quota.room(tx, chat_id) <= 0:
            raise Refused("cases-limit", limit=self._config.max_cases_per_day)
        case, pin = await self.create(tx, chat_id=chat_id, language=language)
        added = await self.add(tx, case, prints, chat_id=chat_id)
        return Opened(await _get(tx, case.id), pin, added)

    async def create(self, tx: Tx, *, chat_id: ChatId, language: Language) -> tuple[Case, str]:
        """A case with nothing registered yet, and its PIN, which is kept nowhere. It counts among those of the day."""
        await self._cases_quota.count(tx, chat_id, 1)
        uid = f"{self._random.getrandbits(128):032x}"
        pin = self._letters("0123456789", PIN_LENGTH)
        case_id = await rows.create(
            tx,
            uid=uid,
            number=written_number(self._letters(NUMBER_ALPHABET, NUMBER_LENGTH)),
            pin_verifier=await self._pins.verifier(pin),
            language=language,
            consent_version=CONSENT_VERSION,
            contact=None,
            now=self._now(),
        )
        # Its hashes come next, and everybody else takes the audit last.
        await registry.hold(tx)
        await self._audit(tx, "case.opened", uid, consent=CONSENT_VERSION)
        return await _get(tx, case_id), pin

    async def add(self, tx: Tx, case: Case, prints: Sequence[Print], *, chat_id: ChatId) -> Added:
        """Register what the case has not registered yet, as far as the limits of case and day allow."""
        room_today = await self._quota.room(tx, chat_id)
        room_in_case = self._config.max_hashes_per_case - case.fingerprint_count
        room = min(room_today, room_in_case)
        told = [new for one in prints for new in self._to_store(one)]
        waiting = list({one.bits: one for one in reversed(told)}.values())[::-1]
        new, known = 0, len(told) - len(waiting)
        while waiting and new < room:
            # Only those that are new take up room, and how many are is known when they are stored.
            batch, waiting = waiting[: room - new], waiting[room - new :]
            stored = await rows.add_fingerprints(tx, case.id, batch, self._now())
            new += stored
            known += len(batch) - stored
        if new:
            await self._quota.count(tx, chat_id, new)
            await self._audit(tx, "hashes.added", case.uid, count=new)
        limit: Literal["case", "day"] = "case" if room_in_case <= room_today else "day"
        return Added(
            new=new,
            known=known,
            left_out=len(waiting),
            limit=limit if waiting else None,
            total=case.fingerprint_count + new,
        )

    async def unlock(self, tx: Tx, *, number: str, pin: str, chat_id: ChatId) -> Case:
        """The case of this number, if the PIN is its own.

        Raises `Refused`: `pin-wrong` with the tries `left`, `pin-blocked` with the `minutes` to wait. A number that
        does not exist is answered, counted and blocked like one that does.
        """
        now = self._now()
        of_number, of_chat = f"pin:number:{number}", f"pin:chat:{chat_id}"
        tried = {key: await tries.get(tx, key) for key in (of_number, of_chat)}
        for one in tried.values():
            _refuse_if_blocked(one.blocked_until, now)
        case, verifier = await rows.by_number(tx, number) or (None, None)
        if await self._pins.fits(verifier, pin) and case is not None:
            # What this chat tried with other numbers is another matter, and stays counted.
            await tries.clear(tx, of_number)
            return case
        failed = await self._failed(tx, tried)
        raise Refused("pin-wrong", left=self._config.pin_tries - failed)

    async def shown_by(self, tx: Tx, prints: Sequence[Print]) -> tuple[CaseId, ...]:
        """The cases that registered exactly these hashes, or some of them: where a number was lost, they are shown in
        its place.
        """
        hashes = {new.bits for one in prints for new in self._to_store(one)}
        return tuple(await rows.by_hashes(tx, hashes, MAX_SHOWN_CASES))

    async def unlock_shown(self, tx: Tx, shown: Sequence[CaseId], *, pin: str, chat_id: ChatId) -> Case:
        """The case, of those whose hashes were shown, that has this PIN.

        Whoever has the pictures can make the hashes, so that only the PIN keeps others out: tries are counted for the
        chat and for all chats together. Raises `Refused`: `lost-wrong` with the tries `left`, `pin-blocked` with the
        `minutes` to wait, `lost-blocked` where all tries of the day are used up. Where nothing is registered under the
        hashes all of it is the same, the time it takes included.
        """
        key = f"pin:chat:{chat_id}"
        tried = {key: await tries.get(tx, key)}
        _refuse_if_blocked(tried[key].blocked_until, self._now())
        if await self._lost_tries.room(tx, _EVERYBODY) <= 0:
            raise Refused("lost-blocked")
        found = [await rows.with_verifier(tx, case_id) for case_id in shown[:MAX_SHOWN_CASES]]
        found += [None] * (MAX_SHOWN_CASES - len(found))
        fitting = [
            case
            for case, verifier in (one or (None, None) for one in found)
            if await self._pins.fits(verifier, pin) and case is not None
        ]
        if fitting:
            await self._audit(tx, "case.unlocked", fitting[0].uid, by="hashes")
            return fitting[0]
        await self._lost_tries.count(tx, _EVERYBODY, 1)
        if await self._lost_tries.room(tx, _EVERYBODY) <= 0:
            log.warning(
                "no more tries without a case number for a day", limit=self._config.lost_tries_per_day
            )
        failed = await self._failed(tx, tried)
        raise Refused("lost-wrong", left=self._config.pin_tries - failed)

    async def reachable(self, tx: Tx, chat_id: ChatId, case_id: CaseId | None) -> Case | None:
        """The case of a conversation that opened or unlocked `case_id`, else the one that the chat is linked to."""
        case = await rows.get(tx, case_id) if case_id is not None else None
        if case is not None and case.state is CaseState.ACTIVE:
            return case
        return await linked(tx, chat_id)

    async def link(self, tx: Tx, case: Case, chat_id: ChatId) -> None:
        """Tell this chat of findings. Raises `Refused`: `already-linked`, to another case."""
        if any(other.id != case.id for other in await rows.by_contact(tx, chat_id)):
            raise Refused("already-linked")
        await self._set_contact(tx, case, chat_id)

    async def unlink(self, tx: Tx, case: Case) -> None:
        """Leave the case with its number and PIN only."""
        await self._set_contact(tx, case, None)

    async def withdraw(self, tx: Tx, case: Case) -> list[AlertId]:
        """Delete hashes, number, PIN and contact for good. Returns the alerts that now read differently."""
        alerts = await rows.withdraw(tx, case.id, self._now())
        photos = {"photos": case.photo_count} if case.photo_count else {}
        await self._audit(tx, "case.withdrawn", case.uid, count=case.fingerprint_count, **photos)
        return alerts

    async def erase(
        self, tx: Tx, chat_id: ChatId, case_id: CaseId | None, withdrawn: Sequence[CaseId] = ()
    ) -> Erased:
        """Delete every case that can be reached from this conversation, or was `withdrawn` in it, with all that was
        found for it, and what was said in the chat and could not be handled.
        """
        await inbox.forget_buried(tx, chat_id, now=self._now())
        reached = {case.id: case for case in await rows.by_contact(tx, chat_id)}
        case = await self.reachable(tx, chat_id, case_id)
        for one in (case, *[await rows.get(tx, case_id) for case_id in withdrawn]):
            if one is not None:
                reached[one.id] = one
        alerts: list[tuple[ChatId, MessageId]] = []
        for case in reached.values():
            alerts += await rows.erase(tx, case.id, self._now())
            await self._audit(tx, "case.erased", case.uid)
        hashes = sum(case.fingerprint_count for case in reached.values())
        photos = sum(case.photo_count for case in reached.values())
        # What stays registered stays counted, and so do failed tries of PINs: or erasing would be a way to go on.
        for quota, erased in (
            (self._quota, hashes),
            (self._photo_quota, photos),
            (self._cases_quota, len(reached)),
        ):
            await quota.give_back(tx, chat_id, erased)
        return Erased(len(reached), hashes, photos, alerts)

    def _letters(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choice(alphabet) for _ in range(length))

    def _to_store(self, one: Print) -> Iterator[NewFingerprint]:
        if isinstance(one, Fingerprint):
            yield self._new(one, WHOLE)
            return
        for number, (at_ms, fingerprint) in enumerate(one.frames):
            yield self._new(fingerprint, FRAME if number else FIRST_FRAME, at_ms)

    def _new(self, fingerprint: Fingerprint, part: str, at_ms: int = 0) -> NewFingerprint:
        return NewFingerprint(
            kind=fingerprint.kind,
            part=part,
            bits=fingerprint.bits,
            radius_bits=self._radius_bits,
            quality=fingerprint.quality,
            at_ms=at_ms,
            state=self._state,
        )

    async def _failed(self, tx: Tx, tried: Mapping[str, Tries]) -> int:
        """Count one more failure under each key; returns how many there are by now. Raises `Refused`: `pin-blocked`."""
        now = self._now()
        blocked_until = None
        for key, one in tried.items():
            until = self._block(one.failed + 1, now)
            await tries.failed(tx, key, failed=one.failed + 1, blocked_until=until, now=now)
            blocked_until = max(filter(None, (until, blocked_until)), default=None)
        _refuse_if_blocked(blocked_until, now)
        return max(one.failed + 1 for one in tried.values())

    def _block(self, failed: int, now: datetime) -> datetime | None:
        """Each failure from the last allowed one on blocks twice as long as the one before, up to a day."""
        beyond = failed - self._config.pin_tries
        if beyond < 0:
            return None
        # A day is at most 1440 times the shortest block.
        return now + min(timedelta(minutes=self._config.pin_block_minutes) * (1 << min(beyond, 11)), _DAY)

    async def _set_contact(self, tx: Tx, case: Case, chat_id: ChatId | None) -> None:
        if case.contact != chat_id:
            await rows.set_contact(tx, case.id, chat_id)
            await self._audit(tx, "contact.set", case.uid, linked=chat_id is not None)

    async def _audit(self, tx: Tx, action: str, uid: str, **details: str | int) -> None:
        await audit.append(tx, action=action, subject=uid, actor=None, details=details, now=self._now())


async def found(tx: Tx, case: Case) -> tuple[int, int]:
    """How many posts staff confirmed for the case, and how many they have not looked at yet."""
    counts = await findings.of_case(tx, case.id)
    return sum(counts[state] for state in CONFIRMED), sum(counts[state] for state in UNDECIDED)


async def case_to_tell(tx: Tx, alert_id: AlertId) -> Case | None:
    """The case of this alert, if its contact asked to be told of findings."""
    alert = await findings.alert(tx, alert_id)
    case, _ = (await rows.by_number(tx, alert.case_number) if alert else None) or (None, None)
    return None if case is None or case.contact is None else case


async def linked(tx: Tx, chat_id: ChatId) -> Case | None:
    """The case whose findings are told in this chat."""
    found = await rows.by_contact(tx, chat_id)
    return found[0] if found else None


def mark(case: Case) -> str:
    """The case as buttons carry it. Without its number nobody can tell from it which case of the database it is."""
    assert case.number is not None
    return hashlib.sha256(case.number.encode()).hexdigest()[:16]


def _refuse_if_blocked(until: datetime | None, now: datetime) -> None:
    if until is not None and until > now:
        raise Refused("pin-blocked", minutes=math.ceil((until - now) / timedelta(minutes=1)))


async def _get(tx: Tx, case_id: CaseId) -> Case:
    case = await rows.get(tx, case_id)
    assert case is not None
    return case
