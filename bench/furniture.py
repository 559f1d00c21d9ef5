"""Renders the furniture of benign posts and writes what of it looks like what: matcher/photos/furniture.bin.

    python bench/furniture.py [FONT...]      fonts with Hangul, such as Debian's fonts-noto-cjk

What two unrelated posts have in common is not a person but phone screens, keyboards, chat bubbles, captions, watermarks,
icons, flags and patterns. All of it is drawn here; nobody's pictures are in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from matcher.photos.furniture import FILE
from matcher.photos.orb import OF_POST, described, detect

MOST = 12_000
SAME_BITS = 32
"""One of two descriptors that are nearer than this will do."""
KOREAN = "가나다라마바사아자차카타파하 안녕하세요 오늘 사진 공유 답글 좋아요 댓글 전송 검색 메시지를 입력하세요 이 채널은 구독자 오전 오후 읽음"
ENGLISH = "the quick brown fox jumps over the lazy dog SHARE REPLY LIKE COMMENT SEND SEARCH Message Subscribe Join Channel 12:34 AM PM 5G LTE 100% views"
DIGITS = "0123456789 :;.,!?@#%&()[]/+-= ㅋㅋㅋ ㅎㅎ ㅠㅠ"
KEYS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ",
    "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ",
    "ㅋㅌㅊㅍㅠㅜㅡ",
    "1234567890",
    "QWERTYUIOP",
    "ASDFGHJKL",
    "ZXCVBNM",
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
FontOf = Callable[[int], Font]


def text_page(font: FontOf, size: int, ink: str, paper: str, words: str) -> Image.Image:
    page = Image.new("RGB", (1080, 900), paper)
    draw = ImageDraw.Draw(page)
    letters = list(words)
    for number, top in enumerate(range(10, 880, int(size * 1.4))):
        line = "".join(letters[(number * 7 + k) % len(letters)] for k in range(len(letters)))
        draw.text((20, top), line, fill=ink, font=font(size))
    return page


def outlined(font: FontOf, size: int, words: str) -> Image.Image:
    page = Image.linear_gradient("L").resize((1080, 700)).convert("RGB")
    draw = ImageDraw.Draw(page)
    for number, top in enumerate(range(10, 680, int(size * 1.5))):
        draw.text(
            (20 - 40 * number, top),
            words,
            fill="white",
            font=font(size),
            stroke_width=max(1, size // 12),
            stroke_fill="black",
        )
    return page


def keyboard(font: FontOf, dark: bool, rows: tuple[str, ...]) -> Image.Image:
    paper, key, ink = ("#1c1c1e", "#4b4b4d", "white") if dark else ("#d1d4da", "white", "black")
    page = Image.new("RGB", (1080, 640), paper)
    draw = ImageDraw.Draw(page)
    for number, row in enumerate(rows):
        for place, letter in enumerate(row):
            left, top = 14 + place * 105 + number * 20, 20 + number * 150
            draw.rounded_rectangle((left, top, left + 92, top + 126), 14, fill=key)
            draw.text((left + 30, top + 30), letter, fill=ink, font=font(52))
    draw.rounded_rectangle((250, 490, 830, 610), 14, fill=key)
    return page


def chat(font: FontOf, dark: bool) -> Image.Image:
    paper, other, mine, ink = (
        ("#0e1621", "#182533", "#2b5278", "white") if dark else ("#abc1d1", "white", "#fee500", "black")
    )
    page = Image.new("RGB", (1080, 1600), paper)
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1080, 150), fill=other)
    draw.text((40, 20), "12:34", fill=ink, font=font(40))
    draw.text((850, 20), "LTE 87%", fill=ink, font=font(36))
    draw.text((120, 80), "채널 이름 channel", fill=ink, font=font(48))
    for number in range(3):
        draw.ellipse((1000, 70 + 22 * number, 1010, 80 + 22 * number), fill=ink)
    draw.polygon([(40, 105), (70, 75), (70, 135)], fill=ink)
    top = 200
    for number, words in enumerate(
        ("안녕하세요", "hello", "사진 봤어?", "look at this", "ㅋㅋㅋㅋ", "ok", "어디야 지금", "see you")
    ):
        width, left = 200 + 40 * len(words), 120 if number % 2 else 1000 - 200 - 40 * len(words)
        draw.rounded_rectangle((left, top, left + width, top + 90), 30, fill=other if number % 2 else mine)
        draw.text((left + 30, top + 20), words, fill=ink if number % 2 or dark else "black", font=font(40))
        draw.text((left + width + 12, top + 56), "오후 3:0" + str(number), fill=ink, font=font(26))
        draw.ellipse((20, top, 100, top + 80), fill="#7f8fa6")
        top += 130
    draw.rounded_rectangle((30, 1480, 900, 1570), 45, fill=other)
    draw.text((70, 1500), "메시지 Message", fill="#888888", font=font(38))
    draw.polygon([(950, 1490), (1040, 1530), (950, 1570), (970, 1530)], fill="#3390ec")
    return page


def icons(paper: str, ink: str) -> Image.Image:
    page = Image.new("RGB", (1080, 900), paper)
    draw = ImageDraw.Draw(page)
    for number, size in enumerate((48, 72, 110, 160)):
        left, top = 30, 20 + sum((48, 72, 110, 160)[:number]) + 40 * number
        draw.polygon([(left, top), (left + size, top + size // 2), (left, top + size)], fill=ink)
        for step, shape in enumerate(("ring", "disc", "plus", "bars", "heart", "arrow", "square")):
            x = left + (step + 1) * (size + 30)
            box = (x, top, x + size, top + size)
            wide = max(4, size // 12)
            if shape == "ring":
                draw.ellipse(box, outline=ink, width=wide)
                draw.line((x + size * 0.8, top + size * 0.8, x + size, top + size), fill=ink, width=wide)
            elif shape == "disc":
                draw.ellipse(box, fill="#ffd23c")
                for eye in (0.3, 0.6):
                    draw.ellipse(
                        (x + size * eye, top + size * 0.33, x + size * (eye + 0.1), top + size * 0.5),
                        fill="black",
                    )
            elif shape == "plus":
                draw.line((x, top + size // 2, x + size, top + size // 2), fill=ink, width=wide)
                draw.line((x + size // 2, top, x + size // 2, top + size), fill=ink, width=wide)
            elif shape == "bars":
                for bar in range(3):
                    draw.line(
                        (x, top + size * (bar + 1) // 4, x + size, top + size * (bar + 1) // 4),
                        fill=ink,
                        width=wide,
                    )
            elif shape == "heart":
                draw.ellipse((x, top, x + size // 2, top + size // 2), fill="#ff3040")
                draw.ellipse((x + size // 2, top, x + size, top + size // 2), fill="#ff3040")
                draw.polygon(
                    [(x, top + size * 0.35), (x + size, top + size * 0.35), (x + size // 2, top + size)],
                    fill="#ff3040",
                )
            elif shape == "arrow":
                draw.line((x, top + size, x + size, top, x + size, top + size // 2), fill=ink, width=wide)
            else:
                draw.rounded_rectangle(box, size // 4, outline=ink, width=wide)
    return page


def watermarks(font: FontOf, words: str) -> Image.Image:
    page = Image.linear_gradient("L").resize((1200, 1200)).convert("RGB")
    draw = ImageDraw.Draw(page)
    for row in range(12):
        for column in range(5):
            draw.text((column * 260 - 60 * (row % 2), row * 100), words, fill="#c8c8c8", font=font(44))
    return page.rotate(30)


def patterns() -> Iterator[Image.Image]:
    for size in (24, 48, 90):
        page = Image.new("RGB", (1000, 800), "#9b4a3a")
        draw = ImageDraw.Draw(page)
        for row in range(0, 800, size):
            for column in range(-size, 1000, 2 * size):
                left = column + (size if row // size % 2 else 0)
                draw.rectangle(
                    (left, row, left + 2 * size, row + size), outline="#d8d0c8", width=max(2, size // 10)
                )
        yield page
        columns, rows = np.meshgrid(np.arange(1000), np.arange(800))
        chess = ((columns // size + rows // size) % 2 * 200 + 28).astype(np.uint8)
        yield Image.fromarray(chess).convert("RGB")
        blinds = (((rows % size) / size) * 160 + 60).astype(np.uint8)
        yield Image.fromarray(blinds).convert("RGB")
        dots = (np.hypot(columns % size - size / 2, rows % size - size / 2) < size / 4) * 180 + 40
        yield Image.fromarray(dots.astype(np.uint8)).convert("RGB")


def flags() -> Iterator[Image.Image]:
    page = Image.new("RGB", (1200, 800), "white")
    draw = ImageDraw.Draw(page)
    draw.pieslice((400, 200, 800, 600), 180, 360, fill="#cd2e3a")
    draw.pieslice((400, 200, 800, 600), 0, 180, fill="#0047a0")
    for left, top in ((180, 120), (880, 120), (180, 560), (880, 560)):
        for bar in range(3):
            draw.rectangle((left, top + 45 * bar, left + 140, top + 45 * bar + 26), fill="black")
    yield page
    yield page.rotate(12)
    stripes = Image.new("RGB", (1200, 780), "white")
    draw = ImageDraw.Draw(stripes)
    for bar in range(0, 13, 2):
        draw.rectangle((0, bar * 60, 1200, bar * 60 + 60), fill="#b22234")
    draw.rectangle((0, 0, 520, 420), fill="#3c3b6e")
    for row in range(5):
        for column in range(6):
            x, y = 50 + column * 84, 45 + row * 82
            points = [
                (x + r * np.sin(a * np.pi / 5), y - r * np.cos(a * np.pi / 5))
                for a in range(10)
                for r in (28 if a % 2 == 0 else 11,)
            ]
            draw.polygon(points, fill="white")
    yield stripes
    for colours in (
        ("#0055a4", "white", "#ef4135"),
        ("black", "#dd0000", "#ffce00"),
        ("white", "#d52b1e", "#0039a6"),
    ):
        page = Image.new("RGB", (1200, 800))
        for number, colour in enumerate(colours):
            ImageDraw.Draw(page).rectangle((400 * number, 0, 400 * number + 400, 800), fill=colour)
        yield page
        yield page.rotate(90, expand=True)


def pages(fonts: list[FontOf]) -> Iterator[Image.Image]:
    for font in fonts:
        for size in (24, 36, 54, 80):
            for ink, paper in (("black", "white"), ("white", "#16181c")):
                for words in (KOREAN, ENGLISH, DIGITS):
                    yield text_page(font, size, ink, paper, words)
        for size in (44, 80, 120):
            yield outlined(font, size, ENGLISH)
            yield outlined(font, size, KOREAN)
            yield outlined(font, size, ENGLISH.upper())
        for dark in (False, True):
            yield chat(font, dark)
            for first in (0, 3, 7):
                yield keyboard(font, dark, KEYS[first : first + 3])
        yield watermarks(font, "@somebody")
        yield watermarks(font, "SAMPLE 샘플")
    for paper, ink in (("white", "black"), ("#16181c", "white"), ("#777777", "white")):
        yield icons(paper, ink)
    yield from patterns()
    yield from flags()


def main() -> None:
    fonts: list[FontOf] = [lambda size: ImageFont.load_default(size)]
    fonts += [lambda size, name=name: ImageFont.truetype(name, size) for name in sys.argv[1:]]
    found_in_pages = []
    for page in pages(fonts):
        greys = np.asarray(page.convert("L"))
        for side in (1.0, 0.6):
            small = page.convert("L").resize(
                (int(page.width * side), int(page.height * side)), Image.Resampling.BOX
            )
            greys = np.asarray(small)
            found_in_pages.append(described(detect(greys, 800, OF_POST))[0])
    found = np.concatenate(found_in_pages)
    random = np.random.default_rng(0)
    words = np.ascontiguousarray(found[random.permutation(len(found))]).view(np.uint64)
    kept = np.empty((MOST, 4), dtype=np.uint64)
    number = 0
    # What turns up again and again comes first.
    for word in words:
        if number == MOST:
            break
        near = np.bitwise_count(kept[:number] ^ word).sum(axis=1)
        if not number or near.min() > SAME_BITS:
            kept[number] = word
            number += 1
    FILE.write_bytes(kept[:number].tobytes())
    print(f"{len(found):,} descriptors, {number:,} kept in {FILE}")


if __name__ == "__main__":
    main()
