"""Roll levels up into few enough groups: by the hierarchy that is declared, what is left over by frequency.

The levels are the leaves of a tree. From the leaves upward, a level or a remainder that holds enough patients is a
group; one that does not is left to the node above, where it joins what else was left there. So a common code stands
alone, rare ones stand with their nearest kin, and only what no node could fill is lumped together at the root.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from locum.variables.hierarchy import Ancestors, Hierarchy


def roll_up(
    levels: tuple[str, ...], hierarchy: Hierarchy, weight: npt.NDArray[np.float64], most: int, k: int
) -> npt.NDArray[np.int64]:
    """int64[levels]: the group of each level, numbered from 0 without gaps; at most MOST groups.

    weight: float64[levels], how many patients hold each. Every group holds at least k, but for the one at the root,
    which is the last group (and may be without members), and holds what is left.
    """
    parent, height = _tree(levels, hierarchy)
    own = np.concatenate([weight, np.zeros(len(parent) - len(weight))]).tolist()
    order = np.argsort(height, kind="stable").tolist()
    bar = k
    closed = _close(own, parent, order, bar)
    if sum(closed) >= most:  # raise the bar until few enough pass it; nothing passes the last one
        below, bar = bar, int(weight.sum()) + k + 1
        while bar - below > 1:
            middle = (below + bar) // 2
            if sum(_close(own, parent, order, middle)) >= most:
                below = middle
            else:
                bar = middle
        closed = _close(own, parent, order, bar)
    group = [-1] * len(parent)
    for number, node in enumerate(i for i, is_closed in enumerate(closed) if is_closed):
        group[node] = number
    root = sum(closed)
    for node in reversed(order):
        if group[node] < 0:
            group[node] = group[parent[node]] if parent[node] >= 0 else root
    return np.array(group[: len(levels)], np.int64)


def _tree(levels: tuple[str, ...], hierarchy: Hierarchy) -> tuple[list[int], list[int]]:
    """(parent, height) of each node: the levels first, then those above them; -1 is the parent of a topmost node."""
    above = Ancestors(hierarchy)
    number = {level: i for i, level in enumerate(levels)}
    parent, height = [-1] * len(levels), [0] * len(levels)
    for i, level in enumerate(levels):
        node, tall = i, 0
        for name in above.of(level):
            # A level that is above others (I20 above I20.0) gets a node of its own beside it.
            inner = number.setdefault("\0" + name, len(parent))
            if inner == len(parent):
                parent.append(-1)
                height.append(0)
            tall += 1
            parent[node] = inner
            height[inner] = max(height[inner], tall)
            node, tall = inner, height[inner]
    for i, level in enumerate(levels):
        parent[i] = number.get("\0" + level, parent[i])
    return parent, height


def _close(own: list[float], parent: list[int], order: list[int], bar: int) -> list[bool]:
    """Which nodes are groups when a group needs BAR patients; ORDER has every node before its parent."""
    held, closed = own.copy(), [False] * len(own)
    for node in order:
        if held[node] >= bar:
            closed[node] = True
        elif parent[node] >= 0:
            held[parent[node]] += held[node]
    return closed
