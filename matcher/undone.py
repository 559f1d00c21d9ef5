"""What a posted picture may have been before somebody covered, tilted or cropped it a little.

All of it is tried on the samples that PDQ has taken already, so that a guess costs next to nothing. A guess need not be
right: PDQ forgives what is left of the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher import pdq
from matcher.fingerprint import Orientation
from matcher.pdq import SIDE, Floats, Samples

CROPPED, TILTED, COVERED = "cropped", "tilted", "covered"

Mask = NDArray[np.bool_]

_CROPS = (0.045, 0.095)
"""So much of each side may be gone, or of one side."""
_PLACES = (0.1, 0.5, 0.9)
"""And so much of that at its beginning."""
_TILTS_DEGREES = (-4.0, -2.0, 2.0, 4.0)
"""PDQ forgives one degree."""
_FLAT = 2.5
"""Samples that differ by less from all of their neighbours are of one colour."""
_COLOUR = 5
"""And so are those within this of a colour that is frequent."""
_LEAST_COVER = 0.02
_MOST_COVER = 0.3
_MOST_OF_PART = 0.6
_MOST_COVERS = 4
_CLOSED = 3
"""Holes up to twice as many samples wide (eyes, letters) belong to a cover."""
_EDGE = 2
"""So many samples around it are mixed with its colour."""


def uncropped(whole: Samples) -> list[list[tuple[Orientation, bytes]]]:
    """Hashes of the picture as if a little of its sides were gone: its edges are drawn out to fill the place."""
    return pdq.hashes_through(whole, *_crops())


def untilted(whole: Samples, aspect: float) -> list[list[tuple[Orientation, bytes]]]:
    """Hashes of the picture turned back by a few degrees. `aspect` is its width divided by its height."""
    return pdq.hashes_of([Samples(_turned(whole.flips[:2], by, aspect)) for by in _TILTS_DEGREES])


def uncovered(parts: Sequence[Samples]) -> list[Samples]:
    """The whole picture and its four quadrants (left to right and down) without what may be a sticker or a bar.

    A cover is of one colour; its place is filled in from around it.
    """
    flips, masks = [], []
    for cover in _covers(parts[0].upright):
        for samples, mask in zip(parts, (cover, *_quarters(cover)), strict=True):
            if 0 < mask.mean() <= _MOST_OF_PART:
                flips.append(samples.flips[:2])
                masks.append(np.stack([mask, mask[:, ::-1]]))
    if not flips:
        return []
    filled = _filled(np.concatenate(flips), np.concatenate(masks))
    return [Samples(both) for both in filled.reshape(-1, 2, SIDE, SIDE)]


@lru_cache(maxsize=1)
def _crops() -> tuple[Floats, Floats]:
    """Matrices (n x 64 x 64) that draw rows, and others that draw columns."""
    rows, columns = [], []
    for share in _CROPS:
        both = [_drawn(share, place) for place in _PLACES]
        rows += [row for row in both for _ in both]
        columns += both * len(both)
        for end in (0.0, 1.0):
            rows += [_drawn(share, end), _drawn(0.0, 0.0)]
            columns += [_drawn(0.0, 0.0), _drawn(share, end)]
    return np.stack(rows), np.stack(columns)


def _drawn(share: float, place: float) -> Floats:
    """Samples along one side of what was there before a share of it was cut off, as far as they can be told."""
    middles = (np.arange(SIDE) + 0.5) / SIDE
    at = np.clip((middles - share * place) / (1 - share) * SIDE - 0.5, 0, SIDE - 1)
    before = np.minimum(at.astype(int), SIDE - 2)
    matrix = np.zeros((SIDE, SIDE), dtype=np.float32)
    matrix[np.arange(SIDE), before] = 1 - (at - before)
    matrix[np.arange(SIDE), before + 1] = at - before
    return matrix


def _turned(flips: Floats, degrees: float, aspect: float) -> Floats:
    at, weights = _tilt(degrees, aspect)
    values = flips.reshape(len(flips), -1).take(at, axis=1)
    values *= weights
    return np.asarray(values.sum(axis=1))


@lru_cache(maxsize=64)
def _tilt(degrees: float, aspect: float) -> tuple[NDArray[np.int64], Floats]:
    """For each sample of a picture turned back the four it lies between, and how much of each it is (4 x 64 x 64)."""
    middles = (np.arange(SIDE) + 0.5) / SIDE - 0.5
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    across, down = middles[None, :] * aspect, middles[:, None]
    rows = np.clip((sine * across + cosine * down + 0.5) * SIDE - 0.5, 0, SIDE - 1)
    columns = np.clip(((cosine * across - sine * down) / aspect + 0.5) * SIDE - 0.5, 0, SIDE - 1)
    row, column = np.minimum(rows.astype(int), SIDE - 2), np.minimum(columns.astype(int), SIDE - 2)
    lower, right = rows - row, columns - column
    first = row * SIDE + column
    weights = ((1 - right) * (1 - lower), right * (1 - lower), (1 - right) * lower, right * lower)
    return np.stack((first, first + 1, first + SIDE, first + SIDE + 1)), np.stack(weights).astype(np.float32)


def _covers(samples: Floats) -> Iterator[Mask]:
    """Where the samples are of one colour, the most frequent first."""
    flat = np.ones(samples.shape, dtype=np.bool_)
    for axis in (0, 1):
        even = np.abs(np.diff(samples, axis=axis)) < _FLAT
        flat &= np.insert(even, 0, True, axis=axis) & np.insert(even, SIDE - 1, True, axis=axis)
    colours = np.bincount(np.clip(samples[flat], 0, 255).astype(int), minlength=256)
    frequent = np.convolve(colours, np.ones(2 * _COLOUR + 1), "same")
    for _ in range(_MOST_COVERS):
        colour = int(frequent.argmax())
        if frequent[colour] < _LEAST_COVER * SIDE * SIDE:
            return
        frequent[max(0, colour - 3 * _COLOUR) : colour + 3 * _COLOUR + 1] = 0
        found = flat & (np.abs(samples - colour) <= _COLOUR)
        if found.mean() <= _MOST_COVER:
            yield ~_grown(~_grown(found, _CLOSED), _CLOSED - _EDGE)


def _grown(mask: Mask, steps: int) -> Mask:
    for _ in range(steps):
        grown = mask.copy()
        grown[1:] |= mask[:-1]
        grown[:-1] |= mask[1:]
        grown[:, 1:] |= mask[:, :-1]
        grown[:, :-1] |= mask[:, 1:]
        mask = grown
    return mask


def _quarters(cover: Mask) -> Iterator[Mask]:
    half = SIDE // 2
    for top in (0, half):
        for left in (0, half):
            yield _grown(cover[top : top + half, left : left + half].repeat(2, axis=0).repeat(2, axis=1), 1)


def _filled(flips: Floats, masks: Mask) -> Floats:
    """Samples with those under the masks made up from coarser and coarser means of the others (push-pull)."""
    levels = [(np.where(masks, np.float32(0), flips), (~masks).astype(np.float32))]
    while levels[-1][0].shape[-1] > 1:
        values, weights = levels[-1]
        total = _fours(values * weights)
        number = _fours(weights)
        levels.append((total / np.maximum(number, np.float32(1e-6)), np.minimum(number, np.float32(1))))
    filled = levels[-1][0]
    for values, weights in levels[-2::-1]:
        filled = values * weights + _smooth(filled.repeat(2, axis=1).repeat(2, axis=2)) * (1 - weights)
    return np.asarray(filled)


def _fours(values: Floats) -> Floats:
    pairs = values[:, ::2] + values[:, 1::2]
    return np.asarray(pairs[:, :, ::2] + pairs[:, :, 1::2])


def _smooth(values: Floats) -> Floats:
    ends = np.arange(-1, values.shape[1] + 1).clip(0, values.shape[1] - 1)
    padded = values.take(ends, axis=1).take(ends, axis=2)
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return np.asarray((rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / np.float32(16))
