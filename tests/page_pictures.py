"""Pictures of many formats, sides and colours, to be hashed by browsers and by us."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pictures import drawing, encoded, picture
from PIL import Image, ImageCms

NUMBER = 66


def many() -> Iterator[tuple[str, bytes]]:
    """Name and data of each; `.large.JPEG` ends the name of one of which we take the decoder's own luma."""
    random = np.random.default_rng(3)
    profile = foreign_profile()
    for number in range(NUMBER):
        width, height = (int(side) for side in random.integers(64, 400, 2))
        image = (drawing if number % 4 == 3 else picture)(500 + number, (width, height))
        exif = Image.Exif()
        exif[0x0112] = number % 8 + 1
        ways: list[tuple[str, dict[str, object]]] = [
            ("PNG", {}),
            ("JPEG", {"quality": 85}),
            ("WEBP", {"lossless": True}),
            ("JPEG", {"quality": 80, "exif": exif}),
            ("PNG", {"icc_profile": profile}),
            ("JPEG", {"quality": 90, "icc_profile": profile}),
            ("WEBP", {"quality": 85}),
            ("BMP", {}),
            ("GIF", {}),
        ]
        format_, options = ways[number % len(ways)]
        yield f"{number}.{format_}", encoded(image, format_, **options)
    # Its quarters are hashed from a smaller copy.
    yield "large.PNG", encoded(picture(8, (1501, 1003)), "PNG")
    yield "photo.large.JPEG", encoded(picture(9, (900, 600)), "JPEG", quality=85)


def foreign_profile() -> bytes:
    """A colour profile by which red is green: whoever applies it sees quite another brightness."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)
