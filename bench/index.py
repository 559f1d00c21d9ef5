"""The index against its peers, side by side: times on one core, memory, and whether all find the same.

    python bench/index.py [HASHES...]

Peers are measured where they are installed: `pip install faiss-cpu threatexchange[faiss]`.
"""

from __future__ import annotations

import gc
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import Index

VIEWS = 200
"""Questions that one posted picture asks."""
ROUNDS = 15


def best_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return 1000 * float(np.median(times))


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def planted(hashes: NDArray[np.uint8], number: int, radius: int) -> NDArray[np.uint8]:
    """Queries of which each is `radius` bits from one of the hashes."""
    random = np.random.default_rng(2)
    queries = hashes[random.integers(0, len(hashes), number)].copy()
    for query in queries:
        flips = np.zeros(256, dtype=np.uint8)
        flips[random.choice(256, radius, replace=False)] = 1
        query ^= np.packbits(flips)
    return queries


def faiss_flat(hashes: NDArray[np.uint8]) -> Any:
    try:
        import faiss
    except ImportError:
        return None
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(256)
    index.add(hashes)
    return index


def pytx(hashes: NDArray[np.uint8]) -> Any:
    try:
        from threatexchange.signal_type.pdq.index import PDQIndex
    except ImportError:
        return None
    return PDQIndex.build([(row.tobytes().hex(), number) for number, row in enumerate(hashes)])


def measure(number: int) -> None:
    hashes = np.random.default_rng(1).integers(0, 256, (number, 32), dtype=np.uint8)
    gc.collect()
    before = resident_bytes()
    index = Index()
    start = time.perf_counter()
    index.add((row, hashes[row].tobytes(), 31) for row in range(number))
    build_s = time.perf_counter() - start
    print(
        f"\n{number:,} hashes: built in {build_s:.1f} s, {(resident_bytes() - before) / number:.0f} bytes each"
    )
    index.search([bytes(32)], 0)
    flat, peer = faiss_flat(hashes), pytx(hashes) if number <= 1_000_000 else None
    rows = []
    for radius in (31, 48):
        queries = planted(hashes, VIEWS, radius)
        raw = [query.tobytes() for query in queries]
        one = best_ms(lambda raw=raw, radius=radius: index.search(raw[:1], radius - 31))
        eight = best_ms(lambda raw=raw, radius=radius: index.search(raw[:8], radius - 31))
        many = best_ms(lambda raw=raw, radius=radius: index.search(raw, radius - 31), 5)
        ours = {(match.query, match.fingerprint_id) for match in index.search(raw, radius - 31)}
        rows.append(("jikimi", radius, one, eight / 8, many / VIEWS, many))
        if flat is not None:
            limits, _, ids = flat.range_search(queries, radius + 1)
            theirs = {(q, int(i)) for q in range(VIEWS) for i in ids[limits[q] : limits[q + 1]]}
            assert ours == theirs, "faiss found something else"
            ask = flat.range_search
            rows.append(
                (
                    "faiss IndexBinaryFlat",
                    radius,
                    best_ms(lambda ask=ask, radius=radius, q=queries: ask(q[:1], radius + 1)),
                    best_ms(lambda ask=ask, radius=radius, q=queries: ask(q[:8], radius + 1)) / 8,
                    (all_ms := best_ms(lambda ask=ask, radius=radius, q=queries: ask(q, radius + 1), 3))
                    / VIEWS,
                    all_ms,
                )
            )
        if peer is not None and radius == 31:
            hexes = [query.hex() for query in raw]
            one = best_ms(lambda hexes=hexes: peer.query(hexes[0]))
            many = best_ms(lambda hexes=hexes: [peer.query(text) for text in hexes], 2)
            rows.append(("threatexchange PDQIndex", radius, one, many / VIEWS, many / VIEWS, many))
    print(f"{'ms of one core':24} radius      1 query   each of 8 each of {VIEWS}  all {VIEWS}")
    for name, radius, *times in rows:
        print(f"{name:24} {radius:6}  " + " ".join(f"{value:11.3f}" for value in times))
    ours_ms = {radius: many for name, radius, *_, many in rows if name == "jikimi"}
    for name, radius, *_, many in rows:
        if name != "jikimi":
            print(
                f"  a picture's {VIEWS} queries at {radius}: {many / ours_ms[radius]:.1f} times faster than {name}"
            )
    extra = bytes(range(32))
    print(
        f"add one {best_ms(lambda: (index.add([(number, extra, 31)]), index.remove([number]))):.2f} ms"
        " (with its removal)"
    )


if __name__ == "__main__":
    print(platform.platform(), "python", platform.python_version(), "numpy", np.__version__)
    for count in [int(text) for text in sys.argv[1:]] or [100_000, 1_000_000]:
        measure(count)
