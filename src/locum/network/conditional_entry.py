"""The trees of a variable in the model file, and back.

A tree is written node by node. ``on`` names the variable a node splits on (its number; -1 for a leaf), ``left`` the
split codes that go to the left child, as ranges ("0-17,20"), and ``child`` the number of the left child; the right
child follows it. The leaves, in the order of their nodes, have ``chance`` (millionths for each state) and, for numbers,
``knots`` (the quantiles of the body's rank, in 1/10,000ths; empty where the leaf never draws from the body).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from locum.network.arrays import Chances, Flags
from locum.network.cells import Cells
from locum.network.code_ranges import bits_of, ranges
from locum.network.conditional import Conditional, join
from locum.network.damage import inside, keys, list_of, need, whole
from locum.network.leaves import MILLION, RANKS
from locum.network.quantiles import KNOTS
from locum.network.trees import WORDS


def conditional_entry(conditional: Conditional, cells: Cells, parents: list[int]) -> dict[str, Any]:
    """The trees of all members, and the PARENTS that they split on."""
    ends = [*conditional.roots[1:].tolist(), len(conditional.variable)]
    return {
        "variable": cells.variable.name,
        "parents": parents,
        "trees": [
            _tree_entry(conditional, cells.body, a, b)
            for a, b in zip(conditional.roots.tolist(), ends, strict=True)
        ],
    }


def _tree_entry(conditional: Conditional, body: int, a: int, b: int) -> dict[str, Any]:
    on = conditional.variable[a:b]
    leaf = conditional.leaf[a:b]
    first, last = int(leaf[leaf >= 0].min()), int(leaf.max()) + 1
    entry: dict[str, Any] = {
        "on": on.tolist(),
        "left": ranges(conditional.bits[a:b][on >= 0]),
        "child": (conditional.left[a:b] - a)[on >= 0].tolist(),
        "chance": conditional.probability[first:last].tolist(),
    }
    if body >= 0:
        draws = conditional.probability[first:last, body] > 0
        entry["knots"] = [
            k if d else []
            for k, d in zip(conditional.knots[first:last].tolist(), draws.tolist(), strict=True)
        ]
    return entry


def conditional_from(
    entries: Sequence[dict[str, Any]], cells: Cells, before: set[int], what: str
) -> Conditional:
    """The trees that ENTRIES hold, which may split on the lines of codes BEFORE; WHAT names one of them.

    Raises `Damaged` when one is no tree, or draws what no patient holds.
    """
    need(len(entries) > 0, f"{what} is missing")
    conditional = join([_tree_from(entry, cells, before, what) for entry in entries])
    drawable = np.zeros(cells.states, np.bool_)
    drawable[cells.state[cells.mass > 0]] = True
    need(not conditional.probability[:, ~drawable].any(), f"{what} draws what no patient holds")
    return conditional


def _tree_from(entry: Any, cells: Cells, before: set[int], what: str) -> Conditional:
    keys(entry, {"on", "left", "child", "chance"} | ({"knots"} if cells.body >= 0 else set()), what)
    on = whole(entry["on"], what)
    inner = on >= 0
    leaves = int((~inner).sum())
    need(len(on) == 2 * leaves - 1 and bool((on >= -1).all()), f"{what} is not a tree")
    need(set(on[inner].tolist()) <= before, f"{what} splits on a variable that does not come before it")
    children, left_codes = whole(entry["child"], what), list_of(entry["left"], what)
    need(len(children) == len(left_codes) == leaves - 1, f"{what} is not a tree")
    need(bool((children < len(on)).all()), f"{what} is not a tree")
    need(bool((children > np.flatnonzero(inner)).all()), f"{what} runs in a circle")
    reached = np.concatenate([[0], children, children + 1])
    need(np.array_equal(np.sort(reached), np.arange(len(on))), f"{what} is not a tree")
    left, right, leaf = np.zeros(len(on), np.int64), np.zeros(len(on), np.int64), np.full(len(on), -1)
    left[inner], right[inner], leaf[~inner] = children, children + 1, np.arange(leaves)
    bits = np.zeros((len(on), WORDS), np.uint64)
    bits[inner] = bits_of(left_codes)
    chance = whole(entry["chance"], f"{what} has leaves of the wrong size", 2)
    need(chance.shape == (leaves, cells.states), f"{what} has leaves of the wrong size")
    need(
        inside(chance, 0, MILLION + 1) and bool((chance.sum(axis=1) == MILLION).all()),
        f"{what} has chances that do not add up",
    )
    return Conditional(
        roots=np.zeros(1, np.int64),
        variable=on,
        bits=bits,
        left=left,
        right=right,
        leaf=leaf,
        probability=chance.astype(np.int32),
        knots=_knots_from(entry["knots"], chance[:, cells.body] > 0, what)
        if cells.body >= 0
        else np.zeros((leaves, KNOTS + 1), np.int32),
    )


def _knots_from(entry: Any, draws: Flags, what: str) -> Chances:
    """int32[leaves, KNOTS + 1]; DRAWS: bool[leaves], whether a leaf draws from the body."""
    knots = np.zeros((len(draws), KNOTS + 1), np.int32)
    lines = list_of(entry, what)
    need([bool(list_of(line, what)) for line in lines] == draws.tolist(), f"{what} has knots amiss")
    if draws.any():
        drawn = whole([line for line in lines if line], f"{what} has knots amiss", 2)
        need(drawn.shape[1] == KNOTS + 1, f"{what} has knots of the wrong number")
        need(
            inside(drawn, 0, RANKS + 1) and bool((np.diff(drawn, axis=1) >= 0).all()),
            f"{what} has knots that do not rise",
        )
        knots[draws] = drawn
    return knots
