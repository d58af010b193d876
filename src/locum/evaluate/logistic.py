"""Logistic regression by maximum likelihood, with the covariance of its coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from locum.evaluate.statistics import Z

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
STEPS = 60
LONGEST = 2.0  # of one step of Newton's method, so that a separated table does not throw it
RIDGE = 1e-3  # on the log-likelihood: keeps what a table does not tell finite, and moves nothing else


@dataclass(frozen=True)
class Fit:
    """estimate: float64[p], without an intercept. covariance: float64[p, p]."""

    estimate: Floats
    covariance: Floats

    @property
    def error(self) -> Floats:
        """Standard errors."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)))

    @property
    def low(self) -> Floats:
        return np.asarray(self.estimate - Z * self.error)

    @property
    def high(self) -> Floats:
        return np.asarray(self.estimate + Z * self.error)


def fit(x: Floats, happened: Bools) -> Fit:
    """x: float64[n, p], of the order of 1. happened: bool[n]."""
    design = np.column_stack([np.ones(len(x)), x])
    penalty = np.full(design.shape[1], RIDGE)
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        risk = expit(design @ beta)
        information = _information(design, risk, penalty)
        gradient = design.T @ (happened - risk) - penalty * beta
        step = np.clip(np.linalg.solve(information, gradient), -LONGEST, LONGEST)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    covariance = np.linalg.inv(_information(design, expit(design @ beta), penalty))
    return Fit(beta[1:], np.asarray(covariance[1:, 1:], np.float64))


def _information(design: Floats, risk: Floats, penalty: Floats) -> Floats:
    return np.asarray(design.T @ (design * (risk * (1 - risk))[:, None]) + np.diag(penalty))
