"""How far two draws are apart, and whether further than two draws of one model are: tests on numbers and counts.

Rows of a synthetic table are independent draws. Draws that are spread out between like patients differ less than
independent ones, so that the tests call fewer differences real, never more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc, kolmogorov

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

LEVEL = 0.05
"""How often something is called beyond chance where two tables are draws of one model, all tests together."""
LEAST_EXPECTED = 5.0  # rows of a level, for chi-squared to hold (Cochran 1954)
LEAST_HELD = 20  # rows of a group in each table for its associations to be compared
ROUNDS = 100  # of proportional fitting, of which tables of this size need some ten


def of_numbers(before: Floats, after: Floats) -> tuple[float, float]:
    """The Kolmogorov-Smirnov distance in %, and its p-value, which ties make larger (Stephens 1970)."""
    if not len(before) or not len(after):
        return (0.0, 1.0) if len(before) == len(after) else (100.0, 0.0)
    before, after = np.sort(before), np.sort(after)
    values = np.concatenate([before, after])
    below = [np.searchsorted(x, values, side="right") / len(x) for x in (before, after)]
    gap = float(np.abs(below[0] - below[1]).max())
    size = np.sqrt(len(before) * len(after) / (len(before) + len(after)))
    return 100 * gap, float(kolmogorov((size + 0.12 + 0.11 / size) * gap))


def of_counts(before: Counts, after: Counts) -> tuple[float, float]:
    """The total variation in %, and the p-value of chi-squared, for rows by level; rare levels count as one."""
    counts = np.stack([before, after]).astype(np.float64)
    if not counts.sum(axis=1).all():
        return 0.0, 1.0
    shares = counts / counts.sum(axis=1, keepdims=True)
    gap = 50 * float(np.abs(shares[0] - shares[1]).sum())
    expected = counts.sum(axis=0) * counts.sum(axis=1).min() / counts.sum()
    rare = expected < LEAST_EXPECTED
    pooled = np.concatenate([counts[:, ~rare], counts[:, rare].sum(axis=1, keepdims=True)], axis=1)
    pooled = pooled[:, pooled.sum(axis=0) > 0]
    if pooled.shape[1] < 2:
        return gap, 1.0
    expected = pooled.sum(axis=0) * pooled.sum(axis=1, keepdims=True) / pooled.sum()
    return gap, _tail(float(((pooled - expected) ** 2 / expected).sum()), pooled.shape[1] - 1)


def of_associations(tables: Floats) -> tuple[Floats, Floats]:
    """Of pairs of variables: the strength of association before and after, and the p-value of a change.

    tables: float64[pairs, 2, groups, groups], rows by version and by the groups of both variables, 0 where there is no
    such group. Strength is Cramér's V without its bias (Bergsma 2013). A change is an interaction of the two variables
    with the version: the test is chi-squared against the log-linear model without one, fitted by iterative proportional
    fitting (Bishop, Fienberg & Holland 1975, chapter 3), so that other distributions of either variable are no change.
    """
    return np.stack([_strength(tables[:, version]) for version in (0, 1)], axis=1), _interaction(tables)


def holm(p: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Which are beyond chance when there are so many (Holm 1979): by mistake one or more in `LEVEL` of comparisons."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    passed = values[order] <= LEVEL / np.arange(len(values), 0, -1)
    first = len(values) if passed.all() else int(np.argmin(passed))
    out = np.zeros(len(values), np.bool_)
    out[order[:first]] = True
    return out


def _tail(statistic: float, freedom: int) -> float:
    return float(gammaincc(freedom / 2, statistic / 2))


def _strength(tables: Floats) -> Floats:
    rows, columns = tables.sum(axis=2, keepdims=True), tables.sum(axis=1, keepdims=True)
    n = np.maximum(tables.sum(axis=(1, 2)), 2.0)
    expected = rows * columns / n[:, None, None]
    square = np.divide((tables - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
    r, c = (rows > 0).sum(axis=(1, 2)), (columns > 0).sum(axis=(1, 2))
    phi = np.maximum(square.sum(axis=(1, 2)) / n - (r - 1) * (c - 1) / (n - 1), 0.0)
    least = np.minimum(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return np.where(least > 0, np.sqrt(phi / np.where(least > 0, least, 1.0)), 0.0)


def _interaction(tables: Floats) -> Floats:
    held = (tables.sum(axis=3).min(axis=1) >= LEAST_HELD)[:, None, :, None]
    held = held & (tables.sum(axis=2).min(axis=1) >= LEAST_HELD)[:, None, None, :]
    seen = np.where(held, tables, 0.0)
    fitted = np.where(held, 1.0, 0.0) * np.ones_like(seen)
    for _ in range(ROUNDS):
        for axis in (1, 2, 3):
            now = fitted.sum(axis=axis, keepdims=True)
            wanted = seen.sum(axis=axis, keepdims=True)
            fitted = fitted * np.divide(wanted, now, out=np.zeros_like(now), where=now > 0)
    square = np.divide((seen - fitted) ** 2, fitted, out=np.zeros_like(seen), where=fitted > 1e-9)
    rows, columns = (seen.sum(axis=(1, 3)) > 0).sum(axis=1), (seen.sum(axis=(1, 2)) > 0).sum(axis=1)
    never = (held[:, 0] & (seen.sum(axis=1) == 0)).sum(axis=(1, 2))
    freedom = (rows - 1) * (columns - 1) - never
    statistic = square.sum(axis=(1, 2, 3))
    return np.array(
        [_tail(float(x), int(f)) if f > 0 else 1.0 for x, f in zip(statistic, freedom, strict=True)]
    )
