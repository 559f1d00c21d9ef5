"""Lists of hashes as files: one hash a line, or CSV with a header as python-threatexchange writes it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from bot.errors import JikimiError
from matcher import (
    KINDS,
    PDQ,
    Fingerprint,
    HashTextError,
    HashTextReason,
    Index,
    padded,
    parse_listed_hash,
    parse_video,
)

HASH_COLUMNS = ("signal_str", "hash", "hash_value", "signal", "indicator", "value", *KINDS)
KIND_COLUMNS = ("signal_type", "hash_type", "type", "kind", "algorithm")


class BadList(JikimiError):
    """The list of hashes cannot be used."""


@dataclass
class Known:
    """The hashes of lists. The numbers that the indexes know them by are places in `lines`."""

    indexes: dict[str, Index] = field(default_factory=dict)
    lines: list[tuple[str, int]] = field(default_factory=list)
    """Of every hash the name of its list and its line there, from 1."""
    item_of: dict[int, int] = field(default_factory=dict)
    """Which hashes are of one line: a video has many."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Of every list the number of its lines that are not compared: hashes of other kinds, and those that say too little."""

    @property
    def kinds(self) -> frozenset[str]:
        """By which kinds, besides PDQ, a picture has to be hashed."""
        return frozenset(self.indexes) - {PDQ}

    def add(self, name: str, untrusted_text: str) -> None:
        """Take in a list; `name` is what people know it by. Raises `BadList`, which holds no hash."""
        new: dict[str, list[tuple[int, bytes, int]]] = {}
        bad: list[tuple[int, str]] = []
        before = len(self.lines)
        try:
            lines = list(_lines(untrusted_text))
        except csv.Error:
            raise BadList(f"{name}: cannot be read as a list of hashes") from None
        for number, text in lines:
            if text is None:
                self.left_out[name] = self.left_out.get(name, 0) + 1
                continue
            try:
                prints = _parsed(text)
            except HashTextError as error:
                if error.reason is HashTextReason.LOW_QUALITY:
                    self.left_out[name] = self.left_out.get(name, 0) + 1
                    continue
                bad.append((number, error.reason.value))
                continue
            item = len(self.lines)
            for hashed in prints:
                entry = len(self.lines), padded(hashed.bits), KINDS[hashed.kind].radius_bits
                new.setdefault(hashed.kind, []).append(entry)
                self.item_of[len(self.lines)] = item
                self.lines.append((name, number))
        if bad:
            number, reason = bad[0]
            more = f", nor are {len(bad) - 1} more" if len(bad) > 1 else ""
            raise BadList(f"{name}, line {number}: is no hash ({reason}){more}")
        if len(self.lines) == before:
            raise BadList(f"{name}: has no hash in it")
        for kind, entries in new.items():
            self.indexes.setdefault(kind, Index()).add(entries)


def read(file: BinaryIO | Path, name: str) -> str:
    """The text of a list. Raises `BadList`."""
    try:
        data = file.read_bytes() if isinstance(file, Path) else file.read()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadList(f"{name}: cannot be read as a list of hashes") from None


def _parsed(text: str) -> list[Fingerprint]:
    """Raises `HashTextError`."""
    if text.lstrip().upper().startswith("VPDQ"):
        return [fingerprint for _, fingerprint in parse_video(text).frames]
    return [parse_listed_hash(text)]


def _lines(text: str) -> Iterator[tuple[int, str | None]]:
    """Every hash as `kind hash` or as it is, with its line; None for one of a kind that is not compared.

    Empty lines and those that begin with # are left out.
    """
    lines = text.splitlines()
    reader = csv.reader("" if line.lstrip().startswith("#") else line for line in lines)
    header: tuple[int, int | None, str] | None = None
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = _header(row)
            if header is None:
                break
            continue
        yield reader.line_num, _of_row(row, *header)
    if header is None:
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line


def _header(row: Sequence[str]) -> tuple[int, int | None, str] | None:
    """In which columns of a CSV file the hash and its kind are, and the kind where no column says it."""
    names = [cell.strip().lower() for cell in row]
    places = [names.index(name) for name in HASH_COLUMNS if name in names]
    if not places:
        return None
    kinds = [names.index(name) for name in KIND_COLUMNS if name in names]
    named = names[places[0]]
    return places[0], kinds[0] if kinds else None, named if named in KINDS else PDQ


def _of_row(row: Sequence[str], hash_column: int, kind_column: int | None, kind: str) -> str | None:
    if max(hash_column, kind_column or 0) >= len(row):
        return ""
    if kind_column is not None:
        # Meta's ThreatExchange says HASH_PDQ where python-threatexchange says pdq.
        kind = row[kind_column].strip().lower().removeprefix("hash_")
    return f"{kind} {row[hash_column].strip()}" if kind in KINDS else None
