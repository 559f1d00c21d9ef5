"""The stand-in answers as Telegram's Bot API does: files, albums, forwards, replies. Driven by plain HTTP."""

from __future__ import annotations

import io

import aiohttp
import pytest
from PIL import Image
from standin_scene import Caller, Clock, picture

from bot.standin import ActRefused, Chat, User, World
from bot.standin import media as kinds

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
