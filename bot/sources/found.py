"""The media of a raw message of the Bot API, wherever they are in it.

They are found by walking the raw JSON for anything that has a `file_id` and a `file_unique_id`, because Telegram adds
new places for them faster than any library learns of (`rich_message` in Bot API 10.1, say).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.model import MediaRef

EMBEDDED = ("reply_to_message", "pinned_message")
"""Messages inside a message: they have a place of their own, so they are posts of their own."""

_NOT_MEDIA = frozenset(
    {"chat", "from", "sender_chat", "via_bot", "forward_origin", "origin", "voice", "qualities"}
)
"""Keys that hold no picture or video of this post; `qualities` are smaller re-encodings of a video beside them."""

_MAX_DEPTH = 100


def find_media(untrusted_message: dict[str, Any]) -> Iterator[MediaRef]:
    """Every media of a message, each file once, in the order of the JSON.

    Of a list of sizes of one picture only the largest. Media that Telegram shows people but gives no bot a file
    for (paid previews, stories) come without a `file_id`, and so does what is nested too deeply to be looked into.
    """
    seen: set[str] = set()
    for ref in _walk(untrusted_message, "", 0):
        if ref.file_unique_id not in seen:
            seen.add(ref.file_unique_id)
            yield ref


def _walk(node: Any, path: str, depth: int) -> Iterator[MediaRef]:
    if depth > _MAX_DEPTH and isinstance(node, (list, dict)):
        yield MediaRef(path, "too_deep", None, path)
    elif isinstance(node, list):
        if node and all(_is_size(entry) for entry in node):
            yield _ref(max(node, key=lambda size: size["width"] * size["height"]), path)
        else:
            for entry in node:
                yield from _walk(entry, path, depth + 1)
    elif isinstance(node, dict):
        if _is_file(node):
            if not path.endswith("audio"):
                yield _ref(node, path)
        elif node.get("type") == "preview" and path.endswith("paid_media"):
            yield MediaRef(path, "paid_media", None, path)
        for key, value in node.items():
            if key in {"story", "reply_to_story"} and isinstance(value, dict):
                yield MediaRef(_join(path, key), key, None, f"{key}:{json.dumps(value, sort_keys=True)}")
            elif key not in _NOT_MEDIA and not (depth == 0 and key in EMBEDDED):
                yield from _walk(value, _join(path, key), depth + 1)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _is_file(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("file_id"), str)
        and isinstance(node.get("file_unique_id"), str)
    )


def _is_size(node: Any) -> bool:
    return (
        _is_file(node)
        and isinstance(node.get("width"), int)
        and isinstance(node.get("height"), int)
        and "mime_type" not in node
        and "duration" not in node
        and "type" not in node
    )


def _ref(node: dict[str, Any], path: str) -> MediaRef:
    size = node.get("file_size")
    return MediaRef(
        path=path,
        kind=path.rsplit(".", 1)[-1],
        file_id=node["file_id"],
        file_unique_id=node["file_unique_id"],
        size_bytes=size if isinstance(size, int) else None,
    )
