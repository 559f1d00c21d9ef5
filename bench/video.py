"""Videos: recall by edit beside vPDQ, and speed in times real time, on clips made of photos that nothing was tuned on.

    python bench/video.py [--clips N] [--speed-only] FOLDER...

Each clip is three photos, each panned and zoomed over for four seconds, 640 x 360 at 25 frames a second; the edited
clip is encoded again as Telegram would. vPDQ (facebook/ThreatExchange, `vpdq/`) is what its README says, with PyAV and
pdqhash: a hash of the whole frame each second, quality 50 or more on both sides, within 31 bits; a clip is found
if 80 % of the posted frames are, and in the other column if any is. The photos of docs/benchmarks.md are in Debian's
packages mate-backgrounds (nature) and gnome-backgrounds; those tuned on, in lomiri-wallpapers-16.04 and -20.04.
"""

from __future__ import annotations

import argparse
import io
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pdqhash
from PIL import Image, ImageDraw, ImageOps

from matcher import Band, Index, Limits, MediaError, MediaFingerprint, fingerprint_bytes, judge
from matcher.files.media import prepare

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SIZE, FPS = (640, 360), 25
SHOTS, SHOT_S = 3, 4.0
VPDQ_BITS, VPDQ_QUALITY, VPDQ_SHARE = 31, 50, 0.8
Pictures = Sequence[Image.Image]


