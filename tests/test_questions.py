"""The document question: on what document a channel may be watched, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from staff_scene import STAFF_CHAT, US, VictimDouble, add_staff, make_config, press, talk, texts
from store_makers import ADMIN, CHAT, NOW, STAFF, add_channel

from bot import channels
from bot.chat.router import Router
from bot.model import Answer, ChatId, Send
from bot.store import Store


@pytest.mark.parametrize("private", [False, True])
async def test_the_authorise_button_asks_for_the_document_and_a_reply_authorises(
    store: Store, router: Router, private: bool
) -> None:
    async with store.write() as tx:
        channel = await add_channel(tx)
        asked = await router.handle(tx, press("c", "authorise", channel.id, private=private))
        assert asked[0] == Answer("q")
        assert "답장" in texts(asked)
        reply = talk("공문 2026-123 2027-05-31", private=private, reply_to=US)
        wrong = replace(reply, text="공문 2026-123")
        assert "연-월-일" in texts(await router.handle(tx, wrong))
        done = await router.handle(tx, reply)
        assert "감시를 시작합니다" in texts(done)
        told = [effect.chat_id for effect in done if isinstance(effect, Send)]
        assert told == ([ADMIN.user_id] if private else []) + [STAFF_CHAT]
        assert await channels.authorised(tx, CHAT, NOW) is not None
        # The question is answered: the next line is no document.
        assert await router.handle(tx, reply) == []


async def test_only_the_one_who_was_asked_answers_and_only_by_a_reply_to_the_bot(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        channel = await add_channel(tx)
        await router.handle(tx, press("c", "authorise", channel.id))
        line = "공문 2026-123 2027-05-31"
        assert await router.handle(tx, talk(line)) == []
        assert await router.handle(tx, talk(line, reply_to=STAFF)) == []
        assert await router.handle(tx, talk(line, STAFF, reply_to=US)) == []
        assert await router.handle(tx, talk(line, reply_to=US, is_edit=True)) == []
        assert await channels.authorised(tx, CHAT, NOW) is None


async def test_authorising_another_channel_leaves_the_question_open(store: Store, router: Router) -> None:
    async with store.write() as tx:
        asked, other = await add_channel(tx), await add_channel(tx, CHAT - 1)
        await router.handle(tx, press("c", "authorise", asked.id))
        await router.handle(tx, talk(f"/authorise {other.id} 공문 2027-05-31"))
        await router.handle(tx, talk("공문 2027-05-31", reply_to=US))
        assert await channels.authorised(tx, CHAT, NOW) is not None


async def test_a_document_question_is_forgotten_after_an_hour(store: Store, victims: VictimDouble) -> None:
    clock = [NOW]
    router = Router(make_config(), victims, now=lambda: clock[0])
    async with store.write() as tx:
        channel = await add_channel(tx)
        await router.handle(tx, press("c", "authorise", channel.id))
        clock[0] += timedelta(hours=1)
        assert await router.handle(tx, talk("공문 2027-05-31", reply_to=US)) == []


async def test_a_line_that_may_be_about_several_channels_authorises_none_and_says_how(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        first, second = await add_channel(tx), await add_channel(tx, CHAT - 1)
        for channel in (first, second):
            await router.handle(tx, press("c", "authorise", channel.id))
        line = talk("공문 2027-05-31", reply_to=US)
        told = texts(await router.handle(tx, line))
        assert f"#{first.id}, #{second.id}" in told
        assert f"/authorise {second.id} " in told
        for chat_id in (CHAT, ChatId(CHAT - 1)):
            assert await channels.authorised(tx, chat_id, NOW) is None
        # Of two that were asked about one is left: what comes then is about it.
        await router.handle(tx, talk(f"/authorise {second.id} 공문 2027-05-31"))
        await router.handle(tx, line)
        assert await channels.authorised(tx, CHAT, NOW) is not None


@pytest.mark.parametrize("by_button", [False, True])
async def test_a_channel_that_was_left_is_not_asked_about_any_more(
    store: Store, router: Router, by_button: bool
) -> None:
    async with store.write() as tx:
        gone, asked = await add_channel(tx), await add_channel(tx, CHAT - 1)
        for channel in (gone, asked):
            await router.handle(tx, press("c", "authorise", channel.id))
        await router.handle(tx, press("c", "leave", gone.id) if by_button else talk(f"/leave {gone.id}"))
        await router.handle(tx, talk("공문 2027-05-31", reply_to=US))
        assert await channels.authorised(tx, ChatId(CHAT - 1), NOW) is not None
