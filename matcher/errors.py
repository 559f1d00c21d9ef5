"""Why a file could not be fingerprinted. Only these numbers cross from the sandbox to its parent."""

from __future__ import annotations

from enum import IntEnum


class MediaErrorCode(IntEnum):
    UNSUPPORTED = 1
    """No picture or video format that we read."""
    TOO_LARGE = 2
    """More bytes or pixels than the limits allow."""
    CORRUPT = 3
    """Broken or cut off."""
    FLAT = 4
    """Too little structure: its fingerprint would match other flat pictures."""
    TIMED_OUT = 5
    OUT_OF_MEMORY = 6
    WORKER_DIED = 7
    VECTOR = 8
    """An animation made of shapes (a TGS sticker): it has no pixels to fingerprint until a player draws it."""
    ENCRYPTED = 9
    """All that could show something is encrypted: nobody can look at it without the password."""
    UNREAD_ARCHIVE = 10
    """An archive of a kind, or packed in a way, that we do not read."""
    NO_PICTURE = 11
    """A file of a kind that we read, with no picture in it."""


class MediaError(Exception):
    """The file could not be fingerprinted; `code` says why."""

    def __init__(self, code: MediaErrorCode) -> None:
        super().__init__(code.name.lower())
        self.code = code


class NoWorker(MediaError):
    """No process could be started to look at the file, which is no word on the file. `code` is `WORKER_DIED`."""

    def __init__(self) -> None:
        super().__init__(MediaErrorCode.WORKER_DIED)
