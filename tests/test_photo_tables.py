"""The look-up of near descriptors, held to comparing all with all."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.photos.tables import KEY_BITS, MAX_ROWS, TABLES, Words, build, probe, values_of, words_of

RADIUS_BITS = 40


def descriptors(number: int, seed: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (number, 32), dtype=np.uint8)


def flipped(rows: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    random = np.random.default_rng(9)
    changed = np.unpackbits(rows, axis=1)
    for row in changed:
        row[random.permutation(256)[:bits]] ^= 1
    return np.packbits(changed, axis=1)


def looked_up(
    words: Words, queries: Words, most: int = 4096, room: int = 4096, values: int | None = None
) -> NDArray[np.int32]:
    starts = np.empty((TABLES, (values or values_of(len(words))) + 1), dtype=np.uint32)
    entries = np.empty((TABLES, len(words)), dtype=np.uint32)
    build(words, starts, entries)
    found = np.empty((room, 3), dtype=np.int32)
    return found[: probe(words, starts, entries, queries, RADIUS_BITS, most, found)]


def test_as_words_descriptors_differ_by_as_many_bits() -> None:
    rows = descriptors(40)
    bits = np.bitwise_count(rows[:, None] ^ rows[None]).sum(axis=2)
    words = words_of(rows)
    assert (np.bitwise_count(words[:, None] ^ words[None]).sum(axis=2) == bits).all()


def test_what_is_equal_is_found_once_each() -> None:
    words = words_of(descriptors(500))
    found = looked_up(words, words)
    assert found.tolist() == [[number, number, 0] for number in range(500)]


def test_there_are_a_few_rows_to_each_value_up_to_the_most_values() -> None:
    assert [values_of(rows) for rows in (1, 2000, 65_536, 1_400_000, MAX_ROWS)] == [
        1,
        1 << 8,
        1 << 14,
        1 << 18,
        1 << KEY_BITS,
    ]


@pytest.mark.parametrize(("bits", "least"), [(10, 0.99), (20, 0.9), (30, 0.6), (40, 0.25)])
def test_the_nearer_the_more_are_found_each_with_its_distance(bits: int, least: float) -> None:
    rows = descriptors(2000)
    found = looked_up(words_of(rows), words_of(flipped(rows, bits)), values=1 << KEY_BITS)
    assert (found[:, 0] == found[:, 1]).all()
    assert (found[:, 2] == bits).all()
    assert len(np.unique(found[:, 0])) == len(found) >= least * 2000


def test_of_few_rows_more_are_found() -> None:
    rows = descriptors(2000)
    few, many = (
        len(looked_up(words_of(rows), words_of(flipped(rows, 40)), values=values))
        for values in (None, 1 << KEY_BITS)
    )
    assert few > 1.5 * many


def test_nothing_beyond_the_radius_is_found() -> None:
    rows = descriptors(2000)
    assert len(looked_up(words_of(rows), words_of(flipped(rows, RADIUS_BITS + 1)))) == 0


def test_what_is_too_frequent_is_left_out() -> None:
    rows = np.repeat(descriptors(1), 50, axis=0)
    assert len(looked_up(words_of(rows), words_of(rows[:1]), most=50)) == 50
    assert len(looked_up(words_of(rows), words_of(rows[:1]), most=49)) == 0


def test_where_there_is_no_room_the_rest_is_left_out() -> None:
    words = words_of(descriptors(500))
    assert len(looked_up(words, words, room=100)) == 100


def test_what_is_near_to_many_leaves_room_for_the_others() -> None:
    alike = np.repeat(descriptors(1), 400, axis=0)
    queries = words_of(np.concatenate([alike[:50], descriptors(50, seed=2)]))
    found = looked_up(words_of(np.concatenate([alike, descriptors(50, seed=2)])), queries, room=1000)
    assert len(found) == 50 * 10 + 50
    assert found[-50:, 0].tolist() == list(range(50, 100))
