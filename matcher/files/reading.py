"""The border between libraries that read untrusted bytes and what is ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from matcher.errors import MediaError, MediaErrorCode


@contextmanager
def reading() -> Iterator[None]:
    """Around what a library makes of untrusted bytes, and nothing of our own: a mistake of ours is no broken file.

    Raises `MediaError` `CORRUPT` for whatever goes wrong in it, but for a `MediaError` and memory that ran out.
    """
    try:
        yield
    except (MediaError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - demuxers and decoders raise whatever a broken file makes them stumble over
        raise MediaError(MediaErrorCode.CORRUPT) from None
