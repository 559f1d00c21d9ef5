"""Screens of apps in other layouts, fonts and proportions than those that the rule for frames was made on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Grey = Image.Image
Random = np.random.Generator
Crop = Callable[[Sequence[Grey], Random], Grey]

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
_NAMES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf")
_LETTERS = list("aeiounrstldhcmpg")
_SIZES = ((240, 426), (240, 520), (216, 480), (256, 340))
"""Phones of several kinds, and a tablet."""


class _Screen:
    """A page with a pen: the colours of a theme, a font, and how far down it is written."""

    def __init__(self, random: Random) -> None:
        self.random = random
        dark = bool(random.integers(2))
        self.paper = int(random.integers(0, 50)) if dark else int(random.integers(225, 256))
        self.ink = 230 if dark else 25
        self.faint = self.paper + (25 if dark else -25)
        self.width, self.height = _SIZES[int(random.integers(len(_SIZES)))]
        self.page = Image.new("L", (self.width, self.height), self.paper)
        self.draw = ImageDraw.Draw(self.page)
        self.font = str(_FONTS / _NAMES[int(random.integers(len(_NAMES)))])

    def words(self, left: float, top: float, number: int, size: int) -> None:
        random = self.random
        text = " ".join(
            "".join(random.choice(_LETTERS, int(random.integers(2, 9)))) for _ in range(int(number))
        )
        self.draw.text((left, top), text, fill=self.ink, font=_font(self.font, size))

    def status(self) -> int:
        """The bar of the phone; where it ends."""
        clock = f"{self.random.integers(24)}:{self.random.integers(10, 60)}"
        self.draw.text((12, 3), clock, fill=self.ink, font=_font(self.font, 8))
        for number in range(3):
            left = self.width - 18 - 13 * number
            self.draw.rectangle((left, 5, left + 8, 11), fill=self.ink)
        return 17

    def tabs(self) -> int:
        """The buttons of the app below; where they begin."""
        top, number = self.height - 34, int(self.random.integers(3, 6))
        self.draw.line((0, top, self.width, top), fill=self.faint)
        for at in range(number):
            left = (2 * at + 1) * self.width // (2 * number) - 6
            box = (left, top + 7, left + 12, top + 19)
            if self.random.integers(2):
                self.draw.rounded_rectangle(box, 3, fill=self.ink)
            else:
                self.draw.polygon((left, top + 19, left + 6, top + 7, left + 12, top + 19), outline=self.ink)
        self.draw.rounded_rectangle(
            (self.width * 0.35, top + 28, self.width * 0.65, top + 30), 1, fill=self.ink
        )
        return top

    def paste(self, picture: Grey, left: float, top: float, width: float, most: float) -> int:
        """A picture in this place and width, cut off at the height `most`; where it ends."""
        height = max(16, min(int(most), int(picture.height * width / picture.width)))
        self.page.paste(picture.resize((int(width), height)), (int(left), int(top)))
        return int(top) + height


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(name, size)


def messenger(crop: Crop, pictures: Sequence[Grey], random: Random) -> Grey:
    """Bubbles under a header, some of them pictures."""
    screen = _Screen(random)
    shade = int(random.integers(60, 200))
    screen.draw.rectangle((0, 0, screen.width, 44), fill=shade)
    top = screen.status()
    screen.draw.ellipse((8, top + 4, 26, top + 22), fill=screen.faint)
    screen.words(34, top + 6, random.integers(1, 3), 11)
    bottom, top = screen.height - 30, 52
    while top < bottom - 24:
        mine = bool(random.integers(2))
        width = int(random.integers(70, screen.width * 3 // 4))
        left = screen.width - width - 10 if mine else 10
        if random.random() < 0.25:
            top = screen.paste(crop(pictures, random), left, top, width, bottom - top) + 9
            continue
        lines = int(random.integers(1, 4))
        box = (left, top, left + width, min(bottom, top + 10 + 12 * lines))
        screen.draw.rounded_rectangle(box, 9, fill=screen.faint)
        for line in range(lines):
            screen.words(left + 8, top + 4 + 12 * line, width // 45, 8)
        top += 18 + 12 * lines
    screen.draw.rectangle((0, bottom, screen.width, screen.height), fill=screen.paper)
    screen.draw.rounded_rectangle((30, bottom + 5, screen.width - 34, bottom + 23), 9, outline=screen.ink)
    screen.draw.ellipse((screen.width - 26, bottom + 6, screen.width - 10, bottom + 22), fill=screen.ink)
    return screen.page


def viewer(crop: Crop, pictures: Sequence[Grey], random: Random) -> Grey:
    """One picture, which may have margins, between a title and buttons."""
    screen = _Screen(random)
    top, bottom = screen.status(), screen.tabs()
    screen.words(12, top + 4, random.integers(1, 4), int(random.integers(9, 15)))
    margin = int(random.choice([0, 0, 8, 20]))
    place = top + int(random.integers(26, 80))
    end = screen.paste(crop(pictures, random), margin, place, screen.width - 2 * margin, bottom - place - 6)
    for _ in range(int(random.integers(0, 5))):
        if end < bottom - 20:
            screen.words(12, end + 6, random.integers(1, 6), 9)
            end += 14
    return screen.page


def feed(crop: Crop, pictures: Sequence[Grey], random: Random) -> Grey:
    """Two posts, each a name, a picture and buttons; the second goes on below the screen's end."""
    screen = _Screen(random)
    top, bottom = screen.status(), screen.tabs()
    screen.words(12, top + 2, 1, 14)
    top += 26
    for _ in range(2):
        if bottom - top < 60:
            break
        screen.draw.ellipse((8, top, 24, top + 16), fill=screen.faint, outline=screen.ink)
        screen.words(30, top + 2, 1, 10)
        top = screen.paste(crop(pictures, random), 0, top + 22, screen.width, bottom - top - 24) + 6
        for number in range(3):
            if top + 14 < bottom:
                screen.draw.ellipse(
                    (8 + 24 * number, top, 20 + 24 * number, top + 12), outline=screen.ink, width=2
                )
        top += 22
    return screen.page


def story(crop: Crop, pictures: Sequence[Grey], random: Random) -> Grey:
    """A picture that fills the screen, with a bar of progress, a name and a field for an answer over it."""
    screen = _Screen(random)
    screen.page.paste(crop(pictures, random).resize((screen.width, screen.height)))
    number = int(random.integers(1, 6))
    for at in range(number):
        left = 6 + at * (screen.width - 12) // number
        screen.draw.rectangle((left, 8, left + (screen.width - 12) // number - 4, 10), fill=250)
    screen.draw.ellipse((8, 18, 28, 38), fill=screen.paper, outline=250)
    screen.ink = 250
    screen.words(34, 22, 1, 10)
    box = (10, screen.height - 36, screen.width - 44, screen.height - 12)
    screen.draw.rounded_rectangle(box, 12, outline=250, width=2)
    screen.words(22, screen.height - 30, 2, 9)
    return screen.page


APPS = {"messenger": messenger, "viewer": viewer, "feed": feed, "story": story}
