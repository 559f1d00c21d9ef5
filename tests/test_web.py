"""What is served: the page and whether the program runs, to whoever asks, and nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import structlog
from structlog.testing import capture_logs

from bot.page import page_bytes
from bot.web.server import CannotListen, page_server


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with page_server("127.0.0.1", 0) as served:
        yield served


@pytest.fixture
async def http(port: int) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session


async def raw(port: int, request: bytes) -> bytes:
    """All that is answered to these bytes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    async with asyncio.timeout(10):
        answered = await reader.read()
    writer.close()
    return answered


async def test_the_page_is_served_byte_for_byte(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as answer:
        assert (answer.status, answer.content_type, answer.charset) == (200, "text/html", "utf-8")
        assert await answer.read() == page_bytes()


async def test_its_policy_is_the_pages_own_and_lets_only_telegram_frame_it(
    http: aiohttp.ClientSession,
) -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', page_bytes().decode())
    assert found is not None
    async with http.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(f"{found[1]}; frame-ancestors ")
    framing = policy.partition("frame-ancestors ")[2].split()
    assert framing
    assert all(re.fullmatch(r"https://[a-z*.]*telegram\.org", one) for one in framing)


@pytest.mark.parametrize("path", ["/", "/health", "/nothing"])
async def test_nothing_is_kept_on_either_side(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path, headers={"Cookie": "a=b"}) as answer:
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Server"] == "Jikimi"


async def test_a_load_balancer_is_answered(http: aiohttp.ClientSession) -> None:
    async with http.get("/health") as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")
    async with http.head("/") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/jikimi.html", 404),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET", "/<script>alert(1)</script>", 404),
        ("POST", "/", 405),
        ("PUT", "/health", 405),
        ("DELETE", "/", 405),
        ("OPTIONS", "/", 405),
        ("TRACE", "/", 405),
    ],
)
async def test_whatever_else_is_asked_gets_its_status_and_nothing_of_what_was_asked(
    http: aiohttp.ClientSession, method: str, path: str, status: int
) -> None:
    async with http.request(method, path, data=b"x" * 10 if method == "POST" else None) as answer:
        assert answer.status == status
        assert re.fullmatch(rf"{status} [A-Z][A-Za-z ]+\n", await answer.text())
        assert answer.content_type == "text/plain"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
    ids=["tls", "version", "no host", "negative", "smuggled", "long line", "long header"],
)
async def test_what_cannot_be_read_is_refused_and_the_next_is_served(
    port: int, http: aiohttp.ClientSession, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logged:
        answered = await raw(port, request_bytes)
    assert answered == b"" or re.match(rb"HTTP/1\.[01] 4\d\d ", answered)
    assert b"Traceback" not in answered
    assert logged == []
    assert caplog.records == []
    async with http.get("/health") as answer:
        assert answer.status == 200


async def test_who_asked_is_in_no_log(http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    structlog.reset_defaults()
    with capture_logs() as logged:
        async with http.get("/") as answer:
            await answer.read()
    assert [record for record in caplog.records if record.name.startswith(("aiohttp", "bot"))] == []
    assert logged == []


async def test_an_address_that_is_taken_is_said_plainly(port: int) -> None:
    with pytest.raises(CannotListen, match=rf"web.listen: cannot listen on 127.0.0.1:{port}: "):
        async with page_server("127.0.0.1", port):
            pass


async def test_an_address_that_is_not_this_machines_is_said_plainly() -> None:
    with pytest.raises(CannotListen, match=r"web.listen: cannot listen on 198\.51\.100\.1:80: "):
        async with page_server("198.51.100.1", 80):
            pass
