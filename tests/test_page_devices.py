"""The page on what people have: old browsers, views that run no scripts, phones that sleep or have little memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import needs_chromium, open_browser
from clips import moving, video
from page_scene import FILE_URL, Entry, Tab, choose, entries
from pictures import encoded, picture

from bot.page import page_bytes
from bot.page.build import FOLDER, frame_script, page_with

FOLDER_OF_VECTORS = Path(__file__).parent / "vectors"
TEXTS = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
VECTORS = json.loads((FOLDER_OF_VECTORS / "vectors.json").read_text())

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def open_where(tab: Tab, habit: str, tmp_path: Path) -> None:
    """The page in a browser that has a habit: a script that runs in the frame before all others."""
    file = tmp_path / "page.html"
    file.write_text(page_with(habit + frame_script()), encoding="utf-8")
    await tab.open(file.as_uri())


async def only_entry(tab: Tab, name: str, data: bytes) -> Entry:
    await choose(tab, {name: data})
    [entry] = await entries(tab)
    return entry


# Safari before 17.2, Firefox before 111 and Chrome of that time know no such word, and throw.
KNOWS_NO_FROM_IMAGE = """{
  const make = self.createImageBitmap;
  self.createImageBitmap = async (source, options = {}) => {
    if (options.imageOrientation === 'from-image') throw new TypeError('not a valid value of ImageOrientation');
    return make(source, options);
  };
}
"""


async def test_browsers_of_before_2023_make_the_same_hashes(tab: Tab, tmp_path: Path) -> None:
    [vector] = [vector for vector in VECTORS if vector["file"] == "exif-6.jpg"]
    await open_where(tab, KNOWS_NO_FROM_IMAGE, tmp_path)
    entry = await only_entry(tab, vector["file"], (FOLDER_OF_VECTORS / vector["file"]).read_bytes())
    assert entry.state == "done", entry.told
    assert entry.lines[0] == vector["hash"]


async def test_where_scripts_may_not_run_it_says_so_in_both_languages(tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    # A script that was changed on the way is not run, no more than in a view that runs none.
    file.write_text(page_bytes().decode().replace("<script>(() =>", "<script>;(() =>"), encoding="utf-8")
    await tab.open(file.as_uri())
    told = await tab.run(
        "document.getAnimations().forEach((moving) => moving.finish()), document.body.innerText"
    )
    assert TEXTS["ko"]["unscripted"] in told
    assert TEXTS["en"]["unscripted"] in told
    assert await tab.run("document.querySelector('main').offsetHeight") == 0
    await tab.open(FILE_URL)
    assert TEXTS["ko"]["unscripted"] not in await tab.run("document.body.innerText")
    assert await tab.run("document.querySelector('main').offsetHeight") > 0


CANNOT_DRAW = "HTMLCanvasElement.prototype.getContext = () => null;\n"


async def test_a_browser_that_cannot_read_pictures_is_not_said_to_hide_them(tab: Tab, tmp_path: Path) -> None:
    await open_where(tab, CANNOT_DRAW, tmp_path)
    await tab.sees(
        f"document.getElementById('problem').textContent === {json.dumps(TEXTS['en']['why-unable'])}"
    )
    entry = await only_entry(tab, "a.png", encoded(picture(1), "PNG"))
    assert (entry.state, entry.told) == ("refused", TEXTS["en"]["why-unable"])


async def test_inside_of_telegram_it_offers_no_file_and_says_nothing_of_one(tab: Tab) -> None:
    await tab.open("about:blank")
    await tab.open(f"{FILE_URL}#tgWebAppVersion=8.0")
    await choose(tab, {"a.png": encoded(picture(1), "PNG")})
    await entries(tab)
    assert await tab.run("document.getElementById('save').offsetHeight") == 0
    assert not any("저장" in TEXTS["ko"][name] for name in ("codes-how", "codes-how-videos"))


MANY = """
  parent.postMessage({{ isReady: true, why: "" }}, "*");
  const lines = Array.from({{ length: {} }}, (_, at) => `PDQ1:${{String(at).padStart(3_000, "0")}}`);
  const result = {{ kind: "picture", width: 1, height: 1, lines }};
  addEventListener("message", ({{ data }}) => parent.postMessage({{ number: data.number, result }}, "*"));
