"""Hashes as text: what people paste, and what `jikimi hash` prints.

Read are 64 hex digits, `pdq <64 hex digits>` (python-threatexchange), and our own forms: of a picture
`PDQ1:<64 hex digits>:<quality>:<check>`, of a video `VPDQ1:<base64url>:<check>`. The check is the first four hex digits
of the SHA-256 of what is before it. Lists of other organisations may hold `phash`, `phash256` and `dhash` lines too,
see `parse_listed_hash`. No error holds the text: a mistyped hash is still a picture.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterator, Sequence
from enum import StrEnum

from matcher.fingerprint import MIN_QUALITY, Fingerprint, MediaFingerprint, VideoFingerprint
from matcher.kinds import KINDS, PDQ, PDQ_BYTES
from matcher.plain import is_plain

MAX_LINES = 200
BITS_SET = 4 * PDQ_BYTES
"""A PDQ hash is split at its median, so half of its bits are set: true of all pictures, of 5 % of random hex."""

MAX_FRAMES = 80
"""Of one text, which has then 3,860 characters: a message of Telegram's holds 4,096."""

_PREFIX = "PDQ1"
_VIDEO_PREFIX = "VPDQ1"
_UNIT_MS = 100
_LONGEST = (1 << 24) - 1
_FRAME = struct.Struct(f">3sB{PDQ_BYTES}s")
"""Tenths of a second from the start, quality, bits: 36 bytes, which are 48 characters."""


class HashTextReason(StrEnum):
    EMPTY = "empty"
    NOT_HEX = "not_hex"
    WRONG_LENGTH = "wrong_length"
    NOT_A_FINGERPRINT = "not_a_fingerprint"
    LOW_QUALITY = "low_quality"
    WRONG_CHECKSUM = "wrong_checksum"
    UNKNOWN_FORMAT = "unknown_format"
    TOO_MANY = "too_many"
    OUT_OF_DATE = "out_of_date"
    """It was made by an earlier version, whose features nothing can be found by any more."""


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


def format_video(video: VideoFingerprint) -> list[str]:
    """The `VPDQ1:` texts of a video: as many as its frames need. Raises `ValueError` for a frame without quality."""
    return [_video_text(video.duration_ms, frames) for frames in _batches(video.frames)]


def format_media(media: MediaFingerprint) -> list[str]:
    """The texts that register what a file shows: of a video its frames, of everything else each picture's parts.

    There are none where it is all too flat.
    """
    if media.frames:
        return format_video(VideoFingerprint(media.duration_ms, media.frames))
    return [format_hash(part) for still in media.stills for part in still.parts]


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


def checked_hash(untrusted_bits: bytes, untrusted_quality: int) -> Fingerprint:
    """A PDQ hash that came as numbers. Raises `HashTextError` where it is none, or of a flat or plain picture."""
    if untrusted_quality > 100:
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
    if untrusted_quality < MIN_QUALITY:
        raise HashTextError(HashTextReason.LOW_QUALITY)
    return Fingerprint(PDQ, _split_in_half(untrusted_bits), untrusted_quality)


def parse_video(text: str) -> VideoFingerprint:
    """The video of one `VPDQ1:` text. Raises `HashTextError`."""
    prefix, payload, check = [*text.strip().split(":"), "", ""][:3]
    if prefix.upper() != _VIDEO_PREFIX or text.count(":") != 2:
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
    if check.lower() != _check(f"{_VIDEO_PREFIX}:{payload}"):
        raise HashTextError(HashTextReason.WRONG_CHECKSUM)
    try:
        data = base64.b64decode(payload, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT) from None
    number, rest = divmod(len(data) - 3, _FRAME.size)
    if rest or not 0 < number <= MAX_FRAMES:
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
    frames = tuple(_frames(data[3:]))
    return VideoFingerprint(int.from_bytes(data[:3]) * _UNIT_MS, frames)


def parse_hashes(text: str) -> list[tuple[int, Fingerprint | VideoFingerprint | HashTextError]]:
    """Every hash of a text, numbered from 1; between them white space or commas.

    Raises `HashTextError` with `TOO_MANY` for more than `MAX_LINES`.
    """
    # "pdq <hex>" is one hash, although a space parts it.
    words = [word for word in re.split(r"[\s,;]+", text) if word and word.lower() != "pdq"]
    if len(words) > MAX_LINES:
        raise HashTextError(HashTextReason.TOO_MANY, len(words))
    return [(number, _parsed(word)) for number, word in enumerate(words, 1)]


def _parsed(word: str) -> Fingerprint | VideoFingerprint | HashTextError:
    try:
        return parse_video(word) if word.upper().startswith(_VIDEO_PREFIX) else parse_hash_line(word)
    except HashTextError as error:
        return error


def _batches(frames: Sequence[tuple[int, Fingerprint]]) -> Iterator[Sequence[tuple[int, Fingerprint]]]:
    for start in range(0, len(frames), MAX_FRAMES):
        yield frames[start : start + MAX_FRAMES]


def _video_text(duration_ms: int, frames: Sequence[tuple[int, Fingerprint]]) -> str:
    if any(fingerprint.quality is None for _, fingerprint in frames):
        raise ValueError("a frame without quality has no VPDQ1 form")
    packed = (
        _FRAME.pack(_tenths(at_ms), fingerprint.quality, fingerprint.bits) for at_ms, fingerprint in frames
    )
    payload = base64.urlsafe_b64encode(_tenths(duration_ms) + b"".join(packed)).decode()
    body = f"{_VIDEO_PREFIX}:{payload}"
    return f"{body}:{_check(body)}"


def _tenths(milliseconds: int) -> bytes:
    return min(milliseconds // _UNIT_MS, _LONGEST).to_bytes(3)


def _frames(data: bytes) -> Iterator[tuple[int, Fingerprint]]:
    latest = 0
    for time, quality, bits in _FRAME.iter_unpack(data):
        at_ms = int.from_bytes(time) * _UNIT_MS
        if at_ms < latest:
            raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
        latest = at_ms
        yield at_ms, checked_hash(bits, quality)


def _bits(digits: str) -> bytes:
    return _split_in_half(_digits(digits, PDQ_BYTES))


def _split_in_half(bits: bytes) -> bytes:
    if int.from_bytes(bits).bit_count() != BITS_SET:
        raise HashTextError(HashTextReason.NOT_A_FINGERPRINT)
    if is_plain(bits):
        raise HashTextError(HashTextReason.LOW_QUALITY)
    return bits


def _digits(digits: str, length: int) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]*", digits):
        raise HashTextError(HashTextReason.NOT_HEX)
    if len(digits) != 2 * length:
        raise HashTextError(HashTextReason.WRONG_LENGTH, len(digits))
    return bytes.fromhex(digits)


def _check(body: str) -> str:
    # JSON can hold half a character, which is no text to be encoded.
    return hashlib.sha256(body.encode(errors="replace")).hexdigest()[:4]
