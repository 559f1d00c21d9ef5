"""Posts that are made from a registered photo: recall by edit beside the peers, false alarms, time and memory.

    python bench/derived.py FOLDER... [--among FOLDER...] [--photos 10000] [--every 1] [--first 0] [--plot FILE]
        [--only EDIT...] [--draws 1] [--photographs bench/photographs.txt]
    python bench/derived.py --false --among FOLDER... --posted FOLDER... [--photos 10000] [--posts 100000] [--minutes 20] [--seed 2]
        [--framed 2]

The first form takes the photographs of a list, photographs.txt (see bench/quality.py) or unseen.txt, registers them among crops of the
pictures in the folders of `--among`, and posts them edited: by edits whose names begin as those of `--only`, and by each
`--draws` times, because what a crop or a part shows is drawn at random. The second registers those crops alone, some with captions,
watermarks and logos, and posts crops of other pictures, in the same frames: whatever matches is false. Features that were
made once are kept in `--cache`.
"""

from __future__ import annotations

import argparse
import itertools
import pickle
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pdqhash
import scenes
from derived_edits import derived
from edits import Edit, edits, telegram
from pictures import LIMITS, PHOTOGRAPHS, apart, reported
from PIL import Image

from matcher import (
    MediaError,
    MediaFingerprint,
    PhotoFeatures,
    PhotoIndex,
    PhotoRefused,
    Relation,
    Still,
    StillKind,
    judge_photos,
)
from matcher.files.decode import decode
from matcher.look import look
from matcher.photos import verdict as photo_verdict
from matcher.photos.orb import in_all_shapes, prepare
from matcher.photos.register import features_of
from matcher.photos.rules import is_enough
from matcher.regions import COLLAGE

NAMES = ("pdqhash at 31", "photo, by its hashes", "by its features", "by either", "as the same photo")
BESIDE = range(3, 14)
FRAMES = (
    "screenshot light",
    "screenshot dark",
    "caption band",
    "logo",
    "meme text",
    "sticker 15 %",
    "collage 2x2 gutters",
    "watermark tiled",
)
ON_REGISTERED = ("caption band", "logo", "meme text", "watermark tiled", "screenshot light", "sticker 15 %")
TOLD_AFTER = 1000


@dataclass
class Times:
    """Processor time by post, and in how many shapes each was looked at: one, or three where it may be a collage."""

    features_ms: list[float] = field(default_factory=list)
    search_ms: list[float] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        spent = np.array([self.features_ms, self.search_ms])
        rows = [("features", spent[0]), ("search and verdict", spent[1]), ("together", spent.sum(axis=0))]
        return "\n".join(
            f"{what}, {name}: {np.median(ms[of]):.1f} ms in the median, {np.percentile(ms[of], 95):.1f} at the 95th percentile"
            for what, of in (
                ("posts in one shape", np.equal(self.copies, 1)),
                ("posts that may be collages", np.greater(self.copies, 1)),
            )
            if of.any()
            for name, ms in rows
        )


def stilled(file: bytes, times: Times) -> Still:
    """As `matcher.files.media` looks at a picture."""
    luma = decode(file, LIMITS).luma
    try:
        views = look(luma)
    except MediaError:
        views = ()
    start = time.process_time()
    local = in_all_shapes(luma, any(view.name == COLLAGE for view in views))
    times.features_ms.append(1000 * (time.process_time() - start))
    times.copies.append(len(local))
    return Still(StillKind.PICTURE, luma.shape[1], luma.shape[0], views, local=local)


def looked(still: Still, index: PhotoIndex, times: Times) -> list[photo_verdict.PhotoMatch]:
    start = time.process_time()
    found = judge_photos(media_of(still), index)
    times.search_ms.append(1000 * (time.process_time() - start))
    return found


def media_of(still: Still) -> MediaFingerprint:
    return MediaFingerprint("JPEG", (still,))


def lost_at(still: Still, index: PhotoIndex, photo_id: int) -> str:
    """At which step a photo that is in the still was lost, at the one that came furthest."""
    stages, best = ("not looked up", "no way to lie", "too little evidence", "a rule"), 0
    needed = photo_verdict.least_evidence(len(index), len(still.local))
    for local in still.local:
        for one in photo_verdict.weighed(local, index):
            if one.candidate.photo_id == photo_id:
                if one.evidence is None:
                    best = max(best, 1)
                else:
                    best = max(best, 3 if is_enough(one.evidence, needed, one.candidate.is_hint) else 2)
    return stages[best]


