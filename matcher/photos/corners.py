"""Corners of one level of a picture; compiled when imported.

As OpenCV's ORB has them: FAST corners (Rosten, Drummond, "Machine learning for high-speed corner detection", ECCV 2006)
of nine of sixteen points around. OpenCV, asked for these by itself, makes its levels anew, and keeps no cells apart.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.photos.orb import BORDER

Greys = NDArray[np.uint8]
Longs = NDArray[np.int64]

_GREYS = 256

_1, _2, _3, _4, _5, _6 = (np.uint64(step) for step in range(1, 7))
_LEFT = BORDER - 4

_greys = types.uint8[:, ::1]
_longs = types.int64[::1]


@compiled(types.void(_greys, _greys), nogil=True)
def _strengths(level: Greys, found: Greys) -> None:
    """Write how much nine in a row of the sixteen points around each point are all lighter, or all darker than it.

    That is, at least, and 0 where they are not. `found` is as large as the level; of what is nearer to a side than a
    corner may be, only the next line is written.
    """
    height, width = level.shape
    for y in range(BORDER - 1, height - BORDER + 1):
        up3, up2, up1, here = (
            level[y - 3, _LEFT:],
            level[y - 2, _LEFT:],
            level[y - 1, _LEFT:],
            level[y, _LEFT:],
        )
        down1, down2, down3 = level[y + 1, _LEFT:], level[y + 2, _LEFT:], level[y + 3, _LEFT:]
        out = found[y, BORDER - 1 :]
        # Without branches, and with places that cannot be negative, so that the compiler takes many points at once.
        for x in range(np.uint64(width - 2 * BORDER + 2)):
            c = here[x + _3]
            p0, p1, p2, p3 = down3[x + _3], down3[x + _4], down2[x + _5], down1[x + _6]
            p4, p5, p6, p7 = here[x + _6], up1[x + _6], up2[x + _5], up3[x + _4]
            p8, p9, pa, pb = up3[x + _3], up3[x + _2], up2[x + _1], up1[x]
            pc, pd, pe, pf = here[x], down1[x], down2[x + _1], down3[x + _2]
            # The least of two, of four and of eight in a row, and of these with one more before or after them.
            a, b, d, e = min(p1, p2), min(p3, p4), min(p5, p6), min(p7, p8)
            f, g, h, i = min(p9, pa), min(pb, pc), min(pd, pe), min(pf, p0)
            ab, bd, de, ef = min(a, b), min(b, d), min(d, e), min(e, f)
            fg, gh, hi, ia = min(f, g), min(g, h), min(h, i), min(i, a)
            light = max(
                max(
                    max(min(min(ab, de), max(p0, p9)), min(min(bd, ef), max(p2, pb))),
                    max(min(min(de, fg), max(p4, pd)), min(min(ef, gh), max(p6, pf))),
                ),
                max(
                    max(min(min(fg, hi), max(p8, p1)), min(min(gh, ia), max(pa, p3))),
                    max(min(min(hi, ab), max(pc, p5)), min(min(ia, bd), max(pe, p7))),
                ),
            )
            a, b, d, e = max(p1, p2), max(p3, p4), max(p5, p6), max(p7, p8)
            f, g, h, i = max(p9, pa), max(pb, pc), max(pd, pe), max(pf, p0)
            ab, bd, de, ef = max(a, b), max(b, d), max(d, e), max(e, f)
            fg, gh, hi, ia = max(f, g), max(g, h), max(h, i), max(i, a)
            dark = min(
                min(
                    min(max(max(ab, de), min(p0, p9)), max(max(bd, ef), min(p2, pb))),
                    min(max(max(de, fg), min(p4, pd)), max(max(ef, gh), min(p6, pf))),
                ),
                min(
                    min(max(max(fg, hi), min(p8, p1)), max(max(gh, ia), min(pa, p3))),
                    min(max(max(hi, ab), min(pc, p5)), max(max(ia, bd), min(pe, p7))),
                ),
            )
            lighter = np.uint8(max(light, c) - c)
            darker = np.uint8(c - min(dark, c))
            out[x] = max(lighter, darker)


@compiled(
    types.Tuple((_longs, _longs, _longs, types.uint8[::1]))(
        _greys, types.int64, _longs, _longs, types.int64, types.int64
    ),
    nogil=True,
)
def strongest(
    level: Greys, least: int, columns: Longs, rows: Longs, number_of_cells: int, most: int
) -> tuple[Longs, Longs, Longs, Greys]:
    """The corners of more than `least` contrast that are stronger than all eight places around them: across, down, in which
    cell, how strong. They are the `most` strongest of each cell and what is as strong as the last of them, row by row.

    A place is in the cell of its column and its row together.
    """
    height, width = level.shape
    found = np.zeros_like(level)
    # Of less than a patch there is nothing to count.
    if min(height, width) > 2 * BORDER:
        _strengths(level, found)
    else:
        height = 0
    counts = np.zeros((number_of_cells, _GREYS), dtype=np.int64)
    peaks = np.zeros((height, (width + 7) // 8), dtype=np.uint64)
    weakest = np.uint8(least)
    for y in range(BORDER, height - BORDER):
        above, here, below = found[y - 1, BORDER - 1 :], found[y, BORDER - 1 :], found[y + 1, BORDER - 1 :]
        line = peaks[y].view(np.uint8)[BORDER:]
        for x in range(np.uint64(width - 2 * BORDER)):
            around = max(
                max(max(above[x], above[x + _1]), max(above[x + _2], here[x])),
                max(max(here[x + _2], below[x]), max(below[x + _1], below[x + _2])),
            )
            line[x] = here[x + _1] if here[x + _1] > max(around, weakest) else np.uint8(0)
        for place in range(peaks.shape[1]):
            word, x = peaks[y, place], 8 * place
            while word:
                value = np.int64(word & np.uint64(255))
                if value:
                    counts[rows[y] + columns[x], value] += 1
                word >>= np.uint64(8)
                x += 1
    total, last = 0, np.empty(number_of_cells, dtype=np.int64)
    for cell in range(number_of_cells):
        in_cell, last[cell] = 0, _GREYS
        while last[cell] > 1 and in_cell < most:
            last[cell] -= 1
            in_cell += counts[cell, last[cell]]
        total += in_cell
    across, down, cells = (
        np.empty(total, dtype=np.int64),
        np.empty(total, dtype=np.int64),
        np.empty(total, dtype=np.int64),
    )
    strength = np.empty(total, dtype=np.uint8)
    number = 0
    for y in range(BORDER, height - BORDER):
        for place in range(peaks.shape[1]):
            word, x = peaks[y, place], 8 * place
            while word:
                value = np.int64(word & np.uint64(255))
                if value and value >= last[rows[y] + columns[x]]:
                    across[number], down[number], strength[number] = x, y, value
                    cells[number] = rows[y] + columns[x]
                    number += 1
                word >>= np.uint64(8)
                x += 1
    return across, down, cells, strength


@njit(nogil=True)
def _add_up(counts: Longs) -> None:
    for place in range(1, len(counts)):
        counts[place] += counts[place - 1]


@compiled(_longs(types.uint8[::1], _longs, types.int64), nogil=True)
def by_rounds(strength: Greys, cells: Longs, number_of_cells: int) -> Longs:
    """The order of corners round by round: the strongest of each cell, the strongest first, then the second."""
    number = len(strength)
    by_strength, rounds = np.empty(number, dtype=np.int64), np.empty(number, dtype=np.int64)
    starts = np.zeros(_GREYS + 1, dtype=np.int64)
    for one in strength:
        starts[_GREYS - np.int64(one)] += 1
    _add_up(starts)
    for at in range(number):
        place = _GREYS - np.int64(strength[at]) - 1
        by_strength[starts[place]] = at
        starts[place] += 1
    taken = np.zeros(number_of_cells, dtype=np.int64)
    starts = np.zeros(number + 1, dtype=np.int64)
    for corner in by_strength:
        rounds[corner] = taken[cells[corner]]
        taken[cells[corner]] += 1
        starts[rounds[corner] + 1] += 1
    _add_up(starts)
    order = np.empty(number, dtype=np.int64)
    for corner in by_strength:
        order[starts[rounds[corner]]] = corner
        starts[rounds[corner]] += 1
    return order
