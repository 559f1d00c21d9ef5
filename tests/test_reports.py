"""Reports: every field that an addressee needs, in every form, and never what must not leave."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from casework_scene import Found, found, pressed, put_into, said_buttons
from staff_scene import VictimDouble, make_config, talk, texts
from store_makers import NOW, STAFF, after, bits, make_post, photo

from bot.chat.router import Router
from bot.config import ReportConfig
from bot.errors import ConfigError, Refused
from bot.model import (
    ChatId,
    FindingId,
    FindingState,
    Language,
    MediaId,
    MessageId,
    Origin,
    Place,
    Send,
    SendFile,
    Step,
)
from bot.staff import addressees, casework, packet, reports
from bot.staff.addressees import Addressee
from bot.staff.reports import Packet
from bot.store import Store, Tx, audit, posts, tables
from bot.texts import text
from matcher import MediaFingerprint, Orientation, Still, StillKind, View, pack_seen

S = FindingState
SENDER = ReportConfig(
    signatory="홍길동", email="report@centre.example", phone="02-000-0000", authority="성폭력방지법 제7조의3"
)
ALL = addressees.load()
ABUSE = next(one for one in ALL if one.key == "telegram-abuse")
STOPCA = next(one for one in ALL if one.key == "telegram-stopca")
REGULATOR = next(one for one in ALL if one.key == "kr-regulator")
NEEDED = {
    # The table of what a report must hold: exact place, times, origin, what it is, who says so, the log.
    "public_link", "members_link", "chat_id", "chat_username", "chat_title", "message_id", "album_message_ids",
    "topic_id", "comment_of_link", "posted_at", "edited_at", "detected_at", "forwarded_from",
    "forwarded_from_link", "author_signature", "sent_as", "invite_link", "may_show_minor", "hash_kind", "posted_hash",
    "distance_bits", "file_unique_ids", "confirmed_by", "confirmed_at", "state", "log",
}  # fmt: skip


@pytest.fixture
def router() -> Router:
    return Router(make_config(), VictimDouble(), now=lambda: NOW, username="jikimi_bot")


async def confirmed(tx: Tx, message_id: int = 1, **how: Any) -> FindingId:
    finding_id = await found(tx, message_id, **how)
    await casework.take(
        tx, finding_id, Step.CONFIRMED, seen=S.NEW, by=STAFF, second_person=False, now=after(10)
    )
    return finding_id


async def make(
    tx: Tx, *ids: FindingId, addressee: Addressee = ABUSE, sender: ReportConfig = SENDER
) -> Packet:
    return await reports.make(tx, ids, addressee, sender, "지원센터", by=STAFF, now=after(60))


def seen_media(number: int) -> MediaFingerprint:
    whole = View("whole", Orientation.UPRIGHT, bits(number), 90)
    return MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, (whole,)),))


async def a_rich_one(tx: Tx) -> FindingId:
    """A comment in an album of a topic, edited, signed, forwarded, sent in another chat's name, reported before."""
    scene = Found(tx)
    await scene.new(1)
    finding_id = FindingId(1)
    finding = await casework.get(tx, finding_id)
    comment_of = Place(ChatId(-1002222222222), MessageId(70), "parent", "부모 채널")
    origin_place = Place(ChatId(-1003333333333), MessageId(9), "origin", "원본 채널")
    plain = make_post(1, photo("x"), origin=Origin("channel", "원본 채널", origin_place))
    post = replace(
        plain,
        place=replace(
            plain.place, thread_id=5, is_topic=True, in_album=True, comment_of=comment_of, title="=채널"
        ),
        edited_at=NOW + timedelta(minutes=5),
        album_id="album",
        signature="작성자",
        sent_as=Origin(
            "channel", "다른 이름", Place(ChatId(-1004444444444), MessageId(0), "other", "다른 이름")
        ),
    )
    await posts.add(tx, finding.channel_id, post, now=NOW)
    for row in await tx.all(tables.media.select().where(tables.media.c.post_id == finding.post_id)):
        await posts.scanned(tx, MediaId(row.id), fingerprints=pack_seen(seen_media(1)), now=NOW)
    beside = replace(make_post(2, photo("y")), album_id="album")
    await posts.add(tx, finding.channel_id, beside, now=NOW)
    await posts.add(tx, finding.channel_id, make_post(3, photo("z")), now=NOW)
    await casework.take(
        tx, finding_id, Step.CONFIRMED, seen=S.NEW, by=STAFF, second_person=False, now=after(10)
    )
    await reports.sent(tx, finding_id, REGULATOR.key, "2026-77", by=STAFF, now=after(20))
    await casework.take(
        tx, finding_id, Step.STILL_UP, seen=S.REPORTED, by=STAFF, second_person=False, now=after(30)
    )
    return finding_id


