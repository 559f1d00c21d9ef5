"""What staff and admins read and do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from staff_scene import (
    MEMBERSHIP,
    NO_ROLE,
    STAFF_CHAT,
    VICTIM,
    VictimDouble,
    add_staff,
    make_config,
    press,
    talk,
    texts,
    watched,
)
from store_makers import ADMIN, CHAT, NOW, STAFF, Scene, add_channel, add_post, asked_by

from bot import channels
from bot.chat.router import Router
from bot.model import (
    AlertId,
    Answer,
    ChannelState,
    ChatId,
    ChatKind,
    ChatMoved,
    Edit,
    Effect,
    Leave,
    Send,
    ShowAlert,
)
from bot.pipeline.inbox import POSITION
from bot.store import Store, Tx, inbox, outbox, posts, queue, settings, tables, work
from bot.store import channels as rows
from bot.store.inbox import NewUpdate

# Channels


async def test_a_new_channel_is_asked_about_in_the_staff_chat(store: Store, router: Router) -> None:
    async with store.write() as tx:
        effects = await router.handle(tx, MEMBERSHIP)
        assert await router.handle(tx, MEMBERSHIP) == []
    assert isinstance(effects[0], Send)
    assert effects[0].chat_id == STAFF_CHAT
    for words in ("뉴스 &lt;b&gt; (@somechannel)", "종류: 채널", "추가한 사람: 김지은"):
        assert words in effects[0].text
    assert [button.text for button in effects[0].keyboard[0]] == ["승인", "나가기"]


async def test_a_group_where_the_bot_is_no_administrator_says_what_to_do(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        group = replace(MEMBERSHIP, chat_kind=ChatKind.SUPERGROUP, is_admin=False)
        assert "관리자로 지정해 주십시오" in texts(await router.handle(tx, group))


async def test_the_staff_chat_itself_is_no_channel(store: Store, router: Router) -> None:
    async with store.write() as tx:
        assert await router.handle(tx, replace(MEMBERSHIP, chat_id=STAFF_CHAT)) == []
        moved = ChatId(-1007000000001)
        assert await router.handle(tx, ChatMoved(STAFF_CHAT, moved)) == []
        assert await router.handle(tx, replace(MEMBERSHIP, chat_id=moved)) == []
        assert await channels.listed(tx) == []
        assert "직원 명령" in texts(await router.handle(tx, talk("/help", chat_id=moved)))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/authorise", "채널 번호를 적어"),
        ("/authorise 공문 2027-05-31", "채널 번호를 적어"),
        ("/authorise 1", "연-월-일"),
        ("/authorise 99 공문 2027-05-31", "그런 번호의 채널이 없습니다: 99."),
        ("/authorise 1 공문 2020-01-01", "지난 날짜"),
        ("/authorise 1 공문 2099-01-01", "2년까지"),
        ("/authorise 1 2027-01-01", "날짜 앞에 승인 문서"),
        ("/revoke 1", "승인된 채널이 아닙니다: 1."),
        ("/revoke", "채널 번호를 적어"),
        ("/leave 99", "그런 번호의 채널이 없습니다: 99."),
        ("/leave 999999999999999999999999", "채널 번호를 적어"),
        ("/staff add", "답장하거나"),
        ("/staff add 김지은", "답장하거나"),
        ("/staff add 5", "이름을 64자 이내"),
        (f"/staff add {ADMIN.user_id} 나", "이미 관리자"),
        ("/staff remove", "사용자 번호를 적어"),
        ("/staff remove 5", "이 번호의 직원이 없습니다: 5."),
        (f"/staff remove {ADMIN.user_id}", "설정 파일"),
        ("/poison retry", "그런 번호의 업데이트가 없습니다"),
        ("/poison retry 7", "그런 번호의 업데이트가 없습니다"),
        ("/addchannel", "개인 대화에서"),
    ],
)
async def test_a_command_that_cannot_be_carried_out_says_what_to_do(
    store: Store, router: Router, command: str, words: str
) -> None:
    async with store.write() as tx:
        await add_channel(tx)
        effects = await router.handle(tx, talk(command))
        assert len(effects) == 1
        assert words in texts(effects)


@pytest.mark.parametrize("command", ["/revoke", "/leave"])
async def test_revoke_and_leave_make_the_bot_go(store: Store, router: Router, command: str) -> None:
    async with store.write() as tx:
        number = await watched(tx, router)
        effects = await router.handle(tx, talk(f"{command} {number}"))
        assert effects[-1] == Leave(CHAT)
        assert await channels.authorised(tx, CHAT, NOW) is None


async def test_the_leave_button_takes_the_question_away(store: Store, router: Router) -> None:
    async with store.write() as tx:
        channel = await add_channel(tx)
        answer, edit, leave = await router.handle(tx, press("c", "leave", channel.id))
        assert answer == Answer("q")
        assert isinstance(edit, Edit)
        assert edit.message_id == 50
        assert edit.keyboard == ()
        assert leave == Leave(CHAT)
        again = await router.handle(tx, press("c", "leave", channel.id))
        assert "봇이 이 채널에 없습니다" in texts(again)


@pytest.mark.parametrize("button", ["authorise", "leave"])
async def test_the_question_about_a_channel_that_was_authorised_since_points_to_the_commands(
    store: Store, router: Router, button: str
) -> None:
    async with store.write() as tx:
        number = await watched(tx, router)
        [answer] = await router.handle(tx, press("c", button, number))
        assert isinstance(answer, Answer)
        assert answer.as_alert
        assert f"/leave {number}" in answer.text
        assert f"/authorise {number}" in answer.text
        assert await channels.authorised(tx, CHAT, NOW) is not None
        chosen = talk(private=True, shared_chat_id=CHAT)
        assert "이미 승인된 채널" in texts(await router.handle(tx, chosen))
        extended = await router.handle(tx, talk(f"/authorise {number} 공문 2 2027-05-31"))
        assert "2027-05-31" in texts(extended)


async def test_staff_are_told_when_the_bot_is_removed_or_cannot_read(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await watched(tx, router)
        demoted = replace(MEMBERSHIP, is_admin=False)
        assert "읽을 수 없게" in texts(await router.handle(tx, demoted))
        assert "다시 읽습니다" in texts(await router.handle(tx, MEMBERSHIP))
        assert "내보내졌습니다" in texts(await router.handle(tx, replace(demoted, is_member=False)))


async def test_the_sweep_warns_once_and_then_leaves(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await watched(tx, router)
        warned = await router.sweep(tx, NOW + timedelta(days=25))
        assert "승인이 곧 끝납니다" in texts(warned)
        assert "2026-12-31" in texts(warned)
        assert await router.sweep(tx, NOW + timedelta(days=26)) == []
        ended = await router.sweep(tx, NOW + timedelta(days=39))
        assert "승인이 끝나 채널에서 나갑니다" in texts(ended)
        assert ended[-1] == Leave(CHAT)


async def test_the_sweep_leaves_a_channel_that_nobody_authorised(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await router.handle(tx, MEMBERSHIP)
        assert await router.sweep(tx, NOW + timedelta(hours=71)) == []
        effects = await router.sweep(tx, NOW + timedelta(hours=72))
        assert "승인이 없어" in texts(effects)
        assert effects[-1] == Leave(CHAT)


async def test_a_channel_is_chosen_in_private_with_telegrams_picker(store: Store, router: Router) -> None:
    async with store.write() as tx:
        (offer,) = await router.handle(tx, talk("/addchannel", private=True))
        assert isinstance(offer, Send)
        assert offer.choose_channel == "채널 고르기"
        chosen = talk(private=True, shared_chat_id=CHAT)
        assert "승인 여부를 묻는" in texts(await router.handle(tx, chosen))
        await router.handle(tx, MEMBERSHIP)
        (question,) = await router.handle(tx, chosen)
        assert isinstance(question, Send)
        assert question.keyboard


# Alerts


async def test_a_decision_shows_the_alert_anew_and_a_second_press_is_told_whose_it_was(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        scene = Scene(tx)
        alert_id = await scene.new(1)
        asked = await asked_by(tx, alert_id)
        first = await router.handle(tx, press("a", "not_a_match", alert_id, 1, asked, person=STAFF))
        second = await router.handle(tx, press("a", "confirmed", alert_id, 1, asked))
    assert first == [Answer("q", "일치 아님으로 기록했습니다. (1건)"), ShowAlert(alert_id)]
    told, show = second
    assert isinstance(told, Answer)
    assert told.text.startswith("이미 일치 아님으로 처리되었습니다. 처리한 사람: 김지은")
    assert told.as_alert
    assert show == ShowAlert(alert_id)


async def test_a_confirmed_alert_is_told_to_the_victim_once(store: Store, victims: VictimDouble) -> None:
    note = Send(ChatId(5), "note")

    async def tell(tx: Tx, alert_id: AlertId) -> list[Effect]:
        return [note]

    router = Router(make_config(), victims, now=lambda: NOW, tell_victim=tell)
    async with store.write() as tx:
        scene = Scene(tx)
        alert_id = await scene.new(1)
        asked = await asked_by(tx, alert_id)
        assert note in await router.handle(tx, press("a", "confirmed", alert_id, 1, asked))
        assert note not in await router.handle(tx, press("a", "confirmed", alert_id, 1, asked))


async def test_a_withdrawn_alert_cannot_be_decided(store: Store, router: Router) -> None:
    async with store.write() as tx:
        assert "처리할 것이 없습니다" in texts(await router.handle(tx, press("a", "confirmed", 9, 9)))


# Staff, health, poison


async def test_staff_are_added_by_number_or_by_reply_listed_and_removed(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await router.handle(tx, talk(f"/staff add {VICTIM.user_id} 이 <i>하늘"))
        await router.handle(tx, talk("/staff add", reply_to=STAFF))
        shown = texts(await router.handle(tx, talk("/staff")))
        for words in ("직원: 2명", "이 &lt;i&gt;하늘", str(STAFF.user_id)):
            assert words in shown
        assert "직원 명령" in texts(await router.handle(tx, talk("/help", VICTIM)))
        await router.handle(tx, talk(f"/staff remove {VICTIM.user_id}"))
        assert texts(await router.handle(tx, talk("/help", VICTIM))) == NO_ROLE


async def test_health_says_in_three_lines_that_all_is_well(store: Store, router: Router) -> None:
    async with store.write() as tx:
        assert "아직 없음" in texts(await router.handle(tx, talk("/health")))
        await settings.put(tx, POSITION, {"offset": 1, "moved_at": int(NOW.timestamp())})
        await inbox.add(tx, [NewUpdate(key, "message", {}) for key in ("asks", "waits")], now=NOW)
        await inbox.claim(tx, now=NOW, lease_s=60, limit=1)
        assert texts(await router.handle(tx, talk("/health"))).splitlines() == [
            "✅ <b>모두 정상입니다.</b>",
            "대기: 업데이트 1 · 파일 0 · 보낼 메시지 0",
            "마지막으로 받은 업데이트: 2026-11-23 18:00 KST (11-23 09:00 UTC)",
        ]


async def test_health_says_what_was_given_up_and_what_waits_too_long(store: Store, router: Router) -> None:
    async with store.write() as tx:
        for number, minutes in enumerate((20, 16, 14)):
            at = NOW - timedelta(minutes=minutes)
            await inbox.add(tx, [NewUpdate(f"{number}", "message", {})], now=at)
        await queue.bury(tx, tables.inbox, 1, now=NOW, trouble="cannot be read")
        lines = texts(await router.handle(tx, talk("/health"))).splitlines()
    assert lines[0].endswith("처리하지 못함 1 · 15분 넘게 대기 1")
    assert lines[3] == "처리하지 못함: 업데이트 1 · 파일 0 · 메시지 0 · 예전 게시물 비교 0"


async def test_health_says_that_a_comparison_with_earlier_posts_was_given_up(
    store: Store, router: Router
) -> None:
    values = {"key": b"k", "run_at": NOW, "created_at": NOW, "since": 0, "up_to": 1, "state": "buried"}
    async with store.write() as tx:
        await tx.execute(tables.lookbacks.insert().values(media_id=0, last_media_id=1, **values))
        lines = texts(await router.handle(tx, talk("/health"))).splitlines()
    assert lines[0].endswith("처리하지 못함 1 · 15분 넘게 대기 0")
    assert lines[3].endswith("예전 게시물 비교 1")


async def test_health_says_what_could_not_be_looked_at_today(store: Store, router: Router) -> None:
    async with store.write() as tx:
        channel = await add_channel(tx)
        _, media = await add_post(tx, channel, 1, *"abcd")
        for media_id, reason in zip(media[:3], ("flat", "too_large_to_download", "flat"), strict=True):
            await posts.failed(tx, media_id, reason, NOW)
        await posts.failed(tx, media[3], "corrupt", NOW - timedelta(days=2))
        last = texts(await router.handle(tx, talk("/health"))).splitlines()[-1]
    assert last == "지난 24시간 동안 확인하지 못한 파일: 무늬가 거의 없음 2 · 내려받기에 너무 큼 1"


async def test_poison_is_listed_without_its_content_and_can_be_tried_again(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        assert "업데이트가 없습니다" in texts(await router.handle(tx, talk("/poison")))
        await inbox.add(tx, [NewUpdate("k", "message", {"secret": "caption"})], now=NOW)
        (row,) = await inbox.claim(tx, now=NOW, lease_s=1, limit=1)
        await queue.bury(tx, tables.inbox, row.id, now=NOW, trouble="message: cannot read <date>")
        shown = texts(await router.handle(tx, talk("/poison")))
        assert f"<b>{row.id}</b> · message · 2026-11-23 18:00 KST" in shown
        assert "cannot read &lt;date&gt;" in shown
        assert "caption" not in shown
        assert "다시 처리합니다" in texts(await router.handle(tx, talk(f"/poison retry {row.id}")))
        assert await queue.buried(tx, tables.inbox, 10) == []


async def test_files_and_alerts_that_were_given_up_can_be_tried_again(store: Store, router: Router) -> None:
    async with store.write() as tx:
        assert "다시 내려받을 파일: 0개" in texts(await router.handle(tx, talk("/retry")))
        _, [media_id] = await add_post(tx, await add_channel(tx), 1, "a")
        await work.add(tx, media_id, now=NOW)
        [row] = await work.claim(tx, now=NOW, lease_s=1, limit=1)
        await queue.bury(tx, tables.work, row.id, now=NOW, trouble="502")
        await outbox.add(tx, [ShowAlert(AlertId(1))], key="k", now=NOW)
        await queue.bury(tx, tables.outbox, 1, now=NOW, trouble="ValueError")
        assert "파일: 1개 · 다시 보낼 경보: 1개" in texts(await router.handle(tx, talk("/retry")))
        assert len(await work.claim(tx, now=NOW, lease_s=1, limit=1)) == 1


async def test_the_staff_chat_can_be_in_english(store: Store, victims: VictimDouble) -> None:
    router = Router(make_config(language="en", time_zone="UTC"), victims, now=lambda: NOW)
    async with store.write() as tx:
        shown = texts(await router.handle(tx, MEMBERSHIP))
        channel = await rows.by_chat(tx, CHAT)
    assert "May it be watched?" in shown
    assert channel is not None
    assert channel.state is ChannelState.ASKED
