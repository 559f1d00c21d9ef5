"""Patches to learn from: of photos and of posts in which a part of them is, and of what is over two pictures alike."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import orb_peer
import scenes
from derived import frames
from derived_edits import oval
from edits import telegram
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from turns import FEATURES, SPREAD, found_again, middles

from matcher.photos import gradients, orb
from matcher.photos.features import MAX_KEYPOINTS
from matcher.photos.keypoints import MAX_POSTED, Bytes

PAGE = (1280, 960)
SHARES, SCALE, TURN = (0.1, 0.15, 0.3), (0.6, 1.2), 12
"""Of the photo that is in a post, how large it is there, and by how many degrees it is turned at most, to both sides."""
BRIGHTNESS, CONTRAST = (0.85, 1.2), (0.8, 1.2)
WELL_INSIDE = 0.8
"""Of the squared distance to the oval's edge: beyond it a patch shows too much of what is around."""
LEAST_SIZE = 0.7 * orb.PATCH
"""In a post, in points: what is smaller is not described there."""
LEAST_CORNERS = 5
PLACE_OFF, SIZE_OFF, TURN_OFF = 0.03, 0.05, 0.06
"""By how much a closer look misses (standard deviations): a share of the patch, the logarithm of its size, radians."""
OVERLAYS = ("caption band", "logo", "meme text", "watermark tiled", "sticker 15 %")
OVERLAID = (960, 720)
ALIKE_PATCHES = 0.85
"""Cosine of the values of two patches: those of an overlay that are less alike are told apart anyway."""
ALIKE_PICTURES, SMALL = 0.85, (16, 16)
"""Correlation of two pictures made so small from which on they may be one picture in two files."""
LEAST_PICTURES = 6
"""An overlay is over two, and some are made of up to four others."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Greys = NDArray[np.uint8]
Halves = NDArray[np.float16]
"""Values of patches, n x 144. As exact as is needed, in half of the memory."""
Longs = NDArray[np.int64]
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Pairs:
    """Patches of photos, and the same places in posts: n of each."""

    photo: Halves
    exact: Halves
    """At the very place in the post."""
    jittered: Halves
    """Beside it."""
    found: Halves
    """At the corner found there, the way it is turned itself. Zeros where none is found."""
    photo_orb: Bytes
    """ORB's descriptors of the same (n x 32), by turns of its own, and of the corner found there."""
    found_orb: Bytes
    turn_off: Floats
    """Of the corner found, in radians, to either side; infinite where none is."""
    pictures: Longs
    """Which picture the photo is of. Patches of one picture may be alike."""

    def __len__(self) -> int:
        return len(self.photo)


@dataclass(frozen=True)
class Overlaid:
    """Patches at the same place of two pictures with the same over both, which look alike: n of each."""

    ones: Halves
    others: Halves


def distinct(pictures: Sequence[Image.Image], known: Sequence[Image.Image] = ()) -> list[Image.Image]:
    """Those that look like none before them, nor like one that is known."""
    if not pictures:
        return []
    small = np.stack(
        [np.asarray(one.convert("L").resize(SMALL), dtype=np.float64).ravel() for one in (*known, *pictures)]
    )
    small -= small.mean(axis=1, keepdims=True)
    small /= np.linalg.norm(small, axis=1, keepdims=True) + 1e-6
    is_alike = abs(small @ small.T) >= ALIKE_PICTURES
    kept = list(range(len(known)))
    for number in range(len(known), len(small)):
        if not is_alike[number, kept].any():
            kept.append(number)
    return [pictures[number - len(known)] for number in kept[len(known) :]]


def pairs_of(pictures: Sequence[Image.Image], posts: int, seed: int) -> Pairs:
    """Of all pictures by turns, each post of a number always the same. Raises `SystemExit` where no corner is in a post."""
    order, found = np.random.default_rng([seed, 1]).permutation(len(pictures)), []
    for number in range(posts):
        random = np.random.default_rng([seed, 2, number])
        own = number % len(order)
        other = (own + 1 + int(random.integers(len(order) - 1))) % len(order)
        photo, page = (scenes.crop([pictures[order[one]]], random) for one in (own, other))
        pairs = in_a_post(photo, page, int(order[own]), random)
        if pairs is not None:
            found.append(pairs)
    if not found:
        raise SystemExit("no corner of a photo is in a post: more of --posts, or other pictures, are needed")
    return Pairs(*(np.concatenate([getattr(one, field.name) for one in found]) for field in fields(Pairs)))


