"""Other kinds of hashes: the same bits as ImageHash, and only those that are wanted."""

from __future__ import annotations

import dataclasses
import io

import imagehash
import numpy as np
import pytest
from clips import SIZE, animation, still, video
from pictures import drawing, encoded, picture, varied
from PIL import Image, ImageOps

from matcher import (
    KINDS,
    PDQ,
    Band,
    Fingerprint,
    Index,
    Limits,
    MediaFingerprint,
    Orientation,
    fingerprint_bytes,
    judge,
    kinds,
    padded,
)
from matcher.foreign import foreign_views

OTHERS = [kind for kind in KINDS.values() if kind.name != PDQ]
ORACLE = {
    "phash": imagehash.phash,
    "phash256": lambda image: imagehash.phash(image, hash_size=16),
    "dhash": imagehash.dhash,
}


def test_every_kind_but_pdq_has_an_oracle() -> None:
    assert set(ORACLE) == {kind.name for kind in OTHERS}


def test_hashes_have_the_bits_and_the_text_of_imagehash() -> None:
    for image in varied():
        grey = image.convert("L")
        for kind in OTHERS:
            assert kind.hashed is not None
            bits = kind.hashed(np.asarray(grey))
            assert bits.hex() == str(ORACLE[kind.name](grey))
            assert len(bits) == kind.length


def test_a_posted_picture_hashes_as_imagehash_reads_it_from_the_file() -> None:
    """Of a JPEG not bit by bit: the decoder's own luma is not quite what its colours give."""
    for seed in range(12):
        for image in (picture(seed, (500, 400)), drawing(seed, (600, 420))):
            for data, is_exact in ((encoded(image, "PNG"), True), (encoded(image, "JPEG"), False)):
                read, mirror = Image.open(io.BytesIO(data)), ImageOps.mirror(image)
                media = fingerprint_bytes(data, Limits(), [kind.name for kind in OTHERS])
                for kind in OTHERS:
                    [upright, mirrored] = of_kind(media, kind.name)
                    oracle = int(str(ORACLE[kind.name](read)), 16)
                    allowed_bits = 0 if is_exact else kind.bits // 64 * 2
                    assert (int.from_bytes(upright) ^ oracle).bit_count() <= allowed_bits
                    assert not is_exact or mirrored.hex() == str(ORACLE[kind.name](mirror))


def views(data: bytes, kind: str) -> list[bytes]:
    return of_kind(fingerprint_bytes(data, Limits(), [kind]), kind)


def of_kind(media: MediaFingerprint, kind: str) -> list[bytes]:
    found = [view for view in media.stills[0].views if view.kind == kind]
    assert [view.orientation for view in found] == [Orientation.UPRIGHT, Orientation.MIRRORED]
    return [view.bits for view in found]


SHOWN = {
    "page": encoded(picture(1), "PDF", quality=90),
    "video": video(still(1, 1)),
    "animation": animation([picture(1, SIZE), picture(2, SIZE)], "GIF", shown_ms=1000),
}


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_pages_and_frames_are_hashed_by_the_kinds_that_are_asked_for(kind: kinds.Kind, shown: str) -> None:
    original = picture(1) if shown == "page" else picture(1, SIZE)
    upright, mirrored = views(SHOWN[shown], kind.name)
    for bits, image in ((upright, original), (mirrored, ImageOps.mirror(original))):
        assert (int.from_bytes(bits) ^ int(str(ORACLE[kind.name](image)), 16)).bit_count() <= kind.radius_bits
    unasked = fingerprint_bytes(SHOWN[shown], Limits())
    assert {view.kind for one in unasked.stills for view in one.views} == {PDQ}


def test_pictures_are_hashed_by_pdq_alone_unless_asked() -> None:
    media = fingerprint_bytes(encoded(picture(1), "PNG"), Limits())
    assert {view.kind for view in media.stills[0].views} == {PDQ}


def test_what_a_victim_registers_is_pdq_whatever_else_was_asked_for() -> None:
    data = encoded(picture(1), "PNG")
    assert fingerprint_bytes(data, Limits(), sorted(ORACLE)).parts == fingerprint_bytes(data, Limits()).parts


@pytest.mark.parametrize(("kind", "length"), [("phash", 32), ("pdq", 8), ("whash", 8)])
def test_a_fingerprint_of_another_kind_or_length_is_refused(kind: str, length: int) -> None:
    with pytest.raises(ValueError, match="no fingerprint"):
        Fingerprint(kind, bytes(length))


def away(bits: bytes, number: int) -> bytes:
    return (int.from_bytes(bits) ^ ((1 << number) - 1)).to_bytes(len(bits))


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_a_hash_is_found_up_to_its_radius_and_no_further(kind: kinds.Kind) -> None:
    media = fingerprint_bytes(encoded(picture(1), "PNG"), Limits(), [kind.name])
    [bits, _] = views(encoded(picture(1), "PNG"), kind.name)
    for distance, band in (
        (kind.radius_bits, Band.MATCH if kind.is_sure else Band.POSSIBLE),
        (kind.radius_bits + 1, None),
    ):
        index = Index()
        index.add([(1, padded(away(bits, distance)), kind.radius_bits)])
        matches = judge(media, {PDQ: Index(), kind.name: index})
        assert [(match.band, match.distance, match.kind) for match in matches] == (
            [] if band is None else [(band, distance, kind.name)]
        )


def test_a_dhash_of_a_smooth_picture_is_not_compared() -> None:
    """A sky, say: it darkens from one side to the other, and the rest is far too small to count."""
    sky = np.tile(np.linspace(90, 230, 480, dtype=np.float32), (360, 1))
    luma = sky + np.random.default_rng(3).normal(0, 3, sky.shape).astype(np.float32)
    assert {view.kind for view in foreign_views(luma, 100, ["dhash", "phash"])} == {"phash"}
    detailed = np.asarray(picture(1).convert("F"))
    assert {view.kind for view in foreign_views(detailed, 100, ["dhash", "phash"])} == {"dhash", "phash"}


def test_a_flat_picture_is_compared_by_no_kind() -> None:
    media = fingerprint_bytes(encoded(picture(1), "PNG"), Limits(), ["phash"])
    flat = dataclasses.replace(
        media,
        stills=tuple(
            dataclasses.replace(
                still, views=tuple(dataclasses.replace(view, quality=49) for view in still.views)
            )
            for still in media.stills
        ),
    )
    index = Index()
    index.add([(1, padded(views(encoded(picture(1), "PNG"), "phash")[0]), 8)])
    assert judge(flat, {"phash": index}) == []
    assert len(judge(media, {"phash": index})) == 1
