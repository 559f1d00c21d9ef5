"""Pictures inside zip files, and inside whatever else is one: documents, presentations, books, comics, apps.

The directory is read by `zipfile`; entries are inflated here, with a bound on what comes out, because every size in a
zip file is a claim of whoever made it. Names of entries are not looked at.
"""

from __future__ import annotations

import codecs
import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo, is_zipfile

from matcher.errors import MediaError, MediaErrorCode
from matcher.files.budget import Budget
from matcher.files.decode import Limits
from matcher.files.reading import reading
from matcher.fingerprint import Head, LeftOut, Shown, Still, StillKind

_UNREAD = (
    (0, b"7z\xbc\xaf\x27\x1c"),
    (0, b"Rar!\x1a\x07"),
    (0, b"\x1f\x8b\x08"),  # gzip
    (0, b"BZh"),
    (0, b"\xfd7zXZ\0"),
    (0, b"\x28\xb5\x2f\xfd"),  # Zstandard
    (0, b"MSCF"),
    (0, b"ALZ\x01"),
    (0, b"EGGA"),
    (2, b"-lh"),
    (257, b"ustar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),  # office documents before 2007, and encrypted ones since
)
"""Where archives of other kinds have which bytes."""

NOTHING_TO_COMPARE = frozenset({MediaErrorCode.UNSUPPORTED, MediaErrorCode.NO_PICTURE, MediaErrorCode.FLAT})
"""Why a file inside another one shows nothing, and yet nothing of it was left out."""
_TELLING = (
    MediaErrorCode.ENCRYPTED,
    MediaErrorCode.UNREAD_ARCHIVE,
    MediaErrorCode.TOO_LARGE,
    MediaErrorCode.OUT_OF_MEMORY,
    MediaErrorCode.CORRUPT,
    MediaErrorCode.FLAT,
)
"""Of several reasons why nothing is shown, the first of these is told."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Signature, length of the name, length of what is between it and the content."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_STEP_BYTES = 1 << 16
_NAMED = re.compile(rb"PK\x01\x02.{42}", re.DOTALL)
"""An entry of a directory, without its name."""
_NAMED_BYTES = 1 << 10
"""Of memory, about, that `zipfile` takes for one of them."""
_SHARE_OF_MEMORY = 4


def prepare() -> None:
    """Load what reading names needs, so that reading opens no file."""
    codecs.lookup("cp437")


def is_zip(untrusted_data: bytes) -> bool:
    """Whether it ends as a zip file does: it may begin with something else, a program that unpacks it, say.

    Raises `MediaError` `CORRUPT` where its end stumbles `zipfile`: it names parts on other disks, say.
    """
    if untrusted_data.startswith(b"PK\x03\x04"):
        return True
    with reading():
        return is_zipfile(io.BytesIO(untrusted_data))


def is_unread_archive(untrusted_data: bytes) -> bool:
    return any(untrusted_data.startswith(magic, at) for at, magic in _UNREAD)


def entries(
    untrusted_data: bytes, budget: Budget, inspect: Callable[[bytes], Iterator[Shown]]
) -> Iterator[Shown]:
    """What the entries of a zip file show, each still with the number of its entry: its place in the directory, from 1,
    not counting folders.

    `inspect` looks at one entry. Raises `MediaError` where none shows anything: the most telling reason of all.
    """
    files = _directory(untrusted_data, budget.limits)
    reasons: set[MediaErrorCode] = set()
    places: set[int] = set()
    left_out = 0
    has_head = False
    for number, file in enumerate(files, 1):
        if budget.is_spent:
            left_out += len(files) - number + 1
            reasons.add(MediaErrorCode.TOO_LARGE)
            break
        if file.header_offset in places:
            # The directory may name the same bytes a million times.
            continue
        places.add(file.header_offset)
        budget.entries -= 1
        try:
            for shown in inspect(_content(untrusted_data, file, budget)):
                if isinstance(shown, LeftOut):
                    left_out += shown.number
                elif isinstance(shown, Still):
                    if not has_head:
                        yield Head("ZIP")
                        has_head = True
                    yield replace(shown, kind=StillKind.ENTRY, at=number, until=0, samples=1)
        except MediaError as error:
            reasons.add(error.code)
            left_out += error.code not in NOTHING_TO_COMPARE
        except MemoryError:
            reasons.add(MediaErrorCode.OUT_OF_MEMORY)
            left_out += 1
    if not has_head:
        raise MediaError(next((code for code in _TELLING if code in reasons), MediaErrorCode.NO_PICTURE))
    yield LeftOut(left_out)


def _directory(untrusted_data: bytes, limits: Limits) -> list[ZipInfo]:
    # Where small objects take the last of the memory, CPython 3.11 may unwind for ever, and all of the file is lost to the
    # time limit. So it is not tried.
    named = sum(1 for _ in _NAMED.finditer(untrusted_data))
    if named * _NAMED_BYTES > limits.memory_bytes // _SHARE_OF_MEMORY:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY)
    # Besides its own errors zipfile raises whatever a broken directory makes it stumble over.
    with reading(), ZipFile(io.BytesIO(untrusted_data)) as archive:
        return [file for file in archive.infolist() if not file.is_dir()]


def _content(untrusted_data: bytes, file: ZipInfo, budget: Budget) -> bytes:
    """The bytes of one entry. Its checksum is not looked at: what is broken does not decode, and what does counts.

    Raises `MediaError` `ENCRYPTED`, `UNREAD_ARCHIVE` for a compression that is not read, `TOO_LARGE` or `CORRUPT`.
    """
    if file.flag_bits & _ENCRYPTED:
        raise MediaError(MediaErrorCode.ENCRYPTED)
    start = _start(untrusted_data, file.header_offset)
    most = min(budget.limits.max_bytes, budget.bytes)
    if file.compress_type == ZIP_STORED:
        content = untrusted_data[start : start + min(file.compress_size, most + 1)]
    elif file.compress_type == ZIP_DEFLATED:
        content = _inflated(untrusted_data, start, most)
    else:
        raise MediaError(MediaErrorCode.UNREAD_ARCHIVE)
    budget.bytes -= len(content)
    if len(content) > most:
        raise MediaError(MediaErrorCode.TOO_LARGE)
    return content


def _start(untrusted_data: bytes, header_at: int) -> int:
    """Where the content of the entry begins, whose header is at this place."""
    if not 0 <= header_at <= len(untrusted_data) - _LOCAL_HEADER.size:
        raise MediaError(MediaErrorCode.CORRUPT)
    signature, name, extra = _LOCAL_HEADER.unpack_from(untrusted_data, header_at)
    if signature != b"PK\x03\x04":
        raise MediaError(MediaErrorCode.CORRUPT)
    return header_at + _LOCAL_HEADER.size + int(name) + int(extra)


def _inflated(untrusted_data: bytes, at: int, most: int) -> bytes:
    """Inflate what begins at this place until it ends, or to one byte more than the most."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces = io.BytesIO()
    try:
        while not inflater.eof and pieces.tell() <= most:
            left = inflater.unconsumed_tail
            step = left or untrusted_data[at : at + _STEP_BYTES]
            if not step:
                raise MediaError(MediaErrorCode.CORRUPT)
            if not left:
                at += len(step)
            pieces.write(inflater.decompress(step, most + 1 - pieces.tell()))
    except zlib.error:
        raise MediaError(MediaErrorCode.CORRUPT) from None
    return pieces.getvalue()