def in_a_post(
    photo: Image.Image, page: Image.Image, picture: int, random: np.random.Generator
) -> Pairs | None:
    """None where too few of the photo's corners are in the post."""
    corners, telling = _telling(_greys(photo))
    post, way, is_inside = pasted(photo, page, middles(corners)[telling], random)
    telling = telling[is_inside]
    scale, turned = math.hypot(way[0, 0], way[1, 0]), math.atan2(way[1, 0], way[0, 0])
    telling = telling[corners.sizes[telling] * scale > LEAST_SIZE]
    if len(telling) < LEAST_CORNERS:
        return None
    places, sizes = middles(corners)[telling], corners.sizes[telling].astype(np.float64)
    there, size_there, turn_there = (
        places @ way[:, :2].T + way[:, 2],
        sizes * scale,
        corners.turns[telling] + turned,
    )
    again = orb.detect(_posted(post), MAX_POSTED, orb.OF_POST)
    which, is_found = found_again(there, size_there, middles(again), again.sizes)
    number, rows = len(telling), which[is_found]
    beside = there + random.normal(0, PLACE_OFF, (number, 2)) * size_there[:, None]
    size_beside = size_there * np.exp(random.normal(0, SIZE_OFF, number))
    turn_beside = turn_there + random.normal(0, TURN_OFF, number)
    own, is_own = values_of(corners.pyramid, places, sizes, corners.turns[telling])
    exact, is_exact = values_of(again.pyramid, there, size_there, turn_there)
    jittered, is_jittered = values_of(again.pyramid, beside, size_beside, turn_beside)
    found, turn_off = np.zeros_like(own), np.full(number, np.inf)
    found[is_found], is_whole = values_of(
        again.pyramid, middles(again)[rows], again.sizes[rows].astype(np.float64), again.turns[rows]
    )
    off = abs((again.turns[rows] - turn_there[is_found] + np.pi) % (2 * np.pi) - np.pi)
    turn_off[is_found] = np.where(is_whole, off, np.inf)
    orb_own, orb_found = orb_peer.descriptors_of(corners)[telling], np.zeros((number, 32), dtype=np.uint8)
    orb_found[is_found] = orb_peer.descriptors_of(again)[rows]
    kept = is_own & is_exact & is_jittered
    values = (some[kept].astype(np.float16) for some in (own, exact, jittered, found))
    return Pairs(*values, orb_own[kept], orb_found[kept], turn_off[kept], np.full(int(kept.sum()), picture))


def pasted(
    photo: Image.Image, page: Image.Image, places: Floats, random: np.random.Generator
) -> tuple[Image.Image, Floats, Bools]:
    """An oval of the photo in another picture, how the photo lies there (2 x 3: what is across, down and 1 in it is across
    and down in the post, in points), and which of these places of the photo (n x 2) are in it.
    """
    # An ellipse is pi / 4 of its box.
    side = math.sqrt(float(random.choice(SHARES)) / (math.pi / 4))
    box = np.array([round(length * side) for length in photo.size])
    corner = np.array(
        [random.integers(0, max(1, whole - cut)) for whole, cut in zip(photo.size, box, strict=True)]
    )
    scale = min(float(random.uniform(*SCALE)), *((np.array(PAGE) - 40) / box))
    size = np.rint(box * scale).astype(np.int64)
    part = photo.crop((*corner.tolist(), *(corner + box).tolist()))
    part = part.resize(tuple(size.tolist()), Image.Resampling.BICUBIC)
    part = ImageEnhance.Brightness(part).enhance(float(random.uniform(*BRIGHTNESS)))
    part = ImageEnhance.Contrast(part).enhance(float(random.uniform(*CONTRAST)))
    turn = float(random.uniform(-TURN, TURN))
    part, mask = (one.rotate(-turn, Image.Resampling.BICUBIC) for one in (part, oval(part.size, 0.04)))
    place = np.array([random.integers(0, whole - own + 1) for whole, own in zip(PAGE, size, strict=True)])
    post = page.resize(PAGE)
    post.paste(part, tuple(place.tolist()), mask)
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    bend = np.array(((cosine, -sine), (sine, cosine))) * (size / box)
    middle = corner + box / 2
    way = np.column_stack((bend, place + size / 2 - bend @ middle))
    return post, way, (((places - middle) / (box / 2)) ** 2).sum(axis=1) < WELL_INSIDE


