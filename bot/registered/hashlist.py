"""Lists of hashes as files: one hash a line; CSV with a header as python-threatexchange writes it; JSON Lines with the
same names, `deleted` for what is gone, and an `id` by which it can say so without the hash; and JSON as StopNCII answers,
where a withdrawn hash is gone.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

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
STATUS_COLUMNS = ("status", "hashstatus", "hash_status")

_IN_FORCE = frozenset({"", "active", "received"})
_GONE = frozenset({"withdrawn", "deleted"})
_STOPNCII_RECORDS = "hashRecords"
_MAX_NUMBER = 200
_WHY_NOT = {  # A line of low quality is left out without a word; only a text has too many, only a sketch is out of date.
    HashTextReason.EMPTY: "it is empty",
    HashTextReason.NOT_HEX: "it has characters other than 0-9 and a-f",
    HashTextReason.WRONG_LENGTH: "it has another number of digits than a hash of its kind",
    HashTextReason.NOT_A_FINGERPRINT: "no picture has these digits",
    HashTextReason.WRONG_CHECKSUM: "it is not whole, or was changed",
    HashTextReason.UNKNOWN_FORMAT: "its form is not known",
}


class BadList(JikimiError):
    """The list of hashes cannot be used."""


class NotWhole(JikimiError):
    """A file cannot be taken for the whole list: hashes would be deleted that it was not read to withdraw."""


@dataclass(frozen=True)
class Entry:
    """One row of a list: its hashes (a video has many), and whether it says that they are gone.

    `number` is what whoever handed it on knows it by; a row that says only that is always of a hash that is gone.
    `problem` says why the row cannot be read, without the hash. A row without hashes, problem and such a number is of a
    kind that is not compared, or says too little.
    """

    line: int
    prints: tuple[Fingerprint, ...] = ()
    is_gone: bool = False
    problem: str = ""
    number: str = ""


@dataclass(frozen=True)
class Gone:
    """Hashes that are withdrawn, by kind and bits or by the numbers that the list knows them by."""

    keys: Set[tuple[str, bytes]]
    numbers: Set[str]

    def holds(self, row: Entry, hashed: Fingerprint) -> bool:
        """Whether this hash of a row is not in force: what a file both holds and withdraws is withdrawn."""
        return (hashed.kind, hashed.bits) in self.keys or row.number in self.numbers


@dataclass
class ListedHashes:
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
        before = len(self.lines)
        try:
            rows = entries(untrusted_text)
        except BadList as error:
            raise BadList(f"{name}: {error}") from None
        if bad := [row for row in rows if row.problem]:
            more = {1: "", 2: "; nor is 1 more line"}.get(len(bad), f"; nor are {len(bad) - 1} more lines")
            raise BadList(f"{name}, line {bad[0].line}: {bad[0].problem}{more}")
        withdrawn = gone(rows)
        for row in rows:
            if not (row.prints or row.is_gone):
                self.left_out[name] = self.left_out.get(name, 0) + 1
            item = len(self.lines)
            for hashed in row.prints:
                if withdrawn.holds(row, hashed):
                    continue
                entry = len(self.lines), padded(hashed.bits), KINDS[hashed.kind].radius_bits
                new.setdefault(hashed.kind, []).append(entry)
                self.item_of[len(self.lines)] = item
                self.lines.append((name, row.line))
        if len(self.lines) == before:
            raise BadList(f"{name}: has no hash in it")
        for kind, added in new.items():
            self.indexes.setdefault(kind, Index()).add(added)


def entries(untrusted_text: str) -> list[Entry]:
    """Every row of a list in any of the forms; of StopNCII's JSON `line` counts records. Raises `BadList`."""
    if untrusted_text.lstrip()[:1] not in ("{", "["):
        try:
            return [_entry(number, text, status) for number, text, status in _rows(untrusted_text)]
        except csv.Error:
            raise BadList("cannot be read as a list of hashes") from None
    try:
        whole = _json(untrusted_text)
    except ValueError:
        return list(_json_lines(untrusted_text))
    records = whole.get(_STOPNCII_RECORDS) if isinstance(whole, dict) else whole
    if records is None:
        records = [whole]
    if not isinstance(records, list):
        raise BadList("cannot be read as a list of hashes")
    return [_of_record(number, record) for number, record in enumerate(records, 1)]


def gone(rows: Sequence[Entry]) -> Gone:
    """What these rows withdraw."""
    return Gone(
        {(one.kind, one.bits) for row in rows if row.is_gone for one in row.prints},
        {row.number for row in rows if row.is_gone and row.number},
    )


def check_whole(untrusted_text: str, rows: Sequence[Entry], *, may_be_empty: bool) -> None:
    """Raises `NotWhole` unless the file, of which these are the rows, can be the whole list."""
    if any(row.problem for row in rows):
        raise NotWhole("not every row can be read, and what those say would be deleted")
    if _is_one_page(untrusted_text):
        raise NotWhole("it is one page of several, and what the others hold would be deleted")
    if not may_be_empty and not any(row.prints and not row.is_gone for row in rows):
        raise NotWhole("it has no hash that is in force, and everything would be deleted")


