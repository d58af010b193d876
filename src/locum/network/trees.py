"""Grow one multinomial tree: the conditional of a variable given those before it in the order.

A split is bought when the log-likelihood it gains exceeds the price of the parameters it adds (local structure in
Bayesian networks: Friedman & Goldszmidt 1998; Chickering, Heckerman & Meek 1997). How a node's split is found is in
`locum.network.search`.

A split is kept as 256 bits, one a code of the variable split on: set means left.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Counts, Flags, Integers, Rows, Words
from locum.network.kernels import inner
from locum.network.search import Predictors, best_split, look, node_of
from locum.network.splits import CODES, scratch
from locum.network.tallies import MOST_ENTRIES, add_rows, gather, split_rows

WORDS = CODES // 64


@njit(cache=True, nogil=True)
def grow(
    codes: Bytes,
    sizes: Integers,
    ordered: Flags,
    reasons: Integers,
    before: Integers,
    target: Bytes,
    classes: int,
    coarse: Bytes,
    counted: Flags,
    rows: Rows,
    smallest: int,
    k: int,
    price: float,
    xlogx: Integers,
) -> tuple[Integers, Words, Integers, Integers, Integers, Integers]:
    """One tree on the codes of the member's rows.

    codes: uint8[variables, n]; sizes: int64[variables], codes of each; ordered: bool[variables].
    reasons: int64[variables], how many first codes are missing reasons; before: int64[p], what may be split on.
    target: uint8[n], the classes whose likelihood counts; classes: how many; coarse: uint8[classes], the few groups
        that they form. A split is bought when it pays at either resolution: one that only tells who is measured
        need not carry the price of every class of the measurement.
    counted: bool[n], one row a patient; rows: uint32[m], the member's rows, reordered in place so that each leaf's
        rows stand together.
    smallest: least rows of a leaf; k: least patients of a leaf; price: nats for each parameter.
    xlogx: int64[at least m + 1], as `entropy_table` gives it.

    Returns (variable, -1 for a leaf, bits uint64[nodes, 4], left, right, start, end), all int64[nodes] else; children
    have greater numbers than their parent, level by level.
    """
    m, p = len(rows), len(before)
    most = max(1, 2 * (m // max(smallest, 1)) + 1)
    variable = np.full(most, -1, np.int64)
    bits = np.zeros((most, WORDS), np.uint64)
    left_child = np.zeros(most, np.int64)
    right_child = np.zeros(most, np.int64)
    start = np.zeros(most, np.int64)
    end = np.zeros(most, np.int64)
    matrix = gather(codes, before, rows)
    bases = np.zeros(p, np.int64)
    for j in range(p - 1):
        bases[j + 1] = bases[j] + sizes[before[j]] * classes
    entries = bases[p - 1] + sizes[before[p - 1]] * classes if p > 0 else 0
    worth = entries // p + 1 if 0 < entries <= MOST_ENTRIES else m + 1  # fewer rows are counted by themselves
    variables = Predictors(matrix, sizes[before], ordered[before], reasons[before], bases)
    own = np.empty(m, np.uint8)
    own_counted = np.empty(m, np.bool_)
    row = np.empty(m, np.uint32)  # numbers of rows of the matrix
    several = False  # rows of one patient, so that rows are no patients
    for i in range(m):
        own[i] = target[rows[i]]
        own_counted[i] = counted[rows[i]]
        several |= not own_counted[i]
        row[i] = i
    spare = np.empty(m, np.uint32)
    spare_own = np.empty(m, np.uint8)
    s = scratch(m, classes)
    node_classes = node_of(classes)
    # The smaller child is taken up first, so that few tables wait: each is of half as many rows as the one before.
    tables = np.empty((np.int64(np.log2(m + 1)) + 3, entries if worth <= m else 0), np.int32)
    free = np.arange(len(tables))
    frees = len(free)
    waiting = np.empty(most, np.int64)
    table_of = np.full(most, -1, np.int64)
    end[0] = m
    nodes, waits = 1, 1
    waiting[0] = 0
    if m >= worth:
        frees -= 1
        table_of[0] = free[frees]
        tables[table_of[0], :] = 0
        add_rows(matrix, row, own, np.int64(0), m, bases, classes, np.int64(1), tables[table_of[0]])
    while waits > 0:
        waits -= 1
        node = waiting[waits]
        a, b, table = start[node], end[node], table_of[node]
        n = b - a
        at, length = -1, 0
        if p > 0 and n >= 2 * smallest and look(own, a, b, coarse, classes, price, xlogx, node_classes):
            counts = tables[table] if table >= 0 else s.joint
            at, length = best_split(
                variables, table >= 0, counts, row, own, a, b, classes, smallest, xlogx, node_classes, s
            )
        front = 0
        if at >= 0:
            _set_bits(bits[node], s.best, length, ordered[before[at]], reasons[before[at]])
            front = split_rows(matrix, at, bits[node], a, b, row, own, spare, spare_own)
            patients, all_patients = front, int(n)
            if several:
                patients, all_patients = 0, 0
                for i in range(a, b):
                    patients += own_counted[row[i]] and i < a + front
                    all_patients += own_counted[row[i]]
            if patients < k or all_patients - patients < k:
                at = -1
        if at < 0:
            bits[node] = 0
            if table >= 0:
                free[frees] = table
                frees += 1
            continue
        v = before[at]
        if not ordered[v] and 2 * front > n:  # levels that do not occur here go with the larger side
            for i in range(a, b):
                s.present[matrix[row[i], at]] = 1
            for c in range(sizes[v]):
                if s.present[c] == 0:
                    bits[node, c >> 6] |= np.uint64(1) << np.uint64(c & 63)
                s.present[c] = 0
        variable[node] = v
        left_child[node], right_child[node] = nodes, nodes + 1
        start[nodes], end[nodes] = a, a + front
        start[nodes + 1], end[nodes + 1] = a + front, b
        small = nodes if 2 * front <= n else nodes + 1
        large = 2 * nodes + 1 - small
        if table >= 0:
            kept = end[large] - start[large] >= max(worth, 2 * smallest)
            if end[small] - start[small] >= max(worth, 2 * smallest):
                frees -= 1
                table_of[small] = free[frees]
                other = tables[table_of[small]]
                other[:] = 0
                add_rows(matrix, row, own, start[small], end[small], bases, classes, np.int64(1), other)
                if kept:
                    mine = tables[table]
                    for i in range(entries):
                        mine[i] -= other[i]
            elif kept:
                add_rows(
                    matrix, row, own, start[small], end[small], bases, classes, np.int64(-1), tables[table]
                )
            if kept:
                table_of[large] = table
            else:
                free[frees] = table
                frees += 1
        waiting[waits], waiting[waits + 1] = large, small
        waits += 2
        nodes += 2
    taken = rows.copy()
    for i in range(m):
        rows[i] = taken[row[i]]
    return _level_by_level(
        variable[:nodes], bits[:nodes], left_child[:nodes], right_child[:nodes], start[:nodes], end[:nodes]
    )


@inner
def _set_bits(bits: Words, codes: Counts, length: int, ordered: bool, reasons: int) -> None:
    """Set the bits of CODES; on ordered ones, numbers between those that occur go with the ones below them."""
    last = codes[length - 1]
    for i in range(length):
        c = codes[i]
        bits[c >> 6] |= np.uint64(1) << np.uint64(c & 63)
        if c >= reasons:
            last = max(last, c)
    if ordered:
        for c in range(reasons, last + 1 if last >= reasons else 0):
            bits[c >> 6] |= np.uint64(1) << np.uint64(c & 63)


@inner
def _level_by_level(
    variable: Integers, bits: Words, left: Integers, right: Integers, start: Integers, end: Integers
) -> tuple[Integers, Words, Integers, Integers, Integers, Integers]:
    """The same tree with its nodes numbered from the root, level by level, left before right."""
    nodes = len(variable)
    old = np.zeros(nodes, np.int64)
    new_left, new_right = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    reached = 1
    for node in range(nodes):
        if variable[old[node]] >= 0:
            new_left[node], new_right[node] = reached, reached + 1
            old[reached], old[reached + 1] = left[old[node]], right[old[node]]
            reached += 2
    new_variable, new_start, new_end = (
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int64),
    )
    new_bits = np.empty((nodes, WORDS), np.uint64)
    for node in range(nodes):
        a = old[node]
        new_variable[node], new_start[node], new_end[node] = variable[a], start[a], end[a]
        for word in range(WORDS):
            new_bits[node, word] = bits[a, word]
    return new_variable, new_bits, new_left, new_right, new_start, new_end