def overlaid_of(pictures: Sequence[Image.Image], number: int, seed: int) -> Overlaid:
    """Of so many couples of pictures. Raises `SystemExit` where nothing looks alike in any."""
    known, ones, others = frames(), [], []
    for couple in range(number):
        random = np.random.default_rng([seed, 3, couple])
        chosen = random.permutation(len(pictures))[:LEAST_PICTURES]
        first, second, *more = (scenes.crop([pictures[one]], random) for one in chosen)
        edit, chance = known[OVERLAYS[couple % len(OVERLAYS)]], int(random.integers(1 << 30))
        one, other = (
            _posted(edit(some.resize(OVERLAID), more, np.random.default_rng(chance)))
            for some in (first, second)
        )
        corners, telling = _telling(one)
        where = (
            middles(corners)[telling],
            corners.sizes[telling].astype(np.float64),
            corners.turns[telling],
        )
        here, is_here = values_of(corners.pyramid, *where)
        there, is_there = values_of(orb.pyramid_of(other), *where)
        kept = is_here & is_there & ((here * there).sum(axis=1) > ALIKE_PATCHES)
        ones.append(here[kept].astype(np.float16))
        others.append(there[kept].astype(np.float16))
    overlaid = Overlaid(np.concatenate(ones), np.concatenate(others))
    if not len(overlaid.ones):
        raise SystemExit("no patch looks alike under one overlay: more of --overlays are needed")
    return overlaid


def _greys(picture: Image.Image) -> Greys:
    return np.asarray(picture.convert("L"))


def _posted(picture: Image.Image) -> Greys:
    return _greys(Image.open(io.BytesIO(telegram(picture))))


def _telling(greys: Greys) -> tuple[orb.Corners, Longs]:
    """All corners, and which of them a photo would be registered by: the strongest, but for what is drawn."""
    corners = orb.detect(greys, FEATURES, SPREAD)
    order = corners.order[:MAX_KEYPOINTS]
    return corners, order[~orb.drawn_over(greys, corners)[order]]


def values_of(
    pyramid: Sequence[Greys], places: Floats, sizes: Floats, turns: Floats
) -> tuple[Singles, Bools]:
    """The 144 values of patches with their middles at these places (n x 2) of a picture, so wide, in its points, and so
    turned, in radians, and whether each is all in the picture.
    """
    levels = np.rint(np.log(sizes / orb.PATCH) / np.log(float(orb.SCALES[1])))
    levels = np.clip(levels, 0, len(pyramid) - 1).astype(np.int64)
    scales = orb.SCALES[levels].astype(np.float64)
    points = places / scales[:, None] - 0.5
    cosine, sine = np.array((np.cos(turns), np.sin(turns))) * sizes / (orb.PATCH * scales)
    axes = np.column_stack((cosine, sine, -sine, cosine))
    found, is_inside = np.zeros((len(places), gradients.VALUES), np.float32), np.zeros(len(places), np.bool_)
    for level in np.unique(levels).tolist():
        rows = np.flatnonzero(levels == level)
        some, are_inside = found[rows], is_inside[rows]
        gradients.values(orb.blurred(pyramid[level]), points[rows], axes[rows], some, are_inside)
        found[rows], is_inside[rows] = some, are_inside
    return found, is_inside
