"""What a message to the victim's chat says, as far as a program can tell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.victims.cases import Print
from bot.victims.credentials import NUMBER_ALPHABET, NUMBER_LENGTH, PIN_LENGTH, written_number
from matcher import HashTextError, parse_hashes

_HASH = re.compile(r"[0-9a-f]{16}|^v?pdq\d*:", re.IGNORECASE)
"""What looks like a hash, whole or not. Everything else is something that a person says, or a file's name."""

_PHOTO = re.compile(r"^PHOTO\d*:|^[A-Za-z0-9_-]{200,}(:[0-9a-f]{0,4})?$", re.IGNORECASE)
"""What looks like a photo's features, which Telegram cuts into many messages."""

_GAP = r"[\s\-_.:‐-―]*"
_LETTERS = _GAP.join([f"([{NUMBER_ALPHABET}OIL])"] * NUMBER_LENGTH)
_NUMBER = re.compile(rf"\bJK{_GAP}{_LETTERS}(?=[0-9]{{{PIN_LENGTH}}}(?![0-9A-Z])|(?![0-9A-Z]))")
_BARE_NUMBER = re.compile(_LETTERS)
_PIN = re.compile(rf"(?<![0-9])[0-9]{{{PIN_LENGTH}}}(?![0-9])")
_READ_AS = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Said:
    """`hashes` are numbered from 1, each of a picture or a video, or why it is none."""

    command: str | None = None
    hashes: tuple[tuple[int, Print | HashTextError], ...] = ()
    number: str | None = None
    pin: str | None = None
    is_photo: bool = False
    has_digits: bool = False
    """Whether six digits stand among other words, which are not taken for a PIN but may be one."""

    @property
    def is_secret(self) -> bool:
        """Whether it should not stay in the chat."""
        return bool(self.hashes or self.number or self.pin or self.is_photo or self.has_digits)


def read(untrusted_text: str) -> Said:
    """Raises `HashTextError` for too many hashes."""
    told = re.split(r"[\s,;]+", untrusted_text)
    words = [word for word in told if _HASH.search(word) and not _PHOTO.match(word)]
    if words:
        return Said(hashes=tuple(parse_hashes("\n".join(words))))
    if any(_PHOTO.match(word) for word in told):
        return Said(is_photo=True)
    text = _plain(untrusted_text)
    number = _NUMBER.search(text)
    if number:
        pin = _PIN.search(text, number.end())
        return Said(number=_written(number), pin=pin[0] if pin else None)
    has_digits = _PIN.search(text) is not None
    if text.startswith("/"):
        return Said(command=re.split(r"[\s@]", text[1:])[0].lower(), has_digits=has_digits)
    return Said(pin=read_pin(text), has_digits=has_digits)


def read_number(untrusted_text: str) -> str | None:
    """A case number where nothing else is expected: its JK may be missing."""
    text = _plain(untrusted_text)
    number = _NUMBER.fullmatch(text) or _BARE_NUMBER.fullmatch(text)
    return _written(number) if number else None


def read_pin(untrusted_text: str) -> str | None:
    """A PIN where nothing else is said."""
    digits = re.sub(r"[\s\-]", "", _plain(untrusted_text).translate(_READ_AS))
    return digits if re.fullmatch(rf"[0-9]{{{PIN_LENGTH}}}", digits) else None


def _plain(text: str) -> str:
    """Capitals, and the wide forms that East Asian keyboards give made narrow."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def _written(number: re.Match[str]) -> str:
    return written_number("".join(number.groups()).translate(_READ_AS))
