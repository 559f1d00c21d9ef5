"""Small valid files of every format that is read, for `bench/fuzz.py` to spoil. A format that is added to `MAKERS` is
fuzzed with the others.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
from PIL import Image

SIZE = (72, 60)


def photo(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Soft random shapes, with structure enough to be compared."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def zipped(*contents: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"folder/{number}.bin", content)
    return out.getvalue()


def jpeg() -> Iterator[bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    yield saved(photo(1), "JPEG", exif=exif)
    yield saved(photo(2), "JPEG", progressive=True, subsampling=0)
    yield saved(photo(3).convert("L"), "JPEG", icc_profile=bytes(200))
    yield saved(photo(4).convert("CMYK"), "JPEG", restart_marker_blocks=2)


def png() -> Iterator[bytes]:
    yield saved(photo(1), "PNG")
    yield saved(photo(2).quantize(32), "PNG", transparency=3)
    yield saved(photo(3).convert("RGBA"), "PNG", pnginfo=None)
    yield saved(Image.fromarray(np.asarray(photo(4).convert("L")).astype(np.uint16) * 257), "PNG")
    yield saved(photo(5), "PNG", save_all=True, append_images=[photo(6)])


def webp() -> Iterator[bytes]:
    yield saved(photo(1), "WEBP")
    yield saved(photo(2).convert("RGBA"), "WEBP", lossless=True)
    yield saved(photo(3), "WEBP", save_all=True, append_images=[photo(4)], exif=Image.Exif().tobytes())


def gif() -> Iterator[bytes]:
    yield saved(photo(1), "GIF")
    yield saved(photo(2), "GIF", save_all=True, append_images=[photo(3), photo(4)], duration=80, loop=0)
    yield saved(photo(5).quantize(16), "GIF", transparency=2, interlace=1)


def bmp() -> Iterator[bytes]:
    yield saved(photo(1), "BMP")
    yield saved(photo(2).quantize(16), "BMP")
    yield saved(photo(3).convert("RGBA"), "BMP")


def tiff() -> Iterator[bytes]:
    for number, compression in enumerate(("raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg")):
        yield saved(photo(number), "TIFF", compression=compression)
    yield saved(photo(7).convert("1"), "TIFF", compression="group4")
    yield saved(photo(8), "TIFF", save_all=True, append_images=[photo(9)], big_tiff=True)


def zip_file() -> Iterator[bytes]:
    first, second = saved(photo(1), "JPEG"), saved(photo(2).quantize(32), "PNG")
    yield zipped(first, b"words", second)
    yield zipped(first, zipped(second), method=zipfile.ZIP_STORED)
    yield zipped(next(pdf()), first, bytes(20_000))
    yield first + zipped(second)


def pdf() -> Iterator[bytes]:
    yield saved(photo(1, (96, 72)), "PDF")
    yield saved(photo(2, (96, 72)).quantize(32), "PDF", save_all=True, append_images=[photo(3, (72, 96))])
    yield written_pdf(saved(photo(4, (96, 72)), "JPEG"))


def written_pdf(picture: bytes) -> bytes:
    """A page with text, a drawing, a picture of 96 x 72 points and the same inside a form, all in plain sight."""
    content = b"BT /F1 9 Tf 10 180 Td (the quick brown fox) Tj ET 9 9 99 9 re f q 180 0 0 135 9 30 cm /I1 Do Q /F2 Do"
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</I1 5 0 R/F2 6 0 R>>"
            b"/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
        ),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/XObject/Subtype/Image/Width 96/Height 72/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/DCTDecode/Length %d>>stream\n%s\nendstream" % (len(picture), picture),
        (
            b"<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Matrix[90 0 0 70 100 120]"
            b"/Resources<</XObject<</I1 5 0 R>>>>/Length 6>>stream\n/I1 Do\nendstream"
        ),
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(bodies) + 1, table)
    return bytes(out)


def motion_photo() -> Iterator[bytes]:
    box = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"avc1")
    yield saved(photo(1), "JPEG") + b"MotionPhoto_Data" + box + bytes(500)
    if find_spec("av"):
        yield saved(photo(2), "JPEG") + filmed("mp4", "libx264")


def filmed(container: str, codec: str, frames: int = 12) -> bytes:
    """A short film that pans over a photo."""
    import av

    out = io.BytesIO()
    wide = np.asarray(photo(1, (160, 64)))
    with av.open(out, "w", format=container) as film:
        stream = film.add_stream(codec, rate=6, options={"threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, 4 * number : 4 * number + 96]))
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return out.getvalue()


def video() -> Iterator[bytes]:
    yield filmed("mp4", "libx264")
    yield filmed("mp4", "mpeg4")
    yield filmed("avi", "mpeg4")
    yield filmed("mpegts", "mpeg2video")
    yield filmed("flv", "flv")


def matroska() -> Iterator[bytes]:
    yield filmed("matroska", "libx264")
    yield filmed("webm", "libvpx")


MAKERS: dict[str, Callable[[], Iterator[bytes]]] = {
    "JPEG": jpeg,
    "PNG": png,
    "WebP": webp,
    "GIF": gif,
    "BMP": bmp,
    "TIFF": tiff,
    "ZIP": zip_file,
    "PDF": pdf,
    "motion photo": motion_photo,
}
if find_spec("av"):
    MAKERS |= {"video": video, "Matroska": matroska}
