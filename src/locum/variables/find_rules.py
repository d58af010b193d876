"""Find, in a table, numbers that order one another: admission before discharge, diastolic below systolic pressure.

What is found is a proposal for the declaration: a rule ``a <= b`` that all patients keep to, or all but very few,
though many would break it if the two had nothing to do with each other. Where one is missing, nothing is broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput
from locum.variables.conditions import Flag, Name, parse
from locum.variables.variable import Kind, Rule, Variable

Floats = npt.NDArray[np.float64]

FIRST_ROWS, MOST_ROWS = 500, 20_000  # looked at for all pairs, and for those that are left
TOLERATED = 0.001  # share of the rows with both that may break a rule
TELLING = 0.01  # share of them that would break it if the two were independent, at least
MOST_PAIRS = 400  # looked at in all rows, those that would be broken most often
MOST_RULES = 60


class Pair(NamedTuple):
    """LOW is at most HIGH. telling: the share of rows that would break it if the two were independent."""

    low: int
    high: int
    telling: float


def find_rules(
    variables: Sequence[Variable], values: Floats, k: int, people: npt.NDArray[np.int64] | None = None
) -> tuple[Rule, ...]:
    """The rules that order VARIABLES, numbers and dates, those that tell most first.

    values: float64[variables, n], NaN where missing; people: int64[n], rows of the same number are one person's.
    A rule is held exactly unless at least k patients break it: fewer are not told.
    """
    n = values.shape[1]
    few, more = values[:, :: max(1, n // FIRST_ROWS)], values[:, :: max(1, n // MOST_ROWS)]
    found = [pair for pair in _not_broken(variables, few) if _held(pair, few, slack=2)]
    measured = [
        (low, high, _telling(more[low], more[high])) for low, high in found if _held((low, high), more)
    ]
    pairs = [Pair(*m) for m in measured if m[2] >= TELLING]
    pairs = sorted(pairs, key=lambda pair: (-pair.telling, pair))[:MOST_PAIRS]
    exactly: dict[Pair, bool] = {}
    for pair in pairs:
        broken = values[pair.low] > values[pair.high]
        both = _both(values[pair.low], values[pair.high])
        if broken.sum() < TOLERATED * both.sum() and pair.telling * both.sum() >= 2 * k:
            who = np.flatnonzero(broken) if people is None else np.unique(people[broken])
            exactly[pair] = len(who) < k
    kept = [pair for pair in exactly if not _follows(pair, exactly, values, variables)]
    rules = [(_words(variables[pair.low].name, variables[pair.high].name), exactly[pair]) for pair in kept]
    return tuple(Rule(words, exact) for words, exact in rules if words is not None)[:MOST_RULES]


def _not_broken(variables: Sequence[Variable], few: Floats) -> list[tuple[int, int]]:
    """Pairs of the same unit whose ranges overlap, and of which hardly any row of FEW breaks the order."""
    alike = [(v.kind is Kind.DATE, v.unit) for v in variables]
    known = ~np.isnan(few)
    least = np.min(np.where(known, few, np.inf), axis=1, initial=np.inf)
    most = np.max(np.where(known, few, -np.inf), axis=1, initial=-np.inf)
    found = []
    for low, line in enumerate(few):
        broken = np.count_nonzero(line > few, axis=1)
        beyond = np.count_nonzero(line < few, axis=1)
        overlap = most[low] > least
        for high in np.flatnonzero((broken <= 2) & (beyond > 0) & overlap).tolist():
            if high != low and alike[high] == alike[low]:
                found.append((low, high))
    return found


def _both(low: Floats, high: Floats) -> npt.NDArray[np.bool_]:
    return ~(np.isnan(low) | np.isnan(high))


def _held(pair: tuple[int, int], values: Floats, slack: int = 0) -> bool:
    """Whether hardly any row breaks the order of PAIR, and it is not all but an equality. SLACK: rows let pass."""
    low, high = values[pair[0]], values[pair[1]]
    both = np.count_nonzero(_both(low, high))
    if not both:
        return False
    broken, beyond = np.count_nonzero(low > high), np.count_nonzero(low < high)
    return bool(broken <= TOLERATED * both + slack and beyond > TOLERATED * both)


def _telling(low: Floats, high: Floats) -> float:
    """The share of pairs of a LOW and a HIGH, drawn apart among the rows with both, whose order is broken."""
    both = _both(low, high)
    one, other = low[both], np.sort(high[both])
    return float(np.searchsorted(other, one, side="left").mean() / len(other)) if len(one) else 0.0


def _follows(pair: Pair, exactly: dict[Pair, bool], values: Floats, variables: Sequence[Variable]) -> bool:
    """Whether the order of PAIR follows: from those of both with a third, or from one being the least of several."""
    names = variables[pair.low].name, variables[pair.high].name
    both = _both(values[pair.low], values[pair.high])
    for whole, part, how in ((pair.low, names[1], "least"), (pair.high, names[0], "greatest")):
        for formula in variables[whole].follows:
            if formula.how == how and part in formula.of:
                of = [values[v] for v, own in enumerate(variables) if own.name in formula.of]
                if formula.holds(values[whole], of, variables[whole].precision)[both].all():
                    return True
    above = {p.high for p, exact in exactly.items() if p.low == pair.low and exact}
    below = {p.low for p, exact in exactly.items() if p.high == pair.high and exact}
    for third in sorted(above & below):
        if np.count_nonzero(np.isnan(values[third]) & both) <= TOLERATED * both.sum():
            return True
    return False


def _words(low: str, high: str) -> str | None:
    """The condition, or None for names that cannot be written in one."""
    one, other = _written(low), _written(high)
    return None if one is None or other is None else f"{one} <= {other}"


def _written(name: str) -> str | None:
    """NAME as a condition has it, in backticks where it has to be; None where it cannot be written."""
    for text in (name, f"`{name}`"):
        try:
            if parse(text, "a name") == Flag(Name(name)):
                return text
        except BadInput:
            continue
    return None
