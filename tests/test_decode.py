"""The decode rule: every format and mode as everybody would see it, and no hash of what cannot be seen whole."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import encoded, picture
from PIL import Image, ImageOps

from matcher import Limits, MediaError, Sandbox, fingerprint_bytes, parse_hash_line, pdq
from matcher import MediaErrorCode as Code
from matcher.files import decode as decode_module
from matcher.files.decode import decode

LIMITS = Limits()
VECTORS = Path(__file__).parent / "vectors"
PICTURE = picture(5, (320, 240))
ALPHA = Image.radial_gradient("L").resize(PICTURE.size)


def luma(data: bytes) -> NDArray[np.float32]:
    return decode(data, LIMITS).luma


def plain(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image.convert("RGB").convert("F"))


def with_alpha() -> Image.Image:
    image = PICTURE.copy()
    image.putalpha(ALPHA)
    return image


def on_white() -> NDArray[np.float32]:
    white = Image.new("RGB", PICTURE.size, "white")
    white.paste(PICTURE, mask=ALPHA)
    return plain(white)


def refused(data: bytes, limits: Limits = LIMITS) -> Code:
    with pytest.raises(MediaError) as raised:
        decode(data, limits)
    return raised.value.code


def distance(a: bytes, b: bytes) -> int:
    return (
        int.from_bytes(fingerprint_bytes(a, LIMITS).fingerprint.bits)
        ^ int.from_bytes(fingerprint_bytes(b, LIMITS).fingerprint.bits)
    ).bit_count()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(orientation: int, format_: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if format_ == "WEBP" else {"quality": 95} if format_ == "JPEG" else {}
    data = encoded(PICTURE, format_, exif=exif, **options)
    with Image.open(io.BytesIO(data)) as image:
        expected = ImageOps.exif_transpose(image).convert("RGB").convert("F")
    assert np.abs(luma(data) - np.asarray(expected)).max() < 3


def test_a_mistake_of_ours_is_not_told_as_a_broken_picture() -> None:
    with pytest.raises(ZeroDivisionError), decode_module._opened(encoded(PICTURE, "PNG"), Limits()):
        raise ZeroDivisionError


def test_memory_that_runs_out_over_exif_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    def getexif(_: Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "getexif", getexif)
    with pytest.raises(MediaError) as refused:
        fingerprint_bytes(encoded(PICTURE, "BMP"), Limits())
    assert refused.value.code is Code.OUT_OF_MEMORY


@pytest.mark.parametrize(
    ("data", "expected", "tolerance"),
    [
        pytest.param(encoded(PICTURE, "PNG"), plain(PICTURE), 0, id="png"),
        pytest.param(encoded(PICTURE, "BMP"), plain(PICTURE), 0, id="bmp"),
        pytest.param(encoded(PICTURE, "TIFF"), plain(PICTURE), 0, id="tiff"),
        pytest.param(encoded(PICTURE, "WEBP", lossless=True), plain(PICTURE), 0, id="webp lossless"),
        pytest.param(encoded(PICTURE.convert("L"), "PNG"), plain(PICTURE.convert("L")), 0, id="grey"),
        pytest.param(encoded(PICTURE.convert("1"), "PNG"), plain(PICTURE.convert("1")), 0, id="one bit"),
        pytest.param(encoded(PICTURE.quantize(64), "PNG"), plain(PICTURE.quantize(64)), 0, id="palette"),
        pytest.param(encoded(PICTURE.quantize(64), "GIF"), plain(PICTURE.quantize(64)), 0, id="gif"),
        pytest.param(encoded(with_alpha(), "PNG"), on_white(), 2, id="alpha"),
        pytest.param(
            encoded(with_alpha(), "WEBP", lossless=True, exact=True), on_white(), 2, id="webp alpha"
        ),
        pytest.param(
            encoded(with_alpha().convert("LA"), "PNG"),
            plain(Image.composite(PICTURE.convert("L"), Image.new("L", PICTURE.size, 255), ALPHA)),
            2,
            id="grey and alpha",
        ),
        pytest.param(
            encoded(Image.fromarray(np.asarray(PICTURE.convert("L"), dtype=np.uint16) * 257), "PNG"),
            plain(PICTURE.convert("L")),
            0.01,
            id="16 bit",
        ),
        pytest.param(encoded(PICTURE, "JPEG", quality=95), plain(PICTURE), 25, id="jpeg"),
        pytest.param(
            encoded(PICTURE, "JPEG", quality=95, progressive=True), plain(PICTURE), 25, id="progressive"
        ),
        pytest.param(
            encoded(PICTURE.convert("CMYK"), "JPEG", quality=95), plain(PICTURE), 40, id="cmyk jpeg"
        ),
        pytest.param(encoded(PICTURE, "WEBP", quality=95), plain(PICTURE), 40, id="webp"),
    ],
)
def test_every_mode_looks_as_people_see_it(
    data: bytes, expected: NDArray[np.float32], tolerance: float
) -> None:
    assert np.abs(luma(data) - expected).max() <= tolerance


def as_seen(data: bytes) -> NDArray[np.float32]:
    """The luma of a JPEG's colours."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("F"))


