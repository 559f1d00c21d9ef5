"""What is registered of an ordinary photo, as bytes and as text.

Read back, it is believed as little as anything a stranger sends: features that would match everything are refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from matcher.fingerprint import Fingerprint
from matcher.hashtext import HashTextError, HashTextReason, checked_hash
from matcher.kinds import PDQ, PDQ_BYTES
from matcher.photos.keypoints import DESCRIPTOR_BYTES, Bytes, Places, check_arrays, furthest

MAX_KEYPOINTS = 1000
MIN_KEYPOINTS = 60
"""Fewer say too little to tell a part of the photo from another picture."""
MAX_HASHES = 10
"""The whole and its quarters, and the same of what is inside of a frame."""
LONGEST_SIDE = 65_535
_GRID = 8
_LEAST_CELLS = 12
"""Of 8 x 8 over the photo, those that hold features."""
_MOST_IN_CELL = 0.4
"""The greatest share of all features in one of them."""
_LEAST_DISTINCT = 0.8
"""The least share of descriptors that are unlike all others."""

_PREFIX = "PHOTO1"
_VERSION = 3
"""Sketches of versions 1 and 2, which pages that were saved still make, tell patches by other bits, so that nothing is found by
them.
"""
_HEAD = struct.Struct(">BHHH")
"""Version, width, height, number of features."""
_HASH = struct.Struct(f">B{PDQ_BYTES}s")
"""Quality, bits."""
_CHECK_BYTES = 4
_FEATURE_BYTES = 4 + 1 + 1 + DESCRIPTOR_BYTES
MOST_BYTES = _HEAD.size + MAX_KEYPOINTS * _FEATURE_BYTES + MAX_HASHES * _HASH.size + _CHECK_BYTES


class PhotoRefusal(StrEnum):
    """Why a photo cannot be registered."""

    FLAT = "flat"
    """Too little structure: blank, a flag, a logo."""
    SCREENSHOT = "screenshot"
    """A picture of a screen, or with much on it that is on many screens: the original may be registered."""
    TEXT = "text"
    PATTERN = "pattern"
    """One thing over and over: bricks, tiles, blinds."""
    TOO_FEW = "too_few"
    """Too few places that can be found again, or all in one spot."""


class PhotoRefused(Exception):
    """The photo cannot be registered; `reason` says why."""

    def __init__(self, reason: PhotoRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, eq=False)
class PhotoFeatures:
    """Local features of an ordinary photo, n of each array, the strongest first, 60 to 1000; see `matcher.photos.keypoints` for the units. And
    up to ten PDQ hashes of it and of its parts, each with its quality.

    Raises `HashTextError` for whatever cannot be a photo's: places outside of it, or all on one spot, descriptors that
    are all alike, or too many hashes.
    """

    width: int
    """Of the photo as it was registered, without borders; in points."""
    height: int
    places: Places = field(repr=False)
    sizes: Bytes = field(repr=False)
    turns: Bytes = field(repr=False)
    descriptors: Bytes = field(repr=False)
    hashes: tuple[Fingerprint, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        check_arrays(self.places, self.sizes, self.turns, self.descriptors)
        if not (0 < self.width <= LONGEST_SIDE and 0 < self.height <= LONGEST_SIDE):
            raise HashTextError(HashTextReason.NOT_A_FINGERPRINT)
        if not MIN_KEYPOINTS <= len(self.places) <= MAX_KEYPOINTS:
            raise HashTextError(HashTextReason.NOT_A_FINGERPRINT)
        if (self.places > np.array(furthest(self.width, self.height))).any():
            raise HashTextError(HashTextReason.NOT_A_FINGERPRINT)
        if not _is_spread(self.places, self.width, self.height) or not _are_distinct(self.descriptors):
            raise HashTextError(HashTextReason.LOW_QUALITY)
        if len(self.hashes) > MAX_HASHES or any(one.kind != PDQ for one in self.hashes):
            raise HashTextError(HashTextReason.NOT_A_FINGERPRINT)

    def __len__(self) -> int:
        """The number of features."""
        return len(self.places)

    def to_bytes(self) -> bytes:
        """Compact, versioned, with a checksum: 38 bytes a feature, 33 a hash."""
        body = b"".join(
            (
                _HEAD.pack(_VERSION, self.width, self.height, len(self)),
                self.places.astype(">u2").tobytes(),
                self.sizes.tobytes(),
                self.turns.tobytes(),
                self.descriptors.tobytes(),
                *(_HASH.pack(one.quality, one.bits) for one in self.hashes),
            )
        )
        return body + _checksum(body)

    @classmethod
    def from_bytes(cls, untrusted: bytes) -> PhotoFeatures:
        """What `to_bytes` made. Raises `HashTextError`, a `ValueError`."""
        if len(untrusted) < _HEAD.size + _CHECK_BYTES:
            raise HashTextError(HashTextReason.WRONG_LENGTH, len(untrusted))
        version, width, height, number = _HEAD.unpack_from(untrusted)
        if 0 < version < _VERSION:
            raise HashTextError(HashTextReason.OUT_OF_DATE)
        if version != _VERSION:
            raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
        if number > MAX_KEYPOINTS:
            raise HashTextError(HashTextReason.TOO_MANY, number)
        left = len(untrusted) - _HEAD.size - number * _FEATURE_BYTES - _CHECK_BYTES
        if left < 0 or left % _HASH.size:
            raise HashTextError(HashTextReason.WRONG_LENGTH, len(untrusted))
        body, check = untrusted[:-_CHECK_BYTES], untrusted[-_CHECK_BYTES:]
        if _checksum(body) != check:
            raise HashTextError(HashTextReason.WRONG_CHECKSUM)
        at = _HEAD.size
        places = np.frombuffer(body, dtype=">u2", count=2 * number, offset=at).reshape(number, 2)
        at += 4 * number
        sizes = np.frombuffer(body, dtype=np.uint8, count=number, offset=at)
        turns = np.frombuffer(body, dtype=np.uint8, count=number, offset=at + number)
        at += 2 * number
        descriptors = np.frombuffer(body, dtype=np.uint8, count=DESCRIPTOR_BYTES * number, offset=at)
        at += DESCRIPTOR_BYTES * number
        return cls(
            width,
            height,
            places.astype(np.uint16),
            sizes,
            turns,
            descriptors.reshape(number, DESCRIPTOR_BYTES),
            tuple(checked_hash(bits, quality) for quality, bits in _HASH.iter_unpack(body[at:])),
        )


def format_photo(features: PhotoFeatures) -> str:
    """One `PHOTO1:` line, for a file: 20 to 30 kB."""
    body = f"{_PREFIX}:{base64.urlsafe_b64encode(features.to_bytes()).decode()}"
    return f"{body}:{hashlib.sha256(body.encode()).hexdigest()[:4]}"


def parse_photo(untrusted_text: str) -> PhotoFeatures:
    """The features of one `PHOTO1:` line. Raises `HashTextError`."""
    text = untrusted_text.strip()
    if not text:
        raise HashTextError(HashTextReason.EMPTY)
    if len(text) > 2 * MOST_BYTES or text.count(":") != 2:
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
    prefix, payload, check = text.split(":")
    if prefix.upper() != _PREFIX:
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT)
    if check.lower() != hashlib.sha256(f"{_PREFIX}:{payload}".encode()).hexdigest()[:4]:
        raise HashTextError(HashTextReason.WRONG_CHECKSUM)
    try:
        data = base64.b64decode(payload, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise HashTextError(HashTextReason.UNKNOWN_FORMAT) from None
    return PhotoFeatures.from_bytes(data)


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_CHECK_BYTES]


def _is_spread(places: Places, width: int, height: int) -> bool:
    across, down = furthest(width, height)
    cells = places.astype(np.int64) * _GRID // (np.array([across, down]) + 1)
    counts = np.bincount(cells[:, 1] * _GRID + cells[:, 0], minlength=_GRID * _GRID)
    return bool((counts > 0).sum() >= _LEAST_CELLS and counts.max() <= _MOST_IN_CELL * len(places))


def _are_distinct(descriptors: Bytes) -> bool:
    return len(np.unique(descriptors, axis=0)) >= _LEAST_DISTINCT * len(descriptors)
