"""Grow one multinomial tree: the conditional of a variable given those before it in the order.

A split is bought when the log-likelihood it gains exceeds the price of the parameters it adds (local structure in
Bayesian networks: Friedman & Goldszmidt 1998; Chickering, Heckerman & Meek 1997). How a split is found is in
`locum.network.splits`.

A split is kept as 256 bits, one a code of the variable split on: set means left.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Flags, Integers, Rows, Words
from locum.network.splits import NATS, best_cut, parameters, sort_levels, tally

CODES = 256  # codes a variable may have
WORDS = CODES // 64
LOG_2 = np.log(2.0)


@njit(cache=True, nogil=True)
def _part(
    rows: Rows, a: int, b: int, line: Bytes, bits: Words, counted: Flags, spare: Rows
) -> tuple[int, int, int]:
    """Move the rows of [a, b) whose code is in BITS to the front: (how many, patients among them, patients in all)."""
    front, back, patients, all_patients = 0, 0, 0, 0
    for i in range(a, b):
        r = rows[i]
        c = line[r]
        all_patients += counted[r]
        if (bits[c >> 6] >> np.uint64(c & 63)) & np.uint64(1):
            rows[a + front] = r
            front += 1
            patients += counted[r]
        else:
            spare[back] = r
            back += 1
    for i in range(back):
        rows[a + front + i] = spare[i]
    return front, patients, all_patients


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
    have greater numbers than their parent.
    """
    m = len(rows)
    most = max(1, 2 * (m // max(smallest, 1)) + 1)
    variable = np.full(most, -1, np.int64)
    bits = np.zeros((most, WORDS), np.uint64)
    left_child = np.zeros(most, np.int64)
    right_child = np.zeros(most, np.int64)
    start = np.zeros(most, np.int64)
    end = np.zeros(most, np.int64)
    joint = np.zeros(CODES * classes, np.int32)
    present = np.zeros(CODES, np.int32)
    sequence = np.zeros(2 * CODES, np.int32)
    best_sequence = np.zeros(CODES, np.int32)
    score = np.zeros(CODES)
    mean, axis, turned = np.zeros(classes), np.zeros(classes), np.zeros(classes)
    left = np.zeros(classes, np.int32)
    right = np.zeros(classes, np.int32)
    share = np.zeros(classes, np.int64)
    count = np.zeros(classes, np.int32)
    compact_of = np.zeros(classes, np.int32)
    group = np.zeros(classes, np.int32)
    group_count = np.zeros(classes, np.int32)
    used = np.zeros(classes, np.int32)
    coarse_joint = np.zeros(CODES * classes, np.int32)
    own = np.empty(m, np.uint8)
    spare = np.empty(m, np.uint32)
    end[0] = m
    nodes, node = 1, -1
    while node + 1 < nodes:
        node += 1
        a, b = start[node], end[node]
        n = b - a
        if n < 2 * smallest:
            continue
        count[:] = 0
        for i in range(a, b):
            count[target[rows[i]]] += 1
        seen = 0
        whole_steps = -xlogx[n]
        for t in range(classes):  # classes absent from this node are left out of all that follows
            if count[t] > 0:
                whole_steps += xlogx[count[t]]
                count[seen] = count[t]
                compact_of[t] = seen
                seen += 1
            else:
                compact_of[t] = -1
        if seen < 2:
            continue
        whole = whole_steps / NATS
        for i in range(a, b):
            own[i] = compact_of[target[rows[i]]]
        bar = whole + price * parameters(seen, -whole / n)  # what a split must beat at this resolution
        groups = 0  # and at the coarser one, when it is one
        used[:] = 0
        for t in range(classes):
            if compact_of[t] >= 0:
                g = coarse[t]
                if used[g] == 0:
                    groups += 1
                    used[g] = groups
                    group_count[groups - 1] = 0
                group[compact_of[t]] = used[g] - 1
                group_count[used[g] - 1] += count[compact_of[t]]
        coarse_whole, coarse_bar = 0.0, 0.0
        if 1 < groups < seen:
            coarse_steps = -xlogx[n]
            for g in range(groups):
                coarse_steps += xlogx[group_count[g]]
            coarse_whole = coarse_steps / NATS
            coarse_bar = coarse_whole + price * parameters(groups, -coarse_whole / n)
        # A split in two says at most log 2 nats a row, and at most all there is to say: most leaves end here.
        fine_pays = bar < 0.0 and bar - whole < n * LOG_2
        coarse_pays = coarse_bar < 0.0 and coarse_bar - coarse_whole < n * LOG_2
        if not (fine_pays or coarse_pays):
            continue
        best, best_variable, best_length = 0.0, -1, 0
        for v in before:
            line = codes[v]
            tally(line, rows[a:b], own[a:b], sizes[v], seen, joint, present)
            length, absent = 0, 0  # codes that occur; how many of them are missing reasons
            for c in range(sizes[v]):
                if present[c] > 0:
                    sequence[length] = c
                    length += 1
                    absent += c < reasons[v]
            if length > 1:
                if not ordered[v] and length > 2:
                    sort_levels(joint, sequence, length, present, seen, score, mean, axis, turned)
                turn = absent if ordered[v] and absent < length else 0
                sequence[length : length + turn] = sequence[:turn]
                gain, place, first = -np.inf, -1, 0
                if fine_pays:
                    steps, place, first = best_cut(
                        joint,
                        sequence,
                        length,
                        turn,
                        present,
                        seen,
                        count,
                        n,
                        smallest,
                        xlogx,
                        left,
                        right,
                        share,
                    )
                    gain = steps / NATS - bar
                if coarse_pays:
                    for i in range(length):
                        c = sequence[i]
                        coarse_joint[c * groups : (c + 1) * groups] = 0
                        for t in range(seen):
                            coarse_joint[c * groups + group[t]] += joint[c * seen + t]
                    coarse_steps, coarse_place, coarse_first = best_cut(
                        coarse_joint,
                        sequence,
                        length,
                        turn,
                        present,
                        groups,
                        group_count,
                        n,
                        smallest,
                        xlogx,
                        left,
                        right,
                        share,
                    )
                    coarse_gain = coarse_steps / NATS - coarse_bar
                    if coarse_gain > gain:
                        gain, place, first = coarse_gain, coarse_place, coarse_first
                if place >= 0 and gain > best:
                    best, best_variable, best_length = gain, v, place + 1
                    best_sequence[:best_length] = sequence[first : first + best_length]
                for i in range(length):
                    c = sequence[i]
                    present[c] = 0
                    for t in range(c * seen, (c + 1) * seen):
                        joint[t] = 0
            else:
                c = sequence[0]
                present[c] = 0
                for t in range(c * seen, (c + 1) * seen):
                    joint[t] = 0
        if best_variable < 0:
            continue
        v = best_variable
        for i in range(best_length):
            c = best_sequence[i]
            bits[node, c >> 6] |= np.uint64(1) << np.uint64(c & 63)
        if ordered[v]:  # numbers between those that occur go with the ones below them
            last = best_sequence[best_length - 1]
            for i in range(best_length):
                if best_sequence[i] >= reasons[v]:
                    last = max(last, best_sequence[i])
            for c in range(reasons[v], last + 1 if last >= reasons[v] else 0):
                bits[node, c >> 6] |= np.uint64(1) << np.uint64(c & 63)
        front, patients, all_patients = _part(rows, a, b, codes[v], bits[node], counted, spare)
        if patients < k or all_patients - patients < k:
            continue
        if not ordered[v] and 2 * front > n:  # levels that do not occur here go with the larger side
            for c in range(sizes[v]):
                present[c] = 1
            for i in range(a, b):
                present[codes[v, rows[i]]] = 0
            for c in range(sizes[v]):
                if present[c] > 0:
                    bits[node, c >> 6] |= np.uint64(1) << np.uint64(c & 63)
                    present[c] = 0
        variable[node] = v
        left_child[node], right_child[node] = nodes, nodes + 1
        start[nodes], end[nodes] = a, a + front
        start[nodes + 1], end[nodes + 1] = a + front, b
        nodes += 2
    return (
        variable[:nodes].copy(),
        bits[:nodes].copy(),
        left_child[:nodes].copy(),
        right_child[:nodes].copy(),
        start[:nodes].copy(),
        end[:nodes].copy(),
    )
