"""What a leaf holds: smoothed probabilities of states, and a quantile function of ranks.

Each node borrows from its parent: the state shares as if ``smoothing`` further patients had been drawn from the parent
(averaging over prunings: Buntine 1992), the quantile function likewise. A knot of the quantile function lies between
neighbouring patients' ranks or averages several of them, and ranks know cells of at least k patients only.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Cells16, Flags, Floats, Integers, Rows

KNOTS = 32  # intervals of a leaf's quantile function
RANKS = 10_000  # ranks are kept as whole 1/10,000ths
MILLION = 1_000_000  # probabilities are kept as whole millionths


@njit(cache=True, nogil=True)
def _quantile(knots: Floats, p: float) -> float:
    place = p * KNOTS
    i = min(int(place), KNOTS - 1)
    return knots[i] + (place - i) * (knots[i + 1] - knots[i])


@njit(cache=True, nogil=True)
def _knots(points: Floats, n: int, knots: Floats) -> None:
    """Quantile function through n sorted points, each the middle of 1/n of the mass, and half a gap beyond them."""
    for j in range(KNOTS + 1):
        place = j / KNOTS * n - 0.5
        i = int(np.floor(place))
        if n == 1:
            knots[j] = points[0]
        elif i < 0:
            knots[j] = points[0] - 0.5 * (points[1] - points[0]) * (-place / 0.5)
        elif i >= n - 1:
            knots[j] = points[n - 1] + 0.5 * (points[n - 1] - points[n - 2]) * ((place - (n - 1)) / 0.5)
        else:
            knots[j] = points[i] + (place - i) * (points[i + 1] - points[i])
        knots[j] = min(max(knots[j], 0.0), 1.0)


@njit(cache=True, nogil=True)
def fill_leaves(
    variable: Integers,
    left: Integers,
    right: Integers,
    start: Integers,
    end: Integers,
    rows: Rows,
    cell: Cells16,
    state: Bytes,
    allowed: Flags,
    body: int,
    edges: Floats,
    smoothing: float,
) -> tuple[Integers, Floats, Floats]:
    """(leaf[nodes] number of each leaf or -1, probability float64[leaves, states], knots float64[leaves, KNOTS + 1]).

    cell: uint16[n]; state: uint8[cells]; allowed: bool[states], states held by at least k patients.
    body: the state drawn from the quantile function, or -1; edges: float64[cells + 1], where its ranks begin.
    """
    nodes = len(variable)
    states = len(allowed)
    probability = np.zeros((nodes, states))
    knots = np.zeros((nodes, KNOTS + 1))
    parent = np.full(nodes, -1)
    leaf = np.full(nodes, -1)
    leaves = 0
    within = np.zeros(len(state), np.int64)
    points = np.empty(len(rows) + 64)
    for node in range(nodes):
        if variable[node] >= 0:
            parent[left[node]] = node
            parent[right[node]] = node
        else:
            leaf[node] = leaves
            leaves += 1
        up = parent[node]
        a, b = start[node], end[node]
        for i in range(a, b):
            s = state[cell[rows[i]]]
            if allowed[s]:
                probability[node, s] += 1.0
        if up >= 0:
            for s in range(states):
                probability[node, s] += smoothing * probability[up, s]
        total = probability[node].sum()
        if total > 0:
            for s in range(states):
                probability[node, s] /= total
        elif up >= 0:  # nobody here holds a state that may be drawn
            for s in range(states):
                probability[node, s] = probability[up, s]
        else:
            s = 0
            while not allowed[s]:
                s += 1
            probability[node, s] = 1.0
        if body < 0:
            continue
        least, most = len(state), -1
        for i in range(a, b):
            c = cell[rows[i]]
            if state[c] == body:
                within[c] += 1
                least, most = min(least, c), max(most, c)
        n = 0
        for c in range(least, most + 1):  # patients of one cell are spread evenly over its ranks
            m = within[c]
            for j in range(m):
                points[n + j] = edges[c] + (edges[c + 1] - edges[c]) * (j + 0.5) / m
            within[c] = 0
            n += m
        if up >= 0:
            borrowed = int(smoothing + 0.5) if n > 0 else 32
            for j in range(borrowed):
                point = _quantile(knots[up], (j + 0.5) / borrowed)
                i = n
                while i > 0 and points[i - 1] > point:
                    points[i] = points[i - 1]
                    i -= 1
                points[i] = point
                n += 1
        if n == 0:
            for j in range(KNOTS + 1):
                knots[node, j] = j / KNOTS
        else:
            _knots(points, n, knots[node])
    kept, kept_knots = np.empty((leaves, states)), np.empty((leaves, KNOTS + 1))
    for node in range(nodes):
        at = leaf[node]
        if at >= 0:
            for s in range(states):
                kept[at, s] = probability[node, s]
            for j in range(KNOTS + 1):
                kept_knots[at, j] = knots[node, j]
    return leaf, kept, kept_knots
