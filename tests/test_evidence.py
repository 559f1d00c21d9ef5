"""How sure it is that a photo lies in a picture."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.photos.evidence import Posted, weigh
from matcher.photos.tables import Words, words_of

Floats = NDArray[np.float64]
FRAME = np.array([1.0, 0.75])


def features(number: int, seed: int) -> tuple[Floats, NDArray[np.uint8]]:
    random = np.random.default_rng(seed)
    places = random.random((number, 2)) * FRAME
    rest = np.column_stack((random.uniform(0.02, 0.06, number), random.uniform(0, 2 * np.pi, number)))
    return np.column_stack((places, rest)), random.integers(0, 256, (number, 32), dtype=np.uint8)


def placed(photo: Floats, scale: float, turn: float, shift: tuple[float, float]) -> Floats:
    """The same features where a similarity takes them."""
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.column_stack(
        (photo[:, :2] @ rotation * scale + shift, photo[:, 2] * scale, (photo[:, 3] + turn) % (2 * np.pi))
    )


def post_with(number: int, scale: float = 0.5) -> tuple[Floats, Words, Posted, NDArray[np.int64]]:
    """A photo of 200 features, and a picture of 400 others that shows so many of them, turned by 0.3."""
    photo, bits = features(200, 1)
    other, other_bits = features(400, 2)
    shown = placed(photo[:number], scale, 0.3, (0.35, 0.1))
    post = Posted.of(
        np.concatenate((shown, other)),
        words_of(np.concatenate((bits[:number], other_bits))),
        FRAME,
        400 + number,
    )
    pairs = np.column_stack((np.arange(number), np.arange(number)))
    return photo, words_of(bits), post, pairs


def test_where_the_photo_lies_is_found() -> None:
    evidence = weigh(*post_with(60))
    assert evidence is not None
    a, c, tx, b, d, ty = evidence.way
    assert np.hypot(a, b) == pytest.approx(0.5, rel=0.01)
    assert np.arctan2(b, a) == pytest.approx(0.3, abs=0.01)
    assert (tx, ty) == (pytest.approx(0.35, abs=0.005), pytest.approx(0.1, abs=0.005))
    assert (d, c) == (pytest.approx(a, abs=0.01), pytest.approx(-b, abs=0.01))


def test_the_more_agrees_the_surer_it_is() -> None:
    scores = [weigh(*post_with(number)) for number in (12, 60, 120)]
    digits = [evidence.score for evidence in scores if evidence is not None]
    assert len(digits) == 3
    assert sorted(digits) == digits
    assert digits[0] > 13.3


def test_every_one_that_agrees_is_told_and_nothing_else() -> None:
    photo, words, post, pairs = post_with(60)
    evidence = weigh(photo, words, post, pairs)
    assert evidence is not None
    assert np.flatnonzero(evidence.agreeing).tolist() == list(range(60))
    assert (evidence.shown_words[:60] == post.words[:60]).all()


def test_pairs_that_agree_on_no_way_are_no_evidence() -> None:
    photo, words, post, pairs = post_with(60)
    shuffled = np.column_stack((pairs[:, 0], np.random.default_rng(3).permutation(60)))
    evidence = weigh(photo, words, post, shuffled)
    assert evidence is None or evidence.score < 9


def test_two_pairs_are_too_few() -> None:
    photo, words, post, pairs = post_with(60)
    assert weigh(photo, words, post, pairs[:2]) is None


def test_patches_over_one_corner_are_one_witness() -> None:
    photo, bits = features(40, 4)
    photo[:20, :2] = photo[0, :2] + np.random.default_rng(5).uniform(0, 0.002, (20, 2))
    post = Posted.of(placed(photo, 0.6, 0.0, (0.1, 0.1)), words_of(bits), FRAME, 40)
    evidence = weigh(photo, words_of(bits), post, np.column_stack((np.arange(40), np.arange(40))))
    assert evidence is not None
    assert sum(witness < 20 for witness in evidence.witnesses) == 1
