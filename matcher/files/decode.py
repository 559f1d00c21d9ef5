"""Untrusted bytes -> luma, by the one decode rule that every device and server follows (docs/fingerprints.md).

EXIF orientation is applied, ICC profiles are ignored, transparency is laid on white, palettes and CMYK become RGB,
16-bit greys become 8-bit ones, and nothing is scaled. Pillow is used only here.
"""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from matcher import pdq
from matcher.errors import MediaError, MediaErrorCode
from matcher.files.reading import reading

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""The formats that are read, told by the bytes. Pillow knows more, and each more is more to attack."""

LONGEST_SIDE = 65_535
"""JPEG and GIF allow no more. A PNG of 2 KB and a million pixels a side costs seconds and hundreds of megabytes."""

_ANIMATED = ("GIF", "PNG", "WEBP")
_FEWEST_AVERAGED = 1 << 18
"""Samples of a smaller picture are means of few pixels, so that rounding moves more bits; and its colours cost little."""
_SHORTEST_FRAME_MS, _USUAL_FRAME_MS = 10, 100

_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}
"""EXIF orientation -> quarter turns to the left, then whether to mirror left and right."""


@dataclass(frozen=True)
class Limits:
    """What one file may cost. `memory_bytes`, `cpu_s` and `wall_s` are enforced by the sandbox."""

    max_bytes: int = 20 << 20
    max_pixels: int = 100_000_000
    max_stills: int = 600
    frames_per_s: int = 1
    """How many frames of each second of a video are looked at; more where it is registered."""
    memory_bytes: int = 2 << 30
    cpu_s: int = 30
    wall_s: int = 60


@dataclass(frozen=True)
class Picture:
    """A decoded picture: luma as float32 (height x width, 0 to 255), the format its bytes have, and PDQ's samples."""

    luma: NDArray[np.float32]
    format: str
    whole: pdq.Samples


def prepare() -> None:
    """Load all decoders, so that decoding opens no file, and leave limits to us alone."""
    Image.init()
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False


def decode(untrusted_data: bytes, limits: Limits) -> Picture:
    """Raises `MediaError`: `UNSUPPORTED`, `TOO_LARGE` or `CORRUPT`. A file that is cut off is corrupt."""
    with _opened(untrusted_data, limits) as image:
        takes_plane = _is_ycbcr(image) and image.width * image.height >= _FEWEST_AVERAGED
        if takes_plane:
            # The decoder's own luma plane, without the way to RGB and back, takes half the time.
            with reading():
                image.draft("L", image.size)
        luma, format_name = _oriented(_luma(image), _orientation(image)), _format(image)
    whole = pdq.reduce(luma)
    if takes_plane and pdq.hangs_on_rounding(whole):
        # Red, green and blue are whole numbers, and what that moves in the luma tells how such a picture's bits fall.
        with _opened(untrusted_data, limits) as image:
            luma = _oriented(_luma(image), _orientation(image))
        whole = pdq.reduce(luma)
    return Picture(luma, format_name, whole)


def animated_format(untrusted_data: bytes, limits: Limits) -> str | None:
    """The format, if it is an animation: more than one frame. Raises as `decode` does."""
    with _opened(untrusted_data, limits) as image:
        with reading():
            is_animated = image.format in _ANIMATED and getattr(image, "is_animated", False)
        return image.format if is_animated else None


def decode_frames(untrusted_data: bytes, limits: Limits) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Each frame of an animation: how many milliseconds it is shown, and its luma. Raises as `decode` does."""
    with _opened(untrusted_data, limits) as image:
        for number in itertools.count():
            with reading():
                try:
                    image.seek(number)
                except EOFError:
                    return
            luma = _luma(image)
            shown_ms = float(image.info.get("duration", 0))
            # What browsers make of frames that are shorter than that, or of none.
            yield round(shown_ms) if shown_ms > _SHORTEST_FRAME_MS else _USUAL_FRAME_MS, luma


@contextmanager
def _opened(untrusted_data: bytes, limits: Limits) -> Iterator[Image.Image]:
    if len(untrusted_data) > limits.max_bytes:
        raise MediaError(MediaErrorCode.TOO_LARGE)
    prepare()
    # What Pillow has to say of broken metadata changes nothing, and is not for the person who runs this.
    with warnings.catch_warnings(action="ignore"), _read(untrusted_data) as image:
        if image.width * image.height > limits.max_pixels or max(image.size) > LONGEST_SIDE:
            raise MediaError(MediaErrorCode.TOO_LARGE)
        yield image


def _read(untrusted_data: bytes) -> Image.Image:
    with reading():
        try:
            return Image.open(io.BytesIO(untrusted_data), formats=FORMATS)
        except UnidentifiedImageError:
            raise MediaError(MediaErrorCode.UNSUPPORTED) from None


def _luma(image: Image.Image) -> NDArray[np.float32]:
    with reading():
        image.load()
        if image.mode.startswith("I;16") or image.mode == "I":
            # A TIFF may have any whole numbers of 32 bits.
            return np.asarray(np.clip(np.asarray(image, dtype=np.float32) / np.float32(257), 0, 255))
        if image.has_transparency_data:
            image = _on_white(image)
        elif image.mode not in ("L", "RGB"):
            image = image.convert("RGB")
        if image.mode == "L":
            return np.asarray(image).astype(np.float32)
        # Pillow makes 0.299 R + 0.587 G + 0.114 B of it, without rounding.
        return np.asarray(image.convert("F"))


def _format(image: Image.Image) -> str:
    """One of `FORMATS`. Pillow calls a JPEG otherwise that has other pictures behind it: the second of a stereo camera's, a
    depth map or a brighter one, as phones make them.
    """
    return "JPEG" if image.format == "MPO" else str(image.format)


def _is_ycbcr(image: Image.Image) -> bool:
    return _format(image) == "JPEG" and image.mode == "RGB" and image.info.get("adobe_transform", 1) == 1


def _on_white(image: Image.Image) -> Image.Image:
    picture = image.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _orientation(image: Image.Image) -> int:
    try:
        with reading():
            return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except MediaError:
        # A broken EXIF block is no reason to lose the picture; browsers ignore it too.
        return 1


def _oriented(luma: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    turns, mirror = _TURNS.get(orientation, (0, False))
    turned = np.rot90(luma, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirror else turned)
