"""What an attack gains over knowing people in general: success on training patients against a control group.

After Giomi, Boenisch, Wehmeyer & Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic
data, section 3: R = (r_train - r_control) / (1 - r_control), the share of what the control leaves open that the
attack gets right all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from locum.evaluate.metrics import Risk
from locum.evaluate.statistics import Z, wilson

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Success:
    """How often an attack is right: HITS of ATTEMPTS on training patients, and the same on the control, whose hits are
    no whole number where controls are weighted."""

    hits: int
    attempts: int
    control_hits: float
    control_attempts: int

    @property
    def rate(self) -> float:
        return self.hits / max(self.attempts, 1)

    @property
    def control_rate(self) -> float:
        return self.control_hits / max(self.control_attempts, 1)

    @property
    def risk(self) -> float:
        """0 where the control is right as often; negative where it is right more often."""
        return (self.rate - self.control_rate) / self._open

    @property
    def _open(self) -> float:
        """What the control leaves open, with half a failure added so that it is never nothing."""
        return max(1 - self.control_rate, 0.5 / max(self.control_attempts, 1))

    def interval(self, tests: int = 1) -> tuple[float, float]:
        """95 % interval of the risk, or so wide that all TESTS such intervals hold together (Bonferroni).

        Wilson intervals of both shares joined by the square rule (Newcombe 1998, method 10); the share left
        open is taken as known.
        """
        z = Z if tests <= 1 else float(norm.isf(0.025 / tests))
        low, high = wilson(self.hits, self.attempts, z)
        control_low, control_high = wilson(self.control_hits, self.control_attempts, z)
        gap = self.rate - self.control_rate
        below = float(np.hypot(self.rate - low, control_high - self.control_rate))
        above = float(np.hypot(high - self.rate, self.control_rate - control_low))
        return max(-1.0, (gap - below) / self._open), min(1.0, (gap + above) / self._open)


def pooled(train: Bools, control: Bools, gained: Floats | None = None) -> tuple[float, float]:
    """The risk over several attempts on each patient (bool[patients, attempts]), and its standard error:
    patients are independent, attempts on one are not. gained: float64[attempts], what weights add to the control."""
    a, b = (x.mean(axis=1, dtype=np.float64) for x in (train, control))
    b = b + (0.0 if gained is None else float(gained.mean()))
    left = max(1 - float(b.mean()), 0.5 / len(b))
    # An error of zero would call certain what was only never seen.
    error = np.sqrt(a.var() / len(a) + b.var() / len(b) + 0.25 / len(a) ** 2)
    return float(a.mean() - b.mean()) / left, float(error) / left


def prevalence(right: Bools, common: Bools, member: Bools) -> Floats:
    """float64[attempts]: what the control's success gains when its patients are weighted to the members' prevalence.

    right, common: bool[patients, attempts], whether the guess is right, and whether the patient has the value that a
    guess of the commonest would be. Where as many controls as members have it, a guess of it gains nothing. 0 where no
    control has it, or all do: nothing is known of the others then.
    """
    own, of_control = common[member].mean(axis=0), common[~member]
    held, rest = of_control.sum(axis=0), (~of_control).sum(axis=0)
    with_it = (right[~member] & of_control).sum(axis=0) / np.maximum(held, 1)
    without = (right[~member] & ~of_control).sum(axis=0) / np.maximum(rest, 1)
    gained = (own - of_control.mean(axis=0)) * (with_it - without)
    return np.where((held > 0) & (rest > 0), gained, 0.0)


def told(name: str, group: str, success: Success) -> Risk:
    """As it is written, to four digits."""

    def rounded(bounds: tuple[float, float]) -> tuple[float, float]:
        return round(bounds[0], 4), round(bounds[1], 4)

    return Risk(
        name=name,
        group=group,
        train=round(success.rate, 4),
        train_interval=rounded(wilson(success.hits, success.attempts)),
        holdout=round(success.control_rate, 4),
        holdout_interval=rounded(wilson(success.control_hits, success.control_attempts)),
        risk=round(success.risk, 4),
        risk_interval=rounded(success.interval()),
        attacked=success.attempts,
    )
