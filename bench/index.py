"""The index against its peers, side by side: times on one core, memory, pauses, and whether all find the same.

    python bench/index.py [HASHES...]

Peers are measured where they are installed: `pip install faiss-cpu threatexchange[faiss]`.
"""

from __future__ import annotations

import gc
import platform
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import Index

VIEWS = 200
"""Questions that one posted picture asks."""
ROUNDS = 25
WARM = 50_000
REST_S = 0.001
STEP = 2_000
"""As many as the bot's registry adds at once."""
PEER_MAX = 1_000_000
"""Beyond it PDQIndex takes gigabytes."""

Hashes = NDArray[np.uint8]
Ask = Callable[[Hashes, int], object]


def median_ms(work: Callable[[int], object], rounds: int = ROUNDS) -> float:
    """Processor time of this thread, so that the machine's other work counts little."""
    times = []
    for number in range(rounds):
        start = time.thread_time()
        work(number)
        times.append(time.thread_time() - start)
    return 1000 * float(np.median(times))


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def planted(hashes: Hashes, number: int, radius: int) -> Hashes:
    """Queries of which each is `radius` bits from one of the hashes."""
    random = np.random.default_rng(2)
    queries = hashes[random.integers(0, len(hashes), number)].copy()
    for query in queries:
        flips = np.zeros(256, dtype=np.uint8)
        flips[random.choice(256, radius, replace=False)] = 1
        query ^= np.packbits(flips)
    return queries


def filled(hashes: Hashes) -> Index:
    before = resident_bytes()
    index = Index()
    start = time.perf_counter()
    for first in range(0, len(hashes), STEP):
        index.add((first + at, row.tobytes(), 31) for at, row in enumerate(hashes[first : first + STEP]))
    index.settle()
    seconds = time.perf_counter() - start
    each = (resident_bytes() - before) / len(hashes)
    print(f"jikimi: added in {seconds:.1f} s, {STEP:,} at a time; {each:.1f} bytes a hash (resident memory)")
    return index


def faiss_flat(hashes: Hashes) -> Any:
    try:
        import faiss
    except ImportError:
        return None
    faiss.omp_set_num_threads(1)
    before = resident_bytes()
    index = faiss.IndexBinaryFlat(256)
    index.add(hashes)
    print(f"faiss IndexBinaryFlat: {(resident_bytes() - before) / len(hashes):.1f} bytes a hash")
    return index


def pdq_index(hashes: Hashes) -> Any:
    try:
        from threatexchange.signal_type.pdq.pdq_index import PDQIndex
    except ImportError:
        return None
    before = resident_bytes()
    start = time.perf_counter()
    index = PDQIndex.build([(row.tobytes().hex(), number) for number, row in enumerate(hashes)])
    print(
        f"threatexchange PDQIndex: built in {time.perf_counter() - start:.1f} s,"
        f" {(resident_bytes() - before) / len(hashes):.0f} bytes a hash"
    )
    return index


def compare(hashes: Hashes, index: Index, flat: Any, peer: Any) -> None:
    def ours(queries: Hashes, radius: int) -> set[tuple[int, int]]:
        matches = index.search([query.tobytes() for query in queries], radius - 31)
        return {(match.query, match.fingerprint_id) for match in matches}

    def theirs(queries: Hashes, radius: int) -> set[tuple[int, int]]:
        limits, _, ids = flat.range_search(queries, radius + 1)
        return {(q, int(i)) for q in range(len(queries)) for i in ids[limits[q] : limits[q + 1]]}

    print(f"{'ms of one core':24} radius     1 query  each of 8  all {VIEWS}")
    for radius in (31, 48):
        queries = planted(hashes, VIEWS, radius)
        systems: dict[str, tuple[Ask, int]] = {"jikimi": (ours, 5)}
        if flat is not None:
            assert ours(queries, radius) == theirs(queries, radius), "faiss found something else"
            systems["faiss IndexBinaryFlat"] = (lambda q, r: flat.range_search(q, r + 1), 3)
        if peer is not None and radius == 31:
            systems["threatexchange PDQIndex"] = (
                lambda q, _: [peer.query(row.tobytes().hex()) for row in q],
                1,
            )
        table = {
            name: (
                median_ms(lambda at, ask=ask, q=queries, r=radius: ask(q[at : at + 1], r)),
                median_ms(lambda at, ask=ask, q=queries, r=radius: ask(q[8 * at : 8 * at + 8], r)) / 8,
                median_ms(lambda _, ask=ask, q=queries, r=radius: ask(q, r), rounds),
            )
            for name, (ask, rounds) in systems.items()
        }
        for name, times in table.items():
            ratios = ", ".join(
                f"{value / mine:.1f}" for value, mine in zip(times, table["jikimi"], strict=True)
            )
            print(
                f"{name:24} {radius:6} "
                + "".join(f"{value:11.3f}" for value in times)
                + ("" if name == "jikimi" else f"   times ours: {ratios}")
            )


