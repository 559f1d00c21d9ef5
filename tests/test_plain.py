"""Hashes that say too little are not registered, whoever made them."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import encoded, picture
from PIL import Image

from matcher import (
    HashTextError,
    HashTextReason,
    Limits,
    fingerprint_bytes,
    parse_hash_line,
    pdq,
)
from matcher.plain import MOST_PLAIN, is_plain, plainness

SIZE = (480, 640)
ROWS, COLUMNS = (np.arange(side, dtype=np.float32) for side in SIZE)


def product(down: NDArray[np.float32], across: NDArray[np.float32]) -> NDArray[np.float32]:
    values = np.outer(down, across)
    return np.asarray(255 * (values - values.min()) / np.ptp(values), dtype=np.float32)


PLAIN = {
    "stripes": product(ROWS + 200, np.sin(COLUMNS / 17)),
    "a chessboard": product(np.sign(np.sin(ROWS / 23)), np.sign(np.sin(COLUMNS / 31))),
    "a gradient": product(ROWS + 100, COLUMNS**2 + 5000),
    "a box": product(
        (abs(ROWS - 200) < 90).astype(np.float32), (abs(COLUMNS - 300) < 150).astype(np.float32)
    ),
}


def hash_of(luma: NDArray[np.float32]) -> bytes:
    return pdq.hashes(pdq.reduce(luma))[0][1]


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_a_profile_down_times_one_across_is_plain(name: str) -> None:
    assert is_plain(hash_of(PLAIN[name])), plainness(hash_of(PLAIN[name]))


def test_what_is_plain_is_not_registered() -> None:
    media = fingerprint_bytes(
        encoded(Image.fromarray(PLAIN["a chessboard"].astype(np.uint8)), "PNG"), Limits()
    )
    assert media.fingerprint.bits not in {part.bits for part in media.parts}
    assert not any(is_plain(part.bits) for part in media.parts)


def test_a_plain_hash_is_refused_whoever_made_it() -> None:
    signs = np.outer([1, 1, -1, -1] * 4, [1, -1] * 8) > 0
    bits = np.packbits(signs).tobytes()
    with pytest.raises(HashTextError) as refused:
        parse_hash_line(bits.hex())
    assert refused.value.reason is HashTextReason.LOW_QUALITY


@pytest.mark.parametrize("seed", range(20))
def test_pictures_of_something_are_not_plain(seed: int) -> None:
    luma = np.asarray(picture(seed).convert("L"), dtype=np.float32)
    assert plainness(hash_of(luma)) < MOST_PLAIN


def test_random_bits_are_not_plain() -> None:
    random = Random(1)
    assert max(plainness(random.randbytes(32)) for _ in range(2000)) < MOST_PLAIN


def test_a_plain_hash_stays_plain_in_every_orientation() -> None:
    assert all(is_plain(bits) for _, bits in pdq.hashes(pdq.reduce(PLAIN["a chessboard"])))
