"""Maximum mean discrepancy: one distance between whole tables, over all variables at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric
from locum.evaluate.parallel import run_in_parts
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import Z, jackknife_variance
from locum.evaluate.verdict import Judgement, judge_if_sure, metric, not_assessable

Floats = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32]
CAP, QUICK_CAP = 3_000, 2_000  # rows of each table: time grows with their square
BLOCKS = 20
MOST_LEVELS = 30  # of a variable that are told apart; the rest count as one
WIDTHS = 3  # the median heuristic's, and half and twice its square
NAME, TITLE = "mmd", "How far are synthetic from real patients, over all variables at once?"
METHOD = (
    "Maximum mean discrepancy (Gretton et al. 2012, JMLR 13:723, the unbiased estimate of section 3), mean of Gaussian "
    "kernels whose squared width is half, once and twice the median squared distance of real patients. Numbers by "
    "their rank among real patients, levels and missing values as indicators, each variable weighing alike. Up to "
    f"{CAP:,} random rows of each table; interval by a delete-a-block jackknife over patients. It informs and does not "
    "decide: its size depends on the kernel, no limit is agreed on, and unlike the tests that decide it names no "
    "variable."
)


@dataclass(frozen=True)
class Features:
    """Rows as points: the mean squared distance of two random patients is about 1 for a number, and two different
    levels, or a missing and a present value, are at a squared distance of about 1.

    scales: per column, the sorted real numbers, or None for levels. levels: per column, those told apart.
    """

    scales: tuple[Floats | None, ...]
    levels: tuple[tuple[int, ...], ...]

    @classmethod
    def on(cls, real: tuple[Sample, ...]) -> Features:
        scales: list[Floats | None] = []
        levels: list[tuple[int, ...]] = []
        for parts in zip(*(s.columns for s in real), strict=True):
            present = np.concatenate([c.values[c.missing == 0] for c in parts])
            if parts[0].variable.kind.has_levels:
                counts = np.bincount(present.astype(np.int64), minlength=1)
                order = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
                scales.append(None)
                levels.append(tuple(int(i) for i in order if counts[i]))
            else:
                scales.append(np.sort(present))
                levels.append(())
        return cls(tuple(scales), tuple(levels))

    def points(self, sample: Sample) -> Points:
        """float32[rows, features]."""
        out: list[Floats] = []
        half = np.sqrt(0.5)  # two indicators change where a level does
        for column, scale, levels in zip(sample.columns, self.scales, self.levels, strict=True):
            gone = column.missing > 0
            values = np.nan_to_num(column.values)
            if scale is None:
                own = [~gone & (values == level) for level in levels]
                out += [half * x for x in own]
                out.append(half * (~gone & ~np.any(own, axis=0) if own else ~gone))
            else:
                rank = np.searchsorted(scale, values, "left") + np.searchsorted(scale, values, "right")
                middle = rank / max(2 * len(scale), 1) - 0.5
                out.append(np.where(gone, 0.0, np.sqrt(6.0) * middle))
            for reason in range(1, len(column.variable.missing_reasons) + 1):
                out.append((half if scale is None else 1.0) * (column.missing == reason))
        return np.stack(out, axis=1).astype(np.float32)


def assess(trio: Trio, rng: np.random.Generator, *, quick: bool) -> Metric:
    rows = min(len(trio.synthetic_sized), len(trio.holdout))
    if rows < limits.MIN_ROWS:
        return _metric(not_assessable(f"{rows} rows are compared; at least {limits.MIN_ROWS} are needed"))
    features = Features.on((trio.train, trio.holdout))
    cap = min(rows, QUICK_CAP if quick else CAP)
    tables = []
    for sample in (trio.holdout, trio.synthetic_sized, trio.train_sized, trio.shuffled):
        laid, offsets = sample.draw(cap, rng).blocks(BLOCKS, rng)
        tables.append((features.points(laid), offsets))
    width = median(tables[0][0], rng)
    if width == 0:
        return _metric(not_assessable("real patients are all alike"))
    (holdout, cuts), *others = tables
    within = sums(holdout, holdout, cuts, cuts, width)
    found = [squared(within, cuts, x, own, holdout, width) for x, own in others]
    (square, error), (ceiling, _), (floor, floor_error) = found
    synthetic, train, shuffled = (float(np.sqrt(max(s, 0.0))) for s in (square, ceiling, floor))
    low, high = (float(np.sqrt(max(square + side * Z * error, 0.0))) for side in (-1, 1))
    # Where columns hardly depend on each other, what chance makes of shuffled ones stands in for the floor.
    least = float(np.sqrt(Z * floor_error))
    weak = floor <= Z * floor_error
    whole = max(shuffled, least)
    share, sure = (100 * x / whole if whole > 0 else 0.0 for x in (synthetic, low))
    judgement = judge_if_sure(
        share,
        sure,
        100 * limits.PAIRS_LOST_WARN,
        100 * limits.PAIRS_LOST_FAIL,
        "the distance, of that of shuffled columns,",
        " %",
        0,
    )
    if weak and low == 0:
        judgement = not_assessable("shuffled columns are no further from real patients than chance explains")
    return _metric(
        judgement,
        f"Synthetic patients are {synthetic:.3f} away from unseen real ones, {share:.0f} % as far as shuffled columns "
        f"({shuffled:.3f}); as many training patients are {train:.3f} away.",
        synthetic,
        (low, high),
        train,
        shuffled,
    )


def median(points: Points, rng: np.random.Generator) -> float:
    """Median squared distance of two random rows (Gretton et al. 2012, section 8)."""
    some = points[rng.permutation(len(points))[:1000]]
    squares = _squared_distances(some, some)[np.triu_indices(len(some), 1)]
    positive = squares[squares > 1e-6]
    return float(np.median(positive)) if len(positive) else 0.0


def sums(
    a: Points, b: Points, cuts_a: npt.NDArray[np.int64], cuts_b: npt.NDArray[np.int64], width: float
) -> Floats:
    """float64[blocks, blocks]: the sum of the kernel between the rows of two blocks."""
    out = np.zeros((len(cuts_a) - 1, len(cuts_b) - 1))

    def part(bounds: tuple[int, int]) -> None:
        for i in range(*bounds):
            squares = _squared_distances(a[cuts_a[i] : cuts_a[i + 1]], b)
            wide = np.exp(
                squares / np.float32(-4 * width)
            )  # of twice the square width; the others are powers of it
            middle = wide * wide
            kernel = wide + middle + middle * middle
            columns = np.r_[0.0, np.cumsum(kernel.sum(axis=0, dtype=np.float64))]
            out[i] = np.diff(columns[cuts_b]) / WIDTHS

    with threadpool_limits(1, user_api="blas"):
        run_in_parts(part, len(out), 1)
    return out


def squared(
    within: Floats,
    cuts: npt.NDArray[np.int64],
    x: Points,
    own: npt.NDArray[np.int64],
    holdout: Points,
    width: float,
) -> tuple[float, float]:
    """Unbiased squared discrepancy of X from HOLDOUT, and its standard error. WITHIN: sums of HOLDOUT with itself."""
    other, across = sums(x, x, own, own, width), sums(x, holdout, own, cuts, width)
    sizes, others = np.diff(cuts).astype(np.float64), np.diff(own).astype(np.float64)

    def value(kept: npt.NDArray[np.bool_]) -> float:
        n, m = sizes[kept].sum(), others[kept].sum()
        both = np.ix_(kept, kept)
        # The kernel of a row with itself is 1, and is left out.
        return float(
            (within[both].sum() - n) / max(n * (n - 1), 1)
            + (other[both].sum() - m) / max(m * (m - 1), 1)
            - 2 * across[both].sum() / max(n * m, 1)
        )

    every = np.ones(len(sizes), bool)
    left = np.array([value(np.arange(len(sizes)) != g) for g in range(len(sizes))])
    return value(every), float(np.sqrt(jackknife_variance(left)))


def _squared_distances(a: Points, b: Points) -> Points:
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * (a @ b.T)
    return np.asarray(np.maximum(squares, 0.0), dtype=np.float32)


def _metric(
    judgement: Judgement,
    answer: str = "Not assessable.",
    value: float | None = None,
    interval: tuple[float, float] | None = None,
    ceiling: float | None = None,
    shuffled: float | None = None,
) -> Metric:
    return metric(
        NAME,
        "fidelity",
        TITLE,
        answer=answer,
        method=METHOD,
        unit="discrepancy",
        judgement=judgement,
        value=value,
        interval=interval,
        ceiling=ceiling,
        floors={} if shuffled is None else {"shuffled columns": shuffled},
        decides=False,
    )