def changes(index: Index, number: int, peer: Any) -> None:
    fresh = [np.random.default_rng(3 + at).bytes(32) for at in range(ROUNDS)]
    add_ms = median_ms(lambda at: index.add([(number + at, fresh[at], 31)]))
    same_ms = median_ms(lambda at: index.add([(number + ROUNDS + at, fresh[0], 31)]))
    remove_ms = median_ms(lambda at: index.remove([number + at]))
    index.remove(range(number, number + 2 * ROUNDS))
    print(
        f"jikimi: add {add_ms:.2f} ms, add one that is identical {same_ms:.2f} ms, remove {remove_ms:.2f} ms"
    )
    if peer is not None:
        ms = median_ms(lambda at: peer.add_all([(fresh[at].hex(), number + at)]), 3)
        print(f"threatexchange PDQIndex: add {ms:.1f} ms ({ms / add_ms:.0f} times ours)")


def nothing() -> None:
    """About as long as an addition beside other threads takes in the median."""
    for _ in range(6_000):
        pass


def pauses(index: Index, hashes: Hashes, rest_s: float, added: int = 40_000) -> None:
    """How long one search or one change takes at most while tables are made again, and with no other thread.

    One thread searches without a rest; the other rests after each addition, or not at all where `rest_s` is 0. How long
    the interpreter makes any thread wait beside these is told by a loop that does nothing, and what the addition itself
    does by the time of the processor.
    """
    query = [planted(hashes, 1, 31)[0].tobytes()]
    random = np.random.default_rng(9)
    seconds: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> None:
        start = clock()
        work()
        seconds.setdefault(name, []).append(clock() - start)

    for _ in range(2000):
        timed("search alone", lambda: index.search(query, 0))
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            timed("search", lambda: index.search(query, 0))

    searcher = threading.Thread(target=search)
    searcher.start()
    first = len(hashes)
    for at in range(0, added, 20):
        rows = [(first + at + one, random.bytes(32), 31) for one in range(20)]
        timed("add", lambda rows=rows: timed("add, own time", lambda: index.add(rows), time.thread_time))
        timed("a loop", nothing)
        if rest_s:
            time.sleep(rest_s)
    stop.set()
    searcher.join()
    index.settle()
    index.remove(range(first, first + added))
    index.settle()
    print(f"pauses, where the thread that adds rests for {1000 * rest_s:.0f} ms each time:")
    for name, all_s in seconds.items():
        ms = np.sort(all_s) * 1000
        print(
            f"{name:13} {len(ms):6} times: median {np.median(ms):6.2f} ms, 99.9th percentile"
            f" {np.percentile(ms, 99.9):6.2f} ms, longest {ms[-1]:6.2f} ms, over 10 ms {np.sum(ms > 10)}"
        )


def installed(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"


def main(counts: list[int]) -> None:
    names = ("numpy", "numba", "faiss-cpu", "threatexchange")
    print(platform.platform(), "python", platform.python_version(), *map(installed, names))
    start = time.process_time()
    Index.prepare()
    print(f"compiling: {time.process_time() - start:.1f} s, once in a process")
    print(f"\n{WARM:,} hashes, because the code and the thread that an index needs take memory once, too")
    warm = np.random.default_rng(4).integers(0, 256, (WARM, 32), dtype=np.uint8)
    filled(warm)
    for count in counts:
        print(f"\n{count:,} hashes")
        hashes = np.random.default_rng(1).integers(0, 256, (count, 32), dtype=np.uint8)
        index = filled(hashes)
        flat, peer = faiss_flat(hashes), pdq_index(hashes) if count <= PEER_MAX else None
        compare(hashes, index, flat, peer)
        changes(index, count, peer)
        del flat, peer
        if count <= PEER_MAX:
            pauses(index, hashes, 0)
            pauses(index, hashes, REST_S)


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [100_000, 1_000_000])
