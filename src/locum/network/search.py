"""Find the split of a node that pays most: over all variables, at both resolutions of the target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from locum.network.arrays import Bytes, Counts, Flags, Floats, Integers, Rows
from locum.network.kernels import inner
from locum.network.splits import (
    NATS,
    Cuts,
    Scratch,
    Table,
    best_cut,
    best_cut_held,
    best_cut_of_rows,
    parameters,
    sort_levels,
)

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
    """The classes of a node's rows, all of them or, made compact, those present only.

    counts: int32[classes], of each; group: int64[classes], the group of each.
    compact: int64[classes], where each stands among those present; present: int32[classes], how many rows each of
    those has; present_group: int64[classes], their groups.
    group_counts: int32[classes], of each group; every: int64[classes], 0, 1, 2 ...; used: int64[classes], room.
    sizes: int64[2], how many classes and groups are present; bars: float64[2], what a split must beat at each
    resolution; pays: bool[2], whether any split can.
    """

    counts: Counts
    group: Integers
    compact: Integers
    present: Counts
    present_group: Integers
    group_counts: Counts
    every: Integers
    used: Integers
    sizes: Integers
    bars: Floats
    pays: Flags


@inner
def node_of(classes: int) -> Node:
    """Room for one."""
    return Node(
        np.zeros(classes, np.int32),
        np.zeros(classes, np.int64),
        np.zeros(classes, np.int64),
        np.zeros(classes, np.int32),
        np.zeros(classes, np.int64),
        np.zeros(classes, np.int32),
        np.arange(classes),
        np.zeros(classes, np.int64),
        np.zeros(2, np.int64),
        np.zeros(2),
        np.zeros(2, np.bool_),
    )


@inner
def look(
    own: Bytes, a: int, b: int, coarse: Bytes, classes: int, price: float, xlogx: Integers, node: Node
) -> bool:
    """Fill NODE for the rows [a, b): whether any split can pay."""
    n = b - a
    counts, group_counts = node.counts, node.group_counts
    counts[:] = 0
    for i in range(a, b):
        counts[own[i]] += 1
    seen, groups = np.int64(0), np.int64(0)
    steps = -xlogx[n]
    node.used[:] = 0
    for t in range(classes):
        if counts[t] > 0:
            steps += xlogx[counts[t]]
            g = coarse[t]
            if node.used[g] == 0:
                groups += 1
                node.used[g] = groups
                group_counts[groups - 1] = 0
            group_counts[node.used[g] - 1] += counts[t]
            node.group[t] = node.used[g] - 1
            node.present_group[seen] = node.group[t]
            node.present[seen] = counts[t]
            node.compact[t] = seen
            seen += 1
        else:
            node.group[t] = 0
    if seen < 2:
        return False
    whole = steps / NATS
    bar = whole + price * parameters(seen, -whole / n)
    coarse_whole, coarse_bar = 0.0, 0.0
    if 1 < groups < seen:
        steps = -xlogx[n]
        for g in range(groups):
            steps += xlogx[group_counts[g]]
        coarse_whole = steps / NATS
        coarse_bar = coarse_whole + price * parameters(groups, -coarse_whole / n)
    node.sizes[0], node.sizes[1] = seen, groups
    node.bars[0], node.bars[1] = bar, coarse_bar
    # A split in two says at most log 2 nats a row, and at most all there is to say: most leaves end here.
    node.pays[0] = bar < 0.0 and bar - whole < n * LOG_2
    node.pays[1] = coarse_bar < 0.0 and coarse_bar - coarse_whole < n * LOG_2
    return bool(node.pays[0] or node.pays[1])


@inner
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
    if not tallied:
        for i in range(b - a):
            s.fine[i] = node.compact[own[a + i]]
            s.broad[i] = node.present_group[s.fine[i]]
    for j in range(len(variables.sizes)):
        if tallied:
            length = _occurring(counts, variables.bases[j], variables.sizes[j], classes, s)
        else:
            for i in range(b - a):
                code = variables.matrix[rows[a + i], j]
                s.line[i] = code
                s.present[code] += 1
            length = _in_sequence(variables.sizes[j], s)
        if length > 1:
            absent = 0
            while absent < length and sequence[absent] < variables.reasons[j]:
                absent += 1
            turn = absent if variables.ordered[j] and absent < length else 0
            sort = not variables.ordered[j] and length > 2
            table = Table(counts, variables.bases[j], classes, node.counts)
            cuts = Cuts(length, turn, b - a, smallest, xlogx)
            if tallied and classes > 2:
                gain, place, first = _gain_of_held(classes, sort, cuts, node, s)
            elif tallied and not sort:
                gain, place, first = _gain_of_counts(table, node.group, cuts, node, s)
            else:
                gain, place, first = _gain_of_rows(table, tallied, sort, cuts, node, s)
            if place >= 0 and gain > best:
                best, at, best_length = gain, j, place + 1
                for i in range(best_length):
                    s.best[i] = sequence[first + i]
        for i in range(length):
            s.present[sequence[i]] = 0
    return at, best_length


@inner
def _occurring(counts: Counts, base: int, size: int, classes: int, s: Scratch) -> int:
    """Fill ``present`` and ``held`` from the counts of a variable, and the sequence: how many codes occur."""
    held = np.uint64(0)
    at = np.uint64(base)
    for c in range(size):
        total = np.int64(0)
        for t in range(classes):
            count = counts[at]
            s.held[held], s.many[held] = (
                t,
                count,
            )  # written always, kept where it is not 0: no branch to foresee
            held += np.uint64(count > 0)
            total += count
            at += np.uint64(1)
        s.present[c] = total
        s.end[c] = held
    return _in_sequence(size, s)


@inner
def _in_sequence(size: int, s: Scratch) -> int:
    """Put the codes that are present into the sequence: how many they are."""
    length = 0
    for c in range(size):
        s.sequence[length] = c
        length += s.present[c] > 0
    return length


@inner
def _gain_of_counts(
    table: Table, group: Integers, cuts: Cuts, node: Node, s: Scratch
) -> tuple[float, int, int]:
    """(gain less what it must beat, place, first) of the best cut of the sequence. GROUP: that of each class."""
    groups = node.sizes[1]
    _repeat(cuts, s.sequence)
    gain, place, first = -np.inf, -1, 0
    if node.pays[0]:
        steps, place, first = best_cut(table, cuts, s)
        gain = steps / NATS - node.bars[0]
    if node.pays[1]:
        counts, base, classes, _ = table
        for i in range(cuts.length):
            c = s.sequence[i]
            for t in range(classes):
                s.coarse[c * groups + group[t]] += counts[base + c * classes + t]
        gain, place, first = _or_coarse(gain, place, first, cuts, node, s)
    return gain, place, first


@inner
def _gain_of_held(classes: int, sort: bool, cuts: Cuts, node: Node, s: Scratch) -> tuple[float, int, int]:
    """`_gain_of_counts` from the counts that are not 0. SORT: whether levels are sorted first."""
    sequence, seen, groups = s.sequence, node.sizes[0], node.sizes[1]
    if sort:
        for i in range(cuts.length):
            c = sequence[i]
            for at in range(s.end[c - 1] if c > 0 else 0, s.end[c]):
                s.joint[c * seen + node.compact[s.held[at]]] = s.many[at]
        sort_levels(s, cuts.length, seen)
        for i in range(cuts.length):
            c = sequence[i]
            for t in range(c * seen, (c + 1) * seen):
                s.joint[t] = 0
    _repeat(cuts, sequence)
    gain, place, first = -np.inf, -1, 0
    if node.pays[0]:
        steps, place, first = best_cut_held(classes, node.counts, cuts, s)
        gain = steps / NATS - node.bars[0]
    if node.pays[1]:
        for i in range(cuts.length):
            c = sequence[i]
            for at in range(s.end[c - 1] if c > 0 else 0, s.end[c]):
                s.coarse[c * groups + node.group[s.held[at]]] += s.many[at]
        gain, place, first = _or_coarse(gain, place, first, cuts, node, s)
    return gain, place, first


@inner
def _or_coarse(
    gain: float, place: int, first: int, cuts: Cuts, node: Node, s: Scratch
) -> tuple[float, int, int]:
    """The best cut by the counts in ``coarse``, where it gains more; those are zero again."""
    groups = node.sizes[1]
    steps, other, other_first = best_cut(Table(s.coarse, np.int64(0), groups, node.group_counts), cuts, s)
    for i in range(cuts.length):
        for t in range(s.sequence[i] * groups, (s.sequence[i] + 1) * groups):
            s.coarse[t] = 0
    coarse_gain = steps / NATS - node.bars[1]
    if coarse_gain > gain:
        return coarse_gain, other, other_first
    return gain, place, first


@inner
def _gain_of_rows(
    table: Table, tallied: bool, sort: bool, cuts: Cuts, node: Node, s: Scratch
) -> tuple[float, int, int]:
    """`_gain_of_counts` where the classes present are counted first: in a small node, or to sort levels by them."""
    length, n = cuts.length, cuts.rows
    sequence, joint = s.sequence, s.joint
    seen, groups = node.sizes[0], node.sizes[1]
    if not (sort or node.pays[0]):  # the groups are all that counts
        for i in range(n):
            s.coarse[s.line[i] * groups + s.broad[i]] += 1
        _repeat(cuts, sequence)
        return _or_coarse(-np.inf, np.int64(-1), np.int64(0), cuts, node, s)
    if not sort and seen > FEW_CLASSES and 2 * n < length * seen:
        _sort_rows(length, n, s)
        _repeat(cuts, sequence)
        steps, place, first = best_cut_of_rows(node.every, seen, node.present, cuts, s)
        gain = steps / NATS - node.bars[0]
        if node.pays[1]:
            steps, other, other_first = best_cut_of_rows(
                node.present_group, groups, node.group_counts, cuts, s
            )
            if steps / NATS - node.bars[1] > gain:
                return steps / NATS - node.bars[1], other, other_first
        return gain, place, first
    if tallied:
        counts, base, classes, _ = table
        for i in range(length):
            at, to = base + sequence[i] * classes, sequence[i] * seen
            for t in range(classes):
                if node.counts[t] > 0:
                    joint[to + node.compact[t]] = counts[at + t]
    else:
        for i in range(n):
            joint[s.line[i] * seen + s.fine[i]] += 1
    if sort:
        sort_levels(s, length, seen)
    own = Table(joint, np.int64(0), seen, node.present)
    gain, place, first = _gain_of_counts(own, node.present_group, cuts, node, s)
    for i in range(length):
        for t in range(sequence[i] * seen, (sequence[i] + 1) * seen):
            joint[t] = 0
    return gain, place, first


@inner
def _repeat(cuts: Cuts, sequence: Counts) -> None:
    """Put the missing after the codes of the sequence once more."""
    for i in range(cuts.turn):
        sequence[cuts.length + i] = sequence[i]


@inner
def _sort_rows(length: int, n: int, s: Scratch) -> None:
    """Put the classes of the rows into ``sorted``, those of a code together, and where each ends into ``end``."""
    before = 0
    for i in range(length):
        s.end[s.sequence[i]] = before
        before += s.present[s.sequence[i]]
    for i in range(n):
        c = s.line[i]
        s.sorted[s.end[c]] = s.fine[i]
        s.end[c] += 1
