"""Draw a variable again where rules or evidence do not allow what was drawn, and weigh the rows by their evidence.

A value is drawn without regard to any rule first. Where it breaks one, a second one is drawn from the part of the
leaves that is allowed: together that is a draw from the conditional restricted to what is allowed, since p(S) +
p(not S) is 1, and never takes more than two tries. Whether a value is missing is left as it was drawn, unless the
rules say otherwise.

With evidence, a row's weight is the probability of it given the values before (likelihood weighting: Fung & Chang 1990;
Shachter & Peot 1990), averaged over the members, and the value is drawn from where both allow it.

A cell that is allowed in part counts by the part of its width: nothing finer was learned that every cell knows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from locum.network.allowed import Tests, Union, all_hold, allowed, contains, meet
from locum.network.arrays import Bytes, Chances, Flags, Floats, Integers
from locum.network.cells import Drawable
from locum.network.conditional import Conditional
from locum.network.draw import below, leaf_of
from locum.network.kernels import inner
from locum.network.leaves import KNOTS, MILLION, RANKS


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


class Redrawn(NamedTuple):
    """What was drawn again. All have an entry a row.

    done: bool[n]; place: float64[n], as `draw_variable` gives it, -1 for a missing value that has no cell.
    low, high: float64[n], bounds of the value, which rounding must not leave; low is NaN where the value is missing
    because nothing else was left.
    """

    done: Flags
    place: Floats
    low: Floats
    high: Floats


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
    end = cells.edges[at + 1] if at + 1 < b else 1.0
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
def _value_held(places: Places, p: int, given: Floats, row: int, union: Union, count: int) -> bool:
    """Whether the one value of place P (a level, an atom, a formula) is among the allowed; a missing one is not."""
    if places.formula[p] >= 0:
        value = given[places.formula[p], row]
    else:
        value = places.low[p]
    return not np.isnan(value) and contains(union, count, value)


@inner
def _find_leaves(
    trees: Conditional, places: Places, given: Floats, split: Bytes, row: int, found: Found
) -> float:
    """Fill FOUND with the leaves of the row; the mean probability of being missing in them."""
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
def _weigh(
    trees: Conditional,
    cells: Drawable,
    places: Places,
    given: Floats,
    row: int,
    union: Union,
    count: int,
    found: Found,
) -> float:
    """Fill FOUND with what a union of COUNT intervals allows in the row's leaves: its mean probability."""
    for s in range(len(found.share)):
        found.share[s] = 0.0
        if s == cells.body:
            continue
        a, b = cells.first[s], cells.first[s + 1]
        for p in range(a, b):
            if _value_held(places, p, given, row, union, count):
                found.share[s] += (cells.edges[p + 1] if p + 1 < b else 1.0) - cells.edges[p]
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
                mass += _body_share(knots, leaf, found, j) * probability[leaf, cells.body]
        found.mass[m] = mass / found.open_to[m] if found.open_to[m] > 0.0 else 0.0
        total += found.mass[m]
    return total / len(found.leaf)


@inner
def _body_share(knots: Chances, leaf: int, found: Found, j: int) -> float:
    """The share of a leaf's body that lies in stretch J."""
    begin, end = found.begin[j], found.end[j]
    if end <= begin:
        return 0.0
    upper = below(knots[leaf], end * RANKS) if end < 1.0 else 1.0
    return upper - (below(knots[leaf], begin * RANKS) if begin > 0.0 else 0.0)


@inner
def _pick(weight: Floats, uniform: float) -> int:
    """An index with probability in proportion to its weight, of which some must be above 0."""
    left_over = uniform * weight.sum()
    last = 0
    for i in range(len(weight)):
        if weight[i] > 0.0:
            last = i
            if left_over < weight[i]:
                break
            left_over -= weight[i]
    return last


