"""The demo as a person meets it: the page in Chromium, the real bot behind it."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import aiohttp
import pytest
from browser import needs_chromium, open_browser

from bot import demo
from bot.cli.main import _spoken
from bot.demo import example
from bot.demo.example import Example
from bot.demo.scene import EARLIER_POSTS, build_scene
from bot.model import Language
from bot.standin import Standin
from bot.standin.state import page_state

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
PATIENCE_S = 120
STAFF = "document.querySelector('.pane[data-role=staff]')"
ALERT = f"[...{STAFF}.querySelectorAll('.message')].find((m) => /F-1/.test(m.textContent))"
DERIVED = f"[...{STAFF}.querySelectorAll('.message')].find((m) => /F-2/.test(m.textContent))"
CLOSED = "[...document.querySelectorAll('.pane[data-role=closed] .message')]"
FIGURE = f"{STAFF}.querySelector('img.picture')"
WORDS = {
    Language.KO: {
        "mirrored": "좌우",
        "confirm": "일치함",
        "removed": "🗑",
        "by": "김지은",
        "rest": "나머지는 다릅니다",
        "left": "결정을 기다리는 합성 의심이 남아 있습니다.",
    },
    Language.EN: {
        "mirrored": "mirrored",
        "confirm": "Confirm",
        "removed": "Removed · F-3",
        "by": "Kim Jieun",
        "rest": "the rest differs",
        "left": "A suspicion is left for you to decide.",
    },
}


@asynccontextmanager
async def demo_page(language: Language) -> AsyncIterator[str]:
    """The address of the page, while the demo runs."""
    stop = asyncio.Event()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(demo.run(language, stop=stop, announce=address.set_result))
    try:
        either: set[asyncio.Future[None] | asyncio.Future[str]] = {serving, address}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        yield address.result()
    finally:
        stop.set()
        await serving


@pytest.mark.parametrize("language", [pytest.param(language, marks=needs_chromium) for language in Language])
async def test_the_example_plays_and_a_person_decides_on_the_alert(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "READING_S", 0.2)
    monkeypatch.setattr(example, "PATIENCE_S", PATIENCE_S)
    words = WORDS[language]
    async with (
        asyncio.timeout(PATIENCE_S),
        demo_page(language) as address,
        open_browser(tmp_path) as browser,
    ):
        await browser.size(1440, 900)
        await browser.ask("Page.navigate", url=address)
        await browser.sees("document.querySelectorAll('.pane').length === 4")
        assert await browser.run("document.documentElement.lang") == language
        await browser.run("document.getElementById('play').click()")
        await browser.sees(ALERT)
        text = await browser.run(f"{ALERT}.textContent")
        assert words["mirrored"] in text
        assert await browser.run(
            "document.querySelector('.pane[data-role=victim] .device img').naturalWidth > 0"
        )
        assert await browser.run("document.querySelectorAll('.device:not([hidden])').length") == 1
        assert await browser.run(f"!!{ALERT}.querySelector('a[href^=\"https://t.me/demo_channel/\"]')")
        await browser.sees(f"{FIGURE}.naturalWidth > 0")
        derived = await browser.run(f"{DERIVED}.textContent")
        assert words["rest"] in derived
        await browser.sees("!document.getElementById('play').disabled")
        assert words["left"] in await browser.run("document.getElementById('narration').textContent")
        assert words["removed"] in await browser.run(f"{STAFF}.textContent")
        shown = await browser.run(f"{CLOSED}.map((m) => Number(m.id.split('_')[1]))")
        assert shown == list(range(EARLIER_POSTS - len(shown) + 1, EARLIER_POSTS + 1))
        await browser.photograph(SCREENSHOTS / f"demo-{language}.png")
        await browser.size(390, 844)
        await browser.run("document.querySelector('.tab[data-role=staff]').click()")
        await browser.photograph(SCREENSHOTS / f"demo-{language}-phone.png")
        button = f"[...{DERIVED}.querySelectorAll('button')].find((b) => b.textContent.includes('{words['confirm']}'))"
        await browser.run(f"{button}.click()")
        await browser.sees(f"{DERIVED}.textContent.includes('{words['by']}')")
        assert browser.errors == []


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "en_US.UTF-8"}, Language.EN),
        ({"LANG": "ko_KR.UTF-8"}, Language.KO),
        ({"LANG": "C"}, Language.KO),
        ({}, Language.KO),
        ({"LC_ALL": "ko_KR", "LANG": "en_US"}, Language.KO),
        ({"LC_ALL": "", "LANG": "en_GB"}, Language.EN),
    ],
)
def test_the_demo_speaks_what_the_machine_speaks(environment: dict[str, str], language: Language) -> None:
    assert _spoken(environment) is language


@pytest.mark.parametrize("language", Language)
def test_the_terminal_speaks_the_demos_language_names_the_button_and_the_way_to_the_other(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    demo._print(language, "http://127.0.0.1:1/")
    said = capsys.readouterr().out
    texts = files("bot.standin").joinpath("page_texts.js").read_text(encoding="utf-8")
    english, korean = re.findall(r'play: "(.+?)"', texts)
    own, other = (korean, english) if language is Language.KO else (english, korean)
    assert own in said
    assert other not in said
    [another] = set(Language) - {language}
    assert f"make demo LANGUAGE={another}" in said
    assert f"jikimi demo --language {another}" in said
    assert "http://127.0.0.1:1/" in said


async def test_the_example_can_be_played_before_the_bot_has_asked_and_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "READING_S", 0)
    monkeypatch.setattr(example, "PATIENCE_S", PATIENCE_S)
    stop = asyncio.Event()
    async with asyncio.timeout(PATIENCE_S), Standin() as standin:
        scene = build_scene(standin.world, Language.EN)
        playing = asyncio.create_task(Example(standin.world, scene).play())
        serving = asyncio.create_task(demo.serve(standin, scene, Language.EN, tmp_path, stop=stop))
        await playing
        # Without an ordinary photo there is no suspicion, and everything is decided.
        assert standin.world.narration["en"].startswith("Done. Post, write")
        # The page shows the victim's own picture; nothing that went over Telegram holds it.
        picture = base64.b64encode(standin.world.on_device[scene.victim.id]).decode()
        assert picture in json.dumps(page_state(standin.world))
        async with aiohttp.ClientSession() as http, http.get(f"{standin.api_url}/control/state") as answer:
            everything = await answer.text()
        assert "PDQ1" in everything
        assert picture not in everything
        await Example(standin.world, scene).play()
        told = "\n".join(message.text for message in standin.world.living(scene.staff_chat))
        assert "F-1" in told
        assert "Removed · F-4" in told
        assert "F-2 · https://t.me/c/" in told
        assert "Removed · F-2" in told
        assert "100%" in told
        stop.set()
        await serving


async def test_the_page_is_served_and_gone_after_the_end() -> None:
    async with aiohttp.ClientSession() as http:
        async with demo_page(Language.EN) as address, http.get(address) as answer:
            assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(address)
