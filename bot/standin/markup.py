"""Keyboards: what Telegram accepts, and with which words it refuses."""

from __future__ import annotations

from typing import Any

from bot.standin.model import JsonObject, bad_request

MAX_DATA_BYTES = 64
MAX_BUTTONS = 100
ACTIONS = ("callback_data", "url", "web_app", "switch_inline_query", "copy_text", "login_url", "pay")


def checked(markup: JsonObject) -> JsonObject:
    """Validate a `reply_markup`; raises ApiError 400. An empty inline keyboard becomes nothing."""
    if "inline_keyboard" in markup:
        rows = [[_inline(button) for button in row] for row in _rows(markup["inline_keyboard"])]
        rows = [row for row in rows if row]
        return {"inline_keyboard": rows} if rows else {}
    if "keyboard" in markup:
        return {**markup, "keyboard": [[_key(b) for b in row] for row in _rows(markup["keyboard"])]}
    return markup


def opens_page(markup: JsonObject) -> bool:
    """Whether a button below the chat opens a Mini App, which is for private chats only."""
    return any("web_app" in button for row in markup.get("keyboard", []) for button in row)


def _rows(value: Any) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad_request("field of type Array expected in the keyboard")
    if sum(len(row) for row in value) > MAX_BUTTONS:
        raise bad_request("BUTTONS_TOO_MUCH")
    return value


def _inline(button: Any) -> JsonObject:
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not any(action in button for action in ACTIONS):
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button:
        size_bytes = len(str(button["callback_data"]).encode())
        if not 1 <= size_bytes <= MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    url = str(button.get("url", "https://"))
    if not url.startswith(("http://", "https://", "tg://", "tonsite://", "mailto:")) and "." not in url:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return button


def _key(button: Any) -> JsonObject:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    if "web_app" in button:
        url = str((button["web_app"] or {}).get("url", ""))
        if not url.startswith("https://"):
            raise bad_request(f"keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    return button
