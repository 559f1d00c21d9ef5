"""What people do to a picture before they post it, in two strengths: one to tune with, one to report.

An edit takes the picture, other pictures, and a source of chance, and gives what is posted. Telegram's own
recompression comes after it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

Picture = Image.Image
Edit = Callable[[Picture, Sequence[Picture], np.random.Generator], Picture]

TELEGRAM_SIDE = 1280


def telegram(picture: Picture, quality: int = 85) -> bytes:
    """As Telegram stores a photo: the longer side at most 1280, JPEG."""
    picture = picture.convert("RGB")
    picture.thumbnail((TELEGRAM_SIDE, TELEGRAM_SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def edits(strong: bool) -> dict[str, Edit]:
    """By name. `strong` is the strength to report; what was tuned was tuned on the other one."""
    more = 1.2 if strong else 1.0
    grid = {"1x2": (1, 2, 0), "2x1": (2, 1, 0), "2x2": (2, 2, 0)}
    grid |= {"2x2 gutters": (2, 2, 14 if strong else 12), "3x3 gutters": (3, 3, 8 if strong else 6)}
    return {
        "as it is": simple(lambda p: p),
        "JPEG 30": simple(lambda p: Image.open(io.BytesIO(telegram(p, 30)))),
        **{
            f"longest side {side}": simple(partial(_shrunk, side))
            for side in ((800, 320) if strong else (720, 400))
        },
        "brighter": simple(ImageEnhance.Brightness, 1.3 * more),
        "more contrast": simple(ImageEnhance.Contrast, 1.4 * more),
        "warm and faded": simple(partial(_faded, more)),
        "grey": simple(lambda p: ImageOps.grayscale(p).convert("RGB")),
        "blurred": simple(lambda p: p.filter(ImageFilter.GaussianBlur(4 * more))),
        "stretched": simple(lambda p: p.resize((int(p.width * 1.2 * more), p.height))),
        "mirrored": simple(ImageOps.mirror),
        "turned 90": simple(lambda p: p.transpose(Image.Transpose.ROTATE_90)),
        "turned 180": simple(lambda p: p.transpose(Image.Transpose.ROTATE_180)),
        "turned by 2-3 degrees": simple(lambda p: p.rotate(3 if strong else 2)),
        **{f"crop {share} %": partial(_crop, share * more / 100) for share in (4, 10, 25)},
        "letterbox 1:1 black": partial(_letterbox, 1.0, "black"),
        "letterbox 9:16 white": partial(_letterbox, 9 / 16, "#f0f0f0" if strong else "white"),
        "letterbox 16:9 black": partial(_letterbox, 16 / 9, "black"),
        "screenshot light": partial(_screenshot, (1170, 2400) if strong else (1080, 2160), False),
        "screenshot dark": partial(_screenshot, (1170, 2400) if strong else (1080, 2160), True),
        "screenshot mirrored": lambda p, o, r: _screenshot((1080, 2280), True, ImageOps.mirror(p), o, r),
        "caption band": partial(_caption, 0.18 * more),
        "logo": simple(_logo),
        "meme text": simple(partial(_meme_text, more)),
        "photo of a screen": partial(_screen_photo, more),
        **{f"sticker {share} %": partial(_sticker, share * more / 100) for share in (5, 15, 25)},
        **{f"collage {name}": partial(_collage, *how) for name, how in grid.items()},
        "picture in picture, half": partial(_inset, 0.5 / more, 0),
        "picture in picture, half, framed": partial(_inset, 0.5 / more, 6),
        "picture in picture, quarter": partial(_inset, 0.25 * more, 0),
        **{f"middle {share} % replaced": partial(_replaced, share * more / 100) for share in (10, 25)},
    }


def simple(change: Callable[..., object], strength: float | None = None) -> Edit:
    """An edit of the picture alone; with a strength, one of Pillow's enhancers."""

    def edit(picture: Picture, others: Sequence[Picture], random: np.random.Generator) -> Picture:
        changed = change(picture) if strength is None else change(picture).enhance(strength)
        assert isinstance(changed, Image.Image)
        return changed

    return edit


def _shrunk(side: int, picture: Picture) -> Picture:
    """Telegram keeps sizes of 1280, 800 and 320 points; who takes a smaller one posts that."""
    small = picture.copy()
    small.thumbnail((side, side))
    return Image.open(io.BytesIO(telegram(small)))


