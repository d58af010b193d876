"""Find, in a table, numbers that follow from others: copies, totals, products, the first or last of several.

What is found is a proposal for the declaration. Learning measures for how many patients each formula holds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from locum.variables.formula import Formula

Floats = npt.NDArray[np.float64]

MOST_ROWS = 20_000  # looked at
FEW_ROWS = 400  # on which sums and products are fitted, before they are tried on the others
FEWEST_VALUES = 20  # a variable of fewer distinct numbers is left to trees
COMMON = 0.02  # a number held by this share says nothing: two variables may share their zeros
COPIED = 0.05  # of the pairs of uncommon numbers are equal, in a copy
SPIKE = 3.0  # times as often as any other difference
NEARLY_ALL = 0.95  # of the rows that a sum or a product holds for
MOST_PARTS = 6
MOST_FOUND = 8  # formulas of one variable
FINE = 10.0  # steps of its precision that a fitted variable spreads over, at least


class _Numbers:
    """The numbers looked at: values float64[variables, n] with NaN, rare: bool of the same shape."""

    def __init__(self, values: Floats, steps: Sequence[float | None]) -> None:
        every = max(1, values.shape[1] // MOST_ROWS)
        self.values = values[:, ::every]
        self.steps = steps
        self.rare = np.zeros(self.values.shape, np.bool_)
        self.fit = np.zeros(len(values), np.bool_)
        for v, line in enumerate(self.values):
            known = ~np.isnan(line)
            numbers, code, count = np.unique(line[known], return_inverse=True, return_counts=True)
            self.rare[v, known] = (count < COMMON * known.sum())[code]
            self.fit[v] = len(numbers) >= FEWEST_VALUES and self.rare[v].sum() >= FEWEST_VALUES

    def holds(self, formula: Formula, v: int, place: dict[str, int]) -> npt.NDArray[np.bool_]:
        return formula.holds(self.values[v], [self.values[place[n]] for n in formula.of], self.steps[v])


def find_formulas(
    names: Sequence[str], values: Floats, steps: Sequence[float | None], k: int
) -> list[tuple[Formula, ...]]:
    """The formulas of each variable, those that hold most often first.

    values: float64[variables, n], NaN where missing; steps: the precision of each variable, or None.
    k: a formula holds for at least twice this many of the rows looked at.
    """
    numbers = _Numbers(values, steps)
    place = {name: v for v, name in enumerate(names)}
    found: list[list[Formula]] = [[] for _ in names]
    looked = np.flatnonzero(numbers.fit).tolist()
    for v in looked:
        copies = [u for u in looked if u != v and _is_copy(numbers, v, u, k)]
        found[v] += [Formula("sum", (names[u],), (1.0,)) for u in copies if u < v]
        best = max((numbers.holds(f, v, place).mean() for f in found[v]), default=0.0)
        for how in ("least", "greatest"):
            first = _first_of(numbers, v, copies, how, names, place)
            if first is not None and numbers.holds(first, v, place).mean() >= best + COMMON:
                found[v].insert(0, first)
        if best < NEARLY_ALL:
            found[v] += _fitted(numbers, v, looked, names, place)
    return [tuple(f[:MOST_FOUND]) for f in found]


def _is_copy(numbers: _Numbers, v: int, u: int, k: int) -> bool:
    """Whether V and U are equal far more often than they differ by any other amount."""
    both = numbers.rare[v] & numbers.rare[u]
    n = int(both.sum())
    if n < 2 * k:
        return False
    apart = numbers.values[v, both] - numbers.values[u, both]
    equal = int(np.count_nonzero(apart == 0))
    if equal < max(2 * k, COPIED * n):
        return False
    _, count = np.unique(apart[apart != 0], return_counts=True)
    return equal > SPIKE * count.max(initial=0)


def _first_of(
    numbers: _Numbers, v: int, copies: Sequence[int], how: str, names: Sequence[str], place: dict[str, int]
) -> Formula | None:
    """V as the least or the greatest of the variables that it copies now and then."""
    sign = 1.0 if how == "least" else -1.0
    with np.errstate(invalid="ignore"):
        over = [
            u for u in copies if np.count_nonzero(sign * (numbers.values[u] - numbers.values[v]) < 0) == 0
        ]
    if len(over) < 2:
        return None
    parts = over
    share = numbers.holds(Formula(how, tuple(names[u] for u in parts)), v, place).mean()
    for u in over:  # those without which it holds as often are no part of it
        fewer = [w for w in parts if w != u]
        if not fewer:
            break
        without = numbers.holds(Formula(how, tuple(names[w] for w in fewer)), v, place).mean()
        if without >= share - 0.001:
            parts, share = fewer, without
    return Formula(how, tuple(names[u] for u in parts)) if len(parts) >= 2 else None


def _fitted(
    numbers: _Numbers, v: int, looked: Sequence[int], names: Sequence[str], place: dict[str, int]
) -> list[Formula]:
    """V as a sum or a product of others, when it is one for nearly all rows."""
    line, step = numbers.values[v], numbers.steps[v]
    known = numbers.rare[v]
    if step is not None and np.nanstd(line) < FINE * step:
        return []
    others = [u for u in looked if u != v and np.isnan(numbers.values[u, known]).mean() < 0.1]
    complete = known & ~np.isnan(numbers.values[others]).any(axis=0)
    rows = np.flatnonzero(complete)
    rows = rows[:: max(1, len(rows) // FEW_ROWS)][:FEW_ROWS]
    if len(rows) < 4 * MOST_PARTS or not others:
        return []
    x, y = numbers.values[others][:, rows], line[rows]
    found = []
    for how in ("sum", "product"):
        allowed = np.arange(len(others))
        if how == "product":
            allowed = np.flatnonzero((x > 0).all(axis=1))
            if (y <= 0).any() or not len(allowed):
                continue
        terms = np.log(x[allowed]) if how == "product" else x[allowed]
        formula = _pursue(
            terms, np.log(y) if how == "product" else y, how, [names[others[u]] for u in allowed]
        )
        if formula is not None:
            there = ~np.isnan(line) & ~np.isnan(
                formula.value([numbers.values[place[name]] for name in formula.of])
            )
            if numbers.holds(formula, v, place)[there].mean() >= NEARLY_ALL:
                found.append(formula)
                break
    return found


def _pursue(x: Floats, y: Floats, how: str, names: Sequence[str]) -> Formula | None:
    """Y as constant + a few of the lines of X, by orthogonal matching pursuit (Pati et al. 1993), or None."""
    centred = x - x.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=1))
    centred = np.divide(centred, size[:, None], out=np.zeros_like(centred), where=size[:, None] > 1e-12)
    spread = y.std()
    left, chosen = y - y.mean(), list[int]()
    while len(chosen) < min(MOST_PARTS, len(x)) and left.std() > 1e-7 * spread:
        match = np.abs(centred @ left)
        match[chosen] = -1.0
        chosen.append(int(match.argmax()))
        left = _residual(x, y, chosen)[0]
    for u in list(chosen):  # a detour on the way is taken out again
        fewer = [w for w in chosen if w != u]
        if fewer and _residual(x, y, fewer)[0].std() <= left.std() * 1.01 + 1e-9 * spread:
            chosen = fewer
            left = _residual(x, y, chosen)[0]
    if left.std() > 0.02 * spread:
        return None
    weights = _residual(x, y, chosen)[1]
    if how == "product":
        weights = np.append(np.round(2 * weights[:-1]) / 2, 0.0)
        weights[-1] = np.median(y - weights[:-1] @ x[chosen])
        left = y - weights @ np.vstack([x[chosen], np.ones(x.shape[1])])
    enough = 1.02 * left.std() + 1e-9 * spread
    design = np.vstack([x[chosen], np.ones(x.shape[1])])
    for i in range(len(weights)):  # each number as short as it can be
        for digits in range(1, 8):
            shorter = weights.copy()
            shorter[i] = float(f"{weights[i]:.{digits}g}") if digits > 1 or i < len(chosen) else 0.0
            if how == "product" and i == len(chosen):
                shorter[i] = np.log(float(f"{np.exp(weights[i]):.{digits}g}"))
            if np.sqrt(np.mean((y - shorter @ design) ** 2)) <= enough:
                weights = shorter
                break
    constant = float(np.exp(weights[-1]).round(12)) if how == "product" else float(weights[-1])
    kept = [(names[u], float(n)) for u, n in zip(chosen, weights, strict=False) if n]
    if not kept:
        return None
    return Formula(how, tuple(name for name, _ in kept), tuple(n for _, n in kept), constant)


def _residual(x: Floats, y: Floats, chosen: Sequence[int]) -> tuple[Floats, Floats]:
    """(what a least-squares fit on CHOSEN leaves of Y, its weights with the constant last)."""
    design = np.vstack([x[list(chosen)], np.ones(x.shape[1])]).T
    scale = np.maximum(np.abs(design).max(axis=0), 1e-300)
    weights = np.linalg.lstsq(design / scale, y, rcond=None)[0] / scale
    return y - design @ weights, weights
