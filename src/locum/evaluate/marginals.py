"""Each variable's distribution by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import grid as grids
from locum.evaluate import thresholds as limits
from locum.evaluate.grid import Grid
from locum.evaluate.metrics import Marginal, Metric, Status
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import Z, jackknife_variance
from locum.evaluate.verdict import Judgement, judge, limit_at, metric, not_assessable, worst
from locum.variables import Column

Floats = npt.NDArray[np.float64]
BLOCKS = 10

METHOD = (
    "Largest distance between the two distribution functions (Kolmogorov-Smirnov) for numbers, total "
    "variation for levels; "
    "both on one common footing, never each table on a grid of its own. A difference in the share of "
    "missing values counts "
    "as well. The ceiling compares as many training with the holdout patients."
)


@dataclass(frozen=True)
class Gap:
    """One variable: the gap, its mean by chance alone when nothing differs, and the slack that chance
    hardly exceeds."""

    gap: float
    chance: float
    slack: float

    @property
    def low(self) -> float:
        return max(0.0, self.gap - self.slack)


def gap(a: Column, b: Column, alpha: float) -> Gap:
    """KS for numbers, total variation for levels; with a slack that equal distributions exceed with
    probability ALPHA.

    Slack: Massart (1990) for KS; McDiarmid (1989) above the mean for total variation. Both hold for any
    distribution."""
    n, m = len(a), len(b)
    sizes = 1 / n + 1 / m
    if not a.variable.kind.has_levels:
        x, y = np.sort(a.values[a.missing == 0]), np.sort(b.values[b.missing == 0])
        absent = abs((a.missing > 0).mean() - (b.missing > 0).mean())
        apart = max(ks(x, y), float(absent))
        present = 1 / max(len(x), 1) + 1 / max(len(y), 1)
        return Gap(apart, 0.87 * np.sqrt(present), float(np.sqrt(np.log(2 / alpha) / 2 * present)))
    size = len(a.variable.levels) + 1 + len(a.variable.missing_reasons)
    p, q = (np.bincount(exact(c), minlength=size)[:size] / len(c) for c in (a, b))
    pooled = (p * n + q * m) / (n + m)
    chance = 0.5 * np.sqrt(2 / np.pi * sizes) * np.sqrt(pooled * (1 - pooled)).sum()
    return Gap(
        float(0.5 * np.abs(p - q).sum()),
        float(chance),
        float(chance + np.sqrt(np.log(1 / alpha) * sizes / 2)),
    )


def ks(x: Floats, y: Floats) -> float:
    """Largest distance between the distribution functions of two sorted arrays; 1 when just one is empty."""
    if len(x) == 0 or len(y) == 0:
        return float(len(x) != len(y))
    both = np.concatenate([x, y])
    return float(
        np.abs(np.searchsorted(x, both, "right") / len(x) - np.searchsorted(y, both, "right") / len(y)).max()
    )


def exact(column: Column) -> npt.NDArray[np.int64]:
    """Level index, then other, then missing reasons."""
    levels = len(column.variable.levels)
    index = np.where(
        column.missing > 0, levels + column.missing.astype(np.int64), np.nan_to_num(column.values)
    )
    return np.clip(index.astype(np.int64), 0, levels + len(column.variable.missing_reasons))


def assess(trio: Trio, rng: np.random.Generator) -> tuple[list[Metric], list[Marginal]]:
    """Mean and worst gap, and the charts of all variables."""
    alpha = 0.05 / max(len(trio.variables), 1)
    found = [
        gap(a, b, alpha) for a, b in zip(trio.synthetic_sized.columns, trio.holdout.columns, strict=True)
    ]
    real = [gap(a, b, alpha) for a, b in zip(trio.train_sized.columns, trio.holdout.columns, strict=True)]
    judged = [_judge_one(f, r) for f, r in zip(found, real, strict=True)]
    too_few = min(len(trio.synthetic_sized), len(trio.holdout)) < limits.MIN_ROWS
    if too_few:
        judged = [not_assessable(_too_few(trio))] * len(judged)
    charts = [
        chart(trio, place, f, r, j) for place, (f, r, j) in enumerate(zip(found, real, judged, strict=True))
    ]
    return [_mean(trio, found, real, too_few, rng), _worst(charts, found, real, judged, too_few)], charts


def _judge_one(found: Gap, real: Gap) -> Judgement:
    low = 100 * (found.gap - found.slack)
    if low <= 0:
        text = f"a gap of {100 * found.gap:.1f} % is no more than chance gives, over all variables"
        excess, warn, fail = (
            100 * _excess(found, real),
            limits.MARGINAL_WORST_WARN,
            limits.MARGINAL_WORST_FAIL,
        )
        return Judgement(Status.PASS, (text,), limit_at(excess, 0.0, warn, fail))
    return judge(
        100 * _excess(found, real),
        low,
        limits.MARGINAL_WORST_WARN,
        limits.MARGINAL_WORST_FAIL,
        "the gap beyond that of unseen real patients",
        " points",
        1,
    )


def _excess(found: Gap, real: Gap) -> float:
    """The ceiling is one draw of chance; where it came out small, the mean of chance stands in."""
    return found.gap - max(real.gap, found.chance)


def _too_few(trio: Trio) -> str:
    return (
        f"{len(trio.synthetic_sized)} rows were compared with {len(trio.holdout)}; "
        f"at least {limits.MIN_ROWS} on each side are needed"
    )


def _mean(trio: Trio, found: list[Gap], real: list[Gap], too_few: bool, rng: np.random.Generator) -> Metric:
    value, ceiling = 100 * float(np.mean([g.gap for g in found])), 100 * float(np.mean([g.gap for g in real]))
    if too_few:
        judgement, interval = not_assessable(_too_few(trio)), None
    else:
        error = 100 * _standard_error(trio, rng)
        interval = (max(0.0, value - Z * error), min(100.0, value + Z * error))
        judgement = judge(
            value - ceiling,
            value - ceiling - Z * error,
            limits.MARGINAL_MEAN_WARN,
            limits.MARGINAL_MEAN_FAIL,
            "the mean gap beyond that of unseen real patients",
            " points",
            1,
        )
    return metric(
        "marginal_mean",
        "fidelity",
        "Does each variable, taken by itself, look like the real one?",
        answer=f"On average a variable's distribution is {value:.1f} % away from that of real unseen "
        "patients; "
        f"as many real patients are {ceiling:.1f} % away.",
        method=f"{METHOD} Mean over variables; interval by a delete-a-block jackknife over patients (Kott "
        "2001).",
        value=value,
        unit="%",
        interval=interval,
        ceiling=ceiling,
        judgement=judgement,
    )


def _worst(
    charts: list[Marginal], found: list[Gap], real: list[Gap], judged: list[Judgement], too_few: bool
) -> Metric:
    place = min(range(len(charts)), key=lambda i: charts[i].furthest_first)
    name, f, r, judgement = charts[place].variable, found[place], real[place], judged[place]
    if not too_few:
        nearest = worst([j for j in judged if j.status is judgement.status]).limit
        reasons = tuple(f"{name}: {reason}" for reason in judgement.reasons)
        judgement = Judgement(judgement.status, reasons, nearest)
    bad = [chart.variable for chart in charts if chart.status is Status.FAIL]
    also = (
        f" {len(bad)} variables fail: {', '.join(bad[:5])}{' ...' if len(bad) > 5 else ''}."
        if len(bad) > 1
        else ""
    )
    return metric(
        "marginal_worst",
        "fidelity",
        "Which variable is furthest from the real one?",
        answer=f"{name}: its distribution is {100 * f.gap:.1f} % away from that of real unseen patients; "
        f"as many real patients are {100 * r.gap:.1f} % away.{also}",
        method=f"{METHOD} Named is a variable that fails, else one that calls for caution, and among these the one "
        "whose distance is most above that of as many real patients. Interval valid for all variables at once "
        "(Massart 1990; McDiarmid 1989; Bonferroni).",
        value=100 * f.gap,
        unit="%",
        interval=None if too_few else (100 * f.low, 100 * min(1.0, f.gap + f.slack)),
        ceiling=100 * r.gap,
        judgement=judgement,
    )


def _standard_error(trio: Trio, rng: np.random.Generator) -> float:
    """Of the mean gap less its ceiling, by leaving out blocks of patients; numbers on a fine common grid."""
    parts = [sample.blocks(BLOCKS, rng) for sample in (trio.synthetic_sized, trio.train_sized, trio.holdout)]
    synthetic, train, holdout = (_block_counts(sample, cuts, trio) for sample, cuts in parts)
    ordered = [not v.kind.has_levels for v in trio.variables]
    full = [[c.sum(axis=0) for c in table] for table in (synthetic, train, holdout)]

    def mean(a: list[Floats], b: list[Floats]) -> float:
        return float(np.mean([_binned_gap(x, y, o) for x, y, o in zip(a, b, ordered, strict=True)]))

    def without(table: list[Floats], whole: list[Floats], block: int) -> list[Floats]:
        return [w - c[block] for w, c in zip(whole, table, strict=True)]

    blocks = range(BLOCKS)
    variance = jackknife_variance(np.array([mean(without(synthetic, full[0], g), full[2]) for g in blocks]))
    variance += jackknife_variance(np.array([mean(without(train, full[1], g), full[2]) for g in blocks]))
    both = [without(holdout, full[2], g) for g in blocks]
    variance += jackknife_variance(np.array([mean(full[0], h) - mean(full[1], h) for h in both]))
    return float(np.sqrt(variance))


def _block_counts(sample: Sample, cuts: npt.NDArray[np.int64], trio: Trio) -> list[Floats]:
    block = np.repeat(np.arange(BLOCKS), np.diff(cuts))
    out = []
    for place, column in enumerate(sample.columns):
        if column.variable.kind.has_levels:
            code, size = exact(column), len(column.variable.levels) + 1 + len(column.variable.missing_reasons)
        else:
            real = trio.holdout.columns[place]
            present = real.values[real.missing == 0]
            points = np.unique(np.quantile(present, np.linspace(0, 1, 129))) if len(present) else np.empty(0)
            code, size = np.searchsorted(points, np.nan_to_num(column.values), "right"), len(points) + 2
            code = np.where(column.missing > 0, size - 1, code)
        out.append(
            np.bincount(block * size + code, minlength=BLOCKS * size).reshape(BLOCKS, size).astype(np.float64)
        )
    return out


def _binned_gap(p: Floats, q: Floats, ordered: bool) -> float:
    p, q = p / max(p.sum(), 1), q / max(q.sum(), 1)
    return float(np.abs(np.cumsum(p - q)).max() if ordered else 0.5 * np.abs(p - q).sum())


def chart(trio: Trio, place: int, found: Gap, real: Gap, judgement: Judgement) -> Marginal:
    """The variable's shares of each bin; a bin with fewer than k real patients is shown as empty."""
    columns = [sample.columns[place] for sample in (trio.train, trio.holdout, trio.synthetic)]
    grid = grids.lay(columns[:2], grids.CHART_BINS, trio.k)
    counts = [np.bincount(grid.codes(c), minlength=len(grid)) for c in columns]
    train, holdout = grids.publishable(counts[:2], trio.k)
    synthetic = counts[2] / max(int(counts[2].sum()), 1)
    kept = _kept(grid, [train, holdout, synthetic])
    variable = grid.variable
    return Marginal(
        variable=variable.name,
        kind=str(variable.kind),
        unit=variable.unit,
        description=variable.description,
        bins=[grid.labels[i] for i in kept],
        edges=[float(e) for e in grid.edges] if len(grid.edges) else None,
        train=[round(float(train[i]), 4) for i in kept],
        holdout=[round(float(holdout[i]), 4) for i in kept],
        synthetic=[round(float(synthetic[i]), 4) for i in kept],
        gap=round(100 * found.gap, 2),
        ceiling=round(100 * real.gap, 2),
        status=judgement.status,
    )


def _kept(grid: Grid, tables: list[Floats]) -> list[int]:
    """All numeric bins, and of the others those that any table has."""
    numeric = grid.numeric_bins if len(grid.edges) else 0
    return [i for i in range(len(grid)) if i < numeric or any(t[i] > 0 for t in tables)] or [0]
