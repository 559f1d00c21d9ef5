"""A clock to move, a bot without a library, and pictures: what the tests of the stand-in share."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from PIL import Image

from bot.standin import Standin


@dataclass
class Clock:
    at: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Answer:
    status: int
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def result(self) -> Any:
        assert self.status == 200, self.body
        return self.body["result"]

    @property
    def refusal(self) -> tuple[int, str]:
        assert self.body["ok"] is False
        assert self.body["error_code"] == self.status
        return self.status, self.body["description"]


@dataclass
class Caller:
    """A bot without a library: JSON bodies over HTTP."""

    standin: Standin
    http: aiohttp.ClientSession

    async def __call__(self, method: str, **arguments: object) -> Answer:
        url = f"{self.standin.api_url}/bot{self.standin.token}/{method}"
        async with self.http.post(url, json=arguments) as response:
            return Answer(response.status, await response.json())

    async def updates(self, **arguments: object) -> list[dict[str, Any]]:
        return list((await self("getUpdates", **arguments)).result)

    async def download(self, file_id: str) -> bytes:
        path = (await self("getFile", file_id=file_id)).result["file_path"]
        async with self.http.get(f"{self.standin.api_url}/file/bot{self.standin.token}/{path}") as response:
            assert response.status == 200
            return await response.read()


def picture(size: tuple[int, int] = (1600, 1000), kind: str = "JPEG", **options: Any) -> bytes:
    width, height = size
    gradient = Image.linear_gradient("L").resize(size)
    across = Image.linear_gradient("L").rotate(90).resize(size)
    image = Image.merge("RGB", (gradient, across, Image.new("L", size, (width + height) % 256)))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
