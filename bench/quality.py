"""Recall by edit, false matches and cost, beside the peers, on photographs that nothing was tuned on.

    python bench/quality.py [--plot FILE] FOLDER...      the photographs of photographs.txt, stronger edits
    python bench/quality.py --tuned FOLDER...            all pictures of the folders, the edits tuned with
    python bench/quality.py --from-screens FOLDER...     registered are screenshots with the pictures in them

The folders hold what `apt-get download` and `dpkg-deb -x` make of the Debian packages named in photographs.txt, and
the site-packages with scikit-image and scikit-learn. Those tuned on are in Debian's lomiri-wallpapers-16.04,
lomiri-wallpapers-20.04 and ukui-wallpapers. The peers and the plot need, in an environment of their own:

    pip install -e . pdqhash threatexchange matplotlib scikit-image scikit-learn
"""

from __future__ import annotations

import argparse
import io
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import imagehash
import numpy as np
import pdqhash
from edits import edits, telegram
from pictures import LIMITS, Target, Targets, apart, on_screens, reported, shown, tuned
from PIL import Image
from threatexchange.signal_type.pdq.signal import PdqSignal

from matcher import Band, Index, MediaError, judge
from matcher.files.decode import decode


def _pdqhash(file: bytes) -> bytes:
    bits, _ = pdqhash.compute(np.asarray(Image.open(io.BytesIO(file)).convert("RGB")))
    return np.packbits(bits).tobytes()


def _threatexchange(file: bytes) -> bytes:
    return bytes.fromhex(PdqSignal.hash_from_bytes(file))


def _phash(file: bytes) -> bytes:
    return np.packbits(imagehash.phash(Image.open(io.BytesIO(file))).hash).tobytes()


@dataclass(frozen=True)
class Peer:
    name: str
    hash: Callable[[bytes], bytes]
    """Empty where the peer refuses the file as too flat."""
    radius_bits: int

    def finds(self, posted: bytes, registered: bytes) -> bool:
        return bool(posted and registered) and apart(posted, registered) <= self.radius_bits


PEERS = (
    Peer("pdqhash at 31", _pdqhash, 31),
    Peer("ThreatExchange PdqSignal", _threatexchange, 31),
    Peer("ImageHash phash at 8", _phash, 8),
)
OURS = ("Jikimi, match", "Jikimi, match or possible")
BESIDE = range(3, 14)
"""Which other pictures a collage is made with."""


@dataclass
class Tally:
    """How many of those asked were found, by peer and by us."""

    asked: int = 0
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys([p.name for p in PEERS] + [*OURS], 0))

    def shares(self) -> list[float]:
        return [100 * number / self.asked for number in self.found.values()]


@dataclass
class Run:
    """All that is measured over one set of pictures."""

    known: list[Target]
    wrong: dict[Band, int] = field(default_factory=lambda: dict.fromkeys(Band, 0))
    compared: int = 0
    milliseconds: list[float] = field(default_factory=list)
    views: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owners = [number for number, target in enumerate(self.known) for _ in target.media.parts]
        self.index = Index()
        parts = [part.bits for target in self.known for part in target.media.parts]
        self.index.add((number, bits, 31) for number, bits in enumerate(parts))
        self.hashes = [[peer.hash(target.file) for peer in PEERS] for target in self.known]

    def ask(self, number: int, posted: bytes, tally: Tally) -> None:
        """Whether a posted file is known as the picture of this number."""
        tally.asked += 1
        for peer, registered in zip(PEERS, self.hashes[number], strict=True):
            tally.found[peer.name] += peer.finds(peer.hash(posted), registered)
        picture = decode(posted, LIMITS)
        start = time.process_time()
        try:
            media = shown(picture)
        except MediaError:
            return
        self.milliseconds.append(1000 * (time.process_time() - start))
        views = len(media.stills[0].views)
        self.views.append(views)
        self.compared += views * len(self.owners)
        matches = judge(media, self.index, item_of=dict(enumerate(self.owners)))
        right = {match.band for match in matches if self.owners[match.fingerprint_id] == number}
        tally.found[OURS[0]] += Band.MATCH in right
        tally.found[OURS[1]] += bool(right)
        # In a collage the others are there to be found.
        present = {number, *((number + step) % len(self.known) for step in BESIDE)}
        for match in matches:
            self.wrong[match.band] += self.owners[match.fingerprint_id] not in present


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--from-screens", action="store_true")
    parser.add_argument("--only", default="", help="only edits with this in their name")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    targets = (tuned if arguments.tuned else reported)(arguments.folders)
    if arguments.from_screens:
        targets = on_screens(targets)
    run = Run(targets.known)
    _print_head(targets, len(run.owners))
    random = np.random.default_rng(3)
    tallies: dict[str, Tally] = {}
    for name, edit in edits(not arguments.tuned).items():
        if arguments.only not in name:
            continue
        tally = tallies[name] = Tally()
        for number, target in enumerate(run.known):
            others = [run.known[(number + step) % len(run.known)].picture for step in BESIDE]
            run.ask(number, telegram(edit(target.picture.copy(), others, random)), tally)
        print(_row(name, tally.shares()), flush=True)
    means = np.mean([tally.shares() for tally in tallies.values()], axis=0)
    print(_row("**mean**", list(means)))
    print(
        f"\nWrong pairs in {run.compared:,} comparisons: {run.wrong[Band.MATCH]} matches, "
        f"{run.wrong[Band.POSSIBLE]} possible.\nViews a picture: {np.mean(run.views):.0f} on average, "
        f"{max(run.views)} at most. Looking (without decoding) took {np.median(run.milliseconds):.1f} ms in the "
        f"median, {np.percentile(run.milliseconds, 95):.1f} ms at the 95th percentile."
    )
    if arguments.plot:
        plot(tallies, arguments.plot)


def _print_head(targets: Targets, registered: int) -> None:
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "pdqhash", "threatexchange", "ImageHash")
    )
    print(platform.platform(), "python", platform.python_version(), versions)
    print(
        f"{len(targets.known)} pictures, {registered} registered hashes; of {targets.asked}, "
        f"{len(targets.flat)} were refused as too flat and {len(targets.alike)} look like another one\n"
    )
    names = [peer.name for peer in PEERS] + [*OURS]
    print(f"| edit | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")


def _row(name: str, shares: Sequence[float]) -> str:
    return f"| {name} | " + " | ".join(f"{share:.0f}" for share in shares) + " |"


def plot(tallies: dict[str, Tally], file: Path) -> None:
    """Recall by edit as one line of points for each matcher."""
    from matplotlib import pyplot

    marks = {
        PEERS[2].name: ("|", "#999999"),
        PEERS[1].name: ("o", "#d1495b"),
        OURS[1]: ("o", "#9cc5c1"),
        OURS[0]: ("o", "#00798c"),
    }
    figure, axes = pyplot.subplots(figsize=(7.5, 0.21 * len(tallies) + 1.1))
    rows = range(len(tallies))
    for name, (mark, colour) in marks.items():
        shares = [100 * tally.found[name] / tally.asked for tally in tallies.values()]
        axes.plot(shares, rows, mark, color=colour, markersize=6, label=name, clip_on=False)
    axes.set_yticks(rows, list(tallies), fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("found, %", fontsize=8)
    axes.grid(axis="both", color="#e5e5e5", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.35, 1.0), ncols=4, fontsize=7, frameon=False)
    figure.savefig(file, bbox_inches="tight", dpi=110)


if __name__ == "__main__":
    main()
