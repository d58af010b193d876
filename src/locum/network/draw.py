"""Draw values down the trees, and look up their likelihood."""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Cells16, Flags, Floats
from locum.network.cells import Drawable
from locum.network.conditional import Conditional
from locum.network.kernels import inner
from locum.network.leaves import KNOTS, MILLION, RANKS


@inner
def leaf_of(trees: Conditional, member: int, split: Bytes, row: int) -> int:
    """The leaf of MEMBER's tree that ROW of the split codes (uint8[variables, n]) falls into."""
    node = trees.roots[member]
    while trees.variable[node] >= 0:
        c = split[trees.variable[node], row]
        goes_left = (trees.bits[node, c >> 6] >> np.uint64(c & 63)) & np.uint64(1)
        node = trees.left[node] if goes_left else trees.right[node]
    return trees.leaf[node]


@njit(cache=True, nogil=True)
def draw_variable(
    trees: Conditional,
    cells: Drawable,
    target: int,
    split: Bytes,
    uniform: Floats,
    shut: Flags,
    place: Floats,
) -> None:
    """Draw one variable for every row, each from the tree of a member picked at random.

    target: number of the variable; split: uint8[variables, n], read for the variables before it and filled for it.
    uniform: float64[3, n], random numbers in [0, 1).
    shut: bool[n, states], states that a row cannot take; no rows when every state is open to all.
    place: float64[n], filled with the place among the drawable cells, and where in its cell the value lies.
    """
    members = len(trees.roots)
    states = trees.probability.shape[1]
    for i in range(split.shape[1]):
        leaf = leaf_of(trees, min(int(uniform[0, i] * members), members - 1), split, i)
        open_to = MILLION
        if len(shut) > 0:
            for s in range(states):
                if shut[i, s]:
                    open_to -= trees.probability[leaf, s]
        left_over = uniform[1, i] * open_to
        last = -1
        for s in range(states):
            chance = trees.probability[leaf, s]
            if chance > 0 and not (len(shut) > 0 and shut[i, s]):
                last = s
                if left_over < chance:
                    break
                left_over -= chance
        if last < 0:  # only what is shut was ever seen here: the first missing reason
            place[i] = -1.0
            split[target, i] = 0
            continue
        s = last
        rank = uniform[2, i]
        if s == cells.body:
            at = rank * KNOTS
            j = min(int(at), KNOTS - 1)
            knots = trees.knots[leaf]
            rank = (knots[j] + (at - j) * (knots[j + 1] - knots[j])) / RANKS
        a, b = cells.first[s], cells.first[s + 1]
        while b - a > 1:  # the last cell of the state that begins at or below the rank
            middle = (a + b) // 2
            if cells.edges[middle] <= rank:
                a = middle
            else:
                b = middle
        end = cells.edges[a + 1] if a + 1 < cells.first[s + 1] else 1.0
        width = end - cells.edges[a]
        inside = (rank - cells.edges[a]) / width if width > 0 else 0.5
        place[i] = a + min(max(inside, 0.0), 0.999999)
        split[target, i] = cells.split[a]


@inner
def below(knots: Floats, rank: float) -> float:
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
def add_log_probability(
    trees: Conditional,
    state: Bytes,
    body: int,
    share: Floats,
    ranks: Floats,
    cell: Cells16,
    split: Bytes,
    total: Floats,
) -> None:
    """Add to TOTAL (float64[n]) the log-probability of each row's cell, averaged over the members.

    state: uint8[cells]; share: float64[cells], of its state's mass; ranks: float64[cells + 1], where body cells begin.
    A cell that no leaf can draw counts as one in a thousand million, so that a sum stays finite.
    """
    members = len(trees.roots)
    for i in range(len(total)):
        c = cell[i]
        s = state[c]
        p = 0.0
        for member in range(members):
            leaf = leaf_of(trees, member, split, i)
            q = trees.probability[leaf, s] / MILLION
            if s == body:
                knots = trees.knots[leaf]
                q *= below(knots, ranks[c + 1] * RANKS) - below(knots, ranks[c] * RANKS)
            else:
                q *= share[c]
            p += q
        total[i] += np.log(max(p / members, 1e-9))
