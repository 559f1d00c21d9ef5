"""Faults that a test asks for: the next calls of a method fail as Telegram, or the way to it, would."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from bot.standin.model import JsonObject

DOWNLOAD = "download"
"""The name of a file download where a method is asked for. A method name is written as in the API."""
ANY = "*"

BAD_GATEWAY_HTML = (
    "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n"
    "<center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)
REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Effect(StrEnum):
    ANSWER = "answer"
    """Answer with an error; the method is not run."""
    HANG = "hang"
    """Never answer; the method is not run."""
    DROP = "drop"
    """Close the connection; the method is not run."""
    LOSE_ANSWER = "lose_answer"
    """Run the method, then close the connection without an answer."""
    TRUNCATE = "truncate"
    """Break a download off in the middle."""
    SHORTEN = "shorten"
    """Answer a download with fewer bytes than the file has, as if that were all."""


@dataclass(frozen=True)
class Fault:
    effect: Effect
    status: int = 200
    body: str | JsonObject = ""
    keep_bytes: int = 0


class Faults:
    """Faults wait per method, first in first out, and are used up; those of `*` come last."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}

    def too_many_requests(self, method: str, retry_after_s: int, times: int = 1) -> None:
        """429 with `retry_after`."""
        text = f"Too Many Requests: retry after {retry_after_s}"
        self._answer(method, 429, text, times, {"retry_after": retry_after_s})

    def refuse(self, method: str, code: int, description: str, times: int = 1) -> None:
        """Answer an error of the Bot API, for instance 400 and "Bad Request: file is too big"."""
        self._answer(method, code, description, times)

    def break_server(self, method: str, status: int = 502, times: int = 1) -> None:
        """Answer with a proxy's HTML page."""
        body = BAD_GATEWAY_HTML.format(status=status, reason=REASONS.get(status, "Error"))
        self._add(method, Fault(Effect.ANSWER, status, body), times)

    def hang(self, method: str, times: int = 1) -> None:
        """Do not answer until the caller gives up."""
        self._add(method, Fault(Effect.HANG), times)

    def drop(self, method: str, times: int = 1) -> None:
        """Close the connection before the method is run."""
        self._add(method, Fault(Effect.DROP), times)

    def lose_answer(self, method: str, times: int = 1) -> None:
        """Run the method, then close the connection: the caller cannot know that it worked."""
        self._add(method, Fault(Effect.LOSE_ANSWER), times)

    def truncate_download(self, keep_bytes: int = 100, times: int = 1) -> None:
        """Break a download off after `keep_bytes`, below the announced length."""
        self._add(DOWNLOAD, Fault(Effect.TRUNCATE, keep_bytes=keep_bytes), times)

    def shorten_download(self, keep_bytes: int = 0, times: int = 1) -> None:
        """Announce and send only `keep_bytes`: nothing but `file_size` tells that bytes are missing."""
        self._add(DOWNLOAD, Fault(Effect.SHORTEN, keep_bytes=keep_bytes), times)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault for this call, or None. `getUpdates` is only failed by its own name, not by `*`."""
        names = [method.lower()] if method.lower() == "getupdates" else [method.lower(), ANY]
        for name in names:
            if waiting := self._waiting.get(name):
                return waiting.popleft()
        return None

    def _answer(
        self, method: str, code: int, description: str, times: int, parameters: JsonObject | None = None
    ) -> None:
        body: JsonObject = {"ok": False, "error_code": code, "description": description}
        if parameters:
            body["parameters"] = parameters
        self._add(method, Fault(Effect.ANSWER, code, body), times)

    def _add(self, method: str, fault: Fault, times: int) -> None:
        self._waiting.setdefault(method.lower(), deque()).extend([fault] * times)
