"""The index finds what comparing everything with everything finds, and no more."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_scene import FRESH, NOISE, RANDOM, Entry, compare_all, flipped, noise

from matcher import Index, IndexMatch
from matcher.index.lookup import ZONE_ROWS
from matcher.index.owners import owners_of
from matcher.index.rows import Fresh, Part, Sealed, seal


def found(index: Index, queries: list[bytes], margin_bits: int) -> set[IndexMatch]:
    matches = index.search(queries, margin_bits)
    assert len(set(matches)) == len(matches)
    return set(matches)


def filled(entries: Iterable[Entry]) -> Index:
    index = Index()
    index.add(entries)
    return index


def words_of(hashes: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(hashes), dtype=np.uint64).reshape(-1, 4).copy()


def pairs(part: Part, queries: list[bytes], radius_bits: int) -> list[tuple[int, int, int]]:
    return sorted(map(tuple, part.near(words_of(queries), radius_bits).tolist()))


def probed(part: Sealed, queries: list[bytes], radius_bits: int) -> list[tuple[int, int, int]]:
    """By the tables, whatever it costs."""
    rows = part._probed(words_of(queries), radius_bits, 1 << 40)
    assert rows is not None
    return sorted(map(tuple, rows.tolist()))


def kinds(index: Index) -> list[tuple[type[Part], int]]:
    return [(type(part), len(part.owners)) for part in index._parts]


near_hashes = st.lists(st.integers(0, 255), max_size=70).map(lambda positions: flipped(bytes(32), positions))
entries_of = st.lists(st.tuples(near_hashes, st.integers(0, 64)), max_size=40).map(
    lambda rows: [(number, bits, radius_bits) for number, (bits, radius_bits) in enumerate(rows)]
)
worst_spreads = pytest.mark.parametrize(
    "spread",
    [
        pytest.param(range(256), id="all in the first words"),
        pytest.param(range(255, -1, -1), id="all in the last words"),
        pytest.param([part * 64 + bit for bit in range(64) for part in range(4)], id="the same in every 64"),
        pytest.param([part * 16 + bit for bit in range(16) for part in range(16)], id="the same in every 16"),
        pytest.param(
            [part * 16 + 15 - bit for bit in range(16) for part in range(15, -1, -1)],
            id="the same in every 16, from behind",
        ),
        pytest.param(
            [part * 16 + bit for bit in range(16) for part in (*range(0, 16, 2), *range(1, 16, 2))],
            id="every other 16 first",
        ),
    ],
)


@settings(max_examples=150)
@given(entries_of, st.lists(near_hashes, max_size=9), st.integers(0, 20), st.integers(2, 30), st.data())
def test_it_finds_what_comparing_everything_finds(
    entries: list[Entry], queries: list[bytes], margin_bits: int, fresh_rows: int, data: st.DataObject
) -> None:
    index = Index(fresh_rows=fresh_rows, sealed_rows=40)
    middle = len(entries) // 2
    index.add(entries[:middle])
    index.settle()
    index.add(entries[middle:])
    assert found(index, queries, margin_bits) == compare_all(entries, queries, margin_bits)
    gone = data.draw(st.sets(st.sampled_from(range(len(entries))))) if entries else set()
    index.remove(gone)
    left = [entry for entry in entries if entry[0] not in gone]
    assert len(index) == len(left)
    assert found(index, queries, margin_bits) == compare_all(left, queries, margin_bits)
    index.settle()
    index.add([entries[number] for number in gone])
    assert found(index, queries, margin_bits) == compare_all(entries, queries, margin_bits)


@settings(max_examples=100)
@given(st.lists(near_hashes, min_size=1, max_size=60), st.lists(near_hashes, min_size=1), st.integers(0, 63))
def test_tables_find_what_a_scan_finds(hashes: list[bytes], queries: list[bytes], radius_bits: int) -> None:
    fresh, sealed = Fresh(len(hashes)), Sealed(words_of(sorted(set(hashes))))
    fresh.append(sealed.words, np.arange(len(sealed.words)))
    assert probed(sealed, queries, radius_bits) == pairs(fresh, queries, radius_bits)


@pytest.mark.parametrize("radius_bits", [0, 1, 15, 16, 17, 30, 31, 32, 33, 47, 48, 49, 62, 63])
@worst_spreads
def test_tables_find_up_to_the_radius_wherever_the_bits_differ(
    radius_bits: int, spread: Iterable[int]
) -> None:
    sealed = Sealed(words_of(NOISE))
    for distance in range(max(radius_bits - 1, 0), radius_bits + 2):
        expected = [(0, 7, distance)] if distance <= radius_bits else []
        assert probed(sealed, [flipped(NOISE[7], list(spread)[:distance])], radius_bits) == expected


@pytest.mark.parametrize("radius_bits", [15, 31, 48, 63])
def test_tables_find_flips_that_cluster_in_a_few_parts(radius_bits: int) -> None:
    sealed = Sealed(words_of(NOISE))
    for asked in range(1000):
        weights = np.repeat(RANDOM.dirichlet([0.5] * 16) + 1e-3, 16)
        distance = int(RANDOM.integers(0, radius_bits, endpoint=True))
        flips = RANDOM.choice(256, distance, replace=False, p=weights / weights.sum()).tolist()
        assert probed(sealed, [flipped(NOISE[asked], flips)], radius_bits) == [(0, asked, distance)]


@pytest.mark.parametrize("alone", range(16))
def test_two_flips_in_fifteen_of_the_sixteen_parts_and_one_in_the_last_are_found(alone: int) -> None:
    index = Index(fresh_rows=FRESH)
    index.add((number, bits, 31) for number, bits in enumerate(NOISE))
    index.settle()
    assert kinds(index) == [(Sealed, len(NOISE))]
    for asked in range(50):
        flips = [
            16 * part + int(bit)
            for part in range(16)
            for bit in RANDOM.choice(16, 1 if part == alone else 2, replace=False)
        ]
        assert found(index, [flipped(NOISE[asked], flips)], 0) == {IndexMatch(0, asked, 31, 31)}


@pytest.mark.parametrize("distance", [0, 1, 30, 31, 32, 48, 49])
@worst_spreads
def test_wherever_the_bits_differ_the_distance_is_exact(distance: int, spread: Iterable[int]) -> None:
    registered = noise()
    index = filled([(7, registered, 31), *((100 + number, noise(), 31) for number in range(500))])
    query = flipped(registered, list(spread)[:distance])
    expected = {IndexMatch(0, 7, distance, 31)} if distance <= 48 else set()
    assert found(index, [query], 17) == expected


def test_many_hashes_alike_in_their_parts_are_all_found() -> None:
    center = noise()
    flips = [RANDOM.choice(256, 9, replace=False).tolist() for _ in range(3000)]
    hashes = sorted({flipped(center, positions) for positions in flips})
    entries = [(number, bits, 12) for number, bits in enumerate(hashes)]
    index = Index(fresh_rows=FRESH)
    index.add(entries)
    index.settle()
    for query in (center, hashes[0], flipped(center, range(20))):
        assert found(index, [query], 0) == compare_all(entries, [query], 0)


def test_rows_of_every_part_and_queries_of_any_number_are_compared() -> None:
    entries = [(number, noise(), 31) for number in range(3 * FRESH + 500)]
    index = Index(fresh_rows=FRESH, sealed_rows=FRESH)
    for start in range(0, len(entries), FRESH):
        index.add(entries[start : start + FRESH])
        index.settle()
    assert sorted(kinds(index), key=str) == [(Fresh, 500), *[(Sealed, FRESH)] * 3]
    asked = [0, 1, FRESH - 1, FRESH, 2 * FRESH + 1, 3 * FRESH, len(entries) - 1]
    queries = [
        flipped(entries[number][1], RANDOM.choice(256, 40, replace=False).tolist()) for number in asked
    ]
    for count in range(1, len(asked) + 1):
        assert {(match.query, match.fingerprint_id) for match in found(index, queries[:count], 17)} == set(
            enumerate(asked[:count])
        )


def test_each_fingerprint_has_its_own_radius() -> None:
    bits = noise()
    index = filled([(1, bits, 5), (2, bits, 10), (3, bits, 0), (4, flipped(bits, [9]), 7)])
    query = flipped(bits, range(7))
    assert found(index, [query], 0) == {IndexMatch(0, 2, 7, 10)}
    assert {match.fingerprint_id for match in found(index, [query], 2)} == {1, 2, 4}
    assert {match.fingerprint_id for match in index.within([query], 7)} == {1, 2, 3}
    index.remove([2])
    assert {match.fingerprint_id for match in found(index, [query], 2)} == {1, 4}


def test_identical_hashes_are_one_row_wherever_it_is() -> None:
    index = Index(fresh_rows=FRESH)
    entries = [(number, bits, 31) for number, bits in enumerate(NOISE)]
    index.add(entries)
    again = [(10_000 + number, bits, 20) for number, bits in enumerate(NOISE)]
    index.add(again)
    index.settle()
    index.add((20_000 + number, bits, 48) for number, bits in enumerate(NOISE))
    new = noise()
    index.add([(1_000_000, new, 31), (1_000_001, new, 30)])
    index.add([(1_000_002, new, 29)])
    assert kinds(index) == [(Sealed, len(NOISE)), (Fresh, 1)]
    assert len(index) == 3 * len(NOISE) + 3
    assert found(index, [NOISE[5], new], 0) == {
        *(IndexMatch(0, number, 0, radius) for number, radius in ((5, 31), (10_005, 20), (20_005, 48))),
        *(IndexMatch(1, 1_000_000 + number, 0, 31 - number) for number in range(3)),
    }


def test_an_owner_of_a_hash_goes_and_the_others_stay() -> None:
    bits = noise()
    index = filled([(number, bits, number) for number in range(4)])
    for left in ({1, 2, 3}, {1, 3}, {1}, set()):
        index.remove(set(range(4)) - left)
        assert {match.fingerprint_id for match in found(index, [bits], 0)} == left
        assert len(index) == len(left)
    index.add([(2, bits, 31)])
    assert found(index, [bits], 0) == {IndexMatch(0, 2, 0, 31)}


def test_thousands_that_own_one_hash_are_all_found() -> None:
    bits = noise()
    index = filled([(number, bits, 31) for number in range(3000)])
    assert {match.fingerprint_id for match in found(index, [bits], 0)} == set(range(3000))


def test_a_known_id_is_refused_and_nothing_is_added() -> None:
    shared = noise()
    index = filled([(1, noise(), 31), (4, shared, 31), (5, shared, 31)])
    for known in (1, 4, 5):
        with pytest.raises(ValueError, match="already"):
            index.add([(2, noise(), 31), (known, noise(), 31)])
    with pytest.raises(ValueError, match="already"):
        index.add([(3, noise(), 31), (3, noise(), 31)])
    assert len(index) == 3


@pytest.mark.parametrize(
    "entry",
    [
        (-1, bytes(32), 31),
        (1 << 55, bytes(32), 31),
        (2, bytes(32), 256),
        (2, bytes(32), -1),
        (2, bytes(31), 31),
    ],
)
def test_what_is_out_of_bounds_is_refused_and_nothing_is_added(entry: Entry) -> None:
    index = Index()
    with pytest.raises(ValueError, match=r"is a number|is 32 bytes"):
        index.add([(1, noise(), 31), entry])
    assert (len(index), kinds(index)) == (0, [])


def test_the_largest_id_and_radius_are_kept() -> None:
    index = filled([((1 << 55) - 1, bytes(32), 255)])
    assert found(index, [b"\xff" * 32], 0) == set()
    assert found(index, [b"\xff" * 31 + b"\x7f"], 0) == {IndexMatch(0, (1 << 55) - 1, 255, 255)}


def test_a_removed_fingerprint_is_not_found_and_its_id_can_be_used_again() -> None:
    first, second = noise(), noise()
    index = filled([(1, first, 31)])
    index.remove([1, 99, -1, -2, 1 << 70])
    assert (len(index), index.search([first, bytes(32)], 17)) == (0, [])
    index.add([(1, second, 31)])
    assert found(index, [first, second], 0) == {IndexMatch(1, 1, 0, 31)}


@pytest.mark.parametrize("rising", [True, False])
@pytest.mark.parametrize("asked", [1, 3000])
def test_rows_are_found_by_their_owners_in_whatever_order_ids_come(rising: bool, asked: int) -> None:
    count = 20 * ZONE_ROWS + 5
    random = np.random.default_rng(asked)
    ids = random.permutation(count * 9)[:count]
    part = Fresh(count)
    owners = owners_of(np.sort(ids) if rising else ids, random.integers(0, 256, count))
    part.append(random.integers(0, 2**63, (count, 4), dtype=np.uint64), owners)
    part.give(77, -5)
    part.remove(np.array([3, 4]))
    keys = np.sort(np.append(random.choice(count * 9, asked, replace=False), [-7, -5]))
    held = np.where(part.owners >= 0, part.owners >> 8, part.owners)
    assert part.owned_by(keys).tolist() == np.flatnonzero(np.isin(held, keys)).tolist()
    assert 77 in part.owned_by(keys)
    sealed = seal([part], [part.which_alive()])
    sealed.take_owners([part], [part.which_alive()])
    assert sealed.alive == count - 2
    assert (sealed.owners[sealed.owned_by(keys)] == part.owners[part.owned_by(keys)]).all()


@pytest.mark.parametrize("asked", [5, 500])
def test_a_sealed_row_is_found_by_its_hash_while_it_belongs_to_somebody(asked: int) -> None:
    # All alike in fifteen of their sixteen parts.
    words = np.zeros((1000, 4), dtype=np.uint64)
    words[:, 2] = np.arange(1000) << 16
    part = Fresh(1000)
    part.append(words, owners_of(np.arange(1000), np.full(1000, 31)))
    sealed = seal([part], [part.which_alive()])
    sealed.take_owners([part], [part.which_alive()])
    sealed.remove(np.array([2]))
    wanted = np.concatenate([words[:asked], words[-1:] + np.uint64(1)])
    assert sealed.identical(wanted).tolist() == [0, 1, -1, *range(3, asked), -1]


def test_rows_of_nobody_are_given_back() -> None:
    index = Index(fresh_rows=FRESH)
    index.add((number, bits, 31) for number, bits in enumerate(NOISE))
    index.settle()
    index.remove(range(len(NOISE) // 2 + 1))
    index.settle()
    assert kinds(index) == [(Sealed, len(NOISE) // 2 - 1)]
    index.remove(range(len(NOISE)))
    index.settle()
    assert kinds(index) == []
    for _ in range(3 * FRESH):
        index.add([(1, NOISE[0], 31)])
        index.remove([1])
    index.settle()
    assert sum(rows for _, rows in kinds(index)) <= FRESH


def test_an_empty_index_and_no_question_find_nothing() -> None:
    assert Index().search([noise()], 17) == []
    assert filled([(1, noise(), 31)]).search([], 17) == []


def test_a_million_rows_of_one_owner_each_take_less_than_109_bytes_a_row() -> None:
    index = Index(fresh_rows=FRESH)
    index.add((number, bits, 31) for number, bits in enumerate(NOISE))
    index.settle()
    [part] = index._parts
    assert isinstance(part, Sealed)
    rows = part.words.nbytes + part.owners.nbytes + part._entries.nbytes
    assert rows / len(NOISE) + part._starts.nbytes / 1_000_000 < 109
    assert (index._groups._groups, index._groups._group_of) == ({}, {})
