"""Learns by which sums of its gradients a patch is told, and writes them: matcher/photos/descriptor.bin (decision 0026).

    python bench/learn.py FOLDER... [--posts 2400] [--overlays 1400] [--iterations 3500] [--seed 1] [--test FOLDER...]

Learned from are patches of photos and of posts into which an oval of the photo was pasted, and patches of two pictures with
the same letters, logo, watermark or sticker over both, which shall be unlike. The sums are in the order in which the tables
go by them; what follows from them is made anew by bench/furniture.py and `make page`. With `--test` it is said how well patches
are told in pictures not learned from, beside ORB; those that look like one learned from are left out. With `--iterations 0` nothing is learned, and what is there is tested.

The same folders, options and number of threads (OMP_NUM_THREADS) learn the same, byte for byte, where the matcher's compiled code was loaded in
both runs, or compiled in both: what was just compiled rounds otherwise. It needs, in an environment of its own:

    pip install -e .[photos] pdqhash torch
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scenes
from numpy.typing import NDArray
from patch_pairs import LEAST_PICTURES, Halves, Overlaid, Pairs, distinct, overlaid_of, pairs_of
from PIL import Image

from matcher.photos import gradients, orb
from matcher.photos.tables import KEY_BITS, TABLES

BATCH, OVERLAYS_A_BATCH = 1536, 256
RATE, DECAY = 2e-3, 1e-3
MARGIN, OVERLAY_MARGIN = 0.8, 1.0
OVERLAY_WEIGHT, BALANCE_WEIGHT = 0.4, 0.8
FOUND, JITTERED = 0.55, 0.3
"""Of the patches of posts so many are taken at the corner found there, where one is, and so many beside the place; the
others at it."""
MOST_TURN_OFF = 0.5
"""Radians: a corner whose turn is told again by chance only teaches nothing."""

NEAR_BITS = 72
"""Pairs further apart would not be looked up."""
FOR_A_BIT = 0.25
"""So much of the logarithm of what is kept is worth one of what is taken away."""
KEPT_OF, KNOWN, ASKED = 25_000, 60_000, 5_000
"""Pairs, rows and queries by which the bits of the tables are chosen."""

TEST_POSTS, TESTED = 400, 14_000
ONE_IN = (1_000_000, 100_000, 10_000)

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Sums:
    weights: NDArray[np.int8]
    """256 x 144."""
    limits: Singles
    """What each of the 256 sums has to exceed."""

    def bits(self, values: Halves) -> Bools:
        """Of patches with these values: n x 256."""
        return values.astype(np.float32) @ self.weights.T.astype(np.float32) > self.limits

    @classmethod
    def from_bytes(cls, data: bytes) -> Sums:
        size = gradients.BITS * gradients.VALUES
        weights = np.frombuffer(data, dtype=np.int8, count=size).reshape(gradients.BITS, gradients.VALUES)
        return cls(weights, np.frombuffer(data, dtype="<f4", offset=size).astype(np.float32))

    def ordered(self, order: Sequence[int]) -> Sums:
        return Sums(self.weights[order], self.limits[order])

    def to_bytes(self) -> bytes:
        """As `gradients.FILE` holds it."""
        return self.weights.tobytes() + self.limits.astype("<f4").tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--posts", type=int, default=2400)
    parser.add_argument("--overlays", type=int, default=1400)
    parser.add_argument("--iterations", type=int, default=3500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--test", nargs="+", type=Path, default=[])
    a = parser.parse_args()
    if min(a.posts, a.overlays) < 1 or min(a.iterations, a.seed) < 0:
        parser.error("--posts and --overlays are 1 and more, --iterations and --seed 0 and more")
    if a.iterations:
        _torch()
    orb.prepare()
    pictures = distinct(scenes.sources(a.folders))
    tested = distinct(scenes.sources(a.test), pictures)
    for some, folders in ((pictures, a.folders), *([(tested, a.test)] if a.test else [])):
        if len(some) < LEAST_PICTURES:
            raise SystemExit(
                f"{len(some)} pictures of use in {', '.join(map(str, folders))}: name folders with {LEAST_PICTURES} and more"
                " of 300 points and more that are unlike one another, and those to test with unlike those to learn from"
            )
    print(f"{len(pictures):,} pictures to learn from, {len(tested):,} to test with", flush=True)
    if a.iterations:
        sums = learned(pictures, a)
        gradients.FILE.write_bytes(sums.to_bytes())
        print(f"written: {gradients.FILE}", flush=True)
    else:
        sums = Sums.from_bytes(gradients.FILE.read_bytes())
    if tested:
        report(sums, pairs_of(tested, TEST_POSTS, a.seed), np.random.default_rng([a.seed, 5]))


def _torch() -> Any:
    """Only this needs it, so it is none of the project's dependencies."""
    try:
        import torch
    except ImportError:
        raise SystemExit("learning needs torch, which is not installed: pip install torch") from None
    return torch


