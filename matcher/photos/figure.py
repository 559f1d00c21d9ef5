"""A drawing of what matched where, for staff: frames and outlines, and nothing of any picture."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from matcher.photos.verdict import Outline, PhotoMatch

_SIDE = 400
_GAP = 60
_MARGIN = 20
_PAPER, _FRAME, _PART, _EDGE = "#ffffff", "#555555", "#f6c8a5", "#c2410c"


def draw_figure(match: PhotoMatch) -> bytes:
    """A PNG: the registered photo at the left, the posted picture at the right, and in each the part that both show.

    The first corner of the part is marked in both, so that turns and mirrors can be seen.
    """
    sizes = [_fitted(size) for size in (match.photo_size, match.post_size)]
    width = 2 * _MARGIN + sizes[0][0] + _GAP + sizes[1][0]
    height = 2 * _MARGIN + max(high for _, high in sizes)
    page = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(page)
    left = _MARGIN
    for (wide, high), outline in zip(sizes, (match.photo_outline, match.post_outline), strict=True):
        top = (height - high) // 2
        _draw_part(draw, (left, top, wide, high), outline)
        left += wide + _GAP
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    longer = max(size)
    return max(8, _SIDE * size[0] // longer), max(8, _SIDE * size[1] // longer)


def _draw_part(draw: ImageDraw.ImageDraw, frame: tuple[int, int, int, int], outline: Outline) -> None:
    left, top, wide, high = frame
    draw.rectangle((left, top, left + wide, top + high), outline=_FRAME, width=3)
    points = [(left + x * wide, top + y * high) for x, y in outline]
    draw.polygon(points, fill=_PART, outline=_EDGE, width=4)
    x, y = points[0]
    draw.ellipse((x - 7, y - 7, x + 7, y + 7), fill=_EDGE)
