"""Commands of people at the machine, given beside a store that is in use."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main as cli

CONFIG = """
[telegram]
token = "123456789:AAF-this-is-only-an-example-of-shap"
admins = [1]
staff_chat = -5
[victims]
organisation = "Centre"
"""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


class Commands:
    """Gives commands as the console script does, each with the configuration of the store."""

    def __init__(self, capsys: pytest.CaptureFixture[str], config_file: Path) -> None:
        self._capsys = capsys
        self.config_file = config_file

    async def __call__(self, *arguments: object) -> Ended:
        return await asyncio.to_thread(self._give, [str(argument) for argument in arguments])

    def _give(self, arguments: list[str]) -> Ended:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([*arguments, "--config", str(self.config_file)])
        told = self._capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)


def write_config(folder: Path, key: bytes) -> Path:
    """A configuration of which only the database's address is missing."""
    key_file = folder / "jikimi.key"
    key_file.write_text(b64encode(key).decode() + "\n")
    key_file.chmod(0o600)
    path = folder / "config.toml"
    path.write_text(CONFIG)
    return path
