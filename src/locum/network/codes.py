"""A table as the trees see it: the cell of every value, and the codes that trees split on.

The codes have a line for each variable; after those, one for each variable that may follow from others by a formula: 0
where none holds, else which; and last one for each score (`locum.network.scores`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from locum.network.arrays import Bytes, Cells16, Flags, Floats, Integers
from locum.network.cells import Cells, on_line
from locum.network.scores import Score, codes_of_score
from locum.network.threads import of_each
from locum.variables import Column, Formula, Variable


def formula_lines(cells: Sequence[Cells]) -> dict[int, int]:
    """The line of codes that tells which formula holds, for each variable that has any."""
    having = [v for v, own in enumerate(cells) if own.formulas]
    return {v: len(cells) + i for i, v in enumerate(having)}


def lines_of(
    target: int, before: Iterable[int], cells: Sequence[Cells], scores: Sequence[Score]
) -> list[int]:
    """The lines on which trees of TARGET may split: those of the variables BEFORE it, and its own scores."""
    lines, first = formula_lines(cells), len(cells) + len(formula_lines(cells))
    own = [first + i for i, score in enumerate(scores) if score.target == target]
    return [*before, *(lines[v] for v in before if v in lines), *own]


def variables_of(lines: Iterable[int], cells: Sequence[Cells], scores: Sequence[Score]) -> list[int]:
    """The variables that LINES of codes tell about."""
    of = {line: {v} for v, line in formula_lines(cells).items()}
    first = len(cells) + len(of)
    of |= {first + i: set(score.variable.tolist()) for i, score in enumerate(scores)}
    return sorted(set().union(*(of.get(line, {line}) for line in lines)))


def line_sizes(cells: Sequence[Cells], scores: Sequence[Score]) -> tuple[Integers, Flags, Integers]:
    """(codes of each line, whether they are ordered, how many first ones are missing reasons)."""
    formulas = [len(own.formulas) + 1 for own in cells if own.formulas]
    bins = [len(score.edges) + 1 for score in scores]
    return (
        np.array([*(own.splits for own in cells), *formulas, *bins]),
        np.array([*(own.ordered for own in cells), *(False for _ in formulas), *(True for _ in bins)]),
        np.array([*(own.reasons for own in cells), *(0 for _ in formulas), *(0 for _ in bins)]),
    )


def follow(formula: Formula, variable: Variable, place: dict[str, int], values: Sequence[Floats]) -> Floats:
    """float64[n]: what FORMULA gives for VARIABLE, in its range and precision; NaN where a part is missing.

    place: the number of each variable by name; values: float64[n] of each variable, NaN where missing.
    """
    found = formula.value([values[place[name]] for name in formula.of])
    known = ~np.isnan(found)
    found[known] = on_line(variable, found[known])
    return found


def holds(formula: Formula, column: Column, place: dict[str, int], values: Sequence[Floats]) -> Flags:
    """bool[n]: where COLUMN has the value that FORMULA gives, to the last digit that is declared."""
    return formula.holds(
        column.values, [values[place[name]] for name in formula.of], column.variable.precision
    )


def encode(
    cells: Sequence[Cells], columns: Sequence[Column], scores: Sequence[Score], threads: int | None = 1
) -> tuple[Cells16, Bytes]:
    """(uint16[variables, n], the cell of each value; uint8[lines, n], the codes that trees split on)."""
    lines = formula_lines(cells)
    place = {own.variable.name: v for v, own in enumerate(cells)}
    values = [column.values for column in columns]
    cell = np.empty((len(cells), len(columns[0])), np.uint16)
    split = np.zeros((len(cells) + len(lines) + len(scores), len(columns[0])), np.uint8)

    def put(v: int) -> None:
        own, column = cells[v], columns[v]
        cell[v] = own.encode(column)
        split[v] = own.seen.split[own.seen.encode(column) if own.all else cell[v]]
        for j in reversed(range(len(own.formulas))):  # the first that holds counts
            held = holds(own.formulas[j], column, place, values)
            cell[v, held] = own.first_formula + j
            split[lines[v], held] = j + 1

    of_each(put, range(len(cells)), threads)
    put_scores(scores, split, threads=threads)
    return cell, split


def put_scores(
    scores: Sequence[Score], split: Bytes, target: int | None = None, threads: int | None = 1
) -> None:
    """Fill the lines of the scores, of variable TARGET or of all, from those of the variables before it."""
    first = len(split) - len(scores)

    def put(i: int) -> None:
        split[first + i] = codes_of_score(scores[i], split)

    mine = [i for i, score in enumerate(scores) if target in (None, score.target)]
    if threads == 1:
        for i in mine:
            put(i)
    else:
        of_each(put, mine, threads)


def codes_of(own: Cells, values: Floats, missing: npt.NDArray[np.uint8]) -> Bytes:
    """uint8[n]: the codes that trees split on, of values that were drawn."""
    return own.seen.split[own.seen.encode(Column(own.variable, values, missing))]
