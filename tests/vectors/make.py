"""Makes the test vectors: small pictures of every format and mode, and the hashes that the reference gives them.

    python tests/vectors/make.py

Pillow decodes by the rule of docs/fingerprints.md, `pdqhash` hashes; nothing of `matcher` is used. What is inside of a
frame is known, because it is put there.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
import pdqhash
from PIL import Image, ImageDraw, ImageOps

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

from pictures import drawing, encoded, picture  # noqa: E402 - the folder above is no package

SMALL = (160, 120)


def oriented(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture(20 + orientation, SMALL), "JPEG", quality=80, exif=exif)


def transparent() -> Image.Image:
    image = picture(31, SMALL)
    image.putalpha(Image.radial_gradient("L").resize(SMALL))
    return image


def files() -> dict[str, bytes]:
    plain = picture(30, SMALL)
    sixteen = Image.fromarray(np.asarray(plain.convert("L"), dtype=np.uint16) * 257)
    return {
        **{f"exif-{number}.jpg": oriented(number) for number in range(1, 9)},
        "baseline.jpg": encoded(picture(40, (320, 213)), "JPEG", quality=75),
        "progressive.jpg": encoded(picture(41, SMALL), "JPEG", quality=75, progressive=True),
        "grey.jpg": encoded(picture(42, SMALL).convert("L"), "JPEG", quality=80),
        "cmyk.jpg": encoded(picture(43, SMALL).convert("CMYK"), "JPEG", quality=80),
        "full-chroma.jpg": encoded(picture(44, SMALL), "JPEG", quality=80, subsampling=0),
        "rgb.png": encoded(drawing(1, SMALL), "PNG"),
        "grey.png": encoded(drawing(2, SMALL).convert("L"), "PNG"),
        "palette.png": encoded(drawing(3, SMALL).quantize(32), "PNG"),
        "palette-transparent.png": encoded(drawing(4, SMALL).quantize(16), "PNG", transparency=3),
        "one-bit.png": encoded(plain.convert("1"), "PNG"),
        "grey-16.png": encoded(sixteen, "PNG"),
        "alpha.png": encoded(transparent(), "PNG"),
        "grey-alpha.png": encoded(transparent().convert("LA"), "PNG"),
        "lossy.webp": encoded(picture(45, SMALL), "WEBP", quality=80),
        "lossless-alpha.webp": encoded(transparent(), "WEBP", lossless=True, exact=True),
        "still.gif": encoded(drawing(5, SMALL).quantize(32), "GIF"),
        "animated.gif": encoded(
            drawing(6, SMALL).quantize(32),
            "GIF",
            save_all=True,
            append_images=[drawing(7, SMALL).quantize(32)],
        ),
        "plain.bmp": encoded(drawing(8, (80, 60)), "BMP"),
        "panorama.png": encoded(drawing(9, (900, 90)), "PNG"),
    }


WRITTEN = tuple[tuple[int, int], ...]
"""Left and upper corners of words."""
BARS: WRITTEN = ((12, 8), (380, 8), (40, 40), (30, 860), (60, 930), (240, 930), (420, 930))
LINES: WRITTEN = tuple((20, 20 + 30 * number) for number in range(30))
OVALS = ("screen-oval.png", "page-oval.png")
"""The picture has no edge of its own on these; on the second it is too narrow for its rows to be varied."""
FRAMES: dict[str, tuple[str, int, tuple[int, int, int, int] | None, WRITTEN]] = {
    "screen-light.png": ("screen", 250, (90, 500, 0, 480), BARS),
    "screen-dark.png": ("screen", 18, (120, 840, 0, 480), BARS),
    "screen-margins.png": ("screen", 240, (100, 700, 40, 440), BARS),
    "caption.png": ("framed", 255, (160, 960, 0, 480), ((30, 40), (30, 90))),
    "letterbox.png": ("framed", 0, (280, 680, 0, 480), ()),
    "text.png": ("page", 250, None, LINES),
    "unframed.png": ("none", 0, (0, 960, 0, 480), ()),
    "screen-oval.png": ("screen", 250, (200, 700, 40, 440), BARS),
    "page-oval.png": ("page", 250, (200, 700, 160, 320), BARS),
}
"""By file: what it is, brightness of its page, where a picture is (top, bottom, left, right), and what is written."""


def framed(
    number: int, brightness: int, place: tuple[int, int, int, int] | None, written: WRITTEN, is_oval: bool
) -> bytes:
    page = Image.new("RGB", (480, 960), (brightness,) * 3)
    if place is not None:
        top, bottom, left, right = place
        size = (right - left, bottom - top)
        mask = Image.new("1", size, not is_oval)
        ImageDraw.Draw(mask).ellipse((0, 0, *size), fill=1)
        page.paste(picture(50 + number, size), (left, top), mask)
    for at in written:
        ImageDraw.Draw(page).text(
            at, "a few words", fill=(30 if brightness > 127 else 220,) * 3, font_size=18
        )
    return encoded(page.quantize(96, dither=Image.Dither.NONE), "PNG", optimize=True)


def frames() -> None:
    """The longer side is 960, so a value of the smaller copy is the mean of 2 x 2."""
    told = []
    for number, (name, (framing, brightness, place, written)) in enumerate(FRAMES.items()):
        (FOLDER / name).write_bytes(framed(number, brightness, place, written, name in OVALS))
        inside = [side // 2 for side in place] if place and framing in ("screen", "framed") else None
        told.append({"file": name, "framing": framing, "shrunk": 2, "inside": inside})
    (FOLDER / "frames.json").write_text(json.dumps(told, indent=1) + "\n")


def seen(data: bytes) -> Image.Image:
    """The picture as the decode rule sees it, in RGB."""
    with Image.open(io.BytesIO(data)) as file:
        file.load()
        image: Image.Image = file
        if image.mode.startswith("I"):
            image = Image.fromarray((np.asarray(image) / 257).astype(np.uint8))
        turned = ImageOps.exif_transpose(image)
        if turned.has_transparency_data:
            turned = turned.convert("RGBA")
            turned = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned)
        return turned.convert("RGB")


def line(bits: bytes, quality: int) -> str:
    body = f"PDQ1:{bits.hex()}:{quality}"
    return f"{body}:{hashlib.sha256(body.encode()).hexdigest()[:4]}"


def main() -> None:
    vectors = []
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
        image = seen(data)
        bits, quality = pdqhash.compute(np.asarray(image))
        vectors.append(
            {
                "file": name,
                "width": image.width,
                "height": image.height,
                "quality": int(quality),
                "hash": line(np.packbits(bits).tobytes(), int(quality)),
            }
        )
    (FOLDER / "vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")
    frames()


if __name__ == "__main__":
    main()
