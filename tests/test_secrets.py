"""A full run leaves nothing readable behind: not in the database, not in its journal, not in the logs."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from flow_scene import Town, authorise, build_town, buttons, hash_texts, jpeg, reposted
from pictures import picture

from bot import app, log
from bot.standin import Standin

CAPTION = "a caption with a name in it"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Standin() as standin:
        yield build_town(standin, tmp_path)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    stream = io.StringIO()
    log.configure("debug", json_lines=True, stream=stream)
    yield stream
    log.configure("info", json_lines=False, stream=sys.stderr)


def forms_of(number: int) -> set[bytes]:
    """A chat or user id as text, and as SQLite and as a programmer would pack it."""
    packed = {number.to_bytes(8, order, signed=True) for order in ("big", "little")}
    return {str(number).encode(), str(abs(number)).removeprefix("100").encode(), *packed} | (
        {number.to_bytes(6, "big", signed=True)} if abs(number) >= 2**32 else set()
    )


def forms_of_hash(text: str) -> set[bytes]:
    digits = text.split(":")[1]
    bits = bytes.fromhex(digits)
    return {digits.encode(), digits.upper().encode(), bits, base64.b64encode(bits)[:40]}


def found(left: dict[str, bytes], looked_for: dict[str, set[bytes]]) -> list[tuple[str, str]]:
    """In which place which of them is readable, in whatever form."""
    return [
        (place, name)
        for place, data in left.items()
        for name, forms in looked_for.items()
        if any(form in data for form in forms)
    ]


def secrets_of(town: Town, pin: str, number: str) -> dict[str, set[bytes]]:
    texts = {
        "token": town.standin.token.split(":")[1],
        "pin": pin,
        "case number": number,
        "caption": CAPTION,
        "channel title": "A <channel> & more",
        "channel name": "a_channel",
        "victim": "Haneul",
        "document": "DOC-1",
    }
    ids = {
        "victim id": town.victim.id,
        "admin id": town.admin.id,
        "channel id": town.channel.id,
        "staff chat id": town.staff_chat.id,
    }
    return (
        {f"hash of part {part}": forms_of_hash(text) for part, text in enumerate(hash_texts(picture(1)))}
        | {name: {text.encode(), text.encode("utf-16-le")} for name, text in texts.items()}
        | {name: forms_of(number) for name, number in ids.items()}
    )


async def test_no_secret_is_readable_in_the_database_its_journal_or_the_logs(
    town: Town, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    store = await town.open_store()
    await authorise(town, store)
    await store.close()
    chat = town.world.private(town.victim)
    stop = asyncio.Event()
    serving = asyncio.create_task(app.run(town.config, stop=stop))

    await town.register_by_chat(picture(1), linked=True)
    shown = next(m.text for m in town.world.living(chat) if "1|v|noted" in buttons(m))
    pin = re.search(r"\b\d{6}\b", shown)
    number = re.search(r"JK(-\w{4}){3}", shown)
    assert pin
    assert number
    town.standin.faults.drop("download", times=3)
    town.standin.faults.break_server("sendMessage", 502)
    town.standin.faults.drop("getUpdates")
    town.world.updates.push_raw({"channel_post": {"caption": CAPTION, "message_id": 3}})
    town.world.send_photo(town.admin, town.channel, reposted(picture(1), 1), CAPTION)
    town.world.send_photo(town.admin, town.channel, jpeg(picture(2)), CAPTION)
    await town.press(town.admin, town.staff_chat, "1|a|confirmed")
    await town.until(lambda: "Kim" in town.alerts()[0])

    folder = town.config_file.parent
    left = {path.name: path.read_bytes() for path in folder.glob("jikimi.sqlite3*")}
    stop.set()
    await serving
    left |= {f"{path.name} when closed": path.read_bytes() for path in folder.glob("jikimi.sqlite3*")}
    output = capfd.readouterr()
    left["logs"] = logged.getvalue().encode()
    left["output"] = (output.out + output.err).encode()

    assert "jikimi.sqlite3-wal" in left
    assert b"watching" in left["logs"]
    secrets = secrets_of(town, pin.group(), number.group())
    assert len([name for name in secrets if name.startswith("hash")]) == 5
    assert found(left, secrets) == []
    # The same search finds what is meant to be readable, and each secret where it is.
    kinds = {"kind of update": {b"channel_post"}}
    assert ("jikimi.sqlite3-wal", "kind of update") in found(left, kinds)
    known = {f"only {name}": form for name, forms in secrets.items() for form in forms}
    assert {place for place, _ in found(known, secrets)} == set(known)
