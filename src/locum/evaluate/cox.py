"""Cox's proportional hazards by partial likelihood, and how well its risks put patients in order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate.kaplan_meier import Followed
from locum.evaluate.logistic import LONGEST, RIDGE, STEPS, Fit

Floats = npt.NDArray[np.float64]


def fit(who: Followed, x: Floats) -> Fit:
    """Log hazard ratios (Cox 1972), ties after Efron (1977).

    x: float64[n, p], of the order of 1. Each event's sum over those at risk is laid out as weights of rows, so that a
    step costs one product of matrices. Raises ValueError without an event.
    """
    if not who.event.any():
        raise ValueError("hazard ratios need an event")
    order = np.argsort(
        -who.time, kind="stable"
    )  # the longest followed first: those at risk are the rows before
    time, event, x = who.time[order], who.event[order], x[order]
    x = x - x.mean(axis=0)
    place = np.flatnonzero(event)
    _, first, tie = np.unique(-time[place], return_index=True, return_inverse=True)
    tied = np.bincount(tie, minlength=len(first))
    # Of events at one time, the second counts a part of the first as gone, and so on.
    gone = (np.arange(len(place)) - first[tie]) / tied[tie]
    at_risk = np.searchsorted(-time, -time[place], side="right") - 1  # the last row still at risk
    beta = np.zeros(x.shape[1])
    for _ in range(STEPS):
        gradient, information = _derivatives(x, beta, place, first, tie, gone, at_risk)
        step = np.clip(np.linalg.solve(information, gradient), -LONGEST, LONGEST)
        beta = beta + step
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    information = _derivatives(x, beta, place, first, tie, gone, at_risk)[1]
    return Fit(beta, np.asarray(np.linalg.inv(information), np.float64))


def _derivatives(
    x: Floats,
    beta: Floats,
    place: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    tie: npt.NDArray[np.int64],
    gone: Floats,
    at_risk: npt.NDArray[np.int64],
) -> tuple[Floats, Floats]:
    """Gradient and information of the penalised log partial likelihood."""
    score = x @ beta
    weight = np.exp(score - score.max(initial=0.0))
    weighted = x * weight[:, None]
    both = np.column_stack([weight, weighted])
    here = np.add.reduceat(both[place], first, axis=0)  # of the events at each time
    sums = np.cumsum(both, axis=0)[at_risk] - gone[:, None] * here[tie]
    means = sums[:, 1:] / sums[:, :1]
    each = 1 / sums[:, 0]
    # How often a row is at risk, each time by its part.
    share = np.cumsum(np.bincount(at_risk, weights=each, minlength=len(x))[::-1])[::-1].copy()
    share[place] -= np.bincount(tie, weights=each * gone)[tie]
    information = x.T @ (weighted * share[:, None]) - means.T @ means
    gradient = (x[place] - means).sum(axis=0) - RIDGE * beta
    return gradient, information + RIDGE * np.eye(len(beta))


def concordance(who: Followed, score: Floats) -> tuple[float, Floats]:
    """Harrell's C: how often, of two patients of whom it is known who had the event first, that one scores higher, ties
    of the score being half; and each row's influence on it.

    A patient censored at the time of another's event outlived it; two events at one time tell nothing.
    Raises ValueError where no two patients can be put in order.
    """
    right, pairs = np.zeros(len(score)), np.zeros(len(score))
    _concordance(who.time, who.event, score, right, pairs)
    every = pairs.sum() / 2
    if every == 0:
        raise ValueError("no two patients can be put in order")
    value = float(right.sum() / 2 / every)
    return value, (right - value * pairs) / every


@njit(nogil=True, cache=True)
def _concordance(time, event, score, right, pairs):  # type: ignore[no-untyped-def]
    """Of each row: the pairs that it is in, and those of them that are in the right order."""
    for i in range(len(time)):
        if event[i]:
            for j in range(len(time)):
                if time[j] > time[i] or (time[j] == time[i] and not event[j]):
                    won = 1.0 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0.0
                    right[i] += won
                    right[j] += won
                    pairs[i] += 1
                    pairs[j] += 1
