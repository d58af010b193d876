"""Learn where inside their cells the training patients' numbers lie; every figure is of k patients or more, rounded."""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Floats, Integers
from locum.network.within import (
    CLASS_OF,
    CLASSES,
    MOST_DIGITS,
    SHARPEST,
    SIZES,
    Within,
    exact_places,
    up_to,
    weights_below,
)
from locum.variables import Kind, Variable

SURE = 16.3  # chi-squared of 3 degrees of freedom, p = 0.001: digits are preferred
MANY_SIGMA = 3.0  # standard errors by which a bend or a peak stands out
LEAST_PEAK = 0.05  # part of a cell that a peak holds
MOST_PEAKS = 8  # in one cell, so that a file stays small
PASSES = 12  # over the powers of ten


def learn_within(
    variable: Variable, numbers: Floats, count: Integers, low: Floats, high: Floats, k: int
) -> Within | None:
    """What is known inside the cells LOW to HIGH (float64[cells]); None where each is filled evenly.

    numbers: float64[n], the distinct ones in order, within the range and on the lattice; count: int64[n], how many
        patients have each.
    """
    step = variable.precision or 0.0
    lies_in = np.maximum(np.searchsorted(low, numbers, side="right") - 1, 0)
    wide = (high > low)[lies_in]
    total = np.bincount(lies_in[wide], count[wide], minlength=len(low)).astype(np.float64)
    inner = (
        wide & (numbers >= low[lies_in]) & (numbers <= high[lies_in])
    )  # a few lie beyond the outermost limits
    numbers, count, lies_in = numbers[inner], count[inner], lies_in[inner]
    digits = np.ones((0, CLASSES))
    if variable.kind is not Kind.DATE and exact_places(np.concatenate([low, high]), variable.precision):
        first = np.rint(low / step).astype(np.int64)
        beyond = np.rint(high / step).astype(np.int64) + 1
        digits = learn_digits(np.rint(numbers / step).astype(np.int64), count, lies_in, first, beyond, k)
    below, share = _even_places(numbers, low[lies_in], high[lies_in], step, digits)
    peak = (count >= k) & (count > total[lies_in] * share * 2 + MANY_SIGMA * np.sqrt(total[lies_in] * share))
    rest = ~peak
    bend = _bends(below[rest] + share[rest] / 2, count[rest], lies_in[rest], len(low), k)
    at = np.flatnonzero(peak)
    bar = np.where(bend[lies_in[at]] == 0.0, share[at], 0.0)
    excess = np.floor((count[at] / total[lies_in[at]] - bar) * 100) / 100
    at, excess = at[excess >= LEAST_PEAK], excess[excess >= LEAST_PEAK]
    order = np.lexsort((-excess, lies_in[at]))
    at, excess = at[order], excess[order]
    place = np.arange(len(at)) - np.searchsorted(lies_in[at], lies_in[at])
    at, excess = at[place < MOST_PEAKS], excess[place < MOST_PEAKS]
    found = Within(digits, bend, lies_in[at], numbers[at], excess)
    return None if found.even else found


def _even_places(
    numbers: Floats, low: Floats, high: Floats, step: float, digits: Floats
) -> tuple[Floats, Floats]:
    """(where each number begins in [0, 1) of its cell, its share of it), were the cell filled evenly."""
    if not step:
        return (numbers - low) / (high - low), np.zeros(len(numbers))
    if not len(digits):
        places = np.rint((high - low) / step) + 1
        return np.rint((numbers - low) / step) / places, 1 / places
    table = up_to(digits)
    a, n, b = (
        weights_below(np.rint(x / step).astype(np.int64), digits, table) for x in (low, numbers, high + step)
    )
    after = weights_below(np.rint(numbers / step).astype(np.int64) + 1, digits, table)
    whole = np.where(b > a, b - a, 1.0)
    return (n - a) / whole, (after - n) / whole


def _bends(middle: Floats, count: Integers, cell: Integers, cells: int, k: int) -> Floats:
    """float64[cells]: the rate at which each cell thins out, in quarters of an octave, likeliest for its mean place.

    An exponential: a median or a power would let a heavy tail reach too far, since a cell ends where patients do.
    """
    held = np.bincount(cell, count, minlength=cells)
    mean = np.bincount(cell, count * middle, minlength=cells) / np.maximum(held, 1)
    sure = (held >= k) & (np.abs(mean - 0.5) * np.sqrt(12 * held) > MANY_SIGMA)
    rate = np.geomspace(1 / 8, SHARPEST, 200)
    means = 1 / rate - 1 / np.expm1(rate)  # of an exponential cut at 1
    steep = np.interp(-np.minimum(mean, 1 - mean), -means, rate)
    rounded = np.minimum(2.0 ** (np.round(4 * np.log2(steep)) / 4), SHARPEST)
    return np.where(sure, np.where(mean > 0.5, -rounded, rounded), 0.0)


