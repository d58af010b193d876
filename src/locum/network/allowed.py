"""Which values of a variable the clauses allow in a row, given the values that come before: kernels on intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from locum.network.arrays import Flags, Floats, Integers
from locum.network.kernels import inner

WITHIN, AT_MOST, BELOW, EQUAL, UNEQUAL = range(5)


class Tests(NamedTuple):
    """The clauses that are decided when one variable, the target, is drawn; all arrays of literals end to end.

    Values come as float64[variables, n], the target's in line 0, NaN where missing.

    first: int64[clauses + 1], where the literals of each clause begin; evidence: bool[clauses], else a rule;
    kept: float64[clauses], the share of rows that may break a rule, in which what breaks it is kept as drawn.
    kind: int64[literals]; left, right: int64[literals], lines of the values; missing: bool[literals], whether a
    missing value satisfies; start: int64[literals + 1], where its intervals begin in low, high: float64[intervals].
    """

    first: Integers
    evidence: Flags
    kept: Floats
    kind: Integers
    left: Integers
    right: Integers
    missing: Flags
    start: Integers
    low: Floats
    high: Floats


class Union(NamedTuple):
    """Room for a union of intervals; the first ones count, in rising order."""

    low: Floats
    high: Floats


def room(tests: Tests) -> int:
    """How many intervals may come of TESTS at most."""
    return 2 * (len(tests.low) + 2 * len(tests.kind) + 2)


@inner
def grid(value: float, step: float) -> float:
    """The multiple of STEP nearest to VALUE, as `locum.variables.writing.on_grid` gives it."""
    if step <= 0.0:
        return value
    per_one = np.rint(1.0 / step)
    if step < 1.0 and np.abs(per_one * step - 1.0) <= 1e-9:
        return np.rint(value * per_one) / per_one
    return np.rint(value / step) * step


@inner
def holds(tests: Tests, literal: int, values: Floats, row: int) -> bool:
    """Whether a literal is true of ROW."""
    a = values[tests.left[literal], row]
    kind = tests.kind[literal]
    if kind == WITHIN:
        if np.isnan(a):
            return tests.missing[literal]
        within = False
        for j in range(tests.start[literal], tests.start[literal + 1]):
            within = within or tests.low[j] <= a <= tests.high[j]
        return within
    b = values[tests.right[literal], row]
    if np.isnan(a) or np.isnan(b):
        return tests.missing[literal]
    if kind == AT_MOST:
        return a <= b
    if kind == BELOW:
        return a < b
    return (a == b) == (kind == EQUAL)


@inner
def all_hold(tests: Tests, values: Floats, row: int, uniform: Floats) -> bool:
    """Whether every clause holds in ROW, or what breaks it is kept; UNIFORM as of `allowed`."""
    for clause in range(len(tests.kept)):
        fine = tests.kept[clause] > 0.0 and uniform[4 + clause, row] < tests.kept[clause]
        for literal in range(tests.first[clause], tests.first[clause + 1]):
            fine = fine or holds(tests, literal, values, row)
        if not fine:
            return False
    return True


@inner
def is_open(tests: Tests, clause: int, values: Floats, row: int) -> bool:
    """Whether the values before the target leave CLAUSE to it."""
    for literal in range(tests.first[clause], tests.first[clause + 1]):
        line, other = tests.left[literal], tests.right[literal]
        if line != 0 and other != 0:
            if holds(tests, literal, values, row):
                return False
        elif tests.kind[literal] != WITHIN and tests.missing[literal] and np.isnan(values[line + other, row]):
            return False  # one of the two lines is 0, the target's
    return True


@inner
def _add(union: Union, count: int, low: float, high: float) -> int:
    """The union with one more interval: its new count."""
    if not low <= high:
        return count
    at = count
    while at > 0 and union.low[at - 1] > low:
        union.low[at], union.high[at] = union.low[at - 1], union.high[at - 1]
        at -= 1
    union.low[at], union.high[at] = low, high
    kept = 0
    for j in range(1, count + 1):
        if union.low[j] <= union.high[kept]:
            union.high[kept] = max(union.high[kept], union.high[j])
        else:
            kept += 1
            union.low[kept], union.high[kept] = union.low[j], union.high[j]
    return kept + 1


@inner
def _of_clause(tests: Tests, clause: int, values: Floats, row: int, union: Union) -> tuple[int, bool]:
    """The values of the target that satisfy an open clause, and whether a missing one does."""
    count, missing = 0, False
    for literal in range(tests.first[clause], tests.first[clause + 1]):
        line, other = tests.left[literal], tests.right[literal]
        if line != 0 and other != 0:
            continue
        kind = tests.kind[literal]
        if kind == WITHIN:
            missing = missing or tests.missing[literal]
            a, b = tests.start[literal], tests.start[literal + 1]
            if count == 0:  # they rise as they are
                for j in range(a, b):
                    union.low[j - a], union.high[j - a] = tests.low[j], tests.high[j]
                count = b - a
            else:
                for j in range(a, b):
                    count = _add(union, count, tests.low[j], tests.high[j])
            continue
        x = values[line + other, row]
        if np.isnan(x):
            continue
        missing = missing or tests.missing[literal]
        if kind == EQUAL:
            count = _add(union, count, x, x)
        elif kind == UNEQUAL:
            count = _add(union, count, -np.inf, np.nextafter(x, -np.inf))
            count = _add(union, count, np.nextafter(x, np.inf), np.inf)
        elif line == 0:
            count = _add(union, count, -np.inf, x if kind == AT_MOST else np.nextafter(x, -np.inf))
        else:
            count = _add(union, count, x if kind == AT_MOST else np.nextafter(x, np.inf), np.inf)
    return count, missing


@inner
def meet(a: Union, m: int, b: Union, n: int, into: Union) -> int:
    """The intersection of two unions of M and N intervals, put into a third: its count."""
    count, i, j = 0, 0, 0
    while i < m and j < n:
        low, high = max(a.low[i], b.low[j]), min(a.high[i], b.high[j])
        if low <= high:
            into.low[count], into.high[count] = low, high
            count += 1
        if a.high[i] < b.high[j]:
            i += 1
        else:
            j += 1
    return count


@inner
def allowed(
    tests: Tests,
    evidence: bool,
    values: Floats,
    row: int,
    uniform: Floats,
    step: float,
    union: Union,
    spare: Union,
    third: Union,
) -> tuple[int, bool, bool]:
    """The values of the target that the rules (or the EVIDENCE) allow in ROW, put into UNION.

    uniform: float64[4 + clauses, n], random numbers in [0, 1), or float64[4, n] when no clause is ever left alone.
    step: the lattice on which the target's values lie, or 0.

    Returns (count of intervals, whether it may be missing, whether any clause is open).
    """
    union.low[0], union.high[0] = -np.inf, np.inf
    count, missing, found = 1, True, False
    for clause in range(len(tests.evidence)):
        if tests.evidence[clause] != evidence or not is_open(tests, clause, values, row):
            continue
        if tests.kept[clause] > 0.0 and uniform[4 + clause, row] < tests.kept[clause]:
            continue
        found = True
        m, absent = _of_clause(tests, clause, values, row, spare)
        missing = missing and absent
        n = meet(union, count, spare, m, third)
        union.low[:n], union.high[:n] = third.low[:n], third.high[:n]
        count = n
    if found and step > 0.0:
        kept = 0
        for j in range(count):
            low, high = union.low[j], union.high[j]
            if low > -np.inf:
                below = grid(low, step)
                low = grid(below + step, step) if below < low else below
            if high < np.inf:
                above = grid(high, step)
                high = grid(above - step, step) if above > high else above
            if low <= high:
                union.low[kept], union.high[kept] = low, high
                kept += 1
        count = kept
    return count, missing, found


@inner
def contains(union: Union, count: int, value: float) -> bool:
    """Whether a union of COUNT intervals holds VALUE."""
    a, b = 0, count
    while a < b:  # the first interval that ends at or above the value
        middle = (a + b) // 2
        if union.high[middle] < value:
            a = middle + 1
        else:
            b = middle
    return a < count and union.low[a] <= value


@njit(cache=True, nogil=True)
def count_broken(tests: Tests, values: Floats, counted: Flags) -> tuple[int, int]:
    """(rows that leave the one clause of TESTS open and have a value of the target, those of them that break it).

    counted: bool[n], the rows that count.
    """
    left, broken = 0, 0
    for row in range(values.shape[1]):
        if counted[row] and not np.isnan(values[0, row]) and is_open(tests, 0, values, row):
            fine = False
            for literal in range(len(tests.kind)):
                fine = fine or holds(tests, literal, values, row)
            left += 1
            broken += not fine
    return left, broken
