"""What the model says about a variable in a group of patients, with nothing that speaks of fewer than k of them."""

from __future__ import annotations

import numpy as np

from locum.network.arrays import Floats
from locum.network.graph import words
from locum.network.graph.schema import Condition, Group, Level
from locum.network.graph.summary_tree import Leaf
from locum.network.network import Network
from locum.variables import Column, Kind

MOST_LEVELS = 3  # told in a group
COMMON = 0.3  # share of a group from which a single number is told


def least_rows(network: Network, rows: int) -> float:
    """Of ROWS drawn, how many stand for k patients."""
    return network.k * rows / network.patients


def value_group(network: Network, column: Column, leaf: Leaf, of: int) -> Group:
    """What the drawn rows of LEAF, of OF rows, say about COLUMN, with nothing of fewer than k patients."""
    missing = column.missing[leaf.rows] > 0
    values = column.values[leaf.rows][~missing]
    least = least_rows(network, len(column.values))
    numeric = not column.variable.kind.has_levels and len(values) >= max(least, 1)
    middle = np.quantile(values, [0.25, 0.5, 0.75], method="inverted_cdf") if numeric else None
    return Group(
        where=_where(network, leaf),
        share=rounded(len(leaf.rows) / of),
        missing=_level("", int(missing.sum()), len(missing), least) if missing.any() else None,
        levels=tuple(_levels(column, values, least)),
        median=None if middle is None else _short(float(middle[1])),
        half=None if middle is None else (_short(float(middle[0])), _short(float(middle[2]))),
    )


def missing_group(network: Network, column: Column, leaf: Leaf) -> Group:
    """How many of the drawn rows of LEAF have no value of COLUMN."""
    rows, missing = len(column.missing), int((column.missing[leaf.rows] > 0).sum())
    return Group(
        where=_where(network, leaf),
        share=rounded(len(leaf.rows) / rows),
        missing=_level("", missing, len(leaf.rows), least_rows(network, rows)),
        levels=(),
        median=None,
        half=None,
    )


def _where(network: Network, leaf: Leaf) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            variable=network.cells[v].variable.name, words=words.condition(network.cells[v].seen, allowed)
        )
        for v, allowed in leaf.allowed.items()
    )


def _levels(column: Column, values: Floats, least: float) -> list[Level]:
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
        return Level(level=name, share=rounded(limit, up=True), bound="under")
    if of - count < least:
        return Level(level=name, share=rounded(max(1 - limit, 0.0)), bound="over")
    return Level(level=name, share=rounded(count / of))


def rounded(share: float, up: bool = False) -> float:
    """To whole thousandths."""
    return float(np.ceil(share * 1000) / 1000) if up else round(share, 3)


def _short(value: float) -> float:
    """Four significant digits: what an artificial patient has is not told to the last one."""
    return float(f"{value:.4g}")


def bound(group: Group) -> str:
    """What is told of every level of a group is its limit: "under" or "over"; "" where a share is told."""
    told = {level.bound for level in (*group.levels, *((group.missing,) if group.missing else ()))}
    return told.pop() if len(told) == 1 and group.median is None else ""


def telling(group: Group, everyone: Group) -> Group:
    """GROUP without the limits that say nothing: "under 16%" of those of whom 2.5% of all patients are.

    A limit tells where all patients are beyond it. Of a group that is left with nothing, too little is known.
    """
    of_all = {level.level: level.share for level in everyone.levels}
    of_missing = everyone.missing.share if everyone.missing else 0.0

    def tells(level: Level, share: float) -> bool:
        return not level.bound or (level.share <= share) == (level.bound == "under")

    levels = tuple(level for level in group.levels if tells(level, of_all.get(level.level, 0.0)))
    missing = group.missing if group.missing and tells(group.missing, of_missing) else None
    return group.model_copy(update={"levels": levels, "missing": missing})


def most_first(group: Group) -> tuple[float, ...]:
    """The order in which groups are told: most of what is told first, then limits, then those of too few."""
    if group.median is not None:
        return (0.0, -group.median, -group.share)
    first = group.levels[0] if group.levels else group.missing
    if first is None:
        return (2.0, 0.0, -group.share)
    return (float(first.bound == "under"), -first.share, -group.share)
