"""PDQ against the reference implementation, and the eight orientations."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import picture, varied
from PIL import Image

from matcher import Orientation, pdq

# How a copy of the registered picture was made, for each orientation of the copy: mirrored first, then turned clockwise.
MAKE = {
    Orientation.UPRIGHT: (False, 0),
    Orientation.TURNED_90: (False, 1),
    Orientation.TURNED_180: (False, 2),
    Orientation.TURNED_270: (False, 3),
    Orientation.MIRRORED: (True, 0),
    Orientation.MIRRORED_TURNED_90: (True, 1),
    Orientation.MIRRORED_TURNED_180: (True, 2),
    Orientation.MIRRORED_TURNED_270: (True, 3),
}


def luma(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image.convert("F"))


def copied(values: NDArray[np.float32], orientation: Orientation) -> NDArray[np.float32]:
    mirrored, quarters = MAKE[orientation]
    return np.ascontiguousarray(np.rot90(values[:, ::-1] if mirrored else values, -quarters))


def upright(values: NDArray[np.float32]) -> bytes:
    return pdq.hashes(pdq.reduce(values))[0][1]


def distance(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


def test_hashes_and_qualities_are_those_of_the_reference() -> None:
    pdqhash = pytest.importorskip("pdqhash", reason="the oracle needs a C++ compiler to be built")
    distances = []
    for image in varied():
        bits, quality = pdqhash.compute(np.asarray(image.convert("RGB")))
        samples = pdq.reduce(luma(image))
        ((_, ours), *_others) = pdq.hashes(samples)
        expected = np.packbits(bits).tobytes()
        if min(image.size) < pdq.SIDE:
            # Rows of samples repeat, so coefficients vanish, and their signs are rounding noise on both sides.
            assert distance(ours, expected) <= 16
            continue
        distances.append(distance(ours, expected))
        assert abs(pdq.quality(samples.upright) - quality) <= 1, image.size
    assert len(distances) >= 100
    assert max(distances) <= 2
    assert np.mean(distances) <= 0.5


@pytest.mark.parametrize("orientation", Orientation)
@pytest.mark.parametrize("size", [(640, 480), (333, 517), (1281, 700)])
def test_a_copy_in_any_orientation_has_the_registered_hash_among_its_eight(
    orientation: Orientation, size: tuple[int, int]
) -> None:
    registered = luma(picture(3, size))
    found = dict(pdq.hashes(pdq.reduce(copied(registered, orientation))))
    assert distance(found[orientation], upright(registered)) <= 1
    others = [distance(bits, upright(registered)) for name, bits in found.items() if name is not orientation]
    assert min(others) > 64


def test_the_upright_hash_comes_first_and_every_orientation_once() -> None:
    hashes = pdq.hashes(pdq.reduce(luma(picture(1))))
    assert [orientation for orientation, _ in hashes] == list(MAKE)
    assert {len(bits) for _, bits in hashes} == {32}


@pytest.mark.parametrize("shape", [(4, 400), (400, 4), (1, 1)])
def test_a_picture_that_is_too_narrow_has_no_quality(shape: tuple[int, int]) -> None:
    samples = pdq.reduce(np.random.default_rng(1).random(shape, dtype=np.float32) * 255)
    assert pdq.quality(samples.upright) == 0


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_plain_picture_has_no_quality(value: int) -> None:
    assert pdq.quality(pdq.reduce(np.full((300, 400), value, dtype=np.float32)).upright) == 0


def test_exactly_half_of_the_bits_are_set() -> None:
    for seed in range(20):
        assert int.from_bytes(upright(luma(picture(seed)))).bit_count() == 128


def test_recompressing_and_shrinking_move_few_bits() -> None:
    original = picture(11, (1280, 960))
    assert distance(upright(luma(original)), upright(luma(original.resize((640, 480))))) <= 20


def test_hashing_many_sizes_keeps_few_matrices() -> None:
    for width in range(200, 800):
        pdq.reduce(np.zeros((100, width), dtype=np.float32))
    kept = pdq._common_matrix.cache_info()
    assert kept.maxsize == 512
    assert kept.currsize <= kept.maxsize
