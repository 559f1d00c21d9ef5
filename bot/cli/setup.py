"""The first steps of an installation: a configuration file and a key file, and finding the staff chat's id."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.config import TELEGRAM_API_URL, from_values
from bot.errors import ConfigError
from bot.model import ANONYMOUS
from bot.store.cipher import make_key_file

_CONFIG = """\
# Jikimi's configuration, written by `jikimi init`. config.example.toml explains every other key and its default.
# The token is a secret: whoever has it is the bot.

[telegram]
token = {token}
{api_url}admins = {admins}
staff_chat = {staff_chat}

[staff]
language = {language}

[victims]
organisation = {organisation}

[store]
key_file = {key_file}
"""


class Api(Protocol):
    async def call(self, method: str, *, read_timeout_s: float = 15, **params: Any) -> Any:
        """The `result` of a Bot API method. Raises `Permanent` or `Transient`."""


@dataclass(frozen=True)
class Answers:
    """What an installation cannot guess."""

    token: str
    admins: Sequence[int]
    staff_chat: int
    organisation: str
    language: str = "ko"
    api_url: str = TELEGRAM_API_URL
    key_file: Path = Path("jikimi.key")


@dataclass(frozen=True)
class Written:
    config_file: Path
    key_file: Path
    key_is_new: bool


@dataclass(frozen=True)
class Group:
    """A group that the bot was added to, and by whom, as an update that waits at Telegram tells; None where it was
    somebody anonymous.
    """

    chat_id: int
    title: str
    added_by: int | None


def write(folder: Path, answers: Answers, *, force: bool) -> Written:
    """Write `config.toml` and, where there is none, the key file; both readable by their owner only.

    `force` replaces a configuration. A key file is never replaced, and none is made beside a database: that opens with no
    other than its own.
    Raises `ConfigError`.
    """
    values: dict[str, dict[str, Any]] = {
        "telegram": {
            "token": answers.token,
            "api_url": answers.api_url,
            "admins": list(answers.admins),
            "staff_chat": answers.staff_chat,
        },
        "staff": {"language": answers.language},
        "victims": {"organisation": answers.organisation},
        "store": {"key_file": str(answers.key_file)},
    }
    store = from_values(values).inside(folder.resolve()).store
    key_file, database = store.key_file, store.sqlite_file
    config_file = folder / "config.toml"
    if config_file.exists() and not force:
        raise ConfigError(f"{config_file}: is there already; --force replaces it and keeps the key file")
    key_is_new = not key_file.exists()
    if key_is_new and database is not None and database.exists():
        raise ConfigError(
            f"{key_file}: is not there, and a new key would not open {database}; "
            "name the key file that belongs to it with --key-file"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if key_is_new:
            key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_key_file(key_file)
        _replace(config_file, _text(values))
    except OSError as error:
        raise ConfigError(f"{error.filename or folder}: cannot be written: {error.strerror}") from None
    return Written(config_file, key_file, key_is_new)


def _text(values: dict[str, dict[str, Any]]) -> str:
    # A JSON string is a TOML string, and a JSON list of numbers a TOML array.
    telegram = {key: json.dumps(value, ensure_ascii=False) for key, value in values["telegram"].items()}
    api_url = telegram.pop("api_url")
    is_default = values["telegram"]["api_url"] == TELEGRAM_API_URL
    return _CONFIG.format(
        **telegram,
        api_url="" if is_default else f"api_url = {api_url}\n",
        language=json.dumps(values["staff"]["language"]),
        organisation=json.dumps(values["victims"]["organisation"], ensure_ascii=False),
        key_file=json.dumps(values["store"]["key_file"], ensure_ascii=False),
    )


def _replace(path: Path, text: str) -> None:
    """Write a file of mode 600, whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


async def groups(api: Api) -> list[Group]:
    """The groups that the bot was added to lately, newest first.

    Asks without an offset, so that no update is confirmed and none is lost.
    """
    found: dict[int, Group] = {}
    for untrusted_update in reversed(await api.call("getUpdates", timeout=0)):
        change = untrusted_update.get("my_chat_member")
        if change and change["chat"]["type"] in {"group", "supergroup"}:
            chat, by = change["chat"], change["from"]["id"]
            found.setdefault(chat["id"], Group(chat["id"], chat["title"], None if by in ANONYMOUS else by))
    return list(found.values())
