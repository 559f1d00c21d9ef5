"""`jikimi hash` and `jikimi match`: pictures on this machine's disk, to the lines that register them or compared with
a list of such lines. Nothing leaves the machine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from bot.errors import JikimiError
from matcher import (
    MATCH_RADIUS_BITS,
    HashTextError,
    Index,
    Limits,
    Match,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    Sandbox,
    format_media,
    judge,
    parse_hash_line,
)

REGISTERED_FRAMES_PER_S = 6
"""A posted video is looked at once a second, and at other moments than this one."""

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


@dataclass(frozen=True)
class Hashed:
    """A file and its hash text, or why it has none: a line for a picture and each of its quarters, or for a video."""

    file: Path
    text: str | None
    why_not: str = ""


@dataclass(frozen=True)
class Compared:
    """A file and what it matched, the nearest first, or why it could not be compared.

    A match's `fingerprint_id` is the number of its line in the list.
    """

    file: Path
    matches: tuple[Match, ...] = ()
    why_not: str = ""


class BadList(JikimiError):
    """The list of hashes cannot be used."""


def hash_files(files: Iterable[Path], limits: Limits, *, workers: int) -> Iterator[Hashed]:
    """The result of every file, in the order given."""
    limits = replace(limits, frames_per_s=REGISTERED_FRAMES_PER_S)
    for file, media in _fingerprints(files, limits, workers):
        texts = [] if isinstance(media, str) else format_media(media)
        if texts:
            yield Hashed(file, "\n".join(texts))
        else:
            yield Hashed(file, None, media if isinstance(media, str) else _WHY[MediaErrorCode.FLAT])


def match_files(files: Iterable[Path], known: Index, limits: Limits, *, workers: int) -> Iterator[Compared]:
    """What every file matched, in the order given."""
    for file, media in _fingerprints(files, limits, workers):
        if isinstance(media, str):
            yield Compared(file, why_not=media)
        else:
            matches = sorted(judge(media, known), key=lambda match: match.distance)
            yield Compared(file, tuple(matches))


def read_list(path: Path) -> Index:
    """The hashes of a file, one a line; empty lines and those that begin with # are left out. Raises `BadList`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadList(f"{path}: cannot be read as a list of hashes") from None
    known = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            known.append((number, parse_hash_line(line).bits, MATCH_RADIUS_BITS))
        except HashTextError as error:
            # Without the line: a hash is not for screens and logs.
            raise BadList(f"{path}, line {number}: is no hash ({error.reason.value})") from None
    if not known:
        raise BadList(f"{path}: has no hash in it")
    index = Index()
    index.add(known)
    return index


def _fingerprints(
    files: Iterable[Path], limits: Limits, workers: int
) -> Iterator[tuple[Path, MediaFingerprint | str]]:
    """The fingerprint of every file, or why it has none; so many files are in memory as there are workers."""
    waiting: deque[tuple[Path, Future[MediaFingerprint] | str]] = deque()
    left = iter(files)
    with Sandbox(workers, limits) as sandbox:
        while True:
            for file in islice(left, workers - len(waiting)):
                data = _read(file, limits.max_bytes)
                waiting.append((file, data if isinstance(data, str) else sandbox.submit(data)))
            if not waiting:
                return
            file, work = waiting.popleft()
            yield file, work if isinstance(work, str) else _result(work)


def _result(work: Future[MediaFingerprint]) -> MediaFingerprint | str:
    try:
        return work.result()
    except MediaError as error:
        return _WHY[error.code]


def _read(file: Path, max_bytes: int) -> bytes | str:
    """The bytes, or in words why there are none."""
    try:
        if file.is_dir():
            return "is a folder; name the files in it, such as FOLDER/*.jpg"
        if file.stat().st_size > max_bytes:
            return _WHY[MediaErrorCode.TOO_LARGE]
        return file.read_bytes()
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
