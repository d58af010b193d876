"""The graph of a learned network, from rows that it draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from locum.network.arrays import Bytes
from locum.network.graph import words
from locum.network.graph.schema import Condition, Graph, Group, Level, Node, Parent
from locum.network.graph.strength import classes, strengths
from locum.network.graph.summary_tree import Leaf, summary_tree
from locum.network.network import Network, Progress, _in_threads
from locum.variables import Column, Kind
from locum.version import VERSION

ROWS = 20_000  # drawn; a share of all of them is then good to .7 %
PART = 1_000_003  # the draw's own stream of random numbers, apart from those of released tables
MOST_PARENTS = 8  # of a variable, named; the small tree asks about no others
LEAST_STRENGTH = 0.005
LEAST_MISSING = 0.1  # share told of whether there is a value, from which it is told
MOST_GROUPS, MOST_MISSING = 6, 4  # groups that part those with a value, and all by whether they have one
MOST_LEVELS = 3  # told in a group
COMMON = 0.3  # share of a group from which a single number is told


def graph(network: Network, *, threads: int | None = None, progress: Progress | None = None) -> Graph:
    """What NETWORK learned: who depends on whom, how much, and each variable's small tree in words.

    The same network gives the same graph, whatever THREADS.
    """
    columns = network.sample(ROWS, part=PART, threads=threads)
    split = np.stack(
        [own.split[own.encode(column)] for own, column in zip(network.cells, columns, strict=True)]
    )
    nodes: dict[int, Node] = {}

    def make(v: int) -> None:
        nodes[v] = _node(network, columns, split, v)

    _in_threads(make, range(len(columns)), threads, progress)
    return Graph(
        locum_version=VERSION,
        k=network.k,
        members=network.settings.members,
        drawn=ROWS,
        variables=tuple(nodes[v] for v in range(len(columns))),
    )


def _node(network: Network, columns: Sequence[Column], split: Bytes, v: int) -> Node:
    cells, variable = network.cells[v], network.cells[v].variable
    missing = columns[v].missing > 0
    held = np.flatnonzero(~missing)
    here = np.ascontiguousarray(split[:, held])
    strength, shown, leaves = _learned(network, here, v, *classes(cells, here[v]), MOST_GROUPS)
    groups = [_group(network, columns[v], leaf._replace(rows=held[leaf.rows]), len(held)) for leaf in leaves]
    everyone = _group(network, columns[v], Leaf({}, np.arange(len(missing))), len(missing))
    absence, missing_shown, leaves = _learned(network, split, v, missing.astype(np.uint8), 2, MOST_MISSING)
    if absence.sum() < LEAST_MISSING:
        missing_shown, leaves = [], []
    without = [_missing_group(network, columns[v], leaf) for leaf in leaves]
    return Node(
        variable=variable.name,
        kind=str(variable.kind),
        unit=variable.unit,
        description=variable.description,
        tier=variable.tier,
        place=network.order.index(v),
        known=_rounded(min(float(strength.sum()), 1.0)),
        parents=_parents(network, shown, strength),
        further=len({*network.conditionals[v].parents} - {*shown}),
        everyone=everyone,
        groups=tuple(sorted(groups, key=_most_first)),
        missing_parents=_parents(network, missing_shown, absence),
        missing_groups=tuple(
            sorted(without, key=lambda group: -group.missing.share if group.missing else 0.0)
        ),
    )


def _learned(
    network: Network, split: Bytes, v: int, own: Bytes, size: int, most: int
) -> tuple[npt.NDArray[np.float64], list[int], list[Leaf]]:
    """What tells about OWN (uint8[n], of SIZE classes): (strength of each variable, those to name, the groups).

    There are no groups where what is told, or what there is to tell, speaks of fewer than k patients.
    """
    least = _least(network, ROWS)
    nothing = np.zeros(len(split))
    if own.size < 2 * least or (size == 2 and np.bincount(own, minlength=2).min() < least):
        return nothing, [], []
    strength = strengths(network.conditionals[v], split, own, size, len(split))
    strongest = sorted(np.flatnonzero(strength >= LEAST_STRENGTH).tolist(), key=lambda p: (-strength[p], p))
    shown = strongest[:MOST_PARENTS]
    if not shown:
        return strength, [], []
    leaves = summary_tree(network.cells, split, own, size, shown, int(np.ceil(2 * least)), most)
    return strength, shown, leaves if len(leaves) > 1 else []


def _least(network: Network, rows: int) -> float:
    """Of ROWS drawn, how many stand for k patients."""
    return network.k * rows / network.patients


def _parents(network: Network, shown: Sequence[int], strength: npt.NDArray[np.float64]) -> tuple[Parent, ...]:
    return tuple(
        Parent(variable=network.cells[p].variable.name, strength=_rounded(float(strength[p]))) for p in shown
    )


def _group(network: Network, column: Column, leaf: Leaf, of: int) -> Group:
    """What the drawn rows of LEAF, of OF rows, say about COLUMN, with nothing of fewer than k patients."""
    missing = column.missing[leaf.rows] > 0
    values = column.values[leaf.rows][~missing]
    least = _least(network, len(column.values))
    numeric = not column.variable.kind.has_levels and len(values) >= max(least, 1)
    middle = np.quantile(values, [0.25, 0.5, 0.75], method="inverted_cdf") if numeric else None
    return Group(
        where=_where(network, leaf),
        share=_rounded(len(leaf.rows) / of),
        missing=_level("", int(missing.sum()), len(missing), least) if missing.any() else None,
        levels=tuple(_levels(column, values, least)),
        median=None if middle is None else _short(float(middle[1])),
        half=None if middle is None else (_short(float(middle[0])), _short(float(middle[2]))),
    )


def _missing_group(network: Network, column: Column, leaf: Leaf) -> Group:
    """How many of the drawn rows of LEAF have no value of COLUMN."""
    rows, missing = len(column.missing), int((column.missing[leaf.rows] > 0).sum())
    return Group(
        where=_where(network, leaf),
        share=_rounded(len(leaf.rows) / rows),
        missing=_level("", missing, len(leaf.rows), _least(network, rows)),
        levels=(),
        median=None,
        half=None,
    )


def _where(network: Network, leaf: Leaf) -> tuple[Condition, ...]:
    return tuple(
        Condition(variable=network.cells[v].variable.name, words=words.condition(network.cells[v], allowed))
        for v, allowed in leaf.allowed.items()
    )


def _levels(column: Column, values: npt.NDArray[np.float64], least: float) -> list[Level]:
    """The level of interest of two, the commonest of several, the numbers that very many share."""
    variable = column.variable
    if len(values) < least or not len(values):
        return []
    found, count = np.unique(values, return_counts=True)
    if variable.kind.has_levels:
        held = dict(zip(found.astype(int).tolist(), count.tolist(), strict=True))
        if variable.kind is Kind.BINARY and len(variable.levels) == 2:
            chosen = [_of_interest(column)]
        else:
            chosen = sorted(held, key=lambda c: (-held[c], c))[:MOST_LEVELS]
        return [_level(words.level(variable, c), held.get(c, 0), len(values), least) for c in chosen]
    common = np.flatnonzero((count >= COMMON * len(values)) & (count >= least))
    text = words.day if variable.kind is Kind.DATE else words.number
    return [_level(text(float(found[i])), int(count[i]), len(values), least) for i in common]


def _of_interest(column: Column) -> int:
    """Of two levels, "yes", else the rarer one."""
    names = [words.level(column.variable, c) for c in range(2)]
    if "yes" in names:
        return names.index("yes")
    count = [int((column.values == c).sum()) for c in range(2)]
    return int(count[1] <= count[0])


def _level(name: str, count: int, of: int, least: float) -> Level:
    """The share COUNT / OF; where it, or what is left, stands for fewer than k patients, only that it does.

    least: drawn rows that stand for k patients.
    """
    limit = min(least / of, 1.0)
    if count < least:
        return Level(level=name, share=_rounded(limit, up=True), bound="under")
    if of - count < least:
        return Level(level=name, share=_rounded(max(1 - limit, 0.0)), bound="over")
    return Level(level=name, share=_rounded(count / of))


def _rounded(share: float, up: bool = False) -> float:
    """To whole thousandths."""
    return float(np.ceil(share * 1000) / 1000) if up else round(share, 3)


def _short(value: float) -> float:
    """Four significant digits: what an artificial patient has is not told to the last one."""
    return float(f"{value:.4g}")


def _most_first(group: Group) -> tuple[float, ...]:
    first = group.levels[0].share if group.levels and group.median is None else 0.0
    return (-first, -(group.median or 0.0), -group.share)
