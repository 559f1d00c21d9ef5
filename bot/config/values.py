"""What single values of the configuration must look like. Each function gives its value back, or raises `ValueError`."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

from bot.model import ANONYMOUS

SQLITE = "sqlite+aiosqlite:///"
_POSTGRES = "postgresql+asyncpg://"


def token(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]{5,16}:[A-Za-z0-9_-]{30,64}", token.get_secret_value()):
        raise ValueError("must be a bot token as @BotFather gives it, such as 123456789:AAF...")
    return token


def person(user_id: int) -> int:
    if user_id in ANONYMOUS:
        raise ValueError(
            f"must be ids of persons; {user_id} is everybody who writes anonymously or as a channel"
        )
    return user_id


def api_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host or parts.query or parts.fragment or "@" in url:
        raise ValueError("must look like https://api.telegram.org or http://127.0.0.1:8081")
    if parts.scheme == "http" and not is_near(host):
        raise ValueError(
            "plain http would send the token in clear over the internet: use https, "
            "or a server on this machine or in this network"
        )
    return url.rstrip("/")


def is_near(host: str) -> bool:
    """Is it an address of this machine or network? A name without a dot is only known inside a network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be the name of a time zone, such as Asia/Seoul or UTC") from None
    return name


def store_url(url: str) -> str:
    file = url.removeprefix(SQLITE)
    if not url.startswith((SQLITE, _POSTGRES)) or file in {"", ":memory:"}:
        raise ValueError(f"must be {SQLITE}FILE or {_POSTGRES}USER:PASSWORD@HOST/NAME")
    return url


def public_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if url and (
        parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc
    ):
        raise ValueError("must look like https://hash.example.org/, which Telegram asks of a Mini App")
    return url


def listen(address: str) -> str:
    if address and not re.fullmatch(r"([\w.-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}", address):
        raise ValueError("must be an address and a port, such as 127.0.0.1:8780")
    if address and int(address.rpartition(":")[2]) > 65_535:
        raise ValueError("has a port beyond 65535")
    return address


def split(value: Any) -> Any:
    """An environment variable is text: "1, 2" is a list of two."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
