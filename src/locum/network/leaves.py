"""What a leaf holds: smoothed probabilities of states, and a quantile function of ranks.

Each node borrows from its parent: the state shares as if some further patients had been drawn from the parent
(averaging over prunings: Buntine 1992); how many depends on how sure the split is. Of a number, a node tells where
among its parent's its own lie, and keeps the average of that and of what its parent holds. Averaging values, not
shares, moves a distribution part of the way and widens it by nothing. Neighbouring ranks are averaged first, since what
is fine inside a small leaf is its patients; and ranks know cells of at least k patients only.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Cells16, Flags, Floats, Integers, Rows
from locum.network.kernels import inner
from locum.network.quantiles import KNOTS, grouped, quantile, shares_below, through
from locum.network.splits import parameters

MOST_BORROWED = 50.0  # patients, for a smoothing of 1
RANKS = 10_000  # ranks are kept as whole 1/10,000ths
MILLION = 1_000_000  # probabilities are kept as whole millionths


@inner
def _borrowed(
    variable: Integers,
    left: Integers,
    right: Integers,
    start: Integers,
    end: Integers,
    target: Bytes,
    classes: int,
) -> Floats:
    """float64[nodes]: how many patients the children of a split borrow from it, as the split itself suggests.

    A split that gains no more than chance would, half a nat for each parameter, tells nothing, and its children should
    be as their parent is; one that gains much is to be believed (James & Stein 1961). Between the two, the number of
    patients borrowed is the one under which children of that size would differ as they do.
    """
    borrowed = np.zeros(len(variable))
    count = np.zeros((2, classes))
    part = np.zeros(2)
    for node in range(len(variable)):
        if variable[node] < 0:
            continue
        count[:] = 0.0
        for side in range(2):
            child = left[node] if side == 0 else right[node]
            for i in range(start[child], end[child]):
                count[side, target[i]] += 1.0
        part[0], part[1] = end[left[node]] - start[left[node]], end[right[node]] - start[right[node]]
        n = part[0] + part[1]
        gain, entropy, seen = 0.0, 0.0, 0
        for t in range(classes):
            both = count[0, t] + count[1, t]
            if both > 0.0:
                seen += 1
                entropy -= both / n * np.log(both / n)
                gain -= both * np.log(both / n)
                for side in range(2):
                    if count[side, t] > 0.0:
                        gain += count[side, t] * np.log(count[side, t] / part[side])
        chance = parameters(seen, entropy) / (2.0 * max(gain, 1e-9))
        borrowed[node] = min(chance / max(1.0 - chance, 0.02) * part[0] * part[1] / n, MOST_BORROWED)
    return borrowed


@njit(cache=True, nogil=True, error_model="numpy")
def fill_leaves(
    variable: Integers,
    left: Integers,
    right: Integers,
    start: Integers,
    end: Integers,
    rows: Rows,
    cell: Cells16,
    state: Bytes,
    target: Bytes,
    classes: int,
    allowed: Flags,
    body: int,
    edges: Floats,
    smoothing: float,
    taught: Flags,
) -> tuple[Integers, Floats, Floats]:
    """(leaf[nodes] number of each leaf or -1, probability float64[leaves, states], knots float64[leaves, KNOTS + 1]).

    cell: uint16[n]; state: uint8[cells]; target: uint8[n], the classes that decided the splits.
    allowed: bool[states], states held by at least k patients.
    body: the state drawn from the quantile function, or -1; edges: float64[cells + 1], where its ranks begin.
    taught: bool[n], the patients who count; a leaf without any is as its parent is.
    """
    nodes = len(variable)
    states = len(allowed)
    probability = np.zeros((nodes, states))
    knots = np.zeros((nodes, KNOTS + 1))
    parent = np.full(nodes, -1)
    leaf = np.full(nodes, -1)
    leaves = 0
    within = np.zeros(len(state), np.int64)
    points, stands_for = np.empty(len(rows)), np.empty(len(rows))
    own = np.empty(KNOTS + 1)
    own_cell = np.empty(len(rows), np.uint16)  # in the order of the leaves, so that a node's lie together
    own_class = np.empty(len(rows), np.uint8)
    own_taught = np.empty(len(rows), np.uint8)
    for i in range(len(rows)):
        own_cell[i], own_class[i], own_taught[i] = cell[rows[i]], target[rows[i]], taught[rows[i]]
    suggested = _borrowed(variable, left, right, start, end, own_class, classes)
    for node in range(nodes):
        if variable[node] >= 0:
            parent[left[node]] = node
            parent[right[node]] = node
        else:
            leaf[node] = leaves
            leaves += 1
        up = parent[node]
        a, b = start[node], end[node]
        weight = smoothing * suggested[up] if up >= 0 else 0.0
        least, most = len(state), -1
        for i in range(a, b):
            held = own_cell[i]
            within[held] += own_taught[i]
            least, most = min(least, held), max(most, held)
        for c in range(least, most + 1):
            if allowed[state[c]]:
                probability[node, state[c]] += within[c]
        if up >= 0:
            for s in range(states):
                probability[node, s] += weight * probability[up, s]
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
        n = 0
        for c in range(least, most + 1):  # patients of one cell are spread evenly over its ranks
            m = within[c]
            within[c] = 0
            if state[c] != body:
                continue
            first, width = edges[c], edges[c + 1] - edges[c]
            for j in range(m):
                points[n + j] = first + width * (j + 0.5) / m
            n += m
        if body < 0:
            continue
        if up < 0 or n == 0:  # at the root ranks are as they are among all patients
            for j in range(KNOTS + 1):
                knots[node, j] = knots[up, j] if up >= 0 else j / KNOTS
            continue
        shares_below(knots[up], points, n)
        through(points, stands_for, grouped(points, stands_for, n), own)
        for j in range(KNOTS + 1):
            knots[node, j] = quantile(knots[up], (n * own[j] + weight * j / KNOTS) / (n + weight))
    kept, kept_knots = np.empty((leaves, states)), np.empty((leaves, KNOTS + 1))
    for node in range(nodes):
        at = leaf[node]
        if at >= 0:
            for s in range(states):
                kept[at, s] = probability[node, s]
            for j in range(KNOTS + 1):
                kept_knots[at, j] = knots[node, j]
    return leaf, kept, kept_knots
