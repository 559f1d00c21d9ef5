"""The stand-in answers as Telegram's Bot API does: queue, errors, messages, files. Driven by plain HTTP."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from PIL import Image
from standin_scene import Answer, Caller, Clock, picture

from bot.standin import ActRefused, Chat, Standin, User, World
from bot.standin import media as kinds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def standin(clock: Clock) -> AsyncIterator[Standin]:
    async with Standin(clock=clock) as running:
        yield running


@pytest.fixture
async def call(standin: Standin) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield Caller(standin, http)


@pytest.fixture
def world(standin: Standin) -> World:
    return standin.world


@pytest.fixture
def kim(world: World) -> User:
    return world.add_user("Kim", "ko", "kim")


@pytest.fixture
def mina(world: World) -> User:
    """Has opened the bot's chat."""
    mina = world.add_user("Mina", "ko")
    world.start(mina)
    world.updates.clear()
    return mina


@pytest.fixture
def channel(world: World, kim: User) -> Chat:
    """A channel with the bot as an admin that may only read."""
    channel = world.add_channel("Test channel", "test_channel", owner=kim)
    world.add_bot_as_admin(channel, by=kim)
    world.updates.clear()
    return channel


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


# --- files -------------------------------------------------------------------------------------------


async def test_a_photo_comes_in_telegrams_sizes_recompressed(
    call: Caller, world: World, kim: User, channel: Chat
) -> None:
    original = picture((1600, 1000))
    world.send_photo(kim, channel, original, "a <caption>")
    (update,) = await call.updates()
    post = update["channel_post"]
    assert post["caption"] == "a <caption>"
    sizes = post["photo"]
    assert [max(s["width"], s["height"]) for s in sizes] == [90, 320, 800, 1280]
    assert len({s["file_unique_id"] for s in sizes}) == 4
    largest = await call.download(sizes[-1]["file_id"])
    assert len(largest) == sizes[-1]["file_size"]
    assert largest != original
    with Image.open(io.BytesIO(largest)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (1280, 800))


