"""Decode, hash and eight orientations of JPEGs of 1280 points, side by side with the peers, and whether bits agree.

    OPENBLAS_NUM_THREADS=1 python bench/pdq.py FOLDER_OR_FILE...

Pictures are scaled to 1280 points; without any, pictures are generated. Times are of the processor, all threads
together; the sandbox's workers have one. Peers are measured where they are installed: `pip install pdqhash
threatexchange`. The photographs of docs/benchmarks.md are in Debian's packages gnome-backgrounds, mate-backgrounds,
lomiri-wallpapers-16.04, lomiri-wallpapers-20.04 and ukui-wallpapers.
"""

from __future__ import annotations

import argparse
import io
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from matcher import MIN_QUALITY, Limits, pdq
from matcher.files.decode import decode

ROUNDS = 5
TIMED = 60
GENERATED = 12
SIDE = 1280
MOST = 200
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def generated() -> list[bytes]:
    files = []
    for seed in range(GENERATED):
        random = np.random.default_rng(seed)
        layers = [
            np.asarray(
                Image.fromarray(random.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((SIDE, 960), 3),
                float,
            )
            / n**0.5
            for n in (5, 14, 40, 160)
        ]
        total = sum(layers)
        picture = Image.fromarray(((total - np.min(total)) / np.ptp(total) * 255).astype(np.uint8))
        files.append(jpeg(picture.filter(ImageFilter.SHARPEN)))
    return files


def photographs(paths: list[Path]) -> list[bytes]:
    """Scaled to 1280 points, each once; those too flat to be fingerprinted are left out, for they have no bits."""
    found = {
        file
        for path in paths
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file.suffix.lower() in SUFFIXES and file.is_file() and not file.is_symlink()
    }
    files: dict[bytes, bytes] = {}
    for path in sorted(found):
        with Image.open(path) as image:
            picture = image.convert("RGB")
        if max(picture.size) < SIDE:
            continue
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        data = jpeg(picture)
        samples = decode(data, Limits()).whole
        if pdq.quality(samples.upright) >= MIN_QUALITY:
            files.setdefault(pdq.hashes(samples)[0][1], data)
        if len(files) == MOST:
            break
    return list(files.values())


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=87)
    return out.getvalue()


def ours(data: bytes) -> list[bytes]:
    return [bits for _, bits in pdq.hashes(decode(data, Limits()).whole)]


def reference(data: bytes) -> list[bytes]:
    import pdqhash

    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return [np.packbits(bits).tobytes() for bits in pdqhash.compute_dihedral(rgb)[0]]


def threatexchange(data: bytes) -> list[bytes]:
    from threatexchange.signal_type.pdq.signal import PdqSignal

    return [bytes.fromhex(PdqSignal.hash_from_bytes(data))]


def threatexchange_turned(data: bytes) -> list[bytes]:
    # It hashes a picture as it stands; the other seven orientations are hashed one by one.
    image = Image.open(io.BytesIO(data))
    hashes = threatexchange(data)
    for turn in Image.Transpose:
        out = io.BytesIO()
        image.transpose(turn).convert("RGB").save(out, "BMP")
        hashes += threatexchange(out.getvalue())
    return hashes


def times_ms(works: Sequence[Callable[[bytes], object]], files: list[bytes]) -> list[tuple[float, float]]:
    """Median and mean of some pictures' best times, in turns, so that what else the machine does slows all of them."""
    timed = files[:: -(-len(files) // TIMED)]
    times = np.empty((len(works), ROUNDS, len(timed)))
    for at in range(ROUNDS):
        for work, spent in zip(works, times, strict=True):
            for number, data in enumerate(timed):
                start = time.process_time()
                work(data)
                spent[at, number] = time.process_time() - start
    best = 1000 * times.min(axis=1)
    return [(float(np.median(spent)), float(spent.mean())) for spent in best]


def compare(title: str, files: list[bytes]) -> None:
    print(f"\n{len(files)} {title}\n")
    print(
        "| | ms, median | mean | times ours | of means | bits that differ, mean | max | of pictures, more than 2 |"
    )
    print("|---|---|---|---|---|---|---|---|")
    peers = {
        "pdqhash, eight orientations": reference,
        "python-threatexchange PdqSignal, upright only": threatexchange,
        "python-threatexchange PdqSignal, once for each orientation": threatexchange_turned,
    }
    for name, peer in list(peers.items()):
        try:
            peer(files[0])
        except ImportError:
            print(f"| {name} | not installed | | | | | | |")
            del peers[name]
    (median, mean), *spent = times_ms([ours, *peers.values()], files)
    print(f"| Jikimi, eight orientations | {median:.1f} | {mean:.1f} | 1 | 1 | | | |")
    for (name, peer), (its_median, its_mean) in zip(peers.items(), spent, strict=True):
        row = f"| {name} | {its_median:.1f} | {its_mean:.1f} | {its_median / median:.1f} | {its_mean / mean:.1f} |"
        if peer is not threatexchange_turned:  # It repeats the one before.
            apart = [
                (int.from_bytes(ours(data)[0]) ^ int.from_bytes(peer(data)[0])).bit_count() for data in files
            ]
            row += f" {np.mean(apart):.2f} | {max(apart)} | {sum(bits > 2 for bits in apart)} |"
        else:
            row += " | | |"
        print(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("paths", nargs="*", type=Path)
    paths = parser.parse_args().paths
    print(platform.platform(), "python", platform.python_version(), "numpy", np.__version__)
    compare("generated pictures", generated())
    if paths and (files := photographs(paths)):
        compare("pictures from files", files)


if __name__ == "__main__":
    main()
