"""A person's own file -> what is registered of the photo, or why it cannot be. In this process, without the sandbox."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.errors import MediaError, MediaErrorCode
from matcher.files.decode import Limits, decode
from matcher.fingerprint import Fingerprint, Still, StillKind
from matcher.hashtext import HashTextError, HashTextReason
from matcher.look import look
from matcher.photos.features import (
    MAX_KEYPOINTS,
    MIN_KEYPOINTS,
    PhotoFeatures,
    PhotoRefusal,
    PhotoRefused,
    parse_photo,
)
from matcher.photos.furniture import is_furniture
from matcher.photos.keypoints import Bytes, Greys
from matcher.photos.orb import OF_PHOTO, Corners, described, detect, drawn_over, greys_of, quantised
from matcher.photos.trim import trimmed

_MORE = 2
"""So many times as many as are kept are looked at."""
_TWIN_BITS = 40
_TWIN_APART = 0.25
"""Of the patch: what is nearer is the same place in two sizes."""

_MOST_WRITTEN = 0.12
"""Bars with something on them, as a share of the height: a caption is trimmed, but a screenshot is not the photo."""
_MOST_FURNITURE = 0.06
"""Of 78 photos not tuned on the most was 0.04, of screenshots the least 0.09."""
_MOST_TWINS, _ALL_TWINS = 0.7, 0.9
"""Of those photos the most was 0.64, of bricks and chessboards the least 0.74."""
_GREYS, _MOST_OF_THREE = 32, 0.85
"""Of so many greys the three most frequent: 0.75 at most of those photos, 0.93 and more of text, icons and flags."""


def photo_features(untrusted_data: bytes, limits: Limits) -> PhotoFeatures:
    """Raises `MediaError` where it is no picture that we read, and `PhotoRefused`."""
    try:
        return features_of(decode(untrusted_data, limits).luma)
    except MemoryError:
        raise MediaError(MediaErrorCode.OUT_OF_MEMORY) from None


def features_of(luma: NDArray[np.float32]) -> PhotoFeatures:
    """The same of a picture that is decoded already (height x width, 0 to 255). Raises `PhotoRefused`."""
    left = trimmed(np.clip(luma + np.float32(0.5), 0, 255).astype(np.uint8))
    photo = np.ascontiguousarray(left.of(luma))
    height, width = photo.shape
    greys = greys_of(photo)
    corners = detect(greys, _MORE * MAX_KEYPOINTS, OF_PHOTO)
    is_drawn = _is_drawn(greys)
    # What is faint adds to the others, and alone it would not be found again.
    clear = corners.order[: corners.clear]
    if len(clear) < MIN_KEYPOINTS:
        raise PhotoRefused(PhotoRefusal.FLAT if is_drawn or not len(clear) else PhotoRefusal.TOO_FEW)
    descriptors, _ = described(corners)
    has_twin = _has_twin(descriptors, corners)
    furniture = is_furniture(descriptors)
    reason = _refusal(float(has_twin[clear].mean()), float(furniture[clear].mean()), left.written, is_drawn)
    if reason is not None:
        raise PhotoRefused(reason)
    is_kept = ~(has_twin | furniture | drawn_over(greys, corners))[corners.order]
    kept = corners.order[is_kept][:MAX_KEYPOINTS]
    if np.count_nonzero(is_kept[: corners.clear]) < MIN_KEYPOINTS:
        raise PhotoRefused(PhotoRefusal.TOO_FEW)
    places, sizes, turns = quantised(corners)
    try:
        return PhotoFeatures(
            width, height, places[kept], sizes[kept], turns[kept], descriptors[kept], _hashes(luma)
        )
    except HashTextError:
        raise PhotoRefused(PhotoRefusal.TOO_FEW) from None


def accepted_photo(untrusted_text: str) -> PhotoFeatures:
    """The features of a `PHOTO1:` line from somebody's own device, without those that look like furniture: a browser
    does not know it. Raises `HashTextError`.
    """
    photo = parse_photo(untrusted_text)
    furniture = is_furniture(photo.descriptors)
    if not furniture.any():
        return photo
    kept = ~furniture
    if furniture.mean() >= _MOST_FURNITURE or kept.sum() < MIN_KEYPOINTS:
        raise HashTextError(HashTextReason.LOW_QUALITY)
    return replace(
        photo,
        places=photo.places[kept],
        sizes=photo.sizes[kept],
        turns=photo.turns[kept],
        descriptors=photo.descriptors[kept],
    )


def _hashes(luma: NDArray[np.float32]) -> tuple[Fingerprint, ...]:
    """As `jikimi hash` makes them, of the picture with its bars; none of what is flat."""
    try:
        views = look(luma)
    except MediaError:
        return ()
    return Still(StillKind.PICTURE, luma.shape[1], luma.shape[0], views).parts


def _refusal(twins: float, furniture: float, written: float, is_drawn: bool) -> PhotoRefusal | None:
    if twins >= _ALL_TWINS:
        return PhotoRefusal.PATTERN
    if furniture >= _MOST_FURNITURE or written >= _MOST_WRITTEN:
        return PhotoRefusal.SCREENSHOT
    if is_drawn:
        return PhotoRefusal.TEXT
    return PhotoRefusal.PATTERN if twins >= _MOST_TWINS else None


def _is_drawn(greys: Greys) -> bool:
    counts = np.sort(np.bincount(greys.ravel() // (256 // _GREYS), minlength=_GREYS))
    return bool(counts[-3:].sum() >= _MOST_OF_THREE * greys.size)


def _has_twin(descriptors: Bytes, corners: Corners) -> NDArray[np.bool_]:
    """Which look like another place of the same photo: edges, patterns and letters, which say nothing of where."""
    points, patches = corners.places, corners.sizes
    bits = np.unpackbits(descriptors, axis=1).astype(np.float32)
    total = bits.sum(axis=1)
    apart_bits = total[:, None] + total[None, :] - 2 * bits @ bits.T
    one, other = np.nonzero(np.triu(apart_bits < _TWIN_BITS, 1))
    apart = np.hypot(*(points[one] - points[other]).T)
    elsewhere = apart >= _TWIN_APART * np.maximum(patches[one], patches[other])
    found = np.zeros(len(points), dtype=np.bool_)
    found[one[elsewhere]] = found[other[elsewhere]] = True
    return found
