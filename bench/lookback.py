"""Look-back over millions of kept fingerprints beside plain scans of them in memory, in one run.

    python bench/lookback.py [FINGERPRINTS] [NEW]

Ours reads them from the database, opens what is sealed and stores what it found. The peers hold them in clear, in
memory, and do nothing of that: `pip install faiss-cpu` for the second. All must find the same files.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from bot.model import ChannelState, ChatId, ChatKind, Language, MessageId, Place, Post
from bot.pipeline.recording import Rules
from bot.registered.lookback import LookbackStage
from bot.registered.registry import Known
from bot.store import Store, Tx, cases, channels, lookbacks, open_store, tables
from bot.store import posts as store_posts
from bot.store.cases import NewFingerprint
from matcher import Index, MediaFingerprint, Orientation, Still, StillKind, View, pack_seen

VIEWS = 110
"""Of a photo, about."""
RADIUS = 48
EVERY = 10_000
"""One file in so many shows one of the new hashes."""
NOW = datetime(2026, 11, 25, tzinfo=UTC)

Hashes = NDArray[np.uint8]


def kept(hashes: Hashes) -> bytes:
    views = tuple(View("cropped", Orientation.UPRIGHT, row.tobytes(), 90) for row in hashes)
    return pack_seen(MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, views),)))


async def fill(store: Store, hashes: Hashes, new: Hashes) -> None:
    files = len(hashes) // VIEWS
    async with store.write() as tx:
        channel = await channels.put(
            tx,
            chat_id=ChatId(-100123),
            kind=ChatKind.CHANNEL,
            title="Channel",
            username=None,
            state=ChannelState.AUTHORISED,
            can_read=True,
            added_by=None,
            now=NOW,
        )
        place = Place(ChatId(-100123), MessageId(1))
        post_id, _ = await store_posts.add(tx, channel.id, Post(place, ChatKind.CHANNEL, NOW), now=NOW)
    for start in range(0, files, 2000):
        async with store.write() as tx:
            await tx.execute(
                insert(tables.media),
                [
                    {
                        "post_id": post_id,
                        "file_key": tx.cipher.digest("bench", number),
                        "state": "scanned",
                        "scanned_at": NOW,
                        "fingerprints": tx.cipher.seal(
                            store_posts.FINGERPRINTS, kept(hashes[number * VIEWS : (number + 1) * VIEWS])
                        ),
                    }
                    for number in range(start, min(start + 2000, files))
                ],
            )
    async with store.write() as tx:
        case_id = await cases.create(
            tx,
            uid="bench",
            number="JK-BENCH",
            pin_verifier="-",
            language=Language.EN,
            consent_version="1",
            contact=None,
            now=NOW,
        )
        prints = [NewFingerprint("pdq", "whole", row.tobytes(), 31) for row in new]
        await cases.add_fingerprints(tx, case_id, prints, NOW)


async def ours(hashes: Hashes, new: Hashes, folder: Path) -> set[int]:
    store = await open_store(f"sqlite+aiosqlite:///{folder / 'bench.sqlite3'}", bytes(32))
    await fill(store, hashes, new)
    size = (folder / "bench.sqlite3").stat().st_size
    print(
        f"database: {size / 2**20:,.0f} MiB for {len(hashes):,} fingerprints of {len(hashes) // VIEWS:,} files"
    )

    async def lost(tx: Tx, why: str) -> None:
        raise AssertionError(why)

    stage = LookbackStage(
        store,
        partial(Known, margin_bits=RADIUS - 31, min_quality=50),
        searches_photos=False,
        rules=Rules(timedelta(hours=1)),
        now=lambda: NOW,
        committed=lambda: None,
        lost=lost,
    )
    async with store.write() as tx:
        await lookbacks.plan(tx, now=NOW, wait_s=0)
        [run] = await lookbacks.claim(tx, now=NOW, lease_s=600, limit=1)
    Index.prepare()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, processor = time.perf_counter(), time.process_time()
    await stage.handle(run)
    told("jikimi, from the encrypted database", start, processor)
    print(
        f"  memory at its most: {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024:,.0f} MiB more"
    )
    async with store.read() as tx:
        rows = await tx.all(select(tables.matches.c.media_id))
    await store.close()
    return {row.media_id - 1 for row in rows}


def told(name: str, start: float, processor: float) -> None:
    print(
        f"{name}: {time.perf_counter() - start:.1f} s, {time.process_time() - processor:.1f} s of processor"
    )


def plain(hashes: Hashes, new: Hashes) -> set[int]:
    start, processor = time.perf_counter(), time.process_time()
    words, wanted = hashes.view(np.uint64), new.view(np.uint64)
    found: set[int] = set()
    for at in range(0, len(words), 1 << 18):
        block = words[at : at + (1 << 18)]
        for query in wanted:
            near = np.bitwise_count(block ^ query).sum(axis=1) <= RADIUS
            found.update(((np.flatnonzero(near) + at) // VIEWS).tolist())
    told("numpy, in clear and in memory", start, processor)
    return found


def faiss_range(hashes: Hashes, new: Hashes) -> set[int] | None:
    try:
        import faiss
    except ImportError:
        print("faiss is not installed")
        return None
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(256)
    index.add(hashes)
    start, processor = time.perf_counter(), time.process_time()
    _, _, ids = index.range_search(new, RADIUS + 1)
    told("faiss, in clear and in memory", start, processor)
    return set((ids // VIEWS).tolist())


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    new_number = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    random = np.random.default_rng(1)
    hashes = random.integers(0, 256, (number // VIEWS * VIEWS, 32), dtype=np.uint8)
    new = random.integers(0, 256, (new_number, 32), dtype=np.uint8)
    for file in range(0, len(hashes) // VIEWS, EVERY):
        row = hashes[file * VIEWS + file % VIEWS]
        row[:] = new[file % new_number]
        row[:3] ^= 0b10010010
    print(f"{len(hashes):,} fingerprints, {new_number} new hashes")
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(ours(hashes, new, Path(folder)))
    answers = [found, plain(hashes, new), faiss_range(hashes, new)]
    same = all(answer == found for answer in answers if answer is not None)
    print(f"files found: {len(found)}; all found the same: {same}")


if __name__ == "__main__":
    main()
