"""Predicates such as "over 90, never smoked, weight not recorded", and how many rows of a table each holds for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate.parallel import run_in_parts
from locum.evaluate.sample import Sample

Matrix = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
MISSING = -1e30  # times the reason of being missing: below any value
SAME, AT_LEAST, AT_MOST = 0, 1, 2


@dataclass(frozen=True)
class Predicates:
    """Conjunctions of clauses on columns: int64[n, w] places (-1 where there is no more clause), int64[n, w]
    operators, float32[n, w] values."""

    places: Ints
    operators: Ints
    values: Matrix

    def __len__(self) -> int:
        return len(self.places)

    def take(self, rows: Ints) -> Predicates:
        return Predicates(self.places[rows], self.operators[rows], self.values[rows])

    def isolate(self, table: Matrix) -> npt.NDArray[np.bool_]:
        """bool[n]: which hold for exactly one row of TABLE."""
        out = np.zeros(len(self), np.int64)

        def part(bounds: tuple[int, int]) -> None:
            _count(table, self.places, self.operators, self.values, bounds[0], bounds[1], out)

        run_in_parts(part, len(self), 64)
        return np.asarray(out == 1)


def matrix(sample: Sample) -> Matrix:
    """float32[rows, columns]: numbers, indices of levels, and for missing values a number for the reason.

    As 32-bit floats, so that a synthetic table written in another type tells the same.
    """
    columns = [
        np.where(c.missing > 0, MISSING * c.missing.astype(np.float64), np.nan_to_num(c.values))
        for c in sample.columns
    ]
    return np.ascontiguousarray(np.stack(columns, axis=1).astype(np.float32))


@njit(nogil=True, cache=True)
def _count(table, places, operators, values, first, last, out):  # type: ignore[no-untyped-def]
    missing = np.float32(MISSING / 2)
    for p in range(first, last):
        found = 0
        for row in range(table.shape[0]):
            holds = True
            for clause in range(places.shape[1]):
                if places[p, clause] < 0:
                    break
                x, v = table[row, places[p, clause]], values[p, clause]
                operator = operators[p, clause]
                if operator == SAME:
                    holds = x == v
                elif operator == AT_LEAST:
                    holds = x >= v
                else:
                    holds = x <= v and x > missing
                if not holds:
                    break
            if holds:
                found += 1
                if found > 1:
                    break
        out[p] = found


def on_one_column(sample: Sample, most: int, rng: np.random.Generator) -> Predicates:
    """Predicates on one column that SAMPLE suggests: its least and largest value, and values held once."""
    table = matrix(sample)
    places: list[Ints] = []
    operators: list[Ints] = []
    values: list[Matrix] = []

    def add(place: int, operator: int, told: Matrix) -> None:
        places.append(np.full(len(told), place, np.int64))
        operators.append(np.full(len(told), operator, np.int64))
        values.append(told)

    for place, variable in enumerate(sample.variables):
        found, counts = np.unique(table[:, place], return_counts=True)
        add(place, SAME, found[counts == 1])
        present = found[found > MISSING / 2]
        if variable.kind.is_numeric and len(present):
            add(place, AT_MOST, present[:1])
            add(place, AT_LEAST, present[-1:])
    every = Predicates(
        np.concatenate(places)[:, None], np.concatenate(operators)[:, None], np.concatenate(values)[:, None]
    )
    return every.take(np.sort(rng.permutation(len(every))[:most]))


def on_some_columns(sample: Sample, count: int, widest: int, rng: np.random.Generator) -> Predicates:
    """COUNT predicates, each true of a random row of SAMPLE: two to WIDEST random columns, levels as they are,
    numbers from the row's value outward, away from the median."""
    table = matrix(sample)
    columns = table.shape[1]
    widest = min(widest, columns)
    rows = rng.permutation(len(table))[:count] if count <= len(table) else rng.integers(0, len(table), count)
    order = np.argsort(rng.random((len(rows), columns)), axis=1)[:, :widest].astype(np.int64)
    width = rng.integers(min(2, widest), widest + 1, len(rows))
    values = np.take_along_axis(table[rows], order, axis=1)
    gone = np.where(table > MISSING / 2, table, np.nan)
    middle = np.array([np.nanmedian(x) if np.isfinite(x).any() else 0.0 for x in gone.T])
    numeric = np.array([v.kind.is_numeric for v in sample.variables])[order] & (values > MISSING / 2)
    outward = np.where(values > middle[order], AT_LEAST, AT_MOST)
    operators = np.where(numeric, outward, SAME).astype(np.int64)
    places = np.where(np.arange(widest)[None, :] < width[:, None], order, -1)
    return Predicates(places, operators, values)
