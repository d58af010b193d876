"""Draw values down the trees, and look up their likelihood."""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Cells16, Flags, Floats, Integers, Rows
from locum.network.cells import Drawable
from locum.network.conditional import Conditional
from locum.network.kernels import inner
from locum.network.leaves import KNOTS, MILLION, RANKS


@inner
def leaf_of(trees: Conditional, member: int, split: Bytes, row: int) -> int:
    """The leaf of MEMBER's tree that ROW of the split codes (uint8[variables, n]) falls into."""
    node = trees.roots[member]
    variable, bits, left = trees.variable, trees.bits, trees.left  # looked up once: each costs
    v = variable[node]
    while v >= 0:
        c = split[v, row]
        goes_left = (bits[node, c >> 6] >> np.uint64(c & 63)) & np.uint64(1)
        node = (
            left[node] + 1 - np.int64(goes_left)
        )  # the right child is the one after the left: no branch to foresee
        v = variable[node]
    return trees.leaf[node]


@inner
def leaves_of(trees: Conditional, uniform: Floats, split: Bytes) -> Rows:
    """uint32[n]: the leaf of each row, in the tree of the member that its random number picks.

    The rows of a member go down its tree together, a level at a time: the tree stays near the processor, which can look
    ahead, since no row's step waits for another's.
    """
    n, members = len(uniform), len(trees.roots)
    variable, bits, left = trees.variable, trees.bits, trees.left
    member = np.empty(n, np.uint32)
    end = np.zeros(members + 1, np.int64)
    for i in range(n):
        m = min(int(uniform[i] * members), members - 1)
        member[i] = m
        end[m + 1] += 1
    for m in range(members):
        end[m + 1] += end[m]
    rows = np.empty(n, np.uint32)
    for i in range(n):
        rows[end[member[i]]] = i
        end[member[i]] += 1
    at, node_of = np.empty(n, np.uint32), np.empty(n, np.uint32)
    for m in range(members):
        first = end[m - 1] if m > 0 else 0
        root = trees.roots[m]
        for k in range(first, end[m]):
            at[k] = root
            node_of[rows[k]] = root
        last = end[m] if variable[root] >= 0 else first
        while last > first:
            kept = first
            for k in range(first, last):
                row, node = rows[k], at[k]
                c = split[variable[node], row]
                goes_left = (bits[node, c >> 6] >> np.uint64(c & 63)) & np.uint64(1)
                child = left[node] + 1 - np.int64(goes_left)
                node_of[row] = child
                rows[kept], at[kept] = row, child  # written, and kept only on the way: no branch to foresee
                kept += np.int64(variable[child] >= 0)
            last = kept
    for i in range(n):
        node_of[i] = trees.leaf[node_of[i]]
    return node_of


@inner
def _open_state(probability: Integers, shut: Flags, uniform: float, states: int) -> int:
    """A state that is not SHUT; -1 when the leaf holds no other."""
    open_to = MILLION
    for s in range(states):
        if shut[s]:
            open_to -= probability[s]
    left_over = uniform * open_to
    last = -1
    for s in range(states):
        chance = probability[s]
        if chance > 0 and not shut[s]:
            last = s
            if left_over < chance:
                break
            left_over -= chance
    return last


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
    states = trees.probability.shape[1]
    all_probability, all_knots, edges = trees.probability, trees.knots, cells.edges
    leaves = leaves_of(trees, uniform[0], split)
    for i in range(split.shape[1]):
        leaf = leaves[i]
        probability = all_probability[leaf]
        last = 0
        if len(shut) == 0:
            left_over = np.int64(uniform[1, i] * MILLION)
            while last < states - 1 and left_over >= probability[last]:  # they add up to a million
                left_over -= probability[last]
                last += 1
        else:
            last = _open_state(probability, shut[i], uniform[1, i], states)
        if last < 0:  # only what is shut was ever seen here: the first missing reason
            place[i] = -1.0
            split[target, i] = 0
            continue
        s = last
        rank = uniform[2, i]
        if s == cells.body:
            at = rank * KNOTS
            j = min(int(at), KNOTS - 1)
            knots = all_knots[leaf]
            rank = (knots[j] + (at - j) * (knots[j + 1] - knots[j])) / RANKS
        a = cells.first[s]
        width = cells.first[s + 1] - a
        while width > 1:  # the last cell of the state that begins at or below the rank
            half = width >> 1
            a += half * np.int64(edges[a + half] <= rank)
            width -= half
        end = edges[a + 1] if a + 1 < cells.first[s + 1] else 1.0
        length = end - edges[a]
        inside = (rank - edges[a]) / length if length > 0 else 0.5
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
