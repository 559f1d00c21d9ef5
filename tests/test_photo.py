"""Photos as bytes and text: what comes back, and what is refused."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photos import HALF, features

from matcher import PDQ, Fingerprint, HashTextError, PhotoFeatures, format_photo, parse_photo


def hashes(*qualities: int, bits: bytes = HALF) -> tuple[Fingerprint, ...]:
    return tuple(Fingerprint(PDQ, bits, quality) for quality in qualities)


def resealed(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()[:4]


def test_bytes_and_text_come_back_the_same() -> None:
    photo = features(hashes=hashes(50, 100))
    again = parse_photo(f"  {format_photo(photo)}\n")
    assert (again.width, again.height) == (photo.width, photo.height)
    for name in ("places", "sizes", "turns", "descriptors"):
        assert np.array_equal(getattr(again, name), getattr(photo, name))
    assert again.hashes == photo.hashes
    assert again.to_bytes() == photo.to_bytes()


@pytest.mark.parametrize(
    ("version", "reason"),
    [(0, "unknown_format"), (1, "out_of_date"), (2, "out_of_date"), (4, "unknown_format")],
)
def test_sketches_of_earlier_versions_are_told_from_what_is_not_known(version: int, reason: str) -> None:
    with pytest.raises(HashTextError, match=reason):
        PhotoFeatures.from_bytes(resealed(bytes([version]) + features().to_bytes()[1:-4]))


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        pytest.param(hashes(49), "low_quality", id="flat"),
        pytest.param(hashes(101), "unknown_format", id="of no quality"),
        pytest.param(hashes(80, bits=bytes(32)), "not_a_fingerprint", id="no hash of a picture"),
        pytest.param(hashes(80, bits=16 * b"\xff" + bytes(16)), "low_quality", id="plain"),
    ],
)
def test_hashes_that_would_match_anything_are_refused(spoiled: tuple[Fingerprint, ...], reason: str) -> None:
    with pytest.raises(HashTextError, match=reason):
        PhotoFeatures.from_bytes(features(hashes=spoiled).to_bytes())


def test_more_hashes_than_a_photo_has_parts_are_refused() -> None:
    with pytest.raises(HashTextError):
        features(hashes=hashes(*[80] * 11))


def test_the_text_of_the_largest_photo_fits_a_small_file() -> None:
    assert len(format_photo(features(number=1000))) < 60_000


def test_a_repr_shows_nothing_of_the_photo() -> None:
    assert repr(features()) == "PhotoFeatures(width=800, height=600)"


@given(st.binary(max_size=400))
def test_no_random_bytes_are_a_photo(untrusted: bytes) -> None:
    with pytest.raises(HashTextError):
        PhotoFeatures.from_bytes(untrusted)


@given(st.text(max_size=200))
def test_no_random_text_is_a_photo(untrusted: str) -> None:
    with pytest.raises(HashTextError):
        parse_photo(untrusted)


@settings(max_examples=50)
@given(st.integers(0, 7000), st.integers(1, 255))
def test_one_changed_byte_is_noticed(at: int, change: int) -> None:
    data = bytearray(features().to_bytes())
    data[at % len(data)] ^= change
    with pytest.raises(HashTextError):
        PhotoFeatures.from_bytes(bytes(data))


@settings(max_examples=50)
@given(st.integers(0, 7000))
def test_what_is_cut_off_is_noticed(length: int) -> None:
    data = features().to_bytes()
    with pytest.raises(HashTextError):
        PhotoFeatures.from_bytes(data[: length % len(data)])


@pytest.mark.parametrize(
    ("head", "length"),
    [
        pytest.param((4, 800, 600, 100), 3800, id="unknown version"),
        pytest.param((3, 0, 600, 100), 3800, id="no width"),
        pytest.param((3, 800, 600, 0), 0, id="no features"),
        pytest.param((3, 800, 600, 59), 59 * 38, id="too few features"),
        pytest.param((3, 800, 600, 1001), 1001 * 38, id="too many features"),
        pytest.param((3, 800, 600, 65_535), 3800, id="more features than bytes"),
        pytest.param((3, 800, 600, 100), 3801, id="a byte too many"),
    ],
)
def test_heads_that_contradict_the_rest_are_refused(head: tuple[int, int, int, int], length: int) -> None:
    body = struct.pack(">BHHH", *head) + np.random.default_rng(1).bytes(length)
    with pytest.raises(HashTextError):
        PhotoFeatures.from_bytes(resealed(body))


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(
            lambda: features(descriptors=np.full((200, 32), 0x5A, dtype=np.uint8)), id="all descriptors alike"
        ),
        pytest.param(
            lambda: features(places=np.full((200, 2), 3000, dtype=np.uint16)), id="all on one point"
        ),
        pytest.param(
            lambda: features(
                places=np.stack([np.arange(200) * 300, np.full(200, 9000)], axis=1).astype(np.uint16)
            ),
            id="all on one line",
        ),
        pytest.param(
            lambda: features(places=np.full((200, 2), 60_000, dtype=np.uint16)), id="outside of the photo"
        ),
    ],
)
def test_features_that_would_match_anything_are_refused(made: Callable[[], PhotoFeatures]) -> None:
    with pytest.raises(HashTextError):
        made()


def test_a_text_with_a_wrong_check_is_refused() -> None:
    text = format_photo(features())
    with pytest.raises(HashTextError, match="wrong_checksum"):
        parse_photo(text[:-1] + ("0" if text[-1] != "0" else "1"))


def test_a_text_far_too_long_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(HashTextError, match="unknown_format"):
        parse_photo(f"PHOTO1:{'A' * 100_000}:0000")
