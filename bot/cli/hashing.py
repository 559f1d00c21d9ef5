"""Pictures on this machine's disk, to the lines that register them or compared with a list of such lines.

Nothing leaves the machine.
"""

from __future__ import annotations

import os
import stat
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from bot.registered.hashlist import ListedHashes
from matcher import (
    Limits,
    Match,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    PhotoRefusal,
    PhotoRefused,
    Sandbox,
    format_media,
    format_photo,
    judge,
    photo_features,
)

OWN_FILES = Limits(max_bytes=1 << 30, memory_bytes=4 << 30, cpu_s=600, wall_s=900)
"""What a person's own file may cost: videos from a phone are many times as large as what Telegram gives a bot."""
REGISTERED_FRAMES_PER_S = 6
"""A posted video is looked at once a second, and at other moments than this one."""

STANDARD_INPUT = Path("-")

_WHY = {
    MediaErrorCode.UNSUPPORTED: "is no picture or video of a kind that Jikimi reads",
    MediaErrorCode.TOO_LARGE: "is too large",
    MediaErrorCode.CORRUPT: "is broken or cut off",
    MediaErrorCode.FLAT: "has too little detail: its hash would match other pictures like it",
    MediaErrorCode.TIMED_OUT: "took too long to read",
    MediaErrorCode.OUT_OF_MEMORY: "takes too much memory to read",
    MediaErrorCode.WORKER_DIED: "made the reader stop",
    MediaErrorCode.VECTOR: "is an animation of drawn shapes (a TGS sticker), which Jikimi cannot fingerprint",
    MediaErrorCode.ENCRYPTED: "is encrypted: nobody can look inside without the password",
    MediaErrorCode.UNREAD_ARCHIVE: "is an archive of a kind that Jikimi does not read; unpack it first",
    MediaErrorCode.NO_PICTURE: "has no picture in it",
}
_PAGE = "is a screenshot of an app or a page of text with no picture in it: choose the picture itself"


_WHY_NO_PHOTO = {
    PhotoRefusal.FLAT: "has too little detail: much of it looks like any other picture",
    PhotoRefusal.SCREENSHOT: "is a picture of a screen, whose frame everybody's screenshots show: "
    "use the photo itself, or cut it out",
    PhotoRefusal.TEXT: "is mostly text, which other pictures show as well",
    PhotoRefusal.PATTERN: "is mostly a pattern that repeats, which other pictures show as well",
    PhotoRefusal.TOO_FEW: "has too few places that could be found again; use a larger or clearer file of it",
}


@dataclass(frozen=True)
class Hashed:
    """A file and its hash text, or why it has none: a line for a picture and each of its quarters, or for a video."""

    file: Path
    text: str | None
    why_not: str = ""


@dataclass(frozen=True)
class Compared:
    """A file and what it matched, matches first and then the nearest, or why it could not be compared.

    A match's `fingerprint_id` is its hash's place in `ListedHashes.lines`.
    """

    file: Path
    matches: tuple[Match, ...] = ()
    why_not: str = ""
    left_out: int = 0
    """How many pictures in it could not be compared."""


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those in folders named and in their folders, sorted; hidden ones, links and pipes are left out.

    A folder that is empty or cannot be read is given as it is.
    """
    for path in paths:
        if path == STANDARD_INPUT or not _is_folder(path):
            yield path
            continue
        found = False
        unread: list[OSError] = []
        for folder, folders, files in os.walk(path, onerror=unread.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                file = Path(folder, name)
                if not name.startswith(".") and not _is_no_file(file):
                    found = True
                    yield file
        if unread:
            yield from (Path(error.filename) for error in unread)
        elif not found:
            yield path


def _is_folder(path: Path) -> bool:
    """Where it cannot be told, reading it says why."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_no_file(path: Path) -> bool:
    """Whether it is a link, or a pipe, which is to be waited for until somebody writes into it."""
    try:
        return not stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def hash_files(files: Iterable[Path], limits: Limits, *, workers: int) -> Iterator[Hashed]:
    """The result of every file, in the order given."""
    limits = replace(limits, frames_per_s=REGISTERED_FRAMES_PER_S)
    for file, media in _fingerprints(files, limits, workers, frozenset()):
        texts = [] if isinstance(media, str) else format_media(media)
        if texts:
            yield Hashed(file, "\n".join(texts))
        elif isinstance(media, str):
            yield Hashed(file, None, media)
        else:
            is_page = all(still.is_page for still in media.stills)
            yield Hashed(file, None, _PAGE if is_page else _WHY[MediaErrorCode.FLAT])


def sketch_photos(files: Iterable[Path], limits: Limits) -> Iterator[Hashed]:
    """The line of each ordinary photo that lets parts of it be found. In this process, one after the other."""
    for file in files:
        data = _read(file, limits.max_bytes)
        if isinstance(data, str):
            yield Hashed(file, None, data)
            continue
        try:
            yield Hashed(file, format_photo(photo_features(data, limits)))
        except PhotoRefused as refused:
            yield Hashed(file, None, _WHY_NO_PHOTO[refused.reason])
        except MediaError as error:
            yield Hashed(file, None, _WHY[error.code])


def match_files(
    files: Iterable[Path], known: ListedHashes, limits: Limits, *, workers: int
) -> Iterator[Compared]:
    """What every file matched, in the order given."""
    for file, media in _fingerprints(files, limits, workers, known.kinds):
        if isinstance(media, str):
            yield Compared(file, why_not=media)
        else:
            matches = sorted(
                judge(media, known.indexes, item_of=known.item_of),
                key=lambda match: (match.band, match.distance),
            )
            yield Compared(file, tuple(matches), left_out=media.left_out)


def _fingerprints(
    files: Iterable[Path], limits: Limits, workers: int, kinds: frozenset[str]
) -> Iterator[tuple[Path, MediaFingerprint | str]]:
    """The fingerprint of every file, or why it has none; so many files are in memory as there are workers."""
    waiting: deque[tuple[Path, Future[MediaFingerprint] | str]] = deque()
    left = iter(files)
    with Sandbox(workers, limits) as sandbox:
        while True:
            for file in islice(left, workers - len(waiting)):
                data = _read(file, limits.max_bytes)
                work = data if isinstance(data, str) else sandbox.submit(data, kinds=kinds)
                waiting.append((file, work))
            if not waiting:
                return
            file, result = waiting.popleft()
            yield file, result if isinstance(result, str) else _result(result)


def _result(work: Future[MediaFingerprint]) -> MediaFingerprint | str:
    try:
        return work.result()
    except MediaError as error:
        return _WHY[error.code]


def _read(file: Path, max_bytes: int) -> bytes | str:
    """The bytes, or in words why there are none."""
    try:
        if file == STANDARD_INPUT:
            data = sys.stdin.buffer.read(max_bytes + 1)
            return data if len(data) <= max_bytes else _WHY[MediaErrorCode.TOO_LARGE]
        if file.is_dir():
            return "is a folder in which no file can be found"
        if file.stat().st_size > max_bytes:
            return _WHY[MediaErrorCode.TOO_LARGE]
        return file.read_bytes()
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
