"""Intervals for shares and areas under ROC curves, and curves on a common grid. No randomness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Z = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""

GRID = np.linspace(0.0, 1.0, 51)
"""False-positive rates at which every ROC curve is written, so that no curve shows a patient's own score."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def wilson(successes: float, n: float, z: float = Z) -> tuple[float, float]:
    """95 % interval of a share, or that of another Z (Wilson 1927). N may be an effective number. (0, 1) when
    n is 0."""
    if n <= 0:
        return 0.0, 1.0
    share = successes / n
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if successes <= 0 else (centre - half) / scale
    high = 1.0 if successes >= n else (centre + half) / scale
    return float(max(0.0, low)), float(min(1.0, high))


def wilson_bounds(successes: Floats, n: float, z: float) -> tuple[Floats, Floats]:
    """As `wilson`, of arrays and at any level Z."""
    share = successes / n
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    centre = share + z * z / (2 * n)
    return np.maximum((centre - half) / scale, 0.0), np.minimum((centre + half) / scale, 1.0)


def share_difference(a: int, b: int, n: int) -> tuple[float, float]:
    """95 % interval of (a - b) / n: Wilson intervals of both joined by the square rule (Newcombe 1998,
    method 10)."""
    p, q = a / n, b / n
    (low_a, high_a), (low_b, high_b) = wilson(a, n), wilson(b, n)
    low = p - q - np.hypot(p - low_a, high_b - q)
    high = p - q + np.hypot(high_a - p, q - low_b)
    return float(max(-1.0, low)), float(min(1.0, high))


def auc(positive: npt.NDArray[np.bool_], score: Floats) -> float:
    """Area under the ROC curve, ties counted half (Mann & Whitney 1947)."""
    return auc_and_influence(positive, score)[0]


def auc_and_influence(positive: npt.NDArray[np.bool_], score: Floats) -> tuple[float, Floats]:
    """The AUC and each row's influence on it (DeLong, DeLong & Clarke-Pearson 1988; fast form, Sun & Xu
    2014).

    The influences sum to zero, and the sum of their squares is the variance of the AUC. Raises ValueError
    without a row of each class.
    """
    pos, neg = int(positive.sum()), int((~positive).sum())
    if pos == 0 or neg == 0:
        raise ValueError("an AUC needs rows of both classes")
    every = rankdata(score)
    within = np.empty(len(score))
    within[positive] = rankdata(score[positive])
    within[~positive] = rankdata(score[~positive])
    placement = (every - within) / np.where(positive, neg, pos)  # share of the other class below this row
    area = float(placement[positive].mean())
    influence = np.where(positive, (placement - area) / pos, (1.0 - placement - area) / neg)
    return area, influence


def standard_error(influence: Floats, groups: Ints) -> float:
    """Standard error from influences, rows of one patient counted together (Obuchowski 1997)."""
    _, codes = np.unique(groups, return_inverse=True)
    total = np.bincount(codes, weights=influence)
    count = len(total)
    return float(np.sqrt((total**2).sum() * count / max(count - 1, 1)))


def auc_interval(positive: npt.NDArray[np.bool_], score: Floats, groups: Ints) -> tuple[float, float, float]:
    """AUC and its 95 % interval. The standard error has a floor, so that perfect separation is not
    certainty."""
    area, influence = auc_and_influence(positive, score)
    least = 0.5 / min(int(positive.sum()), int((~positive).sum()))
    error = max(standard_error(influence, groups), least)
    return area, max(0.0, area - Z * error), min(1.0, area + Z * error)


def auc_difference(
    positive: npt.NDArray[np.bool_], first: Floats, second: Floats, groups: Ints
) -> tuple[float, float, float]:
    """AUC of FIRST less AUC of SECOND on the same rows, with its 95 % interval (paired DeLong)."""
    a, influence_a = auc_and_influence(positive, first)
    b, influence_b = auc_and_influence(positive, second)
    error = standard_error(influence_a - influence_b, groups)
    return a - b, a - b - Z * error, a - b + Z * error


def roc(positive: npt.NDArray[np.bool_], score: Floats) -> Floats:
    """True-positive rate at each false-positive rate of GRID, along straight lines between the curve's
    corners."""
    order = np.argsort(-score, kind="stable")
    hits = positive[order]
    last = np.r_[np.flatnonzero(np.diff(score[order])), len(score) - 1]  # a tie is crossed in one step
    true = np.r_[0.0, np.cumsum(hits)[last] / max(hits.sum(), 1)]
    false = np.r_[0.0, np.cumsum(~hits)[last] / max((~hits).sum(), 1)]
    # At a repeated rate np.interp takes the last corner, the top of a vertical step; at rate 0 too.
    return np.asarray(np.interp(GRID, false, true), dtype=np.float64)


def rate_at(positive: npt.NDArray[np.bool_], score: Floats, false_positives: float) -> tuple[int, int]:
    """How many positives, and how many negatives, score above the cut that lets through at most that share
    of negatives."""
    negative = np.sort(score[~positive])[::-1]
    allowed = int(np.floor(false_positives * len(negative)))
    cut = negative[allowed] if allowed < len(negative) else -np.inf
    return int((score[positive] > cut).sum()), int((negative > cut).sum())


def jackknife_variance(left_out: Floats) -> float:
    """Variance of a statistic from its values with one of G blocks left out (delete-a-group jackknife,
    Kott 2001)."""
    count = len(left_out)
    return float((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())