async def test_the_record_holds_every_field_that_addressees_need(store: Store) -> None:
    async with store.write() as tx:
        made = await make(tx, await a_rich_one(tx))
    [record] = made.posts
    assert set(record) >= NEEDED
    empty = {name for name in NEEDED if record[name] in (None, "", [])}
    assert empty == {"invite_link"}  # A bot does not learn it.
    assert record["posted_hash"] == bits(1).hex()
    assert record["public_link"] == "https://t.me/parent/70?comment=1"
    assert record["members_link"] == "https://t.me/c/1234567890/5/1?single"
    assert record["album_message_ids"] == [2]
    assert record["posted_at"] == "2026-11-23T09:00:00Z"
    assert record["edited_at"] == "2026-11-23T09:05:00Z"
    assert record["forwarded_from"] == "channel: 원본 채널 @origin (-1003333333333)"
    assert record["forwarded_from_link"] == "https://t.me/origin/9"
    assert record["sent_as"] == "channel: 다른 이름 @other (-1004444444444)"
    assert record["file_unique_ids"] == ["unique--1001234567890 1 a", "unique--1001234567890 1 b", "unique-x"]
    assert record["confirmed_by"] == "a member of staff"
    assert record["log"] == [
        "2026-11-23T09:00:10Z confirmed by a member of staff",
        "2026-11-23T09:00:20Z recorded as reported by a member of staff",
        "2026-11-23T09:00:30Z looked at again (by a person): still up",
        "2026-11-23T09:00:30Z recorded as still up by a member of staff",
    ]


@pytest.mark.parametrize("language", Language)
def test_every_field_has_a_label_in_both_languages(language: Language) -> None:
    for name in NEEDED | {"finding", "of_bits", "view", "orientation", "still", "at", "until", "chat_kind"}:
        assert text(language, f"report-field-{name}")


