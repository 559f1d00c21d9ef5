"""Chooses which bits of ORB's descriptors each table of the photo index goes by: those least alike among themselves.

    python bench/photo_bits.py FOLDER...      prints what stands in matcher/photos/tables.py as _BITS

ORB's bits depend on one another; a table of dependent bits has few full buckets and many empty ones. By turns each
table takes the bit that is least correlated with those that it has.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import scenes

from matcher.photos.orb import posted_features
from matcher.photos.tables import KEY_BITS, TABLES


def main() -> None:
    pictures = scenes.sources([Path(folder) for folder in sys.argv[1:]])
    described = [posted_features(np.asarray(picture.convert("F"))).descriptors for picture in pictures]
    bits = np.unpackbits(np.concatenate(described), axis=1).astype(np.float32)
    alike = np.corrcoef(bits.T) ** 2
    np.fill_diagonal(alike, 0)
    print(f"{len(pictures)} pictures, {len(bits):,} descriptors")
    print(bytes(chosen(alike)).hex())


def chosen(alike: np.ndarray) -> list[int]:
    order = np.argsort(-alike.sum(axis=0)).tolist()
    tables = [[bit] for bit in order[:TABLES]]
    free = sorted(order[TABLES:])
    for _ in range(KEY_BITS - 1):
        for table in tables:
            best = free[int(np.argmin(alike[np.ix_(free, table)].sum(axis=1)))]
            table.append(best)
            free.remove(best)
    return [bit for table in tables for bit in table] + free


if __name__ == "__main__":
    main()