"""
"""A frame that makes so many parts."""


@pytest.mark.parametrize(("count", "is_taken"), [(99, True), (100, False)])
async def test_inside_of_telegram_more_than_can_be_sent_at_once_is_told_as_that(
    tab: Tab, tmp_path: Path, count: int, is_taken: bool
) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_with(MANY.format(count)), encoding="utf-8")
    await tab.open(f"{file.as_uri()}#tgWebAppVersion=8.0")
    await choose(tab, {"a.png": b"picture"})
    await entries(tab)
    shown = await tab.run("document.getElementById('telegram').innerText")
    assert TEXTS["en"]["parts-how" if is_taken else "parts-many"] in shown
    assert ("Send to Jikimi 99/99" in shown) is is_taken
    assert await tab.run("document.getElementById('copy').classList.contains('main')") is not is_taken


CANNOT_COPY = """
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: async () => { throw new Error(); } } });
  document.execCommand = () => false;
"""


async def test_a_piece_that_could_not_be_copied_is_not_marked_as_copied(tab: Tab) -> None:
    await tab.open(FILE_URL)
    await choose(tab, {f"{seed}.png": encoded(picture(seed, (320, 240)), "PNG") for seed in range(11)})
    await entries(tab)
    await tab.run(f"{{{CANNOT_COPY}}} document.querySelector('#piece-buttons button').click()")
    await tab.sees(
        f"document.getElementById('given').textContent === {json.dumps(TEXTS['en']['not-copied'])}"
    )
    await tab.run("new Promise((resolve) => { setTimeout(resolve); })")
    assert await tab.run("document.querySelector('#piece-buttons button').textContent") == "Copy 1/2"


async def test_who_uses_no_pointer_stays_where_they_were(tab: Tab) -> None:
    """A screen reader begins anew at the top of the page when what it stands on goes."""
    await tab.open(FILE_URL)
    await choose(tab, {"a.png": encoded(picture(1), "PNG"), "b.png": encoded(picture(2), "PNG")}, "image/png")
    await entries(tab)
    focused = "document.activeElement.id"
    pressed = "(() => {{ const it = document.getElementById('{}'); it.focus(); it.click(); return {}; }})()"
    assert await tab.run(pressed.format("show-1", focused)) == "show-1"
    assert await tab.run("document.getElementById('show-1').textContent") == "Hide"
    assert await tab.run(pressed.format("remove-1", focused)) == "files"
    await tab.run(
        f"{{{CANNOT_COPY}}} document.getElementById('copy').focus(); document.getElementById('copy').click()"
    )
    await tab.sees(
        f"document.getElementById('given').textContent === {json.dumps(TEXTS['en']['not-copied'])}"
    )
    assert await tab.run(focused) == "copy"


CLOCK = """{
  const timers = new Map();
  let [last, now] = [0, 0];
  const begin = (act, ms = 0, every = 0) => { last += 1; timers.set(last, { act, at: now + ms, every }); return last; };
  Object.assign(window, {
    setTimeout: (act, ms) => begin(act, ms),
    setInterval: (act, ms) => begin(act, ms, ms),
    clearTimeout: (id) => timers.delete(id),
    clearInterval: (id) => timers.delete(id),
    pass: (ms) => {
      now += ms;
      for (const [id, timer] of [...timers]) {
        if (timer.at > now || !timers.has(id)) continue;
        if (timer.every) timer.at = now + timer.every;
        else timers.delete(id);
        timer.act();
      }
    },
  });
}"""
"""A clock of the test's. What is overdue is called once, as when a phone wakes."""
NEVER_ANSWERS = "parent.postMessage({ isReady: true, why: '' }, '*');\n"


@pytest.mark.parametrize("browser", [pytest.param("chromium", marks=needs_chromium)])
async def test_a_phone_that_slept_is_given_the_time_that_it_slept(browser: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_with(NEVER_ANSWERS), encoding="utf-8")
    async with open_browser(tmp_path / "profile") as tab:
        await tab.ask("Page.enable")
        await tab.ask("Page.addScriptToEvaluateOnNewDocument", source=CLOCK)
        await tab.open(file.as_uri())
        await choose(tab, {"a.png": encoded(picture(1), "PNG"), "b.png": encoded(picture(2), "PNG")})
        state = "[...document.querySelectorAll('#entries li')].map(({dataset}) => dataset.state).join()"
        await tab.sees(f"{state} === 'working,waiting'")
        assert await tab.run(f"pass(3_600_000); {state}") == "working,waiting"
        # The next frame does not open any more.
        await tab.run("document.getElementById('frame').removeAttribute('srcdoc')")
        assert await tab.run(f"for (let s = 0; s < 180; s += 1) pass(1000); {state}") == "refused,waiting"
        told = "document.getElementById('problem').textContent"
        assert await tab.run(told) == ""
        assert await tab.run(f"for (let s = 0; s < 30; s += 1) pass(1000); {told}") == TEXTS["en"]["no-frame"]
        assert tab.errors == []


