"""Alerts as staff read them, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from bot.chat.alert_view import render_alert
from bot.chat.callback import Pressed, decode
from bot.model import (
    AlertId,
    CaseState,
    ChatId,
    FindingId,
    FindingState,
    Keyboard,
    Language,
    MessageId,
    Origin,
    Place,
)
from bot.shown import Showing, mark_of
from bot.store.alerts import Alert, AlertFinding

SEOUL = ZoneInfo("Asia/Seoul")
POSTED = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
CHAT = ChatId(-1001234567890)


def finding(number: int = 12, *, username: str | None = "somename") -> AlertFinding:
    return AlertFinding(
        finding_id=FindingId(number),
        place=Place(CHAT, MessageId(number), username, "채널"),
        posted_at=POSTED,
        edited_at=None,
        state=FindingState.NEW,
        band="match",
        distance=4,
        view="whole",
        orientation="upright",
    )


def decided(number: int, state: FindingState, by: str = "김지은", minute: int = 0) -> AlertFinding:
    at = POSTED + timedelta(minutes=minute)
    return replace(finding(number), state=state, decided_by=by, decided_at=at)


def alert(*findings: AlertFinding, title: str = "채널", seen_before: int = 0) -> Alert:
    return Alert(AlertId(3), "JK-000001", CaseState.ACTIVE, title, seen_before, findings or (finding(),))


def korean(shown: Alert) -> str:
    return render_alert(shown, Language.KO, SEOUL)[0]


def ours(data: str) -> Pressed:
    decoded = decode(data)
    assert decoded is not None
    return decoded


def pressed(keyboard: Keyboard) -> list[Pressed]:
    return [ours(button.data) for row in keyboard for button in row if button.data]


@pytest.mark.parametrize(("seconds", "is_before"), [(-1, False), (0.0, False), (0.9, False), (1.0, True)])
def test_a_post_of_the_second_of_its_registration_is_not_told_as_older(
    seconds: float, is_before: bool
) -> None:
    shown = alert(replace(finding(), registered_at=POSTED + timedelta(seconds=seconds)))
    assert ("Posted before registration" in render_alert(shown, Language.EN, SEOUL)[0]) is is_before


def test_a_match_by_the_hash_of_another_list_says_so_and_counts_its_own_bits() -> None:
    shown = alert(replace(finding(), kind="phash", band="possible", distance=5))
    assert "비슷한 사진 (차이 5/64) · 다른 기관 목록의 phash 해시로 확인" in korean(shown)
    english = unescape(render_alert(shown, Language.EN, SEOUL)[0])
    assert "Similar picture (differs by 5/64) · by phash, from another organisation’s list" in english


@pytest.mark.parametrize(
    ("showing", "ko", "en"),
    [
        (
            Showing("frame", 5_400, 67_000, 30, 90),
            "영상 속 0:05–1:07 (영상의 33%)",
            "in the video from 0:05 to 1:07 (33 % of it)",
        ),
        (
            Showing("frame", 3_725_000, 3_725_000, 1, 600),
            "영상 속 1:02:05–1:02:05 (영상의 1%)",
            "in the video from 1:02:05 to 1:02:05 (1 % of it)",
        ),
        (Showing("entry", 3), "압축 파일 속 3번째 파일", "in the archive, file 3"),
        (Showing("page", 12), "문서 속 12쪽", "in the document, page 12"),
    ],
)
def test_an_alert_says_where_in_a_video_archive_or_document(showing: Showing, ko: str, en: str) -> None:
    shown = alert(replace(finding(), showing=showing, orientation="mirrored"))
    assert f"거의 동일 (차이 4/256) · {ko}, 좌우 반전" in korean(shown)
    english, _ = render_alert(shown, Language.EN, SEOUL)
    assert f"Nearly identical (differs by 4/256) · {en}, mirrored" in english


def test_an_alert_says_which_moment_of_a_registered_video_is_shown() -> None:
    shown = alert(replace(finding(), registered_at_ms=67_000, orientation="mirrored"))
    assert "거의 동일 (차이 4/256) · 등록된 영상 1:07 장면, 좌우 반전" in korean(shown)
    english, _ = render_alert(shown, Language.EN, SEOUL)
    assert "Nearly identical (differs by 4/256) · the registered video at 1:07, mirrored" in english


def test_an_alert_says_where_how_alike_and_when_and_offers_to_decide() -> None:
    text, keyboard = render_alert(alert(seen_before=2), Language.KO, SEOUL)
    assert text.splitlines() == [
        "🔴 <b>일치</b> · 접수번호 JK-000001",
        "채널: 채널",
        "",
        "<b>F-12</b> · https://t.me/somename/12",
        "거의 동일 (차이 4/256)",
        "게시: 2026-11-23 05:30 KST (11-22 20:30 UTC)",
        "채널 참여자용 링크: https://t.me/c/1234567890/12",
        "",
        "이 접수번호의 이전 발견: 2건",
    ]
    assert keyboard[0][0].url == "https://t.me/somename/12"
    assert pressed(keyboard) == [
        Pressed("a", "confirmed", ("3", "12", mark_of([(12, "")]))),
        Pressed("a", "not_a_match", ("3", "12", mark_of([(12, "")]))),
    ]


@pytest.mark.parametrize(
    ("band", "distance", "words"),
    [
        ("match", 0, "거의 동일 (차이 0/256)"),
        ("match", 10, "거의 동일 (차이 10/256)"),
        ("match", 11, "같은 사진 (차이 11/256)"),
        ("match", 31, "같은 사진 (차이 31/256)"),
        ("possible", 32, "비슷한 사진 (차이 32/256)"),
        ("possible", 48, "비슷한 사진 (차이 48/256)"),
    ],
)
def test_the_distance_is_said_in_words_and_as_a_number(band: str, distance: int, words: str) -> None:
    assert words in korean(alert(replace(finding(), band=band, distance=distance))).splitlines()


@pytest.mark.parametrize(
    ("orientation", "words"),
    [
        ("turned_90", "시계 방향 90° 회전"),
        ("turned_180", "180° 회전"),
        ("turned_270", "반시계 방향 90° 회전"),
        ("mirrored", "좌우 반전"),
        ("mirrored_turned_90", "좌우 반전 후 시계 방향 90° 회전"),
        ("mirrored_turned_180", "상하 반전"),
        ("mirrored_turned_270", "좌우 반전 후 반시계 방향 90° 회전"),
    ],
)
def test_a_mirrored_or_turned_copy_is_called_so(orientation: str, words: str) -> None:
    text = korean(alert(replace(finding(), orientation=orientation)))
    assert f"거의 동일 (차이 4/256) · {words}" in text.splitlines()


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("quadrant", "사진의 4분의 1"),
        ("trimmed", "테두리를 뺀 사진"),
        ("cell", "화면 캡처·콜라주 속"),
        ("collage", "콜라주 속"),
        ("inner", "다른 사진 속"),
    ],
)
def test_a_match_of_a_part_is_called_so(view: str, words: str) -> None:
    text = korean(alert(replace(finding(), view=view, orientation="mirrored")))
    assert f"거의 동일 (차이 4/256) · {words}, 좌우 반전" in text.splitlines()


def test_a_forwarded_post_names_its_origin_with_a_link_where_there_is_one() -> None:
    place = Place(ChatId(-1009), MessageId(5), "first", "처음")
    far = Place(ChatId(-1002000000000), MessageId(5), None, "처음")
    with_origin = [
        replace(finding(), origin=origin)
        for origin in (
            Origin("channel", "처음", place),
            Origin("channel", "처음", far),
            Origin("hidden_user", ""),
        )
    ]
    lines = [korean(alert(forwarded)).splitlines()[6] for forwarded in with_origin]
    assert lines == [
        "전달 원본: 처음 · https://t.me/first/5",
        "전달 원본: 처음 · https://t.me/c/2000000000/5",
        "전달 원본: 이름 없음",
    ]


def test_a_comment_names_the_post_that_it_is_on() -> None:
    post = Place(ChatId(-1002000000000), MessageId(5), None, "뉴스 <b>")
    comment = replace(finding(), place=replace(finding().place, comment_of=post))
    assert "댓글이 달린 게시물: https://t.me/c/2000000000/5" in korean(alert(comment)).splitlines()


def test_an_edited_post_is_marked() -> None:
    edited = replace(finding(), edited_at=POSTED + timedelta(hours=1))
    assert "수정됨: 2026-11-23 06:30 KST (11-22 21:30 UTC)" in korean(alert(edited)).splitlines()


def test_a_time_is_written_once_where_the_staff_are_on_utc() -> None:
    text, _ = render_alert(alert(), Language.EN, ZoneInfo("UTC"))
    assert "Posted: 2026-11-22 20:30 UTC" in text.splitlines()


def test_a_possible_match_looks_less_urgent() -> None:
    assert korean(replace(alert(), band="possible")).startswith("🟡 <b>비슷함 (낮은 우선순위)</b>")


def test_a_message_without_a_link_has_no_button_to_open_it() -> None:
    lost = replace(finding(), place=Place(ChatId(-12345), MessageId(12), None, "모임"))
    text, keyboard = render_alert(alert(lost), Language.KO, SEOUL)
    assert "<b>F-12</b> · 링크 없음 (기본 그룹) · 메시지 번호 12" in text.splitlines()
    assert [button.url for row in keyboard for button in row] == [None, None]


def test_a_flood_lists_five_posts_and_counts_the_rest_and_is_decided_at_once() -> None:
    text, keyboard = render_alert(alert(*map(finding, range(1, 9))), Language.KO, SEOUL)
    assert [line.split()[0] for line in text.splitlines() if line.startswith("<b>F-")] == [
        f"<b>F-{number}</b>" for number in range(1, 6)
    ]
    assert "확인할 게시물: 8건" in text.splitlines()
    assert text.endswith("그 밖에 3건")
    assert pressed(keyboard)[0] == Pressed(
        "a", "confirmed", ("3", "8", mark_of((number, "") for number in range(1, 9)))
    )


@pytest.mark.parametrize(
    ("language", "one", "eight"),
    [
        (Language.KO, ["일치함", "일치 아님"], ["일치함 (8건)", "일치 아님 (8건)"]),
        (Language.EN, ["Confirm", "Not a match"], ["Confirm (8)", "Not a match (8)"]),
    ],
)
def test_a_button_says_how_many_posts_it_decides_on(
    language: Language, one: list[str], eight: list[str]
) -> None:
    for shown, labels in ((alert(), one), (alert(*map(finding, range(1, 9))), eight)):
        _, keyboard = render_alert(shown, language, SEOUL)
        assert [button.text for button in keyboard[-1]] == labels


def test_the_utc_time_has_its_year_where_that_is_another() -> None:
    posted = datetime(2026, 12, 31, 18, tzinfo=UTC)
    text = korean(alert(replace(finding(), posted_at=posted)))
    assert "게시: 2027-01-01 03:00 KST (2026-12-31 18:00 UTC)" in text.splitlines()


@pytest.mark.parametrize(
    ("state", "words"), [(FindingState.CONFIRMED, "✅ 일치함"), (FindingState.NOT_A_MATCH, "❌ 일치 아님")]
)
def test_a_decided_alert_names_who_and_when_and_can_be_opened(state: FindingState, words: str) -> None:
    text, keyboard = render_alert(alert(decided(1, state), decided(2, state)), Language.KO, SEOUL)
    assert text.startswith("⚪ <b>처리됨</b>")
    said = f"{words} · F-1 … F-2 (2) · 김지은 · 2026-11-23 05:30 KST (11-22 20:30 UTC)"
    assert said in text.splitlines()
    assert pressed(keyboard) == []
    assert keyboard[0][0].url == "https://t.me/somename/1"


@pytest.mark.parametrize("state", [FindingState.CONFIRMED, FindingState.REPORTED, FindingState.STILL_UP])
def test_an_alert_of_a_post_that_can_be_reported_begins_its_report(state: FindingState) -> None:
    other = decided(2, FindingState.NOT_A_MATCH)
    for findings in ((decided(1, state), other), (decided(1, state), finding(3))):
        text, keyboard = render_alert(alert(*findings), Language.KO, SEOUL)
        assert "/finding" not in text
        assert [(b.text, b.data) for b in keyboard[-1]] == [("신고서 만들기 (F-1)", "1|r|choose|1")]


def test_an_alert_of_several_that_can_be_reported_names_the_command() -> None:
    several = [decided(number, FindingState.CONFIRMED) for number in (1, 2)]
    text, keyboard = render_alert(alert(*several), Language.KO, SEOUL)
    assert text.endswith("📨 신고할 수 있는 게시물: 2건. 하나씩 열어 신고서를 만들 수 있습니다: /finding F-1")
    assert pressed(keyboard) == []


@pytest.mark.parametrize(
    "state",
    sorted(set(FindingState) - {FindingState.CONFIRMED, FindingState.REPORTED, FindingState.STILL_UP}),
)
def test_an_alert_offers_no_report_of_what_cannot_be_reported(state: FindingState) -> None:
    done = replace(finding(1), state=state)
    withdrawn = replace(alert(decided(1, FindingState.CONFIRMED)), case_state=CaseState.WITHDRAWN)
    for shown in (alert(done), alert(done, done), withdrawn):
        text, keyboard = render_alert(shown, Language.KO, SEOUL)
        assert "신고서" not in text
        assert [press for press in pressed(keyboard) if press.area == "r"] == []


def test_what_joined_after_a_decision_is_listed_and_asked_about() -> None:
    text, keyboard = render_alert(
        alert(decided(1, FindingState.CONFIRMED), finding(2), finding(3)), Language.KO, SEOUL
    )
    assert text.startswith("🔴")
    assert "F-1 · https" not in text
    assert "<b>F-2</b>" in text
    assert "✅ 일치함 · F-1 · 김지은" in text
    assert [press.action for press in pressed(keyboard)] == ["confirmed", "not_a_match", "choose"]


def test_only_the_latest_decisions_are_spelled_out() -> None:
    acts = [decided(number, FindingState.CONFIRMED, minute=number) for number in range(1, 6)]
    text = korean(alert(*acts))
    assert "그 전의 결정: 2건" in text.splitlines()
    assert [line for line in text.splitlines() if line.startswith("✅ 일치함 · F-5")]
    assert "✅ 일치함 · F-2" not in text


def test_the_alert_of_a_withdrawn_case_says_so_and_asks_nothing() -> None:
    gone = replace(
        alert(replace(finding(), state=FindingState.WITHDRAWN)),
        case_state=CaseState.WITHDRAWN,
        case_number="",
    )
    text, keyboard = render_alert(gone, Language.KO, SEOUL)
    assert text.startswith("⚪ <b>등록 철회됨</b>")
    assert pressed(keyboard) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("is_waiting", [True, False])
@pytest.mark.parametrize("commented", ["u" * 32, None])
def test_the_worst_alert_fits_one_message_and_no_title_can_write_markup(
    language: Language, is_waiting: bool, commented: str | None
) -> None:
    title = "&<b>" * 63 + "&<>"
    place = Place(CHAT, MessageId(2**31), "u" * 32, title, thread_id=2**31, is_topic=True, in_album=True)
    acts = [decided(10**9 + number, FindingState.CONFIRMED, title, minute=number) for number in range(500)]
    worst = [
        replace(
            replace(act, state=FindingState.NEW, decided_by=None, decided_at=None)
            if number >= 250 and is_waiting
            else act,
            place=replace(place, comment_of=replace(place, username=commented)),
            edited_at=POSTED,
            origin=Origin("channel", title, place),
            view="cell",
            orientation="mirrored_turned_270",
        )
        for number, act in enumerate(acts)
    ]
    text, keyboard = render_alert(alert(*worst, title=title, seen_before=10**6), language, SEOUL)
    assert len(text) <= 4096
    assert "&<" not in text.replace("<b>F-", "").replace("</b>", "")
    assert "&<b>&<b>" in unescape(text)
    assert all(len((button.data or "").encode()) <= 64 for row in keyboard for button in row)
