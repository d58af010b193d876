"""One variable over the rows of a table: shares of its levels, or quantiles and a histogram of its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.variables import OTHER, Column, Kind, Variable, Variables, to_columns

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
BINS = 20
"""About so many bins; between the outermost two lie all but the 1 % of values that are most extreme."""
TAIL = 0.005
PLACES = 6
"""Decimals of a share: a row of a million."""


@dataclass(frozen=True)
class Bin:
    """From LOW to under UNDER; share: of all rows."""

    low: float
    under: float
    share: float


@dataclass(frozen=True)
class Counted:
    """levels, missing: each with its share of all rows. The rest is of numbers: days since 1970-01-01 of dates."""

    present: float
    levels: tuple[tuple[str, float], ...]
    missing: tuple[tuple[str, float], ...]
    distinct: int | None = None
    mean: float | None = None
    sd: float | None = None
    quantiles: tuple[tuple[float, float], ...] = ()
    bins: tuple[Bin, ...] = ()


def count(table: pa.Table, variable: Variable) -> Counted:
    """VARIABLE as TABLE has it. One column is held at a time, so that millions of rows fit."""
    (column,) = to_columns(table.select([variable.name]), Variables((variable,)))
    rows = max(len(column), 1)
    reasons = np.bincount(column.missing, minlength=len(variable.missing_reasons) + 1)
    present = round(float(reasons[0]) / rows, PLACES)
    missing = tuple(
        (reason, round(float(n) / rows, PLACES))
        for reason, n in zip(variable.missing_reasons, reasons[1:], strict=True)
    )
    if variable.kind.has_levels:
        return Counted(present, _levels(column, rows), missing)
    values = np.sort(column.values[column.missing == 0])
    if not len(values):
        return Counted(present, (), missing, distinct=0)
    is_date = variable.kind is Kind.DATE
    return Counted(
        present,
        (),
        missing,
        distinct=1 + int(np.count_nonzero(np.diff(values))),
        mean=None if is_date else _short(float(values.mean())),
        sd=None if is_date else _short(float(values.std())),
        quantiles=tuple((q, float(values[_rank(q, len(values))])) for q in QUANTILES),
        bins=_bins(values, variable.precision, is_date, rows),
    )


def _levels(column: Column, rows: int) -> tuple[tuple[str, float], ...]:
    levels = column.variable.levels
    index = column.values[column.missing == 0].astype(np.int64)
    found = np.bincount(index, minlength=len(levels) + 1)
    names = [*levels, OTHER] if found[len(levels)] else levels
    return tuple((name, round(float(n) / rows, PLACES)) for name, n in zip(names, found, strict=False))


def _rank(q: float, n: int) -> int:
    """Where the value stands that a share Q of N sorted ones do not exceed: one of them, never between two."""
    return min(max(math.ceil(q * n - 1e-9) - 1, 0), n - 1)


def _bins(
    values: npt.NDArray[np.float64], precision: float | None, is_date: bool, rows: int
) -> tuple[Bin, ...]:
    """Equally wide bins that begin at round numbers, and one at either end for the few beyond."""
    n = len(values)
    low, high = float(values[_rank(TAIL, n)]), float(values[_rank(1 - TAIL, n)])
    step = _step(high - low, precision, is_date)
    step = max(step, _round_up(max(abs(low), abs(high), 1.0) * 1e-12))  # beyond which float64 has no edges
    first, last = math.floor(low / step + 1e-9), math.floor(high / step + 1e-9) + 1
    places = list(range(first, last + 1))
    least = math.floor(float(values[0]) / step + 1e-9)
    most = math.floor(float(values[-1]) / step + 1e-9) + 1
    places = [*([least] if least < first else []), *places, *([most] if most > last else [])]
    edges = [_short(place * step) for place in places]
    # Half a millionth of a step lower, so that 0.3 which is 0.29999999999999998 is in the bin that begins with 0.3
    at = np.searchsorted(values, np.array(edges) - step * 5e-7)
    return tuple(
        Bin(a, b, round(float(k) / rows, PLACES))
        for a, b, k in zip(edges, edges[1:], np.diff(at), strict=False)
    )


def _step(width: float, precision: float | None, is_date: bool) -> float:
    """1, 2 or 5 of a power of ten, and a whole number of the steps of PRECISION (days for dates)."""
    grain = 1.0 if is_date else precision
    wanted = width / BINS
    if grain is not None:
        return _short(grain * _round_up(max(wanted / grain, 1.0)))
    return _short(_round_up(wanted)) if wanted > 0 else 1.0


def _round_up(value: float) -> float:
    size = 10.0 ** math.floor(math.log10(value))
    return next(size * part for part in (1, 2, 5, 10) if value <= size * part * (1 + 1e-9))


def _short(value: float) -> float:
    """Without the noise of arithmetic: 0.3 and not 0.30000000000000004."""
    return float(f"{value:.14g}") + 0.0


def day(days: float) -> str:
    """A day, or a moment where there is a fraction, as ISO 8601 text, from days since 1970-01-01."""
    if days == math.floor(days):
        return str(np.datetime64(int(days), "D"))
    return str(np.datetime64(round(days * 86_400), "s"))
