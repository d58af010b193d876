"""Round numbers that stand between or beyond patients' values, so that no edge is one patient's value."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FARTHEST = 1e100  # beyond it arithmetic overflows, and no measurement lies


def roundest_between(below: float, above: float) -> float:
    """The number strictly between BELOW and ABOVE that has the fewest digits; ABOVE when no number is.

    >>> roundest_between(118.2, 123.7)
    120.0
    """
    gap = above - below
    if not gap > 0:
        return above
    exponent = math.floor(math.log10(max(abs(below), abs(above), gap)))
    last = math.floor(math.log10(gap)) - 2  # steps this fine meet the gap, unless doubles are coarser
    while exponent >= last:
        for step in (10.0, 5.0, 2.0, 1.0):
            unit = step * 10.0**exponent
            if unit == 0.0 or not above / unit < 1e300:
                continue
            place = math.floor(above / unit)
            for multiple in (place, place - 1):
                found = round(multiple * unit, max(0, -exponent))
                if below < found < above:
                    return found + 0.0
        exponent -= 1
    middle = below + gap / 2
    return middle if below < middle < above else above


def cut_between(below: float, above: float, step: float) -> float:
    """Where the cell of ABOVE begins. BELOW and ABOVE are multiples of STEP, 0 for numbers without precision.

    On a lattice the cell before ends one step earlier. Neither edge is BELOW or ABOVE, unless they are fewer than
    three steps apart, so that one has to be.
    """
    if not step:
        return roundest_between(below, above)
    first, last = round(below / step), round(above / step)
    if last - first < 3:
        return above
    return roundest_between(first + 1, last) * step


def round_outward(value: float, spread: float, *, up: bool) -> float:
    """VALUE moved away from the data to the next multiple of a round step (1, 2 or 5 x 10^m) of at most SPREAD."""
    if spread <= 0 or not math.isfinite(spread):
        return value
    step = _round_step(spread)
    if step == 0.0 or not abs(value) / step < 1e300:
        return value
    moved = math.ceil(value / step) * step if up else math.floor(value / step) * step
    return round(moved, max(0, 1 - math.floor(math.log10(step)))) + 0.0


def _round_step(spread: float) -> float:
    power = 10.0 ** math.floor(math.log10(spread))
    return power * max(m for m in (1, 2, 5) if m == 1 or m * power <= spread * (1 + 1e-12))


def outward_limit(
    extreme: npt.NDArray[np.float64], *, up: bool, step: float = 0.0, shared: float | None = None
) -> float:
    """A limit for values from those of the k most extreme patients together: their median, rounded outward.

    extreme: float64[k], the k largest (up) or smallest values, one a patient; step: the lattice they lie on, or 0;
    shared: the innermost of them, when k patients or more hold it.

    A median of k is moved by no patient alone, however extreme, and nor is the step of the rounding, which is the
    spread of the inner half. The limit is the value of none of them, unless it is shared, or it lies on the lattice
    between two others: where every multiple of STEP is held, it tells nothing.
    """
    least, most, median = float(extreme.min()), float(extreme.max()), float(np.median(extreme))
    if least == most:
        return least
    if median == shared:
        return median
    outward = 1 if up else -1
    spread = (median - (least if up else most)) * outward or abs(median) / 20 or (most - least) / 2
    limit = round_outward(median, spread, up=up)
    if step:
        held = {round(float(x) / step) for x in extreme if x != shared}
        away = max(1, round(_round_step(spread) / step)) * outward
        place = math.ceil(limit / step - 1e-9) if up else math.floor(limit / step + 1e-9)
        while place in held and not (place - 1 in held and place + 1 in held):
            place += away
        return place * step
    values = set(extreme.tolist()) - {shared}
    while limit in values:  # a step at a time; one that is lost in the digits becomes the next double
        moved = round_outward(limit + _round_step(spread) / 2 * outward, spread, up=up)
        beyond = (moved - limit) * outward > 0
        limit = moved if beyond else float(np.nextafter(limit, np.inf * outward))
    return limit
