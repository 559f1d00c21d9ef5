"""The stand-in's page and its JSON interface: what people and tests in other processes drive it by."""

from __future__ import annotations

import asyncio
import json
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from standin_scene import Caller, Clock, picture

from bot.standin import Chat, Standin, User, World
from bot.standin.acts import ACTS


@dataclass
class Scene:
    standin: Standin
    http: aiohttp.ClientSession
    kim: User
    mina: User
    channel: Chat
    go_on: asyncio.Event

    @property
    def world(self) -> World:
        return self.standin.world

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.http.get(f"{self.standin.api_url}/{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        async with self.http.post(f"{self.standin.api_url}/control/{path}", json=body) as answer:
            return {"status": answer.status, **(await answer.json())}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    go_on = asyncio.Event()

    async def play(world: World) -> None:
        world.narrate("Step one", "첫 단계")
        await go_on.wait()
        raise RuntimeError("the example has a mistake")

    async with Standin(clock=Clock(), on_play=play) as standin, aiohttp.ClientSession() as http:
        world = standin.world
        kim, mina = world.add_user("Kim"), world.add_user("Mina", "ko")
        channel = world.add_channel("Test channel", owner=kim)
        world.add_bot_as_admin(channel, by=kim)
        world.show("channel", channel, kim)
        world.show("victim", world.private(mina), mina)
        yield Scene(standin, http, kim, mina, channel, go_on)


async def test_the_page_and_its_parts_are_served_with_strict_headers(scene: Scene) -> None:
    for path in ("", "page.js", "page_message.js", "page_texts.js", "page.css"):
        async with scene.http.get(f"{scene.standin.api_url}/{path}") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
            text = await answer.text()
        assert [word for word in ('src="http', "url(", "@import", 'from "http') if word in text] == []
    assert (await scene.get("page_secret.js"))[0] == 404


async def test_another_host_name_is_refused_everywhere(scene: Scene) -> None:
    for path in ("", "control/state", f"bot{scene.standin.token}/getMe"):
        assert (await scene.get(path, Host="evil.example:80"))[0] == 403
    for name in ("localhost:1", "127.0.0.1", "[::1]:80"):
        assert (await scene.get("", Host=name))[0] == 200


async def test_a_post_that_a_foreign_page_could_send_is_refused(scene: Scene) -> None:
    url = f"{scene.standin.api_url}/control/act/send_text"
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        async with scene.http.post(url, data="{}", headers={"Content-Type": kind}) as answer:
            assert answer.status == 415
    async with scene.http.post(url, data="[]", headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 400


async def test_people_act_by_json_and_the_state_shows_it(scene: Scene) -> None:
    here = {"chat_id": scene.channel.id, "user_id": scene.kim.id}
    data = b64encode(picture((200, 100))).decode()
    sent = await scene.post("act/send_file", **here, **{"as": "photo"}, data=data, caption="c")
    edited = {**here, "message_id": sent["result"]["message_id"]}
    assert (await scene.post("act/edit_text", **edited, text="d"))["status"] == 200
    assert (await scene.post("act/edit_media", **edited, **{"as": "document"}, data=data))["status"] == 200
    parts = [{"as": "photo", "data": data}, {"as": "document", "data": data, "name": "a.jpg"}]
    assert len((await scene.post("act/send_album", **here, parts=parts))["result"]) == 2
    assert (await scene.post("act/delete", **edited))["status"] == 200
    assert (await scene.post("act/start", user_id=scene.mina.id, payload="x"))["status"] == 200
    state = json.loads((await scene.get("control/state"))[1])
    first, second, _ = state["chats"][[c["id"] for c in state["chats"]].index(scene.channel.id)]["messages"]
    assert (first["deleted"], first["by"]) == (True, scene.kim.id)
    assert [earlier["caption"] for earlier in first["earlier"]] == ["c", "d"]
    assert "document" in first
    assert "photo" in second
    assert state["pending_updates"] == scene.world.updates.pending == 7


async def test_the_state_can_wait_for_a_change_and_counts_calls(scene: Scene) -> None:
    waiting = asyncio.create_task(scene.get(f"control/state?after={scene.world.version}&timeout_s=30"))
    await (Caller(scene.standin, scene.http))("getMe")
    state = json.loads((await waiting)[1])
    assert state["counts"] == {"getMe": 1}
    assert [(c["method"], c["status"]) for c in state["calls"]] == [("getMe", 200)]


@pytest.mark.parametrize("name", sorted(ACTS))
async def test_an_act_without_what_it_needs_is_refused_and_not_an_error(scene: Scene, name: str) -> None:
    if name in {"add_user", "inject_update"}:
        assert (await scene.post(f"act/{name}"))["status"] == 200
    else:
        answer = await scene.post(f"act/{name}")
        assert answer["status"] == 400
        assert answer["reason"]


async def test_unknown_acts_and_faults_name_the_known_ones(scene: Scene) -> None:
    assert "send_text" in (await scene.post("act/dance"))["reason"]
    assert "hang" in (await scene.post("fault/earthquake"))["reason"]
    assert (await scene.post("fault/hang", wrong=1))["status"] == 400


async def test_a_fault_can_be_asked_for_by_json(scene: Scene) -> None:
    assert (await scene.post("fault/too_many_requests", method="getMe", retry_after_s=3))["status"] == 200
    assert (await Caller(scene.standin, scene.http)("getMe")).status == 429


async def test_the_page_is_told_of_every_change(scene: Scene) -> None:
    async with scene.http.get(f"{scene.standin.api_url}/control/events") as events:
        assert (await _event(events))["panes"][0]["chat"]["messages"] == []
        scene.world.send_text(scene.kim, scene.channel, "live")
        pane = (await _event(events))["panes"][0]
        assert [m["text"] for m in pane["chat"]["messages"]] == ["live"]
        scene.world.remove(scene.world.last(scene.channel))
        assert (await _event(events))["panes"][0]["chat"]["messages"] == []


async def _event(events: aiohttp.ClientResponse) -> dict[str, Any]:
    line = await events.content.readuntil(b"\n\n")
    return dict(json.loads(line.removeprefix(b"data: ")))


async def test_the_example_plays_once_at_a_time_and_a_mistake_in_it_is_said(scene: Scene) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    assert (await scene.post("play"))["status"] == 200
    await scene.world.until(lambda: scene.world.narration.get("ko") == "첫 단계")
    assert (await scene.post("play"))["status"] == 409
    scene.go_on.set()
    await scene.world.until(lambda: "broke off" in scene.world.narration["en"])
    assert [str(context["exception"]) for context in reported] == ["the example has a mistake"]


async def test_only_pictures_are_shown_in_the_page(scene: Scene) -> None:
    shown = scene.world.files.document(picture(), "a.jpg")
    script = scene.world.files.document(b"<script>", "a.html")
    kinds = []
    for file in (shown, script):
        url = f"{scene.standin.api_url}/control/file/{file.file_id}"
        async with scene.http.get(url) as answer:
            kinds.append((answer.content_type, answer.headers["Content-Disposition"]))
    assert kinds == [("image/jpeg", "inline"), ("application/octet-stream", "attachment")]
    assert (await scene.get("control/file/nothing"))[0] == 404


async def test_it_runs_as_a_process_of_its_own_and_ends_when_asked() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.standin", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as http:

        async def act(name: str, **body: object) -> Any:
            async with http.post(f"{url}/control/act/{name}", json=body) as answer:
                return (await answer.json())["result"]

        user = await act("add_user", first_name="Kim")
        channel = await act("add_channel", title="C", owner_id=user["id"])
        await act("add_bot_as_admin", chat_id=channel["id"], user_id=user["id"])
        async with http.get(f"{url}/control/state") as answer:
            assert (await answer.json())["pending_updates"] == 1
    process.terminate()
    assert await process.wait() == 0
