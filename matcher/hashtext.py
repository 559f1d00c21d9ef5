"""Hashes as text: what people paste, and what `jikimi hash` prints.

Read are 64 hex digits, `pdq <64 hex digits>` (python-threatexchange), and our own form
`PDQ1:<64 hex digits>:<quality>:<check>`, whose check is the first four hex digits of the SHA-256 of what is before it.
Lists of other organisations may hold `phash`, `phash256` and `dhash` lines too, see `parse_listed_hash`.
No error holds the text: a mistyped hash is still a picture.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from matcher.fingerprint import MIN_QUALITY, Fingerprint
from matcher.kinds import KINDS, PDQ, PDQ_BYTES

MAX_LINES = 200
BITS_SET = 4 * PDQ_BYTES
"""A PDQ hash is split at its median, so half of its bits are set: true of all pictures, of 5 % of random hex."""

_PREFIX = "PDQ1"


class HashTextReason(StrEnum):
    EMPTY = "empty"
    NOT_HEX = "not_hex"
    WRONG_LENGTH = "wrong_length"
    NOT_A_FINGERPRINT = "not_a_fingerprint"
    LOW_QUALITY = "low_quality"
    WRONG_CHECKSUM = "wrong_checksum"
    UNKNOWN_FORMAT = "unknown_format"
    TOO_MANY = "too_many"


class HashTextError(ValueError):
    """The text is no hash; `reason` says why, `length` how many digits there were where that is the trouble."""

    def __init__(self, reason: HashTextReason, length: int = 0) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.length = length


def format_hash(fingerprint: Fingerprint) -> str:
    """The `PDQ1:` line of a fingerprint whose quality is known. Raises `ValueError` where it is not."""
    if fingerprint.quality is None:
        raise ValueError("a fingerprint without quality has no PDQ1 form")
    body = f"{_PREFIX}:{fingerprint.hex}:{fingerprint.quality}"
    return f"{body}:{_check(body)}"


def parse_hash_line(line: str) -> Fingerprint:
    """One hash. Raises `HashTextError`."""
    text = re.sub(r"^pdq(\s+|$)", "", line.strip(), flags=re.IGNORECASE)
    if not text:
        raise HashTextError(HashTextReason.EMPTY)
    if ":" not in text:
        return Fingerprint(PDQ, _bits(text))
    prefix, *parts = text.split(":")
    if prefix.upper() != _PREFIX or len(parts) != 3:
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
    digits, quality, check = parts
    bits = _bits(digits)
    if not re.fullmatch(r"\d{1,3}", quality, re.ASCII) or int(quality) > 100:
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
    if check.lower() != _check(f"{_PREFIX}:{bits.hex()}:{quality}"):
        raise HashTextError(HashTextReason.WRONG_CHECKSUM)
    if int(quality) < MIN_QUALITY:
        raise HashTextError(HashTextReason.LOW_QUALITY)
    return Fingerprint(PDQ, bits, int(quality))


def parse_listed_hash(line: str) -> Fingerprint:
    """A hash of a list, of any kind: the name of the kind and the hash, or a hash of PDQ alone; what follows is
    skipped (python-threatexchange adds where it comes from). Raises `HashTextError`.
    """
    words = line.split()
    kind = KINDS.get(words[0].lower()) if words else None
    if kind is None or kind.name == PDQ:
        return parse_hash_line(" ".join(words[: 1 if kind is None else 2]))
    if len(words) < 2:
        raise HashTextError(HashTextReason.EMPTY)
    return Fingerprint(kind.name, _digits(words[1], kind.length))


def parse_hashes(text: str) -> list[tuple[int, Fingerprint | HashTextError]]:
    """Every hash of a text, numbered from 1; between them white space or commas.

    Raises `HashTextError` with `TOO_MANY` for more than `MAX_LINES`.
    """
    # "pdq <hex>" is one hash, although a space parts it.
    words = [word for word in re.split(r"[\s,;]+", text) if word and word.lower() != "pdq"]
    if len(words) > MAX_LINES:
        raise HashTextError(HashTextReason.TOO_MANY, len(words))
    return [(number, _parsed(word)) for number, word in enumerate(words, 1)]


def _parsed(word: str) -> Fingerprint | HashTextError:
    try:
        return parse_hash_line(word)
    except HashTextError as error:
        return error


def _bits(digits: str) -> bytes:
    bits = _digits(digits, PDQ_BYTES)
    if int.from_bytes(bits).bit_count() != BITS_SET:
        raise HashTextError(HashTextReason.NOT_A_FINGERPRINT)
    return bits


def _digits(digits: str, length: int) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]*", digits):
        raise HashTextError(HashTextReason.NOT_HEX)
    if len(digits) != 2 * length:
        raise HashTextError(HashTextReason.WRONG_LENGTH, len(digits))
    return bytes.fromhex(digits)


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:4]
