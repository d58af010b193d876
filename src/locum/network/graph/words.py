"""What a set of split codes says about a variable, in words: "≥ 62 years", "is female or not recorded"."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from locum.network.cells import Cells
from locum.variables.variable import NOT_RECORDED, OTHER, Kind, Variable

MOST_NAMED = 3  # levels that a condition names; of more, it says how many
EPOCH = datetime.date(1970, 1, 1)
YES_AND_NO = {("0", "1"), ("n", "y"), ("no", "yes"), ("false", "true")}


def level(variable: Variable, number: int) -> str:
    """The name of a level; yes and no for those of a flag, however they are written."""
    if number >= len(variable.levels):
        return OTHER
    if variable.kind is Kind.BINARY and tuple(sorted(text.lower() for text in variable.levels)) in YES_AND_NO:
        return "yes" if variable.levels[number].lower() in ("1", "y", "yes", "true") else "no"
    return variable.levels[number]


def condition(cells: Cells, allowed: npt.NDArray[np.bool_]) -> str:
    """ALLOWED (bool[splits], the codes that a group may have) in words, to follow the name of the variable.

    cells: those that trees split on.
    """
    held = np.bincount(cells.split, cells.mass, minlength=cells.splits) > 0
    reasons = [reason for reason in range(cells.reasons) if held[reason]]
    absent = [reason for reason in reasons if allowed[reason]]
    here = np.flatnonzero(held & allowed)
    here = here[here >= cells.reasons]
    there = np.flatnonzero(held & ~allowed)
    there = there[there >= cells.reasons]
    missing = _missing(cells.variable, absent, len(absent) == len(reasons))
    if len(here) == 0:
        return f"is {missing}"
    if len(there) == 0:
        rest = [reason for reason in reasons if not allowed[reason]]
        return f"is not {_missing(cells.variable, rest, False)}" if absent else "is recorded"
    if cells.variable.kind.has_levels:
        said = _levels(cells, here, there)
    else:
        said = _interval(cells, int(here[0]), int(here[-1]))
    return f"{said} or {missing}" if absent else said


def number(value: float) -> str:
    """12,000 and 0.05: an edge of a cell is a round number, but for those of values without a precision."""
    short = value if value.is_integer() else float(f"{value:.5g}")
    return f"{short:,.12g}".replace("-", "\N{MINUS SIGN}")


def day(value: float) -> str:
    """Days since 1970-01-01 as an ISO date."""
    try:
        return (EPOCH + datetime.timedelta(days=math.floor(value))).isoformat()
    except OverflowError:
        return number(value)


def _missing(variable: Variable, reasons: Sequence[int], all_of_them: bool) -> str:
    names = [variable.missing_reasons[reason] for reason in reasons]
    return NOT_RECORDED if all_of_them or not names else _or(names)


def _levels(cells: Cells, here: npt.NDArray[np.int64], there: npt.NDArray[np.int64]) -> str:
    def named(code: int) -> str:
        alike = np.flatnonzero((cells.split == code) & (cells.mass > 0)) - cells.reasons
        if len(alike) > 1:  # rare levels that trees cannot tell apart
            return f"one of {len(alike)} rarer levels"
        return level(cells.variable, int(alike[0]))

    def names(codes: npt.NDArray[np.int64]) -> list[str]:
        found = [named(int(code)) for code in codes[:MOST_NAMED]]
        more = len(codes) - len(found)
        return [*found, f"{more} more"] if more else found

    if (
        cells.variable.kind is Kind.ORDINAL and len(here) > 1
    ):  # thresholds: all between the first and the last
        first, last = named(int(here[0])), named(int(here[-1]))
        if there.min() > here.max():
            return f"is {last} or less"
        if there.max() < here.min():
            return f"is {first} or more"
        return f"is {first} to {last}"
    if len(here) > MOST_NAMED and len(there) <= MOST_NAMED:
        return f"is neither {_or(names(there), 'nor')}" if len(there) > 1 else f"is not {names(there)[0]}"
    return f"is {_or(names(here))}"


def _interval(cells: Cells, first: int, last: int) -> str:
    """The numbers whose split codes are FIRST to LAST, in the edges of cells."""
    variable, step = cells.variable, cells.variable.precision
    inside = np.flatnonzero(cells.split[cells.reasons :] >= first) + cells.reasons
    beyond = np.flatnonzero(cells.split[cells.reasons :] > last) + cells.reasons
    low = float(cells.low[inside[0]])
    below = first == int(cells.split[cells.reasons])
    high = float(cells.low[beyond[0]]) if len(beyond) else None
    if variable.kind is Kind.DATE:
        if high is None:
            return f"from {day(low)}"
        return f"before {day(high)}" if below else f"from {day(low)} to before {day(high)}"
    unit = f" {variable.unit}" if variable.unit else ""
    until = len(cells.low) if high is None else int(beyond[0])
    if until - inside[0] == 1 and cells.low[inside[0]] == cells.high[inside[0]]:
        return f"is {number(low)}{unit}"
    if high is None:
        return f"≥ {number(low)}{unit}"
    if below:
        return f"< {number(high)}{unit}"
    if step and step >= 1:
        return f"{number(low)} to {number(high - step)}{unit}"
    return f"{number(low)} to under {number(high)}{unit}"


def _or(names: Sequence[str], word: str = "or") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
