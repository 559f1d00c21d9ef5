"""How names and times are written in staff's texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

from bot.model import Language
from bot.texts import Value, text

MAX_TEXT = 4096
"""Characters of one Telegram message."""


def unmarked(html: str) -> str:
    """The text without its markup."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def length(html: str) -> int:
    """Characters as Telegram counts them, without the markup."""
    return len(unmarked(html))


def clipped(untrusted_name: str, length: int) -> str:
    """On one line, and not longer."""
    name = " ".join(untrusted_name.split())
    return name if len(name) <= length else name[: length - 1] + "…"


def instant(at: datetime, zone: ZoneInfo) -> str:
    """The time where the staff are, and UTC for a report abroad."""
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    if local.utcoffset() == utc.utcoffset():
        return f"{utc:%Y-%m-%d %H:%M} UTC"
    year = "" if local.year == utc.year else f"{utc:%Y}-"
    return f"{local:%Y-%m-%d %H:%M %Z} ({year}{utc:%m-%d %H:%M} UTC)"


def plain(language: Language, key: str, /, **values: Value) -> str:
    """A text where Telegram takes no markup: a button's label, or the answer to a pressed button."""
    return unescape(text(language, key, **values))
