"""Spoiled files of every format through a real sandbox: does each get an answer, and is all well afterwards?

    python bench/fuzz.py                            # 54,000 files, 6,000 of each format
    python bench/fuzz.py --files 900 --seed 2
    python bench/fuzz.py --write PDF 1234 out.pdf   # the file with this number again, to look at

Every file is made from its seed, format and number alone. Ends with 1 where a file got no answer, a good file was
answered wrongly or later than a second afterwards, or this process grew.
"""

from __future__ import annotations

import argparse
import os
import random
import struct
import sys
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from corpus import MAKERS, photo, saved

from matcher import Limits, MediaError, MediaErrorCode, MediaFingerprint, Sandbox, fingerprint_bytes

LIMITS = Limits(cpu_s=5, wall_s=60)
PATIENCE_S = 120
MAX_GROWTH_MIB = 30
CHECKED_EVERY = 1000
GOOD = saved(photo(99, (320, 240)), "JPEG")
SERIOUS = (MediaErrorCode.WORKER_DIED, MediaErrorCode.TIMED_OUT, MediaErrorCode.OUT_OF_MEMORY)
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Mutation = Callable[[random.Random, bytearray, Sequence[bytes]], bytearray]


def flip_bits(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    for _ in range(dice.randint(1, 24)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return data


def spoil_header(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    for _ in range(dice.randint(1, 6)):
        data[dice.randrange(min(len(data), 128))] = dice.randrange(256)
    return data


def cut_off(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    return data[: dice.randint(1, len(data))]


def splice(dice: random.Random, data: bytearray, others: Sequence[bytes]) -> bytearray:
    other = dice.choice(others)
    return data[: dice.randrange(len(data))] + other[dice.randrange(len(other)) :]


def duplicate(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    start, end = sorted(dice.randrange(len(data) + 1) for _ in range(2))
    return data[:end] + data[start:end] * dice.choice((1, 1, 2, 20)) + data[end:]


def remove(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randint(1, 64) :]


def insert(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.randbytes(dice.choice((1, 4, 200))) + data[at:]


def extreme_number(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    form = dice.choice(("B", "<H", ">H", "<I", ">I"))
    for _ in range(dice.randint(1, 3)):
        # Lengths and sizes are mostly near the beginning or the end.
        near = min(len(data), dice.choice((64, 256, len(data))))
        at = dice.randrange(near) if dice.random() < 0.6 else len(data) - 1 - dice.randrange(near)
        value = struct.pack(form, dice.choice(EXTREMES) & (256 ** struct.calcsize(form) - 1))
        data[at : at + len(value)] = value
    return data


def another_number(dice: random.Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    """For formats that write numbers in digits."""
    places = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    for _ in range(dice.randint(1, 4) if places else 0):
        data[dice.choice(places)] = dice.choice(b"0123456789-")
    return data


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    spoil_header,
    cut_off,
    splice,
    duplicate,
    remove,
    insert,
    extreme_number,
    extreme_number,
    another_number,
)


def mended(data: bytes) -> bytes:
    """A PNG with right checksums: otherwise most spoiled ones are refused before anything is decoded."""
    out = bytearray(data)
    at = 8
    while data.startswith(b"\x89PNG") and at + 12 <= len(out):
        (length,) = struct.unpack_from(">I", out, at)
        if at + 12 + length > len(out):
            break
        struct.pack_into(">I", out, at + 8 + length, zlib.crc32(out[at + 4 : at + 8 + length]))
        at += 12 + length
    return bytes(out)


def spoiled(seed: int, form: str, number: int, corpus: dict[str, list[bytes]]) -> bytes:
    dice = random.Random(f"{seed} {form} {number}")
    every = [data for files in corpus.values() for data in files]
    data = bytearray(dice.choice(corpus[form]))
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        mutation = dice.choice(MUTATIONS)
        data = mutation(dice, data, corpus[form] if dice.random() < 0.7 else every) or bytearray(b"\0")
    return mended(data) if dice.random() < 0.7 else bytes(data)


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / (1 << 20)


@dataclass
class Tally:
    """What came of the files, and how this process fared."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    serious: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    wrong: int = 0
    slowest_good_s: float = 0
    resident_mib: list[float] = field(default_factory=list)

    def take(self, form: str, number: int, future: Future[MediaFingerprint]) -> bool:
        """Whether it was serious: a worker may have gone with it."""
        try:
            media = future.result(PATIENCE_S)
            outcome = "fingerprint, some left out" if media.left_out else "fingerprint"
        except MediaError as error:
            outcome = error.code.name.lower()
            if error.code in SERIOUS:
                self.serious.append(f"{form} {number}: {outcome}")
                print(self.serious[-1], file=sys.stderr, flush=True)
        except NoAnswer:
            outcome = "NO ANSWER"
            self.unanswered.append(f"{form} {number}")
        self.outcomes.setdefault(form, Counter())[outcome] += 1
        return bool(self.serious) and self.serious[-1].startswith(f"{form} {number}:")

    def check(self, sandbox: Sandbox, expected: MediaFingerprint) -> None:
        started = time.monotonic()
        try:
            self.wrong += sandbox.submit(GOOD).result(PATIENCE_S) != expected
        except (MediaError, NoAnswer):
            self.wrong += 1
        self.slowest_good_s = max(self.slowest_good_s, time.monotonic() - started)
        self.resident_mib.append(resident_mib())

    @property
    def growth_mib(self) -> float:
        """Since the first thousand files."""
        return max(self.resident_mib[1:] or [0]) - (self.resident_mib[1:] or [0])[0]


def fuzz(sandbox: Sandbox, names: Iterator[tuple[str, int]], seed: int, workers: int) -> Tally:
    corpus = {form: list(maker()) for form, maker in MAKERS.items()}
    expected = fingerprint_bytes(GOOD, LIMITS)
    tally = Tally()
    waiting: deque[tuple[str, int, Future[MediaFingerprint]]] = deque()
    for started in [sandbox.submit(GOOD) for _ in range(4 * workers)]:
        # That workers start is not part of any file's time.
        started.result(PATIENCE_S)
    tally.check(sandbox, expected)

    def drain(left: int) -> bool:
        was_serious = False
        while len(waiting) > left:
            was_serious |= tally.take(*waiting.popleft())
        return was_serious

    for done, (form, number) in enumerate(names, 1):
        waiting.append((form, number, sandbox.submit(spoiled(seed, form, number, corpus))))
        if drain(4 * workers) or done % CHECKED_EVERY == 0:
            drain(0)
            tally.check(sandbox, expected)
        if done % CHECKED_EVERY == 0:
            print(f"{done:,} files", file=sys.stderr, flush=True)
    drain(0)
    tally.check(sandbox, expected)
    return tally


def report(tally: Tally, seconds: float, workers: int) -> None:
    kinds = sorted({outcome for counts in tally.outcomes.values() for outcome in counts})
    print("| files of | " + " | ".join(kinds).replace("_", " ") + " |\n" + "|---" * (len(kinds) + 1) + "|")
    for form, counts in tally.outcomes.items():
        print(f"| {form} | " + " | ".join(f"{counts[kind]:,}" for kind in kinds) + " |")
    total = sum(counts.total() for counts in tally.outcomes.values())
    print(f"\n{total:,} files, {total / seconds:.0f} a second with {workers} workers; unanswered:", end=" ")
    print(
        f"{len(tally.unanswered)}; good files answered wrongly: {tally.wrong}; a good file afterwards took at",
        end=" ",
    )
    print(f"most {tally.slowest_good_s:.2f} s; this process: {tally.resident_mib[-1]:.0f} MiB,", end=" ")
    print(f"grown by {tally.growth_mib:.1f} MiB at most since the first {CHECKED_EVERY:,} files.")
    for line in tally.unanswered:
        print("   ", line)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=54_000, help="how many in all")
    parser.add_argument("--formats", nargs="+", default=list(MAKERS), choices=list(MAKERS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60, help="stop then, however many there were")
    parser.add_argument("--write", nargs=3, metavar=("FORMAT", "NUMBER", "FILE"))
    options = parser.parse_args()
    if options.write:
        form, number, file = options.write
        corpus = {form: list(maker()) for form, maker in MAKERS.items()}
        Path(file).write_bytes(spoiled(options.seed, form, int(number), corpus))
        return
    each = options.files // len(options.formats)
    names = ((form, number) for number in range(each) for form in options.formats)
    started = time.monotonic()
    in_time = takewhile(lambda _: time.monotonic() - started < 60 * options.minutes, names)
    with Sandbox(options.workers, LIMITS) as sandbox:
        tally = fuzz(sandbox, in_time, options.seed, options.workers)
    report(tally, time.monotonic() - started, options.workers)
    is_well = not tally.unanswered and not tally.wrong and tally.slowest_good_s < 1
    sys.exit(0 if is_well and tally.growth_mib < MAX_GROWTH_MIB else 1)


if __name__ == "__main__":
    main()
