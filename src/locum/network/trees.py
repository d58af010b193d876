"""Grow one multinomial tree: the conditional of a variable given those before it in the order.

A split is bought when the log-likelihood it gains exceeds the price of the parameters it adds (local structure in
Bayesian networks: Friedman & Goldszmidt 1998; Chickering, Heckerman & Meek 1997). Thresholds on ordered codes, with the
missing on either side; subsets of nominal levels, found by sorting the levels along the first principal component of
their class distributions (Coppersmith, Hong & Hosking 1999).

A split is kept as 256 bits, one a code of the variable split on: set means left.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Flags, Floats, Integers, Words

CODES = 256  # codes a variable may have
WORDS = CODES // 64


@njit(cache=True, nogil=True)
def entropy_table(rows: int) -> Floats:
    """float64[rows + 2]: c * log(c) for each count c."""
    table = np.zeros(rows + 2)
    for c in range(2, rows + 2):
        table[c] = c * np.log(c)
    return table


@njit(cache=True, nogil=True)
def _principal_scores(joint: Integers, codes: int, classes: int, present: Integers, score: Floats) -> None:
    """Order of nominal levels: their place along the first principal component of the class shares."""
    mean = np.zeros(classes)
    total = 0.0
    for a in range(codes):
        if present[a] > 0:
            total += present[a]
            for t in range(classes):
                mean[t] += joint[a, t]
    for t in range(classes):
        mean[t] /= total
    axis = np.empty(classes)
    for t in range(classes):
        axis[t] = 1.0 + 0.37 * t + (0.61 if t % 2 else 0.0)
    for _ in range(8):
        new = np.zeros(classes)
        for a in range(codes):
            if present[a] > 0:
                dot = 0.0
                for t in range(classes):
                    dot += (joint[a, t] / present[a] - mean[t]) * axis[t]
                dot *= present[a]
                for t in range(classes):
                    new[t] += dot * (joint[a, t] / present[a] - mean[t])
        norm = np.sqrt((new * new).sum())
        if norm < 1e-12:
            break
        for t in range(classes):
            axis[t] = new[t] / norm
    for a in range(codes):
        score[a] = 0.0
        if present[a] > 0:
            for t in range(classes):
                score[a] += joint[a, t] / present[a] * axis[t]


@njit(cache=True, nogil=True)
def _scan(
    joint: Integers,
    sequence: Integers,
    length: int,
    classes: int,
    count: Integers,
    rows: int,
    smallest: int,
    present: Integers,
    xlogx: Floats,
    left: Integers,
    right: Integers,
) -> tuple[float, int]:
    """The cut of SEQUENCE (codes in order) that gains most: (c log c of both sides less that of their sizes, place)."""
    for t in range(classes):
        left[t] = 0
        right[t] = count[t]
    in_left = 0
    part = 0.0
    for t in range(classes):
        part += xlogx[count[t]]
    best, place = -np.inf, -1
    for i in range(length - 1):
        a = sequence[i]
        n = present[a]
        if n > 0:
            in_left += n
            if rows - in_left < smallest:
                break
            for t in range(classes):
                c = joint[a, t]
                if c:
                    before = left[t]
                    rest = right[t]
                    part += xlogx[before + c] - xlogx[before] + xlogx[rest - c] - xlogx[rest]
                    left[t] = before + c
                    right[t] = rest - c
            if in_left >= smallest:
                gain = part - xlogx[in_left] - xlogx[rows - in_left]
                if gain > best:
                    best, place = gain, i
    return best, place


@njit(cache=True, nogil=True)
def grow(
    codes: Bytes,
    sizes: Integers,
    ordered: Flags,
    reasons: Integers,
    before: Integers,
    target: Bytes,
    classes: int,
    counted: Flags,
    rows: Integers,
    smallest: int,
    k: int,
    price: float,
) -> tuple[Integers, Words, Integers, Integers, Integers, Integers]:
    """One tree on the codes of the member's rows.

    codes: uint8[variables, n]; sizes: int64[variables], codes of each; ordered: bool[variables].
    reasons: int64[variables], how many first codes are missing reasons; before: int64[p], what may be split on.
    target: uint8[n], the classes whose likelihood counts; classes: how many.
    counted: bool[n], one row a patient; rows: int64[m], the member's rows, reordered in place so that each leaf's rows
        stand together.
    smallest: least rows of a leaf; k: least patients of a leaf; price: nats for each parameter.

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
    xlogx = entropy_table(m)
    joint = np.zeros((CODES, classes), np.int64)
    present = np.zeros(CODES, np.int64)
    sequence = np.zeros(CODES, np.int64)
    best_sequence = np.zeros(CODES, np.int64)
    score = np.zeros(CODES)
    left = np.zeros(classes, np.int64)
    right = np.zeros(classes, np.int64)
    count = np.zeros(classes, np.int64)
    compact = np.zeros(classes, np.uint8)
    spare = np.empty(m, np.int64)
    own = np.empty(m, np.uint8)
    end[0] = m
    nodes = 1
    node = -1
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
        whole = 0.0
        for t in range(classes):  # classes absent from this node are left out of all that follows
            if count[t] > 0:
                whole += xlogx[count[t]]
                count[seen] = count[t]
                compact[t] = seen
                seen += 1
        if seen < 2:
            continue
        for i in range(a, b):
            own[i] = compact[target[rows[i]]]
        whole -= xlogx[n]
        best, best_variable, best_place, best_length = price * (seen - 1), -1, 0, 0
        for p in range(len(before)):
            v = before[p]
            size = sizes[v]
            line = codes[v]
            for i in range(a, b):
                c = line[rows[i]]
                present[c] += 1
                joint[c, own[i]] += 1
            kinds = 0
            for c in range(size):
                kinds += present[c] > 0
            absent = 0  # rows whose value is missing
            for c in range(reasons[v]):
                absent += present[c]
            turns = 0 if kinds < 2 else (2 if ordered[v] and absent > 0 else 1)
            for turn in range(turns):
                length = size
                if ordered[v]:
                    shift = 0 if turn == 0 else reasons[v]
                    for c in range(size):
                        sequence[c] = (c + shift) % size
                else:
                    _principal_scores(joint, size, seen, present, score)
                    length = 0
                    for c in range(size):
                        if present[c] > 0:
                            sequence[length] = c
                            length += 1
                    for i in range(1, length):  # insertion sort by score
                        c = sequence[i]
                        j = i
                        while j > 0 and score[sequence[j - 1]] > score[c]:
                            sequence[j] = sequence[j - 1]
                            j -= 1
                        sequence[j] = c
                gain, place = _scan(
                    joint, sequence, length, seen, count, n, smallest, present, xlogx, left, right
                )
                if place >= 0 and gain - whole > best:
                    best = gain - whole
                    best_variable = v
                    best_place = place
                    best_length = length
                    best_sequence[:length] = sequence[:length]
            for c in range(size):
                if present[c] > 0:
                    present[c] = 0
                    for t in range(seen):
                        joint[c, t] = 0
        if best_variable < 0:
            continue
        for w in range(WORDS):
            bits[node, w] = np.uint64(0)
        for i in range(best_place + 1):
            c = best_sequence[i]
            bits[node, c >> 6] |= np.uint64(1) << np.uint64(c & 63)
        line = codes[best_variable]
        to_left, to_right, patients_left, patients = 0, 0, 0, 0
        for i in range(a, b):
            r = rows[i]
            c = line[r]
            patients += counted[r]
            if (bits[node, c >> 6] >> np.uint64(c & 63)) & np.uint64(1):
                spare[a + to_left] = r
                to_left += 1
                patients_left += counted[r]
            else:
                to_right += 1
                spare[b - to_right] = r
        if patients_left < k or patients - patients_left < k:
            continue
        if not ordered[best_variable] and to_left > to_right:  # levels unseen here follow the larger side
            for c in range(sizes[best_variable]):
                seen_here = False
                for i in range(best_length):
                    if best_sequence[i] == c:
                        seen_here = True
                        break
                if not seen_here:
                    bits[node, c >> 6] |= np.uint64(1) << np.uint64(c & 63)
        for i in range(to_left):
            rows[a + i] = spare[a + i]
        for i in range(to_right):
            rows[a + to_left + i] = spare[b - 1 - i]
        variable[node] = best_variable
        left_child[node], right_child[node] = nodes, nodes + 1
        start[nodes], end[nodes] = a, a + to_left
        start[nodes + 1], end[nodes + 1] = a + to_left, b
        nodes += 2
    return (
        variable[:nodes].copy(),
        bits[:nodes].copy(),
        left_child[:nodes].copy(),
        right_child[:nodes].copy(),
        start[:nodes].copy(),
        end[:nodes].copy(),
    )