async def test_a_small_photo_keeps_its_size_and_loses_rotation_and_alpha(
    world: World, kim: User, channel: Chat
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = world.send_photo(kim, channel, picture((500, 300), exif=exif))
    assert [(s["width"], s["height"]) for s in sideways.fields["photo"]] == [(54, 90), (192, 320), (300, 500)]
    buffer = io.BytesIO()
    Image.new("RGBA", (80, 80), (0, 0, 0, 0)).save(buffer, "PNG")
    clear = world.send_photo(kim, channel, buffer.getvalue())
    stored = world.files.find(clear.fields["photo"][-1]["file_id"])
    assert stored
    with Image.open(io.BytesIO(stored.data)) as shown:
        assert shown.getpixel((40, 40)) == (255, 255, 255)


async def test_a_document_keeps_its_bytes_and_the_claimed_type(
    call: Caller, world: World, kim: User, channel: Chat
) -> None:
    original = picture(kind="PNG")
    world.send_document(
        kim, channel, original, "holiday.zip", mime_type="application/zip", thumbnail=original
    )
    document = (await call.updates())[0]["channel_post"]["document"]
    assert document["mime_type"] == "application/zip"
    assert document["file_size"] == len(original)
    assert document["thumbnail"]["width"] == 320
    assert await call.download(document["file_id"]) == original


async def test_the_same_file_sent_again_keeps_its_id_and_a_new_upload_gets_another(
    world: World, kim: User, channel: Chat
) -> None:
    first = world.send_photo(kim, channel, picture())
    forwarded = world.forward(kim, first, channel)
    uploaded = world.send_photo(kim, channel, picture())
    ids = [[s["file_unique_id"] for s in m.fields["photo"]] for m in (first, forwarded, uploaded)]
    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


async def test_what_telegram_takes_for_no_photo_is_refused(world: World, kim: User, channel: Chat) -> None:
    for data in (b"no picture", picture((2100, 100)), picture((5500, 5000))):
        with pytest.raises(ActRefused):
            world.send_photo(kim, channel, data)


async def test_a_file_over_20_mib_cannot_be_fetched_and_one_of_20_mib_can(
    call: Caller, world: World, kim: User, channel: Chat
) -> None:
    limit = 20 * 2**20
    world.send_document(kim, channel, bytes(limit), "fits.bin")
    world.send_document(kim, channel, bytes(limit + 1), "over.bin")
    fits, over = [u["channel_post"]["document"]["file_id"] for u in await call.updates()]
    assert (await call("getFile", file_id=fits)).result["file_size"] == limit
    assert (await call("getFile", file_id=over)).refusal == (400, "Bad Request: file is too big")


async def test_a_wrong_file_id_and_an_old_link_are_refused(
    call: Caller, world: World, kim: User, channel: Chat, clock: Clock
) -> None:
    assert (await call("getFile", file_id="nonsense")).refusal == (
        400,
        "Bad Request: wrong file_id or the file is temporarily unavailable",
    )
    file_id = world.send_document(kim, channel, b"x").fields["document"]["file_id"]
    path = (await call("getFile", file_id=file_id)).result["file_path"]
    clock.advance(hours=1)
    url = f"{call.standin.api_url}/file/bot{call.standin.token}/{path}"
    async with call.http.get(url) as response:
        assert response.status == 404
    assert await call.download(file_id) == b"x"


async def test_a_download_can_break_off_or_come_short(
    call: Caller, world: World, kim: User, channel: Chat
) -> None:
    file_id = world.send_document(kim, channel, bytes(5000)).fields["document"]["file_id"]
    call.standin.faults.truncate_download(keep_bytes=1000)
    with pytest.raises(aiohttp.ClientPayloadError):
        await call.download(file_id)
    call.standin.faults.shorten_download(keep_bytes=0)
    assert await call.download(file_id) == b""
    assert len(await call.download(file_id)) == 5000


async def test_an_album_is_separate_messages_with_one_group_id(
    call: Caller, world: World, kim: User, channel: Chat
) -> None:
    parts = [kinds.photo(world.files.photo(picture())), kinds.video(world.files, b"mp4", thumbnail=picture())]
    world.send_album(kim, channel, parts, "two things")
    first, second = [u["channel_post"] for u in await call.updates()]
    assert first["media_group_id"] == second["media_group_id"]
    assert first["caption"] == "two things"
    assert "caption" not in second
    assert max(second["video"]["thumbnail"]["width"], second["video"]["thumbnail"]["height"]) == 320


async def test_an_animation_is_shown_as_document_too(world: World, kim: User, channel: Chat) -> None:
    sent = world.send_media(kim, channel, kinds.animation(world.files, b"mp4"))
    assert sent.fields["animation"]["file_unique_id"] == sent.fields["document"]["file_unique_id"]


# --- forwards, replies, discussion -------------------------------------------------------------------


async def test_forwards_say_where_they_are_from(
    call: Caller, world: World, kim: User, mina: User, channel: Chat
) -> None:
    shy = world.add_user("Shy")
    shy.hides_forwards = True
    group = world.add_group("Elsewhere", [kim, shy])
    post = world.send_text(kim, channel, "original")
    world.forward(mina, world.forward(mina, post, world.private(mina)), world.private(mina))
    world.forward(kim, world.send_text(kim, group, "open"), channel)
    world.forward(kim, world.send_text(shy, group, "hidden"), channel)
    once, twice, opened, hidden = [
        (u.get("message") or u["channel_post"])["forward_origin"] for u in (await call.updates())[1:]
    ]
    assert once == twice
    assert (once["type"], once["chat"]["id"], once["message_id"]) == ("channel", channel.id, post.id)
    assert (opened["type"], opened["sender_user"]["first_name"]) == ("user", "Kim")
    assert hidden == {"type": "hidden_user", "date": hidden["date"], "sender_user_name": "Shy"}


async def test_protected_content_cannot_be_forwarded(world: World, kim: User, channel: Chat) -> None:
    channel.protects_content = True
    post = world.send_text(kim, channel, "keep here")
    assert post.as_dict()["has_protected_content"] is True
    with pytest.raises(ActRefused):
        world.forward(kim, post, channel)


async def test_posts_reappear_in_the_discussion_group_and_take_comments(
    call: Caller, world: World, kim: User, channel: Chat
) -> None:
    group = world.add_group("Discussion", [kim])
    world.link_discussion(channel, group)
    world.add_bot_as_admin(group, by=kim)
    world.updates.clear()
    post = world.send_photo(kim, channel, picture(), "look")
    world.comment(kim, post, "a comment")
    world.edit_text(kim, post, "look again")
    updates = await call.updates()
    assert [k for u in updates for k in u if k != "update_id"] == [
        "channel_post",
        "message",
        "message",
        "edited_channel_post",
        "edited_message",
    ]
    copy = updates[1]["message"]
    assert copy["is_automatic_forward"] is True
    assert copy["sender_chat"]["id"] == channel.id
    assert copy["forward_origin"]["message_id"] == post.id
    assert copy["photo"] == updates[0]["channel_post"]["photo"]
    comment = updates[2]["message"]
    assert comment["message_thread_id"] == comment["reply_to_message"]["message_id"] == copy["message_id"]
    assert updates[4]["edited_message"]["caption"] == "look again"
    assert (await call("getChat", chat_id=channel.id)).result["linked_chat_id"] == group.id


async def test_a_reply_to_another_chat_carries_its_media(
    call: Caller, world: World, kim: User, mina: User, channel: Chat
) -> None:
    post = world.send_photo(kim, channel, picture(), "secret caption")
    world.send_text(mina, world.private(mina), "what about this?", reply_to=post)
    reply = (await call.updates())[1]["message"]["external_reply"]
    assert reply["photo"] == post.fields["photo"]
    assert (reply["chat"]["id"], reply["message_id"]) == (channel.id, post.id)
    assert "caption" not in reply


async def test_a_raw_message_may_hold_anything(call: Caller, world: World, kim: User, channel: Chat) -> None:
    file = world.files.add(b"bytes", "photos", ".jpg", width=1, height=1)
    rich = {"rich_message": {"blocks": [{"type": "photo", "photo": [file.as_dict()]}]}}
    world.post_raw(channel, rich, kim)
    world.post_raw(channel, kinds.paid_preview(), kim)
    first, second = [u["channel_post"] for u in await call.updates()]
    found = first["rich_message"]["blocks"][0]["photo"][0]["file_id"]
    assert await call.download(found) == b"bytes"
    assert second["paid_media"]["paid_media"] == [{"type": "preview", "width": 640, "height": 360}]
