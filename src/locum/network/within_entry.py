"""Where inside their cells the numbers of a variable lie, in the model file, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from locum.network.arrays import Floats
from locum.network.cells import on_line
from locum.network.damage import keys, list_of, need, numbers
from locum.network.within import CLASSES, MOST_DIGITS, SHARPEST, Within, exact_places
from locum.variables import Variable


def within_entry(within: Within) -> dict[str, Any]:
    """Where inside their cells numbers lie, without what is even."""
    bent = np.flatnonzero(within.bend)
    return {
        "digits": within.digits.tolist(),
        "bends": [[i, p] for i, p in zip(bent.tolist(), within.bend[bent].tolist(), strict=True)],
        "peaks": [
            [i, value, share]
            for i, value, share in zip(
                within.peak_cell.tolist(), within.peak_value.tolist(), within.peak_share.tolist(), strict=True
            )
        ],
    }


def within_from(entry: Any, variable: Variable, low: Floats, high: Floats) -> Within:
    """What ENTRY holds; low, high: float64[cells], the bounds of the cells.

    Raises `Damaged` when it names cells that are not there, or values outside them.
    """
    what = f'where the numbers of "{variable.name}" lie within their cells does not fit'
    keys(entry, {"digits", "bends", "peaks"}, what)
    rows = [numbers(row, what) for row in list_of(entry["digits"], what)]
    need(len(rows) <= MOST_DIGITS and all(len(row) == CLASSES for row in rows), what)
    digits = np.array(rows).reshape(len(rows), CLASSES)
    need(bool((digits >= 0).all() and (digits <= 10).all() and (digits.sum(axis=1) > 0).all()), what)
    need(not rows or exact_places(np.concatenate([low, high]), variable.precision), what)
    bend = np.zeros(len(low))
    bends = [numbers(pair, what) for pair in list_of(entry["bends"], what)]
    need(all(len(pair) == 2 for pair in bends), what)
    peaks = [numbers(three, what) for three in list_of(entry["peaks"], what)]
    need(all(len(three) == 3 for three in peaks), what)
    for cell in [*(pair[0] for pair in bends), *(three[0] for three in peaks)]:
        need(cell == int(cell) and 0 <= cell < len(low), what)
    for number, rate in bends:
        need(0 < abs(rate) <= SHARPEST, what)
        bend[int(number)] = rate
    at = np.array([three[0] for three in peaks]).astype(np.int64)
    value, share = np.array([three[1] for three in peaks]), np.array([three[2] for three in peaks])
    need(bool((np.diff(at) >= 0).all() and (share > 0).all()), what)
    need(bool((np.bincount(at, share, minlength=1) <= 1 + 1e-9).all()), what)
    need(bool(((low[at] <= value) & (value <= high[at])).all()), what)
    need(np.array_equal(on_line(variable, value), value), what)
    return Within(digits, bend, at, value.astype(np.float64), share.astype(np.float64))
