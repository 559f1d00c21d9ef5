"""Logging: our own lines at the configured level, libraries' from WARNING up, all through one last redaction.

Code that logs must not log secrets in the first place; the redaction is for the exception, the address or the
library that does.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Level = Literal["debug", "info", "warning", "error"]

_SECRETS = (
    (re.compile(r"\d{5,16}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE), "[token]"),
    (re.compile(r"[0-9a-f]{64,}", re.IGNORECASE), "[hash]"),
    (re.compile(r"VPDQ1:[\w-]{8,}", re.IGNORECASE), "[hash]"),
    (re.compile(r"(?<![\w-])1[\w-]{200,}=*"), "[session]"),
    (re.compile(r"(?<=t\.me/)(?:\+|joinchat/|addlist/)[\w-]{4,}"), "[invite]"),
    (re.compile(r"(?<=://)[^/@\s]+:[^/@\s]+(?=@)"), "[password]"),
    # What pydantic could not read, which may be anything that is stored.
    (re.compile(r"(?<=input_value=).*(?=, input_type=)"), "[value]"),
)
# Chat and user ids; shorter numbers are sizes, counts and row ids, and a point makes a fraction.
_ID = re.compile(r"(?<![\d.])\d{9,}(?!\d)")


def without_secrets(text: str) -> str:
    """The text without anything that looks like a bot token, a hash, a password in an address or what could not be read.

    For the person who gave the command: the long numbers in it, such as a file's name, are theirs.
    """
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def redacted(text: str) -> str:
    """As `without_secrets`, and without anything that looks like a chat or user id: for logs."""
    return _ID.sub("[id]", without_secrets(text))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The structlog processor: every key and value of a line, however deep."""
    return {redacted(key): _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if redacted(str(value)) == str(value) else "[id]"
        case dict():
            return {redacted(str(key)): _clean(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(inner) for inner in value]
        case _:
            return redacted(str(value))


def configure(level: Level, *, json_lines: bool, stream: TextIO = sys.stderr) -> None:
    """Send all logging of this process to `stream`: text for people, or one JSON object a line."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries log addresses at INFO and DEBUG, and the Bot API's hold the token.
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(level.upper())
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
