"""Quantile functions of a leaf, as KNOTS + 1 rising knots: value j is where the share j / KNOTS lies below."""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Floats

KNOTS = 32  # intervals of a leaf's quantile function
PER_ROOT = 3.0  # a leaf of n patients is described by at most so many times the root of n groups of them,
PER_PATIENT = 0.5  # and so many times n


@njit(cache=True, nogil=True)
def quantile(knots: Floats, p: float) -> float:
    """Where the share P lies below."""
    place = p * KNOTS
    i = min(int(place), KNOTS - 1)
    return knots[i] + (place - i) * (knots[i + 1] - knots[i])


@njit(cache=True, nogil=True)
def shares_below(knots: Floats, points: Floats, n: int) -> None:
    """Put in place of each of n sorted points the share that lies below it."""
    j = 0
    for i in range(n):
        while j < KNOTS and knots[j + 1] < points[i]:
            j += 1
        if j == KNOTS:
            points[i] = 1.0
        elif points[i] <= knots[j]:  # below the first knot
            points[i] = j / KNOTS
        else:
            points[i] = (j + (points[i] - knots[j]) / (knots[j + 1] - knots[j])) / KNOTS


@njit(cache=True, nogil=True)
def grouped(points: Floats, weight: Floats, n: int) -> int:
    """Average neighbours among n sorted points, and say how many each stands for: how many are left."""
    groups = min(n, max(2, int(min(PER_ROOT * np.sqrt(n), PER_PATIENT * n))))
    a = 0
    for g in range(groups):
        b = (g + 1) * n // groups
        total = 0.0
        for i in range(a, b):
            total += points[i]
        points[g] = total / (b - a)
        weight[g] = b - a
        a = b
    return groups


@njit(cache=True, nogil=True)
def through(points: Floats, weight: Floats, n: int, knots: Floats) -> None:
    """Fill KNOTS, in [0, 1]: through n sorted points, each the middle of its weight; as steep beyond the outer ones."""
    if n == 1:
        knots[:] = points[0]
        return
    total = weight[:n].sum()
    i, at, after = 0, 0.5 * weight[0], weight[0] + 0.5 * weight[1]
    for j in range(KNOTS + 1):
        place = j / KNOTS * total
        while i < n - 2 and place > after:
            i += 1
            at, after = after, after + 0.5 * (weight[i] + weight[i + 1])
        knots[j] = points[i] + (place - at) / (after - at) * (points[i + 1] - points[i])
        knots[j] = min(max(knots[j], 0.0), 1.0)
