"""Pictures on the pages of PDF files, as people see them: the pages are drawn, and cut where their pictures are.

Text alone is not looked at: pages of text have hashes that say little.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from math import isqrt
from typing import NamedTuple

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw as pdfium

from matcher import pdq
from matcher.errors import MediaError, MediaErrorCode
from matcher.files.budget import Budget
from matcher.fingerprint import Head, LeftOut, Shown, Still, StillKind
from matcher.foreign import foreign_views
from matcher.kinds import PHOTO
from matcher.look import is_flat, look_at, shrink
from matcher.photos import orb
from matcher.regions import Floats

_MAX_PAGES = 500
"""A page without pictures takes little time, and one with them about a tenth of a second."""
_MAX_IMAGES = 256
"""Images of one page that are told apart."""
_LONGEST_SIDE = 1600
"""In points of the drawn page. The hash of a photo two thirds as wide as its page differs by 4.8 bits from the photo's
own; with 2400 points it is 2.8, for half as much time again.
"""
_LEAST_SHARE = 0.02
"""What is smaller than this part of its page is a logo, a rule or an icon."""
_LEAST_SIDE = 64
_TOUCH = 2
"""How far apart, in points, images may be that are pieces of one: scanners cut pages into strips."""


class _Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    @property
    def least_side(self) -> int:
        return min(self.right - self.left, self.bottom - self.top)

    def shared(self, other: _Box) -> _Box:
        return _Box(*map(max, self[:2], other[:2]), *map(min, self[2:], other[2:]))

    def around(self, other: _Box) -> _Box:
        return _Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))

    def wider(self, by: int) -> _Box:
        return _Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def goes_on_in(self, other: _Box) -> bool:
        """Whether they lie side by side. One upon the other is a picture of its own: photos lie on backgrounds."""
        return self.wider(_TOUCH).shared(other).area > 0 and 2 * self.shared(other).area < min(
            self.area, other.area
        )


def is_pdf(untrusted_data: bytes) -> bool:
    """Readers take what comes before it for rubbish, but it may be an archive that begins with a document."""
    return b"%PDF-" in untrusted_data[:1024] and not untrusted_data.startswith(b"PK")


def pages(untrusted_data: bytes, budget: Budget, kinds: Collection[str] = ()) -> Iterator[Shown]:
    """What the pictures on the pages show, each still with the number of its page, from 1.

    Raises `MediaError`: `ENCRYPTED` where a password is needed, `CORRUPT`, `NO_PICTURE`, or `FLAT` where no picture has
    enough structure.
    """
    reason = MediaErrorCode.NO_PICTURE
    left_out = 0
    has_head = False
    longest_side = min(_LONGEST_SIDE, isqrt(budget.limits.max_pixels))
    with _opened(untrusted_data) as document:
        count = len(document)
        for number in range(1, count + 1):
            if number > _MAX_PAGES or budget.is_spent:
                left_out += count - number + 1
                reason = MediaErrorCode.TOO_LARGE
                break
            try:
                for luma in _pictures(document[number - 1], longest_side):
                    height, width = luma.shape
                    shrunk, small = shrink(luma)
                    views = look_at(pdq.reduce(luma), small, shrunk)
                    views += tuple(foreign_views(luma, views[0].quality, kinds))
                    local = (orb.posted_features(luma),) if PHOTO in kinds else ()
                    if is_flat(views) and not any(map(len, local)):
                        reason = MediaErrorCode.FLAT
                        continue
                    if not has_head:
                        yield Head("PDF")
                        has_head = True
                    yield Still(StillKind.PAGE, width, height, views, at=number, local=local)
            except (pypdfium2.PdfiumError, ValueError, ArithmeticError):
                # A page that is cut to nothing has no size, for one.
                reason = MediaErrorCode.CORRUPT
                left_out += 1
    if not has_head:
        raise MediaError(reason)
    yield LeftOut(left_out)


def _opened(untrusted_data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(untrusted_data)
    except pypdfium2.PdfiumError as error:
        is_encrypted = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise MediaError(MediaErrorCode.ENCRYPTED if is_encrypted else MediaErrorCode.CORRUPT) from None


def _pictures(page: pypdfium2.PdfPage, longest_side: int) -> Iterator[Floats]:
    """The luma of each picture of a page."""
    try:
        images = list(islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]), _MAX_IMAGES))
        if not images:
            return
        bitmap = page.render(scale=longest_side / max(page.get_size()), rev_byteorder=True)
        drawn = bitmap.to_numpy()
        whole = _Box(0, 0, bitmap.width, bitmap.height)
        on_page = bitmap.get_posconv(page)
        boxes = [_box(image, on_page).shared(whole) for image in images]
        for box in _joined([box for box in boxes if box.area]):
            if box.area >= _LEAST_SHARE * whole.area and box.least_side >= _LEAST_SIDE:
                yield _luma(drawn[box.top : box.bottom, box.left : box.right])
    finally:
        page.close()


def _box(image: pypdfium2.PdfObject, on_page: pypdfium2.PdfPosConv) -> _Box:
    """Where an image lies on the drawn page."""
    corners = image.get_bounds()
    form = image.container
    while form is not None:
        # Inside a form, places are those of the form.
        corners = form.get_matrix().on_rect(*corners)
        form = form.container
    (x0, y0), (x1, y1) = on_page.to_bitmap(*corners[:2]), on_page.to_bitmap(*corners[2:])
    return _Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _joined(boxes: Sequence[_Box]) -> list[_Box]:
    """Pieces that lie side by side as one, and every box once."""
    joined: list[_Box] = []
    for box in boxes:
        while (piece := next((other for other in joined if box.goes_on_in(other)), None)) is not None:
            joined.remove(piece)
            box = box.around(piece)
        if box not in joined:
            joined.append(box)
    return joined


def _luma(drawn: NDArray[np.uint8]) -> Floats:
    """Of red, green and blue, by the decode rule."""
    red, green, blue = (drawn[:, :, channel].astype(np.float32) for channel in range(3))
    return np.asarray(
        np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue, np.float32
    )
