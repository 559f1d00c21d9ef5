"""Files of which not every byte is there: what is known lies in pieces at its own place, and between them are holes."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES = 4096
"""What is needed of a file is told in blocks of this size, the smallest that Telegram gives."""
_LONGEST_READ = 1 << 20
"""However much is asked for, no more is read at once: a hole may be as long as the file."""


@dataclass(frozen=True)
class Pieces:
    """A file of `size_bytes` and what is known of it: (offset, bytes) in order, with a hole before and after each."""

    size_bytes: int
    known: tuple[tuple[int, bytes], ...] = field(repr=False)

    @classmethod
    def of(cls, size_bytes: int, known: Iterable[tuple[int, bytes]]) -> Pieces:
        """Put together what may overlap. Raises `ValueError` for what lies outside of the file."""
        runs: list[tuple[int, list[bytes]]] = []
        end = -1
        for offset, data in sorted(known, key=itemgetter(0)):
            if offset < 0 or offset + len(data) > size_bytes:
                raise ValueError("a piece outside of its file")
            if offset > end:
                runs.append((offset, []))
                end = offset
            if offset + len(data) > end:
                runs[-1][1].append(data[end - offset :])
                end = offset + len(data)
        return cls(size_bytes, tuple((offset, _joined(run)) for offset, run in runs if run))

    @property
    def known_bytes(self) -> int:
        return sum(len(data) for _, data in self.known)

    @property
    def whole(self) -> bytes | None:
        """The bytes of the file, if all are there."""
        if not self.size_bytes:
            return b""
        return self.known[0][1] if self.known_bytes == self.size_bytes else None

    @property
    def holes(self) -> list[tuple[int, int]]:
        """From where to where nothing is known, in order."""
        begins = [*(offset for offset, _ in self.known), self.size_bytes]
        ends = [0, *(offset + len(data) for offset, data in self.known)]
        return [(start, end) for start, end in zip(ends, begins, strict=True) if start < end]

    def read(self, start: int, size: int) -> bytes:
        """So many bytes from a place on, or as many as there are. Holes are read as zeros."""
        end = max(min(start + size, self.size_bytes), start)
        first = max(bisect_right(self.known, start, key=itemgetter(0)) - 1, 0)
        parts, at = [], start
        for offset, data in self.known[first:]:
            if offset >= end:
                break
            part = data[max(start - offset, 0) : end - offset]
            if part:
                parts += [bytes(max(offset - at, 0)), part]
                at = max(offset, start) + len(part)
        return b"".join((*parts, bytes(end - at)))

    def has(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of which of the ranges (each n, from start to end) all bytes are there."""
        if not self.known:
            return np.zeros(len(starts), dtype=np.bool_)
        begins = np.array([offset for offset, _ in self.known])
        reaches = np.array([offset + len(data) for offset, data in self.known])
        at = np.searchsorted(begins, starts, side="right") - 1
        return (at >= 0) & (starts <= ends) & (ends <= reaches[at])


File = bytes | Pieces


class _Reader:
    """Reads as a file that is open."""

    def __init__(self, file: Pieces) -> None:
        self._file = file
        self._at = 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Raises `ValueError` as `io.BytesIO` does."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size_bytes}.get(whence)
        if base is None or base + offset < 0:
            raise ValueError("no place in the file")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._at, _LONGEST_READ if size < 0 else min(size, _LONGEST_READ))
        self._at += len(data)
        return data


def opened(untrusted: File) -> io.BytesIO | _Reader:
    """Something to read and seek in, for which nothing of the size of the file is made."""
    return io.BytesIO(untrusted) if isinstance(untrusted, bytes) else _Reader(untrusted)


def _joined(run: list[bytes]) -> bytes:
    return run[0] if len(run) == 1 else b"".join(run)
