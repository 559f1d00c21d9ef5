"""How a posted picture is looked at: each view is one reading of it that may equal what was registered."""

from __future__ import annotations

from matcher import pdq
from matcher.decode import Limits, Picture, decode
from matcher.errors import MediaError, MediaErrorCode
from matcher.fingerprint import MIN_QUALITY, MediaFingerprint, View

WHOLE = "whole"
VIEW_NAMES = (WHOLE,)
"""Every name that a view can have, in the order of the numbers that stand for them on the wire."""


def look(picture: Picture) -> MediaFingerprint:
    """All views of a picture. Raises `MediaError` `FLAT` where none has enough structure to be compared."""
    samples = pdq.reduce(picture.luma)
    quality = pdq.quality(samples.upright)
    if quality < MIN_QUALITY:
        raise MediaError(MediaErrorCode.FLAT)
    views = tuple(View(WHOLE, orientation, bits, quality) for orientation, bits in pdq.hashes(samples))
    height, width = picture.luma.shape
    return MediaFingerprint(picture.format, width, height, views)


def fingerprint_bytes(untrusted_data: bytes, limits: Limits) -> MediaFingerprint:
    """Decode and fingerprint in this process, without the sandbox: for a person's own files. Raises `MediaError`."""
    try:
        return look(decode(untrusted_data, limits))
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None
