"""Find the split of a node that pays most: over all variables, at both resolutions of the target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Counts, Flags, Floats, Integers, Rows
from locum.network.splits import NATS, Scratch, best_cut, best_cut_of_rows, parameters, sort_levels

LOG_2 = np.log(2.0)
FEW_CLASSES = 8  # with more, the few rows of a small node are looked at in place of the counts of all classes


class Predictors(NamedTuple):
    """What may be split on. matrix: uint8[rows, p], the codes; sizes: int64[p], how many codes; ordered: bool[p];
    reasons: int64[p], first codes that are missing reasons; bases: int64[p], where each begins in a node's counts.
    """

    matrix: Bytes
    sizes: Integers
    ordered: Flags
    reasons: Integers
    bases: Integers


class Node(NamedTuple):
    """The classes of a node's rows; those absent are left out of all that follows.

    ids: int64[classes], the classes present; compact: int64[classes], where each stands among them;
    every: int64[classes], 0, 1, 2 ...; counts: int32[classes], of each present;
    group, group_counts: the group of each present, and the same of groups; used: int64[classes], room.
    sizes: int64[2], how many classes and groups; bars: float64[2], what a split must beat at each resolution;
    pays: bool[2], whether any split can.
    """

    ids: Integers
    compact: Integers
    every: Integers
    counts: Counts
    group: Integers
    group_counts: Counts
    used: Integers
    sizes: Integers
    bars: Floats
    pays: Flags


@njit(cache=True, nogil=True)
def node_of(classes: int) -> Node:
    """Room for one."""
    return Node(
        np.zeros(classes, np.int64),
        np.zeros(classes, np.int64),
        np.arange(classes),
        np.zeros(classes, np.int32),
        np.zeros(classes, np.int64),
        np.zeros(classes, np.int32),
        np.zeros(classes, np.int64),
        np.zeros(2, np.int64),
        np.zeros(2),
        np.zeros(2, np.bool_),
    )


@njit(cache=True, nogil=True)
def look(
    own: Bytes, a: int, b: int, coarse: Bytes, classes: int, price: float, xlogx: Integers, node: Node
) -> bool:
    """Fill NODE for the rows [a, b): whether any split can pay."""
    n = b - a
    count, group_count = node.counts, node.group_counts
    count[:] = 0
    for i in range(a, b):
        count[own[i]] += 1
    seen = 0
    steps = -xlogx[n]
    for t in range(classes):
        if count[t] > 0:
            steps += xlogx[count[t]]
            count[seen] = count[t]
            node.ids[seen] = t
            node.compact[t] = seen
            seen += 1
    if seen < 2:
        return False
    whole = steps / NATS
    bar = whole + price * parameters(seen, -whole / n)
    groups = 0
    node.used[:] = 0
    for i in range(seen):
        g = coarse[node.ids[i]]
        if node.used[g] == 0:
            groups += 1
            node.used[g] = groups
            group_count[groups - 1] = 0
        node.group[i] = node.used[g] - 1
        group_count[node.used[g] - 1] += count[i]
    coarse_whole, coarse_bar = 0.0, 0.0
    if 1 < groups < seen:
        steps = -xlogx[n]
        for g in range(groups):
            steps += xlogx[group_count[g]]
        coarse_whole = steps / NATS
        coarse_bar = coarse_whole + price * parameters(groups, -coarse_whole / n)
    node.sizes[0], node.sizes[1] = seen, groups
    node.bars[0], node.bars[1] = bar, coarse_bar
    # A split in two says at most log 2 nats a row, and at most all there is to say: most leaves end here.
    node.pays[0] = bar < 0.0 and bar - whole < n * LOG_2
    node.pays[1] = coarse_bar < 0.0 and coarse_bar - coarse_whole < n * LOG_2
    return bool(node.pays[0] or node.pays[1])


@njit(cache=True, nogil=True)
def best_split(
    variables: Predictors,
    tallied: bool,
    counts: Counts,
    rows: Rows,
    own: Bytes,
    a: int,
    b: int,
    classes: int,
    smallest: int,
    xlogx: Integers,
    node: Node,
    s: Scratch,
) -> tuple[int, int]:
    """(place of the variable, -1 when none pays; how many codes, now first in ``s.best``, go left).

    tallied: whether COUNTS holds the node's counts of all variables; else they are counted here.
    """
    best, at, best_length = 0.0, -1, 0
    sequence = s.sequence
    for j in range(len(variables.sizes)):
        length = _occurring(variables, j, tallied, counts, rows, a, b, classes, s)
        if length > 1:
            absent = 0
            while absent < length and sequence[absent] < variables.reasons[j]:
                absent += 1
            turn = absent if variables.ordered[j] and absent < length else 0
            sort = not variables.ordered[j] and length > 2
            gain, place, first = _gain(
                variables,
                j,
                sort,
                turn,
                tallied,
                counts,
                rows,
                own,
                a,
                b,
                classes,
                length,
                smallest,
                xlogx,
                node,
                s,
            )
            if place >= 0 and gain > best:
                best, at, best_length = gain, j, place + 1
                s.best[:best_length] = sequence[first : first + best_length]
        for i in range(length):
            s.present[sequence[i]] = 0
    return at, best_length


@njit(cache=True, nogil=True)
def _occurring(
    variables: Predictors,
    j: int,
    tallied: bool,
    counts: Counts,
    rows: Rows,
    a: int,
    b: int,
    classes: int,
    s: Scratch,
) -> int:
    """How many codes occur: they come first in the sequence, and how many rows have each in ``present``."""
    size, base = variables.sizes[j], variables.bases[j]
    if tallied:
        for c in range(size):
            total = np.int32(0)
            for t in range(base + c * classes, base + (c + 1) * classes):
                total += counts[t]
            s.present[c] = total
    else:
        for i in range(a, b):
            s.present[variables.matrix[rows[i], j]] += 1
    length = 0
    for c in range(size):
        s.sequence[length] = c
        length += s.present[c] > 0
    return length


@njit(cache=True, nogil=True)
def _gain(
    variables: Predictors,
    j: int,
    sort: bool,
    turn: int,
    tallied: bool,
    counts: Counts,
    rows: Rows,
    own: Bytes,
    a: int,
    b: int,
    classes: int,
    length: int,
    smallest: int,
    xlogx: Integers,
    node: Node,
    s: Scratch,
) -> tuple[float, int, int]:
    """(gain less what it must beat, place, first) of the best cut on one variable."""
    sequence, joint, n = s.sequence, s.joint, b - a
    seen, groups = node.sizes[0], node.sizes[1]
    fine, coarse = node.pays[0], node.pays[1]
    by_rows = not tallied and not sort and fine and seen > FEW_CLASSES and 2 * n < length * seen
    if by_rows:
        _sort_rows(variables.matrix, j, rows, own, a, b, length, node, s)
        sequence[length : length + turn] = sequence[:turn]
        steps, place, first = best_cut_of_rows(
            node.every, seen, node.counts, length, turn, n, smallest, xlogx, s
        )
        gain = steps / NATS - node.bars[0]
        if coarse:
            steps, coarse_place, coarse_first = best_cut_of_rows(
                node.group, groups, node.group_counts, length, turn, n, smallest, xlogx, s
            )
            if steps / NATS - node.bars[1] > gain:
                gain, place, first = steps / NATS - node.bars[1], coarse_place, coarse_first
        return gain, place, first
    # Counts by the classes present, in JOINT, where they have to be made or sorted by; else those of the node.
    own_counts = not tallied or sort
    only_coarse = own_counts and not sort and not fine
    if only_coarse:
        for i in range(a, b):
            g = node.group[node.compact[own[i]]]
            s.coarse[variables.matrix[rows[i], j] * groups + g] += 1
    elif tallied and sort:
        for i in range(length):
            at = variables.bases[j] + sequence[i] * classes
            for t in range(seen):
                joint[sequence[i] * seen + t] = counts[at + node.ids[t]]
    elif own_counts:
        for i in range(a, b):
            joint[variables.matrix[rows[i], j] * seen + node.compact[own[i]]] += 1
    if sort:
        sort_levels(s, length, seen)
    sequence[length : length + turn] = sequence[:turn]
    gain, place, first = -np.inf, -1, 0
    read = joint if own_counts else counts
    base = 0 if own_counts else variables.bases[j]
    stride = seen if own_counts else classes
    ids = node.every if own_counts else node.ids
    if fine:
        steps, place, first = best_cut(
            read, base, stride, ids, seen, node.counts, length, turn, n, smallest, xlogx, s
        )
        gain = steps / NATS - node.bars[0]
    if coarse:
        if not only_coarse:
            for i in range(length):
                c = sequence[i]
                for t in range(seen):
                    s.coarse[c * groups + node.group[t]] += read[base + c * stride + ids[t]]
        steps, coarse_place, coarse_first = best_cut(
            s.coarse, 0, groups, node.every, groups, node.group_counts, length, turn, n, smallest, xlogx, s
        )
        if steps / NATS - node.bars[1] > gain:
            gain, place, first = steps / NATS - node.bars[1], coarse_place, coarse_first
        for i in range(length):
            for t in range(sequence[i] * groups, (sequence[i] + 1) * groups):
                s.coarse[t] = 0
    if own_counts and not only_coarse:
        for i in range(length):
            for t in range(sequence[i] * seen, (sequence[i] + 1) * seen):
                joint[t] = 0
    return gain, place, first


@njit(cache=True, nogil=True)
def _sort_rows(
    matrix: Bytes, j: int, rows: Rows, own: Bytes, a: int, b: int, length: int, node: Node, s: Scratch
) -> None:
    """Put the classes of the rows into ``sorted``, those of a code together, and where each ends into ``end``."""
    before = 0
    for i in range(length):
        s.end[s.sequence[i]] = before
        before += s.present[s.sequence[i]]
    for i in range(a, b):
        c = matrix[rows[i], j]
        s.sorted[s.end[c]] = node.compact[own[i]]
        s.end[c] += 1
