"""Accounts of the organisation: they can join channels, read back, and see deletions. Needs the extra `mtproto`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from bot.config import AccountsConfig
from bot.errors import ConfigError


@dataclass(frozen=True)
class Application:
    """How a program is known to Telegram."""

    id: int
    hash: str

    def __repr__(self) -> str:
        return f"Application({self.id})"


def application(config: AccountsConfig) -> Application:
    """How this installation is known to Telegram. Raises `ConfigError` where accounts cannot be used."""
    if not config.are_on:
        raise ConfigError(
            "accounts.api_id: is missing. Open https://my.telegram.org with the account's number, take api_id and "
            "api_hash from there, and write both into the section [accounts]."
        )
    if find_spec("telethon") is None:
        raise ConfigError(
            "Accounts need more packages: install them with `pip install 'jikimi[mtproto]'`, with the pip that is "
            "beside the jikimi command."
        )
    return Application(config.api_id, config.api_hash.get_secret_value())
