"""Decode, hash and eight orientations of a JPEG of 1280 x 960, side by side with the peers, and whether bits agree.

    python bench/pdq.py

Peers are measured where they are installed: `pip install pdqhash threatexchange`.
"""

from __future__ import annotations

import io
import platform
import time
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from matcher import Limits, pdq
from matcher.decode import decode

ROUNDS = 9
PICTURES = 12


def jpegs() -> list[bytes]:
    files = []
    for seed in range(PICTURES):
        random = np.random.default_rng(seed)
        layers = [
            np.asarray(
                Image.fromarray(random.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((1280, 960), 3),
                float,
            )
            / n**0.5
            for n in (5, 14, 40, 160)
        ]
        total = sum(layers)
        picture = Image.fromarray(((total - np.min(total)) / np.ptp(total) * 255).astype(np.uint8))
        out = io.BytesIO()
        picture.filter(ImageFilter.SHARPEN).save(out, "JPEG", quality=87)
        files.append(out.getvalue())
    return files


def ours(data: bytes) -> list[bytes]:
    return [bits for _, bits in pdq.hashes(pdq.reduce(decode(data, Limits()).luma))]


def reference(data: bytes) -> list[bytes]:
    import pdqhash

    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return [np.packbits(bits).tobytes() for bits in pdqhash.compute_dihedral(rgb)[0]]


def threatexchange(data: bytes) -> list[bytes]:
    from threatexchange.signal_type.pdq.signal import PdqSignal

    # Its signal hashes the picture as it stands; the other seven orientations are hashed one by one.
    image = Image.open(io.BytesIO(data))
    hashes = []
    for turn in [None, *Image.Transpose]:
        out = io.BytesIO()
        (image if turn is None else image.transpose(turn)).convert("RGB").save(out, "BMP")
        hashes.append(bytes.fromhex(PdqSignal.hash_from_bytes(out.getvalue())))
    return hashes


def median_ms(work: Callable[[bytes], object], files: list[bytes]) -> float:
    for data in files:
        work(data)
    times = []
    for _ in range(ROUNDS):
        for data in files:
            start = time.thread_time()
            work(data)
            times.append(time.thread_time() - start)
    return 1000 * float(np.median(times))


def main() -> None:
    files = jpegs()
    print(platform.platform(), "python", platform.python_version(), "numpy", np.__version__)
    base = median_ms(ours, files)
    print(f"{'decode, hash, 8 orientations':34} {'ms':>7} {'ratio':>6}")
    print(f"{'jikimi':34} {base:7.2f} {1:6.1f}")
    for name, peer in (("pdqhash", reference), ("python-threatexchange PdqSignal", threatexchange)):
        try:
            peer(files[0])
        except ImportError:
            print(f"{name:34} not installed")
            continue
        spent = median_ms(peer, files)
        print(f"{name:34} {spent:7.2f} {spent / base:6.1f}")
        apart = [
            (int.from_bytes(ours(data)[0]) ^ int.from_bytes(peer(data)[0])).bit_count() for data in files
        ]
        print(f"{'':4}bits that differ, upright: mean {np.mean(apart):.2f}, max {max(apart)}")


if __name__ == "__main__":
    main()