def frames(
    photos: Pictures, seed: int, *, size: tuple[int, int] = SIZE, fps: float = FPS, speed: float = 1.0
) -> list[Image.Image]:
    """Pans and zooms; the same seed moves the same way at any size, rate and speed."""
    random = np.random.default_rng(seed)
    shown = []
    width, height = size
    for photo in photos:
        scene = ImageOps.fit(photo, (width * 3 // 2, height * 3 // 2))
        zoom, x, y = (random.uniform(low, 1, 2) for low in (0.7, 0, 0))
        for number in range(int(SHOT_S / speed * fps)):
            share = number / fps * speed / SHOT_S
            z, a, b = (begin + (end - begin) * share for begin, end in (zoom, x, y))
            w, h = scene.width * z, scene.height * z
            left, top = (scene.width - w) * a, (scene.height - h) * b
            shown.append(scene.resize(size, Image.Resampling.BILINEAR, (left, top, left + w, top + h)))
    return shown


def encode(pictures: Pictures, fps: int = FPS, **options: str) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=fps, options={"preset": "veryfast", "crf": "26"} | options)
        stream.width, stream.height = (side // 2 * 2 for side in pictures[0].size)
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            file.mux(stream.encode(av.VideoFrame.from_image(picture)))
        file.mux(stream.encode(None))
    return out.getvalue()


@dataclass(frozen=True)
class Clip:
    photos: Pictures
    seed: int

    def pictures(self, **how: float) -> list[Image.Image]:
        return frames(self.photos, self.seed, **how)


def each(change: Callable[[Image.Image], Image.Image]) -> Callable[[Clip, Clip], bytes]:
    return lambda clip, other: encode([change(picture) for picture in clip.pictures()])


def letterbox(picture: Image.Image, ratio: float = 9 / 16) -> Image.Image:
    page = Image.new("RGB", (picture.width, int(picture.width / ratio)))
    page.paste(picture, (0, (page.height - picture.height) // 2))
    return page


def logo(picture: Image.Image) -> Image.Image:
    page = picture.copy()
    draw = ImageDraw.Draw(page)
    draw.text((page.width * 0.6, page.height * 0.86), "@somebody", fill="white", font_size=page.height // 14)
    draw.ellipse((12, 12, 60, 60), fill="#2aabee")
    return page


def middle(clip: Clip, other: Clip) -> bytes:
    pictures = clip.pictures()
    return encode(pictures[len(pictures) * 35 // 100 : len(pictures) * 65 // 100])


def crop(picture: Image.Image, share: float = 0.1) -> Image.Image:
    dx, dy = picture.width * share / 2, picture.height * share / 2
    return picture.resize(picture.size, box=(dx, dy, picture.width - dx, picture.height - dy))


def inset(clip: Clip, other: Clip) -> bytes:
    """The clip, half as wide, in another one."""
    pages = other.pictures()
    for page, picture in zip(pages, clip.pictures(), strict=False):
        page.paste(picture.resize((SIZE[0] // 2, SIZE[1] // 2)), (220, 100))
    return encode(pages)


EDITS: dict[str, Callable[[Clip, Clip], bytes]] = {
    "encoded again": lambda clip, other: encode(clip.pictures(), crf="30"),
    "crf 36": lambda clip, other: encode(clip.pictures(), crf="36"),
    "240p": each(lambda picture: picture.resize((426, 240))),
    "10 frames a second": lambda clip, other: encode(clip.pictures()[:: FPS // 10], 10),
    "1.25 times as quick": lambda clip, other: encode(clip.pictures(speed=1.25)),
    "middle 30 %": middle,
    "after 12 s of another": lambda clip, other: encode([*other.pictures(), *clip.pictures()]),
    "letterbox 9:16": each(letterbox),
    "mirrored": each(ImageOps.mirror),
    "turned 90": each(lambda picture: picture.rotate(90, expand=True)),
    "logo": each(logo),
    "inset, half": inset,
    "crop 10 %": each(crop),
}


def vpdq(data: bytes) -> list[int]:
    """A hash each second, without those of low quality."""
    hashes, due = [], 0.0
    with av.open(io.BytesIO(data)) as file:
        for frame in file.decode(video=0):
            if frame.time >= due - 1e-6:
                due = frame.time + 1
                bits, quality = pdqhash.compute(frame.to_ndarray(format="rgb24"))
                if quality >= VPDQ_QUALITY:
                    hashes.append(int("".join(map(str, bits)), 2))
    return hashes


def share_found(posted: list[int], registered: list[int]) -> float:
    near = [any((a ^ b).bit_count() <= VPDQ_BITS for b in registered) for a in posted]
    return sum(near) / max(len(near), 1)


class Registered:
    """The frames of every clip, so many a second."""

    def __init__(self, originals: Sequence[bytes], frames_per_s: int) -> None:
        self.index, self.owner = Index(), dict[int, int]()
        for clip, data in enumerate(originals):
            for _, fingerprint in fingerprint_bytes(data, Limits(frames_per_s=frames_per_s)).frames:
                self.index.add([(len(self.owner), fingerprint.bits, 31)])
                self.owner[len(self.owner)] = clip

    def found(self, media: MediaFingerprint) -> dict[int, tuple[Band, float]]:
        matches = judge(media, self.index, item_of=self.owner)
        return {
            self.owner[match.fingerprint_id]: (match.band, match.samples / match.of_samples)
            for match in matches
        }


def clips(paths: Sequence[Path], number: int) -> Iterator[Clip]:
    files = sorted(file for path in paths for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    photos = []
    for file in files:
        photo = Image.open(file).convert("RGB")
        photo.thumbnail((2400, 2400))
        try:
            fingerprint_bytes(_png(photo), Limits())
        except MediaError:
            continue
        photos.append(photo)
    for seed in range(min(number, len(photos) // SHOTS)):
        yield Clip(photos[seed :: max(1, len(photos) // SHOTS)][:SHOTS], seed)


def _png(photo: Image.Image) -> bytes:
    out = io.BytesIO()
    photo.save(out, "PNG", compress_level=1)
    return out.getvalue()


def recall(known: Sequence[Clip]) -> None:
    originals = [encode(clip.pictures(), crf="18") for clip in known]
    thin, dense = Registered(originals, 1), Registered(originals, 6)
    peer = [vpdq(data) for data in originals]
    print(f"{len(known)} clips; hashes: {len(thin.owner)} at 1/s, {len(dense.owner)} at 6/s, folded\n")
    print(
        "| edit | vPDQ, 80 % | vPDQ, any | 1/s registered: match | samples | 6/s registered: match | samples"
        " | match or possible |\n|---|---|---|---|---|---|---|---|"
    )
    totals, wrong, asked = [], {Band.MATCH: 0, Band.POSSIBLE: 0}, 0
    for name, edit in EDITS.items():
        row = np.zeros(7)
        for number, clip in enumerate(known):
            other = (number + 1) % len(known)
            data = edit(clip, known[other])
            share = share_found(vpdq(data), peer[number])
            try:
                media = fingerprint_bytes(data, Limits())
            except MediaError:
                continue
            few, many = thin.found(media), dense.found(media)
            band, samples = many.get(number, (None, 0.0))
            few_band, few_samples = few.get(number, (None, 0.0))
            row += [
                *(share >= VPDQ_SHARE, share > 0, few_band is Band.MATCH, few_samples),
                *(band is Band.MATCH, samples, band is not None),
            ]
            for clip_number, (wrong_band, _) in many.items():
                wrong[wrong_band] += clip_number not in (number, other)
            asked += sum(len(still.views) for still in media.stills) * len(dense.owner)
        row = 100 * row / len(known)
        totals.append(row)
        print(f"| {name} | " + " | ".join(f"{value:.0f}" for value in row) + " |", flush=True)
    print("| **mean** | " + " | ".join(f"**{value:.0f}**" for value in np.mean(totals, axis=0)) + " |")
    print(
        f"\nWrong in {asked:,} comparisons: {wrong[Band.MATCH]} matches, {wrong[Band.POSSIBLE]} possible.\n"
    )


def speed(clip: Clip, repeats: int) -> None:
    """One minute of 1280 x 720 at 30 frames a second, encoded in several ways."""
    minute = [picture for seed in range(5) for picture in frames(clip.photos, seed, size=(1280, 720), fps=30)]
    ways = {
        "x264 veryfast, key frame each 8 s": {},
        "x264 medium, key frame each 8 s": {"preset": "medium", "crf": "23"},
        "key frame each second, as phones do": {"g": "30", "bf": "0"},
    }
    print(
        "| 60 s of 720p, 30 frames a second | Mbit/s | Jikimi, 1/s, all views | registering, 6/s | vPDQ, 1/s |\n|---|---|---|---|---|"
    )
    for name, options in ways.items():
        data = encode(minute, 30, **options)
        cells = [f"{len(data) * 8 / 60e6:.1f}"]
        for run in (
            lambda data=data: fingerprint_bytes(data, Limits()),
            lambda data=data: fingerprint_bytes(data, Limits(frames_per_s=6)),
            lambda data=data: vpdq(data),
        ):
            times = []
            for _ in range(repeats):
                start = time.process_time()
                run()
                times.append(time.process_time() - start)
            cells.append(f"{60 / min(times):.0f}x ({min(times):.2f} s)")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--speed-only", action="store_true")
    arguments = parser.parse_args()
    known = list(clips(arguments.paths, arguments.clips))
    prepare()
    print(platform.platform(), "python", platform.python_version(), "PyAV", av.__version__, "\n")
    if not arguments.speed_only:
        recall(known)
    speed(known[0], arguments.repeats)


if __name__ == "__main__":
    main()
