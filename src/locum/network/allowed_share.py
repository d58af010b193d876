"""How much of what a row may draw is allowed: of each of its leaves, and where in it that lies.

A cell that is allowed in part counts by the part of its width: nothing finer was learned that every cell knows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from locum.network.allowed import Union, contains
from locum.network.arrays import Bytes, Chances, Floats, Integers
from locum.network.cells import Drawable
from locum.network.conditional import Conditional
from locum.network.draw import below, leaf_of
from locum.network.kernels import inner
from locum.network.leaves import MILLION, RANKS


class Places(NamedTuple):
    """The drawable cells as values, those of a state together.

    low, high: float64[p], the first and last value of each (the index of a level), NaN where it is missing or follows
    from a formula; formula: int64[p], which, or -1; state: int64[p]; mass: float64[p], its share of the patients.
    absent: int64[reasons], the places of missing reasons; made: int64[formulas], the state of each formula, or -1.
    step: the lattice of the values, or 0; leveled: whether they are levels.
    """

    low: Floats
    high: Floats
    formula: Integers
    state: Integers
    mass: Floats
    absent: Integers
    made: Integers
    step: float
    leveled: bool


class Source(NamedTuple):
    """What the values of a variable are drawn from.

    given: float64[formulas, n], what each of its formulas gives, NaN where it gives nothing; uniform: float64[4, n],
    random numbers in [0, 1), and one more line for each clause where any is ever left alone.
    """

    trees: Conditional
    cells: Drawable
    places: Places
    given: Floats
    uniform: Floats


class Found(NamedTuple):
    """What is known of one row: its leaf of each member, and how much of each leaf is allowed.

    leaf: int64[members]; open_to: float64[members], the chances of the states that the row can take, in millionths;
    mass: float64[members], the probability of what is allowed; share: float64[states], the allowed part of each state
    but the body; begin, end: float64[intervals], ranks of each allowed stretch of the body; ends: int64[2, intervals],
    its first and last place.
    """

    leaf: Integers
    open_to: Floats
    mass: Floats
    share: Floats
    begin: Floats
    end: Floats
    ends: Integers


@inner
def find_leaves(source: Source, split: Bytes, row: int, found: Found) -> float:
    """Fill FOUND with the leaves of the row; the mean probability of being missing in them."""
    trees, places, given = source.trees, source.places, source.given
    missing = 0.0
    for m in range(len(found.leaf)):
        leaf = leaf_of(trees, m, split, row)
        open_to, gone = float(MILLION), 0.0
        for f in range(len(places.made)):
            if places.made[f] >= 0 and np.isnan(given[f, row]):  # what it is made of is missing
                open_to -= trees.probability[leaf, places.made[f]]
        for p in places.absent:
            gone += trees.probability[leaf, places.state[p]]
        found.leaf[m], found.open_to[m] = leaf, open_to
        missing += gone / open_to if open_to > 0.0 else 1.0
    return missing / len(found.leaf)


@inner
def weigh(
    source: Source,
    row: int,
    union: Union,
    count: int,
    found: Found,
) -> float:
    """Fill FOUND with what a union of COUNT intervals allows in the row's leaves: its mean probability."""
    trees, cells, places = source.trees, source.cells, source.places
    for s in range(len(found.share)):
        found.share[s] = 0.0
        if s == cells.body:
            continue
        a, b = cells.first[s], cells.first[s + 1]
        for p in range(a, b):
            if value_held(source, p, row, union, count):
                found.share[s] += rank_after(cells, p, b) - cells.edges[p]
    if cells.body >= 0:
        a, b = cells.first[cells.body], cells.first[cells.body + 1]
        for j in range(count):
            found.begin[j], found.ends[0, j] = _rank(cells, places, a, b, union.low[j], False)
            found.end[j], found.ends[1, j] = _rank(cells, places, a, b, union.high[j], True)
            if found.ends[0, j] < 0 or found.ends[1, j] < found.ends[0, j] or found.end[j] < found.begin[j]:
                found.end[j] = found.begin[j]
    total = 0.0
    probability, knots, share = trees.probability, trees.knots, found.share  # looked up once: each costs
    for m in range(len(found.leaf)):
        leaf, mass = found.leaf[m], 0.0
        for s in range(len(share)):
            mass += share[s] * probability[leaf, s]
        if cells.body >= 0 and probability[leaf, cells.body] > 0:
            for j in range(count):
                mass += body_share(knots, leaf, found, j) * probability[leaf, cells.body]
        found.mass[m] = mass / found.open_to[m] if found.open_to[m] > 0.0 else 0.0
        total += found.mass[m]
    return total / len(found.leaf)


@inner
def _rank(cells: Drawable, places: Places, a: int, b: int, value: float, after: bool) -> tuple[float, int]:
    """(rank, place) where VALUE begins among the body's places [a, b), or ends (AFTER); the place is -1 for none."""
    if after:  # the last place that begins at or below it
        low, high = a - 1, b - 1
        while low < high:
            middle = (low + high + 1) // 2
            if places.low[middle] <= value:
                low = middle
            else:
                high = middle - 1
        at = low
        if at < a:
            return 0.0, -1
    else:  # the first place that ends at or above it
        low, high = a, b
        while low < high:
            middle = (low + high) // 2
            if places.high[middle] >= value:
                high = middle
            else:
                low = middle + 1
        at = low
        if at == b:
            return 1.0, -1
    end = rank_after(cells, at, b)
    first, last = places.low[at], places.high[at]
    if after and value >= last:
        return end, at
    if not after and value <= first:
        return cells.edges[at], at
    if places.step > 0.0:
        count = np.rint((last - first) / places.step) + 1.0
        inside = (np.rint((value - first) / places.step) + (1.0 if after else 0.0)) / count
    else:
        inside = (value - first) / (last - first)
    return cells.edges[at] + inside * (end - cells.edges[at]), at


@inner
def rank_after(cells: Drawable, p: int, b: int) -> float:
    """Where the ranks of place P end, the last of whose state comes before B."""
    return cells.edges[p + 1] if p + 1 < b else 1.0


@inner
def value_held(source: Source, p: int, row: int, union: Union, count: int) -> bool:
    """Whether the one value of place P (a level, an atom, a formula) is among the allowed; a missing one is not."""
    places = source.places
    if places.formula[p] >= 0:
        value = source.given[places.formula[p], row]
    else:
        value = places.low[p]
    return not np.isnan(value) and contains(union, count, value)


@inner
def body_share(knots: Chances, leaf: int, found: Found, j: int) -> float:
    """The share of a leaf's body that lies in stretch J."""
    begin, end = found.begin[j], found.end[j]
    if end <= begin:
        return 0.0
    upper = below(knots[leaf], end * RANKS) if end < 1.0 else 1.0
    return upper - (below(knots[leaf], begin * RANKS) if begin > 0.0 else 0.0)
