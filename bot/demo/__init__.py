"""`jikimi demo`: the real bot against the stand-in for Telegram, with a page to watch and to play on.

Nothing here is a shortcut: people act in the stand-in, the bot meets it over HTTP, and everything in between is
what runs in earnest.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bot import app
from bot.config import Config, StaffConfig, StoreConfig, TelegramConfig, VictimConfig
from bot.demo.example import Example
from bot.demo.scene import Scene, build_scene
from bot.model import Language
from bot.standin import Standin, World
from bot.store.cipher import make_key_file

_BOT = {Language.KO: "지킴이", Language.EN: "Jikimi"}
_ORGANISATION = {Language.KO: "지킴이 데모 센터", Language.EN: "Jikimi demo centre"}


async def run(
    language: Language,
    *,
    port: int = 0,
    stop: asyncio.Event | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the page and the bot until `stop` is set, by default until Ctrl-C.

    `announce` is given the page's address; by default it is printed.
    """
    scenes: list[Scene] = []

    async def play(world: World) -> None:
        await Example(world, scenes[0]).play()

    with tempfile.TemporaryDirectory(prefix="jikimi-demo-") as folder:
        async with Standin(port=port, on_play=play, first_name=_BOT[language]) as standin:
            scene = build_scene(standin.world, language)
            scenes.append(scene)
            (announce or _print)(f"{standin.api_url}/?language={language}")
            await app.run(_config(standin, scene, language, Path(folder)), stop=stop)


def _config(standin: Standin, scene: Scene, language: Language, folder: Path) -> Config:
    make_key_file(folder / "jikimi.key")
    return Config(
        telegram=TelegramConfig.model_validate(
            {
                "token": standin.token,
                "api_url": standin.api_url,
                "admins": [scene.staff.id],
                "staff_chat": scene.staff_chat.id,
            }
        ),
        staff=StaffConfig(language=language.value),
        victims=VictimConfig(organisation=_ORGANISATION[language], contact="02-000-0000"),
        store=StoreConfig(
            url=f"sqlite+aiosqlite:///{folder / 'jikimi.sqlite3'}", key_file=folder / "jikimi.key"
        ),
    )


def _print(address: str) -> None:
    console = Console()
    console.print(f"\n  Open this page in a browser:  [bold]{address}[/bold]\n", highlight=False)
    console.print("  Press [bold]Play the example[/bold] there, or write, post and press buttons yourself.")
    console.print("  Everything runs on this machine and is gone afterwards. Ctrl-C ends it.\n")