@inner
def _nearest(
    trees: Conditional,
    cells: Drawable,
    places: Places,
    given: Floats,
    row: int,
    value: float,
    union: Union,
    count: int,
    found: Found,
    uniform: Floats,
    redrawn: Redrawn,
) -> None:
    """Take the allowed value nearest to VALUE (of levels, one by its mass among all patients), else a missing one."""
    weight = np.zeros(len(places.low))
    best, away = np.nan, np.inf
    if places.leveled:
        for p in range(len(weight)):
            if _value_held(places, p, given, row, union, count):
                weight[p] = places.mass[p]
    else:
        least, most = np.inf, -np.inf
        for p in range(len(weight)):
            if not np.isnan(places.low[p]):
                least, most = min(least, places.low[p]), max(most, places.high[p])
        if least > most:  # all its values follow from others
            least, most = -np.inf, np.inf
            weight[0] = 1.0
        if np.isnan(value):
            value = (least + most) / 2.0 if least > -np.inf else 0.0
        for j in range(count):
            low, high = max(union.low[j], least), min(union.high[j], most)
            near = min(max(value, low), high)
            if low <= high and (np.isnan(best) or np.abs(near - value) < away):
                best, away = near, np.abs(near - value)
        closest = np.inf
        for p in range(len(weight)):
            if not np.isnan(places.low[p]) and not np.isnan(best):
                gap = max(places.low[p] - best, best - places.high[p], 0.0)
                if gap < closest:
                    weight[:p], weight[p] = 0.0, 1.0
                    closest = gap
    if weight.sum() <= 0.0 or (not places.leveled and np.isnan(best)):
        _take_missing(trees, cells, places, row, found, uniform, redrawn)
        redrawn.low[row] = np.nan
        return
    p = _pick(weight, uniform[2, row])
    redrawn.done[row] = True
    redrawn.place[row] = p + 0.5
    redrawn.low[row] = redrawn.high[row] = places.low[p] if places.leveled else best


@inner
def _take(
    trees: Conditional,
    cells: Drawable,
    places: Places,
    given: Floats,
    row: int,
    union: Union,
    count: int,
    found: Found,
    uniform: Floats,
    redrawn: Redrawn,
) -> None:
    """Draw one of the allowed values that `_weigh` found: a member by its mass, then a value of its leaf."""
    redrawn.done[row] = True
    at = found.leaf[_pick(found.mass, uniform[0, row])]
    states = len(found.share)
    weight = np.zeros(states + count)
    for s in range(states):
        weight[s] = found.share[s] * trees.probability[at, s]
    if cells.body >= 0:
        for j in range(count):
            weight[states + j] = _body_share(trees.knots, at, found, j) * trees.probability[at, cells.body]
    chosen = _pick(weight, uniform[1, row])
    u = uniform[2, row]
    if chosen < states:
        left_over = u * found.share[chosen]
        a, b = cells.first[chosen], cells.first[chosen + 1]
        last = a
        for p in range(a, b):
            if _value_held(places, p, given, row, union, count):
                last = p
                width = (cells.edges[p + 1] if p + 1 < b else 1.0) - cells.edges[p]
                if left_over < width:
                    break
                left_over -= width
        redrawn.place[row] = last + 0.5
        redrawn.low[row], redrawn.high[row] = -np.inf, np.inf
        return
    j = chosen - states
    knots = trees.knots[at]
    first = below(knots, found.begin[j] * RANKS) if found.begin[j] > 0.0 else 0.0
    there = (first + u * _body_share(trees.knots, at, found, j)) * KNOTS
    i = min(int(there), KNOTS - 1)
    rank = (knots[i] + (there - i) * (knots[i + 1] - knots[i])) / RANKS
    rank = min(max(rank, found.begin[j]), found.end[j])
    a, b = found.ends[0, j], found.ends[1, j] + 1
    final = cells.first[cells.body + 1]
    while b - a > 1:  # the last place that begins at or below the rank
        middle = (a + b) // 2
        if cells.edges[middle] <= rank:
            a = middle
        else:
            b = middle
    width = (cells.edges[a + 1] if a + 1 < final else 1.0) - cells.edges[a]
    inside = (rank - cells.edges[a]) / width if width > 0.0 else 0.5
    redrawn.place[row] = a + min(max(inside, 0.0), 0.999999)
    redrawn.low[row], redrawn.high[row] = union.low[j], union.high[j]


