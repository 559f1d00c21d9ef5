"""What was deleted is not in the files any more, neither in clear nor sealed."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select, text
from store_makers import NOW, STAFF, add_channel, make_post, photo

from bot.model import CaseId, ChatId, Language, Send
from bot.store import (
    Store,
    audit,
    cases,
    conversations,
    findings,
    inbox,
    open_store,
    outbox,
    posts,
    queue,
    tables,
)
from bot.store.cases import NewFingerprint
from bot.store.findings import MatchRow
from bot.store.inbox import NewUpdate

SECRETS = (
    "JK-SECRET-NUMBER",
    "$argon2id$secret-verifier",
    "비밀채널",
    "secret-file-id",
    "비밀-대화",
    "7770001234",
)


@pytest.fixture
async def sqlite_store(tmp_path: Path, store_key: bytes) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'jikimi.sqlite3'}", store_key)
    yield store
    await store.close()


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


async def register(store: Store, seed: int, number: str, contact: int) -> tuple[CaseId, list[bytes]]:
    """A case with some fingerprints; returns their bits."""
    choose = random.Random(seed)
    prints = [choose.randbytes(32) for _ in range(choose.randrange(1, 40))]
    async with store.write() as tx:
        case_id = await cases.create(
            tx,
            uid=f"uid{seed}",
            number=number,
            pin_verifier=SECRETS[1],
            language=Language.KO,
            consent_version="1",
            contact=ChatId(contact),
            now=NOW,
        )
        new = [NewFingerprint("pdq", "whole", value, 31) for value in prints]
        await cases.add_fingerprints(tx, case_id, new, NOW)
    return case_id, prints


async def sealed_values(store: Store, case_id: CaseId) -> list[bytes]:
    """Every sealed value and digest of the case."""
    own = tables.fingerprints.c.case_id == case_id
    async with store.read() as tx:
        rows = [
            *await tx.all(select(tables.fingerprints.c.bits, tables.fingerprints.c.bits_key).where(own)),
            *await tx.all(
                select(
                    *(
                        tables.cases.c[name]
                        for name in ("number", "number_key", "pin_verifier", "contact", "contact_key")
                    )
                ).where(tables.cases.c.id == case_id)
            ),
        ]
    return [value for row in rows for value in row]


async def test_nothing_is_ever_in_the_files_in_clear(sqlite_store: Store, tmp_path: Path) -> None:
    store = sqlite_store
    case_id, prints = await register(store, 1, SECRETS[0], int(SECRETS[5]))
    async with store.write() as tx:
        channel = await add_channel(tx, -7770001234, title="비밀채널")
        post_id, [media_id] = await posts.add(
            tx, channel.id, make_post(1, photo("secret-file-id"), title="비밀채널"), now=NOW
        )
        await posts.scanned(tx, media_id, fingerprints=prints[0], now=NOW)
        print_id = await tx.scalar(select(tables.fingerprints.c.id))
        await findings.record(
            tx,
            case_id=case_id,
            post_id=post_id,
            media_id=media_id,
            matches=[MatchRow(print_id, "match", 0, "whole", "r0")],
            fold_after=NOW,
            now=NOW,
        )
        update = {"text": "비밀-대화", "chat": {"id": 7770001234}}
        await inbox.add(tx, [NewUpdate("1", "message", update)], now=NOW)
        await outbox.add(tx, [Send(ChatId(7770001234), "비밀-대화")], key="1", now=NOW)
        await conversations.put(tx, ChatId(7770001234), update, NOW)
        await audit.append(tx, action="x", subject="uid1", actor=STAFF, details=update, now=NOW)
    secrets = [secret.encode() for secret in SECRETS] + prints + [value.hex().encode() for value in prints]
    before = files(tmp_path)
    await store.close()
    for data in (before, files(tmp_path)):
        assert b"jikimi" in data or b"uid1" in data
        for secret in secrets:
            assert secret not in data


@pytest.mark.parametrize("erase", [False, True], ids=["withdraw", "erase"])
async def test_withdrawn_values_are_gone_from_the_files(
    sqlite_store: Store, tmp_path: Path, erase: bool
) -> None:
    store = sqlite_store
    registered = [await register(store, seed, f"JK-{seed}", 10**9 + seed) for seed in range(30)]
    gone = random.Random(1).sample([case_id for case_id, _ in registered], 15)
    values = [value for case_id in gone for value in await sealed_values(store, case_id)]
    kept = [
        value
        for case_id, _ in registered
        if case_id not in gone
        for value in await sealed_values(store, case_id)
    ]
    before = files(tmp_path)
    assert all(value in before for value in values)
    for case_id in gone:
        async with store.write() as tx:
            await (cases.erase if erase else cases.withdraw)(tx, case_id, NOW)
    assert await store.scrub()
    left = files(tmp_path)
    # Neither whole nor in part: a page that was split may keep pieces.
    assert [value for value in values if value in left or value[:16] in left or value[-16:] in left] == []
    assert all(value in left for value in kept)


async def test_a_delivered_message_and_an_ended_conversation_are_gone_from_the_files(
    sqlite_store: Store, tmp_path: Path
) -> None:
    store = sqlite_store
    chat_id = ChatId(7770001234)
    async with store.write() as tx:
        await inbox.add(tx, [NewUpdate("1", "message", {"text": "hash"})], now=NOW)
        await outbox.add(tx, [Send(chat_id, "number and PIN " * 300)], key="1", now=NOW)
        await conversations.put(tx, chat_id, {"step": "pin"}, NOW)
        columns = (tables.inbox.c.raw, tables.outbox.c.effect, tables.conversations.c.state)
        values = [await tx.scalar(select(column)) for column in columns]
    # A long value lies on several pages, so pieces are looked for.
    pieces = [value[start : start + 64] for value in values for start in range(0, len(value), 1000)]
    assert any(piece in files(tmp_path) for piece in pieces)
    async with store.write() as tx:
        await queue.done(tx, tables.inbox, 1, now=NOW)
        await queue.done(tx, tables.outbox, 1, now=NOW)
        await conversations.remove(tx, chat_id)
    assert await store.scrub()
    assert [piece for piece in pieces if piece in files(tmp_path)] == []


async def test_a_forgotten_post_is_gone_from_the_files(sqlite_store: Store, tmp_path: Path) -> None:
    store = sqlite_store
    async with store.write() as tx:
        channel = await add_channel(tx)
        post_id, [media_id] = await posts.add(tx, channel.id, make_post(1, photo("a")), now=NOW)
        values = [await tx.scalar(select(column)) for column in (tables.posts.c.post, tables.media.c.file)]
        await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
    assert all(value in files(tmp_path) for value in values)
    async with store.write() as tx:
        await posts.forget(tx, post_id)
    assert await store.scrub()
    left = files(tmp_path)
    assert [value for value in values if value in left] == []


async def test_scrubbing_says_when_a_reader_was_in_the_way(sqlite_store: Store) -> None:
    store = sqlite_store
    async with store.read() as reading:
        await reading.scalar(select(tables.counters.c.value))
        await register(store, 1, "JK-1", 1)
        assert not await store.scrub()
    assert await store.scrub()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_on_postgresql_every_table_that_holds_a_secret_is_scrubbed(store: Store) -> None:
    count = text("SELECT relname, vacuum_count FROM pg_stat_user_tables")
    async with store.read() as tx:
        before = {row.relname: row.vacuum_count for row in await tx.all(count)}
    assert await store.scrub()
    async with store.read() as tx:
        scrubbed = {row.relname for row in await tx.all(count) if row.vacuum_count > before[row.relname]}
    hold_secrets = {
        table.name
        for table in tables.metadata.tables.values()
        if any(isinstance(column.type, LargeBinary) for column in table.columns)
    }
    assert {"media", "notes", "accounts"} < hold_secrets
    assert hold_secrets - scrubbed == set()


async def test_scrubbing_keeps_what_is_stored(store: Store) -> None:
    case_id, _ = await register(store, 1, "JK-1", 1)
    assert await store.scrub()
    async with store.read() as tx:
        assert await cases.get(tx, case_id) is not None
