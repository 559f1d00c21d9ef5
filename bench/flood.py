"""What a flood and an adversary cost staff, counted: posts made of fingerprints through the real registry and store.

PYTHONPATH=.:tests python bench/flood.py [POSTS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from defence_scene import Scene, attack

from bot.model import Decision
from bot.store import open_store

CHANNELS = 50


async def flood(memes: int, folder: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{folder / 'flood.sqlite3'}", bytes(32))
    scene = Scene(store, most_channels=20)
    start, processor = time.perf_counter(), time.process_time()
    await attack(scene, memes=memes // CHANNELS, channels=CHANNELS)
    print(
        f"{scene.posted:,} posts in {CHANNELS} channels, {memes:,} of them of one meme: "
        f"{time.perf_counter() - start:.0f} s, {time.process_time() - processor:.0f} s of processor"
    )
    print(f"messages to staff: {len(scene.sent)}, edits of them: {scene.edits}; {await scene.states()}")
    start = time.perf_counter()
    await scene.decide(Decision.NOT_A_MATCH, min(scene.sent))
    print(f"one press of 'not a match' took {1000 * (time.perf_counter() - start):.0f} ms")
    await scene.deliver()
    print(f"messages to staff: {len(scene.sent)}, edits of them: {scene.edits}; {await scene.states()}")
    await store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(flood(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, Path(name)))
