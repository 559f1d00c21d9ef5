"""The index finds what comparing everything with everything finds, and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import Index, IndexMatch
from matcher.index import _CHUNK

Entry = tuple[int, bytes, int]
RANDOM = np.random.default_rng(1)


def noise() -> bytes:
    return RANDOM.bytes(32)


def flipped(bits: bytes, positions: Iterable[int]) -> bytes:
    return (int.from_bytes(bits) ^ sum(1 << position for position in set(positions))).to_bytes(32)


def compare_all(entries: Iterable[Entry], queries: list[bytes], margin_bits: int) -> set[IndexMatch]:
    """The oracle."""
    return {
        IndexMatch(number, fingerprint_id, distance, radius_bits)
        for number, query in enumerate(queries)
        for fingerprint_id, bits, radius_bits in entries
        if (distance := (int.from_bytes(bits) ^ int.from_bytes(query)).bit_count())
        <= radius_bits + margin_bits
    }


def found(index: Index, queries: list[bytes], margin_bits: int) -> set[IndexMatch]:
    matches = index.search(queries, margin_bits)
    assert len(set(matches)) == len(matches)
    return set(matches)


def filled(entries: Iterable[Entry]) -> Index:
    index = Index()
    index.add(entries)
    return index


near_hashes = st.lists(st.integers(0, 255), max_size=70).map(lambda positions: flipped(bytes(32), positions))
entries_of = st.lists(st.tuples(near_hashes, st.integers(0, 64)), max_size=40).map(
    lambda rows: [(number, bits, radius_bits) for number, (bits, radius_bits) in enumerate(rows)]
)


@settings(max_examples=200, deadline=None)
@given(entries_of, st.lists(near_hashes, max_size=9), st.integers(0, 20), st.data())
def test_it_finds_what_comparing_everything_finds(
    entries: list[Entry], queries: list[bytes], margin_bits: int, data: st.DataObject
) -> None:
    index = filled(entries)
    assert found(index, queries, margin_bits) == compare_all(entries, queries, margin_bits)
    gone = data.draw(st.sets(st.sampled_from(range(len(entries))))) if entries else set()
    index.remove(gone)
    left = [entry for entry in entries if entry[0] not in gone]
    assert len(index) == len(left)
    assert found(index, queries, margin_bits) == compare_all(left, queries, margin_bits)


@pytest.mark.parametrize("distance", [0, 1, 30, 31, 32, 48, 49])
@pytest.mark.parametrize(
    "spread",
    [
        pytest.param(range(256), id="all in the first word"),
        pytest.param(range(255, -1, -1), id="all in the last word"),
        pytest.param(
            [word * 64 + bit for bit in range(64) for word in range(4)], id="the same in every word"
        ),
        pytest.param([part * 16 + bit for bit in range(16) for part in range(16)], id="two in every 16 bits"),
    ],
)
def test_wherever_the_bits_differ_the_distance_is_exact(distance: int, spread: Iterable[int]) -> None:
    registered = noise()
    index = filled([(7, registered, 31), *((100 + number, noise(), 31) for number in range(500))])
    query = flipped(registered, list(spread)[:distance])
    expected = {IndexMatch(0, 7, distance, 31)} if distance <= 48 else set()
    assert found(index, [query], 17) == expected


def test_rows_beyond_one_chunk_and_queries_of_any_number_are_compared() -> None:
    entries = [(number, noise(), 31) for number in range(_CHUNK + 3000)]
    index = filled(entries)
    asked = [0, 1, 2047, 2048, _CHUNK - 1, _CHUNK, _CHUNK + 2999]
    queries = [
        flipped(entries[number][1], RANDOM.choice(256, 40, replace=False).tolist()) for number in asked
    ]
    for count in range(1, len(asked) + 1):
        assert {(match.query, match.fingerprint_id) for match in found(index, queries[:count], 17)} == set(
            enumerate(asked[:count])
        )


def test_each_fingerprint_has_its_own_radius() -> None:
    bits = noise()
    index = filled([(1, bits, 5), (2, bits, 10), (3, bits, 0)])
    query = flipped(bits, range(7))
    assert {match.fingerprint_id for match in found(index, [query], 0)} == {2}
    assert {match.fingerprint_id for match in found(index, [query], 2)} == {1, 2}


def test_thousands_that_own_one_hash_are_all_found() -> None:
    bits = noise()
    index = filled([(number, bits, 31) for number in range(3000)])
    assert {match.fingerprint_id for match in found(index, [bits], 0)} == set(range(3000))


def test_a_known_id_is_refused_and_nothing_is_added() -> None:
    index = filled([(1, noise(), 31)])
    for entries in ([(2, noise(), 31), (1, noise(), 31)], [(3, noise(), 31), (3, noise(), 31)]):
        with pytest.raises(ValueError, match="already"):
            index.add(entries)
    assert len(index) == 1


def test_a_removed_fingerprint_is_not_found_and_its_row_is_used_again() -> None:
    first, second = noise(), noise()
    index = filled([(1, first, 31)])
    index.remove([1, 99])
    assert (len(index), index.search([first, bytes(32)], 17)) == (0, [])
    index.add([(1, second, 31)])
    assert index._chunks[0].used == 1
    assert found(index, [first, second], 0) == {IndexMatch(1, 1, 0, 31)}


def test_an_empty_index_and_no_question_find_nothing() -> None:
    assert Index().search([noise()], 17) == []
    assert filled([(1, noise(), 31)]).search([], 17) == []


def test_what_stays_is_found_while_others_come_and_go() -> None:
    kept = [(number, noise(), 31) for number in range(200)]
    index = filled(kept)
    queries = [bits for _, bits, _ in kept[:40]]
    expected = compare_all(kept, queries, 0)
    stop = threading.Event()

    def churn(first: int) -> None:
        while not stop.is_set():
            passing = [(first + number, bits, 0) for number, (_, bits, _) in enumerate(kept)]
            index.add(passing)
            index.remove([fingerprint_id for fingerprint_id, _, _ in passing])

    threads = [threading.Thread(target=churn, args=(first,)) for first in (1000, 2000)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(200):
            matches = index.search(queries, 0)
            assert {match for match in matches if match.fingerprint_id < 1000} == expected
            assert all(match.distance <= match.radius_bits for match in matches)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(index) == len(kept)


def test_forty_one_bytes_hold_a_fingerprint() -> None:
    index = filled((number, bytes(32), 31) for number in range(_CHUNK))
    [chunk] = index._chunks
    assert (chunk.words.nbytes + chunk.ids.nbytes + chunk.radii.nbytes) / len(index) == 41
