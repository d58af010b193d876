"""Which formulas a network uses: those that hold for enough training patients and whose parts come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from locum.network.arrays import Flags
from locum.network.codes import holds
from locum.variables import Column, Formula

MOST_FORMULAS = 6  # of one variable
LEAST_SHARE = 0.01  # of the patients with a value that one more formula has to explain
MOSTLY = 0.5  # a formula of several parts that holds for this share of the patients makes its variable come after them


@dataclass(frozen=True)
class Followed:
    """The formulas of one variable, and held: bool[formulas, n], where each is the first that holds."""

    formulas: tuple[Formula, ...]
    held: Flags


def candidates(columns: Sequence[Column]) -> list[list[Formula]]:
    """The formulas of each variable: those declared, and the inverse of those that make another from it alone."""
    names = [column.variable.name for column in columns]
    found = [[f for f in column.variable.follows if set(f.of) <= set(names)] for column in columns]
    for column in columns:
        for formula in column.variable.follows:
            if formula.inverse is not None and formula.of[0] in names:
                factor, constant = formula.inverse
                other = Formula("sum", (column.variable.name,), (factor,), constant)
                mine = found[names.index(formula.of[0])]
                if other not in mine:
                    mine.append(other)
    return found


def mostly_made_of(columns: Sequence[Column], formulas: Sequence[Sequence[Formula]]) -> dict[int, list[int]]:
    """The parts of each variable that is made of several others for most patients."""
    place = {column.variable.name: v for v, column in enumerate(columns)}
    values = [column.values for column in columns]
    found = {}
    for v, (column, own) in enumerate(zip(columns, formulas, strict=True)):
        present = np.count_nonzero(column.missing == 0)
        best = max(
            (f for f in own if len(f.of) > 1),
            key=lambda f: np.count_nonzero(holds(f, column, place, values)),
            default=None,
        )
        if best is not None and np.count_nonzero(holds(best, column, place, values)) >= MOSTLY * present > 0:
            found[v] = [place[name] for name in best.of]
    return found


def followed(
    v: int,
    before: Sequence[int],
    columns: Sequence[Column],
    formulas: Sequence[Formula],
    k: int,
    counted: Flags,
) -> Followed | None:
    """The formulas that variable V follows given those BEFORE it, the one that explains most patients first.

    counted: bool[n], one row of each patient; each formula holds for at least k patients for whom none before does.
    """
    place = {column.variable.name: u for u, column in enumerate(columns)}
    values = [column.values for column in columns]
    first = {columns[u].variable.name for u in before}
    left = columns[v].missing == 0
    least = max(k, LEAST_SHARE * np.count_nonzero(left & counted))
    waiting = {f: holds(f, columns[v], place, values) for f in formulas if set(f.of) <= first}
    chosen: list[Formula] = []
    held: list[Flags] = []
    while waiting and len(chosen) < MOST_FORMULAS:
        best = max(waiting, key=lambda f: np.count_nonzero(waiting[f] & left))
        now = waiting.pop(best) & left
        if np.count_nonzero(now & counted) < least:
            break
        chosen.append(best)
        held.append(now)
        left = left & ~now
    return Followed(tuple(chosen), np.array(held)) if chosen else None
