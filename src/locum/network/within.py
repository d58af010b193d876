"""Where inside a cell a number lies: on round digits, at peaks, nearer to one end.

Cells hold k patients or more, so each is told by little more than its bounds. Three things are known of the numbers
inside, and each is an aggregate of k patients or more:

* ``digits``: how much more often a number ends in 0, in 5, in another even or in an odd digit, at each power of ten of
  its precision, over the whole variable (blood pressures that end in 0);
* ``peaks``: single numbers that k patients or more share within a cell, and their part of it;
* ``bend``: where a cell is not evenly filled, how fast it thins out (the outermost cells of a heavy tail).

A number's weight is the product of the weights of its last digits: the last one, and as long as these are 0, the one
before. How much weight lies below a number is then a sum over the powers of ten, whatever the numbers are, so a place
in [0, 1) is turned into a number by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.network.arrays import Floats, Integers
from locum.network.kernels import inner

CLASSES = 4  # of a last digit: 0, 5, other even ones, other odd ones
MOST_DIGITS = 8  # powers of ten at which last digits are looked at
SHARPEST = 100.0  # rate of a bend: a hundredth of the cell's length on average
LARGEST_PLACE = 2.0**52  # above it, whole numbers of steps are not exact
SMALLEST = 1e-9  # width of a cell, where it is one number of a continuous scale
CLASS_OF = np.array([0, 3, 2, 3, 2, 1, 2, 3, 2, 3])
SIZES = np.array([1.0, 1.0, 4.0, 4.0])  # digits in each class


@dataclass(frozen=True)
class Within:
    """What is known of the numbers inside the cells of one variable.

    digits: float64[powers, 4], the weight of each class of digit, about 1 on average; no power where no digit is
        preferred.
    bend: float64[cells], the rate at which the cell thins out from its lower end, over its length; below 0 from its
        upper end, 0 where it is filled evenly. Cells are counted from the first number's.
    peak_cell: int64[peaks], in order; peak_value, peak_share: float64[peaks], the part of the cell's patients beyond
        what the rest of the cell gives.
    """

    digits: Floats
    bend: Floats
    peak_cell: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    peak_value: Floats = field(default_factory=lambda: np.zeros(0))
    peak_share: Floats = field(default_factory=lambda: np.zeros(0))

    @cached_property
    def first_peak(self) -> Integers:
        """int64[cells + 1]: where the peaks of each cell begin."""
        return np.searchsorted(self.peak_cell, np.arange(len(self.bend) + 1))

    @property
    def even(self) -> bool:
        """Whether there is nothing to say: every cell is filled evenly."""
        return not len(self.digits) and not len(self.peak_cell) and not self.bend.any()

    def place(self, cell: Integers, inside: Floats, low: Floats, high: Floats, step: float) -> Floats:
        """float64[n]: the numbers at INSIDE (in [0, 1)) of the cells CELL.

        low, high: float64[cells], their bounds; step: the declared precision, on which the numbers lie, or 0.
        """
        return _place(
            cell,
            inside,
            low,
            high,
            step,
            self.digits,
            up_to(self.digits),
            self.bend,
            self.first_peak,
            self.peak_value,
            self.peak_share,
        )


def up_to(digits: Floats) -> Floats:
    """float64[powers, 11]: the weight of the digits from 1 up to below each of 0..10."""
    table = np.zeros((len(digits), 11))
    for power, weight in enumerate(digits):
        table[power, 2:] = np.cumsum(weight[CLASS_OF[1:]])
    return table


@njit(cache=True, nogil=True)
def weight_below(place: int | np.int64, digits: Floats, table: Floats) -> float:
    """The weight of the whole numbers from 0 to below PLACE (less than 0 for a negative one)."""
    total, scale = 0.0, 1.0
    for power in range(len(digits)):
        tens = place // 10
        last = place - tens * 10
        total += scale * (tens * table[power, 10] + table[power, last])
        scale *= digits[power, 0]
        place = tens + (1 if last > 0 else 0)
    return total + scale * place


@inner
def bent(u: float, rate: float) -> float:
    """The place in [0, 1] below which the part U lies, where the density falls as exp(-rate * place)."""
    if rate == 0.0:
        return u
    return min(max(-np.log1p(-u * (1.0 - np.exp(-rate))) / rate, 0.0), 1.0)


@njit(cache=True, nogil=True)
def _place(
    cell: Integers,
    inside: Floats,
    low: Floats,
    high: Floats,
    step: float,
    digits: Floats,
    table: Floats,
    bend: Floats,
    first_peak: Integers,
    peak_value: Floats,
    peak_share: Floats,
) -> Floats:
    out = np.empty(len(cell))
    for i in range(len(cell)):
        c = cell[i]
        a, b = low[c], high[c]
        u = inside[i]
        left, at_peak = 1.0, False
        for peak in range(first_peak[c], first_peak[c + 1]):
            if u < peak_share[peak]:
                out[i] = peak_value[peak]
                at_peak = True
                break
            u -= peak_share[peak]
            left -= peak_share[peak]
        if at_peak:
            continue
        u = bent(min(max(u / left, 0.0), 1.0) if left > 1e-9 else 0.5, bend[c])
        u = min(u, 1.0 - 1e-9)
        if step == 0.0:
            out[i] = a + u * (b - a)
            continue
        places = np.rint((b - a) / step) + 1
        if len(digits) and places > 1:
            first = np.int64(np.rint(a / step))
            n, beyond = first, first + np.int64(places)
            start = weight_below(first, digits, table)
            whole = weight_below(beyond, digits, table) - start
            if whole > 1e-9:
                wanted = start + u * whole
                while beyond - n > 1:  # weight below n <= wanted < weight below beyond
                    middle = (n + beyond) // 2
                    if weight_below(middle, digits, table) <= wanted:
                        n = middle
                    else:
                        beyond = middle
                out[i] = n * step
                continue
        out[i] = a + np.floor(u * places) * step
    return out


def shares_within(
    within: Within, cells: Integers, low: Floats, count: Integers, of: Integers, place: Integers, step: float
) -> Floats:
    """float64[points]: the share of each number of some cells in its cell, for numbers on a lattice of STEP.

    cells: int64[m], as `Within` counts them; low: float64[m], their first numbers; count: int64[m], of numbers.
    of: int64[points], in order, which of the M cells each number is of; place: int64[points], its place there from 0.
    """
    begin, end = place / count[of], (place + 1) / count[of]
    if len(within.digits):
        table = up_to(within.digits)
        first = np.rint(low / step).astype(np.int64)
        start = weights_below(first, within.digits, table)
        all_of = weights_below(first + count, within.digits, table) - start
        told = (all_of > 1e-9)[of]
        at = (first[of] + place)[told]
        for side, more in ((begin, 0), (end, 1)):
            below = weights_below(at + more, within.digits, table) - start[of[told]]
            side[told] = below / all_of[of[told]]
    rate = within.bend[cells][of]
    bend = rate != 0.0
    for side in (begin, end):
        side[bend] = np.expm1(-rate[bend] * side[bend]) / np.expm1(-rate[bend])
    peaks = np.zeros(len(cells))
    share: Floats = end - begin
    which = np.full(len(within.bend), -1)
    which[cells] = np.arange(len(cells))
    mine = which[within.peak_cell]
    held = np.flatnonzero(mine >= 0)
    np.add.at(peaks, mine[held], within.peak_share[held])
    share *= np.maximum(1.0 - peaks, 0.0)[of]
    number = np.rint((within.peak_value[held] - low[mine[held]]) / step).astype(np.int64)
    number = np.clip(number, 0, count[mine[held]] - 1)
    np.add.at(share, np.searchsorted(of, mine[held]) + number, within.peak_share[held])
    return share


def widths(within: Within | None, low: Floats, high: Floats, step: float) -> Floats:
    """float64[cells]: how much of an even density each of the cells LOW to HIGH holds; preferred digits hold more."""
    if within is not None and len(within.digits):
        table = up_to(within.digits)
        first, beyond = (np.rint(x / step).astype(np.int64) for x in (low, high + step))
        width = weights_below(beyond, within.digits, table) - weights_below(first, within.digits, table)
    else:
        width = high - low + step
    return np.maximum(width, SMALLEST)


@njit(cache=True, nogil=True)
def weights_below(places: Integers, digits: Floats, table: Floats) -> Floats:
    """float64[n]: the weight of the whole numbers from 0 to below each of PLACES (int64[n])."""
    out = np.empty(len(places))
    for i in range(len(places)):
        out[i] = weight_below(places[i], digits, table)
    return out


def exact_places(bounds: npt.NDArray[np.float64], step: float | None) -> bool:
    """Whether the numbers within BOUNDS are whole numbers of steps that can be counted exactly."""
    return bool(step) and bool(np.all(np.abs(bounds) < LARGEST_PLACE * (step or 1.0)))
