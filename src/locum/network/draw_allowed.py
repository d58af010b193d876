"""Draw a value that is allowed, from the part of a row's leaves that `locum.network.allowed_share` found."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from locum.network.allowed import Union
from locum.network.allowed_share import Found, Source, body_share, rank_after, value_held
from locum.network.arrays import Flags, Floats
from locum.network.draw import below
from locum.network.kernels import inner
from locum.network.leaves import RANKS
from locum.network.quantiles import KNOTS


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


@inner
def take(
    source: Source,
    row: int,
    union: Union,
    count: int,
    found: Found,
    redrawn: Redrawn,
) -> None:
    """Draw one of the allowed values that `weigh` found: a member by its mass, then a value of its leaf."""
    trees, cells = source.trees, source.cells
    redrawn.done[row] = True
    at = found.leaf[_pick(found.mass, source.uniform[0, row])]
    states = len(found.share)
    weight = np.zeros(states + count)
    for s in range(states):
        weight[s] = found.share[s] * trees.probability[at, s]
    if cells.body >= 0:
        for j in range(count):
            weight[states + j] = body_share(trees.knots, at, found, j) * trees.probability[at, cells.body]
    chosen = _pick(weight, source.uniform[1, row])
    u = source.uniform[2, row]
    if chosen < states:
        left_over = u * found.share[chosen]
        a, b = cells.first[chosen], cells.first[chosen + 1]
        last = a
        for p in range(a, b):
            if value_held(source, p, row, union, count):
                last = p
                width = rank_after(cells, p, b) - cells.edges[p]
                if left_over < width:
                    break
                left_over -= width
        redrawn.place[row] = last + 0.5
        redrawn.low[row], redrawn.high[row] = -np.inf, np.inf
        return
    j = chosen - states
    knots = trees.knots[at]
    first = below(knots, found.begin[j] * RANKS) if found.begin[j] > 0.0 else 0.0
    there = (first + u * body_share(trees.knots, at, found, j)) * KNOTS
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
    width = rank_after(cells, a, final) - cells.edges[a]
    inside = (rank - cells.edges[a]) / width if width > 0.0 else 0.5
    redrawn.place[row] = a + min(max(inside, 0.0), 0.999999)
    redrawn.low[row], redrawn.high[row] = union.low[j], union.high[j]


@inner
def take_missing(
    source: Source,
    row: int,
    found: Found,
    redrawn: Redrawn,
) -> None:
    """Draw a missing reason: as the leaves hold them, else as all patients do, else the first."""
    places = source.places
    weight = np.zeros(len(places.low))
    for p in places.absent:
        for m in range(len(found.leaf)):
            weight[p] += source.trees.probability[found.leaf[m], places.state[p]]
    if weight.sum() <= 0.0:
        for p in places.absent:
            weight[p] = places.mass[p]
    redrawn.done[row] = True
    redrawn.place[row] = _pick(weight, source.uniform[1, row]) + 0.5 if weight.sum() > 0.0 else -1.0
    redrawn.low[row], redrawn.high[row] = -np.inf, np.inf


@inner
def take_nearest(
    source: Source,
    row: int,
    value: float,
    union: Union,
    count: int,
    found: Found,
    redrawn: Redrawn,
) -> None:
    """Take the allowed value nearest to VALUE (of levels, one by its mass among all patients), else a missing one."""
    places = source.places
    weight = np.zeros(len(places.low))
    best, away = np.nan, np.inf
    if places.leveled:
        for p in range(len(weight)):
            if value_held(source, p, row, union, count):
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
        take_missing(source, row, found, redrawn)
        redrawn.low[row] = np.nan
        return
    p = _pick(weight, source.uniform[2, row])
    redrawn.done[row] = True
    redrawn.place[row] = p + 0.5
    redrawn.low[row] = redrawn.high[row] = places.low[p] if places.leveled else best


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
