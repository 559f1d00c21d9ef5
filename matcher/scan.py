"""The inner loop of the index: a linear scan over 256-bit hashes, compiled when this module is imported.

Rows are kept word by word, so that one instruction counts the bits of several rows. Each block of rows stays in the
processor's cache while four queries at a time pass over it, and three of the four words decide whether a block is
looked at again: the distance of unrelated hashes over 192 bits is 96 +- 7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

AT_ONCE = 4
"""The number of queries is a multiple of this."""
_BLOCK = 2048
_MORE_THAN_ANY = 256


@intrinsic
def _bit_count(typing_context: Any, word: Any) -> Any:
    # numba knows no `bit_count`; LLVM does.
    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: list[ir.Value]) -> ir.Value:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@njit(nogil=True, inline="never")
def _any_near(
    first: NDArray[np.uint64],
    second: NDArray[np.uint64],
    third: NDArray[np.uint64],
    queries: NDArray[np.uint64],
    radius_bits: int,
) -> bool:
    # Written out, because the compiler keeps only single variables in registers.
    a0, a1, a2 = queries[0, 0], queries[0, 1], queries[0, 2]
    b0, b1, b2 = queries[1, 0], queries[1, 1], queries[1, 2]
    c0, c1, c2 = queries[2, 0], queries[2, 1], queries[2, 2]
    d0, d1, d2 = queries[3, 0], queries[3, 1], queries[3, 2]
    a = b = c = d = np.uint64(_MORE_THAN_ANY)
    for row in range(len(first)):
        x, y, z = first[row], second[row], third[row]
        a = min(a, _bit_count(x ^ a0) + _bit_count(y ^ a1) + _bit_count(z ^ a2))
        b = min(b, _bit_count(x ^ b0) + _bit_count(y ^ b1) + _bit_count(z ^ b2))
        c = min(c, _bit_count(x ^ c0) + _bit_count(y ^ c1) + _bit_count(z ^ c2))
        d = min(d, _bit_count(x ^ d0) + _bit_count(y ^ d1) + _bit_count(z ^ d2))
    return bool(min(min(a, b), min(c, d)) <= radius_bits)


@njit(
    types.int64(types.uint64[:, ::1], types.int64, types.uint64[:, ::1], types.int64, types.int64[:, ::1]),
    nogil=True,
)
def scan(
    words: NDArray[np.uint64],
    used: int,
    queries: NDArray[np.uint64],
    radius_bits: int,
    found: NDArray[np.int64],
) -> int:
    """Write (query, row) of every pair within `radius_bits` into `found`; returns how many there are.

    `words` is 4 x rows, of which `used` count; `queries` is n x 4. Where more pairs are near than `found` has rows,
    the rest is only counted.
    """
    number = 0
    for start in range(0, used, _BLOCK):
        end = min(start + _BLOCK, used)
        first, second, third = words[0][start:end], words[1][start:end], words[2][start:end]
        fourth = words[3][start:end]
        for group in range(0, len(queries), 4):
            if not _any_near(first, second, third, queries[group : group + 4], radius_bits):
                continue
            for row in range(len(first)):
                for query in range(group, group + 4):
                    near = (
                        _bit_count(first[row] ^ queries[query, 0])
                        + _bit_count(second[row] ^ queries[query, 1])
                        + _bit_count(third[row] ^ queries[query, 2])
                        + _bit_count(fourth[row] ^ queries[query, 3])
                    ) <= radius_bits
                    if near:
                        if number < len(found):
                            found[number, 0] = query
                            found[number, 1] = start + row
                        number += 1
    return number
