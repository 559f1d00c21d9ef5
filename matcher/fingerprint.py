"""The values that the matcher makes and compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

PDQ = "pdq"
PDQ_BYTES = 32
MIN_QUALITY = 50
"""Below this a picture is too flat: pairs of different flat pictures match by accident (ThreatExchange's cut-off)."""


WHOLE = "whole"
QUADRANT = "quadrant"


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
    """A perceptual hash. `bits` are 32 bytes, most significant bit first; they never show in a `repr`.

    Raises `ValueError` for another kind or length: such values come only from our own mistakes.
    """

    kind: str
    bits: bytes = field(repr=False)
    quality: int | None = None
    """0 to 100, None where whoever made the hash did not say."""

    def __post_init__(self) -> None:
        if self.kind != PDQ or len(self.bits) != PDQ_BYTES:
            raise ValueError("a fingerprint is 32 bytes of PDQ")

    @property
    def hex(self) -> str:
        return self.bits.hex()


@dataclass(frozen=True)
class View:
    """One way to look at a posted picture, and what it hashes to."""

    name: str
    orientation: Orientation
    bits: bytes = field(repr=False)
    quality: int


@dataclass(frozen=True)
class MediaFingerprint:
    """A posted picture's views; the first is the whole picture, upright."""

    format: str
    width: int
    height: int
    views: tuple[View, ...]

    @property
    def quality(self) -> int:
        return self.views[0].quality

    @property
    def fingerprint(self) -> Fingerprint:
        """The whole picture's."""
        return Fingerprint(PDQ, self.views[0].bits, self.views[0].quality)

    @property
    def parts(self) -> tuple[Fingerprint, ...]:
        """What a victim registers: the whole and its quadrants, without those that are too flat.

        What a sticker or a small edit spoils in one, another keeps.
        """
        return tuple(
            Fingerprint(PDQ, view.bits, view.quality)
            for view in self.views
            if view.name in (WHOLE, QUADRANT)
            and view.orientation is Orientation.UPRIGHT
            and view.quality >= MIN_QUALITY
        )
