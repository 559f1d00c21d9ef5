"""Puts the page together: `make page` writes `jikimi.html`, the same bytes from the same sources.

Nothing is fetched, translated or made smaller: what people can read in the file is what is in the sources, but for the
numbers that the matcher learned, which are in it as base64. Each script is one function made of the files of its folder,
and only those two scripts may run, told by their hashes in the page's policy.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

FOLDER = Path(__file__).parent
LEARNED = FOLDER.parent.parent / "matcher" / "photos" / "descriptor.bin"
"""Read here, and not by `matcher`, which needs more than Python alone."""

FRAME = (
    *("closing", "sha256", "pdq", "plain", "hashtext", "kinds", "ending"),
    *("pixels", "framing", "picture", "selftest", "sampling", "video", "animation"),
    *("greys", "trim", "corners", "turns", "descriptors", "drawn", "sketch", "room"),
)
"""The scripts of the frame in their order."""
SCREEN = ("words", "hands", "telegram", "qr", "codes", "entries", "leaving", "photos", "page")

_POLICY = {
    "default-src": "'none'",
    "script-src": "{scripts}",
    "style-src": "{styles}",
    "img-src": "blob:",
    "media-src": "blob:",
    "frame-src": "'none'",
    "connect-src": "'none'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "webrtc": "'block'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
"""The frame is under it, too: what has no address of its own has the policy of the page around it."""


def build() -> str:
    """The page as it is published."""
    return page_with(frame_script())


def frame_script() -> str:
    """What runs in the closed frame."""
    learned = base64.encodebytes(LEARNED.read_bytes()).decode()
    return _script("frame", FRAME, f"const LEARNED = `{learned}`;\n")


def page_with(frame_script: str) -> str:
    """The page with this script in its frame, under the same policy: what a test tries to get out with, say."""
    style = _read("page.css")
    texts = json.loads(_read("texts.json"))
    told = json.dumps(texts, ensure_ascii=False, indent=1)
    screen_script = _script("screen", SCREEN, f"const TEXTS = {told};\n")
    policy = "; ".join(f"{name} {value}" for name, value in _POLICY.items()).format(
        scripts=f"{_source(frame_script)} {_source(screen_script)}", styles=_source(style)
    )
    frame = _filled(_read("frame.html"), {"script": frame_script})
    parts = {
        "policy": policy,
        "style": style,
        "script": screen_script,
        "frame": html.escape(frame),
        **{f"unscripted-{language}": html.escape(texts[language]["unscripted"]) for language in texts},
    }
    return _filled(_read("page.html"), parts)


def _script(folder: str, names: Iterable[str], before: str = "") -> str:
    sources = (f"// --- {name}.js\n{_read(f'{folder}/{name}.js')}" for name in names)
    return f'(() => {{\n"use strict";\n{before}{"".join(sources)}}})();\n'


def _source(text: str) -> str:
    """How a policy names a script or a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _filled(template: str, parts: Mapping[str, str]) -> str:
    before, *rest = template.split("{{")
    filled = [before]
    for part in rest:
        name, _, after = part.partition("}}")
        filled += [parts[name], after]
    return "".join(filled)


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _write() -> None:
    """The built file, and its SHA-256 into the READMEs."""
    page = build().encode()
    (FOLDER / "jikimi.html").write_bytes(page)
    for readme in FOLDER.parent.parent.glob("README*.md"):
        text = readme.read_text(encoding="utf-8")
        told = re.sub(r"`[0-9a-f]{64}`", f"`{hashlib.sha256(page).hexdigest()}`", text)
        readme.write_text(told, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    _write()
