"""Which way patches lie and what they look like, held to the same written plainly in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from photos import scene

pytest.importorskip("cv2", reason="OpenCV is not installed: the extra `photos` has it")

from matcher.photos import gradients, orb

Floats = NDArray[np.float64]


def corners(seed: int = 1) -> orb.Corners:
    return orb.detect(np.asarray(scene(seed, (720, 540)).convert("L")), 400, orb.OF_POST)


def between(level: NDArray[np.uint8], across: Floats, down: Floats) -> Floats:
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    right, under = across - left, down - top
    above = level[top, left] * (1 - right) + level[top, left + 1] * right
    below = level[top + 1, left] * (1 - right) + level[top + 1, left + 1] * right
    return np.asarray(above * (1 - under) + below * under)


def plain_values(level: NDArray[np.uint8], x: float, y: float, axes: Floats) -> Floats:
    steps = (np.arange(gradients.SAMPLES) - (gradients.SAMPLES - 1) / 2) * gradients.STEP
    column, row = np.meshgrid(steps, steps)
    points = between(level, x + column * axes[0] + row * axes[2], y + column * axes[1] + row * axes[3])
    right = (points[:, 2:] - points[:, :-2])[1:-1]
    down = (points[2:] - points[:-2])[:, 1:-1]
    inner = gradients.SAMPLES - 2
    wide = inner / gradients.CELLS
    middles = (np.arange(gradients.CELLS) + 0.5) * wide
    weights = np.maximum(1 - abs(np.arange(inner) + 0.5 - middles[:, None]) / wide, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    cells = [weights @ np.maximum(grows, 0) @ weights.T for grows in (right, -right, down, -down)]
    return np.asarray(np.sqrt(np.ravel(cells) / np.sum(cells)))


def plain_sharpness(level: NDArray[np.uint8], x: int, y: int, directions: Floats) -> Floats:
    """How much the edges around a corner grow lighter in each of these directions."""
    reach = np.arange(-11, 12)
    across, down = np.meshgrid(reach, reach)
    weights = np.exp(-(across**2 + down**2) / 50) * (across**2 + down**2 <= 11.5**2)
    patch = level[y - 12 : y + 13, x - 12 : x + 13].astype(float)
    right, under = (patch[:, 2:] - patch[:, :-2])[1:-1], (patch[2:] - patch[:-2])[:, 1:-1]
    lengths, angles = weights * np.hypot(right, under), np.arctan2(under, right)
    return np.array(
        [
            sum(
                np.exp(-((number / 2) ** 2) / 2) * (lengths * np.cos(number * (angles - at))).sum()
                for number in (1, 2, 3)
            )
            for at in directions
        ]
    )


def test_patches_have_the_values_that_plain_numpy_has() -> None:
    found = corners()
    axes = np.column_stack(
        (np.cos(found.turns), np.sin(found.turns), -np.sin(found.turns), np.cos(found.turns))
    )
    for at in range(0, len(found), 10):
        level, place = (
            found.smooth[found.levels[at]],
            np.array([[found.across[at], found.down[at]]], dtype=float),
        )
        values, is_inside = np.empty((1, gradients.VALUES), np.float32), np.empty(1, np.bool_)
        gradients.values(level, place, axes[at : at + 1], values, is_inside)
        assert is_inside[0]
        assert values[0] == pytest.approx(
            plain_values(level, float(place[0, 0]), float(place[0, 1]), axes[at]), abs=2e-3
        )


def test_a_patch_lies_the_way_in_which_most_edges_grow_lighter() -> None:
    found, directions = corners(), np.linspace(0, 2 * np.pi, 720, endpoint=False)
    for at in range(0, len(found), 10):
        where = found.smooth[found.levels[at]], int(found.across[at]), int(found.down[at])
        best = plain_sharpness(*where, directions).max()
        told = plain_sharpness(*where, found.turns[at : at + 1])[0]
        assert told == pytest.approx(best, rel=0.01)


def test_bits_are_the_signs_of_the_learned_sums_of_a_patch_and_of_it_with_its_top_down() -> None:
    values = np.random.default_rng(1).random((300, gradients.VALUES), dtype=np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    channels = values.reshape(300, gradients.CHANNELS, gradients.CELLS, gradients.CELLS)
    top_down = channels[:, [0, 1, 3, 2], ::-1].reshape(300, -1)
    for told, some in zip(gradients.bits_of(values), (values, top_down), strict=True):
        margin = some @ gradients.WEIGHTS - gradients.LIMITS
        bits = np.unpackbits(told, axis=1, bitorder="little").astype(bool)
        # Next to its limit a sum may be on its other side where numbers are rounded otherwise.
        assert (bits == (margin > 0))[abs(margin) > 1e-3].all()


@pytest.mark.parametrize("place", [(17.0, 100.0), (100.0, 17.0), (183.0, 100.0), (100.0, 183.0), (-4.0, 9.0)])
def test_a_patch_that_reaches_out_of_the_level_has_no_values(place: tuple[float, float]) -> None:
    level = np.random.default_rng(1).integers(0, 256, (200, 200), dtype=np.uint8)
    turn = np.pi / 4
    axes = np.array([[np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn)]])
    values, is_inside = np.empty((1, gradients.VALUES), np.float32), np.empty(1, np.bool_)
    gradients.values(level, np.array([place]), axes, values, is_inside)
    assert not is_inside[0]


def test_the_learned_sums_fill_their_file() -> None:
    assert gradients.WEIGHTS.shape == (gradients.VALUES, gradients.BITS)
    assert len(gradients.FILE.read_bytes()) == gradients.BITS * (gradients.VALUES + 4)
    assert np.isfinite(gradients.LIMITS).all()
