"""The cells of a variable in the model file, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from locum.network.cells import Cells, on_line
from locum.network.damage import inside, keys, list_of, need, numbers, whole
from locum.network.following import MOST_FORMULAS
from locum.network.splits import CODES
from locum.network.within_entry import within_entry, within_from
from locum.variables import Formula, Variable, formula_of


def cells_entry(cells: Cells) -> dict[str, Any]:
    """Shares and codes of the cells; of numbers their bounds as well, and what formulas they may follow."""
    entry: dict[str, Any] = {
        "variable": cells.variable.name,
        "share": cells.mass.tolist(),
        "split": cells.split.tolist(),
        "state": cells.state.tolist(),
        "body": cells.body,
    }
    if not cells.variable.kind.has_levels:
        entry["low"] = cells.low[cells.reasons : cells.first_formula].tolist()
        entry["high"] = cells.high[cells.reasons : cells.first_formula].tolist()
    if cells.within is not None:
        entry["within"] = within_entry(cells.within)
    if cells.all is not None:
        entry["formulas"] = [formula.entry() for formula in cells.formulas]
        entry["all"] = cells_entry(cells.all)
    return entry


def cells_from(entry: Any, variable: Variable, *, inner: bool = False) -> Cells:
    """The cells that ENTRY holds. INNER: those of every patient's value, which follow no formula.

    Raises `Damaged` when they are not of VARIABLE, or codes and bounds do not fit together.
    """
    what = f'the cells of "{variable.name}" do not fit'
    leveled = variable.kind.has_levels
    edges = set() if leveled else {"low", "high"}
    formulas: tuple[Formula, ...] = ()
    seen = None
    if not leveled and "formulas" in entry and not inner:
        edges |= {"formulas", "all"}
        formulas = tuple(formula_of(formula, what) for formula in list_of(entry["formulas"], what))
        need(0 < len(formulas) <= MOST_FORMULAS, what)
        seen = cells_from(entry["all"], variable, inner=True)
    if not leveled and "within" in entry and not inner:
        edges |= {"within"}
    keys(entry, {"variable", "share", "split", "state", "body"} | edges, f'the cells of "{variable.name}"')
    need(entry["variable"] == variable.name, f'the cells of "{variable.name}" are missing')
    reasons = len(variable.missing_reasons)
    mass = numbers(entry["share"], what)
    split, state = whole(entry["split"], what), whole(entry["state"], what)
    body = entry["body"]
    need(reasons <= len(mass) <= np.iinfo(np.uint16).max, what)
    need(len(mass) == len(split) == len(state), what)
    need(bool((mass >= 0).all() and (mass <= 1).all() and mass.any()), what)
    need(inside(split, 0, CODES) and inside(state, 0, CODES), what)
    for codes in (split, state):  # missing reasons stand first, alone
        need(
            np.array_equal(codes[:reasons], np.arange(reasons)) and bool((codes[reasons:] >= reasons).all()),
            what,
        )
    need(type(body) is int and (body == -1 or (body >= reasons and body in state.tolist())), what)
    low = high = np.full(len(mass), np.nan)
    within = None
    if leveled:
        need(len(mass) == reasons + len(variable.levels) + 1 and body == -1, what)
    else:
        lows, highs = numbers(entry["low"], what), numbers(entry["high"], what)
        own_numbers = slice(reasons, len(mass) - len(formulas))
        need(len(lows) == len(highs) == len(mass[own_numbers]), what)
        own = state[len(mass) - len(formulas) :]
        need(
            np.array_equal(own, state[: own_numbers.stop].max(initial=-1) + 1 + np.arange(len(formulas))),
            what,
        )
        need(
            bool((np.diff(lows) > 0).all() and (lows <= highs).all() and (highs[:-1] <= lows[1:]).all()), what
        )
        for bound in (lows, highs):
            need(np.array_equal(on_line(variable, bound), bound), f"{what} its declared range and precision")
        if "within" in edges:
            within = within_from(entry["within"], variable, lows, highs)
        low[own_numbers] = lows
        high = np.full(len(mass), np.nan)
        high[own_numbers] = highs
    return Cells(
        variable,
        reasons,
        low,
        high,
        mass,
        split.astype(np.uint8),
        state.astype(np.uint8),
        body,
        formulas,
        seen,
        within,
    )
