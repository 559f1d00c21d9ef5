"""A linear scan over 256-bit hashes, compiled when this module is imported.

Each block of rows is turned word by word, so that one instruction counts the bits of several rows, and stays in the
processor's cache while four queries at a time pass over it. Three of the four words decide whether a block is looked
at again: the distance of unrelated hashes over 192 bits is 96 +- 7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from matcher.compiled import compiled

AT_ONCE = 4
"""The number of queries is a multiple of this."""
_BLOCK = 1024
_MORE_THAN_ANY = 256


@intrinsic
def bit_count(typing_context: Any, word: Any) -> Any:
    """The number of bits that are set in a `uint64`, which LLVM knows and numba does not."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: list[ir.Value]) -> ir.Value:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@njit(nogil=True, inline="never")
def _any_near(block: NDArray[np.uint64], used: int, queries: NDArray[np.uint64], radius_bits: int) -> bool:
    # Written out, because the compiler keeps only single variables in registers.
    a0, a1, a2 = queries[0, 0], queries[0, 1], queries[0, 2]
    b0, b1, b2 = queries[1, 0], queries[1, 1], queries[1, 2]
    c0, c1, c2 = queries[2, 0], queries[2, 1], queries[2, 2]
    d0, d1, d2 = queries[3, 0], queries[3, 1], queries[3, 2]
    first, second, third = block[0][:used], block[1][:used], block[2][:used]
    a = b = c = d = np.int64(_MORE_THAN_ANY)
    for row in range(len(first)):
        x, y, z = first[row], second[row], third[row]
        a = min(a, bit_count(x ^ a0) + bit_count(y ^ a1) + bit_count(z ^ a2))
        b = min(b, bit_count(x ^ b0) + bit_count(y ^ b1) + bit_count(z ^ b2))
        c = min(c, bit_count(x ^ c0) + bit_count(y ^ c1) + bit_count(z ^ c2))
        d = min(d, bit_count(x ^ d0) + bit_count(y ^ d1) + bit_count(z ^ d2))
    return bool(min(min(a, b), min(c, d)) <= radius_bits)


def _scan(
    words: NDArray[np.uint64], queries: NDArray[np.uint64], radius_bits: int, found: NDArray[np.int64]
) -> int:
    """Write (query, row, distance) of every pair within `radius_bits` into `found`; returns how many there are.

    `words` is rows x 4, `queries` n x 4. Where more pairs are near than `found` has rows, the rest is only counted.
    """
    number = 0
    block = np.empty((3, _BLOCK), dtype=np.uint64)
    for start in range(0, len(words), _BLOCK):
        rows = words[start : start + _BLOCK]
        for row in range(len(rows)):
            block[0, row], block[1, row], block[2, row] = rows[row, 0], rows[row, 1], rows[row, 2]
        for group in range(0, len(queries), 4):
            if not _any_near(block, len(rows), queries[group : group + 4], radius_bits):
                continue
            for row in range(len(rows)):
                for query in range(group, group + 4):
                    distance = (
                        bit_count(rows[row, 0] ^ queries[query, 0])
                        + bit_count(rows[row, 1] ^ queries[query, 1])
                        + bit_count(rows[row, 2] ^ queries[query, 2])
                        + bit_count(rows[row, 3] ^ queries[query, 3])
                    )
                    if distance <= radius_bits:
                        if number < len(found):
                            found[number, 0] = query
                            found[number, 1] = start + row
                            found[number, 2] = distance
                        number += 1
    return number


_scan_type = types.int64(types.uint64[:, ::1], types.uint64[:, ::1], types.int64, types.int64[:, ::1])
scan = compiled(_scan_type)(_scan)
scan_released = compiled(_scan_type, nogil=True)(_scan)
"""The same, without the interpreter's lock: for more than a few rows or queries."""
