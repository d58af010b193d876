"""Columns and laws that the tests of the network share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from locum.network.cells import Cells, on_line
from locum.variables import Column, Kind, Variable

Shape = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]


def numbers(
    values: npt.ArrayLike,
    *,
    name: str = "x",
    kind: Kind = Kind.CONTINUOUS,
    missing: npt.ArrayLike | None = None,
    reasons: tuple[str, ...] = (),
    low: float | None = None,
    high: float | None = None,
    precision: float | None = None,
) -> Column:
    """A number column; NaN is missing as not recorded, or for the reason that MISSING says."""
    values = np.array(values, np.float64)
    codes = np.isnan(values).astype(np.uint8) if missing is None else np.array(missing, np.uint8)
    values[codes > 0] = np.nan
    listed = {reason: (str(-7 - i),) for i, reason in enumerate(reasons)}
    variable = Variable(name, kind, "double", low=low, high=high, precision=precision, missing=listed)
    return Column(variable, values, codes)


def levels(
    codes: npt.ArrayLike,
    count: int,
    *,
    name: str = "level",
    kind: Kind = Kind.NOMINAL,
    missing: npt.ArrayLike | None = None,
    reasons: tuple[str, ...] = (),
) -> Column:
    """A column with COUNT levels; CODES index them (COUNT: other)."""
    values = np.array(codes, np.float64)
    absent = np.isnan(values).astype(np.uint8) if missing is None else np.array(missing, np.uint8)
    values[absent > 0] = np.nan
    listed = {reason: (reason,) for reason in reasons}
    variable = Variable(name, kind, levels=tuple(f"L{i}" for i in range(count)), missing=listed)
    return Column(variable, values, absent)


def everyone(n: int) -> npt.NDArray[np.bool_]:
    """Each row is a patient."""
    return np.ones(n, np.bool_)


def told(cells: Cells, column: Column, counted: npt.NDArray[np.bool_], k: int) -> set[float]:
    """Edges of CELLS that are the value of fewer than k patients, where another edge could have been drawn.

    On a lattice, neighbouring values less than three steps apart force an edge onto one of them; an outer limit is
    forced where the values on both sides of it are held too. The declared range is not learned, so no edge tells it.
    """
    present = column.values[(column.missing == 0) & counted]
    held, count = np.unique(present, return_counts=True)
    rare = set(held[count < k].tolist())
    low, high = cells.low[cells.reasons :], cells.high[cells.reasons :]
    edges = {*low.tolist(), *high.tolist()} - {column.variable.low, column.variable.high}
    found = edges & rare
    step = column.variable.precision
    if step is None:
        return found
    held = on_line(column.variable, held)
    place = set(np.rint(held / step).astype(int).tolist())
    inner = {*low[1:].tolist(), *high[:-1].tolist()}

    def forced(edge: float) -> bool:
        here = round(edge / step)
        if edge in inner:
            return bool({here - 2, here - 1} & place or {here + 1, here + 2} & place)
        return here - 1 in place and here + 1 in place

    return {edge for edge in found if not forced(edge)}