def rings(seed: int, side: int) -> Image.Image:
    """Symmetric: most coefficients are nearly nothing, and so is their median."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side - 0.5
    waves = [np.sin(np.hypot(y, x) * random.uniform(8, 30) + random.uniform(0, 6)) for _ in range(3)]
    return Image.fromarray((127 + 110 * np.stack(waves, axis=-1)).astype(np.uint8))


@pytest.mark.parametrize("side", [160, 640, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_a_jpeg_whose_bits_hang_on_rounding_is_hashed_by_its_colours(seed: int, side: int) -> None:
    data = encoded(rings(seed, side), "JPEG", quality=87)
    found, expected = decode(data, LIMITS), as_seen(data)
    assert (found.luma == expected).all()
    assert bits_of(found.whole) == bits_of(pdq.reduce(expected))


def test_a_jpeg_within_two_bits_of_its_colours_is_hashed_by_its_own_luma() -> None:
    quick = 0
    for seed in range(12):
        data = encoded(picture(seed, (800, 600)), "JPEG", quality=87)
        found, expected = decode(data, LIMITS), as_seen(data)
        quick += bool((found.luma == np.round(found.luma)).all())
        assert (bits_of(found.whole) ^ bits_of(pdq.reduce(expected))).bit_count() <= 2
    assert quick >= 6


def bits_of(samples: pdq.Samples) -> int:
    return int.from_bytes(pdq.upright_hash(samples))


@pytest.mark.parametrize("size", [(320, 240), (800, 600)])
def test_a_jpeg_with_other_pictures_behind_it_is_a_jpeg(size: tuple[int, int]) -> None:
    image, depth = picture(5, size), picture(6, size)
    data = encoded(image, "MPO", save_all=True, append_images=[depth])
    plain_one = encoded(image, "JPEG")
    found, expected = decode(data, LIMITS), decode(plain_one, LIMITS)
    assert found.format == "JPEG"
    assert (found.luma == expected.luma).all()
    with Sandbox(1, LIMITS) as sandbox:
        assert sandbox.submit(data).result(60) == fingerprint_bytes(plain_one, LIMITS)


def test_whole_numbers_of_32_bits_are_greys_of_16_and_what_is_beyond_is_black_or_white() -> None:
    greys = np.asarray(PICTURE.convert("L"))
    numbers = greys.astype(np.int32) * 257
    numbers[:9, :9], numbers[-9:, -9:] = -(2**31), 2**31 - 1
    data = encoded(Image.fromarray(numbers), "TIFF")
    seen = luma(data)
    assert (seen[9:-9] == greys[9:-9]).all()
    assert (seen.min(), seen.max()) == (0, 255)
    assert fingerprint_bytes(data, LIMITS).format == "TIFF"


def test_a_transparent_palette_colour_is_white() -> None:
    image = PICTURE.quantize(16)
    data = encoded(image, "PNG", transparency=3)
    seen = luma(data)
    assert (seen[np.asarray(image) == 3] == 255).all()


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_an_animation_is_its_first_frame(format_: str) -> None:
    first, second = picture(1, (120, 90)).quantize(32), picture(2, (120, 90)).quantize(32)
    options = {"lossless": True} if format_ == "WEBP" else {}
    animated = encoded(
        first.convert("RGB"), format_, save_all=True, append_images=[second.convert("RGB")], **options
    )
    assert np.abs(luma(animated) - plain(first)).mean() < 3


def test_a_jpegs_own_luma_gives_the_hash_of_its_colours() -> None:
    distances = []
    for seed in range(12):
        data = encoded(picture(seed, (640, 427)), "JPEG", quality=60 + 3 * seed)
        with Image.open(io.BytesIO(data)) as image:
            in_colour = encoded(image.convert("RGB"), "PNG")
        distances.append(distance(data, in_colour))
    assert max(distances) <= 2
    assert np.mean(distances) <= 0.5


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_file_that_is_cut_off_has_no_hash(format_: str) -> None:
    data = encoded(PICTURE, format_)
    for kept in (0.1, 0.3, 0.5, 0.8, 0.95):
        assert refused(data[: int(len(data) * kept)]) in {Code.CORRUPT, Code.UNSUPPORTED}


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\x00" * 1000, b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
)
def test_what_is_no_picture_is_unsupported(data: bytes) -> None:
    assert refused(data) is Code.UNSUPPORTED


@pytest.mark.parametrize("format_", ["ICO", "PPM", "TGA", "PCX", "PDF", "JPEG2000"])
def test_formats_that_nobody_posts_are_not_read(format_: str) -> None:
    assert refused(encoded(PICTURE.resize((64, 64)), format_)) is Code.UNSUPPORTED


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises so many pixels and holds a few zeros."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (70_000, 10), (10, 70_000), (10_001, 10_000)])
def test_more_pixels_than_allowed_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    assert refused(png_header(*size)) is Code.TOO_LARGE


def test_more_bytes_than_allowed_are_refused() -> None:
    data = encoded(PICTURE, "PNG")
    assert refused(data, Limits(max_bytes=len(data) - 1)) is Code.TOO_LARGE


def test_a_plain_picture_is_flat() -> None:
    with pytest.raises(MediaError) as raised:
        fingerprint_bytes(encoded(Image.new("RGB", (300, 300), "teal"), "PNG"), LIMITS)
    assert raised.value.code is Code.FLAT


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_damaged_file_is_decoded_or_refused_and_nothing_else(format_: str) -> None:
    random = np.random.default_rng(format_.encode()[0])
    data = bytearray(encoded(picture(8, (96, 72)), format_))
    for _ in range(150):
        damaged = bytearray(data)
        for place in random.integers(0, len(data), random.integers(1, 12)):
            damaged[place] = random.integers(0, 256)
        try:
            seen = decode(bytes(damaged), LIMITS).luma
        except MediaError:
            continue
        assert seen.ndim == 2
        assert np.isfinite(seen).all()
        assert seen.min() >= 0
        assert seen.max() <= 255.5


def test_no_picture_is_wider_than_its_matrix_may_be() -> None:
    assert luma(encoded(picture(1, (3000, 40)), "PNG")).shape == (40, 3000)


@pytest.mark.parametrize(
    "vector", json.loads((VECTORS / "vectors.json").read_text()), ids=lambda vector: vector["file"]
)
def test_the_test_vectors_hold(vector: dict[str, Any]) -> None:
    media = fingerprint_bytes((VECTORS / vector["file"]).read_bytes(), LIMITS)
    expected = parse_hash_line(vector["hash"])
    different = int.from_bytes(media.fingerprint.bits) ^ int.from_bytes(expected.bits)
    assert different.bit_count() <= 2
    [still] = media.stills
    assert (still.width, still.height) == (vector["width"], vector["height"])
    assert abs(still.views[0].quality - vector["quality"]) <= 1
