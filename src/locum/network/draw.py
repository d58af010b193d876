"""Draw values down the trees, and look up their likelihood."""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.leaves import KNOTS, MILLION, RANKS


@njit(cache=True, nogil=True)
def find_leaf(node, variable, bits, left, right, split, row):
    """The leaf that ROW of split codes (uint8[variables, n]) falls into, from NODE down."""
    while variable[node] >= 0:
        c = split[variable[node], row]
        if (bits[node, c >> 6] >> np.uint64(c & 63)) & np.uint64(1):
            node = left[node]
        else:
            node = right[node]
    return node


@njit(cache=True, nogil=True)
def draw_variable(
    roots, variable, bits, left, right, leaf, cumulative, knots, first_cell, body, edges, split_of, target, split, uniform, place
):
    """Draw one variable for every row, each from the tree of a member picked at random.

    roots: int64[members]; leaf: int64[nodes]; cumulative: int64[leaves, states], up to MILLION; knots: int64[leaves, KNOTS + 1].
    first_cell, edges: as `Cells.by_state` gives them; body: the state drawn from the quantile function, or -1.
    split_of: uint8[drawable], the split code of each cell in that order; target: number of the variable; split: uint8[variables, n], filled at TARGET.
    uniform: float64[3, n]; place: float64[n], filled with cell + where in the cell the value lies.
    """
    n = split.shape[1]
    states = cumulative.shape[1]
    for i in range(n):
        member = min(int(uniform[0, i] * len(roots)), len(roots) - 1)
        here = leaf[find_leaf(roots[member], variable, bits, left, right, split, i)]
        u = uniform[1, i] * cumulative[here, states - 1]
        s = 0
        while s < states - 1 and u >= cumulative[here, s]:
            s += 1
        if s == body:
            at = uniform[2, i] * KNOTS
            j = min(int(at), KNOTS - 1)
            rank = (knots[here, j] + (at - j) * (knots[here, j + 1] - knots[here, j])) / RANKS
        else:
            rank = uniform[2, i]
        a, b = first_cell[s], first_cell[s + 1]  # places in the list of cells sorted by state
        # the last cell of the state that begins at or below the rank
        while b - a > 1:
            middle = (a + b) // 2
            if edges[middle] <= rank:
                a = middle
            else:
                b = middle
        place[i] = a
        width = edges[a + 1] - edges[a] if a + 1 < first_cell[s + 1] else 1.0 - edges[a]
        inside = (rank - edges[a]) / width if width > 0 else 0.5
        place[i] += min(max(inside, 0.0), 0.999999)
        split[target, i] = split_of[a]


@njit(cache=True, nogil=True)
def _below(knots, rank):
    """The share of a leaf's body that lies below RANK (in 1/10,000ths): the inverse of its quantile function."""
    if rank <= knots[0]:
        return 0.0
    if rank >= knots[KNOTS]:
        return 1.0
    a, b = 0, KNOTS  # knots[a] < rank <= knots[b]
    while b - a > 1:
        middle = (a + b) // 2
        if knots[middle] < rank:
            a = middle
        else:
            b = middle
    return (a + (rank - knots[a]) / (knots[b] - knots[a])) / KNOTS


@njit(cache=True, nogil=True)
def log_probability(
    roots, variable, bits, left, right, leaf, probability, knots, state, share, body, ranks, cell, split, total
):
    """Add to TOTAL (float64[n]) the log-probability of each row's cell, averaged over the members.

    A cell that no leaf can draw counts as one in a thousand million, so that a sum stays finite.
    """
    for i in range(len(total)):
        c = cell[i]
        s = state[c]
        p = 0.0
        for member in range(len(roots)):
            here = leaf[find_leaf(roots[member], variable, bits, left, right, split, i)]
            q = probability[here, s] / MILLION
            if s == body:
                q *= _below(knots[here], ranks[c + 1] * RANKS) - _below(knots[here], ranks[c] * RANKS)
            else:
                q *= share[c]
            p += q
        total[i] += np.log(max(p / len(roots), 1e-9))
