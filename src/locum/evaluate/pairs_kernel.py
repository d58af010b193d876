"""Total variation between many two-way tables of two samples, with blocks left out in turn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate.parallel import run_in_parts


@njit(nogil=True, cache=True)
def _gaps(a, b, cuts_a, cuts_b, pairs, size, first, last, gap, noise, loo_a, loo_b):  # type: ignore[no-untyped-def]
    """Fill rows FIRST to LAST of the outputs. A, B: uint8[variables, rows], rows of a block together."""
    blocks = len(cuts_a) - 1
    cells = size * size
    n, m = a.shape[1], b.shape[1]
    in_a = np.zeros((blocks, cells), np.int64)
    in_b = np.zeros((blocks, cells), np.int64)
    all_a = np.zeros(cells, np.int64)
    all_b = np.zeros(cells, np.int64)
    for t in range(first, last):
        i, j = pairs[t, 0], pairs[t, 1]
        in_a[:] = 0
        in_b[:] = 0
        for g in range(blocks):
            for r in range(cuts_a[g], cuts_a[g + 1]):
                in_a[g, a[i, r] * size + a[j, r]] += 1
            for r in range(cuts_b[g], cuts_b[g + 1]):
                in_b[g, b[i, r] * size + b[j, r]] += 1
        total, chance = 0.0, 0.0
        for c in range(cells):
            x, y = 0, 0
            for g in range(blocks):
                x += in_a[g, c]
                y += in_b[g, c]
            all_a[c] = x
            all_b[c] = y
            total += abs(x / n - y / m)
            p = (x + y) / (n + m)
            chance += np.sqrt(p * (1.0 - p))
        gap[t] = 0.5 * total
        # Mean absolute difference of two binomial shares that are equal in truth, normal approximation.
        noise[t] = 0.5 * np.sqrt(2.0 / np.pi * (1.0 / n + 1.0 / m)) * chance
        for g in range(blocks):
            left_a = max(n - (cuts_a[g + 1] - cuts_a[g]), 1)
            left_b = max(m - (cuts_b[g + 1] - cuts_b[g]), 1)
            without_a, without_b = 0.0, 0.0
            for c in range(cells):
                without_a += abs((all_a[c] - in_a[g, c]) / left_a - all_b[c] / m)
                without_b += abs(all_a[c] / n - (all_b[c] - in_b[g, c]) / left_b)
            loo_a[t, g] = 0.5 * without_a
            loo_b[t, g] = 0.5 * without_b


Floats = npt.NDArray[np.float64]


def two_way_gaps(
    a: npt.NDArray[np.uint8],
    b: npt.NDArray[np.uint8],
    cuts_a: npt.NDArray[np.int64],
    cuts_b: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
) -> tuple[Floats, Floats, Floats, Floats]:
    """For each of PAIRS (rows of A and B): total variation, its mean by chance alone, and the total
    variation without each block of A, and of B (pairs x blocks)."""
    size = int(max(a.max(initial=0), b.max(initial=0))) + 1
    count, blocks = len(pairs), len(cuts_a) - 1
    gap, noise = np.zeros(count), np.zeros(count)
    loo_a, loo_b = np.zeros((count, blocks)), np.zeros((count, blocks))
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)

    def part(bounds: tuple[int, int]) -> None:
        _gaps(a, b, cuts_a, cuts_b, pairs, size, bounds[0], bounds[1], gap, noise, loo_a, loo_b)

    run_in_parts(part, count, 64)
    return gap, noise, loo_a, loo_b
