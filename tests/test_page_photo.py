"""Sketches of ordinary photos, made by the page in headless Chromium and Firefox: as good as our own."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
from clips import animation, moving, video
from page_scene import FILE_URL, Entry, Tab, choose, entries
from photos import need_opencv, posted, registered, scene, smooth
from pictures import encoded
from PIL import Image, ImageDraw, ImageOps
from test_photo_overlays import OVERLAYS
from test_photo_register import bricks, flag, screenshot, text_page

from bot.page.build import FOLDER
from matcher import (
    Limits,
    PhotoFeatures,
    PhotoIndex,
    Relation,
    accepted_photo,
    judge_photos,
    photo_features,
)

need_opencv()

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXTS = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))["en"]


@dataclass(frozen=True)
class Saved:
    name: str
    text: str


_KEEP = """{
  if (document.documentElement.lang !== 'en') document.getElementById('language').click();
  const address = URL.createObjectURL;
  URL.createObjectURL = (blob) => { window.blob = blob; return address.call(URL, blob); };
  HTMLAnchorElement.prototype.click = function () { window.download = this.download; };
}"""
"""English, and what is to be saved is kept in the page for us."""
_SAVE = """(async () => {
  const texts = [];
  for (const item of document.querySelectorAll('#entries li')) {
    if (item.dataset.state === 'done') item.querySelector('.buttons button').click();
    texts.push(item.dataset.state === 'done' ? [download, await blob.text()] : null);
  }
  return texts;
})()"""


async def open_page(tab: Tab) -> None:
    await tab.open(FILE_URL)
    await tab.run(_KEEP)


async def press(tab: Tab, *ids: str) -> None:
    for one in ids:
        await tab.run(f"document.getElementById('{one}').click()")


async def is_shown(tab: Tab, id_: str) -> bool:
    return bool(await tab.run(f"document.getElementById('{id_}').checkVisibility()"))


async def sketched(tab: Tab, files: dict[str, bytes]) -> list[tuple[Entry, Saved | None]]:
    """Choose these as ordinary photos, and save what the page makes of each."""
    await open_page(tab)
    await press(tab, "photo-open", "photo-agree")
    await choose(tab, files, input_id="photos")
    told = await entries(tab)
    return [
        (entry, Saved(*saved) if saved else None)
        for entry, saved in zip(told, await tab.run(_SAVE), strict=True)
    ]


async def sketch_of(tab: Tab, photo: Image.Image) -> PhotoFeatures:
    [(entry, saved)] = await sketched(tab, {"me.png": encoded(photo, "PNG")})
    assert saved is not None, entry.told
    return accepted_photo(saved.text)


def hash_bits_apart(theirs: PhotoFeatures, ours: PhotoFeatures) -> int:
    """The most of any hash."""
    pairs = zip(theirs.hashes, ours.hashes, strict=True)
    return max((int.from_bytes(one.bits) ^ int.from_bytes(other.bits)).bit_count() for one, other in pairs)


def places(photo: PhotoFeatures) -> list[tuple[int, ...]]:
    """Where features are, in which size."""
    return [(*place, size) for place, size in zip(photo.places.tolist(), photo.sizes.tolist(), strict=True)]


async def test_sketches_have_our_features(tab: Tab) -> None:
    pictures = {
        "small.png": encoded(scene(1), "PNG"),
        "large.png": encoded(scene(2, (1800, 1350)), "PNG"),
        "upright.jpg": encoded(scene(3, (700, 1100)), "JPEG", quality=90),
        "meme.png": encoded(OVERLAYS["a meme"](scene(4)), "PNG"),
        "smooth.png": encoded(smooth(5, 80), "PNG"),
    }
    for entry, saved in await sketched(tab, pictures):
        assert saved is not None, entry.told
        theirs, ours = accepted_photo(saved.text), photo_features(pictures[entry.name], Limits())
        assert (theirs.width, theirs.height) == (ours.width, ours.height)
        assert len(theirs) >= 450
        assert hash_bits_apart(theirs, ours) <= 2
        known = {where: at for at, where in enumerate(places(ours))}
        common = [(at, known[where]) for at, where in enumerate(places(theirs)) if where in known]
        assert len(common) >= 0.9 * len(theirs)
        mine, own = (np.array(at) for at in zip(*common, strict=True))
        apart = np.bitwise_count(theirs.descriptors[mine] ^ ours.descriptors[own]).sum(axis=1)
        # A sum next to its limit may be on its other side where numbers are rounded otherwise.
        assert apart.max() <= 2
        assert np.count_nonzero(apart) <= 0.01 * len(apart)
        assert (theirs.sizes[mine] == ours.sizes[own]).all()
        turned = (theirs.turns[mine].astype(int) - ours.turns[own] + 128) % 256 - 128
        assert abs(turned).max() <= 1
        assert np.count_nonzero(turned) <= 0.01 * len(turned)


async def test_what_is_made_of_the_photo_is_found_by_its_sketch(tab: Tab) -> None:
    index = PhotoIndex()
    index.prepare()
    photo = scene(7)
    index.add(
        [(7, await sketch_of(tab, photo)), *((seed, registered(scene(seed))) for seed in range(20, 22))]
    )
    collage = scene(2, (1280, 960))
    collage.paste(
        photo.crop((300, 200, 700, 600)).rotate(-12, Image.Resampling.BICUBIC).resize((520, 520)), (600, 300)
    )
    mirrored = scene(3, (1280, 960))
    mirrored.paste(ImageOps.mirror(photo.crop((200, 100, 700, 600))), (100, 100))
    edited = photo.copy()
    ImageDraw.Draw(edited).ellipse((350, 200, 650, 500), fill="pink")
    posts = {
        "crop": (photo.crop((100, 80, 560, 430)), Relation.PART),
        "collage": (collage, Relation.PART),
        "mirrored": (mirrored, Relation.PART),
        "edited": (edited, Relation.PART),
        "smaller": (photo.resize((800, 600)), Relation.SAME),
    }
    found = {name: judge_photos(posted(post), index) for name, (post, _) in posts.items()}
    assert {
        name: [(match.photo_id, match.relation) for match in matches] for name, matches in found.items()
    } == {name: [(7, relation)] for name, (_, relation) in posts.items()}
    assert judge_photos(posted(scene(30)), index) == []


async def test_what_is_no_photo_is_refused_with_a_reason(tab: Tab) -> None:
    pictures = {
        "blank.png": (Image.new("RGB", (900, 600), "#808080"), {"flat"}),
        "flag.png": (flag(), {"flat"}),
        "screen.png": (screenshot(), {"screenshot"}),
        "text.png": (text_page(), {"text", "screenshot"}),
        "bricks.png": (bricks(), {"pattern"}),
        "dots.png": (dots(), {"few"}),
        "fog.png": (smooth(5, 1), {"few"}),
    }
    files = {name: encoded(picture, "PNG") for name, (picture, _) in pictures.items()}
    moving_ones = {"a.mp4": video(moving(3, 1)), "a.gif": animation(moving(3, 1), "GIF")}
    found = await sketched(tab, files | moving_ones)
    reasons = {name: reasons for name, (_, reasons) in pictures.items()}
    reasons |= {name: {"moving"} for name in moving_ones}
    assert [entry.name for entry, _ in found] == list(reasons)
    for entry, saved in found:
        assert saved is None, entry.name
        assert entry.told in {TEXTS[f"why-{reason}"] for reason in reasons[entry.name]}, entry.name


def dots() -> Image.Image:
    """With structure in one corner only."""
    page = Image.radial_gradient("L").resize((900, 600)).convert("RGB")
    page.paste(scene(1).resize((150, 150)), (40, 40))
    return page


async def test_nobody_can_choose_a_photo_before_agreeing(tab: Tab) -> None:
    await open_page(tab)
    assert not await is_shown(tab, "photo-consent")
    await press(tab, "photo-open")
    assert await is_shown(tab, "photo-consent")
    assert not await is_shown(tab, "photo-drop")
    await press(tab, "photo-disagree")
    assert not await is_shown(tab, "photo-consent")
    assert not await is_shown(tab, "photo-drop")
    await press(tab, "photo-open", "photo-agree")
    assert not await is_shown(tab, "photo-consent")
    assert await is_shown(tab, "photo-drop")
    assert await tab.run("document.activeElement.id") == "photos"


async def test_sketches_are_saved_one_by_one_and_never_among_the_hashes(tab: Tab) -> None:
    data = {"me.png": encoded(scene(1), "PNG")}
    await open_page(tab)
    await choose(tab, data)
    await entries(tab)
    await press(tab, "photo-open", "photo-agree")
    await choose(tab, data, input_id="photos")
    hashed, sketch = await entries(tab)
    assert sketch.told == "Sketch of an ordinary photo · features: 1000 · 960×720"
    assert (len(sketch.lines), await tab.run("document.getElementById('all').value")) == (
        0,
        "\n".join(hashed.lines),
    )
    assert await tab.run("document.getElementById('status').textContent") == (
        "All done. Files with a hash: 1 · sketches: 1 · without: 0"
    )
    await press_in_last(tab)
    assert await tab.run("document.getElementById('sketch-saved').textContent") == (
        TEXTS["sketch-saved"].replace("{file}", "jikimi-photo-2.txt")
    )
    text = await tab.run("blob.text()")
    assert (await tab.run("download"), text[:7], text[-1], len(text) < 60_000) == (
        "jikimi-photo-2.txt",
        "PHOTO1:",
        "\n",
        True,
    )


async def press_in_last(tab: Tab) -> None:
    await tab.run("document.querySelector('#entries li:last-child .buttons button').click()")


async def test_inside_of_telegram_it_says_where_sketches_can_be_made(tab: Tab) -> None:
    await tab.open("about:blank")
    await tab.open(f"{FILE_URL}#tgWebAppVersion=8.0")
    await tab.run(_KEEP)
    assert not await is_shown(tab, "photo-open")
    told = await tab.run("document.querySelector('[data-text^=photo-what]').textContent")
    assert told == TEXTS["photo-what-telegram"]
    await tab.open("about:blank")
