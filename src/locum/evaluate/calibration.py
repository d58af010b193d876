"""Do predicted risks come true? Intercept, slope, and the curve by tenths of risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from locum.evaluate.metrics import Tenth
from locum.evaluate.statistics import wilson

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
STEPS = 50
MOST_SLOPE = 20.0
MOST_FACTOR = 100


@dataclass(frozen=True)
class Recalibrated:
    """value, and each row's influence on it: their squares sum to its variance."""

    value: float
    influence: Floats


def intercept(happened: Bools, logit: Floats) -> Recalibrated:
    """Calibration in the large: what must be added to every log-odds for the mean risk to come true (0 is
    ideal; Cox 1958; Van Calster et al. 2019, BMC Medicine 17:230)."""
    low, high, added, share = -30.0, 30.0, 0.0, float(happened.mean())
    for _ in range(
        STEPS
    ):  # the mean risk rises with what is added: Newton's steps, and halves where they leave
        risk = expit(logit + added)
        gap = share - float(risk.mean())
        low, high = (added, high) if gap > 0 else (low, added)
        further = added + gap / max(float((risk * (1 - risk)).mean()), 1e-12)
        if not low < further < high:
            further = (low + high) / 2
        if abs(further - added) < 1e-12:
            break
        added = further
    risk = expit(logit + added)
    return Recalibrated(added, (happened - risk) / max(float((risk * (1 - risk)).sum()), 1e-12))


def slope(happened: Bools, logit: Floats) -> Recalibrated:
    """The slope of the outcome's log-odds on the predicted ones (1 is ideal, below 1 too extreme; Cox 1958).

    0 where all predictions are equal.
    """
    centred = logit - logit.mean()
    if np.ptp(logit) < 1e-9:
        return Recalibrated(0.0, np.zeros(len(logit)))
    design = np.stack([np.ones(len(logit)), centred / centred.std()], axis=1)
    beta = np.zeros(2)
    for _ in range(STEPS):
        risk = expit(design @ beta)
        weight = risk * (1 - risk)
        hessian = design.T @ (design * weight[:, None]) + 1e-6 * np.eye(2)  # perfect separation has no slope
        step = np.clip(np.linalg.solve(hessian, design.T @ (happened - risk) - 1e-6 * beta), -2, 2)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    risk = expit(design @ beta)
    hessian = design.T @ (design * (risk * (1 - risk))[:, None]) + 1e-6 * np.eye(2)
    influence = np.linalg.solve(hessian, design.T * (happened - risk))[1]
    scale = float(centred.std())
    return Recalibrated(float(np.clip(beta[1] / scale, -MOST_SLOPE, MOST_SLOPE)), influence / scale)


def factor(off: float) -> str:
    """The factor by which odds are off, in words; OFF: what is to be added to log-odds, at least 0."""
    return f"{np.exp(off):.2f}" if off < np.log(MOST_FACTOR) else f"over {MOST_FACTOR}"


def tenths(happened: Bools, logit: Floats, patients: npt.NDArray[np.int64], k: int) -> list[Tenth]:
    """Mean predicted risk and share with the event, by tenths of predicted risk that are joined until each
    holds K patients with the event and K without. Empty when there are fewer.
    """
    order = np.argsort(logit, kind="stable")
    groups = np.array_split(order, 10)
    joined: list[npt.NDArray[np.int64]] = []
    waiting = np.empty(0, np.int64)
    for group in groups:
        waiting = np.concatenate([waiting, group])
        if enough(happened, patients, waiting, k):
            joined.append(waiting)
            waiting = np.empty(0, np.int64)
    if len(waiting):
        if not joined:
            return []
        joined[-1] = np.concatenate([joined[-1], waiting])
    risk = expit(logit)
    out = []
    for rows in joined:
        low, high = wilson(float(happened[rows].sum()), len(np.unique(patients[rows])))
        out.append(
            Tenth(
                predicted=round(float(risk[rows].mean()), 3),
                observed=round(float(happened[rows].mean()), 3),
                interval=(round(low, 3), round(high, 3)),
            )
        )
    return out


def enough(happened: Bools, patients: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], k: int) -> bool:
    with_event, without = rows[happened[rows]], rows[~happened[rows]]
    return (
        len(with_event) >= k
        and len(without) >= k
        and (len(np.unique(patients[with_event])) >= k and len(np.unique(patients[without])) >= k)
    )
