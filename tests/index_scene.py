"""Hashes for the index, and the oracle that compares all of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher import IndexMatch

Entry = tuple[int, bytes, int]
RANDOM = np.random.default_rng(1)
FRESH = 2048
NOISE = [RANDOM.bytes(32) for _ in range(2 * FRESH)]
"""Enough for tables to be less work than a scan for one query."""


def noise() -> bytes:
    return RANDOM.bytes(32)


def flipped(bits: bytes, positions: Iterable[int]) -> bytes:
    return (int.from_bytes(bits, "little") ^ sum(1 << position for position in set(positions))).to_bytes(
        32, "little"
    )


def compare_all(entries: Iterable[Entry], queries: list[bytes], margin_bits: int) -> set[IndexMatch]:
    """The oracle."""
    return {
        IndexMatch(number, fingerprint_id, distance, radius_bits)
        for number, query in enumerate(queries)
        for fingerprint_id, bits, radius_bits in entries
        if (distance := (int.from_bytes(bits) ^ int.from_bytes(query)).bit_count())
        <= radius_bits + margin_bits
    }
