"""The index beside other threads: nothing is missed, and nobody waits long."""

from __future__ import annotations

import itertools
import mmap
import sys
import threading
import time
from errno import ENOMEM

import pytest
from index_scene import FRESH, NOISE, compare_all, flipped, noise

from matcher import Index


def test_what_stays_is_found_while_others_come_and_go() -> None:
    kept = [(number, noise(), 31) for number in range(200)]
    index = Index(fresh_rows=500)
    index.add(kept)
    queries = [bits for _, bits, _ in kept[:40]]
    expected = compare_all(kept, queries, 0)
    stop, turns = threading.Event(), [0, 0]

    def churn(churner: int, first: int) -> None:
        while not stop.is_set():
            # Some share the hashes that stay, some have their own.
            turns[churner] += 1
            passing = [(first + number, bits, 0) for number, (_, bits, _) in enumerate(kept)]
            own = [
                (first + 500 + number, flipped(bits, [turns[churner] % 256]), 0) for number, bits, _ in kept
            ]
            index.add(passing + own)
            index.remove([fingerprint_id for fingerprint_id, _, _ in passing + own])

    threads = [threading.Thread(target=churn, args=args) for args in ((0, 1000), (1, 3000))]
    for thread in threads:
        thread.start()
    try:
        searches = 0
        while searches < 200 or min(turns) < 40:
            searches += 1
            matches = index.search(queries, 0)
            assert {match for match in matches if match.fingerprint_id < 1000} == expected
            assert len(set(matches)) == len(matches)
            assert all(match.distance <= match.radius_bits for match in matches)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    index.settle()
    assert len(index) == len(kept)
    assert set(index.search(queries, 0)) == expected


def test_adding_and_removing_a_few_never_lets_go_of_the_interpreters_lock() -> None:
    index = Index(fresh_rows=FRESH)
    index.add((number, bits, 31) for number, bits in enumerate(NOISE))
    index.settle()
    turns, stop = [0], threading.Event()

    def take_turns() -> None:
        while not stop.is_set():
            turns[0] += 1
            time.sleep(0)

    half_known = [[*(noise() for _ in range(10)), *NOISE[add : add + 10]] for add in range(FRESH // 11)]
    usual = sys.getswitchinterval()
    other = threading.Thread(target=take_turns)
    other.start()
    # Nobody is asked to let go of it meanwhile.
    sys.setswitchinterval(100)
    try:
        for first, hashes in zip(itertools.count(len(NOISE), 20), half_known, strict=False):
            rows = [(number, bits, 31) for number, bits in enumerate(hashes, first)]
            before = turns[0]
            index.add(rows)
            index.remove([first, first + 10])
            assert turns[0] == before
    finally:
        stop.set()
        sys.setswitchinterval(usual)
        other.join()


def test_where_memory_for_tables_is_missing_that_is_logged_and_rows_are_found_and_get_them_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index = Index(fresh_rows=FRESH)
    with monkeypatch.context() as scarce:
        system, most = mmap.mmap, FRESH * 32

        def scarce_memory(file: int, size: int, **how: int) -> mmap.mmap:
            if size > most:
                raise OSError(ENOMEM, "Cannot allocate memory")
            return system(file, size, **how)

        scarce.setattr(mmap, "mmap", scarce_memory)
        index.add((number, bits, 31) for number, bits in enumerate(NOISE[:FRESH]))
        index.settle()
        assert "Tables could not be made" in caplog.text
        assert [match.fingerprint_id for match in index.search([NOISE[7]], 0)] == [7]
    index.add([(FRESH, noise(), 31)])
    index.settle()
    assert any(part.has_tables for part in index._parts)
    assert [match.fingerprint_id for match in index.search([NOISE[7]], 0)] == [7]
