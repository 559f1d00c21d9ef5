"""`jikimi demo`: the real bot against the stand-in for Telegram, with a page to watch and to play on.

Nothing here is a shortcut: people act in the stand-in, the bot meets it over HTTP, and everything in between is
what runs in earnest.
"""

from __future__ import annotations

import asyncio
import importlib.util
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from bot import app
from bot.config import (
    AccountsConfig,
    Config,
    MatchingConfig,
    PhotosConfig,
    RecheckConfig,
    StaffConfig,
    StoreConfig,
    TelegramConfig,
    VictimConfig,
)
from bot.demo.account import DemoAccount
from bot.demo.example import Example
from bot.demo.scene import INVITE, Scene, build_scene
from bot.errors import BadArgument
from bot.model import Language, UserId
from bot.standin import Standin, World
from bot.store import Store, accounts, open_store
from bot.store.cipher import make_key_file

_BOT = {Language.KO: "지킴이", Language.EN: "Jikimi"}
_ORGANISATION = {Language.KO: "지킴이 데모 센터", Language.EN: "Jikimi demo centre"}

_SAID = {
    Language.KO: (
        "이 페이지를 브라우저에서 여십시오:",
        "페이지에서 [bold]예시 보기[/bold] 버튼을 누르거나, 직접 글과 사진을 올리고 버튼을 눌러 보십시오.",
        "모든 것은 이 컴퓨터 안에서만 실행되고, 끝나면 아무것도 남지 않습니다. Ctrl-C를 누르면 끝납니다.",
        "In English: make demo LANGUAGE=en, or jikimi demo --language en",
    ),
    Language.EN: (
        "Open this page in a browser:",
        "Press [bold]Play the example[/bold] there, or write, post and press buttons yourself.",
        "Everything runs on this machine and is gone afterwards. Ctrl-C ends it.",
        "한국어로 보기: make demo LANGUAGE=ko 또는 jikimi demo --language ko",
    ),
}
"""What the terminal says: how to open the page, how to begin, what is left, and how to have the other language."""


async def run(
    language: Language,
    *,
    port: int = 0,
    stop: asyncio.Event | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the page and the bot until `stop` is set, by default until Ctrl-C.

    `announce` is given the page's address; by default it is printed. Raises `BadArgument` for a port that is taken.
    """
    scenes: list[Scene] = []

    async def play(world: World) -> None:
        await Example(world, scenes[0], with_photos=_searches_photos()).play()

    with tempfile.TemporaryDirectory(prefix="jikimi-demo-") as folder:
        async with _listening(Standin(port=port, on_play=play, first_name=_BOT[language]), port) as standin:
            scene = build_scene(standin.world, language)
            scenes.append(scene)
            (announce or partial(_print, language))(f"{standin.api_url}/?language={language}")
            await serve(standin, scene, language, Path(folder), stop=stop)


@asynccontextmanager
async def _listening(standin: Standin, port: int) -> AsyncIterator[Standin]:
    """Raises `BadArgument`."""
    async with AsyncExitStack() as running:
        try:
            await running.enter_async_context(standin)
        except OSError:
            raise BadArgument(
                f"port {port} cannot be used: it is taken or not allowed; leave --port out to take a free one"
            ) from None
        yield standin


async def serve(
    standin: Standin, scene: Scene, language: Language, folder: Path, *, stop: asyncio.Event | None
) -> None:
    """Run the bot, and the scene's account, until `stop` is set; the database is in `folder`."""
    account = DemoAccount(standin.world, scene.account, {INVITE: scene.closed})

    async def opened(url: str, key: bytes) -> Store:
        """The database, with an account that somebody signed in."""
        store = await open_store(url, key)
        who = scene.account
        async with store.write() as tx:
            await accounts.put(
                tx, user_id=UserId(who.id), name=who.first_name, session="demo", now=app.utc_now()
            )
        return store

    await app.run(
        _config(standin, scene, language, folder), stop=stop, opened=opened, connect=account.connect
    )


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
        staff=StaffConfig(language=language),
        accounts=AccountsConfig(api_id=1, api_hash=SecretStr("demo"), pause_s=2),
        recheck=RecheckConfig(url=standin.api_url),
        victims=VictimConfig(organisation=_ORGANISATION[language], contact="02-000-0000"),
        matching=MatchingConfig(photos=PhotosConfig(enabled=_searches_photos())),
        store=StoreConfig(
            url=f"sqlite+aiosqlite:///{folder / 'jikimi.sqlite3'}", key_file=folder / "jikimi.key"
        ),
    )


def _searches_photos() -> bool:
    """Where OpenCV is installed, the demo shows what it is for."""
    return importlib.util.find_spec("cv2") is not None


def _print(language: Language, address: str) -> None:
    opening, *lines = _SAID[language]
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n  {opening}  [bold]{address}[/bold]\n")
    console.print("\n".join(f"  {line}" for line in lines) + "\n")