async def test_the_files_agree_with_their_sums(store: Store) -> None:
    async with store.write() as tx:
        made = await make(tx, await a_rich_one(tx))
    archived = zipfile.ZipFile(io.BytesIO(packet.archive(made)))
    kinds = {name.rpartition(".")[2] for name in archived.namelist()}
    assert kinds == {"txt", "eml", "html", "json", "csv", "SHA256SUMS"}
    sums = dict(line.split("  ")[::-1] for line in archived.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(archived.namelist()) - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256(archived.read(name)).hexdigest() == digest
    assert packet.archive(made) == packet.archive(made)


async def test_the_e_mail_is_a_draft_that_the_standard_library_reads(store: Store) -> None:
    async with store.write() as tx:
        made = await make(tx, await a_rich_one(tx))
    mail = message_from_bytes(packet.email(made), policy=policy.default)
    assert mail["To"] == "abuse@telegram.org"
    assert mail["From"] == "report@centre.example"
    assert mail["X-Unsent"] == "1"
    assert "F-1" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "https://t.me/parent/70?comment=1" in body.get_content()
    attached = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    names = {f"{made.name}.{kind}" for kind in ("html", "json", "csv")} | {"SHA256SUMS"}
    assert set(attached) == names
    for line in attached["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(attached[name]).hexdigest() == digest


async def test_json_and_csv_hold_the_same_records(store: Store) -> None:
    async with store.write() as tx:
        first = await a_rich_one(tx)
        scene = Found(tx)
        scene.case_of["a"] = (await casework.get(tx, first)).case_id
        await scene.new(4)
        await put_into(tx, FindingId(2), S.CONFIRMED)
        made = await make(tx, first, FindingId(2))
    records = json.loads(packet.records(made))
    assert records["posts"] == list(made.posts)
    rows = list(csv.DictReader(io.StringIO(packet.table(made))))
    assert [row["finding"] for row in rows] == ["F-1", "F-2"]
    # What a spreadsheet would compute is made text; numbers stay numbers.
    assert rows[0]["chat_title"] == "'=채널"
    assert rows[0]["chat_id"] == "-1001234567890"
    assert rows[0]["log"].count("; ") == 3


@pytest.mark.parametrize(
    ("addressee", "says", "says_not"),
    [
        (
            REGULATOR,
            ["사진 전체", "바로 선 그대로", "채널: 원본 채널", "아직 남아 있음", "신고함으로 기록 · 직원"],
            ["still_up", "channel:"],
        ),
        (ABUSE, ["the whole picture", "upright", "still up"], ["still_up"]),
    ],
)
async def test_people_read_words_of_their_language_and_programs_the_same_in_every_language(
    store: Store, addressee: Addressee, says: list[str], says_not: list[str]
) -> None:
    async with store.write() as tx:
        made = await make(tx, await a_rich_one(tx), addressee=addressee)
    for read in (packet.message(made), packet.page(made)):
        assert [words for words in says if words not in read] == []
        assert [
            words for words in [*says_not, "upright" if addressee is REGULATOR else "바로"] if words in read
        ] == []
    [record] = json.loads(packet.records(made))["posts"]
    assert (record["view"], record["orientation"], record["state"]) == ("whole", "upright", "still_up")


async def test_a_moment_of_a_video_is_told_as_players_show_it(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await confirmed(tx)
        await tx.execute(tables.matches.update().values(still="frame", at=67_000, until=3_727_000))
        made = await make(tx, finding_id)
    assert "From: 1:07\nTo: 1:02:07" in packet.message(made)


async def test_the_page_escapes_what_strangers_wrote_and_loads_nothing(store: Store) -> None:
    async with store.write() as tx:
        finding_id = await a_rich_one(tx)
        finding = await casework.get(tx, finding_id)
        evil = replace(make_post(1), place=replace(make_post(1).place, title="<script>alert(1)</script>"))
        await posts.add(tx, finding.channel_id, replace(evil, edited_at=after(9999)), now=NOW)
        page = packet.page(await make(tx, finding_id))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "src=" not in page
    assert "url(" not in page


@pytest.mark.parametrize("addressee", ALL, ids=lambda one: one.key)
async def test_a_packet_is_in_its_addressees_language(store: Store, addressee: Addressee) -> None:
    async with store.write() as tx:
        finding_id = await confirmed(tx)
        await casework.set_minor(tx, finding_id, is_minor=addressee.minors == "only", by=STAFF, now=NOW)
        made = await make(tx, finding_id, addressee=addressee)
    is_korean = "삭제를 요청합니다" in packet.message(made)
    assert is_korean is (addressee.language == "ko")


async def test_what_may_show_a_minor_says_so_first_and_goes_to_child_protection_first(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        finding_id = await confirmed(tx)
        await casework.set_minor(tx, finding_id, is_minor=True, by=STAFF, now=NOW)
        made = await make(tx, finding_id, addressee=STOPCA)
        assert packet.message(made).startswith("Note: posts among these may show a minor")
        assert packet.subject(made).startswith("[Urgent: minor suspected]")
        with pytest.raises(Refused, match="report-minor"):
            await make(tx, finding_id)
        offered = said_buttons(await router.handle(tx, talk(f"/report F-{finding_id}")))
    keys = [data.split("|")[3] for data in offered]
    assert keys[:3] == ["telegram-stopca", "iwf", "ncmec"]
    assert not {"stopncii", "telegram-abuse", "telegram-dmca", "telegram-dsa"} & set(keys)


async def test_child_protection_is_not_offered_for_adults(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await confirmed(tx)
        offered = said_buttons(await router.handle(tx, talk(f"/report F-{finding_id}")))
    keys = [data.split("|")[3] for data in offered]
    assert keys == [one.key for one in ALL if one.minors != "only"]


async def test_what_nobody_confirmed_is_not_reported(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await found(tx)
        assert "먼저 일치함으로 확인" in texts(await router.handle(tx, talk(f"/report F-{finding_id}")))
        with pytest.raises(Refused, match="not-confirmed"):
            await make(tx, finding_id)
        with pytest.raises(Refused, match="not-confirmed"):
            await reports.sent(tx, finding_id, ABUSE.key, "", by=STAFF, now=NOW)


async def test_what_the_addressee_needs_and_nobody_configured_is_named(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await confirmed(tx)
        made = await make(tx, finding_id, sender=ReportConfig())
        assert list(made.missing) == ["authority"]
        said = texts(await router.handle(tx, pressed("r", "make", "telegram-abuse", f"finding-{finding_id}")))
        of_police = texts(await router.handle(tx, pressed("r", "make", "kr-police", f"finding-{finding_id}")))
    assert "보내기 전에 덧붙일 것: 신고 권한 (설정 파일의 [reports]" in said
    assert "보내기 전에 덧붙일 것: 당사자의 본인 확인\n" in of_police
    assert "[reports]" not in of_police  # No configuration can give that.


async def test_making_and_sending_a_report_from_the_chat(store: Store, router: Router) -> None:
    async with store.write() as tx:
        finding_id = await confirmed(tx)
        card = said_buttons(await router.handle(tx, talk(f"/finding {finding_id}")))
        assert f"1|r|choose|{finding_id}" in card
        made = await router.handle(tx, pressed("r", "make", "telegram-abuse", f"finding-{finding_id}"))
        [file] = [effect for effect in made if isinstance(effect, SendFile)]
        assert file.name == f"F-{finding_id}-telegram-abuse.zip"
        archived = zipfile.ZipFile(io.BytesIO(base64.b64decode(file.content_base64)))
        assert archived.testzip() is None
        [message] = [effect for effect in made if isinstance(effect, Send)]
        assert "https://t.me/somechannel/1" in message.text
        [sent] = said_buttons(made)
        told = await router.handle(tx, talk(callback_id="q", callback_data=sent))
        assert "신고함으로 기록했습니다" in texts(told)
        assert f"/reported F-{finding_id} telegram-abuse" in texts(told)
        card_text = texts(await router.handle(tx, talk(f"/reported F-{finding_id} telegram-abuse AB-12")))
        assert "접수된 번호: AB-12" in card_text
        finding = await casework.get(tx, finding_id)
        assert finding.state is S.REPORTED
        assert [(one.addressee, one.ticket) for one in finding.reports] == [("telegram-abuse", "AB-12")]
        assert (await audit.verify(tx)).harm is None


@pytest.mark.parametrize(
    "parts",
    [
        ("r", "choose"),
        ("r", "choose", "x"),
        ("r", "make", "telegram-abuse"),
        ("r", "make", "nobody", "finding-1"),
        ("r", "make", "telegram-abuse", "planet-1"),
        ("r", "make", "telegram-abuse", "finding-x"),
        ("r", "sent", "telegram-abuse", "finding-1"),
        ("r", "sent", "x"),
        ("r", "sent", "1"),
    ],
)
async def test_a_button_that_somebody_made_up_reports_nothing(
    store: Store, router: Router, parts: tuple[str, ...]
) -> None:
    async with store.write() as tx:
        finding_id = await confirmed(tx)
        effects = await router.handle(tx, pressed(*parts))
        assert len(effects) == 1
        assert (await casework.get(tx, finding_id)).reports == []


# Addressees


def test_every_addressee_of_the_package_is_complete() -> None:
    keys = {one.key for one in ALL}
    assert keys >= {
        "telegram-app", "telegram-abuse", "telegram-stopca", "telegram-dmca", "telegram-dsa", "kr-regulator",
        "kr-d4u", "kr-police", "iwf", "ncmec", "stopncii",
    }  # fmt: skip
    for one in ALL:
        assert one.way != "email" or "@" in one.to


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[[addressee]\n", "is not valid TOML"),
        ("", "addressee: Field required"),
        ('[[addressee]]\nkey = "x"\n', "addressee.0.way: Field required"),
        ("\xff", "is not valid TOML"),
    ],
)
def test_a_file_of_addressees_that_is_wrong_says_where(tmp_path: Any, content: str, words: str) -> None:
    file = tmp_path / "addressees.toml"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(ConfigError, match=words):
        addressees.load(str(file))


def test_a_file_of_addressees_that_is_missing_is_named(tmp_path: Any) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        addressees.load(str(tmp_path / "nowhere.toml"))
