"""How far a pass over earlier posts is, as staff read it."""

from __future__ import annotations

from bot.model import Language
from bot.store.lookbacks import Lookback
from bot.texts import text


def render_lookback(lookback: Lookback, language: Language) -> str:
    """Telegram HTML."""
    state = "running" if lookback.ended_at is None else "done"
    lines = [
        text(language, f"notice-lookback-{state}", percent=lookback.percent),
        text(language, "notice-lookback-counts", files=lookback.files, found=lookback.found),
    ]
    if lookback.unreadable:
        lines.append(text(language, "notice-lookback-unreadable", files=lookback.unreadable))
    return "\n".join(lines)
