"""What staff read of ordinary photos, and the button that mutes their reposts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from staff_scene import VictimDouble, add_staff, make_config, press, talk, texts
from store_makers import NOW, STAFF, Scene
from test_alert_view import alert, finding, pressed
from test_store_photos import SHOWN, add_photo, found

from bot.chat.alert_view import figure_caption, render_alert
from bot.chat.router import Router
from bot.errors import Refused
from bot.model import AlertId, CaseState, FindingState, Language, ShowAlert
from bot.shown import DERIVED, SAME_PHOTO, Showing
from bot.staff import alerts
from bot.store import Store, audit, cases, tables
from bot.store.alerts import Alert

SEOUL = ZoneInfo("Asia/Seoul")
PLAIN = Showing()


def of_photo(band: str = DERIVED, *, showing: Showing = PLAIN, **shown: Any) -> Alert:
    photo = replace(SHOWN, **shown)
    found = replace(finding(), band=band, distance=-40, kind="photo", photo=photo, showing=showing)
    return replace(alert(found), band=band)


def read(shown: Alert, language: Language) -> str:
    return render_alert(shown, language, SEOUL)[0]


def test_a_part_in_another_picture_is_told_as_a_suspicion_with_its_share_turn_mirror_and_size() -> None:
    shown = of_photo(mirrored=True)
    korean, english = read(shown, Language.KO), read(shown, Language.EN)
    assert korean.startswith("🟠 <b>합성 의심</b> · 접수번호 JK-000001")
    assert (
        "등록된 일반 사진의 일부(약 22%)가 이 게시물 속에 있습니다. 나머지는 다릅니다. 사본이 아니라 의심입니다"
        " · 좌우 반전, 시계 방향 12° 회전, 1.8배로 확대"
    ) in korean
    assert english.startswith("🟠 <b>Perhaps a fake</b> · case JK-000001")
    assert (
        "Part of the registered photo (about 22 % of it) appears inside this post; the rest differs. "
        "A suspicion, not a copy · mirrored, turned by 12° clockwise, enlarged 1.8 times"
    ) in english


def test_the_whole_photo_is_told_as_what_may_be_an_innocent_repost_of_low_priority() -> None:
    shown = of_photo(SAME_PHOTO, share=1.0, scale=1.0, turn_degrees=0.0)
    korean, english = read(shown, Language.KO), read(shown, Language.EN)
    assert "🔵" in korean
    assert "낮은 우선순위" in korean
    assert "등록된 일반 사진 전체가 그대로입니다. 악의 없는 재게시일 수 있습니다" in korean.splitlines()
    assert "The whole registered photo, unchanged: may be an innocent repost" in english.splitlines()
    assert shown.is_low_priority
    assert not of_photo().is_low_priority


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"turn_degrees": -90.4}, "turned by 90° anticlockwise"),
        ({"scale": 0.31}, "reduced to 0.31 times its size"),
        ({"scale": 3.456}, "enlarged 3.5 times"),
        ({"share": 0.004}, "about 1 % of it"),
    ],
)
def test_how_it_appears_is_said_in_words(shown: dict[str, Any], words: str) -> None:
    assert words in read(of_photo(**shown), Language.EN)


def test_what_is_not_worth_a_word_is_left_out() -> None:
    told = read(of_photo(scale=1.1, turn_degrees=-2.4), Language.EN)
    assert not any(word in told for word in ("turned", "enlarged", "reduced", "mirrored"))


def test_of_a_video_it_is_said_where() -> None:
    shown = of_photo(showing=Showing("frame", 3000, 7000, 4, 8))
    assert "in the video from 0:03 to 0:07 (50 % of it), turned by 12°" in read(shown, Language.EN)


def test_of_a_photo_of_which_only_a_hash_is_near_it_is_said_that_it_may_be_changed() -> None:
    near = replace(of_photo().findings[0], photo=None, distance=12, view="cell", orientation="mirrored")
    shown = replace(of_photo(), findings=(near,))
    korean, english = read(shown, Language.KO), read(shown, Language.EN)
    assert korean.startswith("🟠 <b>합성 의심</b>")
    assert (
        "등록된 일반 사진과 거의 같은 사진 (차이 12/256). "
        "얼굴 등 일부가 바뀌었는지는 알 수 없습니다 · 화면 캡처·콜라주 속, 좌우 반전"
    ) in korean
    assert (
        "A picture nearly the same as the registered photo (differs by 12/256); "
        "whether a face or another part was replaced cannot be told · "
    ) in english
    assert not shown.is_low_priority


def test_of_a_photo_that_was_withdrawn_nothing_is_told_any_more() -> None:
    gone = replace(of_photo().findings[0], photo=None)
    assert "등록이 철회된 일반 사진" in read(replace(of_photo(), findings=(gone,)), Language.KO)
    assert "22 %" not in read(replace(of_photo(), findings=(gone,)), Language.EN)


@pytest.mark.parametrize("language", list(Language))
def test_the_caption_of_a_figure_names_the_finding_and_says_what_is_where(language: Language) -> None:
    caption = figure_caption(finding(12), language)
    assert "F-12" in caption
    assert {Language.KO: "왼쪽은 등록된 일반 사진", Language.EN: "Left, the registered ordinary photo"}[
        language
    ] in caption
    assert len(caption) < 1024


@pytest.mark.parametrize(("muted", "action"), [(False, "mute"), (True, "unmute")])
def test_only_an_alert_of_the_photo_as_it_is_can_be_muted_and_that_undone(muted: bool, action: str) -> None:
    for band, offered in ((SAME_PHOTO, [action]), (DERIVED, [])):
        shown = replace(of_photo(band), mutes_same_photo=muted)
        text, keyboard = render_alert(shown, Language.KO, SEOUL)
        assert [press.action for press in pressed(keyboard) if "mute" in press.action] == offered
        assert ("🔕" in text) == (muted and band == SAME_PHOTO)
    withdrawn = replace(of_photo(SAME_PHOTO), case_state=CaseState.WITHDRAWN)
    assert [press.action for press in pressed(render_alert(withdrawn, Language.KO, SEOUL)[1])] == [
        "confirmed",
        "not_a_match",
    ]


async def test_muting_is_audited_once_with_who_did_it_and_can_be_undone(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await found(tx, scene, await add_photo(tx, await scene.case("a")), band=SAME_PHOTO)
        assert alert_id is not None
        revision = (await scene.alert(alert_id)).revision
        for muted, changed in ((True, True), (True, False), (False, True)):
            assert await alerts.mute_same_photo(tx, alert_id, muted=muted, by=STAFF, now=NOW) == changed
            assert (await scene.alert(alert_id)).mutes_same_photo == muted
        assert (await scene.alert(alert_id)).revision == revision + 2
        rows = await tx.all(tables.audit.select().order_by(tables.audit.c.id))
        assert [row.action for row in rows] == ["same_photo.muted", "same_photo.unmuted"]
        assert (await audit.verify(tx)).harm is None


async def test_of_a_case_that_is_gone_nothing_can_be_muted(store: Store) -> None:
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await found(tx, scene, await add_photo(tx, await scene.case("a")), band=SAME_PHOTO)
        assert alert_id is not None
        await cases.withdraw(tx, await scene.case("a"), NOW)
        for gone in (alert_id, AlertId(999)):
            with pytest.raises(Refused, match="alert-gone"):
                await alerts.mute_same_photo(tx, gone, muted=True, by=STAFF, now=NOW)


def test_a_muted_finding_waits_for_nobody() -> None:
    muted = replace(of_photo(SAME_PHOTO).findings[0], state=FindingState.MUTED)
    text, _ = render_alert(replace(of_photo(SAME_PHOTO), findings=(muted,)), Language.KO, SEOUL)
    assert text.startswith("⚪")


def router(*, photos: bool) -> Router:
    return Router(make_config(photos=photos), VictimDouble(), now=lambda: NOW, username="jikimi_bot")


async def test_health_counts_photos_and_what_is_muted_and_says_where_they_are_not_searched_for(
    store: Store,
) -> None:
    async with store.write() as tx:
        assert "일반 사진" not in texts(await router(photos=False).handle(tx, talk("/health")))
        assert "일반 사진: 0장" in texts(await router(photos=True).handle(tx, talk("/health")))
        scene = Scene(tx)
        print_id = await add_photo(tx, await scene.case("a"))
        await cases.mute_same_photo(tx, await scene.case("a"), muted=True)
        await found(tx, scene, print_id, band=SAME_PHOTO)
        last = texts(await router(photos=True).handle(tx, talk("/health"))).splitlines()[-1]
        assert last == (
            "등록된 일반 사진: 1장 · 「그대로」 알림을 끈 접수번호: 1건 · 알리지 않은 게시물: 1건"
        )
        off = texts(await router(photos=False).handle(tx, talk("/health"))).splitlines()[-1]
        assert off.startswith("⚠️ 등록된 일반 사진: 1장.")


async def test_staff_mute_and_unmute_by_the_alerts_button(store: Store) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        scene = Scene(tx)
        alert_id = await found(tx, scene, await add_photo(tx, await scene.case("a")), band=SAME_PHOTO)
        assert alert_id is not None
        for action, muted in (("mute", True), ("mute", True), ("unmute", False)):
            effects = await router(photos=True).handle(tx, press("a", action, alert_id))
            assert ShowAlert(alert_id) in effects
            assert (await scene.alert(alert_id)).mutes_same_photo == muted
        assert "오래된 버튼" in texts(await router(photos=True).handle(tx, press("a", "mute")))
