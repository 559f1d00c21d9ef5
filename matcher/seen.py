"""What is kept of a posted file so that it can be compared later: its hashes as bytes, and no picture.

The form is: version, number of stills and of views; each still's numbers; each view's name, orientation and quality; and
all bits one after the other, 32 bytes each, so that many files are searched for in one. Views have had their kind of hash
since the second version and their spread since the third, which is the one that is written. The forms outlive the
program that wrote them, so their numbers for names, orientations and kinds stay: new ones are added at the end, and none is
taken out.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from matcher.fingerprint import MIN_QUALITY, WHOLE, MediaFingerprint, Orientation, Still, StillKind, View
from matcher.framing import INSIDE, PAGE, SCREEN
from matcher.index import Index
from matcher.kinds import KINDS, PDQ, PDQ_BYTES, padded
from matcher.regions import TRIMMED

T = TypeVar("T")

_HASHES = (PDQ, "phash", "phash256", "dhash")
_HEAD = struct.Struct(">BII")
"""Version, number of stills, number of views."""
_STILL = struct.Struct(">BIIIIHH")
"""Kind, width, height, at, until, samples, number of views."""
_VIEWS = {1: struct.Struct(">BBB"), 2: struct.Struct(">BBBB"), 3: struct.Struct(">BBBBB")}
"""By version: name, orientation, quality, then the kind of hash, then the spread."""
_VERSION = 3
_KIND_AT = 3
_UNTOLD = (0, 0, 0, _HASHES.index(PDQ), 100)
"""What the views of a version are that does not say it."""
_NAMES = (
    "whole",
    "quadrant",
    "half",
    "trimmed",
    "cell",
    "inner",
    "cropped",
    "tilted",
    "covered",
    "page",
    "screen",
    "inside",
    "inside_quadrant",
    "collage",
)
"""Views by their number here, those that are not made any more among them."""
_KINDS = tuple(StillKind)
_ORIENTATIONS = tuple(Orientation)
_OF_FRAMES = (WHOLE, PAGE, TRIMMED, SCREEN, INSIDE)
"""A video has thousands of frames, and what it shows is seen in many of them: their parts are left out."""
_FORMAT = "seen"


def pack_seen(media: MediaFingerprint) -> bytes:
    """The bytes to keep: 37 a view, of about 110 views of a photo. Empty where nothing can be compared.

    Views that are too flat ever to be compared are left out, and of the frames of videos their parts.
    """
    kept = [(still, views) for still in media.stills if (views := list(_views(still)))]
    if not kept:
        return b""
    all_views = [view for _, views in kept for view in views]
    return b"".join(
        [
            _HEAD.pack(_VERSION, len(kept), len(all_views)),
            *(_pack_still(still, len(views)) for still, views in kept),
            *(_pack_view(view) for view in all_views),
            *(padded(view.bits) for view in all_views),
        ]
    )


def unpack_seen(data: bytes) -> MediaFingerprint:
    """The file as far as it was kept, to be judged. Raises `ValueError` for what `pack_seen` has not made."""
    version, stills, number = _numbers(data)
    at = _HEAD.size + stills * _STILL.size
    rows = _VIEWS[version].iter_unpack(data[at : len(data) - number * PDQ_BYTES])
    bits = _hashes(data, number)
    views = [_view(row, bits[place * PDQ_BYTES : (place + 1) * PDQ_BYTES]) for place, row in enumerate(rows)]
    return MediaFingerprint(_FORMAT, tuple(_stills(data[_HEAD.size : at], views)))


def near_seen(kept: Sequence[bytes], indexes: Mapping[str, Index], margin_bits: int) -> list[int]:
    """Which of these files have a view within reach of a fingerprint of its kind, by their place; `margin_bits` is as in
    `judge`, which says whether they match. Most files are done with here. Raises `ValueError` for what `pack_seen` has not
    made.
    """
    near: set[int] = set()
    for kind, index in indexes.items():
        if not len(index):
            continue
        queries = [_of_kind(data, kind) for data in kept]
        found = {match.query for match in index.search(b"".join(queries), margin_bits if kind == PDQ else 0)}
        near.update(_holders([len(bits) // PDQ_BYTES for bits in queries], found))
    return sorted(near)


def _holders(numbers: Sequence[int], queries: Collection[int]) -> Iterator[int]:
    """The places of those that hold one of the queries, where each holds so many of them in turn."""
    end, waiting = 0, sorted(queries, reverse=True)
    for place, number in enumerate(numbers):
        end += number
        if waiting and waiting[-1] < end:
            yield place
            while waiting and waiting[-1] < end:
                waiting.pop()


def _views(still: Still) -> Iterator[View]:
    for view in still.views:
        is_kept = still.kind is not StillKind.FRAME or view.name in _OF_FRAMES
        if is_kept and view.quality >= MIN_QUALITY:
            yield view


def _pack_still(still: Still, views: int) -> bytes:
    return _STILL.pack(
        _KINDS.index(still.kind),
        still.width,
        still.height,
        still.at,
        still.until,
        min(still.samples, 0xFFFF),
        views,
    )


def _pack_view(view: View) -> bytes:
    names = _NAMES.index(view.name), _ORIENTATIONS.index(view.orientation)
    return _VIEWS[_VERSION].pack(*names, view.quality, _HASHES.index(view.kind), view.spread)


def _view(row: tuple[int, ...], bits: bytes) -> View:
    name, orientation, quality, hashed_by, spread = (*row, *_UNTOLD[len(row) :])
    kind = _one_of(_HASHES, hashed_by)
    return View(
        _one_of(_NAMES, name),
        _one_of(_ORIENTATIONS, orientation),
        bits[: KINDS[kind].length],
        quality,
        kind,
        spread,
    )


def _stills(rows: bytes, views: Sequence[View]) -> Iterator[Still]:
    start = 0
    for kind, width, height, at, until, samples, number in _STILL.iter_unpack(rows):
        if not number or not samples:
            raise ValueError("a still without views or samples")
        own = tuple(views[start : start + number])
        start += number
        yield Still(_one_of(_KINDS, kind), width, height, own, at, until, samples)
    if start != len(views):
        raise ValueError("views that belong to no still")


def _of_kind(data: bytes, kind: str) -> bytes:
    """The bits of all views of this kind, 32 bytes each."""
    version, stills, number = _numbers(data)
    bits = _hashes(data, number)
    if version == 1:
        return bits if kind == PDQ else b""
    at = _HEAD.size + stills * _STILL.size
    kinds = data[at + _KIND_AT : len(data) - len(bits) : _VIEWS[version].size]
    own = _HASHES.index(kind)
    return b"".join(
        bits[place * PDQ_BYTES : (place + 1) * PDQ_BYTES] for place, one in enumerate(kinds) if one == own
    )


def _hashes(data: bytes, number: int) -> bytes:
    """The bits of all views, 32 bytes each."""
    return data[len(data) - number * PDQ_BYTES :]


def _numbers(data: bytes) -> tuple[int, int, int]:
    """Version, and how many stills and views."""
    if len(data) < _HEAD.size:
        raise ValueError("too short to be anything that was kept")
    version, stills, views = _HEAD.unpack_from(data)
    if version not in _VIEWS:
        raise ValueError("kept in a form that is not known")
    if len(data) != _HEAD.size + stills * _STILL.size + views * (_VIEWS[version].size + PDQ_BYTES):
        raise ValueError("not as long as it says")
    return version, stills, views


def _one_of(known: Sequence[T], number: int) -> T:
    if number >= len(known):
        raise ValueError("a number that stands for nothing")
    return known[number]