def learn_digits(
    place: Integers, times: Integers, cell: Integers, first: Integers, beyond: Integers, k: int
) -> Floats:
    """float64[powers, 4]: the weights under which the patients' numbers are likeliest, given their cells.

    place: int64[n], whole numbers of steps; times: int64[n], how many patients have each; cell: int64[n]; first,
        beyond: int64[cells], the places of each cell.
    The likelihood is that of Luce's choice among the places of a cell; its maximum is found by minorisation (Hunter
    2004). A power of ten is kept as long as it tells more than chance does; a class of fewer than k patients has none.
    """
    digits = np.ones((0, CLASSES))
    held = np.bincount(cell, times, minlength=len(first)).astype(np.float64)
    wide = (beyond - first > 1) & (held > 0)
    if not wide.any():
        return digits
    held, first, beyond = held[wide], first[wide], beyond[wide]
    count = np.zeros((MOST_DIGITS, CLASSES))
    rest, times = place[wide[cell]], times[wide[cell]]
    for power in range(MOST_DIGITS):
        count[power] = np.bincount(CLASS_OF[rest % 10], times, minlength=CLASSES)
        zero = rest % 10 == 0
        rest, times = rest[zero] // 10, times[zero]
        if times.sum() < 2 * k:
            break
    for power in range(MOST_DIGITS):
        if count[power].sum() < 2 * k:
            break
        tried = np.concatenate([digits, np.ones((1, CLASSES))])
        expected = _expected(held, first, beyond, tried, up_to(tried))[power]
        seen = count[power] * (expected > 0)
        scale = expected * seen.sum() / max(expected.sum(), 1e-12)
        told = 2 * np.sum(seen * np.log(np.maximum(seen, 1e-12) / np.maximum(scale, 1e-12)))
        if told < SURE:
            break
        digits = _fit(tried, count[: power + 1], held, first, beyond, k)
    return np.round(digits, 2)


def _fit(digits: Floats, count: Floats, held: Floats, first: Integers, beyond: Integers, k: int) -> Floats:
    """Weights after some passes over the powers; each power's average is 1 when a 0 stands for its average number."""
    digits = digits.copy()
    for _ in range(PASSES):
        for power in range(len(digits)):
            expected = _expected(held, first, beyond, digits, up_to(digits))[power]
            raised = np.divide(count[power], expected, out=np.ones(CLASSES), where=expected > 1e-9)
            digits[power] *= np.where((count[power] < k) & (expected > 1e-9), 0.0, raised)
            mean = (digits[power] * SIZES).sum() / 10
            if mean <= 0:
                digits[power] = 1.0
            else:
                digits[power] /= mean
    return digits


@njit(cache=True, nogil=True)
def _expected(held: Floats, first: Integers, beyond: Integers, digits: Floats, table: Floats) -> Floats:
    """float64[powers, 4]: how many patients the weights expect to end in each class of digit at each power."""
    powers = len(digits)
    out = np.zeros((powers, 4))
    part = np.zeros((powers, 4))
    for c in range(len(held)):
        part[:] = 0.0
        for end in range(2):
            place, sign = (beyond[c], 1.0) if end else (first[c], -1.0)
            scale = sign
            for power in range(powers):
                tens = place // 10
                last = place - tens * 10
                part[power, 1] += scale * digits[power, 1] * (tens + (1 if last > 5 else 0))
                part[power, 2] += scale * digits[power, 2] * (4 * tens + max(0, (last - 1) // 2))
                odd = last // 2 - (1 if last > 5 else 0)
                part[power, 3] += scale * digits[power, 3] * (4 * tens + odd)
                scale *= digits[power, 0]
                place = tens + (1 if last > 0 else 0)
            part[powers - 1, 0] += scale * place
        for power in range(powers - 2, -1, -1):
            for t in range(4):
                part[power, 0] += part[power + 1, t]
        whole = part[0, 0] + part[0, 1] + part[0, 2] + part[0, 3]
        if whole > 1e-9:
            for power in range(powers):
                for t in range(4):
                    out[power, t] += part[power, t] * (held[c] / whole)
    return out
