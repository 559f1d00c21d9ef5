"""From the page to the bot: the real page from the real server in Chromium, where Telegram is played by a few lines."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import page_scene
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from browser import Browser, needs_chromium, open_browser
from flow_scene import Town, authorise, build_town, reposted, running
from pictures import encoded, picture

from bot.config import load
from bot.page.build import FOLDER
from bot.standin import Message, Standin
from bot.store import Store, registry
from bot.web.server import page_server
from matcher import Index, Limits, fingerprint_bytes, format_media

pytestmark = needs_chromium

PNG = encoded(picture(1), "PNG")
LAUNCH = "#tgWebAppVersion=8.0&tgWebAppPlatform=android&tgWebAppThemeParams=%7B%7D"
APP = """window.told = [];
window.TelegramWebviewProxy = { postEvent: (type, data) => told.push([type, JSON.parse(data)]) };"""
OLDER_APP = """window.told = [];
window.external.notify = (text) => { const { eventType, eventData } = JSON.parse(text); told.push([eventType, eventData]); };"""
IMPATIENT = "const later = setTimeout; window.setTimeout = (act, ms) => later(act, ms === 5000 ? 0 : ms);"
HANDED = "(told.find(([type]) => type === 'web_app_data_send') ?? [])[1]?.data"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Ways(Town):
    """A town whose bot serves the page."""

    page_url: str

    def below(self) -> str:
        """The label of the button below the victim's chat, once it is there."""
        [[button]] = (self.world.private(self.victim).reply_keyboard or {"keyboard": [[]]})["keyboard"]
        return str(button["text"])

    async def come_to_hashes(self) -> None:
        chat = self.world.private(self.victim)
        self.world.start(self.victim)
        for data in ("1|v|go|age", "1|v|age|yes", "1|v|consent|yes"):
            await self.press(self.victim, chat, data)
        await self.until(lambda: chat.reply_keyboard is not None)

    def hand_over(self, data: str) -> Message:
        return self.world.hand_over(self.victim, self.world.private(self.victim), self.below(), data)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Ways]:
    # Compiling may take longer than a person is patient, where all processors are busy.
    Index().prepare()
    port = free_port()
    async with Standin() as standin:
        built = build_town(standin, tmp_path)
        with built.config_file.open("a", encoding="utf-8") as file:
            file.write(f'[web]\npublic_url = "https://hash.example.org/"\nlisten = "127.0.0.1:{port}"\n')
        built.config = load(built.config_file, {})
        town = Ways(**vars(built))
        town.page_url = f"http://127.0.0.1:{port}/"
        yield town


@pytest.fixture
async def records(town: Ways) -> AsyncIterator[Store]:
    store = await town.open_store()
    yield store
    await store.close()


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_browser(tmp_path / "profile") as browser:
        yield browser