def _faded(more: float, picture: Picture) -> Picture:
    """As the filters of photo apps: warmer, less contrast, darker to the corners."""
    values = np.asarray(picture, dtype=np.float32)
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in values.shape[:2])
    corners = 1 - 0.25 * more * (rows[:, None] ** 2 + columns[None, :] ** 2) / 2
    values = (
        (40 * more + values * (1 - 0.2 * more)) * corners[..., None] * np.array([1.12, 1.0, 0.82], np.float32)
    )
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _meme_text(more: float, picture: Picture) -> Picture:
    page = picture.copy()
    size = int(page.height * 0.1 * more)
    for text, top in (("WHEN YOU SEE", 0.03), ("WHAT THEY POSTED", 0.95 - 0.1 * more)):
        ImageDraw.Draw(page).text(
            (page.width // 2, int(page.height * top)),
            text,
            fill="white",
            font_size=size,
            stroke_width=max(1, size // 12),
            stroke_fill="black",
            anchor="ma",
        )
    return page


def _screen_photo(
    more: float, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    """Taken of a screen, from a little aside: perspective, a dark rim, the stripes of two grids, and blur."""
    width, height = picture.size
    wide, high = int(width * 1.1), int(height * 1.1)
    framed = Image.new("RGB", (wide, high), "#181818")
    framed.paste(picture, ((wide - width) // 2, (high - height) // 2))
    moved = [float(share) * more for share in random.uniform(0.0, 0.04, 8)]
    corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
    inner = [
        (abs(x - moved[2 * n]) * wide, abs(y - moved[2 * n + 1]) * high) for n, (x, y) in enumerate(corners)
    ]
    rows = []
    for (x, y), (u, v) in zip(inner, [(x * wide, y * high) for x, y in corners], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    ends = np.array([side for x, y in corners for side in (x * wide, y * high)])
    how = np.linalg.solve(np.array(rows), ends)
    values = np.asarray(
        framed.transform((wide, high), Image.Transform.PERSPECTIVE, tuple(how), Image.Resampling.BICUBIC),
        float,
    )
    row, column = np.mgrid[:high, :wide]
    stripes = 1 + 0.06 * more * np.sin(0.9 * row + 0.13 * column) + 0.05 * more * np.sin(0.7 * column)
    shown = Image.fromarray(np.clip(values * stripes[..., None] + 8, 0, 255).astype(np.uint8))
    return shown.filter(ImageFilter.GaussianBlur(1.2 * more))


def _crop(share: float, picture: Picture, others: Sequence[Picture], random: np.random.Generator) -> Picture:
    width, height = (int(side * (1 - share)) for side in picture.size)
    left = int(random.integers(0, picture.width - width + 1))
    top = int(random.integers(0, picture.height - height + 1))
    return picture.crop((left, top, left + width, top + height))


def _letterbox(
    ratio: float, colour: str, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    size = (max(picture.width, int(picture.height * ratio)), max(picture.height, int(picture.width / ratio)))
    page = Image.new("RGB", size, colour)
    page.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return page


def _screenshot(
    size: tuple[int, int],
    dark: bool,
    picture: Picture,
    others: Sequence[Picture],
    random: np.random.Generator,
) -> Picture:
    width, height = size
    page = Image.new("RGB", size, "#121214" if dark else "#fafafc")
    ink = "#dcdce1" if dark else "#28282d"
    scale = min(width / picture.width, (height - 500) / picture.height)
    shown = picture.resize((int(picture.width * scale), int(picture.height * scale)))
    page.paste(
        shown, ((width - shown.width) // 2, (height - shown.height) // 2 - int(random.integers(0, 60)))
    )
    draw = ImageDraw.Draw(page)
    draw.text((40, 20), "12:34", fill=ink, font_size=40)
    draw.text((width - 220, 20), "LTE 87%", fill=ink, font_size=36)
    draw.text((40, 110), "Name of a channel", fill=ink, font_size=52)
    draw.ellipse((width - 140, 100, width - 60, 180), fill=ink)
    draw.text((40, height - 230), "a comment under the picture", fill=ink, font_size=40)
    for number in range(4):
        left = 90 + number * width // 4
        draw.ellipse((left, height - 140, left + 60, height - 80), outline=ink, width=6)
    return page


def _caption(
    share: float, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    band = int(picture.height * share)
    page = Image.new("RGB", (picture.width, picture.height + band), "white")
    page.paste(picture, (0, band))
    text = "when you see it"
    ImageDraw.Draw(page).text((picture.width // 12, band // 4), text, fill="black", font_size=band // 2)
    return page


def _logo(picture: Picture) -> Picture:
    page = picture.copy()
    place = (page.width // 2, page.height * 9 // 10)
    ImageDraw.Draw(page).text(place, "@somebody", fill="white", font_size=page.height // 14)
    return page


def _sticker(
    share: float, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    page = picture.copy()
    side = int((share * page.width * page.height / 0.785) ** 0.5)
    left = int(random.integers(0, max(1, page.width - side)))
    top = int(random.integers(0, max(1, page.height - side)))
    draw = ImageDraw.Draw(page)
    draw.ellipse((left, top, left + side, top + side), fill="#ffd23c")
    for eye in (1, 3):
        at = left + side * eye // 5
        draw.ellipse((at, top + side // 3, at + side // 10, top + side // 2), fill="black")
    return page


def _collage(
    columns: int,
    rows: int,
    gap: int,
    picture: Picture,
    others: Sequence[Picture],
    random: np.random.Generator,
) -> Picture:
    width, height = 640, 480
    size = (columns * width + (columns - 1) * gap, rows * height + (rows - 1) * gap)
    page = Image.new("RGB", size, "white")
    shown = list(others[: columns * rows])
    shown[int(random.integers(len(shown)))] = picture
    for number, cell in enumerate(shown):
        place = (number % columns * (width + gap), number // columns * (height + gap))
        page.paste(cell.resize((width, height)), place)
    return page


def _inset(
    share: float, frame: int, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    """The picture in another one; `share` is that of the width."""
    page = others[0].resize((1280, 960))
    width = int(1280 * share)
    height = min(int(width * picture.height / picture.width), 800)
    width = int(height * picture.width / picture.height)
    left, top = int(random.integers(20, 1260 - width)), int(random.integers(20, 940 - height))
    box = (left - frame, top - frame, left + width + frame - 1, top + height + frame - 1)
    if frame:
        ImageDraw.Draw(page).rectangle(box, fill="white")
    page.paste(picture.resize((width, height)), (left, top))
    return page


def _replaced(
    share: float, picture: Picture, others: Sequence[Picture], random: np.random.Generator
) -> Picture:
    page = picture.copy()
    patch = others[1].resize((int(page.width * share**0.5), int(page.height * share**0.5)))
    page.paste(patch, ((page.width - patch.width) // 2, (page.height - patch.height) // 2))
    return page
