from __future__ import annotations

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Iterator

import httpx
import pytest
import structlog
from pydantic import TypeAdapter, ValidationError

from bot import log
from bot.model import Person

TOKEN = "987654321:AAE-a-token-that-no-line-may-ever-hold"
HASH = "f0" * 32


@pytest.fixture(autouse=True)
def _untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    logging.getLogger("bot").setLevel(logging.NOTSET)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    """Everything logged, at the most talkative level, as JSON lines."""
    stream = io.StringIO()
    log.configure("debug", json_lines=True, stream=stream)
    return stream


@pytest.fixture
def ours() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("bot.example")
    return logger


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"https://api.telegram.org/bot{TOKEN}/getMe", "https://api.telegram.org/bot[token]/getMe"),
        (f"bot{TOKEN.replace(':', '%3A')}/getMe", "bot[token]/getMe"),
        (f"PDQ1:{HASH}:100:abcd", "PDQ1:[hash]:100:abcd"),
        (HASH.upper(), "[hash]"),
        (f"1{'Ab_-' * 88}=", "[session]"),
        ("joins t.me/+AbCdEfGh now", "joins t.me/[invite] now"),
        ("VPDQ1:AAAA_w-9AAAA:abcd", "[hash]:abcd"),
        ("postgresql+asyncpg://jikimi:hunter2@db/jikimi", "postgresql+asyncpg://[password]@db/jikimi"),
        ("chat -1001234567890 is gone", "chat -[id] is gone"),
        ("user 123456789", "user [id]"),
        ("20971520 of 20971521 bytes in 0.123456789 s", "20971520 of 20971521 bytes in 0.123456789 s"),
        ("row 17, 3 attempts", "row 17, 3 attempts"),
    ],
)
def test_what_looks_like_a_secret_is_cut_out_and_the_rest_stays(text: str, clean: str) -> None:
    assert log.redacted(text) == clean


@pytest.mark.parametrize("stored", [b'{"name": "Kim\\n, input_type=Jieun"}', b"no JSON of Kim Jieun's"])
def test_what_cannot_be_read_is_in_no_line(
    stream: io.StringIO, ours: structlog.stdlib.BoundLogger, stored: bytes
) -> None:
    try:
        TypeAdapter(Person).validate_json(stored)
    except ValidationError:
        ours.exception("failed")
    [line] = lines_of(stream)
    assert "input_value=[value], input_type=" in str(line["exception"])
    assert "Kim" not in stream.getvalue()
    assert "Jieun" not in stream.getvalue()


def test_every_value_of_a_line_is_redacted_however_deep(
    stream: io.StringIO, ours: structlog.stdlib.BoundLogger
) -> None:
    ours.info(f"called {TOKEN}", chat=-1001234567890, nested={TOKEN: [HASH, {"user": 123456789}]}, rows=3)
    [line] = lines_of(stream)
    assert line["event"] == "called [token]"
    assert line["chat"] == "[id]"
    assert line["nested"] == {"[token]": ["[hash]", {"user": "[id]"}]}
    assert line["rows"] == 3


def test_an_object_is_shown_by_its_redacted_text(
    stream: io.StringIO, ours: structlog.stdlib.BoundLogger
) -> None:
    ours.info("failed", error=ValueError(TOKEN))
    assert lines_of(stream)[0]["error"] == "[token]"


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_token_in_an_exception_or_its_cause_is_cut_out(
    json_lines: bool, ours: structlog.stdlib.BoundLogger
) -> None:
    stream = io.StringIO()
    log.configure("info", json_lines=json_lines, stream=stream)
    try:
        try:
            raise ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe")
        except ValueError as error:
            raise RuntimeError(f"sent {HASH} for 123456789") from error
    except RuntimeError:
        ours.exception("failed")
    told = stream.getvalue()
    assert "RuntimeError: sent [hash] for [id]" in told
    assert "/bot[token]/getMe" in told
    assert TOKEN not in told


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
@pytest.mark.parametrize(
    "library", ["httpx", "httpcore.http11", "telegram.ext", "aiohttp.access", "sqlalchemy"]
)
def test_libraries_are_silent_below_warning(stream: io.StringIO, library: str, level: str) -> None:
    logging.getLogger(library).log(logging.getLevelName(level), "HTTP Request: %s", TOKEN)
    assert stream.getvalue() == ""


def test_a_warning_of_a_library_is_told_without_the_token(stream: io.StringIO) -> None:
    logging.getLogger("httpx").warning("HTTP Request: POST %s", f"https://host/bot{TOKEN}/getMe")
    [line] = lines_of(stream)
    assert line["event"] == "HTTP Request: POST https://host/bot[token]/getMe"
    assert line["logger"] == "httpx"
    assert line["level"] == "warning"


async def test_a_real_request_of_httpx_leaves_no_token(stream: io.StringIO) -> None:
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    try:
        transport = httpx.MockTransport(lambda _: httpx.Response(200))
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get(f"https://api.telegram.org/bot{TOKEN}/getMe")
    finally:
        logging.getLogger("httpx").setLevel(logging.NOTSET)
    [line] = lines_of(stream)
    assert "/bot[token]/getMe" in str(line["event"])
    assert TOKEN not in stream.getvalue()


async def test_an_exception_that_asyncio_reports_is_redacted(stream: io.StringIO) -> None:
    asyncio.get_running_loop().call_exception_handler(
        {"message": f"unhandled for {TOKEN}", "exception": ValueError(TOKEN)}
    )
    assert "unhandled for [token]" in stream.getvalue()
    assert TOKEN not in stream.getvalue()


def test_python_warnings_go_the_same_way(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"deprecated {TOKEN}", stacklevel=1)
    assert "deprecated [token]" in stream.getvalue()


@pytest.mark.parametrize(
    ("level", "told"),
    [("debug", ["debug", "info", "error"]), ("info", ["info", "error"]), ("error", ["error"])],
)
def test_our_own_lines_follow_the_configured_level(
    level: log.Level, told: list[str], ours: structlog.stdlib.BoundLogger
) -> None:
    stream = io.StringIO()
    log.configure(level, json_lines=True, stream=stream)
    ours.debug("a")
    ours.info("b")
    ours.error("c")
    assert [line["level"] for line in lines_of(stream)] == told


def test_text_for_people_has_no_colours_in_a_file(ours: structlog.stdlib.BoundLogger) -> None:
    stream = io.StringIO()
    log.configure("info", json_lines=False, stream=stream)
    ours.info("watching", registered_hashes=3)
    assert "watching" in stream.getvalue()
    assert "registered_hashes=3" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
