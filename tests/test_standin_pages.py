"""The stand-in's Mini Apps: a button below a private chat opens a page, which hands something over once."""

from __future__ import annotations

import pytest
from standin_scene import Caller

from bot.standin import ActRefused, Chat, User, World


def keys(url: str) -> dict[str, object]:
    return {"keyboard": [[{"text": "Open", "web_app": {"url": url}}, "Plain"]]}


async def offer(call: Caller, world: World, kim: User, url: str = "https://e.org/") -> Chat:
    world.start(kim)
    sent = await call("sendMessage", chat_id=kim.id, text="Press", reply_markup=keys(url))
    assert sent.status == 200
    world.updates.clear()
    return world.private(kim)


async def test_what_the_page_hands_over_comes_as_a_message(call: Caller, world: World, kim: User) -> None:
    chat = await offer(call, world, kim)
    world.hand_over(kim, chat, "Open", "four")
    [update] = await call.updates()
    assert update["message"]["web_app_data"] == {"button_text": "Open", "data": "four"}
    assert "text" not in update["message"]


async def test_the_button_says_nothing_and_other_buttons_open_nothing(
    call: Caller, world: World, kim: User
) -> None:
    chat = await offer(call, world, kim)
    with pytest.raises(ActRefused):
        world.tap(kim, chat, "Open")
    with pytest.raises(ActRefused):
        world.hand_over(kim, chat, "Plain", "data")
    with pytest.raises(ActRefused):
        world.hand_over(kim, chat, "Nothing", "data")


async def test_4096_bytes_are_handed_over_and_no_more_nor_none(call: Caller, world: World, kim: User) -> None:
    chat = await offer(call, world, kim)
    world.hand_over(kim, chat, "Open", "가" * 1365 + "a")
    for data in ("", "가" * 1366):
        with pytest.raises(ActRefused):
            world.hand_over(kim, chat, "Open", data)


@pytest.mark.parametrize("url", ["http://e.org/", "", "e.org"])
async def test_only_https_is_taken(call: Caller, world: World, kim: User, url: str) -> None:
    world.start(kim)
    answer = await call("sendMessage", chat_id=kim.id, text="Press", reply_markup=keys(url))
    said = f"keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
    assert answer.refusal == (400, f"Bad Request: {said}")


async def test_only_private_chats_have_such_a_button(call: Caller, world: World, kim: User) -> None:
    room = world.add_group("Staff", [kim])
    world.add_bot(room, by=kim)
    answer = await call("sendMessage", chat_id=room.id, text="Press", reply_markup=keys("https://e.org/"))
    assert answer.refusal == (400, "Bad Request: BUTTON_TYPE_INVALID")