def _is_one_page(untrusted_text: str) -> bool:
    """Whether StopNCII has more to answer. Its last page can name a next one, too, and says then that there is none."""
    try:
        whole = _json(untrusted_text)
    except ValueError:
        return False
    return isinstance(whole, dict) and bool(whole.get("hasMoreRecords", whole.get("nextPageToken")))


def _lines(text: str) -> list[str]:
    """Only by the ends of lines: what else `splitlines` goes by may be in the texts of JSON and CSV."""
    return re.split(r"\r\n|\r|\n", text)


def _json(untrusted_text: str) -> Any:
    """Raises `ValueError`."""
    try:
        return json.loads(untrusted_text)
    except RecursionError:
        raise ValueError("lists in lists in lists") from None


def _json_lines(text: str) -> Iterator[Entry]:
    for number, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        try:
            record = _json(line)
        except ValueError:
            yield Entry(number, problem="is no JSON")
        else:
            yield _of_record(number, record)


def _of_record(number: int, record: Any) -> Entry:
    """Of JSON: the names of the CSV columns, or StopNCII's."""
    if not isinstance(record, dict):
        return Entry(number, problem="is no record")
    values = {str(name).lower(): value for name, value in record.items()}
    kind = next((values[name] for name in (*KIND_COLUMNS, "signaltype") if name in values), PDQ)
    digits = next((values[name] for name in (*HASH_COLUMNS, "hashvalue") if name in values), None)
    status = next((values[name] for name in STATUS_COLUMNS if name in values), "")
    if values.get("deleted") is True:
        status = "deleted"
    known_by = values.get("id")
    known_by = known_by if isinstance(known_by, str) and len(known_by) <= _MAX_NUMBER else ""
    if digits is None and known_by and isinstance(status, str) and status.strip().lower() in _GONE:
        return Entry(number, is_gone=True, number=known_by)
    if not (isinstance(kind, str) and isinstance(digits, str) and isinstance(status, str)):
        return Entry(number, problem="has no hash")
    kind = _kind(kind)
    read = _entry(number, f"{kind} {digits.strip()}" if kind in KINDS else None, status)
    return replace(read, number=known_by)


def _entry(number: int, text: str | None, status: str) -> Entry:
    status = status.strip().lower()
    if status not in _IN_FORCE | _GONE:
        return Entry(number, problem="has a status that is not known")
    if text is None:
        return Entry(number)
    try:
        return Entry(number, tuple(_parsed(text)), status in _GONE)
    except HashTextError as error:
        if error.reason is HashTextReason.LOW_QUALITY:
            return Entry(number)
        return Entry(number, problem=_is_no_hash(error))


def _is_no_hash(error: HashTextError) -> str:
    return f"is no hash: {_WHY_NOT[error.reason]}"


def read(file: BinaryIO | Path, name: str) -> str:
    """The text of a list. Raises `BadList`."""
    try:
        data = file.read_bytes() if isinstance(file, Path) else file.read()
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise BadList(f"{name}: is not there") from None
    except IsADirectoryError:
        raise BadList(f"{name}: is a folder") from None
    except OSError as error:
        raise BadList(f"{name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadList(f"{name}: cannot be read as a list of hashes: it is not UTF-8 text") from None


def _parsed(text: str) -> list[Fingerprint]:
    """Raises `HashTextError`."""
    if text.lstrip().upper().startswith("VPDQ"):
        return [fingerprint for _, fingerprint in parse_video(text).frames]
    return [parse_listed_hash(text)]


def _rows(text: str) -> Iterator[tuple[int, str | None, str]]:
    """Every hash as `kind hash` or as it is, with its line and status; None for one of a kind that is not compared.

    Empty lines and those that begin with # are left out.
    """
    lines = _lines(text)
    rows = ("" if line.lstrip().startswith("#") else line for line in lines)
    reader = csv.reader(rows, strict=True)
    header: tuple[int, int | None, str] | None = None
    status: int | None = None
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = _header(row)
            if header is None:
                break
            names = [cell.strip().lower() for cell in row]
            status = next((names.index(name) for name in STATUS_COLUMNS if name in names), None)
            continue
        said = row[status] if status is not None and status < len(row) else ""
        yield reader.line_num, _of_row(row, *header), said
    if header is None:
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line, ""


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
        kind = _kind(row[kind_column])
    return f"{kind} {row[hash_column].strip()}" if kind in KINDS else None


def _kind(untrusted_name: str) -> str:
    """Meta's ThreatExchange says HASH_PDQ and StopNCII ImagePDQ where python-threatexchange says pdq."""
    return untrusted_name.strip().lower().removeprefix("hash_").removeprefix("image")
