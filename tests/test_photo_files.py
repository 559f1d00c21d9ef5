"""Files with a photo's features: downloaded, read or found wanting, and given up after a while."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from photo_scene import features, sketch
from store_makers import NOW
from structlog.testing import capture_logs

from bot.errors import FileGone, TooLargeToDownload, Transient
from bot.model import ChatId, Effect, MediaRef, MessageId, ReadPhotoFile, Send
from bot.sources.botapi import BotApi
from bot.sources.download import Downloader
from bot.store import Store, Tx, outbox, queue, tables
from bot.store.outbox import OutboxRow
from bot.victims.photo_files import PATIENCE, PhotoFile, PhotoFiles
from bot.victims.photos import MAX_FILE_BYTES
from matcher import HashTextError, HashTextReason, PhotoFeatures

ASKED = ReadPhotoFile(ChatId(1), MessageId(2), MediaRef("document", "document", "file", "unique", 25_000))
FILE = MediaRef("document", "document", "file", "unique")


class Downloads:
    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer

    async def fetch(self, ref: MediaRef) -> bytes:
        assert ref == ASKED.file
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Conversation:
    """Keeps what it is told and answers with a message."""

    def __init__(self) -> None:
        self.told: list[PhotoFile] = []

    async def photo_read(self, tx: Tx, asked: ReadPhotoFile, file: PhotoFile) -> list[Effect]:
        assert tx.is_write
        self.told.append(file)
        return [Send(asked.chat_id, "read")]


async def read(store: Store, answer: bytes | Exception, *, attempts: int = 1) -> PhotoFile:
    async with store.write() as tx:
        await outbox.add(tx, [ASKED], key="1", now=NOW)
        [row] = await outbox.claim(tx, now=NOW, lease_s=1, limit=1)
    assert row.effect == ASKED
    woken: list[bool] = []
    conversation = Conversation()
    files = PhotoFiles(
        store, Downloads(answer), conversation, now=lambda: NOW, committed=lambda: woken.append(True)
    )
    await files.read(OutboxRow(row.id, row.effect, attempts), ASKED)
    [told] = conversation.told
    async with store.write() as tx:
        assert [row.effect for row in await outbox.claim(tx, now=NOW, lease_s=1, limit=9)] == [
            Send(ChatId(1), "read")
        ]
    assert woken == [True]
    return told


def sketch_of_version(version: int) -> bytes:
    data = bytes([version]) + features().to_bytes()[1:]
    body = b"PHOTO1:" + base64.urlsafe_b64encode(data)
    return body + f":{hashlib.sha256(body).hexdigest()[:4]}".encode()


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n"])
async def test_the_file_is_read_and_what_follows_is_committed_with_its_end(
    store: Store, before: bytes
) -> None:
    told = await read(store, before + sketch())
    assert isinstance(told, PhotoFeatures)
    assert told.to_bytes() == features().to_bytes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", HashTextReason.EMPTY),
        (b"hello", HashTextReason.UNKNOWN_FORMAT),
        (b"\xff\xd8\xff\xe0", HashTextReason.UNKNOWN_FORMAT),
        (sketch()[:-3], HashTextReason.WRONG_CHECKSUM),
        (sketch() + sketch(), HashTextReason.UNKNOWN_FORMAT),
        (sketch_of_version(1), HashTextReason.OUT_OF_DATE),
        (sketch_of_version(2), HashTextReason.OUT_OF_DATE),
    ],
)
async def test_what_is_no_sketch_is_told_with_its_reason(
    store: Store, data: bytes, reason: HashTextReason
) -> None:
    told = await read(store, data)
    assert isinstance(told, HashTextError)
    assert told.reason is reason


@pytest.mark.parametrize("trouble", [FileGone(), TooLargeToDownload()])
async def test_a_file_that_cannot_be_had_is_told_at_once(store: Store, trouble: Exception) -> None:
    assert await read(store, trouble) is None


async def test_a_download_that_fails_is_tried_again_and_given_up_after_a_while(store: Store) -> None:
    with pytest.raises(Transient):
        await read(store, Transient("no network"), attempts=PATIENCE - 1)
    async with store.write() as tx:
        assert (await queue.counts(tx, tables.outbox))[queue.READY] == 1
        await queue.release(tx, tables.outbox)
    assert await read(store, Transient("no network"), attempts=PATIENCE) is None


class OnThisMachine(BotApi):
    """A server that was started with --local, and has the file in its folder."""

    def __init__(self, path: Path) -> None:
        super().__init__("123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "http://127.0.0.1:1")
        self.path = path

    async def call(self, method: str, *, read_timeout_s: float = 15, **params: Any) -> Any:
        assert method == "getFile"
        return {"file_path": str(self.path), "file_size": self.path.stat().st_size}


@pytest.mark.parametrize("is_victims", [True, False])
async def test_of_what_victims_send_nothing_stays_in_the_folder_of_ones_own_server(
    tmp_path: Path, is_victims: bool
) -> None:
    path = tmp_path / "file_1.txt"
    path.write_bytes(sketch())
    async with Downloader(
        OnThisMachine(path), max_bytes=MAX_FILE_BYTES, local_files=True, deletes_local=is_victims
    ) as downloader:
        assert await downloader.fetch(FILE) == sketch()
    assert path.exists() != is_victims


async def test_a_file_that_may_not_be_deleted_is_read_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file_1.txt"
    path.write_bytes(sketch())

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with capture_logs() as told:
        async with Downloader(
            OnThisMachine(path), max_bytes=MAX_FILE_BYTES, local_files=True, deletes_local=True
        ) as downloader:
            assert await downloader.fetch(FILE) == sketch()
    assert [line["trouble"] for line in told] == ["Permission denied"]
    assert str(tmp_path) not in str(told)


async def test_a_file_that_is_waited_for_holds_up_no_other_message_of_the_chat(store: Store) -> None:
    async with store.write() as tx:
        await outbox.add(tx, [ASKED], key="1", now=NOW)
        await outbox.add(tx, [Send(ASKED.chat_id, "hello")], key="2", now=NOW)
        rows = await outbox.claim(tx, now=NOW, lease_s=1, limit=9)
    assert [row.effect for row in rows] == [ASKED, Send(ASKED.chat_id, "hello")]
