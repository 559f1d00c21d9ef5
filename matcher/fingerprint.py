"""The values that the matcher makes and compares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from matcher.framing import INSIDE, INSIDE_QUADRANT, PAGE, SCREEN
from matcher.kinds import KINDS, PDQ
from matcher.photos.keypoints import LocalFeatures
from matcher.plain import is_plain

MIN_QUALITY = 50
"""Below this a picture is too flat: pairs of different flat pictures match by accident (ThreatExchange's cut-off)."""
_MOST_GREYS_BYTES = 64 << 20
"""Of the pictures that a file shows, so much is kept to be looked at closely: 50 of the largest."""

WHOLE = "whole"
QUADRANT = "quadrant"
_REGISTERED = (WHOLE, QUADRANT, INSIDE, INSIDE_QUADRANT)


class Orientation(StrEnum):
    """How the posted picture stands, relative to the registered one. Turns are clockwise, after any mirroring."""

    UPRIGHT = "upright"
    TURNED_90 = "turned_90"
    TURNED_180 = "turned_180"
    TURNED_270 = "turned_270"
    MIRRORED = "mirrored"
    MIRRORED_TURNED_90 = "mirrored_turned_90"
    MIRRORED_TURNED_180 = "mirrored_turned_180"
    MIRRORED_TURNED_270 = "mirrored_turned_270"


@dataclass(frozen=True)
class Fingerprint:
    """A perceptual hash of one of `KINDS`. `bits` are of PDQ 32 bytes, most significant bit first; they never show in
    a `repr`.

    Raises `ValueError` for another kind or length: such values come only from our own mistakes.
    """

    kind: str
    bits: bytes = field(repr=False)
    quality: int | None = None
    """0 to 100, None where whoever made the hash did not say."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or len(self.bits) != KINDS[self.kind].length:
            raise ValueError("no fingerprint is of this kind and length")

    @property
    def hex(self) -> str:
        return self.bits.hex()


@dataclass(frozen=True)
class VideoFingerprint:
    """What is registered of a video: frames as hashes, each with its milliseconds from the start, in order."""

    duration_ms: int
    frames: tuple[tuple[int, Fingerprint], ...]


@dataclass(frozen=True)
class View:
    """One way to look at a posted picture, and what it hashes to."""

    name: str
    orientation: Orientation
    bits: bytes = field(repr=False)
    quality: int
    kind: str = PDQ
    spread: int = 100
    """Over how much of the view its contrast is spread, in percent, by PDQ (`matcher.pdq.spreads_of`)."""


class StillKind(StrEnum):
    """What a still is of the file that shows it."""

    PICTURE = "picture"
    """The file itself."""
    FRAME = "frame"
    """A moment of a video or an animation."""
    ENTRY = "entry"
    """A file in an archive."""
    PAGE = "page"
    """A page of a document."""


@dataclass(frozen=True)
class Still:
    """One picture that a file shows, and its views; the first is the whole of it, upright, by PDQ."""

    kind: StillKind
    width: int
    height: int
    views: tuple[View, ...]
    at: int = 0
    """Of a frame the milliseconds from the start; of an entry or a page its number, from 1."""
    until: int = 0
    """Of a frame the milliseconds up to which it stays nearly the same."""
    samples: int = 1
    """Of how many frames that were looked at it is the first, all nearly the same."""
    local: tuple[LocalFeatures, ...] = field(default=(), repr=False)
    """Where photos are searched for: in the picture as it is first, then in copies of other shapes."""

    @property
    def parts(self) -> tuple[Fingerprint, ...]:
        """What a victim registers of a picture: the whole and its quadrants, without those that are too flat or plain.

        What a sticker or a small edit spoils in one, another keeps. Of what is framed the inside is registered, too,
        and of the screen of an app nothing else (`matcher.framing`).
        """
        names = {view.name for view in self.views}
        registered = (SCREEN, INSIDE_QUADRANT) if SCREEN in names else _REGISTERED
        return tuple(
            Fingerprint(PDQ, view.bits, view.quality)
            for view in self.views
            if view.kind == PDQ
            and view.name in registered
            and view.orientation is Orientation.UPRIGHT
            and view.quality >= MIN_QUALITY
            and not is_plain(view.bits)
            and not self.is_page
        )

    @property
    def is_page(self) -> bool:
        """Whether it is a screen or a page of text with no picture in it, which is not registered."""
        return self.views[0].name == PAGE


@dataclass(frozen=True)
class Head:
    """What a file is, known before what it shows."""

    format: str
    duration_ms: int = 0
    """Of a video or an animation."""


@dataclass(frozen=True)
class LeftOut:
    """How many pictures of a file could not be looked at: entries that are broken or encrypted, whatever is beyond
    the limits.
    """

    number: int


Shown = Head | Still | LeftOut
"""What looking at a file yields, in this order: one head, any number of stills, and how many were left out."""


@dataclass(frozen=True)
class MediaFingerprint:
    """Everything that a file shows: one still for a picture, many for a video, an archive or a document."""

    format: str
    stills: tuple[Still, ...]
    duration_ms: int = 0
    left_out: int = 0

    @property
    def fingerprint(self) -> Fingerprint:
        """The first still's, as a whole."""
        whole = self.stills[0].views[0]
        return Fingerprint(PDQ, whole.bits, whole.quality)

    @property
    def parts(self) -> tuple[Fingerprint, ...]:
        """What a victim registers of a picture, or of all pictures in an archive or a document; see `Still.parts`."""
        pictures = [still for still in self.stills if still.kind is not StillKind.FRAME] or self.stills[:1]
        return tuple(part for still in pictures for part in still.parts)

    @property
    def frames(self) -> tuple[tuple[int, Fingerprint], ...]:
        """What a victim registers of a video: each still as a whole, and when it comes (milliseconds)."""
        return tuple(
            (still.at, Fingerprint(PDQ, still.views[0].bits, still.views[0].quality))
            for still in self.stills
            if still.kind is StillKind.FRAME
            and still.views[0].quality >= MIN_QUALITY
            and not is_plain(still.views[0].bits)
        )


def collect(shown: Iterable[Shown]) -> MediaFingerprint:
    """Put together what looking at a file yielded. Raises `ValueError` where that is out of order."""
    head: Head | None = None
    stills: list[Still] = []
    left_out = kept_bytes = 0
    for one in shown:
        if isinstance(one, Head) is not (head is None) or left_out:
            raise ValueError("a head comes first, and only once; nothing follows what was left out")
        match one:
            case Head():
                head = one
            case Still():
                kept_bytes += sum(local.greys.nbytes for local in one.local if local.greys is not None)
                stills.append(one if kept_bytes <= _MOST_GREYS_BYTES else _without_greys(one))
            case LeftOut(number):
                left_out = number
    if head is None or not stills:
        raise ValueError("no head or no still")
    return MediaFingerprint(head.format, tuple(stills), head.duration_ms, left_out)


def _without_greys(still: Still) -> Still:
    return replace(still, local=tuple(replace(local, greys=None) for local in still.local))