OVERDUE_AT_ONCE = """{
  const [later, every] = [self.setTimeout, self.setInterval];
  self.setTimeout = (act, ms = 0) => later(act, ms >= 5000 ? 0 : ms);
  self.setInterval = (act, ms = 0) => { later(act, 0); return every(act, ms); };
}
"""
"""A device that falls asleep whenever something is waited for, and finds it overdue on waking."""


async def test_a_video_is_read_on_after_the_phone_slept(tab: Tab, tmp_path: Path) -> None:
    await open_where(tab, OVERDUE_AT_ONCE, tmp_path)
    entry = await only_entry(tab, "a.mp4", video(moving(3, 1)))
    assert entry.state == "done", entry.told


LITTLE_MEMORY = """{
  const read = Blob.prototype.arrayBuffer;
  Blob.prototype.arrayBuffer = async function arrayBuffer() {
    if (this.size > 2 ** 20) throw new Error('not enough memory');
    return read.call(this);
  };
}
"""


async def test_of_a_video_only_its_beginning_is_read_into_memory(tab: Tab, tmp_path: Path) -> None:
    await open_where(tab, LITTLE_MEMORY, tmp_path)
    unused = (2**21).to_bytes(4) + b"free" + bytes(2**21 - 8)
    entry = await only_entry(tab, "a.mp4", video(moving(3, 1)) + unused)
    assert entry.state == "done", entry.told


async def test_a_browser_that_translates_sends_no_names_and_no_hashes_to_its_maker(tab: Tab) -> None:
    await tab.open(FILE_URL)
    await choose(tab, {"me at the lake.png": encoded(picture(1), "PNG")}, "image/png")
    await entries(tab)
    await tab.run("document.getElementById('show-1').click()")
    kept = """[...document.querySelectorAll('main *')].filter((element) => element.translate
      && /lake|PDQ1:/.test([element.alt, element.value, element.getAttribute('aria-label'), ...[...element.childNodes].map((node) => node.data)].join()))
      .map(({ tagName }) => tagName)"""
    assert await tab.run(kept) == []


async def test_a_broken_jpeg_is_not_said_to_be_of_a_kind_that_cannot_be_read(tab: Tab) -> None:
    whole = encoded(picture(1), "JPEG")
    await tab.open(FILE_URL)
    await choose(tab, {"a.jpg": whole[:300] + bytes(300) + whole[-2:], "a.tif": b"II*\0" + bytes(400)})
    assert [entry.told for entry in await entries(tab)] == [
        TEXTS["en"]["why-broken"],
        TEXTS["en"]["why-unreadable"],
    ]


async def test_a_video_whose_end_is_missing_is_told_as_that(tab: Tab) -> None:
    whole = video(moving(3, 1))
    await tab.open(FILE_URL)
    await choose(tab, {"a.mp4": whole[: len(whole) // 2], "b.mp4": b"\0\0\0\x18ftypisom" + bytes(400)})
    assert [entry.told for entry in await entries(tab)] == [TEXTS["en"]["why-cut"], TEXTS["en"]["why-video"]]


LOADS_NOTHING_UNASKED = """{
  const media = HTMLMediaElement.prototype;
  const [listen, play] = [EventTarget.prototype.addEventListener, media.play];
  const { get } = Object.getOwnPropertyDescriptor(media, 'readyState');
  const played = new WeakSet();
  media.addEventListener = function addEventListener(name, act, options) {
    return listen.call(this, name === 'loadeddata' ? 'play' : name, act, options);
  };
  media.play = function asked() { played.add(this); return play.call(this); };
  Object.defineProperty(media, 'readyState', { get() { return played.has(this) ? get.call(this) : Math.min(get.call(this), 1); } });
}
"""
"""Safari on phones, as told in canalplus/rx-player#649: `readyState` stays 1 until a page calls `play`."""


async def test_a_video_is_read_where_nothing_is_loaded_before_it_plays(tab: Tab, tmp_path: Path) -> None:
    data = video(moving(3, 1))
    await open_where(tab, "", tmp_path)
    usual = await only_entry(tab, "a.mp4", data)
    await open_where(tab, LOADS_NOTHING_UNASKED, tmp_path)
    entry = await only_entry(tab, "a.mp4", data)
    assert entry.state == "done", entry.told
    assert entry.lines == usual.lines


async def test_with_letters_twice_as_large_its_head_leaves_room_for_the_page(tab: Tab) -> None:
    await tab.open(FILE_URL)
    await tab.run(
        "document.documentElement.style.fontSize = '200%', document.body.style.width = '320px', "
        "document.querySelector('header').style.width = '320px'"
    )
    for _ in TEXTS:
        await tab.run("document.getElementById('language').click()")
        assert await tab.run("document.querySelector('header').offsetHeight") < 250
        assert await tab.run("document.querySelector('header').scrollWidth") <= 320
