"""The Bot API client, the long poll and downloads, over HTTP against the stand-in."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import (
    ChatGone,
    FileGone,
    Permanent,
    SecondPoller,
    TokenRefused,
    TooLargeToDownload,
    Transient,
)
from bot.model import MediaRef
from bot.sources.botapi import BotApi, Poller
from bot.sources.download import Downloader
from bot.sources.found import find_media
from bot.standin import Standin

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass
class Place:
    offset: int
    moved_at: datetime


@dataclass
class MemoryInbox:
    """Keeps what it receives, or fails to."""

    place: Place | None = None
    received: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False

    async def position(self) -> Place | None:
        return self.place

    async def receive(self, untrusted_updates: Sequence[dict[str, Any]]) -> None:
        if self.broken:
            raise OSError("disk full")
        self.received += untrusted_updates
        self.place = Place(untrusted_updates[-1]["update_id"] + 1, NOW)


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with Standin(clock=lambda: NOW) as standin:
        yield standin


@pytest.fixture
async def api(standin: Standin) -> AsyncIterator[BotApi]:
    async with BotApi(standin.token, standin.api_url) as api:
        yield api


def poller(api: BotApi, inbox: MemoryInbox, now: datetime = NOW) -> Poller:
    async def on_trouble(trouble: Transient) -> None:
        raise trouble

    return Poller(api, inbox, timeout_s=0, now=lambda: now, on_trouble=on_trouble)


def picture(width: int = 640, height: int = 480) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).save(out, "JPEG")
    return out.getvalue()


async def photo_ref(standin: Standin, data: bytes) -> MediaRef:
    person = standin.world.add_user("Kim", "ko")
    message = standin.world.send_photo(person, standin.world.private(person), data)
    (ref,) = find_media(message.fields)
    return ref


def downloader(api: BotApi, max_bytes: int = 20 << 20) -> Downloader:
    return Downloader(api, max_bytes=max_bytes, local_files=False)


async def test_a_call_returns_the_result_as_json(api: BotApi) -> None:
    assert (await api.call("getMe"))["is_bot"] is True


async def test_a_wrong_token_is_refused(standin: Standin) -> None:
    async with BotApi("123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", standin.api_url) as api:
        with pytest.raises(TokenRefused):
            await api.call("getMe")


async def test_too_many_requests_say_how_long_to_wait(standin: Standin, api: BotApi) -> None:
    standin.faults.too_many_requests("getMe", 7)
    with pytest.raises(Transient) as caught:
        await api.call("getMe")
    assert caught.value.retry_after_s == 7


async def test_a_broken_server_a_dropped_line_and_silence_are_transient(
    standin: Standin, api: BotApi
) -> None:
    standin.faults.break_server("getMe", 502)
    standin.faults.drop("getMe")
    standin.faults.hang("getMe")
    for _ in range(3):
        with pytest.raises(Transient):
            await api.call("getMe", read_timeout_s=0.2)
    assert (await api.call("getMe"))["is_bot"] is True


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_refusal_by_whoever_is_between_is_no_word_of_telegram(
    standin: Standin, api: BotApi, status: int
) -> None:
    ref = await photo_ref(standin, picture())
    standin.faults.break_server("getUpdates", status)
    standin.faults.break_server("getFile", status)
    standin.faults.break_server("download", status)
    with pytest.raises(Transient):
        await api.call("getUpdates")
    async with downloader(api) as download:
        for _ in range(2):
            with pytest.raises(Transient):
                await download.fetch(ref)
        assert len(await download.fetch(ref)) == ref.size_bytes


async def test_an_unknown_chat_is_gone(api: BotApi) -> None:
    with pytest.raises(ChatGone):
        await api.call("getChat", chat_id=12345)


async def test_updates_are_confirmed_only_after_they_are_committed(standin: Standin, api: BotApi) -> None:
    person = standin.world.add_user("Kim", "ko")
    inbox = MemoryInbox(broken=True)
    standin.world.start(person)
    with pytest.raises(OSError, match="disk full"):
        await poller(api, inbox).poll_once()
    inbox.broken = False
    assert await poller(api, inbox).poll_once() == 1
    assert await poller(api, inbox).poll_once() == 0


async def test_after_a_quiet_week_no_offset_is_sent(standin: Standin, api: BotApi) -> None:
    person = standin.world.add_user("Kim", "ko")
    standin.world.start(person)
    inbox = MemoryInbox(Place(2**40, NOW - timedelta(days=7)))
    assert await poller(api, inbox).poll_once() == 1


async def test_a_second_poller_is_told_apart(standin: Standin, api: BotApi) -> None:
    standin.faults.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    with pytest.raises(SecondPoller):
        await poller(api, MemoryInbox()).poll_once()


async def test_a_photo_is_downloaded_whole(standin: Standin, api: BotApi) -> None:
    ref = await photo_ref(standin, picture())
    async with downloader(api) as download:
        data = await download.fetch(ref)
    assert len(data) == ref.size_bytes


async def test_a_download_cut_off_is_never_taken_as_whole(standin: Standin, api: BotApi) -> None:
    ref = await photo_ref(standin, picture())
    standin.faults.truncate_download()
    standin.faults.shorten_download(0)
    standin.faults.shorten_download(100)
    async with downloader(api) as download:
        for _ in range(3):
            with pytest.raises(Transient):
                await download.fetch(ref)
        assert len(await download.fetch(ref)) == ref.size_bytes


async def test_a_download_that_fails_may_work_later(standin: Standin, api: BotApi) -> None:
    ref = await photo_ref(standin, picture())
    standin.faults.break_server("download", 503)
    standin.faults.too_many_requests("download", 3)
    async with downloader(api) as download:
        for _ in range(2):
            with pytest.raises(Transient):
                await download.fetch(ref)


@pytest.mark.parametrize(("given", "wait_s"), [("7", 7), ("Wed, 21 Oct 2026 07:28:00 GMT", 5)])
async def test_a_proxy_that_asks_to_wait_until_a_date_loses_no_file(given: str, wait_s: float) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/getFile"):
            return web.json_response({"ok": True, "result": {"file_id": "a", "file_path": "photos/a.jpg"}})
        return web.Response(status=429, headers={"Retry-After": given})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    ref = MediaRef("photo", "photo", "a", "unique-a", 100)
    async with (
        TestServer(app) as proxy,
        BotApi("1:a", f"http://127.0.0.1:{proxy.port}") as api,
        downloader(api) as download,
    ):
        with pytest.raises(Transient) as caught:
            await download.fetch(ref)
    assert caught.value.retry_after_s == wait_s


async def test_a_file_over_the_limit_is_not_asked_for(standin: Standin, api: BotApi) -> None:
    ref = await photo_ref(standin, picture())
    async with downloader(api, max_bytes=100) as download:
        with pytest.raises(TooLargeToDownload):
            await download.fetch(ref)
    assert "getFile" not in {call.method for call in standin.calls}


async def test_telegrams_refusal_of_a_large_file_is_told_apart(standin: Standin, api: BotApi) -> None:
    ref = await photo_ref(standin, picture())
    standin.faults.refuse("getFile", 400, "Bad Request: file is too big")
    async with downloader(api) as download:
        with pytest.raises(TooLargeToDownload):
            await download.fetch(ref)


async def test_what_is_no_word_on_the_file_loses_no_file(standin: Standin, api: BotApi) -> None:
    ref = await photo_ref(standin, picture())
    standin.faults.refuse("getFile", 400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    standin.faults.refuse("getFile", 401, "Unauthorized")
    async with downloader(api) as download:
        for _ in range(2):
            with pytest.raises(Transient):
                await download.fetch(ref)
        assert len(await download.fetch(ref)) == ref.size_bytes


async def test_a_file_that_is_gone_is_told_apart(standin: Standin, api: BotApi) -> None:
    ref = await photo_ref(standin, picture())
    standin.faults.refuse("getFile", 400, "Bad Request: invalid file_id")
    async with downloader(api) as download:
        with pytest.raises(FileGone):
            await download.fetch(ref)
        standin.faults.refuse("download", 404, "Not Found")
        with pytest.raises(FileGone):
            await download.fetch(ref)


async def test_no_error_and_no_log_line_holds_the_token(
    standin: Standin, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    secret = standin.token.split(":")[1]
    ref = await photo_ref(standin, picture())
    standin.faults.drop("getMe")
    standin.faults.drop("download", times=3)
    standin.faults.refuse("getChat", 400, f"Bad Request: https://example.org/bot{standin.token}")
    troubles = []
    async with downloader(api) as download:
        for call in (api.call("getMe"), api.call("getChat", chat_id=1), download.fetch(ref)):
            with pytest.raises((Transient, Permanent)) as caught:
                await call
            troubles.append(str(caught.value) + repr(caught.value.__cause__))
    assert not any(secret in trouble for trouble in troubles)
    assert secret not in caplog.text
