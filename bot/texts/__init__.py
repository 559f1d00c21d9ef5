"""All prose that people read in chats: `ko/*.ftl` and `en/*.ftl`, a file for each part of the chats, Fluent syntax.

Texts are Telegram HTML. Values are escaped here, so that a channel's title cannot write markup; wrap what is
already markup in `Html`. A missing key or value raises: a test finds it, never a chat.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource

from bot.errors import JikimiError
from bot.model import Language

Value = str | int | float | datetime


class TextError(JikimiError):
    """A text is missing, or a value that it needs."""


class Html(str):
    """Markup that `text` takes as it is."""

    __slots__ = ()


def text(language: Language, key: str, /, **values: Value) -> str:
    """The text `key` in `language` with its values filled in. Raises `TextError` if either is missing."""
    bundle = _bundle(language)
    if not bundle.has_message(key):
        raise TextError(f"no text {key!r} in {language}")
    pattern = bundle.get_message(key).value
    if pattern is None:
        raise TextError(f"the text {key!r} in {language} is empty")
    safe = {
        name: escape(value, quote=False) if isinstance(value, str) and not isinstance(value, Html) else value
        for name, value in values.items()
    }
    filled, errors = bundle.format_pattern(pattern, safe)
    if errors:
        raise TextError(f"the text {key!r} in {language} lacks a value: {errors[0]}")
    return str(filled)


@cache
def _bundle(language: Language) -> FluentBundle:
    bundle = FluentBundle([str(language)], use_isolating=False)
    for file in sorted(files(__name__).joinpath(str(language)).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".ftl"):
            bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle
