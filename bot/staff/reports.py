"""A report: all that an addressee needs to find a post and to act on it.

Never the media, the victim's name, the case number, which is half of a victim's login, or a name of staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from bot.config import ReportConfig
from bot.errors import Refused
from bot.links import to_message
from bot.model import CaseState, FindingId, FindingState, Language, Origin, PacketId, Person, Step
from bot.staff import casework
from bot.staff.addressees import Addressee, Need
from bot.store import Tx, evidence, packets, reported
from bot.store.casework import Finding, Wanted
from bot.store.evidence import Evidence
from bot.store.steps import Taken
from bot.texts import text
from matcher import KINDS, PDQ, PHOTO

MAX_FINDINGS = 200
"""In one packet."""
NEAR_PHOTO = "near_photo"
"""The view of a post where only a hash of an ordinary photo is near."""
REPORTABLE = frozenset({FindingState.CONFIRMED, FindingState.REPORTED, FindingState.STILL_UP})
CONFIGURED: frozenset[Need] = frozenset({"authority", "signature", "contact"})
"""What `[reports]` of the configuration gives."""

Value = str | int | bool | None | list[str] | list[int]


@dataclass(frozen=True)
class Packet:
    """What is sent to one addressee about findings of one case, or of one channel."""

    id: PacketId
    addressee: Addressee
    findings: Sequence[FindingId]
    made_at: datetime
    is_minor: bool
    sender: ReportConfig
    organisation: str
    posts: Sequence[dict[str, Value]]
    """A record for each post; see `record` for its fields."""
    missing: Sequence[Need]
    """What the addressee asks for and the configuration does not give: a person has to add it."""

    @property
    def name(self) -> str:
        """Of its files."""
        first = f"F-{self.findings[0]}"
        several = "" if len(self.findings) == 1 else f"-and-{len(self.findings) - 1}-more"
        return f"{first}{several}-{self.addressee.key}"


async def make(
    tx: Tx,
    finding_ids: Sequence[FindingId],
    addressee: Addressee,
    sender: ReportConfig,
    organisation: str,
    *,
    by: Person,
    now: datetime,
) -> Packet:
    """Raises `Refused`: `unknown-finding`, `not-confirmed` where nobody confirmed a finding, `finding-withdrawn`,
    `nothing-to-report`, `report-minor` where the addressee must not be sent what may show a minor.
    """
    if not finding_ids:
        raise Refused("nothing-to-report")
    found = [await to_report(tx, one) for one in finding_ids[:MAX_FINDINGS]]
    is_minor = any(finding.is_minor for finding in found)
    if is_minor and addressee.minors == "never":
        raise Refused("report-minor")
    posts = [record(finding, await evidence.of(tx, finding), addressee) for finding in found]
    for finding in found:
        await casework.put_on_record(tx, "packet_made", finding, by, now, addressee=addressee.key)
    return Packet(
        id=await packets.add(tx, addressee.key, [finding.id for finding in found], now),
        addressee=addressee,
        findings=[finding.id for finding in found],
        made_at=now,
        is_minor=is_minor,
        sender=sender,
        organisation=organisation,
        posts=posts,
        missing=[need for need in addressee.needs if not _given(need, sender)],
    )


async def sent(
    tx: Tx,
    finding_id: FindingId,
    addressee: str,
    untrusted_ticket: str,
    *,
    by: Person,
    now: datetime,
) -> Finding:
    """A person sent the report to the addressee of this key. A number is of the report that was sent without one, if
    there is such; but what is still up is reported again.

    Raises `Refused`: `unknown-finding`, `not-confirmed`, `finding-withdrawn`, `ticket-long`.
    """
    finding = await to_report(tx, finding_id)
    ticket = " ".join(untrusted_ticket.split())
    if len(ticket) > casework.MAX_TICKET:
        raise Refused("ticket-long", max=casework.MAX_TICKET)
    is_ticket_only = (
        bool(ticket)
        and finding.state is not FindingState.STILL_UP
        and await reported.give_ticket(tx, finding_id, addressee, ticket)
    )
    if not is_ticket_only:
        await reported.add(tx, finding_id, addressee, ticket or None, by=by, now=now)
    if finding.state is not FindingState.REPORTED:
        await casework.take(
            tx, finding_id, Step.REPORTED, seen=finding.state, by=by, second_person=False, now=now
        )
    action = "report_ticket" if is_ticket_only else "report_sent"
    await casework.put_on_record(tx, action, finding, by, now, addressee=addressee)
    return await casework.get(tx, finding_id)


async def packet_sent(tx: Tx, packet_id: PacketId, *, by: Person, now: datetime) -> tuple[str, list[Finding]]:
    """A person sent the packet: to whom, and what counts as reported by that.

    What was confirmed after it was made is not in it, and what is removed, closed or withdrawn since stays as it is. What
    was recorded already stays so too, unless it is still up: the button is there for everybody, and may be pressed twice.
    Raises `Refused` `already-reported` or `nothing-to-report` where that is all of it.
    """
    stored = await packets.get(tx, packet_id)
    if stored is None:
        raise Refused("nothing-to-report")
    addressee, made_at, finding_ids = stored
    told: list[Finding] = []
    known: list[FindingId] = []
    for finding_id in finding_ids:
        with suppress(Refused):
            if _is_told_since(await to_report(tx, finding_id), addressee, made_at):
                known.append(finding_id)
            else:
                told.append(await sent(tx, finding_id, addressee, "", by=by, now=now))
    if known and not told:
        raise Refused("already-reported", finding=str(known[0]), addressee=addressee)
    if not told:
        raise Refused("nothing-to-report")
    return addressee, told


def _is_told_since(finding: Finding, addressee: str, made_at: datetime) -> bool:
    return finding.state is FindingState.REPORTED and any(
        report.addressee == addressee and report.at >= made_at and not report.is_taken_back
        for report in finding.reports
    )


async def to_report(tx: Tx, finding_id: FindingId) -> Finding:
    """The finding, if it can be reported. Raises `Refused`: `unknown-finding`, `not-confirmed`, `finding-withdrawn`."""
    finding = await casework.get(tx, finding_id)
    if finding.case_state is CaseState.WITHDRAWN:
        raise Refused("finding-withdrawn")
    if finding.state not in REPORTABLE:
        raise Refused("not-confirmed", finding=str(finding_id))
    return finding


async def reportable(tx: Tx, wanted: Wanted, addressee: str | None = None) -> tuple[list[FindingId], int]:
    """The findings of a case or a channel that go into one packet: confirmed, reported or still up, first those that the
    addressee was not told of; and how many there are in all.
    """
    return await packets.to_report(tx, wanted, addressee, limit=MAX_FINDINGS)


def record(finding: Finding, seen: Evidence, addressee: Addressee) -> dict[str, Value]:
    """One post as this addressee is told of it, by plain names and values; the log is in words. Times are UTC, ISO 8601,
    and moments of videos in ms.
    """
    post = seen.post
    place = post.place
    links = to_message(place)
    best = seen.shown[0]
    by_hash = best.kind != PHOTO or best.distance >= 0
    comment = place.comment_of
    confirmed = [taken for taken in finding.steps if taken.step is Step.CONFIRMED and taken.undone_at is None]
    return {
        "finding": f"F-{finding.id}",
        "public_link": links.public,
        "members_link": links.members,
        "chat_id": place.chat_id,
        "chat_kind": post.chat_kind.value,
        "chat_username": place.username,
        "chat_title": place.title,
        "message_id": place.message_id,
        "album_message_ids": [int(number) for number in seen.album],
        "topic_id": place.thread_id,
        "comment_of_link": None if comment is None else to_message(comment).best,
        "posted_at": _utc(post.posted_at),
        "edited_at": None if post.edited_at is None else _utc(post.edited_at),
        "detected_at": _utc(finding.found_at),
        "forwarded_from": _named(post.origin),
        "forwarded_from_link": _link(post.origin),
        "author_signature": post.signature or None,
        "sent_as": _named(post.sent_as),
        "invite_link": None,
        "file_unique_ids": [ref.file_unique_id for ref in seen.files],
        "may_show_minor": finding.is_minor,
        "posted_hash": seen.posted_hash,
        "hash_kind": best.kind,
        "distance_bits": best.distance if by_hash else None,
        "of_bits": KINDS[PDQ if best.kind == PHOTO else best.kind].bits if by_hash else None,
        "view": best.view if best.kind != PHOTO else NEAR_PHOTO if by_hash else best.band,
        "orientation": best.orientation,
        "still": best.still,
        "at": None if best.still == "picture" else best.at,
        "until": best.until or None,
        "confirmed_by": _staff(confirmed, addressee.language),
        "confirmed_at": _utc(confirmed[-1].at) if confirmed else None,
        "state": finding.state.value,
        "log": _log(finding, addressee),
    }


def _staff(confirmed: Sequence[Taken], language: Language) -> str | None:
    """How many people confirmed it, without their names."""
    people = {taken.by.user_id for taken in confirmed}
    return text(language, "report-staff", count=len(people)) if people else None


def _log(finding: Finding, addressee: Addressee) -> list[str]:
    """Without the reports to others, which are nothing to this addressee, such as the number of a police report."""

    def words(key: str, **values: str) -> str:
        return unescape(text(addressee.language, key, **values))

    entries = [
        (taken.at, words(f"report-log-{taken.step}")) for taken in finding.steps if not taken.undone_at
    ]
    undone_at = {taken.at for taken in finding.steps if taken.undone_at}
    entries += [
        (report.at, words("report-log-sent-ticket", addressee=report.addressee, ticket=report.ticket))
        if report.ticket
        else (report.at, words("report-log-sent", addressee=report.addressee))
        for report in finding.reports
        if report.addressee == addressee.key and not report.is_taken_back
    ]
    entries += [
        (check.at, words(f"report-log-check-{check.result}", how=words(f"report-log-by-{check.method}")))
        for check in finding.rechecks
        # What a person saw was recorded with the step.
        if check.by is None or check.at not in undone_at
    ]
    return [f"{_utc(at)} {what}" for at, what in sorted(entries)]


def _given(need: Need, sender: ReportConfig) -> bool:
    match need:
        case "authority":
            return bool(sender.authority)
        case "signature":
            return bool(sender.signatory)
        case "contact":
            return bool(sender.email or sender.phone)
        case "identity":
            return False
        case _:
            return True


def _named(origin: Origin | None) -> str | None:
    if origin is None:
        return None
    place = origin.place
    number = f" ({place.chat_id})" if place is not None else ""
    username = f" @{place.username}" if place is not None and place.username else ""
    return f"{origin.kind}: {origin.name}{username}{number}"


def _link(origin: Origin | None) -> str | None:
    return None if origin is None or origin.place is None else to_message(origin.place).best


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