async def open_in_telegram(browser: Browser, url: str, client: str = APP) -> None:
    """Open the page as a client of Telegram does: anew, with its own way to be spoken to."""
    await browser.open("about:blank")
    await browser.ask("Page.enable")
    added = await browser.ask("Page.addScriptToEvaluateOnNewDocument", source=client)
    await browser.open(url + LAUNCH)
    await browser.ask("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])


async def handed_over(browser: Browser, files: dict[str, bytes], button: int = 0) -> str:
    """What the page hands over after these files were chosen and a button was pressed."""
    await page_scene.choose(browser, files, "image/png")
    await page_scene.entries(browser)
    await browser.sees("document.querySelector('#part-buttons button')")
    await browser.run(f"document.querySelectorAll('#part-buttons button')[{button}].click()")
    return str(
        await browser.run(
            f"new Promise((done) => {{ const look = () => {HANDED} ? done({HANDED}) : setTimeout(look, 10); look(); }})"
        )
    )


async def registered(store: Store) -> set[bytes]:
    async with store.read() as tx:
        return {new.bits for new in (await registry.changes(tx, 0)).added}


def bits_of(lines: list[str]) -> set[bytes]:
    return {bytes.fromhex(line.split(":")[1]) for line in lines}


@pytest.mark.parametrize("client", [APP, OLDER_APP], ids=["app", "older app"])
async def test_a_picture_goes_from_the_page_to_a_case_and_a_post_of_it_is_found(
    town: Ways, records: Store, browser: Browser, client: str
) -> None:
    await authorise(town, records)
    chat = town.world.private(town.victim)
    async with running(town):
        await town.come_to_hashes()
        await open_in_telegram(browser, town.page_url, client)
        data = await handed_over(browser, {"a.png": PNG})
        assert await browser.run("told.map(([type]) => type)") == [
            "iframe_ready",
            "web_app_ready",
            "web_app_expand",
            "web_app_data_send",
        ]
        assert len(data.encode()) <= 4096
        message = town.hand_over(data)
        await town.press(town.victim, chat, "1|v|contact|no")
        await town.until(lambda: chat.reply_keyboard is None and message.deleted_at is not None)
        assert await registered(records) == bits_of(format_media(fingerprint_bytes(PNG, Limits())))
        town.post(reposted(picture(1), 1))
        await town.until(lambda: bool(town.alerts()))
    assert "mirrored" in town.alerts()[0]
    assert browser.errors == []


async def test_what_is_too_much_for_one_time_goes_in_parts_each_after_opening_the_page_again(
    town: Ways, records: Store, browser: Browser
) -> None:
    pictures = {f"{number}.png": encoded(picture(number).resize((320, 240)), "PNG") for number in range(12)}
    reordered = dict(reversed(pictures.items()))
    said = town.world.private(town.victim)
    async with running(town):
        await town.come_to_hashes()
        await open_in_telegram(browser, town.page_url)
        first = await handed_over(browser, pictures, button=0)
        assert await browser.run("document.querySelectorAll('#part-buttons button').length") == 2
        town.hand_over(first)
        await town.until(lambda: any("1/2" in message.text for message in town.world.living(said)))
        await open_in_telegram(browser, town.page_url)
        second = await handed_over(browser, reordered, button=1)
        town.hand_over(second)
        await town.until(lambda: said.reply_keyboard is None)
        lines = set(re.findall(r"PDQ1:\S+", first + second))
        assert len(lines) > 51
        assert await registered(records) == bits_of(sorted(lines))
    assert first.split(":")[1] == second.split(":")[1]
    assert browser.errors == []


async def test_a_lost_number_is_made_up_for_by_the_page_and_the_pin(
    town: Ways, records: Store, browser: Browser
) -> None:
    world, chat = town.world, town.world.private(town.victim)
    file = {"a.png": PNG}
    async with running(town):
        await town.come_to_hashes()
        await open_in_telegram(browser, town.page_url)
        town.hand_over(await handed_over(browser, file))
        await town.until(lambda: any("PIN:" in message.text for message in world.living(chat)))
        [told] = [message.text for message in world.living(chat) if "PIN:" in message.text]
        pin = re.findall(r"PIN: (\d{6})", told)[0]
        await town.press(town.victim, chat, "1|v|contact|no")
        await town.until(lambda: chat.reply_keyboard is None)
        world.send_text(town.victim, chat, "/cancel")
        world.start(town.victim)
        await town.press(town.victim, chat, "1|v|go|lost")
        await town.until(lambda: chat.reply_keyboard is not None)
        await open_in_telegram(browser, town.page_url)
        town.hand_over(await handed_over(browser, file))
        await town.until(lambda: chat.reply_keyboard is None)
        world.send_text(town.victim, chat, pin)
        await town.press(town.victim, chat, "1|v|go|withdraw")
        await town.press(town.victim, chat, "1|v|withdraw")
        await town.until(lambda: any("철회했습니다" in message.text for message in world.living(chat)))
    assert await registered(records) == set()


async def test_telegram_in_a_browser_is_told_through_the_frame_around_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    around = tmp_path / "client.html"
    around.write_text(
        f"""<script>window.told = [];
        window.addEventListener("message", ({{ data }}) => {{
          const {{ eventType, eventData }} = JSON.parse(data);
          told.push([eventType, eventData]);
        }});</script>
        <iframe id="app" src="{page_scene.FILE_URL}{LAUNCH}"></iframe>""",
        encoding="utf-8",
    )
    await browser.open(around.as_uri())
    await browser.run(
        "new Promise((done) => { const look = () => told.length >= 3 ? done() : setTimeout(look, 10); look(); })"
    )
    assert await browser.run("told.map(([type]) => type)") == [
        "iframe_ready",
        "web_app_ready",
        "web_app_expand",
    ]


async def test_nobody_but_telegram_can_frame_the_page_that_is_served(browser: Browser) -> None:
    async with page_server("127.0.0.1", 0) as port:
        served = f"http://127.0.0.1:{port}/"

        async def around(_: web.Request) -> web.Response:
            return web.Response(text=f'<iframe src="{served}{LAUNCH}"></iframe>', content_type="text/html")

        app = web.Application()
        app.router.add_get("/", around)
        async with TestServer(app) as elsewhere:
            await browser.open(str(elsewhere.make_url("/")))
            [framed] = (await browser.ask("Page.getFrameTree"))["frameTree"]["childFrames"]
    assert framed["frame"]["unreachableUrl"].startswith(served)


@pytest.mark.parametrize(("launch", "promised"), [(LAUNCH, "promise-telegram"), ("", "promise")])
async def test_what_the_page_promises_is_true_where_it_is(
    browser: Browser, launch: str, promised: str
) -> None:
    await browser.open(page_scene.FILE_URL + launch)
    texts = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
    assert await browser.run("document.querySelector('.promise').textContent") == texts["en"][promised]


async def test_outside_of_telegram_there_is_no_such_button(browser: Browser) -> None:
    told = await page_scene.hashed(browser, {"a.png": PNG})
    assert told["a.png"].state == "done"
    assert await browser.run("document.getElementById('telegram').hidden")


async def test_a_telegram_that_takes_nothing_is_noticed_and_copying_is_offered(browser: Browser) -> None:
    await open_in_telegram(browser, page_scene.FILE_URL, APP + IMPATIENT)
    await handed_over(browser, {"a.png": PNG})
    told = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))["en"]["not-taken"]
    await browser.sees(f"document.getElementById('given').textContent === {json.dumps(told)}")


async def test_leaving_closes_the_window_in_telegram(browser: Browser) -> None:
    await open_in_telegram(browser, page_scene.FILE_URL)
    told = await browser.run("document.getElementById('leave').click(), told.map(([type]) => type)")
    assert told[-1] == "web_app_close"
