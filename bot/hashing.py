"""`jikimi hash`: pictures on this machine's disk to the lines that register them. Nothing leaves the machine."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from matcher import Limits, MediaError, MediaErrorCode, MediaFingerprint, Sandbox, format_hash

_WHY = {
    MediaErrorCode.UNSUPPORTED: "is no picture of a kind that Jikimi reads",
    MediaErrorCode.TOO_LARGE: "is too large",
    MediaErrorCode.CORRUPT: "is broken or cut off",
    MediaErrorCode.FLAT: "has too little detail: its hash would match other pictures like it",
    MediaErrorCode.TIMED_OUT: "took too long to read",
    MediaErrorCode.OUT_OF_MEMORY: "takes too much memory to read",
    MediaErrorCode.WORKER_DIED: "made the reader stop",
}


@dataclass(frozen=True)
class Hashed:
    """A file and its hash text, a line for the whole picture and each quarter, or why it has none."""

    file: Path
    text: str | None
    why_not: str = ""


def hash_files(files: Iterable[Path], limits: Limits, *, workers: int) -> Iterator[Hashed]:
    """The result of every file, in the order given; so many files are in memory at once as there are workers."""
    waiting: deque[tuple[Path, Future[MediaFingerprint] | str]] = deque()
    left = iter(files)
    with Sandbox(workers, limits) as sandbox:
        while True:
            for file in islice(left, workers - len(waiting)):
                data = _read(file, limits.max_bytes)
                waiting.append((file, data if isinstance(data, str) else sandbox.submit(data)))
            if not waiting:
                return
            yield _result(*waiting.popleft())


def _result(file: Path, work: Future[MediaFingerprint] | str) -> Hashed:
    if isinstance(work, str):
        return Hashed(file, None, work)
    try:
        parts = work.result().parts
    except MediaError as error:
        return Hashed(file, None, _WHY[error.code])
    if not parts:
        return Hashed(file, None, _WHY[MediaErrorCode.FLAT])
    return Hashed(file, "\n".join(map(format_hash, parts)))


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
