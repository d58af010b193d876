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
AROUND = 0.05  # share of rows in the range around a number: as wide as a value is known with a little noise
UNLIKELY = 0.005  # rows that fit a predicate by chance


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


def on_rare_columns(
    sample: Sample, count: int, narrowest: int, widest: int, rng: np.random.Generator
) -> Predicates:
    """At most COUNT predicates, each true of a random row of SAMPLE: levels as they are, numbers within a narrow range
    around the row's value.

    Of the columns those are taken in which the row is rarest, NARROWEST to WIDEST of them: so many that a row fits by
    chance, were the columns independent, less than UNLIKELY times in the table. Predicates of so little weight are what
    singling out means (Cohen & Nissim 2020). All of it is told from SAMPLE alone.
    """
    table = matrix(sample)
    columns = table.shape[1]
    widest, narrowest = min(widest, columns), min(narrowest, columns)
    rows = rng.permutation(len(table))[:count]
    low, high, share = (x[rows] for x in _around(sample, table))
    order = np.argsort(share, axis=1, kind="stable")[:, :widest].astype(np.int64)
    expected = len(table) * np.cumprod(np.take_along_axis(share, order, axis=1), axis=1)
    width = np.clip((expected > UNLIKELY).sum(axis=1) + 1, narrowest, widest)
    places = np.where(np.arange(widest)[None, :] < width[:, None], order, -1)
    bounds = [np.take_along_axis(x, order, axis=1) for x in (low, high)]
    one = bounds[0] == bounds[1]
    # A range is two clauses; of a single value the second says the same again.
    operators = [np.where(one, SAME, other) for other in (AT_LEAST, AT_MOST)]

    def both(pair: list[npt.NDArray[np.generic]]) -> npt.NDArray[np.generic]:
        return np.stack(pair, axis=2).reshape(len(rows), 2 * widest)

    return Predicates(
        both([places, places]).astype(np.int64),
        both(list(operators)).astype(np.int64),
        both(list(bounds)).astype(np.float32),
    )


def _around(sample: Sample, table: Matrix) -> tuple[Matrix, Matrix, npt.NDArray[np.float64]]:
    """For each value of TABLE the least and largest value of the clause that it makes, and the share of rows in it."""
    low, high = table.copy(), table.copy()
    share = np.empty(table.shape)
    for place, variable in enumerate(sample.variables):
        values, code, counts = np.unique(table[:, place], return_inverse=True, return_counts=True)
        code = code.ravel()
        held = counts.astype(np.int64)
        if variable.kind.is_numeric:
            end = np.cumsum(counts)
            first = int(np.searchsorted(values, np.float32(MISSING / 2)))  # of the values that are there
            reach = int(AROUND * (len(table) - (end[first - 1] if first else 0)) / 2)
            start = end - counts
            there = np.arange(first, len(values))
            a = np.maximum(np.searchsorted(end, start[there] - reach, "right"), first)
            b = np.searchsorted(start, end[there] + reach, "left") - 1
            held[there] = end[b] - start[a]
            least, largest = values.copy(), values.copy()
            least[there], largest[there] = values[a], values[b]
            low[:, place], high[:, place] = least[code], largest[code]
        share[:, place] = held[code] / len(table)
    return low, high, share
