"""The arguments of a Bot API call, however they came: query, form, JSON body or multipart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from bot.standin.model import JsonObject, bad_request

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


@dataclass(frozen=True)
class Upload:
    file_name: str
    content_type: str
    data: bytes


class Arguments:
    """Reads arguments as leniently as Telegram: numbers may be texts, objects may be JSON in a text."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    @classmethod
    async def of(cls, request: web.Request) -> Arguments:
        """Raises ApiError 400 for a body that is no JSON."""
        values: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            values |= _json_body(await request.text())
        elif request.content_type in FORMS:
            for name, value in (await request.post()).items():
                values[name] = _uploaded(value) if isinstance(value, FileField) else value
        return cls(values)

    def text(self, name: str) -> str:
        value = self._values.get(name)
        return "" if value is None or isinstance(value, Upload) else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def given(self, name: str) -> bool:
        return self.text(name) != ""

    def parsed(self, name: str) -> Any:
        """An object or list, as such or as JSON text; None if it is not given."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def fields(self, name: str) -> JsonObject:
        """An object, or an empty one if it is not given."""
        value = self.parsed(name) or {}
        if not isinstance(value, dict):
            raise bad_request("object expected as " + name.replace("_", " "))
        return value

    def upload(self, name: str) -> Upload | None:
        """The uploaded file, also where the argument says `attach://<other part>`."""
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self._values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else None

    def noted(self) -> JsonObject:
        """For the log of calls: everything but the bytes."""
        return {
            name: value.file_name if isinstance(value, Upload) else value
            for name, value in self._values.items()
        }


def _json_body(body: str) -> JsonObject:
    try:
        values = json.loads(body or "{}")
    except ValueError:
        raise bad_request("Can't parse the request body as JSON") from None
    if not isinstance(values, dict):
        raise bad_request("Object expected as the request body")
    return values


def _uploaded(field: FileField) -> Upload:
    with field.file as opened:
        return Upload(field.filename, field.content_type, opened.read())
