"""What is kept of a posted file so that it can be compared later: its hashes by PDQ as bytes, and no picture.

The form is: version, number of stills and of views; each still's numbers; each view's name, orientation and quality;
and all bits one after the other, so that many files are searched for in one. It outlives the program that wrote it, so
its numbers for names and orientations stay: new ones are added at the end, and none is taken out.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

from matcher.fingerprint import MIN_QUALITY, WHOLE, MediaFingerprint, Orientation, Still, StillKind, View
from matcher.framing import INSIDE, PAGE, SCREEN
from matcher.index import Index
from matcher.kinds import PDQ, PDQ_BYTES
from matcher.regions import TRIMMED

T = TypeVar("T")

_VERSION = 1
_HEAD = struct.Struct(">BII")
"""Version, number of stills, number of views."""
_STILL = struct.Struct(">BIIIIHH")
"""Kind, width, height, at, until, samples, number of views."""
_VIEW = struct.Struct(">BBB")
"""Name, orientation, quality."""
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
)
"""Views by their number here, those that are not made any more among them."""
_KINDS = tuple(StillKind)
_ORIENTATIONS = tuple(Orientation)
_OF_FRAMES = (WHOLE, PAGE, TRIMMED, SCREEN, INSIDE)
"""A video has thousands of frames, and what it shows is seen in many of them: their parts are left out."""
_FORMAT = "seen"


def pack_seen(media: MediaFingerprint) -> bytes:
    """The bytes to keep: 35 a view, of about 110 views of a photo. Empty where nothing can be compared.

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
            *(
                _VIEW.pack(_NAMES.index(view.name), _ORIENTATIONS.index(view.orientation), view.quality)
                for view in all_views
            ),
            *(view.bits for view in all_views),
        ]
    )


def unpack_seen(data: bytes) -> MediaFingerprint:
    """The file as far as it was kept, to be judged. Raises `ValueError` for what `pack_seen` has not made."""
    stills, number = _numbers(data)
    at = _HEAD.size + stills * _STILL.size
    rows = _VIEW.iter_unpack(data[at : at + number * _VIEW.size])
    bits = _hashes(data)
    views = [
        View(
            _one_of(_NAMES, name),
            _one_of(_ORIENTATIONS, orientation),
            bits[place * PDQ_BYTES : (place + 1) * PDQ_BYTES],
            quality,
        )
        for place, (name, orientation, quality) in enumerate(rows)
    ]
    return MediaFingerprint(_FORMAT, tuple(_stills(data[_HEAD.size : at], views)))


def near_seen(kept: Sequence[bytes], index: Index, margin_bits: int) -> list[int]:
    """Which of these files have a view within reach of a fingerprint, by their place.

    Whether they match, `judge` says; most files are done with here. Raises `ValueError` for what `pack_seen` has not made.
    """
    numbers = [_numbers(data)[1] for data in kept]
    queries = b"".join(map(_hashes, kept))
    found = {match.query for match in index.search(queries, margin_bits)}
    return list(_holders(numbers, found))


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
        if is_kept and view.kind == PDQ and view.quality >= MIN_QUALITY:
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


def _hashes(data: bytes) -> bytes:
    """The bits of all views, 32 bytes each."""
    _, number = _numbers(data)
    return data[len(data) - number * PDQ_BYTES :]


def _numbers(data: bytes) -> tuple[int, int]:
    """How many stills and views."""
    if len(data) < _HEAD.size:
        raise ValueError("too short to be anything that was kept")
    version, stills, views = _HEAD.unpack_from(data)
    if version != _VERSION:
        raise ValueError("kept in a form that is not known")
    if len(data) != _HEAD.size + stills * _STILL.size + views * (_VIEW.size + PDQ_BYTES):
        raise ValueError("not as long as it says")
    return stills, views


def _one_of(known: Sequence[T], number: int) -> T:
    if number >= len(known):
        raise ValueError("a number that stands for nothing")
    return known[number]
