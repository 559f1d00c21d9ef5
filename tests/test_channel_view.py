"""The channels as staff read them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from staff_scene import STAFF_CHAT, VictimDouble, make_config, talk, watched
from store_makers import CHAT, NOW, Scene, add_channel, add_post

from bot import channels
from bot.chat.channel_view import render_list
from bot.chat.router import Router
from bot.model import Language, SendChannels
from bot.store import Store, Tx, posts


@pytest.fixture
def router() -> Router:
    return Router(make_config(), VictimDouble(), now=lambda: NOW, username="jikimi_bot")


async def listed(tx: Tx, language: Language = Language.KO) -> list[str]:
    return render_list(await channels.listed(tx), language, ZoneInfo("Asia/Seoul"))


async def test_channels_are_counted_when_the_list_is_sent(store: Store, router: Router) -> None:
    async with store.write() as tx:
        assert await router.handle(tx, talk("/channels")) == [SendChannels(STAFF_CHAT)]


async def test_the_list_tells_all_of_a_channel(store: Store, router: Router) -> None:
    async with store.write() as tx:
        assert "채널이 없습니다" in "".join(await listed(tx))
        await watched(tx, router)
        await Scene(tx).new(1)
        [shown] = await listed(tx)
    assert shown.splitlines() == [
        "<b>#1</b> 채널 (@somechannel) · ✅ 감시 중",
        "문서: 공문 1 · 승인: 관리자 · 마지막 날: 2026-12-31",
        "확인한 게시물이 없습니다.",
        "게시물: 1 · 파일: 2",
        "확인 대기: 2 · 지문을 만들 수 없음: 0 · 볼 수 없음: 0",
        "발견: 1",
    ]


async def test_the_list_says_why_media_were_not_looked_at_channel_by_channel(store: Store) -> None:
    reasons = ["too_large_to_download", "download_failed", "too_large_to_download", "file_gone", "flat"]
    async with store.write() as tx:
        channel = await add_channel(tx)
        await add_post(tx, await add_channel(tx, CHAT - 1), 1, "z")
        _, media = await add_post(tx, channel, 1, *"abcdef")
        for media_id, reason in zip(media, reasons, strict=False):
            await posts.failed(tx, media_id, reason, now=NOW)
        await posts.scanned(tx, media[5], fingerprints=None, left_out=True, now=NOW)
        shown = "\n".join(await listed(tx)).splitlines()
    told = "내려받기에 너무 큼 2 · 내려받기 실패 1 · 삭제됨 1 · 무늬가 거의 없음 1 · 일부만 확인함 1"
    assert "확인 대기: 0 · 지문을 만들 수 없음: 5 · 볼 수 없음: 0" in shown
    assert [line for line in shown if "이유" in line] == [f"확인하지 못한 이유: {told}"]


async def test_a_long_list_is_split_into_messages(store: Store) -> None:
    async with store.write() as tx:
        for number in range(30):
            await add_channel(tx, -1001000000000 - number, title="&" * 255)
        sent = await listed(tx)
    assert len(sent) > 1
    assert all(len(text) <= 4096 for text in sent)
    assert "\n".join(sent).count("승인 대기") == 30
