"""Files of which only a part is fetched, as an account would have them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from clips import moving, video

from matcher import BLOCK_BYTES, File, Limits, MediaFingerprint, Pieces, fingerprint_bytes
from matcher.files.video import needed_blocks

LIMITS = Limits()


@cache
def large() -> bytes:
    """Forty scenes of a second, a key frame each second, and so much between them that it need not be there."""
    return video([image for seed in range(40) for image in moving(seed, 1)], crf="6", g="12")


@cache
def looked_at(file: File) -> MediaFingerprint:
    return fingerprint_bytes(file, LIMITS)


def boxes(mp4: bytes) -> list[tuple[bytes, int, int]]:
    """The boxes of a file, each with where it begins and ends."""
    found, at = [], 0
    while at < len(mp4):
        size = int.from_bytes(mp4[at : at + 4], "big")
        found.append((mp4[at + 4 : at + 8], at, at + size))
        at += size
    return found


def without_media(mp4: bytes) -> Pieces:
    """All of it but the bodies of `mdat`."""
    places = [(start, start + 8 if kind == b"mdat" else end) for kind, start, end in boxes(mp4)]
    return Pieces.of(len(mp4), [(start, mp4[start:end]) for start, end in places])


def with_blocks(file: Pieces, mp4: bytes, blocks: Iterable[int]) -> Pieces:
    starts = [block * BLOCK_BYTES for block in blocks]
    return Pieces.of(
        len(mp4), [*file.known, *((start, mp4[start : start + BLOCK_BYTES]) for start in starts)]
    )


def with_needed(mp4: bytes) -> Pieces:
    file = without_media(mp4)
    return with_blocks(file, mp4, needed_blocks(file, LIMITS))
