"""One small tree that says in a few groups what the trees of all members say together.

It is grown by the project's own kernel (`locum.network.trees.grow`) on rows that the model drew, so it averages over
the members and reads no patient; then the splits that tell least are taken back until few groups are left
(weakest-link pruning: Breiman et al. 1984, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from locum.network.arrays import Bytes, Floats, Integers
from locum.network.cells import Cells
from locum.network.codes import line_sizes
from locum.network.scores import Score
from locum.network.splits import CODES, entropy_table
from locum.network.trees import grow

SMALLEST = 0.025  # share of the patients in the smallest group
LEAST_TOLD = 0.003  # of a variable's entropy, by a split that is shown
CHARGE = 2.0  # price of a parameter, as in `locum.network.settings`


class Leaf(NamedTuple):
    """A group. allowed: for each variable that its path asks about, bool[codes], the split codes it may have.

    rows: int64[m], the drawn rows in it.
    """

    allowed: dict[int, npt.NDArray[np.bool_]]
    rows: Integers


def summary_tree(
    cells: Sequence[Cells],
    scores: Sequence[Score],
    split: Bytes,
    own: Bytes,
    classes: int,
    parents: Sequence[int],
    smallest: int,
    most: int,
    limit: Callable[[Integers], str],
) -> list[Leaf]:
    """The leaves of the small tree for OWN given PARENTS; one leaf when nothing tells rows apart.

    split: uint8[lines, n], drawn rows; own: uint8[n], the class of each.
    smallest: least rows of a leaf; most: leaves. limit: what is told of rows if no share is, else "": neighbours of
        whom the same limit is told become one leaf.
    """
    n = len(own)
    rows = np.arange(n, dtype=np.uint32)
    variable, bits, left, right, start, end = grow(
        split,
        *line_sizes(cells, scores),
        np.array(parents, dtype=np.int64),
        own,
        classes,
        np.arange(classes, dtype=np.uint8),
        np.ones(n, np.bool_),
        rows,
        max(smallest, round(SMALLEST * n)),
        1,
        CHARGE * np.log(n) / 2,
        entropy_table(n),
    )
    count = np.stack(
        [np.bincount(own[rows[a:b]], minlength=classes) for a, b in zip(start, end, strict=True)]
    )
    _prune(variable, left, right, _left_to_tell(count.astype(np.float64)), most)
    _join(variable, left, right, lambda node: limit(rows[start[node] : end[node]].astype(np.int64)))
    leaves: list[Leaf] = []

    def walk(node: int, allowed: dict[int, npt.NDArray[np.bool_]]) -> None:
        v = int(variable[node])
        if v < 0:
            leaves.append(Leaf(allowed, np.sort(rows[start[node] : end[node]].astype(np.int64))))
            return
        to_left = _as_flags(bits[node])[: cells[v].splits]
        before = allowed.get(v, np.ones(cells[v].splits, np.bool_))
        walk(int(left[node]), {**allowed, v: before & to_left})
        walk(int(right[node]), {**allowed, v: before & ~to_left})

    walk(0, {})
    return leaves


def _left_to_tell(count: Floats) -> Floats:
    """float64[nodes]: the nats that the rows of each node leave open; COUNT is float64[nodes, classes]."""
    total = count.sum(axis=1)
    logs = np.where(count > 0, count * np.log(np.maximum(count, 1.0)), 0.0).sum(axis=1)
    return np.asarray(total * np.log(np.maximum(total, 1.0)) - logs)


def _prune(variable: Integers, left: Integers, right: Integers, open_: Floats, most: int) -> None:
    """Take back, in VARIABLE, the lowest splits that tell least, until at most MOST leaves are left."""
    while True:
        lowest = _lowest(variable, left, right)
        if len(lowest) == 0:
            return
        told = open_[lowest] - open_[left[lowest]] - open_[right[lowest]]
        weakest = int(told.argmin())
        if _leaves(variable, left, right) <= most and told[weakest] >= LEAST_TOLD * open_[0]:
            return
        variable[lowest[weakest]] = -1


def _join(variable: Integers, left: Integers, right: Integers, limit: Callable[[int], str]) -> None:
    """Take back, in VARIABLE, every lowest split between two nodes of which the same LIMIT is told, or none is left."""
    while True:
        alike = [
            node
            for node in _lowest(variable, left, right).tolist()
            if limit(int(left[node])) and limit(int(left[node])) == limit(int(right[node]))
        ]
        if not alike:
            return
        variable[alike] = -1


def _lowest(variable: Integers, left: Integers, right: Integers) -> Integers:
    """The splits with a leaf on either side."""
    inner = np.flatnonzero(variable >= 0)
    return np.asarray(inner[(variable[left[inner]] < 0) & (variable[right[inner]] < 0)])


def _leaves(variable: Integers, left: Integers, right: Integers) -> int:
    """How many leaves can be reached from the root."""
    waiting, found = [0], 0
    while waiting:
        node = waiting.pop()
        if variable[node] < 0:
            found += 1
        else:
            waiting += [int(left[node]), int(right[node])]
    return found


def _as_flags(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """bool[256] of a set of codes."""
    code = np.arange(CODES, dtype=np.uint64)
    return ((bits[(code >> np.uint64(6)).astype(np.int64)] >> (code & np.uint64(63))) & np.uint64(1)) > 0