def watermarked(
    picture: Image.Image, others: Sequence[Image.Image], random: np.random.Generator
) -> Image.Image:
    """One word all over it, as sites lay it over pictures."""
    from PIL import ImageDraw

    layer = Image.new("L", (2 * max(picture.size),) * 2, 0)
    for row in range(0, layer.height, 110):
        for column in range(-(row % 220), layer.width, 300):
            ImageDraw.Draw(layer).text((column, row), "pictures.example", fill=130, font_size=34)
    layer = layer.rotate(30).crop((200, 200, 200 + picture.width, 200 + picture.height))
    page = picture.copy()
    page.paste("white", (0, 0), layer)
    return page


def frames() -> dict[str, Edit]:
    known = edits(True)
    return {name: watermarked if name == "watermark tiled" else known[name] for name in FRAMES}


def crowd(folders: Sequence[Path], number: int, cache: Path | None) -> list[PhotoFeatures]:
    """What many other people registered: crops, every sixth with something on it."""
    if cache is not None and cache.exists():
        return [PhotoFeatures.from_bytes(data) for data in pickle.loads(cache.read_bytes())][:number]
    found, refused = [], Counter[str]()
    for place, picture in enumerate(framed(scenes.sources(folders), 1, ON_REGISTERED, 6)):
        if len(found) == number or place > 4 * number:
            break
        try:
            found.append(features_of(decode(telegram(picture[1], 92), LIMITS).luma))
        except PhotoRefused as refusal:
            refused[f"{picture[0]}: {refusal.reason}"] += 1
    print(f"{len(found):,} photos; refused: {dict(refused)}", flush=True)
    if cache is not None:
        cache.write_bytes(pickle.dumps([features.to_bytes() for features in found]))
    return found


