"""Round numbers that stand between or beyond patients' values, so that no edge is one patient's value."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt


def roundest_between(below: float, above: float) -> float:
    """The number c with below < c <= above that has the fewest decimal digits.

    >>> roundest_between(118.2, 123.7)
    120.0
    """
    if not below < above:
        return above
    exponent = math.floor(math.log10(max(abs(below), abs(above), above - below)))
    while exponent > -15:
        for step in (10.0, 5.0, 2.0, 1.0):
            unit = step * 10.0**exponent
            candidate = math.floor(above / unit) * unit
            if below < candidate <= above:
                digits = max(0, -exponent)
                rounded = round(candidate, digits)
                return rounded if below < rounded <= above else candidate
        exponent -= 1
    return above


def round_outward(value: float, spread: float, *, up: bool) -> float:
    """VALUE moved away from the data to the next multiple of a round step (1, 2 or 5 x 10^m) of at most SPREAD."""
    if spread <= 0 or not math.isfinite(spread):
        return value
    power = 10.0 ** math.floor(math.log10(spread))
    step = power * max(m for m in (1, 2, 5) if m * power <= spread * (1 + 1e-12))
    moved = math.ceil(value / step) * step if up else math.floor(value / step) * step
    return round(moved, max(0, 1 - math.floor(math.log10(step))))


def outward_limit(extreme: npt.NDArray[np.float64], *, up: bool) -> float:
    """A limit for values from those of the k most extreme patients together: their mean, rounded outward.

    extreme: float64[k], the k largest (up) or smallest values, one a patient.
    """
    mean = float(extreme.mean())
    return round_outward(mean, float(extreme.max() - extreme.min()) / 2, up=up)
