"""What a button carries: `1|area|action|arg|arg`, at most Telegram's 64 bytes, with the format's version first.

Anybody can send any string as callback data, so decoding never trusts its shape.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "1"
MAX_BYTES = 64


@dataclass(frozen=True)
class Pressed:
    """A decoded button: which part of the chat it belongs to, what it asks for, and with what."""

    area: str
    action: str
    args: tuple[str, ...] = ()


def encode(area: str, action: str, *args: str | int) -> str:
    """Raises `ValueError` if the parts do not fit a button."""
    parts = [VERSION, area, action, *(str(arg) for arg in args)]
    data = "|".join(parts)
    if any("|" in part for part in parts) or len(data.encode()) > MAX_BYTES:
        raise ValueError(f"button data for {area} {action} does not fit")
    return data


def decode(untrusted_data: str) -> Pressed | None:
    """None if this is no button of ours, or one of an older version."""
    version, *parts = untrusted_data.split("|")
    if version != VERSION or len(parts) < 2:
        return None
    return Pressed(parts[0], parts[1], tuple(parts[2:]))
