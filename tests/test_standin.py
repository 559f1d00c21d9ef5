"""The stand-in answers as Telegram's Bot API does: queue, errors, messages, files. Driven by plain HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from standin_scene import Answer, Caller, Clock

from bot.standin import Chat, User, World

# --- the queue ---------------------------------------------------------------------------------------


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(
    call: Caller, world: World, mina: User
) -> None:
    world.send_text(mina, world.private(mina), "one")
    world.send_text(mina, world.private(mina), "two")
    first = await call.updates()
    assert [u["message"]["text"] for u in first] == ["one", "two"]
    assert await call.updates() == first
    assert await call.updates(offset=first[0]["update_id"]) == first
    assert await call.updates(offset=first[1]["update_id"]) == first[1:]
    assert await call.updates() == first[1:], "the first is confirmed for good"
    assert await call.updates(offset=first[1]["update_id"] + 1) == []
    assert world.updates.pending == 0


async def test_a_negative_offset_forgets_all_but_the_last(call: Caller, world: World, mina: User) -> None:
    for text in ("one", "two", "three"):
        world.send_text(mina, world.private(mina), text)
    assert [u["message"]["text"] for u in await call.updates(offset=-2)] == ["two", "three"]
    assert [u["message"]["text"] for u in await call.updates()] == ["two", "three"]


async def test_an_offset_far_ahead_gives_everything_and_confirms_nothing(
    call: Caller, world: World, mina: User
) -> None:
    world.updates.renumber(500)
    world.send_text(mina, world.private(mina), "after a quiet week")
    assert [u["update_id"] for u in await call.updates(offset=810_000_005)] == [500]
    assert world.updates.pending == 1


async def test_limit_is_held_between_1_and_100(call: Caller, world: World, mina: User) -> None:
    for number in range(105):
        world.send_text(mina, world.private(mina), f"text {number}")
    assert len(await call.updates(limit=2)) == 2
    assert len(await call.updates(limit=0)) == 1
    assert len(await call.updates(limit=1000)) == 100


async def test_a_waiting_poll_answers_as_soon_as_something_happens(
    call: Caller, world: World, mina: User
) -> None:
    poll = asyncio.create_task(call.updates(timeout=50))
    await world.until(lambda: world.updates.awaited)
    assert not poll.done()
    world.send_text(mina, world.private(mina), "hello")
    assert [u["message"]["text"] for u in await poll] == ["hello"]


async def test_a_second_waiting_poll_ends_the_first_with_409(call: Caller, world: World, mina: User) -> None:
    first = asyncio.create_task(call("getUpdates", timeout=50))
    await world.until(lambda: world.updates.awaited)
    second = asyncio.create_task(call("getUpdates", timeout=50))
    assert (await first).refusal == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    world.send_text(mina, world.private(mina), "hello")
    assert len((await second).result) == 1


async def test_allowed_updates_are_remembered_and_reset_by_an_empty_list(
    call: Caller, world: World, mina: User, channel: Chat, kim: User
) -> None:
    await call.updates(allowed_updates=["channel_post", "no_such_kind"])
    assert (await call("getWebhookInfo")).result["allowed_updates"] == ["channel_post"]
    await call.updates()
    world.send_text(mina, world.private(mina), "not asked for")
    world.send_text(kim, channel, "asked for")
    assert [u["channel_post"]["text"] for u in await call.updates()] == ["asked for"]
    await call.updates(allowed_updates=[])
    assert "allowed_updates" not in (await call("getWebhookInfo")).result
    world.send_text(mina, world.private(mina), "asked for again")
    assert len(await call.updates()) == 2


async def test_updates_are_gone_after_24_hours(call: Caller, world: World, mina: User, clock: Clock) -> None:
    world.send_text(mina, world.private(mina), "early")
    clock.advance(hours=1)
    world.send_text(mina, world.private(mina), "late")
    clock.advance(hours=23)
    assert [u["message"]["text"] for u in await call.updates()] == ["late"]


async def test_an_injected_update_is_given_as_it_is(call: Caller, world: World) -> None:
    world.updates.push_raw({"channel_post": {"chat": "poison"}})
    assert [u["channel_post"] for u in await call.updates()] == [{"chat": "poison"}]


# --- what the bot may see ----------------------------------------------------------------------------


async def test_a_post_reaches_only_an_admin_and_nothing_from_before(
    call: Caller, world: World, kim: User, clock: Clock
) -> None:
    channel = world.add_channel("Later", owner=kim)
    early = world.send_text(kim, channel, "before the bot came")
    clock.advance(seconds=5)
    world.add_bot_as_admin(channel, by=kim, rights=["can_manage_chat"])
    (joined,) = await call.updates()
    change = joined["my_chat_member"]
    assert change["from"]["first_name"] == "Kim"
    assert change["old_chat_member"]["status"] == "left"
    assert change["new_chat_member"]["status"] == "administrator"
    assert change["new_chat_member"]["can_manage_chat"] is True
    assert change["new_chat_member"]["can_post_messages"] is False
    world.edit_text(kim, early, "still before")
    world.send_text(kim, channel, "after")
    assert [u["channel_post"]["text"] for u in (await call.updates())[1:]] == ["after"]


async def test_a_channel_post_shows_the_channel_and_not_its_author(
    call: Caller, world: World, kim: User, channel: Chat
) -> None:
    world.send_text(kim, channel, "unsigned")
    channel.signs_posts = True
    world.send_text(kim, channel, "signed")
    unsigned, signed = [u["channel_post"] for u in await call.updates()]
    assert "from" not in unsigned
    assert unsigned["sender_chat"] == unsigned["chat"] == channel.as_dict()
    assert "author_signature" not in unsigned
    assert signed["author_signature"] == "Kim"


async def test_in_a_group_a_member_bot_sees_what_is_meant_for_it_and_an_admin_bot_everything(
    call: Caller, world: World, kim: User
) -> None:
    group = world.add_group("Staff", [kim])
    world.add_bot(group, by=kim)
    sent = (await call("sendMessage", chat_id=group.id, text="hello")).result
    asked = world.send_text(kim, group, "just talking")
    world.send_text(kim, group, "/status")
    world.send_text(kim, group, "/status@jikimi_demo_bot")
    world.send_text(kim, group, "/status@other_bot")
    world.send_text(kim, group, "an answer", reply_to=group.messages[sent["message_id"]])
    world.add_bot_as_admin(group, by=kim)
    world.send_text(kim, group, "now heard", reply_to=asked)
    seen = [u["message"].get("text", "joined") for u in await call.updates() if "message" in u]
    assert seen == ["joined", "/status", "/status@jikimi_demo_bot", "an answer", "now heard"]


async def test_the_bot_never_gets_its_own_messages(call: Caller, mina: User) -> None:
    await call("sendMessage", chat_id=mina.id, text="from the bot")
    assert await call.updates() == []


async def test_a_deletion_is_not_told(call: Caller, world: World, kim: User, channel: Chat) -> None:
    post = world.send_text(kim, channel, "soon gone")
    await call.updates(offset=(await call.updates())[0]["update_id"] + 1)
    world.delete(kim, post)
    assert await call.updates() == []


# --- tokens, methods, faults -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        ("7000000001:AAF-a-well-formed-but-wrong-token00", (401, "Unauthorized")),
        ("nonsense", (404, "Not Found")),
    ],
)
async def test_a_wrong_token_is_refused(call: Caller, token: str, answer: tuple[int, str]) -> None:
    async with call.http.get(f"{call.standin.api_url}/bot{token}/getMe") as response:
        assert Answer(response.status, await response.json()).refusal == answer


async def test_an_unknown_method_is_404(call: Caller) -> None:
    assert (await call("makeCoffee")).refusal == (404, "Not Found")


async def test_arguments_may_come_by_query_form_multipart_or_json(call: Caller, mina: User) -> None:
    url = f"{call.standin.api_url}/bot{call.standin.token}/sendmessage"
    keyboard = json.dumps({"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]})
    arguments = {"chat_id": str(mina.id), "text": "x", "reply_markup": keyboard}
    multipart = aiohttp.FormData(arguments, default_to_multipart=True)
    bodies: list[dict[str, Any]] = [
        {"params": arguments},
        {"data": arguments},
        {"data": multipart},
        {"json": arguments | {"reply_markup": json.loads(keyboard)}},
    ]
    for body in bodies:
        async with call.http.post(url, **body) as response:
            message = Answer(response.status, await response.json()).result
            assert message["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "d"


async def test_429_says_how_long_to_wait_and_then_all_is_well(call: Caller) -> None:
    call.standin.faults.too_many_requests("getMe", 7)
    refused = await call("getMe")
    assert refused.refusal == (429, "Too Many Requests: retry after 7")
    assert refused.body["parameters"] == {"retry_after": 7}
    assert (await call("getMe")).status == 200


async def test_a_broken_server_answers_html(call: Caller) -> None:
    call.standin.faults.break_server("*", 502)
    async with call.http.get(f"{call.standin.api_url}/bot{call.standin.token}/getMe") as response:
        assert response.status == 502
        assert response.content_type == "text/html"
        assert "Bad Gateway" in await response.text()


async def test_a_dropped_call_does_nothing_and_a_lost_answer_did_it(
    call: Caller, world: World, mina: User
) -> None:
    call.standin.faults.drop("sendMessage")
    call.standin.faults.lose_answer("sendMessage")
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectionError):
            await call("sendMessage", chat_id=mina.id, text="sent?")
    assert [m.text for m in world.living(world.private(mina))] == ["/start", "sent?"]
    assert [c.status for c in call.standin.calls] == [0, 0]


async def test_a_hanging_call_ends_when_the_caller_gives_up(call: Caller) -> None:
    call.standin.faults.hang("getMe")
    asked = asyncio.create_task(call("getMe"))
    await call.standin.world.until(lambda: len(call.standin.calls) == 1)
    assert not asked.done()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_commands_are_checked_and_given_back(call: Caller, mina: User) -> None:
    commands = [{"command": "start", "description": "Begin"}]
    assert (await call("setMyCommands", commands=commands, language_code="en")).result is True
    assert (await call("getMyCommands", language_code="en")).result == commands
    bad = await call("setMyCommands", commands=[{"command": "Bad Name", "description": "x"}])
    assert bad.refusal == (400, "Bad Request: BOT_COMMAND_INVALID")
