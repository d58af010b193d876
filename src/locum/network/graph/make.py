"""The graph of a learned network, from rows that it draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from locum.network.arrays import Bytes, Cells16, Flags, Floats, Integers
from locum.network.codes import encode
from locum.network.graph.groups import (
    bound,
    least_rows,
    missing_group,
    most_first,
    rounded,
    telling,
    value_group,
)
from locum.network.graph.schema import Follows, Graph, Node, Parent
from locum.network.graph.strength import classes, strengths
from locum.network.graph.summary_tree import Leaf, summary_tree
from locum.network.network import Network
from locum.network.order import TIERS
from locum.network.threads import Progress, in_threads
from locum.variables import Column, Formula
from locum.version import VERSION

ROWS = 20_000  # drawn; a share of all of them is then good to .7 %
PART = 1_000_003  # the draw's own stream of random numbers, apart from those of released tables
MOST_PARENTS = 8  # of a variable, named; the small tree asks about no others
LEAST_STRENGTH = 0.005
LEAST_MISSING = 0.1  # share told of whether there is a value, from which it is told
MOST_GROUPS, MOST_MISSING = 6, 4  # groups that part those with a value, and all by whether they have one


class Rule(NamedTuple):
    """A formula and the share of those with a value for whom it holds."""

    formula: Formula
    share: float


class Told(NamedTuple):
    """known: all that is known of a variable; parents: strongest first; leaves: none where nothing tells rows apart."""

    known: float
    parents: tuple[Parent, ...]
    leaves: list[Leaf]


NOTHING = Told(0.0, (), [])


def graph(network: Network, *, threads: int | None = None, progress: Progress | None = None) -> Graph:
    """What NETWORK learned: who depends on whom, how much, and each variable's small tree in words.

    The same network gives the same graph, whatever THREADS.
    """
    columns = network.sample(ROWS, part=PART, hidden=True, threads=threads)
    cell, split = encode(network.cells, columns, network.scores)
    nodes: dict[int, Node] = {}

    def make(v: int) -> None:
        nodes[v] = _node(network, columns, cell[v], split, v)

    in_threads(make, range(len(columns)), threads, progress)
    return Graph(
        locum_version=VERSION,
        k=network.k,
        members=network.settings.members,
        drawn=ROWS,
        ordered_by="tiers" if network.ordered_by == TIERS else "finest",
        variables=tuple(nodes[v] for v in range(len(columns))),
    )


def _node(network: Network, columns: Sequence[Column], cell: Cells16, split: Bytes, v: int) -> Node:
    column, variable = columns[v], columns[v].variable
    missing = column.missing > 0
    rules = _rules(network, cell[~missing], v)
    told, absent = _of_values(network, split, column, v, rules), _of_missing(network, split, column, v)
    parents = {*network.parents(v), *_parts(network, rules)}
    everyone = value_group(network, column, Leaf({}, np.arange(len(missing))), len(missing))
    held = int((~missing).sum())
    groups = [telling(value_group(network, column, leaf, held), everyone) for leaf in told.leaves]
    lacking = [telling(missing_group(network, column, leaf), everyone) for leaf in absent.leaves]
    return Node(
        variable=variable.name,
        kind=str(variable.kind),
        unit=variable.unit,
        description=variable.description,
        tier=variable.tier,
        place=network.order.index(v),
        known=told.known,
        parents=told.parents,
        further=len(parents) - len(told.parents),
        everyone=everyone,
        groups=tuple(sorted(groups, key=most_first)),
        follows=tuple(Follows(words=r.formula.words(), share=rounded(r.share)) for r in rules),
        missing_parents=absent.parents,
        missing_groups=tuple(sorted(lacking, key=most_first)),
    )


def _rules(network: Network, cell: Cells16, v: int) -> list[Rule]:
    """The formulas of a variable; CELL: of the drawn rows with a value."""
    own = network.cells[v]
    held = [int((cell == own.first_formula + j).sum()) for j in range(len(own.formulas))]
    least = least_rows(network, ROWS)
    return [Rule(f, count / len(cell)) for f, count in zip(own.formulas, held, strict=True) if count >= least]


def _parts(network: Network, rules: Sequence[Rule]) -> dict[int, float]:
    """What each variable tells by the rules that it is a part of; the parts of a rule share it."""
    place = {own.variable.name: v for v, own in enumerate(network.cells)}
    found: dict[int, float] = {}
    for formula, share in rules:
        for name in formula.of:
            found[place[name]] = found.get(place[name], 0.0) + share / len(formula.of)
    return found


def _of_values(network: Network, split: Bytes, column: Column, v: int, rules: Sequence[Rule]) -> Told:
    """What tells about the values of V, among the drawn rows with one. What the rules make known is known in full."""
    held = np.flatnonzero(column.missing == 0)
    if len(held) < 2 * least_rows(network, ROWS):
        return NOTHING
    here = np.ascontiguousarray(split[:, held])
    own, size = classes(network.cells[v], here[v])
    by_trees = strengths(network.conditionals[v], network.cells, network.scores, here, own, size)
    strength = by_trees * (1 - sum(rule.share for rule in rules))
    for part, share in _parts(network, rules).items():
        strength[part] += share

    def limit(rows: Integers) -> str:
        return bound(value_group(network, column, Leaf({}, held[rows]), len(held)))

    told = _told(network, here, own, size, strength, MOST_GROUPS, limit)
    return told._replace(leaves=[leaf._replace(rows=held[leaf.rows]) for leaf in told.leaves])


def _of_missing(network: Network, split: Bytes, column: Column, v: int) -> Told:
    """What tells whether V has a value, where it is a matter of at least k patients."""
    missing: Flags = column.missing > 0
    if min(missing.sum(), (~missing).sum()) < least_rows(network, ROWS):
        return NOTHING
    own = missing.astype(np.uint8)
    strength = strengths(network.conditionals[v], network.cells, network.scores, split, own, 2)

    def limit(rows: Integers) -> str:
        return bound(missing_group(network, column, Leaf({}, rows)))

    told = _told(network, split, own, 2, strength, MOST_MISSING, limit)
    return told if told.known >= LEAST_MISSING else NOTHING


def _told(
    network: Network,
    split: Bytes,
    own: Bytes,
    size: int,
    strength: Floats,
    most: int,
    limit: Callable[[Integers], str],
) -> Told:
    strongest = sorted(np.flatnonzero(strength >= LEAST_STRENGTH).tolist(), key=lambda p: (-strength[p], p))
    shown = strongest[:MOST_PARENTS]
    parents = tuple(
        Parent(variable=network.cells[p].variable.name, strength=rounded(float(strength[p]))) for p in shown
    )
    known = rounded(min(float(strength.sum()), 1.0))
    if not shown:
        return Told(known, parents, [])
    smallest = int(np.ceil(2 * least_rows(network, ROWS)))
    leaves = summary_tree(network.cells, network.scores, split, own, size, shown, smallest, most, limit)
    return Told(known, parents, leaves if len(leaves) > 1 else [])
