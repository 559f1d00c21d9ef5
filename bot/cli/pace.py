"""`jikimi bench`: how quick this machine fingerprints and searches, measured on pictures and hashes made up for it."""

from __future__ import annotations

import io
import resource
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from matcher import MATCH_RADIUS_BITS, Index, Limits, MediaFingerprint, Sandbox, judge

PICTURE_SIDES = (1280, 960)
MOST_HASHES = 2_000_000
_PICTURES = 6
_FINGERPRINT_S = 4
_SEARCH_S = 2
_AT_ONCE = 65_536


@dataclass(frozen=True)
class Pace:
    workers: int
    pictures: int
    pictures_per_s: float
    """Of all workers together: JPEGs of 1280 x 960, decoded and looked at in all views."""
    views: float
    """Of a picture, in the mean: each asks the search once."""
    hashes: int
    search_ms: float
    """All views of one picture against all hashes: the median."""
    search_slowest_ms: float
    index_bytes: int
    """What the hashes take, beyond the search as it is without any."""
    memory_bytes: int
    """The most that this process took, without the workers."""


def measure(hashes: int, workers: int) -> Pace:
    """About ten seconds for some hundred thousand hashes."""
    seen, took_s = _fingerprinted(workers)
    Index.prepare()
    before = _memory_bytes()
    index = Index()
    for known in _made_up(hashes):
        index.add(known)
    index_bytes = _memory_bytes() - before
    spent_ms = _searched(index, seen[:_PICTURES])
    return Pace(
        workers=workers,
        pictures=len(seen),
        pictures_per_s=len(seen) / took_s,
        views=float(np.mean([len(media.stills[0].views) for media in seen])),
        hashes=hashes,
        search_ms=float(np.median(spent_ms)),
        search_slowest_ms=max(spent_ms),
        index_bytes=max(index_bytes, 0),
        memory_bytes=_memory_bytes(),
    )


def _fingerprinted(workers: int) -> tuple[list[MediaFingerprint], float]:
    """What pictures are like, as many as could be looked at in some seconds, and in how many seconds."""
    files = [_picture(seed) for seed in range(_PICTURES)]
    with Sandbox(workers, Limits()) as sandbox:
        for work in [sandbox.submit(files[0]) for _ in range(2 * workers)]:
            work.result()  # Workers are started by their first files.
        waiting: deque[Future[MediaFingerprint]] = deque()
        seen: list[MediaFingerprint] = []
        start = time.perf_counter()
        while time.perf_counter() < start + _FINGERPRINT_S:
            while len(waiting) < 2 * workers:
                waiting.append(sandbox.submit(files[(len(seen) + len(waiting)) % _PICTURES]))
            seen.append(waiting.popleft().result())
        seen += [work.result() for work in waiting]
        return seen, time.perf_counter() - start


def _picture(seed: int) -> bytes:
    random = np.random.default_rng(seed)
    layers = [
        np.asarray(
            Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8)).resize(
                PICTURE_SIDES, Image.Resampling.BICUBIC
            ),
            dtype=np.float32,
        )
        / cells**0.5
        for cells in (5, 14, 40, 160)
    ]
    total = sum(layers[1:], layers[0])
    values = (total - total.min()) / np.ptp(total) * 255
    out = io.BytesIO()
    Image.fromarray(values.astype(np.uint8)).filter(ImageFilter.SHARPEN).save(out, "JPEG", quality=87)
    return out.getvalue()


def _made_up(hashes: int) -> Iterator[list[tuple[int, bytes, int]]]:
    random = np.random.default_rng(0)
    for first in range(0, hashes, _AT_ONCE):
        rows = random.bytes(32 * min(_AT_ONCE, hashes - first))
        yield [
            (first + row, rows[32 * row : 32 * row + 32], MATCH_RADIUS_BITS) for row in range(len(rows) // 32)
        ]


def _searched(index: Index, seen: list[MediaFingerprint]) -> list[float]:
    spent_ms: list[float] = []
    judge(seen[0], index)
    start = time.perf_counter()
    while time.perf_counter() < start + _SEARCH_S or len(spent_ms) < len(seen):
        for media in seen:
            began = time.perf_counter()
            judge(media, index)
            spent_ms.append(1000 * (time.perf_counter() - began))
    return spent_ms


def _memory_bytes() -> int:
    """The most so far; macOS counts it in bytes, others in KiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10
