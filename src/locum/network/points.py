"""The values that a variable can be drawn as, so that one search turns a random number into a value.

A number on a lattice (whole years, one decimal) lies inside its cell on round digits, at peaks, nearer to one end
(`locum.network.within`). All of that comes to a share for each number, so the numbers are laid out once, each with its
share, and drawing looks one up. Where the numbers cannot be counted, or are too many, the cells stand for themselves.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from locum.network.arrays import Bytes, Floats, Integers
from locum.network.within import shares_within
from locum.variables.writing import on_grid

if TYPE_CHECKING:
    from locum.network.cells import Cells

MOST_POINTS = 65_536  # of a variable: beyond it, its cells are the points
MOST_GUIDES = 4_096  # places at which the search of the body may begin


class Points(NamedTuple):
    """What a variable can be drawn as: the points of a state together, in the order of the cells.

    first: int64[states + 1], where each state begins; edges: float64[points], where each point begins in [0, 1] among
        its state's mass. cell: int64[points]; split, missing: uint8[points].
    value: float64[points], NaN where missing or where it follows from a formula. whole: whether each point is one
        value; else it is a cell, and VALUE means nothing.
    body: the state drawn from a leaf's quantile function, or -1; guide: int64[guides + 1], for ranks at equal
        distances, the last point of the body that begins at or below each.
    """

    first: Integers
    edges: Floats
    cell: Integers
    split: Bytes
    missing: Bytes
    value: Floats
    whole: bool
    body: int
    guide: Integers


def points_of(own: Cells) -> Points:
    """The points of a variable's cells."""
    drawable = own.drawable
    cells, step = drawable.order, own.variable.precision or 0.0
    low = own.low[cells]
    width = np.where(own.high[cells] > low, own.high[cells] - low, 0.0)
    numbers = np.rint(width / step) + 1 if step else np.where(width > 0, np.inf, 1.0)
    whole = bool(numbers.sum() <= MOST_POINTS)
    count: Integers = (numbers if whole else np.ones(len(cells))).astype(np.int64)
    of = np.repeat(np.arange(len(cells)), count)  # the drawable cell of each point
    place = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    share = _shares(own, cells, count, of, place, step)
    weight = own.mass[cells[of]] * share
    kept = weight > 0
    of, place, weight = of[kept], place[kept], weight[kept]
    cell = cells[of]
    first = np.searchsorted(own.state[cell], np.arange(own.states + 1))
    edges = np.zeros(len(of))
    for a, b in pairwise(first):
        ends = np.cumsum(weight[a:b])
        edges[a + 1 : b] = ends[:-1] / ends[-1] if b > a else 0.0
    if own.variable.kind.has_levels:
        value = (cell - own.reasons).astype(np.float64)
    else:
        value = on_grid(low[of] + place * step, own.variable.precision)
    missing = np.where(cell < own.reasons, cell + 1, 0).astype(np.uint8)
    value[missing > 0] = np.nan
    return Points(
        first, edges, cell, own.split[cell], missing, value, whole, own.body, _guide(edges, first, own.body)
    )


def _shares(
    own: Cells, cells: Integers, count: Integers, of: Integers, place: Integers, step: float
) -> Floats:
    """float64[points]: the share of each point in its cell."""
    share: Floats = 1.0 / count[of]
    if own.within is None or not (count > 1).any():
        return share
    wide = count > 1
    here = wide[of]
    number = np.zeros(len(cells), np.int64)
    number[wide] = np.arange(np.count_nonzero(wide))
    share[here] = shares_within(
        own.within,
        cells[wide] - own.reasons,
        own.low[cells[wide]],
        count[wide],
        number[of[here]],
        place[here],
        step,
    )
    return share


def _guide(edges: Floats, first: Integers, body: int) -> Integers:
    if body < 0 or first[body + 1] == first[body]:
        return np.zeros(2, np.int64)
    a, b = first[body], first[body + 1]
    guides = min(MOST_GUIDES, 1 << int(2 * (b - a)).bit_length())
    return a + np.searchsorted(edges[a:b], np.arange(guides + 1) / guides, side="right") - 1
