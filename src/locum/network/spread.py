"""Random numbers spread evenly over the patients who are alike, so that a draw adds little noise of its own.

Each patient's value is drawn from that patient's own distribution, as ever. But like patients, those who stand
together in one member's tree, share the unit interval out between them, as strata do in a survey: of a hundred of whom
each has a disease with a chance of 0.3, thirty have it, not 25 or 36. What a table of drawn patients says is then near
to what the model says, and the model knows no more of anybody (array-RQMC: L'Ecuyer, Lécot & Tuffin 2008).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Counts, Floats, Integers, Words
from locum.network.conditional import Conditional
from locum.network.kernels import inner

DEEPEST = 6  # levels of the tree that say who is alike
MOST_ROWS = 65_535
"""Of more rows, drawn in blocks, chance adds little, and drawing is faster without."""
ALONG, ACROSS = (
    0.7548776662466927,
    0.5698402909980532,
)  # multiples of these fill a square evenly (R2: Roberts 2018)
ONE = np.uint64(1)


@inner
def _top(trees: Conditional) -> tuple[Integers, Integers, Words, Counts, int]:
    """The top of the first member's tree: (line, right child, bits, group of each node; how many groups).

    Nodes are in preorder, so that groups, its last nodes, are numbered from left to right. A last node is its own
    child, wherever a row's code would send it.
    """
    most = 2 << DEEPEST
    line, right, group = np.zeros(most, np.int64), np.zeros(most, np.int64), np.zeros(most, np.int32)
    bits = np.zeros((most, trees.bits.shape[1]), np.uint64)
    waiting, depth, place = (
        np.empty(DEEPEST + 2, np.int64),
        np.empty(DEEPEST + 2, np.int64),
        np.empty(DEEPEST + 2, np.int64),
    )
    waiting[0], depth[0], place[0] = trees.roots[0], 0, 0
    waits, nodes, groups = 1, 1, 0
    while waits > 0:
        waits -= 1
        node, down, at = waiting[waits], depth[waits], place[waits]
        if trees.variable[node] < 0 or down == DEEPEST:
            right[at] = at
            group[at] = groups
            groups += 1
            continue
        line[at], bits[at], right[at] = trees.variable[node], trees.bits[node], nodes + 1
        waiting[waits], depth[waits], place[waits] = trees.right[node], down + 1, nodes + 1
        waiting[waits + 1], depth[waits + 1], place[waits + 1] = trees.left[node], down + 1, nodes
        waits += 2
        nodes += 2
    return line, right, bits, group, groups


@njit(cache=True, nogil=True)
def spread(trees: Conditional, split: Bytes, uniform: Floats) -> None:
    """Turn independent numbers into numbers that like rows share out between them; each is still uniform in [0, 1).

    split: uint8[lines, n], the codes of the variables before; uniform: float64[n], as `draw_variable` takes them: what
    picks a member and what is left of it are each spread, and spread over each other.
    """
    n, members = len(uniform), len(trees.roots)
    line, right, bits, group, groups = _top(trees)
    own = np.zeros(n, np.uint8)
    end = np.zeros(groups + 1, np.int64)
    if groups > 1:
        for i in range(n):
            node = 0
            for _ in range(DEEPEST):  # as many steps for every row: no branch to foresee
                c = split[line[node], i]
                node = right[node] - np.int64((bits[node, c >> 6] >> np.uint64(c & 63)) & ONE)
            own[i] = group[node]
            end[own[i] + 1] += 1
        for g in range(groups):
            end[g + 1] += end[g]
    order = np.empty(
        n, np.int32
    )  # at random, so that the numbers of two variables are independent of each other
    for i in range(n):
        j = int(uniform[i] * (i + 1))
        order[i] = order[j]
        order[j] = i
    start = uniform[0]
    for row in order:
        place = end[own[row]]
        end[own[row]] += 1
        chance, choice = start + place * ALONG, start + place * ACROSS
        member = int((choice - int(choice)) * members)
        uniform[row] = (member + (chance - int(chance))) / members
