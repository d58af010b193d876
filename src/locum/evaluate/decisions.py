"""What a risk model is worth at the bedside: average precision, and net benefit over thresholds of risk."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
POINTS = 21


def average_precision(happened: Bools, score: Floats) -> tuple[float, Floats]:
    """The mean, over rows with the event, of the share with the event among rows that score as high; and each
    row's influence on it, whose squares sum to its variance (delta method on the two distributions).

    Raises ValueError without a row with the event.
    """
    n, cases = len(score), int(happened.sum())
    if cases == 0:
        raise ValueError("an average precision needs rows with the event")
    order = np.argsort(-score, kind="stable")
    sorted_score, hits = score[order], happened[order]
    last = np.flatnonzero(np.r_[np.diff(sorted_score) != 0, True])  # ties are one step
    tie = np.searchsorted(last, np.arange(n))
    above = np.cumsum(hits)[last][tie] / n  # N(s) = P(score >= s, event)
    every = ((last + 1) / n)[tie]  # D(s) = P(score >= s)
    precision = above / every
    area = float((hits * precision).sum() / n)
    # A row raises N and D of every row that scores no higher than itself.
    first = np.r_[0, last[:-1] + 1][tie]

    def from_here(x: Floats) -> Floats:
        return np.r_[np.cumsum(x[::-1])[::-1], 0.0][first] / n

    gain, cost = from_here(hits / every), from_here(hits * above / every**2)
    influence = hits * precision - area + hits * gain - cost
    share = cases / n
    result = area / share
    out = np.empty(n)
    out[order] = (influence - result * (hits - share)) / share / n
    return result, out


def thresholds(happened: Bools) -> Floats:
    """Risks at which treatment might be decided: from half to twice the share with the event."""
    share = float(happened.mean())
    return np.linspace(share / 2, min(2 * share, (1 + share) / 2), POINTS)


def net_benefit(happened: Bools, logit: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Found less wrongly treated, weighted by the odds of the threshold, per patient (Vickers & Elkin 2006,
    Med Decis Making 26:565), at each of AT; and each row's influence, float64[thresholds, rows]."""
    treated = expit(logit)[None, :] >= at[:, None]
    weight = (at / (1 - at))[:, None]
    worth = treated * (happened[None, :] - weight * ~happened[None, :])
    value = worth.mean(axis=1)
    return value, (worth - value[:, None]) / len(logit)


def treat_all(happened: Bools, at: Floats) -> Floats:
    share = float(happened.mean())
    return np.asarray(share - (1 - share) * at / (1 - at))


def shown(logit: Floats, at: Floats, k: int) -> Bools:
    """The thresholds with at least K patients on either side: elsewhere a net benefit would count a few."""
    above = (expit(logit)[None, :] >= at[:, None]).sum(axis=1)
    return np.asarray((above >= k) & (len(logit) - above >= k))
