"""The words of reports: whatever can be found of a post has some, and what must not leave is in none of them."""

from __future__ import annotations

import io
import zipfile
from email import message_from_bytes, policy
from typing import Any

import pytest
from casework_scene import found, take
from store_makers import ADMIN, STAFF, after

from bot.config import ReportConfig
from bot.model import ChatKind, FindingId, FindingState, Language, Step
from bot.shown import DERIVED, SAME_PHOTO
from bot.staff import addressees, casework, packet, reports
from bot.staff.reports import NEAR_PHOTO, Packet
from bot.store import Store, Tx
from bot.texts import text
from matcher import Orientation, StillKind
from matcher.seen import _NAMES

ABUSE = "telegram-abuse"
D4U = "kr-d4u"


async def make(tx: Tx, finding_id: FindingId, addressee: str, sender: ReportConfig | None = None) -> Packet:
    return await reports.make(
        tx,
        [finding_id],
        addressees.named(addressee),
        sender or ReportConfig(),
        "지원센터",
        by=STAFF,
        now=after(60),
    )


def sent_out(made: Packet) -> dict[str, str]:
    """All that an addressee may get to read, by the names of the files."""
    archived = zipfile.ZipFile(io.BytesIO(packet.archive(made)))
    read = {name: archived.read(name).decode("utf-8-sig") for name in archived.namelist()}
    mail: Any = message_from_bytes(archived.read(f"{made.name}.eml"), policy=policy.default)
    for part in mail.walk():
        if not part.is_multipart():
            content = part.get_content()
            name = f"eml: {part.get_filename() or 'body'}"
            read[name] = content if isinstance(content, str) else content.decode("utf-8-sig")
    return read | {"name": made.name, "subject": packet.subject(made), "copied": packet.brief(made)}


@pytest.mark.parametrize("language", Language)
def test_whatever_a_post_can_show_has_words(language: Language) -> None:
    """The views of earlier versions among them: what was found by them is reported still."""
    values: dict[str, list[str]] = {
        "alert-view": list(_NAMES),
        "alert-orientation": list(Orientation),
        "report-still": list(StillKind),
        "report-chat": list(ChatKind),
        "finding-state": list(FindingState),
        "report-log": list(Step),
        "report-photo": [DERIVED, SAME_PHOTO, NEAR_PHOTO],
    }
    for key, names in values.items():
        assert all(text(language, f"{key}-{name}") for name in names)


@pytest.mark.parametrize(
    ("addressee", "says"),
    [
        (ABUSE, ["Confirmed by: 2 members of staff", "confirmed by a member of staff"]),
        (D4U, ["확인한 사람: 직원 2명", "일치함으로 확인 · 직원"]),
    ],
)
async def test_no_form_of_a_report_gives_away_the_case_number_or_a_name_of_staff(
    store: Store, addressee: str, says: list[str]
) -> None:
    """Half of the victim's login, and people whom the other side may look for."""
    async with store.write() as tx:
        finding_id = await found(tx)
        how: dict[str, Any] = {"second_person": True}
        await take(tx, finding_id, Step.CONFIRMED, FindingState.NEW, by=STAFF, **how)
        await take(tx, finding_id, Step.CONFIRMED, FindingState.SECOND, by=ADMIN, **how)
        for step in (Step.REPORTED, Step.STILL_UP, Step.REMOVED, Step.STILL_UP, Step.REPORTED):
            state = (await casework.get(tx, finding_id)).state
            await take(tx, finding_id, step, state, by=STAFF)
        await casework.note(tx, finding_id, "남기는 말", by=STAFF, now=after(20))
        number = (await casework.get(tx, finding_id)).case_number
        made = await make(tx, finding_id, addressee)
    read = sent_out(made)
    assert len(read) == 14
    secrets = (number, STAFF.name, ADMIN.name, "남기는 말")
    assert [(name, one) for name, words in read.items() for one in secrets if one in words] == []
    assert [words for words in says if words not in read[f"{made.name}.txt"]] == []


async def test_a_report_names_no_other_addressee_and_no_number_of_theirs(store: Store) -> None:
    """Telegram need not know of the police's investigation, nor they of each other's numbers."""
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, FindingState.NEW)
        await reports.sent(tx, finding_id, ABUSE, "T-1", by=STAFF, now=after(20))
        await reports.sent(tx, finding_id, D4U, "2026-77", by=STAFF, now=after(30))
        made = await make(tx, finding_id, ABUSE)
    read = sent_out(made)
    assert [(name, one) for name, words in read.items() for one in (D4U, "2026-77") if one in words] == []
    assert f"reported to {ABUSE}, ticket T-1" in read[f"{made.name}.txt"]


async def test_a_report_of_what_one_person_confirmed_says_so_without_a_name(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, FindingState.NEW)
        english, korean = await make(tx, finding_id, ABUSE), await make(tx, finding_id, D4U)
    assert english.posts[0]["confirmed_by"] == "a member of staff"
    assert korean.posts[0]["confirmed_by"] == "직원"


async def test_what_staff_have_to_add_is_said_to_staff_and_not_in_what_is_sent(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, FindingState.NEW)
        made = await make(tx, finding_id, "telegram-dmca")
    assert made.missing == ["authority", "signature"]
    needs = ("added before sending", "the authority to report", "a signature")
    assert [(name, one) for name, words in sent_out(made).items() for one in needs if one in words] == []


@pytest.mark.parametrize("addressee", addressees.load(), ids=lambda one: one.key)
async def test_a_report_names_the_law_of_its_addressee_and_proves_nothing(
    store: Store, addressee: addressees.Addressee
) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        await take(tx, finding_id, Step.CONFIRMED, FindingState.NEW)
        is_minor = addressee.minors == "only"
        await casework.set_minor(tx, finding_id, is_minor=is_minor, by=STAFF, now=after(20))
        told = packet.message(await make(tx, finding_id, addressee.key))
    is_korean = addressee.language is Language.KO
    assert ("디지털서비스법" in told) is False
    assert ("Digital Services Act" in told) is not (is_korean or is_minor)
    assert ("제14조의2" in told) is is_korean
    suspicion = "의심되며" if is_korean else "We have reason to believe"
    assert suspicion in told
