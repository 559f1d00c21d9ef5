"""The page in a browser, as a person uses it: files in, hashes out. The same for Chromium and Firefox."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.page import FILE_NAME
from bot.page.build import FOLDER

FILE_URL = (FOLDER / FILE_NAME).as_uri()


class Tab(Protocol):
    async def open(self, url: str) -> None: ...
    async def run(self, script: str) -> Any: ...
    async def sees(self, condition: str) -> None: ...
    async def choose(self, selector: str, files: list[Path]) -> None: ...


@dataclass(frozen=True)
class Entry:
    """What the page says of a file."""

    name: str
    state: str
    told: str
    lines: list[str]


_ENTRIES = """[...document.querySelectorAll('#entries li')].map((item) => ({
  name: item.querySelector('.file').textContent,
  state: item.dataset.state,
  told: item.querySelector('.state').textContent,
  lines: (item.querySelector('pre')?.textContent ?? '').split('\\n').filter(Boolean),
}))"""
ENDED = """document.querySelector('#entries li')
  && ![...document.querySelectorAll('#entries li')].some(({dataset}) => /waiting|working/.test(dataset.state))"""


async def choose(tab: Tab, files: Mapping[str, bytes], mime_type: str = "", input_id: str = "files") -> None:
    """Put files into an input of the page's, as if they had been chosen."""
    given = {name: base64.b64encode(data).decode() for name, data in files.items()}
    await tab.run(
        f"""{{
          const chosen = new DataTransfer();
          for (const [name, data] of Object.entries({json.dumps(given)})) {{
            const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
            chosen.items.add(new File([bytes], name, {{ type: {json.dumps(mime_type)} }}));
          }}
          const input = document.getElementById({json.dumps(input_id)});
          input.files = chosen.files;
          input.dispatchEvent(new Event('change'));
        }}"""
    )


async def entries(tab: Tab) -> list[Entry]:
    """What is told of every file once all are done."""
    await tab.sees(ENDED)
    return [Entry(**entry) for entry in await tab.run(_ENTRIES)]


async def hashed(tab: Tab, files: Mapping[str, bytes], mime_type: str = "") -> dict[str, Entry]:
    """Open the page from disk, choose these files, and wait for all of them."""
    await tab.open(FILE_URL)
    await choose(tab, files, mime_type)
    return {entry.name: entry for entry in await entries(tab)}
