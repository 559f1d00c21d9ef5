"""`jikimi demo`: the real bot against the stand-in for Telegram, with a page to watch and to play on.

Nothing here is a shortcut: people act in the stand-in, the bot meets it over HTTP, and everything in between is
what runs in earnest.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from rich.console import Console

from bot import app
from bot.config import Config, StaffConfig, StoreConfig, TelegramConfig, VictimConfig
from bot.demo.example import Example
from bot.demo.scene import Scene, build_scene
from bot.standin import Standin, World
from bot.store.cipher import make_key_file


async def run(*, port: int = 0, stop: asyncio.Event | None = None) -> None:
    """Serve the page and the bot until `stop` is set, by default until Ctrl-C."""
    scenes: list[Scene] = []

    async def play(world: World) -> None:
        await Example(world, scenes[0]).play()

    with tempfile.TemporaryDirectory(prefix="jikimi-demo-") as folder:
        async with Standin(port=port, on_play=play, first_name="지킴이 Jikimi") as standin:
            scene = build_scene(standin.world)
            scenes.append(scene)
            _announce(standin.api_url)
            await app.run(_config(standin, scene, Path(folder)), stop=stop)


def _config(standin: Standin, scene: Scene, folder: Path) -> Config:
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
        staff=StaffConfig(language="ko"),
        victims=VictimConfig(organisation="지킴이 데모 센터 (Jikimi demo)", contact="02-000-0000"),
        store=StoreConfig(
            url=f"sqlite+aiosqlite:///{folder / 'jikimi.sqlite3'}", key_file=folder / "jikimi.key"
        ),
    )


def _announce(address: str) -> None:
    console = Console()
    console.print(f"\n  Open this page in a browser:  [bold]{address}[/bold]\n", highlight=False)
    console.print("  Press [bold]Play the example[/bold] there, or write, post and press buttons yourself.")
    console.print("  Everything runs on this machine and is gone afterwards. Ctrl-C ends it.\n")
