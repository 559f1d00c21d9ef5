"""From end to end by an account: two Telegrams are played, one for the bot and one for the account; the bot is real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from clips import FPS, SIZE, moving, video
from flow_scene import Town, build_town, jpeg, register, reposted, running
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account
from pictures import picture

from bot.app import utc_now
from bot.config import load
from bot.model import UserId
from bot.standin import Standin
from bot.store import accounts


@pytest.fixture
def hidden(telegram: Telegram) -> Channel:
    """The bot is not in it, and cannot be."""
    return telegram.add_channel("Hidden", username="hidden_channel")


@pytest.fixture
async def town(tmp_path: Path, telegram: Telegram, ada: Account) -> AsyncIterator[Town]:
    """With an account that signed in."""
    async with Standin() as standin:
        town = build_town(standin, tmp_path)
        with town.config_file.open("a") as config_file:
            config_file.write('\n[accounts]\napi_id = 1\napi_hash = "hash"\npause_s = 2\n')
        store = await town.open_store()
        async with store.write() as tx:
            session = telegram.session(ada)
            await accounts.put(tx, user_id=UserId(ada.user_id), name="Ada", session=session, now=utc_now())
        await register(store, picture(1))
        await store.close()
        yield replace(town, config=load(town.config_file, {}))


PATIENCE_S = 60
"""Between two Telegrams there are pauses, besides what the machine takes."""


async def until(town: Town, holds: Callable[[], bool]) -> None:
    await town.world.until(holds, PATIENCE_S)


def staff_read(town: Town, words: str) -> bool:
    return any(words in message.text for message in town.world.living(town.staff_chat))


async def test_a_channel_that_no_bot_can_enter_is_watched_read_back_and_seen_to_be_emptied(
    town: Town, telegram: Telegram, ada: Account, hidden: Channel
) -> None:
    old = telegram.post(hidden, telegram.photo(jpeg(picture(2))))
    last_day = (utc_now() + timedelta(days=90)).date()
    async with running(town):
        town.world.send_text(town.admin, town.staff_chat, f"/authorise t.me/hidden_channel DOC 7 {last_day}")
        await until(town, lambda: staff_read(town, "An account joined"))
        assert ada.channels == {hidden.id}
        async with asyncio.timeout(PATIENCE_S):
            while "GetHistory" not in ada.asked:
                await asyncio.sleep(0.02)
        new = telegram.post(hidden, telegram.photo(reposted(picture(1), 1)))
        await until(town, lambda: bool(town.alerts()))
        [alert] = town.alerts()
        assert f"https://t.me/hidden_channel/{new}" in alert
        await town.press(town.admin, town.staff_chat, "1|a|confirmed")
        await until(town, lambda: staff_read(town, "onfirmed"))
        town.world.send_text(town.admin, town.staff_chat, "/history 1 all")
        await until(town, lambda: staff_read(town, "The channel is read back"))
        telegram.delete(hidden, old, new)
        await until(town, lambda: any("emoved" in text for text in town.alerts()))


async def test_a_picture_at_the_end_of_a_video_far_over_the_limit_is_found(
    town: Town, telegram: Telegram, ada: Account, hidden: Channel
) -> None:
    limits = {
        "JIKIMI_TELEGRAM__MAX_DOWNLOAD_BYTES": str(1 << 20),
        "JIKIMI_MATCHING__MAX_BYTES": str(1 << 20),
    }
    scenes = [image for seed in range(40, 70) for image in moving(seed, 1)]
    data = video([*scenes, *[picture(1, SIZE)] * 4 * FPS], crf="6", g="12")
    assert len(data) > 5 << 20
    last_day = (utc_now() + timedelta(days=90)).date()
    async with running(replace(town, config=load(town.config_file, limits))):
        town.world.send_text(town.admin, town.staff_chat, f"/authorise t.me/hidden_channel DOC 7 {last_day}")
        await until(town, lambda: staff_read(town, "An account joined"))
        telegram.post(hidden, telegram.document(data, mime="video/mp4"))
        await until(town, lambda: bool(town.alerts()))
    asked_bytes = sum(end - start for start, end in telegram.asked_for)
    assert asked_bytes <= (1 << 20) + (64 << 10)


async def test_staff_are_told_when_the_account_is_banned(town: Town, ada: Account) -> None:
    ada.lost = "USER_DEACTIVATED_BAN"
    async with running(town):
        await until(town, lambda: staff_read(town, "Telegram banned the account 1 (Ada)"))