@inner
def _take_missing(
    trees: Conditional,
    cells: Drawable,
    places: Places,
    row: int,
    found: Found,
    uniform: Floats,
    redrawn: Redrawn,
) -> None:
    """Draw a missing reason: as the leaves hold them, else as all patients do, else the first."""
    weight = np.zeros(len(places.low))
    for p in places.absent:
        for m in range(len(found.leaf)):
            weight[p] += trees.probability[found.leaf[m], places.state[p]]
    if weight.sum() <= 0.0:
        for p in places.absent:
            weight[p] = places.mass[p]
    redrawn.done[row] = True
    redrawn.place[row] = _pick(weight, uniform[1, row]) + 0.5 if weight.sum() > 0.0 else -1.0
    redrawn.low[row], redrawn.high[row] = -np.inf, np.inf


@njit(cache=True, nogil=True)
def redraw(
    trees: Conditional,
    cells: Drawable,
    places: Places,
    tests: Tests,
    values: Floats,
    given: Floats,
    split: Bytes,
    uniform: Floats,
    redrawn: Redrawn,
    log_weight: Floats,
    size: int,
) -> None:
    """Draw a variable again, in the rows where TESTS say so.

    values: float64[variables, n], as `Tests` numbers them, the target's as drawn without restriction in line 0.
    given: float64[formulas, n], what each formula of the target gives, NaN where it gives nothing.
    split: uint8[lines, n], read for the variables before it.
    uniform: float64[4, n], random numbers in [0, 1), and one more line for each clause where any is ever left alone.
    redrawn: filled; log_weight: float64[n], to which the log-probability of the evidence is added, -inf for none.
    size: room for intervals, see `locum.network.allowed.room`.
    """
    members, states = len(trees.roots), trees.probability.shape[1]
    rules = Union(np.empty(size), np.empty(size))
    both = Union(np.empty(size), np.empty(size))
    spare = Union(np.empty(size), np.empty(size))
    third = Union(np.empty(size), np.empty(size))
    found = Found(
        np.zeros(members, np.int64),
        np.zeros(members),
        np.zeros(members),
        np.zeros(states),
        np.zeros(size),
        np.zeros(size),
        np.zeros((2, size), np.int64),
    )
    only_rules = not tests.evidence.any()
    for row in range(values.shape[1]):
        if only_rules and all_hold(tests, values, row, uniform):  # most rows, soonest
            continue
        value = values[0, row]
        count, absent, ruled = allowed(tests, False, values, row, uniform, places.step, rules, spare, third)
        n, also_absent, asked = allowed(tests, True, values, row, uniform, places.step, both, spare, third)
        if not asked and (not ruled or (absent if np.isnan(value) else contains(rules, count, value))):
            continue
        missing = _find_leaves(trees, places, given, split, row, found)
        total = 1.0 - missing
        if ruled:
            total = _weigh(trees, cells, places, given, row, rules, count, found)
        if total <= 0.0:  # nothing allowed has mass here: what the rules leave then is certain
            stays = np.isnan(value) and absent
            if not stays:
                _nearest(trees, cells, places, given, row, value, rules, count, found, uniform, redrawn)
            if asked:
                is_value = not stays and not np.isnan(redrawn.low[row])
                if not (contains(both, n, redrawn.low[row]) if is_value else also_absent):
                    log_weight[row] = -np.inf
            continue
        if not asked:
            _take(trees, cells, places, given, row, rules, count, found, uniform, redrawn)
            continue
        of_missing = missing if absent and also_absent else 0.0
        n = meet(rules, count, both, n, spare)
        of_value = _weigh(trees, cells, places, given, row, spare, n, found) / total
        if absent:
            of_value *= 1.0 - missing
        weight = of_missing + of_value
        if weight <= 0.0:
            log_weight[row] = -np.inf
            continue
        log_weight[row] += np.log(min(weight, 1.0))
        if uniform[3, row] * weight < of_missing:
            _take_missing(trees, cells, places, row, found, uniform, redrawn)
        else:
            _take(trees, cells, places, given, row, spare, n, found, uniform, redrawn)
