"""Recall by edit, false matches and cost, beside the peers, on photos that nothing was tuned on.

    python bench/quality.py [--tuned] FOLDER_OR_FILE...

Each picture gives two: its left and its right half. Pictures that look like another one (day and night versions of a
wallpaper) are left out. `--tuned` takes the strengths that the matcher was tuned with. The pictures of
docs/benchmarks.md are in Debian's packages gnome-backgrounds and mate-backgrounds; those it was tuned on, in
lomiri-wallpapers-16.04, lomiri-wallpapers-20.04 and ukui-wallpapers.
"""

from __future__ import annotations

import argparse
import io
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path

import imagehash
import numpy as np
from edits import edits, telegram
from PIL import Image

from matcher import MIN_QUALITY, Band, Index, Limits, MediaError, MediaFingerprint, judge
from matcher.decode import decode
from matcher.look import look

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
LIMITS = Limits()
LOOKALIKE_BITS = 90
PHASH_BITS = 8


@dataclass
class Target:
    picture: Image.Image
    source: int
    media: MediaFingerprint
    phash: imagehash.ImageHash


@dataclass
class Tally:
    asked: int = 0
    match: int = 0
    possible: int = 0
    plain: int = 0
    phash: int = 0
    milliseconds: list[float] = field(default_factory=list)
    views: list[int] = field(default_factory=list)


def apart(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


def targets(paths: list[Path]) -> list[Target]:
    files = sorted(
        file
        for path in paths
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file.suffix.lower() in SUFFIXES and file.is_file()
    )
    found: list[Target] = []
    for source, file in enumerate(files):
        whole = Image.open(file).convert("RGB")
        middle = whole.width // 2
        for box in ((0, 0, middle - 4, whole.height), (middle + 4, 0, whole.width, whole.height)):
            picture = whole.crop(box)
            picture.thumbnail((1280, 1280))
            if min(picture.size) < 300:
                continue
            try:
                media = look(decode(telegram(picture, 92), LIMITS))
            except MediaError:
                continue
            wholes = [view.bits for view in media.views[:8]]
            if media.quality < MIN_QUALITY or any(
                apart(bits, other.media.views[0].bits) <= LOOKALIKE_BITS for other in found for bits in wholes
            ):
                continue
            found.append(Target(picture, source, media, imagehash.phash(picture)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--tuned", action="store_true")
    arguments = parser.parse_args()
    known = targets(arguments.paths)
    index, owner = Index(), {}
    for number, target in enumerate(known):
        for part in target.media.parts:
            owner[len(owner)] = number
            index.add([(len(owner) - 1, part.bits, 31)])
    print(platform.platform(), "python", platform.python_version(), "numpy", np.__version__)
    print(f"{len(known)} pictures, {len(owner)} registered hashes\n")
    print(
        "| edit | PDQ at 31 | phash at 8 | Jikimi, match | Jikimi, match or possible |\n|---|---|---|---|---|"
    )
    tallies, wrong, compared = [], {Band.MATCH: 0, Band.POSSIBLE: 0}, 0
    random = np.random.default_rng(3)
    for name, edit in edits(not arguments.tuned).items():
        tally = Tally()
        for number, target in enumerate(known):
            others = [known[(number + step) % len(known)] for step in range(3, 14)]
            shown = [other.picture for other in others]
            data = telegram(edit(target.picture.copy(), shown, random))
            picture = decode(data, LIMITS)
            start = time.thread_time()
            try:
                media = look(picture)
            except MediaError:
                tally.asked += 1
                continue
            tally.milliseconds.append(1000 * (time.thread_time() - start))
            tally.views.append(len(media.views))
            compared += len(media.views) * len(owner)
            matches = judge(media, index)
            right = {match.band for match in matches if owner[match.fingerprint_id] == number}
            tally.asked += 1
            tally.match += Band.MATCH in right
            tally.possible += bool(right)
            tally.plain += apart(media.views[0].bits, target.media.views[0].bits) <= 31
            tally.phash += (imagehash.phash(Image.open(io.BytesIO(data))) - target.phash) <= PHASH_BITS
            present = {number, *((number + step) % len(known) for step in range(3, 14))}
            for match in matches:
                # In a collage the others are there to be found.
                if owner[match.fingerprint_id] not in present:
                    wrong[match.band] += 1
        shares = (tally.plain, tally.phash, tally.match, tally.possible)
        print(f"| {name} | " + " | ".join(f"{100 * share / tally.asked:.0f}" for share in shares) + " |")
        tallies.append(tally)
    means = [
        100 * np.mean([getattr(tally, kind) / tally.asked for tally in tallies])
        for kind in ("plain", "phash", "match", "possible")
    ]
    print("| **mean** | " + " | ".join(f"**{mean:.0f}**" for mean in means) + " |")
    spent = [ms for tally in tallies for ms in tally.milliseconds]
    views = [count for tally in tallies for count in tally.views]
    print(
        f"\nWrong pairs in {compared:,} comparisons: {wrong[Band.MATCH]} matches, {wrong[Band.POSSIBLE]} possible."
        f"\nViews a picture: {np.mean(views):.0f} on average, {max(views)} at most. Looking (without decoding) took"
        f" {np.median(spent):.1f} ms in the median, {np.percentile(spent, 95):.1f} ms at the 95th percentile."
    )


if __name__ == "__main__":
    main()