def framed(
    pictures: list[Image.Image], seed: int, names: Sequence[str], every: int
) -> Iterator[tuple[str, Image.Image]]:
    """Crops without end, and what each is framed in: nothing, but for one of `every`."""
    known = frames()
    for number, picture in enumerate(scenes.crops(pictures, seed)):
        random = np.random.default_rng([seed, 7, number])
        if number % every:
            yield "as it is", picture
        else:
            name = names[number // every % len(names)]
            others = [scenes.crop(pictures, random) for _ in range(4)]
            yield name, known[name](picture, others, random)


def filled(photos: Sequence[tuple[int, PhotoFeatures]]) -> PhotoIndex:
    index = PhotoIndex()
    index.prepare()
    start = time.process_time()
    index.add(photos)
    spent = time.process_time() - start
    rows = sum(len(features) for _, features in photos)
    print(
        f"{len(index):,} photos, {rows:,} descriptors; added in {spent:.1f} s; "
        f"{index.memory_bytes / max(rows, 1):.0f} bytes of memory for each\n",
        flush=True,
    )
    return index


def recall(a: argparse.Namespace) -> None:
    targets = reported(a.folders, a.photographs).known
    own: dict[int, PhotoFeatures] = {}
    for number, target in enumerate(targets):
        try:
            own[number] = features_of(decode(target.file, LIMITS).luma)
        except PhotoRefused as refusal:
            print(f"refused: {target.name[-50:]}: {refusal.reason}")
    photos = [
        *own.items(),
        *enumerate(crowd(a.among, a.photos - len(own), a.cache) if a.among else [], len(targets)),
    ]
    index = filled(photos)
    known = {number: _pdq(targets[number].file) for number in own}
    times, wrong, asked, random = Times(), 0, 0, np.random.default_rng(3)
    tallies: dict[str, np.ndarray] = {}
    lost = Counter[str]()
    print(f"| edit | {' | '.join(NAMES)} |\n|{'---|' * (len(NAMES) + 1)}")
    for name, edit in derived(True).items():
        if not name.startswith(tuple(a.only)):
            continue
        tally = []
        for number in a.draws * list(own)[a.first :: a.every]:
            target = targets[number]
            others = [targets[(number + step) % len(targets)].picture for step in BESIDE]
            file = telegram(edit(target.picture.copy(), others, random))
            still = stilled(file, times)
            found = looked(still, index, times)
            mine = [match for match in found if match.photo_id == number]
            present = {number, *((number + step) % len(targets) for step in BESIDE)}
            near = {match.fingerprint_id for match in index.hashes.judge(media_of(still))}
            wrong += not present.issuperset({*near, *(match.photo_id for match in found)})
            asked += 1
            if not mine and number not in near:
                lost[f"{name}: {lost_at(still, index, number)}"] += 1
            tally.append(
                (
                    apart(_pdq(file), known[number]) <= 31,
                    number in near,
                    bool(mine),
                    bool(mine) or number in near,
                    bool(mine) and mine[0].relation is Relation.SAME,
                )
            )
        tallies[name] = 100 * np.array(tally, dtype=float).mean(axis=0)
        print(f"| {name} | " + " | ".join(f"{share:.0f}" for share in tallies[name]) + " |", flush=True)
    print(
        "| **mean** | "
        + " | ".join(f"{share:.0f}" for share in np.mean(list(tallies.values()), axis=0))
        + " |"
    )
    print(f"\n{wrong} of {asked:,} posts matched a photo that is not in them.\n{times}\n\nLost:")
    print("\n".join(f"{count} {where}" for where, count in sorted(lost.items())))
    if a.plot:
        plot(tallies, a.plot)


def _pdq(file: bytes) -> bytes:
    import io

    bits, _ = pdqhash.compute(np.asarray(Image.open(io.BytesIO(file)).convert("RGB")))
    return np.packbits(bits).tobytes()


def false(a: argparse.Namespace) -> None:
    photos = list(enumerate(crowd(a.among, a.photos, a.cache)))
    index = filled(photos)
    times, posts = Times(), Counter[str]()
    alerts: list[str] = []
    end = time.monotonic() + 60 * a.minutes
    for name, picture in itertools.islice(
        framed(scenes.sources(a.posted), a.seed, FRAMES, a.framed), a.posts
    ):
        if time.monotonic() > end:
            break
        if posts.total() and posts.total() % TOLD_AFTER == 0:
            print(f"{posts.total():,} posts so far, {len(alerts)} false alerts", flush=True)
        posts[name] += 1
        found = looked(stilled(telegram(picture), times), index, times)
        if found:
            if a.pictures:
                picture.save(a.pictures / f"{posts.total() - 1}.jpg")
            best = max(found, key=lambda match: match.evidence)
            alerts.append(
                f"{name}, post {posts.total() - 1}, photo {best.photo_id}: {best.evidence:.1f} digits, {best.inliers} witnesses"
            )
    total = posts.total()
    bound = 3.0 if not alerts else len(alerts) + 2 * len(alerts) ** 0.5 + 2
    of_many = bound * 1e5 / total * 1e4 / len(index)
    print(
        f"{total:,} posts ({dict(posts)}), {total * len(index):,} pairs: {len(alerts)} false alerts, "
        f"at most {bound / total:.1e} a post and {of_many:.0f} in 100,000 posts against 10,000 photos (95 %)"
    )
    print("\n".join(alerts))
    print(times)


def plot(tallies: dict[str, np.ndarray], file: Path) -> None:
    """Recall by edit as one line of points for each matcher."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.5, 0.21 * len(tallies) + 1.1))
    for place, colour in ((0, "#d1495b"), (1, "#edae49"), (2, "#9cc5c1"), (3, "#00798c")):
        shares = [tally[place] for tally in tallies.values()]
        axes.plot(
            shares, range(len(tallies)), "o", color=colour, markersize=6, label=NAMES[place], clip_on=False
        )
    axes.set_yticks(range(len(tallies)), list(tallies), fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("found, %", fontsize=8)
    axes.grid(axis="both", color="#e5e5e5", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.35, 1.0), ncols=4, fontsize=7, frameon=False)
    figure.savefig(file, bbox_inches="tight", dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--false", action="store_true")
    parser.add_argument("--among", nargs="+", type=Path, default=[])
    parser.add_argument("--posted", nargs="+", type=Path, default=[])
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=2, help="another is another draw of posts")
    parser.add_argument("--framed", type=int, default=2, help="of so many posts one is framed")
    parser.add_argument("--pictures", type=Path, help="a folder for what made a false alert")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument(
        "--photographs", type=Path, default=PHOTOGRAPHS, help="the list of those that are reported on"
    )
    parser.add_argument("--first", type=int, default=0, help="which of every so many is the first")
    parser.add_argument("--only", nargs="+", default=[""], help="edits whose names begin so")
    parser.add_argument("--draws", type=int, default=1, help="posts made of each photo by each edit")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--plot", type=Path)
    a = parser.parse_args()
    prepare()
    (false if a.false else recall)(a)


if __name__ == "__main__":
    main()