def learned(pictures: Sequence[Image.Image], a: argparse.Namespace) -> Sums:
    """In the order in which tables would go by them."""
    pairs, overlaid = pairs_of(pictures, a.posts, a.seed), overlaid_of(pictures, a.overlays, a.seed)
    print(f"{len(pairs):,} pairs of one corner, {len(overlaid.ones):,} of one overlay", flush=True)
    sums = learned_of(pairs, overlaid, a.iterations, a.seed)
    return sums.ordered(order_of(sums, pairs, np.random.default_rng([a.seed, 4])))


def learned_of(pairs: Pairs, overlaid: Overlaid, iterations: int, seed: int) -> Sums:
    """Sums whose signs are the same of one corner, and differ of others and of overlays.

    Triplets with the nearest other of the batch (HardNet: Mishchuk, Mishkin, Radenovic, Matas, "Working hard to know your
    neighbor's margins", NIPS 2017) on sums bent by tanh, which stands for the signs that have no slope.
    """
    torch = _torch()
    torch.manual_seed(seed)
    random = np.random.default_rng([seed, 6])
    values = pairs.photo.astype(np.float32)
    mean, spread = values.mean(axis=0), float(values.std(axis=0).mean())
    layer = torch.nn.Linear(gradients.VALUES, gradients.BITS)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=iterations)

    def apart(cosines: Any) -> Any:
        # The root has no slope at 0.
        return torch.sqrt((2 - 2 * cosines).clamp_min(1e-6))

    for iteration in range(iterations):
        some = batch(pairs, overlaid, random)
        rows, values = some[0], (np.concatenate(some[1:]).astype(np.float32) - mean) / spread
        bent = torch.nn.functional.normalize(torch.tanh(layer(torch.from_numpy(values))), dim=1)
        photo, post, one, other = bent.split([len(part) for part in some[1:]])
        pictures = torch.from_numpy(pairs.pictures[rows])
        each = apart(photo @ post.T)
        # Further than any two can be.
        unlike = each.masked_fill(pictures[:, None] == pictures[None], 9.0)
        nearest = torch.minimum(unlike.min(dim=0).values, unlike.min(dim=1).values)
        loss = (
            torch.relu(MARGIN + each.diagonal() - nearest).mean()
            + OVERLAY_WEIGHT * torch.relu(OVERLAY_MARGIN - apart((one * other).sum(dim=1))).mean()
            # A bit tells most where it is set in half of the patches.
            + BALANCE_WEIGHT * (photo.mean(dim=0) ** 2).mean()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if iteration % 500 == 0:
            print(f"iteration {iteration:,}: loss {loss.item():.3f}", flush=True)
    weights = layer.weight.detach().numpy() / spread
    limits = weights @ mean - layer.bias.detach().numpy()
    scale = 127 / abs(weights).max(axis=1)
    return Sums(np.rint(weights * scale[:, None]).astype(np.int8), (limits * scale).astype(np.float32))


def batch(
    pairs: Pairs, overlaid: Overlaid, random: np.random.Generator
) -> tuple[Longs, Halves, Halves, Halves, Halves]:
    """Rows of pairs, their patches in photo and post, and those of an overlay over two pictures; by turns of chance all of
    them upside down, as mirrored pictures are described.
    """
    rows, chance = random.integers(len(pairs), size=BATCH), random.random((BATCH, 1))
    is_found = (chance < FOUND) & (pairs.turn_off[rows, None] < MOST_TURN_OFF)
    beside = np.where(chance < FOUND + JITTERED, pairs.jittered[rows], pairs.exact[rows])
    post = np.where(is_found, pairs.found[rows], beside)
    over = random.integers(len(overlaid.ones), size=OVERLAYS_A_BATCH)
    some = (pairs.photo[rows], post, overlaid.ones[over], overlaid.others[over])
    order = gradients.UPSIDE_DOWN if random.random() < 0.5 else slice(None)
    photo, post, ones, others = (one[:, order] for one in some)
    return rows, photo, post, ones, others


def order_of(sums: Sums, pairs: Pairs, random: np.random.Generator) -> list[int]:
    """The bits in the order in which the tables go by them. Raises `SystemExit` where too little was learned for any."""
    found = random.permutation(np.flatnonzero(pairs.turn_off < np.inf))
    again = sums.bits(pairs.found[found])
    differ = sums.bits(pairs.photo[found]) ^ again
    near = differ[differ.sum(axis=1) <= NEAR_BITS][:KEPT_OF]
    if not len(near):
        raise SystemExit(f"no pair is within {NEAR_BITS} bits: more --posts or --iterations are needed")
    known = sums.bits(pairs.photo[random.permutation(len(pairs))[:KNOWN]])
    return chosen(near, known, again[:ASKED])


def chosen(differ: Bools, known: Bools, asked: Bools) -> list[int]:
    """The bits of each table, the best first, and those that are left over, from bits that differ in pairs of one corner,
    those of rows and those of queries (n x 256 of each).

    A table is good if pairs are alike in all its bits, and few other rows are like a query. By turns each takes the bit
    that keeps most of the former for what it takes away of the latter, given the bits that it has.
    """
    is_same, known, asked = (np.ascontiguousarray(some.T) for some in (~differ, known, asked))
    free = list(range(gradients.BITS))
    tables: list[list[int]] = [[] for _ in range(TABLES)]
    is_kept = np.ones((TABLES, len(differ)), dtype=np.bool_)
    keys, asked_keys = (np.zeros((TABLES, some.shape[1]), dtype=np.int64) for some in (known, asked))
    for _ in range(KEY_BITS):
        for table, bits in enumerate(tables):
            worth = {}
            for bit in free:
                sizes = np.bincount(keys[table] * 2 + known[bit], minlength=2 << len(bits))
                looked_at = sizes[asked_keys[table] * 2 + asked[bit]].mean()
                kept = np.count_nonzero(is_kept[table] & is_same[bit])
                # None has a logarithm of its own, too.
                worth[bit] = math.log(kept + 1e-3) - FOR_A_BIT * math.log(looked_at + 1e-3)
            best = max(worth, key=worth.__getitem__)
            free.remove(best)
            bits.append(best)
            is_kept[table] &= is_same[best]
            keys[table] = keys[table] * 2 + known[best]
            asked_keys[table] = asked_keys[table] * 2 + asked[best]
    return [bit for bits in tables for bit in bits] + free


def bits_of(sums: Sums, values: Halves) -> NDArray[np.uint8]:
    """The descriptors of patches with these values: n x 32."""
    return np.packbits(sums.bits(values), axis=1)


def report(sums: Sums, pairs: Pairs, random: np.random.Generator) -> None:
    """Print the share of pairs of one corner that are nearer than all but few of unrelated ones, in percent."""
    print(
        "\n| patches of a post, nearer than all but one in | " + " | ".join(f"{n:,}" for n in ONE_IN) + " |"
    )
    print("|---|" + "---|" * len(ONE_IN))
    every = np.sort(random.permutation(len(pairs))[:TESTED])
    found = every[pairs.turn_off[every] < np.inf]
    compared = 0
    for name, patches, there, rows in (
        ("at the very place", bits_of(sums, pairs.photo), bits_of(sums, pairs.exact), every),
        ("beside it", bits_of(sums, pairs.photo), bits_of(sums, pairs.jittered), every),
        ("at the corner found", bits_of(sums, pairs.photo), bits_of(sums, pairs.found), found),
        ("the same by ORB's bits", pairs.photo_orb, pairs.found_orb, found),
    ):
        photo, post = (np.ascontiguousarray(some[rows]).view(np.uint64) for some in (patches, there))
        unrelated = np.zeros(gradients.BITS + 1, dtype=np.int64)
        for words, picture in zip(photo, pairs.pictures[rows], strict=True):
            others = np.bitwise_count(post[pairs.pictures[rows] != picture] ^ words).sum(axis=1)
            unrelated += np.bincount(others, minlength=len(unrelated))
        nearer = np.cumsum(unrelated) / max(unrelated.sum(), 1)
        bits = np.bitwise_count(photo ^ post).sum(axis=1)
        shares = [100 * (bits < np.searchsorted(nearer, 1 / n, side="right")).mean() for n in ONE_IN]
        print(f"| {name} | " + " | ".join(f"{share:.1f}" for share in shares) + " |", flush=True)
        compared = max(compared, int(unrelated.sum()))
    print(f"\n{len(every):,} pairs of one corner, {len(found):,} of them found; {compared:,} unrelated pairs")


if __name__ == "__main__":
    main()
