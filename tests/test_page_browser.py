"""The page in headless Chromium and Firefox: the same hashes as ours, and whether it says what it cannot do."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from shutil import which

import pytest
from browser import needs_chromium, open_browser
from clips import animation, moving, video
from firefox import needs_firefox, open_firefox
from page_pictures import many
from page_scene import FILE_URL, Tab, choose, entries, hashed
from pictures import encoded, picture
from PIL import Image

from bot.page.build import frame_script, page_with
from matcher import (
    HashTextError,
    Limits,
    VideoFingerprint,
    fingerprint_bytes,
    format_media,
    parse_hash_line,
    parse_hashes,
    parse_video,
)

ROOT = Path(__file__).parent.parent
VECTORS = json.loads((ROOT / "tests/vectors/vectors.json").read_text())
FRAMES = json.loads((ROOT / "tests/vectors/frames.json").read_text())
REGISTERED = Limits(max_bytes=1 << 30, frames_per_s=6)

pytestmark = pytest.mark.asyncio(loop_scope="module")


def bits(line: str) -> int:
    return int.from_bytes(parse_hash_line(line).bits)


def apart(lines: Sequence[str], others: Sequence[str]) -> list[int]:
    return [(bits(line) ^ bits(other)).bit_count() for line, other in zip(lines, others, strict=True)]


async def test_every_vector_gives_the_hash_of_the_reference(tab: Tab) -> None:
    files = {vector["file"]: (ROOT / "tests/vectors" / vector["file"]).read_bytes() for vector in VECTORS}
    found = await hashed(tab, files)
    assert len(found) == len(VECTORS)
    for vector in VECTORS:
        if vector["file"] == "animated.gif":
            [text] = found["animated.gif"].lines
            assert parse_video(text).frames[0][1].hex == vector["hash"].split(":")[1]
            continue
        line, hash_ = found[vector["file"]].lines[0], vector["hash"]
        if "alpha" in vector["file"]:
            # Browsers round otherwise than Pillow where something shines through.
            assert apart([line], [hash_])[0] <= 2
            assert abs(quality(line) - vector["quality"]) <= 1
        else:
            assert line == hash_
        assert f"{vector['width']}×{vector['height']}" in found[vector["file"]].told


async def test_frames_and_screens_give_what_we_register(tab: Tab) -> None:
    files = {frame["file"]: (ROOT / "tests/vectors" / frame["file"]).read_bytes() for frame in FRAMES}
    found = await hashed(tab, files)
    told = {frame["file"]: frame["framing"] for frame in FRAMES}
    assert {"none", "framed", "screen", "page"} == set(told.values())
    for name, data in files.items():
        if told[name] == "page":
            assert (found[name].state, found[name].lines) == ("refused", [])
            assert "screen of text" in found[name].told
        else:
            assert apart(found[name].lines, ours_of(data)) == [0] * len(found[name].lines), name


async def test_sixty_six_pictures_of_all_formats_give_our_hashes(tab: Tab) -> None:
    files = dict(many())
    found = await hashed(tab, files)
    for name, data in files.items():
        ours, lines = ours_of(data), found[name].lines
        # Of large JPEG files we may take the decoder's own luma.
        most = 2 if name.endswith(".large.JPEG") else 0
        assert max(apart(lines, ours)) <= most, name
        assert max(abs(quality(line) - quality(our)) for line, our in zip(lines, ours, strict=True)) <= 1, (
            name
        )


def quality(line: str) -> int:
    return int(line.split(":")[2])


@cache
def ours_of(data: bytes) -> list[str]:
    """What we register of a file."""
    return format_media(fingerprint_bytes(data, REGISTERED))


def nearest(found: VideoFingerprint, ours: VideoFingerprint) -> list[int]:
    """Of each frame that the page registers, how far it is from the nearest of ours at about the same time."""
    return [
        min(
            (int.from_bytes(frame.bits) ^ int.from_bytes(other.bits)).bit_count()
            for other_ms, other in ours.frames
            if abs(other_ms - at_ms) <= 500
        )
        for at_ms, frame in found.frames
    ]


@pytest.mark.parametrize("kind", ["mp4", "webm", "GIF", "WEBP", "PNG"])
async def test_videos_and_animations_give_frames_like_ours(tab: Tab, kind: str) -> None:
    pictures = [*moving(3, 1), *moving(4, 1)]
    if kind == "mp4":
        data = video(pictures)
    elif kind == "webm":
        data = video(pictures, container="webm", codec="libvpx", deadline="realtime")
    else:
        data = animation(pictures, kind)
    entry = (await hashed(tab, {f"a.{kind}": data}))[f"a.{kind}"]
    assert entry.state == "done", entry.told
    assert "0:02" in entry.told
    [text], [our_text] = entry.lines, ours_of(data)
    found, ours = parse_video(text), parse_video(our_text)
    assert abs(found.duration_ms - ours.duration_ms) <= 200
    assert len(ours.frames) / 2 <= len(found.frames) <= 2 * len(ours.frames)
    assert max(nearest(found, ours)) <= 12
    assert max(nearest(ours, found)) <= 12


async def test_what_has_no_hash_says_why(tab: Tab) -> None:
    whole = encoded(picture(1), "JPEG")
    heic = b"\0\0\0\x18ftypheic" + bytes(400)
    huge = bytearray(encoded(picture(2, (64, 64)), "PNG"))
    huge[16:24] = (20_000).to_bytes(4) + (20_000).to_bytes(4)
    files = {
        "flat.png": encoded(Image.new("RGB", (200, 200), "grey"), "PNG"),
        "text.txt": b"nothing to see",
        "empty.jpg": b"",
        "photo.heic": heic,
        "huge.png": bytes(huge),
        "broken.mp4": b"\0\0\0\x18ftypisom" + bytes(400),
        "whole.jpg": whole,
    }
    found = await hashed(tab, files)
    texts = json.loads((ROOT / "bot/page/texts.json").read_text(encoding="utf-8"))["en"]
    why = {
        "flat": "flat",
        "text": "unreadable",
        "empty": "empty",
        "photo": "heic",
        "huge": "too-large",
        "broken": "video",
    }
    assert {name.split(".")[0]: entry.told for name, entry in found.items() if entry.state == "refused"} == {
        name: texts[f"why-{reason}"] for name, reason in why.items()
    }
    assert found["whole.jpg"].state == "done"
    assert "Files with a hash: 1 · without: 6" in await tab.run(
        "document.getElementById('status').textContent"
    )


@pytest.mark.parametrize("share", [0.3, 0.95])
async def test_a_picture_whose_end_is_missing_has_no_hash(tab: Tab, share: float) -> None:
    shown = picture(1, (320, 240)).convert("RGB")
    others = {"save_all": True, "append_images": [picture(2, (320, 240)).convert("RGB")], "duration": 300}
    thumbnail = Image.Exif()
    thumbnail[0x9286] = encoded(picture(3, (64, 64)), "JPEG")
    whole = {
        "usual.jpg": encoded(shown, "JPEG"),
        "progressive.jpg": encoded(shown, "JPEG", progressive=True),
        "thumbnail.jpg": encoded(shown, "JPEG", exif=thumbnail),
        **{f"still.{name}": encoded(shown, name) for name in ("png", "gif", "webp", "bmp")},
        **{f"moving.{name}": encoded(shown, name, **others) for name in ("png", "gif", "webp")},
    }
    cut = {name: data[: int(len(data) * share)] for name, data in whole.items()}
    ends_otherwise = {
        "more.jpg": whole["usual.jpg"] + b"\0\xff" * 50,
        "no-mark.gif": whole["still.gif"].removesuffix(b";"),
    }
    found = await hashed(tab, {f"cut-{name}": data for name, data in cut.items()} | whole | ends_otherwise)
    texts = json.loads((ROOT / "bot/page/texts.json").read_text(encoding="utf-8"))["en"]
    assert {entry.told for name, entry in found.items() if name.startswith("cut-")} == {texts["why-cut"]}
    assert {entry.state for name, entry in found.items() if not name.startswith("cut-")} == {"done"}


async def test_a_file_chosen_from_disk_gives_lines_to_copy_to_save_and_to_scan(
    tab: Tab, tmp_path: Path
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(encoded(picture(7), "JPEG"))
    await tab.open(FILE_URL)
    await tab.choose("#files", [file])
    [entry] = await entries(tab)
    assert await tab.run("document.getElementById('all').value") == "\n".join(entry.lines)
    await tab.run("document.getElementById('show-codes').click()")
    code = await tab.run("document.getElementById('code').toDataURL()")
    assert len(code) > 1000
    if which("zbarimg"):
        shown = tmp_path / "code.png"
        shown.write_bytes(_bytes_of(code))
        read = subprocess.run(
            ["zbarimg", "-q", "--raw", str(shown)], capture_output=True, check=True, text=True
        )
        assert [parse_hash_line(word) for word in read.stdout.split()] == [
            parse_hash_line(line) for line in entry.lines
        ]


def _bytes_of(data_url: str) -> bytes:

    return base64.b64decode(data_url.split(",")[1])


async def test_files_can_be_dropped_shown_small_and_taken_out(tab: Tab) -> None:
    await tab.open(FILE_URL)
    data = base64.b64encode(encoded(picture(7), "PNG")).decode()
    await tab.run(
        f"""{{
          const dataTransfer = new DataTransfer();
          const bytes = Uint8Array.from(atob('{data}'), (character) => character.charCodeAt(0));
          for (const name of ['a.png', 'b.png']) dataTransfer.items.add(new File([bytes], name, {{ type: 'image/png' }}));
          document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer, bubbles: true, cancelable: true }}));
        }}"""
    )
    first, second = await entries(tab)
    assert (first.name, second.name, first.lines) == ("a.png", "b.png", second.lines)
    assert await tab.run("document.getElementById('all').value") == "\n".join(first.lines), "each hash once"
    assert await tab.run("document.querySelectorAll('main img, main video').length") == 0
    await tab.run("document.getElementById('show-1').click()")
    await tab.sees("document.querySelector('main img').naturalWidth === 640")
    await tab.run("document.getElementById('remove-1').click()")
    assert [entry.name for entry in await entries(tab)] == ["b.png"]
    assert await tab.run("document.querySelectorAll('main img').length") == 0


async def test_what_is_too_long_for_a_message_is_copied_in_pieces(tab: Tab) -> None:
    files = {f"{seed}.png": encoded(picture(seed, (320, 240)), "PNG") for seed in range(11)}
    found = await hashed(tab, files)
    lines = [line for entry in found.values() for line in entry.lines]
    assert len(lines) > 51
    await tab.sees("document.querySelectorAll('#piece-buttons button').length === 2")
    copied = """(() => {
      const copied = [];
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => copied.push(text) } });
      for (const button of document.querySelectorAll('#piece-buttons button, #copy')) button.click();
      return copied;
    })()"""
    whole, *pieces = await tab.run(copied)
    assert whole.split("\n") == lines
    assert "\n".join(pieces) == whole
    assert max(map(len, pieces)) <= 4000
    assert [result for _, result in parse_hashes(whole) if isinstance(result, HashTextError)] == []


async def test_the_quick_exit_leaves_an_empty_page_and_no_way_back(tab: Tab) -> None:
    await hashed(tab, {"a.png": encoded(picture(3), "PNG")})
    # Where the browser lets a page close its tab, it does; here the tab is needed.
    before = await tab.run("window.close = () => {}; history.length")
    await tab.run("document.getElementById('leave').click()")
    await tab.sees("location.href === 'about:blank'")
    assert await tab.run("document.body.textContent + document.title") == ""
    assert await tab.run("history.length") <= before


async def test_it_can_be_used_by_keyboard_and_is_told_to_screen_readers(tab: Tab) -> None:
    await tab.open(FILE_URL)
    unnamed = """[...document.querySelectorAll('button, input, textarea, canvas, progress, summary')].filter((element) =>
      !(element.textContent.trim() || element.getAttribute('aria-label') || element.labels?.length
        || element.id === 'code')).map(({id}) => id)"""
    assert await tab.run(unnamed) == []
    assert await tab.run("document.getElementById('status').getAttribute('role')") == "status"
    reached = "(() => { const input = document.getElementById('files'); input.focus(); return document.activeElement === input; })()"
    assert await tab.run(reached) is True
    assert await tab.run("document.documentElement.scrollWidth <= innerWidth") is True


@pytest.mark.parametrize("browser", [pytest.param("firefox", marks=needs_firefox)])
async def test_a_browser_that_makes_pixels_up_is_found_out_and_gives_no_hash(
    browser: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        tab = await stack.enter_async_context(
            open_firefox(tmp_path, **{"privacy.resistFingerprinting": True})
        )
        await tab.open(FILE_URL)
        await tab.sees("document.getElementById('problem').textContent.includes('Chrome')")
        await choose(tab, {"a.png": encoded(picture(3), "PNG")})
        [entry] = await entries(tab)
        assert (entry.state, entry.lines) == ("refused", [])
        assert "jikimi hash" in entry.told


NOISE = """(() => {
  const read = CanvasRenderingContext2D.prototype.getImageData;
  CanvasRenderingContext2D.prototype.getImageData = function noisy(...place) {
    const found = read.apply(this, place);
    for (let at = 0; at < found.data.length; at += 1) found.data[at] = Math.random() * 256;
    return found;
  };
})();
"""


@pytest.mark.parametrize("browser", [pytest.param("chromium", marks=needs_chromium)])
async def test_made_up_pixels_are_found_out_in_chromium_too(browser: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(page_with(NOISE + frame_script()), encoding="utf-8")
    async with open_browser(tmp_path / "profile") as tab:
        await tab.open(page.as_uri())
        await tab.sees("document.getElementById('problem').textContent.includes('Chrome')")
        await choose(tab, {"a.png": encoded(picture(3), "PNG")})
        [entry] = await entries(tab)
        assert (entry.state, entry.lines) == ("refused", [])


@pytest.mark.parametrize("browser", [pytest.param("chromium", marks=needs_chromium)])
async def test_it_looks_as_it_should(browser: str, tmp_path: Path) -> None:
    """Leaves pictures of it in `screenshots/`, for people to look at."""
    files = {
        "IMG_2031.jpg": encoded(picture(1, (1200, 900)), "JPEG"),
        "blank.png": encoded(Image.new("RGB", (300, 200), "white"), "PNG"),
    }
    async with open_browser(tmp_path) as tab:
        for width, height in ((390, 844), (1440, 900)):
            for language in ("ko", "en"):
                await tab.size(width, height)
                await tab.open(FILE_URL)
                if language == "ko":
                    await tab.run("document.getElementById('language').click()")
                assert await tab.run("document.documentElement.lang") == language
                await tab.photograph(ROOT / "screenshots" / f"page-{width}-{language}.png")
                await choose(tab, files)
                assert [entry.state for entry in await entries(tab)] == ["done", "refused"]
                await tab.size(width, await tab.run("document.documentElement.scrollHeight"))
                await tab.photograph(ROOT / "screenshots" / f"page-{width}-{language}-done.png")
                assert await tab.run("document.documentElement.scrollWidth <= innerWidth") is True
        assert tab.errors == []
