"""Telegram's formatted text: HTML into text and entities, and the entities found in plain text.

Offsets and lengths count UTF-16 code units, as everywhere in the Bot API. Rules and wording follow
TDLib's `parse_html` (`td/telegram/MessageEntity.cpp`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from bot.standin.model import ApiError, JsonObject, bad_request

MAX_ENTITIES = 100

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
VERBATIM = frozenset({"code", "pre", "text_link"})

_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});?")
_TAG = re.compile(r"<\s*(?P<end>/?)\s*(?P<name>[^\s>/=]*)(?P<rest>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/])/\w{1,64}(?:@\w{3,32})?(?![\w/])", re.ASCII)),
    ("email", re.compile(r"(?<![\w@.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    ("url", re.compile(r"(?:https?://|(?<![\w.])t\.me/)[^\s<>\"]*[^\s<>\".,;:!?)\]]", re.ASCII)),
    ("mention", re.compile(r"(?<![\w@./])@[A-Za-z]\w{3,31}", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w#&/])#\w*[^\W\d]\w*")),
)


@dataclass(frozen=True)
class FormattedText:
    text: str
    entities: list[JsonObject] = field(default_factory=list)

    def fields(self, name: str) -> JsonObject:
        """As a message carries it: `name` is `text` or `caption`."""
        if not self.text:
            return {}
        shown: JsonObject = {name: self.text}
        if self.entities:
            shown["entities" if name == "text" else "caption_entities"] = self.entities
        return shown


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def plain(text: str, given: list[JsonObject] | None = None) -> FormattedText:
    """Text without markup: trimmed, with the entities given and those that Telegram finds by itself."""
    return _finished(text, list(given or []))


def parse_html(text: str) -> FormattedText:
    """Text with Telegram's HTML; raises ApiError 400 "can't parse entities" for anything else."""
    parser = _Html(text)
    return _finished(*parser.run())


class _Html:
    def __init__(self, source: str) -> None:
        self._source = source
        self._out: list[str] = []
        self._length = 0
        self._open: list[tuple[str, JsonObject, int]] = []
        self._entities: list[JsonObject] = []

    def run(self) -> tuple[str, list[JsonObject]]:
        at = 0
        while at < len(self._source):
            character = self._source[at]
            if character == "<":
                at = self._tag(at)
            elif character == "&" and (found := _CHARACTER.match(self._source, at)):
                self._write(unescape(found[0] if found[0].endswith(";") else found[0] + ";"))
                at = found.end()
            else:
                self._write(character)
                at += 1
        if self._open:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')
        return "".join(self._out), self._entities

    def _write(self, text: str) -> None:
        self._out.append(text)
        self._length += utf16_length(text)

    def _tag(self, at: int) -> int:
        offset = len(self._source[:at].encode())
        found = _TAG.match(self._source, at)
        if found is None:
            kind = "end" if self._source.startswith("</", at) else "start"
            raise _unparsable(f"Unclosed {kind} tag at byte offset {offset}")
        name = found["name"].lower()
        if found["end"]:
            self._close(name, offset)
        else:
            self._start(name, found["rest"], offset)
        return found.end()

    def _start(self, name: str, rest: str, offset: int) -> None:
        attributes = {key.lower(): a or b or c for key, a, b, c in _ATTRIBUTE.findall(rest)}
        if name not in TAGS:
            raise _unparsable(f'Unsupported start tag "{name}" at byte offset {offset}')
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
        entity: JsonObject = {"type": TAGS[name]}
        if name == "a":
            entity["url"] = unescape(attributes.get("href", ""))
        elif name == "tg-emoji":
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        elif name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        elif name == "code" and attributes.get("class", "").startswith("language-") and self._in_pre():
            self._open[-1][1]["language"] = attributes["class"].removeprefix("language-")
        self._open.append((name, entity, self._length))

    def _in_pre(self) -> bool:
        return bool(self._open) and self._open[-1][0] == "pre"

    def _close(self, name: str, offset: int) -> None:
        if not self._open:
            raise _unparsable(f"Unexpected end tag at byte offset {offset}")
        expected, entity, begin = self._open.pop()
        if name and name != expected:
            raise _unparsable(
                f'Unmatched end tag at byte offset {offset}, expected "</{expected}>", found "</{name}>"'
            )
        if expected == "code" and self._in_pre():
            return
        if expected == "a" and not entity["url"]:
            return
        self._entities.append({"offset": begin, "length": self._length - begin, **entity})


def _unparsable(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def _finished(text: str, entities: list[JsonObject]) -> FormattedText:
    """Trim the ends, find what Telegram finds, order and cap the entities."""
    trimmed = text.strip()
    lead = utf16_length(text) - utf16_length(text.lstrip())
    total = utf16_length(trimmed)
    kept = []
    for entity in entities:
        begin = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] - lead + entity["length"], total)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    kept.extend(_found(trimmed, [e for e in kept if e["type"] in VERBATIM]))
    kept.sort(key=lambda e: (e["offset"], -e["length"]))
    return FormattedText(trimmed, kept[:MAX_ENTITIES])


def _found(text: str, taken: list[JsonObject]) -> list[JsonObject]:
    spans = [(e["offset"], e["offset"] + e["length"]) for e in taken]
    entities: list[JsonObject] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            begin = utf16_length(text[: match.start()])
            end = begin + utf16_length(match[0])
            if all(end <= a or begin >= b for a, b in spans):
                spans.append((begin, end))
                entities.append({"type": kind, "offset": begin, "length": end - begin})
    return entities
