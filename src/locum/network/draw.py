"""Draw values down the trees, and look up their likelihood."""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Cells16, Chances, Counts, Flags, Floats, Rows
from locum.network.conditional import Conditional
from locum.network.kernels import inner
from locum.network.leaves import MILLION, RANKS
from locum.network.points import Points
from locum.network.quantiles import KNOTS

LEAF = np.uint64(2**64 - 1)
LINE, SHIFT, ONE = np.uint64(0xFFFF), np.uint64(16), np.uint64(1)
MOST_CHANCE = 1.0 - 2.0**-50  # so that rounding reaches no state beyond the last


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
    ahead, since no row's step waits for another's. What a node splits on and its right child are read in one go.
    """
    n, members, nodes = len(uniform), len(trees.roots), len(trees.variable)
    bits = trees.bits
    leads = np.empty(
        nodes, np.uint64
    )  # 2^16 times the right child, and the line split on; all bits for a leaf
    for node in range(nodes):
        leads[node] = ((trees.left[node] + 1) << 16) | (trees.variable[node] & 0xFFFF)
        if trees.variable[node] < 0:
            leads[node] = LEAF
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
        last = end[m] if leads[root] != LEAF else first
        while last > first:
            kept = first
            for k in range(first, last):
                row, node = rows[k], at[k]
                lead = leads[node]
                c = split[lead & LINE, row]
                goes_left = (bits[node, c >> 6] >> np.uint64(c & 63)) & ONE
                child = np.uint32((lead >> SHIFT) - goes_left)
                node_of[row] = child
                rows[kept], at[kept] = row, child  # written, and kept only on the way: no branch to foresee
                kept += np.int64(leads[child] != LEAF)
            last = kept
    for i in range(n):
        node_of[i] = trees.leaf[node_of[i]]
    return node_of


@inner
def _open_state(probability: Chances, shut: Flags, chance: float, states: int) -> tuple[int, float]:
    """(a state that is not SHUT, where in it CHANCE lies); -1 when the leaf holds no other."""
    open_to = MILLION
    for s in range(states):
        if shut[s]:
            open_to -= probability[s]
    left_over = chance * open_to
    last, rest = -1, 0.5
    for s in range(states):
        held = probability[s]
        if held > 0 and not shut[s]:
            last, rest = s, left_over / held
            if left_over < held:
                break
            left_over -= held
    return last, rest


@njit(cache=True, nogil=True)
def draw_variable(
    trees: Conditional,
    points: Points,
    target: int,
    split: Bytes,
    uniform: Floats,
    shut: Flags,
    value: Floats,
    missing: Bytes,
    at: Counts,
) -> None:
    """Draw one variable for every row, each from the tree of a member picked at random.

    target: number of the variable; split: uint8[lines, n], read for the variables before it and filled for it.
    uniform: float64[n], random numbers in [0, 1). One is enough for a row: it picks the member, what is left of it the
        state, and what is left of that the rank, which still has a resolution of 2^-29 where the state is one in a
        million.
    shut: bool[n, states], states that a row cannot take; no rows when every state is open to all.
    value, missing: float64[n] and uint8[n], filled; where points are cells, VALUE is the place inside the cell.
    at: int32[n], filled with the point; -1 where all that was ever seen is shut: the first missing reason.
    """
    leaves, states = trees.probability.shape
    members, all_knots, edges = len(trees.roots), trees.knots, points.edges
    ends = np.empty((leaves, states), np.int32)  # of the states of each leaf, laid end to end
    for leaf in range(leaves):
        end = 0
        for s in range(states):
            end += trees.probability[leaf, s]
            ends[leaf, s] = end
    guides = len(points.guide) - 1
    leaf_of_row = leaves_of(trees, uniform, split)
    for i in range(split.shape[1]):
        leaf = leaf_of_row[i]
        chance = uniform[i] * members
        chance = min(chance - min(int(chance), members - 1), MOST_CHANCE)
        if len(shut) == 0:
            chance *= MILLION
            whole = np.int64(chance)
            s, width = 0, states
            while width > 1:  # the first state that ends above the chance: by the sign, no branch to foresee
                half = width >> 1
                s += half & ((ends[leaf, s + half - 1] - 1 - whole) >> 63)
                width -= half
            begin = ends[leaf, s - 1] if s > 0 else 0
            rank = (chance - begin) / (ends[leaf, s] - begin)
        else:
            s, rank = _open_state(trees.probability[leaf], shut[i], chance, states)
        if s < 0:
            value[i], missing[i], at[i], split[target, i] = np.nan, 1, -1, 0
            continue
        a = points.first[s]
        width = points.first[s + 1] - a
        if s == points.body:
            place = rank * KNOTS
            j = min(int(place), KNOTS - 1)
            knots = all_knots[leaf]
            rank = (knots[j] + (place - j) * (knots[j + 1] - knots[j])) / RANKS
            g = min(int(rank * guides), guides - 1)
            a = points.guide[g]
            width = points.guide[g + 1] - a + 1
        while width > 1:  # the last point of the state that begins at or below the rank
            half = width >> 1
            a += half * np.int64(edges[a + half] <= rank)
            width -= half
        at[i], missing[i], split[target, i] = a, points.missing[a], points.split[a]
        if points.whole:
            value[i] = points.value[a]
            continue
        length = (edges[a + 1] if a + 1 < points.first[s + 1] else 1.0) - edges[a]
        inside = (rank - edges[a]) / length if length > 0 else 0.5
        value[i] = min(max(inside, 0.0), 0.999999)


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
